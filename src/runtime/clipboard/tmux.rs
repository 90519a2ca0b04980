//! tmux: it passes text on with its default settings, where OSC 52 from a program inside is dropped.

use std::ffi::OsString;
use std::io::Write;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec};

use super::{BY_HAND, Cleared, Clipboard, Copied, Road};
use crate::domain::{Failure, Secret};

/// How long tmux may take.
const LIMIT: Duration = Duration::from_secs(2);

/// The most that a pipe takes without anybody reading from its other end.
const MOST: usize = 60_000;

/// tmux as a clipboard.
#[derive(Debug)]
pub(super) struct Tmux {
    /// The program and its first arguments.
    command: Vec<OsString>,
    /// How long it may take.
    limit: Duration,
}

impl Default for Tmux {
    fn default() -> Self {
        Self { command: vec!["tmux".into()], limit: LIMIT }
    }
}

impl Clipboard for Tmux {
    fn road(&self) -> Road {
        Road::Tmux
    }

    fn copy(&mut self, text: Arc<Secret>) -> Result<Copied, Failure> {
        if text.len() > MOST {
            return Err(Failure::local("too long for the clipboard of a terminal", BY_HAND));
        }
        self.pass_on(text.expose().as_bytes()).map(|()| Copied::SentToTmux)
    }

    fn clear(&mut self) -> Result<Cleared, Failure> {
        Ok(Cleared::Unknown)
    }

    /// tmux passes no empty text on: a blank goes over what the terminal holds.
    fn empty(&mut self) -> Result<Cleared, Failure> {
        self.pass_on(b" ").map(|()| Cleared::Told)
    }
}

impl Tmux {
    /// Loads a buffer of our own name and deletes it at once: tmux would keep the text in clear for ever. One command
    /// does both, so that tmux goes on to the second also when this program dies meanwhile.
    fn pass_on(&self, text: &[u8]) -> Result<(), Failure> {
        let buffer = format!("tokendeck-{}", std::process::id());
        let delete = ["delete-buffer", "-b", &buffer];
        let both = [&["load-buffer", "-w", "-b", &buffer, "-", ";"][..], &delete].concat();
        let Err(trouble) = self.run(&both, text) else { return Ok(()) };
        // It may have got as far as the first. Where there is no such buffer tmux refuses, which is as good.
        match self.run(&delete, b"") {
            Ok(()) | Err(Trouble::Refused(_)) => Err(trouble.into()),
            Err(Trouble::Silent) => Err(Failure::local(
                "tmux does not answer, and may have kept a copy",
                format!("Delete it: tmux delete-buffer -b {buffer}"),
            )),
        }
    }

    /// Runs tmux, with something on its standard input, for at most the limit.
    fn run(&self, arguments: &[&str], input: &[u8]) -> Result<(), Trouble> {
        let (program, first) = self.command.split_first().ok_or_else(|| Trouble::Refused("no command".into()))?;
        let mut child = Command::new(program)
            .args(first)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| Trouble::Refused(error.to_string()))?;
        if let Some(mut pipe) = child.stdin.take() {
            // A tmux that ends before it has read all says so in its status.
            let _ = pipe.write_all(input);
        }
        let in_time = has_ended(&child, self.limit);
        if !in_time {
            // It may have ended just now.
            let _ = child.kill();
        }
        match child.wait() {
            Ok(status) if status.success() => Ok(()),
            Ok(_) if !in_time => Err(Trouble::Silent),
            Ok(status) => Err(Trouble::Refused(status.to_string())),
            Err(error) => Err(Trouble::Refused(error.to_string())),
        }
    }
}

/// Why tmux did not do something.
#[derive(Debug)]
enum Trouble {
    /// It said so, or is not there.
    Refused(String),
    /// It did not answer in time.
    Silent,
}

impl From<Trouble> for Failure {
    fn from(trouble: Trouble) -> Self {
        let detail = match trouble {
            Trouble::Refused(why) => why,
            Trouble::Silent => "no answer in time".to_owned(),
        };
        Self::local("tmux did not take it (version 3.2 or newer can)", BY_HAND).with_detail(detail)
    }
}

