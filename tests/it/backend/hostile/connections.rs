//! Connections that must not stand, and requests that must not leave.

use std::net::TcpListener;
use std::process::Command;
use std::sync::Arc;

use tokendeck::backend::https::{Client, ClientOptions, certificates};
use tokendeck::backend::{Keys, Transport, encode};
use tokendeck::domain::{Access, FailureKind, Operation, Origin, Reached, Secret};

use super::server::{Act, Log, Paper, Server, json};
use super::{CANARY, ask_of, assert_clean, client, keys, limits, patient, send};
use crate::backend::{draft, id, operations, plan, site};

fn idle() -> Act {
    Act::Say(json(200, "", "{}"))
}

/// Certificates that prove nothing, and what is said of each.
const NO_PROOF: [(Paper, &str); 7] = [
    (Paper::OtherAuthority, "signed by nobody that is trusted"),
    (Paper::SelfSigned, "signed by nobody that is trusted"),
    (Paper::Expired, "has expired at 2001-01-01T00:00:00Z"),
    (Paper::NotYet, "is not valid yet"),
    (Paper::OtherName, "is for another name"),
    (Paper::NoName, "is for another name"),
    (Paper::ForClients, "is not made for servers"),
];

#[tokio::test]
async fn without_proof_of_who_it_is_no_server_hears_a_byte() {
    for (paper, words) in NO_PROOF {
        let server = Server::with(paper).await;
        let failure = ask_of(&server, idle(), &Operation::Revoke(id("7")), patient()).await.expect_err("no proof");
        assert_eq!((failure.kind, failure.reached), (FailureKind::Tls, Reached::No), "{paper:?}: {failure:?}");
        assert!(failure.summary.contains(words), "{paper:?}: {}", failure.summary);
        assert_clean(&failure);
        assert_eq!((server.log.heard(), Log::count(&server.log.requests)), (String::new(), 0), "{paper:?}");
    }
}

#[tokio::test]
async fn the_certificates_of_a_backend_are_shown_where_they_prove_who_it_is_and_nowhere_else() {
    let shown = async |server: &Server, act: Act| {
        let ca_pem = Some(server.ca_pem.clone());
        let options = ClientOptions { ca_pem, limits: patient(), ..ClientOptions::new(server.origin()) };
        let address = ([127, 0, 0, 1], server.port()).into();
        let ask = tokio::task::spawn_blocking(move || certificates(&options, address));
        server.during(act, ask).await.expect("no panic")
    };
    for (paper, words) in NO_PROOF {
        let failure = shown(&Server::with(paper).await, idle()).await.expect_err("no proof");
        assert_eq!(failure.kind, FailureKind::Tls, "{paper:?}: {failure:?}");
        assert!(failure.summary.contains(words), "{paper:?}: {}", failure.summary);
        assert_clean(&failure);
    }
    let server = Server::good().await;
    let [own] = &shown(&server, idle()).await.expect("trusted")[..] else { panic!("one was given") };
    assert_eq!((own.subject.raw(), own.issuer.raw()), ("CN=localhost", "CN=the authority"));
    assert_eq!(own.ends.to_string(), "4096-01-01T00:00:00Z");
    assert_eq!((server.log.heard(), Log::count(&server.log.requests)), (String::new(), 0), "nothing is asked");
    let failure = shown(&Server::plain().await, Act::Cut(b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec())).await;
    assert!(failure.is_err());
}

#[tokio::test]
async fn a_connection_that_carried_a_secret_carries_nothing_after_it() {
    let server = Server::good().await;
    let (client, url) = (client(&server, patient()), server.url());
    let made = || Operation::Create(draft());
    let seen = server.during(idle(), async {
        let mut seen = Vec::new();
        for operation in [
            Operation::Whoami,
            Operation::Whoami,
            made(),
            Operation::Whoami,
            Operation::Rotate(id("7")),
            Operation::Whoami,
        ] {
            send(&client, &url, &operation).await.expect("an answer");
            seen.push(Log::count(&server.log.connections));
        }
        seen
    });
    assert_eq!(seen.await, [1, 1, 1, 2, 2, 3]);
}

