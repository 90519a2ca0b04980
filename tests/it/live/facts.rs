//! What a list says, and what the server's own answers say, in one form that can be compared.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Value, json};
use tokendeck::domain::{Expiry, LastUse, Token, Untrusted};

use super::server::Server;

/// Every fact of a token that the screen shows, as text, by its id.
pub(super) type Facts = BTreeMap<String, Vec<(&'static str, String)>>;

/// What the program says of tokens.
pub(super) fn told(tokens: &[Token]) -> Facts {
    let text = |text: Option<&Untrusted>| text.map_or("?".to_owned(), |text| text.raw().to_owned());
    let fact = |token: &Token| {
        let roles = token.roles.as_ref().map(|roles| roles.iter().map(Untrusted::raw).collect::<Vec<_>>().join(" "));
        let used = match token.last_used {
            LastUse::NotReported => "?".to_owned(),
            LastUse::Never => "never".to_owned(),
            LastUse::At(at) => at.to_string(),
        };
        let ends = match token.expires {
            Expiry::NotReported => "?".to_owned(),
            Expiry::Never => "never".to_owned(),
            Expiry::At(at) => at.to_string(),
        };
        vec![
            ("label", token.label.raw().to_owned()),
            ("owner", text(token.owner.name())),
            ("roles", roles.unwrap_or_else(|| "?".to_owned())),
            ("born", token.created.map_or("?".to_owned(), |at| at.to_string())),
            ("used", used),
            ("ends", ends),
            ("masked", text(token.masked.as_ref())),
            ("state", format!("{:?}", token.state)),
        ]
    };
    let facts: Facts = tokens.iter().map(|token| (token.id.raw().to_owned(), fact(token))).collect();
    assert_eq!(facts.len(), tokens.len(), "an id is there twice");
    facts
}

/// What the server itself says of all its tokens, read past the program.
pub(super) async fn of(server: &Server) -> Facts {
    match server.backend {
        "openbao" => of_openbao(server).await,
        "jupyterhub" => of_jupyterhub(server).await,
        "verdaccio" => of_verdaccio(server).await,
        _ => of_synapse(server).await,
    }
}

/// A fact with all that no server says left open.
fn facts(known: &[(&'static str, String)]) -> Vec<(&'static str, String)> {
    let names = ["label", "owner", "roles", "born", "used", "ends", "masked", "state"];
    let open = |name| match name {
        "label" => String::new(),
        "state" => "Live".to_owned(),
        _ => "?".to_owned(),
    };
    let value = |name| known.iter().find(|(found, _)| *found == name).map(|(_, value)| value.clone());
    names.map(|name| (name, value(name).unwrap_or_else(|| open(name)))).into()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn joined(list: &Value) -> String {
    list.as_array().expect("a list").iter().map(text).collect::<Vec<_>>().join(" ")
}

fn moment(value: &Value) -> String {
    match value {
        Value::Null => "never".to_owned(),
        Value::String(text) => text.parse::<Timestamp>().expect("a moment").to_string(),
        other @ (Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => {
            unreachable!("a moment: {other}")
        }
    }
}

async fn of_openbao(server: &Server) -> Facts {
    let root = server.value("ROOT");
    let (status, list) = server.raw("LIST", "/v1/auth/token/accessors", root, None).await;
    assert_eq!(status, 200, "{list}");
    let mut found = Facts::new();
    for accessor in list["data"]["keys"].as_array().expect("a list") {
        let asked = Some(json!({ "accessor": accessor }));
        let (status, answer) = server.raw("POST", "/v1/auth/token/lookup-accessor", root, asked).await;
        // It has ended since.
        if status == 400 {
            continue;
        }
        let token = &answer["data"];
        let born = token["creation_time"].as_i64().expect("seconds");
        let owner = token["meta"]["owner"].as_str().map_or("?".to_owned(), str::to_owned);
        let label = token["meta"]["label"].as_str().unwrap_or_else(|| token["display_name"].as_str().expect("a name"));
        found.insert(
            text(accessor),
            facts(&[
                ("label", label.to_owned()),
                ("owner", owner),
                ("roles", joined(&token["policies"])),
                ("born", Timestamp::from_second(born).expect("a moment").to_string()),
                ("ends", moment(&token["expire_time"])),
            ]),
        );
    }
    found
}

async fn of_jupyterhub(server: &Server) -> Facts {
    let users = server.read("/users").await;
    let mut found = Facts::new();
    for user in users.as_array().expect("a list") {
        let name = text(&user["name"]);
        let tokens = server.read(&format!("/users/{name}/tokens")).await;
        for token in tokens["api_tokens"].as_array().expect("a list") {
            found.insert(
                format!("{name}/{}", text(&token["id"])),
                facts(&[
                    ("label", text(&token["note"])),
                    ("owner", name.clone()),
                    ("roles", joined(&token["scopes"])),
                    ("born", moment(&token["created"])),
                    ("used", moment(&token["last_activity"])),
                    ("ends", moment(&token["expires_at"])),
                ]),
            );
        }
    }
    found
}

async fn of_verdaccio(server: &Server) -> Facts {
    let list = server.read("/-/npm/v1/tokens").await;
    let fact = |token: &Value| {
        let role = if token["readonly"] == json!(true) { "readonly" } else { "read+write" };
        facts(&[
            ("owner", text(&token["user"])),
            ("roles", role.to_owned()),
            ("born", moment(&token["created"])),
            ("masked", text(&token["token"])),
        ])
    };
    list["objects"].as_array().expect("a list").iter().map(|token| (text(&token["key"]), fact(token))).collect()
}

async fn of_synapse(server: &Server) -> Facts {
    let users = server.read("/_synapse/admin/v2/users?limit=1000").await;
    let mut found = Facts::new();
    for user in users["users"].as_array().expect("a list") {
        let name = text(&user["name"]);
        let devices = server.read(&format!("/_synapse/admin/v2/users/{name}/devices")).await;
        for device in devices["devices"].as_array().expect("a list") {
            let used = match device["last_seen_ts"].as_i64() {
                Some(ms) => Timestamp::from_millisecond(ms).expect("a moment").to_string(),
                None => "never".to_owned(),
            };
            found.insert(
                format!("{name}/{}", text(&device["device_id"])),
                facts(&[("label", text(&device["display_name"])), ("owner", name.clone()), ("used", used)]),
            );
        }
    }
    found
}
