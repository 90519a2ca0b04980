//! Values that are not what everybody sends: a token that ends itself, a user with a colon, numbers out of range, and a
//! creation that keeps its secret back.

use std::collections::BTreeMap;

use tokendeck::backend::{Plan, Site, Slot, decode, decode_page, encode};
use tokendeck::domain::{Failure, FailureKind, LastUse, Operation, Reached, Reply};

use super::{answer, context, draft, id};

fn at(plan: &Plan, params: &[(&str, &str)]) -> Result<Site, Failure> {
    let params: BTreeMap<String, String> =
        params.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Site::new(plan, "https://a.example/api", &params)
}

#[test]
fn a_value_that_ends_itself_goes_where_the_credential_would_and_nothing_of_the_operator_along() {
    let text = r#"
name = "a"
title = "A"
docs = "-"
checked = "-"
unlisted = "-"
auth = { style = "header", header = "Authorization", value = "Bearer {credential}" }
inputs.otp = { about = "-" }
headers = { X-Otp = "{inputs.otp}" }
token = { id = "/id" }
get = { path = "/t/{id}" }
revoke_value = { path = "/own", credential = "value" }
errors = { rules = [{ status = 403, at = "/m", when = ["dead"], kind = "credential" }] }
"#;
    let plan = Plan::check("a.toml", text).expect("no mistakes");
    let site = at(&plan, &[]).expect("a lawful place").with_inputs(["otp".into()]);
    let operation = Operation::RevokeValue(std::sync::Arc::new(tokendeck::domain::Secret::new("v".into())));
    let request = encode(&plan, &site, &operation).expect("offered");
    let [(name, value)] = &request.sealed[..] else { unreachable!("{request:?}") };
    assert_eq!((&**name, value.to_string().as_str()), ("authorization", "Bearer …"));
    assert!(value.wants(&Slot::Value) && !value.wants(&Slot::Credential), "{value:?}");
    let said = |status, body: &str| decode(&plan, &site, &operation, answer(status, body));
    assert_eq!(said(204, ""), Ok(Reply::Revoked { already_gone: false, also: None }));
    assert_eq!(said(403, r#"{"m":"dead"}"#), Ok(Reply::Revoked { already_gone: true, also: None }));
    assert_eq!(said(401, "{}"), Ok(Reply::Revoked { already_gone: true, also: None }));
    assert_eq!(said(403, r#"{"m":"no right"}"#).expect_err("it lives").kind, FailureKind::Forbidden);
    assert_eq!(said(500, "{}").expect_err("unknown").reached, Reached::Maybe);
}

const HEAD: &str = r#"
name = "a"
title = "A"
docs = "-"
checked = "-"
extent = "own"
token = { id = "/id", label = "/name", last_used = { at = "/used", time = "unix" } }
params.user = { about = "Who" }
params.team = { about = "Which team" }
"#;

#[test]
fn a_user_of_basic_has_no_colon_and_other_parameters_may() {
    let plan = |auth: &str| Plan::check("a.toml", &format!("{HEAD}\n{auth}\nlist = {{ path = \"/t\" }}"));
    let basic = plan("auth = { style = \"basic\", user = \"{params.user}\" }").expect("no mistakes");
    assert!(at(&basic, &[("user", "ana"), ("team", "a:b")]).is_ok());
    let failure = at(&basic, &[("user", "ana:pw")]).expect_err("RFC 7617");
    assert!(failure.summary.contains("\"user\" has a colon"), "{failure}");
    assert!(!failure.summary.contains("pw"), "what stands behind it may be a password: {failure}");
    let header = "auth = { style = \"header\", header = \"X-Key\", value = \"{credential}\" }";
    assert!(at(&plan(header).expect("no mistakes"), &[("user", "ana:pw")]).is_ok(), "only Basic ends it there");
    let mistakes = plan("auth = { style = \"basic\", user = \"x:{params.user}\" }").expect_err("a mistake");
    assert!(mistakes.iter().any(|mistake| mistake.key == "auth.user" && mistake.message.contains("a colon")));
}

#[test]
fn a_number_out_of_range_spoils_no_other_row_and_is_kept_as_it_is_written() {
    let auth = "auth = { style = \"header\", header = \"X-Key\", value = \"{credential}\" }";
    let calls = "list = { path = \"/t\", items = \"/data\" }";
    let plan = Plan::check("a.toml", &format!("{HEAD}\n{auth}\n{calls}")).expect("no mistakes");
    let site = at(&plan, &[]).expect("a lawful place");
    let rows = r#"{"data":[{"id":1,"name":"one","x":1},{"id":2,"name":"two","x":-1e400,"used":9e999},{"id":3,"x":2}]}"#;
    let Ok(Reply::Listed(raw)) = decode(&plan, &site, &Operation::List(None), answer(200, rows)) else {
        unreachable!("it is a page")
    };
    let page = decode_page(&plan, &context(), &raw).expect("it is read");
    let tokens: Vec<_> = (0..page.len()).map(|row| page.token(row)).collect();
    assert_eq!(tokens.iter().map(|token| token.id.raw()).collect::<Vec<_>>(), ["1", "2", "3"], "each once");
    let odd = tokens[1].extra.iter().map(|(name, text)| (&**name, text.raw())).collect::<Vec<_>>();
    assert_eq!((odd, tokens[1].last_used), (vec![("x", "-1e400")], LastUse::NotReported));

    let calls = "list = { path = \"/u\", each = { value = \"/n\", path = \"/u/{each}/t\" } }\nget = { path = \"/t/{each}/{id}\" }";
    let plan = Plan::check("a.toml", &format!("{HEAD}\n{auth}\n{calls}")).expect("no mistakes");
    let site = at(&plan, &[]).expect("a lawful place");
    let users = decode(&plan, &site, &Operation::List(None), answer(200, r#"[{"n":"ana","q":1e400},{"n":"bo"}]"#));
    let Ok(Reply::Listed(raw)) = users else { unreachable!("{users:?}") };
    assert_eq!(raw.below.len(), 2);
    let one = decode(&plan, &site, &Operation::Get(id("ana/7")), answer(200, r#"{"id":7,"name":"x","y":1e400}"#));
    assert!(matches!(&one, Ok(Reply::Token(token)) if token.label.raw() == "x"), "{one:?}");
    for (operation, body) in [
        (Operation::List(None), r#"[{"n":1e400}]"#),
        (Operation::Get(id("ana/1e400")), r#"{"id":1e400}"#),
        (Operation::Get(id("ana/1e400")), r#"{"id":"1e400","y":1e400}"#),
    ] {
        let failure = decode(&plan, &site, &operation, answer(200, body)).expect_err(body);
        assert_eq!(failure.kind, FailureKind::Protocol, "no id is guessed: {body}");
    }
    // What is no JSON stays none.
    let broken = decode(&plan, &site, &Operation::Get(id("ana/7")), answer(200, r#"{"id":7,"y":1e400,}"#));
    assert_eq!(broken.expect_err("no JSON").kind, FailureKind::Protocol);
}

#[test]
fn a_creation_without_its_secret_says_that_the_token_is_there() {
    let text = r#"auth = { style = "header", header = "X-Key", value = "{credential}" }
list = { path = "/t" }
create = { path = "/t", json = { name = "{label}" }, secret = "/secret" }"#;
    let plan = Plan::check("a.toml", &format!("{HEAD}\n{text}")).expect("no mistakes");
    let site = at(&plan, &[]).expect("a lawful place");
    for body in [r#"{"id":7,"name":"x"}"#, r#"{"id":7,"name":"x","secret":null}"#, r#"{"id":7,"secret":""}"#] {
        let failure = decode(&plan, &site, &Operation::Create(draft()), answer(201, body)).expect_err("no secret");
        assert_eq!((failure.kind, failure.reached), (FailureKind::Protocol, Reached::Maybe), "{body}");
        assert!(
            failure.summary.starts_with("the token was made") && failure.hint.starts_with("revoke it"),
            "{failure}"
        );
    }
    let failure = decode(&plan, &site, &Operation::Create(draft()), answer(201, "{}")).expect_err("no token");
    assert!(!failure.summary.contains("was made"), "nothing says so: {failure}");
}
