//! Operations in flight: the one map that spinners, row notes and refusals read.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::contexts::LoginId;
use super::effect::{LoadId, Ticket};
use super::inventory::{Row, RowMap};
use super::run::Place;
use crate::domain::{CallId, ContextName, Operation, Sequence};

/// Operations in flight.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Calls(BTreeMap<CallId, Call>);

/// One operation in flight.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    /// Whom it asks.
    pub context: ContextName,
    /// What it asks.
    pub operation: Operation,
    /// Since when.
    pub since: Timestamp,
    /// The login of its context that it was sent with.
    pub login: LoginId,
    /// What the answer is for.
    pub purpose: CallPurpose,
}

/// What an answer is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CallPurpose {
    /// The list on screen.
    Load(LoadId),
    /// The detail pane.
    Detail(Row),
    /// `v`: does it live?
    Verify(Row),
    /// A token of a run: where it is.
    RunItem(Place),
    /// The re-reading before a single rotation, or the rotation, creation or edit itself.
    Pending(Ticket),
    /// Whether the token that this intent made lives, before the one that it replaces is asked about.
    Replacement(Sequence),
    /// A token that is looked for: its place among those.
    Sought(usize),
    /// Which token a value is: the number of the question.
    Identify(u64),
    /// What the tabs `Backends` and `Activity` show.
    Facts,
    /// The test call of the first-run screen.
    FirstRun,
}

impl Calls {
    /// Adds a call.
    pub fn insert(&mut self, id: CallId, call: Call) {
        self.0.insert(id, call);
    }

    /// Takes a call out; `None` when its answer is not awaited any more.
    pub fn remove(&mut self, id: CallId) -> Option<Call> {
        self.0.remove(&id)
    }

    /// Returns a call in flight.
    pub fn get(&self, id: CallId) -> Option<&Call> {
        self.0.get(&id)
    }

    /// Returns how many calls are in flight for a purpose.
    pub fn count(&self, purpose: &CallPurpose) -> usize {
        self.0.values().filter(|call| call.purpose == *purpose).count()
    }

    /// Takes out every call for a purpose, and returns their numbers.
    pub fn remove_all(&mut self, purpose: &CallPurpose) -> Vec<CallId> {
        self.0.extract_if(.., |_, call| call.purpose == *purpose).map(|(id, _)| id).collect()
    }

    /// Lets calls about rows follow an exchange; the answers about rows that are gone are not awaited any more.
    pub(super) fn follow(&mut self, map: &RowMap) {
        self.0.retain(|_, call| match &mut call.purpose {
            CallPurpose::Detail(row) | CallPurpose::Verify(row) => {
                let new = map.get(*row);
                *row = new.unwrap_or(*row);
                new.is_some()
            }
            CallPurpose::Load(_)
            | CallPurpose::RunItem(_)
            | CallPurpose::Pending(_)
            | CallPurpose::Replacement(_)
            | CallPurpose::Sought(_)
            | CallPurpose::Identify(_)
            | CallPurpose::Facts
            | CallPurpose::FirstRun => true,
        });
    }

    /// Returns the calls in flight, oldest first.
    pub fn iter(&self) -> impl Iterator<Item = (CallId, &Call)> {
        self.0.iter().map(|(id, call)| (*id, call))
    }

    /// Tells whether a call that changes something is in flight.
    pub fn changing(&self) -> bool {
        self.0.values().any(|call| call.operation.changes())
    }

    /// Tells whether nothing is in flight.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
