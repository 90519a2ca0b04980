//! Values in words, as they stand in cells and lines.

use ratatui::text::{Line, Span};

use super::look::Look;
use super::text::foreign;
use crate::app::contexts::Asked;
use crate::domain::{Failure, FailureKind, Owner, Untrusted};

/// Returns an owner in words.
pub(super) fn owner(look: &Look, owner: &Owner) -> String {
    match owner {
        Owner::Unknown => "unknown".to_owned(),
        Owner::Known(name) => foreign(look, name),
        Owner::Removed(name) => format!("{} (removed)", foreign(look, name)),
    }
}

/// Returns roles in words; roles that are not reported count as admin, so they are said not to be.
pub(super) fn roles(look: &Look, roles: Option<&[Untrusted]>) -> String {
    match roles {
        None => "not reported".to_owned(),
        Some([]) => "none".to_owned(),
        Some(roles) => roles.iter().map(|role| foreign(look, role)).collect::<Vec<_>>().join(", "),
    }
}

/// Returns a label in words; an empty one is said to be, and blanks are shown between quotes.
pub(super) fn label(look: &Look, label: &Untrusted) -> String {
    let shown = foreign(look, label);
    match shown.as_str() {
        "" => "(no label)".to_owned(),
        blank if blank.trim().is_empty() => format!("\"{blank}\""),
        _ => shown,
    }
}

/// Returns the word that a failure to reach a backend begins with.
pub(super) fn failure_word(failure: &Failure) -> &'static str {
    match failure.kind {
        FailureKind::Offline => "offline",
        FailureKind::TimedOut => "offline (no answer in time)",
        FailureKind::Tls => "offline (TLS)",
        FailureKind::Credential => "credential refused",
        FailureKind::Sealed => "locked",
        FailureKind::Forbidden => "forbidden",
        FailureKind::Busy(_) => "busy",
        FailureKind::Cancelled => "cancelled",
        FailureKind::NotFound
        | FailureKind::Changed
        | FailureKind::Refused
        | FailureKind::Server
        | FailureKind::Protocol
        | FailureKind::ReadOnly
        | FailureKind::Local => "failed",
        FailureKind::NotOffered => "unavailable",
    }
}

/// Returns that word without what is said in brackets.
pub(super) fn failure_short(failure: &Failure) -> &'static str {
    let word = failure_word(failure);
    word.split(" (").next().unwrap_or(word)
}

/// Returns a failure in full: what, in whose words, and what to do.
pub(super) fn failure(look: &Look, failure: &Failure) -> Vec<Line<'static>> {
    let mut lines = vec![Line::from(Span::styled(failure_line(look, failure), look.bad()))];
    if !failure.hint.is_empty() {
        lines.push(Line::from(failure.hint.clone()));
    }
    lines
}

/// Returns a failure in one line, without what to do.
pub(super) fn failure_line(look: &Look, failure: &Failure) -> String {
    match &failure.detail {
        None => failure.summary.clone(),
        Some(detail) => format!("{}: {}", failure.summary, foreign(look, detail)),
    }
}

/// Returns the four states of something asked, each in other words.
pub(super) fn asked<T>(look: &Look, asked: &Asked<T>, there: impl FnOnce(&T) -> String) -> String {
    match asked {
        Asked::Not => "not asked yet".to_owned(),
        Asked::Asking => "asking…".to_owned(),
        Asked::There(value) => there(value),
        Asked::Failed(failure) => format!("{}: {}", failure_word(failure), failure_line(look, failure)),
    }
}

/// Returns a count with its noun.
pub(super) fn count(number: usize, one: &str, many: &str) -> String {
    match number {
        1 => format!("1 {one}"),
        _ => format!("{number} {many}"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::look::{Charset, Depth};
    use super::*;

    #[test]
    fn a_label_that_nobody_would_see_is_made_visible() {
        let look = Look::new(Depth::None, Charset::Utf8);
        for (raw, shown) in
            [("", "(no label)"), ("  ", "\"  \""), ("\u{3000}", "\\u{3000}"), ("ci", "ci"), (" ci", " ci")]
        {
            assert_eq!(label(&look, &Untrusted::from(raw.to_owned())), shown);
        }
    }
}
