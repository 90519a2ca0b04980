//! A plan is written, looked at by somebody else, and done only if the world still looks so.

use super::program::{end, program, program_as, run, start, until};
use super::revoke::{over_both, two};
use crate::flows::harness::{Home, Site, link::Link, revoked};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use std::{
    fs,
    os::unix::fs::{PermissionsExt, symlink},
    path::PathBuf,
    time::Duration,
};

/// Writes a plan with these words for `revoke`; the file and what it says.
#[track_caller]
fn planned(site: &Site, words: &[&str]) -> (PathBuf, Value) {
    let ran = run(site, &[&["revoke", "--plan", "p.json"], words].concat());
    ran.ends(0, "nothing was revoked");
    let path = site.home.path().join("p.json");
    let value = serde_json::from_slice(&fs::read(&path).expect("a plan")).expect("JSON");
    (path, value)
}

/// The plan that a run was done from, as the report of the journal names it.
#[track_caller]
fn plan_of_the_run(site: &Site) -> Value {
    let ran = run(site, &["journal", "export", "--format", "json"]);
    let whole: Value = serde_json::from_str(&ran.out).expect("a report");
    whole["runs"][0]["plan"].clone()
}

#[test]
fn a_plan_is_shown_and_then_done_with_its_number() {
    let site = Site::new();
    let ids: Vec<String> = ["one \u{202e}two", "three"].map(|label| site.create(label).0).into();
    site.create_admin("root two");
    let before = site.store().tokens();
    let (path, value) = planned(&site, &["--query", "label:two"]);
    assert_eq!(fs::metadata(&path).expect("there").permissions().mode() & 0o777, 0o600);
    assert_eq!(value["contexts"][0]["tokens"], 2);
    assert_eq!((&value["contexts"][0]["context"], &value["contexts"][0]["admin"]), (&json!("prod"), &json!(1)));
    let text = fs::read_to_string(&path).expect("text");
    assert!(!text.contains('\u{202e}') && text.contains(r"one \u202etwo"), "{text}");
    assert!(!text.contains("tdk_") && !text.contains(&site.operator), "no secret is in it");

    // Whoever looks at it changes nothing.
    for words in [&[][..], &["--confirm", "1"], &["--confirm", "two"], &["--confirm", "02"], &["--confirm="]] {
        let ran = run(&site, &[&["apply", "p.json"], words].concat());
        ran.ends(6, "nothing was sent: --confirm \"2\" confirms it");
        assert_eq!(ran.out.contains("plan to revoke 2 tokens, made "), words.is_empty(), "{}", ran.out);
    }
    let shown = run(&site, &["apply", "p.json"]);
    for words in ["one \\u{202e}two", &ids[0], "root two", "admin   yes", "2 of 2 still look as the plan says"] {
        assert!(shown.out.contains(words), "{words}: {}", shown.out);
    }
    assert!(shown.out.contains(value["sha256"].as_str().expect("a sum")));
    let ran = run(&site, &["apply", "p.json", "--json"]);
    ran.ends(6, "");
    assert!(ran.lines().iter().all(|line| line["outcome"] == "unchanged"), "{}", ran.out);
    run(&site, &["--read-only", "apply", "p.json", "--confirm", "2"]).ends(4, "read-only: nothing was sent");
    assert_eq!(site.store().tokens(), before);

    let ran = run(&site, &["apply", "p.json", "--confirm", "2", "--json"]);
    ran.ends(0, "");
    let done = json!({ "outcome": "revoked", "verified": true, "reason": null });
    for line in ran.lines() {
        assert_eq!(json!({ "outcome": line["outcome"], "verified": line["verified"], "reason": line["reason"] }), done);
    }
    assert_eq!((ran.lines().len(), revoked(&before, &site.store().tokens()).len()), (2, 2));
    assert!(site.store().lives("three"));
    assert_eq!(plan_of_the_run(&site), value["sha256"]);
    let ran = run(&site, &["journal", "list"]);
    assert!(ran.out.contains(&format!("from the plan {}", value["sha256"].as_str().expect("a sum"))), "{}", ran.out);
    // Once more there is nothing left of it.
    run(&site, &["apply", "p.json", "--confirm", "2"]).ends(7, "2 look otherwise now: nothing was sent");
}

