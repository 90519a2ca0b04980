//! RFC 6750, 7009 and 7662, sentence by sentence.

use super::{House, Reply};
use serde_json::json;

fn introspect(house: &House, credential: &str, form: &str) -> Reply {
    house.ask("POST", "/v1/introspect").with(credential).form(form).send()
}

fn revoke(house: &House, form: &str) -> Reply {
    house.ask("POST", "/v1/revoke").form(form).send()
}

/// RFC 6750, section 3: without a credential the challenge names no error; with a bad one it does.
#[test]
fn challenges_are_those_of_rfc_6750() {
    let house = House::new();
    let none = house.ask("GET", "/v1/self").send().expect(401);
    assert_eq!(none.header("www-authenticate"), Some("Bearer realm=\"tokendeck\""));
    none.problem(401, "unauthorized");
    let basic = house.ask("GET", "/v1/self").header("authorization", "Basic b3A6cHc=").send();
    basic.problem(401, "unauthorized");
    let bad = house.ask("GET", "/v1/self").with("rubbish").send().expect(401);
    assert_eq!(bad.header("www-authenticate"), Some("Bearer realm=\"tokendeck\", error=\"invalid_token\""));
    let (_, reader) = house.create(&json!({ "label": "reader" }));
    let weak = house.ask("GET", "/v1/users").with(&reader).send().expect(403);
    let challenge = "Bearer realm=\"tokendeck\", error=\"insufficient_scope\", scope=\"admin\"";
    assert_eq!(weak.header("www-authenticate"), Some(challenge));
    assert_eq!(weak.problem(403, "forbidden")["required_role"], "admin");
    let twice = house.ask("GET", "/v1/self").with(&reader).with(&reader).send();
    twice.problem(400, "invalid-request");
}

/// RFC 6750, sections 2.2 and 2.3 allow a form field and a query parameter; a credential in a URL ends up in logs.
#[test]
fn a_credential_counts_only_in_its_header() {
    let house = House::new();
    let value = house.operator.clone();
    house.ask("GET", &format!("/v1/tokens?access_token={value}")).send().problem(401, "unauthorized");
    house
        .ask("POST", "/v1/introspect")
        .form(&format!("access_token={value}&token=x"))
        .send()
        .problem(401, "unauthorized");
    let lower = house.ask("GET", "/v1/self").header("authorization", &format!("bearer {value}")).send();
    lower.expect(200);
}

#[test]
fn every_dead_credential_gets_the_same_answer() {
    let house = House::new();
    let (revoked, first) = house.create(&json!({ "label": "revoked" }));
    house.delete(&format!("/v1/tokens/{revoked}")).expect(200);
    let (disabled, second) = house.create(&json!({ "label": "disabled" }));
    house.ask("POST", &format!("/v1/tokens/{disabled}/disable")).with(&house.operator).send().expect(200);
    let (expired, third) = house.create(&json!({ "label": "expired" }));
    house.database().execute("UPDATE tokens SET expires = 1 WHERE id = ?", [&expired]).expect("expired");
    let (parent, _) = house.create(&json!({ "label": "parent" }));
    let (_, refresh) = house.create(&json!({ "label": "refresh", "kind": "refresh", "parent": parent }));
    let mut bodies = Vec::new();
    for value in [first, second, third, refresh, "tdk_a_x".to_owned(), String::new()] {
        let reply = house.ask("GET", "/v1/self").with(&value).send().expect(401);
        bodies.push((reply.body, reply.headers.into_iter().filter(|(name, _)| name != "date").collect::<Vec<_>>()));
    }
    bodies.dedup();
    assert_eq!(bodies.len(), 1, "{bodies:?}");
}

#[test]
fn introspection_describes_what_lives() {
    let house = House::new();
    house.user("ada");
    let body =
        json!({ "label": "x", "owner": "ada", "roles": ["reader", "developer"], "expires": "2999-01-01T00:00:00Z" });
    let (id, value) = house.create(&body);
    let reply =
        introspect(&house, &house.operator, &format!("token={value}&token_type_hint=refresh_token")).expect(200);
    assert_eq!(reply.header("cache-control"), Some("no-store"));
    let answer = reply.json();
    assert_eq!(answer["active"], true);
    assert_eq!(answer["scope"], "reader developer");
    assert_eq!((&answer["username"], &answer["sub"], &answer["jti"]), (&json!("ada"), &json!("ada"), &json!(id)));
    assert_eq!((&answer["token_type"], &answer["exp"]), (&json!("Bearer"), &json!(32_472_144_000_i64)));
    assert!(answer["iat"].is_i64());
    assert_eq!(house.get(&format!("/v1/tokens/{id}")).json()["use_count"], 0, "being asked about is no use");
}

