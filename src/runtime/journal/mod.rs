//! The journal: what was about to be done and what came of it, durable before anything leaves.

mod chain;
mod check;
mod disk;
mod entry;
mod fence;
mod file;
mod format;
mod held;
mod keeper;
mod lock;

use std::sync::Arc;

use super::vault::Places;
use crate::domain::{Failure, Record, Sequence};

pub use check::{Changed, Checked, Without};
pub use file::{FileJournal, NAME, Verified, accept, read, verify};

/// A list of records that only grows.
pub trait Journal: Send {
    /// Makes a record durable and returns its number; the number in the record is not looked at.
    ///
    /// # Errors
    /// When it is not durable: then it is not in the journal at all, and what it announces must not be done.
    fn append(&mut self, record: Record) -> Result<Sequence, Failure> {
        self.append_all(vec![record]).map(|range| range.first)
    }

    /// Makes records durable together, all or none of them.
    ///
    /// # Errors
    /// When they are not durable: then none of them is in the journal.
    fn append_all(&mut self, records: Vec<Record>) -> Result<Numbers, Failure>;

    /// Looks for the key that vouches for what is written, and whether everything is as it was left. Blocks, for at most
    /// 3 s for each of the places; where there is no key the journal goes on without.
    fn find_key(&mut self, _places: &Arc<Places>) {}

    /// Takes what there is to tell since the last time: of kind [`crate::domain::FailureKind::Changed`] where something is not as it was
    /// left.
    fn told(&mut self) -> Vec<Failure> {
        Vec::new()
    }
}

/// The numbers that records were given, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Numbers {
    /// The first one.
    pub first: Sequence,
    /// How many there are.
    pub count: usize,
}

/// What was found when a journal was opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recovery {
    /// Nothing out of order.
    Whole,
    /// The last write was not finished: it was cut off. Nothing that was acted upon is lost.
    Cut {
        /// How many bytes.
        bytes: u64,
    },
    /// A record is damaged: the file was set aside whole, and a new one begun. Nothing in it was acted upon.
    SetAside {
        /// The name it has now, beside the new one.
        name: String,
        /// What is wrong with it.
        why: String,
    },
}

impl Recovery {
    /// Returns what to tell the person; `None` when there is nothing to tell.
    pub fn failure(&self) -> Option<Failure> {
        match self {
            Self::Whole => None,
            Self::Cut { bytes } => Some(Failure::local(
                format!("the journal's last write was not finished ({bytes} bytes cut off)"),
                "Nothing was sent on the strength of it; look through Activity for what was going on",
            )),
            Self::SetAside { name, why } => Some(
                Failure::local(
                    format!("the journal is damaged and was set aside as {name}"),
                    "Unfinished work in it is not offered: compare the backend's own audit log",
                )
                .with_detail(why.as_str()),
            ),
        }
    }
}

/// A journal in memory: for the demo, which leaves nothing behind, and for tests.
#[derive(Debug, Default)]
pub struct MemoryJournal {
    /// What was written.
    pub records: Vec<Record>,
    /// What every append answers instead; `None` for a journal that works.
    pub fails: Option<Failure>,
}

impl Journal for MemoryJournal {
    fn append_all(&mut self, records: Vec<Record>) -> Result<Numbers, Failure> {
        if let Some(failure) = &self.fails {
            return Err(failure.clone());
        }
        let (before, count) = (self.records.len() as u64, records.len());
        self.records.extend(records.into_iter().zip(1..).map(|(record, number)| {
            let sequence = Sequence(before + number);
            Record { sequence, ..record }
        }));
        Ok(Numbers { first: Sequence(before + 1), count })
    }
}

#[cfg(test)]
mod tests {
    use super::entry::tests::samples;
    use super::*;

    #[test]
    fn memory_numbers_like_the_file() {
        let mut journal = MemoryJournal::default();
        let count = samples().len();
        assert_eq!(journal.append_all(samples()), Ok(Numbers { first: Sequence(1), count }));
        assert_eq!(journal.append(samples().remove(0)), Ok(Sequence(count as u64 + 1)));
    }
}
