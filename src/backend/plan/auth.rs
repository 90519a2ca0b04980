//! Where the credential goes.

use crate::backend::decode::moment::Form;
use crate::backend::description::{Section, nearest};
use crate::backend::mistake::Wrong;
use crate::backend::pointer::Pointer;
use crate::backend::sealed::Slot;
use crate::backend::template::{Hole, Names, Piece, Template};

use super::answer::{self, Answer};
use super::call::{self, Call, Known};

/// How the credential is handed over.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::backend) enum Auth {
    /// A header with the credential, or with what a login gave for it.
    Header {
        /// Its name, in lower case.
        name: Box<str>,
        /// Its value.
        value: Template,
    },
    /// Basic (RFC 7617): the credential is the password, or `name:password` where no user is named.
    Basic(Option<Template>),
}

/// How a session is had for the credential.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::backend) struct Login {
    /// How it is asked for.
    pub(in crate::backend) call: Call,
    /// Where it stands.
    pub(in crate::backend) session: SessionAt,
    /// Whose key the credential is, where a token that is signed with it asks; `None` where it stands in the body.
    pub(in crate::backend) issuer: Option<Template>,
    /// How long it is good for, in seconds; `None` where nothing says.
    pub(in crate::backend) lifetime: Option<u64>,
    /// Where its end stands in the answer; `None` where nothing says.
    pub(in crate::backend) expires: Option<(Pointer, Form)>,
}

/// Where a session stands in the answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::backend) enum SessionAt {
    /// In the body.
    Body(Pointer),
    /// In a response header, in lower case.
    Header(Box<str>),
}

/// The styles there are.
const STYLES: [&str; 3] = ["header", "basic", "login"];

/// Reads the tables `auth` and `login`.
pub(super) fn read(section: &mut Section<'_, '_>, known: Known<'_>) -> (Auth, Option<Login>) {
    if !section.has("auth") && !section.has("unavailable") {
        section.missing("auth", "{ style = \"header\", header = \"Authorization\", value = \"Bearer {credential}\" }");
    }
    let mut by_login = false;
    let auth = section.within("auth", |inner| {
        if !inner.has("style") {
            inner.missing("style", "\"header\"");
        }
        let style = inner.parse("style", |text| {
            let known = STYLES.into_iter().find(|style| *style == text);
            known.ok_or_else(|| Wrong::new(format!("\"{text}\" is no style"), nearest(text, STYLES.into_iter())))
        });
        by_login = style == Some("login");
        match style {
            Some("basic") => {
                let names = Names { holes: &[], params: known.params, inputs: &[] };
                Auth::Basic(inner.parse("user", |text| user(text, names)))
            }
            Some("login") => header(inner, "session", known),
            _ => header(inner, "credential", known),
        }
    });
    let login = if by_login {
        if !section.has("login") {
            section
                .missing("login", "{ path = \"/login\", json = { secret = \"{credential}\" }, session = \"/token\" }");
        }
        section.within("login", |inner| login(inner, known))
    } else {
        None
    };
    (auth.unwrap_or(Auth::Basic(None)), login)
}

/// Reads the name of the user of Basic: what stands behind a colon would be a part of the password (RFC 7617).
fn user(text: &str, names: Names<'_>) -> Result<Template, Wrong> {
    let template = Template::parse(text, names)?;
    if template.0.iter().any(|piece| matches!(piece, Piece::Literal(literal) if literal.contains(':'))) {
        return Err(Wrong::new("has a colon in it", "write the name alone: the credential is the password"));
    }
    Ok(template)
}

fn header(section: &mut Section<'_, '_>, hole: &'static str, known: Known<'_>) -> Auth {
    if !section.has("header") {
        section.missing("header", "\"Authorization\"");
    }
    if !section.has("value") {
        section.missing("value", &format!("\"Bearer {{{hole}}}\""));
    }
    let name = section.parse("header", header_name).unwrap_or_default();
    let holes = [hole];
    let value = section.parse("value", |text| {
        header_text(text)?;
        if text.matches(&format!("{{{hole}}}")).count() != 1 {
            let hint = format!("write it like \"Bearer {{{hole}}}\"");
            return Err(Wrong::new(format!("has not exactly the one hole {{{hole}}}"), hint));
        }
        Template::parse(text, Names { holes: &holes, params: known.params, inputs: &[] })
    });
    Auth::Header { name, value: value.unwrap_or(Template(Vec::new())) }
}

fn login(section: &mut Section<'_, '_>, known: Known<'_>) -> Login {
    let mut session = None;
    let call = call::asked(section, "login", known, |inner| {
        session = match (inner.has("session"), inner.has("session_header")) {
            (true, false) => inner.parse("session", Pointer::parse).map(SessionAt::Body),
            (false, true) => inner.parse("session_header", header_name).map(SessionAt::Header),
            _ => {
                inner.missing("session", "\"/access_token\" (or session_header, and not both)");
                None
            }
        };
        Answer::Done
    });
    let issuer = section.within("jwt", |inner| {
        if !inner.has("issuer") {
            inner.missing("issuer", "\"{params.app}\"");
        }
        let names = Names { holes: &[], params: known.params, inputs: &[] };
        inner.parse("issuer", |text| Template::parse(text, names)).unwrap_or(Template(Vec::new()))
    });
    match (call.mentions(|hole| *hole == Hole::Secret(Slot::Credential)), issuer.is_some()) {
        (true, false) | (false, true) => {}
        (true, true) => {
            section.mistake("jwt", Wrong::new("stands beside {credential}", "a key is not sent: take one of them out"));
        }
        (false, false) => section
            .mistake("json", Wrong::new("says nowhere what the credential is", "put {credential} into json or form")),
    }
    let lifetime = section.number("lifetime", 1..=31_536_000);
    let expires = section.within("expires", |inner| {
        if !inner.has("at") {
            inner.missing("at", "\"/expires_at\"");
        }
        let at = answer::pointer(inner, "at");
        let form = inner.parse("time", |text| {
            let forms = || Form::NAMES.iter().filter(|(_, form)| !matches!(form, Form::Duration | Form::Local(_)));
            let found = forms().find(|(name, _)| *name == text);
            let names = forms().map(|(name, _)| *name);
            found.map(|(_, form)| *form).ok_or_else(|| Wrong::new("is no form of a moment", nearest(text, names)))
        });
        (at, form.unwrap_or(Form::Rfc3339))
    });
    Login { call, session: session.unwrap_or(SessionAt::Body(Pointer(Vec::new()))), issuer, lifetime, expires }
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
