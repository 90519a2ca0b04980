//! The list changes between look and Enter: lists of one page or several, of backends that read single tokens or do not.
//!
//! What a program was told last of a token is all that it can know. So it is held against that: no revocation leaves
//! for a token whose id, moment of creation or label was another in the last answer than in the question.

use std::collections::BTreeMap;

use jiff::Timestamp;
use proptest::prelude::*;

use super::config;
use super::shown::{Change, apply, asked, changes};
use crate::app::modal::{Confirm, Modal};
use crate::app::testing::*;
use crate::domain::{Operation, Token, TokenId};

/// What may come between any two of: picture, key, question, typed word, Enter.
#[derive(Debug, Clone)]
enum Step {
    Change(Change),
    /// Somebody revokes the first, and another one comes with its id, under its label or another.
    Replace(usize, bool),
    Press(&'static str),
    /// Types what the question wants, but for Enter.
    Type,
    Enter,
    Wait(i64),
    Serve(usize),
    Release,
}

fn steps() -> impl Strategy<Value = Step> {
    let keys = [
        "x",
        "x",
        "x",
        " ",
        "*",
        "j",
        "k",
        "G",
        "g",
        "R",
        ">",
        "s",
        "u",
        "/a<enter>",
        "/<esc>",
        "<ctrl-r>",
        "<esc>",
        "r",
    ];
    prop_oneof![
        6 => changes().prop_map(Step::Change),
        2 => (0..12_usize, any::<bool>()).prop_map(|(at, same)| Step::Replace(at, same)),
        8 => prop::sample::select(keys.to_vec()).prop_map(Step::Press),
        5 => Just(Step::Type),
        5 => Just(Step::Enter),
        3 => prop::sample::select(vec![1, 300, 400, 1_000, 11_000]).prop_map(Step::Wait),
        12 => (0..8_usize).prop_map(Step::Serve),
        4 => Just(Step::Release),
    ]
}

/// What identifies a token to a person.
type Face = (Option<Timestamp>, String);

fn face(token: &Token) -> Face {
    (token.created, token.label.raw().to_owned())
}

/// What the program was told, and what it showed in the question that became the run.
#[derive(Default)]
struct Watch {
    told: BTreeMap<TokenId, Face>,
    confirmed: BTreeMap<TokenId, Face>,
    seen: usize,
    sent: usize,
}

impl Watch {
    /// Answers a call with what is so now, and remembers what was said.
    #[expect(clippy::wildcard_enum_match_arm, reason = "the others tell nothing of what a token is")]
    fn serve(&mut self, talk: &mut Talk, at: usize) {
        let operation = talk.open[at].2.clone();
        let backend = talk.backend();
        match &operation {
            Operation::Get(id) => {
                self.told.remove(id);
                self.told.extend(backend.get(id).map(|token| (id.clone(), face(token))));
            }
            Operation::List(cursor) => {
                let from = cursor.as_ref().map_or(0, |cursor| cursor.raw().parse().expect("a cursor of ours"));
                let rows = backend.tokens.iter().skip(from).take(backend.page);
                self.told.extend(rows.map(|token| (token.id.clone(), face(token))));
            }
            _ => {}
        }
        talk.serve_at(at);
    }

    /// Looks at what a step sent.
    fn look(&mut self, talk: &Talk) -> Result<(), TestCaseError> {
        for event in &talk.events[self.seen..] {
            if let Event::Sent(_, _, Operation::Revoke(id)) = event {
                self.sent += 1;
                prop_assert!(self.confirmed.contains_key(id), "{} was not in the question", id);
                prop_assert_eq!(self.told.get(id), self.confirmed.get(id), "{} is another one by now", id);
            }
        }
        self.seen = talk.events.len();
        Ok(())
    }
}

fn question(talk: &Talk) -> Option<&Confirm> {
    match talk.model.modals.last() {
        Some(Modal::Confirm(confirm)) => Some(confirm),
        _ => None,
    }
}

fn replace(backend: &mut Backend, at: usize, same: bool, number: usize) {
    let all = backend.tokens.len();
    if let Some(token) = backend.tokens.get_mut(at % all.max(1)) {
        let second = i64::try_from(number).expect("small");
        token.created = dawn().checked_sub(jiff::SignedDuration::from_secs(second)).ok();
        if !same {
            token.label = format!("again {number}").as_str().into();
        }
    }
}

fn happen(talk: &mut Talk, watch: &mut Watch, number: usize, step: &Step) {
    match step {
        Step::Change(change) => apply(talk.backend(), change, number),
        Step::Replace(at, same) => replace(talk.backend(), *at, *same, number),
        Step::Press(keys) => talk.press(keys),
        Step::Type => {
            if let Some(word) = question(talk).map(|confirm| confirm.tier.expected().to_owned()) {
                talk.press(&word);
            }
        }
        Step::Enter if question(talk).is_some() => talk.press("<enter>"),
        Step::Wait(millis) => talk.wait(*millis),
        Step::Serve(at) if !talk.open.is_empty() => watch.serve(talk, at % talk.open.len()),
        Step::Enter | Step::Serve(_) => {}
        Step::Release => drop(talk.release()),
    }
}

/// Lets all steps happen; how many revocations left.
fn go_on(mut talk: Talk, steps: &[Step]) -> Result<usize, TestCaseError> {
    let mut watch = Watch::default();
    watch.told.extend(talk.backend().tokens.iter().map(|token| (token.id.clone(), face(token))));
    for (number, step) in steps.iter().enumerate() {
        let question = asked(&talk);
        let run =
            |talk: &Talk| talk.model.runs.get(0).map(|run| (run.began, run.items.first().cloned().map(|i| i.frozen)));
        let before = run(&talk);
        happen(&mut talk, &mut watch, number, step);
        if run(&talk) != before {
            let tokens = question.expect("a run comes from a question on screen");
            let faces = tokens.into_iter().map(|frozen| (frozen.token.id.clone(), face(&frozen.token)));
            watch.confirmed = faces.collect();
        }
        watch.look(&talk)?;
    }
    Ok(watch.sent)
}

/// A conversation over the usual tokens, by pages of this size.
fn talk(by_list_only: bool, page: usize, holds: bool) -> Talk {
    let context = if by_list_only { by_list("prod") } else { context("prod") };
    let mut talk = Talk::over(vec![(context, usual())]);
    (talk.backend().page, talk.holds) = (page, holds);
    talk
}

proptest! {
    #![proptest_config(config(1_000))]

    #[test]
    fn nothing_is_sent_for_a_token_that_is_another_than_the_question_showed(
        steps in prop::collection::vec(steps(), 1..60),
        by_list_only in any::<bool>(),
        page in prop::sample::select(vec![1_000, 3, 2]),
        holds in any::<bool>(),
    ) {
        go_on(talk(by_list_only, page, holds), &steps)?;
    }
}

/// The same steps without meddling send something: the property is about what happens.
#[test]
fn a_question_that_is_answered_is_acted_upon() {
    let confirms = [Step::Press("x"), Step::Wait(400), Step::Type, Step::Enter];
    let serves = std::iter::repeat_n(Step::Serve(0), 4);
    let steps: Vec<Step> = confirms.into_iter().chain(serves).collect();
    for by_list_only in [false, true] {
        assert_eq!(go_on(talk(by_list_only, 1_000, false), &steps).ok(), Some(1), "{by_list_only}");
    }
}
