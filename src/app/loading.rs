//! Lists: pages asked for ahead, rows shown as they come, refreshes exchanged at once.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::calls::CallPurpose;
use super::contexts::{ContextState, Joining, ListExtent, Load, LoadEnd, Manner};
use super::effect::{Effect, LoadId};
use super::inventory::{Care, Merged, ReplaceJob, Replaced, Row, RowMap, news};
use super::modal::Modal;
use super::model::Model;
use super::tokens::Detail;
use super::{answers, filtering, pending, reading};
use crate::domain::retry::{self, Retry};
use crate::domain::{
    Advance, ContextName, Cursor, Failure, FailureKind, Operation, Page, Place, Progress, RawPage, Reply,
};

/// Begins to read the list of a context; one that is going is given up.
pub(super) fn begin(model: &mut Model, name: &ContextName, effects: &mut Vec<Effect>) {
    let first = model.context(name).is_some_and(|state| state.list.data_at.is_none());
    // Who waits for the list wants all of it in one piece.
    let manner = if first && !reading::is_awaited(model, name) { Manner::First } else { Manner::Refresh };
    begin_as(model, name, manner, effects);
}

/// Begins to read the list of a context in this manner; returns the number of the reading.
pub(super) fn begin_as(model: &mut Model, name: &ContextName, manner: Manner, effects: &mut Vec<Effect>) -> LoadId {
    let id = LoadId(model.next_number());
    let began = model.now;
    if let Some(load) = model.context(name).and_then(|state| state.list.load.as_ref()) {
        let before = load.id;
        forget(model, before, effects);
    }
    let Some(state) = model.context_mut(name) else { return id };
    if manner == Manner::First {
        state.list.extent = ListExtent::Loading;
    }
    state.list.load = Some(Load {
        id,
        progress: Progress::default(),
        manner,
        pages: Vec::new(),
        undecoded: 0,
        rows: 0,
        end: None,
        changes: state.list.changes,
        began,
        again: None,
        attempt: 1,
        joining: Joining::Not,
    });
    answers::call(model, name, Operation::List(None), CallPurpose::Load(id), effects);
    id
}

/// Gives up every loading that is going; rows that have come stay and are said to be partial.
pub(super) fn cancel(model: &mut Model, effects: &mut Vec<Effect>) -> bool {
    let mut cancelled = Vec::new();
    for state in &mut model.contexts {
        if let Some(load) = state.list.load.as_mut().filter(|load| load.end.is_none()) {
            load.end = Some(LoadEnd::Partial("reading was cancelled".to_owned()));
            load.again = None;
            cancelled.push(load.id);
        }
    }
    for id in &cancelled {
        forget(model, *id, effects);
    }
    !cancelled.is_empty()
}

/// Forgets the call that reads the next page of a loading.
fn forget(model: &mut Model, id: LoadId, effects: &mut Vec<Effect>) {
    for call in model.calls.remove_all(&CallPurpose::Load(id)) {
        effects.push(Effect::Cancel(call));
    }
}

/// Takes the answer to a list call.
pub(super) fn listed(
    model: &mut Model,
    name: &ContextName,
    id: LoadId,
    asked: Option<Cursor>,
    result: Result<Reply, Failure>,
    effects: &mut Vec<Effect>,
) {
    match result {
        Ok(Reply::Listed(page)) => came(model, name, id, page, effects),
        Ok(_) => failed(model, name, id, asked, answers::nonsense()),
        Err(failure) => failed(model, name, id, asked, failure),
    }
}

fn came(model: &mut Model, name: &ContextName, id: LoadId, page: Arc<RawPage>, effects: &mut Vec<Effect>) {
    let Some(load) = current(model, id) else { return };
    load.undecoded += 1;
    load.attempt = 1;
    let next = match load.progress.advance(page.next.as_ref()) {
        Advance::Continue(cursor) => Some(cursor),
        Advance::End => {
            load.end.get_or_insert(LoadEnd::Complete);
            None
        }
        Advance::Partial(reason) => {
            load.end.get_or_insert(LoadEnd::Partial(reason.words()));
            None
        }
    };
    let going = load.end.is_none();
    effects.push(Effect::Decode { load: id, context: name.clone(), page });
    if let (Some(cursor), true) = (next, going) {
        answers::call(model, name, Operation::List(Some(cursor)), CallPurpose::Load(id), effects);
    }
}

fn failed(model: &mut Model, name: &ContextName, id: LoadId, asked: Option<Cursor>, failure: Failure) {
    let jitter = jitter(model);
    let now = model.now;
    let Some(load) = current(model, id) else { return };
    let wait = match retry::after(&Operation::List(asked.clone()), &failure, load.attempt, jitter) {
        Retry::After(wait) if load.end.is_none() && !failure.is_offline() => Some(wait),
        Retry::After(_) | Retry::AskOperator(_) | Retry::Stop => None,
    };
    match wait.and_then(|wait| later(now, wait)) {
        Some(moment) => {
            load.attempt += 1;
            load.again = Some((moment, asked));
            model.messages.say(now, format!("{name}: {failure}; asking again"));
        }
        None => drop(load.end.replace(LoadEnd::Failed(failure))),
    }
}

