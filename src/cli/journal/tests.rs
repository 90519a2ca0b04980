//! The report of one incident in each of its forms, with labels and owners that want to be more than text.

use super::*;
use crate::domain::{
    Fate, IncidentStep, Outcome, Owner, Report, RunEnd, RunHeader, RunId, Sequence, State, Target, TokenId,
};
use jiff::Timestamp;

/// A label that wants to be another row, a link, HTML and a formula.
const FORGED: &str = "=x` | revoked | [a](https://evil.example) <img src=x>\n| y | \u{202e}";

fn target(id: &str, label: &str, owner: &Owner) -> Target {
    Target {
        id: TokenId::parse(id).expect("lawful"),
        label: label.into(),
        owner: owner.clone(),
        roles: Some(vec!["reader".into(), "admin".into()]),
        created: Some(Timestamp::from_second(1_700_000_000).expect("a moment")),
        state: State::Live,
    }
}

/// An incident in which a run came to everything that it can come to.
fn records() -> Vec<Record> {
    let (ana, forged) = (Owner::Known("ana".into()), Owner::Removed("../=cmd|'/c'!A1\n`".into()));
    let targets = [
        target("tk-1", "ci deploy", &ana),
        target("tk-2", FORGED, &forged),
        target("tk-3", "", &ana),
        target("tk-4", "nightly", &Owner::Unknown),
        target("tk-5", "backup", &ana),
        target("tk-6", "billing", &forged),
        target("tk-7", "never sent", &ana),
        target("tk-8", "told only", &Owner::Unknown),
    ];
    let run = RunId::new("run-1");
    let outcomes = [
        Outcome::VerifiedDead,
        Outcome::VerifiedDead,
        Outcome::AlreadyGone,
        Outcome::Failed("forbidden: `x` | y".into()),
        Outcome::Unverified("the connection broke".into()),
        Outcome::StillAnswering("40 s later the backend still shows it alive".into()),
    ];
    let header = RunHeader {
        run: run.clone(),
        tokens: targets.len(),
        principal: Some("operator".into()),
        reason: Some("laptop | stolen".into()),
        plan: None,
    };
    let mut bodies = vec![
        RecordBody::Incident(IncidentStep::Opened { reason: "laptop | stolen".into() }),
        RecordBody::Run(header),
        RecordBody::Targets { run: run.clone(), tokens: targets.to_vec() },
    ];
    let revoke = |target: &Target| {
        let (id, label) = (target.id.clone(), target.label.shown().into_owned());
        RecordBody::Intent(Deed::Revoke { id, label, created: target.created, run: Some(run.clone()) })
    };
    let mut add = |target: &Target, outcomes: &[Outcome]| {
        let of = Sequence(bodies.len() as u64 + 1);
        bodies.push(revoke(target));
        bodies.extend(outcomes.iter().map(|outcome| RecordBody::Result { of, outcome: outcome.clone() }));
    };
    for (target, outcome) in targets.iter().zip(outcomes) {
        if outcome == Outcome::VerifiedDead {
            add(target, &[Outcome::Done(None), outcome]);
        } else {
            add(target, &[outcome]);
        }
    }
    add(&targets[7], &[Outcome::Done(None)]);
    bodies.push(RecordBody::Ended { run, how: RunEnd::GivenUp });
    bodies.push(RecordBody::Incident(IncidentStep::Closed));
    let record = |(body, number): (RecordBody, u64)| Record {
        sequence: Sequence(number),
        at: Timestamp::from_second(1_800_000_000 + i64::try_from(number).expect("small")).expect("a moment"),
        context: ContextName::parse("prod").expect("lawful"),
        incident: Some("INC-42".into()),
        body,
    };
    bodies.into_iter().zip(1..).map(record).collect()
}

fn of_incident() -> Report {
    report(&records(), &About { incident: Some("INC-42".into()), since: None })
}

fn blind() -> Vec<Blind> {
    let blind = |name: &str, backend| Blind { context: ContextName::parse(name).expect("lawful"), backend };
    vec![
        blind("eu", None),
        blind("prod", Some(("OpenBao".to_owned(), vec!["batch tokens".to_owned(), "other namespaces".to_owned()]))),
        blind("test", Some(("Gitea".to_owned(), vec![]))),
    ]
}

