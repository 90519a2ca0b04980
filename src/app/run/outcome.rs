//! What the answers to a run's calls mean for its tokens.

use super::step::{item, item_mut, item_row, may_send, pause, prove, set};
use super::written::record;
use super::{Item, ItemState, Listing, Phase, Place, listed, written};
use crate::app::effect::Effect;
use crate::app::modal::{Modal, Purpose, Report, Reread};
use crate::app::model::Model;
use crate::app::tokens::RowNote;
use crate::app::{answers, loading, modal, reading};
use crate::domain::retry::LONGEST_WAIT;
use crate::domain::{Failure, FailureKind, Outcome, Reached, Reply, State, Token};
use std::time::Duration;

/// How often a revocation is repeated whose answer was lost and whose token still lives.
pub(super) const TRIES: u32 = 3;

/// How often one is sent that the backend said it did, and whose token it shows alive nevertheless.
const TOLD_TRIES: u32 = 2;

/// Takes what was read just before sending: the same token goes on, another one does not.
pub(super) fn reread(model: &mut Model, at: Place, result: Result<Reply, Failure>, effects: &mut Vec<Effect>) {
    match result {
        Ok(Reply::Token(token)) if token.state == State::Revoked => {
            mark_revoked(model, at.run, &token, RowNote::VerifiedDead);
            over(model, at, Outcome::AlreadyGone, effects);
        }
        Ok(Reply::Token(token)) => {
            let Some(shown) = item(model, at).map(|item| item.frozen.token.clone()) else { return };
            if token.differs_from(&shown) {
                changed(model, at, &token, effects);
            } else if !may_send(model, at.run) {
                back(model, at, effects);
            } else {
                record(model, at, effects);
            }
        }
        Ok(_) => fail(model, at, &answers::nonsense().to_string(), effects),
        // It was there when it was confirmed: one answer alone does not make it gone.
        Err(failure) if failure.kind == FailureKind::NotFound && is_first_miss(model, at) => {
            back(model, at, effects);
        }
        Err(failure) if failure.kind == FailureKind::NotFound => gone(model, at, effects),
        Err(failure) if waits_for(model, at.run, &failure) => back(model, at, effects),
        Err(failure) => refused(model, at, &failure, effects),
    }
}

/// Tells whether a token was not found for the first time. Where the list is read, that counts by itself.
fn is_first_miss(model: &mut Model, at: Place) -> bool {
    if listed::applies(model, at.run) {
        return false;
    }
    let Some(item) = item_mut(model, at) else { return false };
    item.misses += 1;
    item.misses == 1
}

/// Somebody else was faster.
fn gone(model: &mut Model, at: Place, effects: &mut Vec<Effect>) {
    revoked_here(model, at);
    note(model, at, RowNote::Gone);
    over(model, at, Outcome::AlreadyGone, effects);
}

/// Takes the answer to the revocation itself.
pub(super) fn sent(model: &mut Model, at: Place, result: Result<Reply, Failure>, effects: &mut Vec<Effect>) {
    match result {
        Ok(Reply::Revoked { already_gone, .. }) => {
            answered(model, at, None);
            let outcome = if already_gone { Outcome::AlreadyGone } else { Outcome::Done(None) };
            written::result(model, at, &outcome, effects);
            revoked_here(model, at);
            prove(model, at, effects);
        }
        Ok(_) => {
            answered(model, at, Some(answers::nonsense()));
            prove(model, at, effects);
        }
        // Somebody else may have been faster, or what answers is not what knows: that it is gone is for a read to say.
        Err(failure) if failure.kind == FailureKind::NotFound => {
            answered(model, at, Some(failure));
            prove(model, at, effects);
        }
        // What became of it is unknown: a read settles it.
        Err(failure) if failure.reached == Reached::Maybe => {
            answered(model, at, Some(failure));
            prove(model, at, effects);
        }
        Err(failure) if waits_for(model, at.run, &failure) => back(model, at, effects),
        Err(failure) => refused(model, at, &failure, effects),
    }
}

/// Notes that the request was answered, and why the answer leaves it unknown what became of the token.
fn answered(model: &mut Model, at: Place, trouble: Option<Failure>) {
    let now = model.now;
    if let Some(item) = item_mut(model, at) {
        (item.answered, item.trouble) = (Some(now), trouble);
    }
}

