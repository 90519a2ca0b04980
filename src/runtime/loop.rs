//! The one loop: input first, then answers, then the model's own next moment; drawn when nothing more is ready.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use futures_util::stream::StreamExt;
use jiff::Timestamp;
use tokio::sync::{Notify, mpsc};
use tokio::time::Instant;

use super::clipboard::Switch;
use super::drive::{Drive, Own};
use super::effects::Shell;
use super::hangup::Watchdog;
use super::input::{self, Input};
use super::keys;
use super::setup::{Begun, Setup};
use super::signals::{Signal, Signals};
use super::terminal::{Drawn, Kind, Screen, Stop, Tty, restore_on_panic};
use crate::app::message::{self, Message};
use crate::app::modal::QuestionId;
use crate::app::model::{Model, Wants};
use crate::app::{awaits_frame, start};
use crate::ui::{Look, Memory, draw};

/// How long a burst of messages may hold a frame back.
const FRAME: Duration = Duration::from_millis(16);
/// How long a panic on another thread may take to be told before the program ends without its words.
const TELLING: Duration = Duration::from_secs(3);
/// The exit code after a panic, as Rust's own.
const PANICKED: u8 = 101;

/// Shows the dashboard until it is left; returns the exit code.
///
/// # Errors
/// When there is no terminal, or the system refuses a thread or a signal.
pub fn run(setup: Setup) -> io::Result<u8> {
    let tty = Tty::open()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let code = runtime.block_on(async {
        let mut turn = Loop::begin(setup, tty)?;
        turn.run().await
    });
    // A call that nobody waits for any more does not hold the end up.
    runtime.shutdown_timeout(Duration::from_millis(100));
    code
}

/// What woke the loop.
enum Event {
    Input(Option<Input>),
    Signal(Signal),
    HungUp,
    Idle,
    Done(super::effects::Done),
    Due,
    Quiet,
}

struct Loop {
    model: Model,
    memory: Memory,
    look: Look,
    screen: Screen,
    shell: Shell,
    input: Option<mpsc::Receiver<Input>>,
    signals: Signals,
    hung_up: Arc<Notify>,
    idle: Arc<Notify>,
    watchdog: Watchdog,
    /// When the first message came that is not on screen yet; `None` when all are.
    undrawn: Option<Instant>,
    /// Whether the frame before is still on its way.
    busy: bool,
    /// The question on the frame on its way that waits to be seen; `None` for no such question.
    showing: Option<QuestionId>,
    /// The exit code, once the model asked for it.
    quit: Option<u8>,
    /// Until when a panic elsewhere, which gave the terminal back, may take to be told; `None` for no panic.
    panicking: Option<Instant>,
}

impl Loop {
    fn begin(setup: Setup, tty: Tty) -> io::Result<Self> {
        // Before the terminal is ours: a signal to end that came in between would leave it as it is then.
        let signals = Signals::new()?;
        let idle = Arc::new(Notify::new());
        let written = idle.clone();
        let screen = Screen::enter(&tty, Kind::of(&setup.term), move || written.notify_one())?;
        let restorer = screen.restorer();
        restore_on_panic(move || restorer.restore());
        let hung_up = Arc::new(Notify::new());
        let gone = hung_up.clone();
        let watchdog = Watchdog::start(tty.clone(), move || gone.notify_one())?;
        let writer = screen.writer();
        let clipboard = Switch::new(&setup.session, move |bytes| writer.submit(bytes));
        let size = tty.size();
        let Begun { model, shell, look } = setup.begin(size, Box::new(clipboard), Wants::Everything);
        Ok(Self {
            model,
            memory: Memory::default(),
            look,
            screen,
            input: Some(input::start(tty)?),
            shell,
            signals,
            hung_up,
            idle,
            watchdog,
            undrawn: Some(Instant::now()),
            busy: false,
            showing: None,
            quit: None,
            panicking: None,
        })
    }

    async fn run(&mut self) -> io::Result<u8> {
        // The first frame leaves before anything is asked of disk, keyring or network.
        self.draw();
        let effects = start(&mut self.model);
        self.perform(effects);
        loop {
            match (self.quit, self.panicking) {
                (Some(code), None) => return Ok(self.end(code)),
                (Some(_), Some(until)) if until <= Instant::now() => return Ok(self.end(PANICKED)),
                _ => {}
            }
            if !self.busy && self.undrawn.is_some_and(|since| since.elapsed() >= FRAME) {
                self.draw();
            }
            let event = self.next().await;
            self.take(event);
        }
    }

