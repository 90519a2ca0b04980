//! What is sent for each operation, and what each recorded answer of the embedded backend means.

use std::fmt::Write as _;
use std::path::Path;

use tokendeck::backend::{Response, decode_page, encode};
use tokendeck::domain::{Operation, Reply};

use super::{context, decode, moment, operations, plan, site};

/// Compares with a file beside the recorded answers.
fn hold(name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../golden/tokendeck");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, text));
}

#[test]
fn every_operation_is_asked_for_as_recorded() {
    let plan = plan();
    let site = site(&plan, "https://tokens.example.org:8443/api/");
    let mut text = String::new();
    for (name, operation) in operations() {
        let request = encode(&plan, &site, &operation).expect("it is offered");
        let query = request.query.map(|query| format!("?{query}")).unwrap_or_default();
        writeln!(text, "# {name}\n{} {}{}{query}", request.method, request.origin, request.path).expect("a string");
        for (name, value) in &request.headers {
            writeln!(text, "{name}: {value}").expect("a string");
        }
        for (name, value) in &request.sealed {
            writeln!(text, "{name}: {value}").expect("a string");
        }
        if let Some(body) = &request.body {
            writeln!(text, "\n{body}").expect("a string");
        }
        writeln!(text, "=> {:?}, {:?}, keeps {:?}\n", request.effect, request.size, request.keep).expect("a string");
    }
    hold("requests", &text);
}

/// Reads a recorded answer: a status line, headers, an empty line, the body.
fn recorded(name: &str) -> Response {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/golden/tokendeck").join(format!("{name}.answer"));
    let text = std::fs::read_to_string(&path).expect(name);
    let (head, body) = text.split_once("\n\n").expect("a head and a body");
    let mut lines = head.lines();
    let status = lines.next().and_then(|line| line.split(' ').nth(1)?.parse().ok()).expect("a status");
    let header = |line: &str| {
        let (name, value) = line.split_once(": ").expect("a header");
        (name.to_lowercase().into(), value.into())
    };
    Response {
        status,
        headers: lines.map(header).collect(),
        body: body.trim_end().as_bytes().to_vec().into(),
        latency: std::time::Duration::ZERO,
        date: Some(moment("2026-11-22T12:00:00Z")),
        tls: None,
    }
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
        let result = decode(&plan, &operation(word), recorded(name));
        let mut text = format!("{result:#?}\n");
        if let Ok(Reply::Listed(raw)) = &result {
            let page = decode_page(&plan, &context(), raw).expect("it is lawful");
            for row in 0..page.len() {
                writeln!(text, "{:#?}", page.token(row)).expect("a string");
            }
        }
        hold(name, &text);
    }
    assert!(matches!(operation("list"), Operation::List(None)));
}
