//! No request leaves its template or its context's origin: whatever the id, the page, the description.
//!
//! What a request has to be is worked out in [`expected`] from the text of the description alone.

mod changed;
pub(crate) mod dice;
mod expected;
mod generated;
mod operations;
mod pages;
mod subject;
mod values;

use std::sync::Arc;

use tokendeck::backend::https::{Client, ClientOptions};
use tokendeck::backend::{Keys, Part, Request, Slot, Transport as _};
use tokendeck::domain::{Access, FailureKind, Secret, TokenId};

use dice::Dice;
use expected::Fate;
use subject::Subject;

/// The client refuses what would not be what the description says, and asks nobody for it.
struct Gate {
    runtime: tokio::runtime::Runtime,
    refused: usize,
}

impl Gate {
    fn new() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        Self { runtime, refused: 0 }
    }

    fn refuse(&mut self, request: &Request) {
        let client = Client::new(ClientOptions::new(request.origin.clone()));
        let value = || Arc::new(Secret::new("a-value".into()));
        let parts = request.sealed.iter().map(|(_, sealed)| sealed).chain(&request.body).flat_map(|sealed| &sealed.0);
        let input = |part: &Part| if let Part::Secret(Slot::Input(name), _) = part { Some(name.clone()) } else { None };
        let inputs = parts.filter_map(input).map(|name| (name, value())).collect();
        let keys = Keys { credential: Some(value()), session: Some(value()), value: Some(value()), inputs };
        // No time and no network is there: what is not refused at once panics.
        let answer = self.runtime.block_on(client.open(request.clone(), keys, Access::Write));
        let kind = answer.err().map(|failure| failure.kind);
        assert!(matches!(kind, Some(FailureKind::Refused | FailureKind::Credential)), "{kind:?}: {request:#?}");
        self.refused += 1;
    }
}

/// How many hostile ids there are; half of them for the built-in descriptions.
const IDS: u64 = 20_000;

/// How many descriptions nobody wrote.
const GENERATED: u64 = 2_000;

#[test]
fn no_id_leads_a_request_of_a_built_in_description_out_of_it() {
    let subjects = Subject::built_in();
    let (mut gate, mut sent, mut lawful) = (Gate::new(), 0, 0);
    for (seed, subject) in (0..IDS / 2).zip(subjects.iter().cycle()) {
        let mut dice = Dice::seeded(seed);
        let id = dice.hostile();
        lawful += u64::from(TokenId::parse(&id).is_ok());
        for operation in operations::all(&mut dice, &id) {
            match subject.hold(&operation) {
                Some((request, Fate::Stays)) => gate.refuse(&request),
                Some((_, Fate::Leaves)) => sent += 1,
                None => {}
            }
        }
    }
    assert!(lawful > IDS / 4 && sent > IDS && gate.refused > 100, "{lawful} ids, {sent} sent, {} not", gate.refused);
}

#[test]
fn no_id_leads_a_request_of_any_description_out_of_it() {
    let (mut gate, mut sent) = (Gate::new(), 0);
    for seed in 0..GENERATED {
        let subject = Subject::generated(&mut Dice::seeded(seed));
        let mut dice = Dice::seeded(seed + IDS);
        for _ in 0..IDS / 2 / GENERATED {
            let id = dice.hostile();
            for operation in operations::all(&mut dice, &id) {
                match subject.hold(&operation) {
                    Some((request, Fate::Stays)) => gate.refuse(&request),
                    Some((_, Fate::Leaves)) => sent += 1,
                    None => {}
                }
            }
        }
    }
    assert!(sent > IDS && gate.refused > 100, "{sent} sent, {} not", gate.refused);
}

#[test]
fn what_a_fuzzer_chooses_is_a_lawful_description_too() {
    for length in 0..200_usize {
        let bytes: Vec<u8> = (0..length).map(|at| at.wrapping_mul(31).to_le_bytes()[0]).collect();
        let _ = Subject::generated(&mut Dice::of_bytes(&bytes));
    }
}
