//! What holds whatever happens: random lists, keys, faults and messages.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::SignedDuration;
use proptest::prelude::*;

use crate::app::key::tests::keys;
use crate::app::message::{Message, Signal};
use crate::app::modal::{Frozen, Modal, Purpose, QuestionId};
use crate::app::next_wake;
use crate::app::run::ItemState;
use crate::app::testing::*;
use crate::domain::{
    CredentialSource, Deed, FailureKind, Operation, Outcome, Owner, RecordBody, Reply, Sequence, State, Token, TokenId,
    unsettled,
};

/// This many cases, and as many times more as `PROPTEST_CASES` is over 256: 2048 makes 20,000 of 2,500.
fn config(cases: u32) -> ProptestConfig {
    let default = ProptestConfig::default();
    let cases = cases.saturating_mul(default.cases) / 256;
    ProptestConfig { cases, failure_persistence: None, max_shrink_iters: 4_096, ..default }
}

/// Something that somebody else does to the backend's tokens.
#[derive(Debug, Clone)]
enum Change {
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

fn changes() -> impl Strategy<Value = Change> {
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
fn apply(backend: &mut Backend, change: &Change, number: usize) {
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
fn asked(talk: &Talk) -> Option<Vec<Frozen>> {
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
        .run
        .as_ref()
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
        .run
        .as_ref()
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

/// What can be typed at any time.
#[expect(clippy::too_many_lines, reason = "a flat list of what may happen")]
fn storm() -> impl Strategy<Value = Vec<&'static str>> {
    prop::collection::vec(
        prop::sample::select(vec![
            "y",
            "y",
            "y",
            "<enter>",
            "<enter>",
            "x",
            "x",
            "n",
            "q",
            "<esc>",
            "j",
            "k",
            " ",
            "*",
            "u",
            "1",
            "2",
            "8",
            "r",
            "t",
            "e",
            "v",
            "c",
            "d",
            "w",
            "p",
            "a",
            ":",
            "/",
            "?",
            "!",
            "<tab>",
            "<shift-tab>",
            "<up>",
            "<down>",
            "<left>",
            "<right>",
            "<backspace>",
            "<delete>",
            "<home>",
            "<end>",
            "<pgup>",
            "<pgdn>",
            "<ctrl-c>",
            "<ctrl-r>",
            "<ctrl-u>",
            "o",
            "s",
            "V",
            "i",
            "é",
            "\u{202e}",
            "revoke<enter>",
            "disable<enter>",
            "resume<enter>",
            "write<enter>",
        ]),
        1..80,
    )
}

proptest! {
    #![proptest_config(config(2_000))]

    #[test]
    fn a_storm_of_keys_makes_one_intent_a_confirmation_at_most(storm in storm(), gap in 0..2_i64, serve in any::<bool>()) {
        let mut talk = Talk::usual();
        let mut confirmed = 0_usize;
        for text in storm {
            for key in keys(text) {
                let runs = talk.model.run.as_ref().map(|run| run.began);
                talk.tell(Message::Key(key));
                let now = talk.model.run.as_ref().map(|run| run.began);
                if now != runs {
                    confirmed += talk.run().items.len();
                }
                talk.wait(gap);
                if serve && !talk.open.is_empty() {
                    talk.serve_at(0);
                }
            }
        }
        talk.settle();
        let intents = talk.journal().iter().filter(|record| matches!(&record.body, RecordBody::Intent(Deed::Revoke { .. }))).count();
        prop_assert!(intents <= confirmed);
        // Less than the arm delay passed over all of these keys: nothing may have been confirmed.
        if gap == 0 {
            prop_assert_eq!(talk.revoked().len(), 0);
        }
    }
}

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
        Fault::None => talk.serve_at(at),
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
        Fault::Stale => match &operation {
            Operation::Get(token) if before.contains_key(token) => {
                talk.reply(call, Ok(Reply::Token(Box::new(before[token].clone()))));
            }
            _ => talk.serve_at(at),
        },
    }
}

/// Fails where something is claimed of a token that is not so, or was sent without a durable intent.
fn claims_hold(talk: &mut Talk) -> Result<(), TestCaseError> {
    let backend = talk.backend().clone();
    let Some(run) = talk.model.run.clone() else { return Ok(()) };
    for item in &run.items {
        let claimed = matches!(
            item.state,
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

proptest! {
    #![proptest_config(config(1_000))]

    #[test]
    fn no_claim_contradicts_the_backend(turns in prop::collection::vec(turns(), 1..120), own in any::<bool>()) {
        let mut talk = Talk::usual();
        let before: BTreeMap<TokenId, Token> = talk.backend().tokens.iter().map(|t| (t.id.clone(), t.clone())).collect();
        talk.press("*");
        if !own {
            talk.go("mine");
            talk.press(" ");
        }
        talk.press("x");
        let expected = talk.confirm().tier.expected().to_owned();
        talk.answer_question(&format!("{expected}<enter>"));
        let full = turns.iter().any(|turn| matches!(turn, Turn::Disk(Disk::Full)));
        for turn in turns {
            match turn {
                Turn::Answer(at, fault) if !talk.open.is_empty() => {
                    let at = at % talk.open.len();
                    // Being refused proves the death of the own credential, and of nothing else.
                    let is_own = matches!(&talk.open[at].2, Operation::Get(token) if token.raw() == "tk-000self");
                    let lies = matches!(fault, Fault::Failed(FailureKind::Credential)) && is_own;
                    answer(&mut talk, at, if lies { Fault::None } else { fault }, &before);
                }
                Turn::Resume => talk.press(":resume<enter>"),
                Turn::Login => talk.tell(Message::CredentialKept(name("prod"), CredentialSource::Memory, None)),
                Turn::Cancel if talk.run().is_going() => talk.press("<ctrl-c>"),
                Turn::Answer(..) | Turn::Cancel => {}
                Turn::Wait => talk.wait(2_000),
                Turn::Disk(disk) => talk.disk = disk,
                Turn::Write => talk.write(),
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
    }
}

proptest! {
    #![proptest_config(config(2_000))]

    /// Answers that fit no question, files that were never asked for, times that jump: nothing breaks, and nothing
    /// is due for ever.
    #[test]
    fn no_message_breaks_it_and_nothing_is_due_for_ever(
        what in prop::collection::vec((0..25_usize, any::<u16>()), 1..80),
        holds in any::<bool>(),
    ) {
        let mut talk = Talk::over(vec![(context("prod"), usual()), (context("dev"), table("d1 x reader\nd2 y admin"))]);
        talk.holds = holds;
        for (kind, number) in what {
            let small = usize::from(number);
            let fail = || failure([FailureKind::Credential, FailureKind::Offline, FailureKind::Busy(None), FailureKind::NotFound, FailureKind::Local][small % 5]);
            match kind {
                0..=8 => talk.press(["x", "n", "t", "e", "y", "<enter>", "<esc>", "<tab>", "r", "c", "stored<enter>", ":", "/", "q", "*", "j", " ", "v", "<ctrl-r>", "<ctrl-c>", "d", "a"][small % 22]),
                9 | 10 if !talk.open.is_empty() => talk.serve_at(small % talk.open.len()),
                11 if !talk.open.is_empty() => {
                    let call = talk.open[small % talk.open.len()].0;
                    talk.reply(call, Err(if number % 2 == 0 { fail() } else { fail().maybe_reached() }));
                }
                12 if !talk.open.is_empty() => {
                    let call = talk.open[small % talk.open.len()].0;
                    let token = usual()[small % 8].clone();
                    talk.reply(call, Ok([Reply::Done, Reply::Token(Box::new(token)), Reply::Revoked { already_gone: true, also: None }][small % 3].clone()));
                }
                13 => drop(talk.release()),
                14 => talk.tell(Message::Wake),
                15 => talk.wait(i64::from(number)),
                16 => talk.tell(Message::Resize(number % 300, number % 7)),
                17 => talk.copied(),
                18 => talk.tell(Message::CredentialFound(name("dev"), Err(fail()))),
                19 => talk.tell(Message::SecretWritten(Err(fail()))),
                20 => talk.tell(Message::DemoReady(Err(fail()))),
                21 => talk.tell(Message::ContextOpened(Ok(Box::new(context("dev"))))),
                22 => talk.paste(["y", "stored\n", "\u{1b}[31m", ""][small % 4]),
                23 => talk.tell(Message::Shown(QuestionId(u64::from(number)))),
                _ => talk.show(),
            }
            // A program that is leaving is asked nothing any more.
            if talk.model.leaving.is_some() {
                talk.model.leaving = None;
            }
            if let Some(due) = next_wake(&talk.model) {
                let at = due.max(talk.model.now);
                let mut later = talk.model.clone();
                later.now = at;
                let _ = crate::app::update(&mut later, at, Message::Wake);
                let next = next_wake(&later);
                prop_assert!(next.is_none_or(|next| next > at), "due at {at} and again at {next:?}");
            }
        }
    }
}
