//! What every loop does with model and shell, with a screen, with lines, or with neither.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::stream::StreamExt;
use jiff::Timestamp;
use tokio::runtime::Runtime;
use tokio::sync::{Notify, mpsc};
use tokio::time::Instant;

use super::effects::{Done, Shell};
use super::hangup::Watchdog;
use super::setup::Setup;
use super::signals::{Signal, Signals};
use super::terminal::Tty;
use crate::app::effect::Effect;
use crate::app::message::{self, Message};
use crate::app::model::{Model, Secrecy};
use crate::app::{next_wake, update};

/// How many answers are taken before input is looked at again.
const ANSWERS: usize = 64;
/// How long a panic on another thread may take to be told before the program ends without its words: a whole backtrace
/// from what is known of a debug build takes seconds, on a busy machine more.
const TELLING: Duration = Duration::from_secs(15);
/// How long after a panic what is on its way may take.
const ENDS: Duration = Duration::from_secs(5);
/// The exit code after a panic, as Rust's own.
const PANICKED: u8 = 101;

/// Runs a loop on the terminal until it is left; returns the exit code.
///
/// # Errors
/// When there is no terminal, or the system refuses a thread or a signal.
pub(super) fn on_terminal<L: Drive>(
    setup: Setup,
    begin: impl FnOnce(Setup, Tty) -> io::Result<L>,
    run: impl AsyncFnOnce(&mut L) -> u8,
) -> io::Result<u8> {
    let tty = Tty::open()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    to_its_end(runtime, async {
        let mut turn = begin(setup, tty)?;
        Ok(run(&mut turn).await)
    })
}

/// Runs something to its end, which nothing on its way holds up, nor the end by a panic: what blocks may never answer.
pub(super) fn to_its_end<T>(runtime: Runtime, future: impl Future<Output = T>) -> T {
    // What the future holds goes when it unwinds; the clipboard goes with the last who uses it.
    match catch_unwind(AssertUnwindSafe(|| runtime.block_on(future))) {
        Ok(done) => {
            // A call that nobody waits for any more.
            runtime.shutdown_timeout(Duration::from_millis(100));
            done
        }
        Err(panic) => {
            // Nobody waited for a record or a copy that is on its way: a copy that is made is taken back with its thread.
            runtime.shutdown_timeout(ENDS);
            resume_unwind(panic)
        }
    }
}

/// What woke a loop.
pub(super) enum Event<I> {
    Input(Option<I>),
    Signal(Signal),
    HungUp,
    /// The terminal has taken all that it was sent.
    Idle,
    Done(Done),
    Due,
    /// Nothing more is ready.
    Quiet,
}

/// Whether something is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Awaits {
    Yes,
    No,
}

/// Where what wakes a loop on a terminal comes from.
pub(super) struct Sources<I> {
    /// What is typed; `None` once the terminal is gone.
    input: Option<mpsc::Receiver<I>>,
    signals: Signals,
    hung_up: Arc<Notify>,
    idle: Arc<Notify>,
    watchdog: Watchdog,
}

/// The sources that come before the terminal is ours.
pub(super) struct Early {
    signals: Signals,
    idle: Arc<Notify>,
}

impl Early {
    /// Takes the signals: one to end that came after the terminal is ours and before would leave it as it is then.
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self { signals: Signals::new()?, idle: Arc::new(Notify::new()) })
    }

    /// Returns what the writer calls when it has written all.
    pub(super) fn on_idle(&self) -> impl Fn() + Send + Sync + 'static {
        let idle = self.idle.clone();
        move || idle.notify_one()
    }

    /// Goes on to all of them.
    pub(super) fn with<I>(
        self,
        tty: Tty,
        listen: impl FnOnce(Tty) -> io::Result<mpsc::Receiver<I>>,
    ) -> io::Result<Sources<I>> {
        let hung_up = Arc::new(Notify::new());
        let gone = hung_up.clone();
        let watchdog = Watchdog::start(tty.clone(), move || gone.notify_one())?;
        let Self { signals, idle } = self;
        Ok(Sources { input: Some(listen(tty)?), signals, hung_up, idle, watchdog })
    }
}

