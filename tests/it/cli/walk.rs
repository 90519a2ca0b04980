//! The walk of `assets/backends/README.md`: what stands on that page works, word for word.

use std::fs;

use serde_json::{Value, json};

use super::lockbox::{Lockbox, READER, ROOT};
use super::program::{Ran, end, program_in, start};
use crate::backend::hostile::server::Server;
use crate::flows::harness::Home;

const README: &str = include_str!("../../../assets/backends/README.md");

/// Returns the blocks of one kind in the walk.
fn blocks(kind: &str) -> Vec<&'static str> {
    let (_, walk) = README.split_once("\n## Writing one: a walk\n").expect("a walk");
    let inner = walk.split("\n```").skip(1).step_by(2);
    inner.filter_map(|block| block.strip_prefix(kind)?.strip_prefix('\n')).collect()
}

/// Returns the parts of the description, and the configuration.
fn description() -> (Vec<&'static str>, &'static str) {
    let (configuration, parts): (Vec<_>, Vec<_>) =
        blocks("toml").into_iter().partition(|block| block.starts_with("# ~"));
    let [configuration] = configuration[..] else { unreachable!("{configuration:?}") };
    (parts, configuration)
}

/// Returns what stands behind a command in the walk.
fn shown_behind(command: &str, which: usize) -> String {
    let said = blocks("console").into_iter().flat_map(|block| {
        let mut parts = format!("\n{block}\n").split("\n$ ").skip(1).map(str::to_owned).collect::<Vec<_>>();
        parts.retain(|part| part.lines().next() == Some(command));
        parts
    });
    let said = said.collect::<Vec<_>>();
    let (_, shown) = said[which].split_once('\n').unwrap_or_default();
    format!("{}\n", shown.trim_end())
}

/// The rows of the answer that the walk shows.
fn rows_shown() -> Vec<Value> {
    let blocks = blocks("console");
    let (_, body) = blocks[0].split_once("\n\n").expect("a body");
    let body: Value = serde_json::from_str(body).expect("JSON");
    body["data"].as_array().expect("rows").clone()
}

/// A home folder with the description and the context of the walk, and a server.
struct Walk {
    home: Home,
    server: Server,
    lockbox: Lockbox,
    runtime: tokio::runtime::Runtime,
}

impl Walk {
    fn begin() -> Self {
        let home = Home::new();
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
        let server = runtime.block_on(Server::good());
        let lockbox = Lockbox::new(&rows_shown(), 120);
        let (parts, configuration) = description();
        let backends = home.config().with_file_name("backends");
        fs::create_dir_all(&backends).expect("a folder");
        fs::write(backends.join("lockbox.toml"), parts.join("\n")).expect("a file");
        let ca = home.path().join("lockbox.pem");
        fs::write(&ca, &server.ca_pem).expect("a file");
        let configuration = configuration.replace("https://lockbox.example.org", &server.url());
        let more = format!("ca_file = \"{}\"\ncredential_env = \"OPERATOR\"\n", ca.display());
        fs::write(home.config(), format!("{configuration}\n{more}")).expect("a file");
        Self { home, server, lockbox, runtime }
    }

    /// Runs the program.
    fn run(&self, key: &str, arguments: &[&str], input: &str) -> Ran {
        let (child, input) = (start(&mut program_in(&self.home, key, arguments)), input.to_owned());
        let ended = self.runtime.spawn_blocking(move || end(child, &input));
        self.runtime.block_on(self.server.during(self.lockbox.act(), ended)).expect("it ended")
    }
}

#[test]
fn every_part_of_the_description_is_checked_as_the_walk_says() {
    let home = Home::new();
    let (parts, _) = description();
    let check = |text: &str| {
        fs::write(home.path().join("lockbox.toml"), text).expect("a file");
        end(start(&mut program_in(&home, "", &["backend", "check", "lockbox.toml"])), "")
    };
    let command = "tokendeck backend check lockbox.toml";
    for so_far in 1..=parts.len() {
        let ran = check(&parts[..so_far].join("\n"));
        ran.ends(0, "");
        assert_eq!(ran.out, shown_behind(command, 1));
    }
    let slips = parts.join("\n").replacen("\nlabel = ", "\nlabels = ", 1);
    let slips = slips.replacen("at = \"/made\", time = \"unix\"", "at = \"/made\", time = \"epoch\"", 1);
    let ran = check(&slips);
    assert_eq!((ran.code, ran.err), (2, shown_behind(command, 0)));
}

