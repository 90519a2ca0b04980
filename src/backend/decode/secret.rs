//! A new secret, taken out of an answer without leaving a copy behind.

use std::borrow::Cow;
use std::sync::Arc;

use zeroize::Zeroizing;

use super::body;
use super::failure::misshapen;
use crate::backend::plan::{Part, SecretRule};
use crate::domain::{Failure, FailureKind, Secret, Token, Untrusted};

/// Takes a new secret out of the fields of its token: some services write it where a list has the masked value.
pub(super) fn scrub(token: Token, secret: &Secret) -> Token {
    let bears = |text: &Untrusted| text.raw().contains(secret.expose());
    Token {
        masked: token.masked.filter(|text| !bears(text)),
        version: token.version.filter(|text| !bears(text)),
        creator: token.creator.filter(|text| !bears(text)),
        label: if bears(&token.label) { Untrusted::default() } else { token.label },
        extra: token.extra.into_iter().filter(|(_, text)| !bears(text)).collect(),
        ..token
    }
}

/// Reads a secret by the first rule for which all is there, `None` where there is none such; `what` says in a failure
/// which answer it is about.
pub(super) fn read(body: &[u8], rules: &[SecretRule], what: &str) -> Result<Option<Arc<Secret>>, Failure> {
    for rule in rules {
        if let Some(secret) = by_rule(body, rule, what)? {
            return Ok(Some(secret));
        }
    }
    Ok(None)
}

/// Says that a token is there, and nobody has its secret.
pub(super) fn kept_back(what: &str) -> Failure {
    Failure::new(
        FailureKind::Protocol,
        format!("the token was made, and {what} does not hold its secret where the description points"),
        "revoke it, since nobody has its secret; and check that the description fits the backend's version",
    )
}

fn by_rule(body: &[u8], rule: &SecretRule, what: &str) -> Result<Option<Arc<Secret>>, Failure> {
    let mut parts = Vec::with_capacity(rule.0.len());
    for part in &rule.0 {
        let text = match part {
            Part::Text(text) => text.to_string(),
            Part::At(pointer) => match body::find(body, pointer).map_err(|bad| misshapen(what, &bad.0))?.into_text() {
                Some(Cow::Borrowed(text)) => text.to_owned(),
                Some(Cow::Owned(text)) => text,
                None => String::new(),
            },
        };
        if text.is_empty() {
            return Ok(None);
        }
        parts.push(Zeroizing::new(text));
    }
    // As long as needed from the start: a text that grows leaves copies behind.
    let mut whole = Zeroizing::new(String::with_capacity(parts.iter().map(|part| part.len()).sum()));
    for part in &parts {
        whole.push_str(part);
    }
    Ok(Some(Arc::new(Secret::new(whole.as_str().into()))))
}
