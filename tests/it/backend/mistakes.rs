//! Every kind of mistake in a description is told, with its line, all at once.

use tokendeck::backend::{Plan, catalog};

/// A description without a mistake, line by line.
const GOOD: &str = r#"name = "example"
title = "Example"
docs = "https://example.org"
checked = "2026-11-22"
extent = "own"
scopes = ["user"]
roles = [{ name = "reader", about = "reads", admin = false }]
[params.org]
about = "The organisation"
[auth]
style = "header"
header = "X-Api-Key"
value = "{credential}"
[headers]
X-Org = "{params.org}"
[token]
id = "/id"
label = ["/label", "/name"]
roles = { at = "/scopes", split = " " }
created = { at = "/created", time = "unix" }
state = [{ is = "revoked", at = "/revoked" }]
secrets = ["/accessToken"]
[list]
path = "/tokens"
query = { page = "{cursor}" }
items = "/data"
next = { body = "/next" }
[revoke]
path = "/tokens/{id}"
gone_status = [404]
[create]
path = "/orgs/{params.org}/tokens"
json = { name = "{label}", days = 7, scopes = "{roles}", nested = { until = "{expires:unix}" } }
secret = "/token"
[events]
path = "/events"
items = ""
fields = { action = "/what", at = { at = "/when" } }
[errors]
text = ["/message"]
statuses = { 418 = "busy" }
"#;

/// Returns the mistakes of a text as `line key: message`.
fn mistakes(text: &str) -> Vec<String> {
    let found = Plan::check("example.toml", text).err().unwrap_or_default();
    found.iter().map(|mistake| format!("{} {}: {}", mistake.line, mistake.key, mistake.message)).collect()
}

#[test]
fn the_example_is_without_mistake() {
    assert_eq!(mistakes(GOOD), Vec::<String>::new());
}

