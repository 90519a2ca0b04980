//! Lists: pages asked for ahead, rows shown as they come, refreshes exchanged at once.

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::below::{self, Below};
use super::calls::CallPurpose;
use super::contexts::{ContextState, Joining, ListExtent, Load, LoadEnd, Manner};
use super::effect::{Effect, LoadId};
use super::inventory::{Care, ReplaceJob, news};
use super::modal::Modal;
use super::model::Model;
use super::{answers, exchange, filtering, pending, reading};
use crate::domain::retry::{self, Retry};
use crate::domain::{
    Advance, ContextName, Cursor, Failure, FailureKind, Holds, Operation, Page, Place, Progress, RawPage, Reply, Sought,
};

/// How many pages are on their way at the most: one of which the head has come, and the next.
const COMING: usize = 2;
/// How many are on their way or not decoded yet, at the most: a slow decoder holds the reading back.
const AHEAD: usize = 4;

/// Begins to read the list of a context, where it has one; a reading that is going is given up.
pub(super) fn begin(model: &mut Model, name: &ContextName, effects: &mut Vec<Effect>) {
    if model.context(name).is_some_and(|state| state.unlisted().is_some()) {
        return;
    }
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
        cursors: Vec::new(),
        undecoded: 0,
        rows: 0,
        end: None,
        changes: state.list.changes,
        began,
        next: None,
        followed: Vec::new(),
        again: Vec::new(),
        below: Below::default(),
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
            load.again.clear();
            load.below.give_up();
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
        Ok(Reply::Listed(page)) => came(model, name, id, asked.as_ref(), page, effects),
        Ok(_) => failed(model, name, id, asked, answers::nonsense()),
        Err(failure) => failed(model, name, id, asked, failure),
    }
}

/// Takes what the head of a page tells of the one behind it.
pub(super) fn headed(model: &mut Model, id: LoadId, asked: Option<Cursor>, next: &Cursor) {
    let Some(load) = current(model, id) else { return };
    // What follows a page below is told with the page itself.
    if asked.as_ref().is_some_and(|asked| asked.parent().is_some()) {
        return;
    }
    // A page that is asked for again, since it was cut off, tells nothing new.
    if !load.followed.contains(&asked) {
        load.followed.push(asked);
        go_on(load, Some(next));
    }
}

fn came(
    model: &mut Model,
    name: &ContextName,
    id: LoadId,
    asked: Option<&Cursor>,
    page: Arc<RawPage>,
    effects: &mut Vec<Effect>,
) {
    let Some(load) = current(model, id) else { return };
    load.attempt = 1;
    if page.at.as_ref().is_some_and(|at| at.parent().is_some()) {
        // Where the context names the only parent there is no first step.
        if asked.is_none() {
            load.below.all = 1;
            load.end.get_or_insert(LoadEnd::Complete);
        }
        return load.below.take(page);
    }
    match load.followed.iter().position(|page| page.as_ref() == asked) {
        Some(at) => drop(load.followed.swap_remove(at)),
        None => go_on(load, page.next.as_ref()),
    }
    load.below.add(&page.below);
    if page.holds != Holds::Nothing {
        load.undecoded += 1;
        let place = load.place(asked);
        effects.push(Effect::Decode { load: id, place, context: name.clone(), pages: vec![page] });
    }
}

/// Notes what follows a page.
fn go_on(load: &mut Load, next: Option<&Cursor>) {
    match load.progress.advance(next) {
        Advance::Continue(cursor) => {
            load.cursors.push(cursor.clone());
            load.next = Some(cursor);
        }
        Advance::End => drop(load.end.get_or_insert(LoadEnd::Complete)),
        Advance::Partial(reason) => drop(load.end.get_or_insert(LoadEnd::Partial(reason.words()))),
    }
}

fn failed(model: &mut Model, name: &ContextName, id: LoadId, asked: Option<Cursor>, failure: Failure) {
    let jitter = jitter(model);
    let now = model.now;
    let Some(load) = current(model, id) else { return };
    // The last page may have come before this one.
    let goes_on = matches!(load.end, None | Some(LoadEnd::Complete));
    let wait = match retry::after(&Operation::List(asked.clone()), &failure, load.attempt, jitter) {
        Retry::After(wait) if goes_on && !failure.is_offline() => Some(wait),
        Retry::After(_) | Retry::AskOperator(_) | Retry::Stop => None,
    };
    let Some(moment) = wait.and_then(|wait| later(now, wait)) else {
        // One parent that cannot be read does not hide the others.
        if let Some(parent) = asked.as_ref().and_then(Cursor::parent)
            && load.below.miss(parent, &failure)
        {
            return;
        }
        load.again.clear();
        load.below.give_up();
        load.end = Some(LoadEnd::Failed(failure));
        return;
    };
    load.attempt += 1;
    load.again.push((moment, asked));
    model.messages.say(now, format!("{name}: {failure}; asking again"));
}

