//! How the fields of other backends read: pointers through lists, tests, texts, roles and moments.

use tokendeck::backend::{Plan, decode_page};
use tokendeck::domain::{
    Expiry, Failure, FailureKind, LastUse, Operation, Owner, Page, Reply, Secret, State, Token, TokenId, Untrusted,
};

use super::{answer, context, decode, moment};

/// Returns the plan of a description with these lines for `[list]` and `[token]`.
fn plan(list: &str, token: &str) -> Plan {
    let text = format!(
        r#"
name = "r"
title = "R"
docs = "-"
checked = "-"
extent = "own"
auth = {{ style = "header", header = "X-Key", value = "{{credential}}" }}
[list]
path = "/tokens"
{list}
[token]
{token}
"#
    );
    Plan::check("r.toml", &text).expect("no mistakes")
}

fn page(list: &str, token: &str, body: &str) -> Result<Page, Failure> {
    let plan = plan(list, token);
    let reply = decode(&plan, &Operation::List(None), answer(200, body))?;
    let Reply::Listed(raw) = &reply else { unreachable!("a list: {reply:?}") };
    decode_page(&plan, &context(), raw)
}

/// Reads one row.
fn token(fields: &str, row: &str) -> Token {
    let page = page("", &format!("id = \"/id\"\n{fields}"), &format!("[{row}]")).expect(row);
    page.token(0)
}

fn roles(token: &Token) -> Option<Vec<&str>> {
    Some(token.roles.as_ref()?.iter().map(Untrusted::raw).collect())
}

