//! One text for each owner, ready to be sent.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::{DirBuilder, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;

use super::super::say::{self, Stop};
use crate::domain::{Covered, Fate, Report, escape};

/// The longest part of an owner's name in the name of a file.
const LONGEST: usize = 40;

/// Writes the texts to new files in a folder, which is made where it is missing. Nothing that is there is touched.
pub(super) fn write(report: &Report, folder: &Path) -> Result<(), Stop> {
    let mut owners: BTreeMap<&str, Vec<&Covered>> = BTreeMap::new();
    let told: Vec<&Covered> = report.tokens.iter().filter(|token| concerns(token)).collect();
    for token in &told {
        if let Some(owner) = token.owner.name() {
            owners.entry(owner.raw()).or_default().push(token);
        }
    }
    let shown = escape(&folder.to_string_lossy()).into_owned();
    let failed = |what: &str, error: &io::Error| {
        Stop::Says(say::FAILED, format!("{shown}{what} cannot be written: {error}; nothing that was there is changed"))
    };
    make(folder).map_err(|error| failed("", &error))?;
    for (number, (owner, tokens)) in (1..).zip(&owners) {
        let name = format!("{number:03}-{}.txt", safe(owner));
        put(&folder.join(&name), &text(report, owner, tokens)).map_err(|error| failed(&format!("/{name}"), &error))?;
    }
    let unknown = told.iter().filter(|token| token.owner.name().is_none()).count();
    let without = match unknown {
        0 => String::new(),
        1 => "; 1 token has no known owner".to_owned(),
        several => format!("; {several} tokens have no known owner"),
    };
    let notices = if owners.len() == 1 { "notice" } else { "notices" };
    say::say(&format!("{} {notices} in {shown}{without}", owners.len()));
    Ok(())
}

/// Tells whether the owner of a token has to know what became of it.
const fn concerns(token: &Covered) -> bool {
    match token.fate {
        Fate::Verified | Fate::Revoked | Fate::Gone | Fate::StillAnswering(_) | Fate::Unverified(_) => true,
        Fate::Failed(_) | Fate::Skipped(_) => false,
    }
}

fn make(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt as _;
        builder.mode(0o700);
    }
    builder.create(folder)
}

/// Writes a new file with mode 0600, never through a link; one that cannot be written whole is taken away again.
fn put(path: &Path, text: &str) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    let mut file = options.open(path)?;
    let written = file.write_all(text.as_bytes()).and_then(|()| file.sync_all());
    written.or_else(|error| std::fs::remove_file(path).and(Err(error)))
}

/// Returns as much of a name as may stand in that of a file.
fn safe(owner: &str) -> String {
    let lawful = |c: char| if c.is_ascii_alphanumeric() || c == '_' { c.to_ascii_lowercase() } else { '-' };
    let name: String = owner.chars().take(LONGEST).map(lawful).collect();
    let name = name.trim_matches('-');
    if name.is_empty() { "owner".to_owned() } else { name.to_owned() }
}

/// Returns what an owner is told.
fn text(report: &Report, owner: &str, tokens: &[&Covered]) -> String {
    let ticket = report.about.incident.as_ref().map(|ticket| escape(ticket));
    let of = ticket.as_ref().map_or_else(String::new, |ticket| format!(" ({ticket})"));
    let what = match tokens.len() {
        1 => "one of your tokens was revoked".to_owned(),
        several => format!("{several} of your tokens were revoked"),
    };
    let mut text = format!("Subject: {what}{of}\n\nHello {},\n\n", escape(owner));
    // Writing to a `String` cannot fail.
    let _ = match ticket {
        Some(ticket) => writeln!(text, "In the incident {ticket} {what}."),
        None => writeln!(text, "For your information: {what}."),
    };
    for reason in &report.reasons {
        let _ = writeln!(text, "Why: {}", escape(reason));
    }
    text.push('\n');
    for token in tokens {
        let _ = writeln!(text, "- {}\n{}", named(token), became(token));
    }
    text.push_str(
        "\nWhat to do:\n\
         - Take these tokens out of wherever they are kept: CI settings, configuration files, password managers.\n\
         - Where something still needs access, create a new token with the least role that does, and an expiry.\n\
         - Did one of them turn up anywhere it should not be, or was it used by anybody but you? Answer this message.\n",
    );
    text
}

fn named(token: &Covered) -> String {
    let roles = token.roles.as_ref().map(|roles| roles.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "));
    let roles = roles.map_or_else(String::new, |roles| format!(", role {roles}"));
    let created = token.created.map_or_else(String::new, |at| format!(", created {at:.0}"));
    let id = token.id.as_ref().map_or_else(String::new, |id| format!(" (id {id})"));
    format!("\"{}\"{id} in {}{roles}{created}", token.label, token.context)
}

fn became(token: &Covered) -> String {
    let at = token.answered.or(token.intended).map_or_else(String::new, |at| format!(" at {at:.0}"));
    match &token.fate {
        Fate::Verified => format!("  revoked{at}; asked again, the service confirms that it is dead"),
        Fate::Revoked => format!("  revoked{at}, as the service says"),
        Fate::Gone => format!("  gone already{at}"),
        Fate::StillAnswering(_) => {
            format!("  revoked{at}, as the service says, which still shows it alive: treat it as leaked")
        }
        Fate::Unverified(_) => {
            format!("  sent to be revoked{at}; whether it still works is not known: treat it as leaked")
        }
        Fate::Failed(_) | Fate::Skipped(_) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hostile_owner_names_no_other_place() {
        for (owner, name) in [
            ("ana", "ana"),
            ("../../etc/passwd", "etc-passwd"),
            ("a/b\\c:d", "a-b-c-d"),
            ("..", "owner"),
            ("", "owner"),
            ("\u{202e}x\n", "x"),
            ("Ana Müller <ana@example.org>", "ana-m-ller--ana-example-org"),
        ] {
            assert_eq!(safe(owner), name);
        }
        assert!(safe(&"x".repeat(9000)).len() <= LONGEST);
    }
}
