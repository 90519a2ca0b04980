//! The data directory: who may read it, what lies in it, and that only one server uses it.

use super::{
    error::Error,
    keys::{Key, Keys},
};
use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
};
use zeroize::Zeroizing;

/// The data directory, held for as long as this value lives.
pub(crate) struct Home {
    path: PathBuf,
    lock: File,
}

/// Gives the lock back by name: a child that is just being started holds every open file until it runs its own program,
/// and the lock with it.
impl Drop for Home {
    fn drop(&mut self) {
        if let Err(error) = self.lock.unlock() {
            tracing::warn!(%error, "the lock of the data directory");
        }
    }
}

impl Home {
    /// Opens the directory, or makes it with mode 0700.
    ///
    /// # Errors
    /// When it cannot be made, holds other things, or another server runs on it.
    pub(crate) fn open(path: &Path) -> Result<Self, Error> {
        let at = |source| Error::File { path: path.to_owned(), source };
        if !path.exists() {
            private_dir(path).map_err(at)?;
        }
        let home = path.canonicalize().map_err(at)?;
        let ours = home.join("tokens.db").exists() || home.join("lock").exists();
        if !ours && fs::read_dir(&home).map_err(at)?.next().is_some() {
            return Err(Error::Foreign(home));
        }
        restrict(&home).map_err(at)?;
        let lock = private(OpenOptions::new().create(true).truncate(false).write(true)).open(home.join("lock"));
        let lock = lock.map_err(at)?;
        lock.try_lock().map_err(|_| Error::InUse(home.clone()))?;
        Ok(Self { path: home, lock })
    }

    /// The database's file; made here with mode 0600, which `SQLite` gives to the files beside it too.
    ///
    /// # Errors
    /// When it cannot be made.
    pub(crate) fn database(&self) -> Result<PathBuf, Error> {
        let path = self.path.join("tokens.db");
        match private(OpenOptions::new().create(true).append(true)).open(&path) {
            Ok(_) => Ok(path),
            Err(source) => Err(Error::File { path, source }),
        }
    }

    pub(crate) fn ca_file(&self) -> PathBuf {
        self.path.join("ca.pem")
    }

    pub(crate) fn credential_file(&self) -> PathBuf {
        self.path.join("operator-credential")
    }

    /// What a private file of ours holds; `None` when it is not there.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(crate) fn read(&self, name: &str) -> Result<Option<Zeroizing<String>>, Error> {
        let path = self.path.join(name);
        match fs::read_to_string(&path) {
            Ok(text) => Ok(Some(Zeroizing::new(text))),
            Err(source) if source.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(Error::File { path, source }),
        }
    }

    /// Writes a file whole, with mode 0600: beside it first, durable, then under its name.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(crate) fn write(&self, name: &str, content: &str) -> Result<(), Error> {
        let path = self.path.join(name);
        self.replace(name, content).map_err(|source| Error::File { path, source })
    }

    /// The keys in `name`. They are made when `there` says that no database needs the old ones yet.
    ///
    /// # Errors
    /// When they cannot be read, or are missing though the database was written with them.
    pub(crate) fn keys(&self, name: &str, database: Database) -> Result<Keys, Error> {
        let text = match (self.read(name)?, database) {
            (Some(text), _) => text,
            (None, Database::Old) => return Err(Error::Key(self.path.join(name))),
            (None, Database::New) => {
                let line = Key::random()?.line(1);
                self.write(name, &line)?;
                line
            }
        };
        Keys::parse(&text).ok_or_else(|| Error::Key(self.path.join(name)))
    }

    fn replace(&self, name: &str, content: &str) -> io::Result<()> {
        let draft = self.path.join(format!("{name}.new"));
        match fs::remove_file(&draft) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            Ok(()) | Err(_) => {}
        }
        let mut file = private(OpenOptions::new().create_new(true).write(true)).open(&draft)?;
        file.write_all(content.as_bytes())?;
        file.sync_all()?;
        fs::rename(&draft, self.path.join(name))?;
        File::open(&self.path)?.sync_all()
    }
}

/// Whether there was a database before this start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Database {
    /// It is made by this start.
    New,
    /// It was there.
    Old,
}

#[cfg(unix)]
fn private_dir(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

#[cfg(not(unix))]
fn private_dir(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).create(path)
}

#[cfg(unix)]
fn restrict(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(0o700))
}

#[cfg(not(unix))]
fn restrict(_path: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(unix)]
fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    use std::os::unix::fs::OpenOptionsExt;
    options.mode(0o600)
}

#[cfg(not(unix))]
fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    options
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_is_given_back_though_a_child_that_is_being_started_still_holds_the_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let home = Home::open(&folder.path().join("data")).expect("the first");
        assert!(matches!(Home::open(&folder.path().join("data")), Err(Error::InUse(_))));
        // What a process gets that was forked and does not run its program yet.
        let child = home.lock.try_clone().expect("the same open file");
        drop(home);
        assert!(Home::open(&folder.path().join("data")).is_ok());
        drop(child);
    }
}
