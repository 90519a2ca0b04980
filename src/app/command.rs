//! The commands of the palette: their names, completions and what they do.

use super::action::Action;
use super::contexts::ContextState;
use super::effect::Effect;
use super::field::Field;
use super::model::{Model, Tab, WriteLock};

use super::sought::{By, Sought};
use super::{clipboard, filtering, incident, keys, login, own, planning, run, switching};
use crate::domain::{Access, ContextName, TokenId, fold};

/// A completion of what is typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completion {
    /// The whole line.
    pub text: String,
    /// What it does.
    pub about: String,
}

/// A command, by its first word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Command {
    /// Does what a key does.
    Act(Action),
    Context,
    Show,
    Disable,
    Enable,
    Login,
    Renew,
    Write,
    ReadOnly,
    Clipboard,
    Clear,
    Resume,
    Discard,
    Plan,
    Incident,
    CloseIncident,
    Choose,
    Exposure,
    Drift,
    CancelRun,
}

/// Every command, its word, and what it does.
const COMMANDS: [(&str, Command, &str); 35] = [
    ("revoke", Command::Act(Action::Revoke), "revoke the marks, or the token under the cursor"),
    ("plan", Command::Plan, "write what would be revoked to a new file, and revoke nothing: FILE"),
    ("rotate", Command::Act(Action::Rotate), "a new secret for the token under the cursor"),
    ("new", Command::Act(Action::New), "a new token"),
    ("edit", Command::Act(Action::Edit), "edit the label or the expiry"),
    ("verify", Command::Act(Action::Verify), "ask whether the token still lives"),
    ("show", Command::Show, "read one token by its id: ID, or CONTEXT/ID"),
    ("disable", Command::Disable, "switch the token under the cursor off; in an incident, the worklist"),
    ("enable", Command::Enable, "switch it on again"),
    ("context", Command::Context, "show one context only; without a name, all"),
    ("login", Command::Login, "give a context's credential"),
    ("write", Command::Write, "let requests that change something pass"),
    ("read-only", Command::ReadOnly, "refuse requests that change something"),
    ("resume", Command::Resume, "let a paused or unfinished revocation go on"),
    ("discard", Command::Discard, "give an unfinished revocation up; what was not sent stays alive"),
    ("renew", Command::Renew, "ask for a later end of your own credential"),
    ("incident", Command::Incident, "open an incident: TICKET REASON; every record names it from then on"),
    ("close-incident", Command::CloseIncident, "close it; with its ticket also where not all is verified dead"),
    ("freeze", Command::Act(Action::Freeze), "put the marks, or the token under the cursor, on its worklist"),
    ("choose", Command::Choose, "decide: now, or replace (create, hand over, watch the use stop, revoke)"),
    ("exposure", Command::Exposure, "show what there was by then, or with `used` what was used: FROM TO [used]"),
    ("drift", Command::Drift, "show the tokens that were born since the incident was opened"),
    ("cancel", Command::CancelRun, "call the revocation off that is going"),
    ("clipboard", Command::Clipboard, "say where copies go, or choose another road"),
    ("clear-clipboard", Command::Clear, "empty the clipboard, whatever it holds"),
    ("identify", Command::Act(Action::Identify), "find the token that a leaked value is; nothing is sent"),
    ("refresh", Command::Act(Action::Refresh), "read the list again"),
    ("unmark", Command::Act(Action::UnmarkAll), "remove all marks, or bring them back"),
    ("tokens", Command::Act(Action::TabTokens), "the tab Tokens"),
    ("activity", Command::Act(Action::TabActivity), "the tab Activity"),
    ("backends", Command::Act(Action::TabBackends), "the tab Backends"),
    ("left-open", Command::Act(Action::LeftOpen), "what was begun, and nobody knows that it was finished"),
    ("messages", Command::Act(Action::Messages), "everything said"),
    ("help", Command::Act(Action::Help), "the keys valid here"),
    ("quit", Command::Act(Action::Quit), "leave"),
];

