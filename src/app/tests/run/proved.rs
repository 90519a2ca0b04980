//! The reading afterwards: what is claimed of a token that was sent.

use super::revoke_one;
use crate::app::testing::*;
use crate::domain::{FailureKind, Reply};

#[test]
fn the_own_credential_is_proved_dead_by_being_refused() {
    let mut talk = Talk::usual();
    talk.go("mine");
    talk.press("x");
    talk.answer_question("mine<enter>");
    talk.serve("get");
    talk.serve("revoke");
    talk.reply_to("get", Err(failure(FailureKind::Credential)));
    assert_eq!(talk.tally().verified, 1);
    assert!(talk.said().contains("your own credential is gone"));
}

#[test]
fn a_token_that_somebody_else_revoked_meanwhile_is_gone() {
    let mut talk = Talk::usual();
    revoke_one(&mut talk, "alpha");
    talk.serve("get");
    talk.reply_to("revoke", Err(failure(FailureKind::NotFound)));
    assert_eq!(talk.tally().gone, 1);
    assert_eq!(talk.story().last().map(String::as_str), Some("result gone"));
}

#[test]
fn not_found_after_the_revocation_is_the_proof() {
    let mut talk = Talk::usual();
    talk.backend().forgets = true;
    revoke_one(&mut talk, "alpha");
    talk.settle();
    assert_eq!(talk.tally().verified, 1);
    assert!(talk.shown().contains(&"alpha".to_owned()), "it stays visible");
    talk.press("<ctrl-r>");
    talk.settle();
    assert!(talk.shown().contains(&"alpha".to_owned()), "also where the backend drops the row");
}

#[test]
fn a_lost_answer_is_settled_by_a_read() {
    let mut talk = Talk::usual();
    revoke_one(&mut talk, "alpha");
    talk.serve("get");
    talk.lose("revoke");
    assert_eq!(talk.open.len(), 1);
    talk.settle();
    assert_eq!((talk.tally().verified, talk.revoked().len()), (1, 1));
}

#[test]
fn a_lost_request_without_effect_is_sent_again_under_the_same_intent_three_times_at_most() {
    let mut talk = Talk::usual();
    revoke_one(&mut talk, "alpha");
    talk.serve("get");
    for _ in 0..3 {
        talk.reply_to("revoke", Err(lost()));
        talk.serve("get");
        if !talk.open.is_empty() {
            talk.serve("get");
        }
    }
    assert_eq!(talk.revoked().len(), 3);
    assert_eq!(talk.tally().failed, 1);
    assert_eq!(talk.story().iter().filter(|line| *line == "intent revoke").count(), 1);
    assert_eq!(talk.story().last().map(String::as_str), Some("result failed"));
}

#[test]
fn when_the_settling_read_is_lost_too_it_is_unverified() {
    let mut talk = Talk::usual();
    revoke_one(&mut talk, "alpha");
    talk.serve("get");
    talk.reply_to("revoke", Err(lost()));
    talk.reply_to("get", Err(failure(FailureKind::Forbidden)));
    assert_eq!(talk.tally().unverified, 1);
    assert_eq!(talk.story().last().map(String::as_str), Some("result unverified"));
}

#[test]
fn a_lost_answer_and_nonsense_after_it_is_no_revocation() {
    let mut talk = Talk::usual();
    revoke_one(&mut talk, "alpha");
    talk.serve("get");
    talk.reply_to("revoke", Err(lost()));
    talk.reply_to("get", Ok(Reply::Done));
    assert_eq!((talk.tally().revoked, talk.tally().unverified), (0, 1));
    assert_eq!(talk.story().last().map(String::as_str), Some("result unverified"));
}

#[test]
fn a_revoked_token_that_still_answers_is_not_called_dead() {
    let mut talk = Talk::usual();
    revoke_one(&mut talk, "alpha");
    talk.serve("get");
    let alive = talk.backend().tokens[0].clone();
    talk.serve("revoke");
    talk.reply_to("get", Ok(Reply::Token(Box::new(alive))));
    assert_eq!((talk.tally().revoked, talk.tally().verified), (1, 0));
    assert!(!talk.said().contains("verified dead"));
}

#[test]
fn a_refresh_that_was_read_before_the_revocation_does_not_bring_the_token_back() {
    let mut talk = Talk::usual();
    talk.press("<ctrl-r>");
    talk.go("alpha");
    talk.press("x");
    talk.settle();
    talk.answer_question("y");
    talk.settle();
    assert!(talk.model.modals.is_empty());
    assert_eq!(talk.view().status_counts[6], 1, "alpha is dead and stays so");
}

#[test]
fn marks_follow_when_the_list_is_exchanged_during_a_run() {
    let mut talk = Talk::usual();
    talk.backend().tokens.rotate_right(3);
    talk.holds = true;
    talk.press("<ctrl-r>");
    talk.settle();
    talk.holds = false;
    talk.mark(&["alpha", "bravo"]);
    talk.press("x");
    talk.answer_question("2<enter>");
    while talk.release() {}
    talk.settle();
    assert_eq!(talk.tally().verified, 2);
    assert_eq!(talk.marked(), Vec::<String>::new());
}