#[test]
fn one_token_is_planned_by_its_id_and_confirmed_by_one() {
    let site = Site::new();
    let (id, _) = site.create("leaked");
    let ran = run(&site, &["revoke", &id, "--plan", "a b.json", "--json"]);
    ran.ends(0, "");
    let line = &ran.lines()[0];
    assert_eq!((&line["tokens"], &line["left_out"]), (&json!(1), &json!(0)));
    assert!(line["plan"].as_str().expect("a path").ends_with("/a b.json"));
    run(&site, &["apply", "a b.json", "--confirm", "leaked"]).ends(6, "--confirm \"1\"");
    let ran = run(&site, &["apply", "a b.json", "--confirm", "1"]);
    ran.ends(0, "");
    assert_eq!(ran.out, format!("{id}  revoked, verified dead\n"));
}

#[test]
fn what_was_changed_since_is_told_and_refuses_the_plan() {
    let site = Site::new();
    let ids: Vec<String> = ["one", "two", "three", "four"].map(|label| site.create(label).0).into();
    planned(&site, &ids.iter().map(String::as_str).collect::<Vec<_>>());
    site.edit(&ids[0], &json!({ "label": "on\u{200b}e" }));
    site.revoke(&ids[1]);
    let before = site.store().tokens();
    for words in [&["--confirm", "4"][..], &["--confirm", "2"], &[]] {
        let ran = run(&site, &[&["apply", "p.json"], words].concat());
        ran.ends(7, "of 4 tokens in the plan 2 look otherwise now: nothing was sent; `--skip-changed`");
        let changed = format!("{}  changed: label was \"one\", is \"on\\u{{200b}}e\"\n", ids[0]);
        let gone = format!("{}  already gone: somebody revoked it since the plan was made\n", ids[1]);
        assert!(ran.out.ends_with(&format!("{changed}{gone}")), "{}", ran.out);
    }
    let ran = run(&site, &["apply", "p.json", "--confirm", "4", "--json"]);
    ran.ends(7, "");
    let outcomes: Vec<_> = ran.lines().into_iter().map(|line| line["outcome"].clone()).collect();
    assert_eq!(outcomes, ["changed", "already gone", "unchanged", "unchanged"]);
    assert_eq!(site.store().tokens(), before, "nothing was sent");

    run(&site, &["apply", "p.json", "--skip-changed", "--confirm", "4"]).ends(6, "--confirm \"2\"");
    let ran = run(&site, &["apply", "p.json", "--skip-changed", "--confirm", "2", "--json"]);
    ran.ends(7, "");
    let outcomes: Vec<_> = ran.lines().into_iter().map(|line| line["outcome"].clone()).collect();
    assert_eq!(outcomes, ["changed", "already gone", "revoked", "revoked"]);
    assert_eq!(revoked(&before, &site.store().tokens()).len(), 2);
    assert!(site.store().count(&format!("t.id = '{}' AND t.revoked IS NULL", ids[0])) == 1);
}

#[test]
fn dead_tokens_are_left_out_and_unknown_ones_leave_no_plan() {
    let site = Site::new();
    let (dead, _) = site.create("dead");
    let (alive, _) = site.create("alive");
    site.revoke(&dead);
    let ran = run(&site, &["revoke", &alive, "n0such", "--plan", "p.json"]);
    ran.ends(5, "prod/n0such: ").ends(5, "no plan was written");
    assert!(!site.home.path().join("p.json").exists());
    run(&site, &["revoke", &dead, "--plan", "p.json"]).ends(5, "already revoked: there is nothing to plan");
    let ran = run(&site, &["revoke", &alive, &dead, "--plan", "p.json"]);
    ran.ends(0, "1 token revoked already: left out").ends(0, "apply").ends(0, "--confirm 1");
}

#[test]
fn a_file_that_is_there_is_left_alone() {
    let site = Site::new();
    let (id, _) = site.create("leaked");
    let path = site.home.path().join("there");
    fs::write(&path, "mine").expect("a file");
    symlink("nowhere", site.home.path().join("link")).expect("a link");
    for name in ["there", "link", "."] {
        run(&site, &["revoke", &id, "--plan", name]).ends(2, "is there already, and was left alone");
    }
    run(&site, &["revoke", &id, "--plan", "no/folder"]).ends(5, "no/folder cannot be written");
    assert_eq!(fs::read_to_string(&path).expect("there"), "mine");
    assert!(!site.home.path().join("nowhere").exists());
    let left = fs::read_dir(site.home.path()).expect("a folder").filter_map(Result::ok);
    assert!(!left.map(|entry| entry.file_name()).any(|name| name.to_string_lossy().starts_with(".plan")));
}

