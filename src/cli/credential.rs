//! `tokendeck login`, `logout`, `whoami` and `verify`: whose a credential is, and whether it works.

use std::io::{self, IsTerminal as _, Write};

use serde::Serialize;

use super::arguments::{Global, Login, Named, Verify, Whoami};
use super::say::{self, Stop};
use super::session::{Chosen, Session, Traces};
use super::token::{self, Moment};
use super::{unlock, value};
use crate::app::contexts::{Asked, ContextState};
use crate::app::errand::{self, Errand};
use crate::app::model::{Model, Wants};
use crate::app::own;
use crate::domain::{ContextName, CredentialSource, Expiry, Failure, FailureKind, Identity, Untrusted, escape};
use crate::runtime::vault::{Removed, VaultError};

/// Whose a credential is, in the order of its keys.
#[derive(Serialize)]
struct Who<'a> {
    context: &'a str,
    name: &'a str,
    token: Option<&'a str>,
    roles: Vec<&'a str>,
    expires: Option<Moment>,
    source: &'static str,
}

/// What became of a secret.
#[derive(Serialize)]
struct Life<'a> {
    state: &'static str,
    name: Option<&'a str>,
    token: Option<&'a str>,
    reason: Option<String>,
}

/// Returns whose the credential of a context is, or why that is not known.
fn identity(state: &ContextState) -> Result<&Identity, Failure> {
    match (&state.credential, &state.identity) {
        (_, Asked::There(identity)) => Ok(identity),
        (Asked::Failed(failure), _) | (_, Asked::Failed(failure)) => Err(failure.clone()),
        (_, Asked::Not | Asked::Asking) => Err(Failure::local("nobody was asked", "try again")),
    }
}

/// Shows whose the credentials are.
pub(super) fn whoami(global: &Global, arguments: &Whoami) -> Result<u8, Stop> {
    let chosen = Chosen::read(global, arguments.context.name.as_deref())?;
    let mut session = chosen.open(global, Wants::Identity, Traces::None)?;
    session.until(errand::is_known)?;
    let mut codes = vec![say::FAILED; session.unready];
    let mut out = io::stdout().lock();
    for state in &session.model().contexts {
        match identity(state) {
            Ok(identity) if arguments.json => token::json(&mut out, &who(state, identity))?,
            Ok(identity) => {
                writeln!(out, "{}", words(state, identity))?;
                say_soon(state, session.model());
            }
            Err(ref failure) => say::failed(&state.context.name, failure),
        }
        codes.push(identity(state).map_or_else(|failure| say::code(failure.kind), |_| say::OK));
    }
    Ok(say::together(codes))
}

fn who<'a>(state: &'a ContextState, identity: &'a Identity) -> Who<'a> {
    Who {
        context: state.context.name.as_str(),
        name: identity.name.raw(),
        token: identity.token.as_ref().map(crate::domain::TokenId::raw),
        roles: identity.roles.iter().flatten().map(Untrusted::raw).collect(),
        expires: match identity.expires {
            Expiry::At(at) => Some(Moment(at)),
            Expiry::Never | Expiry::NotReported => None,
        },
        source: state.credential.there().map_or("unknown", |source| source.words()),
    }
}

fn words(state: &ContextState, identity: &Identity) -> String {
    let source = state.credential.there().map_or("unknown", |source| source.words());
    format!("{}  from the {source}", whose(state, identity))
}

/// Says that a credential ends soon.
fn say_soon(state: &ContextState, model: &Model) {
    if let Some(warning) = own::warning(state, model.now) {
        say::say(&format!("{warning}: make a new one in time, then `tokendeck login {}`", state.context.name));
    }
}

