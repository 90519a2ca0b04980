//! Answers of every shape: what they mean, what they never repeat, and that none is a panic.

use std::time::Duration;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use tokendeck::backend::{Plan, Response, decode_page};
use tokendeck::domain::{Failure, FailureKind, LastUse, Operation, Page, Reached, Reply, Token, Untrusted};

use super::{answer, context, decode, draft, id, operations, plan, typed};

fn page_of(plan: &Plan, body: &str) -> Result<Page, Failure> {
    let reply = decode(plan, &Operation::List(None), answer(200, body))?;
    let Reply::Listed(raw) = &reply else { unreachable!("a list: {reply:?}") };
    decode_page(plan, &context(), raw)
}

#[test]
fn statuses_mean_what_they_usually_do() {
    use FailureKind::{Busy, Changed, Credential, Forbidden, NotFound, Protocol, Refused, Server};
    let plan = plan();
    let seconds = |seconds| Some(Duration::from_secs(seconds));
    for (status, retry_after, kind, reached) in [
        (400, None, Refused, Reached::No),
        (401, None, Credential, Reached::No),
        (402, None, Refused, Reached::No),
        (403, None, Forbidden, Reached::No),
        (404, None, NotFound, Reached::No),
        (405, None, Protocol, Reached::No),
        (409, None, Changed, Reached::No),
        (410, None, NotFound, Reached::No),
        (412, None, Changed, Reached::No),
        (422, None, Refused, Reached::No),
        (429, None, Busy(None), Reached::No),
        (429, Some("120"), Busy(seconds(120)), Reached::No),
        (429, Some("soon"), Busy(None), Reached::No),
        (500, None, Server, Reached::Maybe),
        (502, None, Server, Reached::Maybe),
        (503, None, Server, Reached::Maybe),
        (503, Some("0"), Busy(seconds(1)), Reached::No),
        (599, None, Server, Reached::Maybe),
        (304, None, Protocol, Reached::No),
    ] {
        let mut response = answer(status, "{}");
        response.headers.extend(retry_after.map(|text| ("retry-after".into(), text.into())));
        let failure = decode(&plan, &Operation::Revoke(id("7")), response).expect_err("a failure");
        assert_eq!((failure.kind, failure.reached), (kind, reached), "{status}");
        assert!(!failure.summary.is_empty() && !failure.summary.ends_with('.') && !failure.hint.is_empty());
        let response = answer(status, "{}");
        let failure = decode(&plan, &Operation::List(None), response).expect_err("a failure");
        assert_eq!(failure.reached, Reached::No, "reading has no effect: {status}");
    }
}

#[test]
fn a_gateway_that_asks_to_wait_may_have_passed_on_what_is_never_repeated() {
    let plan = plan();
    for (status, rotated, revoked) in [(503, Reached::Maybe, Reached::No), (429, Reached::No, Reached::No)] {
        for (operation, reached) in [(Operation::Rotate(id("7")), rotated), (Operation::Revoke(id("7")), revoked)] {
            let mut response = answer(status, "{}");
            response.headers.push(("retry-after".into(), "1".into()));
            let failure = decode(&plan, &operation, response).expect_err("a failure");
            assert_eq!(
                (failure.kind, failure.reached),
                (FailureKind::Busy(Some(Duration::from_secs(1))), reached),
                "{operation:?}"
            );
        }
    }
}

