//! The keyring of the Linux kernel: in no process and no file, and there without any desktop.
//!
//! What is kept hangs on the user's persistent keyring, which outlives a logout and goes when it was not used for
//! the time in `/proc/sys/kernel/keys/persistent_keyring_expiry`; where the kernel has none, on the user keyring, which
//! goes with the user's last process. Both belong to the user, so that no other session, nor the lack of one, matters.

use std::sync::Arc;
use std::thread;

use linux_keyutils::{Key, KeyError, KeyRing, KeyRingIdentifier};
use zeroize::Zeroizing;

use super::{Found, Removed, Vault, VaultError};
use crate::domain::{ContextName, Origin, Secret};

/// The keyring of the kernel.
#[derive(Debug, Clone, Copy, Default)]
pub struct KernelVault;

/// What a thread has in its hands.
struct Open {
    /// The keyring of the thread: what it links to, the thread possesses, and may read.
    thread: KeyRing,
    /// The one that keeps.
    kept: KeyRing,
}

impl Open {
    fn new() -> Result<Self, KeyError> {
        let thread = KeyRing::from_special_id(KeyRingIdentifier::Thread, true)?;
        let kept = KeyRing::get_persistent(KeyRingIdentifier::Thread).or_else(|_| {
            thread.link_keyring_id(KeyRingIdentifier::User)?;
            KeyRing::from_special_id(KeyRingIdentifier::User, true)
        })?;
        Ok(Self { thread, kept })
    }

    fn find(&self, description: &str) -> Result<Option<Key>, KeyError> {
        match self.thread.search(description) {
            Ok(key) => Ok(Some(key)),
            Err(KeyError::KeyDoesNotExist | KeyError::KeyRevoked | KeyError::KeyExpired) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// Asks on a thread of its own, whose keyring goes with it.
fn ask<T: Send>(
    origin: &Origin,
    context: &ContextName,
    question: impl FnOnce(&Open, &str) -> Result<T, KeyError> + Send,
) -> Result<T, VaultError> {
    let description = format!("tokendeck:{origin} {context}");
    let asking = || {
        // A kernel, or a container, that lets nobody in has no keyring for us.
        let open = Open::new().map_err(|error| VaultError::Unavailable(error.to_string()))?;
        question(&open, &description).map_err(|error| {
            let refused = matches!(error, KeyError::AccessDenied | KeyError::PermissionDenied | KeyError::KeyRejected);
            if refused { VaultError::Denied } else { VaultError::Failed(error.to_string()) }
        })
    };
    let asked = thread::scope(|scope| {
        thread::Builder::new()
            .name("kernel keyring".into())
            .spawn_scoped(scope, asking)
            .map(thread::ScopedJoinHandle::join)
    });
    match asked {
        Ok(Ok(answer)) => answer,
        Ok(Err(panic)) => std::panic::resume_unwind(panic),
        Err(error) => Err(VaultError::Failed(error.to_string())),
    }
}

impl Vault for KernelVault {
    fn get(&self, origin: &Origin, context: &ContextName) -> Result<Found, VaultError> {
        let read = |open: &Open, description: &str| {
            let key = open.find(description)?;
            key.map(|key| key.read_to_vec().map(Zeroizing::new)).transpose()
        };
        Found::read(ask(origin, context, read)?)
    }

    fn set(&self, origin: &Origin, context: &ContextName, secret: &Arc<Secret>) -> Result<(), VaultError> {
        let add = |open: &Open, description: &str| open.kept.add_key(description, secret.expose()).map(|_| ());
        ask(origin, context, add)
    }

    fn remove(&self, origin: &Origin, context: &ContextName) -> Result<Removed, VaultError> {
        ask(origin, context, |open, description| match open.find(description)? {
            Some(key) => key.invalidate().map(|()| Removed::Gone),
            None => Ok(Removed::Absent),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Goes on where this kernel has a keyring for us, and says so where it has not.
    fn is_there(origin: &Origin, name: &ContextName) -> bool {
        let answer = KernelVault.get(origin, name);
        if let Err(VaultError::Unavailable(why)) = &answer {
            eprintln!("NOT RUN: the kernel has no keyring here: {why}");
        }
        !matches!(answer, Err(VaultError::Unavailable(_)))
    }

    #[test]
    fn what_is_kept_is_found_by_any_thread_and_under_its_origin_only() {
        let name = ContextName::parse("prod").expect("lawful");
        let origin = Origin::new(&format!("https://kernel-{}.example:8200", std::process::id()));
        if !is_there(&origin, &name) {
            return;
        }
        let secrets = ["first", "second"].map(|text| Arc::new(Secret::new(text.into())));
        assert_eq!(KernelVault.get(&origin, &name), Ok(Found::Absent));
        for secret in &secrets {
            assert_eq!(KernelVault.set(&origin, &name, secret), Ok(()));
            assert_eq!(KernelVault.get(&origin, &name), Ok(Found::Present(secret.clone())));
        }
        let other = ContextName::parse("prod2").expect("lawful");
        assert_eq!(KernelVault.get(&origin, &other), Ok(Found::Absent));
        let elsewhere = Origin::new(&format!("https://kernel-{}.example:443", std::process::id()));
        assert_eq!(KernelVault.get(&elsewhere, &name), Ok(Found::Absent));
        assert_eq!(KernelVault.remove(&origin, &name), Ok(Removed::Gone));
        assert_eq!(KernelVault.remove(&origin, &name), Ok(Removed::Absent));
        assert_eq!(KernelVault.get(&origin, &name), Ok(Found::Absent));
    }
}
