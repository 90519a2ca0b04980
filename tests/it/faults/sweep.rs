//! Every kind of harm to every operation.

use super::{
    judge::Operation,
    kind::{KINDS, Kind, Plan},
    trial::{Bench, MANY},
};
use crate::flows::harness::rounds;
use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

const OPERATIONS: [Operation; 5] =
    [Operation::List, Operation::Create, Operation::Rotate, Operation::Revoke, Operation::Bulk];

/// How many attempts are made at a time: most of each is waiting.
const AT_ONCE: usize = 16;

fn plan(kind: Kind, operation: Operation, seed: usize) -> Plan {
    let changes = match operation {
        Operation::List => 0,
        Operation::Create | Operation::Rotate | Operation::Revoke => 1,
        Operation::Bulk => MANY,
    };
    let place = KINDS.iter().position(|one| *one == kind).unwrap_or_default() * 5 + operation as usize;
    // The last two bits choose where: all four places come before one comes twice.
    let seed = u64::try_from(place * 1_000 * 4 + seed).expect("small");
    Plan::new(kind, seed, changes)
}

#[derive(Default)]
struct Sum {
    attempts: usize,
    hit: usize,
    well: usize,
    wrong: Vec<String>,
    longest: Duration,
    overrun: Duration,
}

#[test]
fn without_harm_everything_is_done() {
    let mut bench = Bench::new();
    for operation in OPERATIONS {
        let came = bench.attempt(operation, None);
        assert_eq!((came.facts.code, came.wrong), (Some(0), Vec::new()), "{operation:?}: {}", came.facts.err);
    }
}

#[test]
fn no_claim_contradicts_the_server_whatever_goes_wrong_on_the_way() {
    let seeds = rounds(4);
    let every = |seed: usize| {
        KINDS.iter().flat_map(move |kind| OPERATIONS.iter().map(move |operation| (*kind, *operation, seed)))
    };
    let mut all: Vec<_> = (0..seeds).flat_map(every).collect();
    // What takes longest begins first.
    all.sort_by_key(|(kind, ..)| *kind != Kind::Storm);
    let (next, sum) = (AtomicUsize::new(0), Mutex::new(Sum::default()));
    let work = || {
        let mut bench = Bench::new();
        while let Some((kind, operation, seed)) = all.get(next.fetch_add(1, Ordering::SeqCst)).copied() {
            let plan = plan(kind, operation, seed);
            let came = bench.attempt(operation, Some(plan));
            let mut sum = sum.lock().unwrap_or_else(PoisonError::into_inner);
            sum.attempts += 1;
            sum.hit += usize::from(came.facts.heard.iter().any(|heard| heard.hit));
            sum.well += usize::from(came.facts.code == Some(0));
            sum.longest = sum.longest.max(came.facts.took);
            sum.overrun = sum.overrun.max(came.overrun);
            for wrong in &came.wrong {
                sum.wrong.push(format!(
                    "{operation:?} {plan:?}: {wrong}\n  heard {:?}\n  said {}",
                    came.facts.heard, came.facts.err
                ));
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(work);
        }
    });
    let sum = sum.into_inner().unwrap_or_else(PoisonError::into_inner);
    let Sum { attempts, hit, well, longest, overrun, .. } = &sum;
    println!(
        "{attempts} attempts, {hit} of them hit, {well} went well; {} wrong; longest {longest:?}, one request at most {overrun:?} over its limit",
        sum.wrong.len()
    );
    assert!(sum.wrong.is_empty(), "{} are wrong:\n{}", sum.wrong.len(), sum.wrong.join("\n"));
    assert!(*hit * 10 >= *attempts * 7, "{hit} of {attempts} were hit");
    // On a quiet machine it is under a second; whoever hangs does so for a minute.
    assert!(*overrun < Duration::from_secs(15), "the program stayed {overrun:?} longer than it may");
}
