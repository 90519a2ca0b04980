//! Random faults: no claim contradicts the backend.

use std::collections::BTreeMap;
use std::time::Duration;

use proptest::prelude::*;

use super::config;
use crate::app::message::{Message, Signal};
use crate::app::run::ItemState;
use crate::app::testing::*;
use crate::domain::{
    CredentialSource, Deed, FailureKind, Operation, Outcome, RecordBody, Reply, Sequence, State, Token, TokenId,
    unsettled,
};

/// What can go wrong with one call.
#[derive(Debug, Clone, Copy)]
enum Fault {
    None,
    /// The backend does it, the answer is lost.
    Lost,
    /// It never arrives, and nobody knows.
    Dropped,
    Failed(FailureKind),
    Nonsense,
    /// A list with a page that leads back.
    Circle,
    /// An older answer: a cache before the backend.
    Stale,
}

fn faults() -> impl Strategy<Value = Fault> {
    let second = Duration::from_secs(1);
    prop_oneof![
        10 => Just(Fault::None),
        3 => Just(Fault::Lost),
        3 => Just(Fault::Dropped),
        1 => Just(Fault::Nonsense),
        1 => Just(Fault::Circle),
        1 => Just(Fault::Stale),
        6 => prop::sample::select(vec![
            FailureKind::Credential, FailureKind::Forbidden, FailureKind::NotFound, FailureKind::Changed,
            FailureKind::Refused, FailureKind::Busy(None), FailureKind::Busy(Some(second)),
            FailureKind::Busy(Some(Duration::MAX)), FailureKind::Offline, FailureKind::Tls, FailureKind::TimedOut,
            FailureKind::Server, FailureKind::Protocol, FailureKind::ReadOnly, FailureKind::NotOffered,
        ]).prop_map(Fault::Failed),
    ]
}

#[derive(Debug, Clone)]
enum Turn {
    Answer(usize, Fault),
    Resume,
    Login,
    Cancel,
    Wait,
    Disk(Disk),
    Write,
    /// Somebody else revokes or removes a token.
    Meddle(usize, bool),
    Leave,
}

fn turns() -> impl Strategy<Value = Turn> {
    prop_oneof![
        20 => (0..8_usize, faults()).prop_map(|(at, fault)| Turn::Answer(at, fault)),
        3 => Just(Turn::Resume),
        1 => Just(Turn::Login),
        1 => Just(Turn::Cancel),
        3 => Just(Turn::Wait),
        1 => prop::sample::select(vec![Disk::Works, Disk::Slow, Disk::Full]).prop_map(Turn::Disk),
        2 => Just(Turn::Write),
        1 => (0..8_usize, any::<bool>()).prop_map(|(at, gone)| Turn::Meddle(at, gone)),
        1 => Just(Turn::Leave),
    ]
}

#[expect(clippy::wildcard_enum_match_arm, reason = "any other answer is none to this question")]
fn answer(talk: &mut Talk, at: usize, fault: Fault, before: &BTreeMap<TokenId, Token>) {
    let (call, _, operation) = talk.open[at].clone();
    match fault {
        Fault::Lost => {
            let mut store = std::mem::take(&mut talk.store);
            let _ = talk.backend().answer(&operation, &mut store);
            talk.store = store;
            talk.reply(call, Err(lost()));
        }
        Fault::Dropped => talk.reply(call, Err(lost())),
        // A lie about not being there is nothing that a client could see through.
        Fault::Failed(FailureKind::NotFound) if operation.word() != "list" => talk.serve_at(at),
        Fault::Failed(kind) => talk.reply(call, Err(failure(kind))),
        Fault::Nonsense => talk.reply(call, Ok(Reply::Done)),
        // Some of what there is, and a next page that leads back to this one.
        Fault::Circle if operation.word() == "list" => {
            let some = talk.backend().tokens.iter().step_by(2).cloned().collect();
            let reply = page(&mut talk.store, some, Some("0"));
            talk.reply(call, Ok(reply));
        }
        Fault::None | Fault::Circle => talk.serve_at(at),
        Fault::Stale => match &operation {
            Operation::Get(token) if before.contains_key(token) => {
                talk.reply(call, Ok(Reply::Token(Box::new(before[token].clone()))));
            }
            Operation::List(None) if talk.backend().page >= before.len() => {
                talk.backend().lags = Some(before.values().cloned().collect());
                talk.serve_at(at);
                talk.backend().lags = None;
            }
            _ => talk.serve_at(at),
        },
    }
}

/// Fails where something is claimed of a token that is not so, or was sent without a durable intent.
fn claims_hold(talk: &mut Talk) -> Result<(), TestCaseError> {
    let backend = talk.backend().clone();
    let Some(run) = talk.model.runs.get(0).cloned() else { return Ok(()) };
    for item in &run.items {
        let claimed = matches!(
            item.state(),
            ItemState::Unproved(_) | ItemState::Over(Outcome::Done(_) | Outcome::VerifiedDead | Outcome::AlreadyGone)
        );
        prop_assert!(!claimed || backend.is_dead(&item.frozen.token.id), "{:?} lives", item);
    }
    let t = run.tally();
    prop_assert_eq!(t.all, t.open + t.revoked + t.verified + t.gone + t.changed + t.failed + t.unverified + t.not_sent);
    let mut intents = std::collections::BTreeSet::new();
    for event in &talk.events {
        match event {
            Event::Durable(record) => {
                if let RecordBody::Intent(Deed::Revoke { id, .. }) = &record.body {
                    intents.insert(id.clone());
                }
            }
            Event::Sent(_, _, Operation::Revoke(token)) => {
                prop_assert!(intents.contains(token), "{} was sent without an intent", token);
            }
            Event::Sent(..) => {}
        }
    }
    for record in talk.journal() {
        if let RecordBody::Result {
            of: Sequence(of),
            outcome: Outcome::Done(_) | Outcome::VerifiedDead | Outcome::AlreadyGone,
        } = record.body
        {
            let intent = talk.journal().into_iter().find(|record| record.sequence == Sequence(of));
            if let Some(RecordBody::Intent(Deed::Revoke { id, .. })) = intent.map(|record| record.body) {
                prop_assert!(backend.is_dead(&id), "the journal claims that {} is dead", id);
            }
        }
    }
    Ok(())
}

