//! How a run ends: called off, left, or with failures to be tried again.

use super::{adds_up, busy, many, revoke, revoke_one};
use crate::app::effect::Effect;
use crate::app::message::{Message, Signal};
use crate::app::modal::Modal;
use crate::app::run::Phase;
use crate::app::testing::*;
use crate::domain::{FailureKind, State};

#[test]
fn calling_off_ends_what_is_on_its_way_and_sends_nothing_new() {
    let mut talk = many(20);
    for _ in 0..4 {
        talk.serve_at(0);
    }
    let revoked = talk.revoked().len();
    assert_eq!(revoked, 4);
    talk.press("<ctrl-c>");
    assert_eq!(talk.model.leaving, None);
    talk.settle();
    assert_eq!(talk.revoked().len(), revoked);
    let tally = talk.tally();
    assert_eq!((tally.verified, tally.not_sent, tally.open), (4, 16, 0), "{tally:?}");
    adds_up(&talk);
    assert!(matches!(talk.model.modals.last(), Some(Modal::Report(_))));
}

#[test]
fn a_run_that_was_called_off_ends_also_when_the_journal_fails() {
    let mut talk = Talk::usual();
    talk.disk = Disk::Slow;
    revoke_one(&mut talk, "alpha");
    talk.serve("get");
    talk.press("<ctrl-c>");
    talk.disk = Disk::Full;
    talk.tell(Message::Wake);
    assert_eq!((&talk.run().phase, talk.tally().not_sent), (&Phase::Over, 1));
}

#[test]
fn what_is_called_off_leaves_no_intent_open() {
    let mut talk = Talk::usual();
    revoke(&mut talk, &["alpha", "bravo"]);
    talk.serve("get");
    talk.serve("get");
    talk.reply_to("revoke", Err(busy(30)));
    talk.press("<ctrl-c>");
    talk.reply_to("revoke", Err(busy(30)));
    assert_eq!(talk.run().phase, Phase::Over);
    assert_eq!(talk.tally().not_sent, 2);
    assert!(crate::domain::unsettled(&talk.journal()).is_empty(), "{:?}", talk.story());
}

#[test]
fn every_intent_has_a_result_however_the_retry_ends() {
    type Change = fn(&mut Talk);
    let ends: [(Change, &str); 4] = [
        (|talk| drop(talk.backend().tokens.remove(0)), "gone"),
        (|talk| talk.backend().change("tk-000001").state = State::Revoked, "gone"),
        (|talk| talk.backend().change("tk-000001").label = "other".into(), "changed"),
        (|_| {}, "dead"),
    ];
    for (change, end) in ends {
        let mut talk = Talk::usual();
        revoke_one(&mut talk, "alpha");
        talk.serve("get");
        talk.reply_to("revoke", Err(busy(3)));
        change(&mut talk);
        talk.wait(3_000);
        talk.settle();
        assert_eq!(talk.story().last().map(String::as_str), Some(format!("result {end}").as_str()));
        assert!(crate::domain::unsettled(&talk.journal()).is_empty());
    }
}

#[test]
fn failures_are_listed_and_retried_alone() {
    let mut talk = Talk::usual();
    revoke(&mut talk, &["alpha", "bravo", "charlie"]);
    for _ in 0..3 {
        talk.serve("get");
    }
    talk.reply_to("revoke", Err(failure(FailureKind::Forbidden)));
    talk.settle();
    assert_eq!((talk.tally().failed, talk.tally().verified), (1, 2));
    talk.press("r");
    assert_eq!(talk.confirm().tokens.len(), 1);
    talk.answer_question("y");
    talk.settle();
    assert_eq!(talk.tally().verified, 1);
    assert!(talk.model.tokens.marks.is_empty(), "dead tokens are no longer marked");
}

#[test]
fn leaving_sends_nothing_new_and_ends_when_the_results_are_written() {
    for signal in [Signal::Terminate, Signal::HangUp, Signal::Interrupt] {
        let mut talk = many(20);
        for _ in 0..3 {
            talk.serve_at(0);
        }
        talk.disk = Disk::Slow;
        let sent = talk.sent().len();
        talk.tell(Message::Signal(signal));
        assert!(!talk.others.iter().any(|effect| matches!(effect, Effect::Quit(_))), "three are on their way");
        while !talk.open.is_empty() {
            talk.serve_at(0);
        }
        assert_eq!(talk.sent().len(), sent, "nothing new");
        assert!(!talk.others.iter().any(|effect| matches!(effect, Effect::Quit(_))), "the results are not written");
        talk.write();
        assert!(talk.others.contains(&Effect::Quit(signal.exit_code())));
        assert_eq!(talk.story().iter().filter(|line| *line == "result done").count(), 3);
    }
}

#[test]
fn leaving_writes_what_became_of_an_intent_that_was_not_sent() {
    let mut talk = Talk::usual();
    talk.disk = Disk::Slow;
    revoke_one(&mut talk, "alpha");
    talk.serve("get");
    talk.tell(Message::Signal(Signal::Terminate));
    talk.write();
    talk.write();
    assert!(talk.revoked().is_empty());
    assert_eq!(talk.story(), ["get tk-000001", "intent revoke", "result not sent"]);
    assert!(talk.others.contains(&Effect::Quit(143)));
}
