//! `assets/openapi.json` describes the routes that there are, and the answers that they give.

use super::House;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use tokendeck::server::routes;

fn description() -> Value {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/openapi.json");
    serde_json::from_str(&std::fs::read_to_string(path).expect("the description")).expect("JSON")
}

#[test]
fn every_route_is_described_and_every_description_is_a_route() {
    let described: BTreeSet<(String, String)> = description()["paths"]
        .as_object()
        .expect("paths")
        .iter()
        .flat_map(|(path, methods)| {
            let methods = methods.as_object().expect("methods");
            methods.keys().map(move |method| (method.to_uppercase(), path.clone()))
        })
        .collect();
    let there = routes().into_iter().map(|(method, path)| (method.to_owned(), path.to_owned())).collect();
    assert_eq!(described, there);
}

#[test]
fn every_operation_names_its_answers_and_its_security() {
    let description = description();
    for (path, methods) in description["paths"].as_object().expect("paths") {
        for (method, operation) in methods.as_object().expect("methods") {
            let name = format!("{method} {path}");
            assert!(operation["operationId"].is_string() && operation["summary"].is_string(), "{name}");
            let responses = operation["responses"].as_object().expect("responses");
            assert!(responses.keys().any(|status| status.starts_with('2')), "{name}");
            let open = matches!(path.as_str(), "/v1/health" | "/v1/revoke");
            assert_eq!(
                operation["security"] == json!([]) || operation["security"] == json!([{}, { "bearer": [] }]),
                open
            );
            assert!(path == "/v1/health" || responses.contains_key("default"), "{name} names no problem");
            for parameter in path.split('/').filter(|part| part.starts_with('{')) {
                let name = parameter.trim_matches(['{', '}']);
                assert!(operation["parameters"].to_string().contains(&format!("\"name\":\"{name}\"")), "{path}");
            }
        }
    }
}

#[test]
fn answers_have_the_members_of_their_schemas() {
    let house = House::new();
    house.user("ada");
    let made = house.post("/v1/tokens", &json!({ "label": "x", "scope": "organization" })).expect(201).json();
    let id = made["token"]["id"].as_str().expect("an id").to_owned();
    let rotated = house.post(&format!("/v1/tokens/{id}/rotate"), &json!(null)).expect(200).json();
    let revoked = house.delete(&format!("/v1/tokens/{id}")).expect(200).json();
    let list = house.get("/v1/tokens").json();
    let events = house.get("/v1/events").json();
    let notices = house.get("/v1/notices").json();
    let users = house.get("/v1/users").json();
    let schemas = &description()["components"]["schemas"];
    for (name, answer) in [
        ("Token", &made["token"]),
        ("Token", &list["tokens"][0]),
        ("TokenPage", &list),
        ("Created", &made),
        ("Rotated", &rotated),
        ("Revoked", &revoked),
        ("Event", &events["events"][0]),
        ("EventPage", &events),
        ("Notice", &notices["notices"][0]),
        ("NoticePage", &notices),
        ("User", &users["users"][0]),
        ("UserPage", &users),
        ("Removed", &house.delete("/v1/users/ada").expect(200).json()),
        ("Health", &house.get("/v1/health").json()),
    ] {
        let members: BTreeSet<_> = answer.as_object().expect("an object").keys().collect();
        let schema = &schemas[name];
        let described: BTreeSet<_> = schema["properties"].as_object().expect("properties").keys().collect();
        assert_eq!(members, described, "{name}");
        let required: Vec<_> = schema["required"].as_array().expect("required").iter().collect();
        assert_eq!(required.len(), described.len(), "{name} always has all of them");
    }
}

#[test]
fn the_types_of_problems_are_listed() {
    let listed = description()["components"]["schemas"]["Problem"]["properties"]["type"]["enum"].clone();
    let source = include_str!("../../../src/server/problem.rs");
    let there: BTreeSet<String> = source
        .lines()
        .filter_map(|line| line.trim().strip_prefix("Self::")?.split_once("=> (\"")?.1.split('"').next())
        .map(|name| format!("urn:tokendeck:problem:{name}"))
        .collect();
    let listed: BTreeSet<String> = serde_json::from_value(listed).expect("names");
    assert_eq!(listed, there);
}
