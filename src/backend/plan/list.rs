//! The list of tokens, in one step or in two.

use crate::backend::decode::matcher::Matcher;
use crate::backend::description::Section;
use crate::backend::mistake::Wrong;
use crate::backend::pointer::Pointer;
use crate::backend::template::{Names, Template};

use super::answer::{self, Parents};
use super::call::{self, Call, EACH, Known};

/// How the tokens are listed.
#[derive(Debug, Default)]
pub(super) struct List {
    /// The list, or the first step of two.
    pub(super) outer: Option<Call>,
    /// What is asked for each of its rows.
    pub(super) each: Option<Call>,
    /// The parent that is read instead of the first step, where it has a value.
    pub(super) only: Option<Template>,
}

/// Reads the tables `list` and `list.each`.
pub(super) fn read(section: &mut Section<'_, '_>, known: Known<'_>, rows: &mut Matcher) -> List {
    let mut each = None;
    let mut only = None;
    if section.has("each") {
        let mut parents = None;
        each = section.within("each", |inner| {
            if !inner.has("value") {
                inner.missing("value", "\"/name\" (or \"\" where the rows are bare texts)");
            }
            let value = inner.parse("value", Pointer::parse).unwrap_or(Pointer(Vec::new()));
            let unless = inner.within("unless", answer::body_test);
            parents = Some(Parents { value, unless });
            let names = Names { holes: &[], params: known.params, inputs: &[] };
            only = inner.parse("only", |text| Template::parse(text, names));
            if only.is_some() && inner.has("item") {
                inner.mistake(
                    "only",
                    Wrong::new("stands beside item", "it belongs to lists that are read parent by parent"),
                );
            }
            call::read(inner, EACH, known, rows)
        });
        let list = call::asked(section, "list", known, |inner| answer::rows(inner, parents, rows));
        call::check(section, "list", known, &list);
        return List { outer: Some(list), each, only };
    }
    List { outer: Some(call::read(section, "list", known, rows)), each, only }
}
