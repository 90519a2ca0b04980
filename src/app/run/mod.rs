//! One confirmed revocation of one or more tokens, as a state machine.

mod listed;
mod order;
mod outcome;
mod step;
mod unfinished;
mod window;
mod written;

use std::time::Duration;

use jiff::Timestamp;

use super::effect::Ticket;
use super::modal::Frozen;
use crate::domain::{CallId, ContextName, Failure, FailureKind, Outcome, RunId, Sequence};

pub use listed::Listing;
pub(super) use listed::{awaits, list_read};
pub(super) use step::{advance, answered, cancel, next_wake, resume, start};
pub use unfinished::far;
pub(super) use unfinished::{found, give_up, go_on};
pub use window::Window;
pub use written::Begun;
pub(super) use written::recorded;

/// A run.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    /// Its name in the journal.
    pub id: RunId,
    /// Whether what was confirmed stands in the journal.
    pub begun: Begun,
    /// The one context it is in.
    pub context: ContextName,
    /// Its tokens in the order of sending: children before their parents, the operator's own credential last.
    pub items: Vec<Item>,
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

/// A token of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// The token as it was confirmed.
    pub frozen: Frozen,
    /// How far it is.
    pub state: ItemState,
    /// The journal's number of its intent; `None` before that is durable.
    pub intent: Option<Sequence>,
    /// How often the request was repeated.
    pub tries: u32,
    /// When the last request was answered, or its answer was given up; `None` before.
    pub answered: Option<Timestamp>,
    /// Why the last answer left it unknown what became of the token; `None` when it did not.
    pub trouble: Option<Failure>,
    /// The kind of failure that ended it without effect; `None` when none did.
    pub refused: Option<FailureKind>,
    /// How many readings of the list in a row did not show it.
    pub misses: u32,
}

/// How far a token of a run is.
#[derive(Debug, Clone, PartialEq)]
pub enum ItemState {
    /// Not begun.
    Waiting,
    /// It is being read again.
    Reading(CallId),
    /// Its intent is being made durable.
    Recording(Ticket),
    /// The request is on its way.
    Sending(CallId),
    /// It is revoked, and the backend is being asked again.
    Proving(CallId),
    /// It was sent, and the backend is asked again as soon as it may be.
    ToProve,
    /// It was sent, the backend did not say yet that it is dead, and is asked again at this moment.
    Later(Timestamp),
    /// It was sent, and waits for the list to be read again.
    Listing,
    /// Revoked; the backend was asked again and did not say that it is dead.
    Unproved(String),
    /// It has its outcome.
    Over(Outcome),
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

/// The counts of a run; they add up to `all`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// All tokens of the run.
    pub all: usize,
    /// Not over yet.
    pub open: usize,
    /// Revoked by this run, not proved.
    pub revoked: usize,
    /// Revoked or gone, and the backend was asked again.
    pub verified: usize,
    /// Gone before.
    pub gone: usize,
    /// Skipped, because somebody changed them.
    pub changed: usize,
    /// Failed without effect.
    pub failed: usize,
    /// Sent, and what became of them is unknown.
    pub unverified: usize,
    /// Revoked as the backend said, and still alive when it was asked again.
    pub alive: usize,
    /// Called off.
    pub not_sent: usize,
}

impl Run {
    /// Makes a run of which nothing was written or sent.
    pub fn new(context: ContextName, items: Vec<Item>, began: Timestamp) -> Self {
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

    /// Counts the tokens by how far they are.
    pub fn tally(&self) -> Tally {
        let mut tally = Tally { all: self.items.len(), ..Tally::default() };
        for item in &self.items {
            let count = match &item.state {
                ItemState::Waiting
                | ItemState::Reading(_)
                | ItemState::Recording(_)
                | ItemState::Sending(_)
                | ItemState::Proving(_)
                | ItemState::ToProve
                | ItemState::Later(_)
                | ItemState::Listing => &mut tally.open,
                ItemState::Unproved(_) | ItemState::Over(Outcome::Done(_)) => &mut tally.revoked,
                ItemState::Over(Outcome::VerifiedDead) => &mut tally.verified,
                ItemState::Over(Outcome::AlreadyGone) => &mut tally.gone,
                ItemState::Over(Outcome::Changed) => &mut tally.changed,
                ItemState::Over(Outcome::Failed(_) | Outcome::HadNoEffect) => &mut tally.failed,
                ItemState::Over(Outcome::Unverified(_)) => &mut tally.unverified,
                ItemState::Over(Outcome::StillAnswering(_)) => &mut tally.alive,
                ItemState::Over(Outcome::NotSent) => &mut tally.not_sent,
            };
            *count += 1;
        }
        tally
    }

    /// Returns how many tokens a second come to their end, and how long the rest takes at that rate; `None` while it is
    /// too early to say, or nothing is on its way.
    pub fn pace(&self, now: Timestamp) -> Option<Pace> {
        let tally = self.tally();
        let over = (tally.all - tally.open).checked_sub(self.before).filter(|over| *over > 0)?;
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

impl Item {
    /// Tells whether the token is dead, as far as the backend said.
    pub fn is_dead(&self) -> bool {
        matches!(
            self.state,
            ItemState::Unproved(_) | ItemState::Over(Outcome::Done(_) | Outcome::AlreadyGone | Outcome::VerifiedDead)
        )
    }

    /// Tells whether the backend said that it revoked the token.
    pub fn is_told(&self) -> bool {
        self.answered.is_some() && self.trouble.is_none()
    }

    /// Tells whether the backend was asked again and said that it is dead.
    pub fn is_proved(&self) -> bool {
        matches!(self.state, ItemState::Over(Outcome::VerifiedDead | Outcome::AlreadyGone))
    }
}

impl ItemState {
    /// Tells whether something is on its way for the token.
    pub const fn is_in_flight(&self) -> bool {
        matches!(self, Self::Reading(_) | Self::Recording(_) | Self::Sending(_) | Self::Proving(_))
    }

    /// Tells whether the backend is to be asked again now.
    pub fn is_to_prove(&self, now: Timestamp) -> bool {
        *self == Self::ToProve || self.later().is_some_and(|moment| moment <= now)
    }

    /// Returns the moment at which the backend is asked again; `None` where it is not asked at a moment.
    #[expect(clippy::wildcard_enum_match_arm, reason = "one state has a moment")]
    pub const fn later(&self) -> Option<Timestamp> {
        match self {
            Self::Later(moment) => Some(*moment),
            _ => None,
        }
    }
}
