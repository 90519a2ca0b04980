//! Moments and ages in few cells. Ages are rounded down, so that they seldom change.

use jiff::{SignedDuration, Timestamp};

use crate::domain::{Expiry, LastUse};

const MINUTE: i64 = 60;
/// A minute ahead.
const AHEAD: i64 = -MINUTE;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// Returns the time of day, in UTC.
pub(super) fn clock(at: Timestamp) -> String {
    at.strftime("%H:%M:%SZ").to_string()
}

/// Returns date and time, in UTC.
pub(super) fn moment(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%SZ").to_string()
}

/// Returns a span of time in its largest unit, as the query line reads it: `5m`, `12h`, `90d`.
pub(super) fn span(span: SignedDuration) -> String {
    let seconds = span.as_secs().saturating_abs();
    match seconds {
        0..MINUTE => format!("{seconds}s"),
        MINUTE..HOUR => format!("{}m", seconds / MINUTE),
        HOUR..DAY => format!("{}h", seconds / HOUR),
        _ => format!("{}d", seconds / DAY),
    }
}

/// Returns a span of time as exactly as it matters for clocks: in seconds up to ten minutes.
pub(super) fn fine_span(exact: SignedDuration) -> String {
    let seconds = exact.as_secs().saturating_abs();
    if seconds < 10 * MINUTE { format!("{seconds}s") } else { span(exact) }
}

/// Returns date and time without year and seconds, for narrow screens, in UTC.
pub(super) fn short_moment(at: Timestamp) -> String {
    at.strftime("%m-%d %H:%MZ").to_string()
}

/// Returns how long ago something was; what is younger than a minute is `now`.
pub(super) fn ago(at: Timestamp, now: Timestamp) -> String {
    let age = now.duration_since(at);
    match age.as_secs() {
        MINUTE.. => span(age),
        ..=AHEAD => format!("in {}", span(age)),
        _ => "now".to_owned(),
    }
}

/// Returns the cell of a last use.
pub(super) fn last_use(last_use: LastUse, now: Timestamp) -> String {
    match last_use {
        LastUse::NotReported => "not reported".to_owned(),
        LastUse::Never => "never".to_owned(),
        LastUse::At(at) => ago(at, now),
    }
}

/// Returns the cell of an expiry.
pub(super) fn expiry(expiry: Expiry, now: Timestamp) -> String {
    match expiry {
        Expiry::NotReported => "not reported".to_owned(),
        Expiry::Never => "never".to_owned(),
        Expiry::At(at) if at <= now => format!("{} ago", span(now.duration_since(at))),
        Expiry::At(at) => format!("in {}", span(now.duration_since(at))),
    }
}

/// Returns a moment in full, with its age.
pub(super) fn full(at: Timestamp, now: Timestamp) -> String {
    let age = now.duration_since(at);
    match age.as_secs() {
        MINUTE.. => format!("{} ({} ago)", moment(at), span(age)),
        ..=AHEAD => format!("{} (in {})", moment(at), span(age)),
        _ => format!("{} (now)", moment(at)),
    }
}

/// Returns a last use in full.
pub(super) fn full_use(used: LastUse, now: Timestamp) -> String {
    match used {
        LastUse::At(at) => full(at, now),
        LastUse::NotReported | LastUse::Never => last_use(used, now),
    }
}

/// Returns an expiry in full.
pub(super) fn full_expiry(expires: Expiry, now: Timestamp) -> String {
    match expires {
        Expiry::At(at) => full(at, now),
        Expiry::NotReported | Expiry::Never => expiry(expires, now),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_have_one_unit() {
        let now = Timestamp::from_second(1_000 * DAY).expect("in range");
        for (seconds, cell) in [
            (0, "now"),
            (59, "now"),
            (60, "1m"),
            (HOUR - 1, "59m"),
            (DAY - 1, "23h"),
            (400 * DAY, "400d"),
            (-30, "now"),
            (-3 * DAY, "in 3d"),
        ] {
            let at = Timestamp::from_second(1_000 * DAY - seconds).expect("in range");
            assert_eq!(ago(at, now), cell, "{seconds}");
        }
    }

    #[test]
    fn never_is_not_unknown_and_the_ends_of_time_are_no_panic() {
        let now = Timestamp::UNIX_EPOCH;
        assert_ne!(last_use(LastUse::Never, now), last_use(LastUse::NotReported, now));
        for at in [Timestamp::MIN, Timestamp::MAX] {
            for now in [Timestamp::MIN, Timestamp::MAX] {
                full_use(LastUse::At(at), now);
                full_expiry(Expiry::At(at), now);
                expiry(Expiry::At(at), now);
            }
        }
        assert_eq!(span(SignedDuration::MIN), format!("{}d", i64::MAX / DAY));
    }
}
