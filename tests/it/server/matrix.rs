//! Who may do what: every operation as every kind of caller on every kind of token, against a table written by hand.

use super::House;
use serde_json::{Value, json};

/// The callers, in the order of the table's columns.
const CALLERS: [&str; 6] = ["nobody", "reader", "developer", "admin", "refresh", "leaver"];

/// What the operation is done to.
const TARGETS: [&str; 7] = [
    "own reader",
    "own developer",
    "own admin",
    "own organization",
    "other's reader",
    "other's admin",
    "removed owner's",
];

/// Status by caller for operations on one token: rows are targets, columns are callers.
///
/// `nobody` has no credential, `refresh` a refresh token, `leaver` a user-scoped token of a removed user.
fn table(operation: &str) -> [[u16; 6]; 7] {
    match operation {
        // Who sees it may read it, and ending what is one's own is always right.
        "show" | "revoke" => [
            [401, 200, 200, 200, 401, 403],
            [401, 200, 200, 200, 401, 403],
            [401, 200, 200, 200, 401, 403],
            [401, 200, 200, 200, 401, 403],
            [401, 404, 404, 200, 401, 403],
            [401, 404, 404, 200, 401, 403],
            [401, 404, 404, 200, 401, 403],
        ],
        // Prolonging or getting at a value needs at least as much as the token holds.
        "edit" | "rotate" | "disable" | "enable" => [
            [401, 403, 200, 200, 401, 403],
            [401, 403, 200, 200, 401, 403],
            [401, 403, 403, 200, 401, 403],
            [401, 403, 403, 200, 401, 403],
            [401, 404, 404, 200, 401, 403],
            [401, 404, 404, 200, 401, 403],
            [401, 404, 404, 200, 401, 403],
        ],
        other => unreachable!("{other}"),
    }
}

struct Cast {
    house: House,
    values: Vec<Option<String>>,
}

/// The callers' values; reader, developer and admin all belong to ada.
fn cast() -> Cast {
    let house = House::new();
    for name in ["ada", "bob", "eve"] {
        house.user(name);
    }
    let make = |owner: &str, role: &str| house.create(&json!({ "label": "caller", "owner": owner, "roles": [role] }));
    let (parent, reader) = make("ada", "reader");
    let (_, developer) = make("ada", "developer");
    let (_, admin) = make("ada", "admin");
    let (_, leaver) = make("eve", "admin");
    let (_, refresh) =
        house.create(&json!({ "label": "refresh", "owner": "ada", "kind": "refresh", "parent": parent }));
    let values = vec![None, Some(reader), Some(developer), Some(admin), Some(refresh), Some(leaver)];
    Cast { house, values }
}

impl Cast {
    /// A fresh token for each cell, since some operations end it.
    fn target(&self, target: &str) -> String {
        let (owner, role, scope) = match target {
            "own reader" => ("ada", "reader", "user"),
            "own developer" => ("ada", "developer", "user"),
            "own admin" => ("ada", "admin", "user"),
            "own organization" => ("ada", "reader", "organization"),
            "other's reader" => ("bob", "reader", "user"),
            "other's admin" => ("bob", "admin", "organization"),
            "removed owner's" => ("eve", "reader", "user"),
            other => unreachable!("{other}"),
        };
        self.house.create(&json!({ "label": "target", "owner": owner, "roles": [role], "scope": scope })).0
    }

    fn status(&self, caller: usize, method: &str, path: &str, body: Option<&Value>) -> u16 {
        let mut ask = self.house.ask(method, path);
        if let Some(value) = &self.values[caller] {
            ask = ask.with(value);
        }
        if let Some(body) = body {
            ask = ask.json(body);
        }
        ask.send().status
    }
}

