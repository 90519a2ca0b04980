//! The status of every row at one moment.

use std::ops::Range;

use jiff::{SignedDuration, Timestamp};

use super::{Page, STATE, Stamp};
use crate::domain::{State, Status};

/// What the status of every row of one context follows from, at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StatusRule {
    now: Stamp,
    /// The earliest use that still counts as active.
    active_from: Stamp,
}

impl StatusRule {
    /// Makes the rule of [`crate::domain::status_of`] for this moment and window.
    pub fn new(now: Timestamp, window: SignedDuration) -> Self {
        let from = now.as_duration().saturating_sub(window);
        let active_from = Timestamp::from_duration(from).map_or(
            // Out of the range of moments: a window that reaches back further than all of them, or a negative one.
            if window.is_negative() { Stamp::UNKNOWN } else { Stamp::FIRST },
            Stamp::of,
        );
        Self { now: Stamp::of(now), active_from }
    }

    /// Returns the status that follows.
    #[inline]
    pub fn status(&self, state: State, expires: Stamp, used: Stamp) -> Status {
        match state {
            State::Revoked => Status::Revoked,
            State::Disabled => Status::Disabled,
            State::Expired => Status::Expired,
            State::Live if expires <= self.now => Status::Expired,
            State::Live if used == Stamp::NEVER => Status::Generated,
            State::Live if used == Stamp::UNKNOWN => Status::Unknown,
            State::Live if used >= self.active_from => Status::Active,
            State::Live => Status::Inactive,
        }
    }
}

impl Page {
    /// Returns the place of the status in [`Status::ALL`] of each of some rows.
    pub(crate) fn statuses(&self, rows: Range<usize>, rule: &StatusRule) -> Vec<u8> {
        let expired = self.expires.narrow(Stamp::FIRST, Some(rule.now.next()));
        let active = self.used.narrow(rule.active_from, Some(Stamp::UNKNOWN));
        let (Some((ends, expired)), Some((used, active))) = (expired, active) else {
            return rows.map(|row| place(self.status(row, rule))).collect();
        };
        let Some((_, never)) = self.used.narrow(Stamp::NEVER, None) else { return Vec::new() };
        let Some((_, unknown)) = self.used.narrow(Stamp::UNKNOWN, Some(Stamp::NEVER)) else { return Vec::new() };
        let columns = self.flags[rows.clone()].iter().zip(&ends[rows.clone()]).zip(&used[rows]);
        // Every value is chosen, none is branched to: statuses are too mixed to be guessed.
        let code = |flags: u8, end: u32, used: u32| {
            let mut code = if active.has(used) { place(Status::Active) } else { place(Status::Inactive) };
            code = if unknown.has(used) { place(Status::Unknown) } else { code };
            code = if never.has(used) { place(Status::Generated) } else { code };
            code = if expired.has(end) { place(Status::Expired) } else { code };
            let state = flags & STATE;
            code = if state == 1 { place(Status::Disabled) } else { code };
            code = if state == 2 { place(Status::Expired) } else { code };
            if state == 3 { place(Status::Revoked) } else { code }
        };
        columns.map(|((flags, end), used)| code(*flags, *end, *used)).collect()
    }
}

#[inline]
fn place(status: Status) -> u8 {
    u8::try_from(status.place()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::{Expiry, LastUse, status_of};

    fn moment() -> impl Strategy<Value = Timestamp> {
        let near = (-3..3i64, prop::sample::select(vec![0, 0, 0, -1, 1]))
            .prop_map(|(s, n)| Timestamp::new(s, n).expect("in range"));
        prop_oneof![near, Just(Timestamp::MIN), Just(Timestamp::MAX)]
    }

    proptest! {
        #[test]
        fn the_rule_says_what_the_words_say(
            state in prop::sample::select(vec![State::Live, State::Disabled, State::Expired, State::Revoked]),
            expires in prop_oneof![moment().prop_map(Expiry::At), Just(Expiry::Never), Just(Expiry::NotReported)],
            used in prop_oneof![moment().prop_map(LastUse::At), Just(LastUse::Never), Just(LastUse::NotReported)],
            now in moment(),
            window in prop_oneof![(-3..3i64, 0..2i32).prop_map(|(s, n)| SignedDuration::new(s, n)),
                Just(SignedDuration::MIN), Just(SignedDuration::MAX)],
        ) {
            let rule = StatusRule::new(now, window);
            let expected = status_of(state, expires, used, now, window);
            prop_assert_eq!(rule.status(state, expires.into(), used.into()), expected);
            let context = crate::domain::ContextName::parse("c").expect("a name");
            let token = crate::domain::token::tests::token("1", "x");
            let token = crate::domain::Token { state, expires, last_used: used, ..token };
            let page = Page::from_tokens(&context, &[token]);
            prop_assert_eq!(page.statuses(0..1, &rule), [place(expected)]);
        }
    }
}
