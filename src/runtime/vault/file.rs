//! Files under a passphrase, one a context and origin: where no keyring is there, and the operator chose it.
//!
//! A file is of the age format, mode 0600, and says inside the encryption whose credential it is. The `age` program
//! opens it too: `age -d FILE`.

use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ring::digest;
use zeroize::Zeroizing;

use super::age::{self, Fault};
use super::{Found, Refusal, Removed, Vault, VaultError};
use crate::domain::{ContextName, Origin, Secret, escape};
use crate::runtime::files::PrivateDir;

/// What the text of every file begins with.
const KIND: &str = "tokendeck credential 1";

/// The files of a folder.
#[derive(Debug, Clone)]
pub struct FileVault {
    folder: PathBuf,
    work: u8,
}

impl FileVault {
    /// Those below the folder of the journal; none is made before one is kept.
    pub fn below(state: &Path) -> Self {
        Self { folder: state.join("credentials"), work: age::WORK }
    }

    /// The same with files that are opened at once.
    #[cfg(test)]
    pub(super) fn little(state: &Path) -> Self {
        Self { work: 2, ..Self::below(state) }
    }

    /// Opens the file, for about a second.
    ///
    /// # Errors
    /// When there is none, it is not taken, or another passphrase opens it.
    pub fn open(&self, origin: &Origin, context: &ContextName, passphrase: &Secret) -> Result<Arc<Secret>, VaultError> {
        let name = name(origin, context);
        let Some(file) = self.read(&name)? else {
            return Err(VaultError::Failed(format!("{}: it is gone", self.shown(&name))));
        };
        let text = age::open(&file, passphrase.expose().trim()).map_err(|fault| self.fault(&name, fault))?;
        let text =
            std::str::from_utf8(&text).map_err(|_| self.fault(&name, Fault::Damaged("what it holds is no text")))?;
        let lines: Vec<&str> = text.splitn(4, '\n').collect();
        match lines[..] {
            [KIND, of, at, secret] if (of, at) == (context.as_str(), origin.as_str()) => {
                Ok(Arc::new(Secret::new(secret.into())))
            }
            [KIND, ..] => Err(VaultError::Refused(Refusal::Elsewhere, self.shown(&name))),
            _ => Err(self.fault(&name, Fault::Damaged("tokendeck did not write it"))),
        }
    }

    /// Keeps a credential under a passphrase, in place of the one before: whole, or not at all.
    ///
    /// # Errors
    /// When it is not kept.
    pub fn keep(
        &self,
        origin: &Origin,
        context: &ContextName,
        secret: &Secret,
        passphrase: &Secret,
    ) -> Result<(), VaultError> {
        let name = name(origin, context);
        let head = [KIND, "\n", context.as_str(), "\n", origin.as_str(), "\n"];
        let mut text =
            Zeroizing::new(Vec::with_capacity(head.iter().map(|part| part.len()).sum::<usize>() + secret.len()));
        for part in head.into_iter().chain([secret.expose()]) {
            text.extend_from_slice(part.as_bytes());
        }
        let file = age::seal(&text, passphrase.expose().trim(), self.work).map_err(|fault| self.fault(&name, fault))?;
        self.write(&name, &file).map_err(|error| self.failed(&name, &error))
    }

    fn write(&self, name: &str, content: &[u8]) -> io::Result<()> {
        let dir = PrivateDir::open(&self.folder)?;
        let unfinished = unfinished(name);
        let mut file = dir.new_file(&unfinished)?;
        let written =
            file.write_all(content).and_then(|()| file.sync_all()).and_then(|()| dir.rename(&unfinished, name));
        match written {
            Ok(()) => dir.sync(),
            Err(error) => dir.remove(&unfinished).and(Err(error)),
        }
    }

