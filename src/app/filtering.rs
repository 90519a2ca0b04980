//! Filter passes off the loop, the cursor that stays on its token, and the details that follow it.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::calls::CallPurpose;
use super::contexts::Asked;
use super::effect::Effect;
use super::filter::{FilterJob, View};
use super::modal::Modal;
use super::model::Model;
use super::tokens::{Answered, Detail, Dirty};
use super::{answers, keys};
use crate::domain::{CallId, Operation, Query};

/// How long the cursor rests before the backend is asked for details.
const REST: SignedDuration = SignedDuration::from_millis(250);

/// How long a pass over rows that keep coming waits for the one before, at the least.
const PAUSE: SignedDuration = SignedDuration::from_millis(100);
/// For each that many rows it waits another millisecond, so that passes never take most of a loading.
const ROWS_A_MILLISECOND: usize = 500;
/// How long statuses of many rows that change by themselves wait to be told together.
const TOGETHER: SignedDuration = SignedDuration::from_secs(1);
/// Up to how many rows a pass costs next to nothing.
const FEW: usize = 2_000;

/// Says that rows changed: another pass is due.
pub(super) fn rows_changed(model: &mut Model) {
    if model.tokens.dirty == Dirty::Clean {
        model.tokens.dirty = Dirty::Rows;
    }
}

/// Says that the question changed: another pass is due, and the one that is going answers the wrong one.
pub(super) fn query_changed(model: &mut Model) {
    model.tokens.dirty = Dirty::Query;
    model.tokens.answer = Answered::Not;
    model.tokens.refocus = true;
}

/// Reads the query line; a text that is no query leaves the last one in force and says what is wrong.
pub(super) fn retype(model: &mut Model) {
    let line = &mut model.tokens.query;
    match Query::parse(line.field.text(), model.now) {
        Ok(query) => {
            line.error = None;
            line.query = Arc::new(query);
            query_changed(model);
        }
        Err(error) => line.error = Some(error),
    }
}

/// Starts the next pass when one is due. Nothing moves behind a question.
pub(super) fn advance(model: &mut Model, effects: &mut Vec<Effect>) {
    if next_status(model).is_some_and(|moment| moment <= model.now) {
        rows_changed(model);
    }
    let tokens = &model.tokens;
    let question = model.front().is_some() && model.modals.iter().any(|modal| matches!(modal, Modal::Confirm(_)));
    let early = next_pass(model).is_some_and(|moment| moment > model.now);
    if tokens.dirty == Dirty::Clean || tokens.filtering.is_some() || question || early {
        return;
    }
    let job = FilterJob {
        inventory: tokens.inventory.clone(),
        query: tokens.query.query.clone(),
        status: tokens.status,
        role: tokens.role.clone(),
        sort: tokens.sort,
        now: model.now,
        windows: model.contexts.iter().map(|s| (s.context.name.clone(), s.context.active_window)).collect(),
        previous: Some(tokens.view.clone()),
    };
    let call = CallId(model.next_number());
    model.tokens.filtering = Some(call);
    model.tokens.filtered_at = model.now;
    model.tokens.dirty = Dirty::Clean;
    effects.push(Effect::Filter(call, Box::new(job)));
}

/// Returns the moment from which rows that came are looked at; `None` while none did.
///
/// A pass over all rows for every page that comes would cost more than the loading itself, and one for every token that a
/// run reads, revokes and proves more than the run.
pub(super) fn next_pass(model: &Model) -> Option<Timestamp> {
    let tokens = &model.tokens;
    let waits = tokens.dirty == Dirty::Rows && tokens.filtering.is_none();
    let many = tokens.inventory.len() > FEW;
    let loads = model.contexts.iter().any(|state| state.list.load.is_some());
    let more = i64::try_from(tokens.inventory.len() / ROWS_A_MILLISECOND).map_or(PAUSE, SignedDuration::from_millis);
    let keeps_coming = (many && loads) || model.runs.is_going();
    (waits && keeps_coming).then(|| tokens.filtered_at.checked_add(PAUSE + more).ok()).flatten()
}

/// Returns the moment from which statuses are told again, because one becomes another by itself; `None` for never, and
/// while a pass is going that will tell.
pub(super) fn next_status(model: &Model) -> Option<Timestamp> {
    let tokens = &model.tokens;
    let moment = tokens.view.next_status().filter(|_| tokens.filtering.is_none())?;
    // Of very many tokens one changes every moment: they are told again together.
    let many = tokens.inventory.len() > FEW;
    let pause = tokens.filtered_at.checked_add(TOGETHER).ok().filter(|_| many);
    Some(pause.map_or(moment, |pause| pause.max(moment)))
}

/// Takes a pass; one that answers an older question is dropped.
pub(super) fn filtered(model: &mut Model, call: CallId, view: Arc<View>, effects: &mut Vec<Effect>) {
    let tokens = &mut model.tokens;
    if tokens.filtering != Some(call) {
        return;
    }
    tokens.filtering = None;
    if tokens.dirty == Dirty::Query {
        return;
    }
    // Rows were exchanged meanwhile: its numbers stand for other tokens, and another pass is due.
    if view.epoch() != tokens.inventory.epoch() {
        return rows_changed(model);
    }
    tokens.view = view;
    let place = tokens.cursor.and_then(|row| tokens.view.position(row));
    match place {
        Some(place) => tokens.position = place,
        // The operator asked another question, or nothing was shown before: the cursor begins anew.
        None if tokens.refocus => {
            tokens.position = 0;
            tokens.cursor = tokens.view.rows.first().copied();
        }
        // Its token left by itself: no other one slips under it.
        None => {
            tokens.cursor = None;
            tokens.position = tokens.position.min(tokens.view.rows.len().saturating_sub(1));
        }
    }
    tokens.refocus = tokens.refocus && tokens.cursor.is_none();
    tokens.answer = Answered::Now;
    follow_details(model);
    // What was typed about these rows before they were there.
    let typed = std::mem::take(&mut model.tokens.typed_ahead);
    // They were about rows, and are no answer to what opened meanwhile.
    if model.front().is_none() {
        for key in typed {
            keys::press(model, key, effects);
        }
    }
}

/// Lets an open detail pane follow the cursor; the backend is asked once the cursor rests.
pub(super) fn follow_details(model: &mut Model) {
    let cursor = model.tokens.cursor;
    if let Detail::Open { row, token, scroll } = &mut model.tokens.detail
        && *row != cursor
    {
        (*row, *token, *scroll) = (cursor, Asked::Not, 0);
        model.tokens.detail_due = cursor.and_then(|_| model.now.checked_add(REST).ok());
    }
}

/// Asks for the details of the row under the cursor, once they are due.
pub(super) fn details_due(model: &mut Model, effects: &mut Vec<Effect>) {
    if model.tokens.detail_due.take_if(|due| *due <= model.now).is_some() {
        ask_details(model, effects);
    }
}

/// Asks for the details of the row that the pane shows.
pub(super) fn ask_details(model: &mut Model, effects: &mut Vec<Effect>) {
    let Detail::Open { row: Some(row), .. } = model.tokens.detail else { return };
    let Some(key) = model.tokens.inventory.key(row) else { return };
    let (name, id) = (key.context, key.id);
    let Some(state) = model.context(&name).filter(|state| state.context.capabilities.get.offered()) else { return };
    let asking = state.credential.there().is_some();
    if asking {
        answers::call(model, &name, Operation::Get(id), CallPurpose::Detail(row), effects);
        if let Detail::Open { token, .. } = &mut model.tokens.detail {
            *token = Asked::Asking;
        }
    }
}
