//! One confirmed revocation of one or more tokens, as a state machine for each of their contexts.

mod items;
mod listed;
mod order;
mod outcome;
mod runs;
mod step;
mod unfinished;
mod window;
mod written;

use std::time::Duration;

use jiff::Timestamp;

use crate::domain::{ContextName, Failure, RunId};

pub use items::{Item, ItemState, Items, Tally};
pub use listed::Listing;
pub(super) use listed::{awaits, list_read};
pub use runs::{Place, Runs};
pub(super) use step::{advance, answered, cancel, next_wake, resume, start};
pub use unfinished::far;
pub(super) use unfinished::{found, give_up, go_on};
pub use window::Window;
pub use written::Begun;
pub(super) use written::recorded;

/// A run: the tokens of one context that one answer confirmed.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    /// Its name in the journal.
    pub id: RunId,
    /// Whether what was confirmed stands in the journal.
    pub begun: Begun,
    /// The one context it is in.
    pub context: ContextName,
    /// Its tokens in the order of sending: children before their parents, the operator's own credential last.
    pub items: Items,
    /// How it goes.
    pub phase: Phase,
    /// Nothing is sent before this moment, because the backend asked to wait; `None` when it did not.
    pub not_before: Option<Timestamp>,
    /// What it knows by the list, where the backend reads no single token.
    pub list: Listing,
    /// How many tokens are worked on at once.
    pub window: Window,
    /// When it was confirmed, or a later start went on with it.
    pub began: Timestamp,
    /// How many of its tokens were over by then.
    pub before: usize,
}

/// How a run goes.
#[derive(Debug, Clone, PartialEq)]
pub enum Phase {
    /// It goes on.
    Going,
    /// Nothing new is sent until the cause is gone: a dead credential, no network, a full disk.
    Paused(Failure),
    /// The operator called it off: what is in flight ends, nothing new is sent.
    Cancelling,
    /// Every token has its outcome, or was not sent.
    Over,
}

/// How fast a run goes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pace {
    /// Tokens that come to their end in a second.
    pub per_second: f64,
    /// How long the rest takes at that rate.
    pub left: Duration,
}

/// How long a run has to go on before its rate says anything.
const EARLY: Duration = Duration::from_secs(2);

impl Run {
    /// Makes a run of which nothing was written or sent.
    pub fn new(context: ContextName, items: Items, began: Timestamp) -> Self {
        Self {
            // Named when what was confirmed is written.
            id: RunId::new(""),
            begun: Begun::Not,
            context,
            items,
            phase: Phase::Going,
            not_before: None,
            list: Listing::default(),
            window: Window::default(),
            began,
            before: 0,
        }
    }

    /// Returns how many tokens are how far.
    pub const fn tally(&self) -> Tally {
        self.items.tally()
    }

    /// Returns how many tokens a second come to their end, and how long the rest takes at that rate; `None` while it is
    /// too early to say, or nothing is on its way.
    pub fn pace(&self, now: Timestamp) -> Option<Pace> {
        let tally = self.tally();
        let over = tally.over().checked_sub(self.before).filter(|over| *over > 0)?;
        let since = Duration::try_from(now.duration_since(self.began)).ok()?;
        if self.phase != Phase::Going || since < EARLY {
            return None;
        }
        #[expect(clippy::cast_precision_loss, reason = "a rate for a person")]
        let per_second = over as f64 / since.as_secs_f64();
        #[expect(clippy::cast_precision_loss, reason = "a time for a person")]
        let left = Duration::try_from_secs_f64(tally.open as f64 / per_second).ok()?;
        Some(Pace { per_second, left })
    }

    /// Tells whether the run still has something to do.
    pub fn is_going(&self) -> bool {
        !matches!(self.phase, Phase::Over)
    }
}
