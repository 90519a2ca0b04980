//! What a description says in words: parameters, roles, and what a list does not hold.

use crate::backend::description::{Section, nearest};
use crate::backend::mistake::Wrong;
use crate::domain::{Budget, Extent, Input, Param, RoleFamily, RoleSpec};

use super::{Words, call};

/// Reads the tables under `params`.
pub(super) fn params(section: &mut Section<'_, '_>) -> Vec<Param> {
    let read = |inner: &mut Section<'_, '_>| {
        let mut params = Vec::new();
        for key in inner.keys() {
            if !key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
                inner.mistake(&key, Wrong::new("is no name of a parameter", "write letters, digits and _"));
            }
            let param = inner.within(&key, |param| Param {
                name: key.as_str().into(),
                about: param.needed("about", "\"The organisation's id\"").into(),
                default: param.text("default").map(Into::into),
                required: param.flag("required").unwrap_or(false),
            });
            params.extend(param);
        }
        params
    };
    section.within("params", read).unwrap_or_default()
}

/// Reads the tables under `inputs`.
pub(super) fn inputs(section: &mut Section<'_, '_>) -> Vec<Input> {
    let read = |inner: &mut Section<'_, '_>| {
        let mut inputs = Vec::new();
        for key in inner.keys() {
            if !key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
                inner.mistake(&key, Wrong::new("is no name of an input", "write letters, digits and _"));
            }
            let input = inner.within(&key, |input| Input {
                name: key.as_str().into(),
                about: input.needed("about", "\"The password of your account\"").into(),
                required: input.flag("required").unwrap_or(false),
                needed_for: input.each("needed_for", |text| operation(text).map(Into::into)),
            });
            inputs.extend(input);
        }
        inputs
    };
    section.within("inputs", read).unwrap_or_default()
}

/// Reads the word of an operation.
fn operation(text: &str) -> Result<&str, Wrong> {
    let known = || call::WORDS.into_iter().chain(["list"]);
    let found = known().any(|word| word == text);
    if found { Ok(text) } else { Err(Wrong::new(format!("\"{text}\" is no operation"), nearest(text, known()))) }
}

/// Reads the words that the screen shows.
pub(super) fn read(section: &mut Section<'_, '_>) -> Words {
    let unavailable = section.parse("unavailable", |text| match text.trim() {
        "" => Err(Wrong::new("says nothing", "say in one sentence why nothing can be asked")),
        why => Ok(why.to_owned()),
    });
    let unlisted = section.parse("unlisted", |text| match text.trim() {
        "" => Err(Wrong::new("says nothing", "say in one sentence why there is no list")),
        why => Ok(why.to_owned()),
    });
    if !section.has("extent") && !section.has("unavailable") && !section.has("unlisted") {
        section.missing("extent", "\"own\"");
    }
    let extent = section.parse("extent", |text| match text {
        "own" => Ok(Extent::Own),
        "administered" => Ok(Extent::Administered),
        _ => Err(Wrong::new(format!("\"{text}\" is no extent"), "write \"own\" or \"administered\"")),
    });
    let (mut roles, mut role_families) = (Vec::new(), Vec::new());
    for role in section.tables("roles", role) {
        match role {
            Role::Named(spec) => roles.push(spec),
            Role::Written(family) => role_families.push(family),
        }
    }
    Words {
        extent: extent.unwrap_or(Extent::Own),
        scopes: section.each("scopes", |text| Ok(text.to_owned())),
        roles,
        role_families,
        not_listed: section.each("not_listed", |text| Ok(text.to_owned())),
        use_freshness: section.text("use_freshness").unwrap_or_default(),
        revoke_takes: section.text("revoke_takes").unwrap_or_default(),
        irreversible: section.text("irreversible").unwrap_or_default(),
        delay: section.text("delay").unwrap_or_default(),
        unavailable,
        unlisted,
        connections: section.count("connections", 1..=64).unwrap_or(8),
        budget: section.within("budget", budget).flatten(),
    }
}

/// A role by its name, or by how it is written.
enum Role {
    Named(RoleSpec),
    Written(RoleFamily),
}

fn role(section: &mut Section<'_, '_>) -> Role {
    let admin = section.flag("admin").unwrap_or(false);
    let about = section.text("about").unwrap_or_default();
    if !section.has("like") {
        return Role::Named(RoleSpec { name: section.needed("name", "\"reader\""), about, admin });
    }
    if section.has("name") {
        section.text("name");
        section.mistake("name", Wrong::new("stands beside like", "write one of them"));
    }
    let like = section.parse("like", |text| {
        let written = || Wrong::new("has no * in it", "write name where the whole is known, or \"read:*\"");
        if text.contains('*') { Ok(text.to_owned()) } else { Err(written()) }
    });
    Role::Written(RoleFamily { like: like.unwrap_or_default(), admin })
}

fn budget(section: &mut Section<'_, '_>) -> Option<Budget> {
    for (key, example) in [("requests", "200"), ("seconds", "60")] {
        if !section.has(key) {
            section.missing(key, example);
        }
    }
    let (requests, seconds) = (section.count("requests", 1..=1_000_000), section.count("seconds", 1..=86_400));
    Some(Budget { requests: requests?, seconds: seconds? })
}
