//! One writer at a time: a lock on a file of its own, which the system drops with its holder.

use std::fs::{File, TryLockError};
use std::io::{self, Read, Seek, Write};

use crate::runtime::files::PrivateDir;

/// The right to write, held while this lives.
#[derive(Debug)]
pub(super) struct Lock {
    file: File,
}

/// Gives it back by name: a child that is just being started holds every open file until it runs its own program, and
/// the lock with it.
impl Drop for Lock {
    fn drop(&mut self) {
        if let Err(error) = self.file.unlock() {
            tracing::warn!(%error, "the lock of the journal");
        }
    }
}

/// Why there is no lock.
#[derive(Debug)]
pub(super) enum NoLock {
    /// Another program has it, with this process id where it says.
    Held(Option<u32>),
    /// The file cannot be used.
    Unusable(io::Error),
}

impl From<io::Error> for NoLock {
    fn from(error: io::Error) -> Self {
        Self::Unusable(error)
    }
}

impl Lock {
    /// Takes the lock without waiting.
    pub(super) fn take(dir: &PrivateDir, name: &str) -> Result<Self, NoLock> {
        let mut file = dir.file(name)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(NoLock::Held(holder(&file))),
            Err(TryLockError::Error(error)) => return Err(error.into()),
        }
        // For the message of whoever comes second; not being able to write it is no reason to stop.
        let told = file.set_len(0).and_then(|()| writeln!(file, "{}", std::process::id()));
        if let Err(error) = told {
            tracing::info!(%error, "the lock does not say whose it is");
        }
        Ok(Self { file })
    }

    /// Returns the locked file.
    pub(super) const fn file(&self) -> &File {
        &self.file
    }
}

fn holder(mut file: &File) -> Option<u32> {
    let mut text = String::new();
    file.rewind().ok()?;
    file.take(16).read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_given_back_though_a_child_that_is_being_started_still_holds_the_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let dir = PrivateDir::open(&folder.path().join("journal")).expect("opened");
        let lock = Lock::take(&dir, "lock").expect("the first");
        assert!(matches!(Lock::take(&dir, "lock"), Err(NoLock::Held(Some(_)))));
        // What a process gets that was forked and does not run its program yet.
        let child = lock.file.try_clone().expect("the same open file");
        drop(lock);
        assert!(Lock::take(&dir, "lock").is_ok());
        drop(child);
    }
}
