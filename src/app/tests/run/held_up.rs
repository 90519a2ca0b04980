//! What a run waits or pauses for, and that nothing is lost by it.

use super::{adds_up, busy, many, revoke_one};
use crate::app::effect::Effect;
use crate::app::message::Message;
use crate::app::run::Phase;
use crate::app::testing::*;
use crate::domain::FailureKind;

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
