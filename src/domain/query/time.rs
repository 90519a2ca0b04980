//! Ages, dates and moments in the query line.

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::{Bound, When};

/// The two signs of comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    /// `<`
    Less,
    /// `>`
    More,
}

/// Returns the bound that a comparison stands for: with an age as the age at `now`, for `expires` as the time
/// left; with a date or moment, in UTC, as the moment.
pub(super) fn bound(when: When, side: Side, text: &str, now: Timestamp) -> Result<Bound, &'static str> {
    if let Some((count, unit)) = age(text) {
        let age = count.parse().ok().and_then(|count: i64| count.checked_mul(unit)).ok_or("too long an age")?;
        let age = SignedDuration::from_secs(age);
        let (moment, side) = match (when, side) {
            (When::Expires, side) => (now.checked_add(age), side),
            // The older, the longer ago.
            (When::Created | When::Used, Side::Less) => (now.checked_sub(age), Side::More),
            (When::Created | When::Used, Side::More) => (now.checked_sub(age), Side::Less),
        };
        return moment.map_err(|_| "too long an age").map(|moment| at(side, moment));
    }
    moment(text).map(|moment| at(side, moment)).ok_or("neither an age nor a date")
}

/// Returns the moment that an age at `now`, a date or a moment stands for.
///
/// # Errors
/// What is wrong with the text.
pub fn since(text: &str, now: Timestamp) -> Result<Timestamp, &'static str> {
    let Some((count, unit)) = age(text) else { return moment(text).ok_or("neither an age nor a date") };
    let age = count.parse().ok().and_then(|count: i64| count.checked_mul(unit)).ok_or("too long an age")?;
    now.checked_sub(SignedDuration::from_secs(age)).map_err(|_| "too long an age")
}

const fn at(side: Side, moment: Timestamp) -> Bound {
    match side {
        Side::Less => Bound::Before(moment),
        Side::More => Bound::After(moment),
    }
}

/// Returns the digits of an age such as `30d` and the seconds of its unit; `None` if it does not look like one.
fn age(text: &str) -> Option<(&str, i64)> {
    let unit = text.chars().next_back()?;
    let number = text.strip_suffix(unit).filter(|number| !number.is_empty())?;
    if !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let minutes: i64 = match unit {
        'm' => 1,
        'h' => 60,
        'd' => 24 * 60,
        'w' => 7 * 24 * 60,
        _ => return None,
    };
    Some((number, minutes * 60))
}

/// Returns a date (its first moment) or moment, in UTC where nothing else is said.
fn moment(text: &str) -> Option<Timestamp> {
    // The parser of moments takes zone annotations and week dates too, which the query line does not have.
    if !text.bytes().all(|byte| byte.is_ascii_digit() || b"-+:.TZtz".contains(&byte)) {
        return None;
    }
    let utc = |civil: DateTime| civil.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp());
    if !text.contains(['T', 't']) {
        let plain = text.len() == 10;
        return text.parse::<Date>().ok().filter(|_| plain).and_then(|date| utc(date.at(0, 0, 0, 0)));
    }
    text.parse::<Timestamp>().ok().or_else(|| text.parse::<DateTime>().ok().and_then(utc))
}