    /// Reads a file as it is; `None` where there is none.
    fn read(&self, name: &str) -> Result<Option<Vec<u8>>, VaultError> {
        let opened = PrivateDir::existing(&self.folder).and_then(|dir| dir.own_file(name));
        let file = match opened {
            Ok(Ok(file)) => file,
            Ok(Err(unfit)) => return Err(VaultError::Refused(Refusal::Unfit(unfit), self.shown(name))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(self.failed(name, &error)),
        };
        let mut content = Vec::new();
        file.take(age::MOST_FILE).read_to_end(&mut content).map_err(|error| self.failed(name, &error))?;
        Ok(Some(content))
    }

    fn shown(&self, name: &str) -> String {
        escape(&self.folder.join(name).to_string_lossy()).into_owned()
    }

    fn failed(&self, name: &str, error: &io::Error) -> VaultError {
        VaultError::Failed(format!("{}: {error}", self.shown(name)))
    }

    fn fault(&self, name: &str, fault: Fault) -> VaultError {
        match fault {
            Fault::Passphrase => VaultError::Passphrase,
            Fault::Work => VaultError::Refused(Refusal::Work, self.shown(name)),
            Fault::Damaged(why) => VaultError::Damaged(format!("{why} ({})", self.shown(name))),
            Fault::Machine(why) => VaultError::Failed(why.to_owned()),
        }
    }
}

/// Returns the name of a file: the context for people to read, and what it is bound to as a digest, since an origin has
/// characters that no file name may have.
fn name(origin: &Origin, context: &ContextName) -> String {
    let bound = digest::digest(&digest::SHA256, format!("{origin} {context}").as_bytes());
    let short = bound.as_ref().iter().take(8).fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
    format!("{context}-{short:016x}.age")
}

fn unfinished(name: &str) -> String {
    format!("{name}.new")
}

impl Vault for FileVault {
    /// Says that it is locked where there is one: only [`FileVault::open`] reads it.
    fn get(&self, origin: &Origin, context: &ContextName) -> Result<Found, VaultError> {
        let name = name(origin, context);
        match self.read(&name)? {
            None => Ok(Found::Absent),
            Some(file) => Err(age::check(&file).map_or_else(|fault| self.fault(&name, fault), |()| VaultError::Sealed)),
        }
    }

    /// Keeps nothing: only [`FileVault::keep`] does.
    fn set(&self, _: &Origin, _: &ContextName, _: &Arc<Secret>) -> Result<(), VaultError> {
        Err(VaultError::Sealed)
    }

    fn remove(&self, origin: &Origin, context: &ContextName) -> Result<Removed, VaultError> {
        let name = name(origin, context);
        let removed = || -> io::Result<bool> {
            let dir = match PrivateDir::existing(&self.folder) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
                dir => dir?,
            };
            let left = dir.remove(&unfinished(&name))?;
            let removed = dir.remove(&name)? || left;
            dir.sync()?;
            Ok(removed)
        };
        match removed() {
            Ok(true) => Ok(Removed::Gone),
            Ok(false) => Ok(Removed::Absent),
            Err(error) => Err(self.failed(&name, &error)),
        }
    }
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use std::fs;
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;
    use crate::runtime::files::Unfit;

    struct Place {
        _home: tempfile::TempDir,
        vault: FileVault,
        origin: Origin,
        context: ContextName,
    }

    fn secret(text: &str) -> Secret {
        Secret::new(text.into())
    }

    impl Place {
        /// A folder in which a credential is kept under the passphrase "right".
        fn with_file() -> Self {
            let home = tempfile::tempdir().expect("a folder");
            let vault = FileVault::little(home.path());
            let (origin, context) = (Origin::new("https://bao:8200"), ContextName::parse("prod").expect("lawful"));
            let place = Self { _home: home, vault, origin, context };
            assert_eq!(place.vault.get(&place.origin, &place.context), Ok(Found::Absent));
            assert!(!place.vault.folder.exists(), "a question makes no folder");
            place.keep("c4n4ry-credential");
            place
        }

        fn keep(&self, text: &str) {
            let kept = self.vault.keep(&self.origin, &self.context, &secret(text), &secret("right"));
            assert_eq!(kept, Ok(()));
        }

        fn path(&self) -> PathBuf {
            self.vault.folder.join(name(&self.origin, &self.context))
        }

        fn get(&self) -> Result<Found, VaultError> {
            self.vault.get(&self.origin, &self.context)
        }

        fn open(&self, passphrase: &str) -> Result<Arc<Secret>, VaultError> {
            self.vault.open(&self.origin, &self.context, &secret(passphrase))
        }

        /// What both answer, the passphrase being right.
        #[track_caller]
        fn answers(&self) -> VaultError {
            let error = self.open("right").expect_err("not opened");
            assert_eq!(self.get(), Err(error.clone()));
            error
        }

        #[track_caller]
        fn is_refused(&self, why: Refusal) {
            let shown = self.path().to_string_lossy().into_owned();
            assert_eq!(self.answers(), VaultError::Refused(why, shown));
        }
    }

    #[test]
    fn it_is_locked_until_the_passphrase_is_given_and_nothing_of_it_is_readable() {
        let place = Place::with_file();
        assert_eq!(place.get(), Err(VaultError::Sealed));
        assert_eq!(place.open("wrong"), Err(VaultError::Passphrase));
        assert_eq!(place.open(" right "), Ok(Arc::new(secret("c4n4ry-credential"))));
        place.keep("another\nof two lines");
        assert_eq!(place.open("right"), Ok(Arc::new(secret("another\nof two lines"))));
        assert_eq!(fs::metadata(place.path()).expect("there").permissions().mode() & 0o7777, 0o600);
        assert_eq!(fs::metadata(&place.vault.folder).expect("there").permissions().mode() & 0o7777, 0o700);
        let files: Vec<_> = fs::read_dir(&place.vault.folder).expect("a folder").collect();
        assert_eq!(files.len(), 1, "{files:?}");
        let content = fs::read(place.path()).expect("there");
        for clear in ["another", "bao", "right"] {
            assert!(!content.windows(clear.len()).any(|part| part == clear.as_bytes()), "{clear}");
        }
    }

