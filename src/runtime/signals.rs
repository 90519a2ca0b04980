//! Signals as one stream.

use std::io;

use crate::app::message;

/// What a signal asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// SIGTERM: end in order, with 143.
    Terminate,
    /// SIGINT, from outside: the terminal's own Ctrl-c arrives as a key. End in order, with 130.
    Interrupt,
    /// SIGQUIT, from outside: end in order, with 131.
    Quit,
    /// SIGHUP: the terminal is gone. End in order, with 129.
    HangUp,
    /// SIGTSTP, from outside: give the terminal back and stop.
    Stop,
    /// SIGCONT: the terminal may be in any state.
    Continue,
    /// SIGWINCH: the terminal has another size.
    Resize,
}

impl Signal {
    /// Returns what the model calls one that ends the program; `None` for the others.
    pub const fn ending(self) -> Option<message::Signal> {
        match self {
            Self::Terminate => Some(message::Signal::Terminate),
            Self::Interrupt => Some(message::Signal::Interrupt),
            Self::Quit => Some(message::Signal::Quit),
            Self::HangUp => Some(message::Signal::HangUp),
            Self::Stop | Self::Continue | Self::Resize => None,
        }
    }
}

/// The stream of signals.
#[cfg(unix)]
#[derive(Debug)]
pub struct Signals {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
    quit: tokio::signal::unix::Signal,
    hang_up: tokio::signal::unix::Signal,
    stop: tokio::signal::unix::Signal,
    resume: tokio::signal::unix::Signal,
    resize: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    /// Takes the signals over. Must be called within a tokio runtime.
    ///
    /// A SIGHUP that was ignored when we were started (`nohup`) ends us too when it comes: there is nothing
    /// a dashboard could do without its terminal, and the watchdog would end it anyway.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            quit: signal(SignalKind::quit())?,
            hang_up: signal(SignalKind::hangup())?,
            stop: signal(SignalKind::from_raw(rustix::process::Signal::TSTP.as_raw()))?,
            resume: signal(SignalKind::from_raw(rustix::process::Signal::CONT.as_raw()))?,
            resize: signal(SignalKind::window_change())?,
        })
    }

    /// Returns the next signal. Can be dropped and called again without losing one.
    pub async fn next(&mut self) -> Signal {
        tokio::select! {
            biased;
            _ = self.hang_up.recv() => Signal::HangUp,
            _ = self.terminate.recv() => Signal::Terminate,
            _ = self.interrupt.recv() => Signal::Interrupt,
            _ = self.quit.recv() => Signal::Quit,
            _ = self.resume.recv() => Signal::Continue,
            _ = self.stop.recv() => Signal::Stop,
            _ = self.resize.recv() => Signal::Resize,
        }
    }
}

/// The signals to a program which has no screen: those that end it, and the one that stops it. A hidden question before
/// may have taken that one over, and then nobody else would do what it asks for.
#[cfg(unix)]
#[derive(Debug)]
pub struct Endings {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
    quit: tokio::signal::unix::Signal,
    hang_up: tokio::signal::unix::Signal,
    stop: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Endings {
    /// Takes the signals over. Must be called within a tokio runtime.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            quit: signal(SignalKind::quit())?,
            hang_up: signal(SignalKind::hangup())?,
            stop: signal(SignalKind::from_raw(rustix::process::Signal::TSTP.as_raw()))?,
        })
    }

    /// Returns the next signal. Can be dropped and called again without losing one.
    pub async fn next(&mut self) -> Signal {
        tokio::select! {
            biased;
            _ = self.hang_up.recv() => Signal::HangUp,
            _ = self.terminate.recv() => Signal::Terminate,
            _ = self.interrupt.recv() => Signal::Interrupt,
            _ = self.quit.recv() => Signal::Quit,
            _ = self.stop.recv() => Signal::Stop,
        }
    }
}

/// The signals to a program which has no screen: all that there are here.
#[cfg(not(unix))]
pub type Endings = Signals;

/// The stream of signals: here it is Ctrl-c from outside, and nothing else.
#[cfg(not(unix))]
#[derive(Debug)]
pub struct Signals(());

#[cfg(not(unix))]
impl Signals {
    /// Takes the signals over. Must be called within a tokio runtime.
    ///
    /// # Errors
    /// Never.
    pub fn new() -> io::Result<Self> {
        Ok(Self(()))
    }

    /// Returns the next signal.
    pub async fn next(&mut self) -> Signal {
        match tokio::signal::ctrl_c().await {
            Ok(()) => Signal::Interrupt,
            Err(_) => std::future::pending().await,
        }
    }
}
