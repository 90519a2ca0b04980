//! The tokens of a run. Which of them come next is known without looking through all of them: a run of thousands looks
//! at every answer.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Index;

use jiff::Timestamp;

use crate::app::effect::Ticket;
use crate::app::modal::Frozen;
use crate::domain::{CallId, Failure, FailureKind, Outcome, Sequence};

/// A token of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// The token as it was confirmed.
    pub frozen: Frozen,
    /// How far it is.
    state: ItemState,
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

/// The tokens of a run in the order of sending, and which of them are how far.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Items {
    all: Vec<Item>,
    tally: Tally,
    in_flight: usize,
    waiting: BTreeSet<usize>,
    to_prove: BTreeSet<usize>,
    later: BTreeSet<(Timestamp, usize)>,
    listing: BTreeSet<usize>,
    recording: BTreeMap<Ticket, usize>,
}

impl Items {
    /// Returns how many there are.
    pub const fn len(&self) -> usize {
        self.all.len()
    }

    /// Tells whether there is none.
    pub const fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// Returns the tokens in the order of sending.
    pub fn iter(&self) -> std::slice::Iter<'_, Item> {
        self.all.iter()
    }

    /// Returns the first one.
    pub fn first(&self) -> Option<&Item> {
        self.all.first()
    }

    /// Returns one of them; `None` past the last.
    pub fn get(&self, index: usize) -> Option<&Item> {
        self.all.get(index)
    }

    /// Returns one of them to note what is known of it; how far it is only [`Items::set`] changes.
    pub(super) fn get_mut(&mut self, index: usize) -> Option<&mut Item> {
        self.all.get_mut(index)
    }

    /// Returns how many tokens are how far.
    pub const fn tally(&self) -> Tally {
        self.tally
    }

    /// Returns for how many something is on its way.
    pub(super) const fn in_flight(&self) -> usize {
        self.in_flight
    }

    /// Returns those that were not begun.
    pub(super) const fn waiting(&self) -> &BTreeSet<usize> {
        &self.waiting
    }

    /// Returns those that wait for the list.
    pub(super) const fn listing(&self) -> &BTreeSet<usize> {
        &self.listing
    }

    /// Returns the first one that the backend is to be asked again about by now.
    pub(super) fn to_prove(&self, now: Timestamp) -> Option<usize> {
        let due = self.later.first().filter(|(moment, _)| *moment <= now).map(|(_, index)| *index);
        self.to_prove.first().copied().or(due)
    }

    /// Tells whether the proof of one waits for a later moment, or for the list.
    pub(super) fn awaits_proof(&self) -> bool {
        !self.listing.is_empty() || !self.later.is_empty()
    }

    /// Returns the next moment after `now` at which the backend is asked again.
    pub(super) fn next_later(&self, now: Timestamp) -> Option<Timestamp> {
        self.later.iter().map(|(moment, _)| *moment).find(|moment| *moment > now)
    }

    /// Returns the one whose intent is awaited under this ticket.
    pub(super) fn recording(&self, ticket: Ticket) -> Option<usize> {
        self.recording.get(&ticket).copied()
    }

    /// Says how far a token is.
    pub(super) fn set(&mut self, index: usize, state: ItemState) {
        let Some(item) = self.all.get_mut(index) else { return };
        let before = std::mem::replace(&mut item.state, state);
        self.leave(index, &before);
        self.enter(index);
    }

    fn enter(&mut self, index: usize) {
        let state = &self.all[index].state;
        *self.tally.of(state) += 1;
        self.in_flight += usize::from(state.is_in_flight());
        match state {
            ItemState::Waiting => {
                self.waiting.insert(index);
            }
            ItemState::ToProve => {
                self.to_prove.insert(index);
            }
            ItemState::Later(moment) => {
                self.later.insert((*moment, index));
            }
            ItemState::Listing => {
                self.listing.insert(index);
            }
            ItemState::Recording(ticket) => {
                self.recording.insert(*ticket, index);
            }
            ItemState::Reading(_)
            | ItemState::Sending(_)
            | ItemState::Proving(_)
            | ItemState::Unproved(_)
            | ItemState::Over(_) => {}
        }
    }

    fn leave(&mut self, index: usize, state: &ItemState) {
        *self.tally.of(state) -= 1;
        self.in_flight -= usize::from(state.is_in_flight());
        match state {
            ItemState::Waiting => {
                self.waiting.remove(&index);
            }
            ItemState::ToProve => {
                self.to_prove.remove(&index);
            }
            ItemState::Later(moment) => {
                self.later.remove(&(*moment, index));
            }
            ItemState::Listing => {
                self.listing.remove(&index);
            }
            ItemState::Recording(ticket) => {
                self.recording.remove(ticket);
            }
            ItemState::Reading(_)
            | ItemState::Sending(_)
            | ItemState::Proving(_)
            | ItemState::Unproved(_)
            | ItemState::Over(_) => {}
        }
    }
}

