//! A run that is not brought to its end: what stands in the journal, and how a later start goes on with it.

use super::{busy, many, revoke, revoke_one};
use crate::app::message::{Message, Signal};
use crate::app::modal::{Held, Modal};
use crate::app::run::{ItemState, Phase, far};
use crate::app::testing::*;
use crate::domain::{Outcome, Record, RecordBody, Reply, RunEnd, State, unfinished, unsettled};

/// Begins a program over the same backend and what is in the journal of another one.
fn next_start(before: &Talk) -> Talk {
    let backend = before.backends[&name("prod")].clone();
    let mut next = Talk::over(vec![(context("prod"), backend.tokens.clone())]);
    // What was revoked stays so, whoever looks.
    *next.backend() = backend;
    let records: Vec<Record> = before.journal();
    next.written = records.len() as u64;
    next.tell(Message::JournalRead(Ok(records.into()), None));
    next
}

#[test]
fn what_was_confirmed_is_durable_before_anything_is_sent_and_its_end_behind_it() {
    let mut talk = many(600);
    talk.settle();
    let frame = talk.frame();
    assert_eq!(frame[..4], ["run of 600", "targets 256", "targets 256", "targets 88"]);
    assert!(frame[4..604].iter().all(|line| line == "revoke"));
    assert_eq!(frame[604..], ["run over"]);
    assert!(unfinished(&talk.journal()).is_empty());
}

#[test]
fn while_what_was_confirmed_is_being_written_nothing_is_sent() {
    let mut talk = Talk::usual();
    talk.disk = Disk::Slow;
    revoke(&mut talk, &["alpha", "bravo"]);
    talk.serve("get");
    talk.serve("get");
    assert!(talk.revoked().is_empty());
    talk.disk = Disk::Full;
    talk.tell(Message::Wake);
    assert!(matches!(talk.run().phase, Phase::Paused(_)));
    let said = talk.said();
    assert!(said.lines().last().is_some_and(|line| line.starts_with("the revocation is paused")), "{said}");
    assert!(talk.revoked().is_empty() && talk.journal().is_empty());
    // Written anew, under another name.
    talk.disk = Disk::Works;
    talk.press(":resume<enter>");
    talk.settle();
    assert_eq!(talk.tally().verified, 2);
    assert_eq!(talk.frame(), ["run of 2", "targets 2", "revoke", "revoke", "run over"]);
}

#[test]
fn a_killed_run_is_offered_first_and_finished_by_the_next_start() {
    let mut talk = many(20);
    // Some are proved, some sent without an answer, and the rest is not begun.
    for _ in 0..30 {
        talk.serve_at(0);
    }
    while talk.revoked().len() < 18 {
        talk.serve_at(0);
    }
    talk.lose("revoke");
    let before = talk.revoked().len();
    let mut next = next_start(&talk);
    assert!(matches!(next.model.modals.last(), Some(Modal::Recover(_))));
    let [left] = next.model.unfinished.as_slice() else { panic!("{:?}", next.model.unfinished) };
    assert_eq!(left.tokens.len(), 20);
    assert!(far(left).contains("verified dead") && far(left).contains("sent without an answer"), "{}", far(left));
    next.press("r");
    next.settle();
    next.wait(50_000);
    next.settle();
    assert_eq!(next.tally().verified, 20, "{:?}", next.tally());
    // What was sent and came through is not sent again.
    assert!(before + next.revoked().len() <= 20 + 8, "{} and {}", before, next.revoked().len());
    assert_eq!(next.frame().first().map(String::as_str), Some("resumed"));
    let all = [talk.journal(), next.journal()].concat();
    assert!(unfinished(&all).is_empty() && unsettled(&all).is_empty());
}

#[test]
fn what_was_sent_without_an_answer_is_read_before_anything_else_is_sent() {
    let mut talk = Talk::usual();
    revoke(&mut talk, &["alpha", "bravo", "delta"]);
    for _ in 0..3 {
        talk.serve("get");
    }
    let mut next = next_start(&talk);
    next.press("r");
    assert_eq!(next.open.iter().map(|(_, _, operation)| operation.word()).collect::<Vec<_>>(), ["get"; 3]);
    assert!(next.revoked().is_empty());
    next.settle();
    assert_eq!((next.tally().verified, next.revoked().len()), (3, 3));
}

#[test]
fn who_changed_or_took_the_place_of_a_token_is_left_alone() {
    let mut talk = Talk::usual();
    revoke(&mut talk, &["alpha", "bravo", "delta"]);
    talk.serve("get");
    let mut next = next_start(&talk);
    next.backend().change("tk-000001").label = "another".into();
    next.backend().change("tk-000002").owner = crate::domain::Owner::Known("eve".into());
    let heir = next.backend().change("tk-000004");
    heir.created = heir.created.map(|created| created + jiff::SignedDuration::from_secs(60));
    next.press("r");
    next.settle();
    assert_eq!((next.tally().changed, next.revoked().len()), (3, 0), "{:?}", next.tally());
}

