//! The modes a terminal is put into, and their one way back.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::Writer;

/// How much a terminal understands, from the name it goes by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// It knows, or ignores, what terminals of this century know.
    Ordinary,
    /// `dumb` and `linux`: nothing beyond the basics is sent.
    Plain,
}

impl Kind {
    /// Tells from `TERM`.
    pub fn of(term: &str) -> Self {
        match term {
            "" | "dumb" | "linux" => Self::Plain,
            _ => Self::Ordinary,
        }
    }
}

/// Alternate screen, bracketed paste, cleared. The painter hides the cursor, and shows it in text fields.
const ENTER: &[u8] = b"\x1b[?1049h\x1b[?2004h\x1b[?25l\x1b[2J";

/// The way back. It begins with CAN, which ends a sequence that was cut in the middle.
const LEAVE: &[u8] = b"\x18\x1b[?2026l\x1b[m\x1b[?25h\x1b[?2004l\x1b[?1049l";

/// How long a screen that is given back may take to show what was handed over before.
const FLUSH: Duration = Duration::from_millis(200);
/// How long a terminal may take to read the way back. One that does not read is left behind.
const LIMIT: Duration = Duration::from_millis(300);

/// Restores the terminal, exactly once however often and from wherever it is asked. Clones share that.
#[derive(Debug, Clone)]
pub struct Restorer(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    writer: Writer,
    entered: AtomicBool,
    /// Two threads do not enter and restore at once, and who comes second finds it done.
    turn: Mutex<()>,
}

impl Restorer {
    pub(super) fn new(writer: Writer) -> Self {
        Self(Arc::new(Inner { writer, entered: AtomicBool::new(false), turn: Mutex::new(()) }))
    }

    /// Enters raw mode and the alternate screen; does nothing when that is so.
    pub(super) fn enter(&self) -> io::Result<()> {
        let _turn = self.0.turn.lock().unwrap_or_else(PoisonError::into_inner);
        if self.is_entered() {
            return Ok(());
        }
        crossterm::terminal::enable_raw_mode()?;
        self.0.entered.store(true, Ordering::SeqCst);
        self.0.writer.reopen();
        self.0.writer.submit(ENTER.to_vec());
        Ok(())
    }

    /// Tells whether the terminal is ours.
    pub fn is_entered(&self) -> bool {
        self.0.entered.load(Ordering::SeqCst)
    }

    /// Gives the terminal back as it was. Never takes longer than half a second, whatever the terminal does.
    pub fn restore(&self) {
        let _turn = self.0.turn.lock().unwrap_or_else(PoisonError::into_inner);
        if !self.0.entered.swap(false, Ordering::SeqCst) {
            return;
        }
        self.0.writer.flush(FLUSH);
        self.0.writer.close();
        // There is nobody left to tell when the terminal does not take it.
        let told = self.0.writer.write_now(LEAVE, LIMIT);
        let cooked = crossterm::terminal::disable_raw_mode();
        if let Err(error) = told.and(cooked) {
            tracing::warn!(%error, "the terminal could not be restored");
        }
    }
}

/// Restores the terminal before a panic is printed, whichever thread it is on.
pub fn restore_on_panic(restore: impl Fn() + Send + Sync + 'static) {
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        restore();
        before(info);
    }));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_basics_for_old_terminals() {
        assert_eq!(Kind::of("xterm-256color"), Kind::Ordinary);
        assert_eq!(Kind::of("linux"), Kind::Plain);
        assert_eq!(Kind::of("dumb"), Kind::Plain);
    }
}
