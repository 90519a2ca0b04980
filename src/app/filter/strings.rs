//! Sorting rows by text of their own, seven bytes at a time.

use std::collections::HashMap;

use super::keys::{Pair, UNKNOWN, by_key};
use super::{Column, Direction, FilterJob, split};
use crate::app::inventory::{Changed, Row};
use crate::domain::{Page, Token, fold};

/// How many bytes of text fit into a key, beside how many are left.
const STEP: usize = 7;

/// Texts that are the same so far are compared as a whole.
const FAR: usize = 32 * STEP;

/// Returns all rows sorted by label or masked secret.
pub(super) fn sorted(job: &FilterJob, threads: usize) -> Vec<Pair> {
    let of_label = job.sort.column == Column::Label;
    let listed: fn(&Page, usize) -> &[u8] = if of_label { Page::lowered_label } else { Page::lowered_masked };
    let changed = |token: &Token| {
        let text = if of_label { Some(&token.label) } else { token.masked.as_ref() };
        text.map(|text| fold(text.raw())).unwrap_or_default()
    };
    let direction = job.sort.direction;
    let inventory = &job.inventory;
    let mut pairs = by_key(
        inventory,
        threads,
        |_, page, row| key(listed(page, row), 0, direction),
        |_, _, token| key(changed(token).as_bytes(), 0, direction),
    );
    let mut own: HashMap<u32, String> = HashMap::new();
    for segment in inventory.segments() {
        for (at, change) in segment.changes() {
            if let Changed::Token(token) = &change.to {
                own.insert(segment.number(at).0, changed(token));
            }
        }
    }
    let text = |row: u32| match own.get(&row) {
        Some(text) => text.as_bytes(),
        None => inventory.place(Row(row)).map_or(&[][..], |(segment, at)| listed(&segment.page, at)),
    };
    let runs: Vec<&mut [Pair]> =
        pairs.chunk_by_mut(|this, that| this.0 == that.0).filter(|run| run.len() > 1).collect();
    split::each_of(threads, runs, |run| refine(run, 0, direction, &text));
    pairs
}

/// Returns the key of a text from a place in it on: some bytes, and how many there are left, so that a text is before
/// those that it begins.
fn key(text: &[u8], from: usize, direction: Direction) -> u64 {
    let Some(rest) = text.get(from..).filter(|_| !text.is_empty()) else { return UNKNOWN };
    let mut bytes = [0; 8];
    let taken = rest.len().min(STEP);
    bytes[..taken].copy_from_slice(&rest[..taken]);
    bytes[STEP] = u8::try_from(rest.len().min(STEP + 1)).unwrap_or(0);
    let key = u64::from_be_bytes(bytes);
    if direction == Direction::Descending { !key - 1 } else { key }
}

/// Sorts rows whose texts are the same up to the end of the bytes that their key was made of.
fn refine<'a>(run: &mut [Pair], from: usize, direction: Direction, text: &(impl Fn(u32) -> &'a [u8] + Sync)) {
    let Some((first, row)) = run.first().copied() else { return };
    // Equal keys say that the texts are equal if they end within them; what has no text has no more of it.
    if first == UNKNOWN || text(row).len() <= from + STEP {
        return;
    }
    let next = from + STEP;
    if next >= FAR {
        run.sort_unstable_by(|(_, this), (_, that)| {
            let order = text(*this).cmp(text(*that));
            if direction == Direction::Descending { order.reverse() } else { order }.then(this.cmp(that))
        });
        return;
    }
    for (key_of, row) in run.iter_mut() {
        *key_of = key(text(*row), next, direction);
    }
    run.sort_unstable();
    for part in run.chunk_by_mut(|this, that| this.0 == that.0).filter(|part| part.len() > 1) {
        refine(part, next, direction, text);
    }
}
