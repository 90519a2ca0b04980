//! What other backends refuse, and how: kinds by what a body says, waits in every spelling; and where secrets stand.

use std::collections::BTreeMap;
use std::time::Duration;

use tokendeck::backend::{Plan, Response, Site, encode};
use tokendeck::domain::{Failure, FailureKind, Operation, Reached, Reply, Secret, Untrusted};

use super::{answer, decode, draft, id, moment, typed};

/// Returns the plan of a description with these lines at its end and for `[create]`.
fn plan(end: &str, create: &str) -> Plan {
    let text = format!(
        r#"
name = "r"
title = "R"
docs = "-"
checked = "-"
extent = "own"
auth = {{ style = "header", header = "X-Key", value = "{{credential}}" }}
token = {{ id = "/id" }}
list = {{ path = "/tokens" }}
[create]
path = "/tokens"
json = {{ label = "{{label}}" }}
{create}
[revoke]
path = "/tokens/{{id}}"
success = {{ at = "/ok", when = ["null", "true"] }}
statuses = {{ 409 = "refused" }}
[errors]
{end}
"#
    );
    Plan::check("r.toml", &text).expect("no mistakes")
}

fn refused(plan: &Plan, response: Response) -> Failure {
    decode(plan, &Operation::Revoke(id("7")), response).expect_err("a failure")
}

const RULES: &str = r#"
text = ["/errors/*/message", "/message"]
statuses = { 400 = "not_found", 403 = "forbidden" }
[[errors.rules]]
status = 403
at = "/message"
when = ["Missing or invalid*", "null"]
kind = "credential"
[[errors.rules]]
at = ["/errors/*/code", "/errors"]
when = ["E_TOKEN", "bad token*"]
kind = "credential"
[[errors.rules]]
at = ""
when = ["ACL not found*"]
kind = "credential"
[[errors.rules]]
status = 401
kind = "denied"
[[errors.rules]]
status = 409
at = "/message"
when = ["gone"]
kind = "not_found"
[[errors.rules]]
status = 200
at = "/code"
when = ["40*"]
kind = "refused"
"#;

