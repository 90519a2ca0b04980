//! A secret that comes in, by standard input or typed unseen; and the one that goes out, where that was asked for.

use std::io::{self, IsTerminal, Read, Write};
use std::sync::Arc;

use color_eyre::eyre::WrapErr;
use zeroize::Zeroizing;

use super::say::{Stop, usage};
use crate::domain::Secret;
use crate::runtime::terminal::{Typed, ask_unseen};

/// The longest secret that is read.
const MOST_BYTES: u64 = 64 << 10;

/// Reads a secret: what standard input has, or what is typed unseen where that is a terminal.
pub(super) fn ask(prompt: &str) -> Result<Arc<Secret>, Stop> {
    let read = if io::stdin().is_terminal() {
        typed(ask_unseen(prompt, Arc::new).wrap_err("the terminal cannot be asked")?)?
    } else {
        from_stdin()?
    };
    read.filter(|secret| !secret.is_empty()).ok_or_else(|| usage("nothing was typed, and nothing is on standard input"))
}

/// Tells whether somebody is there to ask: what runs by itself may have a terminal, but does not talk to it.
pub(super) fn is_attended() -> bool {
    io::stdin().is_terminal() || io::stderr().is_terminal()
}

/// Asks a person at the terminal for a passphrase, unseen, and tries it or whatever is done with it, before anything that
/// is typed can be seen again; `None` where nobody is there, or nothing is typed.
pub(super) fn passphrase<T: Send + 'static>(
    prompt: &str,
    then: impl FnOnce(Arc<Secret>) -> T + Send + 'static,
) -> Result<Option<T>, Stop> {
    if !is_attended() {
        return Ok(None);
    }
    let then = |secret: Secret| Some(secret).filter(|secret| !secret.is_empty()).map(|secret| then(Arc::new(secret)));
    let asked = ask_unseen(prompt, then).unwrap_or(Typed::CalledOff);
    Ok(typed(asked)?.flatten())
}

/// Returns what was typed; `None` where the question was called off.
fn typed<T>(asked: Typed<T>) -> Result<Option<T>, Stop> {
    match asked {
        Typed::Text(typed) => Ok(Some(typed)),
        Typed::CalledOff => Ok(None),
        Typed::Ended(code) => Err(Stop::Quiet(code)),
    }
}

/// Reads a secret from standard input; `None` where there is none.
pub(super) fn from_stdin() -> color_eyre::Result<Option<Arc<Secret>>> {
    // Large enough from the beginning: a buffer that grows leaves copies behind.
    let mut text = Zeroizing::new(String::with_capacity(usize::try_from(MOST_BYTES)?));
    io::stdin().lock().take(MOST_BYTES).read_to_string(&mut text).wrap_err("standard input cannot be read")?;
    Ok(Some(text.trim()).filter(|text| !text.is_empty()).map(|text| Arc::new(Secret::new(text.into()))))
}

/// The longest text that is looked through; one more byte shows that there was more.
const MOST_TEXT: u64 = (1 << 20) + 1;

/// Reads a text of any number of lines from standard input, or one line that is typed unseen.
pub(super) fn text(prompt: &str) -> Result<Arc<Secret>, Stop> {
    if io::stdin().is_terminal() {
        return ask(prompt);
    }
    let mut bytes = Zeroizing::new(Vec::with_capacity(usize::try_from(MOST_TEXT).unwrap_or_default()));
    io::stdin().lock().take(MOST_TEXT).read_to_end(&mut bytes)?;
    // What is no text cannot be a part of a token.
    if str::from_utf8(&bytes).is_err() {
        bytes.iter_mut().filter(|byte| !byte.is_ascii()).for_each(|byte| *byte = b'?');
    }
    let text = str::from_utf8(&bytes).unwrap_or_default();
    if text.trim().is_empty() {
        return Err(usage("nothing is on standard input"));
    }
    Ok(Arc::new(Secret::new(text.into())))
}

/// Prints a new secret on a line of its own.
pub(super) fn print(secret: &Secret) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{}", secret.expose())?;
    out.flush()
}

/// Hands a new secret to what prints it among other things.
pub(super) fn shown(secret: &Secret) -> &str {
    secret.expose()
}
