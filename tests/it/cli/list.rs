//! What there is: lists and single tokens, as JSON and for people.

use super::program::{end, program, program_as, run, start};
use crate::flows::harness::Site;
use serde_json::Value;
use tokendeck::domain::escape;

#[test]
fn a_token_is_one_object_with_its_keys_in_their_order() {
    let site = Site::new();
    let (id, _) = site.create("golden");
    let shown = run(&site, &["show", &id, "--json"]);
    shown.ends(0, "");
    let token: Value = serde_json::from_str(&shown.out).expect("JSON");
    let text = |name: &str| token[name].as_str().expect("text").to_owned();
    let (created, masked) = (text("created"), text("masked"));
    let fixed = shown.out.replace(&id, "ID").replace(&created, "CREATED").replace(&masked, "MASKED");
    let expected = concat!(
        r#"{"context":"prod","id":"ID","label":"golden","status":"generated","roles":["reader"],"owner":"operator","#,
        r#""creator":"operator","created":"CREATED","last_used":null,"use_reported":true,"expires":null,"#,
        r#""expiry_reported":true,"masked":"MASKED","parent":null,"extra":{"kind":"access","scope":"user","#,
        r#""owner_removed":"false","use_count":"0","status":"active","disabled":"false"}}"#,
        "\n",
    );
    assert_eq!(fixed, expected);
    assert!(created.parse::<jiff::Timestamp>().is_ok() && created.ends_with('Z'), "{created}");
    let listed = run(&site, &["list", "--json", "--query", "label:golden"]);
    assert_eq!(listed.out, format!("[\n{}\n]\n", shown.out.trim_end()));
}

#[test]
fn a_list_holds_every_token_and_a_query_those_that_match() {
    let site = Site::new();
    let all: Vec<Value> = serde_json::from_str(&run(&site, &["list", "--json"]).out).expect("an array");
    assert_eq!(all.len(), 60);
    let shown = run(&site, &["list", "--json", "--query", "role:admin -status:revoked"]);
    let shown: Vec<Value> = serde_json::from_str(&shown.out).expect("an array");
    assert_eq!(shown.len(), site.store().count("t.roles & 4 != 0 AND t.revoked IS NULL"));
    assert_eq!(run(&site, &["list", "--json", "--query", "label:nowhere"]).out, "[]\n");
    let wrong = run(&site, &["list", "--query", "used>>3"]);
    wrong.ends(2, "at character");
    assert_eq!(wrong.out, "");
}

#[test]
fn what_people_read_is_escaped() {
    let site = Site::new();
    let (id, _) = site.create("pr\u{202e}od\u{7}");
    for ran in [run(&site, &["list"]), run(&site, &["show", &id])] {
        ran.ends(0, "");
        assert!(ran.out.contains("pr\\u{202e}od\\u{7}"), "{}", ran.out);
        assert!(ran.out.lines().all(|line| escape(line) == line), "{}", ran.out);
    }
}

#[test]
fn a_closed_pipe_ends_quietly() {
    let site = Site::new();
    for arguments in [["list", "--json"], ["list", "--query="]] {
        let mut child = start(&mut program(&site, &arguments));
        drop(child.stdout.take());
        let ran = end(child, "");
        assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    }
}

#[test]
fn a_context_that_fails_hides_no_other() {
    let site = Site::new();
    let ca = site.ca_file.display();
    let off = "https://127.0.0.1:1";
    site.configure(&format!(
        "[contexts.off]\nbackend = \"tokendeck\"\nurl = \"{off}\"\nca_file = \"{ca}\"\ncredential_env = \"OPERATOR\""
    ));
    let ran = run(&site, &["list", "--json"]);
    ran.ends(5, "off: ");
    let all: Vec<Value> = serde_json::from_str(&ran.out).expect("an array");
    assert!(all.len() == 60 && all.iter().all(|token| token["context"] == "prod"));
    run(&site, &["list", "--context", "prod"]).ends(0, "");
    run(&site, &["list", "--context", "off"]).ends(5, "off: ");
    run(&site, &["list", "--context", "nowhere"]).ends(2, "there is no context nowhere");

    let id = all[0]["id"].as_str().expect("an id");
    run(&site, &["show", id]).ends(2, "write CONTEXT/");
    run(&site, &["show", &format!("prod/{id}")]).ends(0, "");
    run(&site, &["show", "prod/nowhere"]).ends(5, "");
}

#[test]
fn a_wrong_credential_has_an_exit_code_of_its_own() {
    let site = Site::new();
    for arguments in [&["list"][..], &["list", "--json"]] {
        let ran = end(start(&mut program_as(&site, "nothing", arguments)), "");
        ran.ends(3, "`tokendeck login prod`");
        assert_eq!(ran.out, "", "a list that never came is not an empty one");
    }
    let ran = end(start(program(&site, &["list", "--credential-stdin"]).env("OPERATOR", "nothing")), &site.operator);
    ran.ends(0, "");
}
