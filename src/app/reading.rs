//! The list, read again for somebody who must know: by it tokens are compared and proved where the backend reads no
//! single token.

use jiff::{SignedDuration, Timestamp};

use super::contexts::{ContextState, ListExtent, LoadEnd, Manner};
use super::effect::{Effect, LoadId};
use super::inventory::Slice;
use super::model::Model;
use super::{loading, pending, replacing, run};
use crate::domain::{ContextName, Failure, FailureKind, Page, Sought, State, Token};

/// How old a list may be by which something is sent.
const FRESH: SignedDuration = SignedDuration::from_secs(10);

/// How long a backend is asked again whose list does not show yet what it was told.
pub(super) const PATIENCE: SignedDuration = SignedDuration::from_secs(40);

/// A list as it was read again.
#[derive(Debug, Clone, PartialEq)]
pub struct ReadList {
    /// When the reading ended. A long list takes its time, and nothing fresher can be had.
    pub at: Timestamp,
    /// Its pages.
    pub pages: Vec<Slice>,
    /// Why it is not whole; `None` when it is. What such a list does not hold may be there nevertheless.
    pub gap: Option<String>,
}

impl ReadList {
    /// Returns the token that was shown as it is listed now, or another one that has its id. The other one comes first
    /// while it lives: an id says no more which of two would die, also where one page is older than the other.
    pub(super) fn find(&self, shown: &Token) -> Option<Token> {
        let lives = |page: &Page, at: usize| page.state(at) != State::Revoked;
        let another = self.search(shown, |page, at| lives(page, at) && differ(page.created(at), shown.created));
        another.or_else(|| self.same(shown)).or_else(|| self.search(shown, |_, _| true))
    }

    /// Returns the token that was shown as it is listed now. A creation that is not told is no difference.
    pub(super) fn same(&self, shown: &Token) -> Option<Token> {
        self.search(shown, |page, at| page.created(at) == shown.created)
            .or_else(|| self.search(shown, |page, at| page.created(at).is_none() || shown.created.is_none()))
    }

    fn search(&self, shown: &Token, test: impl Fn(&Page, usize) -> bool) -> Option<Token> {
        let id = &Sought::new(shown.id.raw());
        self.pages.iter().find_map(|slice| slice.find(id, &test))
    }

    /// Tells whether something may be sent by it now.
    pub(super) fn is_fresh(&self, now: Timestamp) -> bool {
        is_fresh(self.at, now)
    }
}

/// Tells whether something may be sent by the list in the table. While another one is being read, or waits until it may
/// be shown, that one may say something else already.
pub(super) fn table_is_fresh(model: &Model, name: &ContextName) -> bool {
    let fresh = |state: &ContextState| {
        let newest = state.list.extent == ListExtent::Complete && state.list.load.is_none();
        let whole = newest && state.stale().is_none();
        whole && state.list.data_at.is_some_and(|at| is_fresh(at, model.now))
    };
    model.context(name).is_some_and(fresh)
}

/// Returns the token that was shown as the table has it now, or another one that has its id, as [`ReadList::find`] does.
pub(super) fn find_in_table(model: &Model, name: &ContextName, shown: &Token) -> Option<Token> {
    let inventory = &model.tokens.inventory;
    let newest = inventory.find_id(name, shown.id.raw()).and_then(|row| inventory.token(row));
    let another = |token: &Token| token.state != State::Revoked && differ(token.created, shown.created);
    let same = || inventory.find(&shown.key(name)).and_then(|row| inventory.token(row));
    newest.clone().filter(another).or_else(same).or(newest)
}

/// Tells whether two moments are known and not the same.
fn differ(one: Option<Timestamp>, other: Option<Timestamp>) -> bool {
    matches!((one, other), (Some(one), Some(other)) if one != other)
}

/// A clock that was set back makes nothing fresh.
fn is_fresh(at: Timestamp, now: Timestamp) -> bool {
    (SignedDuration::ZERO..=FRESH).contains(&now.duration_since(at))
}

/// Returns the failure of a token that a whole list does not hold.
pub(super) fn not_listed() -> Failure {
    Failure::new(FailureKind::NotFound, "the list does not hold it", "look for it with Ctrl-r")
}

/// Returns the reason why a list that is not whole proves nothing.
pub(super) fn gap_words(gap: &str) -> String {
    format!("the list could not be read whole: {gap}")
}

/// Returns when to look again for what was told at `since`: after as long again as was waited already, and a last
/// time when patience ends; `None` after that.
pub(super) fn look_again(since: Timestamp, now: Timestamp) -> Option<Timestamp> {
    let end = since.checked_add(PATIENCE).ok()?;
    let waited = now.duration_since(since).max(SignedDuration::ZERO);
    let next = now.checked_add(waited.saturating_add(SignedDuration::from_secs(1))).ok()?;
    (now < end).then(|| next.min(end))
}

/// Tells whether somebody waits for the list of a context to be read again.
pub(super) fn is_awaited(model: &Model, name: &ContextName) -> bool {
    let newest = LoadId(u64::MAX);
    run::awaits(model, name, newest) || pending::awaits(model, name, newest) || replacing::awaits(model, name, newest)
}

/// Tells those who wait for it that a reading has ended. A later one than the one they asked for serves as well.
pub(super) fn tell(model: &mut Model, name: &ContextName, effects: &mut Vec<Effect>) {
    let over = loading::over(model, name).filter(|(load, _)| load.manner == Manner::Refresh);
    let Some((load, end)) = over else { return };
    let id = load.id;
    let wanted = run::awaits(model, name, id) || pending::awaits(model, name, id) || replacing::awaits(model, name, id);
    if !wanted {
        return;
    }
    let pages = || load.slices();
    let read = match &end {
        LoadEnd::Complete => Ok(ReadList { at: model.now, pages: pages(), gap: None }),
        LoadEnd::Partial(reason) => Ok(ReadList { at: model.now, pages: pages(), gap: Some(reason.clone()) }),
        LoadEnd::Failed(failure) => Err(failure.clone()),
    };
    // Who is told may have the list read once more: the others are told of this reading all the same.
    pending::list_known(model, name, id, &read, effects);
    replacing::list_read(model, name, id, &read, effects);
    run::list_read(model, name, id, &read, effects);
}

/// Has the list of a context read again; returns the number of the reading.
pub(super) fn begin(model: &mut Model, name: &ContextName, effects: &mut Vec<Effect>) -> LoadId {
    loading::begin_as(model, name, Manner::Refresh, effects)
}

/// Says why a token that is listed does not work; `None` when it does.
pub(super) fn not_alive(state: State) -> Option<&'static str> {
    match state {
        State::Live => None,
        State::Disabled => Some("the backend says that it is switched off"),
        State::Expired => Some("the backend says that it has expired"),
        State::Revoked => Some("the backend says that it is revoked"),
    }
}
