//! Failed authentication: whoever guesses at a token from one address waits longer and longer.
//!
//! The ladder is climbed per address and token id, and only by wrong secrets. A right secret is let through at any
//! height, so nobody can lock the holder out (the idea of Kanidm's soft locks, without their catch).

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// How many failures are free.
const FREE: u32 = 5;
const LONGEST: Duration = Duration::from_mins(1);
/// After so long without a failure, all is forgotten.
const FORGET: Duration = Duration::from_mins(10);
const KEYS: usize = 10_000;

/// The failures that are remembered, of at most 10,000 addresses and ids.
#[derive(Default)]
pub(crate) struct Ladder {
    failures: Mutex<HashMap<(IpAddr, String), Failures>>,
}

struct Failures {
    count: u32,
    last: Instant,
    until: Instant,
}

impl Ladder {
    /// Counts a failure; answers how long to wait when it came within a waiting time.
    pub(crate) fn failed(&self, from: IpAddr, id: &str, now: Instant) -> Option<Duration> {
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        if failures.len() >= KEYS {
            make_room(&mut failures, now);
        }
        let fresh = Failures { count: 0, last: now, until: now };
        let entry = failures.entry((from, id.to_owned())).or_insert(fresh);
        if now < entry.until {
            return Some(entry.until - now);
        }
        let forgotten = now.saturating_duration_since(entry.last) >= FORGET;
        entry.count = if forgotten { 1 } else { entry.count.saturating_add(1) };
        entry.last = now;
        let steps = entry.count.saturating_sub(FREE).min(6);
        entry.until = if entry.count > FREE { now + Duration::from_secs(1 << (steps - 1)).min(LONGEST) } else { now };
        None
    }

    /// Forgets the failures: the holder was here.
    pub(crate) fn succeeded(&self, from: IpAddr, id: &str) {
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        if !failures.is_empty() {
            failures.remove(&(from, id.to_owned()));
        }
    }
}

/// Drops what is forgotten, and when that is not enough the half that failed longest ago.
fn make_room(failures: &mut HashMap<(IpAddr, String), Failures>, now: Instant) {
    failures.retain(|_, entry| now.saturating_duration_since(entry.last) < FORGET);
    if failures.len() >= KEYS {
        let mut times: Vec<_> = failures.values().map(|entry| entry.last).collect();
        times.sort_unstable();
        let middle = times[times.len() / 2];
        failures.retain(|_, entry| entry.last > middle);
    }
    if failures.len() >= KEYS {
        failures.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::{FORGET, KEYS, Ladder};
    use std::{
        net::{IpAddr, Ipv4Addr},
        time::{Duration, Instant},
    };

    const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

    #[test]
    fn the_sixth_failure_starts_the_waiting_and_it_doubles() {
        let ladder = Ladder::default();
        let mut now = Instant::now();
        for _ in 0..6 {
            assert_eq!(ladder.failed(HERE, "id", now), None);
        }
        for seconds in [1, 2, 4, 8, 16, 32, 32, 32] {
            assert_eq!(ladder.failed(HERE, "id", now), Some(Duration::from_secs(seconds)));
            assert_eq!(ladder.failed(HERE, "other", now), None, "another token is another ladder");
            now += Duration::from_secs(seconds);
            assert_eq!(ladder.failed(HERE, "id", now), None);
        }
        ladder.succeeded(HERE, "id");
        assert_eq!(ladder.failed(HERE, "id", now), None);
        now += FORGET;
        assert_eq!(ladder.failed(HERE, "id", now), None);
    }

    #[test]
    fn memory_is_bounded() {
        let ladder = Ladder::default();
        let start = Instant::now();
        for number in 0..3 * KEYS {
            let now = start + Duration::from_micros(u64::try_from(number).expect("small"));
            assert_eq!(ladder.failed(HERE, &number.to_string(), now), None);
        }
        assert!(ladder.failures.lock().expect("unpoisoned").len() <= KEYS);
    }
}
