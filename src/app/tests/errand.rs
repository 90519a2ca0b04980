//! What is asked without a screen: the same questions, confirmed by a word of the arguments.

use crate::app::contexts::Asked;
use crate::app::errand::{self, Chosen, Deal, Edited, Errand, Refusal, Wanted, Word};
use crate::app::modal::new_secret;
use crate::app::testing::*;
use crate::app::{effect::Effect, sought};
use crate::domain::{Access, FailureKind, Rotation, Support, TokenKey};

fn said(word: &str) -> Word {
    Word(Some(word.to_owned()))
}

/// Looks for tokens until they are found, or known not to be.
fn find(talk: &mut Talk, ids: &[&str]) -> Vec<TokenKey> {
    let wanted = ids.iter().map(|of| (name("prod"), id(of))).collect();
    assert_eq!(talk.undertake(Errand::Find(wanted)), Ok(()));
    talk.settle();
    assert!(sought::is_over(&talk.model));
    talk.model.sought.iter().filter_map(|one| one.found.there().cloned()).collect()
}

#[test]
fn one_token_is_confirmed_by_its_label_and_several_by_their_number() {
    let mut talk = Talk::usual();
    let one = find(&mut talk, &["tk-000001"]);
    let unconfirmed = |word: &str| Err(Refusal::Unconfirmed(word.to_owned()));
    for word in [Word(None), said("1"), said("Alpha"), said("")] {
        assert_eq!(talk.undertake(Errand::Revoke(Chosen::Named(one.clone(), 1), word)), unconfirmed("alpha"));
    }
    let both = find(&mut talk, &["tk-000001", "tk-000002"]);
    for word in [Word(None), said("alpha"), said("1"), said("3")] {
        assert_eq!(talk.undertake(Errand::Revoke(Chosen::Named(both.clone(), 2), word)), unconfirmed("2"));
    }
    talk.settle();
    assert!(talk.revoked().is_empty() && talk.journal().is_empty());

    assert_eq!(talk.undertake(Errand::Revoke(Chosen::Named(both, 2), said("2"))), Ok(()));
    talk.settle();
    assert!(errand::has_stopped(&talk.model));
    assert_eq!((talk.tally().verified, talk.revoked().len()), (2, 2));
}

#[test]
fn a_single_token_that_is_named_among_unknown_ones_needs_their_number() {
    let mut talk = Talk::usual();
    let keys = find(&mut talk, &["tk-000001", "tk-nobody"]);
    assert_eq!(keys.len(), 1);
    let refused = talk.undertake(Errand::Revoke(Chosen::Named(keys, 2), said("alpha")));
    assert_eq!(refused, Err(Refusal::Unconfirmed("2".to_owned())));
}

#[test]
fn what_the_query_shows_is_confirmed_by_its_number_and_dead_ones_do_not_count() {
    let mut talk = Talk::usual();
    assert_eq!(talk.undertake(Errand::Query("role:reader -label:mine".to_owned())), Ok(()));
    talk.settle();
    assert!(errand::is_listed(&talk.model));
    let refused = talk.undertake(Errand::Revoke(Chosen::Shown, Word(None)));
    assert_eq!(refused, Err(Refusal::Unconfirmed("4".to_owned())));
    assert_eq!(talk.undertake(Errand::Revoke(Chosen::Shown, said("4"))), Ok(()));
    talk.settle();
    assert_eq!(talk.tally().verified, 4);
    let refused = talk.undertake(Errand::Revoke(Chosen::Shown, said("4")));
    assert_eq!(refused, Err(Refusal::Unconfirmed("0".to_owned())));
    assert!(matches!(talk.undertake(Errand::Query("used>>".to_owned())), Err(Refusal::Usage(_))));
}

#[test]
fn a_list_that_is_not_whole_shows_nothing_to_revoke() {
    let mut talk = Talk::usual();
    talk.press("<ctrl-r>");
    talk.reply_to("list", Err(failure(FailureKind::Forbidden)));
    talk.settle();
    assert_eq!(talk.undertake(Errand::Query("label:alpha".to_owned())), Ok(()));
    talk.settle();
    let refused = talk.undertake(Errand::Revoke(Chosen::Shown, said("1")));
    assert_eq!(refused, Err(Refusal::Failed(failure(FailureKind::Forbidden))));
}

#[test]
fn tokens_are_found_in_the_list_where_none_is_read_by_itself() {
    let mut talk = Talk::over(vec![(by_list("prod"), usual())]);
    let keys = find(&mut talk, &["tk-000001", "tk-nobody"]);
    assert_eq!(keys.len(), 1);
    assert!(matches!(&talk.model.sought[1].found, Asked::Failed(failure) if failure.kind == FailureKind::NotFound));
    assert!(talk.sent().is_empty(), "the list is there: {:?}", talk.sent());
}

#[test]
fn a_busy_backend_is_asked_again_for_a_token() {
    let mut talk = Talk::usual();
    assert_eq!(talk.undertake(Errand::Find(vec![(name("prod"), id("tk-000001"))])), Ok(()));
    talk.reply_to("get", Err(failure(FailureKind::Busy(Some(std::time::Duration::from_secs(3))))));
    assert!(talk.open.is_empty() && !sought::is_over(&talk.model));
    talk.wait(5_000);
    talk.settle();
    assert!(sought::is_over(&talk.model) && talk.model.sought[0].found.there().is_some());
}

