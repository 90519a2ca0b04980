//! The report as JSON, its keys in an order that stays.

use std::io::{self, Write};

use serde::Serialize;

use super::super::token::Moment;
use super::{Blind, Line};
use crate::app::modal::Leftover;
use crate::domain::{Covered, Fate, Owner, Report, RunEnd, RunLine, Untrusted};

#[derive(Serialize)]
struct Whole<'a> {
    incident: Option<&'a str>,
    since: Option<Moment>,
    reasons: &'a [String],
    coverage: Counts,
    not_listed: Vec<Missing<'a>>,
    tokens: Vec<Row<'a>>,
    runs: Vec<Confirmed<'a>>,
    open: Vec<Open<'a>>,
    timeline: Vec<Line<'a>>,
}

#[derive(Serialize)]
struct Counts {
    in_scope: usize,
    revoked: usize,
    verified: usize,
    already_gone: usize,
    still_answering: usize,
    failed: usize,
    skipped: usize,
    unverified: usize,
}

/// What a list does not hold; both are null where that is not known.
#[derive(Serialize)]
struct Missing<'a> {
    context: &'a str,
    backend: Option<&'a str>,
    not_listed: Option<&'a [String]>,
}

#[derive(Serialize)]
struct Row<'a> {
    context: &'a str,
    /// Null for a value of which nobody knows which token it is.
    id: Option<&'a str>,
    label: &'a str,
    owner: Option<&'a str>,
    owner_removed: bool,
    roles: Option<Vec<&'a str>>,
    created: Option<Moment>,
    outcome: &'static str,
    verified: bool,
    reason: Option<&'a str>,
    confirmed: Option<Moment>,
    sent: Option<Moment>,
    answered: Option<Moment>,
    proved: Option<Moment>,
    run: Option<&'a str>,
}

#[derive(Serialize)]
struct Confirmed<'a> {
    run: &'a str,
    at: Moment,
    context: &'a str,
    tokens: usize,
    principal: Option<&'a str>,
    reason: Option<&'a str>,
    plan: Option<&'a str>,
    ended: Option<Moment>,
    end: Option<&'static str>,
}

#[derive(Serialize)]
struct Open<'a> {
    record: u64,
    at: Moment,
    context: &'a str,
    words: String,
}

/// Writes the report.
pub(super) fn write(out: &mut impl Write, report: &Report, blind: &[Blind]) -> io::Result<()> {
    let c = report.coverage();
    let whole = Whole {
        incident: report.about.incident.as_deref(),
        since: report.about.since.map(Moment),
        reasons: &report.reasons,
        coverage: Counts {
            in_scope: c.in_scope,
            revoked: c.revoked,
            verified: c.verified,
            already_gone: c.already_gone,
            still_answering: c.still_answering,
            failed: c.failed,
            skipped: c.skipped,
            unverified: c.unverified,
        },
        not_listed: blind.iter().map(missing).collect(),
        tokens: report.tokens.iter().map(row).collect(),
        runs: report.runs.iter().map(run).collect(),
        open: report.open.iter().map(open).collect(),
        timeline: report.records.iter().map(Line::new).collect(),
    };
    serde_json::to_writer_pretty(&mut *out, &whole)?;
    out.write_all(b"\n")
}

fn missing(blind: &Blind) -> Missing<'_> {
    Missing {
        context: blind.context.as_str(),
        backend: blind.backend.as_ref().map(|(title, _)| title.as_str()),
        not_listed: blind.backend.as_ref().map(|(_, missing)| missing.as_slice()),
    }
}

fn row(token: &Covered) -> Row<'_> {
    Row {
        context: token.context.as_str(),
        id: token.id.as_ref().map(crate::domain::TokenId::raw),
        label: token.label.raw(),
        owner: token.owner.name().map(Untrusted::raw),
        owner_removed: matches!(token.owner, Owner::Removed(_)),
        roles: token.roles.as_ref().map(|roles| roles.iter().map(Untrusted::raw).collect()),
        created: token.created.map(Moment),
        outcome: token.fate.word(),
        verified: token.fate == Fate::Verified,
        reason: token.fate.reason(),
        confirmed: token.confirmed.map(Moment),
        sent: token.intended.map(Moment),
        answered: token.answered.map(Moment),
        proved: token.proved.map(Moment),
        run: token.run.as_ref().map(crate::domain::RunId::as_str),
    }
}

fn run(run: &RunLine) -> Confirmed<'_> {
    Confirmed {
        run: run.header.run.as_str(),
        at: Moment(run.at),
        context: run.context.as_str(),
        tokens: run.header.tokens,
        principal: run.header.principal.as_deref(),
        reason: run.header.reason.as_deref(),
        plan: run.header.plan.as_deref(),
        ended: run.ended.map(|(at, _)| Moment(at)),
        end: run.ended.map(|(_, how): (_, RunEnd)| how.words()),
    }
}

fn open(left: &crate::domain::Unsettled) -> Open<'_> {
    Open {
        record: left.intent.0,
        at: Moment(left.at),
        context: left.context.as_str(),
        words: Leftover::from(left.clone()).words(),
    }
}
