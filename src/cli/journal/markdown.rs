//! The report as Markdown, for a post-mortem.
//!
//! Whatever a server or a person wrote stands in a code span, in which nothing is a link, an image, HTML or emphasis; the
//! two characters that would end the span or the cell are written out, as are all that hide. So a label can forge nothing.

use std::fmt::Write as _;

use jiff::Timestamp;

use super::Blind;
use crate::app::modal::Leftover;
use crate::domain::{Covered, Fate, Report, Untrusted, escape};

/// Returns the report.
pub(super) fn text(report: &Report, blind: &[Blind]) -> String {
    let mut text = String::new();
    head(&mut text, report);
    coverage(&mut text, report, blind);
    tokens(&mut text, report);
    open(&mut text, report);
    timeline(&mut text, report);
    text
}

/// Adds a line. Writing to a `String` cannot fail.
macro_rules! line {
    ($text:expr $(, $($what:tt)*)?) => {
        let _ = writeln!($text $(, $($what)*)?);
    };
}

fn head(text: &mut String, report: &Report) {
    match &report.about.incident {
        Some(ticket) => {
            line!(text, "# Incident {}\n", code(ticket));
        }
        None => {
            line!(text, "# What tokendeck did\n");
        }
    }
    for reason in &report.reasons {
        line!(text, "{}\n", code(reason));
    }
    if let (Some(first), Some(last)) = (report.records.first(), report.records.last()) {
        let count = report.records.len();
        let records = if count == 1 { "record" } else { "records" };
        line!(
            text,
            "From the journal of tokendeck: {count} {records}, {} to {}. All times are in UTC. \"Verified dead\" means that the \
             backend was asked again after it had said so.\n",
            moment(first.at),
            moment(last.at)
        );
    }
}

fn coverage(text: &mut String, report: &Report, blind: &[Blind]) {
    let c = report.coverage();
    line!(text, "## Coverage\n\n| tokens | number |\n| --- | ---: |");
    for (what, count) in [
        ("in scope", c.in_scope),
        ("revoked", c.revoked),
        ("of these verified dead", c.verified),
        ("already gone", c.already_gone),
        ("still answering", c.still_answering),
        ("failed", c.failed),
        ("skipped", c.skipped),
        ("unverified", c.unverified),
    ] {
        line!(text, "| {what} | {count} |");
    }
    let not_dead: Vec<&Covered> = report.tokens.iter().filter(|token| !token.fate.is_dead()).collect();
    if !not_dead.is_empty() {
        line!(text, "\nNot revoked, as far as is known:\n");
    }
    for token in not_dead {
        let reason = token.fate.reason().map_or_else(String::new, |why| format!(": {}", code(why)));
        line!(text, "- {} in {}, {}{reason}", label(token), token.context, token.fate.word());
    }
    if !blind.is_empty() {
        line!(text, "\nWhat the lists do not contain, and so nobody looked at:\n");
    }
    for Blind { context, backend } in blind {
        match backend {
            None => {
                line!(text, "- {context}: not known here, since the context is not configured");
            }
            Some((title, missing)) if missing.is_empty() => {
                line!(text, "- {context} ({title}): nothing is known to be missing");
            }
            Some((title, missing)) => {
                let missing: Vec<_> = missing.iter().map(|what| escape(what).into_owned()).collect();
                line!(text, "- {context} ({}): {}", escape(title), missing.join("; "));
            }
        }
    }
    line!(text);
}

fn tokens(text: &mut String, report: &Report) {
    if report.tokens.is_empty() {
        return;
    }
    line!(text, "## Tokens\n");
    line!(text, "| token | id | context | owner | roles | created | outcome | proof | sent | answered | proved |");
    line!(text, "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |");
    for token in &report.tokens {
        let roles = token.roles.as_ref().map(|roles| roles.iter().map(foreign).collect::<Vec<_>>().join(" "));
        let proof = match token.fate {
            Fate::Verified => "verified dead",
            Fate::Revoked => "not verified",
            Fate::Gone => "gone when it was read",
            Fate::StillAnswering(_) => "alive when asked again",
            Fate::Unverified(_) => "none",
            Fate::Failed(_) | Fate::Skipped(_) => "",
        };
        line!(
            text,
            "| {} | {} | {} | {} | {} | {} | {} | {proof} | {} | {} | {} |",
            label(token),
            token.id.as_ref().map_or_else(|| "(by value)".to_owned(), |id| code(id.raw())),
            token.context,
            token.owner.name().map_or_else(|| "unknown".to_owned(), foreign),
            roles.unwrap_or_else(|| "unknown".to_owned()),
            token.created.map_or_else(|| "unknown".to_owned(), moment),
            token.fate.word(),
            maybe(token.intended),
            maybe(token.answered),
            maybe(token.proved),
        );
    }
    line!(text);
}

fn open(text: &mut String, report: &Report) {
    line!(text, "## Open ends\n");
    let runs: Vec<_> = report.runs.iter().filter(|run| run.ended.is_none()).collect();
    let unproved: Vec<_> = report.tokens.iter().filter(|token| token.fate == Fate::Revoked).collect();
    if report.open.is_empty() && runs.is_empty() && unproved.is_empty() {
        line!(text, "None.");
    }
    for token in unproved {
        line!(text, "- {} in {}: revoked, as the backend says, and not proved dead", label(token), token.context);
    }
    for run in runs {
        line!(
            text,
            "- The end of this run is not recorded: {} ({}, {})",
            code(&run.header.words()),
            run.context,
            moment(run.at)
        );
    }
    for left in &report.open {
        let words = Leftover::from(left.clone()).words();
        line!(text, "- #{} {} ({}, {})", left.intent.0, code(&words), left.context, moment(left.at));
    }
    line!(text);
}

fn timeline(text: &mut String, report: &Report) {
    line!(text, "## Timeline\n\n| UTC | record | context | what |\n| --- | ---: | --- | --- |");
    for record in &report.records {
        let (at, words) = (moment(record.at), code(&record.body.words()));
        line!(text, "| {at} | {} | {} | {words} |", record.sequence.0, record.context);
    }
}

fn moment(at: Timestamp) -> String {
    format!("{at:.0}")
}

fn maybe(at: Option<Timestamp>) -> String {
    at.map_or_else(String::new, moment)
}

fn label(token: &Covered) -> String {
    if token.label.raw().is_empty() { "(no label)".to_owned() } else { foreign(&token.label) }
}

fn foreign(text: &Untrusted) -> String {
    code(text.raw())
}

/// Returns text that somebody else wrote as a code span.
fn code(text: &str) -> String {
    let shown = escape(text).replace('`', "\\u{60}").replace('|', "\\u{7c}");
    // An empty span is none, and one of blanks alone keeps them.
    if shown.is_empty() { "(empty)".to_owned() } else { format!("`{shown}`") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_span_has_two_ticks_and_no_bar() {
        for hostile in [
            "`| x |",
            "a\\|b\n| forged | row |",
            "``` ```",
            "<img src=x onerror=alert(1)>",
            "[click](https://evil.example)",
            "\u{202e}gnp.exe",
            "\\",
            " ",
            "",
        ] {
            let span = code(hostile);
            assert!(!span.contains(['|', '\n', '\r', '\u{202e}']), "{span}");
            assert_eq!(span.matches('`').count(), if hostile.is_empty() { 0 } else { 2 }, "{span}");
        }
    }
}
