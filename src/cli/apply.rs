//! `tokendeck apply PLAN`: shows a plan, says what looks otherwise by now, and does it once it is confirmed.

use std::collections::HashMap;
use std::io::{self, BufWriter, Write};
use std::sync::Arc;

use super::arguments::{Apply, Global};
use super::revoke::{self, Line};
use super::say::{self, Stop};
use super::session::{Chosen, Session, Traces};
use super::token;
use crate::app::applying::{self, Difference, Order, Otherwise};
use crate::app::errand::{self, Deal, Errand, Refusal, Word};
use crate::app::model::Wants;
use crate::app::planning;
use crate::app::run::Item;
use crate::app::sought;
use crate::domain::{
    ContextName, Failure, FailureKind, Owner, PlannedToken, State, TokenKey, Untrusted, escape, tokens_in_words,
};
use crate::runtime::plan_file::{self, Plan};

/// Does a plan.
pub(super) fn run(global: &Global, arguments: &Apply) -> Result<u8, Stop> {
    let plan = plan_file::read(&arguments.file).map_err(|failure| unread(&failure))?;
    let unconfirmed = arguments.confirm.is_none();
    // Also for whoever has no credential where it is to be done.
    if unconfirmed && !arguments.json {
        review(&plan)?;
    }
    let mut session = open(global, arguments, &plan)?;
    if let Some(own) = planning::own(session.model(), &plan.plan) {
        say::say(&format!("{} is your own credential: it goes last", own.target.id));
    }
    let compared = applying::compared(session.model(), &plan.plan);
    let order = order(arguments, &plan);
    match session.driver.ask(Errand::Apply(Box::new(order), Word(arguments.confirm.clone()))) {
        Ok(()) => {}
        Err(refusal) => return refused(&session, arguments, &plan, &compared, refusal),
    }
    session.say_leftovers();
    let ended = revoke::go(&mut session)?;
    let items: HashMap<TokenKey, &Item> = revoke::items(session.model()).into_iter().collect();
    let several = session.is_several();
    let lines = plan.plan.tokens.iter().zip(&compared).filter_map(|(planned, one)| match one {
        Ok(key) => Some(revoke::line(key, items.get(key)?, several, &ended)),
        Err(difference) => Some(otherwise(planned, difference, several)),
    });
    let lines: Vec<Line> = lines.collect();
    revoke::print(&lines, arguments.json)?;
    Ok(revoke::tell(&session, &ended, &lines))
}

/// Opens the contexts of the plan, as it says where they are, and reads its tokens again.
fn open(global: &Global, arguments: &Apply, plan: &Plan) -> Result<Session, Stop> {
    let mut chosen = Chosen::read(global, None)?;
    let names: Vec<ContextName> = plan.plan.contexts.iter().map(|context| context.name.clone()).collect();
    chosen.only(&names)?;
    let mut session = chosen.open(global, Wants::Identity, Traces::Journal)?;
    if session.unready > 0 {
        return Err(Stop::Quiet(say::FAILED));
    }
    // Before anything is sent.
    applying::fits(session.model(), &plan.plan)?;
    if arguments.confirm.is_some() {
        names.iter().try_for_each(|name| errand::may(session.model(), name, Deal::Revoke))?;
    }
    let addresses = plan.plan.tokens.iter().map(|token| (token.context.clone(), token.target.id.clone()));
    session.driver.ask(Errand::Find(addresses.collect()))?;
    session.until(|model| sought::is_over(model) && errand::is_journal_read(model))?;
    Ok(session)
}

fn order(arguments: &Apply, plan: &Plan) -> Order {
    let otherwise = if arguments.skip_changed { Otherwise::Skip } else { Otherwise::Refuse };
    Order { plan: Arc::new(plan.plan.clone()), sha256: plan.sha256.clone(), otherwise }
}

/// Says why a plan is not done: every token that looks otherwise, and then what would be right.
fn refused(
    session: &Session,
    arguments: &Apply,
    plan: &Plan,
    compared: &[Result<TokenKey, Difference>],
    refusal: Refusal,
) -> Result<u8, Stop> {
    let several = session.is_several();
    let lines = plan.plan.tokens.iter().zip(compared).filter_map(|(planned, one)| match one {
        Err(difference) => Some(otherwise(planned, difference, several)),
        Ok(_) if arguments.json => Some(unchanged(planned, several)),
        Ok(_) => None,
    });
    let lines: Vec<Line> = lines.collect();
    // A plan that was shown is told apart from what is found now.
    if arguments.confirm.is_none() && !arguments.json {
        writeln!(io::stdout())?;
        let same = compared.iter().filter(|one| one.is_ok()).count();
        writeln!(io::stdout(), "{} of {} still look as the plan says", same, compared.len())?;
    }
    revoke::print(&lines, arguments.json)?;
    match refusal {
        Refusal::Failed(failure) => {
            Err(Stop::Says(say::code(failure.kind), format!("{failure}{}{}", hint_sign(&failure), failure.hint)))
        }
        Refusal::Usage(_) | Refusal::Unconfirmed(_) => Err(refusal.into()),
    }
}

