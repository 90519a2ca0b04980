//! The list proves, after everything was sent, which tokens are dead.

use super::super::{revoke, revoke_one};
use super::{aged, circle, list, lists, notes};
use crate::app::run::Phase;
use crate::app::testing::*;
use crate::domain::{FailureKind, Reply, Token, unsettled};

#[test]
fn a_list_that_is_not_whole_or_fails_proves_nothing() {
    type Answer = fn(&mut Talk);
    let answers: [Answer; 4] = [
        circle,
        |talk| talk.reply_to("list", Err(failure(FailureKind::Forbidden))),
        |talk| talk.reply_to("list", Ok(Reply::Done)),
        |talk| {
            talk.backend().page = 3;
            talk.serve("list");
            talk.reply_to("list", Err(failure(FailureKind::Refused)));
        },
    ];
    for (number, answer) in answers.into_iter().enumerate() {
        for told in [true, false] {
            let mut talk = aged(0);
            talk.backend().forgets = true;
            revoke_one(&mut talk, "alpha");
            if told {
                talk.serve("revoke");
            } else {
                talk.lose("revoke");
            }
            answer(&mut talk);
            talk.settle();
            let tally = talk.tally();
            let expected = if told { (1, 0) } else { (0, 1) };
            assert_eq!((tally.revoked, tally.unverified, tally.verified), (expected.0, expected.1, 0), "{number}");
            assert_eq!(unsettled(&talk.journal()).len(), tally.unverified, "a next start asks");
            assert_eq!(talk.run().phase, Phase::Over);
        }
    }
}

#[test]
fn a_token_that_is_still_listed_is_asked_about_for_40_seconds_and_never_called_dead() {
    let mut talk = aged(0);
    let tokens = talk.backend().tokens.clone();
    talk.backend().lags = Some(tokens);
    revoke_one(&mut talk, "alpha");
    talk.serve("revoke");
    let mut times = Vec::new();
    let sent = talk.model.now;
    while !talk.open.is_empty() {
        if talk.open[0].2.word() == "revoke" {
            talk.serve("revoke");
            continue;
        }
        times.push(talk.model.now.duration_since(sent).as_secs());
        talk.serve("list");
        if talk.run().is_going() && talk.open.is_empty() {
            assert_eq!(notes(&talk), ["still answering"]);
        }
        while talk.open.is_empty() && talk.run().is_going() {
            talk.wait(1_000);
        }
    }
    // It is sent once more, after a list that shows it unchanged.
    assert_eq!(times, [0, 1, 3, 7, 15, 31, 40, 40, 41, 43, 47, 55, 71, 80]);
    assert_eq!(talk.revoked().len(), 2);
    assert_eq!((talk.tally().alive, talk.tally().revoked, talk.tally().verified), (1, 0, 0));
    assert!(!talk.said().contains("verified dead"));
    assert_eq!(talk.story().last().map(String::as_str), Some("result still answering"), "{:?}", talk.story());
}

#[test]
fn a_list_that_lags_behind_proves_it_once_it_has_caught_up() {
    let mut talk = aged(0);
    let tokens = talk.backend().tokens.clone();
    talk.backend().lags = Some(tokens);
    revoke(&mut talk, &["alpha", "bravo"]);
    talk.settle();
    assert_eq!(notes(&talk), ["still answering", "still answering"]);
    talk.wait(5_000);
    talk.backend().lags = None;
    talk.settle();
    talk.wait(5_000);
    talk.settle();
    assert_eq!(talk.tally().verified, 2);
    assert_eq!(talk.revoked().len(), 2);
}

#[test]
fn a_lost_answer_is_settled_by_the_list() {
    for forgets in [false, true] {
        let mut talk = aged(0);
        talk.backend().forgets = forgets;
        revoke_one(&mut talk, "alpha");
        talk.lose("revoke");
        talk.settle();
        assert_eq!((talk.tally().verified, talk.revoked().len()), (1, 1));
        assert!(unsettled(&talk.journal()).is_empty());
    }
}

#[test]
fn a_lost_request_without_effect_is_sent_again_under_the_same_intent_three_times_at_most() {
    let mut talk = aged(0);
    revoke_one(&mut talk, "alpha");
    for _ in 0..60 {
        while !talk.open.is_empty() {
            if talk.open[0].2.word() == "revoke" {
                talk.reply_to("revoke", Err(lost()));
            } else {
                talk.serve("list");
            }
        }
        talk.wait(1_000);
    }
    assert_eq!((talk.revoked().len(), talk.tally().failed), (3, 1));
    assert_eq!(talk.story().iter().filter(|line| *line == "intent revoke").count(), 1);
    assert_eq!(talk.story().last().map(String::as_str), Some("result failed"));
}

