//! What is said of tokens, from hand-written journals.

use super::*;
use crate::domain::State;

fn context() -> ContextName {
    ContextName::parse("prod").expect("lawful")
}

fn id(text: &str) -> TokenId {
    TokenId::parse(text).expect("lawful")
}

fn run() -> RunId {
    RunId::new("r")
}

fn revoke(token: &str, run: Option<RunId>) -> RecordBody {
    let created = Some(Timestamp::UNIX_EPOCH);
    RecordBody::Intent(Deed::Revoke { id: id(token), label: token.into(), created, run })
}

fn result(of: u64, outcome: Outcome) -> RecordBody {
    RecordBody::Result { of: Sequence(of), outcome }
}

fn target(token: &str) -> crate::domain::Target {
    crate::domain::Target {
        id: id(token),
        label: token.into(),
        owner: Owner::Known("ana".into()),
        roles: Some(vec!["admin".into()]),
        created: Some(Timestamp::UNIX_EPOCH),
        state: State::Live,
    }
}

/// The first records of a run.
fn begun(tokens: &[&str]) -> Vec<RecordBody> {
    let header = RunHeader { run: run(), tokens: tokens.len(), principal: None, reason: None, plan: None };
    let tokens = tokens.iter().map(|token| target(token)).collect();
    vec![RecordBody::Run(header), RecordBody::Targets { run: run(), tokens }]
}

/// Records one second after the other.
fn records(bodies: Vec<RecordBody>, incident: Option<&str>) -> Vec<Record> {
    let record = |(body, number): (RecordBody, u64)| Record {
        sequence: Sequence(number),
        at: Timestamp::from_second(i64::try_from(number).expect("small")).expect("a moment"),
        context: context(),
        incident: incident.map(str::to_owned),
        body,
    };
    bodies.into_iter().zip(1..).map(record).collect()
}

fn of_all(bodies: Vec<RecordBody>) -> Report {
    report(&records(bodies, None), &About::default())
}

/// The fate of the one token.
fn fate(bodies: Vec<RecordBody>) -> Fate {
    let mut report = of_all(bodies);
    assert_eq!(report.tokens.len(), 1);
    report.tokens.remove(0).fate
}

#[test]
fn what_is_on_a_worklist_is_in_scope_also_where_nothing_was_sent() {
    let froze = RecordBody::Incident(IncidentStep::Froze { tokens: vec![target("a"), target("b")] });
    let report = of_all(vec![froze, revoke("a", None)]);
    assert_eq!(report.coverage(), Coverage { in_scope: 2, unverified: 1, skipped: 1, ..Coverage::default() });
}

#[test]
fn every_outcome_has_its_place_and_each_token_one() {
    let outcomes = [
        (Outcome::Done(None), Coverage { revoked: 1, ..Coverage::default() }),
        (Outcome::VerifiedDead, Coverage { revoked: 1, verified: 1, ..Coverage::default() }),
        (Outcome::AlreadyGone, Coverage { already_gone: 1, ..Coverage::default() }),
        (Outcome::Changed, Coverage { skipped: 1, ..Coverage::default() }),
        (Outcome::NotSent, Coverage { skipped: 1, ..Coverage::default() }),
        (Outcome::Failed("no".into()), Coverage { failed: 1, ..Coverage::default() }),
        (Outcome::HadNoEffect, Coverage { failed: 1, ..Coverage::default() }),
        (Outcome::Unverified("cut".into()), Coverage { unverified: 1, ..Coverage::default() }),
        (Outcome::StillAnswering("alive".into()), Coverage { still_answering: 1, ..Coverage::default() }),
    ];
    for (outcome, expected) in outcomes {
        let expected = Coverage { in_scope: 1, ..expected };
        // With a run, and in a journal of before runs were recorded.
        let of_run = [begun(&["a"]), vec![revoke("a", Some(run())), result(3, outcome.clone())]].concat();
        assert_eq!(of_all(of_run).coverage(), expected, "{outcome:?}");
        assert_eq!(of_all(vec![revoke("a", None), result(1, outcome.clone())]).coverage(), expected, "{outcome:?}");
    }
}

