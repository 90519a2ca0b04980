//! The journal as a file: locked, checked when it is opened, never longer than what is valid in it.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::disk::Disk;
use super::format::{self, Unreadable};
use super::lock::{Lock, NoLock};
use super::{Journal, Numbers, Recovery};
use crate::domain::{Failure, Record, Sequence};
use crate::runtime::files::{self, PrivateDir};

const NAME: &str = "journal";
const LOCK: &str = "journal.lock";

/// More than this is no journal of ours: a million records.
const MOST_BYTES: u64 = 512 << 20;

/// The journal of this user, open for writing. No other program can write to it meanwhile.
#[derive(Debug)]
pub struct FileJournal {
    log: Log<File>,
    path: PathBuf,
    _lock: Lock,
}

impl FileJournal {
    /// Opens the journal in a directory, made where it is missing, and returns what is in it.
    ///
    /// # Errors
    /// When another program has it open, a newer one wrote it, or it cannot be used. [`read`] may still work.
    pub fn open(dir: &Path) -> Result<(Self, Vec<Record>, Recovery), Failure> {
        let path = dir.join(NAME);
        let unusable = |error: io::Error| files::unusable("the journal", &path, &error);
        let opened = PrivateDir::open(dir).map_err(unusable)?;
        let lock = Lock::take(&opened, LOCK).map_err(|none| no_lock(none, &path))?;
        let mut file = opened.file(NAME).map_err(unusable)?;
        let bytes = read_whole(&mut file).map_err(unusable)?;
        let (records, recovery) = match format::decode(&bytes) {
            Ok(content) => {
                let cut = (bytes.len() - content.length) as u64;
                let recovery = if cut == 0 { Recovery::Whole } else { Recovery::Cut { bytes: cut } };
                (content, recovery)
            }
            Err(Unreadable::Newer(version)) => return Err(newer(version)),
            Err(Unreadable::Damaged(why)) => {
                drop(file);
                let name = set_aside(&opened).map_err(unusable)?;
                file = opened.file(NAME).map_err(unusable)?;
                (format::Content { records: Vec::new(), length: 0 }, Recovery::SetAside { name, why })
            }
        };
        let next = records.records.len() as u64 + 1;
        let log = Log::begin(file, records.length as u64, next, recovery == Recovery::Whole).map_err(unusable)?;
        opened.sync().map_err(unusable)?;
        Ok((Self { log, path, _lock: lock }, records.records, recovery))
    }
}

/// Reads the journal in a directory without a right to write, and changes nothing: for a second program.
///
/// # Errors
/// When there is none, it is damaged, a newer program wrote it, or it cannot be used.
pub fn read(dir: &Path) -> Result<Vec<Record>, Failure> {
    let path = dir.join(NAME);
    let file = PrivateDir::open(dir).and_then(|opened| opened.existing_file(NAME));
    let bytes = file.and_then(|mut file| read_whole(&mut file));
    let bytes = bytes.map_err(|error| files::unusable("the journal", &path, &error))?;
    match format::decode(&bytes) {
        Ok(content) => Ok(content.records),
        Err(Unreadable::Newer(version)) => Err(newer(version)),
        Err(Unreadable::Damaged(why)) => {
            let hint = "The program that may write sets it aside at its next start";
            Err(Failure::local("the journal is damaged", hint).with_detail(why))
        }
    }
}

impl Journal for FileJournal {
    fn append_all(&mut self, records: Vec<Record>) -> Result<Numbers, Failure> {
        self.log.append(&records).map_err(|error| files::unusable("the journal", &self.path, &error))
    }
}

fn read_whole(file: &mut File) -> io::Result<Vec<u8>> {
    if file.metadata()?.len() > MOST_BYTES {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, "over 512 MiB"));
    }
    let mut bytes = Vec::new();
    file.take(MOST_BYTES).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn set_aside(dir: &PrivateDir) -> io::Result<String> {
    let mut names = (1..1000).map(|number| format!("{NAME}.damaged-{number}"));
    let name = names.find(|name| !dir.has(name)).ok_or(io::ErrorKind::AlreadyExists)?;
    dir.rename(NAME, &name)?;
    Ok(name)
}

fn newer(version: u32) -> Failure {
    Failure::local(
        format!("the journal is of a newer tokendeck (format {version})"),
        "Use the newer program; this one does not write to it",
    )
}

fn no_lock(none: NoLock, path: &Path) -> Failure {
    match none {
        NoLock::Held(holder) => {
            let holder = holder.map_or_else(String::new, |id| format!(" (pid {id})"));
            Failure::local(
                format!("another tokendeck has the journal open{holder}"),
                "End it first; until then nothing can be changed from here",
            )
        }
        NoLock::Unusable(error) => files::unusable("the journal", path, &error),
    }
}

/// A valid journal on a disk, and where it ends.
#[derive(Debug)]
struct Log<D> {
    disk: D,
    length: u64,
    next: u64,
    /// Whether the disk holds something behind the end that could not be taken back.
    broken: bool,
}

impl<D: Disk> Log<D> {
    /// Makes sure that the disk holds a journal of `length` bytes and nothing behind.
    fn begin(mut disk: D, length: u64, next: u64, whole: bool) -> io::Result<Self> {
        if !whole {
            disk.truncate(length)?;
        }
        let mut log = Self { disk, length, next, broken: false };
        if length == 0 {
            log.write(&format::file_head())?;
        }
        Ok(log)
    }

    /// Makes records durable, all or none.
    fn append(&mut self, records: &[Record]) -> io::Result<Numbers> {
        let (first, mut bytes) = (Sequence(self.next), Vec::new());
        for (record, number) in records.iter().zip(self.next..) {
            let encoded = format::encode(record, Sequence(number), &mut bytes);
            encoded.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "a record is over 1 MiB long"))?;
        }
        self.write(&bytes)?;
        self.next += records.len() as u64;
        Ok(Numbers { first, count: records.len() })
    }

    /// Writes at the end and makes it durable, or leaves everything as it was.
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.broken {
            return Err(io::Error::other("an earlier write could not be taken back: start the program anew"));
        }
        let written = self.write_whole(bytes).and_then(|()| self.disk.sync());
        if let Err(error) = written {
            // After a failed sync nobody knows what the disk holds; cutting off syncs again, and so finds out.
            self.broken = self.disk.truncate(self.length).is_err();
            return Err(error);
        }
        self.length += bytes.len() as u64;
        Ok(())
    }

    fn write_whole(&mut self, bytes: &[u8]) -> io::Result<()> {
        let (mut rest, mut offset) = (bytes, self.length);
        while !rest.is_empty() {
            match self.disk.write_at(rest, offset) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(written) => {
                    rest = rest.get(written..).unwrap_or_default();
                    offset += written as u64;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

#[cfg(test)]
#[cfg(unix)]
#[path = "file_tests.rs"]
mod tests;
