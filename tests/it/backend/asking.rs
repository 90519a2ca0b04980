//! How other backends are asked: pages that are counted, lists in two steps, logins, inputs, ids below a parent.

use std::collections::BTreeMap;

use tokendeck::backend::{
    Plan, Site, decode, decode_login, decode_page, encode, encode_login, is_denied, put_over, reads_first,
};
use tokendeck::domain::{Change, Cursor, Draft, Expiry, FailureKind, Holds, Operation, RawPage, Reply, TokenId};

use super::{answer, context, draft, id, moment};

const HEAD: &str = r#"
name = "a"
title = "A"
docs = "-"
checked = "-"
extent = "own"
auth = { style = "header", header = "X-Key", value = "{credential}" }
token = { id = "/id", label = "/name" }
params.user = { about = "Whose tokens" }
"#;

fn plan(text: &str) -> Plan {
    Plan::check("a.toml", &format!("{HEAD}\n{text}")).expect("no mistakes")
}

fn at(plan: &Plan, params: &[(&str, &str)]) -> Site {
    let params: BTreeMap<String, String> =
        params.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Site::new(plan, "https://a.example/api", &params).expect("a lawful URL")
}

fn target(plan: &Plan, site: &Site, operation: &Operation) -> String {
    let request = encode(plan, site, operation).expect("it is offered");
    let query = request.query.map(|query| format!("?{query}")).unwrap_or_default();
    format!("{} {}{query}", request.method, request.path)
}

fn page(plan: &Plan, site: &Site, cursor: Option<&Cursor>, status: u16, body: &str) -> std::sync::Arc<RawPage> {
    let operation = Operation::List(cursor.cloned());
    match decode(plan, site, &operation, answer(status, body)) {
        Ok(Reply::Listed(page)) => page,
        other => unreachable!("no page: {other:?}"),
    }
}

/// Follows a list to its end; returns what was asked, without the path.
fn follow(plan: &Plan, bodies: &[&str]) -> Vec<String> {
    let site = at(plan, &[]);
    let (mut asked, mut cursor) = (Vec::new(), None);
    for body in bodies {
        let target = target(plan, &site, &Operation::List(cursor.clone()));
        asked.push(target.split_once('?').map(|(_, query)| query.to_owned()).unwrap_or_default());
        let page = page(plan, &site, cursor.as_ref(), 200, body);
        match &page.next {
            Some(next) => cursor = Some(next.clone()),
            None => return asked,
        }
    }
    asked.push("more".to_owned());
    asked
}

