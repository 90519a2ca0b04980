//! What a keyring keeps of a journal: its key, and how far it had come when the keyring was last told.

use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

use zeroize::Zeroizing;

use super::chain::{Hash, Key, hex, unhex};
use crate::domain::{ContextName, CredentialSource, Failure, Origin, Secret};
use crate::runtime::vault::{Found, Places, VaultError};

/// What an entry begins with.
const KIND: &str = "tokendeck journal 1";

/// How long records are gathered before the keyring is told: a run of thousands tells it a few times.
const PAUSE: Duration = Duration::from_secs(3);

/// How long the end of the program waits for a keyring. What it is not told is no loss: a journal may be ahead of it.
const END: Duration = Duration::from_secs(1);

/// What a keyring keeps of a journal.
#[derive(Debug, Clone)]
pub(super) struct Kept {
    /// The key of its links.
    pub(super) key: Key,
    /// How many records it had.
    pub(super) count: u64,
    /// The hash of the last of them.
    pub(super) hash: Hash,
}

impl Kept {
    fn parse(secret: &Secret) -> Option<Self> {
        let lines: Vec<&str> = secret.expose().lines().collect();
        let [KIND, key, count, hash] = lines[..] else { return None };
        Some(Self { key: Key::parse(key)?, count: count.parse().ok()?, hash: Hash(unhex(hash)?) })
    }

    fn secret(&self) -> Arc<Secret> {
        let key = self.key.text();
        let (count, hash) = (self.count.to_string(), hex(&self.hash.0));
        // Made in one piece, so that no shorter one with the key in it is left behind.
        let mut text = Zeroizing::new(String::with_capacity(KIND.len() + key.len() + count.len() + hash.len() + 4));
        for line in [KIND, &key, &count, &hash] {
            text.push_str(line);
            text.push('\n');
        }
        Arc::new(Secret::new(text.as_str().into()))
    }
}

/// Under which name the keyrings keep it: no context has such an origin.
#[derive(Debug, Clone)]
pub(super) struct Name(Origin, ContextName);

impl Name {
    /// Returns that of the journal in a folder; `None` where the folder is not there.
    pub(super) fn of(dir: &Path) -> Option<Self> {
        let dir = std::fs::canonicalize(dir).ok()?;
        Some(Self(Origin::new(&format!("journal:{}", dir.display())), ContextName::parse("journal").ok()?))
    }
}

/// What the keyrings answered.
#[derive(Debug)]
pub(super) struct Looked {
    /// What they keep, in their order.
    pub(super) kept: Vec<(CredentialSource, Kept)>,
    /// Whether one that is there could keep it, and has nothing.
    pub(super) room: bool,
    /// Why one of them does not say. Those behind it are not asked, since an older key may be there.
    pub(super) silent: Option<Failure>,
}

/// Asks the keyrings. Blocks, for at most 3 s for each of them.
pub(super) fn look(places: &Places, name: &Name) -> Looked {
    let mut looked = Looked { kept: Vec::new(), room: false, silent: None };
    for (source, answer) in places.answers(&name.0, &name.1) {
        match answer {
            // A file would ask for a passphrase.
            _ if source == CredentialSource::File => {}
            Ok(Found::Present(secret)) => {
                let Some(kept) = Kept::parse(&secret) else {
                    let why = VaultError::Failed("what it keeps of the journal cannot be read".to_owned());
                    looked.silent = Some(why.of(source));
                    return looked;
                };
                looked.kept.push((source, kept));
            }
            Ok(Found::Absent) => looked.room = true,
            Err(VaultError::Unavailable(_)) => {}
            Err(error) => {
                looked.silent = Some(error.of(source));
                return looked;
            }
        }
    }
    looked
}

/// Has a keyring keep something of a journal. Blocks, for at most 3 s.
pub(super) fn keep(places: &Places, name: &Name, kept: &Kept) -> Result<(), Failure> {
    places.set(&name.0, &name.1, &kept.secret()).map(|_| ())
}

/// Tells a keyring how far a journal has come, on a thread of its own: neither the loop nor a run waits for it.
#[derive(Debug)]
pub(super) struct Keeper {
    /// `None` only while it is being dropped.
    sender: Option<mpsc::Sender<(u64, Hash)>>,
    ended: mpsc::Receiver<()>,
}

