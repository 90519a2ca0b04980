//! `GET /v1/tokens`: pages, filters, and headers.

use super::House;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use tokendeck::server::Sample;

fn tokens(reply: &Value) -> &Vec<Value> {
    reply["tokens"].as_array().expect("tokens")
}

fn all(house: &House, query: &str) -> Vec<Value> {
    let mut rows = Vec::new();
    let mut cursor = String::new();
    loop {
        let reply = house.get(&format!("/v1/tokens?limit=7{query}{cursor}")).expect(200);
        let page = reply.json();
        rows.extend(tokens(&page).iter().cloned());
        assert_eq!(reply.header("x-next-cursor"), page["next_cursor"].as_str());
        assert_eq!(reply.header("link").is_some(), page["next_cursor"].is_string());
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return rows,
        }
    }
}

#[test]
fn pages_hold_every_token_once_whatever_is_created_meanwhile() {
    let house = House::sample(Sample::Rows(50));
    let first = house.get("/v1/tokens?limit=20").expect(200).json();
    let newest = tokens(&first)[0]["created"].as_str().expect("a moment").to_owned();
    for label in ["late", "later"] {
        house.create(&json!({ "label": label }));
    }
    let cursor = first["next_cursor"].as_str().expect("more");
    let second = house.get(&format!("/v1/tokens?limit=1000&cursor={cursor}")).expect(200).json();
    let ids: BTreeSet<_> = tokens(&first).iter().chain(tokens(&second)).map(|t| t["id"].to_string()).collect();
    assert_eq!(ids.len(), 50);
    assert_eq!(tokens(&first).len() + tokens(&second).len(), 50);
    assert!(second["next_cursor"].is_null());
    assert!(tokens(&second).iter().all(|token| token["created"].as_str().expect("a moment") <= newest.as_str()));
}

#[test]
fn a_page_says_where_the_next_one_is_in_three_ways() {
    let house = House::sample(Sample::Lively);
    let reply = house.get("/v1/tokens?limit=5&owner=ada&created_after=2001-01-01T00:00:00%2B01:00").expect(200);
    let cursor = reply.header("x-next-cursor").expect("a cursor");
    assert_eq!(reply.json()["next_cursor"], cursor);
    let link = reply.header("link").expect("a link");
    let path = link.strip_prefix('<').and_then(|rest| rest.strip_suffix(">; rel=\"next\"")).expect("RFC 8288");
    let next = house.get(path).expect(200).json();
    assert!(tokens(&next).iter().all(|token| token["owner"] == "ada") && tokens(&next).len() == 5);
    assert_eq!(next, house.get(&format!("/v1/tokens?limit=5&owner=ada&cursor={cursor}")).json());
}

#[test]
fn a_limit_is_one_to_a_thousand() {
    let house = House::sample(Sample::Rows(1205));
    assert_eq!(tokens(&house.get("/v1/tokens").json()).len(), 100);
    assert_eq!(tokens(&house.get("/v1/tokens?limit=1").json()).len(), 1);
    assert_eq!(tokens(&house.get("/v1/tokens?limit=1000").json()).len(), 1000);
    assert_eq!(tokens(&house.get("/v1/tokens?limit=99999").json()).len(), 1000);
    for query in [
        "limit=0",
        "limit=-1",
        "limit=x",
        "limit=",
        "cursor=",
        "cursor=zz",
        "cursor=c-1",
        "status=live",
        "role=owner",
        "used_before=yesterday",
        "page=2",
    ] {
        house.get(&format!("/v1/tokens?{query}")).problem(400, "invalid-request");
    }
}

