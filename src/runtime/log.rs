//! The log: a private file of bounded size under the state directory, and nothing on the terminal.
//!
//! Libraries that see secrets on their way (HTTP, TLS, D-Bus) are never logged below `info`, whatever level
//! is asked for: at `trace` they print what they send. Of our own values a secret has no text form at all.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::sync::Mutex;

use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use super::files::{self, PrivateDir};
use crate::domain::Failure;

const NAME: &str = "tokendeck.log";
const BEFORE: &str = "tokendeck.log.1";

/// When the file is this long it becomes the one before, and a new one begins.
const MOST_BYTES: u64 = 5 << 20;

/// Starts logging at `level` (`off`, `error`, `warn`, `info`, `debug`, `trace`) to a file in `dir`.
///
/// # Errors
/// When the level is none, the file cannot be used, or logging was started before.
pub fn start(dir: &Path, level: &str) -> Result<(), Failure> {
    let level: LevelFilter =
        level.parse().map_err(|_| Failure::local("no such log level", "Use off, error, warn, info, debug or trace"))?;
    let log =
        RotatingFile::open(dir, MOST_BYTES).map_err(|error| files::unusable("the log", &dir.join(NAME), &error))?;
    let lines = tracing_subscriber::fmt::layer().with_ansi(false).with_writer(Mutex::new(log));
    tracing_subscriber::registry()
        .with(lines)
        .with(targets(level))
        .try_init()
        .map_err(|error| Failure::local("logging was started before", "Report this").with_detail(error.to_string()))
}

/// Returns what is logged: our own code at `level`, everybody else's at `info` at most.
fn targets(level: LevelFilter) -> Targets {
    // `LevelFilter` orders by how much it lets through.
    Targets::new().with_default(level.min(LevelFilter::INFO)).with_target("tokendeck", level)
}

/// A file that is set aside when it is full.
#[derive(Debug)]
struct RotatingFile {
    dir: PrivateDir,
    file: File,
    length: u64,
    most: u64,
}

impl RotatingFile {
    fn open(dir: &Path, most: u64) -> io::Result<Self> {
        let dir = PrivateDir::open(dir)?;
        let (file, length) = open_at_end(&dir)?;
        let mut log = Self { dir, file, length, most };
        log.rotate_if_full(0)?;
        Ok(log)
    }

    fn rotate_if_full(&mut self, more: u64) -> io::Result<()> {
        if self.length > 0 && self.length.saturating_add(more) > self.most {
            self.dir.rename(NAME, BEFORE)?;
            (self.file, self.length) = open_at_end(&self.dir)?;
        }
        Ok(())
    }
}

fn open_at_end(dir: &PrivateDir) -> io::Result<(File, u64)> {
    use std::io::{Seek, SeekFrom};
    let mut file = dir.file(NAME)?;
    let length = file.seek(SeekFrom::End(0))?;
    Ok((file, length))
}

impl Write for RotatingFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.rotate_if_full(bytes.len() as u64)?;
        let written = self.file.write(bytes)?;
        self.length += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn others_are_never_logged_below_info() {
        let targets = targets(LevelFilter::TRACE);
        assert!(targets.would_enable("tokendeck::runtime", &tracing::Level::TRACE));
        for other in ["hyper", "reqwest::connect", "rustls::client", "zbus::connection", "secret_service", "h2"] {
            assert!(targets.would_enable(other, &tracing::Level::INFO), "{other}");
            assert!(!targets.would_enable(other, &tracing::Level::DEBUG), "{other}");
        }
    }

    #[test]
    fn a_low_level_holds_for_everybody() {
        let targets = targets(LevelFilter::ERROR);
        assert!(!targets.would_enable("hyper", &tracing::Level::WARN));
        assert!(!targets.would_enable("tokendeck", &tracing::Level::WARN));
    }

    #[test]
    fn a_full_log_becomes_the_one_before() {
        let home = tempfile::tempdir().expect("a directory");
        let dir = home.path().join("state");
        let mut log = RotatingFile::open(&dir, 10).expect("a log");
        for line in ["12345678\n", "second\n", "third\n"] {
            log.write_all(line.as_bytes()).expect("written");
        }
        let read = |name: &str| std::fs::read_to_string(dir.join(name)).expect("a file");
        assert_eq!((read(NAME).as_str(), read(BEFORE).as_str()), ("third\n", "second\n"));
    }
}
