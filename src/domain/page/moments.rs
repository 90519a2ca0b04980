//! A column of moments: four bytes a row where they lie within 68 years of one another, and lossless always.

use std::ops::Range;

use jiff::Timestamp;

use crate::domain::{Bits, Expiry, LastUse};

/// A moment as a pair of numbers that compares as the moment does; "never" and "unknown" are after all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stamp {
    seconds: i64,
    nanos: u32,
}

impl Stamp {
    /// Not reported.
    pub const UNKNOWN: Self = Self { seconds: i64::MAX - 1, nanos: 0 };
    /// Reported, and there is none.
    pub const NEVER: Self = Self { seconds: i64::MAX, nanos: 0 };
    /// Before every moment.
    pub const FIRST: Self = Self { seconds: i64::MIN, nanos: 0 };

    /// Returns the pair of a moment.
    pub fn of(moment: Timestamp) -> Self {
        let nanos = moment.subsec_nanosecond();
        // Both parts have the sign of the whole; rounded down, the pair compares as the moment does.
        if nanos < 0 {
            Self { seconds: moment.as_second() - 1, nanos: (1_000_000_000 + nanos).unsigned_abs() }
        } else {
            Self { seconds: moment.as_second(), nanos: nanos.unsigned_abs() }
        }
    }

    /// Returns what is right behind it: a bound that leaves it out.
    #[must_use]
    pub const fn next(self) -> Self {
        Self { seconds: self.seconds, nanos: self.nanos + 1 }
    }

    /// Tells whether it is a moment.
    #[inline]
    pub const fn is_moment(self) -> bool {
        self.seconds < Self::UNKNOWN.seconds
    }

    /// Returns a number of 63 bits that is smaller for an earlier moment, and the same only for moments within 128
    /// nanoseconds. Of a moment only.
    #[inline]
    pub(crate) fn rough(self) -> u64 {
        // Moments are within 2^39 seconds of 1970.
        let seconds = u64::try_from(self.seconds.saturating_add(1 << 39)).unwrap_or(0);
        seconds << 23 | u64::from(self.nanos >> 7)
    }

    /// Returns the moment; `None` for never and unknown.
    pub fn moment(self) -> Option<Timestamp> {
        let nanos = i32::try_from(self.nanos).ok()?;
        if self.is_moment() { Timestamp::new(self.seconds, nanos).ok() } else { None }
    }

    /// Returns what it is as a last use.
    pub fn last_use(self) -> LastUse {
        self.moment().map_or(if self == Self::NEVER { LastUse::Never } else { LastUse::NotReported }, LastUse::At)
    }

    /// Returns what it is as an expiry.
    pub fn expiry(self) -> Expiry {
        self.moment().map_or(if self == Self::NEVER { Expiry::Never } else { Expiry::NotReported }, Expiry::At)
    }
}

impl From<LastUse> for Stamp {
    fn from(used: LastUse) -> Self {
        match used {
            LastUse::NotReported => Self::UNKNOWN,
            LastUse::Never => Self::NEVER,
            LastUse::At(moment) => Self::of(moment),
        }
    }
}

impl From<Expiry> for Stamp {
    fn from(expires: Expiry) -> Self {
        match expires {
            Expiry::NotReported => Self::UNKNOWN,
            Expiry::Never => Self::NEVER,
            Expiry::At(moment) => Self::of(moment),
        }
    }
}

impl From<Option<Timestamp>> for Stamp {
    fn from(moment: Option<Timestamp>) -> Self {
        moment.map_or(Self::UNKNOWN, Self::of)
    }
}

/// An interval of what a column keeps.
#[derive(Debug, Clone, Copy)]
pub(super) struct Narrow {
    from: u32,
    length: u64,
}

impl Narrow {
    /// Tells whether a value is in it, without a branch that could be guessed wrong.
    #[inline]
    pub(super) fn has(self, value: u32) -> bool {
        u64::from(value.wrapping_sub(self.from)) < self.length
    }
}

const SMALL_NEVER: u32 = u32::MAX;
const SMALL_UNKNOWN: u32 = u32::MAX - 1;

/// A column of moments.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Moments {
    /// What 0 means in `small`; set by the first moment, which then lies in the middle.
    base: Option<i64>,
    small: Vec<u32>,
    /// Whole seconds, from the first row on, once a moment did not fit in `small`.
    wide: Vec<i64>,
    /// Empty while all moments are whole seconds.
    nanos: Vec<u32>,
}

impl Moments {
    /// Returns how many rows there are.
    pub(crate) fn len(&self) -> usize {
        self.small.len().max(self.wide.len())
    }

    /// Returns the moment of a row.
    #[inline]
    pub(crate) fn get(&self, row: usize) -> Stamp {
        let seconds = match self.small.get(row) {
            Some(&SMALL_NEVER) => return Stamp::NEVER,
            Some(&SMALL_UNKNOWN) => return Stamp::UNKNOWN,
            Some(&small) => self.base.unwrap_or(0) + i64::from(small),
            None => self.wide[row],
        };
        Stamp { seconds, nanos: self.nanos.get(row).copied().unwrap_or(0) }
    }

    /// Returns which of some rows have a time from `from` on and before `until`, counted from the first of them.
    pub(crate) fn between(&self, rows: Range<usize>, from: Stamp, until: Option<Stamp>) -> Bits {
        if let Some((column, narrow)) = self.narrow(from, until) {
            let column = &column[rows];
            return Bits::from_fn(column.len(), |row| narrow.has(column[row]));
        }
        let first = rows.start;
        Bits::from_fn(rows.len(), |row| {
            let time = self.get(first + row);
            time >= from && until.is_none_or(|until| time < until)
        })
    }

