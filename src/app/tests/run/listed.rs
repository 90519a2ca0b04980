//! Where the backend reads no single token, its list compares and proves: one reading for all.

use super::{adds_up, busy, revoke, revoke_one};
use crate::app::contexts::ListExtent;
use crate::app::message::Message;
use crate::app::modal::Modal;
use crate::app::run::{ItemState, Phase};
use crate::app::testing::*;
use crate::domain::{CredentialSource, FailureKind, Outcome, Owner, Reply, State, Token, unsettled};

/// A conversation over the usual tokens, whose list was read this many seconds ago.
fn aged(seconds: i64) -> Talk {
    let mut talk = Talk::over(vec![(by_list("prod"), usual())]);
    talk.wait(seconds * 1_000);
    talk.forget();
    talk
}

fn lists(talk: &Talk) -> usize {
    talk.sent().iter().filter(|line| *line == "list").count()
}

fn notes(talk: &Talk) -> Vec<&str> {
    talk.model.tokens.notes.values().map(crate::app::tokens::RowNote::words).collect()
}

/// Answers the list with what is there, and a next page that leads back.
fn circle(talk: &mut Talk) {
    for _ in 0..2 {
        let tokens = talk.backend().tokens.clone();
        let reply = page(&mut talk.store, tokens, Some("round"));
        talk.reply_to("list", Ok(reply));
    }
}

/// Answers the list with these tokens.
fn list(talk: &mut Talk, tokens: Vec<Token>) {
    let reply = page(&mut talk.store, tokens, None);
    talk.reply_to("list", Ok(reply));
}

#[test]
fn a_fresh_list_is_sent_by_and_read_again_for_the_proof() {
    let mut talk = aged(9);
    revoke_one(&mut talk, "alpha");
    assert_eq!(talk.story(), ["intent revoke", "revoke tk-000001"]);
    talk.settle();
    assert_eq!(talk.story(), ["intent revoke", "revoke tk-000001", "list", "result done", "result dead"]);
    assert!(talk.said().contains("revoked \"alpha\": verified dead"));
    assert_eq!(talk.view().status_counts[6], 1);
}

#[test]
fn the_table_takes_the_list_that_proved_it() {
    let mut talk = aged(9);
    talk.backend().change("tk-000002").label = "renamed".into();
    talk.backend().forgets = true;
    revoke_one(&mut talk, "alpha");
    talk.settle();
    assert!(talk.shown().contains(&"renamed".to_owned()) && talk.shown().contains(&"alpha".to_owned()));
    let list = &talk.model.contexts[0].list;
    assert!(list.load.is_none() && list.data_at > dawn().checked_add(jiff::SignedDuration::from_secs(9)).ok());
    assert_eq!(lists(&talk), 1);
}

#[test]
fn an_older_list_is_read_once_for_all_tokens_and_once_for_all_proofs() {
    let mut talk = aged(10);
    revoke(&mut talk, &["alpha", "bravo", "charlie", "delta", "echo"]);
    assert_eq!(talk.sent(), ["list"], "nothing is sent by a list that is over 10 s old");
    talk.serve("list");
    assert_eq!(talk.revoked().len(), 5);
    talk.settle();
    assert_eq!((lists(&talk), talk.tally().verified), (2, 5), "{:?}", talk.story());
    adds_up(&talk);
}

#[test]
fn all_pages_are_read_before_anything_is_sent() {
    let mut talk = aged(60);
    talk.backend().page = 3;
    revoke(&mut talk, &["alpha", "echo"]);
    talk.serve("list");
    talk.serve("list");
    assert!(talk.revoked().is_empty());
    talk.settle();
    let proof = ["list", "list 3", "list 6"];
    let story = talk.sent();
    assert_eq!(story, [&proof[..], &["revoke tk-000001", "revoke tk-000005"], &proof[..]].concat());
    assert_eq!(talk.tally().verified, 2);
}

