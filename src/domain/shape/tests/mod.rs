//! Values of every shape, made while the tests run: no literal of a secret stands in the repository.

mod compared;
mod found;
mod random;

use std::sync::Arc;

use super::{Beginning, Candidate, Checksum, Class, Extract, Piece, Secret, Shape, check, extract, table};

/// Characters of a class, `length` of them, always the same for the same seed.
fn characters(class: Class, length: usize, seed: usize) -> String {
    let all: Vec<u8> = (0..128_u8).filter(|byte| class.has(*byte) && !b"-_.=+/".contains(byte)).collect();
    let step = |at: usize| (at * 7 + seed * 13 + at / 5) % all.len();
    (0..length).map(|at| char::from(all[step(at)])).collect()
}

fn pieces(rest: &[Piece], seed: usize) -> String {
    let text = |piece: &Piece| match piece {
        Piece::Text(text) => (*text).to_owned(),
        Piece::Run(class, least, most) => characters(*class, (least + 8).min(*most), seed),
        Piece::Maybe(_) => String::new(),
    };
    rest.iter().map(text).collect()
}

/// A whole value of a shape.
fn value(shape: &Shape, seed: usize) -> String {
    let before = shape.before.map(|(class, length)| characters(class, length, seed)).unwrap_or_default();
    let mut rest = pieces(shape.rest, seed);
    if let Some(text) = shape.holds {
        rest.replace_range(4..4 + text.len(), text);
    }
    let whole = format!("{before}{}{rest}", shape.prefix);
    match shape.checksum {
        None => whole,
        Some(Checksum::Crc32OfAll) => summed(&whole, 0),
        Some(Checksum::Crc32OfRest) => summed(&whole, shape.prefix.len()),
        Some(Checksum::Jwt) => jwt("https://issuer.example", "jwt-0001"),
    }
}

fn summed(whole: &str, from: usize) -> String {
    let body = &whole[..whole.len() - 6];
    let sum = check::crc(&body.as_bytes()[from..]);
    format!("{body}{}", String::from_utf8_lossy(&sum))
}

/// A value of a service's first shape.
pub(crate) fn value_of(issuer: &str, kind: &str, seed: usize) -> String {
    let shape = table::SHAPES.iter().find(|shape| shape.issuer == issuer && shape.kind == kind);
    value(shape.expect("a known shape"), seed)
}

/// An own token with this id.
pub(crate) fn own(id: &str, seed: usize) -> String {
    summed(&format!("tdk_a_{id}_{}", characters(Class::Alnum, 49, seed)), 0)
}

pub(crate) fn jwt(issuer: &str, id: &str) -> String {
    use base64::Engine as _;
    let part = |text: String| base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(text);
    let header = part(r#"{"typ":"JWT","alg":"ES256"}"#.to_owned());
    let payload = part(format!(r#"{{"jti": "{id}", "iss" : "{issuer}"}}"#));
    format!("{header}.{payload}.{}", characters(Class::Word, 86, 3))
}

fn took(text: &str, beginnings: &[Beginning]) -> Extract {
    extract(&Secret::new(text.into()), beginnings)
}

fn plain(candidate: &Candidate) -> (String, &str) {
    (candidate.words(), candidate.value.expose())
}

fn begins(text: &str) -> Beginning {
    Beginning { text: text.to_owned(), title: "Lockbox".to_owned() }
}

fn candidate(text: &str) -> Candidate {
    let found = took(text, &[]).candidates;
    assert_eq!(found.len(), 1, "{text}");
    let only = found.into_iter().next().expect("one");
    assert!(Arc::strong_count(&only.value) == 1);
    only
}
