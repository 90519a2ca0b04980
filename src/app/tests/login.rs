//! Logins: what was sent before one says nothing of the credential that it brought.

use crate::app::contexts::Asked;
use crate::app::message::Message;
use crate::app::run::Phase;
use crate::app::testing::*;
use crate::domain::{CallId, CredentialSource, FailureKind};

/// Takes another credential over.
fn login(talk: &mut Talk) {
    talk.tell(Message::CredentialKept(name("prod"), CredentialSource::Keyring, None));
}

/// Returns the oldest open call of a kind.
fn open(talk: &Talk, word: &str) -> CallId {
    let found = talk.open.iter().find(|(_, _, operation)| operation.word() == word);
    found.map_or_else(|| panic!("no open {word}"), |(call, ..)| *call)
}

fn is_dead(talk: &Talk) -> bool {
    talk.model.contexts[0].needs_login() || talk.said().contains(":login")
}

#[test]
fn a_late_refusal_of_the_credential_before_leaves_the_new_one_alone_and_the_question_is_asked_again() {
    let mut talk = Talk::usual();
    talk.go("alpha");
    talk.press("v");
    let late = open(&talk, "get");
    login(&mut talk);
    talk.forget();
    talk.reply(late, Err(failure(FailureKind::Credential)));
    assert!(!is_dead(&talk), "{}", talk.said());
    assert_eq!(talk.sent(), ["get tk-000001"]);
    talk.settle();
    assert!(talk.said().contains("\"alpha\" lives"), "{}", talk.said());
    assert!(!is_dead(&talk));
}

#[test]
fn a_refusal_of_the_credential_in_force_is_one_after_a_login_too() {
    let mut talk = Talk::usual();
    login(&mut talk);
    talk.settle();
    talk.go("alpha");
    talk.press("v");
    talk.reply_to("get", Err(failure(FailureKind::Credential)));
    assert!(is_dead(&talk) && talk.sent().iter().filter(|line| line.starts_with("get")).count() == 1);
}

#[test]
fn who_the_operator_was_before_is_not_who_the_operator_is() {
    let mut talk = Talk::usual();
    talk.press("<ctrl-r>");
    let late = open(&talk, "self");
    talk.backend().own = Some(id("tk-000001"));
    login(&mut talk);
    let before = Backend { own: Some(id("tk-000002")), ..Backend::new(usual()) }
        .answer(&crate::domain::Operation::Whoami, &mut talk.store);
    for answer in [before, Err(failure(FailureKind::Credential))] {
        let mut talk = talk.clone();
        talk.reply(late, answer);
        assert_eq!(talk.model.contexts[0].identity, Asked::Asking);
        talk.settle();
        let own = talk.model.contexts[0].identity.there().and_then(|identity| identity.token.clone());
        assert_eq!(own, Some(id("tk-000001")));
        assert!(!is_dead(&talk));
    }
}

#[test]
fn a_run_goes_on_over_late_refusals_of_the_credential_before() {
    for stage in ["read again", "sent", "proved"] {
        let mut talk = Talk::usual();
        talk.go("alpha");
        talk.press("x");
        talk.answer_question("y");
        if stage != "read again" {
            talk.serve("get");
        }
        if stage == "proved" {
            talk.serve("revoke");
        }
        let late = open(&talk, if stage == "sent" { "revoke" } else { "get" });
        login(&mut talk);
        talk.reply(late, Err(failure(FailureKind::Credential)));
        assert!(matches!(talk.run().phase, Phase::Going), "{stage}: {:?}", talk.run().phase);
        assert!(!is_dead(&talk), "{stage}");
        talk.settle();
        assert_eq!(talk.tally().verified, 1, "{stage}: {:?}", talk.run());
        assert_eq!(talk.story().iter().filter(|line| line.starts_with("intent")).count(), 1, "{stage}");
    }
}

#[test]
fn a_change_that_a_late_refusal_kept_from_happening_is_said_and_not_sent_twice() {
    let mut talk = Talk::usual();
    talk.press("nfresh<tab><tab><tab><tab><enter>");
    let late = open(&talk, "create");
    login(&mut talk);
    talk.reply(late, Err(failure(FailureKind::Credential)));
    talk.settle();
    assert!(!is_dead(&talk));
    assert_eq!(talk.sent().iter().filter(|line| line.starts_with("create")).count(), 1);
    let form = format!("{:?}", talk.model.modals);
    assert!(form.contains("from before the login"), "{form}");
}
