//! What the terminal hands over: one thread that waits for whole lines, and uses no processor meanwhile.

use std::io;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::Instant;
use zeroize::{Zeroize, Zeroizing};

use super::super::input::listen;
use super::super::terminal::Tty;

/// What the thread tells the loop. Prints no content, since secrets are typed.
pub(super) enum Input {
    /// A line, without its end, and when it was there.
    Line(Typed),
    /// The end of the input, on a line of its own: Ctrl-d.
    End,
    /// The terminal has hung up, or cannot be read: nothing more will come.
    Closed,
}

/// A line as it was typed; wiped when it is done with.
pub(super) struct Typed {
    /// The line; empty where it was no text.
    pub(super) text: Zeroizing<String>,
    /// When it was there.
    pub(super) at: Instant,
}

/// How many lines may wait for the loop before the thread waits for it.
const WAITING: usize = 256;
/// The longest line that is taken, as long as any field takes. Terminals hand over less.
const LONGEST: usize = 8192;

/// Starts the thread and returns where its lines arrive. It ends with [`Input::Closed`], or when nobody listens.
///
/// # Errors
/// When no thread can be started.
pub(super) fn start(tty: Tty) -> io::Result<mpsc::Receiver<Input>> {
    listen(tty, WAITING, Input::Closed, pass_on)
}

/// Passes lines on until the terminal hangs up or nobody listens.
fn pass_on(tty: &Tty, sender: &mpsc::Sender<Input>) -> io::Result<()> {
    let mut bytes = Zeroizing::new([0_u8; 4096]);
    // Made so long from the beginning: a buffer that grows leaves copies behind.
    let mut line = Zeroizing::new(Vec::with_capacity(LONGEST));
    loop {
        tty.wait_readable(None)?;
        let Some(read) = tty.read_ready(&mut *bytes)? else { continue };
        let at = Instant::now();
        if read == 0 {
            // A terminal that has hung up has ended too, and says so at once.
            tty.wait_readable(Some(Duration::ZERO))?;
            line.zeroize();
            if sender.blocking_send(Input::End).is_err() {
                return Ok(());
            }
        }
        for byte in bytes.iter().take(read) {
            if *byte != b'\n' {
                if line.len() < LONGEST {
                    line.push(*byte);
                }
                continue;
            }
            // What is no text is a control character, which no line is read with.
            let text = std::str::from_utf8(&line).unwrap_or("\u{1a}").to_owned();
            line.clear();
            line.spare_capacity_mut().iter_mut().for_each(|byte| _ = byte.write(0));
            if sender.blocking_send(Input::Line(Typed { text: Zeroizing::new(text), at })).is_err() {
                return Ok(());
            }
        }
        bytes.zeroize();
    }
}
