//! A run where the backend reads no single token: its tokens are compared with the list and proved by it.
//!
//! One reading serves them all. Rows that leave a list between two of its pages can make it skip others, which then
//! look gone. So nothing is sent while the list is being read, nor is it read while something is on its way; and where
//! the backend did not say that it revoked a token, a list of several pages must miss it twice, since somebody else may
//! have taken a row away.

use jiff::Timestamp;

use super::step::{self, item, waits};
use super::{Item, Phase, Place, outcome};
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
pub(super) fn applies(model: &Model, run: usize) -> bool {
    let state = model.runs.get(run).and_then(|run| model.context(&run.context));
    state.is_some_and(|state| !state.context.capabilities.get.offered())
}

/// Tells whether the list is fresh enough to send by it.
pub(super) fn is_fresh(model: &Model, run: usize) -> bool {
    let Some(run) = model.runs.get(run) else { return false };
    let read = run.list.read.as_ref().is_some_and(|read| read.is_fresh(model.now));
    run.list.awaited.is_none() && (read || reading::table_is_fresh(model, &run.context))
}

/// Has the list read when that is what the run waits for.
pub(super) fn advance(model: &mut Model, at: usize, effects: &mut Vec<Effect>) {
    let going = |phase: &Phase| matches!(phase, Phase::Going | Phase::Cancelling);
    let Some(run) = model.runs.get(at).filter(|run| going(&run.phase)) else { return };
    if run.items.in_flight() > 0 || run.list.awaited.is_some() || waits(model, at) || !applies(model, at) {
        return;
    }
    let proves = !run.items.listing().is_empty();
    let begins = |index: &usize| !(run.items[*index].frozen.own && proves);
    let compares = run.phase == Phase::Going && !is_fresh(model, at) && run.items.waiting().iter().any(begins);
    let due = run.list.again.is_none_or(|again| again <= model.now);
    if compares || (proves && due) {
        let name = run.context.clone();
        let awaited = Some(reading::begin(model, &name, effects));
        if let Some(run) = model.runs.get_mut(at) {
            run.list = Listing { awaited, ..Listing::default() };
        }
    }
}

/// Compares a token with the list, so that what was confirmed is what dies.
pub(super) fn compare(model: &mut Model, at: Place, effects: &mut Vec<Effect>) {
    let Some((run, item)) = model.runs.get(at.run).and_then(|run| Some((run, run.items.get(at.item)?))) else { return };
    let (shown, misses) = (&item.frozen.token, item.misses);
    let read = run.list.read.as_ref().filter(|read| read.is_fresh(model.now));
    let pages = read.map_or(0, |read| read.pages.len());
    let (found, gap) = match read {
        Some(read) => (read.find(shown), read.gap.clone()),
        None => (reading::find_in_table(model, &run.context, shown), None),
    };
    match (found, gap) {
        // Also a list with a gap shows what it shows.
        (Some(token), _) => outcome::reread(model, at, Ok(Reply::Token(Box::new(token))), effects),
        (None, None) if misses > 1 || pages <= 1 => {
            outcome::reread(model, at, Err(reading::not_listed()), effects);
        }
        // It is read once more.
        (None, None) => {
            if let Some(run) = model.runs.get_mut(at.run) {
                run.list.read = None;
            }
        }
        (None, Some(gap)) => {
            let reason = format!("{}, and what came does not hold it", reading::gap_words(&gap));
            outcome::fail(model, at, &reason, effects);
        }
    }
}

/// Tells whether the run waits for this reading, or an earlier one.
pub(in crate::app) fn awaits(model: &Model, name: &ContextName, id: LoadId) -> bool {
    let run = model.runs.going_in(name).and_then(|run| model.runs.get(run));
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
    let Some(at) = model.runs.going_in(name).filter(|_| awaits(model, name, id)) else { return };
    if let Some(run) = model.runs.get_mut(at) {
        run.list = Listing { read: read.as_ref().ok().cloned(), ..Listing::default() };
    }
    match read {
        Ok(read) => {
            look(model, at, read);
            let again = listing(model, at).into_iter().filter_map(|place| prove(model, place, read, effects)).min();
            if let Some(run) = model.runs.get_mut(at) {
                run.list.again = again;
            }
        }
        Err(failure) => unread(model, at, failure, effects),
    }
    step::advance(model, effects);
}

