//! Every effect as a future of messages. Nothing here decides; it only does what it is told.

use std::collections::{BTreeMap, HashMap};
use std::num::NonZero;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::future::{AbortHandle, BoxFuture, abortable};
use futures_util::stream::FuturesUnordered;

use super::ask::ask;
use super::clipboard::Clipboard;
use super::connect::{self, Connection};
use super::credential::{self, Given};
use super::descriptions;
use super::desk::{Desk, Shelf};
use super::handover;
use super::plan_file;
use super::ports::Clock;
use super::vault::Places;
use crate::app::clipboard::Road;
use crate::app::effect::{Effect, Inputs, NewContext};
use crate::app::inventory::MergeJob;
use crate::app::message::{Cleared, Copied, Message, Readable};
use crate::app::model::Secrecy;
use crate::backend::{Fields, decode_pages};
use crate::config::{self, ContextConfig};
use crate::domain::{
    Access, CallId, Context, ContextName, CredentialSource, Failure, Operation, RevocationPlan, Secret,
};

/// Starts the embedded backend with sample tokens, where this program has one.
pub type StartDemo = Arc<dyn Fn() -> Result<Demo, Failure> + Send + Sync>;

/// An embedded backend that runs until this is dropped.
pub struct Demo {
    /// Its context.
    pub config: ContextConfig,
    /// The operator's credential for it.
    pub credential: Arc<Secret>,
    /// What keeps it running.
    pub running: Box<dyn Send>,
}

/// What a finished effect leaves to the loop.
pub(super) struct Done {
    /// What happened, in order.
    pub(super) messages: Vec<Message>,
    /// What the shell keeps.
    pub(super) keep: Keep,
}

/// What the shell keeps of a finished effect.
pub(super) enum Keep {
    Nothing,
    Credential(ContextName, Arc<Secret>),
    Connection(Box<Connection>),
    Demo(Box<Connection>, Given, Box<dyn Send>),
    Desk(Shelf),
    /// A call that has told something already, and goes on.
    Call(CallId, BoxFuture<'static, Done>),
}

impl Done {
    pub(super) fn say(message: Message) -> Self {
        Self { messages: vec![message], keep: Keep::Nothing }
    }
}

/// Everything that effects need.
pub(super) struct Shell {
    pub(super) clock: Arc<dyn Clock>,
    pub(super) connections: BTreeMap<ContextName, Connection>,
    pub(super) given: BTreeMap<ContextName, Given>,
    pub(super) places: Arc<Places>,
    pub(super) clipboard: Arc<Mutex<Box<dyn Clipboard>>>,
    pub(super) desk: Desk,
    pub(super) config_file: Option<PathBuf>,
    pub(super) own_backends: Option<PathBuf>,
    pub(super) fields: Fields,
    pub(super) start_demo: Option<StartDemo>,
    pub(super) demo: Option<Box<dyn Send>>,
    pub(super) flying: FuturesUnordered<BoxFuture<'static, Done>>,
    pub(super) aborts: HashMap<CallId, AbortHandle>,
}

impl Shell {
    /// Starts an effect. Those that concern the terminal or the end are the loop's.
    pub(super) fn perform(&mut self, effect: Effect) {
        match effect {
            Effect::Call { call, context, operation } => self.call(call, context, operation),
            Effect::Cancel(call) => drop(self.aborts.remove(&call).map(|handle| handle.abort())),
            Effect::Decode { load, place, context, pages } => {
                let Some(plan) = self.connections.get(&context).map(|connection| connection.plan.clone()) else {
                    return;
                };
                let fields = self.fields;
                self.block(move || {
                    let page = decode_pages(&plan, &context, &pages, fields);
                    let result = page.map(|page| Arc::new(page.without_repeats()));
                    Done::say(Message::Decoded { load, place, result })
                });
            }
            Effect::Replace(load, job) => {
                self.block(move || Done::say(Message::Replaced(load, Arc::new(job.run()))));
            }
            Effect::Merge(inventory) => {
                self.block(move || Done::say(Message::Merged(Arc::new(MergeJob { inventory }.run()))));
            }
            Effect::Filter(call, job) => {
                self.block(move || Done::say(Message::Filtered(call, Arc::new(job.run(cores())))));
            }
            Effect::Look(number, job) => {
                self.block(move || Done::say(Message::Looked(number, Arc::new(job.run()))));
            }
            Effect::Record(ticket, record) => self.desk.add(ticket, *record),
            Effect::ReadJournal => {
                if let Some(open) = self.desk.open() {
                    self.block(open);
                }
            }
            Effect::FindCredential(context) => self.find_credential(context),
            Effect::KeepCredential(context, secret) => self.keep_credential(context, secret),
            Effect::FileCredential(context, passphrase) => self.file_credential(context, passphrase),
            Effect::OpenFile(context, passphrase) => self.open_file(context, passphrase),
            Effect::TakeInputs(context, inputs) => self.take_inputs(&context, inputs),
            Effect::FindBackends => self.find_backends(),
            Effect::CopySecret(secret) => self.copy(Secrecy::Secret, secret),
            Effect::CopyText(text) => self.copy(Secrecy::Plain, Arc::new(Secret::from_string(text))),
            Effect::ClearClipboard => self.clear_clipboard(|clipboard| clipboard.clear()),
            Effect::EmptyClipboard => self.clear_clipboard(|clipboard| clipboard.empty()),
            Effect::SwitchClipboard(road) => self.switch_clipboard(road),
            Effect::WriteSecret(path, secret) => self.write_secret(path, secret),
            Effect::PipeSecret(context, secret) => {
                let argv = self.connections.get(&context).map(|c| c.config.secret_command.clone()).unwrap_or_default();
                self.block(move || Done::say(Message::SecretPiped(handover::pipe(&argv, secret))));
            }
            Effect::WritePlan(path, plan) => self.write_plan(path, plan),
            Effect::OpenContext(new) => self.open_context(*new),
            Effect::SaveContext(new) => self.save_context(*new),
            Effect::StartDemo => self.start_demo(),
            Effect::SetAccess(context, access) => {
                if let Some(connection) = self.connections.get_mut(&context) {
                    connection.access = access;
                }
            }
            Effect::Repaint | Effect::Suspend | Effect::Quit(_) => {}
        }
    }

