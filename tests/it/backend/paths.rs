//! No id leads a request out of its template: 20,000 hostile ones, and the tables that are easy to read.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use tokendeck::backend::{Plan, Site, encode};
use tokendeck::domain::{Operation, TokenId};
use url::Url;

use super::{plan, site};

/// Characters that have moved paths before, and ordinary ones.
fn hostile() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        3 => prop::sample::select(vec![
            ".", "..", "/", "\\", "%", "%2e", "%2E%2E", "%2f", "%5c", "?", "#", "@", ":", ";", "&", "=", "+", " ",
            "//", "../", "..\\", "%00", "\u{ff0e}\u{ff0e}", "\u{2215}", "\u{202e}", "\u{200d}", "é", "日", "😀",
            "http://", "|", "<", ">", "\"", "'", "`", "{", "}", "^", "[", "]", "~", "*", "\u{feff}", "\u{a0}",
        ]).prop_map(str::to_owned),
        1 => "[a-zA-Z0-9_-]{1,8}",
        1 => any::<char>().prop_map(|character| character.to_string()),
    ];
    prop::collection::vec(part, 1..12).prop_map(|parts| parts.concat())
}

#[test]
fn every_id_stays_one_segment_of_its_template() {
    let plan = plan();
    let site = site(&plan, "https://tokens.example.org:8443/api");
    let mut runner = TestRunner::new(Config { cases: 20_000, failure_persistence: None, ..Config::default() });
    let run = runner.run(&hostile(), |text| {
        let Ok(id) = TokenId::parse(&text) else { return Ok(()) };
        for (operation, before, after) in [
            (Operation::Get(id.clone()), "/api/v1/tokens/", ""),
            (Operation::Revoke(id.clone()), "/api/v1/tokens/", ""),
            (Operation::Rotate(id.clone()), "/api/v1/tokens/", "/rotate"),
            (Operation::Disable(id), "/api/v1/tokens/", "/disable"),
        ] {
            let request = encode(&plan, &site, &operation).expect("it is offered");
            let url = Url::parse(&format!("{}{}", request.origin, request.path)).expect("a URL");
            prop_assert_eq!(url.path(), &request.path);
            prop_assert_eq!(url.query(), None);
            prop_assert_eq!(url.fragment(), None);
            prop_assert_eq!(url.origin().ascii_serialization(), "https://tokens.example.org:8443");
            let rest = url.path().strip_prefix(before).and_then(|rest| rest.strip_suffix(after)).expect("the template");
            prop_assert!(!rest.is_empty() && !rest.contains('/'));
            let back = percent_encoding::percent_decode_str(rest).decode_utf8().expect("UTF-8");
            prop_assert_eq!(&*back, &*text);
        }
        Ok(())
    });
    run.expect("no id leaves its template");
}

#[test]
fn a_base_url_is_plain_https_or_refused() {
    let plan = plan();
    let take = |url: &str| Site::new(&plan, url, &BTreeMap::new());
    for url in [
        "http://a.example",
        "ftp://a.example",
        "https://",
        "https:///",
        "a.example",
        "",
        "https://me@a.example",
        "https://me:pw@a.example",
        "https://@a.example",
        "https://a.example?x=1",
        "https://a.example#x",
        "https://a.example/%2e%2e/",
        "https://a.example//x",
        "file:///etc/passwd",
        "https://a b.example",
    ] {
        assert!(take(url).is_err(), "{url:?}");
    }
    for (url, origin) in [
        ("https://a.example", "https://a.example"),
        ("https://A.Example:443/", "https://a.example"),
        ("https://a.example:8443/x/", "https://a.example:8443"),
        ("https://[::1]:8443", "https://[::1]:8443"),
        ("https://127.0.0.1:1", "https://127.0.0.1:1"),
    ] {
        assert_eq!(take(url).expect("lawful").origin().as_str(), origin);
    }
}

const WITH_PARAMS: &str = r#"
name = "p"
title = "P"
docs = "-"
checked = "-"
extent = "own"
params.org = { about = "the organisation", required = true }
params.space = { about = "the namespace", default = "root" }
auth = { style = "header", header = "X-Key", value = "{credential}" }
headers = { X-Space = "{params.space}" }
token = { id = "/id" }
list = { path = "/orgs/{params.org}/tokens" }
"#;

#[test]
fn parameters_are_asked_for_checked_and_encoded() {
    let plan = Plan::check("p.toml", WITH_PARAMS).expect("no mistakes");
    let take = |pairs: &[(&str, &str)]| {
        let params = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Site::new(&plan, "https://a.example", &params)
    };
    let refused: [&[(&str, &str)]; 7] = [
        &[],
        &[("org", "")],
        &[("org", "..")],
        &[("org", ".")],
        &[("org", "a\r\nb")],
        &[("org", "a"), ("other", "b")],
        &[("space", "b")],
    ];
    for pairs in refused {
        assert!(take(pairs).is_err(), "{pairs:?}");
    }
    let site = take(&[("org", "a/../b")]).expect("lawful");
    let request = encode(&plan, &site, &Operation::List(None)).expect("offered");
    assert_eq!(request.path, "/orgs/a%2F%2E%2E%2Fb/tokens");
    assert_eq!(request.headers, [("x-space".into(), "root".to_owned())]);
}

#[test]
fn what_is_not_described_is_not_offered() {
    let plan = Plan::check("p.toml", WITH_PARAMS).expect("no mistakes");
    let params = BTreeMap::from([("org".to_owned(), "a".to_owned())]);
    let site = Site::new(&plan, "https://a.example", &params).expect("lawful");
    let failure = encode(&plan, &site, &Operation::Health).expect_err("no health");
    assert_eq!(failure.kind, tokendeck::domain::FailureKind::NotOffered);
}