/// Returns the lines that what is typed can become.
pub fn completions(model: &Model, typed: &str) -> Vec<Completion> {
    let typed = typed.trim_start();
    if let Some((word, rest)) = typed.split_once(' ') {
        return arguments(model, word, rest.trim());
    }
    let fits = COMMANDS.iter().filter(|(word, ..)| word.starts_with(typed));
    fits.map(|(word, _, about)| Completion { text: (*word).to_owned(), about: (*about).to_owned() }).collect()
}

fn arguments(model: &Model, word: &str, rest: &str) -> Vec<Completion> {
    if word == "clipboard" {
        let fits = std::iter::once(("auto", "the one that fits the session"))
            .chain(clipboard::Road::ALL.map(|(word, road)| (word, road.words())))
            .filter(|(road, _)| road.starts_with(rest));
        return fits
            .map(|(road, about)| Completion { text: format!("{word} {road}"), about: about.to_owned() })
            .collect();
    }
    let takes = COMMANDS.iter().any(|(known, command, _)| {
        let named =
            [Command::Context, Command::Show, Command::Login, Command::Renew, Command::Write, Command::ReadOnly];
        *known == word && named.contains(command)
    });
    if !takes {
        return Vec::new();
    }
    let names = model.contexts.iter().map(|state| &state.context);
    names
        .filter(|context| context.name.as_str().starts_with(rest))
        .map(|context| Completion {
            text: if word == "show" { format!("{word} {}/", context.name) } else { format!("{word} {}", context.name) },
            about: format!("{} at {}", context.capabilities.title, context.origin),
        })
        .collect()
}

/// Does what a line says.
///
/// # Errors
/// What is wrong with the line, and what would be right.
pub(super) fn run(model: &mut Model, line: &str, effects: &mut Vec<Effect>) -> Result<(), String> {
    let (word, rest) = line.trim().split_once(' ').unwrap_or((line.trim(), ""));
    let command = COMMANDS.iter().find(|(known, ..)| *known == word).map(|(_, command, _)| *command);
    let Some(command) = command else {
        return Err(format!("there is no command `{}`; Tab completes", crate::domain::escape(word)));
    };
    match command {
        Command::Act(action) => keys::act(model, action, effects),
        Command::Context => context(model, rest.trim())?,
        Command::Show => show(model, rest.trim())?,
        Command::Disable if model.tab == Tab::Incident => switching::worklist(model, rest.trim())?,
        Command::Disable => switching::one(model, "disable", effects)?,
        Command::Enable => switching::one(model, "enable", effects)?,
        Command::Login => {
            let name = named(model, rest.trim())?;
            login::ask(model, &name)?;
        }
        Command::Renew => {
            let name = named(model, rest.trim())?;
            own::renew(model, &name, effects)?;
        }
        Command::Write => access(model, rest.trim(), Access::Write, effects)?,
        Command::ReadOnly => access(model, rest.trim(), Access::ReadOnly, effects)?,
        Command::Clipboard => clipboard::switch(model, rest.trim(), effects)?,
        Command::Clear => effects.push(Effect::EmptyClipboard),
        Command::Resume => go_on(model, effects)?,
        Command::Discard => match model.unfinished.len() {
            0 => model.messages.say(model.now, "no revocation is unfinished"),
            // The list of what is left open shows them, and each is given up there.
            2.. => keys::act(model, Action::LeftOpen, effects),
            1 => run::give_up(model, 0, effects),
        },
        Command::Plan => planning::write_chosen(model, rest.trim(), effects)?,
        Command::Incident => incident::open(model, rest.trim(), effects)?,
        Command::CloseIncident => incident::close(model, rest.trim(), effects)?,
        Command::Choose => incident::choose(model, rest.trim(), effects)?,
        Command::Exposure => incident::expose(model, rest.trim(), effects)?,
        Command::Drift => incident::drift(model)?,
        Command::CancelRun => drop(run::cancel(model, effects)),
    }
    Ok(())
}