fn hint_sign(failure: &Failure) -> &'static str {
    if failure.hint.is_empty() { "" } else { "; " }
}

fn unread(failure: &Failure) -> Stop {
    let code = if failure.kind == FailureKind::Changed { say::STALE } else { say::USAGE };
    Stop::Says(code, format!("{failure}; {}", failure.hint))
}

/// Returns the line of a token that looks as the plan says, and is not revoked.
fn unchanged(planned: &PlannedToken, several: bool) -> Line {
    let id = token::raw_address(&planned.context, planned.target.id.raw(), several);
    Line { id, outcome: "unchanged", verified: false, reason: None, code: say::OK }
}

/// Returns the line of a token that looks otherwise.
fn otherwise(planned: &PlannedToken, difference: &Difference, several: bool) -> Line {
    let id = token::raw_address(&planned.context, planned.target.id.raw(), several);
    let (outcome, verified, code) = match difference {
        Difference::Changed(_) | Difference::Another(_) | Difference::Unknown => ("changed", false, say::STALE),
        Difference::Revoked => ("already gone", true, say::OK),
        Difference::Unread(failure) => ("failed", false, say::code(failure.kind)),
    };
    Line { id, outcome, verified, reason: Some(difference.words()), code }
}

/// Writes the plan for people, every text of somebody else escaped.
fn review(plan: &Plan) -> Result<(), Stop> {
    let (planned, sha256) = (&plan.plan, &plan.sha256);
    let mut out = BufWriter::new(io::stdout().lock());
    writeln!(out, "plan to revoke {}, made {}", tokens_in_words(planned.tokens.len()), token::moment(planned.made))?;
    writeln!(out, "SHA-256 {sha256}")?;
    let why = planned.reason.as_ref().map_or_else(String::new, |reason| format!(": {reason}"));
    match &planned.incident {
        Some(ticket) => writeln!(out, "incident {}{why}", escape(ticket))?,
        None if !why.is_empty() => writeln!(out, "reason{why}")?,
        None => {}
    }
    for context in &planned.contexts {
        let tokens = planned.of(&context.name);
        let (count, admin) = (tokens_in_words(tokens.count()), planned.of(&context.name).filter(|t| t.admin).count());
        let by = context.principal.as_ref().map_or_else(String::new, |name| format!(", seen by {name}"));
        writeln!(out, "{}: {} at {}{by}: {count}, {admin} admin", context.name, context.backend, context.origin)?;
    }
    writeln!(out)?;
    let several = planned.contexts.len() > 1;
    let titles = ["LABEL", "ROLE", "ADMIN", "OWNER", "CREATED", "STATE", "DIES WITH IT", "ID"].map(str::to_owned);
    token::columns(&mut out, titles, planned.tokens.iter().map(|token| cells(token, several)))?;
    out.flush()?;
    Ok(())
}

fn cells(planned: &PlannedToken, several: bool) -> [String; 8] {
    let target = &planned.target;
    let names = |roles: &Vec<Untrusted>| roles.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
    let roles = target.roles.as_ref().map_or_else(|| "not reported".to_owned(), names);
    let owner = match &target.owner {
        Owner::Unknown => "unknown".to_owned(),
        Owner::Known(name) => name.to_string(),
        Owner::Removed(name) => format!("{name} (removed)"),
    };
    let state = match target.state {
        State::Live => "live",
        State::Disabled => "disabled",
        State::Expired => "expired",
        State::Revoked => "revoked",
    };
    let children = match planned.children {
        Some(0) => "-".to_owned(),
        Some(count) => tokens_in_words(count),
        None => "unknown".to_owned(),
    };
    let key = TokenKey { context: planned.context.clone(), id: target.id.clone(), created: target.created };
    [
        target.label.shown().into_owned(),
        roles,
        if planned.admin { "yes" } else { "-" }.to_owned(),
        owner,
        target.created.map_or_else(|| "not reported".to_owned(), token::moment),
        state.to_owned(),
        children,
        token::address(&key, several),
    ]
}
