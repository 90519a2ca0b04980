//! Files under a passphrase: opened before anything is asked of a backend, by whoever sits at the terminal.

use std::sync::Arc;

use super::say::Stop;
use super::{say, value};
use crate::app::modal::unfit_passphrase;
use crate::domain::{Context, ContextName, CredentialSource, FailureKind, Secret};
use crate::runtime::Setup;
use crate::runtime::credential;
use crate::runtime::vault::Places;

/// How often a passphrase is asked for.
const TRIES: usize = 3;

/// Opens the files that keep credentials of these contexts, where no other place gives one and somebody is there to ask.
/// What stays locked is said by whoever looks for the credential.
pub(super) fn files(setup: &mut Setup) -> Result<(), Stop> {
    let mut last: Option<Arc<Secret>> = None;
    for connection in &setup.connections {
        let given = setup.given.entry(connection.context.name.clone()).or_default();
        if given.is_none() && is_locked(&setup.places, &connection.context) {
            given.file = open(&setup.places, &connection.context, &mut last)?;
        }
    }
    Ok(())
}

/// Tells whether the file is what the credential is to be taken from.
fn is_locked(places: &Places, context: &Context) -> bool {
    // Without a file nobody is asked here: the keyrings would be asked twice.
    if !places.has_file(&context.origin, &context.name) {
        return false;
    }
    match places.get(&context.origin, &context.name) {
        Err(failure) if failure.kind == FailureKind::Sealed => true,
        Err(failure) => {
            say::say(&format!("{}: {}", context.name, failure.hint));
            false
        }
        Ok(_) => false,
    }
}

/// Opens one file: with the passphrase of the file before, else with one that is asked for.
fn open(places: &Arc<Places>, context: &Context, last: &mut Option<Arc<Secret>>) -> Result<Option<Arc<Secret>>, Stop> {
    if let Some(Ok((_, secret))) = last.as_ref().map(|passphrase| credential::open(passphrase, context, places)) {
        return Ok(Some(secret));
    }
    for _ in 0..TRIES {
        let (wanted, places) = (context.clone(), Arc::clone(places));
        let try_out = move |passphrase: Arc<Secret>| {
            let opened = credential::open(&passphrase, &wanted, &places);
            (passphrase, opened)
        };
        let prompt = format!("Passphrase of the credential for {}: ", context.name);
        let Some((passphrase, opened)) = value::passphrase(&prompt, try_out)? else { break };
        match opened {
            Ok((_, secret)) => {
                *last = Some(passphrase);
                return Ok(Some(secret));
            }
            Err(failure) => say::say(&format!("{}: {failure}", context.name)),
        }
    }
    Ok(None)
}

/// Asks for the passphrase of a new file, twice; `None` where nobody is there, or none is typed.
pub(super) fn new_passphrase(name: &ContextName) -> Result<Option<Arc<Secret>>, Stop> {
    let place = CredentialSource::File.words();
    say::say(&format!("{name}: no keyring is there: a {place} can keep it, which is opened by a passphrase"));
    for _ in 0..TRIES {
        let Some(first) = value::passphrase("Passphrase for it (Enter for none): ", |typed| typed)? else { break };
        let Some(again) = value::passphrase("The same once more: ", |typed| typed)? else { break };
        match unfit_passphrase(&first, &again) {
            None => return Ok(Some(first)),
            Some(why) => say::say(why),
        }
    }
    Ok(None)
}
