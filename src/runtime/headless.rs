//! The same model and effects as the dashboard's, without a terminal: driven until something is so.

use std::io;
use std::time::Duration;

use futures_util::stream::StreamExt;
use tokio::runtime::Runtime;
use tokio::time::Instant;

use super::clipboard::Nowhere;
use super::drive::{Drive, Own};
use super::effects::{Done, Shell};
use super::setup::{Begun, Setup};
use super::signals::{Endings, Signal};
use super::terminal::{Stop, pause};
use crate::app::errand::{Errand, Refusal};
use crate::app::message::Message;
use crate::app::model::{Model, Wants};
use crate::app::{start, undertake};

/// A model that is driven without a screen.
pub struct Headless {
    /// `None` only while it is being dropped.
    runtime: Option<Runtime>,
    turn: Turn,
}

/// How the driving ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Reached {
    /// It is so.
    Yes,
    /// Nothing more will happen by itself, and it is not so.
    Never,
    /// A signal came: what was on its way has ended, and nothing new was sent. With the exit code.
    Interrupted(u8),
}

/// The size that the model believes in, which nothing of the command line depends on.
const SIZE: (u16, u16) = (80, 24);

struct Turn {
    model: Model,
    shell: Shell,
    signals: Endings,
    /// The exit code, once a signal has asked for the end, and all is ended.
    quit: Option<u8>,
}

/// What woke it.
enum Event {
    Signal(Signal),
    Done(Done),
    Due,
    /// There is nothing to wait for.
    Nothing,
}

impl Headless {
    /// Makes the model ready. Nothing is sent before it is driven.
    ///
    /// # Errors
    /// When the system refuses a signal or what is needed to wait.
    pub fn begin(setup: Setup, wants: Wants) -> io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let entered = runtime.enter();
        let Begun { model, shell, .. } = setup.begin(SIZE, Box::new(Nowhere), wants);
        let mut turn = Turn { model, shell, signals: Endings::new()?, quit: None };
        let effects = start(&mut turn.model);
        turn.perform(effects);
        drop(entered);
        Ok(Self { runtime: Some(runtime), turn })
    }

    /// Returns what is known.
    pub fn model(&self) -> &Model {
        &self.turn.model
    }

    /// Asks for something.
    ///
    /// # Errors
    /// Why it is not done.
    pub fn ask(&mut self, errand: Errand) -> Result<(), Refusal> {
        let _entered = self.runtime.as_ref().map(Runtime::enter);
        let now = self.turn.shell.clock.now();
        let effects = undertake(&mut self.turn.model, now, errand)?;
        self.turn.perform(effects);
        Ok(())
    }

    /// Goes on until something is so, or a signal has ended everything.
    pub fn until(&mut self, test: impl Fn(&Model) -> bool) -> Reached {
        self.drive(test, |turn| turn.quit)
    }

    /// Goes on until something is so that is done on this machine, also after a signal.
    pub fn finish(&mut self, test: impl Fn(&Model) -> bool) -> Reached {
        self.drive(test, |turn| turn.quit.filter(|_| turn.shell.flying.is_empty()))
    }

    fn drive(&mut self, test: impl Fn(&Model) -> bool, ends: impl Fn(&Turn) -> Option<u8>) -> Reached {
        match &self.runtime {
            Some(runtime) => runtime.block_on(self.turn.go_on(test, ends)),
            None => Reached::Never,
        }
    }
}

impl Drop for Headless {
    fn drop(&mut self) {
        // A call that nobody waits for any more does not hold the end up.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_timeout(Duration::from_millis(100));
        }
    }
}

impl Turn {
    async fn go_on(&mut self, test: impl Fn(&Model) -> bool, ends: impl Fn(&Self) -> Option<u8>) -> Reached {
        loop {
            if test(&self.model) {
                return Reached::Yes;
            }
            if let Some(code) = ends(self) {
                return Reached::Interrupted(code);
            }
            match self.next().await {
                Event::Signal(signal) => self.signal(signal),
                Event::Done(done) => {
                    for message in self.shell.finish(done) {
                        self.step(message);
                    }
                }
                Event::Due => self.step(Message::Wake),
                Event::Nothing => return Reached::Never,
            }
        }
    }

    /// Waits for whatever comes first.
    async fn next(&mut self) -> Event {
        let due = self.wakes();
        let idle = self.shell.flying.is_empty();
        tokio::select! {
            biased;
            signal = self.signals.next() => Event::Signal(signal),
            Some(done) = self.shell.flying.next(), if !idle => Event::Done(done),
            () = tokio::time::sleep_until(due.unwrap_or_else(Instant::now)), if due.is_some() || idle => match due {
                Some(_) => Event::Due,
                None => Event::Nothing,
            },
        }
    }

    fn signal(&mut self, signal: Signal) {
        match signal.ending() {
            Some(ending) => self.step(Message::Signal(ending)),
            None if signal == Signal::Stop => {
                // Where it cannot be stopped it goes on, as one does that is to be stopped with no shell there.
                let _ = pause(Stop::Process);
            }
            None => {}
        }
    }
}

impl Drive for Turn {
    fn parts(&mut self) -> (&mut Model, &mut Shell) {
        (&mut self.model, &mut self.shell)
    }

    fn own(&mut self, effect: Own) {
        match effect {
            Own::Quit(code) => self.quit = Some(code),
            Own::Repaint | Own::Suspend => {}
        }
    }
}
