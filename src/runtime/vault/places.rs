//! The places that keep credentials, in their order.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use super::{FileVault, Found, KeyringVault, Removed, Vault, VaultError};
use crate::domain::{ContextName, CredentialSource, Failure, Origin, Secret};

/// What each place answered, in their order.
pub type Answer<T> = (CredentialSource, Result<T, VaultError>);

/// The places, the first that is asked first. The calls block, for at most 3 s a place.
pub struct Places {
    /// Those that keep what they are given.
    keyrings: Vec<(CredentialSource, Box<dyn Vault>)>,
    /// Behind them, what keeps under a passphrase only.
    file: Option<FileVault>,
}

impl fmt::Debug for Places {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.all().map(|(source, _)| source)).finish()
    }
}

impl Places {
    /// Those of this system, with files below the folder of the journal.
    pub fn of_system(state: &Path) -> Self {
        let mut places = Self::none().with(CredentialSource::Keyring, KeyringVault::default());
        #[cfg(target_os = "linux")]
        {
            places = places.with(CredentialSource::Kernel, super::KernelVault);
        }
        places.with_file(FileVault::below(state))
    }

    /// None, for a session that shall keep nothing, such as the demo's.
    pub const fn none() -> Self {
        Self { keyrings: Vec::new(), file: None }
    }

    /// Adds a keyring behind the others.
    #[must_use]
    pub fn with(mut self, source: CredentialSource, vault: impl Vault + 'static) -> Self {
        self.keyrings.push((source, Box::new(vault)));
        self
    }

    /// Adds files under a passphrase, behind all keyrings.
    #[must_use]
    pub fn with_file(self, file: FileVault) -> Self {
        Self { file: Some(file), ..self }
    }

    fn all(&self) -> impl Iterator<Item = (CredentialSource, &dyn Vault)> {
        let file = self.file.as_ref().map(|file| (CredentialSource::File, file as &dyn Vault));
        self.keyrings.iter().map(|(source, vault)| (*source, &**vault)).chain(file)
    }

    /// Looks in one place after the other. One that is not there is passed over.
    ///
    /// # Errors
    /// When a place that may have it does not say: it is not passed over, since another one may hold an older credential.
    pub fn get(
        &self,
        origin: &Origin,
        context: &ContextName,
    ) -> Result<Option<(CredentialSource, Arc<Secret>)>, Failure> {
        for (source, vault) in self.all() {
            match vault.get(origin, context) {
                Ok(Found::Present(secret)) => return Ok(Some((source, secret))),
                Ok(Found::Absent) | Err(VaultError::Unavailable(_)) => {}
                Err(error) => return Err(error.of(source)),
            }
        }
        Ok(None)
    }

    /// Asks one place after the other, each when its answer is taken.
    pub fn answers(&self, origin: &Origin, context: &ContextName) -> impl Iterator<Item = Answer<Found>> {
        self.all().map(move |(source, vault)| (source, vault.get(origin, context)))
    }

    /// Keeps a credential in the first keyring that is there, and removes older ones from the places behind it.
    ///
    /// # Errors
    /// When that place does not take it, or there is none.
    pub fn set(
        &self,
        origin: &Origin,
        context: &ContextName,
        secret: &Arc<Secret>,
    ) -> Result<CredentialSource, Failure> {
        let mut absent = None;
        for (at, (source, vault)) in self.keyrings.iter().enumerate() {
            match vault.set(origin, context, secret) {
                Ok(()) => {
                    for (behind, vault) in self.all().skip(at + 1) {
                        if let Err(error) = vault.remove(origin, context) {
                            tracing::info!(%error, place = behind.words(), "an older credential may be left");
                        }
                    }
                    return Ok(*source);
                }
                Err(error @ VaultError::Unavailable(_)) => absent = absent.or(Some(error.of(*source))),
                Err(error) => return Err(error.of(*source)),
            }
        }
        let nowhere = || Failure::local("there is no place to keep it", "type it with :login when it is needed");
        Err(absent.unwrap_or_else(nowhere))
    }

    /// Tells whether there is a file for a credential, whatever it is; asks no keyring.
    pub fn has_file(&self, origin: &Origin, context: &ContextName) -> bool {
        self.file.as_ref().is_some_and(|file| file.get(origin, context) != Ok(Found::Absent))
    }

    /// Tells whether a file may keep a credential: no keyring is there, which would be asked before it.
    pub fn may_file(&self, origin: &Origin, context: &ContextName) -> bool {
        let is_absent = |vault: &dyn Vault| matches!(vault.get(origin, context), Err(VaultError::Unavailable(_)));
        self.file.is_some() && self.keyrings.iter().all(|(_, vault)| is_absent(&**vault))
    }

    /// Keeps a credential in a file under a passphrase, where no keyring is there.
    ///
    /// # Errors
    /// When a keyring is there, or the file cannot be written.
    pub fn keep_in_file(
        &self,
        origin: &Origin,
        context: &ContextName,
        secret: &Secret,
        passphrase: &Secret,
    ) -> Result<(), Failure> {
        let file = self.file.as_ref().filter(|_| self.may_file(origin, context));
        let file =
            file.ok_or_else(|| Failure::local("a keyring is there, which goes before a file", "log in again"))?;
        file.keep(origin, context, secret, passphrase).map_err(|error| error.of(CredentialSource::File))
    }