impl<I> Sources<I> {
    /// Waits for whatever comes first. Input wins over answers, and what is to be shown waits until nothing is ready.
    pub(super) async fn next(
        &mut self,
        shell: &mut Shell,
        due: Option<Instant>,
        reads: Awaits,
        shows: Awaits,
    ) -> Event<I> {
        let input = async {
            match &mut self.input {
                Some(input) if reads == Awaits::Yes => input.recv().await,
                Some(_) | None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            event = input => Event::Input(event),
            signal = self.signals.next() => Event::Signal(signal),
            () = self.hung_up.notified() => Event::HungUp,
            () = self.idle.notified() => Event::Idle,
            Some(done) = shell.flying.next(), if !shell.flying.is_empty() => Event::Done(done),
            () = tokio::time::sleep_until(due.unwrap_or_else(Instant::now)), if due.is_some() => Event::Due,
            () = tokio::task::yield_now(), if shows == Awaits::Yes => Event::Quiet,
        }
    }

    /// Reads no more: the terminal is gone.
    pub(super) fn close(&mut self) {
        self.input = None;
    }

    /// Tells the watchdog that the hang-up is known.
    pub(super) fn acknowledge(&self) {
        self.watchdog.acknowledge();
    }
}

/// How near the end of a loop is.
#[derive(Debug, Default)]
pub(super) struct Ending {
    /// The exit code, once the model asked for it.
    quit: Option<u8>,
    /// Until when a panic elsewhere, which gave the terminal back, may take to be told; `None` for no panic.
    panicking: Option<Instant>,
}

impl Ending {
    /// Takes the exit code.
    pub(super) fn quit(&mut self, code: u8) {
        self.quit = Some(code);
    }

    /// Notes that another thread panics.
    pub(super) fn panics(&mut self) {
        self.panicking.get_or_insert_with(|| Instant::now() + TELLING);
    }

    /// Returns when the program ends though the panic was not told; `None` for no panic.
    pub(super) const fn due(&self) -> Option<Instant> {
        self.panicking
    }

    /// Returns the exit code, once it is time.
    pub(super) fn code(&self) -> Option<u8> {
        match (self.quit, self.panicking) {
            (Some(code), None) => Some(code),
            (Some(_), Some(until)) if until <= Instant::now() => Some(PANICKED),
            _ => None,
        }
    }
}

/// An effect that concerns the terminal or the end, and not the shell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Own {
    Quit(u8),
    Repaint,
    Suspend,
}

/// A loop over a model and a shell.
pub(super) trait Drive {
    /// Returns both.
    fn parts(&mut self) -> (&mut Model, &mut Shell);

    /// Does what concerns the terminal or the end.
    fn own(&mut self, effect: Own);

    /// Notes that something is about to change.
    fn stirred(&mut self) {}

    /// Takes a message.
    fn step(&mut self, message: Message) {
        tracing::trace!(?message, "step");
        self.stirred();
        let (model, shell) = self.parts();
        let effects = update(model, shell.clock.now(), message);
        self.perform(effects);
    }

    /// Does what a step asked for.
    #[expect(clippy::wildcard_enum_match_arm, reason = "all others are the shell's, which lists every one")]
    fn perform(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Quit(code) => self.own(Own::Quit(code)),
                Effect::Repaint => self.own(Own::Repaint),
                Effect::Suspend => self.own(Own::Suspend),
                effect => self.parts().1.perform(effect),
            }
        }
        self.parts().1.flush();
    }

    /// Takes an answer, and those that are there already, before the next look at the input.
    fn answers(&mut self, first: Done) {
        let mut next = Some(first);
        let mut taken = 0;
        while let Some(done) = next.take() {
            for message in self.parts().1.finish(done) {
                self.step(message);
            }
            taken += 1;
            let flying = &mut self.parts().1.flying;
            if taken < ANSWERS && !flying.is_empty() {
                next = flying.next().now_or_never().flatten();
            }
        }
    }

    /// Returns when the model changes by itself.
    fn wakes(&mut self) -> Option<Instant> {
        let (model, shell) = self.parts();
        next_wake(model).map(|moment| Instant::now() + until(shell.clock.now(), moment))
    }

    /// Tells the model that the terminal is gone.
    fn hangs_up(&mut self) {
        if self.parts().0.leaving.is_none() {
            self.step(Message::Signal(message::Signal::HangUp));
        }
    }

    /// Lets go of what the clipboard still holds, and of the demo.
    fn let_go(&mut self) {
        let (model, shell) = self.parts();
        if model.clipboard.as_ref().is_some_and(|handed| handed.secret == Secrecy::Secret) {
            // What it came to cannot be shown any more.
            let _ = shell.clipboard.lock().unwrap_or_else(PoisonError::into_inner).clear();
        }
        shell.demo = None;
    }
}

/// Returns how long it is until a moment; nothing for one that has passed.
pub(super) fn until(now: Timestamp, moment: Timestamp) -> Duration {
    Duration::try_from(moment.duration_since(now)).unwrap_or_default()
}
