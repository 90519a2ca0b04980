//! The keyring of the system, each question bounded in time.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use keyring_core::{CredentialStore, Entry};
use zeroize::Zeroizing;

use super::stores;
use super::{Found, Removed, Vault, VaultError};
use crate::domain::{ContextName, Origin, Secret};

/// The name that all entries are kept under.
const SERVICE: &str = "tokendeck";

/// How long a keyring may take to answer.
const LIMIT: Duration = Duration::from_secs(3);

/// The keyring of the system. Nothing is connected before the first question.
pub struct KeyringVault {
    shared: Arc<Shared>,
    limit: Duration,
}

/// What the threads that ask share.
struct Shared {
    /// The connection; `None` before the first question and after one that failed or took too long.
    store: Mutex<Option<Arc<CredentialStore>>>,
    connect: fn() -> keyring_core::Result<Arc<CredentialStore>>,
    /// Tells whether what is kept under a name is behind a lock, without asking anybody to open it.
    locked: fn(service: &str, user: &str) -> keyring_core::Result<stores::Lock>,
}

impl fmt::Debug for KeyringVault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyringVault").field("limit", &self.limit).finish_non_exhaustive()
    }
}

impl Default for KeyringVault {
    fn default() -> Self {
        let shared = Shared { store: Mutex::new(None), connect: stores::connect, locked: stores::lock };
        Self { shared: Arc::new(shared), limit: LIMIT }
    }
}

impl KeyringVault {
    /// Asks on a thread of its own, and leaves that behind when it takes too long.
    ///
    /// A question may wait for ever for somebody to unlock the keyring at a screen that nobody sees, and the
    /// blocking calls of zbus must not run within the program's own runtime.
    fn ask<T: Send + 'static>(
        &self,
        origin: &Origin,
        context: &ContextName,
        question: impl FnOnce(&Entry) -> keyring_core::Result<T> + Send + 'static,
    ) -> Result<T, VaultError> {
        let (sender, answer) = std::sync::mpsc::channel();
        let (shared, user) = (Arc::clone(&self.shared), format!("{origin} {context}"));
        let asking = move || {
            // Nobody listens any more when it took too long.
            let _ = sender.send(shared.ask(&user, question));
        };
        std::thread::Builder::new()
            .name("keyring".into())
            .spawn(asking)
            .map_err(|error| VaultError::Failed(error.to_string()))?;
        answer.recv_timeout(self.limit).unwrap_or_else(|_| {
            // The thread left behind may hold the connection for ever: the next question makes a new one.
            self.shared.disconnect();
            Err(VaultError::TimedOut)
        })
    }
}

impl Shared {
    fn ask<T>(&self, user: &str, question: impl FnOnce(&Entry) -> keyring_core::Result<T>) -> Result<T, VaultError> {
        let asked = || -> keyring_core::Result<Result<T, VaultError>> {
            if (self.locked)(SERVICE, user)? == stores::Lock::Closed {
                return Ok(Err(VaultError::Locked));
            }
            question(&self.store()?.build(SERVICE, user, None)?).map(Ok)
        };
        asked().unwrap_or_else(|error| {
            if !matches!(error, keyring_core::Error::NoEntry) {
                self.disconnect();
            }
            Err(stores::classify(&error))
        })
    }

    fn store(&self) -> keyring_core::Result<Arc<CredentialStore>> {
        let mut store = self.store.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(store) = &*store {
            return Ok(Arc::clone(store));
        }
        let connected = (self.connect)()?;
        *store = Some(Arc::clone(&connected));
        Ok(connected)
    }

    fn disconnect(&self) {
        // While somebody connects there is nothing to forget.
        if let Ok(mut store) = self.store.try_lock() {
            *store = None;
        }
    }
}

/// Turns "no such entry" into a value: it is an answer.
fn if_there<T>(answer: keyring_core::Result<T>) -> keyring_core::Result<Option<T>> {
    match answer {
        Ok(value) => Ok(Some(value)),
        Err(keyring_core::Error::NoEntry) => Ok(None),
        Err(error) => Err(error),
    }
}

