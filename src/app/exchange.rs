//! Rows that stand ready are put in the place of others: a refreshed list, and large segments for small ones.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::contexts::{Joining, ListExtent};
use super::effect::{Effect, LoadId};
use super::filtering;
use super::inventory::{Merged, Pace, Replaced, Row, RowMap};
use super::loading::{current, ended, is_quiet, owner_of};
use super::model::Model;
use super::tokens::Detail;

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

/// Takes the larger segment in the place of the small ones; what came meanwhile stays.
pub(super) fn merged(model: &mut Model, merged: &Merged, effects: &mut Vec<Effect>) {
    model.tokens.inventory = model.tokens.inventory.adopt(merged);
    model.tokens.merging = Joining::Not;
    merge(model, effects);
}

/// Joins small segments where it is worth its while, one large one at a time.
pub(super) fn merge(model: &mut Model, effects: &mut Vec<Effect>) {
    if model.tokens.merging == Joining::Going || model.leaving.is_some() {
        return;
    }
    let loads = model.contexts.iter().any(|state| state.list.load.is_some());
    let pace = if loads { Pace::Loading } else { Pace::AtRest };
    if let Some(part) = model.tokens.inventory.next_merge(pace) {
        model.tokens.merging = Joining::Going;
        effects.push(Effect::Merge(part));
    }
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
