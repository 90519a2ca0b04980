//! From an id to the rows that have it: six bytes a row.

use std::hash::{BuildHasher, RandomState};
use std::sync::LazyLock;

use super::text::fold;
use crate::domain::{index, number};

/// No row.
const FREE: u32 = u32::MAX;

/// How far a row may lie from where its id belongs. Only a list that repeats one id thousands of times gets there;
/// what is beyond cannot be found by its id.
const LONGEST: usize = 4096;

/// Keyed at random, since ids are chosen by others; alike for all tables, so that an id that is looked for in many of
/// them is hashed once.
static HASHER: LazyLock<RandomState> = LazyLock::new(RandomState::new);

/// An id that is looked for.
#[derive(Debug, Clone)]
pub struct Sought<'a> {
    id: &'a str,
    lowered: String,
    hash: u64,
}

impl<'a> Sought<'a> {
    /// Makes it ready to be looked for in any number of pages.
    pub fn new(id: &'a str) -> Self {
        let lowered = fold(id);
        Self { id, hash: HASHER.hash_one(lowered.as_bytes()), lowered }
    }

    /// Returns the id.
    pub(super) fn id(&self) -> &'a str {
        self.id
    }

    /// Returns the id as it is searched.
    pub(super) fn lowered(&self) -> &[u8] {
        self.lowered.as_bytes()
    }
}

/// An open table of row numbers by the hash of their id as it is searched: that is how the column holds it.
#[derive(Debug, Clone, Default)]
pub(super) struct Ids {
    slots: Vec<u32>,
    may_repeat: bool,
}

/// The table follows from the rows: pages with equal rows are equal.
impl PartialEq for Ids {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Ids {}

impl Ids {
    /// Makes the table for rows `0..rows` with these ids as they are searched.
    pub(super) fn new<'a>(rows: usize, id: impl Fn(usize) -> &'a [u8]) -> Self {
        let mut ids = Self { slots: vec![FREE; rows + rows / 2 + 1], may_repeat: false };
        let hashes: Vec<u64> = (0..rows).map(|row| HASHER.hash_one(id(row))).collect();
        for (row, hash) in hashes.iter().enumerate() {
            let mut slot = ids.first(*hash);
            let mut steps = 0;
            while ids.slots[slot] != FREE && steps < LONGEST {
                ids.may_repeat |= hashes[index(ids.slots[slot])] == *hash;
                slot = ids.next(slot);
                steps += 1;
            }
            if ids.slots[slot] == FREE {
                ids.slots[slot] = number(row);
            }
        }
        ids
    }

    /// Tells whether two rows may have the same id.
    pub(super) fn may_repeat(&self) -> bool {
        self.may_repeat
    }

    /// Returns the first row that `test` holds for, among those that may have the id, in no order.
    pub(super) fn find(&self, id: &Sought<'_>, mut test: impl FnMut(usize) -> bool) -> Option<usize> {
        if self.slots.is_empty() {
            return None;
        }
        let mut slot = self.first(id.hash);
        while self.slots[slot] != FREE {
            let row = index(self.slots[slot]);
            if test(row) {
                return Some(row);
            }
            slot = self.next(slot);
        }
        None
    }

    fn first(&self, hash: u64) -> usize {
        let hash = u128::from(hash);
        let slots = u128::try_from(self.slots.len()).unwrap_or(0);
        usize::try_from((hash * slots) >> 64).unwrap_or(0)
    }

    fn next(&self, slot: usize) -> usize {
        if slot + 1 == self.slots.len() { 0 } else { slot + 1 }
    }
}
