//! What is found in a text, and what it is called.

use super::*;
use crate::domain::shape::{Bare, Check, Looks, MOST_CANDIDATES, MOST_WORDS};

#[test]
fn every_shape_is_found_alone_and_within_a_longer_text_and_called_what_it_is() {
    for (seed, shape) in table::SHAPES.iter().enumerate() {
        let value = value(shape, seed);
        let whole =
            if shape.issuer.is_empty() { shape.kind.to_owned() } else { format!("{} {}", shape.issuer, shape.kind) };
        let checked = if matches!(shape.checksum, Some(Checksum::Crc32OfAll | Checksum::Crc32OfRest)) {
            Check::Right
        } else {
            Check::None
        };
        for text in [value.clone(), format!("Authorization: Bearer {value}"), format!(" export TOKEN='{value}'\n")] {
            let found = took(&text, &[]);
            assert_eq!(found.candidates.iter().map(plain).collect::<Vec<_>>(), [(whole.clone(), &*value)]);
            assert_eq!(found.candidates[0].check, checked, "{whole}");
        }
        let log =
            format!("at 12:00 it said\n{{\"error\": \"no {value}, sorry\", \"url\":\"/?t={value}&x\"}}\\n{value}\n");
        let known = [begins(shape.prefix)];
        let found = took(&log, &known);
        let plain: Vec<_> = found.candidates.iter().map(plain).collect();
        assert_eq!(plain, [(whole.clone(), &*value)], "in a log");
        assert_eq!((found.candidates[0].line, found.candidates[0].times), (2, 3), "{whole}");
        // What hardly says anything counts only where somebody makes such values.
        let weak = shape.strength == crate::domain::shape::Strength::Weak;
        assert_eq!(took(&log, &[]).candidates.is_empty(), weak, "{whole}");
    }
}

#[test]
fn nothing_of_a_value_is_shown_but_what_all_of_its_kind_begin_with() {
    for (seed, shape) in table::SHAPES.iter().enumerate() {
        let value = value(shape, seed);
        let found = candidate(&value);
        let shown = found.shown();
        assert!(shown.trim_matches('…').len() <= shape.prefix.len(), "{shown}");
        assert!(!format!("{found:?} {}", found.words()).contains(&value[value.len() - 6..]));
    }
    assert_eq!(candidate(&characters(Class::Alnum, 30, 1)).shown(), "…");
    assert_eq!(candidate(&characters(Class::Alnum, 30, 1)).words(), "30 characters of no form that is known");
}

#[test]
fn a_checksum_that_is_wrong_is_noticed_and_one_that_is_right_is_that_of_the_service() {
    // The CRC-32 of this text in base 62, as GitHub's own example has it.
    assert_eq!(check::crc(b"zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ"), *b"0mLq17");
    for (issuer, kind) in [("tokendeck serve", "token"), ("GitHub", "OAuth token"), ("npm", "access token")] {
        let value = value_of(issuer, kind, 5);
        for at in [value.len() - 1, value.len() - 7, value.len() - 20] {
            let mut bytes = value.clone().into_bytes();
            bytes[at] = if bytes[at] == b'0' { b'1' } else { b'0' };
            let bent = String::from_utf8(bytes).expect("ASCII");
            assert_eq!(candidate(&bent).check, Check::Wrong, "{issuer} {at}");
        }
        assert_eq!(candidate(&value).check, Check::Right);
    }
}

#[test]
fn the_longest_prefix_counts_and_what_fits_as_well_is_told_too() {
    let value = value_of("PyPI", "API token", 1);
    assert_eq!(candidate(&value).words(), "PyPI API token");
    let legacy = value_of("Grafana", "API key (legacy)", 1);
    assert_eq!(candidate(&legacy).words(), "Grafana API key (legacy)");
    // The two forms of one kind are told once.
    assert_eq!(
        candidate(&value_of("GitLab", "runner authentication token", 2)).words(),
        "GitLab runner authentication token"
    );
}

#[test]
fn what_is_longer_or_shorter_or_within_a_word_is_no_value() {
    let value = value_of("GitHub", "OAuth token", 1);
    for text in [
        format!("x {value}0 y z w"),
        format!("x a{value} y z w"),
        format!("x {} y z w", &value[..39]),
        format!("x y_{value} z w"),
    ] {
        assert_eq!(took(&text, &[]).candidates, [], "{text}");
    }
    // Behind an escape there is one.
    for text in [format!("a b c %3D{value} d"), format!("a b c \\n{value} d"), format!("a b c \\u0022{value}\\u0022 d")]
    {
        assert_eq!(took(&text, &[]).candidates.len(), 1, "{text}");
    }
}

#[test]
fn what_has_no_prefix_is_a_candidate_where_it_is_the_one_value_and_else_a_word() {
    for (bare, class) in [("32 hex", 32), ("40 hex", 40), ("64 hex", 64)] {
        let value = characters(Class::Hex, class, 2).to_lowercase();
        assert_eq!(candidate(&value).looks, Looks::Bare(Bare::named(bare).expect("a form")));
        let log = took(&format!("commit {value} is in the log"), &[]);
        assert_eq!(log.candidates, []);
        assert_eq!(log.words.iter().map(|word| word.value.expose()).collect::<Vec<_>>(), [value]);
    }
    let uuid = format!("{0}-{1}-{1}-{1}-{0}{1}", characters(Class::Hex, 8, 1), characters(Class::Hex, 4, 2));
    assert_eq!(candidate(&uuid).looks, Looks::Bare(Bare::named("uuid").expect("a form")));
    assert_eq!(candidate("some-word").looks, Looks::Unknown);
    assert_eq!(took("  \n ", &[]), Extract::default());
}

#[test]
fn values_that_a_description_tells_of_are_found_by_their_beginning() {
    let value = format!("lbx_{}", characters(Class::Alnum, 20, 1));
    assert_eq!(took(&format!("a b c {value}. d"), &[]).candidates, []);
    let found = took(&format!("a b c {value}. d {value}"), &[begins("lbx_"), begins("lb")]);
    assert_eq!(found.candidates.iter().map(plain).collect::<Vec<_>>(), [("Lockbox token".to_owned(), &*value)]);
    assert_eq!((found.candidates[0].shown(), found.candidates[0].times), ("lbx_…".to_owned(), 2));
}

#[test]
fn a_web_token_says_who_made_it_and_how_it_is_called() {
    let text = format!("a log with\n\n a {} in it", jwt("https://sso.example\u{202e}", "jwt-7"));
    let found = took(&text, &[]).candidates;
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].words(), "JSON Web Token");
    assert_eq!(found[0].line, 3);
    assert_eq!(
        found[0].issuer.as_ref().map(|issuer| issuer.shown().into_owned()),
        Some("https://sso.example\\u{202e}".to_owned())
    );
    assert_eq!(found[0].jwt_id().map(|id| id.raw().to_owned()), Some("jwt-7".to_owned()));
    assert_eq!(took("eyNotAHeader01234.payload01.signature1 and more of it here", &[]).candidates, []);
}

#[test]
fn there_is_an_end_to_what_is_taken() {
    let many: Vec<String> = (0..2 * MOST_CANDIDATES).map(|seed| own(&format!("{seed:013}"), seed)).collect();
    let found = took(&many.join("\n"), &[]);
    assert!(found.cut && found.candidates.len() == MOST_CANDIDATES);
    let words: Vec<String> = (0..2 * MOST_WORDS).map(|number| format!("word-{number:05}")).collect();
    let found = took(&words.join(" "), &[]);
    assert!(found.cut && found.words.len() == MOST_WORDS);
}
