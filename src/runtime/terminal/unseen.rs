//! A question on the terminal whose answer is not shown.

use std::io;

use crate::domain::Secret;

/// What came of a question.
#[derive(Debug)]
pub enum Typed {
    /// This was typed.
    Text(Secret),
    /// It was called off by a key.
    CalledOff,
    /// A signal ends the program, or the terminal is gone; with the exit code.
    Ended(u8),
}

/// Asks on the terminal, which is as it was afterwards, however the question ends.
///
/// # Errors
/// When there is no terminal.
#[cfg(unix)]
pub fn ask_unseen(prompt: &str) -> io::Result<Typed> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let typed = runtime.block_on(unix::ask(prompt));
    // After a signal a thread still waits for keys.
    runtime.shutdown_background();
    typed
}

#[cfg(unix)]
mod unix {
    use std::io;
    use std::time::Duration;

    use rustix::termios::Termios;
    use zeroize::Zeroizing;

    use super::super::Tty;
    use super::Typed;
    use crate::app::message;
    use crate::domain::Secret;
    use crate::runtime::signals::Endings;

    /// The longest answer. The buffer is made so long from the beginning: one that grows leaves copies behind.
    const MOST_BYTES: usize = 4096;

    /// How long the terminal may take to show the question, or the end of its line.
    const LIMIT: Duration = Duration::from_secs(1);

    /// A terminal that shows no keys until this is dropped.
    struct Unseen {
        tty: Tty,
        before: Termios,
    }

    impl Unseen {
        fn enter(tty: Tty) -> io::Result<Self> {
            let before = tty.settings()?;
            let mut raw = before.clone();
            // The keys that send signals are keys meanwhile.
            raw.make_raw();
            let unseen = Self { tty, before };
            unseen.tty.set(&raw)?;
            Ok(unseen)
        }

        /// Waits for a key.
        async fn readable(&self) -> io::Result<()> {
            let tty = self.tty.clone();
            let waited = tokio::task::spawn_blocking(move || tty.wait_readable(None));
            waited.await.map_err(io::Error::other)?.map(|_| ())
        }
    }

    impl Drop for Unseen {
        fn drop(&mut self) {
            // There is nobody left to tell.
            let _ = self.tty.set(&self.before);
            let _ = self.tty.write_within(b"\n", LIMIT);
        }
    }

    /// What is typed so far.
    struct Line(Zeroizing<Vec<u8>>);

    impl Line {
        /// Takes the keys that are there; returns what came of the question once that is clear.
        fn take(&mut self, tty: &Tty) -> io::Result<Option<Typed>> {
            while let Some(byte) = tty.read_byte()? {
                match byte {
                    b'\r' | b'\n' => return self.text().map(Some),
                    // Ctrl-c, and Ctrl-d on an empty line.
                    0x03 => return Ok(Some(Typed::CalledOff)),
                    0x04 if self.0.is_empty() => return Ok(Some(Typed::CalledOff)),
                    // Ctrl-u, and the key that takes a character back.
                    0x15 => self.0.clear(),
                    0x08 | 0x7f => while self.0.pop().is_some_and(|byte| byte & 0xc0 == 0x80) {},
                    0x00..0x20 => {}
                    _ if self.0.len() == MOST_BYTES => {
                        return Err(io::Error::new(io::ErrorKind::InvalidData, "what was typed is too long"));
                    }
                    byte => self.0.push(byte),
                }
            }
            Ok(None)
        }

        fn text(&self) -> io::Result<Typed> {
            let text = std::str::from_utf8(&self.0)
                .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "what was typed is no text"))?;
            Ok(Typed::Text(Secret::new(text.trim().into())))
        }
    }

    pub(super) async fn ask(prompt: &str) -> io::Result<Typed> {
        // Before the terminal is silent: a signal to end that came in between would leave it so.
        let mut endings = Endings::new()?;
        let unseen = Unseen::enter(Tty::open_input()?)?;
        // Not before: what is typed at once would be seen.
        unseen.tty.write_within(prompt.as_bytes(), LIMIT)?;
        let mut line = Line(Zeroizing::new(Vec::with_capacity(MOST_BYTES)));
        loop {
            let ready = tokio::select! {
                biased;
                signal = endings.next() => {
                    let ending = signal.ending().unwrap_or(message::Signal::Terminate);
                    return Ok(Typed::Ended(ending.exit_code()));
                }
                ready = unseen.readable() => ready,
            };
            match ready.and_then(|()| line.take(&unseen.tty)) {
                Ok(Some(typed)) => return Ok(typed),
                Ok(None) => {}
                Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                    return Ok(Typed::Ended(message::Signal::HangUp.exit_code()));
                }
                Err(error) => return Err(error),
            }
        }
    }
}

/// Says that it cannot be asked here.
///
/// # Errors
/// Always.
#[cfg(not(unix))]
pub fn ask_unseen(_prompt: &str) -> io::Result<Typed> {
    Err(io::Error::new(io::ErrorKind::Unsupported, "give it on standard input"))
}