/// Takes a decoded page.
pub(super) fn decoded(
    model: &mut Model,
    id: LoadId,
    place: usize,
    result: Result<Arc<Page>, Failure>,
    effects: &mut Vec<Effect>,
) {
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
                let id = &Sought::new(id);
                load.pages.iter().any(|(_, slice)| slice.has(id, created))
            };
            news(page, Care::Edges, known)
        }
    };
    load.rows += page.len();
    let behind = if load.end.is_some() { Place::Last } else { Place::MoreFollow };
    // Batches of what is below are no pages of one list.
    let is_paged = load.below.all == 0;
    if let Some(reason) = load.progress.decoded(rows, page.len(), behind).filter(|_| is_paged) {
        load.end.get_or_insert(LoadEnd::Partial(reason.words()));
    }
    match load.manner {
        Manner::Refresh => load.pages.extend(inventory.share(page).into_iter().map(|slice| (place, slice))),
        Manner::First => {
            model.tokens.inventory = inventory.extend(page);
            filtering::rows_changed(model);
            exchange::merge(model, effects);
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
        ask_ahead(model, &name, effects);
        below::advance(model, &name, effects);
        finish(model, &name, effects);
    }
}

fn ask_again(model: &mut Model, name: &ContextName, effects: &mut Vec<Effect>) {
    let (now, leaving) = (model.now, model.leaving.is_some());
    let Some(load) = model.context_mut(name).and_then(|state| state.list.load.as_mut()) else { return };
    let id = load.id;
    let due: Vec<_> = load.again.extract_if(.., |(moment, _)| *moment <= now && !leaving).collect();
    for (_, cursor) in due {
        answers::call(model, name, Operation::List(cursor), CallPurpose::Load(id), effects);
    }
}

/// Asks for the next page ahead: before the last one is decoded, and before it has come where its head names the next.
fn ask_ahead(model: &mut Model, name: &ContextName, effects: &mut Vec<Effect>) {
    let Some(load) = model.context(name).and_then(|state| state.list.load.as_ref()) else { return };
    let id = load.id;
    let coming = model.calls.count(&CallPurpose::Load(id));
    // A page that failed is waited for: what is behind it may fail alike.
    if coming >= COMING || coming + load.undecoded >= AHEAD || load.end.is_some() || !load.again.is_empty() {
        return;
    }
    if let Some(cursor) = current(model, id).and_then(|load| load.next.take()) {
        answers::call(model, name, Operation::List(Some(cursor)), CallPurpose::Load(id), effects);
    }
}

/// Returns the loading of a context that is over: nothing of it is on its way, and nothing is asked for again.
pub(super) fn over<'m>(model: &'m Model, name: &ContextName) -> Option<(&'m Load, LoadEnd)> {
    let load = model.context(name)?.list.load.as_ref()?;
    let end = load.end.as_ref().filter(|_| load.undecoded == 0)?;
    // What is still on its way belongs to the list, unless that is given up.
    let idle = load.again.is_empty() && load.below.is_over() && model.calls.count(&CallPurpose::Load(load.id)) == 0;
    if !idle && !matches!(end, LoadEnd::Failed(_)) {
        return None;
    }
    let end = match (end, &load.below.gap) {
        (LoadEnd::Complete, Some(gap)) => LoadEnd::Partial(gap.clone()),
        (end, _) => end.clone(),
    };
    Some((load, end))
}

fn finish(model: &mut Model, name: &ContextName, effects: &mut Vec<Effect>) {
    // A refresh is exchanged only while nothing in front or on its way refers to rows.
    let quiet = is_quiet(model) && !model.runs.is_going();
    let Some((_, end)) = over(model, name) else { return };
    let Some(state) = model.context_mut(name) else { return };
    let Some(load) = state.list.load.as_mut() else { return };
    match (load.manner, end) {
        (Manner::Refresh, LoadEnd::Complete) if !quiet || load.joining == Joining::Going => {
            let pages = load.slices();
            return pending::pages_read(model, name, &pages, effects);
        }
        // Pages from before a token was revoked would bring it back: they are read again.
        (Manner::Refresh, LoadEnd::Complete) if load.changes != state.list.changes => {
            return begin(model, name, effects);
        }
        (Manner::Refresh, LoadEnd::Complete) => {
            load.joining = Joining::Going;
            let (id, pages) = (load.id, load.slices());
            let revoked = model.tokens.revoked_here.iter().filter(|(key, _)| key.context == *name);
            let keep = revoked.map(|(_, token)| token.clone()).collect();
            let job = ReplaceJob { inventory: model.tokens.inventory.clone(), context: name.clone(), pages, keep };
            effects.push(Effect::Replace(id, Box::new(job)));
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
pub(super) fn is_quiet(model: &Model) -> bool {
    model.modals.iter().all(|modal| matches!(modal, Modal::Create(create) if create.sending))
}

/// Forgets a loading that is over, and lets those go on who waited for it.
pub(super) fn ended(model: &mut Model, name: &ContextName, effects: &mut Vec<Effect>) {
    if let Some(load) = model.context_mut(name).and_then(|state| state.list.load.take()) {
        forget(model, load.id, effects);
    }
    exchange::merge(model, effects);
    filtering::rows_changed(model);
    pending::list_read(model, name, effects);
}

pub(super) fn current(model: &mut Model, id: LoadId) -> Option<&mut Load> {
    owner_of(model, id)?.list.load.as_mut()
}

pub(super) fn owner_of(model: &mut Model, id: LoadId) -> Option<&mut ContextState> {
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
