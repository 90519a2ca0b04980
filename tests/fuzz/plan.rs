//! A revocation plan: whatever a file holds, reading it is a plan or a failure in words; and a plan that was read is
//! written and reads the same.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sha2::{Digest, Sha256};
use tokendeck::runtime::plan_file::{parse, text};

fuzz_target!(|bytes: &[u8]| {
    let Some((first, rest)) = bytes.split_first() else { return };
    let file = if first % 4 == 0 { rest.to_vec() } else { summed(rest) };
    match parse(&file) {
        Ok(read) => {
            assert_eq!(read.plan.check(), Ok(()));
            let (text, sha256) = text(&read.plan).expect("it was read");
            let again = parse(text.as_bytes()).expect("it was written by us");
            assert_eq!((&again.plan, &again.sha256), (&read.plan, &sha256));
        }
        Err(failure) => {
            let words = failure.to_string();
            assert!(!words.is_empty() && !words.chars().any(char::is_control), "{words:?}");
        }
    }
});

/// Returns JSON with its sum, where it is JSON of an object in the order in which it is written.
fn summed(input: &[u8]) -> Vec<u8> {
    let sum: String = Sha256::digest(input).iter().map(|byte| format!("{byte:02x}")).collect();
    match input.strip_suffix(b"}") {
        Some(open) => [open, format!(r#","sha256":"{sum}"}}"#).as_bytes()].concat(),
        None => input.to_vec(),
    }
}
