//! `/v1/users`: who owns tokens, and what remains when they go.

use super::House;
use serde_json::json;
use tokendeck::server::Sample;

#[test]
fn users_are_created_listed_and_removed() {
    let house = House::new();
    let made = house.post("/v1/users", &json!({ "name": "ada" })).expect(201).json();
    assert_eq!((&made["name"], &made["tokens"], made["removed"].is_null()), (&json!("ada"), &json!(0), true));
    house.create(&json!({ "label": "x", "owner": "ada" }));
    let gone = house.delete("/v1/users/ada").expect(200).json();
    assert_eq!(gone, json!({ "name": "ada", "already_removed": false, "tokens": 1 }));
    assert_eq!(house.delete("/v1/users/ada").expect(200).json()["already_removed"], true);
    let users = house.get("/v1/users").expect(200).json();
    assert_eq!(users["users"][1]["tokens"], 1);
    assert!(users["users"][1]["removed"].is_string());
    house.delete("/v1/users/nobody").problem(404, "not-found");
    house.delete("/v1/users/operator").problem(409, "own-user");
    house.post("/v1/users", &json!({ "name": "ada" })).problem(409, "user-exists");
    for name in ["", "a b", "..", "日本", "a/b", &"x".repeat(65)] {
        assert_eq!(house.post("/v1/users", &json!({ "name": name })).problem(422, "invalid-value")["field"], "name");
    }
}

#[test]
fn users_come_in_pages() {
    let house = House::sample(Sample::Lively);
    let mut names = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = house.get(&format!("/v1/users?limit=3{cursor}")).expect(200).json();
        names.extend(page["users"].as_array().expect("users").iter().map(|user| user["name"].to_string()));
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    let all = house.get("/v1/users?limit=1000").json();
    assert_eq!(names.len(), 10);
    assert_eq!(
        names,
        all["users"].as_array().expect("users").iter().map(|u| u["name"].to_string()).collect::<Vec<_>>()
    );
}

#[test]
fn tokens_of_a_removed_user_stay_and_only_those_of_the_organization_work() {
    let house = House::new();
    house.user("ada");
    let (own, own_value) = house.create(&json!({ "label": "own", "owner": "ada", "roles": ["developer"] }));
    let (shared, shared_value) = house.create(&json!({ "label": "shared", "owner": "ada", "scope": "organization" }));
    assert!(house.accepts(&own_value) && house.accepts(&shared_value));
    house.delete("/v1/users/ada").expect(200);
    let refused = house.ask("GET", "/v1/tokens").with(&own_value).send();
    let challenge = refused.header("www-authenticate").expect("a challenge").to_owned();
    assert!(challenge.contains("error=\"insufficient_scope\""), "{challenge}");
    refused.problem(403, "owner-removed");
    assert!(house.accepts(&shared_value));
    for id in [own, shared] {
        let token = house.get(&format!("/v1/tokens/{id}")).expect(200).json();
        assert_eq!((&token["owner_removed"], &token["status"]), (&json!(true), &json!("active")));
    }
    let form = format!("token={own_value}");
    let answer = house.ask("POST", "/v1/introspect").with(&house.operator).form(&form).send().expect(200).json();
    assert_eq!(answer, json!({ "active": false }));
}