/// Takes a decoded page.
pub(super) fn decoded(model: &mut Model, id: LoadId, result: Result<Arc<Page>, Failure>) {
    let inventory = model.tokens.inventory.clone();
    let Some(list) = owner_of(model, id).map(|state| &mut state.list) else { return };
    let changes = list.changes;
    let Some(load) = &mut list.load else { return };
    let care = if changes == load.changes { Care::Edges } else { Care::Rows };
    load.undecoded = load.undecoded.saturating_sub(1);
    let page = match result {
        Ok(page) => page,
        Err(failure) => return load.end = Some(LoadEnd::Failed(failure)),
    };
    let began = load.began;
    let rows = page.len();
    let context = page.context().clone();
    let page = match load.manner {
        Manner::First => news(page, care, |id, created| inventory.has(&context, id, created)),
        Manner::Refresh => {
            let known = |id: &str, created| {
                load.pages.iter().any(|page| page.find(id, |at| page.created(at) == created).is_some())
            };
            news(page, Care::Edges, known)
        }
    };
    load.rows += page.len();
    let place = if load.end.is_some() { Place::Last } else { Place::MoreFollow };
    if let Some(reason) = load.progress.decoded(rows, page.len(), place) {
        load.end.get_or_insert(LoadEnd::Partial(reason.words()));
    }
    match load.manner {
        Manner::Refresh => load.pages.push(page),
        Manner::First => {
            model.tokens.inventory = inventory.extend(page);
            filtering::rows_changed(model);
            if let Some(state) = owner_of(model, id) {
                state.list.data_at.get_or_insert(began);
            }
        }
    }
}

/// Asks again where it is due, and finishes loadings whose pages are all there.
pub(super) fn advance(model: &mut Model, effects: &mut Vec<Effect>) {
    let names: Vec<ContextName> = model.contexts.iter().map(|state| state.context.name.clone()).collect();
    for name in names {
        ask_again(model, &name, effects);
        reading::tell(model, &name, effects);
        finish(model, &name, effects);
    }
}

fn ask_again(model: &mut Model, name: &ContextName, effects: &mut Vec<Effect>) {
    let (now, leaving) = (model.now, model.leaving.is_some());
    let Some(load) = model.context_mut(name).and_then(|state| state.list.load.as_mut()) else { return };
    let due = load.again.take_if(|(moment, _)| *moment <= now && !leaving);
    let id = load.id;
    if let Some((_, cursor)) = due {
        answers::call(model, name, Operation::List(cursor), CallPurpose::Load(id), effects);
    }
}

fn finish(model: &mut Model, name: &ContextName, effects: &mut Vec<Effect>) {
    // A refresh is exchanged only while nothing in front or on its way refers to rows.
    let quiet = is_quiet(model) && !model.run.as_ref().is_some_and(super::run::Run::is_going);
    let inventory = model.tokens.inventory.clone();
    let keep = || model.tokens.revoked_here.iter().filter(|(key, _)| key.context == *name).map(|(_, t)| t.clone());
    let kept: Vec<_> = keep().collect();
    let Some(state) = model.context_mut(name) else { return };
    let Some(load) = state.list.load.as_mut().filter(|load| load.undecoded == 0) else { return };
    let Some(end) = load.end.clone() else { return };
    match (load.manner, end) {
        (Manner::Refresh, LoadEnd::Complete) if !quiet || load.joining == Joining::Going => {
            let pages = load.pages.clone();
            return pending::pages_read(model, name, &pages, effects);
        }
        // Pages from before a token was revoked would bring it back: they are read again.
        (Manner::Refresh, LoadEnd::Complete) if load.changes != state.list.changes => {
            return begin(model, name, effects);
        }
        (Manner::Refresh, LoadEnd::Complete) => {
            load.joining = Joining::Going;
            let job = ReplaceJob { inventory, context: name.clone(), pages: load.pages.clone(), keep: kept };
            effects.push(Effect::Replace(load.id, Box::new(job)));
            return;
        }
        (Manner::Refresh, LoadEnd::Partial(reason)) => {
            // What is on screen stays, and its age shows; half a refresh would hide rows.
            state.list.cut_short(&reason);
            let failure = Failure::new(FailureKind::Cancelled, reason, "press Ctrl-r to read the list again");
            state.list.failure = Some(failure);
        }
        (Manner::First, LoadEnd::Complete) => {
            state.list.data_at.get_or_insert(load.began);
            state.list.extent = ListExtent::Complete;
            state.list.failure = None;
        }
        (Manner::First, LoadEnd::Partial(reason)) => {
            state.list.data_at.get_or_insert(load.began);
            state.list.extent = ListExtent::Partial(reason);
        }
        (manner, LoadEnd::Failed(failure)) => {
            if manner == Manner::First {
                let some = state.list.data_at.is_some();
                let partial = ListExtent::Partial(failure.to_string());
                state.list.extent = if some { partial } else { ListExtent::Nothing };
            }
            state.list.cut_short(&failure.to_string());
            state.list.failure = Some(failure.clone());
            model.messages.warn(model.now, format!("{name}: {failure}"), failure.hint);
        }
    }
    ended(model, name, effects);
}

