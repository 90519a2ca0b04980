//! The one thread that writes to the terminal: while a slow link blocks it, the loop goes on.

use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use zeroize::Zeroize;

use super::Tty;

/// A handle on the writer thread; clones share it. The thread ends when the last handle goes.
#[derive(Debug, Clone)]
pub struct Writer {
    shared: Arc<Shared>,
    /// Tells the thread to end, when the last handle drops it.
    _life: Arc<Life>,
}

#[derive(Debug)]
struct Shared {
    tty: Tty,
    state: Mutex<State>,
    changed: Condvar,
}

/// What is to be written, and how far it is.
#[derive(Debug, Default)]
struct State {
    /// Bytes not yet taken up by the thread.
    pending: Vec<u8>,
    /// Whether the thread is in the middle of some.
    writing: bool,
    /// Whether bytes are refused: the terminal is not ours, or gone.
    closed: bool,
    /// Goes up when everything not yet written is to be given up.
    epoch: u64,
    /// Whether the thread is to end.
    ended: bool,
}

#[derive(Debug)]
struct Life(Arc<Shared>);

impl Drop for Life {
    fn drop(&mut self) {
        self.0.lock().ended = true;
        self.0.changed.notify_all();
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Writer {
    /// Starts the thread. `idle` is called on it whenever everything has been written, or cannot be.
    ///
    /// # Errors
    /// When no thread can be started.
    pub fn start(tty: Tty, idle: impl Fn() + Send + 'static) -> io::Result<Self> {
        let state = Mutex::new(State::default());
        let shared = Arc::new(Shared { tty, state, changed: Condvar::new() });
        let for_thread = Arc::clone(&shared);
        std::thread::Builder::new().name("terminal".into()).spawn(move || run(&for_thread, &idle))?;
        let life = Arc::new(Life(Arc::clone(&shared)));
        Ok(Self { shared, _life: life })
    }

    /// Hands bytes over without ever waiting; tells whether they were taken.
    ///
    /// They are written after what was handed over before, and refused while the terminal is not ours.
    pub fn submit(&self, bytes: Vec<u8>) -> bool {
        let mut state = self.shared.lock();
        if state.closed || bytes.is_empty() {
            return !state.closed;
        }
        if state.pending.is_empty() {
            state.pending = bytes;
        } else {
            append(&mut state.pending, bytes);
        }
        drop(state);
        self.shared.changed.notify_all();
        true
    }

    /// Tells whether everything handed over has been written.
    pub fn is_idle(&self) -> bool {
        let state = self.shared.lock();
        state.pending.is_empty() && !state.writing
    }

    /// Tells whether bytes are refused: the terminal is not ours, or gone.
    pub(super) fn is_closed(&self) -> bool {
        self.shared.lock().closed
    }

    /// Waits until everything handed over has been written, at most `limit`; tells whether it has.
    pub fn flush(&self, limit: Duration) -> bool {
        let busy = |state: &mut State| state.writing || !state.pending.is_empty();
        let waited = self.shared.changed.wait_timeout_while(self.shared.lock(), limit, busy);
        !waited.unwrap_or_else(PoisonError::into_inner).1.timed_out()
    }

    /// Gives up what is not written, then refuses bytes until [`Writer::reopen`].
    pub(super) fn close(&self) {
        let mut state = self.shared.lock();
        state.closed = true;
        state.epoch += 1;
        state.pending.zeroize();
        drop(state);
        self.shared.changed.notify_all();
    }

    /// Takes bytes again.
    pub(super) fn reopen(&self) {
        self.shared.lock().closed = false;
    }

    /// Writes from the calling thread, past the queue, giving up after `limit`.
    pub(super) fn write_now(&self, bytes: &[u8], limit: Duration) -> io::Result<()> {
        self.shared.tty.write_within(bytes, limit)
    }
}

/// Appends without leaving a copy behind when the vector grows: what is shown may be a secret.
fn append(pending: &mut Vec<u8>, mut bytes: Vec<u8>) {
    let mut whole = Vec::with_capacity(pending.len() + bytes.len());
    whole.extend_from_slice(pending);
    whole.extend_from_slice(&bytes);
    std::mem::replace(pending, whole).zeroize();
    bytes.zeroize();
}

/// Takes up what is pending, writes it, and says so; for ever.
fn run(shared: &Shared, idle: &(impl Fn() + Send)) {
    let mut state = shared.lock();
    loop {
        while state.pending.is_empty() && !state.ended {
            state = shared.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        if state.ended && state.pending.is_empty() {
            return;
        }
        let mut bytes = std::mem::take(&mut state.pending);
        let epoch = state.epoch;
        state.writing = true;
        drop(state);
        let written = write_all(shared, &bytes, epoch);
        bytes.zeroize();
        state = shared.lock();
        state.writing = false;
        if written.is_err() {
            // Hung up: nothing will ever be shown again. The watchdog tells the loop why.
            state.closed = true;
            state.pending.zeroize();
        }
        if state.pending.is_empty() {
            shared.changed.notify_all();
            drop(state);
            idle();
            state = shared.lock();
        }
    }
}

/// Writes until done, or until somebody closed the writer meanwhile.
fn write_all(shared: &Shared, bytes: &[u8], epoch: u64) -> io::Result<()> {
    let mut rest = bytes;
    while !rest.is_empty() {
        let ready = shared.tty.wait_writable(None);
        // Nothing may be added to a restored screen: look and write under one lock. The write itself never waits.
        let state = shared.lock();
        if state.epoch != epoch {
            return Ok(());
        }
        ready?;
        let written = shared.tty.write_ready(rest)?;
        drop(state);
        rest = rest.get(written..).unwrap_or_default();
    }
    Ok(())
}
