//! Files of our own: private, never through a link, checked on the open descriptor.

use std::fs::File;
use std::io;
use std::path::Path;

use crate::domain::Failure;

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

    use rustix::fs::{CWD, FileType, Mode, OFlags};
    use rustix::io::Errno;

    use super::{File, Path, PrivateDir, io};

    fn refuse<T>(why: &str) -> io::Result<T> {
        Err(io::Error::new(io::ErrorKind::PermissionDenied, why))
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

        fn open_file(&self, name: &str, access: OFlags) -> io::Result<File> {
            // Without NONBLOCK a pipe put in its place would hold us up.
            let flags = access | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NONBLOCK;
            let file = rustix::fs::openat(&self.0, name, flags, Mode::RUSR | Mode::WUSR)?;
            let stat = rustix::fs::fstat(&file)?;
            if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
                return refuse("not an ordinary file");
            }
            if stat.st_uid != rustix::process::geteuid().as_raw() {
                return refuse("the file belongs to somebody else");
            }
            if stat.st_nlink != 1 {
                return refuse("the file has a second name");
            }
            if Mode::from_raw_mode(stat.st_mode).intersects(Mode::RWXG | Mode::RWXO) {
                rustix::fs::fchmod(&file, Mode::RUSR | Mode::WUSR)?;
            }
            Ok(File::from(file))
        }

        /// Gives a file another name, in place of whatever had it.
        pub(in crate::runtime) fn rename(&self, from: &str, to: &str) -> io::Result<()> {
            rustix::fs::renameat(&self.0, from, &self.0, to)?;
            Ok(())
        }

        /// Tells whether something has that name.
        pub(in crate::runtime) fn has(&self, name: &str) -> bool {
            rustix::fs::statat(&self.0, name, rustix::fs::AtFlags::SYMLINK_NOFOLLOW).is_ok()
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
    use super::{File, Path, PrivateDir, io};

    impl PrivateDir {
        /// Opens `path`, made where it is missing.
        pub(in crate::runtime) fn open(path: &Path) -> io::Result<Self> {
            std::fs::create_dir_all(path)?;
            Ok(Self(path.to_owned()))
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
