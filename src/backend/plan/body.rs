//! The bodies of requests as described.

use toml::Spanned;
use toml::de::DeValue;

use crate::backend::description::Section;
use crate::backend::mistake::Wrong;
use crate::backend::template::{Hole, Names, Piece, Template};

/// What a request has for a body.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::backend) enum Body {
    /// None.
    None,
    /// JSON.
    Json(Json),
    /// A form.
    Form(Vec<(Box<str>, Template)>),
}

/// A JSON value with holes.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::backend) enum Json {
    /// As it is.
    Fixed(serde_json::Value),
    /// Text that is one hole takes the type of its value: a list stays one, "never" is `null`.
    Hole(Hole),
    /// Text with holes in it.
    Text(Template),
    /// A list; what has no value is left out.
    List(Vec<Json>),
    /// An object; what has no value is left out.
    Object(Vec<(Box<str>, Json)>),
}

impl Body {
    /// Reads the keys `json` and `form`.
    pub(super) fn read(section: &mut Section<'_, '_>, names: Names<'_>) -> Self {
        if section.has("json") && section.has("form") {
            section.mistake("form", Wrong::new("stands beside json", "a request has one body: take one of them out"));
        }
        let json = section.value("json").map(|value| json(section, value, names));
        let form = section.within("form", |inner| super::call::templates(inner, names));
        match (json, form) {
            (Some(json), _) => Self::Json(json),
            (None, Some(form)) => Self::Form(form),
            (None, None) => Self::None,
        }
    }

    /// Tells whether a hole is in a text of it, and is not a whole value.
    pub(super) fn mentions_in_text(&self, wanted: impl Fn(&Hole) -> bool + Copy) -> bool {
        match self {
            Self::None => false,
            Self::Json(json) => json.mentions_in_text(wanted),
            Self::Form(_) => self.mentions(wanted),
        }
    }

    /// Tells whether a hole is in it.
    pub(super) fn mentions(&self, wanted: impl Fn(&Hole) -> bool + Copy) -> bool {
        match self {
            Self::None => false,
            Self::Json(json) => json.mentions(wanted),
            Self::Form(pairs) => pairs.iter().any(|(_, template)| template.has(wanted)),
        }
    }
}

impl Json {
    fn mentions_in_text(&self, wanted: impl Fn(&Hole) -> bool + Copy) -> bool {
        match self {
            Self::Fixed(_) | Self::Hole(_) => false,
            Self::Text(template) => template.has(wanted),
            Self::List(items) => items.iter().any(|item| item.mentions_in_text(wanted)),
            Self::Object(members) => members.iter().any(|(_, member)| member.mentions_in_text(wanted)),
        }
    }

    fn mentions(&self, wanted: impl Fn(&Hole) -> bool + Copy) -> bool {
        match self {
            Self::Fixed(_) => false,
            Self::Hole(hole) => wanted(hole),
            Self::Text(template) => template.has(wanted),
            Self::List(items) => items.iter().any(|item| item.mentions(wanted)),
            Self::Object(members) => members.iter().any(|(_, member)| member.mentions(wanted)),
        }
    }
}

fn json(section: &mut Section<'_, '_>, value: &Spanned<DeValue<'_>>, names: Names<'_>) -> Json {
    match value.get_ref() {
        DeValue::String(text) => match Template::parse(text, names) {
            Ok(Template(mut pieces)) => match (pieces.pop(), pieces.is_empty()) {
                (Some(Piece::Hole(hole)), true) => Json::Hole(hole),
                (last, _) => {
                    pieces.extend(last);
                    Json::Text(Template(pieces))
                }
            },
            Err(wrong) => {
                section.mistake_at(value, "json", wrong);
                Json::Fixed(serde_json::Value::Null)
            }
        },
        DeValue::Integer(number) => {
            let read = i64::from_str_radix(&number.as_str().replace('_', ""), number.radix());
            if read.is_err() {
                section.mistake_at(value, "json", Wrong::new("is a number out of range", "write a smaller one"));
            }
            Json::Fixed(read.ok().into())
        }
        DeValue::Float(number) => Json::Fixed(number.as_str().parse::<f64>().ok().into()),
        DeValue::Boolean(flag) => Json::Fixed((*flag).into()),
        DeValue::Datetime(_) => {
            section.mistake_at(value, "json", Wrong::new("is a moment without quotes", "put it in quotes"));
            Json::Fixed(serde_json::Value::Null)
        }
        DeValue::Array(items) => Json::List(items.iter().map(|item| json(section, item, names)).collect()),
        DeValue::Table(members) => {
            let member = |(key, member): (&Spanned<_>, &Spanned<DeValue<'_>>)| {
                let key: &std::borrow::Cow<'_, str> = key.get_ref();
                (Box::from(&**key), json(section, member, names))
            };
            Json::Object(members.iter().map(member).collect())
        }
    }
}
