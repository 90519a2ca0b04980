//! What the values of tokens look like, and what the list tells of them: read for comparing, never sent.

use crate::backend::description::{Section, nearest};
use crate::backend::mistake::Wrong;
use crate::domain::shape::{Bare, Digest, IdPlace, Shown, ValueForm};

use super::fields::{TokenFields, Wording};

/// Reads the table of the values.
pub(super) fn read(section: &mut Section<'_, '_>, token: &TokenFields) -> ValueForm {
    let is_masked = !matches!(&token.masked, Wording::At(source) if source.is_empty());
    let undescribed = || ValueForm { shown: Shown::Some, ..ValueForm::unknown() };
    let mut form = section.within("value", within).unwrap_or_else(undescribed);
    if !is_masked {
        if form.shown == Shown::Unique {
            let hint = "say in token.masked where the characters stand, or take masked out";
            section.mistake("value", Wrong::new("has masked, and token.masked is not there", hint));
        }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::{Plan, catalog};

    #[test]
    fn what_a_list_tells_of_values_is_read_from_the_description() {
        let form = |name: &str| {
            let plan = Plan::check(name, catalog::builtin(name).expect("it is built in")).expect("no mistakes");
            plan.capabilities().value
        };
        for (name, begins, shown, tells) in [
            ("tokendeck", &["tdk_"][..], Shown::Some, true),
            ("netbox", &["nbt_"], Shown::Unique, true),
            ("gitea", &[], Shown::Some, true),
            ("npm", &["npm_"], Shown::Some, true),
            ("tailscale", &["tskey-"], Shown::Nothing, true),
            ("gitlab", &["glpat-"], Shown::Nothing, false),
            ("jupyterhub", &[], Shown::Nothing, false),
            // Nothing is said of its values, but its list shows some of their characters.
            ("verdaccio", &[], Shown::Some, true),
            ("keystone", &[], Shown::Nothing, false),
        ] {
            let form = form(name);
            assert_eq!((form.begins.as_slice(), form.shown, form.tells()), (&*owned(begins), shown, tells), "{name}");
        }
        assert_eq!(form("npm").id_is, Some(Digest::Sha512));
        assert_eq!(form("gitea").bare, [Bare::named("40 hex").expect("a form")]);
    }

    fn owned(texts: &[&str]) -> Vec<String> {
        texts.iter().map(ToString::to_string).collect()
    }
}