    /// Opens the file that keeps a credential.
    ///
    /// # Errors
    /// When there is none, it is not taken, or another passphrase opens it.
    pub fn open_file(
        &self,
        origin: &Origin,
        context: &ContextName,
        passphrase: &Secret,
    ) -> Result<Arc<Secret>, Failure> {
        let absent = || VaultError::Unavailable(String::new());
        let opened = self.file.as_ref().ok_or_else(absent).and_then(|file| file.open(origin, context, passphrase));
        opened.map_err(|error| error.of(CredentialSource::File))
    }

    /// Removes every copy; returns what each place answered.
    pub fn remove(&self, origin: &Origin, context: &ContextName) -> Vec<Answer<Removed>> {
        self.all().map(|(source, vault)| (source, vault.remove(origin, context))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::MemoryVault;
    use super::*;

    const FIRST: CredentialSource = CredentialSource::Keyring;
    const SECOND: CredentialSource = CredentialSource::Kernel;

    fn failing(error: VaultError) -> MemoryVault {
        MemoryVault { fails: Some(error), ..MemoryVault::default() }
    }

    fn absent() -> MemoryVault {
        failing(VaultError::Unavailable("no bus".into()))
    }

    fn names() -> (Origin, ContextName, Arc<Secret>) {
        let secret = Arc::new(Secret::new("s3cret".into()));
        (Origin::new("https://bao:8200"), ContextName::parse("prod").expect("lawful"), secret)
    }

    #[test]
    fn a_place_that_is_not_there_is_passed_over() {
        let (origin, name, secret) = names();
        let places = Places::none().with(FIRST, absent()).with(SECOND, MemoryVault::default());
        assert_eq!(places.get(&origin, &name), Ok(None));
        assert_eq!(places.set(&origin, &name, &secret), Ok(SECOND));
        assert_eq!(places.get(&origin, &name), Ok(Some((SECOND, secret))));
        let answers = places.remove(&origin, &name);
        assert!(matches!(answers[0], (FIRST, Err(VaultError::Unavailable(_)))), "{answers:?}");
        assert_eq!(answers[1], (SECOND, Ok(Removed::Gone)));
        assert_eq!(places.get(&origin, &name), Ok(None));
    }

    #[test]
    fn a_place_that_does_not_say_is_not_passed_over() {
        let (origin, name, secret) = names();
        for error in [VaultError::Locked, VaultError::Denied, VaultError::TimedOut, VaultError::Failed(String::new())] {
            let older = MemoryVault::default();
            older.set(&origin, &name, &secret).expect("kept");
            let places = Places::none().with(FIRST, failing(error.clone())).with(SECOND, older);
            assert_eq!(places.get(&origin, &name), Err(error.of(FIRST)));
            assert_eq!(places.set(&origin, &name, &secret), Err(error.of(FIRST)));
            assert_eq!(places.answers(&origin, &name).nth(1), Some((SECOND, Ok(Found::Present(secret.clone())))));
        }
    }

    #[test]
    fn a_new_credential_leaves_no_older_one_behind_it() {
        let (origin, name, secret) = names();
        let older = MemoryVault::default();
        older.set(&origin, &name, &Arc::new(Secret::new("older".into()))).expect("kept");
        let places = Places::none().with(FIRST, MemoryVault::default()).with(SECOND, older);
        assert_eq!(places.set(&origin, &name, &secret), Ok(FIRST));
        assert_eq!(places.answers(&origin, &name).nth(1), Some((SECOND, Ok(Found::Absent))));
    }

    #[test]
    fn a_file_keeps_where_no_keyring_is_there_and_is_never_passed_over() {
        let (origin, name, secret) = names();
        let (home, passphrase) = (tempfile::tempdir().expect("a folder"), Secret::new("right".into()));
        let file = || FileVault::little(home.path());
        let places = Places::none().with(FIRST, absent()).with_file(file());
        assert!(places.set(&origin, &name, &secret).is_err() && !places.has_file(&origin, &name));
        assert!(places.may_file(&origin, &name));
        assert_eq!(places.keep_in_file(&origin, &name, &secret, &passphrase), Ok(()));
        assert!(places.has_file(&origin, &name));
        assert_eq!(places.get(&origin, &name), Err(VaultError::Sealed.of(CredentialSource::File)));
        assert_eq!(places.open_file(&origin, &name, &passphrase), Ok(secret.clone()));
        // A keyring that is there, whatever it answers, goes before a file.
        for keyring in [MemoryVault::default(), failing(VaultError::Locked)] {
            let places = Places::none().with(FIRST, keyring).with_file(file());
            assert!(!places.may_file(&origin, &name));
            assert!(places.keep_in_file(&origin, &name, &secret, &passphrase).is_err());
        }
        let places = Places::none().with(FIRST, MemoryVault::default()).with_file(file());
        assert_eq!(places.set(&origin, &name, &secret), Ok(FIRST));
        assert!(!places.has_file(&origin, &name), "an older copy goes");
    }

    #[test]
    fn without_any_place_it_is_said() {
        let (origin, name, secret) = names();
        assert_eq!(Places::none().get(&origin, &name), Ok(None));
        assert!(Places::none().set(&origin, &name, &secret).is_err());
        let failure = Places::none().with(FIRST, absent()).set(&origin, &name, &secret).expect_err("nowhere");
        assert!(failure.summary.contains("OS keyring is not there"), "{failure}");
    }
}
