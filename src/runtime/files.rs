//! Files of our own: private, never through a link, checked on the open descriptor.

use std::fs::File;
use std::io;
use std::path::Path;

use thiserror::Error;

use crate::domain::Failure;

/// Why a file is not taken for one of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Unfit {
    /// It leads elsewhere.
    #[error("it is a link")]
    Link,
    /// A folder, a pipe, a device.
    #[error("it is not an ordinary file")]
    Kind,
    /// Another user's.
    #[error("it belongs to somebody else")]
    Owner,
    /// It is known by another name too.
    #[error("it has a second name")]
    SecondName,
    /// Its mode lets others in.
    #[error("its mode lets others in")]
    Mode,
}

/// A directory of our own, held open so that nobody can swap it under us.
#[derive(Debug)]
pub(super) struct PrivateDir(Inner);

#[cfg(unix)]
type Inner = std::os::fd::OwnedFd;
#[cfg(not(unix))]
type Inner = std::path::PathBuf;

#[cfg(unix)]
mod unix {
    use std::os::unix::fs::DirBuilderExt as _;

    use rustix::fd::OwnedFd;
    use rustix::fs::{AtFlags, CWD, FileType, Mode, OFlags, Stat};
    use rustix::io::Errno;

    use super::{File, Path, PrivateDir, Unfit, io};

    /// Nothing for the group, nothing for others.
    const OTHERS: Mode = Mode::RWXG.union(Mode::RWXO);

    fn refuse<T>(why: &str) -> io::Result<T> {
        Err(io::Error::new(io::ErrorKind::PermissionDenied, why))
    }

    /// Tells why an open file is not ours alone; its mode last, since that can be mended.
    fn unfit(stat: &Stat) -> Option<Unfit> {
        if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
            Some(Unfit::Kind)
        } else if stat.st_uid != rustix::process::geteuid().as_raw() {
            Some(Unfit::Owner)
        } else if stat.st_nlink != 1 {
            Some(Unfit::SecondName)
        } else {
            Mode::from_raw_mode(stat.st_mode).intersects(OTHERS).then_some(Unfit::Mode)
        }
    }

    impl PrivateDir {
        /// Opens `path`, made with mode 0700 where it is missing.
        pub(in crate::runtime) fn open(path: &Path) -> io::Result<Self> {
            if let Some(parent) = path.parent() {
                std::fs::DirBuilder::new().recursive(true).mode(0o700).create(parent)?;
            }
            match rustix::fs::mkdirat(CWD, path, Mode::RWXU) {
                Ok(()) | Err(Errno::EXIST) => {}
                Err(error) => return Err(error.into()),
            }
            Self::existing(path)
        }

        /// Opens `path`, which must be there.
        pub(in crate::runtime) fn existing(path: &Path) -> io::Result<Self> {
            let flags = OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
            let dir = rustix::fs::open(path, flags, Mode::empty())?;
            let stat = rustix::fs::fstat(&dir)?;
            if stat.st_uid != rustix::process::geteuid().as_raw() {
                return refuse("the directory belongs to somebody else");
            }
            if Mode::from_raw_mode(stat.st_mode).intersects(Mode::WGRP | Mode::WOTH) {
                return refuse("others may write to the directory");
            }
            Ok(Self(dir))
        }

        /// Opens a file for reading and writing, made with mode 0600 where it is missing.
        ///
        /// A link, a second name, a pipe or somebody else's file is refused; a mode wider than 0600 is narrowed.
        pub(in crate::runtime) fn file(&self, name: &str) -> io::Result<File> {
            self.open_file(name, OFlags::RDWR | OFlags::CREATE)
        }

        /// Opens a file for reading that must be there.
        pub(in crate::runtime) fn existing_file(&self, name: &str) -> io::Result<File> {
            self.open_file(name, OFlags::RDONLY)
        }

        /// Opens a file for reading that must be there, and must have been ours alone all the time.
        pub(in crate::runtime) fn own_file(&self, name: &str) -> io::Result<Result<File, Unfit>> {
            let (file, stat) = match self.descriptor(name, OFlags::RDONLY) {
                Err(Errno::LOOP | Errno::MLINK) => return Ok(Err(Unfit::Link)),
                // What cannot be opened without waiting.
                Err(Errno::NXIO) => return Ok(Err(Unfit::Kind)),
                // Somebody else's, who does not let us in.
                Err(Errno::ACCESS) => return Ok(Err(Unfit::Owner)),
                opened => opened?,
            };
            Ok(unfit(&stat).map_or_else(|| Ok(File::from(file)), Err))
        }

        /// Makes a file with mode 0600 for writing, in place of one that was left unfinished.
        pub(in crate::runtime) fn new_file(&self, name: &str) -> io::Result<File> {
            self.remove(name)?;
            let (file, _) = self.descriptor(name, OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL)?;
            Ok(File::from(file))
        }

        fn open_file(&self, name: &str, access: OFlags) -> io::Result<File> {
            let (file, stat) = self.descriptor(name, access)?;
            match unfit(&stat) {
                None => {}
                Some(Unfit::Mode) => rustix::fs::fchmod(&file, Mode::RUSR | Mode::WUSR)?,
                Some(why @ (Unfit::Link | Unfit::Kind | Unfit::Owner | Unfit::SecondName)) => {
                    return refuse(&why.to_string());
                }
            }
            Ok(File::from(file))
        }

        fn descriptor(&self, name: &str, access: OFlags) -> rustix::io::Result<(OwnedFd, Stat)> {
            // Without NONBLOCK a pipe put in its place would hold us up.
            let flags = access | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NONBLOCK;
            let file = rustix::fs::openat(&self.0, name, flags, Mode::RUSR | Mode::WUSR)?;
            let stat = rustix::fs::fstat(&file)?;
            Ok((file, stat))
        }

        /// Takes a name away, never what a link leads to; tells whether it was there.
        pub(in crate::runtime) fn remove(&self, name: &str) -> io::Result<bool> {
            match rustix::fs::unlinkat(&self.0, name, AtFlags::empty()) {
                Ok(()) => Ok(true),
                Err(Errno::NOENT) => Ok(false),
                Err(error) => Err(error.into()),
            }
        }

        /// Gives a file another name, in place of whatever had it.
        pub(in crate::runtime) fn rename(&self, from: &str, to: &str) -> io::Result<()> {
            rustix::fs::renameat(&self.0, from, &self.0, to)?;
            Ok(())
        }

        /// Tells whether something has that name.
        pub(in crate::runtime) fn has(&self, name: &str) -> bool {
            rustix::fs::statat(&self.0, name, AtFlags::SYMLINK_NOFOLLOW).is_ok()
        }

        /// Makes names durable.
        pub(in crate::runtime) fn sync(&self) -> io::Result<()> {
            rustix::fs::fsync(&self.0)?;
            Ok(())
        }
    }
}

