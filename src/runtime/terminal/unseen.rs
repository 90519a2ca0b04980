//! A question on the terminal whose answer is not shown.

use std::io;

use crate::domain::Secret;

/// The longest answer. The buffer is made so long from the beginning: one that grows leaves copies behind.
#[cfg(unix)]
const MOST_BYTES: usize = 4096;

/// Asks on the controlling terminal; `None` when the question is called off.
///
/// # Errors
/// When there is no terminal.
#[cfg(unix)]
pub fn ask_unseen(prompt: &str) -> io::Result<Option<Secret>> {
    use std::fs::File;
    use std::io::{Read, Write};

    use rustix::fs::{Mode, OFlags};
    use rustix::termios::{OptionalActions, Termios, tcgetattr, tcsetattr};
    use zeroize::Zeroizing;

    /// Gives the terminal back as it was.
    struct Back(File, Termios);

    impl Drop for Back {
        fn drop(&mut self) {
            // There is nobody left to tell.
            let _ = tcsetattr(&self.0, OptionalActions::Flush, &self.1);
            let _ = self.0.write_all(b"\n");
        }
    }

    let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC;
    let mut tty = File::from(rustix::fs::open("/dev/tty", flags, Mode::empty())?);
    let before = tcgetattr(&tty)?;
    let mut raw = before.clone();
    // Signals are keys meanwhile: one that ended us here would leave the terminal without echo.
    raw.make_raw();
    let _back = Back(tty.try_clone()?, before);
    tcsetattr(&tty, OptionalActions::Flush, &raw)?;
    // Not before: what is typed at once would be seen.
    tty.write_all(prompt.as_bytes())?;
    let mut typed = Zeroizing::new(Vec::with_capacity(MOST_BYTES));
    let mut key = Zeroizing::new([0_u8]);
    while tty.read(&mut *key)? == 1 {
        match key[0] {
            b'\r' | b'\n' => {
                let text = std::str::from_utf8(&typed)
                    .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "what was typed is no text"))?;
                return Ok(Some(Secret::new(text.trim().into())));
            }
            // Ctrl-c, and Ctrl-d on an empty line.
            0x03 => return Ok(None),
            0x04 if typed.is_empty() => return Ok(None),
            // Ctrl-u, and the key that takes a character back.
            0x15 => typed.clear(),
            0x08 | 0x7f => while typed.pop().is_some_and(|byte| byte & 0xc0 == 0x80) {},
            0x00..0x20 => {}
            _ if typed.len() == MOST_BYTES => {
                return Err(io::Error::new(io::ErrorKind::InvalidData, "what was typed is too long"));
            }
            byte => typed.push(byte),
        }
    }
    Ok(None)
}

/// Says that it cannot be asked here.
///
/// # Errors
/// Always.
#[cfg(not(unix))]
pub fn ask_unseen(_prompt: &str) -> io::Result<Option<Secret>> {
    Err(io::Error::new(io::ErrorKind::Unsupported, "give it on standard input"))
}