    /// Starts what was put on the desk; called once a turn, so that records of one turn share one write.
    pub(super) fn flush(&mut self) {
        if let Some(write) = self.desk.take() {
            self.block(write);
        }
    }

    /// Keeps what a finished effect leaves, and returns what happened.
    pub(super) fn finish(&mut self, done: Done) -> Vec<Message> {
        match done.keep {
            Keep::Credential(context, secret) => {
                if let Some(connection) = self.connections.get_mut(&context) {
                    connection.take_credential(secret);
                }
            }
            Keep::Connection(connection) => self.adopt(*connection),
            Keep::Demo(connection, given, running) => {
                self.given.insert(connection.context.name.clone(), given);
                self.adopt(*connection);
                self.demo = Some(running);
            }
            Keep::Desk(journal) => {
                self.desk.put_back(journal);
                // What waits is written after the steps of these messages, together with what comes of them; where there
                // are none, as when the journal's key was looked for, no step would come to it.
                if done.messages.is_empty() {
                    self.flush();
                }
            }
            // One that was cancelled meanwhile is let go.
            Keep::Call(call, rest) if self.aborts.contains_key(&call) => self.fly_call(call, rest),
            Keep::Nothing | Keep::Call(..) => {}
        }
        for message in &done.messages {
            if let Message::Answered(answer) = message {
                self.aborts.remove(&answer.call);
            }
        }
        done.messages
    }

    fn adopt(&mut self, connection: Connection) {
        let connection = Connection { clock: self.clock.clone(), ..connection };
        self.connections.insert(connection.context.name.clone(), connection);
    }

    fn fly(&mut self, future: impl Future<Output = Done> + Send + 'static) {
        self.flying.push(Box::pin(future));
    }

    /// Runs blocking work on a thread of its own kind.
    fn block(&mut self, work: impl FnOnce() -> Done + Send + 'static) {
        let handle = tokio::task::spawn_blocking(work);
        self.fly(async move {
            match handle.await {
                Ok(done) => done,
                // A panic there was printed by the hook; the loop ends rather than go on without the answer.
                Err(error) => match error.try_into_panic() {
                    Ok(panic) => std::panic::resume_unwind(panic),
                    Err(_) => Done { messages: Vec::new(), keep: Keep::Nothing },
                },
            }
        });
    }

    fn call(&mut self, call: CallId, context: ContextName, operation: Operation) {
        let connection = self.connections.get(&context).cloned();
        self.fly_call(call, ask(connection, call, context, operation));
    }

    /// Lets a call go on until it has something to say, or is cancelled.
    fn fly_call(&mut self, call: CallId, future: impl Future<Output = Done> + Send + 'static) {
        let (future, handle) = abortable(future);
        self.aborts.insert(call, handle);
        self.fly(async move { future.await.unwrap_or(Done { messages: Vec::new(), keep: Keep::Nothing }) });
    }

    fn write_secret(&mut self, path: PathBuf, secret: Arc<Secret>) {
        self.block(move || Done::say(Message::SecretWritten(handover::write(&path, &secret))));
    }

    fn write_plan(&mut self, path: PathBuf, plan: Arc<RevocationPlan>) {
        self.block(move || Done::say(Message::PlanWritten(plan_file::write(&path, &plan))));
    }

