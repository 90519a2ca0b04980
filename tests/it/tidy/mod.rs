//! Rules that read the sources: layers, invariants of absence, the size of files, and what the documents say.
//!
//! Each rule is a pure function of paths and texts, and `planted` proves of each that it fires.

mod absence;
mod documents;
mod files;
mod layers;
mod planted;
mod source;
mod tree;

use std::fmt;

use source::Source;
use tree::Tree;

/// Something that breaks a rule.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Finding {
    path: String,
    line: usize,
    why: String,
}

impl Finding {
    fn new(source: &Source, token: usize, why: String) -> Self {
        let line = source.tokens.get(token).map_or(1, |token| token.line);
        Self::at(&source.path, line, why)
    }

    fn at(path: &str, line: usize, why: String) -> Self {
        Self { path: path.to_owned(), line, why }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.path, self.line, self.why)
    }
}

/// Checks one source file by all rules that are about one.
fn check_source(source: &Source) -> Vec<Finding> {
    let mut findings = Vec::new();
    files::check(source, &mut findings);
    absence::check(source, &mut findings);
    layers::check(source, &mut findings);
    findings
}

/// Checks everything.
fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings: Vec<Finding> = tree.sources().iter().flat_map(check_source).collect();
    tree::check(tree, &mut findings);
    documents::check(tree, &mut findings);
    findings.sort();
    findings
}

#[test]
fn the_house_is_tidy() {
    let findings: Vec<String> = check(&Tree::read()).iter().map(ToString::to_string).collect();
    assert!(findings.is_empty(), "{} rules are broken:\n{}", findings.len(), findings.join("\n"));
}