    #[test]
    fn it_is_bound_to_context_and_origin_also_under_another_name() {
        let place = Place::with_file();
        let (origin, context) = (Origin::new("https://bao:8201"), ContextName::parse("prod2").expect("lawful"));
        for (origin, context) in [(&origin, &place.context), (&place.origin, &context)] {
            assert_eq!(place.vault.get(origin, context), Ok(Found::Absent));
            fs::copy(place.path(), place.vault.folder.join(name(origin, context))).expect("copied");
            let error = place.vault.open(origin, context, &secret("right")).expect_err("not ours");
            assert!(matches!(error, VaultError::Refused(Refusal::Elsewhere, _)), "{error:?}");
        }
    }

    #[test]
    fn what_is_not_ours_alone_is_not_read_and_each_is_said() {
        let place = Place::with_file();
        let (path, aside) = (place.path(), place.vault.folder.join("aside"));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).expect("changed");
        place.is_refused(Refusal::Unfit(Unfit::Mode));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("changed");
        fs::hard_link(&path, &aside).expect("linked");
        place.is_refused(Refusal::Unfit(Unfit::SecondName));
        fs::remove_file(&path).expect("removed");
        symlink(&aside, &path).expect("linked");
        place.is_refused(Refusal::Unfit(Unfit::Link));
        fs::remove_file(&path).expect("removed");
        rustix::fs::mkfifoat(rustix::fs::CWD, &path, rustix::fs::Mode::RUSR).expect("a pipe");
        place.is_refused(Refusal::Unfit(Unfit::Kind));
        fs::remove_file(&path).expect("removed");
        fs::rename(&aside, &path).expect("renamed");
        assert_eq!(place.get(), Err(VaultError::Sealed));
        if rustix::process::geteuid().is_root() {
            std::os::unix::fs::chown(&path, Some(12345), None).expect("given away");
            place.is_refused(Refusal::Unfit(Unfit::Owner));
        }
    }

    #[test]
    fn a_folder_that_others_may_write_to_is_not_used() {
        let place = Place::with_file();
        fs::set_permissions(&place.vault.folder, fs::Permissions::from_mode(0o770)).expect("changed");
        assert!(matches!(place.answers(), VaultError::Failed(words) if words.contains("others may write")));
        let kept = place.vault.keep(&place.origin, &place.context, &secret("x"), &secret("right"));
        assert!(matches!(kept, Err(VaultError::Failed(_))), "{kept:?}");
    }

    #[test]
    fn a_damaged_file_and_a_costly_one_have_their_own_words() {
        let place = Place::with_file();
        let whole = fs::read(place.path()).expect("there");
        fs::write(place.path(), &whole[..whole.len() - 1]).expect("cut off");
        let words = place.open("right").expect_err("cut off").to_string();
        assert!(words.starts_with("is damaged: it was changed, or cut off"), "{words}");
        fs::write(place.path(), &whole[..60]).expect("cut off");
        assert!(matches!(place.answers(), VaultError::Damaged(_)));
        fs::write(place.path(), "").expect("emptied");
        assert!(matches!(place.answers(), VaultError::Damaged(_)));
        let costly = String::from_utf8_lossy(&whole).find(" 2\n").expect("its work");
        fs::write(place.path(), [&whole[..costly], b" 30", &whole[costly + 2..]].concat()).expect("changed");
        place.is_refused(Refusal::Work);
        let foreign = age::seal(b"a note of mine", "right", 2).expect("made");
        fs::write(place.path(), foreign).expect("changed");
        assert!(matches!(place.open("right"), Err(VaultError::Damaged(_))));
    }

    #[test]
    fn what_was_left_unfinished_is_no_credential_and_goes_too() {
        let place = Place::with_file();
        let left = place.vault.folder.join(unfinished(&name(&place.origin, &place.context)));
        symlink(place.path(), &left).expect("linked");
        place.keep("newer");
        assert_eq!(place.open("right"), Ok(Arc::new(secret("newer"))));
        assert!(!left.exists());
        fs::write(&left, "half").expect("written");
        assert_eq!(place.vault.remove(&place.origin, &place.context), Ok(Removed::Gone));
        assert_eq!(place.vault.remove(&place.origin, &place.context), Ok(Removed::Absent));
        assert!(!left.exists() && !place.path().exists());
        assert_eq!(place.get(), Ok(Found::Absent));
    }
}