fn whose(state: &ContextState, identity: &Identity) -> String {
    if identity.is_unnamed() {
        return format!("{}: it is taken; whose it is, the backend does not say", state.context.name);
    }
    let roles = identity.roles.iter().flatten().map(ToString::to_string).collect::<Vec<_>>().join(",");
    let token = identity.token.as_ref().map(|id| format!("  token {id}")).unwrap_or_default();
    let expires = match identity.expires {
        Expiry::At(moment) => format!("  expires {moment:.0}"),
        Expiry::Never => "  never expires".to_owned(),
        Expiry::NotReported => String::new(),
    };
    format!("{}: {}  {roles}{token}{expires}", state.context.name, identity.name)
}

/// Takes a credential, tries it, and keeps it.
pub(super) fn login(global: &Global, arguments: &Login) -> Result<u8, Stop> {
    let chosen = Chosen::one(global, arguments.context.name.as_deref())?;
    let name = chosen.first().name.clone();
    let shadowed = chosen.first().credential_env.is_some() || !chosen.first().credential_command.is_empty();
    let keeper = probe(&chosen, arguments)?;
    let credential = value::ask(&format!("Credential for {name}: "))?;
    let mut session = chosen.open_with(global, Wants::Identity, &credential)?;
    try_out(&mut session)?;
    session.model().contexts.iter().for_each(|state| say_soon(state, session.model()));
    // Said at the end: keeping it asks anew.
    let whose = session.model().contexts.first().and_then(|state| Some(whose(state, identity(state).ok()?)));
    session.driver.ask(match keeper {
        Keeper::Keyring => Errand::Keep(name.clone(), credential),
        Keeper::File => match unlock::new_passphrase(&name)? {
            Some(passphrase) => Errand::File(name.clone(), passphrase),
            None => return Err(Stop::Says(say::FAILED, kept_nowhere(&name))),
        },
    })?;
    session.until(|model| kept(model) != Some(CredentialSource::Stdin))?;
    let place = kept(session.model()).filter(|place| *place != CredentialSource::Memory);
    let Some(place) = place else {
        say::notes(session.model(), None);
        return Err(Stop::Says(say::FAILED, kept_nowhere(&name)));
    };
    if shadowed {
        say::say(&format!("{name}: the configuration names a variable or a command, which goes before what is kept"));
    }
    let mut out = io::stdout().lock();
    if let Some(whose) = whose {
        writeln!(out, "{whose}")?;
    }
    let lifetime = place.lifetime().map(|time| format!(", {time}")).unwrap_or_default();
    writeln!(out, "{name}: credential kept in the {}{lifetime}", place.words())?;
    Ok(say::OK)
}

fn kept_nowhere(name: &ContextName) -> String {
    format!("{name}: the credential works, and was kept nowhere")
}

/// Who will keep a credential.
enum Keeper {
    Keyring,
    File,
}

/// Asks where the credential will be kept, before anybody types it.
fn probe(chosen: &Chosen, arguments: &Login) -> Result<Keeper, Stop> {
    let name = &chosen.first().name;
    let (origin, places) = (chosen.origin()?, chosen.places());
    let keyrings = places.answers(&origin, name).filter(|(place, _)| *place != CredentialSource::File);
    for (place, answer) in keyrings {
        match answer {
            Ok(_) if arguments.file => {
                let text =
                    format!("{name}: the {} is there, which goes before a file: log in without --file", place.words());
                return Err(Stop::Says(say::USAGE, text));
            }
            Ok(_) => return Ok(Keeper::Keyring),
            Err(error @ VaultError::Unavailable(_)) => say::say(&format!("{name}: the {} {error}", place.words())),
            Err(error) => return Err(Stop::from(&error.of(place))),
        }
    }
    let is_asked = (arguments.file && value::is_attended()) || io::stdin().is_terminal();
    if is_asked && places.may_file(&origin, name) {
        return Ok(Keeper::File);
    }
    let elsewhere = if arguments.file { "" } else { ", or log in with --file at a terminal" };
    let text = format!("{name}: there is no place to keep a credential; name a variable or a command{elsewhere}");
    Err(Stop::Says(say::FAILED, text))
}

