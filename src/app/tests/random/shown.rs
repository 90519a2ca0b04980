//! Random lists and meddling: no token dies but the one that was shown.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use proptest::prelude::*;

use super::config;
use crate::app::modal::{Frozen, Modal, Purpose};
use crate::app::testing::*;
use crate::domain::{Operation, Owner, State, Token, TokenId};

/// Something that somebody else does to the backend's tokens.
#[derive(Debug, Clone)]
pub(super) enum Change {
    Insert(usize),
    Remove(usize),
    Rename(usize),
    Owner(usize),
    Role(usize),
    Reuse(usize),
    Switch(usize),
    Swap(usize, usize),
    Turn(usize),
}

pub(super) fn changes() -> impl Strategy<Value = Change> {
    let at = 0..12_usize;
    prop_oneof![
        at.clone().prop_map(Change::Insert),
        at.clone().prop_map(Change::Remove),
        at.clone().prop_map(Change::Rename),
        at.clone().prop_map(Change::Owner),
        at.clone().prop_map(Change::Role),
        at.clone().prop_map(Change::Reuse),
        at.clone().prop_map(Change::Switch),
        (at.clone(), at.clone()).prop_map(|(one, other)| Change::Swap(one, other)),
        at.prop_map(Change::Turn),
    ]
}

#[expect(clippy::wildcard_enum_match_arm, reason = "the others are alike")]
pub(super) fn apply(backend: &mut Backend, change: &Change, number: usize) {
    let tokens = &mut backend.tokens;
    let all = tokens.len().max(1);
    let label = |at: usize| ["alpha", "bravo", "root", "new"][at % 4];
    match *change {
        Change::Insert(at) => {
            let mut token = table(&format!("tk-n{number:05} {} reader", label(at))).remove(0);
            token.created = dawn().checked_sub(SignedDuration::from_secs(i64::try_from(number).expect("small"))).ok();
            tokens.insert(at % all, token);
        }
        Change::Swap(one, other) if !tokens.is_empty() => tokens.swap(one % all, other % all),
        Change::Turn(by) if !tokens.is_empty() => tokens.rotate_left(by % all),
        Change::Remove(at) if !tokens.is_empty() => drop(tokens.remove(at % all)),
        Change::Rename(at) if !tokens.is_empty() => tokens[at % all].label = label(at + number).into(),
        Change::Owner(at) if !tokens.is_empty() => {
            tokens[at % all].owner = Owner::Known(format!("o{number}").as_str().into());
        }
        Change::Role(at) if !tokens.is_empty() => {
            let role = ["reader", "developer", "admin"][(at + number) % 3];
            tokens[at % all].roles = Some(vec![role.into()]);
        }
        Change::Reuse(at) if !tokens.is_empty() => {
            tokens[at % all].created =
                dawn().checked_add(SignedDuration::from_secs(i64::try_from(number).expect("small"))).ok();
        }
        Change::Switch(at) if !tokens.is_empty() => {
            let token = &mut tokens[at % all];
            token.state = if token.state == State::Live { State::Disabled } else { State::Live };
        }
        _ => {}
    }
}

