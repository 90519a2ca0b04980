//! How long a request may take, as a context says it.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::backend::https::Limits;
use crate::domain::escape;

/// The longest that a limit may be: nobody waits longer for one answer.
const LONGEST: u64 = 600;

/// Reads time limits, and returns what is wrong with them; where one is missing or wrong the usual one holds.
pub(super) fn limits(written: &BTreeMap<String, String>) -> (Limits, Vec<String>) {
    let (mut limits, mut mistakes) = (Limits::default(), Vec::new());
    for (name, text) in written {
        let limit = match name.as_str() {
            "connect" => &mut limits.connect,
            "silence" => &mut limits.silence,
            "answer" => &mut limits.total,
            _ => {
                mistakes.push(format!("timeouts has no key `{}`: there are connect, silence, answer", escape(name)));
                continue;
            }
        };
        if let Some(time) = time(text) {
            *limit = time;
        } else {
            let usual = limit.as_secs();
            mistakes.push(format!("timeouts.{name} is written like 5s or 2m, at most 10m; {usual}s is used"));
        }
    }
    (limits, mistakes)
}

fn time(text: &str) -> Option<Duration> {
    let (number, seconds) = match text.strip_suffix('m') {
        Some(number) => (number, 60),
        None => (text.strip_suffix('s')?, 1),
    };
    let seconds = number.parse::<u64>().ok()?.checked_mul(seconds)?;
    (1..=LONGEST).contains(&seconds).then(|| Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_at_least_a_second_and_at_most_ten_minutes() {
        for (text, seconds) in [("1s", Some(1)), ("600s", Some(600)), ("10m", Some(600)), ("2m", Some(120))] {
            assert_eq!(time(text).map(|time| time.as_secs()), seconds, "{text}");
        }
        for text in ["", "s", "0s", "-1s", "601s", "11m", "1h", "5", "1.5s", "99999999999999999999m"] {
            assert_eq!(time(text), None, "{text}");
        }
    }
}
