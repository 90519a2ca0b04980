//! A run where the backend reads no single token: its tokens are compared with the list and proved by it.
//!
//! One reading serves them all. Rows that leave a list between two of its pages can make it skip others, which then
//! look gone. So nothing is sent while the list is being read, nor is it read while something is on its way; and where
//! the backend did not say that it revoked a token, a list of several pages must miss it twice, since somebody else may
//! have taken a row away.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::step::{self, item, waits};
use super::{Item, Phase, outcome};
use crate::app::effect::{Effect, LoadId};
use crate::app::model::Model;
use crate::app::reading::{self, ReadList};
use crate::app::tokens::RowNote;
use crate::domain::{ContextName, Failure, FailureKind, Outcome, Reply, State};

/// What a run knows by the list.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Listing {
    /// The reading that it waits for; `None` while it waits for none.
    pub awaited: Option<LoadId>,
    /// The list as it was last read for it; `None` before.
    pub read: Option<ReadList>,
    /// When tokens that are still listed as alive are looked for again; `None` while there is none.
    pub again: Option<Timestamp>,
}

/// Tells whether the run goes by the list.
pub(super) fn applies(model: &Model) -> bool {
    let state = model.run.as_ref().and_then(|run| model.context(&run.context));
    state.is_some_and(|state| !state.context.capabilities.get.offered())
}

/// Tells whether the list is fresh enough to send by it.
pub(super) fn is_fresh(model: &Model) -> bool {
    let Some(run) = &model.run else { return false };
    let read = run.list.read.as_ref().is_some_and(|read| read.is_fresh(model.now));
    run.list.awaited.is_none() && (read || reading::table_is_fresh(model, &run.context))
}

/// Has the list read when that is what the run waits for.
pub(super) fn advance(model: &mut Model, effects: &mut Vec<Effect>) {
    let going = |phase: &Phase| matches!(phase, Phase::Going | Phase::Cancelling);
    let Some(run) = model.run.as_ref().filter(|run| going(&run.phase)) else { return };
    if run.items.in_flight() > 0 || run.list.awaited.is_some() || waits(model) || !applies(model) {
        return;
    }
    let proves = !run.items.listing().is_empty();
    let begins = |index: &usize| !(run.items[*index].frozen.own && proves);
    let compares = run.phase == Phase::Going && !is_fresh(model) && run.items.waiting().iter().any(begins);
    let due = run.list.again.is_none_or(|again| again <= model.now);
    if compares || (proves && due) {
        let name = run.context.clone();
        let awaited = Some(reading::begin(model, &name, effects));
        if let Some(run) = &mut model.run {
            run.list = Listing { awaited, ..Listing::default() };
        }
    }
}

/// Compares a token with the list, so that what was confirmed is what dies.
pub(super) fn compare(model: &mut Model, index: usize, effects: &mut Vec<Effect>) {
    let Some((run, item)) = model.run.as_ref().and_then(|run| Some((run, run.items.get(index)?))) else { return };
    let (shown, misses) = (&item.frozen.token, item.misses);
    let read = run.list.read.as_ref().filter(|read| read.is_fresh(model.now));
    let pages = read.map_or(0, |read| read.pages.len());
    let (found, gap) = match read {
        Some(read) => (read.find(shown), read.gap.clone()),
        None => (reading::find_in_table(model, &run.context, shown), None),
    };
    match (found, gap) {
        // Also a list with a gap shows what it shows.
        (Some(token), _) => outcome::reread(model, index, Ok(Reply::Token(Box::new(token))), effects),
        (None, None) if misses > 1 || pages <= 1 => {
            outcome::reread(model, index, Err(reading::not_listed()), effects);
        }
        // It is read once more.
        (None, None) => {
            if let Some(run) = &mut model.run {
                run.list.read = None;
            }
        }
        (None, Some(gap)) => {
            let reason = format!("{}, and what came does not hold it", reading::gap_words(&gap));
            outcome::fail(model, index, &reason, effects);
        }
    }
}

/// Tells whether the run waits for this reading, or an earlier one.
pub(in crate::app) fn awaits(model: &Model, name: &ContextName, id: LoadId) -> bool {
    let run = model.run.as_ref().filter(|run| run.context == *name);
    run.and_then(|run| run.list.awaited).is_some_and(|awaited| awaited <= id)
}

