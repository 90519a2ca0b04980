//! Everything the program knows. Plain data, changed by the step alone.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;

use super::activity::Activity;
use super::applying::Applied;
use super::by_value::ByValue;
use super::calls::Calls;
use super::clipboard::Road;
use super::contexts::ContextState;
use super::effect::Ticket;
use super::incident::Incident;
use super::keymap::Keymap;
use super::messages::Messages;
use super::modal::{Leftover, Modal};
use super::pending::Pending;
use super::planning::Planning;
use super::replacing::Replacement;
use super::run::Runs;
use super::sought::Sought;
use super::tokens::{Focus, Tokens};
use crate::domain::{Context, ContextName, Failure, Nonce, Record, Unfinished};

/// Everything the program knows.
#[derive(Debug, Clone, PartialEq)]
pub struct Model {
    /// The time of the last step.
    pub now: Timestamp,
    /// Columns and rows of the terminal.
    pub size: (u16, u16),
    /// The tab on screen.
    pub tab: Tab,
    /// The contexts, in the order of the configuration.
    pub contexts: Vec<ContextState>,
    /// The tab `Tokens`.
    pub tokens: Tokens,
    /// The tab `Activity`.
    pub activity: Activity,
    /// The row under the cursor in the tab `Backends`.
    pub backend_cursor: usize,
    /// Lines that the facts in the tab `Backends` are scrolled down.
    pub backend_scroll: u16,
    /// The contexts in which a passphrase is being tried.
    pub unlocking: BTreeSet<ContextName>,
    /// What is in front, the topmost last.
    pub modals: Vec<Modal>,
    /// Operations in flight.
    pub calls: Calls,
    /// The revocation that is going, or the last one.
    pub runs: Runs,
    /// Creations, rotations and edits that are going.
    pub pending: Vec<Pending>,
    /// New tokens that take the place of old ones, which are still to be asked about.
    pub replacements: Vec<Replacement>,
    /// Why the last creation, rotation or edit came to nothing; `None` when it did not.
    pub refused: Option<Failure>,
    /// The plan that is or was being written; `None` for none.
    pub planning: Option<Planning>,
    /// The plan that is being done; `None` for none.
    pub applied: Option<Applied>,
    /// Tokens that are looked for by their ids or values.
    pub sought: Vec<Sought>,
    /// Values that are being revoked by themselves, and those that were while the screen that says so is open.
    pub by_value: Vec<ByValue>,
    /// What earlier runs of the program, or lost answers, left open.
    pub leftovers: Vec<Leftover>,
    /// The incident that is open; `None` for none.
    pub incident: Option<Incident>,
    /// Revocations that were confirmed and not brought to their end.
    pub unfinished: Vec<Unfinished>,
    /// Records that are being made durable.
    pub recording: BTreeMap<Ticket, Record>,
    /// What was said to the operator.
    pub messages: Messages,
    /// Which key does what.
    pub keymap: Arc<Keymap>,
    /// The road to the clipboard, in words for the header.
    pub clipboard_road: Road,
    /// What was last handed to the clipboard and may have to be cleared.
    pub clipboard: Option<Handed>,
    /// Where the program came from: decides what is said at the start.
    pub origin: Start,
    /// Whether `:write` may lift a context's read-only.
    pub write_lock: WriteLock,
    /// What a context is asked as soon as its credential is there.
    pub wants: Wants,
    /// Random text, new at each start, that names of attempts begin with.
    pub nonce_seed: String,
    /// How many numbers were given out for calls, loads and tickets.
    pub numbers: u64,
    /// The exit code, once the end is near: nothing new is sent.
    pub leaving: Option<u8>,
}

/// The five tabs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tab {
    /// The table.
    Tokens,
    /// Findings.
    Review,
    /// A leak.
    Incident,
    /// What happened.
    Activity,
    /// Contexts.
    Backends,
}

impl Tab {
    /// All of them, in the order of their digits.
    pub const ALL: [Self; 5] = [Self::Tokens, Self::Review, Self::Incident, Self::Activity, Self::Backends];

    /// Returns the title on screen.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Tokens => "Tokens",
            Self::Review => "Review",
            Self::Incident => "Incident",
            Self::Activity => "Activity",
            Self::Backends => "Backends",
        }
    }
}

/// Where the program came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// A configuration with contexts.
    Configured,
    /// `tokendeck demo`.
    Demo,
    /// No context: the first-run screen.
    FirstRun,
}