/// Tells whether nothing in front refers to rows. A form that was sent does not, and may wait for the list itself:
/// after a lost answer it tells what became of the token.
fn is_quiet(model: &Model) -> bool {
    model.modals.iter().all(|modal| matches!(modal, Modal::Create(create) if create.sending))
}

/// Forgets a loading that is over, and lets those go on who waited for it.
fn ended(model: &mut Model, name: &ContextName, effects: &mut Vec<Effect>) {
    if let Some(state) = model.context_mut(name) {
        state.list.load = None;
    }
    if model.tokens.inventory.wants_merge() {
        effects.push(Effect::Merge(model.tokens.inventory.clone()));
    }
    filtering::rows_changed(model);
    pending::list_read(model, name, effects);
}

/// Exchanges the rows of a context for the refreshed ones.
///
/// While something in front refers to rows nothing moves: the exchange is made again afterwards.
pub(super) fn replaced(model: &mut Model, id: LoadId, replaced: &Replaced, effects: &mut Vec<Effect>) {
    let quiet = is_quiet(model);
    let exchanged = model.tokens.inventory.adopt_replaced(replaced).filter(|_| quiet);
    let Some(load) = current(model, id) else { return };
    load.joining = Joining::Not;
    let began = load.began;
    let Some((inventory, map)) = exchanged else { return };
    model.tokens.inventory = inventory;
    follow(model, &map);
    filtering::rows_changed(model);
    let Some(state) = owner_of(model, id) else { return };
    let name = state.context.name.clone();
    state.list.data_at = Some(began);
    state.list.extent = ListExtent::Complete;
    state.list.failure = None;
    ended(model, &name, effects);
}

/// Takes the larger segments in the place of the small ones; what came meanwhile stays.
pub(super) fn merged(model: &mut Model, merged: &Merged) {
    model.tokens.inventory = model.tokens.inventory.adopt(merged);
}

/// Lets cursor, marks and notes follow their tokens by identity.
fn follow(model: &mut Model, map: &RowMap) {
    let tokens = &mut model.tokens;
    let before = tokens.marks.len();
    tokens.cursor = tokens.cursor.and_then(|row| map.get(row));
    tokens.range_from = tokens.range_from.and_then(|row| map.get(row));
    tokens.marks = tokens.marks.iter().filter_map(|row| map.get(*row)).collect();
    tokens.unmarked = tokens.unmarked.iter().filter_map(|row| map.get(*row)).collect();
    let notes: BTreeMap<Row, _> =
        tokens.notes.iter().filter_map(|(row, note)| Some((map.get(*row)?, note.clone()))).collect();
    tokens.notes = notes;
    if let Detail::Open { row, .. } = &mut tokens.detail {
        *row = row.and_then(|row| map.get(row));
    }
    // The rows on screen are the same ones until the next pass: a key in between hits what is shown.
    tokens.view = Arc::new(tokens.view.moved(map));
    tokens.position = tokens.cursor.and_then(|row| tokens.view.position(row)).unwrap_or(tokens.position);
    model.calls.follow(map);
    let lost = before - tokens.marks.len();
    if lost > 0 {
        model.messages.warn(
            model.now,
            format!("{lost} marked tokens are no longer in the list"),
            "their marks are gone; the other marks stay",
        );
    }
}

fn current(model: &mut Model, id: LoadId) -> Option<&mut Load> {
    owner_of(model, id)?.list.load.as_mut()
}

fn owner_of(model: &mut Model, id: LoadId) -> Option<&mut ContextState> {
    model.contexts.iter_mut().find(|state| state.list.load.as_ref().is_some_and(|load| load.id == id))
}

/// Returns the moment that is `wait` after `now`; `None` at the end of time.
pub(super) fn later(now: Timestamp, wait: Duration) -> Option<Timestamp> {
    now.checked_add(SignedDuration::try_from(wait).ok()?).ok()
}

/// Returns a number between 0 and 1 that differs from call to call and from program to program.
pub(super) fn jitter(model: &mut Model) -> f64 {
    let number = model.next_number();
    let mixed = model.nonce_seed.bytes().fold(number, |sum, byte| sum.wrapping_mul(31).wrapping_add(u64::from(byte)));
    f64::from(u32::try_from(mixed.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40).unwrap_or(0)) / f64::from(1_u32 << 24)
}
