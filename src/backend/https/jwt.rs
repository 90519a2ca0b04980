//! Signing as a GitHub App: the one thing that a description asks for and no template can say. A JSON Web Token
//! (RFC 7519, RS256), signed with the credential, which is the App's private key.

use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use serde_json::{Value, json};
use zeroize::Zeroizing;

use crate::backend::sealed::Claims;

/// How long before it is asked for a token is good, in seconds: the service's clock may be behind.
const BEFORE: i64 = 60;
/// How long after it is asked for a token is good, in seconds: GitHub takes ten minutes at most.
const AFTER: i64 = 9 * 60;

/// Room for a token signed with a key of the longest kind there is.
pub(super) const ROOM: usize = 1024;

/// Why nothing can be signed with a credential, without a word of it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct NoKey(pub(super) &'static str);

/// Signs claims with a private key as PEM, in PKCS#1 or PKCS#8.
pub(super) fn sign(pem: &str, claims: &Claims) -> Result<String, NoKey> {
    let key = key(pem)?;
    let at = claims.at.as_second();
    // GitHub wants the number of an App as a number, and a client id as a text.
    let issuer = claims.issuer.parse::<u64>().map_or_else(|_| Value::from(claims.issuer.as_str()), Value::from);
    let said = json!({ "iat": at - BEFORE, "exp": at + AFTER, "iss": issuer });
    let mut token = BASE64_URL_SAFE_NO_PAD.encode(r#"{"alg":"RS256","typ":"JWT"}"#);
    token.push('.');
    BASE64_URL_SAFE_NO_PAD.encode_string(said.to_string(), &mut token);
    let mut signature = vec![0; key.public().modulus_len()];
    let signed = key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), token.as_bytes(), &mut signature);
    signed.map_err(|_| NoKey("cannot be signed with"))?;
    token.push('.');
    BASE64_URL_SAFE_NO_PAD.encode_string(signature, &mut token);
    Ok(token)
}

/// Reads a key, also where the ends of its lines were lost or became `\n` on the way.
fn key(pem: &str) -> Result<RsaKeyPair, NoKey> {
    const NONE: NoKey = NoKey("is no private key as PEM");
    let (_, rest) = pem.split_once("-----BEGIN ").ok_or(NONE)?;
    let (kind, rest) = rest.split_once("-----").ok_or(NONE)?;
    let (body, _) = rest.split_once("-----END ").ok_or(NONE)?;
    let mut letters = Zeroizing::new(String::with_capacity(body.len()));
    for part in body.split("\\n") {
        letters.extend(part.chars().filter(|letter| !letter.is_whitespace()));
    }
    let mut der = Zeroizing::new(Vec::with_capacity(letters.len()));
    BASE64_STANDARD.decode_vec(letters.as_bytes(), &mut der).map_err(|_| NONE)?;
    let read = match kind {
        "RSA PRIVATE KEY" => RsaKeyPair::from_der(&der),
        "PRIVATE KEY" => RsaKeyPair::from_pkcs8(&der),
        "ENCRYPTED PRIVATE KEY" => return Err(NoKey("is an encrypted key: decrypt it first")),
        _ => return Err(NONE),
    };
    read.map_err(|_| NoKey("is no RSA key of 2,048 to 4,096 bits"))
}

#[cfg(test)]
mod tests {
    use ring::signature::{KeyPair as _, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};

    use super::*;

    /// Made for these tests, and used nowhere.
    const KEY: &[u8] = include_bytes!("../../../tests/it/backend/app/test-only.pk8");

    fn pem(kind: &str, der: &[u8], end: &str) -> String {
        let letters = BASE64_STANDARD.encode(der);
        let lines: Vec<&str> = letters.as_bytes().chunks(64).map(|line| str::from_utf8(line).expect("ASCII")).collect();
        format!("-----BEGIN {kind}-----{end}{}{end}-----END {kind}-----{end}", lines.join(end))
    }

    fn claims(issuer: &str) -> Claims {
        Claims { issuer: issuer.to_owned(), at: "2026-11-22T12:00:00Z".parse().expect("a moment") }
    }

    /// The same key without the frame that PKCS#8 puts around it.
    fn pkcs1() -> &'static [u8] {
        &KEY[26..]
    }

    #[test]
    fn what_is_signed_is_verified_with_the_public_key() {
        for pem in [
            pem("PRIVATE KEY", KEY, "\n"),
            pem("RSA PRIVATE KEY", pkcs1(), "\r\n"),
            pem("PRIVATE KEY", KEY, " "),
            pem("PRIVATE KEY", KEY, ""),
            pem("RSA PRIVATE KEY", pkcs1(), "\\n"),
        ] {
            let token = sign(&pem, &claims("Iv23liEXAMPLE")).expect("a key");
            assert!(token.len() < ROOM, "{}", token.len());
            let (said, signature) = token.rsplit_once('.').expect("three parts");
            let signature = BASE64_URL_SAFE_NO_PAD.decode(signature).expect("base64");
            let public = RsaKeyPair::from_pkcs8(KEY).expect("a key").public_key().as_ref().to_vec();
            let public = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, public);
            public.verify(said.as_bytes(), &signature).expect("ours");
            assert!(public.verify(&said.as_bytes()[1..], &signature).is_err());
            let parts: Vec<String> = said
                .split('.')
                .map(|part| String::from_utf8(BASE64_URL_SAFE_NO_PAD.decode(part).expect("base64")).expect("text"))
                .collect();
            let said = r#"{"exp":1795349340,"iat":1795348740,"iss":"Iv23liEXAMPLE"}"#;
            assert_eq!(parts, [r#"{"alg":"RS256","typ":"JWT"}"#, said]);
        }
        let token = sign(&pem("PRIVATE KEY", KEY, "\n"), &claims("12345")).expect("a key");
        let said = BASE64_URL_SAFE_NO_PAD.decode(token.split('.').nth(1).expect("a part")).expect("base64");
        assert!(String::from_utf8(said).expect("text").contains(r#""iss":12345"#));
    }

    #[test]
    fn what_is_no_key_is_refused_without_a_word_of_it() {
        let canary = "canary";
        for (text, why) in [
            (canary.to_owned(), "no private key"),
            (pem("PRIVATE KEY", canary.as_bytes(), "\n"), "no RSA key"),
            (pem("EC PRIVATE KEY", KEY, "\n"), "no private key"),
            (pem("ENCRYPTED PRIVATE KEY", KEY, "\n"), "encrypted"),
            (pem("PRIVATE KEY", KEY, "\n").replace("-----END", "----"), "no private key"),
            (pem("PRIVATE KEY", KEY, "~"), "no private key"),
        ] {
            let NoKey(said) = sign(&text, &claims("1")).expect_err("no key");
            assert!(said.contains(why) && !said.contains(canary), "{said}");
        }
    }
}
