//! `tokendeck revoke`: the dashboard's run, confirmed by a word of the arguments.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, BufWriter, Write};

use serde::Serialize;

use super::arguments::{Global, Revoke};
use super::say::{self, Stop, usage};
use super::session::{Chosen, Session, Traces};
use super::{plan, token};
use crate::app::contexts::Asked;
use crate::app::errand::{self, Deal, Errand, Refusal, Word};
use crate::app::inventory::RowRef;
use crate::app::model::{Model, Wants};
use crate::app::run::{self, Item, ItemState, Phase, Run};
use crate::app::sought;
use crate::domain::{ContextName, Failure, FailureKind, Outcome, TokenKey};
use crate::runtime::headless::Reached;

/// The most tokens that are listed when they are not confirmed.
const SHOWN: usize = 20;

/// What became of a token, in the order of its keys.
#[derive(Serialize)]
pub(super) struct Line {
    pub(super) id: String,
    pub(super) outcome: &'static str,
    pub(super) verified: bool,
    pub(super) reason: Option<String>,
    #[serde(skip)]
    pub(super) code: u8,
}

/// Revokes tokens.
pub(super) fn run(global: &Global, arguments: &Revoke) -> Result<u8, Stop> {
    if let Some(file) = &global.plan {
        return plan::run(global, arguments, file);
    }
    if arguments.discard {
        return discard(global);
    }
    let word = Word(arguments.confirm.clone());
    let mut session = match &arguments.query {
        _ if arguments.resume => resumed(global)?,
        Some(query) => shown(global, query, word)?,
        None => named(global, &arguments.id, word)?,
    };
    let ended = go(&mut session)?;
    let lines = lines(&session, &ended);
    print(&lines, arguments.json)?;
    Ok(tell(&session, &ended, &lines))
}

/// Says what there is to say besides, and returns the exit code.
pub(super) fn tell(session: &Session, ended: &Ended, lines: &[Line]) -> u8 {
    say::notes(session.model(), None);
    ended.interrupted.unwrap_or_else(|| together(lines))
}

/// Goes on with what was interrupted, in every context.
fn resumed(global: &Global) -> Result<Session, Stop> {
    let (mut session, left) = unfinished(global)?;
    for at in &left {
        if let Some(failure) = session.model().unfinished.get(*at).and_then(|left| {
            let state = session.model().context(&left.context)?;
            errand::trouble(state)
        }) {
            return Err(Stop::from(&failure));
        }
    }
    // From the last, since each one leaves the list.
    for at in left.into_iter().rev() {
        session.driver.ask(Errand::Resume(at))?;
    }
    Ok(session)
}

/// Gives up the revocation that was interrupted.
fn discard(global: &Global) -> Result<u8, Stop> {
    let (mut session, left) = unfinished(global)?;
    let [at] = *left.as_slice() else {
        return Err(usage("revocations in several contexts are unfinished: name one with --context"));
    };
    let words = session.model().unfinished.get(at).map(|left| format!("{}: {}", left.context, run::far(left)));
    session.driver.ask(Errand::Discard(at))?;
    session.until(errand::is_settled)?;
    say::say(&format!("given up, {}", words.unwrap_or_default()));
    Ok(say::OK)
}

/// Returns a session and the revocations in its contexts that are unfinished, one at least.
fn unfinished(global: &Global) -> Result<(Session, Vec<usize>), Stop> {
    let mut session = Chosen::read(global, None)?.open(global, Wants::Identity, Traces::Journal)?;
    session.until(|model| errand::is_journal_read(model) && errand::is_known(model))?;
    let model = session.model();
    if let Asked::Failed(failure) = &model.activity.journal {
        return Err(Stop::from(failure));
    }
    let here: Vec<_> =
        (0..model.unfinished.len()).filter(|at| model.context(&model.unfinished[*at].context).is_some()).collect();
    if here.is_empty() {
        return Err(Stop::Says(say::OK, "no revocation is unfinished".to_owned()));
    }
    Ok((session, here))
}

/// Some that failed hide some that are stale; otherwise the code is that of all that were not revoked.
fn together(lines: &[Line]) -> u8 {
    let codes = || lines.iter().map(|line| line.code);
    let unlike = codes().any(|code| code == say::OK) && codes().any(|code| !matches!(code, say::OK | say::STALE));
    if unlike { say::FAILED } else { say::together(codes().filter(|code| *code != say::OK)) }
}

