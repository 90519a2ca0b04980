//! Numbers that no computer's number holds, as `1e400`: lawful JSON, and refused by its reader.
//!
//! They are looked for only where an answer could not be read, so that they cost nobody else anything.

use serde::de::IgnoredAny;
use zeroize::Zeroizing;

/// Returns a body whose odd numbers are texts of the same letters; `None` where it has none.
pub(super) fn tamed(body: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let odd = odd_numbers(body);
    if odd.is_empty() {
        return None;
    }
    // Room for all of it at once: growing would leave copies behind.
    let mut tamed = Zeroizing::new(Vec::with_capacity(body.len() + 2 * odd.len()));
    let mut done = 0;
    for (start, end) in odd {
        tamed.extend_from_slice(&body[done..start]);
        tamed.push(b'"');
        tamed.extend_from_slice(&body[start..end]);
        tamed.push(b'"');
        done = end;
    }
    tamed.extend_from_slice(&body[done..]);
    Some(tamed)
}

/// Returns where the odd numbers stand.
fn odd_numbers(body: &[u8]) -> Vec<(usize, usize)> {
    let mut odd = Vec::new();
    let mut at = 0;
    while let Some(byte) = body.get(at) {
        let rest = &body[at..];
        at += match byte {
            b'"' => text(rest),
            b'-' | b'0'..=b'9' => {
                let length =
                    rest.iter().take_while(|byte| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E'));
                let length = length.count();
                if is_odd(&rest[..length]) {
                    odd.push((at, at + length));
                }
                length
            }
            _ => 1,
        };
    }
    odd
}

/// Returns how long a text is, with its quotes.
fn text(rest: &[u8]) -> usize {
    let mut at = 1;
    while let Some(byte) = rest.get(at) {
        match byte {
            b'"' => return at + 1,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    rest.len()
}

/// Tells whether a number is lawful, and out of range.
pub(super) fn is_odd(number: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(number) else { return false };
    text.parse::<f64>().is_ok_and(f64::is_infinite) && serde_json::from_str::<IgnoredAny>(text).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_lawful_numbers_that_are_out_of_range_become_texts() {
        for (body, wanted) in [
            (r#"{"a":1e400}"#, Some(r#"{"a":"1e400"}"#)),
            (r#"[-1E+999,1,2.5,"x"]"#, Some(r#"["-1E+999",1,2.5,"x"]"#)),
            (r#"{"a\"1e400":"1e400\\","b":[1e400,1e401]}"#, Some(r#"{"a\"1e400":"1e400\\","b":["1e400","1e401"]}"#)),
            ("1e400", Some("\"1e400\"")),
            (r#"{"a":1e308,"b":123456789012345678901234567890,"c":1e-400}"#, None),
            // What is no JSON does not become any.
            (r#"{"a":01e400,"b":1e400e,"c":1.e400,"d":1e400-}"#, None),
            (r#"{"a":"1e400"#, None),
            (r#"{"a":"\"#, None),
            ("", None),
        ] {
            let tamed = tamed(body.as_bytes()).map(|tamed| String::from_utf8(tamed.to_vec()).expect("text"));
            assert_eq!(tamed.as_deref(), wanted, "{body}");
        }
    }
}