impl FromIterator<Item> for Items {
    fn from_iter<T: IntoIterator<Item = Item>>(items: T) -> Self {
        let mut made = Self { all: items.into_iter().collect(), ..Self::default() };
        made.tally.all = made.all.len();
        for index in 0..made.all.len() {
            made.enter(index);
        }
        made
    }
}

impl Index<usize> for Items {
    type Output = Item;

    fn index(&self, index: usize) -> &Item {
        &self.all[index]
    }
}

impl<'a> IntoIterator for &'a Items {
    type Item = &'a Item;
    type IntoIter = std::slice::Iter<'a, Item>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl Tally {
    /// Returns how many have their outcome.
    pub const fn over(self) -> usize {
        self.all - self.open
    }

    /// Adds the counts of another run.
    pub(super) const fn plus(self, other: Self) -> Self {
        Self {
            all: self.all + other.all,
            open: self.open + other.open,
            revoked: self.revoked + other.revoked,
            verified: self.verified + other.verified,
            gone: self.gone + other.gone,
            changed: self.changed + other.changed,
            failed: self.failed + other.failed,
            unverified: self.unverified + other.unverified,
            alive: self.alive + other.alive,
            not_sent: self.not_sent + other.not_sent,
        }
    }

    /// Returns the count of the tokens that are as far as this.
    const fn of(&mut self, state: &ItemState) -> &mut usize {
        match state {
            ItemState::Waiting
            | ItemState::Reading(_)
            | ItemState::Recording(_)
            | ItemState::Sending(_)
            | ItemState::Proving(_)
            | ItemState::ToProve
            | ItemState::Later(_)
            | ItemState::Listing => &mut self.open,
            ItemState::Unproved(_) | ItemState::Over(Outcome::Done(_)) => &mut self.revoked,
            ItemState::Over(Outcome::VerifiedDead) => &mut self.verified,
            ItemState::Over(Outcome::AlreadyGone) => &mut self.gone,
            ItemState::Over(Outcome::Changed) => &mut self.changed,
            ItemState::Over(Outcome::Failed(_) | Outcome::HadNoEffect) => &mut self.failed,
            ItemState::Over(Outcome::Unverified(_)) => &mut self.unverified,
            ItemState::Over(Outcome::StillAnswering(_)) => &mut self.alive,
            ItemState::Over(Outcome::NotSent) => &mut self.not_sent,
        }
    }
}

impl Item {
    /// Makes a token of which this is known.
    pub const fn new(frozen: Frozen, state: ItemState) -> Self {
        Self { frozen, state, intent: None, tries: 0, answered: None, trouble: None, refused: None, misses: 0 }
    }

    /// Returns how far it is. Its run changes that.
    pub const fn state(&self) -> &ItemState {
        &self.state
    }

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

#[cfg(test)]
mod tests;