/// Each row: what is replaced, by what, and the mistake that this is.
const TABLE: &[(&str, &str, &str)] = &[
    // Form.
    ("name = \"example\"", "name = ", "1 : "),
    ("name = \"example\"", "name = 7", "1 name: is a number"),
    ("name = \"example\"\n", "", "1 name: is missing"),
    ("style = \"header\"\n", "", "10 auth.style: is missing"),
    ("docs = ", "doc = ", "3 doc: is no key of this table"),
    ("split = \" \"", "spilt = \" \"", "19 token.roles.spilt: is no key of this table"),
    ("extent = \"own\"", "extent = \"all\"", "5 extent: \"all\" is no extent"),
    ("scopes = [\"user\"]", "scopes = [\"user\", 7]", "6 scopes: holds a number"),
    ("scopes = [\"user\"]", "scopes = true", "6 scopes: is true or false"),
    ("admin = false", "admin = \"no\"", "7 roles.admin: is a text"),
    ("name = \"reader\", ", "", "7 roles.name: is missing"),
    ("name = \"reader\"", "like = \"reader\"", "7 roles.like: has no * in it"),
    ("name = \"reader\"", "name = \"reader\", like = \"r*\"", "7 roles.name: stands beside like"),
    (
        "[auth]",
        "[inputs.pin]\nabout = \"a\"\nneeded_for = [\"creat\"]\n[auth]",
        "12 inputs.pin.needed_for: \"creat\" is no operation",
    ),
    ("time = \"unix\"", "absent = \"none\"", "20 token.created.absent: \"none\" is not what a missing field can mean"),
    ("\"{label}\"", "\"{role:reader}\"", "33 create.json: \"reader\" is no form of {role}"),
    ("\"{label}\"", "\"{roles:objects }\"", "33 create.json: \"objects \" is no form of {roles}"),
    ("\"{label}\"", "\"a {roles:objects x}\"", "32 create.path: has objects in a text"),
    ("\"{label}\"", "\"{role:is }\"", "33 create.json: \"is \" is no form of {role}"),
    ("about = \"The organisation\"", "", "8 params.org.about: is missing"),
    ("[params.org]", "[params.\"o-g\"]", "8 params.o-g: is no name of a parameter"),
    ("[token]\nid = \"/id\"", "[token]", "16 token.id: is missing"),
    ("[list]", "[lists]", "1 list: is missing"),
    ("[list]", "[lists]", "23 lists: is no key of this table"),
    // No list, and no proof.
    ("extent = \"own\"", "unlisted = \"\"", "5 unlisted: says nothing"),
    ("extent = \"own\"", "unlisted = \"-\"", "23 list: stands beside unlisted"),
    ("extent = \"own\"", "unlisted = \"-\"", "31 create: stands beside unlisted"),
    ("extent = \"own\"", "unlisted = \"-\"", "5 unlisted: stands without get"),
    ("extent = \"own\"", "extent = \"own\"\nunlisted = \"-\"", "5 extent: stands beside unlisted"),
    ("extent = \"own\"", "unlisted = \"-\"\nnot_listed = [\"-\"]", "6 not_listed: stands beside unlisted"),
    ("extent = \"own\"", "unlisted = \"-\"\nunavailable = \"-\"", "5 unlisted: stands beside unavailable"),
    ("gone_status = [404]", "unproved = \"\"", "30 revoke.unproved: says nothing"),
    ("gone_status = [404]", "unproved = \"-\"", "28 revoke: has unproved, and token.state tells what is revoked"),
    (
        "[revoke]",
        "[revoke_value]\npath = \"/x\"\ncredential = \"mine\"\n[revoke]",
        "30 revoke_value.credential: \"mine\" is no credential",
    ),
    (
        "[revoke]",
        "[revoke_value]\npath = \"/x\"\ncredential = false\n[revoke]",
        "29 revoke_value.path: says nowhere which value is meant",
    ),
    (
        "[revoke]",
        "[revoke_value]\npath = \"/x\"\nunproved = \"-\"\n[revoke]",
        "30 revoke_value.unproved: is no key of this table",
    ),
    ("[revoke]", "[self]\npath = \"/x\"\nalive = { status = [404] }\n[revoke]", "30 self.alive.at: is missing"),
    (
        "style = \"header\"\nheader = \"X-Api-Key\"\nvalue = \"{credential}\"",
        "style = \"login\"\nheader = \"X-Api-Key\"\nvalue = \"{session}\"\n[revoke_value]\npath = \"/x\"\ncredential = \"value\"\n[login]\npath = \"/l\"\njson = \"{credential}\"\nsession = \"/s\"",
        "14 revoke_value: has no session to send for the value",
    ),
    ("[create]", "[create]\nlongest = \"soon\"", "32 create.longest: is no span"),
    ("[create]", "[create]\nlongest = \"0h\"", "32 create.longest: is no span"),
    (
        "nested = { until = \"{expires:unix}\" } }",
        "nested = {} }\nlongest = \"24h\"",
        "34 create.longest: stands where no expiry is sent",
    ),
    (
        "[revoke]",
        "[self]\npath = \"/{credential}\"\n[revoke]",
        "29 self.path: {credential} is no hole of this operation",
    ),
    // Credentials and headers.
    ("style = \"header\"", "style = \"exec\"", "11 auth.style: \"exec\" is no style"),
    ("header = \"X-Api-Key\"", "header = \"X Api\"", "12 auth.header: \"X Api\" is no name of a header"),
    ("header = \"X-Api-Key\"", "header = \"Host\"", "12 auth.header: the header host belongs to the connection"),
    ("value = \"{credential}\"", "value = \"Bearer\"", "13 auth.value: has not exactly the one hole {credential}"),
    (
        "value = \"{credential}\"",
        "value = \"é{credential}\"",
        "13 auth.value: has characters that cannot stand in a header",
    ),
    ("X-Org = ", "Cookie = ", "15 headers.Cookie: the header cookie is not a description's to set"),
    ("X-Org = ", "Proxy-X = ", "15 headers.Proxy-X: the header proxy-x is not a description's to set"),
    ("X-Org = ", "x-org = \"a\"\nX-Org = ", "15 headers.x-org: stands there twice"),
    (
        "X-Org = \"{params.org}\"",
        "X-Org = \"a\\r\\nb\"",
        "15 headers.X-Org: has characters that cannot stand in a header",
    ),
    ("X-Org = \"{params.org}\"", "X-Org = \"{params.other}\"", "15 headers.X-Org: no parameter \"other\" is described"),
    (
        "X-Org = \"{params.org}\"",
        "X-Org = \"{credential}\"",
        "15 headers.X-Org: {credential} is no hole of this operation",
    ),
    // A login that is signed.
    (
        "style = \"header\"\nheader = \"X-Api-Key\"\nvalue = \"{credential}\"",
        "style = \"login\"\nheader = \"X-Api-Key\"\nvalue = \"{session}\"\n[login]\npath = \"/l\"\nsession = \"/s\"\njwt = {}",
        "17 login.jwt.issuer: is missing",
    ),
    (
        "style = \"header\"\nheader = \"X-Api-Key\"\nvalue = \"{credential}\"",
        "style = \"login\"\nheader = \"X-Api-Key\"\nvalue = \"{session}\"\n[login]\npath = \"/l\"\nsession = \"/s\"\njwt = { issuer = \"a\" }\njson = \"{credential}\"",
        "17 login.jwt: stands beside {credential}",
    ),
    // Pointers and readers.
    ("id = \"/id\"", "id = \"id\"", "17 token.id: \"id\" is no pointer"),
    ("secrets = [\"/accessToken\"]", "secrets = [\"\"]", "22 token.secrets: points to the whole row"),
    ("id = \"/id\"", "id = \"/a~2\"", "17 token.id: a ~ in a pointer stands alone"),
    ("id = \"/id\"", "id = \"/a//b\"", "17 token.id: a step of the pointer is empty"),
    ("time = \"unix\"", "time = \"epoch\"", "20 token.created.time: is no form of a moment"),
    ("created = { at = \"/created\", ", "created = { ", "20 token.created.at: is missing"),
    ("is = \"revoked\"", "is = \"dead\"", "21 token.state.is: is no state"),
    ("is = \"revoked\", at = \"/revoked\"", "is = \"revoked\", all = []", "21 token.state.all: asks for nothing"),
    ("is = \"revoked\", ", "", "21 token.state.is: is missing"),
    ("id = \"/id\"", "id = \"/ids/*\"", "17 token.id: has a step *, and one value is wanted here"),
    ("items = \"/data\"", "items = \"/data/*\"", "26 list.items: has a step *, and one value is wanted here"),
    ("split = \" \"", "words = { \"1\" = 1 }", "19 token.roles.words.1: is a number"),
    ("time = \"unix\"", "time = \"local\"", "20 token.created.zone: is missing"),
    ("time = \"unix\"", "time = \"local\", zone = \"CET\"", "20 token.created.zone: \"CET\" is no zone"),
    ("time = \"unix\"", "time = \"unix\", zone = \"+01:00\"", "20 token.created.zone: says nothing to this time"),
    ("time = \"unix\"", "time = \"duration\"", "20 token.created.time: is no form of a moment"),
    ("time = \"unix\"", "after = \"created\"", "20 token.created.after: says nothing to this time"),
    (
        "created = { at = \"/created\", time = \"unix\" }",
        "expires = { at = \"/ttl\", time = \"duration\" }",
        "20 token.expires: counts from created, which is not described",
    ),
    (
        "state = [",
        "expires = { at = \"/ttl\", time = \"duration\", after = \"now\" }\nstate = [",
        "21 token.expires.after: \"now\" is no moment to count from",
    ),
    ("label = [\"/label\", \"/name\"]", "label = {}", "18 token.label.at: is missing"),
    ("label = [\"/label\", \"/name\"]", "label = { form = \"a {value}\" }", "18 token.label.at: is missing"),
    (
        "label = [\"/label\", \"/name\"]",
        "label = { at = \"/a\", form = \"a {id}\" }",
        "18 token.label.form: has not exactly the one hole {value}",
    ),
    (
        "label = [\"/label\", \"/name\"]",
        "label = { at = \"/a\", fixed = \"a\" }",
        "18 token.label.fixed: stands beside at",
    ),
    ("label = [\"/label\", \"/name\"]", "label = { each = false }", "18 token.label.each: is false"),
    ("items = \"/data\"", "where = [{ when = [\"x\"] }]", "26 list.where.at: is missing"),
    ("items = \"/data\"", "where = \"/kind\"", "26 list.where: is a text"),
    // Templates.
    ("path = \"/tokens\"\nquery", "path = \"tokens\"\nquery", "24 list.path: does not begin with a slash"),
    ("path = \"/tokens\"\nquery", "path = \"/a/../b\"\nquery", "24 list.path: has an empty or a dot segment"),
    ("path = \"/tokens\"\nquery", "path = \"/a//b\"\nquery", "24 list.path: has an empty or a dot segment"),
    (
        "path = \"/tokens\"\nquery",
        "path = \"/a?x=1\"\nquery",
        "24 list.path: has characters that change where a path ends",
    ),
    (
        "path = \"/tokens\"\nquery",
        "path = \"/%2e\"\nquery",
        "24 list.path: has characters that change where a path ends",
    ),
    (
        "path = \"/tokens\"\nquery",
        "path = \"/a\\\\b\"\nquery",
        "24 list.path: has characters that change where a path ends",
    ),
    ("path = \"/tokens/{id}\"", "path = \"/tokens/{id\"", "29 revoke.path: a hole is not closed"),
    ("path = \"/tokens/{id}\"", "path = \"/tokens/id}\"", "29 revoke.path: a } closes no hole"),
    ("path = \"/tokens/{id}\"", "path = \"/tokens/.{id}\"", "29 revoke.path: has a hole beside a dot or another hole"),
    (
        "path = \"/tokens/{id}\"",
        "path = \"/tokens/{id}{id}\"",
        "29 revoke.path: has a hole beside a dot or another hole",
    ),
    ("path = \"/tokens/{id}\"", "path = \"/tokens/{label}\"", "29 revoke.path: {label} is no hole of this operation"),
    ("path = \"/tokens/{id}\"", "path = \"/tokens\"", "29 revoke.path: says nowhere which token is meant"),
    ("path = \"/tokens/{id}\"\n", "", "28 revoke.path: is missing"),
    (
        "path = \"/tokens/{id}\"",
        "path = \"/tokens/{id}\"\nmethod = \"delete\"",
        "30 revoke.method: \"delete\" is no method",
    ),
    ("gone_status = [404]", "gone_status = [99]", "30 revoke.gone_status: \"99\" is no HTTP status"),
    ("gone_status = [404]", "gone_status = [\"404\"]", "30 revoke.gone_status: holds a text"),
    ("gone_status = [404]", "gone_status = 404", "30 revoke.gone_status: is a number"),
    ("gone_status = [404]", "gone = { when = [\"x\"] }", "30 revoke.gone.at: is missing"),
    // What only the whole shows.
    ("query = { page = \"{cursor}\" }", "query = {}", "27 list.next: names a cursor that is never sent"),
    ("next = { body = \"/next\" }\n", "", "23 list.next: is missing, though {cursor} is asked for"),
    ("secret = \"/token\"\n", "", "31 create.secret: is missing"),
    ("secret = \"/token\"", "secret = \"/token\"\nmethod = \"GET\"", "35 create.method: is GET, and has a body"),
    ("secret = \"/token\"", "secret = \"/token\"\nform = { a = \"b\" }", "35 create.form: stands beside json"),
    ("{expires:unix}", "{expires:soon}", "33 create.json: \"soon\" is no way to write a moment"),
    ("\"{label}\"", "\"{label:upper}\"", "33 create.json: \"upper\" is no form of {label}"),
    ("days = 7", "days = 1979-05-27", "33 create.json: is a moment without quotes"),
    ("days = 7", "days = 99999999999999999999", "33 create.json: is a number out of range"),
    ("fields = { action = \"/what\", at = { at = \"/when\" } }", "", "35 events.fields: is missing"),
    ("action = \"/what\", ", "", "38 events.fields.action: is missing"),
    ("418 = \"busy\"", "418 = \"teapot\"", "41 errors.statuses.418: \"teapot\" is no kind"),
    ("418 = \"busy\"", "4180 = \"busy\"", "41 errors.statuses.4180: \"4180\" is no HTTP status"),
    ("secret = \"/token\"", "secret = \"t_{/a\"", "34 create.secret: a hole is not closed"),
    ("secret = \"/token\"", "secret = \"t_/a}\"", "34 create.secret: a } closes no hole"),
    ("secret = \"/token\"", "secret = [\"/token\", 7]", "34 create.secret: holds a number"),
    (
        "secret = \"/token\"",
        "secret = \"/t\"\nitem = false\nnewest = true",
        "36 create.newest: stands beside item = false",
    ),
    ("secret = \"/token\"", "secret = \"t_{token}\"", "34 create.secret: \"token\" is no pointer"),
    ("secret = \"/token\"", "secret = \"/tokens/*\"", "34 create.secret: has a step *"),
    ("text = [", "rules = [{ status = 403, at = \"/m\" }]\ntext = [", "40 errors.rules.kind: is missing"),
    ("text = [", "rules = [{ kind = \"denied\" }]\ntext = [", "40 errors.rules.kind: would be that of every failure"),
    ("text = [", "rules = [{ when = [\"x\"], kind = \"busy\" }]\ntext = [", "40 errors.rules.at: is missing"),
    ("text = [", "rules = [{ status = \"403\", kind = \"busy\" }]\ntext = [", "40 errors.rules.status: is a text"),
    (
        "text = [",
        "rules = [{ status = 40, kind = \"busy\" }]\ntext = [",
        "40 errors.rules.status: \"40\" is no HTTP status",
    ),
    ("text = [", "rules = [{ status = 403, kind = \"gone\" }]\ntext = [", "40 errors.rules.kind: \"gone\" is no kind"),
    ("text = [", "wait = {}\ntext = [", "40 errors.wait.seconds: is missing"),
    ("text = [", "wait = { ms = \"/a\", seconds = \"/b\" }\ntext = [", "40 errors.wait.ms: stands beside seconds"),
    ("text = [", "wait = { ms = \"a\" }\ntext = [", "40 errors.wait.ms: \"a\" is no pointer"),
    // What values look like.
    ("[list]", "[value]\nbegins = \"\"\n[list]", "24 value.begins: says nothing"),
    ("[list]", "[value]\nbare = [\"32 hex\", \"33 hex\"]\n[list]", "24 value.bare: \"33 hex\" is no form"),
    ("[list]", "[value]\nholds_id = \"key-*\"\n[list]", "24 value.holds_id: has no {id} in it"),
    ("[list]", "[value]\nholds_id = \"key-{id}*\"\n[list]", "24 value.holds_id: has a * beside {id}"),
    ("[list]", "[value]\nid_is = \"md5\"\n[list]", "24 value.id_is: \"md5\" is no hash"),
    ("[list]", "[value]\nmasked = \"often\"\n[list]", "24 value.masked: \"often\" is no word for a masked value"),
    ("[list]", "[value]\nmasked = \"unique\"\n[list]", "23 value: has masked, and token.masked is not there"),
    ("[list]", "[value]\nprefix = \"x\"\n[list]", "24 value.prefix: is no key of this table"),
    // Words and numbers of the whole.
    ("extent =", "connections = 65\nextent =", "5 connections: is no whole number that can stand here"),
    ("extent =", "connections = \"8\"\nextent =", "5 connections: is no whole number that can stand here"),
    ("extent =", "budget = { requests = 200 }\nextent =", "5 budget.seconds: is missing"),
    ("extent =", "budget = { requests = 0, seconds = 1 }\nextent =", "5 budget.requests: is no whole number"),
    ("extent =", "delay = 60\nextent =", "5 delay: is a number"),
    ("extent =", "unavailable = \" \"\nextent =", "5 unavailable: says nothing"),
    ("extent =", "unavailable = \"No.\"\nextent =", "11 auth: stands beside unavailable"),
    ("extent =", "unavailable = \"No.\"\nextent =", "24 list: stands beside unavailable"),
    ("[errors]", "[disable]\npath = \"/tokens/{id}/off\"\n[errors]", "39 disable: stands without enable"),
];

