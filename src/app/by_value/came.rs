//! What the answers of a host mean for a value that is being revoked.

use super::{ByValue, Next, Stage, find, find_mut, go, record, set, weight};
use crate::app::effect::Effect;
use crate::app::identify::{Answered, Hit, How, identifying, read};
use crate::app::modal::own_token;
use crate::app::model::Model;
use crate::app::tokens::RowNote;
use crate::app::{activity, answers, loading, reading};
use crate::domain::retry::{LONGEST_WAIT, MAX_ATTEMPTS};
use crate::domain::{
    ContextName, Deed, Failure, FailureKind, Identity, Outcome, Reached, RecordBody, Reply, State, Token, TokenKey,
    escape,
};
use std::time::Duration;

/// How often a value is sent whose answer was lost, and which still lives.
const TRIES: u32 = 3;
/// How often one is sent of which the host says that it is dead, and which it takes nevertheless.
const TOLD_TRIES: u32 = 2;

/// What a host says of a value.
enum Seen {
    /// It lives, and is this token where the host tells.
    Alive(Option<TokenKey>),
    /// It does not, or never did there.
    Dead,
    /// That could not be asked.
    Unknown(Failure),
}

/// Takes an answer.
pub(in crate::app) fn answered(
    model: &mut Model,
    number: u64,
    result: Result<Reply, Failure>,
    effects: &mut Vec<Effect>,
) {
    let Some(one) = find(model, number).filter(|one| one.awaits(number)) else { return };
    match one.stage {
        Stage::Looking => looked(model, number, result, effects),
        Stage::Sending => sent(model, number, result, effects),
        Stage::Proving => proved(model, number, result, effects),
        Stage::Recording(_) | Stage::Later(..) | Stage::Over(_) | Stage::Kept(_) => {}
    }
}

fn seen(model: &mut Model, number: u64, result: Result<Reply, Failure>) -> Seen {
    let Some(one) = find(model, number) else { return Seen::Unknown(answers::nonsense()) };
    let name = one.context.clone();
    let own = own_token(model, &name);
    let is_own = own.is_some() && own == one.deed.id();
    match result {
        Ok(Reply::Token(token)) if token.state == State::Revoked => {
            answers::put(model, &name, &token);
            Seen::Dead
        }
        // The own credential proves its death by being refused.
        Err(failure) if is_own && failure.kind == FailureKind::Credential => Seen::Dead,
        Ok(Reply::Identity(identity)) if identity.token.is_some() => {
            let Identity { token: Some(id), .. } = *identity else { return Seen::Alive(None) };
            let row = model.tokens.inventory.find_id(&name, id.raw());
            let listed = row.and_then(|row| model.tokens.inventory.key(row));
            Seen::Alive(Some(listed.unwrap_or(TokenKey { context: name, id, created: None })))
        }
        result => match read(model, &name, result) {
            Answered::Is(token) => Seen::Alive(Some(token)),
            Answered::Lives(_) => Seen::Alive(None),
            Answered::Refused | Answered::Unknown => Seen::Dead,
            Answered::Failed(failure) => Seen::Unknown(failure),
            Answered::Asking(_) => Seen::Unknown(answers::nonsense()),
        },
    }
}

/// Takes what the host says before anything is sent that would revoke.
fn looked(model: &mut Model, number: u64, result: Result<Reply, Failure>, effects: &mut Vec<Effect>) {
    match seen(model, number, result) {
        Seen::Dead => keep(model, number, "it is not known there: dead, or never one of its tokens"),
        Seen::Alive(token) => match changes(model, number, token) {
            Some(why) => keep(model, number, &why),
            None => record(model, number, effects),
        },
        // Who may not look may still be allowed to revoke: then nothing is proved.
        Seen::Unknown(failure) if failure.kind == FailureKind::Forbidden => {
            if let Some(one) = find_mut(model, number) {
                one.way = None;
                one.unproved = Some(failure.to_string());
            }
            record(model, number, effects);
        }
        Seen::Unknown(failure) if waits(model, number, &failure, Next::Look) => {}
        Seen::Unknown(failure) => keep(model, number, &failure.to_string()),
    }
}

/// Notes which token the value is; returns why another question has to be answered first.
fn changes(model: &mut Model, number: u64, token: Option<TokenKey>) -> Option<String> {
    let token = token?;
    found(model, number, &token);
    let one = find(model, number)?;
    let now = weight(model, &one.context, Some(&token));
    let before = one.deed.id().cloned();
    if before.is_some_and(|before| before != token.id) {
        return Some("the host says that it is another token than the list says: look again".to_owned());
    }
    if now > one.confirmed {
        let what = if now == super::Weight::Own { "your own credential" } else { "a token that counts as admin" };
        return Some(format!("it turned out to be {what}: ask again"));
    }
    if let Some(ByValue { deed: Deed::RevokeValue { id, created, .. }, .. }) = find_mut(model, number) {
        (*id, *created) = (Some(token.id), token.created);
    }
    None
}

