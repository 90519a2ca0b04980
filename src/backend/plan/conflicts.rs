//! What does not go together in a description: only the whole of it shows that.

use std::collections::BTreeMap;

use crate::backend::description::Section;
use crate::backend::mistake::Wrong;
use crate::domain::State;

use super::answer::Answer;
use super::call::{self, Call, Credential};
use super::fields::TokenFields;

/// Reports what does not go together.
pub(super) fn check(
    section: &mut Section<'_, '_>,
    by_login: bool,
    token: &TokenFields,
    calls: &BTreeMap<&'static str, Call>,
) {
    if section.has("unavailable") {
        for key in ["auth", "token", "value", "list", "unlisted"].into_iter().chain(call::WORDS) {
            if section.has(key) {
                section.mistake(key, Wrong::new("stands beside unavailable", "take one of them out"));
            }
        }
        return;
    }
    if section.has("unlisted") {
        unlisted(section, calls);
    }
    let is_as_credential = |call: &Call| call.credential == Credential::Value;
    if by_login && calls.get("revoke_value").is_some_and(is_as_credential) {
        let hint = "put {secret} into the body, with the operator's credential or none";
        section.mistake("revoke_value", Wrong::new("has no session to send for the value", hint));
    }
    let unproved = |call: &Call| matches!(&call.answer, Answer::Revoked { unproved: Some(_), .. });
    if calls.get("revoke").is_some_and(unproved) && token.states.iter().any(|rule| rule.is == State::Revoked) {
        let hint = "a token that is read says whether it is revoked: take one of them out";
        section.mistake("revoke", Wrong::new("has unproved, and token.state tells what is revoked", hint));
    }
}

/// Reports what needs a list, or speaks of one, where there is none.
fn unlisted(section: &mut Section<'_, '_>, calls: &BTreeMap<&'static str, Call>) {
    for key in ["list", "extent", "not_listed"] {
        if section.has(key) {
            section.mistake(key, Wrong::new("stands beside unlisted", "it is about a list: take one of them out"));
        }
    }
    if section.has("create") {
        let hint = "take create out: a token whose answer is lost is found in the list, and nowhere else";
        section.mistake("create", Wrong::new("stands beside unlisted", hint));
    }
    if !calls.contains_key("get") {
        section.mistake("unlisted", Wrong::new("stands without get", "without a list, tokens are read by their ids"));
    }
}
