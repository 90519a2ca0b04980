//! Names that many rows share, each kept once.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use memchr::memmem::Finder;

use super::search::each_hit;
use super::text::{Lines, fold, text_of};
use crate::domain::{index, number};

/// The names of a column, in the order in which they were first seen.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Names {
    raw: Lines,
    /// The same lowered; empty while no name has anything to lower.
    lowered: Lines,
}

impl Names {
    /// Returns how many there are.
    pub(crate) fn len(&self) -> usize {
        self.raw.len()
    }

    /// Returns a name as it came.
    pub(crate) fn get(&self, name: u32) -> &str {
        text_of(self.raw.get(index(name)))
    }

    /// Returns a name as it is searched and sorted.
    pub(crate) fn lowered(&self, name: u32) -> &[u8] {
        self.searched().get(index(name))
    }

    /// Tells of each name whether a word is in it.
    pub(crate) fn with(&self, finder: &Finder<'_>) -> Vec<bool> {
        let lines = self.searched();
        let mut hits = vec![false; self.len()];
        each_hit(lines.bytes(), lines.ends(), 0..lines.len(), finder, |name, _| {
            hits[name] = true;
            true
        });
        hits
    }

    fn searched(&self) -> &Lines {
        if self.lowered.len() == 0 { &self.raw } else { &self.lowered }
    }

    fn push(&mut self, name: &str) -> u32 {
        let lowered = fold(name);
        if lowered != name && self.lowered.len() == 0 {
            self.lowered = self.raw.clone();
        }
        if lowered != name || self.lowered.len() > 0 {
            self.lowered.push(lowered.as_bytes());
        }
        self.raw.push(name.as_bytes());
        number(self.raw.len() - 1)
    }

    /// Gives back the room that was kept for more.
    pub(super) fn shrink(&mut self) {
        self.raw.shrink();
        self.lowered.shrink();
    }
}

/// The numbers of the names seen so far.
#[derive(Debug, Default)]
pub(super) struct NameNumbers {
    seen: HashMap<Box<str>, u32>,
    last: Option<u32>,
}

impl NameNumbers {
    /// Returns the number of a name, which is put into `names` if it is new.
    pub(super) fn number(&mut self, names: &mut Names, name: &str) -> u32 {
        // Neighbours are often of the same owner.
        if let Some(last) = self.last.filter(|last| names.get(*last) == name) {
            return last;
        }
        let number = match self.seen.get(name) {
            Some(number) => *number,
            None => *self.seen.entry(name.into()).or_insert_with(|| names.push(name)),
        };
        self.last = Some(number);
        number
    }
}

/// The sets of roles that rows have.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct RoleSets {
    pub(super) names: Names,
    /// The names of each set; `None` stands for "not reported".
    pub(super) sets: Vec<Option<Box<[u32]>>>,
}

impl RoleSets {
    /// Returns how many sets there are.
    pub(crate) fn len(&self) -> usize {
        self.sets.len()
    }

    /// Returns the names of a set; `None` where roles are not reported.
    pub(crate) fn get(&self, set: u32) -> Option<impl Iterator<Item = &str> + Clone> {
        self.sets[index(set)].as_deref().map(|names| names.iter().map(|name| self.names.get(*name)))
    }

    /// Tells whether a set has the same names in the same order as one of another column.
    pub(super) fn are_same(&self, set: u32, other: &Self, set_there: u32) -> bool {
        match (self.get(set), other.get(set_there)) {
            (Some(here), Some(there)) => here.eq(there),
            (None, None) => true,
            (Some(_), None) | (None, Some(_)) => false,
        }
    }

    /// Returns the names of a set, each once.
    pub(crate) fn distinct(&self, set: u32) -> impl Iterator<Item = &str> {
        let names = self.sets[index(set)].as_deref().unwrap_or_default();
        let first = names.iter().enumerate().filter(|(at, name)| !names[..*at].contains(name));
        first.map(|(_, name)| self.names.get(*name))
    }

    /// Returns the lowered names of a set; none where roles are not reported.
    pub(crate) fn lowered(&self, set: u32) -> impl Iterator<Item = &[u8]> {
        self.sets[index(set)].as_deref().unwrap_or_default().iter().map(|name| self.names.lowered(*name))
    }

    /// Tells of each set whether a word is in one of its names.
    pub(crate) fn with(&self, finder: &Finder<'_>) -> Vec<bool> {
        let hits = self.names.with(finder);
        let any = |set: &Option<Box<[u32]>>| set.as_deref().unwrap_or_default().iter().any(|name| hits[index(*name)]);
        self.sets.iter().map(any).collect()
    }

    /// Tells of each set whether a role is in it, by its exact name.
    pub(crate) fn holding(&self, role: &str) -> Vec<bool> {
        (0..self.len())
            .map(|set| self.get(number(set)).is_some_and(|mut names| names.any(|name| name == role)))
            .collect()
    }
}

/// The numbers of the role sets seen so far.
#[derive(Debug, Default)]
pub(super) struct SetNumbers {
    names: NameNumbers,
    seen: HashMap<Option<Box<[u32]>>, u32>,
    /// The set that is looked up; used again for the next.
    set: Vec<u32>,
}

/// How many of the first sets are compared one by one.
const EARLY: usize = 8;

impl SetNumbers {
    /// Returns the number of a set, which is put into `sets` if it is new.
    pub(super) fn number<'a>(&mut self, sets: &mut RoleSets, roles: Option<impl Iterator<Item = &'a str>>) -> u32 {
        let is_reported = roles.is_some();
        self.set.clear();
        self.set.extend(roles.into_iter().flatten().map(|role| self.names.number(&mut sets.names, role)));
        // Few sets are common: those are found without asking for memory or hashing.
        let is_it = |set: &Option<Box<[u32]>>| match set {
            Some(set) => is_reported && **set == *self.set,
            None => !is_reported,
        };
        if let Some(early) = sets.sets.iter().take(EARLY).position(is_it) {
            return number(early);
        }
        let set: Option<Box<[u32]>> = is_reported.then(|| self.set.as_slice().into());
        match self.seen.entry(set) {
            Entry::Occupied(seen) => *seen.get(),
            Entry::Vacant(new) => {
                sets.sets.push(new.key().clone());
                *new.insert(number(sets.sets.len() - 1))
            }
        }
    }
}
