//! Moments as RFC 3339 text in UTC with whole seconds, written straight into bytes.

use jiff::Timestamp;

const DAY: i64 = 86_400;

/// Appends `seconds` since 1970 as `2026-01-31T14:00:00Z`.
///
/// Written by hand because a page of the list holds up to 3,000 moments; a test compares it with jiff.
pub(crate) fn write(out: &mut Vec<u8>, seconds: i64) {
    let (year, month, day) = civil(seconds.div_euclid(DAY));
    let time = seconds.rem_euclid(DAY);
    let year = year.clamp(0, 9999);
    digits(out, year / 100);
    digits(out, year % 100);
    for (mark, value) in [(b'-', month), (b'-', day), (b'T', time / 3600), (b':', time / 60 % 60), (b':', time % 60)] {
        out.push(mark);
        digits(out, value);
    }
    out.push(b'Z');
}

/// The same as a string.
pub(crate) fn text(seconds: i64) -> String {
    let mut out = Vec::with_capacity(20);
    write(&mut out, seconds);
    String::from_utf8(out).unwrap_or_default()
}

/// Seconds since 1970 of an RFC 3339 moment; `None` when it is none.
pub(crate) fn parse(text: &str) -> Option<i64> {
    text.parse::<Timestamp>().ok().map(Timestamp::as_second)
}

fn digits(out: &mut Vec<u8>, value: i64) {
    for digit in [value / 10, value % 10] {
        out.push(b'0' + u8::try_from(digit).unwrap_or(9));
    }
}

/// Year, month and day of a count of days since 1970-01-01.
///
/// Howard Hinnant's `civil_from_days` (<https://howardhinnant.github.io/date_algorithms.html>, 2021-09-01).
fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::{parse, text};
    use jiff::Timestamp;

    #[test]
    fn moments_are_written_as_jiff_writes_them() {
        let mut seconds = -62_135_596_800_i64;
        while seconds < 253_402_207_200 {
            let expected = Timestamp::from_second(seconds).expect("in range").to_string();
            assert_eq!(text(seconds), expected);
            assert_eq!(parse(&expected), Some(seconds));
            seconds += 17_393_201;
        }
    }
}
