//! The list says, before anything is sent, whether each token is still the one that was confirmed.

use super::super::{adds_up, revoke, revoke_one};
use super::{aged, circle, lists};
use crate::app::run::ItemState;
use crate::app::testing::*;
use crate::domain::{Outcome, Owner, State};

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
        assert_eq!(*talk.run().items[0].state(), ItemState::Over(Outcome::Changed));
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