/// Takes what the backend says when asked again. What proves nothing is asked again for a while: a standby or a replica
/// that answers may lag behind the one that was told, and says for a moment that a token lives, or something of neither.
pub(super) fn proved(model: &mut Model, at: Place, result: Result<Reply, Failure>, effects: &mut Vec<Effect>) {
    let Some(item) = item(model, at) else { return };
    let (told, own, tries, trouble) = (item.is_told(), item.frozen.own, item.tries, item.trouble.clone());
    // Where it said itself each time that it failed, what it shows is no lag.
    let nowhere = trouble.as_ref().is_some_and(|failure| failure.kind == FailureKind::NotFound);
    let said_so = !told && trouble.as_ref().is_some_and(|failure| failure.kind == FailureKind::Server);
    match result {
        Ok(Reply::Token(token)) if token.state == State::Revoked => {
            mark_revoked(model, at.run, &token, RowNote::VerifiedDead);
            over(model, at, Outcome::VerifiedDead, effects);
        }
        // Its id is that of another one by now, which nobody confirmed.
        Ok(Reply::Token(token)) if is_another(model, at, &token) => dead(model, at, effects),
        // The lost request had no effect: the same revocation may be sent again.
        Ok(Reply::Token(_)) if !told && tries < TRIES => back(model, at, effects),
        Ok(Reply::Token(_)) if !said_so && looks_again(model, at) => {}
        Ok(Reply::Token(token)) if told => still_answering(model, at, &token, "shows it", effects),
        Ok(Reply::Token(_)) => {
            let why = trouble.map_or_else(|| "there was no answer".to_owned(), |failure| failure.to_string());
            over(model, at, Outcome::Failed(format!("{why}; tried {TRIES} times, and it still lives")), effects);
        }
        Ok(_) => unknown(model, at, &answers::nonsense(), effects),
        Err(failure) if failure.kind == FailureKind::NotFound && nowhere => gone(model, at, effects),
        Err(failure) if failure.kind == FailureKind::NotFound => dead(model, at, effects),
        // The own credential proves its death by being refused.
        Err(failure) if own && failure.kind == FailureKind::Credential => own_dead(model, at, effects),
        // The question stays open until it can be asked; nothing that can be known is called unknown.
        Err(failure) if !is_called_off(model, at.run, &failure) && waits_for(model, at.run, &failure) => {
            set(model, at, ItemState::ToProve);
        }
        Err(failure) => unknown(model, at, &failure, effects),
    }
}

/// The question what became of a token was not answered: it is put again for a while, unless the run was called off.
fn unknown(model: &mut Model, at: Place, failure: &Failure, effects: &mut Vec<Effect>) {
    let off = model.runs.get(at.run).is_some_and(|run| run.phase == Phase::Cancelling);
    if off || !looks_again(model, at) {
        unverified(model, at, &failure.to_string(), effects);
    }
}

/// Nothing can be said of a token that was sent: it is not called dead, and not called alive.
pub(super) fn unverified(model: &mut Model, at: Place, reason: &str, effects: &mut Vec<Effect>) {
    if item(model, at).is_some_and(Item::is_told) {
        unproved(model, at, reason);
    } else {
        note(model, at, RowNote::Unverified);
        over(model, at, Outcome::Unverified(reason.to_owned()), effects);
    }
}

/// Takes what there is to know where nothing shows that a token is dead: what the backend answered. A revocation whose
/// answer was lost is sent again.
pub(super) fn unprovable(model: &mut Model, at: Place, why: &str, effects: &mut Vec<Effect>) {
    let Some(item) = item(model, at) else { return };
    match &item.trouble {
        None => unproved(model, at, why),
        Some(_) if item.tries < TRIES => back(model, at, effects),
        Some(failure) => {
            let reason = format!("{failure}; sent {} times, and {why}", item.tries);
            unverified(model, at, &reason, effects);
        }
    }
}

/// Tells whether a backend that uses ids again gave the id to another token.
fn is_another(model: &Model, at: Place, token: &Token) -> bool {
    let shown = item(model, at).and_then(|item| item.frozen.token.created);
    matches!((shown, token.created), (Some(shown), Some(created)) if shown != created)
}

