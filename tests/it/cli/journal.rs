//! The journal of real revocations: listed, looked through and written up, also while another program has it open.

use super::program::{Ran, end, program, run, start};
use crate::flows::harness::Site;
use serde_json::Value;
use std::fs;
use std::path::PathBuf;

fn journal(site: &Site) -> PathBuf {
    site.home.path().join("state/tokendeck/journal")
}

/// Revokes tokens with these labels, by one run.
#[track_caller]
fn revoke(site: &Site, labels: &[&str]) -> Vec<(String, String)> {
    let made: Vec<(String, String)> = labels.iter().map(|label| site.create(label)).collect();
    let word = if labels.len() == 1 { labels[0].to_owned() } else { labels.len().to_string() };
    let ids = made.iter().map(|(id, _)| id.as_str());
    let arguments: Vec<&str> = ["revoke"].into_iter().chain(ids).chain(["--confirm", word.as_str()]).collect();
    run(site, &arguments).ends(0, "");
    made
}

#[track_caller]
fn json(ran: &Ran) -> Value {
    serde_json::from_str(&ran.out).expect("JSON")
}

#[test]
fn what_was_done_is_listed_and_written_up_without_a_secret() {
    let site = Site::new();
    run(&site, &["journal", "list"]).ends(5, "there is no journal yet");
    let made = revoke(&site, &["first leak", "second leak"]);
    let before = fs::read(journal(&site)).expect("a journal");

    let listed = run(&site, &["journal", "list", "--json"]);
    listed.ends(0, "");
    let lines = listed.lines();
    let numbers: Vec<_> = lines.iter().map(|line| line["record"].as_u64().expect("a number")).collect();
    assert_eq!(numbers, (1..=lines.len() as u64).collect::<Vec<_>>(), "the newest last");
    let intents = lines.iter().filter(|line| line["deed"] == "revoke").count();
    let dead = lines.iter().filter(|line| line["outcome"] == "verified dead").count();
    assert_eq!((intents, dead), (2, 2), "{}", listed.out);
    let words = run(&site, &["journal", "list"]);
    assert!(words.out.contains("revoke first leak") && words.out.contains("verified dead"), "{}", words.out);

    let report = json(&run(&site, &["journal", "export", "--format", "json"]));
    let counts = &report["coverage"];
    let of = |name: &str| counts[name].as_u64().expect("a number");
    assert_eq!([of("in_scope"), of("revoked"), of("verified"), of("failed"), of("skipped")], [2, 2, 2, 0, 0]);
    assert!(report["not_listed"][0]["not_listed"].is_array(), "what the description says of the list: {report}");
    let text = run(&site, &["journal", "export", "--notices", "notices"]);
    text.ends(0, "in notices");
    assert!(text.out.contains("| of these verified dead | 2 |") && text.out.contains("`second leak`"), "{}", text.out);
    let csv = run(&site, &["journal", "export", "--format", "csv", "--since", "1h"]);
    assert_eq!(csv.out.lines().count(), 3, "{}", csv.out);
    run(&site, &["journal", "export", "--notices", "notices"]).ends(if notices(&site).is_empty() { 0 } else { 5 }, "");

    run(&site, &["journal", "export", "--incident", "INC-0"]).ends(5, "no records of INC-0");
    run(&site, &["journal", "export", "--since", "yesterday"]).ends(2, "neither an age nor a date");
    assert_eq!(fs::read(journal(&site)).expect("a journal"), before, "reading changes nothing");
    for secret in made.iter().map(|(_, secret)| secret).chain([&site.operator]) {
        for shown in [&listed.out, &words.out, &text.out, &text.err, &csv.out, &report.to_string()] {
            assert!(!shown.contains(secret.as_str()));
        }
        assert!(notices(&site).iter().all(|notice| !notice.contains(secret.as_str())));
    }
}

/// The texts for owners.
fn notices(site: &Site) -> Vec<String> {
    let files = fs::read_dir(site.home.path().join("notices")).expect("a folder");
    files.map(|file| fs::read_to_string(file.expect("a file").path()).expect("text")).collect()
}

#[test]
fn it_is_looked_through_by_a_second_program_and_a_change_is_found() {
    let site = Site::new();
    revoke(&site, &["leak"]);
    let path = journal(&site);
    let mut screen = site.start(&[]).open();
    screen.until("61 of 61");
    let ran = run(&site, &["journal", "verify"]);
    ran.ends(0, "");
    assert!(ran.out.contains("nothing speaks against it") && ran.out.contains("no keyring here keeps"), "{}", ran.out);
    run(&site, &["journal", "list"]).ends(0, "");
    screen.quit();

    let verified = json(&run(&site, &["journal", "verify", "--json"]));
    assert_eq!((&verified["whole"], &verified["format"]), (&true.into(), &2.into()));
    let count = verified["records"].as_u64().expect("a number");
    assert_eq!(count, run(&site, &["journal", "list"]).out.lines().count() as u64);

    let mut bytes = fs::read(&path).expect("a journal");
    let (middle, copy) = (bytes.len() / 2, site.home.path().join("copy"));
    fs::write(&copy, &bytes).expect("written");
    run(&site, &["journal", "verify", "--file", "copy"]).ends(0, "");
    bytes[middle] ^= 1;
    fs::write(&copy, &bytes).expect("written");
    let ran = run(&site, &["journal", "verify", "--file", "copy"]);
    ran.ends(5, "");
    assert!(ran.out.contains("NOT AS IT WAS WRITTEN: it is damaged: record "), "{}", ran.out);
    fs::write(&copy, "something else").expect("written");
    run(&site, &["journal", "verify", "--file", "copy"]).ends(5, "");
    run(&site, &["journal", "verify", "--file", "nowhere"]).ends(5, "cannot be read");
    run(&site, &["journal", "verify"]).ends(0, "");
}

#[test]
fn of_eight_programs_at_once_one_has_the_journal_and_the_others_send_nothing() {
    const PROGRAMS: usize = 8;
    let site = Site::new();
    let mut done = 0;
    for round in 0..4 {
        let made: Vec<_> = (0..PROGRAMS).map(|number| (format!("at once {round} {number}"), number)).collect();
        let made: Vec<_> = made.iter().map(|(label, _)| (label.clone(), site.create(label).0)).collect();
        let children: Vec<_> =
            made.iter().map(|(label, id)| start(&mut program(&site, &["revoke", id, "--confirm", label]))).collect();
        for ((label, _), child) in made.iter().zip(children) {
            let ran = end(child, "");
            if ran.code == 0 {
                done += 1;
                assert!(!site.store().lives(label));
            } else {
                ran.ends(5, "another tokendeck has the journal open");
                assert!(site.store().lives(label), "nothing was sent");
            }
        }
    }
    assert!(done > 0, "one of them has it");
    let report = json(&run(&site, &["journal", "export", "--format", "json"]));
    assert_eq!(report["coverage"]["verified"].as_u64(), Some(done));
    run(&site, &["journal", "verify"]).ends(0, "");
}
