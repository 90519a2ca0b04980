//! The query line: any text is a query or a mistake at a place in it, and a query written out is the same query.

#![no_main]

use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;
use tokendeck::domain::Query;

fuzz_target!(|text: &str| {
    let now: Timestamp = "2026-11-22T12:00:00Z".parse().expect("a moment");
    match Query::parse(text, now) {
        Ok(query) => {
            let written = query.to_string();
            let again =
                Query::parse(&written, now).unwrap_or_else(|error| panic!("{text:?} -> {written:?}: {error:?}"));
            assert_eq!(again, query, "{text:?} -> {written:?}");
            assert!(query.narrows(&Query::default()) && query.narrows(&again), "{text:?}");
        }
        Err(error) => {
            assert!(error.at <= text.chars().count(), "{text:?}: {error:?}");
            assert!(!error.message.is_empty() && !error.hint.is_empty(), "{text:?}: {error:?}");
        }
    }
});
