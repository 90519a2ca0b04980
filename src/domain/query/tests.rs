//! The query line by table, and by chance.

use jiff::Timestamp;
use proptest::prelude::*;

use super::*;

fn now() -> Timestamp {
    "2026-11-22T12:00:00Z".parse().expect("a moment")
}

fn parse(text: &str) -> Query {
    Query::parse(text, now()).unwrap_or_else(|error| panic!("{text}: {error} at {}", error.at))
}

#[test]
fn lines_mean_what_their_plainest_form_says() {
    for (text, plain) in [
        ("", ""),
        ("  ci  Deploy ", r#""ci" "deploy""#),
        (r#""two words" -"not these""#, r#""two words" -"not these""#),
        ("-ci !cd --x -!y", r#"-"ci" -"cd" -"-x" -"!y""#),
        ("status:Inactive -status:revoked", "status:inactive -status:revoked"),
        (
            "role:admin OWNER:Ana creator:bo context:eu label:\"a b\" id:7",
            r#"role:"admin" owner:"ana" creator:"bo" context:"eu" label:"a b" id:"7""#,
        ),
        ("used>90d", "used<2026-08-24T12:00:00Z"),
        ("used<12h", "used>2026-11-22T00:00:00Z"),
        ("created>2w created<30m", "created<2026-11-08T12:00:00Z created>2026-11-22T11:30:00Z"),
        ("expires<7d -expires>1d", "expires<2026-11-29T12:00:00Z -expires>2026-11-23T12:00:00Z"),
        ("created<2026-01-05", "created<2026-01-05T00:00:00Z"),
        ("used>2026-01-31T14:00Z used<2026-01-31T14:00", "used>2026-01-31T14:00:00Z used<2026-01-31T14:00:00Z"),
        (
            "used:never used:unknown expires:NEVER expires:unknown created:unknown",
            "used:never used:unknown expires:never expires:unknown created:unknown",
        ),
        ("a->b 10:30 .x:y \"status:x\" ÄRGER", r#""a->b" "10:30" ".x:y" "status:x" "ärger""#),
        ("ab\"c label:x:y", "ab\"c label:\"x:y\""),
    ] {
        assert_eq!(parse(text).to_string(), plain, "{text}");
    }
}

#[test]
fn mistakes_say_where_they_are() {
    for (text, at, message) in [
        ("ci foo:bar", 3, "there is no foo:"),
        ("last_used<3d", 0, "there is no last_used<"),
        ("é -status:actve", 10, "there is no status actve"),
        ("status:", 7, "a word is missing here"),
        ("label:\"\"", 6, "a word is missing here"),
        ("\"\"", 0, "a word is missing here"),
        ("a -", 3, "a word is missing here"),
        ("a \"b c", 2, "this quote is not closed"),
        ("\"a\"b", 3, "a blank is missing after the quote"),
        ("used>", 5, "a word is missing here"),
        ("used>soon", 5, "soon is neither an age nor a date"),
        ("used>=3d", 5, "=3d is neither an age nor a date"),
        ("used>30", 5, "30 is neither an age nor a date"),
        ("used>30y", 5, "30y is neither an age nor a date"),
        ("used>2026-13-01", 5, "2026-13-01 is neither an age nor a date"),
        ("used>99999999d", 5, "99999999d is too long an age"),
        ("used>99999999999999999999d", 5, "99999999999999999999d is too long an age"),
        ("used:30d", 5, "used cannot be 30d"),
        ("created:never", 8, "created cannot be never"),
        ("label<3", 5, "label cannot be compared"),
    ] {
        let error = Query::parse(text, now()).expect_err(text);
        assert_eq!((error.at, error.message.as_str()), (at, message), "{text}");
        assert!(!error.hint.is_empty(), "{text}");
    }
}

#[test]
fn what_follows_is_narrower() {
    for (narrow, broad) in [
        ("ci", ""),
        ("cid", "ci"),
        ("label:cid", "ci"),
        ("label:cid", "label:ci"),
        ("ci admin", "ci"),
        ("-c", "-ci"),
        ("used>90d", "used>30d"),
        ("expires<1d", "expires<7d"),
        ("status:active", "-status:revoked"),
        ("context:prod-eu", "context:prod"),
        ("-used:never", "-used:never"),
    ] {
        assert!(parse(narrow).narrows(&parse(broad)), "{narrow} narrows {broad}");
    }
    for (other, broad) in [
        ("ci", "cid"),
        ("ci", "label:ci"),
        ("label:ci", "id:ci"),
        ("-ci", "ci"),
        ("-ci", "-c"),
        ("used>30d", "used>90d"),
        ("-used>90d", "-used>30d"),
        ("used>90d", "created>90d"),
        ("status:active", "status:revoked"),
        ("-status:active", "-status:revoked"),
        ("context:prod", "prod"),
        ("used<30d", "-used:never"),
    ] {
        assert!(!parse(other).narrows(&parse(broad)), "{other} does not narrow {broad}");
    }
}

proptest! {
    #[test]
    fn no_line_panics(text in "\\PC{0,40}") {
        let _ = Query::parse(&text, now());
    }

    #[test]
    fn no_almost_lawful_line_panics_and_plain_forms_mean_the_same(
        text in "((-|!)?((status|role|label|used|created|expires|foo)[:<>])?(\"[a-zÄ :<]{0,4}\"|[a-zİΣ0-9\"<-]{0,6}|30[mhdwy]|2026-0[0-2]-0[0-2](T1[0-9]:00Z?)?|never|unknown|revoked) ?){0,4}",
    ) {
        for now in [now(), Timestamp::MIN, Timestamp::MAX] {
            match Query::parse(&text, now) {
                Ok(query) => prop_assert_eq!(Query::parse(&query.to_string(), now), Ok(query)),
                Err(error) => prop_assert!(error.at <= text.chars().count()),
            }
        }
    }
}
