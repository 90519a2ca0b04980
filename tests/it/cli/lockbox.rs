//! Lockbox, the service of the walk in `assets/backends/README.md`: what its documents say there, and what its answers
//! show. It knows nothing of descriptions.

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use crate::backend::hostile::server::{Act, json as answer};

/// The most keys of one page.
const PAGE: usize = 50;

/// Who may do everything.
pub(super) const ROOT: &str = "lbx_root";

/// Who may read.
pub(super) const READER: &str = "lbx_reader";

/// The service: its keys, and all that it was asked.
#[derive(Clone)]
pub(super) struct Lockbox(Arc<Mutex<Held>>);

struct Held {
    /// Each with its secret.
    keys: Vec<(Value, String)>,
    asked: Vec<String>,
}

/// A request, taken apart.
struct Asked<'a> {
    method: &'a str,
    path: &'a str,
    query: Vec<(String, String)>,
    key: &'a str,
    body: Value,
}

impl Lockbox {
    /// Begins with the keys that a page shows, and so many in all.
    pub(super) fn new(shown: &[Value], keys: usize) -> Self {
        let others = (10..).map(|id: u64| {
            let user = json!({ "login": format!("user {id}") });
            json!({ "key_id": id, "comment": format!("key {id} é"), "user": user, "rights": "pull", "made": 1_788_256_800 + id,
                "seen": 0, "ends": 0, "off": false, "secret_key": null })
        });
        let all = shown.iter().cloned().chain(others).take(keys);
        let keys = all.map(|key| (key.clone(), format!("lbx_{}", key["key_id"]))).collect();
        Self(Arc::new(Mutex::new(Held { keys, asked: Vec::new() })))
    }

    /// Returns what a server does to be it.
    pub(super) fn act(&self) -> Act {
        let held = Arc::clone(&self.0);
        Act::Ask(Arc::new(move |request| {
            let mut held = held.lock().expect("not poisoned");
            let (status, body) = held.answer(&Asked::read(request));
            held.asked.push(request.lines().next().unwrap_or_default().to_owned());
            answer(status, "", &if status == 204 { String::new() } else { body.to_string() })
        }))
    }

    /// Returns the keys that live.
    pub(super) fn keys(&self) -> Vec<Value> {
        self.0.lock().expect("not poisoned").keys.iter().map(|(key, _)| key.clone()).collect()
    }

    /// Returns the first lines of what was asked since the last time.
    pub(super) fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().expect("not poisoned").asked)
    }
}

impl<'a> Asked<'a> {
    fn read(request: &'a str) -> Self {
        let (head, body) = request.split_once("\r\n\r\n").unwrap_or((request, ""));
        let mut words = head.lines().next().unwrap_or_default().split(' ');
        let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let query = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        let header = |line: &'a str| {
            let (name, value) = line.split_once(": ")?;
            name.eq_ignore_ascii_case("x-lockbox").then_some(value)
        };
        let key = head.lines().find_map(header).unwrap_or_default();
        Self { method, path, query, key, body: serde_json::from_str(body).unwrap_or_default() }
    }
}

impl Held {
    fn answer(&mut self, asked: &Asked<'_>) -> (u16, Value) {
        let own = self.keys.iter().find(|(_, secret)| secret == asked.key).map(|(key, _)| key.clone());
        let own = match asked.key {
            ROOT => json!({ "key_id": 1, "user": { "login": "root" } }),
            READER => json!({ "key_id": 2, "user": { "login": "reader" } }),
            _ => match own {
                Some(key) => key,
                None => return (403, json!({ "why": "bad key" })),
            },
        };
        if asked.path == "/api/me" {
            return (200, json!({ "key_id": own["key_id"], "login": own["user"]["login"] }));
        }
        if asked.key != ROOT && (asked.method != "GET" || asked.key != READER) {
            return (403, json!({ "why": "needs the right keys" }));
        }
        match (asked.method, asked.path.strip_prefix("/api/keys")) {
            ("GET", Some("")) => self.page(asked),
            ("POST", Some("")) => self.make(&asked.body),
            ("DELETE", Some(id)) => {
                let before = self.keys.len();
                self.keys.retain(|(key, _)| format!("/{}", key["key_id"]) != id);
                if self.keys.len() < before { (204, Value::Null) } else { (410, json!({ "why": "no such key" })) }
            }
            _ => (404, json!({ "why": "no such place" })),
        }
    }

    fn page(&self, asked: &Asked<'_>) -> (u16, Value) {
        let said = |name: &str| asked.query.iter().find(|(there, _)| there == name).map(|(_, value)| &**value);
        let rows = said("per_page").and_then(|text| text.parse().ok()).unwrap_or(PAGE).min(PAGE);
        let from = match said("after") {
            None => 0,
            Some(word) => match word.strip_prefix("eyJ ").and_then(|row| row.parse().ok()) {
                Some(from) => from,
                None => return (422, json!({ "why": "no such place in the list" })),
            },
        };
        let data: Vec<&Value> = self.keys.iter().skip(from).take(rows).map(|(key, _)| key).collect();
        let end = from + data.len();
        let more = if end < self.keys.len() { json!(format!("eyJ {end}")) } else { Value::Null };
        (200, json!({ "data": data, "more": more }))
    }

    fn make(&mut self, body: &Value) -> (u16, Value) {
        let rights: Option<Vec<&str>> =
            body["rights"].as_array().map(|all| all.iter().filter_map(Value::as_str).collect());
        let (Some(comment), Some(rights)) = (body["comment"].as_str(), rights) else {
            return (422, json!({ "why": "comment and rights are needed" }));
        };
        let days = body.get("days");
        if days.is_some_and(Value::is_null) {
            return (422, json!({ "why": "days is no number" }));
        }
        let ends = days.and_then(Value::as_i64).map_or(0, |days| 1_795_348_800 + days * 86_400);
        let id = 203 + self.keys.len();
        let key = json!({ "key_id": id, "comment": comment, "user": { "login": "root" }, "rights": rights.join(","),
            "made": 1_795_348_800, "seen": 0, "ends": ends, "off": false, "secret_key": null });
        let secret = format!("lbx_made_{id}");
        self.keys.push((key.clone(), secret.clone()));
        (201, json!({ "key": key, "secret_key": secret }))
    }
}