    fn find_backends(&mut self) {
        let folder = self.own_backends.clone();
        self.block(move || Done::say(Message::BackendsFound(descriptions::offers(folder.as_deref()))));
    }

    fn take_inputs(&mut self, name: &ContextName, inputs: Inputs) {
        if let Some(connection) = self.connections.get_mut(name) {
            connection.take_inputs(inputs);
        }
    }

    fn find_credential(&mut self, name: ContextName) {
        let given = self.given.get(&name).cloned().unwrap_or_default();
        let Some(connection) = self.connections.get_mut(&name) else { return };
        connection.take_inputs(given.inputs.clone());
        self.look_for_credential(name, move |context, places| credential::find(&given, context, places));
    }

    fn open_file(&mut self, name: ContextName, passphrase: Arc<Secret>) {
        self.look_for_credential(name, move |context, places| credential::open(&passphrase, context, places));
    }

    fn look_for_credential(
        &mut self,
        name: ContextName,
        look: impl FnOnce(&Context, &Places) -> Result<(CredentialSource, Arc<Secret>), Failure> + Send + 'static,
    ) {
        let Some(connection) = self.connections.get(&name) else { return };
        let (context, missing) = (connection.context.clone(), connection.missing_input(None));
        let places = self.places.clone();
        self.block(move || match look(&context, &places) {
            Ok((source, secret)) => {
                let found = match missing {
                    None => Message::CredentialFound(name.clone(), Ok(source)),
                    Some(failure) => Message::InputsMissing(name.clone(), source, failure),
                };
                Done { messages: vec![found], keep: Keep::Credential(name, secret) }
            }
            Err(failure) => Done::say(Message::CredentialFound(name, Err(failure))),
        });
    }

    fn keep_credential(&mut self, name: ContextName, secret: Arc<Secret>) {
        let Some(context) = self.connections.get(&name).map(|connection| connection.context.clone()) else { return };
        let places = self.places.clone();
        self.block(move || {
            let (source, failure) = match places.set(&context.origin, &context.name, &secret) {
                Ok(source) => (source, None),
                Err(failure) => (CredentialSource::Memory, Some(failure)),
            };
            let may_file = failure.is_some() && places.may_file(&context.origin, &context.name);
            let mut messages = vec![Message::CredentialKept(name.clone(), source, failure)];
            messages.extend(may_file.then(|| Message::FileOffered(name.clone())));
            Done { messages, keep: Keep::Credential(name, secret) }
        });
    }

    fn file_credential(&mut self, name: ContextName, passphrase: Arc<Secret>) {
        let Some(connection) = self.connections.get(&name) else { return };
        let Some(secret) = connection.credential.clone() else { return };
        let (context, places) = (connection.context.clone(), self.places.clone());
        self.block(move || {
            let filed = places.keep_in_file(&context.origin, &context.name, &secret, &passphrase);
            Done::say(Message::CredentialFiled(name, filed))
        });
    }

    fn copy(&mut self, what: Secrecy, text: Arc<Secret>) {
        let clipboard = self.clipboard.clone();
        self.block(move || {
            let mut clipboard = clipboard.lock().unwrap_or_else(PoisonError::into_inner);
            let copied = clipboard.copy(text).map(|copied| Copied {
                words: copied.words().to_owned(),
                readable: if copied.is_readable() { Readable::Yes } else { Readable::No },
            });
            Done::say(Message::Copied(what, copied))
        });
    }

    fn switch_clipboard(&mut self, road: Option<Road>) {
        let clipboard = self.clipboard.clone();
        self.block(move || {
            let road = clipboard.lock().unwrap_or_else(PoisonError::into_inner).switch(road);
            Done::say(Message::ClipboardSwitched(road))
        });
    }

    fn clear_clipboard(&mut self, clear: fn(&mut dyn Clipboard) -> Result<Cleared, Failure>) {
        let clipboard = self.clipboard.clone();
        self.block(move || {
            let cleared = clear(&mut **clipboard.lock().unwrap_or_else(PoisonError::into_inner));
            Done::say(Message::ClipboardCleared(cleared))
        });
    }

    fn open_context(&mut self, new: NewContext) {
        let folder = self.own_backends.clone();
        self.block(move || {
            let mut config = ContextConfig::new(new.name, &new.backend, &new.url);
            config.ca_file = new.ca_file;
            config.params = new.params;
            config.access = Access::ReadOnly;
            let own = folder.map_or(Ok(None), |folder| descriptions::own(&new.backend, &folder));
            match own.and_then(|own| connect::open(config, own)) {
                Ok(mut connection) => {
                    connection.take_credential(new.credential);
                    connection.take_inputs(new.inputs);
                    let opened = Message::ContextOpened(Ok(Box::new(connection.context.clone())));
                    Done { messages: vec![opened], keep: Keep::Connection(Box::new(connection)) }
                }
                Err(failure) => Done::say(Message::ContextOpened(Err(failure))),
            }
        });
    }

