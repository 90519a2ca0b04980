//! What a list says, and what the server's own answers say, in one form that can be compared.

use std::collections::BTreeMap;

use futures_util::{StreamExt as _, stream};
use jiff::Timestamp;
use serde_json::{Value, json};
use tokendeck::domain::{Expiry, LastUse, Token, Untrusted};
use tokendeck::runtime::ports::{Clock as _, SystemClock};

use super::server::Server;

/// Every fact of a token that the screen shows, as text.
pub(super) type Fact = Vec<(&'static str, String)>;

/// The facts of tokens by their ids.
pub(super) type Facts = BTreeMap<String, Fact>;

/// Tells whether the program says of a token what the server says of it before or afterwards.
///
/// The last use may be later in the next answer; Synapse also tells an older one while it writes a new one down.
pub(super) fn agree(told: &Fact, before: Option<&Fact>, after: Option<&Fact>) -> bool {
    let without = |facts: &Fact, left_out: &[&str]| {
        facts.iter().filter(|(name, _)| !left_out.contains(name)).cloned().collect::<Fact>()
    };
    let used = |facts: &Fact| {
        let used = facts.iter().find(|(name, _)| *name == "used").expect("it is told");
        used.1.parse::<Timestamp>().ok()
    };
    let mut said = [before, after].into_iter().flatten();
    let latest = [before, after].into_iter().flatten().map(used).max().unwrap_or_default();
    said.any(|said| without(told, &["used", "state"]) == without(said, &["used", "state"])) && used(told) <= latest
}

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

/// What the command line prints of tokens.
pub(super) fn printed(tokens: &[Value]) -> Facts {
    let fact = |token: &Value| {
        let said = |name: &str| token[name].as_str().map(str::to_owned);
        let open = |name: &str| said(name).unwrap_or_else(|| "?".to_owned());
        let moment = |name: &str, reported: &str| match (said(name), token[reported] == json!(true)) {
            (Some(moment), _) => moment,
            (None, true) => "never".to_owned(),
            (None, false) => "?".to_owned(),
        };
        let roles = joined(&token["roles"]);
        vec![
            ("label", open("label")),
            ("owner", open("owner")),
            ("roles", if roles.is_empty() { "?".to_owned() } else { roles }),
            ("born", open("created")),
            ("used", moment("last_used", "use_reported")),
            ("ends", moment("expires", "expiry_reported")),
            ("masked", open("masked")),
            ("state", open("status")),
        ]
    };
    let facts: Facts = tokens.iter().map(|token| (text(&token["id"]), fact(token))).collect();
    assert_eq!(facts.len(), tokens.len(), "an id is there twice");
    facts
}

/// The same facts as the command line prints them, which has a word for the status.
pub(super) fn as_printed(facts: Facts) -> Facts {
    let mut facts = facts;
    let now = SystemClock.now();
    for told in facts.values_mut() {
        let fact = |name| told.iter().find(|(found, _)| *found == name).map(|(_, text)| text.clone());
        let (used, ends) = (fact("used").expect("it is told"), fact("ends").expect("it is told"));
        let status = match (used.as_str(), ends.parse::<Timestamp>()) {
            (_, Ok(end)) if end <= now => "expired",
            ("?", _) => "unknown",
            ("never", _) => "generated",
            // The servers are of today.
            _ => "active",
        };
        for (name, text) in told {
            match *name {
                "state" => status.clone_into(text),
                "roles" if text.is_empty() => "?".clone_into(text),
                _ => {}
            }
        }
    }
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
fn facts(known: &[(&'static str, String)]) -> Fact {
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
    let accessors: Vec<String> = list["data"]["keys"].as_array().expect("a list").iter().map(text).collect();
    let look = |accessor: String| async {
        let asked = Some(json!({ "accessor": accessor }));
        let (status, answer) = server.raw("POST", "/v1/auth/token/lookup-accessor", root, asked).await;
        // It has ended since.
        (status != 400).then(|| (accessor, of_accessor(&answer["data"])))
    };
    stream::iter(accessors).map(look).buffer_unordered(8).filter_map(std::future::ready).collect().await
}

fn of_accessor(token: &Value) -> Fact {
    let born = token["creation_time"].as_i64().expect("seconds");
    let owner = token["meta"]["owner"].as_str().map_or("?".to_owned(), str::to_owned);
    let label = token["meta"]["label"].as_str().unwrap_or_else(|| token["display_name"].as_str().expect("a name"));
    facts(&[
        ("label", label.to_owned()),
        ("owner", owner),
        ("roles", joined(&token["policies"])),
        ("born", Timestamp::from_second(born).expect("a moment").to_string()),
        ("ends", moment(&token["expire_time"])),
    ])
}

async fn of_jupyterhub(server: &Server) -> Facts {
    let users = match server.only() {
        Some((_, user)) => json!([{ "name": user }]),
        None => server.read("/users").await,
    };
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
    let users = match server.only() {
        Some((_, user)) => json!({ "users": [{ "name": user }] }),
        None => server.read("/_synapse/admin/v2/users?limit=1000").await,
    };
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
