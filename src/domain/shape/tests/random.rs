//! Extraction is bounded, and never fails, whatever the text is.

use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::*;
use crate::domain::shape::{MOST_CANDIDATES, MOST_WORDS};

/// Texts of pieces that begin, end and break values.
fn texts() -> impl Strategy<Value = String> {
    let prefixes: Vec<&'static str> = table::SHAPES.iter().map(|shape| shape.prefix).collect();
    let piece = prop_oneof![
        3 => proptest::sample::select(prefixes).prop_map(str::to_owned),
        3 => "[A-Za-z0-9_-]{0,60}",
        1 => "[a-f0-9]{32,40}",
        2 => proptest::sample::select(vec![".", "-", "_", " ", "\n", "=", "%3D", "\\n", "ü", "\u{1f511}", "\"", "ey", "T3BlbkFJ"]).prop_map(str::to_owned),
        1 => any::<String>(),
        1 => (0..table::SHAPES.len(), 0..9_usize).prop_map(|(at, seed)| value(&table::SHAPES[at], seed)),
    ];
    proptest::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn what_is_taken_stands_in_the_text_once_and_is_counted(text in texts()) {
        let found = took(&text, &[begins("lbx_"), begins("s.")]);
        prop_assert!(found.candidates.len() <= MOST_CANDIDATES && found.words.len() <= MOST_WORDS);
        let mut seen = Vec::new();
        for one in &found.candidates {
            let value = one.value.expose();
            prop_assert!(text.contains(value) && !value.is_empty());
            prop_assert!(one.times >= 1 && one.times <= text.matches(value).count());
            prop_assert!(one.line >= 1 && one.line <= text.lines().count().max(1));
            prop_assert!(!seen.contains(&value), "twice");
            seen.push(value);
        }
        for word in &found.words {
            prop_assert!(text.contains(word.value.expose()));
        }
    }

    #[test]
    fn a_value_is_found_wherever_it_stands(
        at in 0..table::SHAPES.len(), seed in 0..50_usize, before in "[ a-z\\n\":]{0,40} ", after in " [ -~\\n]{0,40}"
    ) {
        let shape = &table::SHAPES[at];
        let value = value(shape, seed);
        let found = took(&format!("two\nwords {before}{value}{after}"), &[begins(shape.prefix)]);
        prop_assert!(found.candidates.iter().any(|one| one.value.expose() == value));
    }
}

#[test]
fn a_megabyte_that_was_made_to_take_long_does_not() {
    let all = 1 << 20;
    let header = &jwt("x", "y")[..12];
    let nearly = format!("{}.aaaa.aaaa ", "eyJ-".repeat(2000));
    for piece in [
        "eyJ-",
        "ey-ey.ey.ey-",
        "s.",
        "sk-proj-",
        "-",
        "a1-",
        "ghp_",
        "%3D",
        "hvs.-hvs.",
        ".atlasv1.",
        "pat.sat.",
        "00-",
        "\\u0022",
        header,
        &nearly,
    ] {
        let text = format!("{}.aaaa.aaaa\n x y z", piece.repeat(all / piece.len()));
        let begun = Instant::now();
        let found = took(&text, &[begins("s."), begins("lbx")]);
        assert!(begun.elapsed() < Duration::from_secs(20), "{piece}: {:?}", begun.elapsed());
        assert!(found.candidates.len() <= MOST_CANDIDATES);
    }
}