/// Whether `:write` may lift a context's read-only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WriteLock {
    /// It may.
    Open,
    /// Started with `--read-only`: it may not.
    ReadOnly,
}

/// What a context is asked as soon as its credential is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wants {
    /// All that the tabs show.
    Everything,
    /// Whose credential it is, and the list.
    List,
    /// Whose credential it is.
    Identity,
}

/// Something that was handed to the clipboard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handed {
    /// When.
    pub at: Timestamp,
    /// What may be said of it.
    pub words: String,
    /// Whether it can be read back and cleared.
    pub readable: super::message::Readable,
    /// Whether it is a secret.
    pub secret: Secrecy,
}

/// Whether something handed over is a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Secrecy {
    /// A secret: cleared after 45 s.
    Secret,
    /// A token id.
    Plain,
}

/// What a program starts with.
#[derive(Debug, Clone, PartialEq)]
pub struct Beginning {
    /// The time.
    pub now: Timestamp,
    /// Columns and rows of the terminal.
    pub size: (u16, u16),
    /// The contexts, in the order of the configuration.
    pub contexts: Vec<Context>,
    /// Which key does what.
    pub keymap: Arc<Keymap>,
    /// The road to the clipboard, in words.
    pub clipboard_road: Road,
    /// Where the program came from.
    pub origin: Start,
    /// Whether `:write` may lift a context's read-only.
    pub write_lock: WriteLock,
    /// What a context is asked as soon as its credential is there.
    pub wants: Wants,
    /// Random text, new at each start.
    pub nonce_seed: String,
    /// What is wrong with the configuration, one sentence each.
    pub mistakes: Vec<String>,
}

impl Model {
    /// Makes the model of a program that just started.
    pub fn new(beginning: Beginning) -> Self {
        let mut messages = Messages::default();
        for mistake in beginning.mistakes {
            messages.warn(beginning.now, format!("configuration: {mistake}"), "mend the file and start again");
        }
        let first = Modal::FirstRun(Box::default());
        Self {
            now: beginning.now,
            size: beginning.size,
            tab: Tab::Tokens,
            contexts: beginning.contexts.into_iter().map(ContextState::new).collect(),
            tokens: Tokens::new(beginning.now),
            activity: Activity::new(),
            backend_cursor: 0,
            backend_scroll: 0,
            modals: if beginning.origin == Start::FirstRun { vec![first] } else { Vec::new() },
            calls: Calls::default(),
            runs: Runs::default(),
            unlocking: BTreeSet::new(),
            pending: Vec::new(),
            replacements: Vec::new(),
            refused: None,
            planning: None,
            applied: None,
            sought: Vec::new(),
            by_value: Vec::new(),
            leftovers: Vec::new(),
            incident: None,
            unfinished: Vec::new(),
            recording: BTreeMap::new(),
            messages,
            keymap: beginning.keymap,
            clipboard_road: beginning.clipboard_road,
            clipboard: None,
            origin: beginning.origin,
            write_lock: beginning.write_lock,
            wants: beginning.wants,
            nonce_seed: beginning.nonce_seed,
            numbers: 0,
            leaving: None,
        }
    }

    /// Returns the modal that has the keys. What opens by itself while the query line is being typed waits behind it.
    pub fn front(&self) -> Option<&Modal> {
        self.modals.last().filter(|_| self.typing() == Focus::Elsewhere)
    }

    /// Tells whether a line is being typed that is no modal's: the query line, or the filter of the journal.
    pub fn typing(&self) -> Focus {
        if self.activity.sift.focus == Focus::Here { Focus::Here } else { self.tokens.query.focus }
    }

    /// Returns the state of a context.
    pub fn context(&self, name: &ContextName) -> Option<&ContextState> {
        self.contexts.iter().find(|state| state.context.name == *name)
    }

    /// Returns the state of a context, to be changed.
    pub fn context_mut(&mut self, name: &ContextName) -> Option<&mut ContextState> {
        self.contexts.iter_mut().find(|state| state.context.name == *name)
    }

    /// Tells whether the operator's own credential of a context is missing or dead.
    pub fn needs_login(&self, name: &ContextName) -> bool {
        self.context(name).is_none_or(ContextState::needs_login)
    }

    /// Returns a number that was not given out before.
    pub(super) fn next_number(&mut self) -> u64 {
        self.numbers += 1;
        self.numbers
    }

    /// Returns a name for an attempt that was not given out before.
    pub(super) fn next_nonce(&mut self) -> Nonce {
        let number = self.next_number();
        Nonce::new(&format!("{}-{number}", self.nonce_seed))
    }
}
