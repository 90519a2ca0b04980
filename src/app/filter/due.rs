//! When statuses change by themselves, as far as the view before tells.

use jiff::Timestamp;

use super::FilterJob;

/// What the view before tells of the rows that it knew: when the first of their statuses changes by itself.
///
/// It holds whatever the query is, so that no row is looked at again for every letter that is typed. For a row that was
/// changed since it may be too early, never too late.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Due {
    /// How many rows it is known of.
    numbers: usize,
    /// The moment; `None` for never.
    pub(super) at: Option<Timestamp>,
}

impl Due {
    /// Returns what the former view of a job is good for: nothing once its moment has come.
    pub(super) fn of(job: &FilterJob) -> Self {
        let Some(view) = job.previous.as_deref() else { return Self::default() };
        let holds = view.now() <= job.now
            && view.next_status().is_none_or(|moment| moment > job.now)
            && view.windows() == job.windows
            && job.inventory.changed_since(view.epoch(), view.generation()).is_some();
        if holds { Self { numbers: view.numbers(), at: view.next_status() } } else { Self::default() }
    }

    /// Tells whether it is known of all rows before this number.
    pub(super) const fn covers(&self, number: usize) -> bool {
        number <= self.numbers
    }
}