/// Lets what is paused go on; where nothing is, the one revocation that is unfinished.
fn go_on(model: &mut Model, effects: &mut Vec<Effect>) -> Result<(), String> {
    let is_paused = |run: &&run::Run| matches!(run.phase, run::Phase::Paused(_));
    let paused: Vec<_> = model.runs.iter().filter(is_paused).map(|run| run.context.clone()).collect();
    if !paused.is_empty() {
        for name in &paused {
            run::resume(model, name);
        }
        return Ok(());
    }
    match model.unfinished.len() {
        0 => model.messages.say(model.now, "no revocation is paused or unfinished"),
        1 => return run::go_on(model, 0, effects),
        2.. => keys::act(model, Action::LeftOpen, effects),
    }
    Ok(())
}

/// Returns the named context; without a name, the one under the cursor or the only one.
fn named(model: &Model, text: &str) -> Result<ContextName, String> {
    if text.is_empty() {
        let here = model.tokens.here().map(|row| row.context().clone());
        let dead = model.contexts.iter().find(|state| state.needs_login());
        let fallback = dead.or_else(|| model.contexts.first()).map(|state| state.context.name.clone());
        let chosen = if dead.is_some() { fallback } else { here.or(fallback) };
        return chosen.ok_or_else(|| "there is no context".to_owned());
    }
    let known = model.contexts.iter().find(|state| state.context.name.as_str() == text);
    known.map(|state| state.context.name.clone()).ok_or_else(|| "there is no such context".to_owned())
}

/// Has one token read by its id: the only way to one where there is no list.
fn show(model: &mut Model, text: &str) -> Result<(), String> {
    let names = model.contexts.iter().map(|state| &state.context.name);
    let of = |name: &&ContextName| text.strip_prefix(name.as_str()).is_some_and(|rest| rest.starts_with('/'));
    let (name, id) = match (names.clone().find(of), model.contexts.as_slice()) {
        (Some(name), _) => (name.clone(), &text[name.as_str().len() + 1..]),
        (None, [only]) => (only.context.name.clone(), text),
        (None, _) => return Err("of several contexts: write CONTEXT/ID".to_owned()),
    };
    let id = TokenId::parse(id).map_err(|error| error.to_string())?;
    if let Some(failure) = model.context(&name).and_then(ContextState::closed) {
        return Err(failure.to_string());
    }
    model.sought.push(Sought::new(name, By::Id(id)));
    Ok(())
}

/// Shows one context only, through the query, so that what is hidden is always on screen.
fn context(model: &mut Model, text: &str) -> Result<(), String> {
    let line = match text {
        "" => String::new(),
        text => only(model, &named(model, text)?),
    };
    // Marks do not survive: what is hidden now was meant for another context.
    model.tokens.unmarked = std::mem::take(&mut model.tokens.marks);
    model.tokens.query.field = Field::with(&line);
    filtering::retype(model);
    Ok(())
}

/// Returns the query that one context alone matches: a name can be a part of another one.
fn only(model: &Model, name: &ContextName) -> String {
    let mut line = format!("context:{name}");
    let wanted = fold(name.as_str());
    let names = model.contexts.iter().map(|state| &state.context.name);
    for longer in names.filter(|other| fold(other.as_str()) != wanted && fold(other.as_str()).contains(&wanted)) {
        line = format!("{line} -context:{longer}");
    }
    line
}

fn access(model: &mut Model, text: &str, access: Access, effects: &mut Vec<Effect>) -> Result<(), String> {
    if access == Access::Write && model.write_lock == WriteLock::ReadOnly {
        return Err("started with --read-only: start again without it to write".to_owned());
    }
    let names: Vec<ContextName> = match text {
        "" => model.contexts.iter().map(|state| state.context.name.clone()).collect(),
        text => vec![named(model, text)?],
    };
    for name in names {
        if let Some(state) = model.context_mut(&name) {
            state.context.access = access;
            effects.push(Effect::SetAccess(name.clone(), access));
        }
        let words = if access == Access::Write { "can be written to" } else { "is read-only" };
        model.messages.say(model.now, format!("{name} {words} until the program ends"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_is_completed_from_its_first_letter() {
        for (word, ..) in COMMANDS {
            assert!(COMMANDS.iter().filter(|(other, ..)| other == &word).count() == 1, "{word}");
        }
    }
}
