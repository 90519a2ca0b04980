//! Several contexts at once: one that is down, or has nothing to ask, holds no other up.

use crate::app::action::{Action, applies};
use crate::app::contexts::Asked;
use crate::app::effect::Effect;
use crate::app::modal::Modal;
use crate::app::model::Start;
use crate::app::testing::*;
use crate::domain::{FailureKind, Support};

/// Three contexts, of which `prod` has its list and the others' names have that name in them.
fn several() -> Talk {
    let rows = |id: &str| table(&format!("{id} of-{id} reader"));
    Talk::over(vec![(context("prod"), rows("p1")), (context("prod-eu"), rows("e1")), (context("nonprod"), rows("n1"))])
}

#[test]
fn one_context_is_shown_alone_though_its_name_is_a_part_of_others() {
    let mut talk = several();
    for (wanted, label) in [("prod", "of-p1"), ("prod-eu", "of-e1"), ("nonprod", "of-n1")] {
        talk.press(&format!(":context {wanted}<enter>"));
        assert_eq!(talk.shown(), [label], "{}", talk.model.tokens.query.field.text());
    }
    talk.press(":context<enter>");
    assert_eq!(talk.shown().len(), 3);
}

#[test]
fn marking_all_waits_for_the_contexts_that_are_shown_and_for_no_other() {
    let down = (context("down"), Backend::new(table("d1 dd reader")));
    let mut talk = Talk::begin(vec![(context("prod"), Backend::new(usual())), down], Start::Configured);
    while let Some(at) = talk.open.iter().position(|(_, of, _)| *of == name("prod")) {
        talk.serve_at(at);
    }
    while let Some((call, ..)) = talk.open.first().cloned() {
        talk.reply(call, Err(failure(FailureKind::Offline)));
    }
    assert_eq!(talk.shown().len(), 8, "the rows of the others are there");
    let why = applies(&talk.model, Action::MarkAll).expect_err("a list is missing");
    assert!(why.contains("the list of down is not complete") && why.contains(":context"), "{why}");
    talk.press(":context prod<enter>*");
    assert_eq!(talk.marked().len(), 8);
}

#[test]
fn a_closed_backend_is_asked_for_nothing_and_needs_no_login() {
    let closed = able("mdca", |able| able.closed = Some("There is no interface.".to_owned()));
    let mut talk = Talk::begin(
        vec![(closed, Backend::new(Vec::new())), (context("prod"), Backend::new(usual()))],
        Start::Configured,
    );
    talk.settle();
    let of_closed = |effect: &Effect| matches!(effect, Effect::FindCredential(of) if *of == name("mdca"));
    assert!(!talk.others.iter().any(of_closed) && talk.model.contexts[0].credential == Asked::Not);
    assert!(talk.said().contains("mdca") && talk.said().contains("There is no interface"), "{}", talk.said());
    assert_eq!(talk.shown().len(), 8);
    assert!(applies(&talk.model, Action::MarkAll).is_ok(), "it has no list that could be missing");
    let said = talk.said();
    talk.press("<ctrl-r>");
    talk.settle();
    assert_eq!(talk.said(), said, "it is said once");
    talk.press(":login mdca<enter>");
    assert!(
        matches!(talk.model.modals.last(), Some(Modal::Palette(palette)) if palette.said.contains("cannot be asked"))
    );
    assert!(!talk.model.contexts[0].needs_login());
}

#[test]
fn what_a_backend_does_not_tell_is_not_asked() {
    let silent = able("prod", |able| (able.whoami, able.health) = (Support::No, Support::No));
    let mut talk = Talk::over(vec![(silent, usual())]);
    talk.press("<ctrl-r>");
    talk.settle();
    assert_eq!(talk.sent(), ["list"]);
    assert_eq!((&talk.model.contexts[0].identity, &talk.model.contexts[0].health), (&Asked::Not, &Asked::Not));
}
