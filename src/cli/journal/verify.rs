//! `tokendeck journal verify`: what can be found, and what cannot be known here.

use std::io::{self, BufWriter, Write};
use std::path::Path;

use serde::Serialize;

use super::super::dashboard::Configured;
use super::super::say::{self, Stop};
use super::super::token::{self, Moment};
use crate::domain::{Failure, escape};
use crate::runtime::journal::{self, Changed, Checked, Without};

/// What is said, in the order of its keys.
#[derive(Serialize)]
struct Said {
    file: String,
    format: u32,
    whole: bool,
    records: usize,
    first: Option<Moment>,
    last: Option<Moment>,
    changed: Vec<Finding>,
    /// How many records are proved by a key that is here.
    under_key: u64,
    /// How many records the keyring knows of.
    kept: Option<u64>,
    kept_in: Option<&'static str>,
    not_known: Vec<String>,
    set_aside: Vec<String>,
}

/// Something that is not as it was written, with the first record that tells.
#[derive(Serialize)]
struct Finding {
    record: Option<u64>,
    words: String,
}

/// Looks through the journal, or a copy of it, and changes nothing.
pub(super) fn run(configured: &Configured, copy: Option<&Path>, json: bool) -> Result<u8, Stop> {
    let state = &configured.paths().state;
    let verified = journal::verify(state, copy, &configured.places()).map_err(|failure| Stop::from(&failure))?;
    let checked = &verified.checked;
    let said = Said {
        file: copy.map_or_else(|| verified.path.display().to_string(), |copy| copy.display().to_string()),
        format: checked.version,
        whole: checked.changed.is_empty(),
        records: checked.records.len(),
        first: checked.records.first().map(|record| Moment(record.at)),
        last: checked.records.last().map(|record| Moment(record.at)),
        changed: checked.changed.iter().map(|what| Finding { record: what.first(), words: what.words() }).collect(),
        under_key: checked.proved,
        kept: checked.kept.map(|(count, _)| count),
        kept_in: checked.kept.map(|(_, source)| source.words()),
        not_known: unknown(checked, verified.silent.as_ref()),
        set_aside: if copy.is_none() { verified.aside } else { Vec::new() },
    };
    let mut out = BufWriter::new(io::stdout().lock());
    if json {
        token::json(&mut out, &said)?;
    } else {
        words(&mut out, &said)?;
    }
    out.flush()?;
    Ok(if said.whole { say::OK } else { say::FAILED })
}

/// Takes the journal as it is.
pub(super) fn accept(configured: &Configured) -> Result<u8, Stop> {
    let accepted = journal::accept(&configured.paths().state, &configured.places());
    let kept = accepted.map_err(|failure| Stop::from(&failure))?;
    say::say(&format!("the journal is taken as it is, with {}", count(kept)));
    Ok(say::OK)
}

fn words(out: &mut impl Write, said: &Said) -> io::Result<()> {
    let file = escape(&said.file);
    writeln!(out, "{file}, format {}: {}", said.format, count(said.records as u64))?;
    if let (Some(first), Some(last)) = (&said.first, &said.last) {
        writeln!(out, "from {} to {}", first.0, last.0)?;
    }
    if said.whole {
        let proof =
            |by: &str| if said.not_known.is_empty() { format!("as it was written{by}") } else { "see below".into() };
        let kept = match (said.kept, said.kept_in) {
            (Some(kept), Some(place)) => format!(", with {} in the {place}", count(kept)),
            _ => String::new(),
        };
        for aspect in ["each record", "the order", "the tail", "the whole"] {
            let by = if matches!(aspect, "the tail" | "the whole") { kept.as_str() } else { "" };
            writeln!(out, "{aspect:12} {}", proof(by))?;
        }
        if !said.not_known.is_empty() {
            writeln!(out, "nothing speaks against it; what is not known here:")?;
        }
    }
    for finding in &said.changed {
        writeln!(out, "NOT AS IT WAS WRITTEN: {}", escape(&finding.words))?;
    }
    for what in &said.not_known {
        writeln!(out, "not known: {}", escape(what))?;
    }
    for name in &said.set_aside {
        writeln!(out, "beside it lies {name}: it was damaged and set aside whole")?;
    }
    Ok(())
}

/// Says what cannot be known here, and why.
fn unknown(checked: &Checked, silent: Option<&Failure>) -> Vec<String> {
    let there = checked.records.len() as u64;
    let broken = !checked.changed.is_empty();
    let mut unknown: Vec<String> =
        silent.iter().map(|failure| format!("what is kept of it, since {failure}")).collect();
    if checked.version < 2 {
        unknown.push(
            "format 1 has checksums only, which show an accident and no hand; the next program that writes to it \
                      makes it format 2"
                .to_owned(),
        );
    }
    if checked.unfinished > 0 && !matches!(checked.changed.as_slice(), [Changed::Damaged(_)]) {
        unknown.push(format!(
            "{} bytes behind the last record: a write under way, or one that was not finished",
            checked.unfinished
        ));
    }
    let covered = checked.kept.map_or(0, |(count, _)| if broken { 0 } else { count });
    let alone = [(checked.plain, "without a key"), (checked.foreign, "under a key that is not here")];
    for (Without { first, last, .. }, how) in alone.into_iter().filter_map(|(part, how)| Some((part?, how))) {
        if last > covered {
            let first = first.max(covered + 1);
            let records = if first == last { format!("record {first}") } else { format!("records {first} to {last}") };
            unknown.push(format!("whether somebody rewrote {records}, which were written {how}"));
        }
    }
    match checked.kept {
        None if checked.version >= 2 => unknown.push(
            "whether the tail was cut, or the whole was rewritten: no keyring here keeps how far it had come"
                .to_owned(),
        ),
        Some((kept, _)) if !broken && there > kept => unknown.push(format!(
            "whether something behind record {there} was cut off: {} came after the keyring was last told",
            count(there - kept)
        )),
        Some(_) | None => {}
    }
    unknown
}

fn count(count: u64) -> String {
    if count == 1 { "1 record".to_owned() } else { format!("{count} records") }
}
