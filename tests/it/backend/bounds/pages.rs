//! Answers that name the next page, a parent or a token so that the request after them goes astray: none does.

use serde_json::{Map, Value, json};
use tokendeck::backend::{Response, decode, decode_page, next_page};
use tokendeck::domain::{Operation, RawPage, Reply};

use super::dice::Dice;
use super::expected::Fate;
use super::{GENERATED, Gate, Subject, operations};
use crate::backend::{answer, context};

/// URLs of next pages, the hole being the parameter's value.
const URLS: &[&str] = &[
    "https://evil.example/steal?{}",
    "//evil.example/?{}",
    "https://tokens.example.org:8443@evil.example/?{}",
    "http://tokens.example.org/api/?{}",
    "/../../admin?{}&admin=true",
    "?{}#x",
    "\\\\evil.example?{}",
    "javascript:alert(1)?{}",
    "https://tokens.example.org:8443/api?a=b&{}&{}",
    "{}",
];

/// Puts a value where a pointer points.
fn put(whole: &mut Value, pointer: &str, value: Value) {
    let mut at = whole;
    for step in pointer.split('/').skip(1) {
        let step = step.replace("~1", "/").replace("~0", "~");
        if !at.is_object() {
            *at = Value::Object(Map::new());
        }
        let Some(members) = at.as_object_mut() else { return };
        at = members.entry(step).or_insert(Value::Null);
    }
    *at = value;
}

/// Returns a text of the description, or the first of several.
fn text<'t>(table: &'t toml::Table, key: &str) -> Option<&'t str> {
    let value = table.get(key)?;
    value.as_str().or_else(|| value.as_array()?.first()?.as_str())
}

/// Makes an answer to a list whose every name and number was chosen by somebody who means harm.
fn hostile_page(dice: &mut Dice<'_>, subject: &Subject, call: &toml::Table, below: Option<&toml::Table>) -> Response {
    let mut row = json!({});
    let name = |dice: &mut Dice<'_>| if dice.one_in(4) { json!(dice.below(300)) } else { json!(dice.hostile()) };
    let token = subject.file.get("token").and_then(toml::Value::as_table);
    let place = match below {
        Some(each) => text(each, "value").unwrap_or_default(),
        None => token.and_then(|token| text(token, "id")).unwrap_or("/id"),
    };
    put(&mut row, place, name(dice));
    let single = text(call, "item");
    let mut body = json!({});
    put(
        &mut body,
        single.or(text(call, "items")).unwrap_or_default(),
        if single.is_some() { row } else { json!([row]) },
    );
    let mut headers = Vec::new();
    if let Some(next) = call.get("next").and_then(toml::Value::as_table) {
        let word = dice.hostile();
        let url = |dice: &mut Dice<'_>, key: &str| dice.pick(URLS).replace("{}", &format!("{key}={word}"));
        for (key, pointer) in
            [("body", text(next, "body")), ("total", text(next, "total")), ("pages", text(next, "pages"))]
        {
            if let Some(pointer) = pointer
                && dice.one_in(2)
            {
                put(
                    &mut body,
                    pointer,
                    if key == "body" { name(dice) } else { json!(u64::MAX - dice.below(3) as u64) },
                );
            }
        }
        if let (Some(pointer), Some(parameter)) = (text(next, "url"), text(next, "parameter")) {
            put(&mut body, pointer, json!(url(dice, parameter)));
        }
        if let Some(name) = text(next, "header")
            && dice.one_in(2)
        {
            headers.push((name.to_lowercase().into(), word.as_str().into()));
        }
        if let Some(parameter) = text(next, "link")
            && dice.one_in(2)
        {
            headers.push(("link".into(), format!("<{}>; rel=\"next\"", url(dice, parameter)).into()));
        }
    }
    let mut response = answer(200, &body.to_string());
    response.headers.extend(headers);
    response
}

/// Follows a page by all that it names; returns how many requests came of it.
fn follow(subject: &Subject, gate: &mut Gate, dice: &mut Dice<'_>, page: &RawPage) -> usize {
    let mut asked: Vec<Operation> =
        page.next.iter().chain(&page.below).map(|cursor| Operation::List(Some(cursor.clone()))).collect();
    if let Ok(rows) = decode_page(&subject.plan, &context(), page) {
        for row in 0..rows.len() {
            asked.extend(operations::about(dice, &rows.token(row).id));
        }
    }
    let mut sent = 0;
    for operation in asked {
        match subject.hold(&operation) {
            Some((request, Fate::Stays)) => gate.refuse(&request),
            Some((_, Fate::Leaves)) => sent += 1,
            None => {}
        }
    }
    sent
}

/// Reads hostile pages of both steps of a list, and follows them.
fn lead_astray(subject: &Subject, gate: &mut Gate, dice: &mut Dice<'_>) -> usize {
    let Some(list) = subject.file.get("list").and_then(toml::Value::as_table) else { return 0 };
    let each = list.get("each").and_then(toml::Value::as_table);
    let parent = dice.hostile();
    let mut sent = 0;
    for (call, below, operation) in [
        (Some(list), each, Operation::List(None)),
        (each, None, Operation::List(Some(tokendeck::domain::Cursor::of_parent(&parent)))),
    ] {
        let Some(call) = call else { continue };
        let response = hostile_page(dice, subject, call, below);
        let head = tokendeck::backend::Head { status: response.status, headers: response.headers.clone() };
        if let Some(cursor) = next_page(&subject.plan, &subject.site, &operation, &head) {
            let _ = subject.hold(&Operation::List(Some(cursor)));
        }
        if let Ok(Reply::Listed(page)) = decode(&subject.plan, &subject.site, &operation, response) {
            sent += follow(subject, gate, dice, &page);
        }
    }
    sent
}

#[test]
fn no_answer_leads_the_next_request_astray() {
    let (mut gate, mut sent) = (Gate::new(), 0);
    for (number, subject) in Subject::built_in().iter().enumerate() {
        for seed in 0..30 {
            sent += lead_astray(subject, &mut gate, &mut Dice::seeded(seed * 100 + number as u64));
        }
    }
    for seed in 0..GENERATED / 2 {
        sent += lead_astray(&Subject::generated(&mut Dice::seeded(seed)), &mut gate, &mut Dice::seeded(seed));
    }
    assert!(sent > 3_000 && gate.refused > 20, "{sent} sent, {} not", gate.refused);
}
