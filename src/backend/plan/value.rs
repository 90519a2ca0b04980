//! What the values of tokens look like, and what the list tells of them: read for comparing, never sent.

use crate::backend::description::{Section, nearest};
use crate::backend::mistake::Wrong;
use crate::domain::shape::{Bare, Digest, IdPlace, Shown, ValueForm};

use super::fields::{TokenFields, Wording};

/// Reads the table of the values.
pub(super) fn read(section: &mut Section<'_, '_>, token: &TokenFields) -> ValueForm {
    let is_masked = !matches!(&token.masked, Wording::At(source) if source.is_empty());
    let mut form = section.within("value", within).unwrap_or_else(ValueForm::unknown);
    if !is_masked {
        form.shown = Shown::Nothing;
    }
    form
}

fn within(section: &mut Section<'_, '_>) -> ValueForm {
    let unique = section.parse("masked", |text| match text {
        "unique" => Ok(Shown::Unique),
        _ => Err(Wrong::new(
            format!("\"{text}\" is no word for a masked value"),
            "write \"unique\" where no other value has what is shown of it, or leave it out",
        )),
    });
    ValueForm {
        begins: section.each("begins", |text| match text.trim() {
            "" => Err(Wrong::new("says nothing", "write what all values begin with, e.g. \"glpat-\"")),
            _ => Ok(text.to_owned()),
        }),
        bare: section.each("bare", |text| {
            let known = || Bare::all().iter().map(|bare| bare.name);
            let unknown = || Wrong::new(format!("\"{text}\" is no form"), nearest(text, known()));
            Bare::named(text).ok_or_else(unknown)
        }),
        holds_id: section.parse("holds_id", |text| {
            IdPlace::parse(text).map_err(|wrong| Wrong::new(wrong, "write it like \"key-{id}-*\""))
        }),
        id_is: section.parse("id_is", |text| {
            let found = Digest::ALL.into_iter().find(|(word, _)| *word == text);
            let known = || Digest::ALL.into_iter().map(|(word, _)| word);
            let unknown = || Wrong::new(format!("\"{text}\" is no hash"), nearest(text, known()));
            found.map(|(_, digest)| digest).ok_or_else(unknown)
        }),
        shown: unique.unwrap_or(Shown::Some),
    }
}