#[test]
fn a_run_that_was_called_off_can_be_gone_on_with_at_once_or_given_up() {
    for give_up in [false, true] {
        let mut talk = many(20);
        for _ in 0..12 {
            talk.serve_at(0);
        }
        talk.press("<ctrl-c>");
        talk.settle();
        let dead = talk.tally().verified;
        assert!(dead > 0 && talk.tally().not_sent > 0);
        talk.press("<esc>");
        assert_eq!(talk.model.unfinished.len(), 1);
        // Until then nothing else is revoked in that context.
        talk.go("label-019");
        talk.press("x");
        assert!(matches!(&talk.confirm().held, Held::Because(why) if why.contains(":resume")));
        talk.press("<esc>");
        talk.press(if give_up { ":discard<enter>" } else { ":resume<enter>" });
        talk.settle();
        assert!(talk.model.unfinished.is_empty());
        assert_eq!(unfinished(&talk.journal()), []);
        let alive = talk.backend().tokens.iter().filter(|token| token.state == State::Live).count();
        assert_eq!(alive, if give_up { 20 - dead } else { 0 });
        let end = RunEnd::GivenUp;
        assert_eq!(
            talk.journal().iter().any(|r| matches!(&r.body, RecordBody::Ended { how, .. } if *how == end)),
            give_up
        );
    }
}

#[test]
fn what_was_called_off_before_anything_was_sent_leaves_nothing_open() {
    let mut talk = many(20);
    talk.press("<ctrl-c>");
    talk.settle();
    assert!(talk.model.unfinished.is_empty() && unfinished(&talk.journal()).is_empty());
    assert_eq!(talk.frame(), ["run of 20", "targets 20", "run given up"]);
}

#[test]
fn what_was_given_up_with_an_open_intent_is_left_open_by_itself() {
    let mut talk = Talk::usual();
    revoke(&mut talk, &["alpha", "bravo"]);
    talk.serve("get");
    talk.serve("get");
    let mut next = next_start(&talk);
    assert!(next.model.leftovers.is_empty(), "the run settles its own");
    next.press("d");
    assert_eq!((next.model.unfinished.len(), next.model.leftovers.len()), (0, 2));
    assert!(matches!(next.model.modals.last(), Some(Modal::Recover(_))));
}

#[test]
fn leaving_in_the_middle_leaves_the_rest_to_the_next_start() {
    let mut talk = many(20);
    for _ in 0..12 {
        talk.serve_at(0);
    }
    talk.tell(Message::Signal(Signal::HangUp));
    talk.settle();
    let mut next = next_start(&talk);
    assert_eq!(next.model.unfinished[0].tokens.len(), 20);
    next.press("r");
    next.settle();
    assert_eq!((next.tally().verified, next.tally().open), (20, 0));
}

#[test]
fn a_wait_that_the_backend_asked_for_makes_the_window_smaller() {
    let mut talk = many(20);
    let size = talk.run().window.size();
    talk.serve("get");
    talk.reply_to("revoke", Err(busy(1)));
    assert_eq!(talk.run().window.size(), size / 2);
    for _ in 0..20 {
        talk.wait(2_000);
        talk.settle();
    }
    assert_eq!(talk.tally().verified, 20);
}

#[test]
fn children_die_before_their_parents_and_the_own_credential_last_with_what_it_hangs_below() {
    let mut tokens =
        table("tk-1 one reader\ntk-2 two reader\ntk-3 three reader\ntk-000self mine reader\ntk-9 nine reader");
    tokens[1].parent = Some(id("tk-1"));
    tokens[2].parent = Some(id("tk-2"));
    tokens[3].parent = Some(id("tk-9"));
    let mut talk = Talk::with(tokens);
    talk.press("*x");
    let expected = talk.confirm().tier.expected().to_owned();
    talk.answer_question(&format!("{expected}<enter>"));
    let order: Vec<_> = talk.run().items.iter().map(|item| item.frozen.token.id.raw().to_owned()).collect();
    assert_eq!(order, ["tk-3", "tk-2", "tk-1", "tk-9", "tk-000self"]);
}

#[test]
fn what_a_backend_says_and_does_not_do_is_known_after_the_resumption_too() {
    let mut talk = Talk::usual();
    revoke_one(&mut talk, "alpha");
    talk.serve("get");
    let alive = talk.backend().tokens[0].clone();
    talk.serve("revoke");
    let mut next = next_start(&talk);
    next.backend().tokens[0] = alive.clone();
    next.press("r");
    for _ in 0..200 {
        next.wait(1_000);
        while let Some((_, _, operation)) = next.open.first().cloned() {
            match operation.word() {
                "get" => next.reply_to("get", Ok(Reply::Token(Box::new(alive.clone())))),
                word => next.serve(word),
            }
        }
    }
    assert!(matches!(next.run().items[0].state(), ItemState::Over(Outcome::StillAnswering(_))));
}

#[test]
fn the_pace_counts_what_this_start_did_and_says_nothing_too_early() {
    let mut talk = many(20);
    for _ in 0..24 {
        talk.serve_at(0);
    }
    assert_eq!(talk.run().pace(talk.model.now), None, "at once");
    talk.wait(4_000);
    let number = |count: usize| f64::from(u32::try_from(count).expect("few"));
    let (over, open) = (number(talk.tally().all - talk.tally().open), number(talk.tally().open));
    assert!(over > 0.0);
    let pace = talk.run().pace(talk.model.now).expect("four seconds");
    let (rate, left) = (over / 4.0, open / (over / 4.0));
    assert!((pace.per_second - rate).abs() < 1e-9 && (pace.left.as_secs_f64() - left).abs() < 1e-3, "{pace:?}");
}
