//! Files under a passphrase: asked for, opened, offered.

use crate::app::contexts::Asked;
use crate::app::effect::Effect;
use crate::app::message::Message;
use crate::app::modal::{Modal, Passphrase, PassphraseFor};
use crate::app::testing::*;
use crate::domain::{CredentialSource, Failure, FailureKind};

/// A conversation in which the credential is in a file that is locked.
fn locked() -> Talk {
    let mut talk = Talk::usual();
    lock(&mut talk, "its passphrase was not given");
    talk
}

fn lock(talk: &mut Talk, why: &str) {
    let failure = Failure::new(FailureKind::Sealed, why, "type it");
    talk.tell(Message::CredentialFound(name("prod"), Err(failure)));
}

fn front(talk: &Talk) -> &Passphrase {
    match talk.model.modals.last() {
        Some(Modal::Passphrase(asked)) => asked,
        other => panic!("no passphrase in front: {other:?}"),
    }
}

/// What was handed over.
#[expect(clippy::wildcard_enum_match_arm, reason = "the others hand nothing over")]
fn handed(talk: &mut Talk) -> Vec<String> {
    let handed = talk.others.iter().filter_map(|effect| match effect {
        Effect::OpenFile(_, secret) => Some(format!("open {}", secret.expose())),
        Effect::FileCredential(_, secret) => Some(format!("keep {}", secret.expose())),
        Effect::KeepCredential(_, secret) => Some(format!("use {}", secret.expose())),
        _ => None,
    });
    let handed = handed.collect();
    talk.others.clear();
    handed
}

#[test]
fn a_locked_file_asks_for_its_passphrase_until_it_opens() {
    let mut talk = locked();
    assert!(talk.model.contexts[0].needs_login());
    talk.press("wrong<enter>");
    assert_eq!(handed(&mut talk), ["open wrong"]);
    assert_eq!(talk.model.contexts[0].credential, Asked::Asking);
    lock(&mut talk, "did not open with this passphrase");
    assert!(
        matches!(&front(&talk).is_for, PassphraseFor::Opening(failure) if failure.summary.contains("did not open"))
    );
    assert!(front(&talk).input.is_empty());
    talk.press("<enter>");
    assert!(talk.model.modals.is_empty() && handed(&mut talk).is_empty(), "nothing typed leaves it locked");
    talk.press(":login<enter>right<enter>");
    assert_eq!(handed(&mut talk), ["open right"]);
    talk.tell(Message::CredentialFound(name("prod"), Ok(CredentialSource::File)));
    assert!(!talk.model.contexts[0].needs_login() && talk.model.modals.is_empty());
    assert!(talk.sent().contains(&"list".to_owned()));
}

#[test]
fn the_credential_can_be_typed_instead() {
    let mut talk = locked();
    talk.press("half<tab>");
    assert!(matches!(talk.model.modals.last(), Some(Modal::Login(_))), "{:?}", talk.model.modals);
    talk.press("another<enter>");
    assert_eq!(handed(&mut talk), ["use another"]);
}

#[test]
fn another_trouble_of_a_file_asks_for_the_credential() {
    let mut talk = Talk::usual();
    let failure = Failure::new(FailureKind::Credential, "the passphrase file is damaged", "log in");
    talk.tell(Message::CredentialFound(name("prod"), Err(failure)));
    assert!(matches!(talk.model.modals.last(), Some(Modal::Login(login)) if login.failure.is_some()));
}

/// A conversation in which a typed credential is in memory only, and a file is offered.
fn offered() -> Talk {
    let mut talk = Talk::usual();
    let nowhere = Failure::local("the OS keyring is not there", "type it");
    talk.tell(Message::CredentialKept(name("prod"), CredentialSource::Memory, Some(nowhere)));
    talk.tell(Message::FileOffered(name("prod")));
    talk.tell(Message::FileOffered(name("prod")));
    assert_eq!(talk.model.modals.len(), 1);
    talk
}

#[test]
fn a_file_is_made_with_a_passphrase_that_was_typed_twice_and_is_not_short() {
    let mut talk = offered();
    for (first, again, said) in [("short", "short", "8 characters"), ("long enough", "long enouhg", "not the same")] {
        talk.press(&format!("{first}<enter>{again}<enter>"));
        assert!(front(&talk).said.contains(said) && front(&talk).first.is_none(), "{:?}", front(&talk));
    }
    talk.press("long enough<enter><enter>");
    assert!(front(&talk).said.contains("not the same"), "an empty one is another one");
    assert!(handed(&mut talk).is_empty());
    talk.press("long enough<enter>long enough<enter>");
    assert_eq!(handed(&mut talk), ["keep long enough"]);
    let login = talk.model.contexts[0].login;
    talk.tell(Message::CredentialFiled(name("prod"), Ok(())));
    assert_eq!(talk.model.contexts[0].credential, Asked::There(CredentialSource::File));
    assert!(talk.said().contains("kept in the passphrase file"), "{}", talk.said());
    assert_eq!(talk.model.contexts[0].login, login, "it is the same credential");
}

#[test]
fn nothing_typed_and_a_file_that_fails_leave_it_in_memory() {
    let mut talk = offered();
    let mut failed = talk.clone();
    talk.press("<enter>");
    assert!(talk.model.modals.is_empty() && handed(&mut talk).is_empty());
    assert_eq!(talk.model.contexts[0].credential, Asked::There(CredentialSource::Memory));
    failed.press("long enough<enter>long enough<enter>");
    failed.tell(Message::CredentialFiled(name("prod"), Err(Failure::local("no room", "free some"))));
    assert_eq!(failed.model.contexts[0].credential, Asked::There(CredentialSource::Memory));
    assert!(failed.said().contains("in memory only: no room"), "{}", failed.said());
}

#[test]
fn what_is_typed_while_a_passphrase_is_tried_is_no_key_and_is_not_shown() {
    let mut talk = locked();
    talk.press("secret<enter>");
    assert_eq!(handed(&mut talk), ["open secret"]);
    talk.press("/secret<enter>xq:secret<enter>");
    assert!(talk.model.modals.is_empty() && talk.model.leaving.is_none() && talk.model.tokens.query.field.is_empty());
    assert!(talk.said().contains("the passphrase of prod is being tried") && !talk.said().contains("secret"));
    talk.tell(Message::CredentialFound(name("prod"), Ok(CredentialSource::File)));
    talk.press("/al");
    assert_eq!(talk.model.tokens.query.field.text(), "al");
    // Leaving needs no text.
    let mut talk = locked();
    talk.press("secret<enter><ctrl-c>");
    assert!(talk.model.leaving.is_some() || !talk.model.modals.is_empty());
}