#[test]
fn what_a_body_says_counts_before_its_status() {
    use FailureKind::{Credential, Forbidden, NotFound, Refused, Server};
    let plan = plan(RULES, "secret = \"/s\"");
    let long = format!(r#"{{"message":"Missing or invalid","x":"{}"}}"#, "x".repeat(300_000));
    for (status, body, kind) in [
        (403, r#"{"message":"Missing or invalid credentials."}"#, Credential),
        (403, r#"{"message":null}"#, Credential),
        (403, "{}", Credential),
        (403, r#"{"message":"Action is not authorized"}"#, Forbidden),
        (400, r#"{"message":"Missing or invalid"}"#, NotFound),
        (403, r#"{"message":"x","errors":[{"code":"E_OTHER"},{"code":"E_TOKEN","message":"m"}]}"#, Credential),
        (400, r#"{"errors":["x","bad token 7"]}"#, Credential),
        (500, r#"{"errors":["x"]}"#, Server),
        (401, "{}", Forbidden),
        (409, r#"{"message":"gone"}"#, NotFound),
        (409, r#"{"message":"held"}"#, Refused),
        (500, r#"{"message":"Missing or invalid"}"#, Server),
        (403, &long, Forbidden),
    ] {
        let failure = refused(&plan, answer(status, body));
        assert_eq!(failure.kind, kind, "{status} {body:.80}");
        let reached = if kind == Server { Reached::Maybe } else { Reached::No };
        assert_eq!(failure.reached, reached, "{status} {body:.80}");
    }
    for (content_type, body, kind) in [
        ("text/plain", " ACL not found\n", Credential),
        ("text/plain", "Permission denied", Forbidden),
        ("text/plain", "\u{fffd}", Forbidden),
        ("text/html", "<html>ACL not found", Forbidden),
        ("application/json", r#""ACL not found""#, Credential),
    ] {
        assert_eq!(refused(&plan, typed(403, content_type, body.as_bytes())).kind, kind, "{body}");
    }
    assert_eq!(refused(&plan, typed(403, "text/plain", b"\xff ACL not found")).kind, Forbidden);
}

#[test]
fn a_success_that_tells_of_a_failure_is_of_the_kind_that_it_tells() {
    let plan = plan(RULES, "secret = \"/s\"");
    let failure = refused(&plan, answer(200, r#"{"ok":false,"code":404,"message":"m"}"#));
    assert_eq!((failure.kind, failure.reached), (FailureKind::Refused, Reached::No));
    assert_eq!(failure.detail.as_ref().map(Untrusted::raw), Some("m"));
    let failure = refused(&plan, answer(200, r#"{"ok":false,"code":500}"#));
    assert_eq!((failure.kind, failure.reached), (FailureKind::Server, Reached::Maybe));
}

#[test]
fn words_of_several_errors_are_told_together() {
    let plan = plan(RULES, "secret = \"/s\"");
    for (body, words) in [
        (r#"{"errors":[{"message":"one"},{"x":1},{"message":"two"}],"message":"m"}"#, Some("one; two")),
        (r#"{"errors":[],"message":"m"}"#, Some("m")),
        (r#"{"errors":["text"],"message":"m"}"#, Some("m")),
        (r#"{"errors":{"a":1},"message":"m"}"#, Some("m")),
        (r#"{"errors":null}"#, None),
    ] {
        let failure = refused(&plan, answer(422, body));
        assert_eq!(failure.detail.as_ref().map(Untrusted::raw), words, "{body}");
    }
}

#[test]
fn every_way_to_ask_for_a_wait_is_understood() {
    let plan = plan("wait = { ms = \"/retry_after_ms\" }", "secret = \"/s\"");
    let seconds = |seconds| Some(Duration::from_secs(seconds));
    // The backend's clock says 12:00:00 on the 22nd of November 2026, which is 1,795,348,800 s since 1970.
    assert_eq!(moment("2026-11-22T12:00:00Z").as_second(), 1_795_348_800);
    for (headers, body, expected) in [
        (&[("retry-after", "50")][..], "{}", seconds(50)),
        (&[("retry-after", "0")], "{}", seconds(1)),
        (&[("retry-after", "Sun, 22 Nov 2026 12:01:30 GMT")], "{}", seconds(90)),
        (&[("retry-after", "Sun, 22 Nov 2026 11:00:00 GMT")], "{}", seconds(1)),
        (&[("x-retry-after", "1795348830")], "{}", seconds(30)),
        (&[("x-retry-after", "30")], "{}", seconds(30)),
        (&[("ratelimit", r#""default";r=0;t=7"#)], "{}", seconds(7)),
        (&[("ratelimit", "limit=9, remaining=0, reset=7")], "{}", seconds(7)),
        (&[("ratelimit-reset", "1795348830")], "{}", seconds(30)),
        (&[("x-ratelimit-reset", "12")], "{}", seconds(12)),
        (&[("x-rate-limit-reset", "1795348830")], "{}", seconds(30)),
        (&[("x-rate-limit-reset", "1795348000")], "{}", seconds(1)),
        // The first that can be read.
        (&[("retry-after", "5"), ("x-ratelimit-reset", "12")], r#"{"retry_after_ms":9000}"#, seconds(5)),
        (&[("retry-after", "soon"), ("x-ratelimit-reset", "12")], "{}", seconds(12)),
        (&[], r#"{"retry_after_ms":1500}"#, Some(Duration::from_millis(1500))),
        (&[], r#"{"retry_after_ms":"200"}"#, Some(Duration::from_millis(200))),
        (&[], r#"{"retry_after_ms":0}"#, seconds(1)),
        (&[], r#"{"retry_after_ms":-1}"#, None),
        (&[], r#"{"retry_after_ms":1e300}"#, seconds(366 * 24 * 3600)),
        (&[], "{}", None),
        (&[("x-ratelimit-remaining", "0")], "busy", None),
    ] {
        let mut response = answer(429, body);
        response.headers.extend(headers.iter().map(|(name, value)| ((*name).into(), (*value).into())));
        assert_eq!(refused(&plan, response).kind, FailureKind::Busy(expected), "{headers:?} {body}");
    }
    let mut response = answer(503, "{}");
    response.headers.push(("x-retry-after".into(), "1795348830".into()));
    assert_eq!(refused(&plan, response).kind, FailureKind::Busy(seconds(30)));
    let failure = refused(&plan, answer(429, r#"{"retry_after_ms":1500}"#));
    assert!(failure.summary.contains("wait 2 s"), "never too short: {}", failure.summary);
}

#[test]
fn a_secret_is_put_together_from_its_parts() {
    let body = r#"{"id":1,"key":"abc","n":7,"token":"d\u0065f","no":"","null":null,"list":["x"],"ob":{"x":"y"}}"#;
    for (secret, expected) in [
        ("/token", Some("def")),
        ("/n", Some("7")),
        ("nbt_{/key}.{/token}", Some("nbt_abc.def")),
        ("{/key}{/n}!", Some("abc7!")),
        ("x-{/ob/x}", Some("x-y")),
        ("nbt_{/key}.{/no}", None),
        ("nbt_{/key}.{/null}", None),
        ("nbt_{/key}.{/none}", None),
        ("{/list}", None),
        ("{/ob}", None),
        ("/no", None),
    ] {
        let plan = plan("", &format!("secret = \"{secret}\""));
        match (decode(&plan, &Operation::Create(draft()), answer(201, body)), expected) {
            (Ok(Reply::Issued(issued)), Some(expected)) => {
                assert_eq!(issued.secret.as_deref(), Some(&Secret::from_string(expected.to_owned())), "{secret}");
            }
            (Err(failure), None) => assert_eq!(failure.kind, FailureKind::Protocol, "{secret}"),
            (other, _) => panic!("{secret}: {other:?}"),
        }
    }
}

#[test]
fn a_service_that_cannot_be_asked_says_why() {
    let text = r#"
name = "mdca"
title = "Defender"
docs = "-"
checked = "-"
unavailable = "The service has no API for its tokens."
use_freshness = "not known"
delay = "An hour."
budget = { requests = 30, seconds = 60 }
connections = 16
"#;
    let plan = Plan::check("mdca.toml", text).expect("no mistakes");
    assert_eq!(plan.unavailable(), Some("The service has no API for its tokens."));
    assert_eq!(plan.connections(), 16);
    let capabilities = plan.capabilities();
    let budget = capabilities.budget.expect("there is one");
    assert_eq!((budget.requests, budget.seconds, capabilities.delay.as_str()), (30, 60, "An hour."));
    let site = Site::new(&plan, "https://example.org", &BTreeMap::new()).expect("a lawful URL");
    for operation in [Operation::List(None), Operation::Health, Operation::Revoke(id("7"))] {
        let failure = encode(&plan, &site, &operation).expect_err("nothing can be asked");
        assert_eq!(failure.kind, FailureKind::NotOffered);
        assert_eq!(failure.hint, "The service has no API for its tokens");
    }
    assert_eq!(super::plan().unavailable(), None);
    assert_eq!(super::plan().connections(), 8);
}
