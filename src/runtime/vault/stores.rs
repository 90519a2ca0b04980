//! The keyrings of the systems: how to reach each, whether it is locked, and what its errors mean.

use std::sync::Arc;

use keyring_core::{CredentialStore, Error, Result};

use super::VaultError;

/// Whether what is asked for is behind a lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(not(target_os = "linux"), expect(dead_code, reason = "only the Secret Service tells before it is asked"))]
pub(super) enum Lock {
    /// It can be read.
    Open,
    /// Somebody would have to unlock it first.
    Closed,
}

/// Connects to the Secret Service of the session bus. Never starts a bus: without one there is no keyring.
#[cfg(target_os = "linux")]
pub(super) fn connect() -> Result<Arc<CredentialStore>> {
    Ok(zbus_secret_service_keyring_store::Store::new()?)
}

/// Tells whether an entry, or the collection that it would be in, is locked.
///
/// Asked apart, since the store itself would answer a lock with a prompt, on a screen that nobody sees.
#[cfg(target_os = "linux")]
pub(super) fn lock(service: &str, user: &str) -> Result<Lock> {
    use secret_service::{EncryptionType, blocking::SecretService};
    let asked = || -> std::result::Result<Lock, secret_service::Error> {
        let secrets = SecretService::connect(EncryptionType::Plain)?;
        let found = secrets.search_items([("service", service), ("username", user)].into())?;
        if !found.unlocked.is_empty() {
            return Ok(Lock::Open);
        }
        let home = secrets.get_default_collection();
        let closed = match home.and_then(|home| home.is_locked()) {
            Ok(closed) => closed,
            // No collection yet: nothing is kept, and nothing is locked.
            Err(secret_service::Error::NoResult) => false,
            Err(error) => return Err(error),
        };
        Ok(if closed || !found.locked.is_empty() { Lock::Closed } else { Lock::Open })
    };
    asked().map_err(|error| Error::PlatformFailure(Box::new(error)))
}

/// Connects to the login keychain.
#[cfg(target_os = "macos")]
pub(super) fn connect() -> Result<Arc<CredentialStore>> {
    Ok(apple_native_keyring_store::keychain::Store::new()?)
}

/// Connects to the Credential Manager.
#[cfg(windows)]
pub(super) fn connect() -> Result<Arc<CredentialStore>> {
    Ok(windows_native_keyring_store::Store::new()?)
}

/// Says that this system has no keyring we know.
#[cfg(not(any(target_os = "linux", target_os = "macos", windows)))]
pub(super) fn connect() -> Result<Arc<CredentialStore>> {
    Err(Error::NoDefaultStore)
}

/// Says that nothing is locked: here the answer to the question itself tells.
#[cfg(not(target_os = "linux"))]
pub(super) fn lock(_service: &str, _user: &str) -> Result<Lock> {
    Ok(Lock::Open)
}

/// Tells what an error means. None of them ever means that nothing is there.
pub(super) fn classify(error: &Error) -> VaultError {
    match error {
        Error::PlatformFailure(cause) => by_cause(cause.as_ref()),
        Error::NoStorageAccess(cause) if cause.to_string().contains("dismissed") => VaultError::Denied,
        Error::NoStorageAccess(_) => VaultError::Locked,
        Error::NoDefaultStore => VaultError::Unavailable(String::new()),
        // The bytes in this one are the secret itself.
        Error::BadEncoding(_) | Error::BadDataFormat(..) => VaultError::Failed("what is kept there is no text".into()),
        Error::Ambiguous(entries) => VaultError::Failed(format!("{} entries of the same name", entries.len())),
        Error::NoEntry
        | Error::BadStoreFormat(_)
        | Error::TooLong(..)
        | Error::Invalid(..)
        | Error::NotSupportedByStore(_) => VaultError::Failed(error.to_string()),
        _ => VaultError::Failed("in a way unknown to this program".into()),
    }
}

/// Tells what is behind a failure of the system.
fn by_cause(cause: &(dyn std::error::Error + Send + Sync + 'static)) -> VaultError {
    let words = cause.to_string();
    let says = |words_of: &[&str]| words_of.iter().any(|word| words.contains(word));
    if says(&[
        "no secret service provider",
        "ServiceUnknown",
        "NameHasNoOwner",
        "DBus.Error.Spawn",
        "No such file",
        "refused",
    ]) {
        VaultError::Unavailable(words)
    } else if says(&["AccessDenied", "NotAuthorized", "not authorized"]) {
        VaultError::Denied
    } else if says(&["IsLocked", "object locked", "-25308", "interaction is not allowed"]) {
        VaultError::Locked
    } else if says(&["NoReply", "DBus.Error.Timeout", "DBus.Error.TimedOut"]) {
        VaultError::TimedOut
    } else {
        VaultError::Failed(words)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn because(words: &str) -> VaultError {
        classify(&Error::PlatformFailure(words.into()))
    }

    #[test]
    fn causes_are_told_apart() {
        assert!(matches!(because("no secret service provider or dbus session found"), VaultError::Unavailable(_)));
        assert!(matches!(
            because("zbus error: org.freedesktop.DBus.Error.ServiceUnknown: The name org.freedesktop.secrets …"),
            VaultError::Unavailable(_)
        ));
        assert_eq!(because("org.freedesktop.DBus.Error.AccessDenied: no"), VaultError::Denied);
        assert_eq!(because("org.freedesktop.Secret.Error.IsLocked"), VaultError::Locked);
        assert_eq!(because("org.freedesktop.DBus.Error.NoReply"), VaultError::TimedOut);
        assert_eq!(because("disk on fire"), VaultError::Failed("disk on fire".into()));
        assert_eq!(classify(&Error::NoStorageAccess("SS Error: object locked".into())), VaultError::Locked);
        assert_eq!(classify(&Error::NoStorageAccess("SS error: prompt dismissed".into())), VaultError::Denied);
    }

    #[test]
    fn no_error_shows_what_is_kept() {
        let error = classify(&Error::BadEncoding(b"canary\xff".to_vec()));
        assert!(!format!("{error:?}").contains("canary") && !format!("{error:?}").contains("99, 97, 110"));
    }
}