#[test]
fn pages_are_asked_for_as_the_backend_counts_them() {
    let two = r#"{"rows":[{"id":1},{"id":2}],"total":5,"pages":2}"#;
    let one = r#"{"rows":[{"id":5}],"total":5,"pages":2}"#;
    let none = r#"{"rows":[],"total":5,"pages":2}"#;
    for (next, bodies, asked) in [
        (r"{ page = 1 }", &[two, one, none][..], &["at=1", "at=2", "at=3"][..]),
        (r"{ page = 0 }", &[two, two, none], &["at=0", "at=1", "at=2"]),
        // A server that gives less than was asked for is read on: only the sum tells.
        (r#"{ page = 1, total = "/total" }"#, &[two, two, one, one], &["at=1", "at=2", "at=3"]),
        (r#"{ page = 1, pages = "/pages" }"#, &[two, one, one], &["at=1", "at=2"]),
        (r#"{ page = 0, pages = "/pages" }"#, &[two, one, one], &["at=0", "at=1"]),
        (r#"{ offset = 0, total = "/total" }"#, &[two, two, one, one], &["at=0", "at=2", "at=4"]),
        (r"{ offset = 0 }", &[two, one, none], &["at=0", "at=2", "at=3"]),
        (r#"{ offset = 0, total = "/total" }"#, &[two, none, one], &["at=0", "at=2"]),
        (r#"{ page = 1, total = "/none" }"#, &[two, none], &["at=1", "at=2"]),
    ] {
        let plan = plan(&format!(
            "[list]\npath = \"/t\"\nitems = \"/rows\"\nquery = {{ at = \"{{cursor}}\" }}\nnext = {next}"
        ));
        assert_eq!(follow(&plan, bodies), asked, "{next}");
    }
}

#[test]
fn of_a_next_url_only_the_parameter_is_taken() {
    let plan = plan(
        "[list]\npath = \"/t\"\nitems = \"/rows\"\nquery = { at = \"{cursor}\" }\nnext = { url = \"/next\", parameter = \"at\" }",
    );
    let body = |next: &str| format!(r#"{{"rows":[{{"id":1}}],"next":{next}}}"#);
    let elsewhere = body(r#""https://evil.example/steal?x=1&at=a%2Fb""#);
    assert_eq!(follow(&plan, &[&elsewhere, &body("null")]), ["", "at=a%2Fb"]);
    assert_eq!(follow(&plan, &[&body("\"\"")]), [""]);
    assert_eq!(follow(&plan, &[r#"{"rows":[]}"#]), [""]);
    let without = decode(&plan, &at(&plan, &[]), &Operation::List(None), answer(200, &body("\"/t?page=2\"")));
    assert_eq!(without.expect_err("it must not pass for the end").kind, FailureKind::Protocol);
}

const BY_PARENT: &str = r#"
[list]
path = "/users"
items = "/items"
query = { offset = "{cursor}" }
next = { offset = 0, total = "/total" }
[list.each]
value = "/name"
only = "{params.user}"
unless = { at = "/tokens", when = ["0"] }
path = "/users/{each}/tokens"
items = "/tokens"
gone_status = [404]
[get]
path = "/users/{each}/tokens/{id}"
[revoke]
path = "/users/{each}/tokens/{id}"
gone_status = [404]
[create]
path = "/users/{each}/tokens"
json = { note = "{label}", ttl = "{expires:seconds}" }
secret = "/token"
omit_never = true
"#;

#[test]
fn a_list_is_read_parent_by_parent() {
    let plan = plan(BY_PARENT);
    let site = at(&plan, &[]);
    let users = r#"{"items":[{"name":"ada"},{"name":"b/c"},{"name":"idle","tokens":0}],"total":4}"#;
    let first = page(&plan, &site, None, 200, users);
    assert_eq!(first.holds, Holds::Nothing);
    assert_eq!(first.next.as_ref().map(Cursor::raw), Some("3"));
    let asked: Vec<_> =
        first.below.iter().map(|cursor| target(&plan, &site, &Operation::List(Some(cursor.clone())))).collect();
    assert_eq!(asked, ["GET /api/users/ada/tokens", "GET /api/users/b%2Fc/tokens"]);
    let below = page(&plan, &site, Some(&first.below[1]), 200, r#"{"tokens":[{"id":"a62","name":"ci"}]}"#);
    let token = decode_page(&plan, &context(), &below).expect("lawful").token(0);
    assert_eq!(token.id.raw(), "b%2Fc/a62");
    assert_eq!(target(&plan, &site, &Operation::Revoke(token.id.clone())), "DELETE /api/users/b%2Fc/tokens/a62");
    // The token that is read by itself has the same id.
    let read = decode(&plan, &site, &Operation::Get(token.id.clone()), answer(200, r#"{"id":"a62"}"#));
    assert!(matches!(read, Ok(Reply::Token(read)) if read.id == token.id));
    let other = decode(&plan, &site, &Operation::Get(token.id), answer(200, r#"{"id":"a63"}"#));
    assert_eq!(other.expect_err("another token").kind, FailureKind::Protocol);
    // A parent that vanished in between has no tokens.
    assert_eq!(page(&plan, &site, Some(&first.below[0]), 404, "{}").holds, Holds::Nothing);
    // An id that names no parent reaches nothing; nor does one that names nobody, or nothing of somebody's.
    for half in ["a62", "ada/", "/a62", "/"] {
        assert_eq!(encode(&plan, &site, &Operation::Revoke(id(half))).expect_err(half).kind, FailureKind::Refused);
    }
}

#[test]
fn an_operation_on_one_token_is_never_sent_without_its_id() {
    let plan = plan(
        r#"
[list]
path = "/users"
items = ""
[list.each]
value = "/name"
path = "/tokens"
query = { user = "{each}" }
items = ""
[revoke]
path = "/tokens"
query = { user = "{each}", id = "{id}" }
"#,
    );
    let site = at(&plan, &[]);
    assert_eq!(target(&plan, &site, &Operation::Revoke(id("a/7"))), "DELETE /api/tokens?id=7&user=a");
    for half in ["7", "a/", "/7"] {
        assert_eq!(encode(&plan, &site, &Operation::Revoke(id(half))).expect_err(half).kind, FailureKind::Refused);
    }
    let nobodys = Operation::List(Some(Cursor::of_parent("")));
    assert_eq!(encode(&plan, &site, &nobodys).expect_err("whose?").kind, FailureKind::Refused);
}

#[test]
fn the_only_parent_of_a_context_needs_no_first_step() {
    let plan = plan(BY_PARENT);
    let site = at(&plan, &[("user", "ada")]);
    assert_eq!(target(&plan, &site, &Operation::List(None)), "GET /api/users/ada/tokens");
    let listed = page(&plan, &site, None, 200, r#"{"tokens":[{"id":"a1"}]}"#);
    assert_eq!(decode_page(&plan, &context(), &listed).expect("lawful").token(0).id.raw(), "ada/a1");
    assert_eq!(target(&plan, &site, &Operation::Create(draft())), "POST /api/users/ada/tokens");
    let for_another = Draft { owner: Some("eve".to_owned()), ..draft() };
    assert_eq!(target(&plan, &site, &Operation::Create(for_another)), "POST /api/users/eve/tokens");
    let unknown = encode(&plan, &at(&plan, &[]), &Operation::Create(draft()));
    assert_eq!(unknown.expect_err("for whom?").kind, FailureKind::Refused);
}

#[test]
fn a_time_to_live_is_counted_from_the_asking() {
    let plan = plan(BY_PARENT);
    let site = at(&plan, &[("user", "ada")]);
    let body = |expires| {
        let operation = Operation::Create(Draft { label: "x".to_owned(), expires, ..draft() });
        encode(&plan, &site, &operation).expect("offered").body.expect("a body").to_string()
    };
    assert_eq!(body(Expiry::At(moment("2026-11-22T13:00:00.9Z"))), r#"{"note":"x","ttl":3600}"#);
    assert_eq!(body(Expiry::Never), r#"{"note":"x"}"#);
}

#[test]
fn bare_ids_are_asked_for_one_by_one() {
    let plan = plan(
        r#"
[list]
method = "LIST"
path = "/accessors"
items = "/data/keys"
empty = { status = [404], at = "/errors", when = ["[]"] }
[list.each]
value = ""
method = "POST"
path = "/lookup"
json = { accessor = "{each}" }
item = "/data"
gone_status = [400]
"#,
    );
    let site = at(&plan, &[]);
    let first = page(&plan, &site, None, 200, r#"{"data":{"keys":["x","y"]}}"#);
    assert_eq!((first.below.len(), first.next.is_none()), (2, true));
    let request = encode(&plan, &site, &Operation::List(Some(first.below[1].clone()))).expect("offered");
    assert_eq!(request.body.expect("a body").to_string(), r#"{"accessor":"y"}"#);
    let one = page(&plan, &site, Some(&first.below[1]), 200, r#"{"data":{"id":"y","name":"ci"}}"#);
    assert_eq!(one.holds, Holds::One);
    assert_eq!(decode_page(&plan, &context(), &one).expect("lawful").token(0).id.raw(), "y");
    assert_eq!(page(&plan, &site, Some(&first.below[0]), 400, "{}").holds, Holds::Nothing);
    assert_eq!(page(&plan, &site, None, 404, r#"{"errors":[]}"#).holds, Holds::Nothing);
    let missing = r#"{"errors":["namespace not found"]}"#;
    let failed = decode(&plan, &site, &Operation::List(None), answer(404, missing));
    assert_eq!(failed.expect_err("not empty, but missing").kind, FailureKind::NotFound);
}

#[test]
fn secrets_have_places_and_nothing_more() {
    let text = r#"
name = "a"
title = "A"
docs = "-"
checked = "-"
extent = "own"
token = { id = "/id" }
list = { path = "/t", items = "", headers = { X-Otp = "{inputs.otp}" } }
auth = { style = "login", header = "Authorization", value = "Bearer {session}" }
params.user = { about = "Who" }
inputs.otp = { about = "A one-time code" }
login = { path = "/login", json = { name = "{params.user}", secret = "{credential}" }, session = "/token", lifetime = 600 }
create = { path = "/t", json = { label = "{label}", password = "{inputs.otp}" }, secret = "/secret" }
revoke_value = { path = "/revoke", form = { token = "{secret}" } }
"#;
    let plan = Plan::check("a.toml", text).expect("no mistakes");
    let site = at(&plan, &[("user", "ada")]);
    let asked = |site: &Site, operation: &Operation| {
        let request = encode(&plan, site, operation).expect("offered");
        let sealed: Vec<_> = request.sealed.iter().map(|(name, value)| format!("{name}: {value}")).collect();
        (sealed.join("\n"), request.body.map(|body| body.to_string()))
    };
    assert_eq!(asked(&site, &Operation::List(None)), ("authorization: Bearer …".to_owned(), None));
    let given = site.clone().with_inputs(["otp".into()]);
    assert_eq!(asked(&given, &Operation::List(None)).0, "x-otp: …\nauthorization: Bearer …");
    let create = Operation::Create(Draft { label: "x".to_owned(), ..draft() });
    assert_eq!(asked(&site, &create).1.as_deref(), Some(r#"{"label":"x"}"#));
    assert_eq!(asked(&given, &create).1.as_deref(), Some(r#"{"label":"x","password":"…"}"#));
    let value = std::sync::Arc::new(tokendeck::domain::Secret::new("v".into()));
    assert_eq!(asked(&site, &Operation::RevokeValue(value)).1.as_deref(), Some("token=…"));
    let login = encode_login(&plan, &site, moment("2026-11-22T12:00:00Z")).expect("it logs in");
    assert_eq!(
        (login.sealed.len(), login.body.expect("a body").to_string().as_str()),
        (0, r#"{"name":"ada","secret":"…"}"#)
    );
    let session = decode_login(&plan, &answer(200, r#"{"token":"jwt"}"#)).expect("a session");
    assert_eq!((session.secret.len(), session.lifetime.map(|lifetime| lifetime.as_secs())), (3, Some(600)));
    let until =
        Plan::check("a.toml", &text.replace("lifetime = 600", "expires = { at = \"/until\" }")).expect("lawful");
    let session = decode_login(&until, &answer(200, r#"{"token":"jwt","until":"2026-11-22T12:10:00Z"}"#)).expect("one");
    assert_eq!(session.lifetime.map(|lifetime| lifetime.as_secs()), Some(600), "by the backend's clock");
    for (status, body, kind) in [
        (401, "{}", FailureKind::Credential),
        (400, "{}", FailureKind::Credential),
        (200, "{}", FailureKind::Protocol),
        (503, "{}", FailureKind::Server),
    ] {
        assert_eq!(decode_login(&plan, &answer(status, body)).expect_err(body).kind, kind, "{status}");
    }
}

#[test]
fn a_token_that_is_sent_back_whole_keeps_what_is_not_changed() {
    let plan = plan(
        r#"
list = { path = "/t", items = "" }
get = { path = "/t/{id}", item = "/result" }
edit = { method = "PUT", path = "/t/{id}", json = { name = "{label}" }, read = true }
"#,
    );
    let site = at(&plan, &[]);
    let change =
        Change { label: Some("new".to_owned()), expires: None, version: None, asked: moment("2026-11-22T12:00:00Z") };
    let edit = Operation::Edit(id("7"), change);
    assert_eq!(reads_first(&plan, &edit), Some(Operation::Get(id("7"))));
    assert_eq!(reads_first(&plan, &Operation::Get(id("7"))), None);
    let request = encode(&plan, &site, &edit).expect("offered");
    let read = answer(200, r#"{"result":{"id":"7","name":"old","policies":[1]}}"#);
    let sent = put_over(&plan, request.clone(), &read).expect("an object").body.expect("a body").to_string();
    assert_eq!(sent, r#"{"id":"7","name":"new","policies":[1]}"#);
    for body in ["[]", r#"{"result":[]}"#, "no"] {
        assert!(put_over(&plan, request.clone(), &answer(200, body)).is_err(), "{body}");
    }
}

#[test]
fn a_refusal_that_does_not_say_why_is_known_as_such() {
    let plan =
        plan("list = { path = \"/t\", items = \"\", ok = [200, 429] }\n[errors]\nstatuses = { 403 = \"denied\" }");
    let site = at(&plan, &[]);
    let denied = |status| is_denied(&plan, &site, &Operation::List(None), &answer(status, "{}"));
    assert_eq!([denied(403), denied(401), denied(200), denied(429)], [true, false, false, false]);
}

#[test]
fn an_id_below_a_parent_stays_in_its_place() {
    let plan = plan(BY_PARENT);
    let site = at(&plan, &[]);
    for (odd, path) in [
        ("../../x/y", "/api/users/%2E%2E/tokens/%2E%2E%2Fx%2Fy"),
        ("%2F../a?b#c", "/api/users/%2F%2E%2E/tokens/a%3Fb%23c"),
        ("a/%2e%2e", "/api/users/a/tokens/%252e%252e"),
    ] {
        let request = encode(&plan, &site, &Operation::Get(TokenId::parse(odd).expect("lawful"))).expect("offered");
        assert_eq!(request.path, path, "{odd}");
    }
}

#[test]
fn a_role_can_be_a_yes_or_no_and_an_unknown_one_is_neither() {
    let plan = plan(
        r#"
roles = [{ name = "read" }, { name = "read+write", admin = true }, { like = "x*" }]
list = { path = "/t", items = "" }
create = { path = "/t", query = { w = "{role:is read+write}" }, json = { write = "{role:is read+write}", all = ["{role:is read}"], text = "w={role:is read}" }, secret = "/s" }
"#,
    );
    let site = at(&plan, &[]);
    let create = |roles: &[&str]| {
        let roles = roles.iter().map(|role| (*role).to_owned()).collect();
        encode(&plan, &site, &Operation::Create(Draft { roles, ..draft() }))
    };
    for (role, query, body) in [
        ("read", "w=false", r#"{"all":[true],"text":"w=true","write":false}"#),
        ("read+write", "w=true", r#"{"all":[false],"text":"w=false","write":true}"#),
    ] {
        let request = create(&[role]).expect("offered");
        assert_eq!((request.query.as_deref(), request.body.expect("a body").to_string().as_str()), (Some(query), body));
    }
    for roles in [&["write"][..], &["x"], &["read", "read+write"], &[]] {
        let refused = create(roles).expect_err("it would be another role");
        assert_eq!(refused.kind, FailureKind::Refused, "{roles:?}");
    }
}

#[test]
fn several_roles_are_written_as_the_backend_wants_them() {
    let plan = plan(
        r#"
list = { path = "/t", items = "" }
create = { path = "/t", query = { q = "{roles:blanks}" }, json = { a = "{roles}", b = "{roles:objects Name}", c = "{roles:blanks}", d = "{roles}." }, secret = "/s" }
"#,
    );
    assert!(plan.capabilities().choose_roles == tokendeck::domain::RoleChoice::Several);
    let roles = vec!["a b".to_owned(), "\"c\"".to_owned()];
    let request = encode(&plan, &at(&plan, &[]), &Operation::Create(Draft { roles, ..draft() })).expect("offered");
    assert_eq!(request.query.as_deref(), Some("q=a%20b%20%22c%22"));
    let body = r#"{"a":["a b","\"c\""],"b":[{"Name":"a b"},{"Name":"\"c\""}],"c":"a b \"c\"","d":"a b,\"c\"."}"#;
    assert_eq!(request.body.expect("a body").to_string(), body);
}