/// Waits until a child closes its standard output, as it does when it ends; tells whether it did in time.
fn has_ended(child: &Child, limit: Duration) -> bool {
    let Some(output) = &child.stdout else { return true };
    let Ok(mut left) = Timespec::try_from(limit) else { return false };
    loop {
        let mut polled = [PollFd::new(output, PollFlags::empty())];
        match rustix::event::poll(&mut polled, Some(&left)) {
            Ok(count) => return count > 0,
            // Interrupted, which happens on a resize: half the time again, so that it ends.
            Err(rustix::io::Errno::INTR) => left.tv_sec /= 2,
            Err(_) => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    /// A tmux that is a shell script, with its arguments as `$*`.
    fn tmux(script: &str) -> Tmux {
        Tmux { command: ["sh", "-c", script, "tmux"].map(OsString::from).into(), limit: Duration::from_secs(20) }
    }

    fn copy(tmux: &mut Tmux) -> Result<Copied, Failure> {
        tmux.copy(Arc::new(Secret::new("s3cret".into())))
    }

    #[test]
    fn the_text_goes_by_standard_input_and_the_buffer_is_deleted_at_once() {
        let home = tempfile::tempdir().expect("a directory");
        let log = home.path().join("log");
        let script = format!(r#"echo "$*" >> {0}; cat >> {0}"#, log.display());
        assert_eq!(copy(&mut tmux(&script)), Ok(Copied::SentToTmux));
        let buffer = format!("tokendeck-{}", std::process::id());
        let expected = format!("load-buffer -w -b {buffer} - ; delete-buffer -b {buffer}\ns3cret");
        assert_eq!(std::fs::read_to_string(log).expect("there"), expected);
    }

    #[test]
    fn a_blank_goes_over_what_is_to_be_emptied() {
        let home = tempfile::tempdir().expect("a directory");
        let log = home.path().join("log");
        let script = format!(r"case $1 in load-buffer) cat > {};; esac", log.display());
        assert_eq!(tmux(&script).empty(), Ok(Cleared::Told));
        assert_eq!(std::fs::read_to_string(log).expect("there"), " ");
        assert!(tmux("exit 1").empty().is_err());
    }

    #[test]
    fn a_tmux_that_fails_is_said() {
        assert!(copy(&mut tmux("exit 1")).expect_err("failed").summary.contains("did not take it"));
        let no_such = Tmux { command: vec!["/no/such/tmux".into()], limit: LIMIT };
        assert!(copy(&mut { no_such }).is_err());
    }

    #[test]
    fn what_a_failure_may_have_left_is_deleted() {
        let home = tempfile::tempdir().expect("a directory");
        let log = home.path().join("log");
        let script = format!(r#"echo "$*" >> {}; test "$1" = delete-buffer"#, log.display());
        assert!(copy(&mut tmux(&script)).expect_err("failed").summary.contains("did not take it"));
        let asked = std::fs::read_to_string(log).expect("there");
        let asked: Vec<&str> = asked.lines().collect();
        assert!(asked.len() == 2 && asked[1].starts_with("delete-buffer -b tokendeck-"), "{asked:?}");
    }

    #[test]
    fn a_copy_that_may_be_left_behind_is_said() {
        let hangs = Tmux { limit: Duration::from_millis(20), ..tmux("exec tail -f /dev/null") };
        let failure = copy(&mut { hangs }).expect_err("nobody knows");
        assert!(failure.summary.contains("may have kept") && failure.hint.contains("delete-buffer"));
    }

    #[test]
    fn a_tmux_that_hangs_is_ended() {
        let hangs = Tmux { limit: Duration::from_millis(20), ..tmux("exec tail -f /dev/null") };
        let asked = Instant::now();
        assert!(copy(&mut { hangs }).is_err());
        assert!(asked.elapsed() < Duration::from_secs(10));
    }
}