#[tokio::test]
async fn the_platforms_certificates_do_not_vouch_for_a_private_authority() {
    let server = Server::good().await;
    let client = Client::new(ClientOptions { limits: patient(), ..ClientOptions::new(server.origin()) });
    let url = server.url();
    let failure = server.during(idle(), send(&client, &url, &Operation::Whoami)).await.expect_err("unknown");
    assert_eq!(failure.kind, FailureKind::Tls, "{failure:?}");
    assert!(failure.hint.contains("ca_file"), "{}", failure.hint);
    assert_eq!(server.log.heard(), "");
}

#[tokio::test]
async fn a_ca_file_that_is_none_is_said_before_anything_is_opened() {
    let server = Server::good().await;
    let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    for pem in ["", "nonsense", broken] {
        let ca_pem = Some(pem.as_bytes().to_vec());
        let client = Client::new(ClientOptions { ca_pem, ..ClientOptions::new(server.origin()) });
        let url = server.url();
        let failure = server.during(idle(), send(&client, &url, &Operation::Whoami)).await.expect_err("no CA");
        assert_eq!(failure.kind, FailureKind::Tls, "{failure:?}");
        assert!(failure.summary.contains("ca_file"), "{}", failure.summary);
    }
    assert_eq!(Log::count(&server.log.connections), 0);
}

#[tokio::test]
async fn a_port_without_tls_hears_no_request() {
    let server = Server::plain().await;
    let failure = ask_of(&server, Act::Cut(b"HTTP/1.1 400 Bad\r\n\r\n".to_vec()), &Operation::Whoami, limits()).await;
    let failure = failure.expect_err("no TLS");
    assert!(matches!(failure.kind, FailureKind::Tls | FailureKind::TimedOut), "{failure:?}");
    assert_clean(&failure);
    assert!(!server.log.heard().contains("c4n4ry"));
}

#[tokio::test]
async fn no_route_no_name_and_no_listener_are_told_apart() {
    let closed = {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        listener.local_addr().expect("an address").port()
    };
    for (url, words) in [
        (format!("https://127.0.0.1:{closed}"), "refuses the connection"),
        ("https://no-such-host.invalid".to_owned(), "has no address"),
    ] {
        let client = Client::new(ClientOptions { limits: patient(), ..ClientOptions::new(Origin::new(&url)) });
        let failure = send(&client, &url, &Operation::Revoke(id("7"))).await.expect_err("nobody there");
        assert_eq!((failure.kind, failure.reached), (FailureKind::Offline, Reached::No), "{failure:?}");
        assert!(failure.summary.contains(words), "{}", failure.summary);
        assert_clean(&failure);
    }
}

#[tokio::test]
async fn a_read_only_context_sends_nothing_that_changes() {
    let plan = plan();
    let server = Server::good().await;
    let client = client(&server, patient());
    let site = site(&plan, &server.url());
    let asking = async {
        for (name, operation) in operations() {
            let request = encode(&plan, &site, &operation).expect("offered");
            let result = client.send(request, keys(), Access::ReadOnly).await;
            if operation.changes() {
                let failure = result.expect_err(name);
                assert_eq!((failure.kind, failure.reached), (FailureKind::ReadOnly, Reached::No), "{name}");
            } else {
                result.expect(name);
            }
        }
    };
    server.during(idle(), asking).await;
    let heard = server.log.heard();
    assert!(["POST", "PATCH", "DELETE", "PUT"].iter().all(|method| !heard.contains(method)), "{heard}");
}

