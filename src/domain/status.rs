//! The status of a token: what the backend says, or what follows from its times.

use std::fmt;

use jiff::{SignedDuration, Timestamp};

use super::{Expiry, LastUse, State};

/// The seven words of the status column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// Never used.
    Generated,
    /// Used within the window.
    Active,
    /// Used, but not within the window.
    Inactive,
    /// Past its time.
    Expired,
    /// Switched off, or its owner was removed.
    Disabled,
    /// Dead for good.
    Revoked,
    /// The backend does not report use.
    Unknown,
}

impl Status {
    /// All of them, in the order of the presets.
    pub const ALL: [Self; 7] =
        [Self::Generated, Self::Active, Self::Inactive, Self::Expired, Self::Disabled, Self::Revoked, Self::Unknown];

    /// Returns its place in [`Status::ALL`].
    #[inline]
    pub const fn place(self) -> usize {
        match self {
            Self::Generated => 0,
            Self::Active => 1,
            Self::Inactive => 2,
            Self::Expired => 3,
            Self::Disabled => 4,
            Self::Revoked => 5,
            Self::Unknown => 6,
        }
    }

    /// Returns the word on screen.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Generated => "generated",
            Self::Active => "active",
            Self::Inactive => "inactive",
            Self::Expired => "expired",
            Self::Disabled => "disabled",
            Self::Revoked => "revoked",
            Self::Unknown => "unknown",
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// Returns the status at `now`, first match wins: revoked, disabled, expired, generated, active, inactive,
/// unknown. A use exactly `window` ago is still within it.
pub fn status_of(state: State, expires: Expiry, last_used: LastUse, now: Timestamp, window: SignedDuration) -> Status {
    match (state, expires, last_used) {
        (State::Revoked, ..) => Status::Revoked,
        (State::Disabled, ..) => Status::Disabled,
        (State::Expired, ..) => Status::Expired,
        (State::Live, Expiry::At(end), _) if end <= now => Status::Expired,
        (State::Live, _, LastUse::Never) => Status::Generated,
        (State::Live, _, LastUse::At(used)) if now.duration_since(used) <= window => Status::Active,
        (State::Live, _, LastUse::At(_)) => Status::Inactive,
        (State::Live, _, LastUse::NotReported) => Status::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_match_wins_to_the_second() {
        let now: Timestamp = "2026-11-22T12:00:00Z".parse().expect("a moment");
        let week = SignedDuration::from_hours(7 * 24);
        let second = SignedDuration::from_secs(1);
        let past = |age: SignedDuration| now.checked_sub(age).expect("in range");
        let used = |age| LastUse::At(past(age));
        for (state, expires, last_used, status) in [
            (State::Revoked, Expiry::At(past(second)), LastUse::Never, Status::Revoked),
            (State::Disabled, Expiry::At(past(second)), LastUse::Never, Status::Disabled),
            (State::Expired, Expiry::Never, used(second), Status::Expired),
            (State::Live, Expiry::At(now), used(second), Status::Expired),
            (State::Live, Expiry::At(past(-second)), LastUse::Never, Status::Generated),
            (State::Live, Expiry::Never, used(week), Status::Active),
            (State::Live, Expiry::Never, used(week + second), Status::Inactive),
            (State::Live, Expiry::NotReported, used(-second), Status::Active),
            (State::Live, Expiry::Never, LastUse::NotReported, Status::Unknown),
        ] {
            assert_eq!(status_of(state, expires, last_used, now, week), status, "{state:?} {expires:?} {last_used:?}");
        }
    }

    #[test]
    fn the_ends_of_time_are_no_panic() {
        for now in [Timestamp::MIN, Timestamp::MAX] {
            for then in [Timestamp::MIN, Timestamp::MAX] {
                for window in [SignedDuration::MIN, SignedDuration::ZERO, SignedDuration::MAX] {
                    let _ = status_of(State::Live, Expiry::At(then), LastUse::At(then), now, window);
                }
            }
        }
    }
}
