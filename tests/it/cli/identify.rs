//! A leaked secret is looked for in the lists, and nothing of it is sent or printed.

use super::program::{end, program_as, run, run_with, start};
use crate::flows::harness::Site;
use serde_json::json;

#[test]
fn a_leaked_secret_is_found_in_the_list_wherever_it_stands_and_is_not_printed() {
    let site = Site::new();
    let (id, secret) = site.create("leaked");
    let ran = run_with(&site, &["identify", "--json"], &format!("{secret}\n"));
    ran.ends(0, "");
    let token = json!({
        "context": "prod", "id": id, "label": "leaked", "status": "generated", "exact": true,
        "how": "its id stands in the value",
    });
    assert_eq!(
        ran.lines(),
        [json!({
            "looks": "tokendeck serve token", "begins": "tdk_…", "checksum": true, "issuer": null, "line": 1, "times": 1,
            "verdict": "found", "tokens": [token], "reason": null,
        })]
    );
    let log =
        format!("a ticket\nwith \u{1f511} {secret} in it,\nand commit 0123456789abcdef0123456789abcdef01234567\n");
    let ran = run_with(&site, &["identify"], &log);
    let line = format!(
        "line 2: tdk_… tokendeck serve token: this is prod/{id} \"leaked\", generated (its id stands in the value)\n"
    );
    assert_eq!((ran.ends(0, "").out.as_str(), ran.err.as_str()), (line.as_str(), ""));
    run(&site, &["revoke", &id, "--confirm", "leaked"]).ends(0, "");
    let ran = run_with(&site, &["identify", "--json"], &secret);
    assert_eq!(ran.ends(0, "").lines()[0]["tokens"][0]["status"], "revoked", "a dead one is said to be dead");
    assert!(![&ran.out, &ran.err].iter().any(|text| text.contains(&secret[secret.len() - 12..])));
}

#[test]
fn what_is_in_no_list_or_no_text_is_a_failure_that_says_why() {
    let site = Site::new();
    let (_, secret) = site.create("other");
    let bent = format!("{}{}", &secret[..secret.len() - 1], if secret.ends_with('0') { '1' } else { '0' });
    let stranger = bent.replace("_a_", "_r_").replacen(&bent[6..12], "zzzzzz", 1);
    let ran = run_with(&site, &["identify"], &stranger);
    assert_eq!(ran.ends(5, "").out, "line 1: tdk_… tokendeck serve token, its checksum is wrong: in no list here\n");
    let slack = format!("xoxb-{}", "0123456789".repeat(4));
    let ran = run_with(&site, &["identify", "--json"], &slack);
    assert_eq!(ran.ends(5, "").lines()[0]["verdict"], "no context of its kind");
    assert!(run_with(&site, &["identify"], "nothing of interest in this text").ends(5, "").out.is_empty());
    run_with(&site, &["identify"], " \n").ends(2, "nothing is on standard input");
    let mut bytes = program_as(&site, &site.operator, &["identify"]);
    let child = start(&mut bytes);
    assert_eq!(end(child, &format!("{}\u{0}\n{secret}", "\u{fffd}".repeat(9))).code, 0);
    // A list that cannot be had proves nothing.
    let ran = end(start(&mut program_as(&site, "wrong", &["identify"])), &secret);
    assert!(ran.ends(3, "prod: ").out.contains("the list of prod is not whole"), "{}", ran.out);
}

#[test]
fn what_is_typed_at_a_terminal_is_not_seen() {
    let site = Site::new();
    let (id, secret) = site.create("typed");
    let mut screen = site.start(&["identify"]).open();
    screen.until("it is not sent: ").press(&secret).press("<enter>").until(&format!("this is prod/{id}"));
    assert_eq!(screen.exit_code(), 0);
    assert!(!String::from_utf8_lossy(&screen.raw()).contains(&secret));
}

#[test]
fn a_value_is_revoked_by_itself_once_its_host_is_named() {
    let site = Site::new();
    let (id, secret) = site.create("leaked");
    let host = site.url.trim_start_matches("https://").trim_end_matches('/').to_owned();
    run_with(&site, &["identify", "--revoke"], &secret).ends(6, &format!("--confirm \"{host}\" confirms it"));
    run_with(&site, &["identify", "--revoke", "--confirm", "prod"], &secret).ends(6, "nothing was sent");
    run_with(&site, &["identify", "--confirm", &host], &secret).ends(2, "--revoke");
    run_with(&site, &["identify", "--revoke", "--send"], &secret).ends(2, "cannot be used with");
    let two = format!("{secret}\n{}", site.operator);
    run_with(&site, &["identify", "--revoke", "--confirm", &host], &two).ends(2, "one value by itself");
    run_with(&site, &["--read-only", "identify", "--revoke", "--confirm", &host], &secret).ends(4, "read-only");
    assert!(site.accepts(&secret));

    let ran = run_with(&site, &["identify", "--revoke", "--confirm", &host, "--json"], &format!("{secret}\n"));
    let masked = format!("tdk_…{}", &secret[secret.len() - 4..]);
    assert_eq!(
        ran.ends(0, "").lines(),
        [json!({
            "context": "prod", "host": format!("https://{host}"), "looks": "tokendeck serve token", "value": masked,
            "id": id, "outcome": "revoked", "verified": true, "reason": null,
        })]
    );
    assert!(!site.accepts(&secret));
    let again = run_with(&site, &["identify", "--revoke", "--confirm", &host], &secret);
    assert!(again.ends(5, "").out.contains("failed: it is not known there"), "{}", again.out);

    let journal = run(&site, &["journal", "list", "--json"]);
    let records = journal.ends(0, "").lines();
    let words: Vec<_> = records.iter().map(|record| (record["deed"].clone(), record["outcome"].clone())).collect();
    let none = serde_json::Value::Null;
    let expected =
        [(json!("revoke_value"), none.clone()), (none.clone(), json!("done")), (none, json!("verified dead"))];
    assert_eq!(words, expected);
    assert_eq!((&records[0]["id"], &records[0]["label"]), (&json!(id), &json!(masked)));
    let report = run(&site, &["journal", "export", "--format", "json"]);
    let report: serde_json::Value = serde_json::from_str(&report.ends(0, "").out).expect("JSON");
    assert_eq!((&report["coverage"]["verified"], &report["tokens"][0]["outcome"]), (&json!(1), &json!("revoked")));
    for ran in [&ran, &again, &journal] {
        assert!(![&ran.out, &ran.err].iter().any(|text| text.contains(&secret[secret.len() - 8..])));
    }
}
