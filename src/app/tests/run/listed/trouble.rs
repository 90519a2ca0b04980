//! A list that is late, refused, of another context or given up.

use super::super::{busy, revoke, revoke_one};
use super::aged;
use crate::app::contexts::ListExtent;
use crate::app::message::Message;
use crate::app::modal::Modal;
use crate::app::run::Phase;
use crate::app::testing::*;
use crate::domain::{CredentialSource, FailureKind};

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