fn kept(model: &Model) -> Option<CredentialSource> {
    model.contexts.first().and_then(|state| state.credential.there()).copied()
}

/// Tries the credential: by asking whose it is; where the backend does not say, by its list.
fn try_out(session: &mut Session) -> Result<(), Stop> {
    session.until(errand::is_known)?;
    match session.model().contexts.first().map(identity) {
        Some(Ok(_)) | None => Ok(()),
        Some(Err(failure)) if failure.kind == FailureKind::NotOffered => {
            let name = session.model().contexts[0].context.name.clone();
            session.driver.ask(Errand::Read(name))?;
            session.listed()?;
            match session.model().contexts.first().and_then(errand::trouble) {
                Some(ref failure) => Err(Stop::from(failure)),
                None => Ok(()),
            }
        }
        Some(Err(failure)) => Err(Stop::from(&failure)),
    }
}

/// Removes every copy of a credential that is kept, and says of each place what it had.
pub(super) fn logout(global: &Global, arguments: &Named) -> Result<u8, Stop> {
    let chosen = Chosen::one(global, arguments.name.as_deref())?;
    let name = chosen.first().name.clone();
    let given = [
        chosen.first().credential_env.as_ref().map(|variable| format!("the variable {variable}")),
        chosen.first().credential_command.first().map(|program| format!("the command {}", escape(program))),
    ];
    let (origin, places) = (chosen.origin()?, chosen.all_places());
    let mut codes = vec![say::OK];
    let mut out = io::stdout().lock();
    for (place, answer) in places.remove(&origin, &name) {
        match answer {
            Ok(Removed::Gone) => writeln!(out, "{name}: removed from the {}", place.words())?,
            Ok(Removed::Absent) => writeln!(out, "{name}: the {} had none", place.words())?,
            Err(error @ VaultError::Unavailable(_)) => writeln!(out, "{name}: the {} {error}", place.words())?,
            Err(error) => {
                say::failed(&name, &error.of(place));
                codes.push(say::FAILED);
            }
        }
    }
    for given in given.into_iter().flatten() {
        writeln!(out, "{name}: {given} still gives one: it is not tokendeck's to remove")?;
    }
    Ok(say::together(codes))
}

/// Tells whether a secret works as a credential, by using it once.
pub(super) fn verify(global: &Global, arguments: &Verify) -> Result<u8, Stop> {
    let chosen = Chosen::one(global, None)?;
    let value = value::ask(&format!("Secret to try at {}: ", chosen.first().name))?;
    let mut session = chosen.open_with(global, Wants::Identity, &value)?;
    session.until(errand::is_known)?;
    let Some(state) = session.model().contexts.first() else { return Ok(say::FAILED) };
    let told = identity(state);
    let (life, code) = match &told {
        Ok(identity) => {
            let token = identity.token.as_ref().map(crate::domain::TokenId::raw);
            let name = Some(identity.name.raw()).filter(|_| !identity.is_unnamed());
            (Life { state: "alive", name, token, reason: None }, say::OK)
        }
        // Only an answer tells: without one, nobody has looked at the secret.
        Err(failure) if failure.kind == FailureKind::Credential && state.tls.is_some() => {
            (Life { state: "dead", name: None, token: None, reason: None }, say::AUTHENTICATION)
        }
        Err(failure) => {
            let reason = Some(failure.to_string());
            (Life { state: "unknown", name: None, token: None, reason }, say::FAILED)
        }
    };
    let mut out = io::stdout().lock();
    if arguments.json {
        token::json(&mut out, &life)?;
    } else {
        let detail = match &told {
            Ok(identity) if identity.is_unnamed() => ": the backend takes it, and does not say whose it is".to_owned(),
            Ok(identity) => format!(": it acts for {}", identity.name),
            Err(failure) if code == say::FAILED => format!(": {failure}"),
            Err(_) => ": the backend does not take it".to_owned(),
        };
        writeln!(out, "{}{detail}", life.state)?;
    }
    Ok(code)
}
