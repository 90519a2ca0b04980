//! The runs of one confirmed revocation: one in each of its contexts, none of which waits for another.

use jiff::Timestamp;

use super::{Item, Pace, Phase, Run, Tally};
use crate::domain::{ContextName, Failure};

/// The runs that the last answer started, or that a later start went on with; each is in a context of its own.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Runs(Vec<Run>);

/// Where a token of a run is. It stands for the same one as long as a run is going.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The run.
    pub(super) run: usize,
    /// The token of it.
    pub(super) item: usize,
}

impl Runs {
    /// Puts a run beside those that are going, or in the place of those that are over; returns where it is.
    pub fn add(&mut self, run: Run) -> usize {
        if !self.is_going() {
            self.0.clear();
        }
        self.0.push(run);
        self.0.len() - 1
    }

    /// Returns them in their order.
    pub fn iter(&self) -> std::slice::Iter<'_, Run> {
        self.0.iter()
    }

    /// Returns how many there are.
    pub const fn len(&self) -> usize {
        self.0.len()
    }

    /// Tells whether nothing was revoked yet.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns one of them.
    pub fn get(&self, at: usize) -> Option<&Run> {
        self.0.get(at)
    }

    /// Returns one of them, to change it.
    pub(super) fn get_mut(&mut self, at: usize) -> Option<&mut Run> {
        self.0.get_mut(at)
    }

    /// Returns where the run of a context is that has something to do.
    pub(super) fn going_in(&self, context: &ContextName) -> Option<usize> {
        self.0.iter().position(|run| run.is_going() && run.context == *context)
    }

    /// Tells whether one of them has something to do.
    pub fn is_going(&self) -> bool {
        self.0.iter().any(Run::is_going)
    }

    /// Returns the first one that is paused, and why.
    pub fn paused(&self) -> Option<(&Run, &Failure)> {
        self.0.iter().find_map(|run| match &run.phase {
            Phase::Paused(failure) => Some((run, failure)),
            Phase::Going | Phase::Cancelling | Phase::Over => None,
        })
    }

    /// Returns how many tokens are how far, in all of them.
    pub fn tally(&self) -> Tally {
        self.0.iter().map(Run::tally).fold(Tally::default(), Tally::plus)
    }

    /// Returns how fast they go together, and how long the longest takes; `None` while it is too early to say.
    pub fn pace(&self, now: Timestamp) -> Option<Pace> {
        let together = |one: Pace, other: Pace| Pace {
            per_second: one.per_second + other.per_second,
            left: one.left.max(other.left),
        };
        self.0.iter().filter_map(|run| run.pace(now)).reduce(together)
    }

    /// Returns every token of them, with its context.
    pub fn items(&self) -> impl Iterator<Item = (&ContextName, &Item)> {
        self.0.iter().flat_map(|run| run.items.iter().map(move |item| (&run.context, item)))
    }
}

impl<'a> IntoIterator for &'a Runs {
    type Item = &'a Run;
    type IntoIter = std::slice::Iter<'a, Run>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}
