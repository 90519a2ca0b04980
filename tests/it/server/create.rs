//! `POST /v1/tokens`: what is made, what is refused, and that a secret is told once.

use super::House;
use serde_json::{Value, json};
use std::fs;

#[test]
fn a_new_token_has_the_least_of_everything_unless_told() {
    let house = House::new();
    let reply = house.post("/v1/tokens", &json!({ "label": "ci" })).expect(201);
    let body = reply.json();
    let token = &body["token"];
    let id = token["id"].as_str().expect("an id");
    let secret = body["secret"].as_str().expect("a secret");
    assert_eq!(reply.header("location"), Some(format!("/v1/tokens/{id}").as_str()));
    assert_eq!(reply.header("cache-control"), Some("no-store"));
    assert_eq!(reply.header("etag"), Some("\"1\""));
    assert!(secret.starts_with(&format!("tdk_a_{id}_")) && secret.len() == 69);
    assert_eq!(token["masked"], format!("tdk_a_****{}", &secret[65..]));
    for (key, value) in [
        ("label", json!("ci")),
        ("kind", json!("access")),
        ("scope", json!("user")),
        ("owner", json!("operator")),
        ("owner_removed", json!(false)),
        ("creator", json!("operator")),
        ("roles", json!(["reader"])),
        ("last_used", Value::Null),
        ("last_used_from", Value::Null),
        ("use_count", json!(0)),
        ("expires", Value::Null),
        ("status", json!("active")),
        ("parent", Value::Null),
        ("disabled", json!(false)),
        ("description", json!("")),
        ("version", json!(1)),
    ] {
        assert_eq!(token[key], value, "{key}");
    }
    assert_eq!(house.get(&format!("/v1/tokens/{id}")).expect(200).json(), *token);
    assert!(house.accepts(secret));
}

#[test]
fn what_is_asked_for_is_what_is_made() {
    let house = House::new();
    house.user("ada");
    let (parent, _) = house.create(&json!({ "label": "session", "owner": "ada", "roles": ["developer"] }));
    let (id, _) = house.create(&json!({
        "label": "renewal", "owner": "ada", "roles": ["reader", "developer"], "kind": "refresh", "parent": parent,
        "expires": "2999-01-01T00:00:00+01:00", "description": "for the laptop", "scope": "organization",
    }));
    let token = house.get(&format!("/v1/tokens/{id}")).json();
    assert_eq!(token["expires"], "2998-12-31T23:00:00Z");
    assert_eq!(token["roles"], json!(["reader", "developer"]));
    assert_eq!((&token["kind"], &token["parent"]), (&json!("refresh"), &json!(parent)));
    assert_eq!((&token["owner"], &token["creator"]), (&json!("ada"), &json!("operator")));
    assert!(token["masked"].as_str().expect("text").starts_with("tdk_r_****"));
}

#[test]
fn a_value_that_cannot_be_is_refused_by_its_field() {
    let house = House::new();
    house.user("gone");
    house.delete("/v1/users/gone").expect(200);
    let (dead, _) = house.create(&json!({ "label": "dead" }));
    house.delete(&format!("/v1/tokens/{dead}")).expect(200);
    let (weak, _) = house.create(&json!({ "label": "weak" }));
    for (field, body) in [
        ("label", json!({ "label": "" })),
        ("label", json!({ "label": "x".repeat(257) })),
        ("label", json!({ "label": "a\0b" })),
        ("description", json!({ "label": "x", "description": "x".repeat(1025) })),
        ("roles", json!({ "label": "x", "roles": [] })),
        ("roles", json!({ "label": "x", "roles": ["owner"] })),
        ("scope", json!({ "label": "x", "scope": "team" })),
        ("kind", json!({ "label": "x", "kind": "bootstrap" })),
        ("owner", json!({ "label": "x", "owner": "nobody" })),
        ("owner", json!({ "label": "x", "owner": "gone" })),
        ("expires", json!({ "label": "x", "expires": "2001-01-01T00:00:00Z" })),
        ("expires", json!({ "label": "x", "expires": "tomorrow" })),
        ("parent", json!({ "label": "x", "kind": "refresh" })),
        ("parent", json!({ "label": "x", "parent": "0000000000000" })),
        ("parent", json!({ "label": "x", "parent": dead })),
        ("roles", json!({ "label": "x", "parent": weak, "roles": ["developer"] })),
    ] {
        assert_eq!(house.post("/v1/tokens", &body).problem(422, "invalid-value")["field"], field, "{body}");
    }
    for body in [json!({}), json!({ "label": 7 }), json!({ "label": "x", "secret": "tdk_mine" }), json!([])] {
        let problem = house.post("/v1/tokens", &body).problem(400, "invalid-request");
        assert_eq!(problem["field"], "body");
        assert!(!problem.to_string().contains("tdk_mine"), "a body is never quoted");
    }
}