#[test]
fn in_a_long_run_no_revocation_leaves_by_a_list_that_is_over_10_seconds_old() {
    let lines: Vec<String> = (0..100).map(|at| format!("tk-{at:06} label-{at:03} reader")).collect();
    let mut talk = Talk::over(vec![(by_list("prod"), table(&lines.join("\n")))]);
    talk.wait(60_000);
    talk.forget();
    talk.press("*x");
    talk.answer_question("100<enter>");
    let (mut read, mut sent) = (None, 0);
    while !talk.open.is_empty() {
        let listing = talk.open[0].2.word() == "list";
        assert!(talk.open.iter().all(|(_, _, op)| (op.word() == "list") == listing), "never both: {:?}", talk.open);
        talk.wait(700);
        talk.serve_at(0);
        if listing {
            read = Some(talk.model.now);
        }
        if talk.revoked().len() > sent {
            sent = talk.revoked().len();
            let age = talk.model.now.duration_since(read.expect("it was read before"));
            assert!(age.as_secs() <= 10, "{age:?}");
        }
    }
    assert_eq!(talk.tally().verified, 100);
    assert!((5..=20).contains(&lists(&talk)), "{} readings", lists(&talk));
}

#[test]
fn a_changed_token_goes_back_to_the_question() {
    for age in [0, 60] {
        let mut talk = aged(age);
        // A fresh list is what the question showed: only an older one can differ.
        talk.backend().change("tk-000001").owner = Owner::Unknown;
        revoke_one(&mut talk, "alpha");
        talk.settle();
        if age == 0 {
            assert_eq!(talk.revoked(), ["tk-000001"]);
            continue;
        }
        assert!(talk.revoked().is_empty());
        assert_eq!(talk.run().items[0].state, ItemState::Over(Outcome::Changed));
        assert!(format!("{:?}", talk.confirm().reread).contains("owner"));
        talk.answer_question("y");
        talk.settle();
        assert_eq!(talk.tally().verified, 1);
    }
}

#[test]
fn another_token_with_the_same_id_is_not_the_one_that_was_confirmed() {
    let mut talk = aged(60);
    talk.backend().change("tk-000001").created = Some(dawn());
    revoke(&mut talk, &["alpha", "bravo"]);
    talk.settle();
    assert_eq!(talk.revoked(), ["tk-000002"]);
    assert_eq!((talk.tally().changed, talk.tally().verified), (1, 1));
}

#[test]
fn a_token_that_is_not_listed_any_more_or_as_revoked_is_gone() {
    type Change = fn(&mut Talk);
    let changes: [Change; 2] = [
        |talk| drop(talk.backend().tokens.remove(0)),
        |talk| talk.backend().change("tk-000001").state = State::Revoked,
    ];
    for change in changes {
        let mut talk = aged(60);
        change(&mut talk);
        revoke_one(&mut talk, "alpha");
        talk.settle();
        assert!(talk.revoked().is_empty());
        assert_eq!(talk.tally().gone, 1);
    }
}

#[test]
fn what_a_list_with_a_gap_does_not_hold_is_neither_gone_nor_sent() {
    let mut talk = aged(60);
    revoke(&mut talk, &["alpha", "bravo"]);
    let alpha = talk.backend().tokens.remove(0);
    circle(&mut talk);
    assert_eq!(talk.revoked(), ["tk-000002"], "what it shows is there");
    assert_eq!((talk.tally().gone, talk.tally().failed), (0, 1));
    talk.backend().tokens.push(alpha);
    talk.serve("revoke");
    circle(&mut talk);
    assert_eq!((talk.tally().revoked, talk.tally().verified), (1, 0), "and it proves nothing afterwards");
    assert!(format!("{:?}", talk.run()).contains("could not be read whole"));
    assert!(!talk.said().contains("verified dead"));
}

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
        times.push(talk.model.now.duration_since(sent).as_secs());
        talk.serve("list");
        if talk.run().is_going() {
            assert_eq!(notes(&talk), ["still answering"]);
        }
        while talk.open.is_empty() && talk.run().is_going() {
            talk.wait(1_000);
        }
    }
    assert_eq!(times, [0, 1, 3, 7, 15, 31, 40]);
    assert_eq!((talk.tally().revoked, talk.tally().verified), (1, 0));
    assert!(!talk.said().contains("verified dead"));
    assert_eq!(talk.story().last().map(String::as_str), Some("list"), "{:?}", talk.story());
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
fn a_list_that_cannot_be_read_now_pauses_and_loses_nothing() {
    for kind in [FailureKind::Offline, FailureKind::Tls, FailureKind::TimedOut, FailureKind::Credential] {
        for sent in [false, true] {
            let mut talk = aged(if sent { 0 } else { 60 });
            revoke(&mut talk, &["alpha", "bravo"]);
            if sent {
                talk.serve("revoke");
                talk.serve("revoke");
            }
            for _ in 0..8 {
                if talk.open.is_empty() {
                    talk.wait(20_000);
                } else {
                    talk.reply_to("list", Err(failure(kind)));
                }
            }
            assert!(matches!(talk.run().phase, Phase::Paused(_)), "{kind:?} {sent}");
            assert_eq!(talk.tally().open, 2);
            if kind == FailureKind::Credential {
                talk.tell(Message::CredentialKept(name("prod"), CredentialSource::Memory, None));
            } else {
                talk.press(":resume<enter>");
            }
            talk.settle();
            assert_eq!(talk.tally().verified, 2, "{kind:?} {sent}");
        }
    }
}

