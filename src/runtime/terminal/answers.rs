//! A question to the terminal itself, for `tokendeck doctor`: what it says it has.

#[cfg(unix)]
use std::time::Duration;

/// How long a terminal may take to answer, over the longest of links.
#[cfg(unix)]
const LIMIT: Duration = Duration::from_secs(1);

/// Whether it has synchronised output (mode 2026), by DECRQM; and then what it is (DA1), which every terminal answers, so
/// that one that does not know the first question is not waited for.
#[cfg(unix)]
const QUESTION: &[u8] = b"\x1b[?2026$p\x1b[c";

/// What a terminal says of synchronised output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Synchronised {
    /// It has it: a frame is shown at once.
    Yes,
    /// It answers, and does not know it.
    No,
    /// It answers nothing at all.
    Silent,
}

/// Asks the controlling terminal; `None` without one. What arrives meanwhile is taken out of its input and thrown away.
#[cfg(unix)]
pub fn synchronised() -> Option<Synchronised> {
    use std::fs::File;
    use std::io::Write as _;
    use std::time::Instant;

    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    use rustix::fs::{Mode, OFlags};
    use rustix::process::getpgrp;
    use rustix::termios::{OptionalActions, Termios, tcgetattr, tcgetpgrp, tcsetattr};

    /// Gives the terminal back as it was, without what it may still have to say.
    struct Back(File, Termios);

    impl Drop for Back {
        fn drop(&mut self) {
            let _ = tcsetattr(&self.0, OptionalActions::Flush, &self.1);
        }
    }

    let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC;
    let mut tty = File::from(rustix::fs::open("/dev/tty", flags, Mode::empty()).ok()?);
    // In the background it would be stopped for the attempt.
    if tcgetpgrp(&tty).ok()? != getpgrp() {
        return None;
    }
    let before = tcgetattr(&tty).ok()?;
    let mut raw = before.clone();
    raw.make_raw();
    let _back = Back(tty.try_clone().ok()?, before);
    tcsetattr(&tty, OptionalActions::Now, &raw).ok()?;
    tty.write_all(QUESTION).ok()?;
    let (begun, mut said) = (Instant::now(), Vec::new());
    while !is_over(&said) {
        let left = Timespec::try_from(LIMIT.saturating_sub(begun.elapsed())).ok()?;
        let mut polled = [PollFd::new(&tty, PollFlags::IN)];
        match poll(&mut polled, Some(&left)) {
            Ok(0) => break,
            Ok(_) => {}
            Err(rustix::io::Errno::INTR) => continue,
            Err(_) => return None,
        }
        let mut more = [0; 256];
        match rustix::io::read(&tty, &mut more).ok()? {
            0 => break,
            length => said.extend_from_slice(&more[..length]),
        }
    }
    Some(meaning(&said))
}

/// Says nothing: the console of other systems is asked nothing.
#[cfg(not(unix))]
pub fn synchronised() -> Option<Synchronised> {
    None
}

/// Returns the parameters of an answer that ends so: `ESC [ ? parameters end`.
#[cfg(unix)]
fn answer<'s>(said: &'s [u8], end: &[u8]) -> Option<&'s [u8]> {
    let begin = b"\x1b[?";
    let starts = (0..said.len()).filter(|at| said[*at..].starts_with(begin));
    starts.map(|at| &said[at + begin.len()..]).find_map(|rest| {
        let length = rest.iter().position(|byte| !matches!(byte, b'0'..=b'9' | b';'))?;
        rest[length..].starts_with(end).then_some(&rest[..length])
    })
}

/// Tells whether the last question is answered.
#[cfg(unix)]
fn is_over(said: &[u8]) -> bool {
    answer(said, b"c").is_some()
}

#[cfg(unix)]
fn meaning(said: &[u8]) -> Synchronised {
    match answer(said, b"$y") {
        // Set, reset, or for ever set: it is known. For ever reset is as good as unknown.
        Some(b"2026;1" | b"2026;2" | b"2026;3") => Synchronised::Yes,
        Some(_) => Synchronised::No,
        None if is_over(said) => Synchronised::No,
        None => Synchronised::Silent,
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_read_as_terminals_give_them() {
        for (said, meant, over) in [
            ("\x1b[?2026;2$y\x1b[?62;22c", Synchronised::Yes, true),
            ("\x1b[?2026;1$y\x1b[?1;2c", Synchronised::Yes, true),
            ("\x1b[?2026;0$y\x1b[?64;1;9c", Synchronised::No, true),
            ("\x1b[?2026;4$y\x1b[?6c", Synchronised::No, true),
            // xterm before it knew the question, and a key that was pressed meanwhile.
            ("j\x1b[A\x1b[?1;2c", Synchronised::No, true),
            ("\x1b[?2026;2$y", Synchronised::Yes, false),
            ("\x1b[?20", Synchronised::Silent, false),
            ("\x1b[?2026;2$", Synchronised::Silent, false),
            ("c", Synchronised::Silent, false),
            ("", Synchronised::Silent, false),
        ] {
            assert_eq!((meaning(said.as_bytes()), is_over(said.as_bytes())), (meant, over), "{said:?}");
        }
    }
}
