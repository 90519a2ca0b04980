//! The two ways of a new secret that are no clipboard: a new file, and the context's command.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use crate::domain::{Failure, Secret, escape};

use super::child;

/// Writes a secret to a new file with mode 0600. A file that is there is never touched.
///
/// # Errors
/// When the file is there, or cannot be written whole; then none is left.
pub(super) fn write(path: &Path, secret: &Secret) -> Result<PathBuf, Failure> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    let shown = escape(&path.to_string_lossy()).into_owned();
    let failed = |error: std::io::Error| {
        let hint = "choose a file that does not exist, in a folder that does";
        Failure::local(format!("{shown} cannot be written"), hint).with_detail(error.to_string())
    };
    let mut file = options.open(path).map_err(failed)?;
    let written = file.write_all(secret.expose().as_bytes()).and_then(|()| file.write_all(b"\n"));
    if let Err(error) = written.and_then(|()| file.sync_all()) {
        let _ = std::fs::remove_file(path);
        return Err(failed(error));
    }
    Ok(std::path::absolute(path).unwrap_or_else(|_| path.to_owned()))
}

/// Hands a secret to a command on its standard input; returns what the command is called.
///
/// # Errors
/// When the context has no command, or it does not take the secret.
pub(super) fn pipe(argv: &[String], secret: Arc<Secret>) -> Result<String, Failure> {
    let Some((program, arguments)) = argv.split_first() else {
        let hint = "set `secret_command` in the context, e.g. [\"pass\", \"insert\", \"-m\", \"token\"]";
        return Err(Failure::local("the context has no command for secrets", hint));
    };
    let failed = |why: String| {
        Failure::local("the command did not take the secret", "check `secret_command` of the context").with_detail(why)
    };
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
    let output = child::run(command, Some(secret)).map_err(|error| failed(error.to_string()))?;
    if output.status.success() {
        Ok(escape(program).into_owned())
    } else {
        Err(failed(String::from_utf8_lossy(&output.stderr).trim().chars().take(300).collect()))
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_new_file_is_private_and_an_old_one_is_left_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("secret");
        write(&path, &Secret::new("s3cret".into())).expect("written");
        assert_eq!(std::fs::read_to_string(&path).expect("there"), "s3cret\n");
        assert_eq!(std::fs::metadata(&path).expect("there").permissions().mode() & 0o777, 0o600);
        assert!(write(&path, &Secret::new("other".into())).is_err());
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(folder.path().join("elsewhere"), &link).expect("a link");
        assert!(write(&link, &Secret::new("other".into())).is_err());
        assert!(!folder.path().join("elsewhere").exists());
    }

    #[test]
    fn a_command_gets_it_on_its_input() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("got").to_string_lossy().into_owned();
        let argv = ["tee".to_owned(), path.clone()];
        assert_eq!(pipe(&argv, Arc::new(Secret::new("s3cret".into()))), Ok("tee".to_owned()));
        assert_eq!(std::fs::read_to_string(path).expect("there"), "s3cret");
        assert!(pipe(&[], Arc::new(Secret::new("x".into()))).is_err());
        assert!(pipe(&["false".to_owned()], Arc::new(Secret::new("x".into()))).is_err());
    }
}
