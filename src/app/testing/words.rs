//! What a conversation came to, in words.

use super::{Event, Talk};
use crate::app::filter::View;
use crate::app::inventory::Row;
use crate::app::message::{Cleared, Copied, Message, Readable};
use crate::app::modal::{Confirm, Modal};
use crate::app::model::Secrecy;
use crate::app::run::{Run, Tally};
use crate::domain::{Operation, Outcome, Record, RecordBody, TokenId};

impl Talk {
    /// Returns the label under the cursor.
    pub(crate) fn cursor(&self) -> Option<String> {
        self.model.tokens.here().map(|row| row.label().raw().to_owned())
    }

    /// Returns the labels shown, in order.
    pub(crate) fn shown(&self) -> Vec<String> {
        self.labels(self.model.tokens.view.rows.iter().copied())
    }

    /// Returns the marked labels, sorted.
    pub(crate) fn marked(&self) -> Vec<String> {
        let mut labels = self.labels(self.model.tokens.marks.iter().copied());
        labels.sort();
        labels
    }

    fn labels(&self, rows: impl Iterator<Item = Row>) -> Vec<String> {
        rows.filter_map(|row| self.model.tokens.inventory.get(row)).map(|row| row.label().raw().to_owned()).collect()
    }

    /// Returns what was sent, as words and ids.
    pub(crate) fn sent(&self) -> Vec<String> {
        let sent = self.events.iter().filter_map(|event| match event {
            Event::Sent(_, _, operation) => Some(operation),
            Event::Durable(_) => None,
        });
        sent.map(say).collect()
    }

    /// Returns everything sent and written of single tokens, in order, as words.
    pub(crate) fn story(&self) -> Vec<String> {
        let words = self.events.iter().filter_map(|event| match event {
            Event::Sent(_, _, operation) => Some(say(operation)),
            Event::Durable(record) => match &record.body {
                RecordBody::Intent(deed) => Some(format!("intent {}", deed.word())),
                RecordBody::Result { outcome, .. } => Some(format!("result {}", brief(outcome))),
                RecordBody::Acknowledged { how, .. } => Some(format!("acknowledged {how}")),
                RecordBody::Run(_)
                | RecordBody::Targets { .. }
                | RecordBody::Resumed { .. }
                | RecordBody::Ended { .. }
                | RecordBody::Incident(_) => None,
            },
        });
        words.collect()
    }

    /// Returns everything sent and written of whole runs, in order, as words.
    pub(crate) fn frame(&self) -> Vec<String> {
        let words = self.events.iter().filter_map(|event| match event {
            Event::Sent(_, _, operation) => operation.changes().then(|| operation.word().to_owned()),
            Event::Durable(record) => match &record.body {
                RecordBody::Run(header) => Some(format!("run of {}", header.tokens)),
                RecordBody::Targets { tokens, .. } => Some(format!("targets {}", tokens.len())),
                RecordBody::Resumed { .. } => Some("resumed".to_owned()),
                RecordBody::Ended { how, .. } => Some(format!("run {}", how.words())),
                RecordBody::Intent(_)
                | RecordBody::Result { .. }
                | RecordBody::Acknowledged { .. }
                | RecordBody::Incident(_) => None,
            },
        });
        words.collect()
    }

    /// Returns the ids that were asked to be revoked, in order.
    pub(crate) fn revoked(&self) -> Vec<String> {
        let revoke = |event: &Event| match event {
            Event::Sent(_, _, Operation::Revoke(token)) => Some(token.raw().to_owned()),
            Event::Sent(..) | Event::Durable(_) => None,
        };
        self.events.iter().filter_map(revoke).collect()
    }

    /// Returns what was written to the journal.
    pub(crate) fn journal(&self) -> Vec<Record> {
        let durable = |event: &Event| match event {
            Event::Durable(record) => Some(record.clone()),
            Event::Sent(..) => None,
        };
        self.events.iter().filter_map(durable).collect()
    }

    /// Returns everything said, oldest first.
    pub(crate) fn said(&self) -> String {
        let notes = self.model.messages.notes.iter().map(|note| format!("{} ({})", note.text, note.hint));
        notes.collect::<Vec<_>>().join("\n")
    }

    pub(crate) fn confirm(&self) -> &Confirm {
        match self.model.modals.last() {
            Some(Modal::Confirm(confirm)) => confirm,
            other => panic!("no question in front: {other:?}\n{}", self.said()),
        }
    }

    pub(crate) fn asks(&self) -> bool {
        matches!(self.model.modals.last(), Some(Modal::Confirm(_)))
    }

    pub(crate) fn run(&self) -> &Run {
        self.model.runs.get(0).expect("a run")
    }

    pub(crate) fn tally(&self) -> Tally {
        self.model.runs.tally()
    }

    /// Tells the step that a copy arrived where it can be read back.
    pub(crate) fn copied(&mut self) {
        self.tell(Message::Copied(Secrecy::Secret, Ok(Copied { words: "copied".to_owned(), readable: Readable::Yes })));
    }

    /// Tells the step that the id of a token was copied.
    pub(crate) fn copied_id(&mut self) {
        self.tell(Message::Copied(Secrecy::Plain, Ok(Copied { words: "copied".to_owned(), readable: Readable::Yes })));
    }

    pub(crate) fn cleared(&mut self) {
        self.tell(Message::ClipboardCleared(Ok(Cleared::Emptied)));
    }

    /// Returns the view on screen.
    pub(crate) fn view(&self) -> &View {
        &self.model.tokens.view
    }
}

fn say(operation: &Operation) -> String {
    let about = if let Operation::List(Some(cursor)) = operation {
        Some(cursor.parent().unwrap_or(cursor.raw()))
    } else if let Operation::Create(draft) = operation {
        Some(draft.label.as_str())
    } else {
        operation.token().map(TokenId::raw)
    };
    about.map_or_else(|| operation.word().to_owned(), |about| format!("{} {about}", operation.word()))
}

fn brief(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Done(_) => "done",
        Outcome::AlreadyGone => "gone",
        Outcome::VerifiedDead => "dead",
        Outcome::Changed => "changed",
        Outcome::NotSent => "not sent",
        Outcome::Failed(_) => "failed",
        Outcome::Unverified(_) => "unverified",
        Outcome::StillAnswering(_) => "still answering",
        Outcome::HadNoEffect => "no effect",
    }
}
