//! The tab `Activity`: the local journal, the backend's notices and its audit events.

use std::sync::Arc;

use super::calls::CallPurpose;
use super::contexts::Asked;
use super::effect::{Effect, Ticket};
use super::key::Key;
use super::modal::{self, Leftover, Modal, Recover};
use super::model::Model;
use super::sift::Sift;
use super::{answers, incident};
use crate::domain::{
    Capabilities, ContextName, Event, EventKind, Failure, FailureKind, Operation, Record, RecordBody, Reply, Sequence,
    Support, unfinished, unsettled,
};

/// What happened, here and at the backends.
#[derive(Debug, Clone, PartialEq)]
pub struct Activity {
    /// The list on screen.
    pub source: Source,
    /// The row under the cursor, counted from the top.
    pub cursor: usize,
    /// What of the journal is shown.
    pub sift: Sift,
    /// The local journal, oldest first.
    pub journal: Asked<Vec<Record>>,
    /// Notices of the contexts that offer them.
    pub notices: Asked<Told>,
    /// Audit events of the contexts that offer them.
    pub events: Asked<Told>,
}

/// What several contexts told: one that fails hides nothing of the others.
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    /// How the answer of each context stands, in the order of the configuration.
    pub answers: Vec<(ContextName, Asked<()>)>,
    /// What was told, newest first, each with its context.
    pub rows: Arc<[(ContextName, Event)]>,
}

/// The three lists of the tab.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// Everything this program did.
    Journal,
    /// Who created or revoked an organization token.
    Notices,
    /// The backend's audit log.
    Events,
}

impl Source {
    /// All of them, in their order on screen.
    pub const ALL: [Self; 3] = [Self::Journal, Self::Notices, Self::Events];

    /// Returns the title on screen.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Journal => "Journal",
            Self::Notices => "Notices",
            Self::Events => "Audit events",
        }
    }
}

impl Activity {
    /// Makes the tab of a program that just started.
    pub fn new() -> Self {
        let (journal, notices, events) = (Asked::Not, Asked::Not, Asked::Not);
        Self { source: Source::Journal, cursor: 0, sift: Sift::default(), journal, notices, events }
    }
}

impl Default for Activity {
    fn default() -> Self {
        Self::new()
    }
}

/// Takes what earlier runs of the program left in the journal.
pub(super) fn journal_read(model: &mut Model, result: Result<Arc<[Record]>, Failure>, mended: Option<Failure>) {
    if let Some(failure) = mended {
        model.messages.fail(model.now, &failure);
    }
    match result {
        Ok(records) => {
            model.leftovers = unsettled(&records).into_iter().map(Leftover::from).collect();
            model.activity.sift.look(&records);
            model.unfinished = unfinished(&records);
            model.incident = incident::left_open(&records);
            model.activity.journal = Asked::There(records.to_vec());
            if !model.leftovers.is_empty() || !model.unfinished.is_empty() {
                modal::rise(model, Modal::Recover(Recover::default()));
            }
        }
        Err(failure) => {
            model.messages.fail(model.now, &failure);
            model.activity.journal = Asked::Failed(failure);
        }
    }
}

/// Takes what the journal tells of itself. Only that somebody changed it has to be read.
pub(super) fn journal_told(model: &mut Model, failure: &Failure) {
    if failure.kind == FailureKind::Changed {
        model.messages.fail(model.now, failure);
    } else {
        model.messages.warn(model.now, failure.to_string(), failure.hint.as_str());
    }
}

/// Adds a record that just became durable.
pub(super) fn add_record(model: &mut Model, record: Record) {
    incident::recorded(model, &record);
    if let Asked::There(records) = &mut model.activity.journal {
        records.push(record);
        model.activity.sift.add(records);
    }
}

