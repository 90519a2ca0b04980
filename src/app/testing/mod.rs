//! Conversations with the step, as tests hold them: keys in, effects out, a backend that holds the truth.

mod backend;
mod made;
mod words;

pub(crate) use backend::{Backend, page};
use made::row;
pub(crate) use made::*;

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use jiff::SignedDuration;

use super::effect::{Effect, Ticket};
use super::errand::{Errand, Refusal};
use super::inventory::MergeJob;
use super::key::Paste;
use super::key::tests::keys;
use super::keymap::Keymap;
use super::message::Message;
use super::modal::Modal;
use super::model::{Beginning, Model, Start, Wants, WriteLock};
use super::{awaits_frame, next_wake, start, undertake, update};
use crate::domain::{
    Answer, CallId, Context, ContextName, CredentialSource, Failure, FailureKind, Operation, Page, Record, Reply,
    Secret, Sequence, Token,
};

/// What becomes of records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Disk {
    /// They are durable at once.
    Works,
    /// They wait to be let through by [`Talk::write`].
    Slow,
    /// They fail.
    Full,
}

/// What happened, in order.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Event {
    Sent(CallId, ContextName, Operation),
    Durable(Record),
}

/// A conversation.
#[derive(Clone)]
pub(crate) struct Talk {
    pub(crate) model: Model,
    pub(crate) backends: BTreeMap<ContextName, Backend>,
    /// Calls that nobody answered yet.
    pub(crate) open: Vec<(CallId, ContextName, Operation)>,
    /// Everything sent and written, in order.
    pub(crate) events: Vec<Event>,
    /// Effects that neither a backend nor the journal nor the processor performs.
    pub(crate) others: Vec<Effect>,
    pub(crate) disk: Disk,
    /// Records that wait for a slow disk.
    pub(crate) unwritten: VecDeque<(Ticket, Record)>,
    /// Whether filter passes and joins wait in `held` until [`Talk::release`].
    pub(crate) holds: bool,
    pub(crate) held: VecDeque<Message>,
    /// Whether a frame leaves after each step.
    pub(crate) draws: bool,
    /// Whether the person waits until what opens by itself takes keys.
    pub(crate) patient: bool,
    pub(crate) store: Vec<Vec<Token>>,
    /// How many records there are, those of earlier starts among them.
    pub(crate) written: u64,
}

impl Talk {
    /// Begins a conversation; nothing is answered yet.
    pub(crate) fn begin(contexts: Vec<(Context, Backend)>, origin: Start) -> Self {
        let (contexts, backends): (Vec<Context>, Vec<_>) =
            contexts.into_iter().map(|(context, backend)| (context.clone(), (context.name, backend))).unzip();
        let mut backends: BTreeMap<_, Backend> = backends.into_iter().collect();
        for context in &contexts {
            let backend = backends.get_mut(&context.name).expect("a backend");
            backend.gets = context.capabilities.get.offered();
        }
        let model = Model::new(Beginning {
            now: dawn(),
            size: (80, 24),
            contexts,
            keymap: Arc::new(Keymap::default()),
            clipboard_road: crate::app::clipboard::Road::None,
            origin,
            write_lock: WriteLock::Open,
            wants: Wants::Everything,
            nonce_seed: "seed".to_owned(),
            mistakes: Vec::new(),
        });
        let mut talk = Self {
            model,
            backends,
            open: Vec::new(),
            events: Vec::new(),
            others: Vec::new(),
            disk: Disk::Works,
            unwritten: VecDeque::new(),
            holds: false,
            held: VecDeque::new(),
            draws: true,
            patient: true,
            store: Vec::new(),
            written: 0,
        };
        let effects = start(&mut talk.model);
        let messages = talk.perform(effects);
        talk.follow(messages);
        talk
    }

    /// A conversation over these contexts whose lists are there.
    pub(crate) fn over(contexts: Vec<(Context, Vec<Token>)>) -> Self {
        let contexts = contexts.into_iter().map(|(context, tokens)| (context, Backend::new(tokens))).collect();
        let mut talk = Self::begin(contexts, Start::Configured);
        talk.tell(Message::JournalRead(Ok(Vec::new().into()), None));
        talk.settle();
        talk.forget();
        talk
    }

    /// A conversation over one ordinary context with these tokens.
    pub(crate) fn with(tokens: Vec<Token>) -> Self {
        Self::over(vec![(context("prod"), tokens)])
    }

    /// A conversation over one ordinary context with the usual tokens.
    pub(crate) fn usual() -> Self {
        static USUAL: LazyLock<Talk> = LazyLock::new(|| Talk::with(usual()));
        USUAL.clone()
    }

