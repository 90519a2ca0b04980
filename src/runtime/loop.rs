//! The one loop: input first, then answers, then the model's own next moment; drawn when nothing more is ready.

use std::io;
use std::time::Duration;

use tokio::time::Instant;

use super::clipboard::Switch;
use super::drive::{self, Awaits, Drive, Early, Ending, Event, Own, Sources};
use super::effects::Shell;
use super::input::{self, Input};
use super::keys;
use super::setup::{Begun, Setup};
use super::signals::Signal;
use super::terminal::{Drawn, Kind, Screen, Stop, Tty, restore_on_panic};
use crate::app::message::{self, Message};
use crate::app::modal::QuestionId;
use crate::app::model::{Model, Wants};
use crate::app::{awaits_frame, start};
use crate::ui::{Look, Memory, draw};

/// How long a burst of messages may hold a frame back.
const FRAME: Duration = Duration::from_millis(16);

/// Shows the dashboard until it is left; returns the exit code.
///
/// # Errors
/// When there is no terminal, or the system refuses a thread or a signal.
pub fn run(setup: Setup) -> io::Result<u8> {
    drive::on_terminal(setup, Loop::begin, async |turn| turn.run().await)
}

struct Loop {
    model: Model,
    memory: Memory,
    look: Look,
    screen: Screen,
    shell: Shell,
    sources: Sources<Input>,
    /// When the first message came that is not on screen yet; `None` when all are.
    undrawn: Option<Instant>,
    /// Whether the frame before is still on its way.
    busy: bool,
    /// The question on the frame on its way that waits to be seen; `None` for no such question.
    showing: Option<QuestionId>,
    ending: Ending,
}

impl Loop {
    fn begin(setup: Setup, tty: Tty) -> io::Result<Self> {
        let early = Early::new()?;
        let screen = Screen::enter(&tty, Kind::of(&setup.term), early.on_idle())?;
        let restorer = screen.restorer();
        restore_on_panic(move || restorer.restore());
        let writer = screen.writer();
        let clipboard = Switch::new(&setup.session, move |bytes| writer.submit(bytes));
        let size = tty.size();
        let Begun { model, shell, look } = setup.begin(size, Box::new(clipboard), Wants::Everything);
        Ok(Self {
            model,
            memory: Memory::default(),
            look,
            screen,
            sources: early.with(tty, input::start)?,
            shell,
            undrawn: Some(Instant::now()),
            busy: false,
            showing: None,
            ending: Ending::default(),
        })
    }

    async fn run(&mut self) -> u8 {
        // The first frame leaves before anything is asked of disk, keyring or network.
        self.draw();
        let effects = start(&mut self.model);
        self.perform(effects);
        loop {
            if let Some(code) = self.ending.code() {
                return self.end(code);
            }
            if !self.busy && self.undrawn.is_some_and(|since| since.elapsed() >= FRAME) {
                self.draw();
            }
            let due = self.wakes().into_iter().chain(self.ending.due()).min();
            let draws = if self.undrawn.is_some() && !self.busy { Awaits::Yes } else { Awaits::No };
            let event = self.sources.next(&mut self.shell, due, Awaits::Yes, draws).await;
            self.take(event);
        }
    }

    fn take(&mut self, event: Event<Input>) {
        match event {
            Event::Input(Some(Input::Event(event))) => {
                if let Some(message) = keys::message(event) {
                    self.step(message);
                }
            }
            Event::Input(Some(Input::Closed) | None) => {
                self.sources.close();
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
                    self.ending.panics();
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
        self.sources.acknowledge();
        self.hangs_up();
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
            Own::Quit(code) => self.ending.quit(code),
            Own::Repaint => self.screen.repaint(),
            Own::Suspend => self.suspend(Stop::Group),
        }
    }

    fn stirred(&mut self) {
        self.undrawn.get_or_insert_with(Instant::now);
    }
}
