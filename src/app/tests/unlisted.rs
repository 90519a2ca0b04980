//! A backend without a list, where tokens are read by their ids, and nothing shows that one is dead.

use crate::app::action::{Action, applies};
use crate::app::contexts::ListExtent;
use crate::app::inventory::RowRef;
use crate::app::run::ItemState;
use crate::app::testing::*;
use crate::domain::{FailureKind, Outcome, Reply, State};

const WHY: &str = "It lists to browsers only.";
const NO_PROOF: &str = "a dead token is shown like a living one";

/// A context of such a backend; what it reads is asked for by its id.
fn begin() -> Talk {
    let context = able("crates", |able| {
        (able.unlisted, able.unproved) = (Some(WHY.to_owned()), Some(NO_PROOF.to_owned()));
    });
    Talk::over(vec![(context, usual())])
}

/// The same, with a token that was read.
fn with(id: &str) -> Talk {
    let mut talk = begin();
    talk.press(&format!(":show {id}<enter>"));
    talk.settle();
    talk
}

/// Returns a token as the backend shows it, dead or alive.
fn alive(talk: &mut Talk, place: usize) -> Reply {
    let mut token = talk.backend().tokens[place].clone();
    token.state = State::Live;
    Reply::Token(Box::new(token))
}

#[test]
fn no_list_is_asked_for_and_none_is_missed() {
    let mut talk = begin();
    talk.forget();
    talk.press("<ctrl-r>");
    talk.settle();
    assert!(!talk.sent().contains(&"list".to_owned()), "{:?}", talk.sent());
    let state = &talk.model.contexts[0];
    assert_eq!((&state.list.extent, state.stale()), (&ListExtent::Nothing, None), "nothing failed");
    let why = state.unlisted().expect("a reason");
    assert_eq!((why.kind, why.to_string().contains("It lists to browsers only")), (FailureKind::NotOffered, true));
    let two = vec![(state.context.clone(), Vec::new()), (context("prod"), usual())];
    let mut talk = Talk::over(two);
    talk.press("*");
    assert_eq!(talk.marked().len(), 8, "what has no list holds nothing up");
}

#[test]
fn a_token_is_read_by_its_id_and_the_cursor_is_on_it() {
    let ids: Vec<String> = usual().iter().map(|token| token.id.raw().to_owned()).collect();
    let mut talk = with(&ids[1]);
    assert_eq!(talk.shown().len(), 1);
    assert_eq!(talk.cursor(), talk.shown().first().cloned());
    talk.press(&format!(":show crates/{}<enter>", ids[0]));
    talk.settle();
    assert_eq!(talk.shown().len(), 2);
    talk.press(":show n0such<enter>");
    talk.settle();
    assert!(talk.shown().len() == 2 && talk.said().contains(&failure(FailureKind::NotFound).to_string()));
}

#[test]
fn a_revocation_is_not_called_proved_and_says_why() {
    let mut talk = with(usual()[0].id.raw());
    talk.press("x");
    talk.answer_question("y");
    talk.serve("get");
    talk.forget();
    talk.serve("revoke");
    talk.settle();
    assert!(talk.sent().is_empty(), "nothing is asked that proves nothing: {:?}", talk.sent());
    assert_eq!((talk.tally().revoked, talk.tally().verified), (1, 0));
    assert_eq!(*talk.run().items[0].state(), ItemState::Unproved(NO_PROOF.to_owned()));
    assert!(talk.said().contains("not verified"), "{}", talk.said());
    let why = applies(&talk.model, Action::Verify).expect_err("it tells nothing");
    assert!(why.contains(NO_PROOF), "{why}");

    // Read again it looks alive, and stays what was done to it.
    talk.press(&format!(":show {}<enter>", usual()[0].id.raw()));
    let alive = alive(&mut talk, 0);
    talk.reply_to("get", Ok(alive));
    talk.settle();
    let state = talk.model.tokens.here().map(RowRef::state);
    assert_eq!((talk.shown().len(), state), (1, Some(State::Revoked)));
}

#[test]
fn a_lost_answer_is_sent_again_and_three_lost_ones_are_unknown() {
    for losses in [1, 3] {
        let mut talk = with(usual()[0].id.raw());
        talk.press("x");
        talk.answer_question("y");
        for _ in 0..losses {
            let alive = alive(&mut talk, 0);
            talk.reply_to("get", Ok(alive));
            talk.reply_to("revoke", Err(lost()));
        }
        if losses < 3 {
            let alive = alive(&mut talk, 0);
            talk.reply_to("get", Ok(alive));
            talk.serve("revoke");
        }
        talk.settle();
        let tally = talk.tally();
        assert_eq!((tally.revoked, tally.unverified, tally.verified), if losses < 3 { (1, 0, 0) } else { (0, 1, 0) });
        assert_eq!(talk.story().iter().filter(|line| *line == "intent revoke").count(), 1);
        if let ItemState::Over(Outcome::Unverified(reason)) = talk.run().items[0].state() {
            assert!(reason.contains("sent 3 times") && reason.contains(NO_PROOF), "{reason}");
        }
    }
}

#[test]
fn the_own_credential_is_proved_dead_all_the_same() {
    let own = usual().iter().find(|token| token.label.raw() == "mine").expect("one").id.raw().to_owned();
    let mut talk = with(&own);
    talk.revoke_own("mine");
    assert_eq!(talk.tally().verified, 1);
}
