//! The terminal device itself: opened once, asked for its size, written to without blocking.

use std::fs::File;
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The terminal device, open for reading and writing on a descriptor of its own.
///
/// A descriptor of its own can be non-blocking without making the shell's standard streams so. Clones share it.
#[derive(Debug, Clone)]
pub struct Tty(Arc<File>);

/// The size when a terminal does not say.
const USUAL_SIZE: (u16, u16) = (80, 24);

#[cfg(not(unix))]
pub(super) use other::Editing;
#[cfg(unix)]
pub(super) use unix::Editing;

impl Tty {
    /// Writes from the calling thread, giving up after `limit`.
    ///
    /// # Errors
    /// When the terminal does not take it in time, has hung up or failed.
    pub(super) fn write_within(&self, bytes: &[u8], limit: Duration) -> io::Result<()> {
        let (started, mut rest) = (Instant::now(), bytes);
        while !rest.is_empty() {
            if !self.wait_writable(Some(limit.saturating_sub(started.elapsed())))? {
                return Err(io::ErrorKind::TimedOut.into());
            }
            let written = self.write_ready(rest)?;
            rest = rest.get(written..).unwrap_or_default();
        }
        Ok(())
    }
}

#[cfg(unix)]
mod unix {
    use std::os::fd::BorrowedFd;
    use std::os::unix::ffi::OsStrExt;
    use std::path::Path;

    use rustix::event::{PollFd, PollFlags, Timespec};
    use rustix::fs::{Mode, OFlags};
    use rustix::termios::{
        LocalModes, OptionalActions, QueueSelector, SpecialCodeIndex, Termios, tcgetattr, tcsetattr,
    };
    use zeroize::Zeroizing;

    use super::{Arc, Duration, File, Tty, USUAL_SIZE, io};

    /// How a terminal edits and echoes lines.
    #[derive(Debug, Clone)]
    pub(in crate::runtime::terminal) struct Editing(Termios);

    impl Editing {
        /// Returns the same for whole lines, with no key that would end the program without a word.
        pub(in crate::runtime::terminal) fn of_lines(&self) -> Self {
            let mut lines = self.0.clone();
            lines.local_modes |= LocalModes::ICANON | LocalModes::ISIG | LocalModes::ECHO | LocalModes::ECHONL;
            lines.special_codes[SpecialCodeIndex::VQUIT] = 0;
            Self(lines)
        }

        /// Returns the same without what is typed being shown; the end of the line is.
        pub(in crate::runtime::terminal) fn unseen(&self) -> Self {
            let mut unseen = self.0.clone();
            unseen.local_modes -= LocalModes::ECHO;
            Self(unseen)
        }
    }

    impl Tty {
        /// Opens the terminal that standard output is, or else the controlling terminal.
        ///
        /// # Errors
        /// When there is neither.
        pub fn open() -> io::Result<Self> {
            Self::open_stream(rustix::stdio::stdout())
        }

        /// Opens the terminal that standard input is, or else the controlling terminal.
        ///
        /// # Errors
        /// When there is neither.
        pub(in crate::runtime) fn open_input() -> io::Result<Self> {
            Self::open_stream(rustix::stdio::stdin())
        }

        fn open_stream(stream: BorrowedFd<'_>) -> io::Result<Self> {
            let named = rustix::termios::ttyname(stream, Vec::new());
            let own = named
                .map_err(io::Error::from)
                .and_then(|name| Self::open_path(Path::new(std::ffi::OsStr::from_bytes(name.to_bytes()))));
            own.or_else(|_| Self::open_path(Path::new("/dev/tty")))
        }

        /// Opens the terminal at `path`.
        ///
        /// # Errors
        /// When it cannot be opened, or is no terminal.
        pub fn open_path(path: &Path) -> io::Result<Self> {
            let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::NONBLOCK | OFlags::CLOEXEC;
            let file = rustix::fs::open(path, flags, Mode::empty())?;
            if !rustix::termios::isatty(&file) {
                return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a terminal"));
            }
            Ok(Self(Arc::new(File::from(file))))
        }

        /// Returns columns and rows; 80 and 24 where the terminal does not say.
        pub fn size(&self) -> (u16, u16) {
            match rustix::termios::tcgetwinsize(&*self.0) {
                Ok(size) if size.ws_col > 0 && size.ws_row > 0 => (size.ws_col, size.ws_row),
                Ok(_) | Err(_) => USUAL_SIZE,
            }
        }

        /// Waits until bytes can be read; tells whether they could within `limit`.
        ///
        /// # Errors
        /// When the terminal has hung up or failed.
        pub(in crate::runtime) fn wait_readable(&self, limit: Option<Duration>) -> io::Result<bool> {
            self.wait(PollFlags::IN, limit)
        }

        /// Waits until the terminal has hung up or failed; uses no processor meanwhile.
        pub(in crate::runtime) fn wait_hung_up(&self) {
            while self.wait(PollFlags::empty(), None).is_ok() {}
        }

        /// Waits until the terminal takes bytes; tells whether it did within `limit`.
        ///
        /// # Errors
        /// When it has hung up or failed.
        pub(in crate::runtime) fn wait_writable(&self, limit: Option<Duration>) -> io::Result<bool> {
            self.wait(PollFlags::OUT, limit)
        }

        /// Writes what the terminal takes at once, which may be nothing; never waits.
        ///
        /// # Errors
        /// When it has hung up or failed.
        pub(in crate::runtime) fn write_ready(&self, bytes: &[u8]) -> io::Result<usize> {
            match rustix::io::write(&*self.0, bytes) {
                Ok(written) => Ok(written),
                Err(rustix::io::Errno::AGAIN | rustix::io::Errno::INTR) => Ok(0),
                Err(error) => Err(error.into()),
            }
        }

