//! The loop over lines: the same model, effects and ends as on the screen, for a terminal that only gets text.

mod pace;
mod reader;

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::clipboard::Switch;
use super::drive::{self, Awaits, Drive, Early, Ending, Event, Own, Sources};
use super::effects::Shell;
use super::setup::{Begun, Setup};
use super::signals::Signal;
use super::terminal::{Echo, Lines, Put, Stop, Stopped, Tty, restore_on_panic};
use crate::app::action::Action;
use crate::app::contexts::Asked;
use crate::app::key::{Code, Key, Paste};
use crate::app::lines::{Line, Listens, Way, listens, read};
use crate::app::message::{self, Message};
use crate::app::modal::QuestionId;
use crate::app::model::{Model, Tab, Wants};
use crate::app::tokens::Answered;
use crate::app::{awaits_frame, start};
use crate::domain::Secret;
use crate::ui::Look;
use crate::ui::linear::{Occasion, PAGE, Teller};
use pace::{Pace, Paced};
use reader::{Input, Typed};

/// How long a burst of messages may hold a telling back.
const BURST: Duration = Duration::from_millis(16);
/// Rows of a screen whose pages are as long as those that are told.
const ROWS: usize = PAGE + 8;

const TOO_EARLY: &str = "typed before the question was there, and not taken";
const PASTED: &str = "several lines at once answer nothing: type one";
const UNKNOWN: &str = "no token was told with that number, and nothing was chosen";
const THE_END: &str = "that was the last page";
const THE_BEGINNING: &str = "that was the first page";
const NOT_HIDDEN: &str = "this terminal cannot hide what is typed: press Ctrl-c";

/// Tells the dashboard line by line until it is left; returns the exit code.
///
/// # Errors
/// When there is no terminal, or the system refuses a thread or a signal.
pub fn run(setup: Setup) -> io::Result<u8> {
    drive::on_terminal(setup, Loop::begin, async |turn| turn.run().await)
}

struct Loop {
    model: Model,
    look: Look,
    teller: Teller,
    lines: Lines,
    shell: Shell,
    sources: Sources<Input>,
    pace: Pace,
    /// Why it is told next.
    occasion: Occasion,
    /// When the first message came that is not told yet; `None` when all are.
    untold: Option<Instant>,
    /// The question among the lines on their way that waits to be seen; `None` for no such question.
    showing: Option<QuestionId>,
    /// What was typed before this moment is no answer.
    deaf_until: Instant,
    /// Whether a credential is looked for with what was typed hidden: it may be asked for again.
    trying: bool,
    /// What was typed before this moment was typed unseen, while something hidden was tried.
    unseen_until: Instant,
    ending: Ending,
}

impl Loop {
    fn begin(setup: Setup, tty: Tty) -> io::Result<Self> {
        let early = Early::new()?;
        let lines = Lines::enter(&tty, early.on_idle())?;
        restore_on_panic(lines.restorer());
        let writer = lines.writer();
        let clipboard = Switch::new(&setup.session, move |bytes| writer.submit(bytes));
        let size = (tty.size().0, u16::try_from(ROWS).unwrap_or(u16::MAX));
        let Begun { model, shell, look } = setup.begin(size, Box::new(clipboard), Wants::Everything);
        Ok(Self {
            model,
            look,
            teller: Teller::default(),
            lines,
            shell,
            sources: early.with(tty, reader::start)?,
            pace: Pace::default(),
            occasion: Occasion::News,
            untold: Some(Instant::now()),
            showing: None,
            deaf_until: Instant::now(),
            trying: false,
            unseen_until: Instant::now(),
            ending: Ending::default(),
        })
    }

    async fn run(&mut self) -> u8 {
        let effects = start(&mut self.model);
        self.tell();
        self.perform(effects);
        loop {
            if let Some(code) = self.ending.code() {
                return self.end(code);
            }
            if self.untold.is_some_and(|since| since.elapsed() >= BURST) {
                self.tell();
            }
            let event = self.next().await;
            self.take(event);
        }
    }