#[derive(Debug, Clone)]
enum Step {
    Change(Change),
    Press(&'static str),
    /// Types what the question in front wants.
    Answer,
    Wait(i64),
    Serve(usize),
    Release,
    Settle,
}

fn steps() -> impl Strategy<Value = Step> {
    let pressed = prop::sample::select(vec![
        "x",
        "x",
        "x",
        "j",
        "k",
        "g",
        "G",
        " ",
        " ",
        "*",
        "i",
        "u",
        "V",
        "y",
        "n",
        "<enter>",
        "<esc>",
        "<ctrl-r>",
        "<ctrl-r>",
        ">",
        "<",
        "R",
        "s",
        "S",
        "o",
        "/a<enter>",
        "/<esc>",
        "v",
        "r",
        "t",
        "2",
        "1",
    ]);
    prop_oneof![
        4 => changes().prop_map(Step::Change),
        8 => pressed.prop_map(Step::Press),
        3 => Just(Step::Answer),
        2 => prop::sample::select(vec![1, 300, 400, 1_000]).prop_map(Step::Wait),
        8 => (0..8_usize).prop_map(Step::Serve),
        5 => Just(Step::Release),
        1 => Just(Step::Settle),
    ]
}

/// The question in front, as far as it matters to what dies.
pub(super) fn asked(talk: &Talk) -> Option<Vec<Frozen>> {
    match talk.model.modals.last() {
        Some(Modal::Confirm(confirm)) if confirm.purpose != Purpose::Rotate && confirm.arming.awaits().is_none() => {
            Some(confirm.tokens.clone())
        }
        _ => None,
    }
}

/// Who watches: what every question showed that became a run, and what every revocation hits.
#[derive(Default)]
struct Watch {
    confirmed: BTreeMap<TokenId, Token>,
    seen: usize,
}

impl Watch {
    /// Looks at what a step did; `before` is the question that was in front.
    fn look(&mut self, talk: &Talk, before: Option<Vec<Frozen>>, began: bool) {
        if began {
            let tokens = before.expect("a run comes from a question on screen");
            self.confirmed = tokens.into_iter().map(|frozen| (frozen.token.id.clone(), frozen.token)).collect();
        }
        for event in &talk.events[self.seen..] {
            if let Event::Sent(_, _, Operation::Revoke(token)) = event {
                let shown = self.confirmed.get(token).unwrap_or_else(|| panic!("{token} was never confirmed"));
                // The last reading before the request is what the backend said; the truth may have moved since.
                let read = talk.model.tokens.inventory.find(&shown.key(&name("prod")));
                let read = read.and_then(|row| talk.model.tokens.inventory.token(row));
                assert!(read.is_none_or(|read| read.id == shown.id && read.created == shown.created));
            }
        }
        self.seen = talk.events.len();
    }
}

/// Lets one step happen, with the backend's truth compared at the moment of each revocation.
fn happen(talk: &mut Talk, watch: &mut Watch, number: usize, step: &Step) {
    let before = asked(talk);
    let runs = talk
        .model
        .runs
        .get(0)
        .map(|run| (run.began, run.items.len(), run.items.first().map(|i| i.frozen.token.clone())));
    match step {
        Step::Change(change) => apply(talk.backend(), change, number),
        Step::Press(text) => talk.press(text),
        Step::Answer => {
            if let Some(Modal::Confirm(confirm)) = talk.model.modals.last() {
                let expected = confirm.tier.expected().to_owned();
                let typed = if expected == "y" { expected } else { format!("{expected}<enter>") };
                talk.press(&typed);
            }
        }
        Step::Wait(millis) => talk.wait(*millis),
        Step::Serve(at) if !talk.open.is_empty() => {
            let at = at % talk.open.len();
            check_truth(talk, at, watch);
            talk.serve_at(at);
        }
        Step::Serve(_) => {}
        Step::Release => drop(talk.release()),
        Step::Settle => {
            while !talk.open.is_empty() {
                check_truth(talk, 0, watch);
                talk.serve_at(0);
                let began = false;
                watch.look(talk, None, began);
            }
        }
    }
    let after = talk
        .model
        .runs
        .get(0)
        .map(|run| (run.began, run.items.len(), run.items.first().map(|i| i.frozen.token.clone())));
    watch.look(talk, before, after != runs);
}

/// A revocation that reaches the backend hits the token that was confirmed, unless it was changed after the last
/// reading: nothing but a version of the backend's own could see that.
fn check_truth(talk: &Talk, at: usize, watch: &Watch) {
    if let (_, context, Operation::Revoke(token)) = &talk.open[at] {
        let shown = watch.confirmed.get(token).expect("it was confirmed");
        let item = talk.run().items.iter().find(|item| item.frozen.token.id == *token).expect("it is in the run");
        assert_eq!(item.frozen.token, *shown);
        assert_eq!(*context, talk.run().context);
    }
}

proptest! {
    #![proptest_config(config(2_500))]

    /// The reading just before a revocation is answered at the moment at which the truth is compared: whatever was
    /// changed between the question and then, no token dies but the one that was shown.
    #[test]
    fn no_token_dies_but_the_one_that_was_shown(steps in prop::collection::vec(steps(), 1..40), holds in any::<bool>()) {
        let mut talk = Talk::usual();
        talk.holds = holds;
        let mut watch = Watch::default();
        for (number, step) in steps.iter().enumerate() {
            let truth = talk.backend().clone();
            let seen = talk.events.len();
            happen(&mut talk, &mut watch, number, step);
            for event in &talk.events[seen.min(talk.events.len())..] {
                if let (Event::Sent(_, _, Operation::Revoke(token)), Step::Serve(_)) = (event, step) {
                    let shown = &watch.confirmed[token];
                    let there = truth.get(token).expect("it was read a moment ago");
                    prop_assert!(!there.differs_from(shown), "{shown:?} was shown, {there:?} is there");
                }
            }
            if let Some(cursor) = talk.model.tokens.cursor {
                prop_assert!(talk.model.tokens.inventory.get(cursor).is_some());
            }
        }
    }
}
