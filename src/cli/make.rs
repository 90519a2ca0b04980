//! `tokendeck create`, `edit` and `rotate`.

use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use super::arguments::{Create, Edit, Global, Rotate, SecretTo};
use super::say::{self, Stop, usage};
use super::session::{Chosen, Session, Traces};
use super::token::{self, Printed};
use super::{list, value};
use crate::app::contexts::Asked;
use crate::app::errand::{self, Deal, Edited, Errand, Wanted, Word};
use crate::app::modal::{SecretOnce, new_secret};
use crate::app::model::{Model, Wants};
use crate::config::ContextConfig;
use crate::domain::{Rotation, escape};
use crate::runtime::headless::Reached;

/// Creates a token. Nothing is ever sent twice.
pub(super) fn create(global: &Global, arguments: &Create) -> Result<u8, Stop> {
    let chosen = Chosen::one(global, None)?;
    let context = chosen.first().name.clone();
    reachable(&arguments.to, chosen.first())?;
    // The list tells an orphan from the tokens that had its label before, should the answer be lost.
    let mut session = chosen.open(global, Wants::List, Traces::Journal)?;
    errand::may(session.model(), &context, Deal::Create)?;
    session.listed_and_known()?;
    refused(&session)?;
    let (label, roles) = (arguments.label.clone(), arguments.role.clone());
    let (owner, expires) = (arguments.owner.clone(), arguments.expires.clone());
    session.driver.ask(Errand::Create(Wanted { context, label, roles, owner, expires }))?;
    hand_over(&mut session, &arguments.to, arguments.json)
}

/// Gives a token a new secret; where the backend does not, a new token in its place.
pub(super) fn rotate(global: &Global, arguments: &Rotate) -> Result<u8, Stop> {
    let mut chosen = Chosen::read(global, None)?;
    let address = chosen.addresses(std::slice::from_ref(&arguments.id))?.swap_remove(0);
    reachable(&arguments.to, chosen.first())?;
    let mut session = chosen.open(global, Wants::Identity, Traces::Journal)?;
    errand::may(session.model(), &address.0, Deal::Rotate)?;
    let key = session.find(address)?;
    let rotation = session.model().context(&key.context).map(|state| state.context.capabilities.rotate);
    session.driver.ask(Errand::Rotate(key, Word(arguments.confirm.clone())))?;
    let code = hand_over(&mut session, &arguments.to, arguments.json)?;
    // Whether the new one lives may be known by now, or not yet: the old one is still there in either case.
    if rotation != Some(Rotation::Emulated) || code != say::OK {
        return Ok(code);
    }
    replace(&mut session)
}

/// Revokes the old token once the backend shows the new one alive.
fn replace(session: &mut Session) -> Result<u8, Stop> {
    session.until(|model| model.replacements.is_empty() && model.recording.is_empty())?;
    if let Err(refusal) = session.driver.ask(Errand::RevokeOld) {
        say::notes(session.model(), None);
        return Err(refusal.into());
    }
    session.until(errand::has_stopped)?;
    let runs = &session.model().runs;
    let is_dead = !runs.is_empty() && runs.items().all(|(_, item)| item.is_dead());
    say::say(if is_dead { "the old token is revoked" } else { "the old token may still live: two are there now" });
    if !is_dead {
        say::notes(session.model(), None);
    }
    Ok(if is_dead { say::OK } else { say::FAILED })
}

/// Changes a label or an expiry.
pub(super) fn edit(global: &Global, arguments: &Edit) -> Result<u8, Stop> {
    let mut chosen = Chosen::read(global, None)?;
    let address = chosen.addresses(std::slice::from_ref(&arguments.id))?.swap_remove(0);
    let mut session = chosen.open(global, Wants::Identity, Traces::Journal)?;
    errand::may(session.model(), &address.0, Deal::Edit)?;
    let key = session.find(address)?;
    let edited = Edited { label: arguments.label.clone(), expires: arguments.expires.clone() };
    session.driver.ask(Errand::Edit(key.clone(), edited))?;
    session.until(errand::is_settled)?;
    refused(&session)?;
    list::print(&session, &key, arguments.json)?;
    Ok(say::OK)
}