#[cfg(not(unix))]
mod other {
    use super::{File, Path, PrivateDir, Unfit, io};

    impl PrivateDir {
        /// Opens `path`, made where it is missing.
        pub(in crate::runtime) fn open(path: &Path) -> io::Result<Self> {
            std::fs::create_dir_all(path)?;
            Ok(Self(path.to_owned()))
        }

        /// Opens `path`, which must be there.
        pub(in crate::runtime) fn existing(path: &Path) -> io::Result<Self> {
            std::fs::metadata(path).map(|_| Self(path.to_owned()))
        }

        /// Opens a file for reading that must be there.
        pub(in crate::runtime) fn own_file(&self, name: &str) -> io::Result<Result<File, Unfit>> {
            File::open(self.0.join(name)).map(Ok)
        }

        /// Makes a file for writing, in place of one that was left unfinished.
        pub(in crate::runtime) fn new_file(&self, name: &str) -> io::Result<File> {
            File::create(self.0.join(name))
        }

        /// Removes a file; tells whether it was there.
        pub(in crate::runtime) fn remove(&self, name: &str) -> io::Result<bool> {
            match std::fs::remove_file(self.0.join(name)) {
                Ok(()) => Ok(true),
                Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
                Err(error) => Err(error),
            }
        }

        /// Opens a file for reading and writing, made where it is missing.
        pub(in crate::runtime) fn file(&self, name: &str) -> io::Result<File> {
            std::fs::OpenOptions::new().read(true).write(true).create(true).truncate(false).open(self.0.join(name))
        }

        /// Opens a file for reading that must be there.
        pub(in crate::runtime) fn existing_file(&self, name: &str) -> io::Result<File> {
            File::open(self.0.join(name))
        }

        /// Gives a file another name, in place of whatever had it.
        pub(in crate::runtime) fn rename(&self, from: &str, to: &str) -> io::Result<()> {
            std::fs::rename(self.0.join(from), self.0.join(to))
        }

        /// Tells whether something has that name.
        pub(in crate::runtime) fn has(&self, name: &str) -> bool {
            self.0.join(name).exists()
        }

        /// Does nothing: there is no such thing here.
        pub(in crate::runtime) fn sync(&self) -> io::Result<()> {
            Ok(())
        }
    }
}

/// Says that a file of ours cannot be used.
pub(super) fn unusable(what: &str, path: &Path, error: &io::Error) -> Failure {
    let full = [io::ErrorKind::StorageFull, io::ErrorKind::QuotaExceeded, io::ErrorKind::FileTooLarge];
    let hint = if full.contains(&error.kind()) {
        "Free some space and try again"
    } else {
        "Check that it is yours, is no link, and that nobody else may write there"
    };
    Failure::local(format!("{what} cannot be used"), hint).with_detail(format!("{}: {error}", path.display()))
}
