//! The terminal as lines that follow each other: it edits and echoes what is typed, and nothing but text is sent.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use zeroize::Zeroizing;

use super::suspend::{self, Stop, Stopped};
use super::tty::Editing;
use super::{Tty, Writer};

/// How long what was handed over before may take to be shown when the terminal is given back.
const FLUSH: Duration = Duration::from_millis(200);
/// How long the last line end may take.
const LIMIT: Duration = Duration::from_millis(300);

/// Whether the terminal shows what is typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Echo {
    /// It does.
    On,
    /// It does not.
    Off,
}

/// What came of putting lines out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Put {
    /// They are on their way.
    Sent,
    /// There was nothing new to be put out.
    Nothing,
    /// The terminal was given back, or is gone.
    Gone,
}

/// The terminal, given back as it was when this is dropped.
#[derive(Debug)]
pub struct Lines(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    tty: Tty,
    writer: Writer,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// How it edited lines before; `None` while the terminal is the shell's.
    before: Option<Editing>,
    echo: Echo,
    /// The prompt that the cursor stands behind; empty at the beginning of a line.
    prompt: String,
    /// Whether somebody will continue us.
    away: bool,
}

impl Drop for Lines {
    fn drop(&mut self) {
        self.restore();
    }
}

impl Inner {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives the terminal back. Never takes longer than half a second, whatever the terminal does.
    fn restore(&self) {
        let mut state = self.lock();
        let Some(before) = state.before.take() else { return };
        self.writer.flush(FLUSH);
        self.writer.close();
        let turned = if state.prompt.is_empty() { Ok(()) } else { self.writer.write_now(b"\n", LIMIT) };
        state.prompt.clear();
        // There is nobody left to tell when the terminal does not take it.
        if let Err(error) = turned.and(self.tty.edit(&before)) {
            tracing::warn!(%error, "the terminal could not be restored");
        }
    }
}

impl Lines {
    /// Takes the terminal over. `idle` is called, on another thread, whenever everything has been written.
    ///
    /// # Errors
    /// When it is no terminal that edits lines, or no thread can be started.
    pub fn enter(tty: &Tty, idle: impl Fn() + Send + 'static) -> io::Result<Self> {
        let writer = Writer::start(tty.clone(), idle)?;
        let state = State { before: None, echo: Echo::On, prompt: String::new(), away: false };
        let lines = Self(Arc::new(Inner { tty: tty.clone(), writer, state: Mutex::new(state) }));
        lines.take_over()?;
        Ok(lines)
    }

    fn take_over(&self) -> io::Result<()> {
        let mut state = self.0.lock();
        if state.before.is_some() {
            return Ok(());
        }
        let before = self.0.tty.editing()?;
        self.0.tty.edit(&editing(&before, state.echo))?;
        state.before = Some(before);
        state.away = false;
        self.0.writer.reopen();
        Ok(())
    }

    /// Shows or hides what is typed from now on.
    ///
    /// # Errors
    /// When the terminal cannot be told: then nothing that is to stay hidden may be asked for.
    pub fn echo(&self, echo: Echo) -> io::Result<()> {
        let mut state = self.0.lock();
        if state.echo == echo {
            return Ok(());
        }
        if let Some(before) = &state.before {
            self.0.tty.edit(&editing(before, echo))?;
        }
        state.echo = echo;
        Ok(())
    }

    /// Puts whole lines out, and a prompt behind them.
    pub fn put(&self, mut text: Zeroizing<String>, prompt: &str) -> Put {
        let mut state = self.0.lock();
        if state.before.is_none() {
            return Put::Gone;
        }
        if text.is_empty() && state.prompt == prompt {
            return Put::Nothing;
        }
        let turn = if state.prompt.is_empty() { "" } else { "\n" };
        let mut bytes = Vec::with_capacity(turn.len() + text.len() + prompt.len());
        bytes.extend_from_slice(turn.as_bytes());
        bytes.append(&mut std::mem::take(&mut *text).into_bytes());
        bytes.extend_from_slice(prompt.as_bytes());
        prompt.clone_into(&mut state.prompt);
        if self.0.writer.submit(bytes) { Put::Sent } else { Put::Gone }
    }

    /// Notes that the operator ended a line: the cursor stands at the beginning of the next one.
    pub fn turned(&self) {
        self.0.lock().prompt.clear();
    }

    /// Forgets what was typed and is not read yet.
    ///
    /// # Errors
    /// When the terminal has hung up or failed.
    pub fn forget_typed(&self) -> io::Result<()> {
        self.0.tty.forget_typed()
    }

    /// Tells whether everything is written.
    pub fn is_idle(&self) -> bool {
        self.0.writer.is_idle()
    }

    /// Tells whether the terminal is the shell's until somebody continues us.
    pub fn is_away(&self) -> bool {
        self.0.lock().away
    }

    /// Tells whether the terminal is ours.
    pub fn is_entered(&self) -> bool {
        self.0.lock().before.is_some()
    }

    /// Returns a handle for bytes that are no lines, such as OSC 52.
    pub fn writer(&self) -> Writer {
        self.0.writer.clone()
    }

    /// Gives the terminal back as it was; does nothing the second time. Dropping does the same.
    pub fn restore(&self) {
        self.0.restore();
    }

    /// Gives the terminal back and asks to be stopped, as [`super::Screen::suspend`] does.
    ///
    /// # Errors
    /// When it cannot be stopped: the terminal is ours again then.
    pub fn suspend(&self, what: Stop) -> io::Result<Stopped> {
        if !suspend::has_shell() {
            return Ok(Stopped::NoShell);
        }
        self.restore();
        self.0.lock().away = true;
        if let Err(error) = suspend::stop(what) {
            self.resume()?;
            return Err(error);
        }
        Ok(Stopped::Stopping)
    }

    /// Takes the terminal over, in whatever state it was left.
    ///
    /// # Errors
    /// When it cannot be told how to edit lines.
    pub fn resume(&self) -> io::Result<()> {
        self.restore();
        self.take_over()
    }

    /// Returns what gives the terminal back from elsewhere.
    pub fn restorer(&self) -> impl Fn() + Send + Sync + 'static {
        let inner = Arc::clone(&self.0);
        move || inner.restore()
    }
}

fn editing(before: &Editing, echo: Echo) -> Editing {
    match echo {
        Echo::On => before.of_lines(),
        Echo::Off => before.of_lines().unseen(),
    }
}