#[test]
fn what_was_not_sent_is_skipped_with_the_reason() {
    let end = |how| RecordBody::Ended { run: run(), how };
    let reason = |bodies: Vec<RecordBody>| {
        let mut report = of_all(bodies);
        report.tokens.remove(1).fate
    };
    let one_sent = || [begun(&["a", "b"]), vec![revoke("a", Some(run())), result(3, Outcome::VerifiedDead)]].concat();
    for (more, why) in [
        (vec![], "the run is not finished"),
        (vec![end(RunEnd::GivenUp)], "the run was given up before it was sent"),
        (vec![end(RunEnd::Over)], "it was changed, gone or refused before it was sent"),
    ] {
        assert_eq!(reason([one_sent(), more].concat()), Fate::Skipped(why.into()));
    }
}

#[test]
fn a_token_that_was_skipped_has_the_reason_that_was_found() {
    let skipped = |outcome| RecordBody::Skipped { run: run(), id: id("b"), created: target("b").created, outcome };
    let end = || RecordBody::Ended { run: run(), how: RunEnd::Over };
    for (outcome, fate) in [
        (Outcome::Changed, Fate::Skipped("somebody changed it after it was confirmed".into())),
        (Outcome::AlreadyGone, Fate::Gone),
        (Outcome::Failed("forbidden".into()), Fate::Failed("forbidden".into())),
    ] {
        let mut report = of_all([begun(&["a", "b"]), vec![skipped(outcome), end()]].concat());
        let token = report.tokens.remove(1);
        assert_eq!((token.fate, token.intended, token.answered), (fate, None, None));
        let about = About { incident: None, since: Some(Timestamp::from_second(3).expect("a moment")) };
        assert_eq!(super::report(&report.records, &about).tokens.len(), 2, "it belongs to its run");
    }
}

#[test]
fn a_value_counts_as_the_token_that_it_is_or_by_itself() {
    let value = |shown: &str, token: Option<&str>| {
        let (shown, looks, host) = (shown.to_owned(), "token".to_owned(), "https://bao.example".to_owned());
        let created = token.and_then(|_| target("a").created);
        RecordBody::Intent(Deed::RevokeValue { shown, looks, host, id: token.map(id), created })
    };
    let both = vec![revoke("a", None), value("s.…wxyz", Some("a")), result(2, Outcome::VerifiedDead)];
    assert_eq!(of_all(both).coverage(), Coverage { in_scope: 1, revoked: 1, verified: 1, ..Coverage::default() });
    // The same value twice, and two of which no more is shown than all of their kind begin with.
    let values = [value("s.…wxyz", None), value("s.…wxyz", None), value("s.…", None), value("s.…", None)].to_vec();
    let results = vec![result(1, Outcome::Failed("no".into())), result(2, Outcome::Done(None))];
    let report = of_all([values, results].concat());
    let told: Vec<_> = report.tokens.iter().map(|token| (token.label.raw(), token.fate.word())).collect();
    assert_eq!(told, [("s.…wxyz", "revoked"), ("s.…", "unverified"), ("s.…", "unverified")]);
    assert!(report.tokens.iter().all(|token| token.id.is_none()));
}

#[test]
fn an_intent_that_was_not_sent_is_no_sending() {
    for outcome in [Outcome::NotSent, Outcome::Changed] {
        let report = of_all(vec![revoke("a", None), result(1, outcome)]);
        assert_eq!((report.tokens[0].intended, report.tokens[0].answered), (None, None));
    }
    let failed = [revoke("a", None), result(1, Outcome::Failed("no".into()))];
    let again = [revoke("a", None), result(3, Outcome::NotSent)];
    let report = of_all([failed, again].concat());
    assert_eq!(report.tokens[0].intended, Timestamp::from_second(1).ok());
}

#[test]
fn an_intent_without_a_result_is_unverified_and_open() {
    let report = of_all(vec![revoke("a", None)]);
    assert_eq!(report.coverage(), Coverage { in_scope: 1, unverified: 1, ..Coverage::default() });
    assert_eq!((report.open.len(), report.tokens[0].answered), (1, None));
}

#[test]
fn a_proof_counts_wherever_it_came_and_nothing_makes_the_dead_alive_but_being_seen() {
    let dead = || vec![revoke("a", None), result(1, Outcome::Done(None))];
    let then = |outcome| fate([dead(), vec![revoke("a", None), result(3, outcome)]].concat());
    assert_eq!(fate([dead(), vec![result(1, Outcome::VerifiedDead)]].concat()), Fate::Verified);
    assert_eq!(then(Outcome::AlreadyGone), Fate::Verified);
    assert_eq!(then(Outcome::Failed("forbidden".into())), Fate::Revoked);
    assert_eq!(then(Outcome::NotSent), Fate::Revoked);
    assert_eq!(then(Outcome::StillAnswering("alive".into())), Fate::StillAnswering("alive".into()));
    let failed = vec![revoke("a", None), result(1, Outcome::Failed("no".into())), revoke("a", None)];
    assert_eq!(fate([failed, vec![result(3, Outcome::VerifiedDead)]].concat()), Fate::Verified);
}

