//! The journal as the loop uses it: records of one turn share one write, and one write is under way at a time.

use std::path::PathBuf;
use std::sync::Arc;

use super::effects::{Done, Keep};
use super::journal::{FileJournal, Journal, MemoryJournal, Numbers};
use super::vault::Places;
use crate::app::effect::Ticket;
use crate::app::message::Message;
use crate::domain::{Failure, Record, Sequence};

/// Where the journal is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// In this folder.
    Folder(PathBuf),
    /// In memory: for the demo, which leaves nothing behind.
    Memory,
}

/// A journal that can be written to; the loop has it back when a write is over.
pub(super) type Shelf = Box<dyn Journal>;

/// What is done with the journal, off the loop.
type Work = Box<dyn FnOnce() -> Done + Send>;

/// The journal, and the records that wait for it.
pub(super) struct Desk {
    place: Option<Place>,
    /// The places that may have the journal's key, until they are asked.
    places: Option<Arc<Places>>,
    shelf: Option<Shelf>,
    waiting: Vec<(Ticket, Record)>,
}

impl Desk {
    pub(super) fn new(place: Place, places: Arc<Places>) -> Self {
        Self { place: Some(place), places: Some(places), shelf: None, waiting: Vec::new() }
    }

    /// Puts a record on the desk.
    pub(super) fn add(&mut self, ticket: Ticket, record: Record) {
        self.waiting.push((ticket, record));
    }

    /// Returns the work of opening the journal; `None` the second time.
    pub(super) fn open(&mut self) -> Option<impl FnOnce() -> Done + Send + use<>> {
        let place = self.place.take()?;
        Some(move || {
            let (journal, message): (Shelf, Message) = match place {
                Place::Memory => (Box::new(MemoryJournal::default()), Message::JournalRead(Ok(Arc::default()), None)),
                Place::Folder(folder) => match FileJournal::open(&folder) {
                    Ok((journal, records, recovery)) => {
                        (Box::new(journal), Message::JournalRead(Ok(records.into()), recovery.failure()))
                    }
                    Err(failure) => (Box::new(Closed(failure.clone())), Message::JournalRead(Err(failure), None)),
                },
            };
            Done { messages: vec![message], keep: Keep::Desk(journal) }
        })
    }

    /// Returns the work of looking for the journal's key, and then that of writing what waits; `None` while there is
    /// nothing to do, or the journal is in use.
    ///
    /// What earlier runs left is told before any keyring is asked; only a first record waits for that.
    pub(super) fn take(&mut self) -> Option<Work> {
        if let Some(places) = self.places.take_if(|_| self.shelf.is_some()) {
            let mut journal = self.shelf.take()?;
            return Some(Box::new(move || {
                journal.find_key(&places);
                Done { messages: told(&mut *journal).collect(), keep: Keep::Desk(journal) }
            }));
        }
        if self.waiting.is_empty() {
            return None;
        }
        let mut journal = self.shelf.take()?;
        let (tickets, records): (Vec<_>, Vec<_>) = std::mem::take(&mut self.waiting).into_iter().unzip();
        Some(Box::new(move || {
            let written = journal.append_all(records);
            let number = |at: usize| written.as_ref().map(|n| Sequence(n.first.0 + at as u64)).map_err(Clone::clone);
            let said = |(at, ticket)| Message::Recorded(ticket, number(at));
            let messages = tickets.into_iter().enumerate().map(said).chain(told(&mut *journal));
            Done { messages: messages.collect(), keep: Keep::Desk(journal) }
        }))
    }

    /// Takes the journal back.
    pub(super) fn put_back(&mut self, journal: Shelf) {
        self.shelf = Some(journal);
    }
}

/// Takes what the journal has to tell of itself.
fn told(journal: &mut dyn Journal) -> impl Iterator<Item = Message> + use<> {
    journal.told().into_iter().map(Message::JournalTold)
}

/// A journal that could not be opened: nothing is recorded, so nothing is sent.
struct Closed(Failure);

impl Journal for Closed {
    fn append_all(&mut self, _records: Vec<Record>) -> Result<Numbers, Failure> {
        Err(self.0.clone())
    }
}