#[test]
fn filters_choose_what_the_rows_say() {
    let house = House::sample(Sample::Lively);
    let everything = all(&house, "");
    assert_eq!(everything.len(), 60);
    let moment = |token: &Value, key: &str| token[key].as_str().map(str::to_owned);
    let middle = moment(&everything[30], "created").expect("a moment");
    let now = house.get("/v1/health").json()["time"].as_str().expect("a moment").to_owned();
    let holds = |query: &str, test: &dyn Fn(&Value) -> bool| {
        let ids = |rows: Vec<&Value>| rows.into_iter().map(|token| token["id"].to_string()).collect::<Vec<_>>();
        let expected = everything.iter().filter(|token| test(token)).collect::<Vec<_>>();
        assert!(!expected.is_empty() && expected.len() < 60, "{query} tells nothing");
        let found = all(&house, query);
        assert_eq!(ids(found.iter().collect()), ids(expected), "{query}");
    };
    for status in ["active", "disabled", "expired", "revoked"] {
        holds(&format!("&status={status}"), &|token| token["status"] == status);
    }
    for role in ["reader", "developer", "admin"] {
        holds(&format!("&role={role}"), &|token| token["roles"].as_array().expect("roles").contains(&json!(role)));
    }
    holds("&owner=mallory", &|token| token["owner"] == "mallory");
    holds(&format!("&created_before={middle}"), &|t| moment(t, "created") < Some(middle.clone()));
    holds(&format!("&created_after={middle}"), &|t| moment(t, "created") >= Some(middle.clone()));
    holds(&format!("&used_before={middle}"), &|t| moment(t, "last_used").is_some_and(|used| used < middle));
    holds(&format!("&used_after={middle}"), &|t| moment(t, "last_used").is_some_and(|used| used >= middle));
    holds(&format!("&expires_before={now}"), &|t| moment(t, "expires").is_some_and(|end| end < now));
    holds(&format!("&expires_after={now}"), &|t| moment(t, "expires").is_some_and(|end| end >= now));
    holds(&format!("&role=admin&status=active&used_before={middle}"), &|token| {
        let admin = token["roles"].as_array().expect("roles").contains(&json!("admin"));
        admin && token["status"] == "active" && moment(token, "last_used").is_some_and(|used| used < middle)
    });
    assert!(all(&house, "&owner=nobody").is_empty());
}

#[test]
fn an_unchanged_page_is_not_sent_again() {
    let house = House::sample(Sample::Lively);
    house.get("/v1/self");
    let ask =
        |tag: &str| house.ask("GET", "/v1/tokens?limit=1000").with(&house.operator).header("if-none-match", tag).send();
    let first = house.get("/v1/tokens?limit=1000").expect(200);
    let tag = first.header("etag").expect("a tag").to_owned();
    let same = ask(&tag).expect(304);
    assert_eq!((same.header("etag"), same.body.as_str()), (Some(tag.as_str()), ""));
    ask("W/\"other\"").expect(200);
    let (id, secret) = house.create(&json!({ "label": "new" }));
    let second = ask(&tag).expect(200).header("etag").expect("a tag").to_owned();
    house.ask("GET", "/v1/self").with(&secret).send().expect(200);
    let third = ask(&second).expect(200).header("etag").expect("a tag").to_owned();
    house.delete(&format!("/v1/tokens/{id}")).expect(200);
    let fourth = ask(&third).expect(200).header("etag").expect("a tag").to_owned();
    house.delete("/v1/users/ada").expect(200);
    ask(&fourth).expect(200);
}

#[test]
fn the_row_in_the_list_is_the_row_alone() {
    let house = House::sample(Sample::Lively);
    for row in all(&house, "") {
        let id = row["id"].as_str().expect("an id");
        assert_eq!(house.get(&format!("/v1/tokens/{id}")).json(), row);
    }
}

#[test]
fn a_large_sample_has_exactly_as_many_rows_as_asked() {
    let house = House::sample(Sample::Rows(20_000));
    let count: i64 = house.database().query_row("SELECT count(*) FROM tokens", [], |row| row.get(0)).expect("a count");
    assert_eq!(count, 20_000);
    let page = house.get("/v1/tokens?limit=1000&status=active&role=admin&used_before=2020-01-01T00:00:00Z").expect(200);
    assert!(tokens(&page.json()).is_empty());
}