#[test]
fn a_list_that_is_refused_fails_what_waits_for_it() {
    let mut talk = aged(60);
    revoke(&mut talk, &["alpha", "bravo"]);
    talk.reply_to("list", Err(failure(FailureKind::Forbidden)));
    assert!(talk.revoked().is_empty());
    assert_eq!(talk.tally().failed, 2);
    assert_eq!(talk.run().phase, Phase::Over);
    assert!(matches!(talk.model.modals.last(), Some(Modal::Report(_))));
}

#[test]
fn a_wait_that_the_backend_names_holds_the_reading_up() {
    let mut talk = aged(0);
    revoke_one(&mut talk, "alpha");
    talk.reply_to("revoke", Err(busy(3)));
    talk.wait(2_999);
    assert!(talk.open.is_empty());
    talk.wait(1);
    talk.serve("revoke");
    talk.reply_to("list", Err(busy(5)));
    talk.wait(4_999);
    assert!(talk.open.is_empty());
    talk.wait(1_001);
    talk.settle();
    assert_eq!(talk.tally().verified, 1);
}

#[test]
fn what_is_called_off_is_not_sent_and_what_was_sent_is_proved() {
    let mut talk = aged(60);
    revoke(&mut talk, &["alpha", "bravo"]);
    talk.press("<ctrl-c>");
    assert_eq!((talk.tally().not_sent, &talk.run().phase), (2, &Phase::Over));
    talk.settle();
    assert!(talk.revoked().is_empty());
    let mut talk = aged(0);
    revoke_one(&mut talk, "alpha");
    talk.press("<ctrl-c>");
    talk.settle();
    assert_eq!(talk.tally().verified, 1);
}

#[test]
fn a_first_reading_that_was_given_up_for_a_run_is_partial_when_that_fails() {
    let mut talk = Talk::begin(vec![(by_list("prod"), Backend::new(usual()))], crate::app::model::Start::Configured);
    talk.backend().page = 3;
    talk.tell(Message::JournalRead(Ok(Vec::new().into()), None));
    talk.serve("self");
    talk.serve("health");
    talk.serve("list");
    revoke_one(&mut talk, "alpha");
    assert_eq!(talk.model.contexts[0].list.extent, ListExtent::Loading);
    let open: Vec<_> = talk.open.iter().map(|(call, _, _)| *call).collect();
    let last = *open.last().expect("the list is read anew");
    talk.reply(last, Err(failure(FailureKind::Forbidden)));
    assert!(talk.revoked().is_empty());
    assert!(matches!(talk.model.contexts[0].list.extent, ListExtent::Partial(_)));
}

#[test]
fn a_list_without_the_token_of_another_context_says_nothing_about_it() {
    let mut talk = Talk::over(vec![(by_list("prod"), usual()), (by_list("dev"), table("d1 other reader"))]);
    talk.wait(60_000);
    talk.press("<ctrl-r>");
    revoke_one(&mut talk, "alpha");
    let dev = talk.open.iter().position(|(_, context, op)| *context == name("dev") && op.word() == "list");
    talk.serve_at(dev.expect("the other list is read too"));
    assert!(talk.run().is_going() && talk.revoked().is_empty(), "{:?}", talk.tally());
    talk.settle();
    assert_eq!(talk.tally().verified, 1);
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
