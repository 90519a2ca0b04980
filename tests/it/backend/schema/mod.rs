//! The schema that editors read and the reader of descriptions say the same.

mod checking;

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::Path;

use serde_json::{Map, Value, json};
use tokendeck::backend::{Plan, catalog};

use checking::{Schema, Step};

/// What no built-in description needs.
const RARE: &str = r#"
name = "rare"
title = "Rare"
docs = "-"
checked = "2026-11-22"
extent = "own"
scopes = ["one"]
budget = { requests = 9, seconds = 9 }
roles = [{ like = "x:*", about = "-", admin = true }]
params.user = { about = "-", default = "x", required = true }
inputs.code = { about = "-", required = true, needed_for = ["create"] }
auth = { style = "login", header = "X-Key", value = "Bearer {session}" }
login = { path = "/login", form = { key = "{credential}" }, session = "/s", lifetime = 60, expires = { at = "/e" } }
health = { path = "/health", success = { at = "/ok" }, statuses = { 418 = "server" } }
errors = { text = ["/m"], wait = { seconds = "/w" }, statuses = { 418 = "busy" } }
events = { path = "/e", items = "/e", fields = { action = "/a", at = { at = "/t" } } }

[token]
id = "/id"
label = { fixed = "-" }
owner_removed = { at = "/gone" }
creator = { at = "/c", form = "user {value}" }
created = { at = "/made", time = "local", zone = "+05:30", absent = "never" }
expires = { at = "/ttl", time = "duration", after = "created", never = ["0"], absent = "never" }
state = [{ is = "disabled", all = [{ at = "/a", when = ["x"] }] }]

[list]
path = "/list"
items = ""
next = { url = "/next", parameter = "page" }
query = { page = "{cursor}" }
empty = { status = [404], at = "/errors", when = ["[]"] }
where = [{ at = "/kind" }]

[create]
path = "/list"
json = { name = "{label}", ends = "{expires}" }
longest = "24h"
item = "/all"
newest = true
secret_from = "rotate"

[rotate]
path = "/list/{id}"
item = false
secret = "/secret"
new_id = true
"#;

fn schema() -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/backends/schema.json");
    serde_json::from_str(&std::fs::read_to_string(path).expect("a schema")).expect("JSON")
}

/// What stands where there is no list.
const UNLISTED: &str = r#"
name = "unlisted"
title = "Unlisted"
docs = "-"
checked = "2026-11-22"
unlisted = "-"
auth = { style = "basic" }
token = { id = "/id" }
get = { path = "/list/{id}" }
self = { path = "/me", alive = { status = [404], at = "/m", when = ["x"] } }
revoke = { path = "/list/{id}", unproved = "-" }
revoke_value = { path = "/own", credential = "value" }
"#;

/// Returns the built-in descriptions, and those with what is rare.
fn descriptions() -> Vec<(&'static str, Value)> {
    let built_in = catalog::names().map(|name| (name, catalog::builtin(name).expect("built in")));
    built_in.chain([("rare", RARE), ("unlisted", UNLISTED)]).map(|(name, text)| (name, read(text))).collect()
}

fn read(text: &str) -> Value {
    let table: toml::Table = text.parse().expect("TOML");
    serde_json::to_value(table).expect("JSON")
}

/// Returns what the reader finds wrong with a description, each with its key.
fn mistakes(description: &Value) -> Vec<String> {
    let text = toml::to_string(description).expect("TOML");
    let found = Plan::check("planted.toml", &text).err().unwrap_or_default();
    found.iter().map(ToString::to_string).collect()
}

/// Calls `on` with every table of a description, its place and what describes it.
fn tables<'s>(
    schema: Schema<'s>,
    value: &Value,
    at: &mut Vec<Step>,
    on: &mut impl FnMut(Schema<'s>, &[Step], &Map<String, Value>),
) {
    let inner: Vec<(Step, &Value)> = match value {
        Value::Object(members) => {
            on(schema, at, members);
            members.iter().map(|(name, value)| (Step::Key(name.clone()), value)).collect()
        }
        Value::Array(items) => items.iter().enumerate().map(|(index, item)| (Step::Index(index), item)).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
    };
    for (step, inside) in inner {
        if let Some(part) = schema.inside(&step, value) {
            at.push(step);
            tables(part, inside, at, on);
            at.pop();
        }
    }
}

/// Returns the table at a place.
fn table_at<'v>(whole: &'v mut Value, at: &[Step]) -> &'v mut Map<String, Value> {
    let found = at.iter().fold(whole, |inside, step| match step {
        Step::Key(name) => &mut inside[name.as_str()],
        Step::Index(index) => &mut inside[*index],
    });
    found.as_object_mut().expect("a table")
}

/// Returns a description with a key put into the table at a place.
fn planted(description: &Value, at: &[Step], key: &str, value: Value) -> Value {
    let mut whole = description.clone();
    table_at(&mut whole, at).insert(key.to_owned(), value);
    whole
}

/// Returns a description without a key of the table at a place.
fn uprooted(description: &Value, at: &[Step], key: &str) -> Value {
    let mut whole = description.clone();
    table_at(&mut whole, at).remove(key);
    whole
}

/// Returns the place as a mistake names it: without the numbers of list elements.
fn path(at: &[Step], key: &str) -> String {
    let names = at.iter().filter_map(|step| if let Step::Key(name) = step { Some(name.as_str()) } else { None });
    names.chain([key]).collect::<Vec<_>>().join(".")
}

