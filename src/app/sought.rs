//! Tokens that are looked for by their ids, or one by its value: asked for one by one where the backend reads single
//! tokens, else found in its list.

use std::sync::Arc;

use jiff::Timestamp;

use super::calls::CallPurpose;
use super::contexts::{Asked, ListExtent};
use super::effect::Effect;
use super::model::{Model, Wants};
use super::{answers, errand, loading, reading};
use crate::domain::retry::{self, Retry};
use crate::domain::{ContextName, Failure, FailureKind, Operation, Reply, Secret, TokenId, TokenKey};

/// How many are asked for at once.
const WINDOW: usize = 8;

/// A token that is looked for.
#[derive(Debug, Clone, PartialEq)]
pub struct Sought {
    /// The context.
    pub context: ContextName,
    /// What is known of it.
    pub by: By,
    /// Which one it is.
    pub found: Asked<TokenKey>,
    /// When it is asked for again, since the backend was busy; `None` while it was not.
    pub again: Option<Timestamp>,
    /// How often it was asked for.
    pub attempt: u32,
}

/// What is known of a token that is looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum By {
    /// Its id.
    Id(TokenId),
    /// Its value, which is sent.
    Value(Arc<Secret>),
}

impl Sought {
    /// Begins to look for a token.
    pub(super) const fn new(context: ContextName, by: By) -> Self {
        Self { context, by, found: Asked::Not, again: None, attempt: 0 }
    }

    /// Tells whether it is known whether it is there.
    pub const fn is_settled(&self) -> bool {
        matches!(self.found, Asked::There(_) | Asked::Failed(_))
    }
}

/// Asks for what is not found yet, and looks in the lists that have come.
pub(super) fn advance(model: &mut Model, effects: &mut Vec<Effect>) {
    let asking = model.sought.iter().filter(|sought| sought.found == Asked::Asking).count();
    let mut free = WINDOW.saturating_sub(asking);
    // Of thousands, those that wait for their turn are not looked at each time.
    let singly = model.contexts.iter().all(|state| state.context.capabilities.get.offered());
    for place in 0..model.sought.len() {
        if free == 0 && singly {
            break;
        }
        let sought = &model.sought[place];
        if sought.is_settled() || sought.found == Asked::Asking {
            continue;
        }
        let (name, by) = (sought.context.clone(), sought.by.clone());
        let Some(state) = model.context(&name) else { continue };
        match (&state.credential, &by) {
            (Asked::Failed(failure), _) => {
                let found = Asked::Failed(failure.clone());
                settle(model, place, found);
            }
            (Asked::Not | Asked::Asking, _) => {}
            (Asked::There(_), By::Id(id)) if !state.context.capabilities.get.offered() => {
                let (name, id) = (name.clone(), id.clone());
                look(model, place, &name, &id, effects);
            }
            (Asked::There(_), _) if free == 0 => {}
            (Asked::There(_), By::Id(id)) => free -= ask(model, place, Operation::Get(id.clone()), effects),
            (Asked::There(_), By::Value(value)) => {
                free -= ask(model, place, Operation::Identify(value.clone()), effects);
            }
        }
    }
}

/// Returns the next moment at which one is asked for again.
pub(super) fn next_wake(model: &Model) -> Option<Timestamp> {
    model.sought.iter().filter_map(|sought| sought.again).filter(|moment| *moment > model.now).min()
}

/// Asks for one, unless it waits; returns how many were asked for.
fn ask(model: &mut Model, place: usize, operation: Operation, effects: &mut Vec<Effect>) -> usize {
    let sought = &mut model.sought[place];
    let waits = sought.again.is_some_and(|moment| moment > model.now);
    if waits || model.leaving.is_some() {
        return 0;
    }
    (sought.found, sought.again) = (Asked::Asking, None);
    sought.attempt += 1;
    let name = sought.context.clone();
    answers::call(model, &name, operation, CallPurpose::Sought(place), effects);
    1
}

/// Looks in the list, which is read first.
fn look(model: &mut Model, place: usize, name: &ContextName, id: &TokenId, effects: &mut Vec<Effect>) {
    let found = match model.context(name).map(|state| &state.list) {
        Some(list) if list.load.is_some() => return,
        Some(list) if list.data_at.is_some() => {
            let inventory = &model.tokens.inventory;
            match (inventory.find_id(name, id.raw()).and_then(|row| inventory.key(row)), &list.extent) {
                (Some(key), _) => Asked::There(key),
                (None, ListExtent::Partial(gap)) => {
                    Asked::Failed(Failure::new(FailureKind::Protocol, reading::gap_words(gap), "try again"))
                }
                (None, _) => Asked::Failed(reading::not_listed()),
            }
        }
        Some(list) => match &list.failure {
            Some(failure) => Asked::Failed(failure.clone()),
            None => return loading::begin(model, name, effects),
        },
        None => return,
    };
    settle(model, place, found);
}

/// Notes what is known; the dashboard says it.
fn settle(model: &mut Model, place: usize, found: Asked<TokenKey>) {
    if model.wants == Wants::Everything {
        match &found {
            Asked::There(key) => {
                model.tokens.cursor = model.tokens.inventory.find(key).or(model.tokens.cursor);
                model.messages.say(model.now, format!("{} was read", key.id.shown()));
            }
            Asked::Failed(failure) => model.messages.fail(model.now, failure),
            Asked::Not | Asked::Asking => {}
        }
    }
    if let Some(sought) = model.sought.get_mut(place) {
        sought.found = found;
    }
}

/// Takes what the backend says.
pub(super) fn answered(model: &mut Model, place: usize, result: Result<Reply, Failure>) {
    let jitter = loading::jitter(model);
    let now = model.now;
    let Some(Sought { context, by, attempt, .. }) = model.sought.get(place).cloned() else { return };
    let (found, again) = match result {
        Ok(Reply::Token(token)) => {
            answers::put(model, &context, &token);
            (Asked::There(token.key(&context)), None)
        }
        Ok(_) => (Asked::Failed(answers::nonsense()), None),
        Err(failure) => match operation(&by).map(|asked| retry::after(&asked, &failure, attempt, jitter)) {
            Some(Retry::After(wait)) if !failure.is_offline() => (Asked::Not, loading::later(now, wait)),
            Some(Retry::After(_) | Retry::AskOperator(_) | Retry::Stop) | None => (Asked::Failed(failure), None),
        },
    };
    settle(model, place, found);
    if let Some(sought) = model.sought.get_mut(place) {
        sought.again = again;
    }
}

/// Returns what may be asked again; a value is sent once.
fn operation(by: &By) -> Option<Operation> {
    match by {
        By::Id(id) => Some(Operation::Get(id.clone())),
        By::Value(_) => None,
    }
}

/// Tells whether all that is looked for is found, or known not to be, and whose the credentials are.
pub fn is_over(model: &Model) -> bool {
    errand::is_known(model) && model.sought.iter().all(Sought::is_settled)
}
