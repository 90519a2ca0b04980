//! The file of a revocation plan: JSON for people and programs, one line a token, written whole or not at all.

mod format;
mod layout;

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;

use crate::app::message::PlanFile;
use crate::domain::{Failure, RevocationPlan, escape};

pub use format::{Plan, parse, text};

/// The longest file that is read or written: room for as many tokens as a plan may have, with long labels.
const LONGEST: usize = 32 << 20;

/// Writes a plan to a new file with mode 0600. A file that is there is never touched, and a name that is given has the
/// whole plan behind it.
///
/// # Errors
/// When something is there already, or it cannot be written whole; then none is left.
pub(super) fn write(path: &Path, plan: &RevocationPlan) -> Result<PlanFile, Failure> {
    let shown = escape(&path.to_string_lossy()).into_owned();
    let (text, sha256) = text(plan).ok_or_else(|| Failure::local("the plan cannot be written", "try again"))?;
    if text.len() > LONGEST {
        let what = format!("the plan would be {} MiB long, and {} are read", text.len() >> 20, LONGEST >> 20);
        return Err(Failure::local(what, "plan fewer tokens: a query narrows them"));
    }
    put(path, &text).map_err(|error| {
        if error.kind() == io::ErrorKind::AlreadyExists {
            let what = format!("{shown} is there already, and was left alone");
            return Failure::local(what, "choose a name that is free");
        }
        let hint = "choose a file that does not exist, in a folder that does";
        Failure::local(format!("{shown} cannot be written"), hint).with_detail(error.to_string())
    })?;
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    Ok(PlanFile { path, sha256 })
}

/// Writes beside the name and then gives it, so that no half file ever has it, and nothing that has it is replaced.
fn put(path: &Path, text: &str) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // Asked for before anything is written; what decides is the name that is given at the end.
    if path.symlink_metadata().is_ok() {
        return Err(io::ErrorKind::AlreadyExists.into());
    }
    // Its mode is 0600 from the first moment on.
    let mut file = tempfile::Builder::new().prefix(".plan").tempfile_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    file.persist_noclobber(path).map_err(|error| error.error)?;
    // A name that may be lost again is none.
    sync(folder).or_else(|error| std::fs::remove_file(path).and(Err(error)))
}

#[cfg(unix)]
fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
fn sync(_: &Path) -> io::Result<()> {
    Ok(())
}

/// Reads a plan.
///
/// # Errors
/// When it cannot be read, or is none; of kind [`crate::domain::FailureKind::Changed`] where somebody changed it.
pub fn read(path: &Path) -> Result<Plan, Failure> {
    let shown = escape(&path.to_string_lossy()).into_owned();
    let unread = |error: &io::Error| {
        Failure::local(format!("{shown} cannot be read"), "name a file that `--plan` or `:plan` wrote")
            .with_detail(error.to_string())
    };
    let file = File::open(path).map_err(|error| unread(&error))?;
    let mut bytes = Vec::new();
    let limit = u64::try_from(LONGEST).unwrap_or(u64::MAX).saturating_add(1);
    file.take(limit).read_to_end(&mut bytes).map_err(|error| unread(&error))?;
    if bytes.len() > LONGEST {
        let what = format!("{shown} is no plan: it is over {} MiB long", LONGEST >> 20);
        return Err(Failure::local(what, "name a file that `--plan` or `:plan` wrote"));
    }
    parse(&bytes).map_err(|failure| Failure { summary: format!("{shown} {}", failure.summary), ..failure })
}

#[cfg(all(test, unix))]
mod tests;
