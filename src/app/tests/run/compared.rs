//! The reading just before: the token that was confirmed, or none.

use super::{revoke, revoke_one};
use crate::app::run::ItemState;
use crate::app::testing::*;
use crate::domain::{Outcome, State, Token};

#[test]
fn a_changed_token_goes_back_to_the_question_with_what_changed() {
    type Change = fn(&mut Token);
    let changes: [(Change, &str); 5] = [
        (|token| token.label = "other".into(), "label"),
        (|token| token.owner = crate::domain::Owner::Unknown, "owner"),
        (|token| token.roles = Some(vec!["admin".into()]), "role"),
        (|token| token.created = Some(dawn()), "created"),
        (|token| token.state = State::Disabled, "switch"),
    ];
    for (change, word) in changes {
        let mut talk = Talk::usual();
        change(talk.backend().change("tk-000001"));
        revoke_one(&mut talk, "alpha");
        talk.settle();
        assert!(talk.revoked().is_empty(), "{word}");
        assert!(format!("{:?}", talk.confirm().reread).contains(word), "{word}");
        assert_eq!(*talk.run().items[0].state(), ItemState::Over(Outcome::Changed));
        let expected = talk.confirm().tier.expected().to_owned();
        talk.answer_question(&if expected == "y" { expected } else { format!("{expected}<enter>") });
        talk.settle();
        assert_eq!(talk.tally().verified, 1, "the question about what is there now can be answered: {word}");
    }
}

#[test]
fn use_alone_is_no_change() {
    let mut talk = Talk::usual();
    talk.backend().change("tk-000001").last_used = crate::domain::LastUse::Never;
    revoke_one(&mut talk, "alpha");
    talk.settle();
    assert_eq!(talk.tally().verified, 1);
}

#[test]
fn a_changed_token_among_many_is_skipped_and_offered_again() {
    let mut talk = Talk::usual();
    talk.backend().change("tk-000002").label = "other".into();
    revoke(&mut talk, &["alpha", "bravo", "charlie"]);
    talk.settle();
    assert_eq!(talk.revoked(), ["tk-000001", "tk-000003"]);
    assert_eq!((talk.tally().changed, talk.tally().verified), (1, 2));
    talk.press("r");
    assert_eq!(talk.confirm().tokens.len(), 1);
    assert_eq!(talk.confirm().tokens[0].token.label.raw(), "other");
    talk.answer_question("y");
    talk.settle();
    assert_eq!(talk.tally().verified, 1);
}

#[test]
fn a_token_that_is_gone_before_is_not_called_revoked() {
    let mut talk = Talk::usual();
    talk.backend().tokens.remove(0);
    revoke_one(&mut talk, "alpha");
    talk.settle();
    assert!(talk.revoked().is_empty());
    assert_eq!(talk.tally().gone, 1);
    assert!(!talk.said().contains("verified dead"), "{}", talk.said());
    assert!(talk.said().contains("\"alpha\" was gone"), "{}", talk.said());
}
