//! Holds what the program said against what the server holds and did.

use super::proxy::Heard;
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

/// What was asked of the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operation {
    List,
    Create,
    Rotate,
    Revoke,
    Bulk,
}

/// Tokens by id: label, and whether they live.
pub(super) type Tokens = BTreeMap<String, (String, bool)>;

/// Everything that is known of one attempt.
#[derive(Clone, Debug)]
pub(super) struct Facts {
    pub(super) operation: Operation,
    /// The exit code; `None` where a signal ended it, or it had to be ended.
    pub(super) code: Option<i32>,
    pub(super) out: String,
    pub(super) err: String,
    /// The ids that were meant; none for a list or a creation.
    pub(super) chosen: Vec<String>,
    /// The label of what is created.
    pub(super) label: String,
    pub(super) before: Tokens,
    pub(super) after: Tokens,
    /// What the audit log says was done with the program's credential: action and token.
    pub(super) done: Vec<(String, String)>,
    /// What the proxy heard.
    pub(super) heard: Vec<Heard>,
    /// Whether the server accepts the secret that the program printed; `None` where it printed none.
    pub(super) new_accepted: Option<bool>,
    /// How long it took, and how long it may.
    pub(super) took: Duration,
    pub(super) may_take: Duration,
}

/// Returns everything that is wrong with it.
pub(super) fn judge(facts: &Facts) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut hold = |holds: bool, what: String| wrong.extend((!holds).then_some(what));
    match facts.code {
        None => hold(false, "it did not end by itself".to_owned()),
        Some(code) => hold([0, 2, 3, 4, 5, 6, 7].contains(&code), format!("it ended with {code}")),
    }
    hold(!facts.err.contains("panicked"), "it panicked".to_owned());
    hold(facts.took <= facts.may_take, format!("it took {:?} of {:?}", facts.took, facts.may_take));
    hold(facts.code == Some(0) || !facts.err.trim().is_empty() || !facts.out.is_empty(), "it said nothing".to_owned());
    let meant = |(action, id): &&(String, String)| match facts.operation {
        Operation::List => false,
        Operation::Create => action == "token.created",
        Operation::Rotate => action == "token.rotated" && facts.chosen.contains(id),
        Operation::Revoke | Operation::Bulk => action == "token.revoked" && facts.chosen.contains(id),
    };
    for other in facts.done.iter().filter(|deed| !meant(deed)) {
        hold(false, format!("it did {other:?}, which nobody asked for"));
    }
    match facts.operation {
        Operation::List => list(facts, &mut hold),
        Operation::Create => create(facts, &mut hold),
        Operation::Rotate => rotate(facts, &mut hold),
        Operation::Revoke | Operation::Bulk => revoke(facts, &mut hold),
    }
    wrong
}

fn list(facts: &Facts, hold: &mut impl FnMut(bool, String)) {
    let Ok(rows) = serde_json::from_str::<Vec<Value>>(if facts.out.is_empty() { "[]" } else { &facts.out }) else {
        return hold(false, format!("no array was printed: {}", facts.out));
    };
    let mut told = BTreeSet::new();
    for row in &rows {
        let (id, label) = (text(row, "id"), text(row, "label"));
        let there = facts.after.get(id);
        let lives = row["status"] != "revoked";
        hold(there.is_some_and(|there| (there.0.as_str(), there.1) == (label, lives)), format!("{row} is not so"));
        hold(told.insert(id), format!("{id} is told twice"));
    }
    let whole = told.len() == facts.after.len();
    hold(facts.code != Some(0) || whole, format!("{} of {} are called all", told.len(), facts.after.len()));
}

fn create(facts: &Facts, hold: &mut impl FnMut(bool, String)) {
    let made = facts.after.iter().filter(|(id, held)| !facts.before.contains_key(*id) && held.0 == facts.label);
    let made: Vec<&String> = made.map(|(id, _)| id).collect();
    once(facts, hold);
    open_or_done(facts, !made.is_empty(), hold);
    if facts.code == Some(0) {
        let printed: Value = serde_json::from_str(&facts.out).unwrap_or_default();
        hold(made.iter().any(|id| **id == text(&printed, "id")), format!("there is none like {printed}"));
        hold(facts.new_accepted == Some(true), "the secret is not accepted".to_owned());
    }
    let denied = facts.err.contains("it was not created");
    hold(made.is_empty() || !denied, format!("{made:?} is there, and is said not to be"));
    hold(!made.is_empty() || !facts.err.contains("it was made"), "none is there that \"was made\"".to_owned());
}

fn rotate(facts: &Facts, hold: &mut impl FnMut(bool, String)) {
    once(facts, hold);
    open_or_done(facts, !facts.done.is_empty(), hold);
    if facts.code == Some(0) {
        // A secret that was replaced by the same request, sent twice by somebody else, is not the program's to know.
        let doubled = facts.heard.iter().any(|heard| heard.forwarded > 1);
        hold(doubled || facts.new_accepted == Some(true), "the new secret is not accepted".to_owned());
    }
}

/// What may not be repeated left the program once.
fn once(facts: &Facts, hold: &mut impl FnMut(bool, String)) {
    let sent = facts.heard.iter().filter(|heard| heard.method != "GET").count();
    hold(sent <= 1, format!("it was sent {sent} times"));
}

/// What was done is either said to be done, or said not to be known.
fn open_or_done(facts: &Facts, done: bool, hold: &mut impl FnMut(bool, String)) {
    hold(facts.code != Some(0) || done, "it is said to be done, and is not".to_owned());
    let open = ["left open", "is not known", "was lost", "is not stored"].iter().any(|words| facts.err.contains(words));
    hold(facts.code == Some(0) || !done || open, format!("it was done, and is said to have failed: {}", facts.err));
}

fn revoke(facts: &Facts, hold: &mut impl FnMut(bool, String)) {
    let lines: Result<Vec<Value>, _> = facts.out.lines().map(serde_json::from_str).collect();
    let Ok(lines) = lines else { return hold(false, format!("no lines of JSON were printed: {}", facts.out)) };
    let dead = |id: &str| facts.after.get(id).is_none_or(|held| !held.1);
    let ours = |id: &str| facts.done.iter().any(|(_, token)| token == id);
    let mut told = BTreeSet::new();
    for line in &lines {
        let (id, reason) = (text(line, "id"), line["reason"].as_str().unwrap_or_default());
        hold(facts.chosen.iter().any(|chosen| chosen == id) && told.insert(id), format!("{line} was not asked for"));
        let holds = match (text(line, "outcome"), line["verified"] == true) {
            ("revoked" | "already gone", true) => dead(id),
            // Whoever says that it still lives does not call it dead.
            ("revoked" | "already gone" | "still answering", false) => dead(id) || reason.contains("alive"),
            ("failed" | "changed", false) => !ours(id),
            ("unverified", false) => true,
            _ => false,
        };
        let state = (dead(id), ours(id));
        hold(holds, format!("{line} is not so: (dead, by its credential) is {state:?}"));
        let well = ["revoked", "already gone"].contains(&text(line, "outcome"));
        hold(facts.code != Some(0) || well, format!("{line}, and all is well"));
    }
    hold(facts.code != Some(0) || told.len() == facts.chosen.len(), format!("{told:?} is not all"));
    hold(!lines.is_empty() || facts.done.is_empty(), format!("{:?} was done without a word", facts.done));
    let all = lines.is_empty() || told.len() == facts.chosen.len();
    hold(all, format!("nothing is said of some of {:?}: {told:?}", facts.chosen));
}

fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value[key].as_str().unwrap_or_default()
}