#[test]
fn not_found_is_no_proof_where_the_list_still_shows_it() {
    let mut talk = aged(0);
    revoke_one(&mut talk, "alpha");
    talk.reply_to("revoke", Err(failure(FailureKind::NotFound)));
    for _ in 0..60 {
        talk.settle();
        talk.wait(1_000);
    }
    assert_eq!((talk.tally().gone, talk.tally().failed), (0, 1), "a right may be missing");
    assert_eq!(talk.revoked().len(), 1);
    let mut talk = aged(0);
    revoke_one(&mut talk, "alpha");
    talk.backend().tokens.remove(0);
    talk.reply_to("revoke", Err(failure(FailureKind::NotFound)));
    talk.settle();
    assert_eq!(talk.tally().gone, 1);
}

#[test]
fn the_own_credential_goes_when_all_others_are_proved() {
    let mut talk = aged(0);
    let tokens = talk.backend().tokens.clone();
    talk.backend().lags = Some(tokens);
    revoke(&mut talk, &["mine", "alpha", "bravo"]);
    talk.settle();
    assert_eq!(talk.revoked(), ["tk-000001", "tk-000002"]);
    talk.backend().lags = None;
    talk.wait(2_000);
    talk.serve("list");
    assert_eq!(talk.revoked().len(), 3, "{:?}", talk.story());
    talk.serve("revoke");
    talk.reply_to("list", Err(failure(FailureKind::Credential)));
    assert_eq!(talk.tally().verified, 3);
    assert_eq!(talk.run().phase, Phase::Over);
    assert!(talk.said().contains("your own credential is gone"));
}

#[test]
fn a_list_read_from_before_the_revocation_proves_nothing() {
    let mut talk = aged(60);
    talk.press("<ctrl-r>");
    let (before, ..) = talk.open.iter().find(|(_, _, op)| op.word() == "list").cloned().expect("a refresh");
    revoke_one(&mut talk, "alpha");
    assert!(talk.open.iter().filter(|(_, _, op)| op.word() == "list").count() > 1, "the list is read for the run");
    let tokens: Vec<Token> = talk.backend().tokens[1..].to_vec();
    let reply = page(&mut talk.store, tokens, None);
    talk.reply(before, Ok(reply));
    assert_eq!(talk.tally().gone, 0, "the answer to a reading that was given up");
    talk.settle();
    assert_eq!(talk.tally().verified, 1);
    list_again(&mut talk);
}

/// Holds that nothing is left to be read.
fn list_again(talk: &mut Talk) {
    assert!(talk.open.is_empty() && talk.model.contexts[0].list.load.is_none());
    talk.press("<ctrl-r>");
    let tokens = talk.backend().tokens.clone();
    list(talk, tokens);
}

#[test]
fn a_row_that_slips_between_two_pages_is_not_gone() {
    for sent in [false, true] {
        let mut talk = aged(if sent { 0 } else { 60 });
        talk.backend().page = 3;
        revoke(&mut talk, &["delta", "echo"]);
        if sent {
            talk.reply_to("revoke", Err(lost()));
            talk.reply_to("revoke", Err(lost()));
        }
        talk.serve("list");
        // Somebody else's deletion: what was the fourth row is the third now, and on no page that is still read.
        talk.backend().tokens.remove(0);
        talk.settle();
        assert_eq!((talk.tally().gone, talk.tally().verified), (0, 2), "{:?}", talk.story());
        assert!(talk.backend().is_dead(&id("tk-000004")) && talk.backend().is_dead(&id("tk-000005")));
    }
}

#[test]
fn what_two_readings_of_a_long_list_do_not_show_is_gone_for_all_tokens_at_once() {
    let mut talk = aged(60);
    talk.backend().page = 3;
    revoke(&mut talk, &["alpha", "bravo", "charlie", "delta"]);
    talk.backend().tokens.drain(..3);
    talk.settle();
    assert_eq!((talk.tally().gone, talk.tally().verified), (3, 1));
    assert_eq!(lists(&talk), 3, "two before, one for the proof: {:?}", talk.sent());
}
