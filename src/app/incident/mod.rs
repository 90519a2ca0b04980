//! The tab `Incident`: a worklist of frozen tokens that stays red until each of them is verified dead.

mod commands;
mod facts;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use jiff::Timestamp;

use super::activity;
use super::contexts::Asked;
use super::effect::Effect;
use super::inventory::Row;
use super::model::{Model, Tab};
use super::{action, filtering, modal, tokens};
use crate::domain::{
    ContextName, Deed, IncidentStep, Outcome, Record, RecordBody, Sequence, State, Target, Token, TokenKey,
};

pub(super) use commands::{choose, close, drift, expose, open};
pub(super) use facts::refresh;
pub use facts::{Coverage, Fate, Known, Reach, coverage, fate, is_changed};

/// The most tokens that one worklist holds.
const MOST: usize = 20_000;

/// An incident that is open.
#[derive(Debug, Clone, PartialEq)]
pub struct Incident {
    /// Its ticket: a word of the operator's own.
    pub ticket: String,
    /// The reason, as typed; may be empty.
    pub reason: String,
    /// When it was opened.
    pub opened: Timestamp,
    /// Whether replacements come first.
    pub choice: Choice,
    /// The tokens that are to die, in the order in which they were frozen.
    pub worklist: Vec<Work>,
    /// The token under the cursor, counted from the top.
    pub cursor: usize,
    /// What of it waits to be switched off.
    pub switches: VecDeque<TokenKey>,
    /// What the lists tell of the worklist.
    pub known: Known,
}

/// What was decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// Nothing yet: it is asked.
    Open,
    /// Known abuse or public exposure: revoke now.
    Now,
    /// Suspicion or routine: create the new one, hand it over, watch the use of the old one stop, then revoke.
    Replace,
}

impl Choice {
    /// Both answers, with the word that gives them.
    pub const ANSWERS: [(&'static str, Self); 2] = [("now", Self::Now), ("replace", Self::Replace)];

    /// Returns the words for the journal and the screen.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Open => "not decided",
            Self::Now => "decided: revoke now",
            Self::Replace => "decided: replace first, then revoke",
        }
    }
}

/// A token of the worklist.
#[derive(Debug, Clone, PartialEq)]
pub struct Work {
    /// The context it is in.
    pub context: ContextName,
    /// The token as it was frozen.
    pub target: Target,
    /// What came of it last, as the journal has it; `None` while nothing was done.
    pub outcome: Option<Outcome>,
    /// Its row; `None` where no list holds it now.
    pub row: Option<Row>,
}

impl Work {
    /// Returns what identifies it.
    pub fn key(&self) -> TokenKey {
        TokenKey { context: self.context.clone(), id: self.target.id.clone(), created: self.target.created }
    }
}

impl Incident {
    const fn new(ticket: String, reason: String, opened: Timestamp) -> Self {
        Self {
            ticket,
            reason,
            opened,
            choice: Choice::Open,
            worklist: Vec::new(),
            cursor: 0,
            switches: VecDeque::new(),
            known: Known { of: None, born: 0, reach: Vec::new() },
        }
    }

    /// Returns the token under the cursor.
    pub fn here(&self) -> Option<&Work> {
        self.worklist.get(self.cursor)
    }

    fn find(
        &mut self,
        context: &ContextName,
        id: &crate::domain::TokenId,
        created: Option<Timestamp>,
    ) -> Option<&mut Work> {
        let same =
            |work: &&mut Work| work.context == *context && work.target.id == *id && work.target.created == created;
        self.worklist.iter_mut().find(same)
    }

    /// Takes a step of its own from the journal.
    fn step(&mut self, context: &ContextName, step: &IncidentStep) {
        match step {
            IncidentStep::Opened { .. } | IncidentStep::Closed => {}
            IncidentStep::Noted { text } => {
                let known = Choice::ANSWERS.iter().find(|(_, choice)| choice.words() == text);
                self.choice = known.map_or(self.choice, |(_, choice)| *choice);
            }
            IncidentStep::Froze { tokens } => {
                for target in tokens {
                    let work = Work { context: context.clone(), target: target.clone(), outcome: None, row: None };
                    self.worklist.push(work);
                }
            }
        }
    }
}

