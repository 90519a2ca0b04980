//! Hostile answers over a connection that stands.

use std::time::{Duration, Instant};

use tokendeck::backend::decode_page;
use tokendeck::domain::{Advance, Cursor, FailureKind, Operation, Partial, Place, Progress, Reached, Reply};

use super::server::{Act, Log, Server, json};
use super::{CANARY, ask, ask_of, assert_clean, client, limits, patient, send};
use crate::backend::{context, decode, id, plan};

#[tokio::test]
async fn a_lawful_answer_is_taken_and_the_request_is_what_was_meant() {
    let body = r#"{"tokens":[],"next_cursor":null}"#;
    let headers = "Date: Sun, 22 Nov 2026 12:00:00 GMT\r\nX-Other: x\r\nX-Next-Cursor: c2s\r\n";
    let (result, server) = ask(Act::Say(json(200, headers, body)), &Operation::List(None), patient()).await;
    let response = result.expect("an answer");
    assert_eq!((response.status, &response.body[..]), (200, body.as_bytes()));
    assert_eq!(response.header("x-next-cursor"), Some("c2s"));
    assert_eq!(response.header("x-other"), None);
    assert_eq!(response.date.map(|date| date.to_string()).as_deref(), Some("2026-11-22T12:00:00Z"));
    assert_eq!(response.tls.as_deref(), Some("TLS 1.3"));
    let heard = server.log.heard();
    let mut lines: Vec<_> = heard.trim_end().lines().collect();
    lines[1..].sort_unstable();
    let host = format!("host: localhost:{}", server.port());
    let bearer = format!("authorization: Bearer {CANARY}");
    let agent = concat!("user-agent: tokendeck/", env!("CARGO_PKG_VERSION"));
    let expected = [
        "GET /v1/tokens?limit=1000 HTTP/1.1",
        "accept-encoding: identity",
        "accept: application/json",
        &bearer,
        &host,
        agent,
    ];
    assert_eq!(lines, expected);
}

#[tokio::test]
async fn one_connection_carries_many_requests() {
    let server = Server::good().await;
    let client = client(&server, patient());
    let asking = async {
        for _ in 0..5 {
            send(&client, &server.url(), &Operation::Whoami).await.expect("an answer");
        }
    };
    server.during(Act::Say(json(200, "", "{}")), asking).await;
    assert_eq!((Log::count(&server.log.requests), Log::count(&server.log.connections)), (5, 1));
}

#[tokio::test]
async fn a_body_without_end_is_read_to_the_cap_and_no_further() {
    let chunk = format!("{:x}\r\n{}\r\n", 1 << 16, " ".repeat(1 << 16)).into_bytes();
    let head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
    for (operation, cap) in [(Operation::List(None), 4 << 20), (Operation::Whoami, 1 << 20)] {
        let (result, server) = ask(Act::Endless(head.clone(), chunk.clone()), &operation, patient()).await;
        let failure = result.expect_err("too large");
        assert_eq!(failure.kind, FailureKind::Protocol, "{failure:?}");
        assert_clean(&failure);
        // What was said but not read sits in the buffers of the system.
        let said = Log::count(&server.log.said);
        assert!(said >= cap && said < cap + (16 << 20), "{said}");
    }
}

#[tokio::test]
async fn a_body_said_to_be_a_gibibyte_is_not_begun() {
    let head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1073741824\r\n\r\n".to_vec();
    let endless = Act::Endless(head, vec![b' '; 1 << 16]);
    let (result, server) = ask(endless, &Operation::Revoke(id("7")), patient()).await;
    let failure = result.expect_err("too large");
    assert_eq!((failure.kind, failure.reached), (FailureKind::Protocol, Reached::Maybe));
    assert!(Log::count(&server.log.said) < 16 << 20);
}

#[tokio::test]
async fn a_compressed_answer_is_refused_and_never_expanded() {
    for coding in ["gzip", "br", "zstd", "deflate", "gzip, gzip"] {
        let head = format!("Content-Encoding: {coding}\r\n");
        let bomb = json(200, &head, "\u{1f}\u{8b}\u{8}\u{0}aaaaaaaaaaaaaaaaaaaaaaaa");
        let (result, _) = ask(Act::Say(bomb), &Operation::List(None), patient()).await;
        let failure = result.expect_err("compressed");
        assert_eq!(failure.kind, FailureKind::Protocol, "{coding}");
        assert!(failure.summary.contains("compressed"));
    }
}

