//! A question on the terminal whose answer is not shown.

use std::io;

use crate::domain::Secret;

/// What came of a question.
#[derive(Debug)]
pub enum Typed<T> {
    /// Something was typed: what was made of it.
    Text(T),
    /// It was called off by a key.
    CalledOff,
    /// A signal ends the program, or the terminal is gone; with the exit code.
    Ended(u8),
}

/// Asks on the terminal, and does something with the answer, such as trying it. The terminal shows no keys until that is
/// done, and is as it was afterwards, however the question ends; so it is while the program is stopped.
///
/// # Errors
/// When there is no terminal.
#[cfg(unix)]
pub fn ask_unseen<T: Send + 'static>(
    prompt: &str,
    then: impl FnOnce(Secret) -> T + Send + 'static,
) -> io::Result<Typed<T>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let typed = runtime.block_on(unix::ask(prompt, then));
    // After a signal a thread still waits for keys.
    runtime.shutdown_background();
    typed
}

#[cfg(unix)]
mod unix {
    use std::io;
    use std::time::Duration;

    use rustix::termios::{LocalModes, Termios};
    use tokio::task::spawn_blocking;
    use zeroize::{Zeroize, Zeroizing};

    use super::super::Tty;
    use super::super::suspend::{Stop, Stopped, pause};
    use super::Typed;
    use crate::app::message;
    use crate::domain::Secret;
    use crate::runtime::signals::{Signal, Signals};

    /// The longest answer. The buffer is made so long from the beginning: one that grows leaves copies behind.
    const MOST_BYTES: usize = 4096;

    /// How long the terminal may take to show the question, or the end of its line.
    const LIMIT: Duration = Duration::from_secs(1);

    /// How far the question is.
    #[derive(Clone, Copy, PartialEq, Eq)]
    enum Stage {
        /// The answer is being typed; the keys that send signals are keys meanwhile.
        Asking,
        /// Something is done with it.
        Doing,
    }

