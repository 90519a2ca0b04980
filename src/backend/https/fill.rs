//! Secrets join a request here and nowhere else, in the last moment before it leaves.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use reqwest::header::HeaderValue;
use zeroize::Zeroizing;

use super::jwt::{self, NoKey};
use crate::backend::sealed::{Guise, Keys, Part, Sealed, Slot};
use crate::domain::{Failure, FailureKind, Secret};

/// Fills a header.
///
/// # Errors
/// When a secret is missing, or has characters that cannot stand in a header.
pub(super) fn header(sealed: &Sealed, keys: &Keys) -> Result<HeaderValue, Failure> {
    let text = fill(sealed, keys)?;
    let mut value = HeaderValue::from_bytes(&text).map_err(|_| unlawful(&Slot::Credential))?;
    value.set_sensitive(true);
    Ok(value)
}

/// Fills a body.
///
/// # Errors
/// When a secret is missing.
pub(super) fn body(sealed: &Sealed, keys: &Keys) -> Result<Zeroizing<Vec<u8>>, Failure> {
    fill(sealed, keys)
}

fn fill(sealed: &Sealed, keys: &Keys) -> Result<Zeroizing<Vec<u8>>, Failure> {
    // Room for all of it at once: growing would leave copies behind.
    let room = sealed.0.iter().map(|part| match part {
        Part::Text(text) => text.len(),
        Part::Secret(slot, Guise::Basic(user)) => {
            (user.as_ref().map_or(0, String::len) + keys.get(slot).map_or(0, |secret| secret.len()) + 4) * 2
        }
        Part::Secret(_, Guise::Signed(claims)) => jwt::ROOM + claims.issuer.len() * 2,
        Part::Secret(slot, _) => keys.get(slot).map_or(0, |secret| secret.len()) * 6,
    });
    let mut filled = Zeroizing::new(Vec::with_capacity(room.sum()));
    for part in &sealed.0 {
        match part {
            Part::Text(text) => filled.extend_from_slice(text.as_bytes()),
            Part::Secret(slot, guise) => {
                let secret = keys.get(slot).ok_or_else(|| missing(slot))?;
                write(secret, guise, &mut filled).map_err(|unfit| match unfit {
                    Unfit::Unlawful => unlawful(slot),
                    Unfit::NoKey(why) => no_key(why),
                })?;
            }
        }
    }
    Ok(filled)
}

fn write(secret: &Secret, guise: &Guise, filled: &mut Zeroizing<Vec<u8>>) -> Result<(), Unfit> {
    match guise {
        Guise::Header => {
            // What is not visible ASCII is a slip of the clipboard, and would be refused or worse.
            if !secret.expose().bytes().all(|byte| byte.is_ascii_graphic()) {
                return Err(Unfit::Unlawful);
            }
            filled.extend_from_slice(secret.expose().as_bytes());
        }
        Guise::Basic(user) => {
            if secret.expose().chars().any(char::is_control) {
                return Err(Unfit::Unlawful);
            }
            let user = user.as_ref().map(|user| format!("{user}:")).unwrap_or_default();
            let pair = Zeroizing::new([user.as_str(), secret.expose()].concat());
            let encoded = Zeroizing::new(BASE64_STANDARD.encode(pair.as_bytes()));
            filled.extend_from_slice(encoded.as_bytes());
        }
        Guise::Json => {
            let quoted = Zeroizing::new(serde_json::Value::from(secret.expose()).to_string());
            filled.extend_from_slice(&quoted.as_bytes()[1..quoted.len() - 1]);
        }
        Guise::Form => {
            for piece in url::form_urlencoded::byte_serialize(secret.expose().as_bytes()) {
                filled.extend_from_slice(piece.as_bytes());
            }
        }
        Guise::Signed(claims) => {
            let token = jwt::sign(secret.expose(), claims).map_err(|NoKey(why)| Unfit::NoKey(why))?;
            filled.extend_from_slice(Zeroizing::new(token).as_bytes());
        }
    }
    Ok(())
}

fn missing(slot: &Slot) -> Failure {
    let summary = match slot {
        Slot::Credential | Slot::Session => "there is no credential for this context".to_owned(),
        Slot::Input(name) => format!("the backend asks for \"{name}\" besides the credential"),
        Slot::Value => "there is no value to ask about".to_owned(),
    };
    Failure::new(FailureKind::Credential, summary, "log in with :login")
}

/// Why a secret cannot be written where it goes.
enum Unfit {
    /// It has characters that cannot stand there.
    Unlawful,
    /// It is no key to sign with.
    NoKey(&'static str),
}

fn no_key(why: &str) -> Failure {
    let hint = "log in with the private key of the App, the whole PEM file";
    Failure::new(FailureKind::Credential, format!("the credential {why}"), hint)
}

fn unlawful(slot: &Slot) -> Failure {
    let what = match slot {
        Slot::Input(name) => format!("\"{name}\""),
        Slot::Credential | Slot::Session | Slot::Value => "the credential".to_owned(),
    };
    let summary = format!("{what} has characters that cannot stand in a request");
    Failure::new(FailureKind::Credential, summary, "log in with :login")
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[test]
    fn a_secret_is_written_so_that_it_fits_where_it_stands() {
        let keys = |text: &str| Keys { credential: Some(Arc::new(Secret::new(text.into()))), ..Keys::default() };
        let sealed =
            |guise| Sealed(vec![Part::Text("<".into()), Part::Secret(Slot::Credential, guise), Part::Text(">".into())]);
        let written = |guise, secret: &str| {
            let filled = fill(&sealed(guise), &keys(secret))?;
            Ok::<_, Failure>(String::from_utf8(filled.to_vec()).expect("text"))
        };
        assert_eq!(written(Guise::Header, "a.b-c").as_deref(), Ok("<a.b-c>"));
        assert_eq!(written(Guise::Json, "a\"b\\c\u{1}é").as_deref(), Ok("<a\\\"b\\\\c\\u0001é>"));
        assert_eq!(written(Guise::Form, "a b&c=d%").as_deref(), Ok("<a+b%26c%3Dd%25>"));
        assert_eq!(written(Guise::Basic(Some("ada".into())), "pä:ss").as_deref(), Ok("<YWRhOnDDpDpzcw==>"));
        assert_eq!(written(Guise::Basic(None), "ada:pw").as_deref(), Ok("<YWRhOnB3>"));
        for (guise, secret) in [
            (Guise::Header, "a b"),
            (Guise::Header, "a\r\nX: y"),
            (Guise::Header, "é"),
            (Guise::Header, ""),
            (Guise::Basic(None), "a\nb"),
        ] {
            assert!(written(guise.clone(), secret).is_err(), "{guise:?} {secret:?}");
        }
    }
}
