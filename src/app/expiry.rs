//! An expiry as people type it: `90d`, `12h`, `never`, a date or a moment in UTC.

use jiff::{SignedDuration, Timestamp, civil::Date, tz::TimeZone};

use crate::domain::{Expiry, Token};

/// Reads an expiry.
///
/// # Errors
/// What is wrong with the text, and what would be right.
pub(super) fn parse(text: &str, now: Timestamp) -> Result<Expiry, String> {
    let text = text.trim();
    if text == "never" {
        return Ok(Expiry::Never);
    }
    let moment = age(text)
        .map(|age| now.checked_add(age).map_err(|_| "that is too far away".to_owned()))
        .or_else(|| Some(Ok(moment(text)?)))
        .unwrap_or_else(|| Err("type 90d, 12h, 4w, a date like 2026-12-31, or never".to_owned()))?;
    if moment <= now {
        return Err("that moment has passed".to_owned());
    }
    Ok(Expiry::At(moment))
}

/// Returns what to type for a token that is to live as long as another one was made to; `None` where that is not
/// known.
pub(super) fn alike(token: &Token) -> Option<String> {
    match token.expires {
        Expiry::NotReported => None,
        Expiry::Never => Some("never".to_owned()),
        Expiry::At(end) => {
            let hours = end.duration_since(token.created?).as_hours().max(1);
            // Whole days, as people type them; a part of one counts as one.
            Some(if hours < 24 { format!("{hours}h") } else { format!("{}d", (hours + 23) / 24) })
        }
    }
}

/// Reads how long something is to live.
pub(super) fn age(text: &str) -> Option<SignedDuration> {
    let unit = text.chars().next_back()?;
    let number: i64 = text[..text.len() - unit.len_utf8()].parse().ok().filter(|number| *number > 0)?;
    let hours = match unit {
        'h' => 1,
        'd' => 24,
        'w' => 24 * 7,
        'y' => 24 * 365,
        _ => return None,
    };
    number.checked_mul(hours)?.checked_mul(3600).map(SignedDuration::from_secs)
}

fn moment(text: &str) -> Option<Timestamp> {
    if let Ok(moment) = text.parse::<Timestamp>() {
        return Some(moment);
    }
    let date: Date = text.parse().ok().filter(|_| text.len() == 10)?;
    date.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_type_is_read() {
        let now: Timestamp = "2026-11-22T12:00:00Z".parse().expect("a moment");
        let at = |text: &str| Ok(Expiry::At(text.parse().expect("a moment")));
        for (typed, read) in [
            ("90d", at("2027-02-20T12:00:00Z")),
            (" 12h ", at("2026-11-23T00:00:00Z")),
            ("2w", at("2026-12-06T12:00:00Z")),
            ("2026-12-31", at("2026-12-31T00:00:00Z")),
            ("2026-12-31T10:00:00Z", at("2026-12-31T10:00:00Z")),
            ("never", Ok(Expiry::Never)),
        ] {
            assert_eq!(parse(typed, now), read, "{typed}");
        }
        for typed in ["", "0d", "-1d", "90", "d", "90x", "2020-01-01", "ä", "99999999999999999d", "9999999y"] {
            assert!(parse(typed, now).is_err(), "{typed}");
        }
    }
}
