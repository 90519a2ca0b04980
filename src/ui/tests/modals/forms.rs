//! Forms for a token.

use super::scene;
use std::sync::Arc;

use super::super::build::{capabilities, context, failure, frozen, name, token};
use crate::app::field::Field;
use crate::app::inventory::Row;
use crate::app::modal::{Create, CreateField, Edit, EditField, Modal, Warning};
use crate::app::model::Model;
use crate::domain::{Capabilities, FailureKind, OwnerChoice, RoleChoice, Support};

fn create() -> Create {
    Create {
        context: name("demo"),
        contexts: vec![name("demo")],
        label: Field::with("grafana"),
        role: 0,
        typed: Field::default(),
        owner: Field::default(),
        scope: 0,
        expires: Field::with("90d"),
        focus: CreateField::Label,
        warnings: Vec::new(),
        said: String::new(),
        sending: false,
        failure: None,
        replaces: None,
        roles: None,
    }
}

fn edit() -> Edit {
    Edit {
        context: name("demo"),
        row: Row(0),
        token: token(1, "ci-deploy"),
        label: Field::with("ci-deploy"),
        expires: Field::default(),
        focus: EditField::Expires,
        said: "nothing is changed".to_owned(),
        sending: false,
        failure: None,
    }
}

/// Gives the backend of the scene other capabilities.
fn able(model: &mut Model, change: impl FnOnce(&mut Capabilities)) {
    let mut capabilities = capabilities();
    change(&mut capabilities);
    model.contexts[0].context.capabilities = Arc::new(capabilities);
}

pub(super) fn creations() -> Vec<(&'static str, Model)> {
    let creates = |create| scene(Modal::Create(Box::new(create)));
    let warnings = vec![Warning::Duplicate(2), Warning::LookAlike, Warning::NoExpiry, Warning::Admin];
    let mut several = creates(Create {
        contexts: vec![name("demo"), name("prod")],
        role: 2,
        focus: CreateField::Role,
        warnings,
        ..create()
    });
    several.contexts.push(context("prod"));
    if let Some(identity) = several.contexts[0].identity.there().cloned() {
        let identity = crate::domain::Identity { roles: Some(vec!["developer".into()]), ..identity };
        several.contexts[0].identity = crate::app::contexts::Asked::There(identity);
    }
    let typing =
        Field::with("a-label-that-is-rather-long-and-goes-on-and-on-until-nobody-can-read-it-at-once-any-more");
    let mut others = creates(Create {
        role: 3,
        typed: Field::with("ci-read, deploy"),
        focus: CreateField::Roles,
        warnings: vec![Warning::Admin],
        ..create()
    });
    able(&mut others, |able| able.choose_roles = RoleChoice::Several);
    let mut nameless = creates(Create { focus: CreateField::Roles, ..create() });
    able(&mut nameless, |able| {
        (able.choose_roles, able.choose_owner) = (RoleChoice::Several, OwnerChoice::Needed);
        (able.choose_expiry, able.roles) = (Support::No, Vec::new());
        able.scopes.clear();
    });
    vec![
        ("create", creates(create())),
        ("create_careful", several),
        ("create_others", others),
        ("create_nameless", nameless),
        ("create_long", creates(Create { label: typing, ..create() })),
        (
            "create_failed",
            creates(Create { focus: CreateField::Submit, failure: Some(failure(FailureKind::Refused)), ..create() }),
        ),
        (
            "create_sending",
            creates(Create { sending: true, replaces: Some(Box::new(frozen(1, token(1, "ci-deploy")))), ..create() }),
        ),
        ("edit", scene(Modal::Edit(Box::new(edit())))),
    ]
}
