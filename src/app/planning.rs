//! A revocation that is written down instead of done: the tokens as they are shown, for somebody else to look at.

use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;

use super::contexts::{Asked, ListExtent};
use super::effect::Effect;
use super::incident::{self, Fate};
use super::inventory::Row;
use super::message::PlanFile;
use super::modal::{self, Frozen};
use super::model::{Model, Tab};
use crate::domain::{
    ContextName, Failure, PlannedContext, PlannedToken, RevocationPlan, State, Target, Untrusted, escape,
    tokens_in_words,
};

/// A plan that is or was being written.
#[derive(Debug, Clone, PartialEq)]
pub struct Planning {
    /// How many tokens it is of.
    pub tokens: usize,
    /// How many were chosen and are dead already.
    pub left_out: usize,
    /// Whether the operator's own credential is one of them.
    pub own: bool,
    /// Where it stands.
    pub file: Asked<PlanFile>,
}

/// Writes the marks, or the token under the cursor, to a new file; in an incident what its worklist still has to do.
///
/// # Errors
/// Why there is nothing to write, or what is missing.
pub(super) fn write_chosen(model: &mut Model, file: &str, effects: &mut Vec<Effect>) -> Result<(), String> {
    if file.is_empty() {
        return Err("write the name of a new file: plan FILE".to_owned());
    }
    let rows = if model.tab == Tab::Incident { of_worklist(model)? } else { modal::chosen(model) };
    if rows.is_empty() {
        return Err("there is no token under the cursor".to_owned());
    }
    write(model, &rows, PathBuf::from(file), effects)
}

/// Returns the rows of the worklist that are not dead, in all contexts.
fn of_worklist(model: &mut Model) -> Result<Vec<Row>, String> {
    let Some(open) = &model.incident else { return Err("no incident is open".to_owned()) };
    let alive: Vec<_> =
        open.worklist.iter().filter(|work| !matches!(incident::fate(model, work), Fate::Dead(_))).collect();
    let rows: Vec<Row> = alive.iter().filter_map(|work| work.row).collect();
    let missing = alive.len() - rows.len();
    if rows.is_empty() {
        return Err("nothing of the worklist is alive in a list".to_owned());
    }
    if missing > 0 {
        let text = format!("{missing} of the worklist are in no list now: they are not in the plan");
        model.messages.warn(model.now, text, "look for them with :show ID, or refresh the list");
    }
    Ok(rows)
}

/// Has a plan over these rows written to a new file.
///
/// # Errors
/// Why there is nothing to write.
pub(super) fn write(model: &mut Model, rows: &[Row], file: PathBuf, effects: &mut Vec<Effect>) -> Result<(), String> {
    let plan = make(model, rows)?;
    let (tokens, left_out) = (plan.tokens.len(), rows.len() - plan.tokens.len());
    let own = own(model, &plan).is_some();
    model.planning = Some(Planning { tokens, left_out, own, file: Asked::Asking });
    effects.push(Effect::WritePlan(file, Arc::new(plan)));
    Ok(())
}

/// Freezes rows as a plan. Dead ones are left out.
fn make(model: &Model, rows: &[Row]) -> Result<RevocationPlan, String> {
    let inventory = &model.tokens.inventory;
    let lives = |row: &&Row| inventory.get(**row).is_some_and(|row| row.state() != State::Revoked);
    let rows: Vec<Row> = rows.iter().filter(lives).copied().collect();
    if rows.is_empty() {
        return Err("already revoked: there is nothing to plan".to_owned());
    }
    if rows.len() > RevocationPlan::MOST {
        let most = RevocationPlan::MOST;
        return Err(format!("{} tokens are too many: one plan is of {most} at most; a query narrows them", rows.len()));
    }
    let mut frozen: Vec<Frozen> = rows.iter().filter_map(|row| modal::freeze(model, *row)).collect();
    let mut contexts: Vec<PlannedContext> = Vec::new();
    for name in frozen.iter().map(|frozen| &frozen.context) {
        if contexts.iter().all(|context| context.name != *name) {
            contexts.push(described(model, name)?);
        }
    }
    modal::count_children(model, &mut frozen);
    let tokens = frozen.into_iter().map(|frozen| planned(model, frozen)).collect();
    let open = model.incident.as_ref();
    Ok(RevocationPlan {
        // A plan is for people: parts of a second tell them nothing.
        made: Timestamp::from_second(model.now.as_second()).unwrap_or(model.now),
        incident: open.map(|open| open.ticket.clone()),
        reason: open.filter(|open| !open.reason.is_empty()).map(|open| short(&open.reason).into()),
        tokens,
        contexts,
    })
}

