//! A backend that changes its mind between two questions, and one that forbids.

use super::program::{Ran, end, program, start};
use crate::backend::hostile::server::{Act, Server, json};
use crate::flows::harness::Site;
use std::fs;

/// A backend that reads single tokens, lists and revokes them, and does not say whose the credential is.
const DESCRIPTION: &str = r#"
name = "fake"
title = "Fake"
docs = "https://fake.example/docs"
checked = "2026-11-22"
extent = "own"

[auth]
style = "header"
header = "Authorization"
value = "Bearer {credential}"

[token]
id = "/id"
label = "/label"
created = { at = "/created", time = "rfc3339" }

[list]
path = "/tokens"
items = "/tokens"

[get]
path = "/tokens/{id}"

[identify]
path = "/identify"
json = { value = "{secret}" }

[revoke]
path = "/tokens/{id}"
"#;

/// Runs a command on a backend of which each answer is told by its number.
fn on(answers: fn(usize) -> Vec<u8>, arguments: &[&str], input: &str) -> (Ran, String) {
    let site = Site::new();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let server = Server::good().await;
        let ca = site.home.path().join("fake.pem");
        fs::write(&ca, &server.ca_pem).expect("a file");
        let backends = site.home.config().with_file_name("backends");
        fs::create_dir_all(&backends).expect("a folder");
        fs::write(backends.join("fake.toml"), DESCRIPTION).expect("a file");
        let (url, ca) = (server.url(), ca.display());
        let context = format!("[contexts.fake]\nbackend = \"fake\"\nurl = \"{url}\"\nca_file = \"{ca}\"\n");
        fs::write(site.home.config(), format!("{context}credential_env = \"OPERATOR\"\n")).expect("a configuration");
        let (child, input) = (start(&mut program(&site, arguments)), input.to_owned());
        let ended = tokio::task::spawn_blocking(move || end(child, &input));
        let ran = server.during(Act::Turn(answers), ended).await.expect("it ended");
        (ran, server.log.heard())
    })
}

fn token(label: &str) -> Vec<u8> {
    json(200, "", &format!(r#"{{"id":"t1","label":"{label}","created":"2026-01-01T00:00:00Z"}}"#))
}

const REVOKE: [&str; 5] = ["revoke", "t1", "--confirm", "ci", "--json"];

#[test]
fn a_token_that_changed_after_it_was_confirmed_is_left_alone() {
    let (ran, heard) = on(|turn| token(if turn == 0 { "ci" } else { "prod" }), &REVOKE, "");
    ran.ends(7, "");
    assert_eq!(ran.lines()[0]["outcome"], "changed");
    assert!(!heard.contains("DELETE"), "{heard}");
}

#[test]
fn a_right_that_is_missing_has_an_exit_code_of_its_own() {
    let answers = |turn| if turn < 2 { token("ci") } else { json(403, "", "{}") };
    let (ran, heard) = on(answers, &REVOKE, "");
    ran.ends(4, "");
    assert_eq!(ran.lines()[0]["outcome"], "failed");
    assert_eq!(heard.matches("DELETE").count(), 1);
}

#[test]
fn a_credential_that_dies_meanwhile_calls_the_rest_off() {
    let answers = |turn| if turn < 2 { token("ci") } else { json(401, "", "{}") };
    let (ran, heard) = on(answers, &REVOKE, "");
    ran.ends(3, "paused");
    let line = &ran.lines()[0];
    assert!(line["reason"].as_str().expect("a reason").starts_with("not sent: "), "{line}");
    assert_eq!(heard.matches("DELETE").count(), 1, "it is refused whole, and not sent again");
}

#[test]
fn a_token_that_goes_on_living_is_not_called_dead() {
    let answers = |turn| if turn == 2 { json(204, "", "") } else { token("ci") };
    let (ran, _) = on(answers, &REVOKE, "");
    ran.ends(5, "");
    assert_eq!((&ran.lines()[0]["outcome"], &ran.lines()[0]["verified"]), (&"unverified".into(), &false.into()));
}

#[test]
fn a_value_is_found_where_the_backend_says_whose_it_is() {
    let (ran, heard) = on(|_| token("ci"), &["identify", "--send", "--json"], "s3cret-value");
    ran.ends(0, "");
    assert_eq!(ran.lines()[0]["id"], "t1");
    assert_eq!(heard.matches("s3cret-value").count(), 1);
    assert!(!ran.out.contains("s3cret") && !ran.err.contains("s3cret"));
}
