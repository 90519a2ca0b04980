//! Lawful descriptions, put together as the input chooses: each is without mistake, and none of its requests leaves
//! its template or its context's origin.

#![no_main]

mod shared;

use libfuzzer_sys::fuzz_target;
use shared::dice::Dice;
use shared::operations;
use shared::subject::Subject;

fuzz_target!(|bytes: &[u8]| {
    let mut dice = Dice::of_bytes(bytes);
    let subject = Subject::generated(&mut dice);
    let id = dice.hostile();
    for operation in operations::all(&mut dice, &id) {
        let _ = subject.hold(&operation);
    }
});