fn short(reason: &str) -> &str {
    &reason[..reason.floor_char_boundary(RevocationPlan::LONGEST_REASON)]
}

/// Describes a context; whoever may only look may plan for those who may do it.
fn described(model: &Model, name: &ContextName) -> Result<PlannedContext, String> {
    let state = model.context(name).ok_or_else(|| format!("there is no context {name}"))?;
    let able = &state.context.capabilities;
    if !able.revoke.offered() {
        return Err(format!("{} cannot revoke over its interface", able.title));
    }
    let named = |name: &&Untrusted| !name.raw().is_empty();
    Ok(PlannedContext {
        name: name.clone(),
        origin: state.context.origin.clone(),
        backend: able.title.as_str().into(),
        principal: state.identity.there().map(|identity| &identity.name).filter(named).cloned(),
    })
}

/// Returns a token as it is written; only a whole list tells how many children it has.
fn planned(model: &Model, frozen: Frozen) -> PlannedToken {
    let whole = model.context(&frozen.context).is_some_and(|state| state.list.extent == ListExtent::Complete);
    PlannedToken {
        target: Target::from(&frozen.token),
        context: frozen.context,
        admin: frozen.admin,
        parent: frozen.token.parent,
        children: whole.then_some(frozen.children),
    }
}

/// Takes the news that the plan stands in its file, or why it does not.
pub(super) fn written(model: &mut Model, result: Result<PlanFile, Failure>, effects: &mut Vec<Effect>) {
    let Some(planning) = &mut model.planning else { return };
    match result {
        Ok(file) => {
            let (count, left_out) = (planning.tokens, planning.left_out);
            planning.file = Asked::There(file.clone());
            let shown = escape(&file.path.to_string_lossy()).into_owned();
            let left_out = if left_out > 0 { format!("; {left_out} already revoked: left out") } else { String::new() };
            let own = if planning.own { "; your own credential is one of them" } else { "" };
            let text = format!("a plan over {} is in {shown}{left_out}{own}", tokens_in_words(count));
            model.messages.say(model.now, format!("{text}; {} does it", file.command(count)));
            incident::note(
                model,
                &format!("planned to revoke {}: plan {}", tokens_in_words(count), file.sha256),
                effects,
            );
        }
        Err(failure) => {
            planning.file = Asked::Failed(failure.clone());
            model.messages.fail(model.now, &failure);
        }
    }
}

impl PlanFile {
    /// Returns the command that does the plan, as a shell takes it.
    pub fn command(&self, tokens: usize) -> String {
        let path = self.path.to_string_lossy();
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/._-+,@%".contains(&byte);
        let path = if path.bytes().all(plain) && !path.starts_with('-') {
            path.into_owned()
        } else {
            format!("'{}'", escape(&path).replace('\'', r"'\''"))
        };
        format!("`tokendeck apply {path} --confirm {tokens}`")
    }
}

/// Returns the token of a plan that is the operator's own credential; `None` where none is, or that is not known.
pub fn own<'a>(model: &Model, plan: &'a RevocationPlan) -> Option<&'a PlannedToken> {
    plan.tokens.iter().find(|token| modal::own_token(model, &token.context) == Some(&token.target.id))
}

/// Tells whether it is known what became of the plan that is being written.
pub fn is_over(model: &Model) -> bool {
    let settled = |file: &Asked<PlanFile>| matches!(file, Asked::There(_) | Asked::Failed(_));
    model.planning.as_ref().is_none_or(|planning| settled(&planning.file)) && model.recording.is_empty()
}
