//! Bodies, with places for secrets.

use serde_json::Value;

use super::{ENCODED, Template, utf8_percent_encode};
use crate::backend::plan::{Body, Json};
use crate::backend::sealed::{Guise, Part, Sealed};
use crate::backend::template::{Filling, Source};

/// Returns the body and its type.
pub(super) fn of(body: &Body, source: &Source<'_>) -> Option<(&'static str, Sealed)> {
    match body {
        Body::None => None,
        Body::Json(json) => {
            let mut sealed = Sealed::default();
            if !write(json, source, &mut sealed) {
                sealed.push_str("null");
            }
            Some(("application/json", sealed))
        }
        Body::Form(pairs) => Some(("application/x-www-form-urlencoded", form(pairs, source))),
    }
}

/// Writes a form; a field without a value is left out.
fn form(pairs: &[(Box<str>, Template)], source: &Source<'_>) -> Sealed {
    let mut form = Sealed::default();
    for (name, template) in pairs {
        let Some(value) = template.seal(source, &Guise::Form) else { continue };
        if !form.0.is_empty() {
            form.push_str("&");
        }
        form.push_str(&utf8_percent_encode(name, ENCODED).to_string());
        form.push_str("=");
        for part in value.0 {
            match part {
                Part::Text(text) => form.push_str(&utf8_percent_encode(&text, ENCODED).to_string()),
                secret @ Part::Secret(..) => form.0.push(secret),
            }
        }
    }
    form
}

/// Writes a JSON value with its holes filled; `false` where it has no value, and nothing was written.
fn write(json: &Json, source: &Source<'_>, sealed: &mut Sealed) -> bool {
    match json {
        Json::Fixed(value) => sealed.push_str(&value.to_string()),
        Json::Text(template) => match template.seal(source, &Guise::Json) {
            Some(text) => quote(text, sealed),
            None => return false,
        },
        Json::Hole(hole) => match hole.fill(source) {
            None => return false,
            Some(Filling::Text(text)) => sealed.push_str(&Value::String(text.into_owned()).to_string()),
            Some(Filling::Number(number)) => sealed.push_str(&number.to_string()),
            Some(Filling::Flag(flag)) => sealed.push_str(&flag.to_string()),
            Some(Filling::List(texts)) => sealed.push_str(&Value::from(texts).to_string()),
            Some(Filling::Objects(name, texts)) => {
                let object = |text: &String| serde_json::json!({ name: text });
                sealed.push_str(&texts.iter().map(object).collect::<Value>().to_string());
            }
            Some(Filling::Null) => sealed.push_str("null"),
            Some(Filling::Secret(slot)) => {
                quote(Sealed(vec![Part::Secret(slot.clone(), Guise::Json)]), sealed);
            }
        },
        Json::List(items) => {
            sealed.push_str("[");
            let mut first = true;
            for item in items {
                let mut inner = Sealed::default();
                if write(item, source, &mut inner) {
                    separate(&mut first, sealed);
                    sealed.append(inner);
                }
            }
            sealed.push_str("]");
        }
        Json::Object(members) => {
            sealed.push_str("{");
            let mut first = true;
            for (name, member) in members {
                let mut inner = Sealed::default();
                if write(member, source, &mut inner) {
                    separate(&mut first, sealed);
                    sealed.push_str(&Value::String(name.to_string()).to_string());
                    sealed.push_str(":");
                    sealed.append(inner);
                }
            }
            sealed.push_str("}");
        }
    }
    true
}

fn separate(first: &mut bool, sealed: &mut Sealed) {
    if !std::mem::take(first) {
        sealed.push_str(",");
    }
}

/// Writes a JSON text around what is in it.
fn quote(text: Sealed, sealed: &mut Sealed) {
    sealed.push_str("\"");
    for part in text.0 {
        match part {
            Part::Text(text) => {
                let quoted = Value::String(text).to_string();
                sealed.push_str(&quoted[1..quoted.len() - 1]);
            }
            secret @ Part::Secret(..) => sealed.0.push(secret),
        }
    }
    sealed.push_str("\"");
}
