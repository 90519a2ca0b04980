//! Tokens, contexts and failures, made from a few words.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use crate::domain::shape::{IdPlace, Shown, ValueForm};
use crate::domain::{
    Access, Capabilities, Context, ContextName, Expiry, Extent, Failure, FailureKind, Input, LastUse, Offer, Origin,
    Owner, OwnerChoice, Param, Protection, RoleChoice, RoleSpec, Rotation, State, Support, Token, TokenId,
};

/// When every conversation begins.
pub(crate) fn dawn() -> Timestamp {
    "2026-11-22T12:00:00Z".parse().expect("a moment")
}

pub(crate) fn name(text: &str) -> ContextName {
    ContextName::parse(text).expect("a lawful name")
}

pub(crate) fn id(text: &str) -> TokenId {
    TokenId::parse(text).expect("a lawful id")
}

/// Reads tokens, one a line: id, label, roles (`-` for not reported), and an owner if it is not `ana`.
/// A `_` in a label stands for a blank.
pub(crate) fn table(text: &str) -> Vec<Token> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.enumerate().map(|(number, line)| row(number, line)).collect()
}

pub(super) fn row(number: usize, line: &str) -> Token {
    let mut words = line.split_whitespace();
    let mut word = |default: &'static str| words.next().unwrap_or(default);
    let (token, label, roles, owner) = (word("0"), word("none"), word("reader"), word("ana"));
    let day = i64::try_from(number).expect("small") + 1;
    Token {
        id: id(token),
        label: label.replace('_', " ").into(),
        owner: Owner::Known(owner.into()),
        creator: None,
        roles: (roles != "-").then(|| roles.split(',').map(Into::into).collect()),
        masked: None,
        created: dawn().checked_sub(SignedDuration::from_hours(24 * day)).ok(),
        last_used: LastUse::At(dawn()),
        expires: Expiry::Never,
        state: State::Live,
        parent: None,
        version: None,
        extra: Vec::new(),
    }
}

/// Five ordinary tokens, and one of each kind that makes a confirmation heavier.
pub(crate) fn usual() -> Vec<Token> {
    table(
        "tk-000001 alpha reader
         tk-000002 bravo reader
         tk-000003 charlie developer
         tk-000004 delta reader bert
         tk-000005 echo reader
         tk-00admin root admin
         tk-000none murky -
         tk-000self mine reader",
    )
}

/// What the embedded backend can do, nearly.
pub(crate) fn capabilities() -> Capabilities {
    let role = |name: &str, admin| RoleSpec { name: name.to_owned(), about: String::new(), admin };
    Capabilities {
        backend: "tokendeck".to_owned(),
        title: "Tokendeck server".to_owned(),
        docs: String::new(),
        closed: None,
        unlisted: None,
        unproved: None,
        longest: None,
        inputs: Vec::new(),
        whoami: Support::Yes,
        health: Support::Yes,
        get: Support::Yes,
        create: Support::Yes,
        edit_label: Support::Yes,
        edit_expiry: Support::Yes,
        rotate: Rotation::InPlace,
        renew: Support::Yes,
        revoke: Support::Yes,
        identify: Support::Yes,
        tries: Support::Yes,
        revoke_value: Support::No,
        value: own_values(),
        disable: Support::Yes,
        events: Support::No,
        notices: Support::No,
        reports_use: Support::Yes,
        reports_expiry: Support::Yes,
        choose_label: Support::Yes,
        choose_roles: RoleChoice::One,
        choose_owner: OwnerChoice::Free,
        choose_expiry: Support::Yes,
        scopes: Vec::new(),
        roles: vec![role("reader", false), role("developer", false), role("admin", true)],
        role_families: Vec::new(),
        connections: 8,
        extent: Extent::Administered,
        not_listed: Vec::new(),
        use_freshness: String::new(),
        revoke_takes: String::new(),
        irreversible: String::new(),
        delay: String::new(),
        budget: None,
    }
}

/// Values as the embedded backend makes them.
pub(crate) fn own_values() -> ValueForm {
    ValueForm {
        begins: vec!["tdk_".to_owned()],
        bare: Vec::new(),
        holds_id: IdPlace::parse("tdk_*_{id}_*").ok(),
        id_is: None,
        shown: Shown::Some,
    }
}

/// A few backends to choose from, one of them closed, one with a parameter and an input.
pub(crate) fn offers() -> Vec<Offer> {
    let offer = |name: &str, title: &str| Offer {
        name: name.to_owned(),
        title: title.to_owned(),
        docs: "https://docs.example".to_owned(),
        closed: None,
        params: Vec::new(),
        inputs: Vec::new(),
    };
    let param = |name: &str, default: Option<&str>, required| Param {
        name: name.into(),
        about: format!("What {name} is").into(),
        default: default.map(Into::into),
        required,
    };
    vec![
        offer("tokendeck", "Tokendeck server"),
        Offer { closed: Some("It has no interface".to_owned()), ..offer("defender", "Defender") },
        Offer {
            params: vec![param("org", None, true), param("create", Some("plain"), false)],
            inputs: vec![otp(false)],
            ..offer("gitea", "Gitea / Forgejo")
        },
    ]
}

/// Something that is typed besides the credential.
pub(crate) fn otp(required: bool) -> Input {
    Input { name: "otp".into(), about: "The one-time code".into(), required, needed_for: Vec::new() }
}

/// An ordinary context that may be written to.
pub(crate) fn context(of: &str) -> Context {
    Context {
        name: name(of),
        origin: Origin::new("https://127.0.0.1:8443"),
        access: Access::Write,
        protection: Protection::Ordinary,
        active_window: SignedDuration::from_hours(7 * 24),
        capabilities: Arc::new(capabilities()),
    }
}

/// The same context with other capabilities.
pub(crate) fn able(of: &str, change: impl FnOnce(&mut Capabilities)) -> Context {
    let mut capabilities = capabilities();
    change(&mut capabilities);
    Context { capabilities: Arc::new(capabilities), ..context(of) }
}

/// A context whose backend reads no single token.
pub(crate) fn by_list(of: &str) -> Context {
    able(of, |capabilities| capabilities.get = Support::No)
}

pub(crate) fn failure(kind: FailureKind) -> Failure {
    Failure::new(kind, format!("it failed: {kind:?}"), "look")
}

/// A failure after which nobody knows whether the request had its effect.
pub(crate) fn lost() -> Failure {
    failure(FailureKind::TimedOut).maybe_reached()
}