/// Refuses before anything is sent what could not take the secret afterwards.
fn reachable(to: &SecretTo, context: &ContextConfig) -> Result<(), Stop> {
    if to.secret_command && context.secret_command.is_empty() {
        return Err(usage(&format!("the context {} has no `secret_command`", context.name)));
    }
    let Some(file) = &to.secret_file else { return Ok(()) };
    let shown = file.display().to_string();
    // Also a link that leads nowhere is there.
    if fs::symlink_metadata(file).is_ok() {
        return Err(usage(&format!("{} is there already: name a new file", escape(&shown))));
    }
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if folder.is_dir() { Ok(()) } else { Err(usage(&format!("there is no folder for {}", escape(&shown)))) }
}

/// Tells why the last attempt came to nothing, or the credential is refused.
fn refused(session: &Session) -> Result<(), Stop> {
    let model = session.model();
    let dead = model.contexts.iter().find_map(|state| match &state.credential {
        Asked::Failed(failure) => Some(failure),
        Asked::Not | Asked::Asking | Asked::There(_) => None,
    });
    match model.refused.as_ref().or(dead) {
        Some(failure) => {
            say::notes(model, Some(failure));
            Err(Stop::from(failure))
        }
        None => Ok(()),
    }
}

/// Waits for the new secret and hands it to where it was asked for; then it is declared stored.
fn hand_over(session: &mut Session, to: &SecretTo, json: bool) -> Result<u8, Stop> {
    // Also after a signal: nothing is sent for it, and nothing can show the secret again.
    let reached = session.driver.until(errand::is_settled);
    let interrupted = match reached {
        Reached::Interrupted(code) => Some(code),
        Reached::Yes | Reached::Never => None,
    };
    if new_secret(session.model()).is_none() {
        if let Some(code) = interrupted {
            return Ok(code);
        }
        refused(session)?;
        say::notes(session.model(), None);
        session.say_leftovers();
        return Ok(say::FAILED);
    }
    let handed = deliver(session, to, json);
    if let Err(stop) = handed {
        say::say("the secret is not stored, and nothing can show it again: revoke the token, or rotate it");
        return Err(match stop {
            // A pipe that was closed ends nothing quietly here.
            Stop::Quiet(_) => Stop::Quiet(say::FAILED),
            Stop::Says(..) | Stop::Failed(_) => stop,
        });
    }
    session.driver.ask(Errand::Stored)?;
    let written = session.driver.finish(|model| model.recording.is_empty());
    say::notes(session.model(), None);
    match (interrupted, written) {
        (Some(code), _) | (None, Reached::Interrupted(code)) => Ok(code),
        (None, Reached::Yes | Reached::Never) => Ok(say::OK),
    }
}

fn deliver(session: &mut Session, to: &SecretTo, json: bool) -> Result<(), Stop> {
    if let Some(file) = &to.secret_file {
        session.driver.ask(Errand::WriteSecret(file.clone()))?;
    }
    if to.secret_command {
        session.driver.ask(Errand::PipeSecret)?;
    }
    if !to.print_secret {
        let told = |once: &SecretOnce| once.handed_over() || !once.said.is_empty();
        let _ = session.driver.finish(|model: &Model| new_secret(model).is_none_or(told));
        match new_secret(session.model()) {
            Some(once) if once.handed_over() => {}
            Some(once) => return Err(Stop::Says(say::FAILED, once.said.clone())),
            None => return Err(Stop::Quiet(say::FAILED)),
        }
    }
    print(session, to, json)?;
    if to.print_secret {
        session.driver.ask(Errand::Printed)?;
    }
    Ok(())
}

/// Prints the new token: as JSON; or its secret, where that was asked for, else its id.
fn print(session: &Session, to: &SecretTo, json: bool) -> Result<(), Stop> {
    let model = session.model();
    let Some(once) = new_secret(model) else { return Ok(()) };
    if json {
        let Some(state) = model.context(&once.context) else { return Ok(()) };
        let secret = to.print_secret.then(|| value::shown(&once.secret));
        let mut out = BufWriter::new(io::stdout().lock());
        token::json(&mut out, &Printed::new(model, state, &once.token).with_secret(secret))?;
        out.flush()?;
    } else if to.print_secret {
        value::print(&once.secret)?;
    } else {
        // The secret is where it belongs: who does not read the id loses nothing.
        let id = token::address(&once.token.key(&once.context), session.is_several());
        let _ = writeln!(io::stdout(), "{id}");
    }
    if !json {
        let handed = once.handed.iter().map(crate::app::modal::HandOver::words).collect::<Vec<_>>().join(", ");
        let handed = if handed.is_empty() { String::new() } else { format!("; secret {handed}") };
        say::say(&format!("\"{}\" ({}){handed}", once.token.label, once.token.id));
    }
    Ok(())
}
