//! The repository as a whole: what lies at its top, which files belong to the program, what names them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use super::source::{Code, Source};
use super::{Finding, files};

/// Every file of the repository that is text, by its path.
#[derive(Debug, Default)]
pub(super) struct Tree(pub(super) BTreeMap<String, String>);

/// What may lie at the top, besides hidden settings of tools.
const TOP: [&str; 7] = ["Cargo.lock", "Cargo.toml", "LICENSE", "README.md", "assets", "src", "tests"];

/// Where compilers begin to read.
const ROOTS: [(&str, Code); 3] =
    [("src/lib.rs", Code::Program), ("src/main.rs", Code::Program), ("tests/it/main.rs", Code::Test)];

impl Tree {
    /// Reads the repository.
    pub(super) fn read() -> Self {
        let top = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut files = BTreeMap::new();
        for entry in fs::read_dir(top).expect("the repository") {
            let name = entry.expect("an entry").file_name().to_string_lossy().into_owned();
            let hidden = name.starts_with('.');
            if name != "target" && (!hidden || name == ".ci") {
                collect(&top.join(&name), &name, &mut files);
            }
        }
        Self(files)
    }

    /// Returns a file's text.
    pub(super) fn text(&self, path: &str) -> Option<&str> {
        self.0.get(path).map(String::as_str)
    }

    /// Returns the source files, each with whose it is.
    pub(super) fn sources(&self) -> Vec<Source> {
        let reached = self.reached();
        let rust = self.0.iter().filter(|(path, _)| is_kind(path, "rs"));
        rust.map(|(path, text)| {
            let program = path.starts_with("src/") && reached.get(path) != Some(&Code::Test);
            Source::new(path, text, if program { Code::Program } else { Code::Test })
        })
        .collect()
    }

    /// Returns the source files that a compiler reads, each with whose it is.
    fn reached(&self) -> BTreeMap<String, Code> {
        let mut reached = BTreeMap::new();
        let mut waiting: Vec<(String, Code)> = ROOTS.map(|(path, code)| (path.to_owned(), code)).into();
        while let Some((path, code)) = waiting.pop() {
            let Some(text) = self.text(&path) else { continue };
            if reached.insert(path.clone(), code) == Some(Code::Program) {
                reached.insert(path, Code::Program);
                continue;
            }
            // Most files declare no module; those need not be taken apart.
            if !text.contains("mod ") {
                continue;
            }
            for (name, file, code) in Source::new(&path, text, code).modules() {
                waiting.extend(self.file_of(&path, &name, file.as_deref()).map(|path| (path, code)));
            }
        }
        reached
    }

    /// Returns the file of a module that `path` declares.
    fn file_of(&self, path: &str, name: &str, file: Option<&str>) -> Option<String> {
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let own = ["/mod.rs", "/lib.rs", "/main.rs"].iter().any(|name| path.ends_with(name));
        let below = if own { folder } else { path.strip_suffix(".rs")? };
        let mut candidates = match file {
            Some(file) => vec![format!("{folder}/{file}")],
            None => vec![format!("{below}/{name}.rs"), format!("{below}/{name}/mod.rs")],
        };
        candidates.retain(|path| self.0.contains_key(path));
        candidates.pop()
    }
}

fn collect(path: &Path, name: &str, files: &mut BTreeMap<String, String>) {
    if path.is_dir() {
        for entry in fs::read_dir(path).expect("a folder") {
            let entry = entry.expect("an entry");
            let name = format!("{name}/{}", entry.file_name().to_string_lossy());
            collect(&entry.path(), &name, files);
        }
    } else {
        let text = fs::read(path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        files.insert(name.to_owned(), text.expect("a readable file"));
    }
}

/// Tells whether a file's name ends so.
fn is_kind(path: &str, ending: &str) -> bool {
    path.rsplit_once('.').is_some_and(|(_, there)| there == ending)
}

/// Checks the repository as a whole.
pub(super) fn check(tree: &Tree, findings: &mut Vec<Finding>) {
    let top: BTreeSet<&str> = tree.0.keys().filter_map(|path| path.split('/').next()).collect();
    for name in top.into_iter().filter(|name| !TOP.contains(name) && !name.starts_with('.')) {
        findings.push(Finding::at(name, 1, "it does not belong at the top of the repository".to_owned()));
    }
    let reached = tree.reached();
    let loose = |path: &&String| {
        let crates = ["tests/bench/", "tests/fuzz/"];
        is_kind(path, "rs") && !crates.iter().any(|own| path.starts_with(own)) && !reached.contains_key(*path)
    };
    for path in tree.0.keys().filter(loose) {
        findings.push(Finding::at(path, 1, "no module names this file, so nothing compiles it".to_owned()));
    }
    check_descriptions(tree, findings);
    check_snapshots(tree, findings);
    for (path, text) in tree.0.iter().filter(|(path, _)| !is_kind(path, "rs") && *path != "Cargo.lock") {
        files::words(path, text, findings);
    }
}

/// Every description that comes with the program is in the catalog.
fn check_descriptions(tree: &Tree, findings: &mut Vec<Finding>) {
    let catalog = tree.text("src/backend/catalog.rs").unwrap_or_default();
    let descriptions = tree.0.keys().filter(|path| path.starts_with("assets/backends/") && is_kind(path, "toml"));
    for path in descriptions.filter(|path| !catalog.contains(&format!("/{path}\""))) {
        findings.push(Finding::at(path, 1, "src/backend/catalog.rs does not list it".to_owned()));
    }
}

/// Every picture on file is compared with something: a test names it.
fn check_snapshots(tree: &Tree, findings: &mut Vec<Finding>) {
    for path in tree.0.keys() {
        if path.ends_with(".snap.new") {
            findings.push(Finding::at(path, 1, "a picture that nobody judged".to_owned()));
        }
        let Some(stem) = path.strip_suffix(".snap") else { continue };
        let name = stem.rsplit('/').next().unwrap_or(stem);
        let claim = name.rsplit("__").next().unwrap_or(name);
        // The tests of a layer stand in it, those from outside in `tests/it`.
        let area: String = path.split_inclusive('/').take(2).collect();
        let mut near = tree.0.iter().filter(|(path, _)| path.starts_with(&area) && is_kind(path, "rs"));
        if !near.any(|(_, text)| text.contains(&format!("\"{claim}\"")) || text.contains(&format!("fn {claim}("))) {
            findings.push(Finding::at(path, 1, "no test names this picture".to_owned()));
        }
    }
}