/// Begins with the tokens that the query shows.
fn shown(global: &Global, query: &str, word: Word) -> Result<Session, Stop> {
    let mut session = Chosen::read(global, None)?.open(global, Wants::List, Traces::Journal)?;
    let able = session.model().contexts.iter().map(|s| errand::may(session.model(), &s.context.name, Deal::Revoke));
    // Where none of them may be changed nothing is asked either.
    if let Some(refusal) = able.reduce(Result::or).and_then(Result::err) {
        return Err(refusal.into());
    }
    session.driver.ask(Errand::Query(query.to_owned()))?;
    session.listed_and_known()?;
    if session.unready > 0 {
        return Err(Stop::Quiet(say::FAILED));
    }
    begin(&mut session, errand::Chosen::Shown, word)?;
    Ok(session)
}

/// Begins with the tokens that are named.
fn named(global: &Global, ids: &[String], word: Word) -> Result<Session, Stop> {
    let mut chosen = Chosen::read(global, None)?;
    let addresses = chosen.addresses(ids)?;
    let contexts: BTreeSet<_> = addresses.iter().map(|(context, _)| context.clone()).collect();
    let mut session = chosen.open(global, Wants::Identity, Traces::Journal)?;
    contexts.iter().try_for_each(|name| errand::may(session.model(), name, Deal::Revoke))?;
    let count = addresses.len();
    session.driver.ask(Errand::Find(addresses))?;
    session.until(sought::is_over)?;
    let keys: Vec<TokenKey> = session.model().sought.iter().filter_map(|one| one.found.there().cloned()).collect();
    if !keys.is_empty() {
        begin(&mut session, errand::Chosen::Named(keys, count), word)?;
    }
    Ok(session)
}

fn begin(session: &mut Session, chosen: errand::Chosen, word: Word) -> Result<(), Stop> {
    session.say_leftovers();
    let would = would(session.model(), &chosen);
    match session.driver.ask(Errand::Revoke(chosen, word)) {
        Ok(()) => Ok(()),
        Err(refusal) => {
            if matches!(refusal, Refusal::Unconfirmed(_)) {
                let model = session.model();
                let rows = would.iter().take(SHOWN).filter_map(|key| {
                    let token = model.tokens.inventory.find(key).and_then(|row| model.tokens.inventory.token(row))?;
                    Some((model.context(&key.context)?, token))
                });
                let rows: Vec<_> = rows.collect();
                let _ = token::table(&mut io::stderr().lock(), model, session.is_several(), &rows);
                if would.len() > SHOWN {
                    say::say(&format!("and {} more", would.len() - SHOWN));
                }
            }
            Err(refusal.into())
        }
    }
}

/// Returns what would be revoked.
fn would(model: &Model, chosen: &errand::Chosen) -> Vec<TokenKey> {
    match chosen {
        errand::Chosen::Named(keys, _) => keys.clone(),
        errand::Chosen::Shown => {
            let rows = model.tokens.view.rows.iter().filter_map(|row| model.tokens.inventory.get(*row));
            rows.filter(|row| row.state() != crate::domain::State::Revoked).map(RowRef::key).collect()
        }
    }
}

/// How runs ended before their end.
#[derive(Default)]
pub(super) struct Ended {
    /// Why they were paused, by context.
    paused: BTreeMap<ContextName, Failure>,
    /// The exit code of the signal that ended the program; `None` where none did.
    interrupted: Option<u8>,
}

/// Lets the runs go on to their end. Nobody is there who could let a paused one go on: it is called off.
pub(super) fn go(session: &mut Session) -> Result<Ended, Stop> {
    if let Reached::Interrupted(code) = session.driver.until(errand::has_stopped) {
        return Ok(Ended { interrupted: Some(code), ..Ended::default() });
    }
    let why = |run: &Run| match &run.phase {
        Phase::Paused(failure) => Some((run.context.clone(), failure.clone())),
        Phase::Going | Phase::Cancelling | Phase::Over => None,
    };
    let mut ended = Ended { paused: session.model().runs.iter().filter_map(why).collect(), interrupted: None };
    if session.model().runs.is_going() {
        session.driver.ask(Errand::GiveUp)?;
        let is_over = |model: &Model| !model.runs.is_going() && model.recording.is_empty();
        if let Reached::Interrupted(code) = session.driver.until(is_over) {
            ended.interrupted = Some(code);
        }
    }
    Ok(ended)
}