impl Keeper {
    /// Starts; `None` where the system refuses a thread.
    pub(super) fn start(places: Arc<Places>, name: Name, key: Key) -> Option<Self> {
        let (sender, receiver) = mpsc::channel::<(u64, Hash)>();
        let (end, ended) = mpsc::channel();
        let keeping = move || {
            while let Ok((told, mark)) = gather(&receiver) {
                let (count, hash) = mark;
                if let Err(error) = keep(&places, &name, &Kept { key: key.clone(), count, hash }) {
                    tracing::info!(%error, "the keyring was not told of the journal");
                }
                if told == Told::Last {
                    break;
                }
            }
            // Nobody listens any more when it took too long.
            let _ = end.send(());
        };
        let thread = std::thread::Builder::new().name("journal keeper".into()).spawn(keeping);
        thread.is_ok().then_some(Self { sender: Some(sender), ended })
    }

    /// Notes how far the journal has come.
    pub(super) fn note(&self, count: u64, hash: Hash) {
        if let Some(sender) = &self.sender {
            // A thread that is gone has nobody to tell.
            let _ = sender.send((count, hash));
        }
    }
}

/// Whether more may come.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Told {
    /// It may.
    Latest,
    /// It was the last.
    Last,
}

/// Waits for news, and then for what follows it soon.
fn gather(receiver: &mpsc::Receiver<(u64, Hash)>) -> Result<(Told, (u64, Hash)), mpsc::RecvError> {
    let mut mark = receiver.recv()?;
    let until = Instant::now() + PAUSE;
    loop {
        match receiver.recv_timeout(until.saturating_duration_since(Instant::now())) {
            Ok(later) => mark = later,
            Err(RecvTimeoutError::Timeout) => return Ok((Told::Latest, mark)),
            Err(RecvTimeoutError::Disconnected) => return Ok((Told::Last, mark)),
        }
    }
}

/// Tells the keyring what it does not know yet, and waits for that a little.
impl Drop for Keeper {
    fn drop(&mut self) {
        drop(self.sender.take());
        if self.ended.recv_timeout(END) == Err(RecvTimeoutError::Timeout) {
            tracing::info!("the keyring was not told of the last records in time");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runtime::vault::MemoryVault;

    fn name() -> (tempfile::TempDir, Name) {
        let home = tempfile::tempdir().expect("a folder");
        let name = Name::of(home.path()).expect("it is there");
        (home, name)
    }

    fn kept() -> Kept {
        Kept { key: Key::new().expect("random"), count: 7, hash: Hash::begin(b"x") }
    }

    #[test]
    fn what_is_kept_is_found_for_this_folder_only() {
        let places = Places::none().with(CredentialSource::Keyring, MemoryVault::default());
        let ((_home, name), (_other, other)) = (name(), name());
        let looked = look(&places, &name);
        assert!(looked.kept.is_empty() && looked.room && looked.silent.is_none());
        let ours = kept();
        keep(&places, &name, &ours).expect("kept");
        let looked = look(&places, &name);
        let (source, found) = &looked.kept[0];
        assert_eq!((*source, found.count, found.hash), (CredentialSource::Keyring, 7, ours.hash));
        assert_eq!(found.key.number(), ours.key.number());
        assert!(!looked.room && look(&places, &other).kept.is_empty());
    }

    #[test]
    fn a_place_that_does_not_say_is_not_passed_over_and_one_that_is_not_there_is() {
        let (_home, name) = name();
        for error in [VaultError::Locked, VaultError::Denied, VaultError::TimedOut, VaultError::Failed(String::new())] {
            let first = MemoryVault::failing(error.clone());
            let places = Places::none().with(CredentialSource::Keyring, first);
            let places = places.with(CredentialSource::Kernel, MemoryVault::default());
            let looked = look(&places, &name);
            assert_eq!(looked.silent, Some(error.of(CredentialSource::Keyring)));
            assert!(!looked.room && looked.kept.is_empty());
        }
        let absent = MemoryVault::failing(VaultError::Unavailable(String::new()));
        let looked = look(&Places::none().with(CredentialSource::Keyring, absent), &name);
        assert!(looked.silent.is_none() && !looked.room);
    }

    #[test]
    fn the_last_is_told_at_the_end_and_what_is_no_entry_is_said() {
        let (_home, name) = name();
        let places = Arc::new(Places::none().with(CredentialSource::Keyring, MemoryVault::default()));
        let ours = kept();
        let keeper = Keeper::start(places.clone(), name.clone(), ours.key.clone()).expect("a thread");
        for count in 8..20 {
            keeper.note(count, Hash::begin(&[1]));
        }
        drop(keeper);
        let found = look(&places, &name).kept.remove(0).1;
        assert_eq!((found.count, found.hash), (19, Hash::begin(&[1])));
        places.set(&name.0, &name.1, &Arc::new(Secret::new("mine".into()))).expect("kept");
        assert!(look(&places, &name).silent.expect("said").to_string().contains("cannot be read"));
    }
}
