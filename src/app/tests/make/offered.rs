//! What the form offers, and what it asks for: what the description of the backend uses.

use super::{drafts, form, submit};
use crate::app::modal::{CreateField, Warning};
use crate::app::testing::*;
use crate::domain::{Capabilities, Expiry, OwnerChoice, RoleChoice, Rotation, Support, Token};

/// A conversation over a backend that can do this.
fn over(change: impl FnOnce(&mut Capabilities), tokens: Vec<Token>) -> Talk {
    Talk::over(vec![(able("prod", change), tokens)])
}

fn fields(talk: &Talk) -> Vec<CreateField> {
    form(talk).fields(&talk.model)
}

#[test]
fn a_description_that_uses_nothing_but_a_label_asks_for_nothing_else() {
    let plain = |able: &mut Capabilities| {
        (able.choose_roles, able.choose_owner) = (RoleChoice::None, OwnerChoice::None);
        able.choose_expiry = Support::No;
    };
    let mut talk = over(plain, usual());
    talk.press("nfresh");
    assert_eq!(fields(&talk), [CreateField::Label, CreateField::Submit]);
    submit(&mut talk);
    let draft = drafts(&talk).remove(0);
    assert_eq!((draft.roles.len(), draft.owner, draft.expires), (0, None, Expiry::NotReported));
}

#[test]
fn a_backend_that_keeps_no_label_is_not_given_one() {
    let mut talk = over(|able| able.choose_label = Support::No, usual());
    talk.press("n");
    assert_eq!(form(&talk).focus, CreateField::Role);
    submit(&mut talk);
    assert_eq!(drafts(&talk)[0].label, "");
}

#[test]
fn an_end_is_offered_where_it_is_sent_and_not_where_it_is_read() {
    let mut talk = over(|able| able.reports_expiry = Support::No, usual());
    talk.press("n");
    assert!(fields(&talk).contains(&CreateField::Expires));
    let mut talk = over(|able| able.choose_expiry = Support::No, usual());
    talk.press("n");
    assert!(!fields(&talk).contains(&CreateField::Expires));
}

#[test]
fn roles_without_names_are_typed() {
    let nameless = |choice| {
        move |able: &mut Capabilities| {
            able.roles.clear();
            able.choose_roles = choice;
        }
    };
    let mut talk = over(nameless(RoleChoice::Several), usual());
    talk.press("nfresh<tab>");
    assert_eq!(form(&talk).focus, CreateField::Roles);
    submit(&mut talk);
    assert!(form(&talk).said.contains("a role is needed") && drafts(&talk).is_empty(), "{}", form(&talk).said);
    talk.press("<tab><tab> ci-read, deploy,,ci-read ");
    assert_eq!(form(&talk).warnings, [Warning::Admin], "a role that nobody named counts as admin");
    submit(&mut talk);
    assert_eq!(drafts(&talk)[0].roles, ["ci-read", "deploy"]);

    let mut talk = over(nameless(RoleChoice::One), usual());
    talk.press("nfresh<tab>read, write");
    submit(&mut talk);
    assert_eq!(drafts(&talk)[0].roles, ["read, write"], "one role is one text");
}

#[test]
fn others_are_typed_where_a_list_of_roles_is_sent() {
    let mut talk = over(|able| able.choose_roles = RoleChoice::Several, usual());
    talk.press("nfresh<tab>");
    assert!(!fields(&talk).contains(&CreateField::Roles), "a named one is chosen");
    talk.press("<left>");
    assert_eq!(fields(&talk)[2], CreateField::Roles);
    submit(&mut talk);
    assert!(form(&talk).said.contains("a role is needed"));
    talk.press("<tab><tab><tab>");
    talk.paste("reader, developer");
    assert!(form(&talk).warnings.is_empty(), "{:?}", form(&talk).warnings);
    submit(&mut talk);
    assert_eq!(drafts(&talk)[0].roles, ["reader", "developer"]);
}

#[test]
fn a_role_above_ones_own_is_refused_also_when_it_is_typed() {
    let mut talk = over(|able| able.choose_roles = RoleChoice::Several, usual());
    talk.backend().own_roles = vec!["reader".to_owned()];
    talk.press("<ctrl-r>");
    talk.settle();
    let identity = talk.backend().clone().answer(&crate::domain::Operation::Whoami, &mut talk.store);
    let Ok(crate::domain::Reply::Identity(identity)) = identity else { panic!("no identity") };
    talk.model.contexts[0].identity = crate::app::contexts::Asked::There(*identity);
    talk.press("nfresh<tab><left><tab>reader, admin");
    submit(&mut talk);
    assert!(form(&talk).said.contains("your own role is reader") && drafts(&talk).is_empty());
}

#[test]
fn an_owner_that_has_to_be_named_is_asked_for() {
    let mut talk = over(|able| able.choose_owner = OwnerChoice::Needed, usual());
    talk.press("nfresh");
    submit(&mut talk);
    assert!(form(&talk).said.contains("an owner is needed") && drafts(&talk).is_empty());
    talk.press("<tab><tab><tab>bert");
    assert_eq!(form(&talk).focus, CreateField::Owner);
    submit(&mut talk);
    assert_eq!(drafts(&talk)[0].owner.as_deref(), Some("bert"));
    let mut talk = over(|able| able.choose_owner = OwnerChoice::Otherwise("ana".to_owned()), usual());
    talk.press("nfresh");
    submit(&mut talk);
    assert_eq!(drafts(&talk)[0].owner, None, "the description fills it in");
}

#[test]
fn what_takes_the_place_of_another_shows_the_roles_that_it_gets() {
    let emulated = |able: &mut Capabilities| {
        able.rotate = Rotation::Emulated;
        able.choose_roles = RoleChoice::Several;
    };
    let mut talk = over(emulated, table("tk-000001 alpha ci-read,deploy"));
    talk.go("alpha");
    talk.press("t");
    assert_eq!(form(&talk).typed.text(), "ci-read, deploy");
    assert!(form(&talk).warnings.is_empty() || form(&talk).warnings.contains(&Warning::RolesKept));
    talk.press("<tab><tab>");
    assert_eq!(form(&talk).focus, CreateField::Roles);
    assert!(form(&talk).roles.is_some(), "looking at them changes nothing");
    talk.press(", audit");
    assert!(form(&talk).roles.is_none());
    submit(&mut talk);
    assert_eq!(drafts(&talk)[0].roles, ["ci-read", "deploy", "audit"]);
}

#[test]
fn where_nothing_is_made_nothing_takes_the_place_of_another() {
    for lacking in ["create", "revoke"] {
        let emulated = |able: &mut Capabilities| {
            able.rotate = Rotation::Emulated;
            let what = if lacking == "create" { &mut able.create } else { &mut able.revoke };
            *what = Support::No;
        };
        let mut talk = over(emulated, usual());
        talk.go("alpha");
        talk.press("t");
        assert!(talk.model.modals.is_empty() && talk.said().contains("cannot rotate"), "{lacking}: {}", talk.said());
    }
}
