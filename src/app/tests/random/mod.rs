//! What holds whatever happens: random lists, keys, faults and messages.

mod faults;
mod messages;
mod moved;
mod shown;
mod storm;

use proptest::prelude::*;

/// This many cases, and as many times more as `PROPTEST_CASES` is over 256: 2048 makes 20,000 of 2,500.
fn config(cases: u32) -> ProptestConfig {
    let default = ProptestConfig::default();
    let cases = cases.saturating_mul(default.cases) / 256;
    ProptestConfig { cases, failure_persistence: None, max_shrink_iters: 4_096, ..default }
}
