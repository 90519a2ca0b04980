//! What comes from the terminal: one thread that waits for it, and uses no processor meanwhile.

use std::io;
use std::time::Duration;

use crossterm::event::Event;
use tokio::sync::mpsc;

use super::terminal::Tty;

/// What the thread tells the loop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// A key, a paste, or a new size.
    Event(Event),
    /// The terminal has hung up, or cannot be read: nothing more will come.
    Closed,
}

/// How many events may wait for the loop before the thread waits for it.
const WAITING: usize = 1024;

/// Long enough for crossterm to look at all (at zero it does not), and over at once when something is there.
const LOOK: Duration = Duration::from_millis(1);

/// When crossterm is asked again after it said that nothing is there.
///
/// It may hold keys that it has read and not told: where the system lets the thread wait for longer than
/// [`LOOK`] before it looks, it says that nothing is there. The terminal has nothing to read then, so that the
/// rest of what was typed would wait for the next key.
const AGAIN: [Duration; 3] = [Duration::from_millis(5), Duration::from_millis(50), Duration::from_millis(500)];

/// Starts the thread and returns where its events arrive. It ends with [`Input::Closed`], or when nobody listens.
///
/// The size is not told from here but from [`super::signals`]: crossterm notices a change only while it is
/// read from, and it is read from only when there is something to read, since its own wait spins for ever
/// once the terminal has hung up (crossterm #793, and with `use-dev-tty` just the same).
///
/// # Errors
/// When no thread can be started.
pub fn start(tty: Tty) -> io::Result<mpsc::Receiver<Input>> {
    listen(tty, WAITING, Input::Closed, pass_on)
}

/// Starts a thread that passes on what comes from the terminal, and `closed` when that has ended.
///
/// # Errors
/// When no thread can be started.
pub(super) fn listen<I: Send + 'static>(
    tty: Tty,
    waiting: usize,
    closed: I,
    pass_on: fn(&Tty, &mpsc::Sender<I>) -> io::Result<()>,
) -> io::Result<mpsc::Receiver<I>> {
    let (sender, receiver) = mpsc::channel(waiting);
    let read = move || {
        // However it ends, for the loop it is the end of the terminal.
        if let Err(error) = pass_on(&tty, &sender) {
            tracing::info!(%error, "input ended");
        }
        let _ = sender.blocking_send(closed);
    };
    std::thread::Builder::new().name("input".into()).spawn(read)?;
    Ok(receiver)
}

/// Passes events on until the terminal hangs up or nobody listens.
fn pass_on(tty: &Tty, sender: &mpsc::Sender<Input>) -> io::Result<()> {
    let mut again = AGAIN.iter();
    loop {
        tty.wait_readable(again.next().copied())?;
        while crossterm::event::poll(LOOK)? {
            again = AGAIN.iter();
            let event = crossterm::event::read()?;
            if !is_wanted(&event) {
                continue;
            }
            if sender.blocking_send(Input::Event(event)).is_err() {
                return Ok(());
            }
        }
    }
}

/// Tells whether the program has a use for an event.
fn is_wanted(event: &Event) -> bool {
    match event {
        Event::Key(_) | Event::Paste(_) => true,
        Event::Resize(..) => cfg!(not(unix)),
        Event::FocusGained | Event::FocusLost | Event::Mouse(_) => false,
    }
}
