//! Other programs: run without a shell, bounded in time, their output wiped where it may be a secret.

use std::io::{self, Read, Write};
use std::process::{Child, Command, ExitStatus};
use std::sync::Arc;
use std::sync::mpsc;
use std::time::Duration;

use zeroize::Zeroizing;

use crate::domain::Secret;

/// How long a program may take.
const LIMIT: Duration = Duration::from_secs(10);
/// How much of what it prints is read.
const MOST_BYTES: u64 = 64 << 10;

/// What a program came to.
pub(super) struct Output {
    /// How it ended.
    pub(super) status: ExitStatus,
    /// What it printed; may be a secret.
    pub(super) stdout: Zeroizing<Vec<u8>>,
    /// What it complained of.
    pub(super) stderr: Vec<u8>,
}

/// Runs a program to its end, and ends it when it takes over 10 s. `input` goes to its standard input.
///
/// # Errors
/// When it cannot be started, does not end in time, or cannot be written to.
pub(super) fn run(mut command: Command, input: Option<Arc<Secret>>) -> io::Result<Output> {
    let mut child = command.spawn()?;
    let (mut stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let (done, finished) = mpsc::channel();
    let work = move || {
        if let (Some(pipe), Some(secret)) = (stdin.as_mut(), input) {
            // A program that does not read its input says so by how it ends.
            let _ = pipe.write_all(secret.expose().as_bytes());
        }
        drop(stdin);
        let mut out = Zeroizing::new(Vec::with_capacity(4096));
        let mut complaint = Vec::new();
        // Each is let go of when enough is read: a program that prints for ever notices, and ends.
        let _ = stdout.map(|pipe| pipe.take(MOST_BYTES).read_to_end(&mut out));
        let _ = stderr.map(|pipe| pipe.take(MOST_BYTES).read_to_end(&mut complaint));
        let _ = done.send((out, complaint));
    };
    std::thread::Builder::new().name("child".into()).spawn(work)?;
    let Ok((stdout, stderr)) = finished.recv_timeout(LIMIT) else {
        end(&mut child);
        return Err(io::Error::new(io::ErrorKind::TimedOut, "it did not end within 10 seconds"));
    };
    Ok(Output { status: child.wait()?, stdout, stderr })
}

fn end(child: &mut Child) {
    let _ = child.kill();
    let _ = child.wait();
}
