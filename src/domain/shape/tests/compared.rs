//! What a value has in common with what a list tells.

use super::*;
use crate::domain::TokenId;
use crate::domain::shape::{Bare, Digest, IdPlace, May, Shown, ValueForm, visible};

fn form() -> ValueForm {
    ValueForm { begins: vec!["tdk_".to_owned()], ..ValueForm::unknown() }
}

#[test]
fn an_id_is_found_in_its_place_and_nowhere_else() {
    let id = |place: &str, value: &str| {
        let holds_id = Some(IdPlace::parse(place).expect("a place"));
        let form = ValueForm { holds_id, ..form() };
        form.id_of(&Secret::new(value.into())).map(|(id, _)| id.raw().to_owned())
    };
    let found = |text: &str| Some(text.to_owned());
    for (place, value, wanted) in [
        ("tdk_*_{id}_*", "tdk_a_7f_secret_more", found("7f")),
        ("tdk_*_{id}_*", "tdk_a_7f", None),
        ("tdk_*_{id}_*", "xtdk_a_7f_s", None),
        ("tdk_*_{id}_*", "tdk_a__s", None),
        ("{id}.*", "7f.secret", found("7f")),
        ("key-{id}", "key-7f", found("7f")),
        ("key-{id}-end", "key-7f-end", found("7f")),
        ("key-{id}-end", "key-7f-end-", None),
        ("key-{id}-*.end", "key-7f-abc.end", found("7f")),
        ("key-{id}-*.end", "key-7f-abc.endless", None),
        ("key-{id}-*", "key-..-abc", None),
    ] {
        assert_eq!(id(place, value), wanted, "{place} {value}");
    }
    for wrong in ["tdk_*", "{id}", "*{id}_", "a{id}*", "{id}-{id}"] {
        assert!(IdPlace::parse(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn a_hash_is_that_of_the_standard() {
    // FIPS 180-4, of "abc".
    let id = |digest| ValueForm { id_is: Some(digest), ..form() }.id_of(&Secret::new("abc".into()));
    let (first, how) = id(Digest::Sha256).expect("an id");
    assert!(first.raw().starts_with("ba7816bf8f01cfea") && first.raw().len() == 64 && how == Some(Digest::Sha256));
    let (second, _) = id(Digest::Sha512).expect("an id");
    assert!(second.raw().starts_with("ddaf35a193617aba") && second.raw().len() == 128);
}

#[test]
fn a_masked_value_agrees_by_enough_of_its_characters() {
    assert_eq!(visible("tdk_a_****0cT9"), Some(("tdk_a_", "0cT9")));
    assert_eq!(visible("npm_EXAM...MPLE"), Some(("npm_EXAM", "MPLE")));
    assert_eq!(visible("nbt_key.…"), Some(("nbt_key.", "")));
    assert_eq!(visible("•••• 1234 ••••"), Some(("", "")));
    assert_eq!(visible("EXAMPLE012345678"), None);
    let value = own("0123456789abc", 4);
    let found = candidate(&value);
    let end = &value[value.len() - 4..];
    assert!(found.fits("tdk_a_", end) && found.fits("", end) && found.fits("tdk_a_0123", ""));
    assert!(!found.fits("tdk_r_", end) && !found.fits("tdk_a_", "0000") && !found.fits("tdk_a_", &end[3..]));
    assert!(!found.fits("tdk_a_", ""), "all of them begin so");
    assert!(!found.fits(&value, ""), "a list that shows it whole masks nothing");
}

#[test]
fn of_a_long_value_the_end_is_shown_and_of_a_short_one_nothing() {
    let value = own("0123456789abc", 4);
    assert_eq!(candidate(&value).masked(), format!("…{}", &value[value.len() - 4..]).replacen('…', "tdk_…", 1));
    let hex = characters(Class::Hex, 40, 1);
    assert_eq!(candidate(&hex).masked(), format!("…{}", &hex[36..]));
    for short in ["correct-horse-batte", "hunter2"] {
        assert_eq!(candidate(short).masked(), "…", "it may be a password");
    }
    assert_eq!(candidate("glpat-0123456789").masked(), "…", "and so may a beginning with little behind it");
}

#[test]
fn whose_a_value_may_be_is_told_by_its_form() {
    let bare = |name: &str| vec![Bare::named(name).expect("a form")];
    let hex = candidate(&characters(Class::Hex, 40, 1));
    let (known, web, other) = (candidate(&own("0123456789abc", 1)), candidate(&jwt("x", "y")), candidate("what-is-it"));
    let nothing = ValueForm::unknown();
    let hexadecimal = ValueForm { bare: bare("40 hex"), ..ValueForm::unknown() };
    for (form, [of_known, of_web, of_hex, of_other]) in [
        (&form(), [May::Yes, May::No, May::No, May::No]),
        (&hexadecimal, [May::No, May::No, May::Yes, May::No]),
        (&nothing, [May::No, May::Maybe, May::Maybe, May::Maybe]),
    ] {
        let may = [&known, &web, &hex, &other].map(|candidate| form.may_have(candidate));
        assert_eq!(may, [of_known, of_web, of_hex, of_other], "{form:?}");
    }
    assert!(!nothing.tells() && ValueForm { shown: Shown::Some, ..nothing }.tells());
    assert_eq!(known.as_id().map(|id| id == TokenId::parse("x").expect("an id")), Some(false));
}
