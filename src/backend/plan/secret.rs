//! Where a new secret stands in an answer: at one place, or put together from several.

use crate::backend::mistake::Wrong;
use crate::backend::pointer::Pointer;

/// The parts of a secret, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::backend) struct SecretRule(pub(in crate::backend) Vec<Part>);

/// A part of a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::backend) enum Part {
    /// Text of the description.
    Text(Box<str>),
    /// A place in the answer, where something has to stand.
    At(Pointer),
}

impl SecretRule {
    /// Reads a pointer, or a text with pointers as holes: `nbt_{/key}.{/token}`.
    pub(in crate::backend) fn parse(text: &str) -> Result<Self, Wrong> {
        if !text.contains(['{', '}']) {
            return Ok(Self(vec![Part::At(Pointer::parse(text)?)]));
        }
        if text.chars().any(char::is_control) {
            return Err(Wrong::new("control characters are in it", "leave them out"));
        }
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((literal, after)) = rest.split_once('{') {
            parts.extend(part(literal)?);
            let Some((pointer, after)) = after.split_once('}') else {
                return Err(Wrong::new("a hole is not closed", "close it with }"));
            };
            parts.push(Part::At(Pointer::parse(pointer)?));
            rest = after;
        }
        parts.extend(part(rest)?);
        Ok(Self(parts))
    }
}

fn part(literal: &str) -> Result<Option<Part>, Wrong> {
    if literal.contains('}') {
        return Err(Wrong::new("a } closes no hole", "write holes as {/pointer}"));
    }
    Ok((!literal.is_empty()).then(|| Part::Text(literal.into())))
}