impl Vault for KeyringVault {
    fn get(&self, origin: &Origin, context: &ContextName) -> Result<Found, VaultError> {
        Found::read(self.ask(origin, context, |entry| if_there(entry.get_secret().map(Zeroizing::new)))?)
    }

    fn set(&self, origin: &Origin, context: &ContextName, secret: &Arc<Secret>) -> Result<(), VaultError> {
        let secret = Arc::clone(secret);
        self.ask(origin, context, move |entry| entry.set_secret(secret.expose().as_bytes()))
    }

    fn remove(&self, origin: &Origin, context: &ContextName) -> Result<Removed, VaultError> {
        let removed = self.ask(origin, context, |entry| if_there(entry.delete_credential()))?;
        Ok(if removed.is_some() { Removed::Gone } else { Removed::Absent })
    }
}

#[cfg(test)]
mod tests {
    use std::error::Error as StdError;
    use std::sync::mpsc;
    use std::time::Instant;

    use keyring_core::{Error, mock};

    use super::*;

    fn vault(connect: fn() -> keyring_core::Result<Arc<CredentialStore>>, limit: Duration) -> KeyringVault {
        let shared = Shared { store: Mutex::new(None), connect, locked: |_, _| Ok(stores::Lock::Open) };
        KeyringVault { shared: Arc::new(shared), limit }
    }

    fn names() -> (Origin, ContextName) {
        (Origin::new("https://bao.example.org:8200"), ContextName::parse("prod").expect("lawful"))
    }

    fn mock() -> keyring_core::Result<Arc<CredentialStore>> {
        Ok(mock::Store::new()? as Arc<CredentialStore>)
    }

    #[test]
    fn what_is_kept_is_found_under_its_origin_only() {
        let (vault, (origin, name)) = (vault(mock, LIMIT), names());
        let secret = Arc::new(Secret::new("s3cret".into()));
        assert_eq!(vault.get(&origin, &name), Ok(Found::Absent));
        assert_eq!(vault.set(&origin, &name, &secret), Ok(()));
        assert_eq!(vault.get(&origin, &name), Ok(Found::Present(secret)));
        for other in ["http://bao.example.org:8200", "https://bao.example.org:443", "https://bao.example.org.:8200"] {
            assert_eq!(vault.get(&Origin::new(other), &name), Ok(Found::Absent), "{other}");
        }
        assert_eq!(vault.remove(&origin, &name), Ok(Removed::Gone));
        assert_eq!(vault.remove(&origin, &name), Ok(Removed::Absent));
    }

    #[test]
    fn a_keyring_that_hangs_is_left_behind_in_time() {
        let never = || {
            let (_keep, hang) = mpsc::channel::<()>();
            hang.recv_timeout(Duration::from_hours(1)).ok();
            Err(Error::NoDefaultStore)
        };
        let (vault, (origin, name)) = (vault(never, Duration::from_millis(20)), names());
        let asked = Instant::now();
        assert_eq!(vault.get(&origin, &name), Err(VaultError::TimedOut));
        assert!(asked.elapsed() < Duration::from_secs(2));
    }

    #[test]
    fn a_lock_is_an_answer_and_nothing_else_is_asked() {
        let shared = Shared {
            store: Mutex::new(None),
            connect: || Err(Error::NoDefaultStore),
            locked: |_, _| Ok(stores::Lock::Closed),
        };
        let (vault, (origin, name)) = (KeyringVault { shared: Arc::new(shared), limit: LIMIT }, names());
        assert_eq!(vault.get(&origin, &name), Err(VaultError::Locked));
    }

    #[test]
    fn a_keyring_that_was_not_there_is_asked_again() {
        static CALLS: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);
        let second_time = || match CALLS.fetch_add(1, std::sync::atomic::Ordering::SeqCst) {
            0 => Err(Error::PlatformFailure(Box::<dyn StdError + Send + Sync>::from("no bus"))),
            _ => mock(),
        };
        let (vault, (origin, name)) = (vault(second_time, LIMIT), names());
        assert!(vault.get(&origin, &name).is_err());
        assert_eq!(vault.get(&origin, &name), Ok(Found::Absent));
    }
}