#[tokio::test]
async fn a_request_that_left_its_template_or_origin_is_not_sent() {
    let plan = plan();
    let server = Server::good().await;
    let client = client(&server, patient());
    let site = site(&plan, &server.url());
    let lawful = encode(&plan, &site, &Operation::Revoke(id("7"))).expect("offered");
    let mut bent = Vec::new();
    for path in [
        "/v1/tokens/..",
        "/v1/tokens/%2E%2E",
        "/v1/tokens/%2e",
        "/v1/./tokens/7",
        "/v1/tokens/\t7",
        "/v1/tokens/7?x",
        "v1",
        "/v1/tokens/7#x",
        "/v1\\tokens",
        "/v1/tokens/\u{e9}",
        "@elsewhere.example/",
        ":1/x",
        "/v1/tokens/7 ",
    ] {
        bent.push(tokendeck::backend::Request { path: path.to_owned(), ..lawful.clone() });
    }
    for query in ["x=\u{e9}", "x#y", "x y", "x\ny"] {
        bent.push(tokendeck::backend::Request { query: Some(query.to_owned()), ..lawful.clone() });
    }
    for origin in [
        "https://elsewhere.example",
        "http://localhost",
        "https://localhost",
        &format!("{}.", server.url()),
        &format!("https://localhost.evil.example:{}", server.port()),
        &format!("https://a@localhost:{}", server.port()),
        &format!("https://127.0.0.1:{}", server.port()),
        &format!("https://LOCALHOST:{}", server.port()),
    ] {
        bent.push(tokendeck::backend::Request { origin: Origin::new(origin), ..lawful.clone() });
    }
    for value in ["a\r\nb: c", "a\0", "\u{7f}"] {
        let headers = vec![("if-match".into(), value.to_owned())];
        bent.push(tokendeck::backend::Request { headers, ..lawful.clone() });
    }
    for request in bent {
        let shown = format!("{request:?}");
        let result = server.during(idle(), client.send(request, keys(), Access::Write)).await;
        let failure = result.expect_err(&shown);
        assert_eq!((failure.kind, failure.reached), (FailureKind::Refused, Reached::No), "{shown}");
    }
    assert_eq!(Log::count(&server.log.connections), 0);
}

#[tokio::test]
async fn no_credential_or_a_spoilt_one_is_said_and_not_sent() {
    let plan = plan();
    let server = Server::good().await;
    let client = client(&server, patient());
    let site = site(&plan, &server.url());
    for text in ["", "a b", "a\n", "a\r\nX: y", "ü", "\u{200b}tdk"] {
        let request = encode(&plan, &site, &Operation::Create(draft())).expect("offered");
        let secret = Arc::new(Secret::new(text.into()));
        let result = server
            .during(idle(), client.send(request, Keys { credential: Some(secret), ..Keys::default() }, Access::Write))
            .await;
        assert_eq!(result.expect_err(text).kind, FailureKind::Credential, "{text:?}");
    }
    let request = encode(&plan, &site, &Operation::Whoami).expect("offered");
    let result = server.during(idle(), client.send(request, Keys::default(), Access::Write)).await;
    assert_eq!(result.expect_err("none").kind, FailureKind::Credential);
    let request = encode(&plan, &site, &Operation::Health).expect("offered");
    server.during(idle(), client.send(request, keys(), Access::Write)).await.expect("needs none");
    assert!(!server.log.heard().contains(CANARY), "health takes no credential along");
}

/// Run by the test below in a process of its own, whose environment names a proxy for everything.
#[tokio::test]
async fn proxied_a_direct_request_arrives() {
    let server = Server::good().await;
    ask_of(&server, idle(), &Operation::Whoami, patient()).await.expect("an answer");
}

#[test]
fn the_environment_names_no_proxy() {
    let proxy = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("http://{}", proxy.local_addr().expect("an address"));
    let mut child = Command::new(std::env::current_exe().expect("this test"));
    child.args(["--exact", "backend::hostile::connections::proxied_a_direct_request_arrives"]);
    for name in ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"] {
        child.env(name, &url);
    }
    child.env_remove("NO_PROXY").env_remove("no_proxy");
    let output = child.output().expect("it runs");
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success() && told.contains("1 passed"), "{told}");
    proxy.set_nonblocking(true).expect("a socket");
    assert!(proxy.accept().is_err(), "somebody came to the proxy");
}
