//! Where nothing rotates in place: a new token takes the place of the old one, which stays until the new one is seen.

use super::{drafts, form, once, submit};
use crate::app::modal::{Modal, Purpose, Warning};
use crate::app::replacing::Proof;
use crate::app::testing::*;
use crate::domain::{
    Context, Expiry, FailureKind, Identity, LastUse, Operation, Owner, Reply, Rotation, State, Support, Token,
};

fn emulated() -> Context {
    able("prod", |capabilities| capabilities.rotate = Rotation::Emulated)
}

#[test]
fn where_nothing_rotates_in_place_a_new_one_is_made_stored_and_the_old_one_asked_about() {
    let mut talk = Talk::over(vec![(emulated(), usual())]);
    talk.go("charlie");
    talk.press("t");
    assert_eq!(form(&talk).label.text(), "charlie");
    assert_eq!(form(&talk).role, 1, "the role of the old one");
    submit(&mut talk);
    talk.serve("create");
    assert_eq!(talk.revoked(), Vec::<String>::new());
    assert_eq!(talk.sent().last().map(String::as_str), Some("get tk-made01"), "does the new one live?");
    talk.serve("get");
    assert_eq!(talk.sent().last().map(String::as_str), Some("try"), "does its secret work?");
    talk.serve("try");
    talk.press("rstored<enter>");
    assert!(talk.said().contains("two are alive now"));
    assert_eq!(talk.confirm().purpose, Purpose::RevokeOld);
    assert_eq!(talk.confirm().tokens[0].token.id, id("tk-000003"));
    talk.answer_question("y");
    talk.settle();
    assert_eq!(talk.revoked(), ["tk-000003"]);
    assert_eq!(talk.tally().verified, 1);
}

#[test]
fn the_old_one_stays_when_the_question_is_left() {
    let mut talk = Talk::over(vec![(emulated(), usual())]);
    talk.go("charlie");
    talk.press("t");
    submit(&mut talk);
    talk.serve("create");
    talk.serve("get");
    talk.serve("try");
    talk.press("rstored<enter>");
    talk.answer_question("n");
    talk.settle();
    assert!(talk.revoked().is_empty());
}

#[test]
fn the_question_for_the_old_one_waits_for_a_run_that_is_going() {
    let mut talk = Talk::over(vec![(emulated(), usual())]);
    talk.go("alpha");
    talk.press("x");
    talk.answer_question("y");
    talk.go("charlie");
    talk.press("t");
    submit(&mut talk);
    talk.serve("create");
    let new = talk.open.iter().position(|(_, _, op)| *op == Operation::Get(id("tk-made01")));
    talk.serve_at(new.expect("the new one is asked about"));
    talk.serve("try");
    talk.press("rstored<enter>");
    talk.answer_question("y");
    assert_eq!(talk.run().items[0].frozen.token.label.raw(), "alpha", "the run that is going is not forgotten");
    assert!(talk.confirm().said.contains("a revocation is going"));
    talk.settle();
    talk.answer_question("y");
    talk.settle();
    let mut revoked = talk.revoked();
    revoked.sort();
    assert_eq!(revoked, ["tk-000001", "tk-000003"]);
    assert!(crate::domain::unsettled(&talk.journal()).is_empty());
}

fn by_list_only() -> Context {
    able("prod", |capabilities| {
        capabilities.rotate = Rotation::Emulated;
        capabilities.get = Support::No;
    })
}

/// Asks for a new token in the place of charlie.
fn replace(context: Context) -> Talk {
    let mut talk = Talk::over(vec![(context, usual())]);
    talk.go("charlie");
    talk.press("t");
    submit(&mut talk);
    talk.serve("create");
    talk
}

fn proof(talk: &Talk) -> &Proof {
    &talk.model.replacements[0].proof
}

#[test]
fn where_no_single_token_can_be_read_the_new_one_is_looked_for_in_the_list() {
    let mut talk = replace(by_list_only());
    assert_eq!(talk.sent(), ["create charlie", "list"]);
    talk.press("rstored<enter>");
    assert!(!talk.asks(), "not before the list shows the new one");
    talk.serve("list");
    assert!(!talk.asks(), "not before its secret was tried");
    talk.serve("try");
    assert_eq!(talk.confirm().purpose, Purpose::RevokeOld);
    assert_eq!(talk.confirm().tokens[0].token.id, id("tk-000003"));
    talk.answer_question("y");
    talk.settle();
    assert_eq!(talk.revoked(), ["tk-000003"]);
    assert_eq!(talk.tally().verified, 1);
    assert!(talk.model.replacements.is_empty());
}