#[test]
fn any_label_comes_back_byte_for_byte() {
    let house = House::new();
    let mut labels: Vec<String> = [
        "'; DROP TABLE tokens;--",
        "\" OR 1=1",
        "%s%n%x",
        "${jndi:ldap://x}",
        "\u{1b}[31mred\u{1b}[0m",
        "a\u{202e}b",
        "日本語",
        "\u{7f}\r\n\t\\",
        "{{7*7}}",
        "\u{200b}",
        " ",
        "👩‍🚀",
        "\u{fffe}",
    ]
    .map(str::to_owned)
    .into();
    labels.extend((1..400_u32).step_by(7).filter_map(|code| char::from_u32(code * 161)).map(|sign| sign.to_string()));
    for label in &labels {
        let (id, _) = house.create(&json!({ "label": label }));
        assert_eq!(house.get(&format!("/v1/tokens/{id}")).json()["label"], *label);
    }
    let list = house.get("/v1/tokens?limit=1000").json();
    let mut listed: Vec<_> = list["tokens"].as_array().expect("tokens").iter().map(|t| t["label"].clone()).collect();
    listed.reverse();
    assert_eq!(listed[1..], labels.iter().map(|label| json!(label)).collect::<Vec<_>>());
}

#[test]
fn the_same_key_makes_one_token_and_tells_its_secret_once() {
    let house = House::new();
    let ask = |key: &str, label: &str| {
        let ask = house.ask("POST", "/v1/tokens").with(&house.operator).header("idempotency-key", key);
        ask.json(&json!({ "label": label })).send()
    };
    let first = ask("k-1", "one").expect(201).json();
    let again = ask("k-1", "one").problem(409, "already-created");
    assert_eq!(again["id"], first["token"]["id"]);
    assert!(!again.to_string().contains(first["secret"].as_str().expect("a secret")));
    ask("k-1", "two").problem(422, "idempotency-key-reused");
    ask("k-2", "one").expect(201);
    ask("no blanks", "one").problem(400, "invalid-request");
    ask(&"k".repeat(256), "one").problem(400, "invalid-request");
    assert_eq!(house.get("/v1/tokens").json()["tokens"].as_array().map(Vec::len), Some(3));

    // The record is of this user only, and outlives a restart but not a day.
    house.user("ada");
    let (_, ada) = house.create(&json!({ "label": "ada", "owner": "ada", "roles": ["developer"] }));
    let hers = house.ask("POST", "/v1/tokens").with(&ada).header("idempotency-key", "k-1");
    hers.json(&json!({ "label": "one" })).send().expect(201);
    let house = house.restarted(|_| {});
    let ask = |label: &str| {
        let ask = house.ask("POST", "/v1/tokens").with(&house.operator).header("idempotency-key", "k-1");
        ask.json(&json!({ "label": label })).send()
    };
    ask("one").problem(409, "already-created");
    house.database().execute("UPDATE replays SET at = at - 86401", []).expect("older");
    ask("one").expect(201);
}

#[test]
fn a_refused_create_leaves_no_trace() {
    let house = House::new();
    let events = |house: &House| house.get("/v1/events").json()["head"]["count"].clone();
    let before = events(&house);
    let ask = house.ask("POST", "/v1/tokens").with(&house.operator).header("idempotency-key", "k");
    ask.json(&json!({ "label": "x", "owner": "nobody" })).send().expect(422);
    assert_eq!(events(&house), before);
    let ask = house.ask("POST", "/v1/tokens").with(&house.operator).header("idempotency-key", "k");
    ask.json(&json!({ "label": "x" })).send().expect(201);
}

#[test]
fn no_file_holds_a_secret() {
    let mut house = House::new();
    let (id, first) = house.create(&json!({ "label": "canary" }));
    assert!(house.accepts(&first));
    let rotated = house.ask("POST", &format!("/v1/tokens/{id}/rotate")).with(&house.operator).send().expect(200).json();
    let second = rotated["secret"].as_str().expect("a secret").to_owned();
    house.ask("POST", "/v1/introspect").with(&house.operator).form(&format!("token={second}")).send().expect(200);
    let scan = |house: &House| {
        for entry in fs::read_dir(house.data()).expect("the directory") {
            let path = entry.expect("an entry").path();
            let bytes = fs::read(&path).expect("a file");
            for canary in [&first, &second] {
                // Any twelve characters of the secret part would be a leak.
                let secret = &canary.as_bytes()[20..63];
                for window in secret.windows(12) {
                    assert!(!bytes.windows(12).any(|found| found == window), "{}", path.display());
                }
            }
            if path.ends_with("tokens.db") {
                let operator = &house.operator.as_bytes()[20..63];
                assert!(!bytes.windows(43).any(|found| found == operator));
                assert!(bytes.windows(13).any(|found| found == id.as_bytes()), "the scan sees what is there");
            }
        }
    };
    house.database().query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(())).expect("a checkpoint");
    scan(&house);
    house.stop();
    scan(&house);
}
