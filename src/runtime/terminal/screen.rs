//! The screen as the loop sees it: draw the newest state, suspend, give it back.

use std::io;
use std::time::Duration;

use ratatui::layout::Size;
use ratatui::{Frame, Terminal};

use super::backend::Painter;
use super::modes::{Kind, Restorer};
use super::suspend::{self, Stop, Stopped};
use super::{Tty, Writer};

/// The largest picture that is drawn. A terminal that claims more gets its upper left corner.
const LARGEST: Size = Size { width: 1024, height: 512 };

const BEGIN: &[u8] = b"\x1b[?2026h";
const END: &[u8] = b"\x1b[?2026l";

/// The terminal in raw mode on its alternate screen, given back when this is dropped.
#[derive(Debug)]
pub struct Screen {
    terminal: Terminal<Painter>,
    writer: Writer,
    restorer: Restorer,
    kind: Kind,
    tty: Tty,
    /// Whether the terminal is the shell's until somebody continues us.
    away: bool,
}

/// What came of drawing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Drawn {
    /// Nothing was drawn: the frame before is still on its way. Draw again when the writer is idle.
    Busy,
    /// Nothing was drawn: the terminal is the shell's, until [`Screen::resume`].
    Away,
    /// The picture is the one that is shown: no byte was sent.
    Unchanged,
    /// It was sent.
    Sent {
        /// How many bytes it took.
        bytes: usize,
    },
}

impl Screen {
    /// Takes the terminal over. `idle` is called, on another thread, whenever a frame has been written.
    ///
    /// # Errors
    /// When it cannot be put into raw mode, or no thread can be started.
    pub fn enter(tty: &Tty, kind: Kind, idle: impl Fn() + Send + 'static) -> io::Result<Self> {
        let writer = Writer::start(tty.clone(), idle)?;
        let restorer = Restorer::new(writer.clone());
        let (width, height) = tty.size();
        let Ok(terminal) = Terminal::new(Painter::new(clamp(width, height)));
        let screen = Self { terminal, writer, restorer, kind, tty: tty.clone(), away: false };
        screen.restorer.enter()?;
        Ok(screen)
    }

    /// Draws, unless the frame before is still on its way.
    ///
    /// # Errors
    /// When the terminal was given back for good, or is gone.
    pub fn draw(&mut self, picture: impl FnOnce(&mut Frame)) -> io::Result<Drawn> {
        if self.away {
            return Ok(Drawn::Away);
        }
        if !self.restorer.is_entered() {
            return Err(io::Error::new(io::ErrorKind::BrokenPipe, "the terminal was given back"));
        }
        if self.writer.is_closed() {
            // Nobody would see it.
            return Err(io::Error::new(io::ErrorKind::BrokenPipe, "the terminal is gone"));
        }
        if !self.writer.is_idle() {
            return Ok(Drawn::Busy);
        }
        let Ok(_) = self.terminal.draw(picture);
        let painted = self.terminal.backend_mut().take();
        if painted.is_empty() {
            return Ok(Drawn::Unchanged);
        }
        let frame = self.wrap(painted);
        let bytes = frame.len();
        if self.writer.submit(frame) {
            Ok(Drawn::Sent { bytes })
        } else {
            Err(io::Error::new(io::ErrorKind::BrokenPipe, "the terminal is gone"))
        }
    }

    /// Sets the size; the next frame is drawn whole. Any size is lawful.
    pub fn resize(&mut self, columns: u16, rows: u16) {
        self.terminal.backend_mut().set_size(clamp(columns, rows));
    }

    /// Makes the next frame a whole one, in memory of its own: a cell that is emptied may keep some of what stood in it,
    /// which was a secret perhaps.
    pub fn repaint(&mut self) {
        let painter = self.terminal.backend_mut();
        let empty = Painter::new(painter.known_size());
        let Ok(terminal) = Terminal::new(std::mem::replace(painter, empty));
        self.terminal = terminal;
        let Ok(()) = self.terminal.clear();
    }

    /// Returns the columns and rows that the terminal has now.
    pub fn measure(&self) -> (u16, u16) {
        self.tty.size()
    }

    /// Gives the terminal back and asks to be stopped. The loop runs on for the moment until that takes hold,
    /// drawing nothing, and takes the terminal over with [`Screen::resume`] when it hears that it was continued.
    ///
    /// # Errors
    /// When it cannot be stopped: the terminal is ours again then.
    pub fn suspend(&mut self, what: Stop) -> io::Result<Stopped> {
        if !suspend::has_shell() {
            return Ok(Stopped::NoShell);
        }
        self.restorer.restore();
        self.away = true;
        if let Err(error) = suspend::stop(what) {
            self.resume()?;
            return Err(error);
        }
        Ok(Stopped::Stopping)
    }

    /// Takes the terminal over, in whatever state it was left, and makes the next frame a whole one.
    ///
    /// To be called whenever somebody continued us, also when it was not [`Screen::suspend`] that stopped us.
    ///
    /// # Errors
    /// When it cannot be put into raw mode.
    pub fn resume(&mut self) -> io::Result<()> {
        self.restorer.restore();
        self.restorer.enter()?;
        self.away = false;
        let (columns, rows) = self.measure();
        self.resize(columns, rows);
        self.terminal.backend_mut().forget();
        self.repaint();
        Ok(())
    }

    /// Gives the terminal back as it was; does nothing the second time. Dropping does the same.
    pub fn restore(&self) {
        self.restorer.restore();
    }

    /// Returns a handle that restores the terminal from elsewhere.
    pub fn restorer(&self) -> Restorer {
        self.restorer.clone()
    }

    /// Returns a handle for bytes that are no picture, such as OSC 52.
    pub fn writer(&self) -> Writer {
        self.writer.clone()
    }

    /// Waits until everything is written, at most `limit`; tells whether it is.
    pub fn flush(&self, limit: Duration) -> bool {
        self.writer.flush(limit)
    }

    /// Wraps a frame so that a terminal shows it at once.
    fn wrap(&self, painted: Vec<u8>) -> Vec<u8> {
        match self.kind {
            Kind::Plain => painted,
            Kind::Ordinary => [BEGIN, &painted, END].concat(),
        }
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        self.restorer.restore();
    }
}

fn clamp(width: u16, height: u16) -> Size {
    Size { width: width.min(LARGEST.width), height: height.min(LARGEST.height) }
}