#[test]
fn what_is_found_before_the_secret_is_stored_waits_for_that() {
    let mut talk = replace(emulated());
    talk.serve("get");
    talk.serve("try");
    assert_eq!(*proof(&talk), Proof::Works);
    talk.wait(60_000);
    assert!(!talk.asks() && once(&talk.model).replaces.is_some());
    talk.press("rstored<enter>");
    assert!(talk.asks());
}

#[test]
fn a_new_token_that_cannot_be_verified_keeps_the_old_one() {
    type Answer = fn(&mut Talk);
    let answers: [(Answer, &str); 4] = [
        (|talk| talk.reply_to("get", Err(failure(FailureKind::Forbidden))), "Forbidden"),
        (|talk| talk.reply_to("get", Err(failure(FailureKind::Offline))), "Offline"),
        (|talk| talk.reply_to("get", Ok(Reply::Done)), "something else"),
        (
            |talk| {
                talk.backend().change("tk-made01").state = State::Disabled;
                talk.serve("get");
            },
            "switched off",
        ),
    ];
    for (answer, words) in answers {
        for early in [true, false] {
            let mut talk = replace(emulated());
            if early {
                talk.press("rstored<enter>");
            }
            answer(&mut talk);
            if !early {
                talk.press("rstored<enter>");
            }
            talk.settle();
            assert!(!talk.asks() && talk.revoked().is_empty());
            let said = talk.said();
            assert!(said.contains("could not be verified") && said.contains(words), "{said}");
            assert!(said.contains("the old one stays"), "{said}");
        }
    }
}

/// Answers the trial of a new secret, the secret being stored, and returns what was said.
fn try_answered(talk: &mut Talk, result: Result<Reply, crate::domain::Failure>) -> String {
    talk.press("rstored<enter>");
    talk.serve("get");
    talk.reply_to("try", result);
    talk.said()
}

#[test]
fn a_secret_that_the_backend_does_not_take_keeps_the_old_one() {
    let identity = |token: &str| {
        let token = Some(id(token));
        let (name, roles, expires) = ("ana".into(), None, Expiry::Never);
        Ok(Reply::Identity(Box::new(Identity { token, name, roles, expires })))
    };
    let answers = [
        (identity("tk-000001"), "that of another token"),
        (Ok(Reply::Done), "something else"),
        (Err(failure(FailureKind::Offline)), "Offline"),
    ];
    for (answer, words) in answers {
        let mut talk = replace(emulated());
        let said = try_answered(&mut talk, answer);
        assert!(said.contains("could not be verified") && said.contains(words), "{said}");
        assert!(said.contains("the old one stays") && !talk.asks(), "{said}");
    }
}

#[test]
fn a_secret_that_is_refused_at_first_is_tried_for_40_seconds_and_the_own_credential_is_not_called_dead() {
    for works in [true, false] {
        let mut talk = replace(emulated());
        let mut said = try_answered(&mut talk, Err(failure(FailureKind::Credential)));
        assert!(!talk.asks() && !talk.model.contexts[0].needs_login());
        for _ in 0..20 {
            talk.wait(4_000);
            while !talk.open.is_empty() {
                if works || talk.open.iter().all(|(_, _, asked)| !matches!(asked, Operation::Try(_))) {
                    talk.serve_at(0);
                } else {
                    talk.reply_to("try", Err(failure(FailureKind::Credential)));
                }
            }
            said.push_str(&talk.said());
        }
        assert_eq!(talk.asks(), works);
        assert_eq!(said.contains("the backend does not take its secret"), !works, "{said}");
        assert!(!talk.model.contexts[0].needs_login());
        let tries = talk.sent().iter().filter(|line| *line == "try").count();
        assert!(tries > 1 && tries < 25, "{tries}");
    }
}

