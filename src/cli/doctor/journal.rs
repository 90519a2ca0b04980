//! The journal: whether it can be read and by whom, whether a key vouches for it, and whether it is as it was left.

use super::Line;
use super::host::place;
use crate::cli::dashboard::Configured;
use crate::runtime::examine;
use crate::runtime::journal::{self, Verified};

/// What is not found where nothing keeps a key.
const BLIND: &str = "a record that was rewritten, a tail that was cut off and a whole that was replaced are not found";

/// Looks at the journal, and changes nothing. The keyrings are asked.
pub(super) fn lines(configured: &Configured) -> Vec<Line> {
    let path = configured.paths().state.join(journal::NAME);
    if matches!(examine::file(&path), Ok(None)) {
        let absent = format!("{}: none yet; the first change makes one, and its key", path.display());
        return vec![Line::ok("journal", absent)];
    }
    let mut lines = vec![place("journal", &path, 0o077, "")];
    match journal::verify(&configured.paths().state, None, &configured.places()) {
        Err(failure) => lines.push(Line::fail("journal records", failure.to_string(), failure.hint)),
        Ok(verified) => lines.extend([records(&verified), key(&verified), agreement(&verified)]),
    }
    lines
}

fn records(verified: &Verified) -> Line {
    let checked = &verified.checked;
    let found = format!("{}, format {}", count(checked.records.len() as u64), checked.version);
    match verified.aside.as_slice() {
        [] => Line::ok("journal records", found),
        [name, ..] => {
            let cure = "look through it; then move it away";
            Line::note("journal records", format!("{found}; beside it lies {name}, damaged and set aside"), cure)
        }
    }
}

/// Whether there is a key, and where; without one, what is then not found.
fn key(verified: &Verified) -> Line {
    let (about, checked) = ("journal key", &verified.checked);
    if let Some(failure) = &verified.silent {
        return Line::note(about, format!("not known here, since {failure}; until then {BLIND}"), &failure.hint);
    }
    match checked.kept {
        Some((_, source)) => Line::ok(about, format!("kept in the {}", source.words())),
        None if checked.foreign.is_some() => {
            let cure = "look where the keyring went; tokendeck journal verify says which records it spoke for";
            Line::note(about, format!("not in any keyring here, and records were written under it: {BLIND}"), cure)
        }
        None => {
            let cure = "give the session a keyring, and keep_credentials = true; the next record makes the key";
            Line::note(about, format!("none: {BLIND}"), cure)
        }
    }
}

/// Whether the file, and the count and head that the keyring keeps, agree.
fn agreement(verified: &Verified) -> Line {
    let (about, checked) = ("journal as it was left", &verified.checked);
    let there = checked.records.len() as u64;
    if let Some(first) = checked.changed.first() {
        let cure = "tokendeck journal verify says all; keep a copy, and compare the backends' own logs";
        return Line::fail(about, first.words(), cure);
    }
    match checked.kept {
        Some((kept, _)) if there > kept => {
            let found = format!(
                "yes, up to record {kept}, which the keyring knows; {} came after it was last told",
                count(there - kept)
            );
            Line::ok(about, found)
        }
        Some((kept, _)) => Line::ok(about, format!("yes: the keyring knows {} and the same head", count(kept))),
        None => Line::note(
            about,
            "nothing speaks against it, and nothing keeps how far it had come",
            "see the line before; tokendeck journal verify says what is not known",
        ),
    }
}

fn count(count: u64) -> String {
    if count == 1 { "1 record".to_owned() } else { format!("{count} records") }
}
