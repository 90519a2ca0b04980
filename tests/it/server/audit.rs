//! The audit log and the notices: what they tell, and that they cannot be rewritten unseen.

use super::House;
use rusqlite::Connection;
use serde_json::{Value, json};
use std::{fs, path::Path};
use tokendeck::server::{Verdict, verify};

/// A stopped server with a dozen events.
fn written() -> House {
    let mut house = House::new();
    for round in 0..5 {
        let (id, _) = house.create(&json!({ "label": format!("token {round}") }));
        house.delete(&format!("/v1/tokens/{id}")).expect(200);
    }
    house.user("ada");
    house.stop();
    house
}

fn check(data: &Path) -> Verdict {
    verify(data).expect("a verdict")
}

/// The database with the guards taken away, as someone with the file has it.
fn forge(data: &Path, sql: &str) {
    let database = Connection::open(data.join("tokens.db")).expect("the database");
    let unguarded = "DROP TRIGGER IF EXISTS events_are_not_changed; DROP TRIGGER IF EXISTS events_are_not_deleted;";
    database.execute_batch(unguarded).expect("unguarded");
    database.execute_batch(sql).expect("forged");
}

#[test]
fn every_change_leaves_one_event_that_says_who_and_what() {
    let house = House::new();
    let own = house.get("/v1/self").json();
    let (id, _) = house.create(&json!({ "label": "x" }));
    let token = house.get(&format!("/v1/tokens/{id}")).json();
    let patch = house.ask("PATCH", &format!("/v1/tokens/{id}")).with(&house.operator);
    patch.json(&json!({ "label": "y" })).send().expect(200);
    for what in ["disable", "enable", "rotate"] {
        house.ask("POST", &format!("/v1/tokens/{id}/{what}")).with(&house.operator).send().expect(200);
    }
    house.delete(&format!("/v1/tokens/{id}")).expect(200);
    house.user("ada");
    house.delete("/v1/users/ada").expect(200);
    let body = house.get("/v1/events").expect(200).json();
    let events = body["events"].as_array().expect("events");
    let actions: Vec<_> = events.iter().rev().map(|event| event["action"].as_str().expect("text")).collect();
    assert_eq!(
        actions,
        [
            "token.created",
            "token.created",
            "token.edited",
            "token.disabled",
            "token.enabled",
            "token.rotated",
            "token.revoked",
            "user.created",
            "user.removed",
        ]
    );
    let created = &events[events.len() - 2];
    assert_eq!(created["actor"], "operator");
    assert_eq!(created["actor_token"], own["id"]);
    assert_eq!(created["address"], "127.0.0.1");
    assert_eq!((&created["token"], &created["label"]), (&json!(id), &json!("x")));
    assert_eq!((&created["masked"], &created["owner"]), (&token["masked"], &json!("operator")));
    let removed = &events[0];
    assert_eq!((&removed["token"], &removed["detail"]), (&Value::Null, &json!("ada")));
    assert_eq!(body["head"]["count"], events.len());
    assert_eq!(body["head"]["mac"].as_str().map(str::len), Some(64));
}

#[test]
fn events_come_in_pages() {
    let house = House::sample(tokendeck::server::Sample::Lively);
    let all = house.get("/v1/events?limit=1000").json();
    let mut paged = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = house.get(&format!("/v1/events?limit=10{cursor}")).expect(200).json();
        paged.extend(page["events"].as_array().expect("events").iter().cloned());
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(all["events"], json!(paged));
    let at: Vec<_> = paged.iter().map(|event| event["at"].as_str().expect("a moment").to_owned()).collect();
    assert!(at.is_sorted_by(|newer, older| newer >= older));
}

