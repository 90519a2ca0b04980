//! A confirmed revocation: what is sent in which order, and what is claimed of it.

mod compared;
mod ended;
mod held_up;
mod listed;
mod proved;
mod sent;
mod several;
mod unfinished;

use std::time::Duration;

use crate::app::testing::*;
use crate::domain::{Failure, FailureKind};

/// Confirms the revocation of one token with an ordinary role.
fn revoke_one(talk: &mut Talk, label: &str) {
    talk.go(label);
    talk.press("x");
    talk.answer_question("y");
}

/// Confirms the revocation of several tokens.
fn revoke(talk: &mut Talk, labels: &[&str]) {
    talk.mark(labels);
    talk.press("x");
    let expected = talk.confirm().tier.expected().to_owned();
    talk.answer_question(&format!("{expected}<enter>"));
}

/// A conversation over this many ordinary tokens, all of them confirmed.
fn many(count: usize) -> Talk {
    let lines: Vec<String> = (0..count).map(|at| format!("tk-{at:06} label-{at:03} reader")).collect();
    let mut talk = Talk::with(table(&lines.join("\n")));
    talk.press("*x");
    talk.answer_question(&format!("{count}<enter>"));
    talk
}

fn busy(seconds: u64) -> Failure {
    failure(FailureKind::Busy(Some(Duration::from_secs(seconds))))
}

/// Fails unless the counts add up.
fn adds_up(talk: &Talk) {
    let t = talk.tally();
    let sum = t.open + t.revoked + t.verified + t.gone + t.changed + t.failed + t.unverified + t.alive + t.not_sent;
    assert_eq!(t.all, sum, "{t:?}");
}