    /// Waits for whatever comes first. A line waits for the rows that the one before it asked for.
    async fn next(&mut self) -> Event<Input> {
        let due = self.wakes().into_iter().chain(self.ending.due()).chain(self.pace.due()).min();
        let awaits = |it: bool| if it { Awaits::Yes } else { Awaits::No };
        let reads = self.model.front().is_some() || self.model.tokens.answer == Answered::Now;
        let tells = self.untold.is_some() && self.lines.is_idle();
        self.sources.next(&mut self.shell, due, awaits(reads), awaits(tells)).await
    }

    fn take(&mut self, event: Event<Input>) {
        match event {
            Event::Input(Some(Input::Line(line))) => self.typed(line),
            Event::Input(Some(Input::End)) => {
                let quit = self.model.keymap.keys(Action::Quit).first().copied();
                let key = if self.model.front().is_some() { None } else { quit };
                self.enter_key(key.unwrap_or(Key::new(Code::Esc)));
            }
            Event::Input(Some(Input::Closed) | None) => {
                self.sources.close();
                self.gone();
            }
            Event::HungUp => self.gone(),
            Event::Signal(signal) => self.signal(signal),
            Event::Idle => self.written(),
            Event::Done(done) => self.answers(done),
            Event::Due => {
                if let Some(line) = self.pace.release() {
                    self.enter(&line);
                }
                self.step(Message::Wake);
            }
            Event::Quiet => self.tell(),
        }
    }

    /// Takes a line, unless it came before what it would answer could be read, or with others.
    fn typed(&mut self, line: Typed) {
        self.lines.turned();
        // What was typed unseen while the answer before was tried may be the same secret once more: it is no key, and no
        // query that would be told.
        if self.trying || line.at < self.unseen_until {
            return self.say(TOO_EARLY);
        }
        let is_early = self.is_early(&line);
        match self.pace.take(line, self.model.front().is_some()) {
            Paced::Pasted => self.say(PASTED),
            Paced::Wait if is_early => {
                self.pace.forget();
                self.say(TOO_EARLY);
            }
            Paced::Wait | Paced::Rest => {}
            Paced::Take(line) => self.enter(&line),
        }
    }

    /// Tells whether something is in front that could not be read when a line was typed.
    fn is_early(&self, line: &Typed) -> bool {
        let now = self.shell.clock.now();
        self.model.front().is_some_and(|front| !front.arming().is_armed(now) || line.at < self.deaf_until)
    }

    /// Does what a line stands for.
    fn enter(&mut self, line: &Typed) {
        if self.is_early(line) {
            return self.say(TOO_EARLY);
        }
        self.occasion = Occasion::Input;
        self.stirred();
        match read(&self.model, &line.text) {
            Line::Keys(keys) => keys.into_iter().for_each(|key| self.enter_key(key)),
            Line::Hidden(then) => {
                self.trying = true;
                self.enter_key(Key::ctrl('u'));
                let secret = Secret::from_string(line.text.as_str().to_owned());
                self.step(Message::Paste(Paste(Arc::new(secret))));
                self.enter_key(then);
            }
            Line::Number(number) => match self.teller.token(number).cloned() {
                Some(token) => self.step(Message::Choose(token)),
                None => self.say(UNKNOWN),
            },
            Line::Page(way) => self.page(way),
            Line::Refused(why) => self.say(why),
        }
    }

    fn enter_key(&mut self, key: Key) {
        self.occasion = Occasion::Input;
        self.step(Message::Key(key));
    }

    fn page(&mut self, way: Way) {
        let (action, end) = match way {
            Way::On => (Action::PageDown, THE_END),
            Way::Back => (Action::PageUp, THE_BEGINNING),
        };
        match (self.model.tab, Teller::page(&self.model, way)) {
            (Tab::Tokens, Some(token)) => self.step(Message::Choose(token)),
            // What is there is told, and that no more is there yet.
            (Tab::Tokens, None) if self.model.tokens.view.rows.is_empty() => {}
            (Tab::Tokens, None) => self.say(end),
            (Tab::Review | Tab::Incident | Tab::Activity | Tab::Backends, _) => {
                if let Some(key) = self.model.keymap.keys(action).first().copied() {
                    self.enter_key(key);
                }
            }
        }
    }

