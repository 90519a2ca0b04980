//! Changes of a token that is there: label, expiry, switch; and what a backend cannot do.

use crate::app::modal::Modal;
use crate::app::testing::*;
use crate::domain::{FailureKind, Rotation, State, Support};

#[test]
fn an_edit_sends_only_what_changed() {
    let mut talk = Talk::usual();
    talk.go("alpha");
    talk.press("e<tab><tab><enter>");
    assert!(talk.sent().is_empty(), "nothing is changed");
    talk.press("<tab><ctrl-u>renamed<tab><tab><enter><enter>");
    assert_eq!(talk.story(), ["intent edit", "edit tk-000001"]);
    talk.settle();
    assert!(talk.model.modals.is_empty() && talk.shown().contains(&"renamed".to_owned()));
    assert_eq!(talk.story().last().map(String::as_str), Some("result done"));
}

#[test]
fn an_edit_of_somebody_elses_version_is_refused_in_its_form() {
    let mut talk = Talk::usual();
    talk.go("alpha");
    talk.press("e<ctrl-u>renamed<tab><tab><enter>");
    talk.reply_to("edit", Err(failure(FailureKind::Changed)));
    match talk.model.modals.last() {
        Some(Modal::Edit(edit)) => assert!(!edit.sending && edit.failure.is_some()),
        other => panic!("{other:?}"),
    }
    talk.press("<esc>");
    assert!(talk.model.modals.is_empty());
}

#[test]
fn switching_off_and_on_is_recorded_and_never_the_own_credential() {
    let mut talk = Talk::usual();
    talk.go("alpha");
    talk.press(":disable<enter>");
    talk.settle();
    assert_eq!(talk.story(), ["intent disable", "disable tk-000001", "result done"]);
    assert_eq!(talk.model.tokens.here().map(crate::app::inventory::RowRef::state), Some(State::Disabled));
    talk.press(":enable<enter>");
    talk.settle();
    assert_eq!(talk.model.tokens.here().map(crate::app::inventory::RowRef::state), Some(State::Live));
    talk.forget();
    talk.go("mine");
    talk.press(":disable<enter>");
    assert!(talk.sent().is_empty());
}

#[test]
fn what_a_backend_cannot_do_is_off_with_the_reason() {
    let nothing = able("prod", |capabilities| {
        capabilities.get = Support::No;
        capabilities.create = Support::No;
        capabilities.edit_label = Support::No;
        capabilities.edit_expiry = Support::No;
        capabilities.rotate = Rotation::Emulated;
        capabilities.revoke = Support::No;
        capabilities.disable = Support::No;
    });
    for key in ["v", "n", "e", "t", "x"] {
        let mut talk = Talk::over(vec![(nothing.clone(), usual())]);
        talk.press(key);
        assert!(talk.model.modals.is_empty() && talk.sent().is_empty(), "{key}");
        assert!(talk.said().contains("over its interface"), "{key}: {}", talk.said());
    }
}