#[test]
fn a_secret_that_cannot_be_tried_is_said_to_be_so_in_the_question() {
    let silent = able("prod", |capabilities| {
        capabilities.rotate = Rotation::Emulated;
        capabilities.whoami = Support::No;
    });
    let mut talk = replace(silent);
    talk.serve("get");
    talk.press("rstored<enter>");
    assert!(talk.asks() && talk.said().contains("tells nobody whose a secret is"), "{}", talk.said());
    let mut talk = replace(emulated());
    let said = try_answered(&mut talk, Err(failure(FailureKind::Forbidden)));
    assert!(talk.asks() && said.contains("could not be tried"), "{said}");
}

#[test]
fn a_list_with_a_gap_does_not_verify_what_it_does_not_show() {
    for shows in [true, false] {
        let mut talk = replace(by_list_only());
        talk.press("rstored<enter>");
        for _ in 0..2 {
            let all = talk.backend().tokens.clone();
            let tokens: Vec<Token> = all.into_iter().filter(|token| shows || token.id.raw() != "tk-made01").collect();
            let reply = page(&mut talk.store, tokens, Some("round"));
            talk.reply_to("list", Ok(reply));
        }
        if shows {
            talk.serve("try");
        }
        assert_eq!(talk.asks(), shows);
        assert_eq!(talk.said().contains("could not be read whole"), !shows, "{}", talk.said());
    }
}

#[test]
fn a_backend_that_lags_behind_is_asked_again_for_40_seconds() {
    for (context, word) in [(emulated(), "get"), (by_list_only(), "list")] {
        for appears in [true, false] {
            let mut talk = replace(context.clone());
            talk.press("rstored<enter>");
            let new = talk.backend().tokens.pop().expect("the new one");
            talk.serve(word);
            talk.wait(20_000);
            talk.settle();
            talk.wait(20_000);
            assert!(!talk.asks());
            if appears {
                talk.backend().tokens.push(new);
            }
            talk.settle();
            assert_eq!(talk.asks(), appears, "{word}");
            assert_eq!(talk.said().contains("the backend does not show it"), !appears, "{}", talk.said());
            let asked = talk.sent().iter().filter(|line| line.starts_with(word)).count();
            talk.wait(600_000);
            talk.settle();
            assert_eq!(talk.sent().iter().filter(|line| line.starts_with(word)).count(), asked, "it is over");
        }
    }
}

#[test]
fn the_question_comes_behind_what_is_in_front_by_then() {
    let mut talk = replace(emulated());
    talk.press("rstored<enter>?");
    talk.serve("get");
    talk.serve("try");
    assert!(matches!(talk.model.modals.last(), Some(Modal::Help(_))));
    talk.press("<esc>");
    assert_eq!(talk.confirm().purpose, Purpose::RevokeOld);
}

#[test]
fn the_new_token_is_made_as_the_old_one_was() {
    let mut tokens = usual();
    tokens[2].owner = Owner::Known("bert".into());
    tokens[2].roles = Some(vec!["developer".into(), "billing".into()]);
    tokens[2].expires = Expiry::At(dawn().checked_add(jiff::SignedDuration::from_hours(24 * 27)).expect("in range"));
    tokens[2].last_used = LastUse::Never;
    let mut talk = Talk::over(vec![(emulated(), tokens)]);
    talk.go("charlie");
    talk.press("t");
    assert_eq!(form(&talk).expires.text(), "30d", "made three days ago for thirty");
    talk.press("<tab>");
    assert!(form(&talk).warnings.contains(&Warning::RolesKept), "{:?}", form(&talk).warnings);
    assert!(form(&talk).warnings.contains(&Warning::Admin), "billing is not known");
    submit(&mut talk);
    let draft = drafts(&talk).remove(0);
    assert_eq!(draft.roles, ["developer", "billing"]);
    assert_eq!(draft.owner.as_deref(), Some("bert"));
    talk.reply_to("create", Err(failure(FailureKind::Refused)));
    talk.press("<shift-tab><shift-tab><shift-tab><right>");
    submit(&mut talk);
    assert_eq!(drafts(&talk)[1].roles, ["admin"], "what is chosen is what is asked for");
}

#[test]
fn roles_that_are_not_reported_are_to_be_chosen() {
    let mut talk = Talk::over(vec![(emulated(), usual())]);
    talk.go("murky");
    talk.press("t<tab>");
    assert!(form(&talk).warnings.contains(&Warning::RolesUnknown));
}
