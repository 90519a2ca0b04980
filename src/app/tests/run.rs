//! A confirmed revocation: what is sent in which order, and what is claimed of it.

use std::time::Duration;

use crate::app::effect::Effect;
use crate::app::message::{Message, Signal};
use crate::app::modal::Modal;
use crate::app::run::{ItemState, Phase, WINDOW};
use crate::app::testing::*;
use crate::domain::{Failure, FailureKind, Outcome, Reply, State, Token};

/// Confirms the revocation of one token with an ordinary role.
fn revoke_one(talk: &mut Talk, label: &str) {
    talk.go(label);
    talk.press("x");
    talk.answer_question("y");
}

/// Confirms the revocation of several tokens.
fn revoke(talk: &mut Talk, labels: &[&str]) {
    talk.mark(labels);
    talk.press("x");
    let expected = talk.confirm().tier.expected().to_owned();
    talk.answer_question(&format!("{expected}<enter>"));
}

/// A conversation over this many ordinary tokens, all of them confirmed.
fn many(count: usize) -> Talk {
    let lines: Vec<String> = (0..count).map(|at| format!("tk-{at:06} label-{at:03} reader")).collect();
    let mut talk = Talk::with(table(&lines.join("\n")));
    talk.press("*x");
    talk.answer_question(&format!("{count}<enter>"));
    talk
}

fn busy(seconds: u64) -> Failure {
    failure(FailureKind::Busy(Some(Duration::from_secs(seconds))))
}

/// Fails unless the counts add up.
fn adds_up(talk: &Talk) {
    let t = talk.tally();
    let sum = t.open + t.revoked + t.verified + t.gone + t.changed + t.failed + t.unverified + t.not_sent;
    assert_eq!(t.all, sum, "{t:?}");
}

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
    assert_eq!(talk.open.len(), WINDOW);
    while !talk.open.is_empty() {
        let at = talk.open.len() / 2;
        talk.serve_at(at);
        let in_flight = talk.run().items.iter().filter(|item| item.state.is_in_flight()).count();
        assert!(in_flight <= WINDOW);
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
        assert_eq!(talk.run().items[0].state, ItemState::Over(Outcome::Changed));
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
fn nothing_leaves_before_the_moment_that_the_backend_named() {
    let mut talk = many(20);
    let at = talk.open.iter().position(|(_, _, op)| op.word() == "get").expect("a read");
    let (call, ..) = talk.open[at].clone();
    talk.reply(call, Err(busy(7)));
    let sent = talk.sent().len();
    while !talk.open.is_empty() {
        talk.serve_at(0);
    }
    assert_eq!(talk.sent().len(), sent, "{:?}", talk.sent());
    talk.wait(6_999);
    assert_eq!(talk.sent().len(), sent);
    talk.wait(1);
    assert!(talk.sent().len() > sent);
    talk.settle();
    assert_eq!(talk.tally().verified, 20);
}

#[test]
fn a_busy_backend_delays_a_revocation_and_its_proof() {
    let mut talk = Talk::usual();
    revoke_one(&mut talk, "alpha");
    talk.serve("get");
    talk.reply_to("revoke", Err(busy(3)));
    talk.wait(2_999);
    assert!(talk.open.is_empty());
    talk.wait(1);
    talk.serve("get");
    talk.serve("revoke");
    talk.reply_to("get", Err(busy(5)));
    talk.wait(4_999);
    assert!(talk.open.is_empty());
    assert_eq!(talk.tally().open, 1);
    talk.wait(1);
    talk.settle();
    assert_eq!(talk.tally().verified, 1);
    assert_eq!(talk.story().iter().filter(|line| *line == "intent revoke").count(), 1);
}

#[test]
fn a_wait_that_nobody_sits_through_is_a_question_for_the_operator() {
    for seconds in [61, 3_600, 1_000_000_000_000_000_000] {
        let mut talk = Talk::usual();
        revoke_one(&mut talk, "alpha");
        talk.reply_to("get", Err(busy(seconds)));
        assert!(talk.open.is_empty());
        assert!(matches!(talk.run().phase, Phase::Paused(_)), "{seconds}");
        talk.press(":resume<enter>");
        talk.settle();
        assert_eq!(talk.tally().verified, 1);
    }
}

#[test]
fn a_dead_credential_pauses_and_a_login_goes_on() {
    let mut talk = many(20);
    let (call, ..) = talk.open[3].clone();
    talk.reply(call, Err(failure(FailureKind::Credential)));
    let sent = talk.sent().len();
    while !talk.open.is_empty() {
        talk.serve_at(0);
    }
    assert_eq!(talk.sent().len(), sent);
    assert!(talk.said().contains(":login"));
    adds_up(&talk);
    assert_eq!(talk.tally().open, 20, "nothing is given up: {:?}", talk.tally());
    talk.press(":login<enter>secret<enter>");
    assert!(talk.others.iter().any(|effect| matches!(effect, Effect::KeepCredential(..))));
    talk.tell(Message::CredentialKept(name("prod"), crate::domain::CredentialSource::Memory, None));
    talk.settle();
    assert_eq!(talk.tally().verified, 20);
}

#[test]
fn a_pause_gives_no_token_up() {
    let mut talk = many(8);
    talk.disk = Disk::Slow;
    for _ in 0..7 {
        talk.serve_at(0);
    }
    talk.reply_to("get", Err(failure(FailureKind::Offline)));
    talk.write();
    assert!(talk.revoked().is_empty());
    assert_eq!(talk.tally().open, 8, "{:?}", talk.tally());
    talk.disk = Disk::Works;
    talk.press(":resume<enter>");
    talk.settle();
    assert_eq!(talk.tally().verified, 8);
    assert_eq!(talk.story().iter().filter(|line| *line == "intent revoke").count(), 8, "the intents are kept");
}

#[test]
fn no_network_pauses_until_resumed() {
    for kind in [FailureKind::Offline, FailureKind::Tls, FailureKind::TimedOut] {
        let mut talk = Talk::usual();
        revoke_one(&mut talk, "alpha");
        talk.reply_to("get", Err(failure(kind)));
        assert!(matches!(talk.run().phase, Phase::Paused(_)));
        talk.wait(3_600_000);
        assert!(talk.open.is_empty());
        talk.press(":resume<enter>");
        talk.settle();
        assert_eq!(talk.tally().verified, 1);
    }
}

#[test]
fn a_journal_that_fails_pauses_and_sends_nothing() {
    let mut talk = many(20);
    talk.disk = Disk::Full;
    while !talk.open.is_empty() {
        talk.serve_at(0);
    }
    assert!(talk.revoked().is_empty());
    assert!(matches!(talk.run().phase, Phase::Paused(_)));
    assert!(talk.said().contains("the disk is full"));
    talk.disk = Disk::Works;
    talk.press(":resume<enter>");
    talk.settle();
    assert_eq!(talk.tally().verified, 20);
}

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
    assert_eq!(talk.story(), ["get tk-000001", "intent revoke", "result failed"]);
    assert!(talk.others.contains(&Effect::Quit(143)));
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