    /// Returns the column as it is kept with the same interval in it; `None` where four bytes do not tell.
    pub(super) fn narrow(&self, from: Stamp, until: Option<Stamp>) -> Option<(&[u32], Narrow)> {
        if !self.wide.is_empty() || !self.nanos.is_empty() {
            return None;
        }
        let base = self.base.unwrap_or(0);
        let least = |stamp: Stamp| match stamp {
            Stamp::UNKNOWN => u64::from(SMALL_UNKNOWN),
            stamp if stamp > Stamp::UNKNOWN => u64::from(SMALL_NEVER),
            // All moments are whole seconds: the first that is not before a part of one is the next.
            stamp => {
                let steps = stamp.seconds.saturating_add(i64::from(stamp.nanos > 0)).saturating_sub(base);
                u64::try_from(steps.max(0)).unwrap_or(0).min(u64::from(SMALL_UNKNOWN))
            }
        };
        let from = least(from);
        let until = until.map_or(1 << 32, least);
        Some((&self.small, Narrow { from: u32::try_from(from).ok()?, length: until.saturating_sub(from) }))
    }

    /// Tells whether all moments are whole seconds.
    pub(crate) fn are_whole(&self) -> bool {
        self.nanos.is_empty()
    }

    /// Appends a row.
    pub(super) fn push(&mut self, stamp: Stamp) {
        let rows = self.len();
        if stamp.nanos != 0 || !self.nanos.is_empty() {
            self.nanos.resize(rows, 0);
            self.nanos.push(stamp.nanos);
        }
        if !self.wide.is_empty() {
            return self.wide.push(stamp.seconds);
        }
        if let Some(small) = self.small_of(stamp) {
            self.small.push(small);
        } else {
            self.wide = (0..rows).map(|row| self.get(row).seconds).collect();
            self.small = Vec::new();
            self.wide.push(stamp.seconds);
        }
    }

    /// Returns what stands for a moment in `small`, if it fits.
    fn small_of(&mut self, stamp: Stamp) -> Option<u32> {
        match stamp {
            Stamp::NEVER => Some(SMALL_NEVER),
            Stamp::UNKNOWN => Some(SMALL_UNKNOWN),
            Stamp { seconds, .. } => {
                let base = *self.base.get_or_insert(seconds.saturating_sub(1 << 31));
                u32::try_from(seconds.checked_sub(base)?).ok().filter(|small| *small < SMALL_UNKNOWN)
            }
        }
    }

    /// Appends some rows of another column.
    pub(super) fn append(&mut self, other: &Self, rows: Range<usize>) {
        rows.for_each(|row| self.push(other.get(row)));
    }

    /// Keeps room for all rows of other columns.
    pub(super) fn reserve<'a>(&mut self, others: impl Iterator<Item = &'a Self> + Clone) {
        self.small.reserve_exact(others.clone().map(|other| other.small.len()).sum());
        self.nanos.reserve_exact(others.map(|other| other.nanos.len()).sum());
    }

    /// Gives back the room that was kept for more.
    pub(super) fn shrink(&mut self) {
        self.small.shrink_to_fit();
        self.wide.shrink_to_fit();
        self.nanos.shrink_to_fit();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(texts: &[&str]) -> (Moments, Vec<Stamp>) {
        let stamps: Vec<Stamp> = texts
            .iter()
            .map(|text| match *text {
                "never" => Stamp::NEVER,
                "unknown" => Stamp::UNKNOWN,
                moment => Stamp::of(moment.parse().expect("a moment")),
            })
            .collect();
        let mut column = Moments::default();
        for stamp in &stamps {
            column.push(*stamp);
        }
        (column, stamps)
    }

    #[test]
    fn moments_come_back_as_they_went_in() {
        for texts in [
            &["never", "2026-01-01T00:00:00Z", "unknown", "1970-01-01T00:00:00Z"][..],
            &["2026-01-01T00:00:00Z", "9999-01-01T00:00:00Z", "never", "unknown"],
            &["unknown", "1969-12-31T23:59:59.25Z", "2026-01-01T00:00:00.000000001Z", "never"],
            &["-009999-01-02T01:59:59Z", "9999-12-30T22:00:00.999999999Z", "never", "unknown"],
        ] {
            let (column, stamps) = column(texts);
            for (row, stamp) in stamps.iter().enumerate() {
                assert_eq!(column.get(row), *stamp, "{texts:?} {row}");
                if stamp.is_moment() {
                    assert_eq!(stamp.moment(), texts[row].parse().ok(), "{texts:?} {row}");
                }
            }
        }
    }

    #[test]
    fn pairs_compare_as_moments_do() {
        let texts =
            ["1969-12-31T23:59:58.9Z", "1969-12-31T23:59:59Z", "1969-12-31T23:59:59.5Z", "1970-01-01T00:00:00Z"];
        let (_, stamps) = column(&texts);
        assert!(stamps.is_sorted());
        assert!(Stamp::of(Timestamp::MAX) < Stamp::UNKNOWN && Stamp::FIRST < Stamp::of(Timestamp::MIN));
    }

    #[test]
    fn ordinary_columns_stay_small() {
        let (column, _) = column(&["never", "2026-01-01T00:00:00Z", "1970-01-01T00:00:00Z", "2090-01-01T00:00:00Z"]);
        assert!(column.wide.is_empty() && column.nanos.is_empty());
    }
}