#[test]
fn operations_on_one_token_follow_the_table() {
    let cast = cast();
    let mut targets = Vec::new();
    for (row, target) in TARGETS.iter().enumerate() {
        for operation in ["show", "edit", "rotate", "disable", "enable", "revoke"] {
            for caller in 0..CALLERS.len() {
                targets.push((row, operation, caller, cast.target(target)));
            }
        }
    }
    cast.house.delete("/v1/users/eve").expect(200);
    let mut wrong = Vec::new();
    for (row, operation, caller, id) in targets {
        let path = format!("/v1/tokens/{id}");
        let label = json!({ "label": "edited" });
        let status = match operation {
            "show" => cast.status(caller, "GET", &path, None),
            "edit" => cast.status(caller, "PATCH", &path, Some(&label)),
            "revoke" => cast.status(caller, "DELETE", &path, None),
            other => cast.status(caller, "POST", &format!("{path}/{other}"), None),
        };
        let expected = table(operation)[row][caller];
        if status != expected {
            wrong.push(format!("{operation} of {} by {}: {status}, not {expected}", TARGETS[row], CALLERS[caller]));
        }
        let token = cast.house.get(&path).json();
        let changed = token["version"] != 1;
        let should_change = expected == 200 && !matches!(operation, "show" | "enable");
        if changed != should_change {
            wrong.push(format!("{operation} of {} by {} changed {changed}", TARGETS[row], CALLERS[caller]));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn operations_on_the_whole_follow_the_table() {
    let cast = cast();
    cast.house.delete("/v1/users/eve").expect(200);
    let create = |roles: Value, scope: &str, owner: Option<&str>| {
        Some(json!({ "label": "made", "roles": roles, "scope": scope, "owner": owner }))
    };
    let rows: Vec<(&str, &str, Option<Value>, [u16; 6])> = vec![
        ("GET", "/v1/health", None, [200, 200, 200, 200, 200, 200]),
        ("GET", "/v1/self", None, [401, 200, 200, 200, 401, 403]),
        ("GET", "/v1/tokens", None, [401, 200, 200, 200, 401, 403]),
        ("GET", "/v1/users", None, [401, 403, 403, 200, 401, 403]),
        ("GET", "/v1/events", None, [401, 403, 403, 200, 401, 403]),
        ("GET", "/v1/notices", None, [401, 403, 403, 200, 401, 403]),
        ("DELETE", "/v1/users/nobody", None, [401, 403, 403, 404, 401, 403]),
        ("POST", "/v1/users", Some(json!({ "name": "bob" })), [401, 403, 403, 409, 401, 403]),
        ("POST", "/v1/tokens", create(json!(["reader"]), "user", None), [401, 403, 201, 201, 401, 403]),
        ("POST", "/v1/tokens", create(json!(["developer"]), "user", Some("ada")), [401, 403, 201, 201, 401, 403]),
        ("POST", "/v1/tokens", create(json!(["admin"]), "user", None), [401, 403, 403, 201, 401, 403]),
        ("POST", "/v1/tokens", create(json!(["reader", "admin"]), "user", None), [401, 403, 403, 201, 401, 403]),
        ("POST", "/v1/tokens", create(json!(["reader"]), "organization", None), [401, 403, 403, 201, 401, 403]),
        ("POST", "/v1/tokens", create(json!(["reader"]), "user", Some("bob")), [401, 403, 403, 201, 401, 403]),
        ("POST", "/v1/tokens", create(json!(["reader"]), "user", Some("nobody")), [401, 403, 403, 422, 401, 403]),
    ];
    for (method, path, body, expected) in rows {
        let found: Vec<_> = (0..6).map(|caller| cast.status(caller, method, path, body.as_ref())).collect();
        assert_eq!(found, expected, "{method} {path} {body:?}");
    }
}

#[test]
fn the_list_holds_what_the_caller_may_see_and_no_more() {
    let cast = cast();
    for target in TARGETS {
        cast.target(target);
    }
    let owners = |caller: usize, query: &str| {
        let ask = cast.house.ask("GET", &format!("/v1/tokens?limit=1000{query}"));
        let body = ask.with(cast.values[caller].as_ref().expect("a value")).send().expect(200).json();
        let rows = body["tokens"].as_array().expect("tokens").clone();
        rows.iter().map(|token| token["owner"].as_str().expect("a name").to_owned()).collect::<Vec<_>>()
    };
    for caller in [1, 2] {
        assert_eq!(owners(caller, "").len(), 8);
        assert!(owners(caller, "").iter().all(|owner| owner == "ada"));
        assert!(owners(caller, "&owner=bob").is_empty());
    }
    assert_eq!(owners(3, "").len(), 13);
    assert_eq!(owners(3, "&owner=bob"), ["bob", "bob"]);
}

#[test]
fn nobody_gets_more_than_they_hold_by_a_detour() {
    let cast = cast();
    let developer = cast.values[2].as_ref().expect("a value");
    let admins = cast.house.get("/v1/tokens?role=admin&owner=ada").json()["tokens"][0]["id"].clone();
    let admins = admins.as_str().expect("an id");
    // Hanging a token on a stronger one of one's own lends none of its strength.
    let body = json!({ "label": "x", "parent": admins, "roles": ["admin"] });
    cast.house.ask("POST", "/v1/tokens").with(developer).json(&body).send().problem(403, "forbidden");
    // Nor does another's token serve as a parent.
    let others = cast.target("other's reader");
    let body = json!({ "label": "x", "parent": others });
    cast.house.ask("POST", "/v1/tokens").with(developer).json(&body).send().problem(422, "invalid-value");
}