#[test]
fn every_description_is_as_the_schema_says() {
    let schema = schema();
    for (name, description) in descriptions() {
        assert!(Schema::new(&schema).takes(&description), "{name}");
        assert_eq!(mistakes(&description), Vec::<String>::new(), "{name}");
    }
    assert!(!Schema::new(&schema).takes(&json!({"name": "x"})));
}

/// What the reader says of a key that it does not know.
const UNKNOWN: &str = "is no key of this table";

/// No word is near it, so that the reader names all the keys that it knows.
const STRANGE: &str = "zzzzzzzzzzzzzzzzzzzzzzzz";

/// Returns values of all kinds that some key or other takes.
fn samples() -> impl Iterator<Item = Value> {
    let texts =
        ["x", "/x", "{params.x}", "nbt_{/x}", "GET", "header", "rotate", "created", "utc"].map(|text| json!(text));
    let tables = [json!([{"at": "/x", "is": "live", "name": "x", "kind": "busy"}]), json!({}), json!({"at": "/x"})];
    texts.into_iter().chain(tables).chain([json!(true), json!(false), json!(0), json!(100), json!([]), json!([200])])
}

/// Tells whether the schema takes a key beside the others of a table, with any value.
fn takes_with(part: Schema<'_>, table: &Map<String, Value>, key: &str) -> bool {
    samples().any(|value| {
        let mut with = table.clone();
        with.insert(key.to_owned(), value);
        part.takes(&Value::Object(with))
    })
}

#[test]
fn the_schema_and_the_reader_know_the_same_keys_at_each_place() {
    let schema = schema();
    let mut differences = BTreeMap::new();
    let mut places = BTreeSet::new();
    for (name, description) in descriptions() {
        let mut found = Vec::new();
        tables(Schema::new(&schema), &description, &mut Vec::new(), &mut |part, at, table| {
            let Some(keys) = part.keys() else { return };
            // Many descriptions have the same tables: one of each kind tells.
            if places.insert((path(at, ""), table.keys().cloned().collect::<Vec<_>>())) {
                let mut strange = table.clone();
                strange.insert(STRANGE.to_owned(), json!("x"));
                assert!(!part.takes(&Value::Object(strange)), "{name}: the schema takes {}", path(at, STRANGE));
                let lawful = |key: &String| takes_with(part, table, key);
                let lawful: Vec<_> =
                    keys.iter().filter(|key| !table.contains_key(*key)).filter(|key| lawful(key)).cloned().collect();
                found.push((at.to_vec(), keys, lawful));
            }
        });
        for (at, keys, lawful) in found {
            let place = path(&at, STRANGE);
            let said = mistakes(&planted(&description, &at, STRANGE, json!("x")));
            let said = said.into_iter().find(|said| said.contains(&format!(" {place}: {UNKNOWN}")));
            let said = said.unwrap_or_else(|| unreachable!("{name}: the reader takes {place}"));
            // A key that the reader asks for, and the schema has not; some it knows only to say why it is wrong there.
            let known = said.split("known here: ").nth(1).unwrap_or_default();
            for key in known.split([',', ' ', '\n']).filter(|key| !key.is_empty() && !keys.contains(*key)) {
                if samples().any(|value| mistakes(&planted(&description, &at, key, value)).is_empty()) {
                    differences.entry(path(&at, key)).or_insert("only the reader takes it");
                }
            }
            // A key that the schema has, and the reader never asks for. What it says of the value is another matter.
            for key in lawful {
                let place = path(&at, &key);
                let said = mistakes(&planted(&description, &at, &key, json!("x")));
                if said.iter().any(|said| said.contains(&format!(" {place}: {UNKNOWN}"))) {
                    differences.entry(place).or_insert("only the schema knows it");
                }
            }
        }
    }
    assert!(differences.is_empty(), "{differences:#?}");
    let places: BTreeSet<_> = places.into_iter().map(|(place, _)| place).collect();
    assert!(places.len() > 60, "{places:?}");
}

#[test]
fn what_the_schema_refuses_the_reader_refuses_too() {
    let schema = schema();
    let (mut seen, mut differences) = (HashSet::new(), BTreeSet::new());
    for (name, description) in descriptions() {
        let mut refused = Vec::new();
        tables(Schema::new(&schema), &description, &mut Vec::new(), &mut |part, at, table| {
            for (key, value) in table {
                let mut without = table.clone();
                without.remove(key);
                if !part.takes(&Value::Object(without)) {
                    refused.push((at.to_vec(), key.clone(), None));
                }
                if !seen.insert((path(at, key), table.len(), std::mem::discriminant(value))) {
                    continue;
                }
                for other in [json!(true), json!(7), json!(""), json!([]), json!({}), json!(["~"]), json!("}{")] {
                    let mut changed = table.clone();
                    changed.insert(key.clone(), other.clone());
                    if !part.takes(&Value::Object(changed)) {
                        refused.push((at.to_vec(), key.clone(), Some(other)));
                    }
                }
            }
        });
        for (at, key, value) in refused {
            let changed = match &value {
                Some(value) => planted(&description, &at, &key, value.clone()),
                None => uprooted(&description, &at, &key),
            };
            if mistakes(&changed).is_empty() {
                let value = value.map_or("nothing".to_owned(), |value| value.to_string());
                differences.insert(format!("{} = {value}, as in {name}", path(&at, &key)));
            }
        }
    }
    assert!(differences.is_empty(), "the reader takes what the schema refuses: {differences:#?}");
}
