//! The reading afterwards: what is claimed of a token that was sent.

use super::{many, revoke_one};
use crate::app::run::{ItemState, Phase};
use crate::app::testing::*;
use crate::app::tokens::RowNote;
use crate::domain::{Failure, FailureKind, Operation, Outcome, Reply, State, Token, Why, unsettled};

#[test]
fn the_own_credential_is_proved_dead_by_being_refused() {
    let mut talk = Talk::usual();
    talk.go("mine");
    talk.revoke_own("mine");
    assert_eq!(talk.tally().verified, 1);
    assert!(talk.said().contains("your own credential is gone"));
}

#[test]
fn a_token_that_somebody_else_revoked_meanwhile_is_gone() {
    let mut talk = Talk::usual();
    revoke_one(&mut talk, "alpha");
    talk.serve("get");
    talk.reply_to("revoke", Err(failure(FailureKind::NotFound)));
    assert_eq!(talk.tally().gone, 0, "that alone says nothing");
    talk.reply_to("get", Err(failure(FailureKind::NotFound)));
    assert_eq!(talk.tally().gone, 1);
    assert_eq!(talk.story().last().map(String::as_str), Some("result gone"));
}

#[test]
fn one_answer_that_does_not_find_a_token_is_no_proof() {
    // Before it is sent.
    let mut talk = Talk::usual();
    revoke_one(&mut talk, "alpha");
    talk.reply_to("get", Err(failure(FailureKind::NotFound)));
    assert_eq!(talk.tally().gone, 0);
    talk.settle();
    assert_eq!((talk.tally().verified, talk.revoked().len()), (1, 1));
    // To the revocation itself.
    let mut talk = Talk::usual();
    revoke_one(&mut talk, "alpha");
    talk.serve("get");
    talk.reply_to("revoke", Err(failure(FailureKind::NotFound)));
    talk.settle();
    assert_eq!((talk.tally().verified, talk.revoked().len()), (1, 2));
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
    let alive = talk.backend().tokens[0].clone();
    asked_in_vain(&mut talk, || Ok(Reply::Token(Box::new(alive.clone()))));
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
    asked_in_vain(&mut talk, || Err(failure(FailureKind::Forbidden)));
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
    asked_in_vain(&mut talk, || Ok(Reply::Done));
    assert_eq!((talk.tally().revoked, talk.tally().unverified), (0, 1));
    assert_eq!(talk.story().last().map(String::as_str), Some("result unverified"));
}

#[test]
fn a_revoked_token_that_still_answers_is_not_called_dead() {
    let mut talk = Talk::usual();
    revoke_one(&mut talk, "alpha");
    talk.serve("get");
    let alive = talk.backend().tokens[0].clone();
    let shows = || Ok(Reply::Token(Box::new(alive.clone())));
    for _ in 0..2 {
        talk.serve("revoke");
        talk.reply_to("get", shows());
        asked_in_vain(&mut talk, shows);
    }
    let tally = talk.tally();
    assert_eq!((tally.alive, tally.revoked, tally.verified), (1, 0, 0));
    let reason = "40 s later the backend still shows it alive".to_owned();
    assert_eq!(*talk.run().items[0].state(), ItemState::Over(Outcome::StillAnswering(reason.clone())));
    assert!(!talk.said().contains("verified dead") && !talk.said().contains("revoked \""), "{}", talk.said());
    assert!(talk.model.tokens.revoked_here.is_empty());
    let row = talk.model.tokens.inventory.find_id(&name("prod"), alive.id.raw()).expect("listed");
    assert_eq!(talk.model.tokens.inventory.token(row).expect("listed").state, State::Live);
    assert_eq!(talk.model.tokens.notes[&row], RowNote::StillAnswering);
    // What was done was sent under one intent, and stays open for the next start.
    assert_eq!(talk.revoked().len(), 2);
    assert_eq!(talk.story().iter().filter(|line| *line == "intent revoke").count(), 1);
    let open: Vec<Why> = unsettled(&talk.journal()).into_iter().map(|left| left.why).collect();
    assert_eq!(open, [Why::StillAnswering(reason)]);
}

#[test]
fn a_revocation_that_died_with_its_leader_is_sent_once_more() {
    let mut talk = Talk::usual();
    revoke_one(&mut talk, "alpha");
    talk.serve("get");
    let alive = talk.backend().tokens[0].clone();
    talk.serve("revoke");
    talk.backend().tokens[0] = alive.clone();
    talk.reply_to("get", Ok(Reply::Token(Box::new(alive.clone()))));
    asked_in_vain(&mut talk, || Ok(Reply::Token(Box::new(alive.clone()))));
    talk.settle();
    assert_eq!((talk.tally().verified, talk.revoked().len()), (1, 2));
    assert!(unsettled(&talk.journal()).is_empty());
}

#[test]
fn who_has_the_id_of_a_revoked_token_by_now_is_another_one() {
    let mut talk = Talk::usual();
    revoke_one(&mut talk, "alpha");
    talk.serve("get");
    let later = talk.backend().tokens[0].created.map(|created| created + jiff::SignedDuration::from_secs(9));
    let heir = Token { created: later, ..talk.backend().tokens[0].clone() };
    talk.serve("revoke");
    talk.reply_to("get", Ok(Reply::Token(Box::new(heir))));
    talk.settle();
    assert_eq!((talk.tally().verified, talk.revoked().len()), (1, 1));
}

/// Answers the question what became of a token for as long as it is put; it is put for 40 seconds, and not hastily.
fn asked_in_vain(talk: &mut Talk, answer: impl Fn() -> Result<Reply, Failure>) {
    let (began, mut asked) = (talk.model.now, 0);
    while talk.tally().open > 0 && talk.model.now.duration_since(began).as_secs() < 40 {
        talk.wait(500);
        while talk.open.first().is_some_and(|(_, _, operation)| operation.word() == "get") {
            talk.reply_to("get", answer());
            asked += 1;
        }
    }
    assert_eq!(talk.model.now.duration_since(began).as_secs(), 40);
    assert!((5..=8).contains(&asked), "{asked}");
}

#[test]
fn a_standby_that_lags_behind_is_asked_again_until_it_knows() {
    let mut talk = many(20);
    while let Some((call, _, operation)) = talk.open.first().cloned() {
        // Dead where it was told, and not yet where it is asked.
        if let Operation::Get(token) = &operation
            && talk.backend().is_dead(token)
        {
            let alive = Token { state: State::Live, ..talk.backend().get(token).expect("known").clone() };
            let odd = token.raw().ends_with('3').then(|| failure(FailureKind::Forbidden));
            talk.reply(call, odd.map_or(Ok(Reply::Token(Box::new(alive))), Err));
        } else {
            talk.serve_at(0);
        }
    }
    assert_eq!((talk.tally().open, talk.tally().verified), (20, 0), "nothing holds the others up");
    assert_eq!(talk.revoked().len(), 20);
    talk.wait(1_000);
    talk.settle();
    assert_eq!(talk.tally().verified, 20);
    assert_eq!(talk.revoked().len(), 20, "nothing is sent twice");
}

#[test]
fn who_calls_a_run_off_does_not_wait_for_an_answer_that_does_not_come() {
    let mut talk = Talk::usual();
    revoke_one(&mut talk, "alpha");
    talk.serve("get");
    talk.serve("revoke");
    talk.press("<ctrl-c>");
    assert_eq!(talk.run().phase, Phase::Cancelling);
    talk.reply_to("get", Err(failure(FailureKind::Server)));
    assert_eq!((talk.tally().open, talk.tally().revoked), (0, 1));
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