#[tokio::test]
async fn no_redirect_is_followed_and_no_second_server_hears_of_it() {
    let plan = plan();
    let revoke = Operation::Revoke(id("7"));
    for status in [301, 302, 303, 307, 308] {
        let (server, second, open) = (Server::good().await, Server::good().await, Server::plain().await);
        let (tls_port, open_port) = (second.port(), open.port());
        for (target, named) in [
            (format!("https://localhost:{tls_port}/v1/tokens"), format!("https://localhost:{tls_port}")),
            (format!("https://127.0.0.1:{tls_port}/?x=1"), format!("https://127.0.0.1:{tls_port}")),
            (format!("http://localhost:{open_port}/v1/tokens"), format!("http://localhost:{open_port}")),
            (format!("https://user:pw@localhost:{tls_port}/"), format!("https://localhost:{tls_port}")),
            (format!("//localhost:{tls_port}/"), "another path".to_owned()),
            ("/v1/tokens".to_owned(), "another path".to_owned()),
            ("..".to_owned(), "another path".to_owned()),
            (server.url(), server.url()),
            ("file:///etc/passwd".to_owned(), "a file: address".to_owned()),
            ("javascript:alert(1)".to_owned(), "a javascript: address".to_owned()),
            ("https://ex\u{202e}ample.org/".to_owned(), String::new()),
            (String::new(), "another path".to_owned()),
        ] {
            let say = Act::Say(json(status, &format!("Location: {target}\r\n"), "{}"));
            let asked = ask_of(&server, say, &revoke, patient());
            let idle = Act::Say(json(200, "", "{}"));
            let response = Box::pin(second.during(idle.clone(), open.during(idle, asked))).await.expect("an answer");
            let failure = decode(&plan, &Operation::Revoke(id("7")), response).expect_err("a redirect");
            let reached = if matches!(status, 302 | 303) { Reached::Maybe } else { Reached::No };
            assert_eq!((failure.kind, failure.reached), (FailureKind::Protocol, reached), "{status} {target}");
            assert!(failure.summary.contains(&named), "{target}: {}", failure.summary);
            assert!(!failure.summary.contains("pw") && !failure.summary.contains("x=1"), "{}", failure.summary);
            assert_clean(&failure);
        }
        for other in [&second, &open] {
            assert_eq!((Log::count(&other.log.connections), other.log.heard()), (0, String::new()));
        }
    }
}

/// Everything that has ever moved a terminal: controls, sequences, and marks of direction.
const TERMINAL: &str = "\\u001b[2J\\u001b]0;t\\u0007\\u009b31m\\r\\n\\u0000\\u202e\\u2066\\u200b\\ufeff\\udb40\\udc41x";