/// Makes a record durable; the answer comes under the ticket.
pub(super) fn record(model: &mut Model, context: &ContextName, body: RecordBody, effects: &mut Vec<Effect>) -> Ticket {
    let ticket = Ticket(model.next_number());
    let applied = model.applied.as_ref().and_then(|applied| applied.incident.as_ref());
    let incident = applied.or(model.incident.as_ref().map(|open| &open.ticket)).cloned();
    let record = Record { sequence: Sequence(0), at: model.now, context: context.clone(), incident, body };
    model.recording.insert(ticket, record.clone());
    effects.push(Effect::Record(ticket, Box::new(record)));
    ticket
}

/// Asks every context for its notices and events.
pub(super) fn ask(model: &mut Model, effects: &mut Vec<Effect>) {
    let offers = |test: fn(&Capabilities) -> Support| {
        let names = model.contexts.iter().filter(|s| test(&s.context.capabilities).offered());
        names.map(|state| state.context.name.clone()).collect::<Vec<_>>()
    };
    let (notices, events) = (offers(|c| c.notices), offers(|c| c.events));
    model.activity.notices = asked(&notices);
    model.activity.events = asked(&events);
    for name in notices {
        answers::call(model, &name, Operation::Notices(None), CallPurpose::Facts, effects);
    }
    for name in events {
        answers::call(model, &name, Operation::Events(None), CallPurpose::Facts, effects);
    }
}

fn asked(names: &[ContextName]) -> Asked<Told> {
    match names {
        [] => Asked::Failed(Failure::new(FailureKind::NotOffered, "no context offers this list", "")),
        _ => Asked::There(Told {
            answers: names.iter().map(|name| (name.clone(), Asked::Asking)).collect(),
            rows: Arc::default(),
        }),
    }
}

/// Takes a page of notices or events.
pub(super) fn told(model: &mut Model, name: &ContextName, kind: EventKind, result: Result<Reply, Failure>) {
    let slot = match kind {
        EventKind::Notice => &mut model.activity.notices,
        EventKind::Audit => &mut model.activity.events,
    };
    let Asked::There(told) = slot else { return };
    let Some((_, answer)) = told.answers.iter_mut().find(|(context, _)| context == name) else { return };
    let events = match result {
        Ok(Reply::Events(events)) => events,
        Ok(_) => return *answer = Asked::Failed(answers::nonsense()),
        Err(failure) => return *answer = Asked::Failed(failure),
    };
    *answer = Asked::There(());
    let mut rows: Vec<_> = told.rows.iter().filter(|(context, _)| context != name).cloned().collect();
    rows.extend(events.rows.into_iter().map(|event| (name.clone(), event)));
    rows.sort_by_key(|(_, event)| std::cmp::Reverse(event.at));
    told.rows = rows.into();
}

/// Returns how many rows the list on screen has.
pub(super) fn rows(activity: &Activity) -> usize {
    match activity.source {
        Source::Journal => activity.journal.there().map_or(0, |records| activity.sift.count(records.len())),
        Source::Notices => activity.notices.there().map_or(0, |told| told.rows.len()),
        Source::Events => activity.events.there().map_or(0, |told| told.rows.len()),
    }
}

/// Takes a key that is typed into the filter of the journal.
pub(super) fn type_filter(model: &mut Model, key: Key) {
    if model.activity.sift.press(key) {
        refilter(model);
    }
}

/// Takes what is pasted into it.
pub(super) fn paste_filter(model: &mut Model, text: &str) {
    model.activity.sift.field.paste(text);
    refilter(model);
}

/// Shows all of the journal again.
pub(super) fn clear_filter(model: &mut Model) {
    if !model.activity.sift.field.is_empty() {
        model.activity.sift.field.clear();
        refilter(model);
    }
}

fn refilter(model: &mut Model) {
    let Activity { sift, journal, cursor, .. } = &mut model.activity;
    sift.look(journal.there().map_or(&[], Vec::as_slice));
    *cursor = 0;
}

/// Shows another list of the tab.
pub(super) fn turn(model: &mut Model, by: usize) {
    let at = Source::ALL.iter().position(|source| *source == model.activity.source).unwrap_or(0);
    model.activity.source = Source::ALL[(at + by) % Source::ALL.len()];
    model.activity.cursor = 0;
}
