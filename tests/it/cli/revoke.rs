//! Revoking: confirmed by a word, proved by the backend, one line a token.

use super::program::{Ran, end, program, program_as, run, start, until};
use crate::flows::harness::{Site, link::Link, revoked};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;
use std::process::Child;
use std::time::Duration;

/// Begins to revoke thirty tokens over a slow link, some of which are dead by then.
fn begun() -> (Site, Link, Child) {
    let site = Site::new();
    let link = Link::to(&site.url);
    site.configure_at(&link.url, "");
    for number in 0..30 {
        site.create(&format!("batch {number}"));
    }
    link.delay(Duration::from_secs(1));
    let child = start(&mut program(&site, &["revoke", "--query", "label:batch", "--confirm", "30", "--json"]));
    until("something is sent", || dead(&site) > 0);
    (site, link, child)
}

fn dead(site: &Site) -> usize {
    site.store().count("t.label LIKE 'batch %' AND t.revoked IS NOT NULL")
}

/// Two servers: `prod`, and `dev` over a link.
pub(super) fn two() -> (Site, Site, Link) {
    let (site, other) = (Site::new(), Site::new());
    let link = Link::to(&other.url);
    let (url, ca) = (&link.url, other.ca_file.display());
    site.configure(&format!(
        "[contexts.dev]\nbackend = \"tokendeck\"\nurl = \"{url}\"\nca_file = \"{ca}\"\ncredential_env = \"OTHER\""
    ));
    (site, other, link)
}

pub(super) fn over_both(site: &Site, other: &Site, arguments: &[&str]) -> Ran {
    end(start(program(site, arguments).env("OTHER", &other.operator)), "")
}

#[test]
fn tokens_of_several_contexts_are_one_confirmation() {
    let (site, other, _link) = two();
    let (here, there) = (site.create("here").0, other.create("there").0);
    let named = ["revoke".to_owned(), format!("prod/{here}"), format!("dev/{there}"), "--json".to_owned()];
    let named: Vec<&str> = named.iter().map(String::as_str).collect();
    over_both(&site, &other, &named).ends(6, "--confirm \"2\"");
    assert!(site.store().lives("here") && other.store().lives("there"));
    let ran = over_both(&site, &other, &[&named[..], &["--confirm", "2"]].concat());
    ran.ends(0, "");
    let line = |id: String| json!({ "id": id, "outcome": "revoked", "verified": true, "reason": null });
    assert_eq!(ran.lines(), [line(format!("prod/{here}")), line(format!("dev/{there}"))]);
    assert!(!site.store().lives("here") && !other.store().lives("there"));
}

#[test]
fn what_was_cut_in_several_contexts_is_finished_in_all_of_them() {
    let (site, other, link) = two();
    for number in 0..20 {
        site.create(&format!("batch {number}"));
        other.create(&format!("batch {number}"));
    }
    link.delay(Duration::from_secs(1));
    let revoke = ["revoke", "--query", "label:batch", "--confirm", "40", "--json"];
    let mut child = start(program(&site, &revoke).env("OTHER", &other.operator));
    until("the quick one is over", || dead(&site) == 20);
    child.kill().expect("killed");
    child.wait().expect("an end");
    assert!(dead(&other) < 20, "a slow backend holds no other up");
    link.delay(Duration::ZERO);
    let ran = over_both(&site, &other, &["revoke", "--resume", "--json"]);
    ran.ends(0, "");
    assert!(ran.lines().iter().all(|line| line["verified"] == true), "{}", ran.out);
    assert_eq!((dead(&site), dead(&other)), (20, 20));
    over_both(&site, &other, &["revoke", "--resume"]).ends(0, "no revocation is unfinished");
}

#[test]
fn one_token_dies_by_its_label_and_by_nothing_else() {
    let site = Site::new();
    let (id, secret) = site.create("leaked");
    let before = site.store().tokens();
    for confirm in [&[][..], &["--confirm", "leake"], &["--confirm", "1"], &["--confirm", ""], &["--confirm=-"]] {
        let ran = run(&site, &[&["revoke", &id], confirm].concat());
        ran.ends(6, "nothing was sent: --confirm \"leaked\" confirms it");
        assert_eq!(ran.out, "");
    }
    run(&site, &["--read-only", "revoke", &id, "--confirm", "leaked"]).ends(4, "read-only: nothing was sent");
    assert_eq!(site.store().tokens(), before);

    let ran = run(&site, &["revoke", &id, "--confirm", "leaked"]);
    ran.ends(0, "");
    assert_eq!(ran.out, format!("{id}  revoked, verified dead\n"));
    assert_eq!(revoked(&before, &site.store().tokens()), [id.as_str()]);
    assert!(!site.accepts(&secret));

    let ran = run(&site, &["revoke", &id, "--confirm", "leaked", "--json"]);
    ran.ends(0, "");
    let line = format!("{{\"id\":\"{id}\",\"outcome\":\"already gone\",\"verified\":true,\"reason\":null}}\n");
    assert_eq!(ran.out, line);
    let ran = run(&site, &["revoke", "n0such", "--confirm", "leaked", "--json"]);
    ran.ends(5, "");
    assert_eq!(ran.lines()[0]["outcome"], "failed", "an id that nobody knows may be a mistyped one");
}