    /// A terminal that shows no keys until this is dropped.
    struct Unseen<'a> {
        tty: Tty,
        prompt: &'a str,
        stage: Stage,
        /// How the terminal was before; `None` while it is the shell's.
        before: Option<Termios>,
    }

    /// What is typed so far.
    struct Line(Zeroizing<Vec<u8>>);

    /// What the keys that are there come to.
    enum Keys {
        /// More are needed.
        More,
        /// Ctrl-z.
        Stop,
        Done(Typed<Secret>),
    }

    impl<'a> Unseen<'a> {
        fn enter(tty: Tty, prompt: &'a str) -> io::Result<Self> {
            let mut unseen = Self { tty, prompt, stage: Stage::Asking, before: None };
            unseen.take()?;
            Ok(unseen)
        }

        /// Takes the terminal over, and asks if that is due.
        fn take(&mut self) -> io::Result<()> {
            let before = match self.before.take() {
                Some(before) => before,
                None => self.tty.settings()?,
            };
            let mut silent = before.clone();
            match self.stage {
                Stage::Asking => silent.make_raw(),
                Stage::Doing => silent.local_modes -= LocalModes::ECHO | LocalModes::ECHONL,
            }
            self.before = Some(before);
            self.tty.set(&silent)?;
            match self.stage {
                // Not before: what is typed at once would be seen.
                Stage::Asking => self.tty.write_within(self.prompt.as_bytes(), LIMIT),
                Stage::Doing => Ok(()),
            }
        }

        /// Gives the terminal back as it was; does nothing where it is the shell's.
        fn give_back(&mut self) {
            let Some(before) = self.before.take() else { return };
            // There is nobody left to tell.
            let _ = self.tty.set(&before);
            if self.stage == Stage::Asking {
                let _ = self.tty.write_within(b"\n", LIMIT);
            }
        }

        /// Notes that the answer is there. What is typed from now on is not for us, and not shown all the same.
        fn answered(&mut self) -> io::Result<()> {
            self.stage = Stage::Doing;
            self.take()?;
            self.tty.write_within(b"\n", LIMIT)
        }

        /// Gives the terminal back and asks to be stopped, where a shell could continue us.
        fn stop(&mut self, what: Stop) -> io::Result<()> {
            self.give_back();
            match pause(what)? {
                // Whoever continues us says so by a signal.
                Stopped::Stopping => Ok(()),
                Stopped::NoShell => self.take(),
            }
        }

        /// Does what a signal asks for; returns the exit code where that is to end.
        fn signal(&mut self, signal: Signal) -> io::Result<Option<u8>> {
            match signal {
                Signal::Stop => self.stop(Stop::Process)?,
                Signal::Continue => {
                    // Where nobody gave it back the cursor stands behind the question.
                    self.give_back();
                    self.take()?;
                }
                Signal::Resize => {}
                Signal::Terminate | Signal::Interrupt | Signal::Quit | Signal::HangUp => {
                    let ending = signal.ending().unwrap_or(message::Signal::Terminate);
                    return Ok(Some(ending.exit_code()));
                }
            }
            Ok(None)
        }

        /// Reads the answer.
        async fn read(&mut self, signals: &mut Signals) -> io::Result<Typed<Secret>> {
            let mut line = Line(Zeroizing::new(Vec::with_capacity(MOST_BYTES)));
            let tty = self.tty.clone();
            let wait = || {
                let tty = tty.clone();
                spawn_blocking(move || tty.wait_readable(None))
            };
            let mut waits = wait();
            loop {
                let ready = tokio::select! {
                    biased;
                    signal = signals.next() => {
                        if let Some(code) = self.signal(signal)? {
                            return Ok(Typed::Ended(code));
                        }
                        // The question begins anew where it was left.
                        if matches!(signal, Signal::Stop | Signal::Continue) {
                            line.0.zeroize();
                        }
                        continue;
                    }
                    ready = &mut waits, if self.before.is_some() => ready.map_err(io::Error::other)?,
                };
                match ready.and_then(|_| line.take(&self.tty)) {
                    Ok(Keys::Done(typed)) => return Ok(typed),
                    Ok(Keys::More) => {}
                    Ok(Keys::Stop) => {
                        line.0.zeroize();
                        self.stop(Stop::Group)?;
                    }
                    Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                        return Ok(Typed::Ended(message::Signal::HangUp.exit_code()));
                    }
                    Err(error) => return Err(error),
                }
                waits = wait();
            }
        }

        /// Does something that takes a while, unless a signal ends the program before.
        async fn during<T: Send + 'static>(
            &mut self,
            work: impl FnOnce() -> T + Send + 'static,
            signals: &mut Signals,
        ) -> io::Result<Typed<T>> {
            let mut work = spawn_blocking(work);
            loop {
                tokio::select! {
                    biased;
                    signal = signals.next() => {
                        if let Some(code) = self.signal(signal)? {
                            return Ok(Typed::Ended(code));
                        }
                    }
                    done = &mut work => return match done {
                        Ok(done) => Ok(Typed::Text(done)),
                        Err(error) => match error.try_into_panic() {
                            Ok(panic) => std::panic::resume_unwind(panic),
                            Err(error) => Err(io::Error::other(error)),
                        },
                    },
                }
            }
        }
    }

    impl Drop for Unseen<'_> {
        fn drop(&mut self) {
            self.give_back();
        }
    }

    impl Line {
        /// Takes the keys that are there.
        fn take(&mut self, tty: &Tty) -> io::Result<Keys> {
            while let Some(byte) = tty.read_byte()? {
                match byte {
                    b'\r' | b'\n' => return self.text().map(Keys::Done),
                    // Ctrl-c, and Ctrl-d on an empty line.
                    0x03 => return Ok(Keys::Done(Typed::CalledOff)),
                    0x04 if self.0.is_empty() => return Ok(Keys::Done(Typed::CalledOff)),
                    0x1a => return Ok(Keys::Stop),
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
            Ok(Keys::More)
        }

        fn text(&self) -> io::Result<Typed<Secret>> {
            let text = std::str::from_utf8(&self.0)
                .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "what was typed is no text"))?;
            Ok(Typed::Text(Secret::new(text.trim().into())))
        }
    }

    pub(super) async fn ask<T: Send + 'static>(
        prompt: &str,
        then: impl FnOnce(Secret) -> T + Send + 'static,
    ) -> io::Result<Typed<T>> {
        // Before the terminal is silent: a signal to end that came in between would leave it so.
        let mut signals = Signals::new()?;
        let mut unseen = Unseen::enter(Tty::open_input()?, prompt)?;
        match unseen.read(&mut signals).await? {
            Typed::Text(secret) => {
                unseen.answered()?;
                unseen.during(move || then(secret), &mut signals).await
            }
            Typed::CalledOff => Ok(Typed::CalledOff),
            Typed::Ended(code) => Ok(Typed::Ended(code)),
        }
    }
}

/// Says that it cannot be asked here.
///
/// # Errors
/// Always.
#[cfg(not(unix))]
pub fn ask_unseen<T>(_prompt: &str, _then: impl FnOnce(Secret) -> T) -> io::Result<Typed<T>> {
    Err(io::Error::new(io::ErrorKind::Unsupported, "give it on standard input"))
}