#[test]
fn every_mistake_is_told_with_its_line() {
    for (right, wrong, expected) in TABLE {
        let text = GOOD.replacen(right, wrong, 1);
        assert_ne!(text, GOOD, "nothing to replace: {right}");
        let found = mistakes(&text);
        assert!(
            found.iter().any(|mistake| mistake.starts_with(expected)),
            "{wrong}\n  wanted {expected}\n  {found:#?}"
        );
    }
}

#[test]
fn all_of_them_are_told_at_once_and_in_order() {
    let text = GOOD
        .replace("extent = \"own\"", "extent = \"all\"")
        .replace("header = \"X-Api-Key\"", "header = \"X Api\"")
        .replace("time = \"unix\"", "time = \"epoch\"")
        .replace("text = [", "texts = [");
    let found = Plan::check("example.toml", &text).expect_err("four mistakes");
    let lines: Vec<_> = found.iter().map(|mistake| mistake.line).collect();
    assert_eq!(lines, [5, 12, 20, 40], "{found:#?}");
    assert!(found.iter().all(|mistake| mistake.file == "example.toml" && !mistake.hint.is_empty()));
    assert_eq!(found[3].hint, "did you mean \"text\"?");
}

#[test]
fn a_mistake_cannot_write_to_the_terminal() {
    let text = GOOD.replace("docs = ", "\"do\\u001b[31mcs\" = ");
    let found = Plan::check("example.toml", &text).expect_err("a key that is none");
    let shown: String = found.iter().map(ToString::to_string).collect();
    assert!(!shown.contains('\x1b'), "{shown:?}");
}

#[test]
fn cutting_a_description_anywhere_is_a_mistake_or_none_but_no_panic() {
    let text = catalog::builtin("tokendeck").expect("built in");
    for end in (0..text.len()).filter(|end| text.is_char_boundary(*end)).step_by(7) {
        let _ = Plan::check("cut", &text[..end]);
    }
}
