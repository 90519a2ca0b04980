//! `tokendeck identify --revoke`: a leaked secret is revoked by itself, at the host that the arguments name.

use std::io::{self, Write};

use serde::Serialize;

use super::arguments::{Global, Identify};
use super::say::{self, Stop};
use super::session::{Chosen, Traces};
use super::{token, value};
use crate::app::by_value::{ByValue, Stage};
use crate::app::errand::{self, Errand, Word};
use crate::app::model::Wants;
use crate::domain::{Deed, Outcome, Untrusted};
use crate::runtime::headless::Reached;

/// What became of a value, in the order of its keys. Of the value itself no more is printed than lists show of one.
#[derive(Serialize)]
struct Line<'a> {
    context: &'a str,
    host: &'a str,
    looks: &'a str,
    value: &'a str,
    /// The token that it is; null where the host does not tell.
    id: Option<&'a str>,
    outcome: &'static str,
    verified: bool,
    reason: Option<&'a str>,
}

/// Revokes what is on standard input.
pub(super) fn run(global: &Global, arguments: &Identify) -> Result<u8, Stop> {
    let chosen = Chosen::one(global, None)?;
    let name = chosen.first().name.clone();
    let value = value::ask(&format!("Secret to revoke at {name}: "))?;
    let mut session = chosen.open(global, Wants::Identity, Traces::Journal)?;
    session.until(|model| errand::is_journal_read(model) && errand::is_known(model))?;
    session.say_leftovers();
    session.driver.ask(Errand::RevokeValue(name, value, Word(arguments.confirm.clone())))?;
    let reached = session.driver.until(errand::is_value_over);
    let Some(one) = session.model().by_value.first() else { return Ok(say::FAILED) };
    let code = print(one, arguments.json)?;
    match reached {
        Reached::Yes => Ok(code),
        Reached::Interrupted(code) => Ok(code),
        Reached::Never => Ok(say::FAILED),
    }
}

fn print(one: &ByValue, json: bool) -> Result<u8, Stop> {
    let Deed::RevokeValue { shown, looks, host, id, .. } = &one.deed else { return Ok(say::FAILED) };
    let (outcome, reason, code) = outcome(one);
    let line = Line {
        context: one.context.as_str(),
        host,
        looks,
        value: shown,
        id: id.as_ref().map(crate::domain::TokenId::raw),
        outcome,
        verified: one.is_proved(),
        reason,
    };
    let mut out = io::stdout().lock();
    let written = if json { token::json(&mut out, &line) } else { words(&mut out, &line) };
    // What was done was done, whoever reads of it.
    match written.and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(code),
    }
}

/// Returns the word for what became of it, the reason, and the exit code.
fn outcome(one: &ByValue) -> (&'static str, Option<&str>, u8) {
    match &one.stage {
        Stage::Over(Outcome::VerifiedDead) => ("revoked", None, say::OK),
        Stage::Over(Outcome::Done(_)) => ("revoked", one.unproved.as_deref(), say::FAILED),
        Stage::Over(Outcome::AlreadyGone) => ("already gone", None, say::OK),
        Stage::Over(Outcome::StillAnswering(why)) => ("still answering", Some(why), say::FAILED),
        Stage::Over(Outcome::Unverified(why)) => ("unverified", Some(why), say::FAILED),
        Stage::Over(Outcome::Failed(why)) | Stage::Kept(why) => ("failed", Some(why), say::FAILED),
        Stage::Over(Outcome::Changed | Outcome::NotSent | Outcome::HadNoEffect)
        | Stage::Looking
        | Stage::Recording(_)
        | Stage::Later(..) => ("failed", Some("called off before it was sent"), say::FAILED),
        Stage::Sending | Stage::Proving => ("unverified", Some("what became of it is not known"), say::FAILED),
    }
}

fn words(out: &mut impl Write, line: &Line<'_>) -> io::Result<()> {
    let shown = |text: &str| Untrusted::new(text).shown().into_owned();
    let proof = match (line.outcome, line.verified) {
        ("revoked", true) => ", verified dead",
        ("revoked", false) => ", not verified",
        _ => "",
    };
    let id = line.id.map_or_else(String::new, |id| format!(" [{}]", shown(id)));
    let why = line.reason.map_or_else(String::new, |why| format!(": {}", shown(why)));
    writeln!(out, "{} {} ({}){id}  {}{proof}{why}", line.host, line.value, shown(line.looks), line.outcome)
}