#[test]
fn several_tokens_die_by_their_number() {
    let site = Site::new();
    let ids: Vec<String> = ["one", "two", "three"].map(|label| site.create(label).0).into();
    let named: Vec<&str> = std::iter::once("revoke").chain(ids.iter().map(String::as_str)).collect();
    for confirm in ["one", "2", "03", "three"] {
        run(&site, &[named.as_slice(), &["--confirm", confirm]].concat()).ends(6, "--confirm \"3\"");
    }
    let before = site.store().tokens();
    let ran = run(&site, &[named.as_slice(), &["--confirm", "3", "--json"]].concat());
    ran.ends(0, "");
    let line = |id: &String| json!({ "id": id, "outcome": "revoked", "verified": true, "reason": null });
    assert_eq!(ran.lines(), ids.iter().map(line).collect::<Vec<_>>(), "in the order in which they were named");
    let mut dead = revoked(&before, &site.store().tokens());
    let mut all = ids;
    dead.sort();
    all.sort();
    assert_eq!(dead, all);
}

#[test]
fn a_query_is_confirmed_by_how_many_it_shows() {
    let site = Site::new();
    for label in ["batch 1", "batch 2"] {
        site.create(label);
    }
    let before = site.store().tokens();
    let query = ["revoke", "--query", "label:batch"];
    run(&site, &query).ends(6, "--confirm \"2\"").ends(6, "batch 1");
    run(&site, &[&query[..], &["--confirm", "3"]].concat()).ends(6, "");
    run(&site, &["revoke", "--query", "label:nowhere", "--confirm", "1"]).ends(6, "");
    assert_eq!(site.store().tokens(), before);
    run(&site, &[&query[..], &["--confirm", "2"]].concat()).ends(0, "");
    assert_eq!(revoked(&before, &site.store().tokens()).len(), 2);
    run(&site, &["revoke", "--query", "label:batch", "some-id"]).ends(2, "");
    run(&site, &["revoke"]).ends(2, "");
}

#[test]
fn what_fails_is_said_and_the_others_die() {
    let site = Site::failing(&["stuck"]);
    let (stuck, _) = site.create("stuck");
    let (free, _) = site.create("free");
    let ran = run(&site, &["revoke", &stuck, &free, "--confirm", "2", "--json"]);
    ran.ends(5, "");
    let lines = ran.lines();
    assert_eq!((&lines[0]["outcome"], &lines[0]["verified"]), (&json!("failed"), &json!(false)));
    assert!(lines[0]["reason"].is_string());
    assert_eq!(lines[1]["outcome"], "revoked");
    assert!(site.store().lives("stuck") && !site.store().lives("free"));
}

#[test]
fn the_own_credential_goes_last() {
    let site = Site::new();
    let (own, secret) = site.create("mine");
    let (other, _) = site.create("other");
    let ran = end(start(&mut program_as(&site, &secret, &["revoke", &own, &other, "--confirm", "2"])), "");
    ran.ends(0, "your own credential is gone");
    assert_eq!(site.store().revocations(), ["other", "mine"]);
}

#[test]
fn an_interrupt_sends_nothing_new_and_what_is_on_its_way_ends_and_is_written() {
    let (site, link, child) = begun();
    let pid = Pid::from_raw(child.id().cast_signed()).expect("its number");
    let dead = || dead(&site);
    kill_process(pid, Signal::INT).expect("a signal");
    let ran = end(child, "");
    ran.ends(130, "");
    let lines = ran.lines();
    let told = lines.iter().filter(|line| line["outcome"] == "revoked").count();
    assert_eq!((lines.len(), told), (30, dead()), "{}", ran.out);
    assert!(told < 30, "nothing new was sent");

    // What was confirmed is finished, and until then nothing else is revoked there.
    link.delay(Duration::ZERO);
    let (later, _) = site.create("batch 31");
    let refused = run(&site, &["revoke", &later, "--confirm", "batch 31"]);
    refused.ends(7, "not sent");
    assert!(refused.err.contains("an earlier revocation in prod is unfinished"), "{}", refused.err);
    let next = run(&site, &["revoke", "--resume", "--json"]);
    next.ends(0, "");
    let verified = next.lines().iter().filter(|line| line["outcome"] == "revoked" && line["verified"] == true).count();
    assert_eq!((verified, dead()), (30, 30), "{}", next.out);
    assert!(site.store().lives("batch 31"), "it was not confirmed then");
    run(&site, &["revoke", "--resume"]).ends(0, "no revocation is unfinished");
    run(&site, &["revoke", &later, "--confirm", "batch 31"]).ends(0, "");
}

#[test]
fn a_run_that_was_killed_is_finished_or_given_up() {
    for give_up in [false, true] {
        let (site, link, mut child) = begun();
        let dead = || dead(&site);
        child.kill().expect("killed");
        child.wait().expect("an end");
        link.delay(Duration::ZERO);
        let before = dead();
        assert!(before < 30);
        if give_up {
            run(&site, &["revoke", "--discard"]).ends(0, "given up, prod: ");
            assert!(dead() < 30);
            run(&site, &["revoke", "--resume"]).ends(0, "no revocation is unfinished");
        } else {
            let next = run(&site, &["revoke", "--resume", "--json"]);
            next.ends(0, "");
            assert!(next.lines().iter().all(|line| line["verified"] == true), "{}", next.out);
            assert_eq!(dead(), 30);
        }
    }
}

#[test]
fn a_second_program_at_the_journal_sends_nothing() {
    let site = Site::new();
    let (id, _) = site.create("guarded");
    let mut screen = site.start(&[]).open();
    screen.until("61 of 61");
    run(&site, &["list"]).ends(0, "");
    let ran = run(&site, &["revoke", &id, "--confirm", "guarded"]);
    ran.ends(5, "journal");
    assert!(site.store().lives("guarded"));
    screen.quit();
}