    fn save_context(&mut self, new: NewContext) {
        let file = self.config_file.clone();
        self.block(move || {
            let missing = || Failure::local("there is no place for a configuration", "set HOME or --config");
            let saved = file.ok_or_else(missing).and_then(|file| config::save_context(&file, &new));
            Done::say(Message::ContextSaved(saved))
        });
    }

    fn start_demo(&mut self) {
        let Some(start) = self.start_demo.clone() else {
            let failure = Failure::local("this program was built without the embedded backend", "add a backend");
            return self.fly(async move { Done::say(Message::DemoReady(Err(failure))) });
        };
        self.block(move || {
            let ready = start().and_then(|demo| {
                let connection = connect::open(demo.config, None)?;
                Ok((connection, Given { demo: Some(demo.credential), ..Given::default() }, demo.running))
            });
            match ready {
                Ok((connection, given, running)) => {
                    let context: Context = connection.context.clone();
                    let messages = vec![Message::DemoReady(Ok(Box::new(context)))];
                    Done { messages, keep: Keep::Demo(Box::new(connection), given, running) }
                }
                Err(failure) => Done::say(Message::DemoReady(Err(failure))),
            }
        });
    }
}

/// Returns how many threads a pass over all rows is split over.
fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, NonZero::get)
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::sync::mpsc::{Receiver, Sender, channel};
    use std::time::{Duration, Instant};

    use futures_util::StreamExt as _;
    use jiff::Timestamp;

    use super::*;
    use crate::runtime::clipboard::Copied;
    use crate::runtime::desk::Place;
    use crate::runtime::drive::to_its_end;
    use crate::runtime::ports::FixedClock;

    /// A clipboard that takes its time, and says so when what it holds goes with it.
    struct Held {
        takes: Duration,
        goes: Option<Sender<()>>,
        holds: bool,
    }

    impl Clipboard for Held {
        fn road(&self) -> Road {
            Road::Desktop
        }

        fn copy(&mut self, _text: Arc<Secret>) -> Result<Copied, Failure> {
            // Nobody sends anything here: it is the time that is waited for.
            let (_hold, never) = channel::<()>();
            let _ = never.recv_timeout(self.takes);
            self.holds = true;
            Ok(Copied::Desktop)
        }

        fn clear(&mut self) -> Result<Cleared, Failure> {
            self.holds = false;
            Ok(Cleared::Emptied)
        }

        fn empty(&mut self) -> Result<Cleared, Failure> {
            self.clear()
        }
    }

    impl Drop for Held {
        fn drop(&mut self) {
            if let Some(goes) = self.goes.take().filter(|_| self.holds) {
                let _ = goes.send(());
            }
        }
    }

    /// A shell with such a clipboard, and what tells that it went.
    fn shell(takes: Duration) -> (Shell, Receiver<()>) {
        let (goes, gone) = channel();
        let places = Arc::new(Places::none());
        let shell = Shell {
            clock: Arc::new(FixedClock(Timestamp::UNIX_EPOCH)),
            connections: BTreeMap::new(),
            given: BTreeMap::new(),
            places: places.clone(),
            clipboard: Arc::new(Mutex::new(Box::new(Held { takes, goes: Some(goes), holds: false }))),
            desk: Desk::new(Place::Memory, places),
            config_file: None,
            own_backends: None,
            fields: Fields::Shown,
            start_demo: None,
            demo: None,
            flying: FuturesUnordered::new(),
            aborts: HashMap::new(),
        };
        (shell, gone)
    }

    #[test]
    fn a_panic_in_blocking_work_lets_go_of_a_copy_that_is_held_or_on_its_way_and_of_what_never_ends() {
        for (takes, is_held) in [(Duration::ZERO, true), (Duration::from_secs(1), false)] {
            let (mut shell, gone) = shell(takes);
            let (hold, never) = channel::<()>();
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            let begun = Instant::now();
            let ended = catch_unwind(AssertUnwindSafe(|| {
                to_its_end(runtime, async move {
                    shell.perform(Effect::CopySecret(Arc::new(Secret::new("s3cret".into()))));
                    if is_held {
                        shell.flying.next().await.expect("a copy");
                    }
                    // A keyring that does not answer.
                    shell.block(move || {
                        let _ = never.recv();
                        Done::say(Message::Wake)
                    });
                    shell.block(|| panic!("planted"));
                    while shell.flying.next().await.is_some() {}
                });
            }));
            assert!(ended.is_err(), "the panic goes on");
            assert_eq!(gone.try_recv(), Ok(()), "held: {is_held}; before the program ends, the copy is taken back");
            assert!(begun.elapsed() < Duration::from_secs(30), "and nothing is waited for that never ends");
            drop(hold);
        }
    }
}
