//! The rows that are shown, and how many there would be with another preset.

use std::collections::BTreeMap;
use std::ops::Range;

use jiff::Timestamp;

use super::due::Due;
use super::scan::{Known, matches, verdict};
use crate::app::inventory::{Changed, Segment};
use crate::domain::{Bits, Page, Query, Status, StatusRule, Token, Untrusted, Verdict, index, number};

/// What is asked of every row.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked<'a> {
    pub(super) status: Option<Status>,
    pub(super) role: Option<&'a str>,
    pub(super) query: &'a Query,
}

/// What was found.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) hits: Bits,
    pub(super) almost: Bits,
    /// The hits that have the presets' status and role.
    pub(super) shown: Bits,
    /// How many of each status there are with the role, in the order of [`Status::ALL`].
    pub(super) statuses: [u32; 7],
    /// How many of each set of roles there are with the status.
    sets: Vec<u32>,
    /// How many of each role there are with the status.
    pub(super) roles: BTreeMap<String, u32>,
    /// Rows that only a time kept out that is never or unknown.
    pub(super) left_out: usize,
    /// The first moment at which a status becomes another by itself, among rows of which that was not known.
    pub(super) next_status: Option<Timestamp>,
}

impl Asked<'_> {
    /// Finds the rows of a part of a segment.
    pub(super) fn find(
        &self,
        segment: &Segment,
        rows: Range<usize>,
        rule: StatusRule,
        known: Option<&Known<'_>>,
        due: Due,
    ) -> Found {
        let first = rows.start;
        let changed = || segment.changes().filter(|(at, _)| rows.contains(at));
        let mut found = matches(segment, rows.clone(), self.query, known);
        for (at, _) in changed() {
            found.hits.clear(at - first);
            found.almost.clear(at - first);
        }
        let mut all = self.listed(&segment.page, first, &found.hits, &found.almost, rule);
        all.hits = found.hits;
        all.almost = found.almost;
        // Which rows are shown plays no part: the counts beside the presets change with any row.
        if !due.covers(index(segment.start) + rows.end) {
            all.next_status = segment.page.next_status(rows.clone(), &rule);
        }
        for (at, change) in changed() {
            if let Changed::Token(token) = &change.to {
                self.changed(&mut all, at - first, token, rule, verdict(segment, self.query, &change.to));
            }
        }
        all
    }

    /// Counts rows that are read from the page.
    fn listed(&self, page: &Page, first: usize, hits: &Bits, almost: &Bits, rule: StatusRule) -> Found {
        let kinds = Kinds::new(page, first, hits, rule);
        let (_, sets) = page.role_numbers();
        let has_role: Vec<bool> = self.role.map_or_else(|| vec![true; sets.len()], |role| sets.holding(role));
        let is_asked = Status::ALL.map(|status| self.query.accepts_status(status));
        let is_preset = Status::ALL.map(|status| self.status.is_none_or(|preset| preset == status));
        // What is shown depends on status and roles only: each pair of them is decided once.
        let shows: Vec<bool> = has_role
            .iter()
            .flat_map(|has_role| (0..8).map(move |at| *has_role && at < 7 && is_asked[at] && is_preset[at]))
            .collect();
        let counts = kinds.count(hits, sets.len());
        let mut found = Found { sets: vec![0; sets.len()], ..Found::default() };
        for (set, counts) in counts.chunks_exact(8).enumerate() {
            for (status, count) in counts.iter().enumerate().take(7).filter(|(status, _)| is_asked[*status]) {
                found.statuses[status] += if has_role[set] { *count } else { 0 };
                found.sets[set] += if is_preset[status] { *count } else { 0 };
            }
        }
        found.shown = hits.clone();
        let mut left_out = almost.clone();
        if shows.chunks_exact(8).any(|of_set| of_set.iter().take(7).any(|shows| !shows)) {
            found.shown.retain(|row| shows[kinds.of(row)]);
            if almost != hits {
                left_out.retain(|row| shows[kinds.of(row)]);
            }
        }
        left_out.and(&hits.clone().inverse());
        found.left_out = left_out.count();
        found
    }

    /// Counts a row that was changed.
    fn changed(&self, all: &mut Found, at: usize, token: &Token, rule: StatusRule, verdict: Verdict) {
        let status = rule.status(token.state, token.expires.into(), token.last_used.into());
        let next = rule.next(token.state, token.expires.into(), token.last_used.into());
        all.next_status = all.next_status.into_iter().chain(next).min();
        if verdict >= Verdict::LeftOut {
            all.almost.set(at);
        }
        if verdict == Verdict::Yes {
            all.hits.set(at);
        }
        if verdict == Verdict::No || !self.query.accepts_status(status) {
            return;
        }
        let mut roles: Vec<&str> = token.roles.iter().flatten().map(Untrusted::raw).collect();
        let is_role = self.role.is_none_or(|role| roles.contains(&role));
        let is_preset = self.status.is_none_or(|preset| preset == status);
        if verdict == Verdict::LeftOut {
            all.left_out += usize::from(is_role && is_preset);
            return;
        }
        all.statuses[status.place()] += u32::from(is_role);
        if is_preset {
            roles.sort_unstable();
            roles.dedup();
            for role in roles {
                *all.roles.entry(role.to_owned()).or_default() += 1;
            }
        }
        if is_role && is_preset {
            all.shown.set(at);
        }
    }
}

/// The kind of each row of a part of a page: its status and its set of roles, as one number.
struct Kinds<'a> {
    page: &'a Page,
    first: usize,
    rule: StatusRule,
    sets: &'a [u32],
    /// The statuses of all rows; empty where so few are asked for that each is told by itself.
    statuses: Vec<u8>,
}

impl<'a> Kinds<'a> {
    fn new(page: &'a Page, first: usize, hits: &Bits, rule: StatusRule) -> Self {
        let (sets, _) = page.role_numbers();
        let rows = first..first + hits.len();
        let are_many = hits.count() * 8 > hits.len();
        let statuses = if are_many { page.statuses(rows.clone(), &rule) } else { Vec::new() };
        Self { page, first, rule, sets: &sets[rows], statuses }
    }

    #[inline]
    fn of(&self, row: usize) -> usize {
        let told = || self.page.status(self.first + row, &self.rule).place();
        let status = self.statuses.get(row).map_or_else(told, |status| usize::from(*status));
        index(self.sets[row]) * 8 + status
    }

    /// Counts the rows of each kind.
    fn count(&self, hits: &Bits, sets: usize) -> Vec<u32> {
        let mut counts = vec![0; sets * 8];
        hits.for_each(|row| counts[self.of(row)] += 1);
        counts
    }
}

impl Found {
    /// Appends what was found in the rows behind, which are of this page.
    pub(super) fn append(&mut self, other: Self, page: &Page) {
        self.hits.append(&other.hits);
        self.almost.append(&other.almost);
        self.shown.append(&other.shown);
        self.statuses.iter_mut().zip(other.statuses).for_each(|(all, more)| *all += more);
        self.left_out += other.left_out;
        self.next_status = self.next_status.into_iter().chain(other.next_status).min();
        let (_, sets) = page.role_numbers();
        for (set, count) in other.sets.into_iter().enumerate().filter(|(_, count)| *count > 0) {
            for role in sets.distinct(number(set)) {
                match self.roles.get_mut(role) {
                    Some(all) => *all += count,
                    None => drop(self.roles.insert(role.to_owned(), count)),
                }
            }
        }
        for (role, count) in other.roles {
            *self.roles.entry(role).or_default() += count;
        }
    }
}
