//! The one direction of imports: which layer may name which.

use super::Finding;
use super::source::{Code, Source};

/// Every layer, and the layers that its code may name besides itself.
const TABLE: [(&str, &[&str]); 8] = [
    ("domain", &[]),
    ("app", &["domain"]),
    ("backend", &["domain"]),
    ("ui", &["app", "domain"]),
    ("config", &["app", "backend", "domain", "ui"]),
    ("runtime", &["app", "backend", "config", "domain", "ui"]),
    ("server", &[]),
    ("cli", &["app", "backend", "config", "domain", "runtime", "ui"]),
];

/// The only files that may name the layer `server`.
const NAME_SERVER: [&str; 2] = ["src/cli/demo.rs", "src/cli/serve.rs"];

/// Checks what a file names of the other layers.
pub(super) fn check(source: &Source, findings: &mut Vec<Finding>) {
    let Some(modules) = modules(&source.path) else { return };
    let layer = modules.first().map_or("", String::as_str);
    for (at, named) in names(source, &modules) {
        if source.tokens[at].code == Code::Test || allowed(&source.path, layer, &named) {
            continue;
        }
        findings.push(Finding::new(source, at, format!("{layer} may not name {named}")));
    }
}

fn allowed(path: &str, layer: &str, named: &str) -> bool {
    let known = TABLE.iter().find(|(name, _)| *name == layer);
    let server = named == "server" && NAME_SERVER.contains(&path);
    // The program's entry knows the command line and nothing else.
    let entry = path == "src/main.rs" && named == "cli";
    named == layer || server || entry || known.is_some_and(|(_, may)| may.contains(&named))
}

/// Returns the modules that a file is: `["app", "modal"]` for `src/app/modal/mod.rs`; `None` outside `src`.
fn modules(path: &str) -> Option<Vec<String>> {
    let inner = path.strip_prefix("src/")?.strip_suffix(".rs")?;
    let inner = inner.strip_suffix("/mod").unwrap_or(inner);
    match inner {
        // It declares the layers, and names nothing in them.
        "lib" => None,
        "main" => Some(Vec::new()),
        _ => Some(inner.split('/').map(str::to_owned).collect()),
    }
}

/// Returns the layers that a file names, each with its place.
fn names(source: &Source, modules: &[String]) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut inline: Vec<usize> = Vec::new();
    let mut depth = 0_usize;
    let mut at = 0;
    while at < source.tokens.len() {
        match source.word(at) {
            "{" => {
                depth += 1;
                if at >= 2 && source.word(at - 2) == "mod" {
                    inline.push(depth);
                }
            }
            "}" => {
                inline.pop_if(|opened| *opened == depth);
                depth = depth.saturating_sub(1);
            }
            "crate" | "tokendeck" if source.word(at + 1) == "::" => found.extend(group(source, at + 2)),
            // Another name for the crate would hide what is named through it.
            "crate" if source.word(at + 1) == "as" => found.push((at, "the crate by another name".to_owned())),
            "super" if at == 0 || source.word(at - 1) != "::" => {
                let mut supers = 1;
                while source.word(at + 1) == "::" && source.word(at + 2) == "super" {
                    (supers, at) = (supers + 1, at + 2);
                }
                if supers >= modules.len() + inline.len() && source.word(at + 1) == "::" {
                    found.extend(group(source, at + 2));
                }
            }
            _ => {}
        }
        at += 1;
    }
    found
}

/// Returns the first word of a path, or of each path of a group.
fn group(source: &Source, at: usize) -> Vec<(usize, String)> {
    if source.word(at) != "{" {
        return vec![(at, source.word(at).to_owned())];
    }
    let mut found = Vec::new();
    let (mut depth, mut at, mut begins) = (1_usize, at + 1, true);
    while depth > 0 && at < source.tokens.len() {
        match source.word(at) {
            "{" => depth += 1,
            "}" => depth -= 1,
            "," if depth == 1 => begins = true,
            word if begins => {
                found.push((at, word.to_owned()));
                begins = false;
            }
            _ => {}
        }
        at += 1;
    }
    found
}
