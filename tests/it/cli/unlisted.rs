//! A service that lists nothing, as crates.io does: tokens are named by their ids, and what cannot be proved is not said.

use std::fs;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use super::program::{Ran, end, program_in, start};
use crate::backend::hostile::server::{Act, Server, json as answer};
use crate::flows::harness::Home;

/// A token that may do everything, and one that may only publish.
const ROOT: &str = "cioEXAMPLEroot";
const NARROW: &str = "cioEXAMPLEnarrow";

/// What crates.io does, by its source: `(value, id, is revoked)`.
type Held = Arc<Mutex<Vec<(&'static str, u64, bool)>>>;

fn act(held: &Held, asked: &Arc<Mutex<Vec<String>>>) -> Act {
    let (held, asked) = (Arc::clone(held), Arc::clone(asked));
    Act::Ask(Arc::new(move |request: &str| {
        let mut held = held.lock().expect("not poisoned");
        let line = request.lines().next().unwrap_or_default().trim_end_matches(" HTTP/1.1").to_owned();
        let value = request.lines().find_map(|line| line.strip_prefix("authorization: Bearer ")).unwrap_or_default();
        let who = held.iter().find(|(known, _, revoked)| *known == value && !revoked).map(|(known, ..)| *known);
        let errors = |detail: &str| json!({ "errors": [{ "detail": detail }] });
        let (status, body) = match (who, line.split_once(" /api/v1").unwrap_or_default()) {
            (None, _) => (403, errors("authentication failed")),
            (Some(NARROW), _) => {
                (403, errors("this token does not have the required permissions to perform this action"))
            }
            (Some(_), (method, path)) => {
                let id: Option<u64> = path.strip_prefix("/me/tokens/").and_then(|id| id.parse().ok());
                let row = held.iter_mut().find(|(_, own, _)| Some(*own) == id);
                match (method, row) {
                    ("GET", Some((_, id, _))) => (200, json!({ "api_token": token(*id) })),
                    ("DELETE", row) if id.is_some() => {
                        if let Some((_, _, revoked)) = row {
                            *revoked = true;
                        }
                        (200, json!({}))
                    }
                    _ => (404, errors("Not Found")),
                }
            }
        };
        asked.lock().expect("not poisoned").push(line);
        answer(status, "", &body.to_string())
    }))
}

fn token(id: u64) -> Value {
    json!({ "id": id, "name": format!("ci {id}"), "created_at": "2026-09-01T12:00:00Z", "last_used_at":
        "2026-11-22T08:00:00Z", "crate_scopes": null, "endpoint_scopes": ["yank"], "expired_at": null })
}

/// A home folder with such a context, and the server.
struct Place {
    home: Home,
    server: Server,
    held: Held,
    asked: Arc<Mutex<Vec<String>>>,
    runtime: tokio::runtime::Runtime,
}

impl Place {
    fn new() -> Self {
        let home = Home::new();
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
        let server = runtime.block_on(Server::good());
        let ca = home.path().join("ca.pem");
        fs::write(&ca, &server.ca_pem).expect("a file");
        let text = format!(
            "[contexts.crates]\nbackend = \"crates-io\"\nurl = \"{}/api/v1\"\nca_file = \"{}\"\ncredential_env = \"OPERATOR\"\n",
            server.url(),
            ca.display()
        );
        fs::create_dir_all(home.config().parent().expect("a folder")).expect("a folder");
        fs::write(home.config(), text).expect("a file");
        let held = Arc::new(Mutex::new(vec![(ROOT, 1, false), (NARROW, 2, false), ("cioEXAMPLEleaked", 7, false)]));
        Self { home, server, held, asked: Arc::default(), runtime }
    }

    fn run(&self, arguments: &[&str], input: &str) -> Ran {
        let (child, input) = (start(&mut program_in(&self.home, ROOT, arguments)), input.to_owned());
        let ended = self.runtime.spawn_blocking(move || end(child, &input));
        self.runtime.block_on(self.server.during(act(&self.held, &self.asked), ended)).expect("it ended")
    }

    fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.asked.lock().expect("not poisoned"))
    }
}

#[test]
fn what_needs_a_list_says_why_there_is_none_and_is_no_empty_list() {
    let place = Place::new();
    for arguments in [&["list"][..], &["list", "--json"], &["revoke", "--query", "label:ci", "--confirm", "1"]] {
        let ran = place.run(arguments, "");
        ran.ends(2, "crates.io has no list of tokens: crates.io lists tokens to a browser's session only");
        assert_eq!(ran.out, "", "{arguments:?}");
    }
    assert!(place.asked().iter().all(|line| line == "GET /api/v1/me/tokens/0"), "only who we are is asked");
}

#[test]
fn a_token_is_shown_by_its_id_and_its_life_is_not_known() {
    let place = Place::new();
    let ran = place.run(&["show", "7", "--json"], "");
    ran.ends(0, "");
    let shown: Value = serde_json::from_str(&ran.out).expect("JSON");
    assert_eq!(
        (&shown["label"], &shown["status"], &shown["use_reported"]),
        (&json!("ci 7"), &json!("unknown"), &json!(false))
    );
    assert_eq!(shown["extra"]["last_used_at"], "2026-11-22T08:00:00Z");
    place.run(&["show", "8"], "").ends(5, "no such thing");
}

#[test]
fn a_token_is_revoked_by_its_id_and_dead_by_its_value_only() {
    let place = Place::new();
    place.run(&["revoke", "7"], "").ends(6, "--confirm \"ci 7\"");
    place.run(&["verify"], "cioEXAMPLEleaked").ends(0, "");
    place.asked();
    let ran = place.run(&["revoke", "7", "--confirm", "ci 7"], "");
    ran.ends(5, "");
    assert!(ran.out.starts_with("7  revoked, not verified: a revoked token is shown like a living one"), "{}", ran.out);
    let asked: Vec<String> = place.asked().into_iter().filter(|line| !line.ends_with("/me/tokens/0")).collect();
    let read = "GET /api/v1/me/tokens/7";
    assert_eq!(asked, [read, read, "DELETE /api/v1/me/tokens/7"], "read, compared, ended, and not asked in vain");
    // It is there as before: the second time looks like the first.
    let ran = place.run(&["revoke", "7", "--confirm", "ci 7", "--json"], "");
    ran.ends(5, "");
    assert_eq!((&ran.lines()[0]["outcome"], &ran.lines()[0]["verified"]), (&json!("revoked"), &json!(false)));
    place.run(&["verify"], "cioEXAMPLEleaked").ends(3, "");
    place.run(&["revoke", "9", "--confirm", "ci 9"], "").ends(5, "");
}

#[test]
fn a_credential_is_told_from_a_dead_one_though_nobody_says_whose_it_is() {
    let place = Place::new();
    for (value, code, said) in [(ROOT, 0, "alive"), (NARROW, 0, "alive"), ("cioEXAMPLEother", 3, "dead")] {
        let ran = place.run(&["verify"], value);
        ran.ends(code, "");
        assert!(ran.out.starts_with(said), "{value}: {}", ran.out);
    }
    let ran = place.run(&["verify", "--json"], NARROW);
    assert_eq!(ran.lines()[0], json!({ "state": "alive", "name": null, "token": null, "reason": null }));
    let ran = place.run(&["whoami"], "");
    ran.ends(0, "");
    assert_eq!(ran.out, "crates: it is taken; whose it is, the backend does not say  from the environment\n");
}