#[test]
fn what_the_walk_describes_is_listed_made_tried_and_ended() {
    let walk = Walk::begin();
    let listed = walk.run(ROOT, &["list", "--json"], "");
    listed.ends(0, "");
    let listed: Vec<Value> = serde_json::from_str(&listed.out).expect("an array");
    let pages = walk.lockbox.asked().iter().filter(|line| line.starts_with("GET /api/keys?")).count();
    assert_eq!(pages, 3, "120 keys are three pages of 50");
    let told = |key: &Value| {
        let moment = |at: &Value| match at.as_i64() {
            Some(0) | None => Value::Null,
            Some(at) => json!(jiff::Timestamp::from_second(at).expect("a moment").to_string()),
        };
        let rights: Vec<&str> = key["rights"].as_str().expect("text").split(',').collect();
        json!([
            key["key_id"].to_string(),
            key["comment"],
            key["user"]["login"],
            rights,
            moment(&key["made"]),
            moment(&key["seen"]),
            moment(&key["ends"])
        ])
    };
    let read = |token: &Value| {
        json!(["id", "label", "owner", "roles", "created", "last_used", "expires"].map(|field| token[field].clone()))
    };
    let (mut wanted, mut found): (Vec<Value>, Vec<Value>) =
        (walk.lockbox.keys().iter().map(told).collect(), listed.iter().map(read).collect());
    let by_id = |row: &Value| row[0].to_string();
    wanted.sort_by_key(by_id);
    found.sort_by_key(by_id);
    assert_eq!(found, wanted);

    let command = "tokendeck list --context lockbox --query 'owner:ana'";
    let table = walk.run(ROOT, &["list", "--context", "lockbox", "--query", "owner:ana"], "");
    assert_eq!((table.code, table.out), (0, shown_behind(command, 0)));

    let made = ["create", "--label", "walk", "--role", "pull", "--expires", "30d", "--print-secret", "--json"];
    let made = walk.run(ROOT, &made, "");
    made.ends(0, "");
    let (id, secret) = (made.lines()[0]["id"].clone(), made.lines()[0]["secret"].clone());
    let (id, secret) = (id.as_str().expect("an id"), secret.as_str().expect("a secret"));
    let held =
        walk.lockbox.keys().into_iter().find(|key| key["key_id"].as_u64() == id.parse().ok()).expect("it is there");
    assert_eq!((&held["comment"], &held["rights"]), (&json!("walk"), &json!("pull")));
    assert!(held["ends"].as_i64() > Some(0));
    walk.run(ROOT, &["verify"], secret).ends(0, "");

    walk.run(ROOT, &["revoke", id], "").ends(6, "--confirm \"walk\"");
    let ended = walk.run(ROOT, &["revoke", id, "--confirm", "walk", "--json"], "");
    ended.ends(0, "");
    assert_eq!(ended.lines(), [json!({ "id": id, "outcome": "revoked", "verified": true, "reason": null })]);
    assert_eq!(walk.lockbox.keys().len(), 120);
    walk.run(ROOT, &["verify"], secret).ends(3, "");
    let asked = walk.lockbox.asked();
    let again = walk.run(ROOT, &["revoke", id, "--confirm", "walk", "--json"], "");
    assert_ne!(again.code, 0, "an id that no list shows may be a mistyped one");
    for line in [format!("DELETE /api/keys/{id} HTTP/1.1"), "POST /api/keys HTTP/1.1".to_owned()] {
        assert!(asked.contains(&line), "{line}: {asked:?}");
    }
}

#[test]
fn a_wrong_key_and_a_missing_right_are_told_apart_as_the_walk_says() {
    let walk = Walk::begin();
    walk.run("lbx_nobody", &["list"], "").ends(3, "bad key");
    walk.run(READER, &["list"], "").ends(0, "");
    let create = ["create", "--label", "walk", "--role", "pull", "--print-secret"];
    walk.run(READER, &create, "").ends(4, "needs the right keys");
    let forever = [&create[..], &["--expires", "never", "--json"]].concat();
    walk.run(ROOT, &forever, "").ends(0, "");
    let revoke = walk.run(READER, &["revoke", "7", "--confirm", "ci"], "");
    assert_eq!((revoke.code, walk.lockbox.keys().len()), (4, 121), "{}", revoke.err);
}