    /// Waits for whatever comes first. Input wins over answers, and a picture is drawn when nothing is ready.
    async fn next(&mut self) -> Event {
        let due = self.due();
        let draws = self.undrawn.is_some() && !self.busy;
        let input = async {
            match &mut self.input {
                Some(input) => input.recv().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            event = input => Event::Input(event),
            signal = self.signals.next() => Event::Signal(signal),
            () = self.hung_up.notified() => Event::HungUp,
            () = self.idle.notified() => Event::Idle,
            Some(done) = self.shell.flying.next(), if !self.shell.flying.is_empty() => Event::Done(done),
            () = tokio::time::sleep_until(due.unwrap_or_else(Instant::now)), if due.is_some() => Event::Due,
            () = tokio::task::yield_now(), if draws => Event::Quiet,
        }
    }

    fn take(&mut self, event: Event) {
        match event {
            Event::Input(Some(Input::Event(event))) => {
                if let Some(message) = keys::message(event) {
                    self.step(message);
                }
            }
            Event::Input(Some(Input::Closed) | None) => {
                self.input = None;
                self.gone();
            }
            Event::HungUp => self.gone(),
            Event::Signal(signal) => self.signal(signal),
            Event::Idle => self.written(),
            Event::Done(done) => self.answers(done),
            Event::Due => self.step(Message::Wake),
            Event::Quiet => self.draw(),
        }
    }

    fn draw(&mut self) {
        let (model, look, memory) = (&self.model, &self.look, &mut self.memory);
        match self.screen.draw(|frame| draw(frame, model, look, memory)) {
            Ok(Drawn::Busy) => self.busy = true,
            Ok(Drawn::Away) => self.undrawn = None,
            Ok(Drawn::Unchanged) => {
                self.undrawn = None;
                if let Some(question) = awaits_frame(&self.model) {
                    self.step(Message::Shown(question));
                }
            }
            Ok(Drawn::Sent { bytes }) => {
                tracing::trace!(bytes, "frame");
                self.undrawn = None;
                self.busy = true;
                self.showing = awaits_frame(&self.model);
            }
            // The terminal is gone; the watchdog or the input says so too, and what is in flight ends first. If it
            // was given back instead, another thread panics: that is told before the end.
            Err(_) => {
                self.undrawn = None;
                if !self.screen.restorer().is_entered() {
                    self.panicking.get_or_insert_with(|| Instant::now() + TELLING);
                }
                self.gone();
            }
        }
    }

    /// The frame before has left.
    fn written(&mut self) {
        self.busy = false;
        if let Some(question) = self.showing.take() {
            self.step(Message::Shown(question));
        }
    }

    fn gone(&mut self) {
        self.watchdog.acknowledge();
        if self.model.leaving.is_none() {
            self.step(Message::Signal(message::Signal::HangUp));
        }
    }

    fn signal(&mut self, signal: Signal) {
        match signal {
            Signal::Terminate => self.step(Message::Signal(message::Signal::Terminate)),
            Signal::Interrupt => self.step(Message::Signal(message::Signal::Interrupt)),
            Signal::Quit => self.step(Message::Signal(message::Signal::Quit)),
            Signal::HangUp => self.gone(),
            Signal::Stop => self.suspend(Stop::Process),
            Signal::Continue => {
                if self.screen.resume().is_err() {
                    return self.gone();
                }
                self.busy = true;
                self.resize();
                self.step(Message::Signal(message::Signal::Continue));
            }
            Signal::Resize => self.resize(),
        }
    }

    fn resize(&mut self) {
        let (columns, rows) = self.screen.measure();
        self.screen.resize(columns, rows);
        self.step(Message::Resize(columns, rows));
    }

    fn suspend(&mut self, what: Stop) {
        match self.screen.suspend(what) {
            // Whoever continues us says so by a signal, and then everything is drawn anew.
            Ok(super::terminal::Stopped::Stopping) => {}
            Ok(super::terminal::Stopped::NoShell) => {
                let now = self.shell.clock.now();
                self.model.messages.say(now, "there is no shell here that could bring it back");
            }
            Err(_) => self.gone(),
        }
    }

    /// Returns the moment at which the picture changes by itself, or the program ends.
    fn due(&mut self) -> Option<Instant> {
        self.wakes().into_iter().chain(self.panicking).min()
    }

    /// Gives everything back: the terminal first, then what the clipboard still holds.
    fn end(&mut self, code: u8) -> u8 {
        self.screen.restore();
        self.let_go();
        code
    }
}

impl Drive for Loop {
    fn parts(&mut self) -> (&mut Model, &mut Shell) {
        (&mut self.model, &mut self.shell)
    }

    fn own(&mut self, effect: Own) {
        match effect {
            Own::Quit(code) => self.quit = Some(code),
            Own::Repaint => self.screen.repaint(),
            Own::Suspend => self.suspend(Stop::Group),
        }
    }

    fn stirred(&mut self) {
        self.undrawn.get_or_insert_with(Instant::now);
    }
}

/// Returns how long it is until a moment; nothing for one that has passed.
pub(super) fn until(now: Timestamp, moment: Timestamp) -> Duration {
    Duration::try_from(moment.duration_since(now)).unwrap_or_default()
}