#[test]
fn the_report_is_the_same_in_every_form() {
    let report = of_incident();
    insta::assert_snapshot!("markdown", markdown::text(&report, &blind()));
    let mut json = Vec::new();
    json::write(&mut json, &report, &blind()).expect("written");
    insta::assert_snapshot!("json", String::from_utf8(json).expect("text"));
    insta::assert_snapshot!("csv", csv::text(&report).replace("\r\n", "\n"));
}

#[test]
fn no_label_forges_a_row() {
    let text = markdown::text(&of_incident(), &blind());
    let (_, tokens) = text.split_once("## Tokens\n").expect("a table");
    let (tokens, rest) = tokens.split_once("## Open ends").expect("a section");
    let bars = |line: &str| line.matches('|').count();
    let rows: Vec<_> = tokens.lines().filter(|line| !line.is_empty()).collect();
    assert_eq!(rows.len(), 2 + 8);
    assert!(rows.iter().all(|row| bars(row) == 12), "{rows:?}");
    let (_, timeline) = rest.split_once("## Timeline\n").expect("a table");
    assert!(timeline.lines().filter(|line| !line.is_empty()).all(|line| bars(line) == 5));
    for (line, hidden) in text.lines().flat_map(|line| ["](", "<img", "\u{202e}"].map(|hidden| (line, hidden))) {
        // What is in a code span is text.
        let outside: String = line.split('`').step_by(2).collect();
        assert!(!outside.contains(hidden), "{line}");
        assert_eq!(line.matches('`').count() % 2, 0, "{line}");
    }
    let csv = csv::text(&of_incident());
    assert_eq!(csv.matches("\r\n").count(), 9);
    assert!(!csv.contains(",=") && !csv.contains("\"="), "{csv}");
}

#[test]
fn every_record_is_one_object_with_the_same_keys() {
    let lines: Vec<_> = records().iter().map(|record| serde_json::to_value(Line::new(record)).expect("JSON")).collect();
    for line in &lines {
        assert_eq!(line.as_object().expect("an object").len(), 12);
    }
    assert_eq!((&lines[3]["id"], &lines[3]["run"], &lines[4]["of"]), (&"tk-1".into(), &"run-1".into(), &4.into()));
    assert_eq!((&lines[4]["outcome"], &lines[4]["kind"]), (&"done".into(), &"result".into()));
}

#[cfg(unix)]
#[test]
fn each_owner_gets_one_text_in_a_new_file_that_nobody_else_can_read() {
    use std::os::unix::fs::PermissionsExt as _;
    let home = tempfile::tempdir().expect("a folder");
    let folder = home.path().join("notices");
    let report = of_incident();
    assert!(notices::write(&report, &folder).is_ok());
    let mut names: Vec<_> = std::fs::read_dir(&folder).expect("a folder").map(|e| e.expect("a file").path()).collect();
    names.sort();
    let short: Vec<_> = names.iter().map(|path| path.file_name().expect("a name").to_string_lossy()).collect();
    assert_eq!(short, ["001-cmd---c--a1.txt", "002-ana.txt"]);
    for path in &names {
        assert_eq!(std::fs::metadata(path).expect("there").permissions().mode() & 0o7777, 0o600);
    }
    insta::assert_snapshot!("notice", std::fs::read_to_string(&names[1]).expect("text"));
    insta::assert_snapshot!("notice_hostile", std::fs::read_to_string(&names[0]).expect("text"));
    // A second time nothing is overwritten.
    std::fs::write(&names[0], "mine").expect("written");
    assert!(notices::write(&report, &folder).is_err());
    assert_eq!(std::fs::read_to_string(&names[0]).expect("text"), "mine");
    std::fs::remove_file(&names[0]).expect("removed");
    std::os::unix::fs::symlink(home.path().join("elsewhere"), &names[0]).expect("linked");
    assert!(notices::write(&report, &folder).is_err());
    assert!(!home.path().join("elsewhere").exists());
}

#[test]
fn what_failed_or_was_not_sent_is_no_news_for_its_owner() {
    let report = of_incident();
    let fates: Vec<_> = report.tokens.iter().map(|token| &token.fate).collect();
    assert!(fates.iter().any(|fate| matches!(fate, Fate::Failed(_))));
    let home = tempfile::tempdir().expect("a folder");
    assert!(notices::write(&report, home.path()).is_ok());
    for entry in std::fs::read_dir(home.path()).expect("a folder") {
        let text = std::fs::read_to_string(entry.expect("a file").path()).expect("text");
        assert!(!text.contains("never sent") && !text.contains("nightly"), "{text}");
    }
}