/// Tells on screen which token a value is.
fn found(model: &mut Model, number: u64, token: &TokenKey) {
    let finding = identifying(model).and_then(|screen| screen.findings.iter_mut().find(|f| f.ends.contains(&number)));
    if let Some(finding) = finding {
        finding.hits.retain(|hit| hit.token != *token);
        finding.hits.insert(0, Hit { token: token.clone(), how: How::Told });
    }
}

/// Takes the answer to the revocation itself.
fn sent(model: &mut Model, number: u64, result: Result<Reply, Failure>, effects: &mut Vec<Effect>) {
    let trouble = match result {
        Ok(Reply::Revoked { already_gone, .. }) => {
            let outcome = if already_gone { Outcome::AlreadyGone } else { Outcome::Done(None) };
            note(model, number, None);
            write(model, number, &outcome, effects);
            mark(model, number, RowNote::Revoked);
            let asks = find(model, number).is_some_and(|one| one.way.is_some());
            return if asks { go(model, number, Next::Prove, effects) } else { over(model, number, outcome, effects) };
        }
        Ok(_) => answers::nonsense().maybe_reached(),
        Err(failure) => failure,
    };
    if waits(model, number, &trouble, Next::Send) {
        return;
    }
    // What became of it is not known: that is for the host to say when it is asked.
    if trouble.reached == Reached::Maybe || trouble.kind == FailureKind::NotFound {
        note(model, number, Some(trouble));
        let Some(one) = find(model, number) else { return };
        return match (one.way, one.tries, &one.trouble) {
            (Some(_), ..) => go(model, number, Next::Prove, effects),
            (None, tries, Some(lost)) if tries < TRIES && lost.reached == Reached::Maybe => {
                go(model, number, Next::Send, effects);
            }
            (None, tries, Some(lost)) if lost.reached == Reached::Maybe => {
                let why = format!("{lost}; sent {tries} times, and nothing there tells whether it lives");
                over(model, number, Outcome::Unverified(why), effects);
            }
            (None, _, lost) => {
                let why = lost.as_ref().map(ToString::to_string).unwrap_or_default();
                over(model, number, Outcome::Failed(why), effects);
            }
        };
    }
    over(model, number, Outcome::Failed(trouble.to_string()), effects);
}

/// Notes that the request was answered, and why the answer leaves it unknown what became of the value.
fn note(model: &mut Model, number: u64, trouble: Option<Failure>) {
    let now = model.now;
    if let Some(one) = find_mut(model, number) {
        (one.answered, one.trouble) = (Some(now), trouble);
    }
}

/// Takes what the host says when it is asked again. It was seen alive there before it was sent.
fn proved(model: &mut Model, number: u64, result: Result<Reply, Failure>, effects: &mut Vec<Effect>) {
    let seen = seen(model, number, result);
    let Some(one) = find(model, number) else { return };
    let (told, tries, trouble) = (one.is_told(), one.tries, one.trouble.clone());
    match seen {
        Seen::Dead if trouble.as_ref().is_some_and(|trouble| trouble.kind == FailureKind::NotFound) => {
            mark(model, number, RowNote::Gone);
            over(model, number, Outcome::AlreadyGone, effects);
        }
        Seen::Dead => {
            mark(model, number, RowNote::VerifiedDead);
            over(model, number, Outcome::VerifiedDead, effects);
        }
        // The lost request had no effect: the same one may be sent again.
        Seen::Alive(_) if !told && tries < TRIES => go(model, number, Next::Send, effects),
        Seen::Alive(_) if looks_again(model, number) => {}
        // A leader that died may have taken the revocation with it.
        Seen::Alive(_) if told && tries < TOLD_TRIES => go(model, number, Next::Send, effects),
        Seen::Alive(_) if told => {
            let why = format!("{} s later the host still takes it", reading::PATIENCE.as_secs());
            lives_again(model, number);
            over(model, number, Outcome::StillAnswering(why), effects);
        }
        Seen::Alive(_) => {
            let why = trouble.map_or_else(String::new, |trouble| trouble.to_string());
            over(model, number, Outcome::Failed(format!("{why}; sent {tries} times, and it still lives")), effects);
        }
        Seen::Unknown(failure) if waits(model, number, &failure, Next::Prove) || looks_again(model, number) => {}
        Seen::Unknown(failure) => unproved(model, number, &failure.to_string(), effects),
    }
}

