//! The sample tokens, as a client sees them.

use super::House;
use serde_json::Value;
use std::collections::BTreeSet;
use tokendeck::server::Sample;

fn tokens(house: &House, query: &str) -> Vec<Value> {
    let body = house.get(&format!("/v1/tokens?limit=1000{query}")).expect(200).json();
    body["tokens"].as_array().expect("tokens").clone()
}

#[test]
fn sixty_tokens_show_every_status_role_scope_and_odd_label() {
    let house = House::sample(Sample::Lively);
    let all = tokens(&house, "");
    assert_eq!(all.len(), 60);
    let values = |key: &str| all.iter().map(|token| token[key].to_string()).collect::<BTreeSet<_>>();
    assert_eq!(values("status").len(), 4);
    assert_eq!(values("scope").len(), 2);
    assert_eq!(values("kind").len(), 2);
    assert!(values("label").len() < 60, "some labels repeat");
    let labels = all.iter().map(|token| token["label"].as_str().expect("text")).collect::<Vec<_>>();
    for part in ["\u{1b}[31m", "\u{202e}", "\u{200b}", "日本語", "مفتاح", "Κλειδί", "🚀", "\u{440}rod", "prod", " "]
    {
        assert!(labels.iter().any(|label| label.contains(part)), "{part}");
    }
    assert!(labels.iter().any(|label| label.len() > 200));
    let ordinary = tokens(&house, "&status=active");
    let ordinary = ordinary.iter().filter(|token| !token["roles"].to_string().contains("admin")).count();
    assert!(ordinary >= 35, "{ordinary}");
    assert!(!house.get("/v1/notices").json()["notices"].as_array().expect("notices").is_empty());
}

#[test]
fn generated_tokens_are_as_varied() {
    let house = House::sample(Sample::Rows(1000));
    let all = tokens(&house, "");
    assert_eq!(all.len(), 1000);
    let share = |test: &dyn Fn(&Value) -> bool| all.iter().filter(|token| test(token)).count();
    for status in ["active", "disabled", "expired", "revoked"] {
        assert!(share(&|token| token["status"] == status) >= 20, "{status}");
    }
    assert!((50..250).contains(&share(&|token| token["roles"].to_string().contains("admin"))));
    assert!(share(&|token| token["last_used"].is_null()) >= 50);
    assert!(share(&|token| token["kind"] == "refresh") >= 10);
    assert!(share(&|token| token["owner_removed"] == true) >= 5);
    for token in &all {
        let Some(used) = token["last_used"].as_str() else { continue };
        assert!(used >= token["created"].as_str().expect("a moment"), "{token}");
    }
}
