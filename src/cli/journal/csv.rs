//! The report as CSV, one row a token: RFC 4180, and nothing in it that a spreadsheet would calculate (CWE-1236).

use crate::domain::{Report, Untrusted, escape};

const TITLES: [&str; 14] = [
    "context",
    "id",
    "label",
    "owner",
    "roles",
    "created",
    "outcome",
    "verified",
    "reason",
    "confirmed",
    "sent",
    "answered",
    "proved",
    "run",
];

/// Returns the report.
pub(super) fn text(report: &Report) -> String {
    let mut text = String::new();
    row(&mut text, &TITLES.map(str::to_owned));
    for token in &report.tokens {
        let moment = |at: Option<jiff::Timestamp>| at.map_or_else(String::new, |at| at.to_string());
        let roles = token.roles.iter().flatten().map(Untrusted::raw).collect::<Vec<_>>().join(" ");
        row(
            &mut text,
            &[
                token.context.to_string(),
                token.id.as_ref().map_or_else(String::new, |id| id.raw().to_owned()),
                token.label.raw().to_owned(),
                token.owner.name().map_or_else(String::new, |name| name.raw().to_owned()),
                roles,
                moment(token.created),
                token.fate.word().to_owned(),
                (token.fate == crate::domain::Fate::Verified).to_string(),
                token.fate.reason().unwrap_or_default().to_owned(),
                moment(token.confirmed),
                moment(token.intended),
                moment(token.answered),
                moment(token.proved),
                token.run.as_ref().map_or_else(String::new, |run| run.as_str().to_owned()),
            ],
        );
    }
    text
}

fn row(text: &mut String, cells: &[String]) {
    for (at, cell) in cells.iter().enumerate() {
        if at > 0 {
            text.push(',');
        }
        text.push_str(&field(cell));
    }
    text.push_str("\r\n");
}

/// Returns a cell: what hides is written out, what begins like a formula is not one, and what has a sign of CSV in it is
/// quoted.
fn field(cell: &str) -> String {
    // Spreadsheets look past blanks, and take the wide forms of these signs for them.
    let formula = cell.trim_start().starts_with(['=', '+', '-', '@', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}']);
    let formula = formula || cell.starts_with(['\t', '\r', '\n']);
    let shown = escape(cell);
    let safe = if formula { format!("'{shown}") } else { shown.into_owned() };
    if safe.contains([',', '"', '\r', '\n']) { format!("\"{}\"", safe.replace('"', "\"\"")) } else { safe }
}

#[cfg(test)]
mod tests {
    use super::field;

    #[test]
    fn formulas_are_defused_and_signs_quoted() {
        for (cell, expected) in [
            ("ci", "ci"),
            ("=1+1", "'=1+1"),
            ("+1", "'+1"),
            ("-1", "'-1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "'\\u{9}=1"),
            ("\r=1", "'\\u{d}=1"),
            ("  =1", "'  =1"),
            ("\u{ff1d}1", "'\u{ff1d}1"),
            ("a,b", "\"a,b\""),
            ("=HYPERLINK(\"https://evil\",\"x\")", "\"'=HYPERLINK(\"\"https://evil\"\",\"\"x\"\")\""),
            ("a\nb", "a\\u{a}b"),
            ("a=b", "a=b"),
            ("", ""),
        ] {
            assert_eq!(field(cell), expected);
        }
    }
}