/// The backend said that it revoked a token, and shows it alive for as long as one waits. A leader that died may have
/// taken the revocation with it, so it is sent once more; a second time nobody is told that it is dead.
pub(super) fn still_answering(model: &mut Model, at: Place, now: &Token, how: &str, effects: &mut Vec<Effect>) {
    let going = model.runs.get(at.run).is_some_and(|run| run.phase == Phase::Going);
    let tries = item(model, at).map_or(0, |item| item.tries);
    lives_again(model, at.run, now);
    if going && tries < TOLD_TRIES {
        return back(model, at, effects);
    }
    note(model, at, RowNote::StillAnswering);
    let patience = reading::PATIENCE.as_secs();
    over(model, at, Outcome::StillAnswering(format!("{patience} s later the backend still {how} alive")), effects);
}

/// Takes back what the table says of a token that was told to be revoked.
fn lives_again(model: &mut Model, run: usize, token: &Token) {
    let Some(name) = model.runs.get(run).map(|run| run.context.clone()) else { return };
    model.tokens.revoked_here.remove(&token.key(&name));
    answers::put(model, &name, token);
}

/// Has the backend asked once more a little later; tells whether patience lasts.
fn looks_again(model: &mut Model, at: Place) -> bool {
    let since = item(model, at).and_then(|item| item.answered);
    let Some(moment) = since.and_then(|since| reading::look_again(since, model.now)) else { return false };
    note(model, at, RowNote::StillAnswering);
    set(model, at, ItemState::Later(moment));
    true
}

/// Ends a run when every token of it is over; once all runs are, says what came of them.
pub(super) fn end_if_over(model: &mut Model, at: usize, effects: &mut Vec<Effect>) {
    let Some(run) = model.runs.get_mut(at).filter(|run| run.is_going() && run.tally().open == 0) else { return };
    run.phase = Phase::Over;
    run.list = Listing::default();
    let places = (0..run.items.len()).map(|item| Place { run: at, item });
    written::end(model, at, effects);
    let dead = places.filter(|place| item(model, *place).is_some_and(Item::is_dead));
    let rows: Vec<_> = dead.filter_map(|place| item_row(model, place)).collect();
    for row in rows {
        model.tokens.marks.remove(&row);
    }
    if !model.runs.is_going() {
        conclude(model);
    }
}

/// Says what came of the runs: of one token in words, of several as a report.
fn conclude(model: &mut Model) {
    let all = model.runs.tally().all;
    let single = model.runs.items().next().filter(|_| all == 1).map(|(_, item)| item.clone());
    match single {
        Some(item) if *item.state() == ItemState::Over(Outcome::AlreadyGone) => {
            let text = format!("\"{}\" was gone already: there was nothing left to revoke", item.frozen.token.label);
            model.messages.say(model.now, text);
        }
        Some(item) if item.is_dead() => {
            let proof = if item.is_proved() { "verified dead" } else { "not verified" };
            model.messages.say(model.now, format!("revoked \"{}\": {proof}", item.frozen.token.label));
        }
        Some(item) if *item.state() == ItemState::Over(Outcome::Changed) => {}
        _ if all > 0 => modal::rise(model, Modal::Report(Report::default())),
        _ => {}
    }
}

/// Gives a token that was not revoked its outcome, with the reason.
pub(super) fn fail(model: &mut Model, at: Place, reason: &str, effects: &mut Vec<Effect>) {
    over(model, at, Outcome::Failed(reason.to_owned()), effects);
}

/// Gives a token that was not revoked its outcome, with the failure that is the reason.
pub(super) fn refused(model: &mut Model, at: Place, failure: &Failure, effects: &mut Vec<Effect>) {
    if let Some(item) = item_mut(model, at) {
        item.refused = Some(failure.kind);
    }
    fail(model, at, &failure.to_string(), effects);
}

/// Gives a token its outcome, and writes it to the journal if an intent stands there.
pub(super) fn over(model: &mut Model, at: Place, outcome: Outcome, effects: &mut Vec<Effect>) {
    written::result(model, at, &outcome, effects);
    if let Outcome::Failed(reason) = &outcome {
        note(model, at, RowNote::Failed(reason.clone()));
    }
    if outcome == Outcome::NotSent
        && let Some(item) = item_mut(model, at)
    {
        // That intent has its result: whoever goes on makes another one.
        item.intent = None;
    }
    set(model, at, ItemState::Over(outcome));
}

