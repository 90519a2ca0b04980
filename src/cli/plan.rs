//! `revoke --plan FILE`: what would be revoked is written down, for somebody else to look at.

use std::io;
use std::path::Path;

use serde::Serialize;

use super::arguments::{Command, Global, Revoke};
use super::say::{self, Stop, usage};
use super::session::{Chosen, Session, Traces};
use super::token;
use crate::app::contexts::Asked;
use crate::app::errand::{self, Errand};
use crate::app::model::Wants;
use crate::app::planning;
use crate::app::sought::{self, By};
use crate::domain::{TokenKey, escape, tokens_in_words};

/// What was written, in the order of its keys.
#[derive(Serialize)]
struct Printed<'a> {
    plan: &'a str,
    tokens: usize,
    left_out: usize,
    sha256: &'a str,
}

/// Refuses `--plan` where nothing could come of it.
pub(super) fn goes_with(global: &Global, command: Option<&Command>) -> Result<(), Stop> {
    match command {
        _ if global.plan.is_none() => Ok(()),
        Some(Command::Revoke(_)) => Ok(()),
        None => Err(usage("--plan goes with `tokendeck revoke`; in the dashboard `:plan FILE` writes a plan")),
        Some(_) => Err(usage("--plan goes with `tokendeck revoke` only; `tokendeck apply PLAN` does what was planned")),
    }
}

/// Writes the plan.
pub(super) fn run(global: &Global, arguments: &Revoke, file: &Path) -> Result<u8, Stop> {
    if arguments.resume || arguments.discard {
        return Err(usage("--plan does not go with a revocation that was begun already"));
    }
    if arguments.confirm.is_some() {
        return Err(usage("--plan revokes nothing: --confirm goes with `tokendeck apply`"));
    }
    // What is decided when the file gets its name is said before anything is asked.
    if file.symlink_metadata().is_ok() {
        let shown = escape(&file.to_string_lossy()).into_owned();
        return Err(usage(&format!("{shown} is there already, and was left alone: choose a name that is free")));
    }
    let (mut session, chosen) = match &arguments.query {
        Some(query) => shown(global, query)?,
        None => named(global, &arguments.id)?,
    };
    if let Asked::Failed(failure) = &session.model().activity.journal {
        say::say(&format!("{failure}: an open incident is not in the plan"));
    }
    session.driver.ask(Errand::Plan(chosen, file.to_owned()))?;
    session.until(planning::is_over)?;
    tell(&session, arguments.json)
}

fn shown(global: &Global, query: &str) -> Result<(Session, errand::Chosen), Stop> {
    let mut session = Chosen::read(global, None)?.open(global, Wants::List, Traces::Journal)?;
    session.driver.ask(Errand::Query(query.to_owned()))?;
    session.listed_and_known()?;
    session.until(errand::is_journal_read)?;
    if session.unready > 0 {
        return Err(Stop::Quiet(say::FAILED));
    }
    Ok((session, errand::Chosen::Shown))
}

/// Finds the tokens that are named: a plan has all of them, or is not written.
fn named(global: &Global, ids: &[String]) -> Result<(Session, errand::Chosen), Stop> {
    let mut chosen = Chosen::read(global, None)?;
    let addresses = chosen.addresses(ids)?;
    let mut session = chosen.open(global, Wants::Identity, Traces::Journal)?;
    session.driver.ask(Errand::Find(addresses))?;
    session.until(|model| sought::is_over(model) && errand::is_journal_read(model))?;
    let mut codes = Vec::new();
    for one in &session.model().sought {
        if let (Asked::Failed(failure), By::Id(id)) = (&one.found, &one.by) {
            say::say(&format!("{}/{id}: {failure}", one.context));
            codes.push(say::code(failure.kind));
        }
    }
    if !codes.is_empty() {
        say::say("no plan was written");
        return Err(Stop::Quiet(say::together(codes)));
    }
    let keys: Vec<TokenKey> = session.model().sought.iter().filter_map(|one| one.found.there().cloned()).collect();
    let count = keys.len();
    Ok((session, errand::Chosen::Named(keys, count)))
}

/// Says what was written, and how it is done.
fn tell(session: &Session, json: bool) -> Result<u8, Stop> {
    let Some(planning) = &session.model().planning else { return Err(Stop::Quiet(say::FAILED)) };
    let file = match &planning.file {
        Asked::There(file) => file,
        Asked::Failed(failure) => {
            return Err(Stop::Says(say::code(failure.kind), format!("{failure}; {}", failure.hint)));
        }
        Asked::Not | Asked::Asking => return Err(Stop::Quiet(say::FAILED)),
    };
    let (tokens, left_out, path) = (planning.tokens, planning.left_out, file.path.to_string_lossy());
    if json {
        let printed = Printed { plan: &path, tokens, left_out, sha256: &file.sha256 };
        token::json(&mut io::stdout().lock(), &printed)?;
        return Ok(say::OK);
    }
    if left_out > 0 {
        say::say(&format!("{} revoked already: left out", tokens_in_words(left_out)));
    }
    if planning.own {
        say::say("your own credential is one of them");
    }
    say::say(&format!("a plan over {} is in {}; nothing was revoked", tokens_in_words(tokens), escape(&path)));
    say::say(&format!("its SHA-256 is {}", file.sha256));
    say::say(&format!("{} does it; without --confirm that shows it", file.command(tokens)));
    Ok(say::OK)
}