    pub(crate) fn backend(&mut self) -> &mut Backend {
        self.backends.values_mut().next().expect("a backend")
    }

    /// Forgets what was sent and asked for so far.
    pub(crate) fn forget(&mut self) {
        self.events.clear();
        self.others.clear();
    }

    /// Tells the step something, and performs what can be performed at once.
    pub(crate) fn tell(&mut self, message: Message) {
        self.follow(VecDeque::from([message]));
    }

    /// Asks for something without a screen, and performs what can be performed at once.
    pub(crate) fn undertake(&mut self, errand: Errand) -> Result<(), Refusal> {
        let now = self.model.now;
        let effects = undertake(&mut self.model, now, errand)?;
        let messages = self.perform(effects);
        self.follow(messages);
        Ok(())
    }

    fn follow(&mut self, mut messages: VecDeque<Message>) {
        loop {
            while let Some(message) = messages.pop_front() {
                let now = self.model.now;
                let effects = update(&mut self.model, now, message);
                messages.extend(self.perform(effects));
            }
            let Some(question) = awaits_frame(&self.model).filter(|_| self.draws) else { return };
            messages.push_back(Message::Shown(question));
        }
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "the others are alike")]
    fn perform(&mut self, effects: Vec<Effect>) -> VecDeque<Message> {
        let mut messages = VecDeque::new();
        for effect in effects {
            let pure = match effect {
                Effect::Call { call, context, operation } => {
                    self.events.push(Event::Sent(call, context.clone(), operation.clone()));
                    self.open.push((call, context, operation));
                    None
                }
                Effect::Record(ticket, record) => {
                    self.unwritten.push_back((ticket, *record));
                    None
                }
                Effect::FindCredential(context) => {
                    messages.push_back(Message::CredentialFound(context, Ok(CredentialSource::Keyring)));
                    None
                }
                Effect::Decode { load, place, context, pages } => {
                    let number = |page: &Arc<crate::domain::RawPage>| -> usize {
                        String::from_utf8_lossy(&page.body).parse().expect("a page of ours")
                    };
                    let tokens: Vec<_> = pages.iter().flat_map(|page| self.store[number(page)].clone()).collect();
                    let result = Ok(Arc::new(Page::from_tokens(&context, &tokens).without_repeats()));
                    messages.push_back(Message::Decoded { load, place, result });
                    None
                }
                Effect::FindBackends => {
                    messages.push_back(Message::BackendsFound(offers()));
                    None
                }
                Effect::Filter(call, job) => Some(Message::Filtered(call, Arc::new(job.run(1)))),
                Effect::Look(number, job) => Some(Message::Looked(number, Arc::new(job.run()))),
                Effect::Replace(load, job) => Some(Message::Replaced(load, Arc::new(job.run()))),
                Effect::Merge(inventory) => Some(Message::Merged(Arc::new(MergeJob { inventory }.run()))),
                other => {
                    self.others.push(other);
                    None
                }
            };
            if self.holds { self.held.extend(pure) } else { messages.extend(pure) }
        }
        match self.disk {
            Disk::Works => messages.extend(self.written()),
            Disk::Slow => {}
            Disk::Full => messages.extend(self.refused()),
        }
        messages
    }

    fn written(&mut self) -> Vec<Message> {
        let mut messages = Vec::new();
        while let Some((ticket, record)) = self.unwritten.pop_front() {
            self.written += 1;
            let sequence = Sequence(self.written);
            self.events.push(Event::Durable(Record { sequence, ..record }));
            messages.push(Message::Recorded(ticket, Ok(sequence)));
        }
        messages
    }

    fn refused(&mut self) -> Vec<Message> {
        let full = || Failure::local("the disk is full", "make room");
        self.unwritten.drain(..).map(|(ticket, _)| Message::Recorded(ticket, Err(full()))).collect()
    }

    /// Lets a slow disk write what waits.
    pub(crate) fn write(&mut self) {
        let messages = self.written();
        self.follow(messages.into());
    }

    /// Lets the processor hand over the oldest thing it made; tells whether there was one.
    pub(crate) fn release(&mut self) -> bool {
        let Some(message) = self.held.pop_front() else { return false };
        self.tell(message);
        true
    }

    /// Lets the frame with the question in front leave for the terminal.
    pub(crate) fn show(&mut self) {
        if let Some(question) = awaits_frame(&self.model) {
            self.tell(Message::Shown(question));
        }
    }

    /// Tells whether something opened by itself, and takes no keys yet. A question does not count: what keeps is taken.
    fn is_held_up(&self) -> bool {
        let front = self.model.front().filter(|front| !matches!(front, Modal::Confirm(_)));
        self.draws && front.is_some_and(|front| !front.arming().is_armed(self.model.now))
    }

    /// Presses keys, as `x<enter>`.
    pub(crate) fn press(&mut self, text: &str) {
        for key in keys(text) {
            if self.patient && self.is_held_up() {
                self.wait(400);
            }
            self.tell(Message::Key(key));
        }
    }

    /// Revokes the own credential, under the cursor, and lets the backend refuse it afterwards.
    pub(crate) fn revoke_own(&mut self, label: &str) {
        self.press("x");
        self.answer_question(&format!("{label}<enter>"));
        self.serve("get");
        self.serve("revoke");
        self.reply_to("get", Err(failure(FailureKind::Credential)));
    }

    /// Presses keys once the question in front takes an answer.
    pub(crate) fn answer_question(&mut self, text: &str) {
        self.wait(400);
        self.press(text);
    }

    pub(crate) fn paste(&mut self, text: &str) {
        self.tell(Message::Paste(Paste(Arc::new(Secret::new(text.into())))));
    }

    /// Lets time pass; the step is woken whenever it asked for it.
    pub(crate) fn wait(&mut self, millis: i64) {
        let end = self.model.now.checked_add(SignedDuration::from_millis(millis)).expect("in range");
        for _ in 0..10_000 {
            let Some(due) = next_wake(&self.model).filter(|due| *due <= end) else {
                self.model.now = end;
                return;
            };
            self.model.now = due.max(self.model.now);
            self.tell(Message::Wake);
        }
        panic!("it never sleeps");
    }

    /// Answers a call by hand.
    pub(crate) fn reply(&mut self, call: CallId, result: Result<Reply, Failure>) {
        let Some(at) = self.open.iter().position(|(open, ..)| *open == call) else { panic!("no such call") };
        let (call, context, _) = self.open.remove(at);
        self.tell(Message::Answered(Box::new(Answer {
            call,
            context,
            result,
            latency: Duration::from_millis(5),
            server_time: None,
            tls: None,
        })));
    }

    /// Answers the oldest open call of a kind by hand.
    pub(crate) fn reply_to(&mut self, word: &str, result: Result<Reply, Failure>) {
        let found = self.open.iter().find(|(_, _, operation)| operation.word() == word).map(|(call, ..)| *call);
        let call = found.unwrap_or_else(|| panic!("no open {word} among {:?}", self.open));
        self.reply(call, result);
    }

    /// Lets the backend do the oldest open call of a kind, whose answer then gets lost.
    pub(crate) fn lose(&mut self, word: &str) {
        let found = self.open.iter().find(|(_, _, operation)| operation.word() == word).cloned();
        let (call, context, operation) = found.unwrap_or_else(|| panic!("no open {word}"));
        let backend = self.backends.get_mut(&context).expect("a backend");
        let _ = backend.answer(&operation, &mut self.store);
        self.reply(call, Err(lost()));
    }

    /// Lets the backend answer the open call at this place.
    pub(crate) fn serve_at(&mut self, at: usize) {
        let (call, context, operation) = self.open[at].clone();
        let backend = self.backends.get_mut(&context).expect("a backend");
        let result = backend.answer(&operation, &mut self.store);
        self.reply(call, result);
    }

    /// Lets the backend answer the oldest open call of a kind.
    pub(crate) fn serve(&mut self, word: &str) {
        let at = self.open.iter().position(|(_, _, operation)| operation.word() == word);
        self.serve_at(at.unwrap_or_else(|| panic!("no open {word} among {:?}", self.open)));
    }

    /// Lets the backends answer everything, and what follows from it.
    pub(crate) fn settle(&mut self) {
        for _ in 0..10_000 {
            if self.open.is_empty() {
                return;
            }
            self.serve_at(0);
        }
        panic!("it never ends");
    }

    /// Moves the cursor to a label.
    pub(crate) fn go(&mut self, label: &str) {
        let row_of = |model: &Model, at: usize| {
            let row = model.tokens.view.rows.get(at).copied()?;
            model.tokens.inventory.get(row).map(|row| row.label().raw().to_owned())
        };
        let all = self.model.tokens.view.rows.len();
        let at = (0..all).find(|at| row_of(&self.model, *at).as_deref() == Some(label));
        let at = at.unwrap_or_else(|| panic!("no row {label}"));
        self.press("g");
        self.press(&"j".repeat(at));
    }

    /// Marks the rows with these labels.
    pub(crate) fn mark(&mut self, labels: &[&str]) {
        for label in labels {
            self.go(label);
            self.press(" ");
        }
    }
}
