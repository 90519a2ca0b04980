//! How long a backend asks to wait, in the words of each.

use std::time::Duration;

use jiff::Timestamp;

use super::body;
use super::moment::http_date;
use crate::backend::plan::{ErrorRules, Wait};
use crate::backend::request::Response;

/// The shortest wait: some say 0, and mean that they are busy.
const SHORTEST: Duration = Duration::from_secs(1);
/// The longest wait that is told apart: whoever asks for more asks for ever.
const LONGEST: Duration = Duration::from_hours(366 * 24);

/// Reads a Retry-After in both forms of RFC 9110 §10.2.3, against the clock of the backend that wrote it.
///
/// `None` for what is neither, and for a date where the backend does not say what time it is.
fn retry_after(text: &str, server_now: Option<Timestamp>) -> Option<Duration> {
    let text = text.trim();
    if text.bytes().all(|byte| byte.is_ascii_digit()) && !text.is_empty() {
        return Some(text.parse().map_or(LONGEST, Duration::from_secs).min(LONGEST));
    }
    if text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') && text.starts_with(|c: char| c.is_ascii_digit())
    {
        // Not lawful, but seen: seconds with a fraction. Rounded up, never earlier.
        let seconds: f64 = text.parse().ok()?;
        return Some(Duration::try_from_secs_f64(seconds.ceil()).unwrap_or(LONGEST).min(LONGEST));
    }
    let until = http_date(text)?;
    let wait = Duration::try_from(until.duration_since(server_now?)).unwrap_or(Duration::ZERO);
    Some(wait.min(LONGEST))
}

/// Headers with a moment, or the time until then.
const RESETS: [&str; 3] = ["ratelimit-reset", "x-ratelimit-reset", "x-rate-limit-reset"];

/// Returns how long an answer asks to wait, by the first word of it that can be read.
pub(super) fn asked(rules: &ErrorRules, response: &Response) -> Option<Duration> {
    let now = response.date;
    let retry = || retry_after(response.header("retry-after")?, now);
    let until = || reset(response.header("x-retry-after")?, now);
    let limit = || rate_limit(response.header("ratelimit")?);
    let resets = || RESETS.iter().find_map(|name| reset(response.header(name)?, now));
    let body = || in_body(rules.wait.as_ref()?, response);
    let wait = retry().or_else(until).or_else(limit).or_else(resets).or_else(body)?;
    Some(if wait.is_zero() { SHORTEST } else { wait.min(LONGEST) })
}

/// Reads a whole number of digits, or one with a fraction, rounded up.
fn number(text: &str) -> Option<u64> {
    let (whole, part) = text.trim().split_once('.').unwrap_or((text.trim(), ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(part) {
        return None;
    }
    let more = u64::from(part.bytes().any(|digit| digit != b'0'));
    Some(whole.parse::<u64>().map_or(u64::MAX, |whole| whole.saturating_add(more)))
}

/// Reads seconds from now, or seconds or milliseconds since 1970: their size tells which. A date does too.
fn reset(text: &str, server_now: Option<Timestamp>) -> Option<Duration> {
    let Some(number) = number(text) else { return retry_after(text, server_now) };
    if number <= LONGEST.as_secs() {
        return Some(Duration::from_secs(number));
    }
    let now = u64::try_from(server_now?.as_second()).ok()?;
    // A hundred times the present second is no moment that anybody waits for.
    let at = if number > now.saturating_mul(100) { number.div_ceil(1000) } else { number };
    Some(Duration::from_secs(at.saturating_sub(now)))
}

/// Reads a `RateLimit` header, of the policies that are used up where it tells: `"day";r=0;t=30`, or in its older form
/// `limit=100, remaining=0, reset=30`.
fn rate_limit(text: &str) -> Option<Duration> {
    let mut waits = Vec::new();
    for policy in text.split(',') {
        let value = |names: [&str; 2]| {
            let mut pairs = policy.split(';').filter_map(|part| part.trim().split_once('='));
            number(pairs.find(|(name, _)| names.contains(name))?.1)
        };
        waits.extend(value(["t", "reset"]).map(|seconds| (value(["r", "remaining"]) == Some(0), seconds)));
    }
    // `true` is more than `false`: the longest of those that are used up, or else of all.
    waits.into_iter().max().map(|(_, seconds)| Duration::from_secs(seconds))
}

fn in_body(rule: &Wait, response: &Response) -> Option<Duration> {
    let (Wait::Seconds(pointer) | Wait::Millis(pointer)) = rule;
    let number = number(&body::find(&response.body, pointer).ok()?.text()?)?;
    Some(match rule {
        Wait::Seconds(_) => Duration::from_secs(number),
        Wait::Millis(_) => Duration::from_millis(number),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_retry_after_is_read_or_refused() {
        let now = http_date("Sun, 22 Nov 2026 12:00:00 GMT");
        let seconds = |seconds| Some(Duration::from_secs(seconds));
        for (text, expected) in [
            ("0", seconds(0)),
            ("120", seconds(120)),
            (" 7 ", seconds(7)),
            ("1.2", seconds(2)),
            ("99999999999999999999", Some(LONGEST)),
            ("1000000000000000000", Some(LONGEST)),
            ("-1", None),
            ("1e18", None),
            ("soon", None),
            ("", None),
            ("...", None),
            ("Sun, 22 Nov 2026 12:01:30 GMT", seconds(90)),
            ("Sunday, 22-Nov-26 12:01:30 GMT", seconds(90)),
            ("Sun Nov 22 12:01:30 2026", seconds(90)),
            ("Sun, 22 Nov 2026 11:00:00 GMT", seconds(0)),
            ("Fri, 31 Dec 9999 23:59:59 GMT", Some(LONGEST)),
        ] {
            assert_eq!(retry_after(text, now), expected, "{text:?}");
        }
        assert_eq!(retry_after("Sun, 22 Nov 2026 12:01:30 GMT", None), None);
    }

    #[test]
    fn resets_are_told_apart_by_size() {
        let now = http_date("Sun, 22 Nov 2026 12:00:00 GMT");
        let seconds = |seconds| Some(Duration::from_secs(seconds));
        for (text, now, expected) in [
            ("30", now, seconds(30)),
            ("30", None, seconds(30)),
            ("30.2", None, seconds(31)),
            ("0", None, seconds(0)),
            ("1795348890", now, seconds(90)),
            ("1795348890.5", now, seconds(91)),
            ("1795348890000", now, seconds(90)),
            ("1795348000", now, seconds(0)),
            ("1795348890", None, None),
            ("Sun, 22 Nov 2026 12:01:30 GMT", now, seconds(90)),
            ("-30", now, None),
            ("", now, None),
        ] {
            assert_eq!(reset(text, now), expected, "{text:?}");
        }
    }

    #[test]
    fn the_policy_that_is_used_up_says_how_long() {
        let seconds = |seconds| Some(Duration::from_secs(seconds));
        for (text, expected) in [
            (r#""default";r=0;t=30"#, seconds(30)),
            (r#""burst";r=5;t=900, "day";r=0;t=30"#, seconds(30)),
            (r#""burst"; r=5; t=7, "day"; t=30"#, seconds(30)),
            ("limit=100, remaining=0, reset=30", seconds(30)),
            (r#""default";r=0"#, None),
            ("t=soon", None),
            ("", None),
        ] {
            assert_eq!(rate_limit(text), expected, "{text:?}");
        }
    }
}
