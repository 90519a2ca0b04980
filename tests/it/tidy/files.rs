//! What every file looks like.

use super::Finding;
use super::source::Source;

/// How many lines a file may have, without its tests.
const MOST_LINES: usize = 400;

/// Checks a source file.
pub(super) fn check(source: &Source, findings: &mut Vec<Finding>) {
    // The crate's documentation is a page of its own.
    let opening = if source.path == "src/lib.rs" { "#![doc = include_str!(" } else { "//!" };
    if !source.text.starts_with(opening) {
        findings.push(Finding::at(&source.path, 1, format!("it opens with `{opening}`")));
    }
    // A file of tests is one as a whole: all its lines count.
    let lines = match source.lines_of_program() {
        0 => source.text.lines().count(),
        lines => lines,
    };
    if lines > MOST_LINES {
        findings.push(Finding::at(&source.path, MOST_LINES + 1, format!("{lines} lines: make rooms of it")));
    }
    words(&source.path, &source.text, findings);
}

/// Looks for words that have no business in any file.
pub(super) fn words(path: &str, text: &str, findings: &mut Vec<Finding>) {
    // Written in two parts, so that this file passes its own rule.
    let unfinished = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("X", "XX")];
    let elsewhere = [concat!("/wo", "rk/"), concat!("/ro", "ot/")];
    for (index, line) in text.lines().enumerate() {
        let mut parts = line.split(|c: char| !c.is_alphanumeric() && c != '_');
        if parts.any(|word| unfinished.contains(&word)) {
            findings.push(Finding::at(path, index + 1, "a mark of unfinished work".to_owned()));
        }
        if elsewhere.iter().any(|place| line.contains(place)) {
            findings.push(Finding::at(path, index + 1, "a path of one machine".to_owned()));
        }
    }
}
