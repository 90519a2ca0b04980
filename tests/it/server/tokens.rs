//! What happens to one token: reading, editing, rotating, switching, revoking, and being used.

use super::{House, Reply};
use serde_json::{Value, json};

fn act(house: &House, id: &str, what: &str) -> Reply {
    house.ask("POST", &format!("/v1/tokens/{id}/{what}")).with(&house.operator).send()
}

fn edit(house: &House, id: &str, matching: Option<&str>, body: &Value) -> Reply {
    let mut ask = house.ask("PATCH", &format!("/v1/tokens/{id}")).with(&house.operator);
    if let Some(tag) = matching {
        ask = ask.header("if-match", tag);
    }
    ask.json(body).send()
}

fn show(house: &House, id: &str) -> Value {
    house.get(&format!("/v1/tokens/{id}")).expect(200).json()
}

/// A parent with a child, a grandchild and a refresh token: ids and values in this order.
fn family(house: &House) -> Vec<(String, String)> {
    let parent = house.create(&json!({ "label": "parent" }));
    let child = house.create(&json!({ "label": "child", "parent": parent.0 }));
    let grandchild = house.create(&json!({ "label": "grandchild", "parent": child.0 }));
    let refresh = house.create(&json!({ "label": "refresh", "kind": "refresh", "parent": parent.0 }));
    vec![parent, child, grandchild, refresh]
}

#[test]
fn an_id_that_is_none_is_not_found() {
    let house = House::new();
    for id in ["0000000000000", "x", "..", "%2e%2e", "a%2Fb", "%00", "0000000000000%20", "%ff", "日本語"] {
        for method in ["GET", "DELETE"] {
            house.ask(method, &format!("/v1/tokens/{id}")).with(&house.operator).send().expect(404);
        }
    }
    house.get("/v1/tokens/0000000000000").problem(404, "not-found");
    house.get("/v1/nowhere").problem(404, "not-found");
}

#[test]
fn label_expiry_and_description_can_be_edited() {
    let house = House::new();
    let (id, secret) = house.create(&json!({ "label": "old", "description": "why" }));
    let reply = edit(&house, &id, Some("\"1\""), &json!({ "label": "new" })).expect(200);
    assert_eq!(reply.header("etag"), Some("\"2\""));
    let token = reply.json();
    assert_eq!((&token["label"], &token["description"], &token["version"]), (&json!("new"), &json!("why"), &json!(2)));
    let token = edit(&house, &id, None, &json!({ "expires": "2999-01-01T00:00:00Z", "description": "" })).expect(200);
    let token = token.json();
    assert_eq!((&token["expires"], &token["description"]), (&json!("2999-01-01T00:00:00Z"), &json!("")));
    assert_eq!(token["label"], "new");
    let token = edit(&house, &id, None, &json!({ "expires": null })).expect(200).json();
    assert!(token["expires"].is_null());
    assert!(house.accepts(&secret));
    assert_eq!(
        edit(&house, &id, None, &json!({ "expires": "2001-01-01T00:00:00Z" })).problem(422, "invalid-value")["field"],
        "expires"
    );
    edit(&house, &id, None, &json!({ "label": "" })).problem(422, "invalid-value");
    edit(&house, &id, None, &json!({ "roles": ["admin"] })).problem(400, "invalid-request");
    house.delete(&format!("/v1/tokens/{id}")).expect(200);
    edit(&house, &id, None, &json!({ "label": "dead" })).problem(409, "not-live");
}

#[test]
fn a_change_of_something_else_than_was_read_is_refused() {
    let house = House::new();
    let (id, secret) = house.create(&json!({ "label": "one" }));
    edit(&house, &id, Some("\"1\""), &json!({ "label": "two" })).expect(200);
    for tag in ["\"1\"", "W/\"2\"", "2", "\"02\"", "rubbish"] {
        let problem = edit(&house, &id, Some(tag), &json!({ "label": "three" })).problem(412, "precondition-failed");
        assert_eq!(problem["version"], 2, "{tag}");
        for (method, path) in [("DELETE", ""), ("POST", "/rotate"), ("POST", "/disable")] {
            let ask = house.ask(method, &format!("/v1/tokens/{id}{path}")).with(&house.operator);
            ask.header("if-match", tag).send().problem(412, "precondition-failed");
        }
    }
    assert!(house.accepts(&secret));
    for tag in ["\"1\", \"2\"", "*"] {
        edit(&house, &id, Some(tag), &json!({ "description": tag })).expect(200);
        edit(&house, &id, None, &json!({ "label": "back" })).expect(200);
        house.database().execute("UPDATE tokens SET version = 2 WHERE id = ?", [&id]).expect("set back");
    }
    // Using a token is no change of it.
    assert!(house.accepts(&secret));
    assert_eq!(show(&house, &id)["version"], 2);
}

#[test]
fn rotation_replaces_the_value_at_once_and_ends_refresh_tokens() {
    let house = House::new();
    let family = family(&house);
    let (id, old) = &family[0];
    let reply = act(&house, id, "rotate").expect(200);
    assert_eq!(reply.header("cache-control"), Some("no-store"));
    assert_eq!(reply.header("etag"), Some("\"2\""));
    let body = reply.json();
    let new = body["secret"].as_str().expect("a secret");
    assert!(!house.accepts(old));
    assert!(house.accepts(new));
    assert_eq!(body["token"]["id"], *id);
    assert_eq!(body["token"]["masked"], format!("tdk_a_****{}", &new[65..]));
    assert_eq!(body["also_revoked"], json!([family[3].0]));
    assert_eq!(show(&house, &family[3].0)["status"], "revoked");
    assert!(house.accepts(&family[1].1) && house.accepts(&family[2].1), "children go on");
    house.delete(&format!("/v1/tokens/{id}")).expect(200);
    act(&house, id, "rotate").problem(409, "not-live");
}