#[test]
fn a_plan_that_was_edited_is_refused_and_one_that_is_none_says_so() {
    let site = Site::new();
    let (id, _) = site.create("leaked");
    let (other, _) = site.create("innocent");
    let (path, _) = planned(&site, &[&id]);
    let good = fs::read_to_string(&path).expect("a plan");
    for (text, code, said) in [
        (good.replace(&id, &other), 7, "was changed after it was made: its SHA-256 is another one"),
        (
            good.replace("\"version\": 1", "\"version\": 9"),
            2,
            "is a plan of version 9, and this program reads version 1",
        ),
        (good[..good.len() - 20].to_owned(), 2, "is damaged, at line"),
        (String::new(), 2, "is no plan of a revocation"),
        ("\u{1b}[31m\u{0}".to_owned(), 2, "is no plan of a revocation"),
    ] {
        fs::write(&path, text).expect("written");
        let ran = run(&site, &["apply", "p.json", "--confirm", "1"]);
        ran.ends(code, said).ends(code, "have the plan made anew");
        assert_eq!(ran.out, "");
    }
    run(&site, &["apply", "nowhere.json", "--confirm", "1"]).ends(2, "nowhere.json cannot be read");
    run(&site, &["apply", ".", "--confirm", "1"]).ends(2, "cannot be read");
    assert!(site.store().lives("leaked") && site.store().lives("innocent"));
}

#[test]
fn a_plan_is_done_at_the_address_it_was_made_for() {
    let site = Site::new();
    let (id, _) = site.create("leaked");
    planned(&site, &[&id]);
    let elsewhere = Link::to(&site.url);
    site.configure_at(&elsewhere.url, "");
    let ran = run(&site, &["apply", "p.json", "--confirm", "1"]);
    ran.ends(
        7,
        &format!("the plan is about prod at {}, and prod is at {} here: nothing was sent", site.url, elsewhere.url),
    );
    site.configure("");
    run(&site, &["--context", "prod", "apply", "p.json", "--confirm", "2"]).ends(6, "");

    let config = fs::read_to_string(site.home.config()).expect("a configuration");
    fs::write(site.home.config(), config.replace("[contexts.prod]", "[contexts.other]")).expect("written");
    let ran = run(&site, &["apply", "p.json"]);
    ran.ends(2, "the plan is about the context prod, which is not configured");
    assert!(ran.out.contains("leaked"), "it is shown to whoever cannot do it: {}", ran.out);
    assert!(site.store().lives("leaked"));
}

#[test]
fn a_colleague_applies_it_from_another_home() {
    let site = Site::new();
    let (id, _) = site.create("leaked");
    let (path, _) = planned(&site, &[&id]);
    let colleague = Home::new();
    fs::create_dir_all(colleague.config().parent().expect("a folder")).expect("a folder");
    fs::copy(site.home.config(), colleague.config()).expect("a configuration");
    let (_, secret) = site.create_admin("colleague");
    let arguments = ["apply", path.to_str().expect("text"), "--confirm", "1"];
    let refused = program_as(&site, "tdk_wrong", &arguments);
    end(start(&mut { refused }), "").ends(3, "");
    assert!(site.store().lives("leaked"));
    end(start(&mut super::program::program_in(&colleague, &secret, &arguments)), "").ends(0, "");
    assert!(!site.store().lives("leaked"));
}

#[test]
fn the_own_credential_is_said_and_goes_last() {
    let site = Site::new();
    let (own, secret) = site.create_admin("mine");
    let (other, _) = site.create("other");
    let as_own = |words: &[&str]| end(start(&mut program_as(&site, &secret, words)), "");
    as_own(&["revoke", &own, &other, "--plan", "p.json"]).ends(0, "your own credential is one of them");
    as_own(&["apply", "p.json"]).ends(6, &format!("{own} is your own credential: it goes last"));
    as_own(&["apply", "p.json", "--confirm", "2"]).ends(0, "");
    assert_eq!(site.store().revocations(), ["other", "mine"]);
}