/// Notes which tokens a reading did not show.
fn look(model: &mut Model, run: usize, read: &ReadList) {
    for place in listing(model, run).into_iter().chain(waiting(model, run)) {
        if let Some(item) = step::item_mut(model, place) {
            item.misses = if read.find(&item.frozen.token).is_some() { 0 } else { item.misses.saturating_add(1) };
        }
    }
}

/// Takes what the list says of a token that was sent; returns when it is looked for again.
fn prove(model: &mut Model, at: Place, read: &ReadList, effects: &mut Vec<Effect>) -> Option<Timestamp> {
    let now = model.now;
    let Item { frozen, answered, trouble, tries, misses, .. } = item(model, at)?.clone();
    if let Some(gap) = &read.gap {
        outcome::unverified(model, at, &reading::gap_words(gap), effects);
        return None;
    }
    let told = answered.is_some() && trouble.is_none();
    let nowhere = trouble.as_ref().is_some_and(|failure| failure.kind == FailureKind::NotFound);
    let going = model.runs.get(at.run).is_some_and(|run| run.phase == Phase::Going);
    match read.same(&frozen.token) {
        None if !told && misses == 1 && read.pages.len() > 1 => return Some(now),
        None if nowhere => {
            outcome::revoked_here(model, at);
            outcome::note(model, at, RowNote::Gone);
            outcome::over(model, at, Outcome::AlreadyGone, effects);
        }
        None => outcome::dead(model, at, effects),
        Some(token) if token.state == State::Revoked => {
            outcome::mark_revoked(model, at.run, &token, RowNote::VerifiedDead);
            outcome::over(model, at, Outcome::VerifiedDead, effects);
        }
        // The lost request had no effect: the same revocation may be sent again.
        Some(_) if !told && !nowhere && going && tries < outcome::TRIES => outcome::back(model, at, effects),
        Some(token) => {
            // Lists lag behind: what they show at once is not what is so.
            let again = answered.and_then(|since| reading::look_again(since, now));
            if again.is_some() {
                outcome::note(model, at, RowNote::StillAnswering);
                return again;
            }
            if told {
                outcome::still_answering(model, at, &token, "lists it as", effects);
            } else {
                let patience = reading::PATIENCE.as_secs();
                let why = trouble.map_or_else(|| "there was no answer".to_owned(), |failure| failure.to_string());
                let reason = format!("{why}; sent {tries} times, and {patience} s later it is still listed as alive");
                outcome::fail(model, at, &reason, effects);
            }
        }
    }
    None
}

/// The list could not be read: what waits for it waits on, or stays unknown.
fn unread(model: &mut Model, run: usize, failure: &Failure, effects: &mut Vec<Effect>) {
    if failure.kind == FailureKind::Credential {
        // The own credential proves its death by being refused. Nothing else is open by then.
        for at in listing(model, run) {
            if item(model, at).is_some_and(|item| item.frozen.own) {
                outcome::own_dead(model, at, effects);
            }
        }
    }
    let (sent, waiting) = (listing(model, run), waiting(model, run));
    if sent.is_empty() && waiting.is_empty() {
        return;
    }
    if !outcome::is_called_off(model, run, failure) && outcome::waits_for(model, run, failure) {
        return;
    }
    for at in sent {
        outcome::unverified(model, at, &failure.to_string(), effects);
    }
    for at in waiting {
        outcome::refused(model, at, failure, effects);
    }
}

/// Returns the tokens of a run that wait for the list.
fn listing(model: &Model, run: usize) -> Vec<Place> {
    let items = model.runs.get(run).map(|one| one.items.listing().iter());
    items.into_iter().flatten().map(|item| Place { run, item: *item }).collect()
}

/// Returns the tokens of a run that were not begun.
fn waiting(model: &Model, run: usize) -> Vec<Place> {
    let items = model.runs.get(run).map(|one| one.items.waiting().iter());
    items.into_iter().flatten().map(|item| Place { run, item: *item }).collect()
}