#[test]
fn the_operator_can_rotate_the_credential_in_use() {
    let house = House::new();
    let own = house.get("/v1/self").expect(200).json();
    let new = act(&house, own["id"].as_str().expect("an id"), "rotate").expect(200).json();
    house.get("/v1/self").problem(401, "invalid-token");
    assert!(house.accepts(new["secret"].as_str().expect("a secret")));
}

#[test]
fn a_disabled_token_is_refused_until_it_is_enabled() {
    let house = House::new();
    let (id, secret) = house.create(&json!({ "label": "x" }));
    let token = act(&house, &id, "disable").expect(200).json();
    assert_eq!(
        (&token["status"], &token["disabled"], &token["version"]),
        (&json!("disabled"), &json!(true), &json!(2))
    );
    assert!(!house.accepts(&secret));
    assert_eq!(act(&house, &id, "disable").expect(200).json()["version"], 2, "nothing happened");
    let token = act(&house, &id, "enable").expect(200).json();
    assert_eq!((&token["status"], &token["disabled"]), (&json!("active"), &json!(false)));
    assert!(house.accepts(&secret));
    house.delete(&format!("/v1/tokens/{id}")).expect(200);
    act(&house, &id, "enable").problem(409, "not-live");
}

#[test]
fn revoking_takes_everything_below_along_before_the_answer() {
    let house = House::new();
    let family = family(&house);
    let (other, _) = house.create(&json!({ "label": "other" }));
    let reply = house.delete(&format!("/v1/tokens/{}", family[0].0)).expect(200).json();
    let below: Vec<_> = family[1..].iter().map(|(id, _)| id).collect();
    assert_eq!(reply, json!({ "id": family[0].0, "already_revoked": false, "also_revoked": below }));
    for (id, value) in &family {
        assert_eq!(show(&house, id)["status"], "revoked");
        assert!(!house.accepts(value));
    }
    assert_eq!(show(&house, &other)["status"], "active");
    let again = house.delete(&format!("/v1/tokens/{}", family[0].0)).expect(200).json();
    assert_eq!(again, json!({ "id": family[0].0, "already_revoked": true, "also_revoked": [] }));
    assert_eq!(show(&house, &family[0].0)["version"], 2, "the second time changed nothing");
}

#[test]
fn a_middle_one_takes_only_what_is_below_it() {
    let house = House::new();
    let family = family(&house);
    let reply = house.delete(&format!("/v1/tokens/{}", family[1].0)).expect(200).json();
    assert_eq!(reply["also_revoked"], json!([family[2].0]));
    assert!(house.accepts(&family[0].1));
    let reply = house.delete(&format!("/v1/tokens/{}", family[0].0)).expect(200).json();
    assert_eq!(reply["also_revoked"], json!([family[3].0]), "what was dead is not named again");
}

#[test]
fn an_expired_token_is_refused_and_can_be_renewed() {
    let house = House::new();
    let (id, secret) = house.create(&json!({ "label": "x", "expires": "2999-01-01T00:00:00Z" }));
    house.database().execute("UPDATE tokens SET expires = 1 WHERE id = ?", [&id]).expect("expired");
    assert_eq!(show(&house, &id)["status"], "expired");
    assert!(!house.accepts(&secret));
    act(&house, &id, "rotate").problem(409, "not-live");
    edit(&house, &id, None, &json!({ "expires": "2999-01-01T00:00:00Z" })).expect(200);
    assert!(house.accepts(&secret));
}

#[test]
fn the_credential_itself_can_be_revoked() {
    let house = House::new();
    let own = house.get("/v1/self").expect(200).json();
    house.delete(&format!("/v1/tokens/{}", own["id"].as_str().expect("an id"))).expect(200);
    house.get("/v1/tokens").problem(401, "invalid-token");
}

#[test]
fn the_first_use_is_written_before_its_answer_and_later_ones_at_the_end() {
    let mut house = House::new();
    let (id, secret) = house.create(&json!({ "label": "x" }));
    let row = |house: &House| {
        let sql = "SELECT last_used, last_used_from, use_count FROM tokens WHERE id = ?";
        let read = |row: &rusqlite::Row<'_>| {
            Ok((row.get::<_, Option<i64>>(0)?, row.get::<_, Option<String>>(1)?, row.get::<_, i64>(2)?))
        };
        house.database().query_row(sql, [&id], read).expect("a row")
    };
    assert_eq!(row(&house), (None, None, 0));
    assert!(house.accepts(&secret));
    let (used, from, count) = row(&house);
    assert!(used.is_some());
    assert_eq!((from.as_deref(), count), (Some("127.0.0.1"), 1));
    for _ in 0..5 {
        assert!(house.accepts(&secret));
    }
    assert_eq!(row(&house).2, 1, "not written yet: at most once in a minute");
    house.stop();
    assert_eq!(row(&house).2, 6);
}

#[test]
fn a_fault_on_purpose_changes_nothing() {
    let house = House::failing(&["stubborn"]);
    let (id, secret) = house.create(&json!({ "label": "stubborn" }));
    let (other, _) = house.create(&json!({ "label": "willing" }));
    house.delete(&format!("/v1/tokens/{id}")).problem(500, "internal");
    house.delete(&format!("/v1/tokens/{other}")).expect(200);
    assert!(house.accepts(&secret));
    assert_eq!(show(&house, &id)["version"], 1);
}