/// RFC 7662, section 2.2: nothing else about what is not active; section 2.1: the caller is authenticated.
#[test]
fn introspection_says_nothing_of_what_is_dead_or_another_s() {
    let house = House::new();
    house.user("ada");
    let (dead, dead_value) = house.create(&json!({ "label": "dead" }));
    house.delete(&format!("/v1/tokens/{dead}")).expect(200);
    let (_, hers) = house.create(&json!({ "label": "hers", "owner": "ada" }));
    let (_, also_hers) = house.create(&json!({ "label": "also hers", "owner": "ada" }));
    let inactive = json!({ "active": false });
    for value in [dead_value.as_str(), "", "rubbish", "tdk_a_0000000000000_x"] {
        assert_eq!(introspect(&house, &house.operator, &format!("token={value}")).expect(200).json(), inactive);
    }
    assert_eq!(introspect(&house, &hers, &format!("token={}", house.operator)).expect(200).json(), inactive);
    assert_eq!(introspect(&house, &hers, &format!("token={also_hers}")).expect(200).json()["active"], true);
    house.ask("POST", "/v1/introspect").form("token=x").send().problem(401, "unauthorized");
    for form in ["", "other=x", "token=a&token=b"] {
        let problem = introspect(&house, &house.operator, form).problem(400, "invalid-request");
        assert_eq!(problem["error"], "invalid_request", "RFC 6749, section 5.2");
    }
    let json = house.ask("POST", "/v1/introspect").with(&house.operator).json(&json!({ "token": "x" })).send();
    json.problem(415, "unsupported-media-type");
}

/// RFC 7009, sections 2.1 and 2.2.
#[test]
fn revoking_by_value_ends_the_family_and_never_says_whether_there_was_one() {
    let house = House::new();
    let (parent, parent_value) = house.create(&json!({ "label": "parent" }));
    let (refresh, _) = house.create(&json!({ "label": "refresh", "kind": "refresh", "parent": parent }));
    let known = revoke(&house, &format!("token={parent_value}&token_type_hint=refresh_token")).expect(200);
    let unknown = revoke(&house, "token=rubbish").expect(200);
    assert_eq!((known.body.as_str(), unknown.body.as_str()), ("", ""));
    assert_eq!(known.header("cache-control"), Some("no-store"));
    for id in [parent, refresh] {
        assert_eq!(house.get(&format!("/v1/tokens/{id}")).json()["status"], "revoked");
    }
    revoke(&house, &format!("token={parent_value}")).expect(200);
    revoke(&house, "").problem(400, "invalid-request");
    house.ask("POST", "/v1/revoke").with("rubbish").form("token=x").send().problem(401, "invalid-token");
    let event = &house.get("/v1/events?limit=2").json()["events"][1];
    assert_eq!((&event["action"], &event["actor"]), (&json!("token.revoked"), &json!("operator")));
    house.ask("GET", "/v1/revoke?token=x").send().problem(405, "method-not-allowed");
}

#[test]
fn a_right_checksum_gives_no_access_and_guessing_is_slowed_down_for_the_guesser_only() {
    let house = House::new();
    let (_, value) = house.create(&json!({ "label": "x" }));
    let crc = crc::Crc::<u32>::new(&crc::CRC_32_ISO_HDLC);
    let guess = |round: usize| {
        let mut body = value[..63].to_owned();
        body.replace_range(40..46, &format!("{round:06}"));
        let mut rest = crc.checksum(body.as_bytes());
        let mut check = Vec::new();
        for _ in 0..6 {
            let digits = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
            check.insert(0, char::from(digits[usize::try_from(rest % 62).expect("small")]));
            rest /= 62;
        }
        body + &check.iter().collect::<String>()
    };
    let mut slowed = 0;
    for round in 0..20 {
        let reply = house.ask("GET", "/v1/self").with(&guess(round)).send();
        match reply.status {
            401 => assert_eq!(slowed, 0),
            429 => {
                let wait: u64 = reply.header("retry-after").expect("a time").parse().expect("seconds");
                assert!((1..=60).contains(&wait));
                reply.problem(429, "too-many-attempts");
                slowed += 1;
            }
            status => panic!("{status}"),
        }
    }
    assert_eq!(slowed, 14, "six wrong ones are answered, then it is time to wait");
    assert!(house.accepts(&value), "the holder is never locked out");
    let wrong_checksum = format!("{}000000", &value[..63]);
    for _ in 0..30 {
        house.ask("GET", "/v1/self").with(&wrong_checksum).send().expect(401);
    }
}
