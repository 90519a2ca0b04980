//! What is typed in an incident: opening and closing it, the decision, the exposure window, the drift.

use jiff::Timestamp;

use super::{Choice, Fate, Incident, fate, write};
use crate::app::effect::Effect;
use crate::app::field::Field;
use crate::app::filtering;
use crate::app::model::{Model, Tab};
use crate::domain::{ContextName, IncidentStep};

/// The longest ticket.
const LONGEST: usize = 40;

/// Opens an incident, or shows the one that is open.
///
/// # Errors
/// What is wrong with the ticket, or which one is open already.
pub(in crate::app) fn open(model: &mut Model, text: &str, effects: &mut Vec<Effect>) -> Result<(), String> {
    let (ticket, reason) = text.split_once(' ').unwrap_or((text, ""));
    match (&model.incident, ticket) {
        (None, "") => return Err("write a ticket and the reason: incident INC-42 laptop stolen".to_owned()),
        (Some(open), ticket) if !ticket.is_empty() && open.ticket != ticket => {
            return Err(format!("{} is open: close-incident {0} closes it first", open.ticket));
        }
        (Some(_), _) => {}
        (None, ticket) => {
            if ticket.len() > LONGEST || !ticket.bytes().all(|byte| byte.is_ascii_graphic()) {
                return Err(format!("a ticket is one word of at most {LONGEST} plain characters"));
            }
            let reason = reason.trim().to_owned();
            model.incident = Some(Incident::new(ticket.to_owned(), reason.clone(), model.now));
            for context in contexts(model) {
                write(model, &context, IncidentStep::Opened { reason: reason.clone() }, effects);
            }
        }
    }
    model.tab = Tab::Incident;
    Ok(())
}

fn contexts(model: &Model) -> Vec<ContextName> {
    model.contexts.iter().map(|state| state.context.name.clone()).collect()
}

/// Closes the incident: with its ticket also where not all of the worklist is dead.
///
/// # Errors
/// What is left to do.
pub(in crate::app) fn close(model: &mut Model, text: &str, effects: &mut Vec<Effect>) -> Result<(), String> {
    let Some(incident) = &model.incident else { return Err("no incident is open".to_owned()) };
    let open = incident.worklist.iter().filter(|work| !matches!(fate(model, work), Fate::Dead(_))).count();
    let ticket = incident.ticket.clone();
    if open > 0 && text != ticket {
        return Err(format!(
            "{open} of the worklist are not verified dead: close-incident {ticket} closes it all the same"
        ));
    }
    for context in contexts(model) {
        write(model, &context, IncidentStep::Closed, effects);
    }
    model.incident = None;
    model
        .messages
        .say(model.now, format!("{ticket} is closed; `tokendeck journal export --incident {ticket}` reports it"));
    Ok(())
}

/// Notes the decision.
///
/// # Errors
/// What would be an answer.
pub(in crate::app) fn choose(model: &mut Model, text: &str, effects: &mut Vec<Effect>) -> Result<(), String> {
    let answer = Choice::ANSWERS.iter().find(|(word, _)| *word == text).map(|(_, choice)| *choice);
    let choice = answer.ok_or("`now` for known abuse or public exposure, `replace` for suspicion or routine")?;
    let Some(incident) = &mut model.incident else { return Err("no incident is open".to_owned()) };
    incident.choice = choice;
    if let Some(context) = contexts(model).first() {
        write(model, context, IncidentStep::Noted { text: choice.words().to_owned() }, effects);
    }
    Ok(())
}

/// Shows what was there, or was used, in a span of time, over all contexts.
///
/// # Errors
/// How a span is written.
pub(in crate::app) fn expose(model: &mut Model, text: &str, effects: &mut Vec<Effect>) -> Result<(), String> {
    let mut words = text.split_whitespace();
    let (from, to, used) = (words.next(), words.next(), words.next());
    let form = "exposure FROM TO shows what there was by then, exposure FROM TO used what was used in between; each a \
                date or moment in UTC, as 2026-01-31 or 2026-01-31T14:00Z";
    let (Some(from), Some(to)) = (from, to) else { return Err(form.to_owned()) };
    let line = match used {
        None => format!("created<{to}"),
        Some("used") => format!("used>{from} used<{to}"),
        Some(_) => return Err(form.to_owned()),
    };
    for word in [from, to] {
        crate::domain::Query::parse(&format!("created<{word}"), model.now)
            .map_err(|error| format!("{word}: {error}"))?;
        if !word.starts_with(|first: char| first.is_ascii_digit()) || !word.contains('-') {
            return Err(form.to_owned());
        }
    }
    show(model, &line);
    let text = format!("exposure window {from} to {to}{}", if used.is_some() { ", by use" } else { "" });
    if model.incident.is_some()
        && let Some(context) = contexts(model).first()
    {
        write(model, context, IncidentStep::Noted { text: text.clone() }, effects);
    }
    let hint = "* marks these, a puts them on the worklist; use that is not reported is not among them";
    model.messages.say(model.now, format!("{text}: {hint}"));
    Ok(())
}

/// Shows the tokens that were born since the incident was opened.
///
/// # Errors
/// That no incident is open.
pub(in crate::app) fn drift(model: &mut Model) -> Result<(), String> {
    let Some(incident) = &model.incident else { return Err("no incident is open".to_owned()) };
    let line = format!("created>{}", minute(incident.opened));
    show(model, &line);
    Ok(())
}

/// Returns a moment as the query line reads it.
fn minute(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%MZ").to_string()
}

fn show(model: &mut Model, line: &str) {
    model.tab = Tab::Tokens;
    model.tokens.query.field = Field::with(line);
    filtering::retype(model);
}