        /// Reads one byte; `None` when there is none yet.
        ///
        /// # Errors
        /// When the terminal has hung up or failed.
        pub(in crate::runtime) fn read_byte(&self) -> io::Result<Option<u8>> {
            let mut byte = Zeroizing::new([0_u8]);
            match self.read_ready(&mut *byte)? {
                Some(0) => Err(io::ErrorKind::BrokenPipe.into()),
                read => Ok(read.map(|_| byte[0])),
            }
        }

        /// Reads what is there; `None` for nothing, and no bytes for the end of the input. Never waits.
        ///
        /// # Errors
        /// When it has hung up or failed.
        pub(in crate::runtime) fn read_ready(&self, bytes: &mut [u8]) -> io::Result<Option<usize>> {
            match rustix::io::read(&*self.0, bytes) {
                Ok(read) => Ok(Some(read)),
                Err(rustix::io::Errno::AGAIN | rustix::io::Errno::INTR) => Ok(None),
                Err(error) => Err(error.into()),
            }
        }

        /// Returns how the terminal is set.
        ///
        /// # Errors
        /// When it has hung up.
        pub(in crate::runtime) fn settings(&self) -> io::Result<Termios> {
            Ok(tcgetattr(&*self.0)?)
        }

        /// Sets the terminal, and drops what was typed before.
        ///
        /// # Errors
        /// When it has hung up.
        pub(in crate::runtime) fn set(&self, settings: &Termios) -> io::Result<()> {
            Ok(tcsetattr(&*self.0, OptionalActions::Flush, settings)?)
        }

        /// Returns how it edits and echoes lines.
        pub(in crate::runtime::terminal) fn editing(&self) -> io::Result<Editing> {
            Ok(Editing(tcgetattr(&*self.0)?))
        }

        /// Sets that; at once, since a terminal that takes nothing more would never get there otherwise.
        pub(in crate::runtime::terminal) fn edit(&self, editing: &Editing) -> io::Result<()> {
            Ok(tcsetattr(&*self.0, OptionalActions::Now, &editing.0)?)
        }

        /// Forgets what was typed and is not read yet.
        pub(in crate::runtime::terminal) fn forget_typed(&self) -> io::Result<()> {
            Ok(rustix::termios::tcflush(&*self.0, QueueSelector::IFlush)?)
        }

        /// Waits for one of `events`; tells whether there was one in time.
        fn wait(&self, events: PollFlags, limit: Option<Duration>) -> io::Result<bool> {
            let limit = limit.and_then(|limit| Timespec::try_from(limit).ok());
            let mut polled = [PollFd::new(&*self.0, events)];
            loop {
                match rustix::event::poll(&mut polled, limit.as_ref()) {
                    Ok(0) => return Ok(false),
                    Ok(_) => break,
                    Err(rustix::io::Errno::INTR) => {}
                    Err(error) => return Err(error.into()),
                }
            }
            let gone = PollFlags::HUP | PollFlags::ERR | PollFlags::NVAL;
            if polled[0].revents().intersects(gone) {
                return Err(io::ErrorKind::BrokenPipe.into());
            }
            Ok(true)
        }
    }
}

#[cfg(not(unix))]
mod other {
    use std::io::Write;

    use super::{Arc, Duration, File, Tty, USUAL_SIZE, io};

    /// How a console edits lines, which is not known here.
    #[derive(Debug, Clone)]
    pub(in crate::runtime::terminal) struct Editing;

    impl Editing {
        /// Returns the same.
        pub(in crate::runtime::terminal) fn of_lines(&self) -> Self {
            Self
        }

        /// Returns the same.
        pub(in crate::runtime::terminal) fn unseen(&self) -> Self {
            Self
        }
    }

    impl Tty {
        /// Opens the console.
        ///
        /// # Errors
        /// When there is none.
        pub fn open() -> io::Result<Self> {
            let file = std::fs::OpenOptions::new().read(true).write(true).open("CONOUT$")?;
            Ok(Self(Arc::new(file)))
        }

        /// Returns columns and rows; 80 and 24 where the console does not say.
        pub fn size(&self) -> (u16, u16) {
            crossterm::terminal::size().unwrap_or(USUAL_SIZE)
        }

        /// Waits until something can be read; tells whether it could within `limit`.
        pub(in crate::runtime) fn wait_readable(&self, limit: Option<Duration>) -> io::Result<bool> {
            crossterm::event::poll(limit.unwrap_or(Duration::from_secs(3600)))
        }

        /// Returns at once: a console takes everything.
        pub(in crate::runtime) fn wait_writable(&self, _limit: Option<Duration>) -> io::Result<bool> {
            Ok(true)
        }

        /// Says that lines are not read here.
        pub(in crate::runtime) fn read_ready(&self, _bytes: &mut [u8]) -> io::Result<Option<usize>> {
            Err(io::ErrorKind::Unsupported.into())
        }

        /// Says the same.
        pub(in crate::runtime::terminal) fn editing(&self) -> io::Result<Editing> {
            Err(io::ErrorKind::Unsupported.into())
        }

        /// Says the same.
        pub(in crate::runtime::terminal) fn edit(&self, _editing: &Editing) -> io::Result<()> {
            Err(io::ErrorKind::Unsupported.into())
        }

        /// Says the same.
        pub(in crate::runtime::terminal) fn forget_typed(&self) -> io::Result<()> {
            Err(io::ErrorKind::Unsupported.into())
        }

        /// Writes.
        pub(in crate::runtime) fn write_ready(&self, bytes: &[u8]) -> io::Result<usize> {
            (&*self.0).write(bytes)
        }
    }
}
