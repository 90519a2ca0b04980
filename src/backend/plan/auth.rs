//! Where the credential goes.

use crate::backend::description::{Section, nearest};
use crate::backend::mistake::Wrong;
use crate::backend::request::AuthSlot;

/// The styles there are. Basic and a login step will stand beside it.
const STYLES: [&str; 1] = ["header"];

/// Reads the table `auth`.
pub(super) fn read(section: &mut Section<'_, '_>) -> AuthSlot {
    if !section.has("auth") && !section.has("unavailable") {
        section.missing("auth", "{ style = \"header\", header = \"Authorization\", value = \"Bearer {credential}\" }");
    }
    let slot = section.within("auth", |inner| {
        if !inner.has("style") {
            inner.missing("style", "\"header\"");
        }
        inner.parse("style", |text| {
            let known = STYLES.contains(&text).then_some(());
            known.ok_or_else(|| Wrong::new(format!("\"{text}\" is no style"), nearest(text, STYLES.into_iter())))
        });
        if !inner.has("header") {
            inner.missing("header", "\"Authorization\"");
        }
        if !inner.has("value") {
            inner.missing("value", "\"Bearer {credential}\"");
        }
        let header = inner.parse("header", header_name).unwrap_or_default();
        let (before, after) = inner.parse("value", around_credential).unwrap_or_default();
        AuthSlot { header, before, after }
    });
    slot.unwrap_or(AuthSlot { header: "".into(), before: "".into(), after: "".into() })
}

fn around_credential(text: &str) -> Result<(Box<str>, Box<str>), Wrong> {
    let hint = "write it like \"Bearer {credential}\"";
    match text.split("{credential}").collect::<Vec<_>>()[..] {
        [before, after] if !format!("{before}{after}").contains(['{', '}']) => {
            header_text(before)?;
            header_text(after)?;
            Ok((before.into(), after.into()))
        }
        _ => Err(Wrong::new("has not exactly the one hole {credential}", hint)),
    }
}

/// Headers that belong to the connection or to other keys, never to a description.
const RESERVED: [&str; 16] = [
    "accept-encoding",
    "authorization",
    "connection",
    "content-length",
    "content-type",
    "cookie",
    "expect",
    "host",
    "keep-alive",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
];

/// Reads the name of a header that carries no credential.
pub(super) fn free_header_name(text: &str) -> Result<Box<str>, Wrong> {
    let name = header_name(text)?;
    if RESERVED.contains(&&*name) || name.starts_with("proxy-") {
        return Err(Wrong::new(
            format!("the header {name} is not a description's to set"),
            "leave it out; the credential goes under [auth]",
        ));
    }
    Ok(name)
}

/// Reads the name of a header, and returns it in lower case.
pub(super) fn header_name(text: &str) -> Result<Box<str>, Wrong> {
    let lawful = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    if text.is_empty() || text.len() > 64 || !text.bytes().all(lawful) {
        return Err(Wrong::new(format!("\"{text}\" is no name of a header"), "write letters, digits and dashes"));
    }
    let name = text.to_ascii_lowercase();
    let connection = ["connection", "content-length", "host", "te", "trailer", "transfer-encoding", "upgrade"];
    if connection.contains(&&*name) {
        return Err(Wrong::new(format!("the header {name} belongs to the connection"), "leave it out"));
    }
    Ok(name.into())
}

/// Refuses text that cannot stand in a header.
pub(super) fn header_text(text: &str) -> Result<(), Wrong> {
    if text.bytes().all(|byte| (0x20..0x7f).contains(&byte)) {
        return Ok(());
    }
    Err(Wrong::new("has characters that cannot stand in a header", "write printable ASCII"))
}