pub(super) fn dead(model: &mut Model, at: Place, effects: &mut Vec<Effect>) {
    revoked_here(model, at);
    note(model, at, RowNote::VerifiedDead);
    over(model, at, Outcome::VerifiedDead, effects);
}

/// Says that the own credential is dead, which its refusal proves.
pub(super) fn own_dead(model: &mut Model, at: Place, effects: &mut Vec<Effect>) {
    let text = "your own credential is gone, as confirmed";
    model.messages.warn(model.now, text, "type :login to give another one");
    dead(model, at, effects);
}

pub(super) fn unproved(model: &mut Model, at: Place, reason: &str) {
    set(model, at, ItemState::Unproved(reason.to_owned()));
    note(model, at, RowNote::Unverified);
}

/// Waits or pauses for the cause of a failure to go; tells whether it is one that goes.
#[expect(clippy::wildcard_enum_match_arm, reason = "the others are alike")]
pub(super) fn waits_for(model: &mut Model, run: usize, failure: &Failure) -> bool {
    match failure.kind {
        FailureKind::Busy(wait) => {
            let wait = wait.unwrap_or(Duration::from_secs(1));
            let moment = loading::later(model.now, wait);
            if let Some(run) = model.runs.get_mut(run) {
                run.not_before = moment.max(run.not_before);
                run.window.refused();
            }
            // A wait that nobody sits through unasked is the operator's to decide.
            if wait > LONGEST_WAIT {
                pause(model, run, failure.clone());
            }
            true
        }
        FailureKind::Credential | FailureKind::Offline | FailureKind::Tls | FailureKind::TimedOut => {
            pause(model, run, failure.clone());
            true
        }
        _ => false,
    }
}

/// Tells whether a run was called off, so that only a short wait is still waited for.
pub(super) fn is_called_off(model: &Model, run: usize, failure: &Failure) -> bool {
    let off = model.runs.get(run).is_some_and(|run| run.phase == Phase::Cancelling);
    let short = matches!(failure.kind, FailureKind::Busy(wait) if wait.is_none_or(|wait| wait <= LONGEST_WAIT));
    off && !short
}

/// Puts a token back to wait; one whose run was called off is not sent.
pub(super) fn back(model: &mut Model, at: Place, effects: &mut Vec<Effect>) {
    let off = model.runs.get(at.run).is_some_and(|run| run.phase == Phase::Cancelling);
    if off {
        not_sent(model, at, effects);
    } else {
        set(model, at, ItemState::Waiting);
    }
}

/// Calls a token off that is not on its way; an intent that stands in the journal gets its result.
pub(super) fn not_sent(model: &mut Model, at: Place, effects: &mut Vec<Effect>) {
    over(model, at, Outcome::NotSent, effects);
    if let Some(row) = item_row(model, at) {
        model.tokens.notes.remove(&row);
    }
}

/// Somebody changed the token: one goes back to the question, one of many is skipped and listed.
fn changed(model: &mut Model, at: Place, token: &Token, effects: &mut Vec<Effect>) {
    let Some(shown) = item(model, at).map(|item| item.frozen.clone()) else { return };
    over(model, at, Outcome::Changed, effects);
    let (name, single) = (shown.context.clone(), model.runs.tally().all == 1);
    let row = answers::put(model, &name, token);
    model.tokens.notes.insert(row, RowNote::Changed);
    if single {
        let differences = modal::differences(&shown.token, token);
        modal::ask_again(model, row, Purpose::Revoke, Reread::Changed(differences));
    }
}

pub(super) fn note(model: &mut Model, at: Place, note: RowNote) {
    if let Some(row) = item_row(model, at) {
        model.tokens.notes.insert(row, note);
    }
}

/// Shows a token as revoked: the backend said so, or did it.
pub(super) fn mark_revoked(model: &mut Model, run: usize, token: &Token, words: RowNote) {
    let Some(name) = model.runs.get(run).map(|run| run.context.clone()) else { return };
    model.tokens.revoked_here.insert(token.key(&name), token.clone());
    let row = answers::put(model, &name, token);
    model.tokens.notes.insert(row, words);
}

pub(super) fn revoked_here(model: &mut Model, at: Place) {
    let Some(item) = item(model, at) else { return };
    let token = Token { state: State::Revoked, ..item.frozen.token.clone() };
    mark_revoked(model, at.run, &token, RowNote::Revoked);
}