#[test]
fn a_revocation_that_does_not_tell_what_died_with_it_is_somebody_elses_answer() {
    let plan = plan();
    for (status, body, revoked) in [
        (200, r#"{"id":"7","already_revoked":false,"also_revoked":[]}"#, true),
        (200, r#"{"id":"7","already_revoked":true,"also_revoked":["8"]}"#, true),
        (200, r#"{"id":"7","label":"ci","status":"active"}"#, false),
        (200, r#"{"already_revoked":false}"#, false),
        (200, r#"{"already_revoked":false,"also_revoked":"some"}"#, false),
        (200, "{}", false),
        (200, "", false),
        (204, "", false),
    ] {
        let result = decode(&plan, &Operation::Revoke(id("7")), answer(status, body));
        match result {
            Ok(reply) => assert!(revoked && matches!(reply, Reply::Revoked { .. }), "{status} {body}"),
            Err(failure) => {
                let unknown = (failure.kind, failure.reached) == (FailureKind::Protocol, Reached::Maybe);
                assert!(unknown && !revoked, "{status} {body}: {failure:?}");
            }
        }
    }
}

#[test]
fn a_failure_bears_the_backends_own_words_and_nothing_else_of_the_body() {
    let plan = plan();
    let long = format!("{{\"detail\":\"{}\"}}", "x".repeat(5000));
    for (content_type, body, words) in [
        ("application/problem+json", r#"{"detail":"too old","title":"t","secret":"s3cr3t"}"#, Some("too old")),
        ("application/json", r#"{"title":"only a title"}"#, Some("only a title")),
        ("application/json", r#"{"detail":"","title":"t"}"#, Some("t")),
        ("application/json", r#"{"secret":"s3cr3t"}"#, None),
        ("application/json", r#"{"detail": s3cr3t"#, None),
        ("text/plain", "  plain words \n", Some("plain words")),
        ("text/html", "<html>s3cr3t</html>", Some("(a web page)")),
        ("text/plain", "", None),
        ("application/json", &long, None),
    ] {
        let failure =
            decode(&plan, &Operation::List(None), typed(400, content_type, body.as_bytes())).expect_err("400");
        let shown = format!("{failure} {failure:?}");
        assert!(!shown.contains("s3cr3t"), "{shown}");
        match (&failure.detail, words) {
            (Some(detail), None) => assert_eq!(detail.raw().chars().count(), 301, "{detail}"),
            (detail, words) => assert_eq!(detail.as_ref().map(Untrusted::raw), words),
        }
    }
}

#[test]
fn a_success_that_is_not_the_answer_described_is_none() {
    let plan = plan();
    let canary = "s3cr3t-c4n4ry";
    for (content_type, body) in [
        ("text/html", format!("<html>{canary}")),
        ("application/json", format!("<!doctype html>{canary}")),
        ("text/plain", format!("\"{canary}\"")),
        ("application/json", String::new()),
        ("application/json", format!("\"{canary}\"")),
        ("application/json", format!("{{\"token\":{{\"id\":\"7\"}},\"secret\":{{\"{canary}\":1}}}}")),
        ("application/json", format!("{{\"token\":[\"{canary}\"],\"secret\":\"{canary}\"}}")),
        ("application/json", format!("{{\"token\":{{\"id\":\"..\"}},\"secret\":\"{canary}\"}}")),
        ("application/json", format!("{{\"token\":{{\"id\":\"7\"}},\"secret\":\"{canary}\"}} {canary}")),
        ("application/json", format!("{{\"token\":{{\"id\":\"7\"}},\"secret\":\"{canary}\",\"secret\":\"{canary}\"}}")),
        ("application/json", format!("{{\"token\":{{\"id\":\"7\",\"id\":\"{canary}\"}},\"secret\":\"{canary}\"}}")),
        ("application/json", format!("{{\"token\":{{\"id\":\"7\"}},\"secret\":\"\\ud800{canary}\"}}")),
    ] {
        let response = typed(201, content_type, body.as_bytes());
        let failure = decode(&plan, &Operation::Create(draft()), response).expect_err(&body);
        assert_eq!((failure.kind, failure.reached), (FailureKind::Protocol, Reached::Maybe), "{body}");
        assert!(!format!("{failure} {failure:?}").contains(canary), "{failure:?}");
    }
}

#[test]
fn an_answer_about_another_token_is_none() {
    let plan = plan();
    let body = r#"{"id":"8","label":"x"}"#;
    let failure = decode(&plan, &Operation::Get(id("7")), answer(200, body)).expect_err("another token");
    assert_eq!(failure.kind, FailureKind::Protocol);
}

#[test]
fn lists_of_odd_shapes_are_read_or_refused_whole() {
    let plan = plan();
    for (body, rows) in [
        (r#"{"tokens":[]}"#, Some(0)),
        (r#"{"tokens":null}"#, Some(0)),
        (r#"{"tokens":[{"id":7}]}"#, Some(1)),
        (r#"{"next_cursor":null,"tokens":[{"id":"a"},{"id":"a"}]}"#, Some(2)),
        (r#"{"tokens":[{"id":"a","label":null,"roles":null,"created":7,"expires":"soon"}]}"#, Some(1)),
        (r#"{"tokens":[{"id":"a","roles":"reader"}]}"#, Some(1)),
        (r#"{"tokens":[{"id":"a","roles":[null,7,{"x":1},["y"],"reader"]}]}"#, Some(1)),
        (r"{}", None),
        (r"[]", None),
        (r#"{"tokens":7}"#, None),
        (r#"{"tokens":{}}"#, Some(0)),
        (r#"{"tokens":{"x":{"id":"a"},"y":{"id":"b"}}}"#, Some(2)),
        (r#"{"tokens":{"id":"a"}}"#, None),
        (r#"{"tokens":{"x":{"id":"a"},"y":7}}"#, None),
        (r#"{"tokens":[7]}"#, None),
        (r#"{"tokens":[{}]}"#, None),
        (r#"{"tokens":[{"id":null}]}"#, None),
        (r#"{"tokens":[{"id":""}]}"#, None),
        (r#"{"tokens":[{"id":".."}]}"#, None),
        (r#"{"tokens":[{"id":"a\u0000"}]}"#, None),
        (r#"{"tokens":[{"id":"a"}"#, None),
        (r#"{"tokens":[{"id":"a"}]}}"#, None),
        (r#"{"tokens":[],"tokens":[]}"#, None),
        ("\u{feff}{\"tokens\":[]}", None),
        (r#"{"tokens":[{"id":1e400}]}"#, None),
        (r#"{"tokens":[{"id":NaN}]}"#, None),
        (&format!(r#"{{"tokens":[{{"id":"a","x":{}}}]}}"#, "[".repeat(100_000)), None),
    ] {
        let page = page_of(&plan, body);
        assert_eq!(page.as_ref().ok().map(Page::len), rows, "{body:.80}");
    }
    let deep = format!(r#"{{"tokens":[{{"id":"a","x":{}{}}}]}}"#, "[".repeat(100_000), "]".repeat(100_000));
    let _ = page_of(&plan, &deep);
    let rows = (0..200_000).map(|row| format!("{{\"id\":\"{row}\"}}")).collect::<Vec<_>>().join(",");
    assert_eq!(page_of(&plan, &format!("{{\"tokens\":[{rows}]}}")).expect("lawful").len(), 200_000);
}

#[test]
fn never_and_not_reported_are_different() {
    let plan = plan();
    let body = r#"{"tokens":[{"id":"a","last_used":null},{"id":"b"},{"id":"c","last_used":"x"},
        {"id":"d","last_used":"2026-01-31T14:00:00Z"}]}"#;
    let page = page_of(&plan, body).expect("lawful");
    let used: Vec<_> = (0..4).map(|row| page.token(row).last_used).collect();
    assert_eq!(used[..3], [LastUse::Never, LastUse::NotReported, LastUse::NotReported]);
    assert!(matches!(used[3], LastUse::At(_)));
}

const SECRETIVE: &str = r#"
name = "s"
title = "S"
docs = "-"
checked = "-"
extent = "own"
auth = { style = "header", header = "X-Key", value = "{credential}" }
list = { path = "/tokens" }
[token]
id = ["/id", "/uuid", "/key/id"]
label = ["/note", "/meta/name"]
owner = ["/user/login", "/user"]
roles = { at = "/scope", split = " " }
last_used = { at = ["/used", "/meta/used"], time = "unix", never = ["0", "", "-1"] }
expires = { at = "/expires", time = "rfc3339", never = ["null", "0001-01-01T00:00:00Z"] }
state = [{ is = "revoked", at = "/revoked_at", when = ["*"] }, { is = "disabled", at = "/active", when = ["false"] }]
secrets = ["/accessToken", "/meta/refresh"]
"#;

fn secretive(row: &str) -> Token {
    let plan = Plan::check("s.toml", SECRETIVE).expect("no mistakes");
    page_of(&plan, &format!("[{row}]")).expect("lawful").token(0)
}

#[test]
fn alternatives_readers_and_states_of_other_backends() {
    use tokendeck::domain::{Expiry, State};
    let token = secretive(
        r#"{"uuid":9,"meta":{"name":"n","used":"0","refresh":"s3cr3t","zone":"eu","deep":{"password":"s3cr3t","n":1}},
        "user":{"login":"ada"},"scope":"read  write","expires":"0001-01-01T00:00:00Z","revoked_at":null,"active":false,
        "accessToken":"s3cr3t","client_secret":"s3cr3t","ips":["::1",{"secret":"s3cr3t"},7]}"#,
    );
    assert_eq!((token.id.raw(), token.label.raw()), ("9", "n"));
    assert_eq!(token.owner.name().map(Untrusted::raw), Some("ada"));
    let roles: Vec<_> = token.roles.iter().flatten().map(Untrusted::raw).collect();
    assert_eq!(roles, ["read", "write"]);
    assert_eq!((token.last_used, token.expires, token.state), (LastUse::Never, Expiry::Never, State::Disabled));
    let extra: Vec<_> = token.extra.iter().map(|(name, text)| (&**name, text.raw())).collect();
    assert_eq!(extra, [("meta.zone", "eu"), ("meta.deep.n", "1"), ("active", "false"), ("ips", "::1, 7")]);
    let token = secretive(r#"{"id":"","uuid":"u","key":{"id":"k"},"user":"bob","revoked_at":5,"used":1700000000}"#);
    assert_eq!((token.id.raw(), token.state), ("u", State::Revoked));
    assert_eq!(token.owner.name().map(Untrusted::raw), Some("bob"));
}

#[test]
fn no_bytes_are_a_panic() {
    let plan = plan();
    let all = operations();
    let lawful = r#"{"tokens":[{"id":"a","roles":["r"],"created":"2026-01-31T14:00:00Z"}],"next_cursor":"x","secret":"s","token":{"id":"4fJq0aZc91LmN"},"events":[{"action":"x"}],"status":"ok"}"#;
    let mangled =
        (any::<prop::sample::Index>(), any::<prop::sample::Index>(), any::<u8>()).prop_map(|(at, end, byte)| {
            let mut bytes = lawful.as_bytes().to_vec();
            let at = at.index(bytes.len());
            bytes[at] = byte;
            bytes.truncate(end.index(bytes.len() + 1));
            bytes
        });
    let bytes = prop_oneof![prop::collection::vec(any::<u8>(), 0..200), mangled];
    let header = "[ -~]{0,40}";
    let case = (bytes, 100_u16..600, header, header, 0..all.len());
    let mut runner = TestRunner::new(Config { cases: 4000, failure_persistence: None, ..Config::default() });
    let run = runner.run(&case, |(body, status, one, other, at)| {
        let mut response: Response = typed(status, "application/json", &body);
        for name in ["x-next-cursor", "link", "location", "retry-after", "date"] {
            let value = if name.len() % 2 == 0 { &one } else { &other };
            response.headers.push((name.into(), value.as_str().into()));
        }
        if let Ok(Reply::Listed(raw)) = decode(&plan, &all[at].1, response) {
            let _ = decode_page(&plan, &context(), &raw);
        }
        Ok(())
    });
    run.expect("no panic");
}