/// Returns the incident that the journal leaves open; `None` for none.
pub(super) fn left_open(records: &[Record]) -> Option<Incident> {
    let mut open: Option<Incident> = None;
    for (at, record) in records.iter().enumerate() {
        match &record.body {
            RecordBody::Incident(IncidentStep::Opened { reason }) => {
                let ticket = record.incident.clone().unwrap_or_default();
                if open.as_ref().is_none_or(|open| open.ticket != ticket) {
                    open = Some(Incident::new(ticket, reason.clone(), record.at));
                }
            }
            RecordBody::Incident(IncidentStep::Closed) => open = None,
            RecordBody::Incident(step) => {
                if let Some(incident) = &mut open {
                    incident.step(&record.context, step);
                }
            }
            RecordBody::Result { of, outcome } => came(open.as_mut(), &records[..at], *of, outcome),
            RecordBody::Intent(_)
            | RecordBody::Acknowledged { .. }
            | RecordBody::Run(_)
            | RecordBody::Targets { .. }
            | RecordBody::Resumed { .. }
            | RecordBody::Skipped { .. }
            | RecordBody::Ended { .. } => {}
        }
    }
    open
}

/// Notes what came of an intent that stands in these records.
fn came(incident: Option<&mut Incident>, records: &[Record], of: Sequence, outcome: &Outcome) {
    let Some(incident) = incident else { return };
    let Ok(at) = records.binary_search_by_key(&of, |record| record.sequence) else { return };
    let record = &records[at];
    if let RecordBody::Intent(Deed::Revoke { id, created, .. } | Deed::RevokeValue { id: Some(id), created, .. }) =
        &record.body
        && let Some(work) = incident.find(&record.context, id, *created)
    {
        work.outcome = Some(outcome.clone());
    }
}

/// Takes a record that just became durable.
pub(super) fn recorded(model: &mut Model, record: &Record) {
    let RecordBody::Result { of, outcome } = &record.body else { return };
    if let Asked::There(records) = &model.activity.journal {
        came(model.incident.as_mut(), records, *of, outcome);
    }
}

/// Writes a step of the open incident.
fn write(model: &mut Model, context: &ContextName, step: IncidentStep, effects: &mut Vec<Effect>) {
    activity::record(model, context, RecordBody::Incident(step), effects);
}

/// Notes something that was done in the open incident; without one nothing.
pub(super) fn note(model: &mut Model, text: &str, effects: &mut Vec<Effect>) {
    let context = model.contexts.first().map(|state| state.context.name.clone());
    if let Some(context) = context.filter(|_| model.incident.is_some()) {
        write(model, &context, IncidentStep::Noted { text: text.to_owned() }, effects);
    }
}

/// Puts the marked tokens, or the one under the cursor, on the worklist as they are now.
pub(super) fn freeze(model: &mut Model, effects: &mut Vec<Effect>) {
    let marks: BTreeSet<Row> = model.tokens.marks.clone();
    let rows: Vec<Row> =
        if marks.is_empty() { model.tokens.cursor.into_iter().collect() } else { marks.into_iter().collect() };
    let inventory = &model.tokens.inventory;
    let tokens: Vec<(ContextName, Token)> =
        rows.iter().filter_map(|row| Some((inventory.get(*row)?.context().clone(), inventory.token(*row)?))).collect();
    let Some(incident) = &mut model.incident else { return };
    let there: BTreeSet<TokenKey> = incident.worklist.iter().map(Work::key).collect();
    let new = tokens
        .into_iter()
        .filter(|(context, token)| token.state != State::Revoked && !there.contains(&token.key(context)));
    let new: Vec<_> = new.take(MOST.saturating_sub(there.len())).collect();
    let (added, left_out) = (new.len(), rows.len() - new.len());
    let mut by_context: Vec<(ContextName, Vec<Target>)> = Vec::new();
    for (context, token) in &new {
        let target = Target::from(token);
        incident.worklist.push(Work { context: context.clone(), target: target.clone(), outcome: None, row: None });
        match by_context.last_mut().filter(|(last, tokens)| last == context && tokens.len() < 256) {
            Some((_, tokens)) => tokens.push(target),
            None => by_context.push((context.clone(), vec![target])),
        }
    }
    for (context, tokens) in by_context {
        write(model, &context, IncidentStep::Froze { tokens }, effects);
    }
    model.tokens.unmarked = std::mem::take(&mut model.tokens.marks);
    let left_out = if left_out > 0 { format!("; {left_out} were there already, or are dead") } else { String::new() };
    model.messages.say(model.now, format!("{added} on the worklist of the incident{left_out}"));
}

