//! `tokendeck journal`: what this program did, whether it is as it was written, and the report of it.

mod csv;
mod export;
mod json;
mod markdown;
mod notices;
mod verify;

use std::io::{self, BufWriter, Write};

use serde::Serialize;

use super::arguments::{self, Global, Journal, JournalCommand};
use super::dashboard::Configured;
use super::say::{self, Stop, usage};
use super::token::{self, Moment};
use crate::domain::{About, ContextName, Deed, Outcome, Record, RecordBody, escape, report, since};
use crate::runtime::journal;
use crate::runtime::ports::{Clock, SystemClock};

/// Does what the arguments say. Nothing is written to the journal, so that another program may have it open.
pub(super) fn run(global: &Global, arguments: &Journal) -> Result<u8, Stop> {
    let configured = Configured::read(global)?;
    match &arguments.command {
        JournalCommand::List { about, json } => list(&configured, about, *json),
        JournalCommand::Verify { file, accept, json } => {
            let code = verify::run(&configured, file.as_deref(), *json)?;
            if *accept { verify::accept(&configured) } else { Ok(code) }
        }
        JournalCommand::Export { about, format, notices } => {
            export::run(&configured, about, *format, notices.as_deref())
        }
    }
}

/// Reads the journal.
fn read(configured: &Configured) -> Result<Vec<Record>, Stop> {
    journal::read(&configured.paths().state).map_err(|failure| Stop::from(&failure))
}

/// Reads which records are meant.
fn about(arguments: &arguments::About) -> Result<About, Stop> {
    let since = match &arguments.since {
        Some(text) => Some(since(text, SystemClock.now()).map_err(|why| {
            usage(&format!("--since \"{}\": {why}; such as 12h, 30d or 2026-01-31T14:00Z", escape(text)))
        })?),
        None => None,
    };
    Ok(About { incident: arguments.incident.clone(), since })
}

/// Lists records.
fn list(configured: &Configured, arguments: &arguments::About, json: bool) -> Result<u8, Stop> {
    let about = about(arguments)?;
    let all = read(configured)?;
    let records = if about == About::default() { all } else { report(&all, &about).records };
    let mut out = BufWriter::new(io::stdout().lock());
    let digits = records.last().map_or(1, |record| record.sequence.0.to_string().len());
    for record in &records {
        if json {
            token::json(&mut out, &Line::new(record))?;
        } else {
            let incident = record.incident.as_ref().map_or_else(String::new, |ticket| format!("{}  ", escape(ticket)));
            let (number, context) = (format!("#{}", record.sequence.0), &record.context);
            let words = record.body.words();
            writeln!(out, "{:.0}  {number:<1$}  {context}  {incident}{words}", record.at, digits + 1)?;
        }
    }
    out.flush()?;
    Ok(say::OK)
}

/// A record as it is printed, in the order of its keys.
#[derive(Serialize)]
struct Line<'a> {
    record: u64,
    at: Moment,
    context: &'a str,
    incident: Option<&'a str>,
    kind: &'static str,
    of: Option<u64>,
    run: Option<&'a str>,
    deed: Option<&'a str>,
    id: Option<&'a str>,
    label: Option<&'a str>,
    outcome: Option<&'static str>,
    words: String,
}

impl<'a> Line<'a> {
    fn new(record: &'a Record) -> Self {
        let (mut of, mut run, mut deed, mut id, mut outcome) = (None, None, None, None, None);
        match &record.body {
            RecordBody::Intent(what) => {
                (deed, id) = (Some(what), what.id());
                if let Deed::Revoke { run: in_run, .. } = what {
                    run = in_run.as_ref();
                }
            }
            RecordBody::Result { of: intent, outcome: came } => (of, outcome) = (Some(intent.0), Some(word(came))),
            RecordBody::Acknowledged { of: intent, .. } => of = Some(intent.0),
            RecordBody::Skipped { run: in_run, id: of, outcome: came, .. } => {
                (run, id, outcome) = (Some(in_run), Some(of), Some(word(came)));
            }
            RecordBody::Run(header) => run = Some(&header.run),
            RecordBody::Targets { run: of, .. }
            | RecordBody::Resumed { run: of }
            | RecordBody::Ended { run: of, .. } => {
                run = Some(of);
            }
            RecordBody::Incident(_) => {}
        }
        Self {
            record: record.sequence.0,
            at: Moment(record.at),
            context: record.context.as_str(),
            incident: record.incident.as_deref(),
            kind: record.body.kind(),
            of,
            run: run.map(crate::domain::RunId::as_str),
            deed: deed.map(Deed::word),
            id: id.map(crate::domain::TokenId::raw),
            label: deed.map(Deed::label),
            outcome,
            words: record.body.words().into_owned(),
        }
    }
}

/// Returns a word for an outcome, by which a program tells them apart.
const fn word(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Done(_) => "done",
        Outcome::AlreadyGone => "already gone",
        Outcome::VerifiedDead => "verified dead",
        Outcome::Changed => "changed",
        Outcome::NotSent => "not sent",
        Outcome::Failed(_) => "failed",
        Outcome::Unverified(_) => "unverified",
        Outcome::StillAnswering(_) => "still answering",
        Outcome::HadNoEffect => "had no effect",
    }
}

/// What the list of a context does not hold.
pub(super) struct Blind {
    /// The context.
    pub(super) context: ContextName,
    /// The service's name, and what is not in its list; `None` where that is not known here.
    pub(super) backend: Option<(String, Vec<String>)>,
}

#[cfg(test)]
mod tests;