#[test]
fn a_plan_over_two_servers_is_done_on_both_or_on_none() {
    let (site, other, _link) = two();
    let ids = [site.create("same leak").0, other.create("same leak").0];
    over_both(&site, &other, &["revoke", "--query", "label:leak", "--plan", "p.json"]).ends(0, "--confirm 2");
    let shown = over_both(&site, &other, &["apply", "p.json"]);
    shown.ends(6, "--confirm \"2\"");
    for words in [format!("prod/{}", ids[0]), format!("dev/{}", ids[1]), "2 of 2 still look".to_owned()] {
        assert!(shown.out.contains(&words), "{words}: {}", shown.out);
    }
    other.edit(&ids[1], &json!({ "label": "another leak" }));
    over_both(&site, &other, &["apply", "p.json", "--confirm", "2"]).ends(7, "1 looks otherwise now");
    assert!(site.store().lives("same leak") && other.store().lives("another leak"));
    other.edit(&ids[1], &json!({ "label": "same leak" }));
    over_both(&site, &other, &["--context", "prod", "apply", "p.json", "--confirm", "2"]).ends(2, "the context dev");
    over_both(&site, &other, &["apply", "p.json", "--confirm", "2"]).ends(0, "");
    assert!(!site.store().lives("same leak") && !other.store().lives("same leak"));
}

#[test]
fn plan_goes_with_revoke_and_nothing_else() {
    let site = Site::new();
    let (id, _) = site.create("leaked");
    for (words, said) in [
        (&["list"][..], "--plan goes with `tokendeck revoke` only"),
        (&["show", &id], "--plan goes with"),
        (&["apply", "p.json"], "--plan goes with"),
        (&["doctor"], "--plan goes with"),
        (&[], "in the dashboard `:plan FILE` writes a plan"),
        (&["revoke", "--resume"], "--plan does not go with a revocation that was begun already"),
        (&["revoke", &id, "--confirm", "leaked"], "--plan revokes nothing"),
    ] {
        run(&site, &[&["--plan", "p.json"], words].concat()).ends(2, said);
    }
    assert!(site.store().lives("leaked") && !site.home.path().join("p.json").exists());
}

#[test]
fn a_plan_that_was_killed_in_its_middle_is_finished_or_refused() {
    let site = Site::new();
    let link = Link::to(&site.url);
    site.configure_at(&link.url, "");
    for number in 0..30 {
        site.create(&format!("batch {number}"));
    }
    let (_, plan) = planned(&site, &["--query", "label:batch"]);
    let (later, _) = site.create("later");
    run(&site, &["revoke", &later, "--plan", "later.json"]).ends(0, "");
    link.delay(Duration::from_millis(500));
    let mut child = start(&mut program(&site, &["apply", "p.json", "--confirm", "30"]));
    let dead = || site.store().count("t.label LIKE 'batch %' AND t.revoked IS NOT NULL");
    until("something is sent", || dead() > 0);
    child.kill().expect("killed");
    child.wait().expect("an end");
    link.delay(Duration::ZERO);
    assert!(dead() < 30);

    let ran = run(&site, &["apply", "later.json", "--confirm", "1"]);
    ran.ends(7, "an earlier revocation in prod is unfinished");
    assert!(site.store().lives("later"));
    run(&site, &["apply", "p.json", "--confirm", "30"]).ends(7, "otherwise now: nothing was sent");
    let next = run(&site, &["revoke", "--resume", "--json"]);
    next.ends(0, "");
    assert!(next.lines().iter().all(|line| line["verified"] == true), "{}", next.out);
    assert_eq!((next.lines().len(), dead()), (30, 30));
    assert_eq!(plan_of_the_run(&site), plan["sha256"]);
    run(&site, &["apply", "later.json", "--confirm", "1"]).ends(0, "");
}

#[test]
fn an_interrupt_while_tokens_are_read_again_sends_nothing() {
    let site = Site::new();
    let link = Link::to(&site.url);
    site.configure_at(&link.url, "");
    let (id, _) = site.create("leaked");
    planned(&site, &[&id]);
    link.lose();
    let child = start(&mut program(&site, &["apply", "p.json", "--confirm", "1"]));
    let pid = Pid::from_raw(child.id().cast_signed()).expect("its number");
    link.until_lost();
    kill_process(pid, Signal::TERM).expect("a signal");
    let ran = end(child, "");
    ran.ends(143, "");
    assert!(site.store().lives("leaked"));
}
