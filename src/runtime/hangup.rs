//! The watchdog: notices that the terminal is gone even where no signal tells.

use std::io;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;

use super::terminal::Tty;

/// The exit code after a hang-up: 128 and the number of SIGHUP.
pub const EXIT_CODE: i32 = 129;

/// How long the loop may take to answer before the process is ended without it.
pub const GRACE: Duration = Duration::from_millis(1200);

/// A handle on the watchdog's thread.
#[derive(Debug)]
pub struct Watchdog {
    acknowledge: Sender<()>,
}

impl Watchdog {
    /// Starts the thread. It waits without using the processor until the terminal is gone, calls `tell`, and
    /// ends the process with [`EXIT_CODE`] unless [`Watchdog::acknowledge`] is called within [`GRACE`].
    ///
    /// # Errors
    /// When no thread can be started.
    pub fn start(tty: Tty, tell: impl FnOnce() + Send + 'static) -> io::Result<Self> {
        Self::start_with(tty, GRACE, tell, end_process)
    }

    /// The same with another time and another end, for tests.
    fn start_with(
        tty: Tty,
        grace: Duration,
        tell: impl FnOnce() + Send + 'static,
        end: impl FnOnce() + Send + 'static,
    ) -> io::Result<Self> {
        let (acknowledge, acknowledged) = channel();
        let watch = move || {
            wait(&tty);
            tell();
            last_resort(&acknowledged, grace, end);
        };
        std::thread::Builder::new().name("hang-up".into()).spawn(watch)?;
        Ok(Self { acknowledge })
    }

    /// Says that the loop has heard it and is ending by itself: calls in flight end within their time limits.
    pub fn acknowledge(&self) {
        // The thread may be gone, having been answered before.
        let _ = self.acknowledge.send(());
    }
}

/// Ends the process if the loop neither answers nor ends.
fn last_resort(acknowledged: &Receiver<()>, grace: Duration, end: impl FnOnce()) {
    match acknowledged.recv_timeout(grace) {
        // A watchdog that was dropped is a loop that has ended.
        Ok(()) | Err(RecvTimeoutError::Disconnected) => {}
        Err(RecvTimeoutError::Timeout) => end(),
    }
}

#[expect(clippy::disallowed_methods, reason = "the loop is stuck and nobody can see it: there is no other way out")]
fn end_process() {
    tracing::error!("the terminal is gone and the loop does not answer: ending");
    std::process::exit(EXIT_CODE);
}

#[cfg(unix)]
fn wait(tty: &Tty) {
    tty.wait_hung_up();
}

/// Waits for ever: elsewhere the system ends the process with its console.
#[cfg(not(unix))]
fn wait(_tty: &Tty) {
    loop {
        std::thread::park();
    }
}
