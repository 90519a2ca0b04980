//! Where the operator's credential is kept: the keyring of the system, that of the kernel, a file under a passphrase, or
//! nowhere.
//!
//! An entry is bound to the exact origin of a context: with another URL it is not found.

mod age;
mod file;
#[cfg(target_os = "linux")]
mod kernel;
mod keyring;
mod places;
mod stores;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use thiserror::Error;
use zeroize::Zeroizing;

use crate::domain::{ContextName, CredentialSource, Failure, FailureKind, Origin, Secret};

pub use super::files::Unfit;
pub use file::FileVault;
#[cfg(target_os = "linux")]
pub use kernel::KernelVault;
pub use keyring::KeyringVault;
pub use places::{Answer, Places};

/// A place that keeps credentials. The calls block, each for at most 3 s: they belong on a blocking thread.
pub trait Vault: Send + Sync {
    /// Looks a credential up.
    ///
    /// # Errors
    /// When the place could not answer, which never means that nothing is there.
    fn get(&self, origin: &Origin, context: &ContextName) -> Result<Found, VaultError>;

    /// Keeps a credential, in place of the one before.
    ///
    /// # Errors
    /// When it is not kept, or may not be.
    fn set(&self, origin: &Origin, context: &ContextName, secret: &Arc<Secret>) -> Result<(), VaultError>;

    /// Removes a credential; tells whether there was one.
    ///
    /// # Errors
    /// When it is still there, or may be.
    fn remove(&self, origin: &Origin, context: &ContextName) -> Result<Removed, VaultError>;
}

/// What a place answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// It has it.
    Present(Arc<Secret>),
    /// It has none.
    Absent,
}

impl Found {
    /// Takes what a place keeps under a name, which is text where we put it there.
    fn read(kept: Option<Zeroizing<Vec<u8>>>) -> Result<Self, VaultError> {
        let Some(kept) = kept else { return Ok(Self::Absent) };
        match std::str::from_utf8(&kept) {
            Ok(text) => Ok(Self::Present(Arc::new(Secret::new(text.into())))),
            Err(_) => Err(VaultError::Failed("what is kept there is no text".into())),
        }
    }
}

/// Whether there was something to remove.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Removed {
    /// It is gone now.
    Gone,
    /// There was none.
    Absent,
}

/// Why a place gave no answer.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum VaultError {
    /// There is no such place in this session.
    #[error("is not there in this session")]
    Unavailable(String),
    /// It is there, and locked: what is in it is unknown.
    #[error("is locked")]
    Locked,
    /// It refused.
    #[error("refused access")]
    Denied,
    /// It did not answer in time: it may be waiting for somebody at another screen.
    #[error("did not answer within 3 seconds")]
    TimedOut,
    /// It is a file, and the passphrase that opens it was not given.
    #[error("is locked: its passphrase was not given")]
    Sealed,
    /// Another passphrase opens the file.
    #[error("did not open with this passphrase")]
    Passphrase,
    /// The file cannot be what was written.
    #[error("is damaged: {0}")]
    Damaged(String),
    /// The file is not taken, with its path.
    #[error("is not read: {0} ({1})")]
    Refused(Refusal, String),
    /// It failed, in its own words.
    #[error("failed")]
    Failed(String),
}

/// Why a file that may hold a credential is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Refusal {
    /// It may not be ours alone.
    #[error("{0}")]
    Unfit(Unfit),
    /// Opening it is made too costly.
    #[error("its work factor is over 20, which takes more than 1 GiB")]
    Work,
    /// What is in it was given for another context, or another address.
    #[error("it holds the credential of another context or origin")]
    Elsewhere,
}

impl Refusal {
    /// Returns what to do about it.
    const fn hint(self) -> &'static str {
        match self {
            Self::Unfit(Unfit::Link) => "See where it leads (ls -l); `tokendeck login` puts a file in its place",
            Self::Unfit(Unfit::Kind) => "See what it is (ls -l) and move it away; `tokendeck login` makes a file",
            Self::Unfit(Unfit::Owner) => "Ask whose it is (ls -l); `tokendeck logout` removes it",
            Self::Unfit(Unfit::SecondName) => {
                "Find the other name (find -samefile); `tokendeck login` makes a new file"
            }
            Self::Unfit(Unfit::Mode) => "Where nobody else could read it: chmod 600; else give a new credential",
            Self::Work => {
                "It is not as tokendeck wrote it: `tokendeck logout` removes it, `tokendeck login` makes a new one"
            }
            Self::Elsewhere => "It was renamed or copied: `tokendeck logout` removes it, `tokendeck login` asks anew",
        }
    }
}