    fn say(&mut self, words: &str) {
        self.stirred();
        self.model.messages.say(self.shell.clock.now(), words);
    }

    /// Tells what is new, once everything before is written.
    fn tell(&mut self) {
        if self.lines.is_away() {
            self.untold = None;
            return;
        }
        if !self.lines.is_entered() {
            // Another thread panics: that is told before the end.
            self.ending.panics();
            return self.gone();
        }
        if !self.lines.is_idle() {
            return;
        }
        self.untold = None;
        let occasion = std::mem::replace(&mut self.occasion, Occasion::News);
        let told = self.teller.tell(&self.model, &self.look, occasion);
        let tried = self.trying;
        self.trying &= self.model.contexts.iter().any(|state| state.credential == Asked::Asking);
        let is_hidden = self.trying || matches!(listens(&self.model), Listens::Hidden(_));
        let echo = if is_hidden { Echo::Off } else { Echo::On };
        if tried && !is_hidden {
            // A line that is half typed would go on in the open, and be taken as a whole. Where that fails the terminal
            // is gone.
            let _ = self.lines.forget_typed();
            self.unseen_until = Instant::now();
        }
        let prompt = match self.lines.echo(echo) {
            Ok(()) => told.prompt,
            Err(_) => NOT_HIDDEN.to_owned(),
        };
        match self.lines.put(told.text, &prompt) {
            Put::Sent => {
                self.pace.answered();
                self.showing = awaits_frame(&self.model);
            }
            Put::Nothing => self.shown(awaits_frame(&self.model)),
            Put::Gone => self.gone(),
        }
    }

    /// What was told has left.
    fn written(&mut self) {
        if self.lines.is_idle() {
            let showing = self.showing.take();
            self.shown(showing);
        }
    }

    /// A question was told: what was typed before is no answer to it.
    fn shown(&mut self, question: Option<QuestionId>) {
        let Some(question) = question else { return };
        // Where that fails the terminal is gone.
        let _ = self.lines.forget_typed();
        self.deaf_until = Instant::now();
        if self.pace.forget() {
            self.say(TOO_EARLY);
        }
        self.step(Message::Shown(question));
    }

    fn gone(&mut self) {
        self.sources.acknowledge();
        self.hangs_up();
        self.untold = None;
    }

    fn signal(&mut self, signal: Signal) {
        match signal {
            Signal::Terminate => self.step(Message::Signal(message::Signal::Terminate)),
            Signal::Quit => self.step(Message::Signal(message::Signal::Quit)),
            // The terminal makes it of the key.
            Signal::Interrupt => {
                self.pace.forget();
                self.enter_key(Key::ctrl('c'));
            }
            Signal::HangUp => self.gone(),
            Signal::Stop => self.suspend(Stop::Process),
            Signal::Continue => {
                if self.lines.resume().is_err() {
                    return self.gone();
                }
                self.occasion = Occasion::Anew;
                self.stirred();
            }
            Signal::Resize => {}
        }
    }

    fn suspend(&mut self, what: Stop) {
        match self.lines.suspend(what) {
            // Whoever continues us says so by a signal, and then everything is told anew.
            Ok(Stopped::Stopping) => {}
            Ok(Stopped::NoShell) => self.say("there is no shell here that could bring it back"),
            Err(_) => self.gone(),
        }
    }

    /// Gives everything back: the terminal first, then what the clipboard still holds.
    fn end(&mut self, code: u8) -> u8 {
        self.lines.restore();
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
            // A screen is also repainted when a secret leaves it; here nobody asked for that.
            Own::Repaint if self.teller.is_at_front() => {}
            Own::Repaint => self.occasion = Occasion::Anew,
            Own::Suspend => self.suspend(Stop::Group),
        }
    }

    fn stirred(&mut self) {
        self.untold.get_or_insert_with(Instant::now);
    }
}
