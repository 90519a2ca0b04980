//! Over what a revocation is asked, when the question is refused, and what changes while it stands.

use crate::app::modal::{Held, Tier};
use crate::app::testing::*;
use crate::domain::{Access, Context, FailureKind, Owner, Protection};

/// Opens the question over the row with this label.
fn ask(talk: &mut Talk, label: &str) {
    talk.go(label);
    talk.press("x");
}

#[test]
fn read_only_refuses_before_it_asks() {
    let read_only = Context { access: Access::ReadOnly, ..context("prod") };
    let mut talk = Talk::over(vec![(read_only, usual())]);
    for key in ["x", "e", "t", "n"] {
        talk.press(key);
        assert!(talk.model.modals.is_empty(), "{key}");
        assert!(talk.said().lines().last().is_some_and(|line| line.contains("read-only")), "{key}");
    }
}

#[test]
fn stale_rows_refuse_with_the_reason() {
    for kind in [FailureKind::Offline, FailureKind::Credential] {
        let mut talk = Talk::usual();
        talk.press("<ctrl-r>");
        talk.reply_to("list", Err(failure(kind)));
        talk.settle();
        ask(&mut talk, "alpha");
        assert!(matches!(&talk.confirm().held, Held::Because(_)));
        talk.answer_question("y");
        assert!(talk.model.runs.is_empty() && talk.confirm().said.contains("stale"), "{kind:?}");
    }
}

#[test]
fn rows_that_go_stale_behind_the_question_refuse_too() {
    for kind in [FailureKind::Offline, FailureKind::Credential] {
        let mut talk = Talk::usual();
        talk.press("<ctrl-r>");
        ask(&mut talk, "alpha");
        talk.reply_to("list", Err(failure(kind)));
        assert!(matches!(&talk.confirm().held, Held::Because(_)), "{kind:?}");
        talk.answer_question("y");
        assert!(talk.model.runs.is_empty(), "{kind:?}");
    }
}

#[test]
fn the_frozen_set_outlives_what_happens_to_the_list() {
    let mut talk = Talk::usual();
    talk.mark(&["alpha", "bravo"]);
    talk.press("x");
    let frozen = talk.confirm().tokens.clone();
    let backend = talk.backend();
    backend.tokens.remove(0);
    backend.tokens.reverse();
    backend.change("tk-000002").label = "zulu".into();
    let name = name("prod");
    let mut effects = Vec::new();
    crate::app::loading::begin(&mut talk.model, &name, &mut effects);
    for effect in effects {
        if let crate::app::effect::Effect::Call { call, context, operation } = effect {
            talk.open.push((call, context, operation));
        }
    }
    talk.settle();
    assert_eq!(talk.confirm().tokens, frozen);
    assert_eq!(talk.shown().len(), 8, "nothing moves behind a question");
    talk.answer_question("2<enter>");
    talk.settle();
    assert_eq!(talk.revoked(), Vec::<String>::new(), "one is gone and one was renamed");
    let tally = talk.tally();
    assert_eq!((tally.gone, tally.changed), (1, 1));
}

#[test]
fn hidden_marks_are_counted_and_go_with_the_others() {
    let mut talk = Talk::usual();
    talk.mark(&["alpha", "bravo"]);
    talk.press("/alpha<enter>");
    assert_eq!(talk.shown(), ["alpha"]);
    talk.press("x");
    assert_eq!((talk.confirm().tokens.len(), talk.confirm().hidden), (2, 1));
}

