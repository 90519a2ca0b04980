//! What was said to the operator: the line at the bottom and the list behind `!`.

use jiff::{SignedDuration, Timestamp};

use crate::domain::Failure;

/// How long a word that asks for nothing stays.
const STAYS: SignedDuration = SignedDuration::from_secs(6);
/// How many are kept.
const KEPT: usize = 500;

/// Everything said, oldest first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Messages {
    /// The notes, oldest first.
    pub notes: Vec<Note>,
    /// How many of them were read in the list or dismissed.
    pub read: usize,
    /// How many were ever said, with those that are kept no more.
    pub said: u64,
}

/// One thing said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// When.
    pub at: Timestamp,
    /// How much it matters.
    pub weight: Weight,
    /// What, in one sentence.
    pub text: String,
    /// What to do about it; empty for nothing.
    pub hint: String,
}

/// How much a note matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weight {
    /// Goes by itself.
    Info,
    /// Stays until read.
    Error,
}

impl Messages {
    /// Says something that goes by itself.
    pub fn say(&mut self, now: Timestamp, text: impl Into<String>) {
        self.add(Note { at: now, weight: Weight::Info, text: text.into(), hint: String::new() });
    }

    /// Says something that stays until read.
    pub fn warn(&mut self, now: Timestamp, text: impl Into<String>, hint: impl Into<String>) {
        self.add(Note { at: now, weight: Weight::Error, text: text.into(), hint: hint.into() });
    }

    /// Reports a failure.
    pub fn fail(&mut self, now: Timestamp, failure: &Failure) {
        self.warn(now, failure.to_string(), failure.hint.clone());
    }

    /// Returns the note for the line at the bottom: the newest unread error, or a fresh word.
    pub fn current(&self, now: Timestamp) -> Option<&Note> {
        let unread = self.notes.get(self.read..).unwrap_or_default();
        let fresh = |note: &&Note| now.duration_since(note.at) < STAYS;
        unread
            .iter()
            .rev()
            .find(|note| note.weight == Weight::Error)
            .into_iter()
            .chain(self.notes.last().filter(fresh))
            .max_by_key(|note| note.at)
    }

    /// Returns how many errors were not read.
    pub fn unread_errors(&self) -> usize {
        self.notes.iter().skip(self.read).filter(|note| note.weight == Weight::Error).count()
    }

    /// Marks everything as read.
    pub fn read_all(&mut self) {
        self.read = self.notes.len();
    }

    /// Returns the moment at which the current word goes.
    pub fn next_wake(&self, now: Timestamp) -> Option<Timestamp> {
        let note = self.notes.last().filter(|note| note.weight == Weight::Info)?;
        note.at.checked_add(STAYS).ok().filter(|moment| *moment > now)
    }

    fn add(&mut self, note: Note) {
        if self.notes.len() >= KEPT {
            self.notes.remove(0);
            self.read = self.read.saturating_sub(1);
        }
        self.said += 1;
        self.notes.push(note);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("in range")
    }

    #[test]
    fn words_go_and_errors_stay() {
        let mut messages = Messages::default();
        messages.warn(at(0), "bad", "look");
        messages.say(at(1), "fine");
        assert_eq!(messages.current(at(2)).map(|n| n.text.as_str()), Some("fine"));
        assert_eq!(messages.next_wake(at(2)), Some(at(7)));
        assert_eq!(messages.current(at(99)).map(|n| n.text.as_str()), Some("bad"));
        messages.read_all();
        assert_eq!(messages.current(at(99)), None);
    }

    #[test]
    fn the_list_is_bounded() {
        let mut messages = Messages::default();
        for second in 0..600 {
            messages.warn(at(second), "bad", "");
        }
        assert_eq!((messages.notes.len(), messages.unread_errors(), messages.said), (500, 500, 600));
    }
}
