//! A new secret for a token, in place or with a new token for the old one.

use crate::app::modal::Purpose;
use crate::app::testing::*;
use crate::domain::{FailureKind, State};

#[test]
fn a_rotation_asks_reads_again_and_shows_the_secret() {
    let mut talk = Talk::usual();
    talk.go("alpha");
    talk.press("t");
    assert_eq!((talk.confirm().title().as_str(), talk.confirm().purpose), ("Rotate token", Purpose::Rotate));
    talk.answer_question("y");
    assert_eq!(talk.story(), ["get tk-000001"]);
    talk.settle();
    assert_eq!(talk.story(), ["get tk-000001", "intent rotate", "rotate tk-000001", "result done"]);
    talk.press("rstored<enter>");
    assert!(crate::domain::unsettled(&talk.journal()).is_empty());
}

#[test]
fn a_rotation_of_a_changed_token_goes_back_to_the_question() {
    let mut talk = Talk::usual();
    talk.go("alpha");
    talk.press("t");
    talk.backend().change("tk-000001").owner = crate::domain::Owner::Unknown;
    talk.answer_question("y");
    talk.settle();
    assert_eq!(talk.sent(), ["get tk-000001"]);
    assert_eq!(talk.confirm().purpose, Purpose::Rotate);
    assert!(format!("{:?}", talk.confirm().reread).contains("owner"));
}

#[test]
fn a_token_that_is_switched_off_can_be_rotated_or_is_refused_by_the_backend() {
    let mut tokens = usual();
    tokens[0].state = State::Disabled;
    let mut talk = Talk::with(tokens);
    talk.go("alpha");
    talk.press("t");
    talk.answer_question("y");
    talk.settle();
    assert!(!talk.asks(), "the same question is not asked for ever");
}

#[test]
fn a_lost_rotation_is_not_sent_again() {
    let mut talk = Talk::usual();
    talk.go("alpha");
    talk.press("t");
    talk.answer_question("y");
    talk.serve("get");
    talk.lose("rotate");
    talk.settle();
    talk.wait(120_000);
    assert_eq!(talk.sent().iter().filter(|line| line.starts_with("rotate")).count(), 1);
    assert_eq!(talk.story().last().map(String::as_str), Some("result unverified"));
    assert!(talk.said().contains("rotate again, or revoke it"));
    // Also without a screen, where this is all that is told.
    let refused = talk.model.refused.as_ref().map(ToString::to_string).unwrap_or_default();
    assert!(
        refused.starts_with("whether `rotate` of \"alpha\" was done, and which secret lives, is not known: "),
        "{refused}"
    );
}

fn listed(seconds: i64) -> Talk {
    let mut talk = Talk::over(vec![(by_list("prod"), usual())]);
    talk.wait(seconds * 1_000);
    talk.forget();
    talk.go("alpha");
    talk.press("t");
    talk
}

#[test]
fn where_no_single_token_can_be_read_a_rotation_goes_by_the_list() {
    let mut talk = listed(0);
    talk.answer_question("y");
    assert_eq!(talk.story(), ["intent rotate", "rotate tk-000001"], "the list is fresh");
    let mut talk = listed(60);
    talk.answer_question("y");
    assert_eq!(talk.story(), ["list"]);
    talk.settle();
    assert_eq!(talk.story(), ["list", "intent rotate", "rotate tk-000001", "result done"]);
    let mut talk = listed(60);
    talk.backend().change("tk-000001").owner = crate::domain::Owner::Unknown;
    talk.answer_question("y");
    talk.settle();
    assert_eq!(talk.sent(), ["list"]);
    assert!(format!("{:?}", talk.confirm().reread).contains("owner"));
    let mut talk = listed(60);
    talk.backend().tokens.remove(0);
    talk.answer_question("y");
    talk.settle();
    assert_eq!(talk.sent(), ["list"]);
    assert!(talk.said().contains("the list does not hold it"), "{}", talk.said());
    let mut talk = listed(60);
    talk.answer_question("y");
    talk.reply_to("list", Err(failure(FailureKind::Forbidden)));
    assert!(talk.model.pending.is_empty() && talk.said().contains("Forbidden"));
}