impl VaultError {
    /// Returns what to do about it.
    pub const fn hint(&self) -> &'static str {
        match self {
            Self::Unavailable(_) => "Type the credential with :login; it stays in memory until the program ends",
            Self::Locked if cfg!(target_os = "macos") => {
                "Unlock it (security unlock-keychain), then :login; or type the credential, for memory only"
            }
            Self::Locked => "Unlock it on its desktop, then :login; or type the credential, for memory only",
            Self::Denied => "Allow it in the keyring's own program, or type the credential, for memory only",
            Self::TimedOut => "It may be asking at another screen; answer there and :login, or type the credential",
            Self::Sealed => "Type its passphrase: a command asks at a terminal, the dashboard with :login",
            Self::Passphrase => "Type it again; forgotten: `tokendeck logout`, then `tokendeck login`",
            Self::Damaged(_) => "`tokendeck logout` removes it; `tokendeck login` makes a new one",
            Self::Refused(why, _) => why.hint(),
            Self::Failed(_) => "Look at the log, or type the credential with :login, for memory only",
        }
    }

    /// Returns the other side's words, where it has some.
    fn detail(&self) -> Option<&str> {
        match self {
            Self::Unavailable(detail) | Self::Failed(detail) => Some(detail).filter(|d| !d.is_empty()).map(|d| &**d),
            Self::Locked
            | Self::Denied
            | Self::TimedOut
            | Self::Sealed
            | Self::Passphrase
            | Self::Damaged(_)
            | Self::Refused(..) => None,
        }
    }
}

impl VaultError {
    /// Returns the failure for a person, of this place.
    pub fn of(&self, place: CredentialSource) -> Failure {
        let kind = match self {
            Self::Sealed | Self::Passphrase => FailureKind::Sealed,
            Self::Unavailable(_)
            | Self::Locked
            | Self::Denied
            | Self::TimedOut
            | Self::Damaged(_)
            | Self::Refused(..)
            | Self::Failed(_) => FailureKind::Local,
        };
        let failure = Failure::new(kind, format!("the {} {self}", place.words()), self.hint());
        match self.detail() {
            Some(detail) => failure.with_detail(detail),
            None => failure,
        }
    }
}

/// A place in memory, for tests.
#[derive(Debug, Default)]
pub struct MemoryVault {
    kept: Mutex<HashMap<(String, String), Arc<Secret>>>,
    /// What every call answers instead; `None` for a place that works.
    pub fails: Option<VaultError>,
}

impl MemoryVault {
    /// Makes one that answers nothing but this.
    pub fn failing(error: VaultError) -> Self {
        Self { fails: Some(error), ..Self::default() }
    }

    fn with<T>(&self, work: impl FnOnce(&mut HashMap<(String, String), Arc<Secret>>) -> T) -> Result<T, VaultError> {
        match &self.fails {
            Some(error) => Err(error.clone()),
            None => Ok(work(&mut self.kept.lock().unwrap_or_else(PoisonError::into_inner))),
        }
    }
}

fn key(origin: &Origin, context: &ContextName) -> (String, String) {
    (origin.to_string(), context.to_string())
}

impl Vault for MemoryVault {
    fn get(&self, origin: &Origin, context: &ContextName) -> Result<Found, VaultError> {
        self.with(|kept| match kept.get(&key(origin, context)) {
            Some(secret) => Found::Present(Arc::clone(secret)),
            None => Found::Absent,
        })
    }

    fn set(&self, origin: &Origin, context: &ContextName, secret: &Arc<Secret>) -> Result<(), VaultError> {
        self.with(|kept| kept.insert(key(origin, context), Arc::clone(secret))).map(|_| ())
    }

    fn remove(&self, origin: &Origin, context: &ContextName) -> Result<Removed, VaultError> {
        self.with(|kept| match kept.remove(&key(origin, context)) {
            Some(_) => Removed::Gone,
            None => Removed::Absent,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_answer_has_its_own_words_and_next_step() {
        let unfit = [Unfit::Link, Unfit::Kind, Unfit::Owner, Unfit::SecondName, Unfit::Mode].map(Refusal::Unfit);
        let refusals = unfit.into_iter().chain([Refusal::Work, Refusal::Elsewhere]);
        let errors = [
            VaultError::Unavailable(String::new()),
            VaultError::Locked,
            VaultError::Denied,
            VaultError::TimedOut,
            VaultError::Sealed,
            VaultError::Passphrase,
            VaultError::Damaged(String::new()),
            VaultError::Failed(String::new()),
        ]
        .into_iter()
        .chain(refusals.map(|why| VaultError::Refused(why, String::new())))
        .collect::<Vec<_>>();
        let mut said: Vec<_> = errors.iter().map(|error| (error.to_string(), error.hint())).collect();
        said.sort();
        said.dedup_by(|a, b| a.0 == b.0 || a.1 == b.1);
        assert_eq!(said.len(), errors.len());
    }

    #[test]
    fn another_origin_is_another_entry() {
        let (vault, name) = (MemoryVault::default(), ContextName::parse("prod").expect("lawful"));
        let (ours, other) = (Origin::new("https://bao:8200"), Origin::new("https://bao:8201"));
        let secret = Arc::new(Secret::new("s".into()));
        assert_eq!(vault.set(&ours, &name, &secret), Ok(()));
        assert_eq!(vault.get(&ours, &name), Ok(Found::Present(secret)));
        assert_eq!(vault.get(&other, &name), Ok(Found::Absent));
        assert_eq!(vault.remove(&other, &name), Ok(Removed::Absent));
        assert_eq!(vault.remove(&ours, &name), Ok(Removed::Gone));
    }
}
