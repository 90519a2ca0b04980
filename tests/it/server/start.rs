//! Starting and stopping: what is made, who may read it, and what is refused.

use super::{House, harness::any_port};
use rusqlite::Connection;
use serde_json::json;
use std::{
    fs,
    net::SocketAddr,
    os::unix::fs::PermissionsExt,
    time::{Duration, Instant},
};
use tokendeck::server::{Error, Options, Sample, start};

fn mode(path: &std::path::Path) -> u32 {
    fs::metadata(path).expect("a file").permissions().mode() & 0o777
}

#[test]
fn everything_lies_in_a_directory_that_only_its_owner_reads() {
    let house = House::new();
    assert_eq!(mode(&house.data()), 0o700);
    let mut names = Vec::new();
    for entry in fs::read_dir(house.data()).expect("the directory") {
        let path = entry.expect("an entry").path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
        names.push(path.file_name().expect("a name").to_str().expect("text").to_owned());
    }
    for name in ["audit-key", "ca.key", "ca.pem", "operator-credential", "pepper", "tokens.db"] {
        assert!(names.iter().any(|known| known == name), "{name} in {names:?}");
    }
}

#[test]
fn the_first_credential_is_an_admin_s() {
    let house = House::new();
    let own = house.get("/v1/self").expect(200).json();
    assert_eq!((&own["owner"], &own["scope"], &own["roles"]), (&json!("operator"), &json!("user"), &json!(["admin"])));
    assert!(house.operator.contains(own["id"].as_str().expect("an id")));
}

#[test]
fn a_second_start_keeps_tokens_keys_and_the_authority() {
    let house = House::new();
    let (id, secret) = house.create(&json!({ "label": "kept" }));
    let (dead, dead_secret) = house.create(&json!({ "label": "dead" }));
    house.delete(&format!("/v1/tokens/{dead}")).expect(200);
    let ca = fs::read(house.data().join("ca.pem")).expect("the CA");
    let (operator, client) = (house.operator.clone(), house.client.clone());
    let mut house = house.restarted(|_| {});
    // The client of the first start trusts the second: the leaf is new, the authority is not.
    house.client = client;
    assert_eq!(house.operator, operator);
    assert_eq!(fs::read(house.data().join("ca.pem")).expect("the CA"), ca);
    assert_eq!(house.get(&format!("/v1/tokens/{id}")).expect(200).json()["label"], "kept");
    assert!(house.accepts(&secret));
    assert!(!house.accepts(&dead_secret));
}

#[test]
fn a_removed_credential_file_is_not_written_again() {
    let house = House::new();
    let mut options = Options::new(any_port(), house.data());
    options.sample = Sample::Lively;
    let mut house = house;
    house.stop();
    fs::remove_file(house.data().join("operator-credential")).expect("removed");
    let running = start(options).expect("a server");
    assert!(!running.credential_file().exists());
    let tokens: i64 = house.database().query_row("SELECT count(*) FROM tokens", [], |row| row.get(0)).expect("a count");
    assert_eq!(tokens, 1, "an old database is not filled with samples");
}

#[test]
fn a_newer_schema_is_refused_and_left_alone() {
    let mut house = House::new();
    house.stop();
    let path = house.data().join("tokens.db");
    Connection::open(&path).expect("the database").pragma_update(None, "user_version", 99).expect("newer");
    let error = start(Options::new(any_port(), house.data())).expect_err("refused");
    assert!(matches!(error, Error::NewerSchema { found: 99, known: 1 }), "{error}");
    let version: i64 = Connection::open(&path)
        .and_then(|database| database.query_row("PRAGMA user_version", [], |row| row.get(0)))
        .expect("a version");
    assert_eq!(version, 99);
}

#[test]
fn a_damaged_database_is_refused() {
    let mut house = House::sample(Sample::Rows(500));
    house.stop();
    let path = house.data().join("tokens.db");
    let mut bytes = fs::read(&path).expect("the database");
    let middle = bytes.len() / 2;
    bytes[middle..middle + 4096].fill(0xA5);
    fs::write(&path, bytes).expect("damaged");
    let error = start(Options::new(any_port(), house.data())).expect_err("refused");
    assert!(matches!(error, Error::Damaged(_) | Error::Database(_)), "{error}");
}

#[test]
fn a_database_without_its_keys_is_refused_rather_than_given_new_ones() {
    for key in ["pepper", "audit-key"] {
        for content in [None, Some("1 zz\n")] {
            let mut house = House::new();
            house.stop();
            let path = house.data().join(key);
            fs::remove_file(&path).expect("removed");
            if let Some(content) = content {
                fs::write(&path, content).expect("damaged");
            }
            let error = start(Options::new(any_port(), house.data())).expect_err("refused");
            assert!(matches!(&error, Error::Key(named) if named.ends_with(key)), "{error}");
        }
    }
}

#[test]
fn a_directory_with_other_things_or_another_server_is_refused() {
    let dir = tempfile::tempdir().expect("a directory");
    fs::write(dir.path().join("thesis.tex"), "precious").expect("a file");
    let error = start(Options::new(any_port(), dir.path())).expect_err("refused");
    assert!(matches!(error, Error::Foreign(_)), "{error}");
    let house = House::new();
    let error = start(Options::new(any_port(), house.data())).expect_err("refused");
    assert!(matches!(error, Error::InUse(_)), "{error}");
    let address: SocketAddr = house.url.strip_prefix("https://").expect("https").parse().expect("an address");
    let error = start(Options::new(address, dir.path().join("new"))).expect_err("refused");
    assert!(matches!(error, Error::Listen { .. }), "{error}");
    assert!(!dir.path().join("new").exists(), "nothing was made for a server that cannot listen");
}

#[test]
fn it_starts_and_stops_inside_a_program_with_its_own_runtime() {
    let dir = tempfile::tempdir().expect("a directory");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let running = start(Options::new(any_port(), dir.path().join("data"))).expect("a server");
        let client = super::harness::client(running.ca_file());
        let answer = client.get(format!("{}/v1/health", running.url())).send().await.expect("an answer");
        assert_eq!(answer.status(), 200);
        let begun = Instant::now();
        running.stop();
        assert!(begun.elapsed() < Duration::from_secs(2), "an idle connection does not hold it up");
    });
    let running = start(Options::new(any_port(), dir.path().join("data"))).expect("a server");
    let address = running.addr();
    drop(running);
    assert!(std::net::TcpStream::connect(address).is_err(), "dropping stops it");
}