#[test]
fn marks_in_two_contexts_are_one_question_that_names_each_that_is_heavy() {
    let protected = Context { protection: Protection::Protected, ..context("vault") };
    let mut talk = Talk::over(vec![
        (context("prod"), table("p1 alpha reader\np2 bravo reader")),
        (context("dev"), table("d1 charlie admin")),
        (protected, table("v1 delta reader")),
    ]);
    let expected = |talk: &mut Talk, labels: &[&str]| {
        talk.press("u");
        talk.mark(labels);
        talk.press("x");
        let expected = talk.confirm().tier.expected().to_owned();
        talk.press("<esc>");
        expected
    };
    assert_eq!(expected(&mut talk, &["alpha", "bravo"]), "2");
    assert_eq!(expected(&mut talk, &["alpha", "charlie"]), "2 dev");
    assert_eq!(expected(&mut talk, &["alpha", "delta"]), "2 vault");
    assert_eq!(expected(&mut talk, &["charlie", "delta", "alpha"]), "3 dev vault");
    talk.press("u");
    talk.mark(&["delta", "charlie", "alpha"]);
    talk.press("x");
    // In the order of the configuration, whatever the order of the rows.
    assert_eq!(talk.confirm().contexts, ["prod", "dev", "vault"].map(name));
    for wrong in ["3", "3 dev", "3 vault dev", "3 prod"] {
        talk.answer_question(&format!("{wrong}<enter>"));
        assert!(talk.asks() && talk.model.runs.is_empty(), "{wrong}");
    }
}

#[test]
fn one_context_that_takes_no_change_refuses_the_question_over_all() {
    let read_only = Context { access: Access::ReadOnly, ..context("dev") };
    let mut talk = Talk::over(vec![(context("prod"), table("p1 alpha reader")), (read_only, table("d1 bravo reader"))]);
    talk.mark(&["alpha", "bravo"]);
    talk.press("x");
    assert!(!talk.asks() && talk.said().contains("dev is read-only"), "{}", talk.said());
}

#[test]
fn dead_tokens_are_left_out_and_that_is_said() {
    let mut talk = Talk::usual();
    talk.backend().change("tk-000001").state = crate::domain::State::Revoked;
    talk.press("<ctrl-r>");
    talk.settle();
    talk.go("alpha");
    talk.press("x");
    assert!(!talk.asks() && talk.said().contains("already revoked"));
    talk.mark(&["alpha", "bravo", "charlie"]);
    talk.press("x");
    assert_eq!(talk.confirm().tokens.len(), 2);
    assert!(talk.confirm().said.contains("1 already revoked"));
}

#[test]
fn children_that_die_too_are_counted() {
    let mut tokens = usual();
    tokens[1].parent = Some(id("tk-000001"));
    tokens[2].parent = Some(id("tk-000001"));
    let mut talk = Talk::with(tokens);
    ask(&mut talk, "alpha");
    assert_eq!(talk.confirm().tokens[0].children, 2);
}

#[test]
fn the_own_credential_is_known_while_it_is_asked_for_again() {
    let mut talk = Talk::usual();
    talk.press("<ctrl-r>");
    ask(&mut talk, "mine");
    assert!(talk.confirm().tokens[0].own);
    assert_eq!(talk.confirm().tier, Tier::Label("mine".to_owned()));
    talk.press("<esc>");
    talk.reply_to("self", Err(failure(FailureKind::Server)));
    talk.settle();
    ask(&mut talk, "mine");
    assert!(talk.confirm().tokens[0].own, "a failed question does not unlearn it");
}

#[test]
fn a_token_that_turns_out_to_be_the_own_credential_is_asked_about_again() {
    let mut talk = Talk::usual();
    let name = name("prod");
    if let Some(state) = talk.model.context_mut(&name) {
        state.identity = crate::app::contexts::Asked::Not;
    }
    ask(&mut talk, "mine");
    assert_eq!(talk.confirm().tier, Tier::Yes);
    talk.wait(400);
    let mut effects = Vec::new();
    crate::app::answers::ask_all(&mut talk.model, &name, &mut effects);
    for effect in effects {
        if let crate::app::effect::Effect::Call { call, context, operation } = effect {
            talk.open.push((call, context, operation));
        }
    }
    talk.serve("self");
    talk.press("y");
    assert!(talk.model.runs.is_empty());
    assert_eq!(talk.confirm().tier, Tier::Label("mine".to_owned()));
    assert!(talk.confirm().said.contains("own credential"));
}

#[test]
fn an_owner_that_was_removed_is_a_difference() {
    let mut talk = Talk::usual();
    ask(&mut talk, "delta");
    talk.backend().change("tk-000004").owner = Owner::Removed("bert".into());
    talk.answer_question("y");
    talk.settle();
    assert!(talk.revoked().is_empty() && talk.asks());
}