/// Whether somebody else may change what a list of several pages holds now: a row that leaves between two of its
/// pages hides another one, which no client could see.
fn is_between_pages(talk: &Talk) -> bool {
    let later = |(_, _, operation): &(_, _, Operation)| matches!(operation, Operation::List(Some(_)));
    talk.open.iter().any(later)
}

/// Confirms all tokens, with or without the own credential.
fn confirmed(mut talk: Talk, own: bool) -> Talk {
    talk.press("*");
    if !own {
        talk.go("mine");
        talk.press(" ");
    }
    talk.press("x");
    let expected = talk.confirm().tier.expected().to_owned();
    talk.answer_question(&format!("{expected}<enter>"));
    talk
}

/// Being refused proves the death of the own credential, and of nothing else: a backend that refuses it while it
/// lives tells a lie that no client could see through.
#[expect(clippy::wildcard_enum_match_arm, reason = "the others prove nothing")]
fn would_lie(talk: &Talk, at: usize, fault: Fault) -> bool {
    let proves = |state: &ItemState| matches!(state, ItemState::Listing);
    let is_own = match &talk.open[at].2 {
        Operation::Get(token) => token.raw() == "tk-000self",
        Operation::List(_) => talk.run().items.iter().any(|item| item.frozen.own && proves(item.state())),
        _ => false,
    };
    let stale = matches!(fault, Fault::Stale) && is_between_pages(talk);
    stale || (matches!(fault, Fault::Failed(FailureKind::Credential)) && is_own)
}

/// Lets one turn happen.
fn happen(talk: &mut Talk, turn: &Turn, before: &BTreeMap<TokenId, Token>) {
    match *turn {
        Turn::Answer(at, fault) if !talk.open.is_empty() => {
            let at = at % talk.open.len();
            let fault = if would_lie(talk, at, fault) { Fault::None } else { fault };
            answer(talk, at, fault, before);
        }
        Turn::Resume => talk.press(":resume<enter>"),
        Turn::Login => talk.tell(Message::CredentialKept(name("prod"), CredentialSource::Memory, None)),
        Turn::Cancel if talk.run().is_going() => talk.press("<ctrl-c>"),
        Turn::Answer(..) | Turn::Cancel => {}
        Turn::Wait => talk.wait(2_000),
        Turn::Disk(disk) => talk.disk = disk,
        Turn::Write => talk.write(),
        Turn::Meddle(..) if is_between_pages(talk) => {}
        Turn::Meddle(at, gone) => {
            let tokens = &mut talk.backend().tokens;
            let at = at % tokens.len().max(1);
            if gone && !tokens.is_empty() {
                tokens.remove(at);
            } else if let Some(token) = tokens.get_mut(at) {
                token.state = State::Revoked;
            }
        }
        Turn::Leave => talk.tell(Message::Signal(Signal::Terminate)),
    }
}

/// Lets all turns happen, and then everything that is still to come without a fault.
fn go_on(mut talk: Talk, turns: &[Turn]) -> Result<(), TestCaseError> {
    let before: BTreeMap<TokenId, Token> = talk.backend().tokens.iter().map(|t| (t.id.clone(), t.clone())).collect();
    let full = turns.iter().any(|turn| matches!(turn, Turn::Disk(Disk::Full)));
    for turn in turns {
        happen(&mut talk, turn, &before);
        claims_hold(&mut talk)?;
    }
    let left = talk.model.leaving.is_some();
    talk.disk = Disk::Works;
    for _ in 0..40 {
        talk.write();
        talk.settle();
        if talk.run().is_going() && !left {
            talk.press(":resume<enter>");
        }
        talk.wait(3_000);
    }
    talk.write();
    claims_hold(&mut talk)?;
    if left {
        let quits = talk.others.iter().any(|effect| matches!(effect, crate::app::effect::Effect::Quit(143)));
        prop_assert!(quits);
    } else {
        prop_assert!(!talk.run().is_going(), "{:?}", talk.run());
        let open = unsettled(&talk.journal()).len();
        // A result that the disk did not take leaves its intent open: a next start asks.
        prop_assert!(full || open <= talk.tally().unverified, "{} open: {:?}", open, talk.story());
    }
    Ok(())
}

proptest! {
    #![proptest_config(config(1_000))]

    #[test]
    fn no_claim_contradicts_the_backend(turns in prop::collection::vec(turns(), 1..120), own in any::<bool>()) {
        go_on(confirmed(Talk::usual(), own), &turns)?;
    }

    /// The same where no single token can be read: by lists of one page or several, fresh or not, of backends that
    /// keep dead tokens or forget them.
    #[test]
    fn no_claim_by_the_list_contradicts_the_backend(
        turns in prop::collection::vec(turns(), 1..120),
        own in any::<bool>(),
        page in prop::sample::select(vec![1_000, 3]),
        age in prop::sample::select(vec![0, 60_000]),
        forgets in any::<bool>(),
    ) {
        let mut talk = Talk::over(vec![(by_list("prod"), usual())]);
        talk.wait(age);
        (talk.backend().page, talk.backend().forgets) = (page, forgets);
        let talk = confirmed(talk, own);
        go_on(talk, &turns)?;
    }
}
