//! Whether the journal's path still leads to the file that is open.
//!
//! A lock is no proof: a process may have been stopped while somebody moved its files away, and another process locks and
//! writes new ones at the same place. What it would write then nobody finds, so it must not act on it.

use std::fs::File;
use std::io;
use std::path::Path;

/// Tells whether a path leads to an open file.
#[cfg(unix)]
pub(super) fn leads_to(path: &Path, file: &File) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt as _;
    let there = match std::fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        there => there?,
    };
    let ours = file.metadata()?;
    Ok((there.dev(), there.ino()) == (ours.dev(), ours.ino()))
}

/// Tells that it does: here an open file cannot be moved away.
#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "elsewhere it is asked")]
pub(super) fn leads_to(_: &Path, _: &File) -> io::Result<bool> {
    Ok(true)
}