#[tokio::test]
async fn what_moves_a_terminal_comes_out_escaped_in_every_field() {
    let plan = plan();
    let t = TERMINAL;
    let row = format!(
        r#"{{"id":"7","label":"{t}","owner":"{t}","creator":"{t}","roles":["{t}"],"masked":"{t}","status":"{t}",
        "created":"{t}","parent":null,"version":"{t}","description":"{t}","{t}":"{t}"}}"#
    );
    let shown_of = |reply: &Reply| format!("{reply:?}");
    let list = format!(r#"{{"tokens":[{row}],"next_cursor":"{t}"}}"#);
    let (result, _) = ask(Act::Say(json(200, "", &list)), &Operation::List(None), patient()).await;
    let reply = decode(&plan, &Operation::List(None), result.expect("an answer")).expect("a page");
    let Reply::Listed(raw) = &reply else { unreachable!("a list: {reply:?}") };
    let listed = format!("{:?}", decode_page(&plan, &context(), raw).expect("lawful").token(0));
    let get = Operation::Get(id("7"));
    let (result, _) = ask(Act::Say(json(200, "", &row)), &get, patient()).await;
    let got = shown_of(&decode(&plan, &get, result.expect("an answer")).expect("a token"));
    let events =
        format!(r#"{{"events":[{{"at":"{t}","actor":"{t}","action":"{t}","label":"{t}"}}],"next_cursor":null}}"#);
    let (result, _) = ask(Act::Say(json(200, "", &events)), &Operation::Events(None), patient()).await;
    let told = shown_of(&decode(&plan, &Operation::Events(None), result.expect("an answer")).expect("events"));
    let (result, _) = ask(Act::Say(json(400, "", &format!(r#"{{"detail":"{t}"}}"#))), &get, patient()).await;
    let failure = decode(&plan, &get, result.expect("an answer")).expect_err("400");
    assert_clean(&failure);
    for shown in [listed, got, told, failure.to_string()] {
        let hidden = |c: char| c.is_control() || "\u{202e}\u{2066}\u{200b}\u{feff}\u{e0041}".contains(c);
        assert!(!shown.contains(hidden), "{shown:?}");
        assert!(shown.contains("\\u{1b}[2J") && shown.contains("\\u{202e}"), "{shown}");
    }
}

/// Reads a list to its end from a server that answers with these cursors in turn.
async fn read_list(pages: fn(usize) -> Vec<u8>) -> (usize, Result<(), Partial>) {
    let plan = plan();
    let server = Server::good().await;
    let client = client(&server, patient());
    let reading = async {
        let (mut progress, mut seen, mut cursor) = (Progress::new(50), std::collections::HashSet::new(), None);
        loop {
            let operation = Operation::List(cursor.take());
            let response = send(&client, &server.url(), &operation).await.expect("an answer");
            let Ok(Reply::Listed(raw)) = decode(&plan, &operation, response) else { unreachable!("a list") };
            let page = decode_page(&plan, &context(), &raw).expect("lawful");
            let new = (0..page.len()).filter(|row| seen.insert(page.token(*row).id)).count();
            let place = if raw.next.is_some() { Place::MoreFollow } else { Place::Last };
            if let Some(partial) = progress.decoded(page.len(), new, place) {
                return Err(partial);
            }
            match progress.advance(raw.next.as_ref()) {
                Advance::Continue(next) => cursor = Some(next),
                Advance::End => return Ok(()),
                Advance::Partial(partial) => return Err(partial),
            }
        }
    };
    let result = server.during(Act::Turn(pages), reading).await;
    (Log::count(&server.log.requests), result)
}

fn page(id: usize, next: &str) -> Vec<u8> {
    json(200, "", &format!(r#"{{"tokens":[{{"id":"{id}"}}],"next_cursor":"{next}"}}"#))
}

#[tokio::test]
async fn lists_that_lead_in_circles_end_and_are_called_partial() {
    let same: fn(usize) -> Vec<u8> = |turn| page(turn, "a");
    let pair: fn(usize) -> Vec<u8> = |turn| page(turn, ["a", "b"][turn % 2]);
    let seven: fn(usize) -> Vec<u8> = |turn| page(turn, &(turn % 7).to_string());
    let fresh: fn(usize) -> Vec<u8> = |turn| page(turn, &turn.to_string());
    let stale: fn(usize) -> Vec<u8> = |turn| page(0, &turn.to_string());
    let empty: fn(usize) -> Vec<u8> = |turn| json(200, "", &format!(r#"{{"tokens":[],"next_cursor":"{turn}"}}"#));
    let whole: fn(usize) -> Vec<u8> = |turn| page(turn, ["a", "b", ""][turn.min(2)]);
    for (pages, requests, end) in [
        (same, 2, Err(Partial::Circle)),
        (pair, 3, Err(Partial::Circle)),
        (seven, 8, Err(Partial::Circle)),
        (fresh, 50, Err(Partial::TooManyPages(50))),
        (stale, 2, Err(Partial::NothingNew)),
        (empty, 2, Err(Partial::NothingNew)),
        (whole, 3, Ok(())),
    ] {
        assert_eq!(read_list(pages).await, (requests, end));
    }
}

#[tokio::test]
async fn every_form_of_retry_after_is_obeyed_or_said_not_to_be_known() {
    let plan = plan();
    for (headers, wait) in [
        ("", None),
        ("Retry-After: 7\r\n", Some(7)),
        // "Now" from somebody who is busy is a second from now.
        ("Retry-After: 0\r\n", Some(1)),
        ("Retry-After: -1\r\n", None),
        ("Retry-After: 1e18\r\n", None),
        ("Retry-After: 1000000000000000000\r\n", Some(366 * 86_400)),
        ("Retry-After: tomorrow\r\n", None),
        ("Retry-After: \u{202e}7\r\n", None),
        ("Date: Sun, 22 Nov 2026 12:00:00 GMT\r\nRetry-After: Sun, 22 Nov 2026 12:00:30 GMT\r\n", Some(30)),
        ("Date: Sun, 22 Nov 2026 12:00:00 GMT\r\nRetry-After: Sun, 22 Nov 2020 12:00:30 GMT\r\n", Some(1)),
        ("Retry-After: Sun, 22 Nov 2026 12:00:30 GMT\r\n", None),
        ("Date: Sun, 22 Nov 2026 12:00:00 GMT\r\nX-Retry-After: 1795348830\r\n", Some(30)),
        ("RateLimit: \"day\";r=0;t=7\r\n", Some(7)),
        ("RateLimit-Reset: 7\r\n", Some(7)),
        ("X-RateLimit-Reset: 7\r\n", Some(7)),
        ("X-Rate-Limit-Reset: 7\r\n", Some(7)),
        ("X-Rate-Limit-Reset: 99999999999999999999\r\n", None),
    ] {
        let (result, _) = ask(Act::Say(json(429, headers, "{}")), &Operation::List(None), patient()).await;
        let failure = decode(&plan, &Operation::List(None), result.expect("an answer")).expect_err("429");
        assert_eq!(failure.kind, FailureKind::Busy(wait.map(Duration::from_secs)), "{headers:?}");
        assert_clean(&failure);
    }
}

#[tokio::test]
async fn silence_and_drips_end_within_their_limits() {
    let head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n".to_vec();
    let flood = (b"".to_vec(), b"HTTP/1.1 100 Continue\r\n\r\n".to_vec());
    for (name, act) in [
        ("no byte", Act::Hang),
        ("drip of a body", Act::Drip(head)),
        ("drip of a head", Act::Drip(b"HTTP/1.1 200 OK\r\nX:".to_vec())),
        ("flood of heads", Act::Endless(flood.0, flood.1)),
    ] {
        for (operation, reached) in [(Operation::List(None), Reached::No), (Operation::Revoke(id("7")), Reached::Maybe)]
        {
            let started = Instant::now();
            let (result, _) = ask(act.clone(), &operation, limits()).await;
            let failure = result.expect_err("no whole answer");
            assert!(started.elapsed() < limits().total + Duration::from_secs(1), "{name}: {:?}", started.elapsed());
            assert_eq!((failure.kind, failure.reached), (FailureKind::TimedOut, reached), "{name}: {failure:?}");
            assert_clean(&failure);
        }
    }
}

#[tokio::test]
async fn an_answer_cut_off_is_none() {
    let whole =
        String::from_utf8(json(200, "", r#"{"id":"7","already_revoked":false,"also_revoked":[]}"#)).expect("text");
    for end in [0, 1, 12, 40, whole.len() / 2, whole.len() - 1] {
        let act = Act::Cut(whole.as_bytes()[..end].to_vec());
        let (result, server) = ask(act, &Operation::Revoke(id("7")), patient()).await;
        let failure = result.expect_err("cut off");
        assert_eq!(failure.reached, Reached::Maybe, "{end}: {failure:?}");
        assert_eq!(Log::count(&server.log.requests), 1, "never sent again by itself: {end}");
        assert_clean(&failure);
    }
}

#[tokio::test]
async fn what_is_not_the_backend_is_never_a_success() {
    let plan = plan();
    let revoke = Operation::Revoke(id("7"));
    for act in [
        Act::Say(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\n<html>".to_vec()),
        Act::Say(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<html>".to_vec()),
        Act::Say(json(200, "", "{")),
        Act::Say(json(200, "", "")),
        Act::Say(json(200, "", "\"tdk_a_c4n4ry\"")),
        Act::Cut(b"SSH-2.0-OpenSSH_9.2\r\n".to_vec()),
        Act::Cut(b"\x15\x03\x01\x00\x02\x02\x28".to_vec()),
        Act::Cut([b"HTTP/1.1 200 OK\r\n".to_vec(), b"X: y\r\n".repeat(500), b"\r\n".to_vec()].concat()),
    ] {
        let (result, _) = ask(act, &revoke, patient()).await;
        let failure = result.and_then(|response| decode(&plan, &revoke, response)).expect_err("not the backend");
        assert_eq!((failure.kind, failure.reached), (FailureKind::Protocol, Reached::Maybe), "{failure:?}");
        assert_clean(&failure);
    }
}

#[tokio::test]
async fn a_credential_repeated_by_an_error_is_starred() {
    let plan = plan();
    let say = json(400, "", &format!(r#"{{"detail":"bad header: Bearer {CANARY}"}}"#));
    let (result, _) = ask(Act::Say(say), &Operation::Whoami, patient()).await;
    let failure = decode(&plan, &Operation::Whoami, result.expect("an answer")).expect_err("400");
    assert_clean(&failure);
    let stars = "*".repeat(CANARY.len());
    assert_eq!(failure.detail.map(|detail| detail.raw().to_owned()), Some(format!("bad header: Bearer {stars}")));
}

#[tokio::test]
async fn a_cursor_goes_back_as_it_came_and_nowhere_else() {
    let server = Server::good().await;
    let client = client(&server, patient());
    let cursor = Cursor::new("/../x?y#z&limit=9 \u{202e}%2e").expect("not empty");
    let (url, operation) = (server.url(), Operation::List(Some(cursor)));
    let asking = send(&client, &url, &operation);
    server.during(Act::Say(json(200, "", "{}")), asking).await.expect("an answer");
    let heard = server.log.heard();
    let line = heard.lines().next().expect("a request line");
    assert_eq!(line, "GET /v1/tokens?cursor=%2F%2E%2E%2Fx%3Fy%23z%26limit%3D9%20%E2%80%AE%252e&limit=1000 HTTP/1.1");
}