/// Takes the list that the run waited for, and goes on.
pub(in crate::app) fn list_read(
    model: &mut Model,
    name: &ContextName,
    id: LoadId,
    read: &Result<ReadList, Failure>,
    effects: &mut Vec<Effect>,
) {
    if !awaits(model, name, id) {
        return;
    }
    if let Some(run) = &mut model.run {
        run.list = Listing { read: read.as_ref().ok().cloned(), ..Listing::default() };
    }
    match read {
        Ok(read) => {
            look(model, read);
            let again = listing(model).into_iter().filter_map(|index| prove(model, index, read, effects)).min();
            if let Some(run) = &mut model.run {
                run.list.again = again;
            }
        }
        Err(failure) => unread(model, failure, effects),
    }
    step::advance(model, effects);
}

/// Notes which tokens a reading did not show.
fn look(model: &mut Model, read: &ReadList) {
    for index in listing(model).into_iter().chain(waiting(model)) {
        if let Some(item) = step::item_mut(model, index) {
            item.misses = if read.find(&item.frozen.token).is_some() { 0 } else { item.misses.saturating_add(1) };
        }
    }
}

/// Takes what the list says of a token that was sent; returns when it is looked for again.
fn prove(model: &mut Model, index: usize, read: &ReadList, effects: &mut Vec<Effect>) -> Option<Timestamp> {
    let now = model.now;
    let Item { frozen, answered, trouble, tries, misses, .. } = item(model, index)?.clone();
    if let Some(gap) = &read.gap {
        outcome::unverified(model, index, &reading::gap_words(gap), effects);
        return None;
    }
    let told = answered.is_some() && trouble.is_none();
    let nowhere = trouble.as_ref().is_some_and(|failure| failure.kind == FailureKind::NotFound);
    let going = model.run.as_ref().is_some_and(|run| run.phase == Phase::Going);
    match read.same(&frozen.token) {
        None if !told && misses == 1 && read.pages.len() > 1 => return Some(now),
        None if nowhere => {
            outcome::revoked_here(model, index);
            outcome::note(model, index, RowNote::Gone);
            outcome::over(model, index, Outcome::AlreadyGone, effects);
        }
        None => outcome::dead(model, index, effects),
        Some(token) if token.state == State::Revoked => {
            outcome::mark_revoked(model, &token, RowNote::VerifiedDead);
            outcome::over(model, index, Outcome::VerifiedDead, effects);
        }
        // The lost request had no effect: the same revocation may be sent again.
        Some(_) if !told && !nowhere && going && tries < outcome::TRIES => outcome::back(model, index, effects),
        Some(token) => {
            // Lists lag behind: what they show at once is not what is so.
            let again = answered.and_then(|since| reading::look_again(since, now));
            if again.is_some() {
                outcome::note(model, index, RowNote::StillAnswering);
                return again;
            }
            if told {
                outcome::still_answering(model, index, &token, "lists it as", effects);
            } else {
                let patience = reading::PATIENCE.as_secs();
                let why = trouble.map_or_else(|| "there was no answer".to_owned(), |failure| failure.to_string());
                let reason = format!("{why}; sent {tries} times, and {patience} s later it is still listed as alive");
                outcome::fail(model, index, &reason, effects);
            }
        }
    }
    None
}

/// The list could not be read: what waits for it waits on, or stays unknown.
fn unread(model: &mut Model, failure: &Failure, effects: &mut Vec<Effect>) {
    if failure.kind == FailureKind::Credential {
        // The own credential proves its death by being refused. Nothing else is open by then.
        for index in listing(model) {
            if item(model, index).is_some_and(|item| item.frozen.own) {
                outcome::own_dead(model, index, effects);
            }
        }
    }
    let (sent, waiting) = (listing(model), waiting(model));
    if sent.is_empty() && waiting.is_empty() {
        return;
    }
    if !outcome::is_called_off(model, failure) && outcome::waits_for(model, failure) {
        return;
    }
    for index in sent {
        outcome::unverified(model, index, &failure.to_string(), effects);
    }
    for index in waiting {
        outcome::refused(model, index, failure, effects);
    }
}

/// Returns the tokens that wait for the list.
fn listing(model: &Model) -> BTreeSet<usize> {
    model.run.as_ref().map(|run| run.items.listing().clone()).unwrap_or_default()
}

/// Returns the tokens that were not begun.
fn waiting(model: &Model) -> BTreeSet<usize> {
    model.run.as_ref().map(|run| run.items.waiting().clone()).unwrap_or_default()
}
