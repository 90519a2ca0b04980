//! The journal as a file: locked, checked when it is opened, never longer than what is valid in it.

use std::fs::File;
use std::io::{self, Read, Seek as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::chain::{Chain, Hash};
use super::check::{self, Checked};
use super::disk::Disk;
use super::fence;
use super::format::{self, Unreadable};
use super::held::Held;
use super::keeper::{self, Kept, Looked, Name};
use super::lock::{Lock, NoLock};
use super::{Journal, Numbers, Recovery};
use crate::domain::{Failure, Record, Sequence, escape};
use crate::runtime::files::{self, PrivateDir};
use crate::runtime::vault::Places;

/// The name of the file.
pub const NAME: &str = "journal";
/// A journal of an older version, while it is being written anew.
const RENEWED: &str = "journal.new";
const LOCK: &str = "journal.lock";

/// More than this is no journal of ours: a million records.
const MOST_BYTES: u64 = 512 << 20;

/// The journal of this user, open for writing. No other program can write to it meanwhile.
#[derive(Debug)]
pub struct FileJournal {
    log: Log<File>,
    path: PathBuf,
    /// What a keyring keeps of it; told for the last time before the lock is given back.
    held: Held,
    lock: Lock,
    lock_path: PathBuf,
    recovery: Recovery,
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
        let (mut content, recovery) = match format::decode(&bytes) {
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
                (format::Content::default(), Recovery::SetAside { name, why })
            }
        };
        let mut whole = recovery == Recovery::Whole;
        if content.version < format::VERSION {
            (file, content.length, content.hash) = renew(&opened, &bytes).map_err(unusable)?;
            whole = true;
        }
        let end = End { length: content.length as u64, next: content.records.len() as u64 + 1, hash: content.hash };
        let log = Log::begin(file, end, whole).map_err(unusable)?;
        opened.sync().map_err(unusable)?;
        let (held, lock_path) = (Held::default(), dir.join(LOCK));
        let journal = Self { log, path, held, lock, lock_path, recovery: recovery.clone() };
        Ok((journal, content.records, recovery))
    }

    /// Makes sure that nobody took the journal's place while this process was not looking.
    fn fence(&self) -> Result<(), Failure> {
        let looked = fence::leads_to(&self.path, &self.log.disk).and_then(|file| {
            let lock = fence::leads_to(&self.lock_path, self.lock.file())?;
            Ok(file && lock && self.log.disk.metadata()?.len() == self.log.length)
        });
        match looked {
            Ok(true) => Ok(()),
            Ok(false) => Err(Failure::local(
                "the journal was moved away, or another program writes to it",
                "Nothing more is sent from here: end the program and start it anew",
            )),
            Err(error) => Err(files::unusable("the journal", &self.path, &error)),
        }
    }
}

/// Writes a journal of an older version anew, in its place: whole, or not at all. No payload changes.
fn renew(dir: &PrivateDir, bytes: &[u8]) -> io::Result<(File, usize, Hash)> {
    let unreadable = || io::Error::other("it cannot be written anew");
    let (renewed, hash) = format::renew(bytes, random()?).ok_or_else(unreadable)?;
    let mut file = dir.new_file(RENEWED)?;
    let written = file.write_all(&renewed).and_then(|()| file.sync_all()).and_then(|()| dir.rename(RENEWED, NAME));
    if let Err(error) = written {
        return dir.remove(RENEWED).and(Err(error));
    }
    Ok((dir.file(NAME)?, renewed.len(), hash))
}

fn random() -> io::Result<[u8; 16]> {
    let mut random = [0; 16];
    getrandom::fill(&mut random).map_err(|_| io::Error::other("the system gives no random bytes"))?;
    Ok(random)
}

/// Reads the journal in a directory without a right to write, and changes nothing: for a second program.
///
/// # Errors
/// When there is none, it is damaged, a newer program wrote it, or it cannot be used.
pub fn read(dir: &Path) -> Result<Vec<Record>, Failure> {
    match format::decode(&bytes_in(dir)?) {
        Ok(content) => Ok(content.records),
        Err(Unreadable::Newer(version)) => Err(newer(version)),
        Err(Unreadable::Damaged(why)) => {
            let hint = "The program that may write sets it aside at its next start";
            Err(Failure::local("the journal is damaged", hint).with_detail(why))
        }
    }
}

/// What looking through a journal came to.
#[derive(Debug)]
pub struct Verified {
    /// What was found.
    pub checked: Checked,
    /// Why a keyring does not tell what it keeps of it, where one does not.
    pub silent: Option<Failure>,
    /// Where the journal is.
    pub path: PathBuf,
    /// The names of damaged journals that were set aside and lie beside it.
    pub aside: Vec<String>,
}

/// Looks through the journal in a directory, or a copy of it, and changes nothing. Blocks: the keyrings are asked.
///
/// # Errors
/// When there is none, a newer program wrote it, or it cannot be used.
pub fn verify(dir: &Path, copy: Option<&Path>, places: &Places) -> Result<Verified, Failure> {
    // The keyring first: what is written meanwhile makes the file the longer one, as it lawfully is.
    let looked = Name::of(dir).map(|name| keeper::look(places, &name));
    let (kept, silent) = looked.map_or_else(Default::default, |Looked { kept, silent, .. }| (kept, silent));
    let bytes = match copy {
        None => bytes_in(dir)?,
        Some(copy) => {
            let read = File::open(copy).and_then(|mut file| read_whole(&mut file));
            read.map_err(|error| {
                let shown = copy.to_string_lossy();
                let failure = Failure::local(format!("{} cannot be read", escape(&shown)), "Name a copy of a journal");
                failure.with_detail(error.to_string())
            })?
        }
    };
    let checked = check::check(&bytes, &kept).map_err(newer)?;
    let aside = damaged_names().take_while(|name| dir.join(name).exists()).collect();
    Ok(Verified { checked, silent, path: dir.join(NAME), aside })
}

