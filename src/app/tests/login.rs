//! Logins: what was sent before one says nothing of the credential that it brought.

use crate::app::contexts::Asked;
use crate::app::effect::Effect;
use crate::app::message::Message;
use crate::app::modal::{Login, Modal};
use crate::app::run::Phase;
use crate::app::testing::*;
use crate::domain::{CallId, CredentialSource, FailureKind, Support};

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

fn fields(talk: &Talk) -> &Login {
    match talk.model.modals.last() {
        Some(Modal::Login(login)) => login,
        other => panic!("no login in front: {other:?}"),
    }
}

/// A conversation over a context that asks for a one-time code besides the credential.
fn with_code(required: bool) -> Talk {
    let asks = able("prod", |capabilities| capabilities.inputs = vec![otp(required)]);
    Talk::over(vec![(asks, usual())])
}

/// What was handed over: inputs by their names, and the credential.
fn handed(talk: &Talk) -> Vec<String> {
    let mut handed = Vec::new();
    for effect in &talk.others {
        if let Effect::TakeInputs(_, inputs) = effect {
            let pairs = inputs.iter().map(|(name, secret)| [&**name, "=", secret.expose()].concat());
            handed.push(pairs.collect::<Vec<_>>().join(" "));
        }
        if let Effect::KeepCredential(_, secret) = effect {
            handed.push(secret.expose().to_owned());
        }
    }
    handed
}

#[test]
fn a_backend_that_asks_for_more_is_told_it_and_the_keyring_is_not() {
    let mut talk = with_code(true);
    talk.press(":login<enter>another<enter>");
    assert_eq!(fields(&talk).focus, 1, "Enter goes to the next field first");
    talk.press("<enter>");
    assert!(fields(&talk).said.contains("The one-time code"), "{}", fields(&talk).said);
    talk.paste(" 123456\n");
    talk.press("<enter>");
    assert!(talk.model.modals.is_empty());
    assert_eq!(handed(&talk), ["otp=123456", "another"]);
}

#[test]
fn a_code_alone_goes_with_the_credential_in_force() {
    let mut talk = with_code(false);
    let before = talk.model.contexts[0].login;
    talk.press(":login<enter><tab>123456<enter>");
    assert_eq!(handed(&talk), ["otp=123456"]);
    assert!(talk.model.contexts[0].login > before, "late answers are of the login before");
    assert!(talk.sent().contains(&"self".to_owned()) && talk.sent().contains(&"list".to_owned()));
    // One that is left empty is not sent any longer.
    talk.settle();
    talk.forget();
    talk.press(":login<enter><tab><enter>");
    assert_eq!(handed(&talk), [""]);
}

#[test]
fn without_a_credential_a_code_alone_is_not_enough() {
    let mut talk = with_code(false);
    talk.model.contexts[0].source = None;
    talk.press(":login<enter><tab>123456<enter>");
    assert_eq!((fields(&talk).focus, fields(&talk).said.as_str()), (0, "the credential is needed"));
    assert!(handed(&talk).is_empty());
    talk.press("secret<tab><enter>");
    assert_eq!(handed(&talk), ["otp=123456", "secret"]);
}

#[test]
fn a_credential_that_is_found_without_what_is_asked_besides_leads_to_the_login() {
    let mut talk = with_code(true);
    talk.model.contexts[0].source = None;
    let missing =
        crate::domain::Failure::new(FailureKind::Credential, "the backend asks for \"otp\" besides", "log in");
    talk.tell(Message::InputsMissing(name("prod"), CredentialSource::Environment, missing));
    assert!(fields(&talk).has_credential && fields(&talk).failure.is_some());
    assert!(talk.model.contexts[0].needs_login());
    talk.press("<tab>123456<enter>");
    assert_eq!(handed(&talk), ["otp=123456"]);
    assert_eq!(talk.model.contexts[0].credential, Asked::There(CredentialSource::Environment));
    assert!(!talk.model.contexts[0].needs_login());
}

#[test]
fn a_refusal_names_all_that_can_be_typed_anew() {
    let mut talk = with_code(false);
    talk.press("<ctrl-r>");
    talk.reply_to("list", Err(failure(FailureKind::Credential)));
    assert!(talk.said().contains(":login to give the credential or otp anew"), "{}", talk.said());
}

#[test]
fn a_backend_that_asks_for_nothing_else_has_one_field_and_one_enter() {
    let mut talk = Talk::usual();
    talk.press(":login<enter><tab>secret<enter>");
    assert_eq!(handed(&talk), ["secret"]);
    talk.forget();
    talk.press(":login<enter><enter>");
    assert!(handed(&talk).is_empty() && talk.model.modals.is_empty());
    assert!(talk.model.contexts[0].context.capabilities.whoami == Support::Yes);
}