#[test]
fn a_token_that_got_the_id_of_another_is_another_one() {
    let later = RecordBody::Intent(Deed::Revoke { id: id("a"), label: "a".into(), created: None, run: None });
    assert_eq!(of_all(vec![revoke("a", None), later]).coverage().in_scope, 2);
}

#[test]
fn what_belongs_to_an_incident_is_in_it_also_when_it_came_later() {
    let mut all = records(
        [begun(&["a", "b"]), vec![revoke("a", Some(run())), revoke("x", None), result(4, Outcome::VerifiedDead)]]
            .concat(),
        None,
    );
    for record in &mut all[..3] {
        record.incident = Some("INC-42".into());
    }
    // The result of the first intent came after the incident was closed.
    let late = Record { sequence: Sequence(6), body: result(3, Outcome::VerifiedDead), ..all[4].clone() };
    all.push(late);
    let about = About { incident: Some("INC-42".into()), since: None };
    let report = report(&all, &about);
    let told: Vec<_> =
        report.tokens.iter().map(|token| (token.id.as_ref().expect("known").raw(), token.fate.word())).collect();
    assert_eq!(told, [("a", "revoked"), ("b", "skipped")]);
    assert_eq!(report.records.iter().map(|record| record.sequence.0).collect::<Vec<_>>(), [1, 2, 3, 6]);
    let none = super::report(&all, &About { incident: Some("INC-4".into()), since: None });
    assert_eq!((none.records.len(), none.tokens.len()), (0, 0));
}

#[test]
fn since_takes_what_a_later_record_is_about() {
    let all = records(vec![revoke("a", None), revoke("b", None), result(1, Outcome::VerifiedDead)], None);
    let since = Some(Timestamp::from_second(3).expect("a moment"));
    let report = report(&all, &About { incident: None, since });
    assert_eq!(report.records.iter().map(|record| record.sequence.0).collect::<Vec<_>>(), [1, 3]);
    assert_eq!(report.coverage(), Coverage { in_scope: 1, revoked: 1, verified: 1, ..Coverage::default() });
}

#[test]
fn times_and_owner_are_those_of_the_token() {
    let bodies = [begun(&["a"]), vec![revoke("a", Some(run())), result(3, Outcome::Done(None))]];
    let report = of_all([bodies.concat(), vec![result(3, Outcome::VerifiedDead)]].concat());
    let second = |second| Some(Timestamp::from_second(second).expect("a moment"));
    let token = &report.tokens[0];
    assert_eq!(
        (token.confirmed, token.intended, token.answered, token.proved),
        (second(2), second(3), second(4), second(5))
    );
    assert_eq!((&token.owner, &token.run), (&Owner::Known("ana".into()), &Some(run())));
    assert_eq!((report.runs.len(), report.runs[0].ended), (1, None));
}

proptest::proptest! {
    /// Whatever the records, each token is counted once, and none is lost.
    #[test]
    fn the_counts_add_up(choices in proptest::collection::vec((0..5_u8, 0..4_u8, 0..9_u64), 0..40)) {
        let names = ["a", "b", "c", "d"];
        let bodies = choices.into_iter().map(|(what, which, of)| match what {
            0 => revoke(names[usize::from(which)], None),
            1 => revoke(names[usize::from(which)], Some(run())),
            2 => result(of, Outcome::Done(None)),
            3 => result(of, if which == 0 { Outcome::VerifiedDead } else { Outcome::Failed("no".into()) }),
            _ => RecordBody::Targets { run: run(), tokens: vec![target(names[usize::from(which)])] },
        });
        let report = of_all(bodies.collect());
        let c = report.coverage();
        let sum = c.revoked + c.already_gone + c.still_answering + c.failed + c.skipped + c.unverified;
        proptest::prop_assert_eq!((sum, c.in_scope), (c.in_scope, report.tokens.len()));
        proptest::prop_assert!(c.verified <= c.revoked);
    }
}