/// Returns what became of each token: of those that were named in their order, else in that of the run.
fn lines(session: &Session, ended: &Ended) -> Vec<Line> {
    let model = session.model();
    let several = session.is_several();
    let items = items(model);
    let of_item = |(key, item): &(TokenKey, &Item)| line(key, item, several, ended);
    if model.sought.is_empty() {
        return items.iter().map(of_item).collect();
    }
    let of_sought = |one: &sought::Sought| {
        let sought::By::Id(id) = &one.by else { return None };
        let id = token::raw_address(&one.context, id.raw(), several);
        match &one.found {
            Asked::There(key) => match items.iter().find(|(of, _)| of == key) {
                Some(item) => Some(of_item(item)),
                None => Some(Line { id, outcome: "already gone", verified: true, reason: None, code: say::OK }),
            },
            Asked::Failed(failure) => {
                let unknown = "the backend does not know it: it is gone, or never was".to_owned();
                let reason = if failure.kind == FailureKind::NotFound { unknown } else { failure.to_string() };
                let code = say::code(failure.kind);
                Some(Line { id, outcome: "failed", verified: false, reason: Some(reason), code })
            }
            Asked::Not | Asked::Asking => None,
        }
    };
    model.sought.iter().filter_map(of_sought).collect()
}

/// Returns the tokens of the runs, in their order.
pub(super) fn items(model: &Model) -> Vec<(TokenKey, &Item)> {
    model.runs.items().map(|(_, item)| (item.frozen.key(), item)).collect()
}

/// Returns what became of a token of a run.
pub(super) fn line(key: &TokenKey, item: &Item, several: bool, ended: &Ended) -> Line {
    let (outcome, reason, code) = outcome(item, ended.paused.get(&key.context));
    let id = token::raw_address(&key.context, key.id.raw(), several);
    Line { id, outcome, verified: item.is_proved(), reason, code }
}

/// Returns the word for what became of a token, the reason, and the exit code.
fn outcome(item: &Item, paused: Option<&Failure>) -> (&'static str, Option<String>, u8) {
    let refused = || item.refused.map_or(say::FAILED, say::code);
    match item.state() {
        ItemState::Over(Outcome::VerifiedDead | Outcome::Done(_)) => ("revoked", None, say::OK),
        ItemState::Unproved(reason) => ("revoked", Some(reason.clone()), say::FAILED),
        ItemState::Over(Outcome::AlreadyGone) => ("already gone", None, say::OK),
        ItemState::Over(Outcome::Changed) => {
            ("changed", Some("somebody changed it after it was confirmed: nothing was sent".to_owned()), say::STALE)
        }
        ItemState::Over(Outcome::Failed(reason)) => ("failed", Some(reason.clone()), refused()),
        ItemState::Over(Outcome::HadNoEffect) => ("failed", Some("it had no effect".to_owned()), say::FAILED),
        // What the backend said and what it shows contradict each other: neither is claimed.
        ItemState::Over(Outcome::Unverified(reason) | Outcome::StillAnswering(reason)) => {
            ("unverified", Some(reason.clone()), say::FAILED)
        }
        ItemState::Waiting | ItemState::Reading(_) | ItemState::Recording(_) | ItemState::Over(Outcome::NotSent) => {
            match paused {
                Some(failure) => ("failed", Some(format!("not sent: {failure}")), say::code(failure.kind)),
                None => ("failed", Some("called off before it was sent".to_owned()), say::FAILED),
            }
        }
        ItemState::Proving(_) | ItemState::ToProve | ItemState::Later(_) | ItemState::Listing if item.is_told() => {
            ("revoked", Some("called off before it was proved".to_owned()), say::FAILED)
        }
        ItemState::Sending(_)
        | ItemState::Proving(_)
        | ItemState::ToProve
        | ItemState::Later(_)
        | ItemState::Listing => ("unverified", Some("what became of it is not known".to_owned()), say::FAILED),
    }
}

pub(super) fn print(lines: &[Line], json: bool) -> Result<(), Stop> {
    let mut out = BufWriter::new(io::stdout().lock());
    let written =
        lines.iter().try_for_each(|line| if json { token::json(&mut out, line) } else { words(&mut out, line) });
    // What was done was done, whoever reads of it.
    match written.and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}

fn words(out: &mut impl Write, line: &Line) -> io::Result<()> {
    let id = crate::domain::escape(&line.id);
    let proof = match (line.outcome, line.verified) {
        ("revoked", true) => ", verified dead",
        ("revoked", false) => ", not verified",
        _ => "",
    };
    match &line.reason {
        Some(reason) => writeln!(out, "{id}  {}{proof}: {reason}", line.outcome),
        None => writeln!(out, "{id}  {}{proof}", line.outcome),
    }
}