#[test]
fn admins_hear_of_organization_tokens_only() {
    let house = House::new();
    house.create(&json!({ "label": "private" }));
    let (id, _) = house.create(&json!({ "label": "shared", "scope": "organization" }));
    let masked = house.get(&format!("/v1/tokens/{id}")).json()["masked"].clone();
    house.delete(&format!("/v1/tokens/{id}")).expect(200);
    house.delete(&format!("/v1/tokens/{id}")).expect(200);
    let notices = house.get("/v1/notices").expect(200).json();
    let notices = notices["notices"].as_array().expect("notices");
    assert_eq!(notices.len(), 2);
    for (notice, action) in notices.iter().zip(["token.revoked", "token.created"]) {
        assert_eq!((&notice["action"], &notice["actor"]), (&json!(action), &json!("operator")));
        assert_eq!((&notice["token"], &notice["label"], &notice["masked"]), (&json!(id), &json!("shared"), &masked));
        assert!(notice["at"].is_string());
    }
}

#[test]
fn an_untouched_log_holds_also_after_a_restart() {
    let house = written();
    assert_eq!(check(&house.data()), Verdict::Holds { events: 12 });
    assert_eq!(check(&house.data()), Verdict::Holds { events: 12 });
}

#[test]
fn every_kind_of_tampering_is_found() {
    let house = written();
    let pristine = tempfile::tempdir().expect("a directory");
    let copy = |from: &Path, to: &Path| {
        for entry in fs::read_dir(from).expect("a directory") {
            let entry = entry.expect("an entry");
            fs::copy(entry.path(), to.join(entry.file_name())).expect("a copy");
        }
    };
    copy(&house.data(), pristine.path());
    let mut forgeries: Vec<(String, i64)> = vec![
        ("DELETE FROM events".to_owned(), 1),
        ("UPDATE events SET seq = -1 WHERE seq = 4; UPDATE events SET seq = 4 WHERE seq = 5; UPDATE events SET seq = 5 WHERE seq = -1".to_owned(), 4),
        ("INSERT INTO events SELECT 13, at, action, actor, actor_token, address, token, owner, label, masked, detail, mac FROM events WHERE seq = 12".to_owned(), 13),
        ("DELETE FROM events WHERE seq = 7; UPDATE events SET seq = seq - 1 WHERE seq > 7".to_owned(), 7),
        ("UPDATE events SET mac = zeroblob(32)".to_owned(), 1),
    ];
    for seq in 1..=12 {
        forgeries.push((format!("DELETE FROM events WHERE seq = {seq}"), seq));
        forgeries.push((format!("DELETE FROM events WHERE seq >= {seq}"), seq));
        for column in ["action", "actor", "actor_token", "address", "token", "owner", "label", "masked", "detail"] {
            let change = format!("UPDATE events SET {column} = coalesce({column}, '') || 'x' WHERE seq = {seq}");
            forgeries.push((change, seq));
        }
        forgeries.push((format!("UPDATE events SET at = at + 1 WHERE seq = {seq}"), seq));
        forgeries.push((format!("UPDATE events SET mac = randomblob(32) WHERE seq = {seq}"), seq));
    }
    for (sql, at) in forgeries {
        copy(pristine.path(), &house.data());
        forge(&house.data(), &sql);
        assert_eq!(check(&house.data()), Verdict::Broken { at }, "{sql}");
    }
    copy(pristine.path(), &house.data());
    assert_eq!(check(&house.data()), Verdict::Holds { events: 12 });
}

#[test]
fn a_log_put_back_or_cut_and_continued_is_found() {
    let house = written();
    let data = house.data();
    let checkpoint = fs::read_to_string(data.join("audit-checkpoint")).expect("a checkpoint");
    forge(&data, "DELETE FROM events WHERE seq > 6");
    let mut house = house.resumed();
    for _ in 0..10 {
        house.create(&json!({ "label": "more" }));
    }
    house.stop();
    // The later stop made a new checkpoint, but whoever kept the old one sees it.
    fs::write(data.join("audit-checkpoint"), checkpoint).expect("a witness");
    assert_eq!(check(&data), Verdict::Broken { at: 12 });
}

#[test]
fn the_database_itself_refuses_to_change_the_log() {
    let house = House::new();
    let database = house.database();
    for sql in ["UPDATE events SET actor = 'me'", "DELETE FROM events"] {
        let error = database.execute(sql, []).expect_err("refused");
        assert!(error.to_string().contains("audit events are not"), "{error}");
    }
    assert!(verify(&house.data()).is_err(), "not while the server runs");
}
