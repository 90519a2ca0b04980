//! What is sent, in which order, and what it waits for.

use super::{adds_up, many, revoke, revoke_one};
use crate::app::modal::Modal;
use crate::app::run::{Phase, Window};
use crate::app::testing::*;

#[test]
fn one_token_is_read_recorded_revoked_and_proved() {
    let mut talk = Talk::usual();
    revoke_one(&mut talk, "alpha");
    assert_eq!(talk.story(), ["get tk-000001"]);
    talk.settle();
    assert_eq!(
        talk.story(),
        ["get tk-000001", "intent revoke", "revoke tk-000001", "get tk-000001", "result done", "result dead"]
    );
    assert_eq!(talk.run().phase, Phase::Over);
    assert!(talk.said().contains("revoked \"alpha\": verified dead"));
    assert_eq!(talk.view().status_counts[6], 1, "it is shown as revoked");
}

#[test]
fn no_revocation_leaves_before_its_intent_is_durable() {
    let mut talk = Talk::usual();
    talk.disk = Disk::Slow;
    revoke_one(&mut talk, "alpha");
    talk.settle();
    assert_eq!(talk.sent(), ["get tk-000001"]);
    talk.write();
    assert_eq!(talk.revoked(), ["tk-000001"]);
}

#[test]
fn a_window_bounds_what_is_on_its_way() {
    let mut talk = many(30);
    assert_eq!(talk.open.len(), Window::default().size());
    while !talk.open.is_empty() {
        let at = talk.open.len() / 2;
        talk.serve_at(at);
        let in_flight = talk.run().items.iter().filter(|item| item.state().is_in_flight()).count();
        assert!(in_flight <= talk.run().window.size());
        adds_up(&talk);
    }
    assert_eq!(talk.tally().verified, 30);
    assert!(matches!(talk.model.modals.last(), Some(Modal::Report(_))));
}

#[test]
fn the_own_credential_goes_last() {
    let mut talk = Talk::usual();
    revoke(&mut talk, &["mine", "alpha", "bravo", "charlie"]);
    talk.settle();
    assert_eq!(talk.revoked().last().map(String::as_str), Some("tk-000self"));
    let story = talk.story();
    let own = story.iter().position(|line| line == "get tk-000self").expect("it is read");
    let reads = story[..own].iter().filter(|line| line.starts_with("get")).count();
    assert_eq!(reads, 6, "everything else was read, revoked and read again: {story:?}");
}

#[test]
fn a_second_run_waits_for_the_first() {
    let mut talk = Talk::usual();
    revoke_one(&mut talk, "alpha");
    talk.go("bravo");
    talk.press("x");
    assert!(!talk.asks() && talk.said().contains("a revocation is going"));
    talk.settle();
    assert_eq!(talk.tally().verified, 1);
}