#[test]
fn roles_are_gathered_through_lists() {
    for (at, row, expected) in [
        ("/p/*", r#"{"id":1,"p":["a","b"]}"#, Some(vec!["a", "b"])),
        ("/p", r#"{"id":1,"p":["a","b"]}"#, Some(vec!["a", "b"])),
        ("/p/*/n", r#"{"id":1,"p":[{"n":"a","x":"s"},{"y":1},{"n":null},{"n":"b"},7]}"#, Some(vec!["a", "b"])),
        // No role is another thing than roles that are not told.
        ("/p/*/n", r#"{"id":1,"p":[]}"#, Some(vec![])),
        ("/p/*/n", r#"{"id":1,"p":[{}]}"#, Some(vec![])),
        ("/p/*/n", r#"{"id":1,"p":null}"#, None),
        ("/p/*/n", r#"{"id":1}"#, None),
        ("/p/*/n", r#"{"id":1,"p":{"n":"a"}}"#, None),
        (
            "/p/*/a/*/r",
            r#"{"id":1,"p":[{"a":[{"r":"x"},{"r":"y"}]},{"a":[]},{"a":[{"r":"z"}]}]}"#,
            Some(vec!["x", "y", "z"]),
        ),
        ("/p/*/a/*/r", r#"{"id":1,"p":[]}"#, Some(vec![])),
        ("/p/*/*", r#"{"id":1,"p":[["a"],["b","c"],[]]}"#, Some(vec!["a", "b", "c"])),
        ("/a/b/*/c/d", r#"{"id":1,"a":{"b":[{"c":{"d":"x"}},{"c":{"e":1}},{"c":2}]}}"#, Some(vec!["x"])),
        ("/p/*/l", r#"{"id":1,"p":[{"l":["a","b"]},{"l":"c"}]}"#, Some(vec!["a", "b", "c"])),
    ] {
        let token = token(&format!("roles = {{ at = \"{at}\" }}"), row);
        assert_eq!(roles(&token), expected, "{at} {row}");
    }
}

#[test]
fn a_list_can_be_read_in_several_ways_at_once() {
    let fields = r#"roles = { at = ["/p/*/n", "/q"] }
label = "/p/n"
state = [{ is = "disabled", at = "/p", when = ["[]"] }, { is = "expired", at = "/p", when = ["b"] },
    { is = "revoked", at = "/p/*/gone", when = ["true"] }]"#;
    let read = |row| {
        let token = token(fields, row);
        (roles(&token).map(|roles| roles.join(" ")), token.label.raw().to_owned(), token.state)
    };
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(read(r#"{"id":1,"p":[{"n":"a"},{"n":"b"}]}"#), (some("a b"), String::new(), State::Live));
    assert_eq!(read(r#"{"id":1,"p":[]}"#), (some(""), String::new(), State::Disabled));
    assert_eq!(read(r#"{"id":1,"p":["a","b"]}"#), (some(""), String::new(), State::Expired));
    assert_eq!(read(r#"{"id":1,"p":[{"n":"a","gone":false},{"gone":true}]}"#).2, State::Revoked);
    assert_eq!(read(r#"{"id":1,"p":{"n":"x"},"q":["y"]}"#), (some("y"), "x".to_owned(), State::Live));
}

#[test]
fn a_key_that_stands_twice_is_no_row_in_lists_either() {
    let fields = "id = \"/id\"\nroles = { at = \"/p/*/n\" }";
    for row in [r#"{"id":1,"p":[{"n":"a"}],"p":[]}"#, r#"{"id":1,"p":[],"p":[{"n":"a"}]}"#] {
        page("", fields, &format!("[{row}]")).expect_err(row);
    }
}

#[test]
fn further_fields_of_elements_are_not_kept_as_those_of_the_row() {
    let row = r#"{"id":1,"before":"b","p":[{"n":"a","x":"s3cr3t"}],"after":"c"}"#;
    let token = token("roles = { at = \"/p/*/n\" }", row);
    let extra: Vec<_> = token.extra.iter().map(|(name, text)| (&**name, text.raw())).collect();
    assert_eq!(extra, [("before", "b"), ("after", "c")]);
}

#[test]
fn tests_know_empty_beginnings_and_lists() {
    for (value, when, holds) in [
        ("[]", "[]", true),
        ("{}", "[]", true),
        ("[null]", "[]", false),
        ("[{}]", "[]", false),
        (r#"{"a":1}"#, "[]", false),
        (r#""""#, "[]", false),
        ("null", "[]", false),
        ("[]", "*", true),
        (r#""abc""#, "ab*", true),
        (r#""abc""#, "abc*", true),
        (r#""abc""#, "abcd*", false),
        (r#""abc""#, "*bc", false),
        ("12", "1*", true),
        ("true", "t*", true),
        (r#"["x","bad token: 7"]"#, "bad token*", true),
        (r#"["x","bad token"]"#, "bad token", true),
        (r#"["x"]"#, "bad token*", false),
        ("[7]", "7", true),
        ("null", "null", true),
        ("[]", "null", false),
    ] {
        let fields = format!("state = [{{ is = \"revoked\", at = \"/v\", when = [\"{when}\"] }}]");
        let token = token(&fields, &format!("{{\"id\":1,\"v\":{value}}}"));
        assert_eq!(token.state == State::Revoked, holds, "{value} {when}");
        // The same where what is inside it is read too.
        let fields = format!("{fields}\nlabel = \"/v/a/b\"\nroles = {{ at = \"/v/*/c\" }}");
        let token = self::token(&fields, &format!("{{\"id\":1,\"v\":{value}}}"));
        assert_eq!(token.state == State::Revoked, holds, "{value} {when}, with more pointers");
    }
}

#[test]
fn rows_can_be_texts() {
    let page = page("items = \"/ids\"", "id = \"\"\nlabel = { fixed = \"x\" }", r#"{"ids":["a",7]}"#).expect("lawful");
    assert_eq!([0, 1].map(|row| page.token(row).id), ["a", "7"].map(|id| TokenId::parse(id).expect("lawful")));
    assert_eq!(page.token(1).label.raw(), "x");
    for body in [r#"{"ids":[{"id":"a"}]}"#, r#"{"ids":[null]}"#, r#"{"ids":[["a"]]}"#, r#"{"ids":[""]}"#] {
        self::page("items = \"/ids\"", "id = \"\"", body).expect_err(body);
    }
    // Either, as versions of a service differ.
    let token = |row: &str| {
        let page = self::page("", "id = [\"/id\", \"\"]", &format!("[{row}]")).expect("lawful");
        let token = page.token(0);
        (token.id.raw().to_owned(), token.extra.len())
    };
    assert_eq!(token(r#"{"id":"a","x":1}"#), ("a".to_owned(), 1));
    assert_eq!(token(r#""b""#), ("b".to_owned(), 0));
}

#[test]
fn an_object_of_rows_is_a_list_and_an_empty_answer_is_none() {
    let rows = |items: &str, body: &str| {
        page(&format!("items = \"{items}\""), "id = \"/id\"", body).ok().map(|page| page.len())
    };
    assert_eq!(rows("/devices", r#"{"devices":{"x":{"id":1},"y":{"id":2}}}"#), Some(2));
    assert_eq!(rows("/devices", r#"{"devices":{}}"#), Some(0));
    assert_eq!(rows("", r#"{"x":{"id":1}}"#), Some(1));
    assert_eq!(rows("", "{}"), None);
    assert_eq!(rows("", r#"{"error":"no"}"#), None);
    assert_eq!(rows("/devices", r#"{"devices":"none"}"#), None);
}

#[test]
fn rows_that_are_no_tokens_are_left_out() {
    let list = r#"where = [{ at = "/kind", when = ["pat", "svc*"] }, { at = "/meta/hidden", when = ["null"] }]"#;
    let body = r#"[{"kind":"pat","id":1},{"kind":"session"},{"kind":"pat","id":2,"meta":{"hidden":true}},
        {"kind":"svc-account","id":3,"meta":{}},{"id":4}]"#;
    let page = page(list, "id = \"/id\"", body).expect("lawful");
    let ids: Vec<_> = (0..page.len()).map(|row| page.token(row).id.raw().to_owned()).collect();
    assert_eq!(ids, ["1", "3"]);
}

#[test]
fn texts_can_be_put_into_a_form_or_be_the_same_for_all() {
    let fields = r#"label = { at = ["/a", "/b"], form = "user {value}!" }
owner = { fixed = "ops" }
creator = { each = true }
masked = { at = "/m" }"#;
    let token = token(fields, r#"{"id":1,"a":"","b":7,"m":"x…y"}"#);
    assert_eq!(token.label.raw(), "user 7!");
    assert_eq!(token.owner, Owner::Known("ops".into()));
    assert_eq!((token.creator, token.masked.as_ref().map(Untrusted::raw)), (None, Some("x…y")));
    // Around nothing there is nothing.
    assert_eq!(self::token(fields, r#"{"id":1,"a":""}"#).label.raw(), "");
}

#[test]
fn words_stand_for_roles() {
    let words = r#"words = { "1" = "read+write", "0" = "read", "true" = "readonly", "false" = "" }"#;
    for (split, value, expected) in [
        ("", "1", Some(vec!["read+write"])),
        ("", r#""0""#, Some(vec!["read"])),
        ("", "true", Some(vec!["readonly"])),
        ("", "false", Some(vec![])),
        ("", "7", Some(vec!["7"])),
        ("", "null", None),
        ("", r#"["1","x","0"]"#, Some(vec!["read+write", "x", "read"])),
        ("split = \",\",", r#""1, x,,0""#, Some(vec!["read+write", "x", "read"])),
    ] {
        let token =
            token(&format!("roles = {{ at = \"/r\", {split} {words} }}"), &format!("{{\"id\":1,\"r\":{value}}}"));
        assert_eq!(roles(&token), expected, "{value}");
    }
}

#[test]
fn moments_without_a_zone_are_meant_in_the_one_that_is_stated() {
    let fields = r#"last_used = { at = "/t", time = "local", zone = "+05:30" }"#;
    for (text, expected) in [
        ("2026-01-31 14:00:00", LastUse::At(moment("2026-01-31T08:30:00Z"))),
        ("2026-01-31T14:00:00.5", LastUse::At(moment("2026-01-31T08:30:00.5Z"))),
        ("2026-01-31T14:00:00Z", LastUse::At(moment("2026-01-31T14:00:00Z"))),
        ("2026-01-31T14:00:00+01:00", LastUse::At(moment("2026-01-31T13:00:00Z"))),
        ("soon", LastUse::NotReported),
    ] {
        assert_eq!(token(fields, &format!("{{\"id\":1,\"t\":\"{text}\"}}")).last_used, expected, "{text}");
    }
}

#[test]
fn what_is_left_of_a_token_counts_from_its_creation() {
    let fields = r#"created = { at = "/c" }
expires = { at = "/t", time = "duration", never = ["null", "0", "0s"] }"#;
    let at = |text: &str| Expiry::At(moment(text));
    for (value, expected) in [
        ("3600", at("2026-01-31T01:00:00Z")),
        ("3600.9", at("2026-01-31T01:00:00Z")),
        (r#""3600""#, at("2026-01-31T01:00:00Z")),
        (r#""1h30m""#, at("2026-01-31T01:30:00Z")),
        (r#""1h30m0s""#, at("2026-01-31T01:30:00Z")),
        (r#""P30D""#, at("2026-03-02T00:00:00Z")),
        (r#""PT90M""#, at("2026-01-31T01:30:00Z")),
        (r#""P1M""#, at("2026-02-28T00:00:00Z")),
        ("0", Expiry::Never),
        (r#""0s""#, Expiry::Never),
        ("null", Expiry::Never),
        ("-5", Expiry::NotReported),
        (r#""-1h""#, Expiry::NotReported),
        (r#""soon""#, Expiry::NotReported),
        ("9223372036854775807", Expiry::NotReported),
        (r#""P99999Y""#, Expiry::NotReported),
        ("true", Expiry::NotReported),
        ("[7]", Expiry::NotReported),
    ] {
        let row = format!("{{\"id\":1,\"c\":\"2026-01-31T00:00:00Z\",\"t\":{value}}}");
        assert_eq!(token(fields, &row).expires, expected, "{value}");
    }
    assert_eq!(token(fields, r#"{"id":1,"t":3600}"#).expires, Expiry::NotReported);
}

#[test]
fn a_number_is_a_place_in_the_list_of_a_single_answer() {
    let plan = Plan::check(
        "a.toml",
        r#"
name = "a"
title = "A"
docs = "-"
checked = "-"
extent = "own"
auth = { style = "header", header = "X-Key", value = "{credential}" }
token = { id = ["/id", ""], label = "/0" }
list = { path = "/t", items = "/pages/1/rows" }
get = { path = "/t/{id}", item = "/found/0" }
create = { path = "/t", json = "{label}", item = "/made/2/ids/0", secret = ["/made/9/value", "k-{/made/0}.{/made/1}"] }
errors = { text = ["/errors/1/text"] }
"#,
    )
    .expect("no mistakes");
    let pages = r#"{"pages":[{"rows":[]},{"rows":[{"id":"7","0":"a key"}]},{"rows":[]}]}"#;
    let Ok(Reply::Listed(raw)) = decode(&plan, &Operation::List(None), answer(200, pages)) else {
        unreachable!("a list")
    };
    let token = decode_page(&plan, &context(), &raw).expect("lawful").token(0);
    assert_eq!((token.id.raw(), token.label.raw()), ("7", "a key"), "within a row a number is a key");
    let get = |body: &str| decode(&plan, &Operation::Get(super::id("7")), answer(200, body));
    assert!(matches!(get(r#"{"found":[{"id":"7"},{"id":"8"}]}"#), Ok(Reply::Token(_))));
    assert!(matches!(get(r#"{"found":{"0":{"id":"7"}}}"#), Ok(Reply::Token(_))), "of an object it is a key");
    for body in [r#"{"found":[]}"#, r#"{"found":["8"]}"#, r#"{"found":null}"#, r#"{"found":"7"}"#, "{}"] {
        assert_eq!(get(body).expect_err(body).kind, FailureKind::Protocol, "{body}");
    }
    let create = |body: &str| decode(&plan, &Operation::Create(super::draft()), answer(200, body));
    let Ok(Reply::Issued(issued)) = create(r#"{"made":["a","b",{"ids":["5","6"]}]}"#) else { unreachable!("issued") };
    assert_eq!(issued.token.expect("a token").id.raw(), "5");
    assert_eq!(*issued.secret.expect("a secret"), Secret::new("k-a.b".into()));
    for body in [r#"{"made":["a",{"ids":["5"]}]}"#, r#"{"made":["a","",{"ids":["5"]}]}"#] {
        assert_eq!(create(body).expect_err(body).kind, FailureKind::Protocol, "{body}");
    }
    let refused = decode(&plan, &Operation::List(None), answer(400, r#"{"errors":[{"text":"one"},{"text":"two"}]}"#));
    assert_eq!(refused.expect_err("a failure").detail.expect("words").raw(), "two");
}

#[test]
fn a_field_that_is_not_there_can_mean_never() {
    let fields = "expires = { at = \"/until\", absent = \"never\", never = [\"0\"] }\nlast_used = { at = \"/used\" }";
    for (row, expires) in [
        (r#"{"id":1}"#, Expiry::Never),
        (r#"{"id":1,"until":"0"}"#, Expiry::Never),
        (r#"{"id":1,"until":null}"#, Expiry::NotReported),
        (r#"{"id":1,"until":"soon"}"#, Expiry::NotReported),
        (r#"{"id":1,"until":"2027-01-31T14:00:00Z"}"#, Expiry::At(moment("2027-01-31T14:00:00Z"))),
    ] {
        let token = token(fields, row);
        assert_eq!((token.expires, token.last_used), (expires, LastUse::NotReported), "{row}");
    }
}