/// Takes the journal in a directory as it is: from now on nothing of what was found speaks against it. Blocks.
///
/// # Errors
/// When another program has it open, it is damaged, or no keyring keeps anything of it, or takes it.
pub fn accept(dir: &Path, places: &Places) -> Result<u64, Failure> {
    let path = dir.join(NAME);
    let unusable = |error: io::Error| files::unusable("the journal", &path, &error);
    let opened = PrivateDir::existing(dir).map_err(unusable)?;
    let _lock = Lock::take(&opened, LOCK).map_err(|none| no_lock(none, &path))?;
    let nothing = || Failure::local("no keyring keeps anything of the journal", "There is nothing to accept");
    let name = Name::of(dir).ok_or_else(nothing)?;
    let looked = keeper::look(places, &name);
    let (_, kept) = looked.kept.into_iter().next().ok_or_else(|| looked.silent.unwrap_or_else(nothing))?;
    let content = format::decode(&bytes_in(dir)?).map_err(|unreadable| match unreadable {
        Unreadable::Newer(version) => newer(version),
        Unreadable::Damaged(why) => {
            Failure::local("the journal is damaged", "The next program that writes sets it aside").with_detail(why)
        }
    })?;
    let count = content.records.len() as u64;
    keeper::keep(places, &name, &Kept { count, hash: content.hash, ..kept })?;
    Ok(count)
}

fn bytes_in(dir: &Path) -> Result<Vec<u8>, Failure> {
    let path = dir.join(NAME);
    let file = PrivateDir::existing(dir).and_then(|opened| opened.existing_file(NAME));
    let bytes = file.and_then(|mut file| read_whole(&mut file));
    bytes.map_err(|error| {
        if error.kind() == io::ErrorKind::NotFound {
            let there_is_none = Failure::local("there is no journal yet", "It is made at the first start");
            there_is_none.with_detail(path.display().to_string())
        } else {
            files::unusable("the journal", &path, &error)
        }
    })
}

impl Journal for FileJournal {
    fn append_all(&mut self, records: Vec<Record>) -> Result<Numbers, Failure> {
        self.fence()?;
        self.held.make_key(&mut self.log.chain, self.log.next - 1);
        let written = self.log.append(&records).map_err(|error| files::unusable("the journal", &self.path, &error))?;
        // Again: what went into a file that was moved away meanwhile must not be acted upon either.
        self.fence()?;
        self.held.note(self.log.next - 1, self.log.chain.hash);
        Ok(written)
    }

    fn find_key(&mut self, places: &Arc<Places>) {
        let Some(name) = self.path.parent().and_then(Name::of) else { return };
        let looked = keeper::look(places, &name);
        let checked = match &self.recovery {
            // It was begun anew: what is kept is of the file that was set aside, and that was said.
            Recovery::SetAside { .. } => None,
            Recovery::Whole | Recovery::Cut { .. } => {
                let mut bytes = Vec::new();
                let read = self.log.disk.rewind().and_then(|()| self.log.disk.read_to_end(&mut bytes));
                read.ok().and_then(|_| check::check(&bytes, &looked.kept).ok())
            }
        };
        self.log.chain.key = self.held.take(looked, checked.as_ref(), places, name);
        if checked.is_none() {
            // Else the next start would miss what was set aside.
            self.held.note(self.log.next - 1, self.log.chain.hash);
        }
    }

    fn told(&mut self) -> Vec<Failure> {
        std::mem::take(&mut self.held.told)
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
    let name = damaged_names().find(|name| !dir.has(name)).ok_or(io::ErrorKind::AlreadyExists)?;
    dir.rename(NAME, &name)?;
    Ok(name)
}

fn damaged_names() -> impl Iterator<Item = String> {
    (1..1000).map(|number| format!("{NAME}.damaged-{number}"))
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

/// Where a valid journal ends.
#[derive(Debug, Clone, Copy)]
struct End {
    length: u64,
    next: u64,
    hash: Hash,
}

/// A valid journal on a disk, and where it ends.
#[derive(Debug)]
struct Log<D> {
    disk: D,
    length: u64,
    next: u64,
    chain: Chain,
    /// Whether the disk holds something behind the end that could not be taken back.
    broken: bool,
}

impl<D: Disk> Log<D> {
    /// Makes sure that the disk holds a journal up to its end and nothing behind.
    fn begin(mut disk: D, End { length, next, hash }: End, whole: bool) -> io::Result<Self> {
        if !whole {
            disk.truncate(length)?;
        }
        let mut log = Self { disk, length, next, chain: Chain { hash, key: None }, broken: false };
        if length == 0 {
            let head = format::file_head(random()?);
            log.write(&head)?;
            log.chain.hash = Hash::begin(&head);
        }
        Ok(log)
    }

    /// Makes records durable, all or none.
    fn append(&mut self, records: &[Record]) -> io::Result<Numbers> {
        let (first, mut bytes, mut chain) = (Sequence(self.next), Vec::new(), self.chain.clone());
        for (record, number) in records.iter().zip(self.next..) {
            let encoded = format::encode(record, Sequence(number), &mut chain, &mut bytes);
            encoded.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "a record is over 1 MiB long"))?;
        }
        self.write(&bytes)?;
        self.next += records.len() as u64;
        self.chain.hash = chain.hash;
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