#[test]
fn a_context_that_is_read_only_or_cannot_is_known_before_anything_is_sent() {
    let mut context = context("prod");
    context.access = Access::ReadOnly;
    let talk = Talk::over(vec![(context, usual()), (able("poor", |able| able.revoke = Support::No), Vec::new())]);
    let kind = |of: &str, deal| match errand::may(&talk.model, &name(of), deal) {
        Err(Refusal::Failed(failure)) => Some(failure.kind),
        Err(Refusal::Usage(_) | Refusal::Unconfirmed(_)) | Ok(()) => None,
    };
    for deal in [Deal::Create, Deal::Edit, Deal::Rotate, Deal::Revoke] {
        assert_eq!(kind("prod", deal), Some(FailureKind::ReadOnly));
    }
    assert_eq!(kind("poor", Deal::Revoke), Some(FailureKind::NotOffered));
    assert_eq!(kind("poor", Deal::Create), None);
}

#[test]
fn a_paused_run_is_called_off_and_says_what_it_did() {
    let mut talk = Talk::usual();
    let keys = find(&mut talk, &["tk-000001", "tk-000002"]);
    talk.forget();
    assert_eq!(talk.undertake(Errand::Revoke(Chosen::Named(keys, 2), said("2"))), Ok(()));
    talk.reply_to("get", Err(failure(FailureKind::Offline)));
    talk.settle();
    assert!(errand::has_stopped(&talk.model) && talk.run().is_going());
    assert_eq!(talk.undertake(Errand::GiveUp), Ok(()));
    talk.settle();
    assert!(!talk.run().is_going());
    assert_eq!(talk.tally().open, 0);
}

#[test]
fn a_rotation_without_one_of_the_backend_makes_a_new_token_and_revokes_the_old_one() {
    let mut talk = Talk::over(vec![(able("prod", |able| able.rotate = Rotation::Emulated), usual())]);
    let key = find(&mut talk, &["tk-000001"]).swap_remove(0);
    talk.forget();
    assert!(matches!(talk.undertake(Errand::Rotate(key.clone(), Word(None))), Err(Refusal::Unconfirmed(_))));
    assert_eq!(talk.undertake(Errand::Rotate(key, said("alpha"))), Ok(()));
    talk.settle();
    assert!(new_secret(&talk.model).is_some() && talk.revoked().is_empty());
    assert!(talk.undertake(Errand::RevokeOld).is_err(), "the new secret is not stored yet");
    assert!(talk.undertake(Errand::Stored).is_err(), "it was handed to nobody");
    assert_eq!(talk.undertake(Errand::Printed), Ok(()));
    assert_eq!(talk.undertake(Errand::Stored), Ok(()));
    talk.settle();
    assert!(talk.model.replacements.is_empty());
    assert_eq!(talk.undertake(Errand::RevokeOld), Ok(()));
    talk.settle();
    assert_eq!(talk.revoked(), ["tk-000001"]);
    assert!(crate::domain::unsettled(&talk.journal()).is_empty());
}

#[test]
fn a_form_is_filled_in_as_on_the_screen_or_refused() {
    let mut talk = Talk::usual();
    let wanted = |role: &str| Wanted {
        context: name("prod"),
        label: Some("new".to_owned()),
        roles: vec![role.to_owned()],
        owner: None,
        expires: Some("90d".to_owned()),
    };
    assert!(matches!(talk.undertake(Errand::Create(wanted("emperor"))), Err(Refusal::Usage(_))));
    let none = Wanted { roles: Vec::new(), ..wanted("") };
    assert!(matches!(talk.undertake(Errand::Create(none)), Err(Refusal::Usage(_))));
    assert!(talk.sent().is_empty());
    assert_eq!(talk.undertake(Errand::Create(wanted("reader"))), Ok(()));
    talk.settle();
    assert!(errand::is_settled(&talk.model));
    assert_eq!(new_secret(&talk.model).map(|once| once.token.label.raw().to_owned()), Some("new".to_owned()));
    assert_eq!(talk.undertake(Errand::WriteSecret("file".into())), Ok(()));
    assert!(talk.others.iter().any(|effect| matches!(effect, Effect::WriteSecret(..))));
}

#[test]
fn a_label_is_asked_for_where_there_are_labels_and_nowhere_else() {
    let wanted = |label: Option<&str>| Wanted {
        context: name("prod"),
        label: label.map(str::to_owned),
        roles: vec!["reader".to_owned()],
        owner: None,
        expires: None,
    };
    let mut talk = Talk::usual();
    let none = talk.undertake(Errand::Create(wanted(None)));
    assert!(matches!(&none, Err(Refusal::Usage(said)) if said.contains("a label is needed")), "{none:?}");
    let mut talk = Talk::over(vec![(able("prod", |able| able.choose_label = Support::No), usual())]);
    let some = talk.undertake(Errand::Create(wanted(Some("new"))));
    assert!(matches!(&some, Err(Refusal::Usage(said)) if said.contains("does not take a label")), "{some:?}");
    assert!(talk.sent().is_empty());
    assert_eq!(talk.undertake(Errand::Create(wanted(None))), Ok(()));
}

#[test]
fn an_edit_that_fails_says_why() {
    let mut talk = Talk::usual();
    let key = find(&mut talk, &["tk-000001"]).swap_remove(0);
    let edited = Edited { label: Some("other".to_owned()), expires: None };
    assert_eq!(talk.undertake(Errand::Edit(key.clone(), edited.clone())), Ok(()));
    talk.reply_to("edit", Err(failure(FailureKind::Changed)));
    talk.settle();
    assert!(errand::is_settled(&talk.model));
    assert_eq!(talk.model.refused.as_ref().map(|failure| failure.kind), Some(FailureKind::Changed));
    assert_eq!(talk.undertake(Errand::Edit(key, edited)), Ok(()));
    talk.settle();
    assert_eq!(talk.model.refused, None);
}
