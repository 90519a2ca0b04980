//! Lists in two steps: for each row of the first, its tokens, or the one it stands for, are asked for. Several at once,
//! and what comes is decoded in batches, since each is small.

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::answers;
use super::calls::CallPurpose;
use super::contexts::{Load, LoadEnd};
use super::effect::Effect;
use super::model::Model;
use crate::domain::{ContextName, Cursor, Failure, FailureKind, Holds, Operation, Progress, RawPage};

/// How long what came waits for more before it is decoded: each batch is a piece of the inventory, and a pass.
const BATCH_TIME: SignedDuration = SignedDuration::from_millis(100);
/// How many answers are decoded at once, at the most.
const BATCH: usize = 512;

/// What is asked for the rows of a first step.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Below {
    /// What is to be asked for, in order.
    waiting: VecDeque<Cursor>,
    /// Further pages of a parent that were asked for: one that returns is a circle.
    seen: HashSet<Cursor>,
    /// What came and is not being decoded yet.
    came: Vec<Arc<RawPage>>,
    /// When a batch last went to the decoder.
    batch_at: Option<Timestamp>,
    /// How many batches went to the decoder.
    batches: usize,
    /// How many of them there are, as far as is known.
    pub all: usize,
    /// How many have been answered.
    pub done: usize,
    /// Why the list is not whole, though it was read to its end; `None` while it is.
    pub gap: Option<String>,
}

impl Below {
    /// Tells whether nothing of it is left to be done.
    pub(super) fn is_over(&self) -> bool {
        self.waiting.is_empty() && self.came.is_empty()
    }

    /// Gives up what is left.
    pub(super) fn give_up(&mut self) {
        self.waiting.clear();
        self.came.clear();
    }

    /// Notes what a page of the first step has below it.
    pub(super) fn add(&mut self, below: &[Cursor]) {
        self.all += below.len();
        self.waiting.extend(below.iter().cloned());
    }

    /// Takes what came for one row, which may have further pages.
    pub(super) fn take(&mut self, page: Arc<RawPage>) {
        match &page.next {
            Some(next) if self.seen.len() >= Progress::MAX_PAGES as usize || !self.seen.insert(next.clone()) => {
                self.done += 1;
                let parent = page.at.as_ref().and_then(Cursor::parent).map(crate::domain::escape).unwrap_or_default();
                self.gap.get_or_insert(format!("the pages of {parent} lead round in a circle"));
            }
            Some(next) => self.waiting.push_front(next.clone()),
            None => self.done += 1,
        }
        if page.holds != Holds::Nothing {
            self.came.push(page);
        }
    }

    /// Notes that one row could not be asked about; tells whether the others can.
    pub(super) fn miss(&mut self, parent: &str, failure: &Failure) -> bool {
        let goes_on = match failure.kind {
            FailureKind::Forbidden
            | FailureKind::NotFound
            | FailureKind::Changed
            | FailureKind::Refused
            | FailureKind::Server
            | FailureKind::Protocol => true,
            FailureKind::Credential
            | FailureKind::Busy(_)
            | FailureKind::Offline
            | FailureKind::Tls
            | FailureKind::TimedOut
            | FailureKind::ReadOnly
            | FailureKind::NotOffered
            | FailureKind::Cancelled
            | FailureKind::Sealed
            | FailureKind::Local => false,
        };
        if goes_on {
            self.done += 1;
            self.gap.get_or_insert(format!("{}: {failure}", crate::domain::escape(parent)));
        }
        goes_on
    }

    /// Returns when the next batch goes to the decoder by itself.
    pub(super) fn next_batch(&self) -> Option<Timestamp> {
        let last = self.batch_at.filter(|_| !self.came.is_empty())?;
        last.checked_add(BATCH_TIME).ok()
    }

    fn is_due(&self, now: Timestamp, idle: bool) -> bool {
        let waited = self.next_batch().is_none_or(|moment| moment <= now);
        !self.came.is_empty() && (idle || waited || self.came.len() >= BATCH)
    }
}

/// Asks for what is below, and has decoded what came.
pub(super) fn advance(model: &mut Model, name: &ContextName, effects: &mut Vec<Effect>) {
    ask(model, name, effects);
    decode(model, name, effects);
}

fn ask(model: &mut Model, name: &ContextName, effects: &mut Vec<Effect>) {
    let Some(state) = model.context(name) else { return };
    let Some(load) = &state.list.load else { return };
    let id = load.id;
    let at_once = state.context.capabilities.connections;
    let is_open = matches!(load.end, None | Some(LoadEnd::Complete)) && load.again.is_empty();
    if !is_open || model.leaving.is_some() {
        return;
    }
    let free = at_once.saturating_sub(model.calls.count(&CallPurpose::Load(id)));
    let Some(load) = load_of(model, name) else { return };
    let count = free.min(load.below.waiting.len());
    let cursors: Vec<Cursor> = load.below.waiting.drain(..count).collect();
    for cursor in cursors {
        answers::call(model, name, Operation::List(Some(cursor)), CallPurpose::Load(id), effects);
    }
}

fn decode(model: &mut Model, name: &ContextName, effects: &mut Vec<Effect>) {
    let now = model.now;
    let Some(id) = model.context(name).and_then(|state| Some(state.list.load.as_ref()?.id)) else { return };
    let on_their_way = model.calls.count(&CallPurpose::Load(id));
    let Some(load) = load_of(model, name) else { return };
    let idle = on_their_way == 0 && load.below.waiting.is_empty();
    if load.undecoded > 0 || !load.below.is_due(now, idle) {
        return;
    }
    load.below.batch_at = Some(now);
    load.below.batches += 1;
    load.undecoded += 1;
    let pages = std::mem::take(&mut load.below.came);
    let place = load.cursors.len() + load.below.batches;
    effects.push(Effect::Decode { load: id, place, context: name.clone(), pages });
}

fn load_of<'m>(model: &'m mut Model, name: &ContextName) -> Option<&'m mut Load> {
    model.context_mut(name)?.list.load.as_mut()
}
