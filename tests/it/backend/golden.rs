//! What is sent for each operation, and what each recorded answer of the embedded backend means.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use tokendeck::backend::{Request, decode_page, encode};
use tokendeck::domain::{Operation, Reply};

use super::{context, decode, operations, plan, recorded, site};

/// Returns the folder of a backend's recorded answers.
pub(super) fn folder(backend: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/golden").join(backend)
}

/// Returns the names of a backend's recorded answers, in alphabetical order.
pub(super) fn names(backend: &str) -> Vec<String> {
    let files = std::fs::read_dir(folder(backend)).expect("a folder").map(|entry| entry.expect("an entry").path());
    let answers = files.filter(|path| path.extension().is_some_and(|ending| ending == "answer"));
    let mut names: Vec<_> =
        answers.map(|path| path.file_stem().expect("a name").to_string_lossy().into_owned()).collect();
    names.sort_unstable();
    names
}

/// Compares with a file beside the recorded answers.
pub(super) fn hold(backend: &str, name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(format!("../golden/{backend}"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, text));
}

/// Writes down what is sent, with `…` for each secret.
pub(super) fn shown(request: &Request) -> String {
    let query = request.query.as_ref().map(|query| format!("?{query}")).unwrap_or_default();
    let mut text = format!("{} {}{}{query}\n", request.method, request.origin, request.path);
    for (name, value) in &request.headers {
        writeln!(text, "{name}: {value}").expect("a string");
    }
    for (name, value) in &request.sealed {
        writeln!(text, "{name}: {value}").expect("a string");
    }
    if let Some(body) = &request.body {
        writeln!(text, "\n{body}").expect("a string");
    }
    writeln!(text, "=> {:?}, {:?}, keeps {:?}", request.effect, request.size, request.keep).expect("a string");
    text
}

#[test]
fn every_operation_is_asked_for_as_recorded() {
    let plan = plan();
    let site = site(&plan, "https://tokens.example.org:8443/api/");
    let mut text = String::new();
    for (name, operation) in operations() {
        let request = encode(&plan, &site, &operation).expect("it is offered");
        writeln!(text, "# {name}\n{}", shown(&request)).expect("a string");
    }
    hold("tokendeck", "requests", &text);
}

#[test]
fn every_recorded_answer_means_what_it_did() {
    let plan = plan();
    let all = operations();
    let operation = |word: &str| {
        let found = all.iter().find(|(_, operation)| operation.word() == word);
        found.map(|(_, operation)| operation.clone()).expect("one of them")
    };
    for (name, word) in [
        ("list", "list"),
        ("list_last", "list"),
        ("list_without_header", "list"),
        ("get", "get"),
        ("self", "self"),
        ("create", "create"),
        ("create_again", "create"),
        ("edit", "edit"),
        ("edit_changed", "edit"),
        ("rotate", "rotate"),
        ("revoke", "revoke"),
        ("revoke_again", "revoke"),
        ("revoke_value", "revoke_value"),
        ("disable", "disable"),
        ("events", "events"),
        ("notices", "notices"),
        ("health", "health"),
        ("invalid_token", "list"),
        ("forbidden", "create"),
        ("not_found", "revoke"),
        ("not_live", "disable"),
        ("invalid_value", "create"),
        ("too_many", "revoke"),
        ("internal", "revoke"),
        ("unavailable", "list"),
    ] {
        let result = decode(&plan, &operation(word), recorded("tokendeck", name));
        let mut text = format!("{result:#?}\n");
        if let Ok(Reply::Listed(raw)) = &result {
            let page = decode_page(&plan, &context(), raw).expect("it is lawful");
            for row in 0..page.len() {
                writeln!(text, "{:#?}", page.token(row)).expect("a string");
            }
        }
        hold("tokendeck", name, &text);
    }
    assert!(matches!(operation("list"), Operation::List(None)));
}
