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
    /// How long a use counts.
    window: SignedDuration,
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
        Self { now: Stamp::of(now), active_from, window }
    }

    /// Returns the first moment at which another status follows by itself; `None` for never.
    pub fn next(&self, state: State, expires: Stamp, used: Stamp) -> Option<Timestamp> {
        if state != State::Live || expires <= self.now {
            return None;
        }
        let counts = used.is_moment() && used >= self.active_from;
        // A use exactly as old as the window still counts.
        let unused = used.moment().filter(|_| counts).and_then(|used| used.checked_add(self.window).ok());
        let unused = unused.and_then(|last| last.checked_add(SignedDuration::from_nanos(1)).ok());
        expires.moment().into_iter().chain(unused).min()
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
    /// Returns the first moment at which the status of one of some rows becomes another by itself; `None` for never.
    pub(crate) fn next_status(&self, rows: Range<usize>, rule: &StatusRule) -> Option<Timestamp> {
        let soonest = |row: usize| rule.next(self.state(row), self.expires.get(row), self.used.get(row));
        let (Some((ends, later)), Some((uses, active))) = (
            self.expires.narrow(rule.now.next(), Some(Stamp::UNKNOWN)),
            self.used.narrow(rule.active_from, Some(Stamp::UNKNOWN)),
        ) else {
            return rows.filter_map(soonest).min();
        };
        // The least of each column is found without a branch, and only then it is known which moment that is.
        let (_, over) = self.expires.narrow(Stamp::FIRST, Some(rule.now.next()))?;
        let first = rows.start;
        let columns = self.flags[rows.clone()].iter().zip(&ends[rows.clone()]).zip(&uses[rows]);
        let mut least = [(u32::MAX, 0); 2];
        for (row, ((flags, end), used)) in columns.enumerate() {
            let lives = flags & STATE == 0 && !over.has(*end);
            for (least, (value, counts)) in least.iter_mut().zip([(*end, later.has(*end)), (*used, active.has(*used))])
            {
                if lives && counts && value < least.0 {
                    *least = (value, first + row);
                }
            }
        }
        least.into_iter().filter(|(value, _)| *value < u32::MAX).filter_map(|(_, row)| soonest(row)).min()
    }

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

    /// Moments within seconds of one another, whole ones for columns of four bytes.
    fn whole() -> impl Strategy<Value = Timestamp> {
        (-9..9i64).prop_map(|second| Timestamp::from_second(second).expect("in range"))
    }

    proptest! {
        #[test]
        fn no_status_changes_before_the_moment_that_is_told_and_one_does_then(
            rows in prop::collection::vec((
                prop::sample::select(vec![State::Live, State::Live, State::Disabled, State::Expired, State::Revoked]),
                prop_oneof![whole().prop_map(Expiry::At), Just(Expiry::Never), Just(Expiry::NotReported)],
                prop_oneof![whole().prop_map(LastUse::At), Just(LastUse::Never), Just(LastUse::NotReported)],
            ), 0..6),
            now in whole(),
            window in (0..5i64).prop_map(SignedDuration::from_secs),
            fine in any::<bool>(),
        ) {
            let context = crate::domain::ContextName::parse("c").expect("a name");
            let token = crate::domain::token::tests::token("1", "x");
            let mut tokens: Vec<_> = rows
                .into_iter()
                .map(|(state, expires, used)| crate::domain::Token { state, expires, last_used: used, ..token.clone() })
                .collect();
            if fine {
                // A part of a second, which takes the columns of eight bytes.
                let odd = Timestamp::new(100, 1).expect("in range");
                tokens.push(crate::domain::Token { state: State::Revoked, expires: Expiry::At(odd), last_used: LastUse::At(odd), ..token.clone() });
            }
            let page = Page::from_tokens(&context, &tokens);
            let all = 0..page.len();
            let at = |moment: Timestamp| page.statuses(all.clone(), &StatusRule::new(moment, window));
            let nano = SignedDuration::from_nanos(1);
            let next = page.next_status(all.clone(), &StatusRule::new(now, window));
            let before = next.map_or(Timestamp::MAX, |next| next.checked_sub(nano).expect("in range"));
            prop_assert_eq!(at(now), at(before));
            if let Some(next) = next {
                prop_assert!(next > now && at(next) != at(now), "{:?}", next);
            }
        }
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
            prop_assert_eq!(page.next_status(0..1, &rule), rule.next(state, expires.into(), used.into()));
        }
    }
}
