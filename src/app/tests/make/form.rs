//! The form of a new token: what it warns of, what it refuses, where it goes.

use super::{create, form, submit};
use crate::app::modal::{Modal, Warning, grantable};
use crate::app::testing::*;
use crate::domain::{Access, Context, ContextName};

#[test]
fn what_to_think_about_is_said_before_sending() {
    let mut talk = Talk::usual();
    talk.press("nalpha");
    assert_eq!(form(&talk).warnings, [Warning::Duplicate(1)]);
    talk.press("<ctrl-u>аlpha<tab>");
    assert_eq!(form(&talk).warnings, [Warning::LookAlike], "with a Cyrillic letter");
    talk.press("<right><right>");
    assert!(form(&talk).warnings.contains(&Warning::Admin));
    talk.press("<tab><tab><ctrl-u>never");
    assert!(form(&talk).warnings.contains(&Warning::NoExpiry));
}

#[test]
fn a_form_that_is_wrong_sends_nothing_and_says_why() {
    for (label, expires, words) in [
        ("", "90d", "label"),
        ("fresh", "soon", "type 90d"),
        ("fresh", "2020-01-01", "passed"),
        ("fresh", "", "type 90d"),
    ] {
        let mut talk = Talk::usual();
        talk.press("n");
        talk.press(label);
        talk.press("<tab><tab><tab><ctrl-u>");
        talk.press(expires);
        submit(&mut talk);
        assert!(talk.sent().is_empty() && form(&talk).said.contains(words), "{}", form(&talk).said);
    }
}

#[test]
fn a_role_that_may_not_be_granted_is_off_with_the_reason() {
    let mut talk = Talk::usual();
    talk.backend().own_roles = vec!["developer".to_owned()];
    talk.press("<ctrl-r>");
    talk.settle();
    assert_eq!(grantable(&talk.model, &name("prod"), 1), Ok(()));
    assert!(grantable(&talk.model, &name("prod"), 2).is_err_and(|why| why.contains("developer")));
    talk.forget();
    talk.press("nfresh<tab><right><right>");
    submit(&mut talk);
    assert!(talk.sent().is_empty() && form(&talk).said.contains("developer"));
}

#[test]
fn a_form_on_its_way_goes_when_the_answer_comes_whatever_is_in_front() {
    let mut talk = Talk::usual();
    create(&mut talk, "fresh");
    talk.model.modals.push(Modal::Messages(0));
    talk.serve("create");
    assert!(!talk.model.modals.iter().any(|modal| matches!(modal, Modal::Create(_))), "{:?}", talk.model.modals);
}

#[test]
fn an_answer_takes_no_other_form_away() {
    let mut talk = Talk::usual();
    talk.go("alpha");
    talk.press(":disable<enter>n");
    talk.press("typing");
    talk.serve("disable");
    assert_eq!(form(&talk).label.text(), "typing");
}

#[test]
fn a_new_token_goes_to_a_context_that_takes_it() {
    let read_only = Context { access: Access::ReadOnly, ..context("prod") };
    let mut talk = Talk::over(vec![(read_only, table("p1 alpha reader")), (context("dev"), table("d1 bravo reader"))]);
    talk.go("alpha");
    talk.press("n");
    assert_eq!(form(&talk).contexts, [name("dev")]);
    talk.press("fresh");
    submit(&mut talk);
    let to: Vec<ContextName> = talk.open.iter().map(|(_, context, _)| context.clone()).collect();
    assert_eq!(to, [name("dev")]);
}

#[test]
fn an_expiry_is_suggested_that_the_backend_takes() {
    let short = |of: &str| able(of, |able| able.longest = Some("24h".to_owned()));
    let long = able("b", |able| able.longest = Some("365d".to_owned()));
    for (context, suggested) in [(short("a"), "24h"), (long, "90d"), (context("c"), "90d")] {
        let mut talk = Talk::over(vec![(context, usual())]);
        talk.press("n");
        assert_eq!(form(&talk).expires.text(), suggested);
    }
    let mut talk = Talk::over(vec![(short("a"), usual()), (context("b"), usual())]);
    talk.press("n");
    let to_context = "<tab><tab><tab><tab>";
    talk.press(&format!("{to_context}<right>"));
    assert_eq!(form(&talk).expires.text(), "90d", "it goes with the context");
    talk.press("<up><ctrl-u>12h<down><right>");
    assert_eq!((form(&talk).expires.text(), form(&talk).context.as_str()), ("12h", "a"), "what was typed stays");
}