/// Has the host asked once more a little later; tells whether patience lasts.
fn looks_again(model: &mut Model, number: u64) -> bool {
    let now = model.now;
    let since = find(model, number).and_then(|one| one.answered);
    let Some(moment) = since.and_then(|since| reading::look_again(since, now)) else { return false };
    set(model, number, Stage::Later(moment, Next::Prove));
    true
}

/// Waits where the host asks for it, so often and so long as anybody sits through; tells whether it does.
fn waits(model: &mut Model, number: u64, failure: &Failure, next: Next) -> bool {
    let FailureKind::Busy(wait) = failure.kind else { return false };
    let wait = wait.unwrap_or(Duration::from_secs(1));
    let Some(moment) = loading::later(model.now, wait).filter(|_| wait <= LONGEST_WAIT) else { return false };
    let Some(one) = find_mut(model, number).filter(|one| one.waits < MAX_ATTEMPTS) else { return false };
    one.waits += 1;
    one.stage = Stage::Later(moment, next);
    true
}

/// Nothing more can be said of a value that was sent: it is not called dead, and not called alive.
fn unproved(model: &mut Model, number: u64, why: &str, effects: &mut Vec<Effect>) {
    let Some(one) = find_mut(model, number) else { return };
    if one.is_told() {
        one.unproved = Some(why.to_owned());
        over(model, number, Outcome::Done(None), effects);
    } else {
        over(model, number, Outcome::Unverified(why.to_owned()), effects);
    }
}

/// The program is left before it is known what became of a value.
pub(super) fn left(model: &mut Model, number: u64, effects: &mut Vec<Effect>) {
    let Some(one) = find(model, number) else { return };
    match (one.answered, one.intent) {
        (None, None) => return keep(model, number, "the program was left"),
        (None, Some(_)) => return over(model, number, Outcome::NotSent, effects),
        (Some(_), _) => {}
    }
    unproved(model, number, "the program was left before it was asked again", effects);
}

/// Gives a value its outcome, writes it, and lets go of the value.
pub(super) fn over(model: &mut Model, number: u64, outcome: Outcome, effects: &mut Vec<Effect>) {
    // What the host said was written when it said it.
    let written =
        matches!(outcome, Outcome::Done(_) | Outcome::AlreadyGone) && find(model, number).is_some_and(ByValue::is_told);
    if !written {
        write(model, number, &outcome, effects);
    }
    let Some(one) = find_mut(model, number) else { return };
    if matches!(outcome, Outcome::Done(_)) && one.unproved.is_none() {
        one.unproved = Some("nothing there tells whether a value lives".to_owned());
    }
    end(model, number, Stage::Over(outcome));
}

/// Ends before anything was sent that would revoke.
pub(super) fn keep(model: &mut Model, number: u64, why: &str) {
    end(model, number, Stage::Kept(why.to_owned()));
}

fn end(model: &mut Model, number: u64, stage: Stage) {
    let Some(one) = find_mut(model, number) else { return };
    one.stage = stage;
    one.value = None;
    let text = format!("{} at {}: {}", escape(one.deed.label()), one.context, one.words());
    model.messages.say(model.now, text);
}

fn write(model: &mut Model, number: u64, outcome: &Outcome, effects: &mut Vec<Effect>) {
    let Some(one) = find(model, number) else { return };
    let (name, outcome) = (one.context.clone(), outcome.clone());
    if let Some(of) = one.intent {
        activity::record(model, &name, RecordBody::Result { of, outcome }, effects);
    }
}

/// Returns the token of a value, where it is in a list.
fn token(model: &Model, number: u64) -> Option<(ContextName, Token)> {
    let one = find(model, number)?;
    let Deed::RevokeValue { id: Some(id), created, .. } = &one.deed else { return None };
    let key = TokenKey { context: one.context.clone(), id: id.clone(), created: *created };
    let row = model.tokens.inventory.find(&key)?;
    Some((one.context.clone(), model.tokens.inventory.token(row)?))
}

/// Shows the token of a value as revoked.
fn mark(model: &mut Model, number: u64, words: RowNote) {
    let Some((name, token)) = token(model, number) else { return };
    let dead = Token { state: State::Revoked, ..token };
    model.tokens.revoked_here.insert(dead.key(&name), dead.clone());
    let row = answers::put(model, &name, &dead);
    model.tokens.notes.insert(row, words);
}

/// Takes back what the table says of it.
fn lives_again(model: &mut Model, number: u64) {
    let Some((name, token)) = token(model, number) else { return };
    model.tokens.revoked_here.remove(&token.key(&name));
    let row = answers::put(model, &name, &Token { state: State::Live, ..token });
    model.tokens.notes.insert(row, RowNote::StillAnswering);
}