/// Puts the question about every token of the worklist that is not dead. Contexts in which nothing can be revoked now
/// hold no other up: their tokens are left out, and that is said.
pub(super) fn revoke(model: &mut Model) {
    let Some(incident) = &model.incident else { return };
    let alive = |work: &&Work| !matches!(fate(model, work), Fate::Dead(_));
    let mut open: BTreeMap<ContextName, Vec<Option<Row>>> = BTreeMap::new();
    for work in incident.worklist.iter().filter(alive) {
        open.entry(work.context.clone()).or_default().push(work.row);
    }
    let unable: Vec<_> = open.keys().filter_map(|name| Some((name.clone(), able(model, name).err()?))).collect();
    for (name, reason) in unable {
        let count = open.remove(&name).map_or(0, |rows| rows.len());
        model.messages.warn(
            model.now,
            format!("{count} of {name} are left out: {reason}"),
            "the others can be revoked",
        );
        if open.is_empty() {
            return;
        }
    }
    let open: Vec<Option<Row>> = open.into_values().flatten().collect();
    let rows: Vec<Row> = open.iter().filter_map(|row| *row).collect();
    let missing = open.len() - rows.len();
    if missing > 0 {
        let text = format!("{missing} of the worklist are in no list now: they are left out");
        model.messages.warn(model.now, text, "look for them with :show ID, or refresh the list");
    }
    modal::ask_revoke(model, rows);
}

/// Shows the token under the cursor in the table, with its details.
pub(super) fn show(model: &mut Model, effects: &mut Vec<Effect>) {
    let Some(row) = model.incident.as_ref().and_then(Incident::here).and_then(|work| work.row) else {
        return model.messages.say(model.now, "the list does not hold it now");
    };
    model.tab = Tab::Tokens;
    if model.tokens.view.position(row).is_none() && !model.tokens.query.field.is_empty() {
        model.tokens.query.field.clear();
        filtering::retype(model);
    }
    model.tokens.cursor = Some(row);
    tokens::details(model, effects);
}

/// Tells whether the token under the cursor can be shown.
///
/// # Errors
/// The reason why it cannot.
pub(super) fn may_show(model: &Model) -> Result<(), String> {
    here(model).map(drop)
}

/// Tells whether something of the worklist can be revoked, once it was decided how.
///
/// # Errors
/// The reason why it cannot.
pub(super) fn may_revoke(model: &Model) -> Result<(), String> {
    here(model)?;
    let Some(open) = &model.incident else { return Ok(()) };
    if open.choice == Choice::Open {
        return Err("decide first, :choose now or :choose replace".to_owned());
    }
    open.worklist.iter().map(|work| able(model, &work.context)).reduce(Result::or).unwrap_or(Ok(()))
}

/// Tells whether something can be revoked in a context now.
fn able(model: &Model, name: &ContextName) -> Result<(), String> {
    let state = model.context(name).ok_or_else(|| format!("there is no context {name}"))?;
    action::can_revoke_in(&state.context)?;
    modal::may_ask(model, name)
}

fn here(model: &Model) -> Result<&Work, String> {
    match &model.incident {
        None => Err("no incident is open: :incident TICKET REASON opens one".to_owned()),
        Some(open) => open.here().ok_or_else(|| "the worklist is empty: a puts tokens on it".to_owned()),
    }
}
