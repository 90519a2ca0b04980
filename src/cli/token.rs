//! A token as JSON, as a line of a table, and with every field.

use std::io::{self, Write};

use jiff::Timestamp;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use unicode_width::UnicodeWidthStr;

use crate::app::contexts::ContextState;
use crate::app::model::Model;
use crate::domain::{ContextName, Expiry, LastUse, Status, Token, TokenKey, Untrusted, status_of};

/// How wide a column becomes for its longest text; what is longer is printed whole, and moves the rest of its line.
const WIDEST: usize = 40;

/// A token as it is printed, in the order of its keys.
#[derive(Serialize)]
pub(super) struct Printed<'a> {
    context: &'a str,
    id: &'a str,
    label: &'a str,
    status: &'static str,
    roles: Vec<&'a str>,
    owner: Option<&'a str>,
    creator: Option<&'a str>,
    created: Option<Moment>,
    last_used: Option<Moment>,
    use_reported: bool,
    expires: Option<Moment>,
    expiry_reported: bool,
    masked: Option<&'a str>,
    parent: Option<&'a str>,
    extra: Extra<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<&'a str>,
}

/// A moment in RFC 3339, in UTC.
pub(super) struct Moment(pub(super) Timestamp);

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

/// Every other field of the backend, in its order.
struct Extra<'a>(&'a [(Box<str>, Untrusted)]);

impl Serialize for Extra<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in self.0 {
            map.serialize_entry(name, value.raw())?;
        }
        map.end()
    }
}

impl<'a> Printed<'a> {
    pub(super) fn new(model: &Model, state: &'a ContextState, token: &'a Token) -> Self {
        let able = &state.context.capabilities;
        Self {
            context: state.context.name.as_str(),
            id: token.id.raw(),
            label: token.label.raw(),
            status: status(model, state, token).word(),
            roles: token.roles.iter().flatten().map(Untrusted::raw).collect(),
            owner: token.owner.name().map(Untrusted::raw),
            creator: token.creator.as_ref().map(Untrusted::raw),
            created: token.created.map(Moment),
            last_used: match token.last_used {
                LastUse::At(at) => Some(Moment(at)),
                LastUse::Never | LastUse::NotReported => None,
            },
            use_reported: able.reports_use.offered(),
            expires: match token.expires {
                Expiry::At(at) => Some(Moment(at)),
                Expiry::Never | Expiry::NotReported => None,
            },
            expiry_reported: able.reports_expiry.offered(),
            masked: token.masked.as_ref().map(Untrusted::raw),
            parent: token.parent.as_ref().map(crate::domain::TokenId::raw),
            extra: Extra(&token.extra),
            secret: None,
        }
    }

    /// Adds the secret, which was asked for.
    pub(super) fn with_secret(self, secret: Option<&'a str>) -> Self {
        Self { secret, ..self }
    }
}

fn status(model: &Model, state: &ContextState, token: &Token) -> Status {
    status_of(token.state, token.expires, token.last_used, model.now, state.context.active_window)
}

/// Writes one token as JSON, on a line of its own.
pub(super) fn json(out: &mut impl Write, printed: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer(&mut *out, printed)?;
    out.write_all(b"\n")
}

/// Writes one token with every field, for people.
pub(super) fn fields(out: &mut impl Write, model: &Model, state: &ContextState, token: &Token) -> io::Result<()> {
    let mut line = |name: &str, value: &str| writeln!(out, "{name:12} {value}");
    let named = |name: Option<&Untrusted>| name.map_or_else(|| "unknown".to_owned(), ToString::to_string);
    line("context", state.context.name.as_str())?;
    line("id", &token.id.shown())?;
    line("label", &token.label.shown())?;
    line("status", status(model, state, token).word())?;
    line("roles", &roles(token))?;
    line("owner", &named(token.owner.name()))?;
    line("creator", &named(token.creator.as_ref()))?;
    line("created", &token.created.map_or_else(|| "not reported".to_owned(), moment))?;
    line("last used", &used(token))?;
    line("expires", &expires(token))?;
    line("masked", &token.masked.as_ref().map_or_else(|| "not reported".to_owned(), ToString::to_string))?;
    if let Some(parent) = &token.parent {
        line("parent", &parent.shown())?;
    }
    for (name, value) in &token.extra {
        line(&crate::domain::escape(name), &value.shown())?;
    }
    Ok(())
}

/// Writes tokens as a table, for people.
pub(super) fn table(
    out: &mut impl Write,
    model: &Model,
    several: bool,
    tokens: &[(&ContextState, Token)],
) -> io::Result<()> {
    let cells = |(state, token): &(&ContextState, Token)| {
        [
            status(model, state, token).word().to_owned(),
            token.label.shown().into_owned(),
            roles(token),
            token.owner.name().map_or_else(|| "unknown".to_owned(), ToString::to_string),
            used(token),
            expires(token),
            address(&token.key(&state.context.name), several),
        ]
    };
    let titles = ["STATUS", "LABEL", "ROLE", "OWNER", "LAST USED", "EXPIRES", "ID"].map(str::to_owned);
    columns(out, titles, tokens.iter().map(cells))
}

/// Writes titles and rows in columns; the texts are shown as they are.
pub(super) fn columns<const N: usize>(
    out: &mut impl Write,
    titles: [String; N],
    rows: impl Iterator<Item = [String; N]> + Clone,
) -> io::Result<()> {
    let mut widths = titles.each_ref().map(|title| title.width());
    for row in rows.clone() {
        for (width, cell) in widths.iter_mut().zip(&row) {
            *width = cell.width().clamp(*width, WIDEST.max(*width));
        }
    }
    for row in std::iter::once(titles).chain(rows) {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(widths) {
            line.push_str(cell);
            line.extend(std::iter::repeat_n(' ', width.saturating_sub(cell.width()) + 2));
        }
        writeln!(out, "{}", line.trim_end())?;
    }
    Ok(())
}

/// Returns what a token is called on the command line, escaped.
pub(super) fn address(key: &TokenKey, several: bool) -> String {
    if several { format!("{}/{}", key.context, key.id.shown()) } else { key.id.shown().into_owned() }
}

/// Returns what a token is called on the command line, as it is.
pub(super) fn raw_address(context: &ContextName, id: &str, several: bool) -> String {
    if several { format!("{context}/{id}") } else { id.to_owned() }
}

fn roles(token: &Token) -> String {
    let names = |roles: &Vec<Untrusted>| roles.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
    token.roles.as_ref().map_or_else(|| "not reported".to_owned(), names)
}

fn used(token: &Token) -> String {
    match token.last_used {
        LastUse::At(at) => moment(at),
        LastUse::Never => "never".to_owned(),
        LastUse::NotReported => "not reported".to_owned(),
    }
}

fn expires(token: &Token) -> String {
    match token.expires {
        Expiry::At(at) => moment(at),
        Expiry::Never => "never".to_owned(),
        Expiry::NotReported => "not reported".to_owned(),
    }
}

pub(super) fn moment(at: Timestamp) -> String {
    format!("{at:.0}")
}
