//! What the documents say of keys, files and commands is true.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use super::Finding;
use super::tree::Tree;

/// Documents whose mentions of files are followed.
const DOCUMENTS: [&str; 3] = ["README.md", "src/ARCHITECTURE.md", "assets/CHANGELOG.md"];

/// Checks the documents.
pub(super) fn check(tree: &Tree, findings: &mut Vec<Finding>) {
    for path in DOCUMENTS {
        match tree.text(path) {
            Some(text) => check_mentions(tree, path, text, findings),
            None => findings.push(Finding::at(path, 1, "it is missing".to_owned())),
        }
    }
    check_keys(tree, findings);
}

/// Every file that a document names in backticks is there.
fn check_mentions(tree: &Tree, path: &str, text: &str, findings: &mut Vec<Finding>) {
    for (line, word) in quoted(text) {
        let ours = ["src/", "assets/", "tests/", ".ci/"].iter().any(|top| word.starts_with(top));
        let plain = word.chars().all(|c| c.is_alphanumeric() || "/_.-".contains(c));
        let folder = |there: &&String| there.starts_with(&format!("{}/", word.trim_end_matches('/')));
        if ours && plain && tree.text(word).is_none() && !tree.0.keys().any(|there| folder(&there)) {
            findings.push(Finding::at(path, line, format!("there is no {word}")));
        }
    }
}

/// README's table of keys and `assets/keymap.toml` say the same.
fn check_keys(tree: &Tree, findings: &mut Vec<Finding>) {
    let readme = tree.text("README.md").unwrap_or_default();
    let keymap = tree.text("assets/keymap.toml").unwrap_or_default();
    let actions: BTreeMap<String, Vec<String>> = toml::from_str(keymap).unwrap_or_default();
    let bound: BTreeSet<&String> = actions.values().flatten().collect();
    let mut told = BTreeSet::new();
    let rows = readme.lines().enumerate().skip_while(|(_, line)| *line != "## Keys").skip(1);
    for (index, line) in rows.take_while(|(_, line)| !line.starts_with("## ")) {
        let cells = line.strip_prefix("| ").and_then(|line| line.split_once(" | "));
        for (_, key) in cells.iter().flat_map(|(keys, _)| quoted(keys)) {
            let key = if key.chars().count() == 1 { key.to_owned() } else { key.to_lowercase() };
            if !bound.contains(&key) {
                findings.push(Finding::at("README.md", index + 1, format!("no action has the key {key}")));
            }
            told.insert(key);
        }
    }
    for key in bound.into_iter().filter(|key| !told.contains(*key)) {
        findings.push(Finding::at("README.md", 1, format!("the table of keys leaves out {key}")));
    }
}

/// Returns what stands between backticks, each with its line.
fn quoted(text: &str) -> Vec<(usize, &str)> {
    text.lines()
        .enumerate()
        .flat_map(|(index, line)| line.split('`').skip(1).step_by(2).map(move |word| (index + 1, word)))
        .filter(|(_, word)| !word.is_empty())
        .collect()
}

/// Returns the commands in the fenced blocks of a document, without what a shell does with them.
fn commands(text: &str) -> Vec<Vec<&str>> {
    let blocks = text.split("```").skip(1).step_by(2);
    let fenced = blocks.filter_map(|block| block.strip_prefix("sh\n")).flat_map(str::lines);
    fenced
        .filter_map(|line| {
            let line = line.split(" #").next().unwrap_or(line).trim();
            let rest = line.strip_prefix("cargo run --release --").or_else(|| line.strip_prefix("tokendeck"))?;
            Some(rest.split_whitespace().take_while(|word| !["<", "|", ">", "&"].contains(word)).collect())
        })
        .collect()
}

#[test]
fn readmes_commands_exist_with_their_options() {
    let tree = Tree::read();
    let commands = commands(tree.text("README.md").expect("a README"));
    assert!(commands.iter().any(|words| words.first() == Some(&"demo")), "{commands:?}");
    for words in commands {
        // Some commands have commands of their own.
        let depth = if words.first().is_some_and(|name| ["backend", "journal"].contains(name)) { 2 } else { 1 };
        let names: Vec<&str> = words.iter().copied().take_while(|word| !word.starts_with('-')).take(depth).collect();
        if cfg!(not(feature = "server")) && names.iter().any(|name| ["demo", "serve"].contains(name)) {
            continue;
        }
        let mut command = Command::new(env!("CARGO_BIN_EXE_tokendeck"));
        let output = command.args(&names).arg("--help").output().expect("the program");
        let help = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{words:?}");
        for option in words.iter().filter(|word| word.starts_with("--")) {
            assert!(help.contains(option), "{words:?}: {help}");
        }
        if let (Some(&"backend"), Some(second)) = (words.first(), words.get(1)) {
            assert!(help.contains(second), "{words:?}: {help}");
        }
    }
}

#[test]
fn the_example_configuration_is_without_mistake_when_its_comments_are_taken_away() {
    let text = include_str!("../../../assets/config.toml");
    let as_shipped = tokendeck::config::Config::parse(text);
    assert_eq!(as_shipped.mistakes, Vec::<String>::new());
    assert!(as_shipped.contexts.is_empty(), "as it comes, it sets nothing");
    // A line that is an option has `#` and no blank; a line of prose has `# `.
    let option =
        |line: &'static str| line.strip_prefix('#').filter(|rest| !rest.starts_with([' ', '#'])).unwrap_or(line);
    let opened = text.lines().map(option).collect::<Vec<_>>().join("\n");
    let config = tokendeck::config::Config::parse(&opened);
    assert_eq!(config.mistakes, Vec::<String>::new());
    assert_eq!(config.contexts.len(), 1);
}

#[test]
fn the_example_configuration_names_every_option() {
    let text = include_str!("../../../assets/config.toml");
    let code = include_str!("../../../src/config/mod.rs");
    let entry = code.split("struct ContextEntry {").nth(1).and_then(|rest| rest.split('}').next()).expect("the entry");
    let options = entry.lines().filter_map(|line| line.trim().split_once(": ")).map(|(name, _)| name);
    for option in options.filter(|option| !["unknown", "params"].contains(option)) {
        assert!(text.contains(&format!("\n#{option} = ")), "{option}");
    }
    assert!(text.contains("\n#[contexts.prod.params]") && text.contains("\n#[keys]"));
}
