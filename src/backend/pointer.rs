//! Places in a JSON answer, and tests of what stands there.

use serde_json::Value;

use super::mistake::Wrong;

/// The step of a pointer that stands for each element of a list.
pub(super) const EACH: &str = "*";

/// A JSON pointer (RFC 6901); empty for the whole. A step [`EACH`] goes into each element of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pointer(pub(super) Vec<Box<str>>);

impl Pointer {
    /// Reads a pointer to one place.
    pub(super) fn parse(text: &str) -> Result<Self, Wrong> {
        let pointer = Self::parse_many(text)?;
        if pointer.0.iter().any(|step| **step == *EACH) {
            return Err(Wrong::new(
                "has a step *, and one value is wanted here",
                "point to the value itself; * stands in roles, tests and errors.text",
            ));
        }
        Ok(pointer)
    }

    /// Reads a pointer that may go through lists.
    pub(super) fn parse_many(text: &str) -> Result<Self, Wrong> {
        if text.is_empty() {
            return Ok(Self(Vec::new()));
        }
        let Some(rest) = text.strip_prefix('/') else {
            return Err(Wrong::new(format!("\"{text}\" is no pointer"), format!("begin it with a slash: \"/{text}\"")));
        };
        if text.len() > 256 {
            return Err(Wrong::new("the pointer is over 256 bytes long", "point to a place nearer to the top"));
        }
        rest.split('/').map(unescape).collect::<Result<_, _>>().map(Self)
    }

    /// Returns what stands there in a value that was read whole.
    pub(super) fn of<'v>(&self, whole: &'v Value) -> Option<&'v Value> {
        self.0.iter().try_fold(whole, |value, step| match value {
            Value::Array(list) => list.get(place(step)?),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => value.get(&**step),
        })
    }
}

/// Reads a step as the place of an element in a list, counted from 0; `None` for a key.
pub(super) fn place(step: &str) -> Option<usize> {
    let digits = step.bytes().all(|byte| byte.is_ascii_digit()) && (step == "0" || !step.starts_with('0'));
    step.parse().ok().filter(|_| digits)
}

fn unescape(step: &str) -> Result<Box<str>, Wrong> {
    let after_tilde = step.split('~').skip(1);
    if after_tilde.into_iter().any(|rest| !rest.starts_with(['0', '1'])) {
        return Err(Wrong::new("a ~ in a pointer stands alone", "write ~0 for ~, and ~1 for /"));
    }
    if step.is_empty() {
        return Err(Wrong::new("a step of the pointer is empty", "take the extra slash out"));
    }
    Ok(step.replace("~1", "/").replace("~0", "~").into())
}

/// A test of one place: whether its value, written as text, is among some words. Of a list of texts, any will do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Test<P = Pointer> {
    /// The place.
    pub(super) at: P,
    /// The words; `null` also stands for a place that is not there, `*` for anything but that, `[]` for an empty list
    /// or object, and a word that ends with `*` for whatever begins like it.
    pub(super) when: Vec<Box<str>>,
}
