//! The description language: any text is a plan, or mistakes that each have a place; and no request of a plan leaves
//! its template or its context's origin, whoever wrote it.

#![no_main]

mod shared;

use std::collections::{BTreeMap, BTreeSet};

use libfuzzer_sys::fuzz_target;
use shared::dice::Dice;
use shared::operations;
use shared::subject::Subject;
use tokendeck::backend::{Plan, Site};

const BASE: &str = "https://tokens.example.org:8443/base";

fuzz_target!(|text: &str| {
    let plan = match Plan::check("fuzz.toml", text) {
        Ok(plan) => plan,
        Err(mistakes) => {
            assert!(!mistakes.is_empty());
            for mistake in mistakes {
                let shown = mistake.to_string();
                assert!((1..=text.split('\n').count()).contains(&mistake.line), "{shown}");
                assert!(!mistake.message.is_empty() && !mistake.hint.is_empty(), "{shown}");
                assert!(!shown.chars().any(char::is_control), "{shown:?}");
            }
            return;
        }
    };
    let mut dice = Dice::seeded(text.bytes().map(u64::from).sum());
    let said = plan.params().iter().filter(|param| param.required || dice.one_in(2));
    let params: BTreeMap<String, String> =
        said.map(|param| (param.name.to_string(), "a/../%2e?é".to_owned())).collect();
    let inputs: BTreeSet<String> = plan.inputs().iter().map(|input| input.name.to_string()).collect();
    // A default that cannot stand in a request.
    if Site::new(&plan, BASE, &params).is_err() {
        return;
    }
    let _ = (plan.capabilities(), plan.offer("fuzz"));
    let subject = Subject::new("fuzz", text, BASE, &params, &inputs);
    for _ in 0..3 {
        let id = dice.hostile();
        for operation in operations::all(&mut dice, &id) {
            let _ = subject.hold(&operation);
        }
    }
});
