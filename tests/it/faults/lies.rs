//! The judge is judged: every lie that it is there for is noticed, and the truth is not taken for one.

use super::{
    judge::{Facts, Operation, Tokens, judge},
    proxy::Heard,
};
use std::time::{Duration, Instant};

fn tokens(all: &[(&str, bool)]) -> Tokens {
    all.iter().map(|(id, lives)| ((*id).to_owned(), (format!("label of {id}"), *lives))).collect()
}

fn heard(method: &str, times: usize) -> Vec<Heard> {
    let one = Heard {
        method: method.to_owned(),
        path: "/v1/tokens".to_owned(),
        forwarded: 1,
        hit: false,
        begun: Instant::now(),
        held: None,
    };
    vec![one; times]
}

fn line(id: &str, outcome: &str, verified: bool, reason: &str) -> String {
    format!("{{\"id\":\"{id}\",\"outcome\":\"{outcome}\",\"verified\":{verified},\"reason\":\"{reason}\"}}\n")
}

/// Two tokens that were revoked as they were to be.
fn revoked() -> Facts {
    let done = ["a", "b"].map(|id| ("token.revoked".to_owned(), id.to_owned()));
    Facts {
        operation: Operation::Bulk,
        code: Some(0),
        out: line("a", "revoked", true, "") + &line("b", "revoked", true, ""),
        err: String::new(),
        chosen: vec!["a".to_owned(), "b".to_owned()],
        label: String::new(),
        before: tokens(&[("a", true), ("b", true), ("c", true)]),
        after: tokens(&[("a", false), ("b", false), ("c", true)]),
        done: done.into(),
        heard: heard("DELETE", 2),
        new_accepted: None,
        took: Duration::from_secs(1),
        may_take: Duration::from_secs(2),
    }
}

fn created() -> Facts {
    let mut after = tokens(&[("a", true)]);
    after.insert("n".to_owned(), ("new".to_owned(), true));
    Facts {
        operation: Operation::Create,
        out: "{\"id\":\"n\"}".to_owned(),
        chosen: Vec::new(),
        label: "new".to_owned(),
        before: tokens(&[("a", true)]),
        after,
        done: vec![("token.created".to_owned(), "n".to_owned())],
        heard: heard("POST", 1),
        new_accepted: Some(true),
        ..revoked()
    }
}

fn rotated() -> Facts {
    let same = tokens(&[("a", true)]);
    Facts {
        operation: Operation::Rotate,
        out: "{\"id\":\"a\"}".to_owned(),
        chosen: vec!["a".to_owned()],
        before: same.clone(),
        after: same,
        done: vec![("token.rotated".to_owned(), "a".to_owned())],
        ..created()
    }
}

fn listed() -> Facts {
    let row =
        |id: &str, status: &str| format!("{{\"id\":\"{id}\",\"label\":\"label of {id}\",\"status\":\"{status}\"}}");
    let after = tokens(&[("a", true), ("b", false)]);
    Facts {
        operation: Operation::List,
        out: format!("[{},{}]", row("a", "active"), row("b", "revoked")),
        chosen: Vec::new(),
        before: after.clone(),
        after,
        done: Vec::new(),
        heard: heard("GET", 1),
        ..revoked()
    }
}

type Lie = fn(&mut Facts);

#[track_caller]
fn noticed(truth: &Facts, lies: &[(&str, Lie)]) {
    assert_eq!(judge(truth), Vec::<String>::new());
    for (name, lie) in lies {
        let mut facts = truth.clone();
        lie(&mut facts);
        assert!(!judge(&facts).is_empty(), "{name}: {facts:?}");
    }
}

#[test]
fn every_lie_about_a_revocation_is_noticed() {
    noticed(
        &revoked(),
        &[
            ("what lives is called dead", |facts| facts.after = facts.before.clone()),
            ("what lives is called gone", |facts| {
                facts.out = facts.out.replace("\"revoked\"", "\"already gone\"");
                (facts.after, facts.done) = (facts.before.clone(), Vec::new());
            }),
            ("what lives is called revoked, if not verified", |facts| {
                facts.out = facts.out.replace("true", "false");
                (facts.code, facts.after, facts.done) = (Some(5), facts.before.clone(), Vec::new());
            }),
            ("what is dead by us is called failed", |facts| {
                facts.out = line("a", "failed", false, "no") + &line("b", "revoked", true, "");
                facts.code = Some(5);
            }),
            ("what is dead by us is called changed", |facts| {
                facts.out = line("a", "changed", false, "no") + &line("b", "revoked", true, "");
                facts.code = Some(7);
            }),
            ("a failure is called a success", |facts| {
                facts.out = line("a", "unverified", false, "no") + &line("b", "revoked", true, "");
            }),
            ("another one died", |facts| facts.done.push(("token.revoked".to_owned(), "c".to_owned()))),
            ("something else was done", |facts| facts.done.push(("token.rotated".to_owned(), "a".to_owned()))),
            ("nothing is said of one", |facts| facts.out = line("a", "revoked", true, "")),
            ("nothing is said at all", |facts| (facts.code, facts.out) = (Some(5), String::new())),
            ("one is told of twice", |facts| facts.out = line("a", "revoked", true, "").repeat(2)),
            ("it took too long", |facts| facts.took = Duration::from_secs(3)),
            ("it had to be ended", |facts| facts.code = None),
            ("it panicked", |facts| (facts.code, facts.err) = (Some(101), "panicked at".to_owned())),
        ],
    );
}

#[test]
fn every_lie_about_a_creation_or_a_rotation_is_noticed() {
    noticed(
        &created(),
        &[
            ("there is none", |facts| (facts.after, facts.done) = (facts.before.clone(), Vec::new())),
            ("it is another one", |facts| facts.out = facts.out.replace("\"n\"", "\"m\"")),
            ("its secret is none", |facts| facts.new_accepted = Some(false)),
            ("it was sent twice", |facts| facts.heard = heard("POST", 2)),
            ("it is there and called refused", |facts| (facts.code, facts.err) = (Some(5), "refused".to_owned())),
            ("it is there and called absent", |facts| {
                (facts.code, facts.err) = (Some(5), "the answer was lost: it was not created".to_owned());
            }),
            ("it is not there and called made", |facts| {
                facts.after = facts.before.clone();
                (facts.code, facts.err) = (Some(5), "left open: it was made".to_owned());
            }),
        ],
    );
    noticed(
        &rotated(),
        &[
            ("it was not done", |facts| facts.done.clear()),
            ("its secret is none", |facts| facts.new_accepted = Some(false)),
            ("it was sent twice", |facts| facts.heard = heard("POST", 2)),
            ("it was done and is called failed", |facts| (facts.code, facts.err) = (Some(5), "offline".to_owned())),
            ("another one was rotated", |facts| facts.done[0].1 = "b".to_owned()),
        ],
    );
}

#[test]
fn every_lie_about_a_list_is_noticed() {
    noticed(
        &listed(),
        &[
            ("one is missing", |facts| facts.after = tokens(&[("a", true), ("b", false), ("c", true)])),
            ("one is there that is not", |facts| facts.after = tokens(&[("a", true)])),
            ("a dead one is called alive", |facts| facts.after = tokens(&[("a", false), ("b", false)])),
            ("one is told twice", |facts| facts.out = facts.out.replace("\"b\"", "\"a\"")),
            ("it is no list", |facts| facts.out = "{".to_owned()),
            ("something was changed", |facts| facts.done.push(("token.revoked".to_owned(), "a".to_owned()))),
        ],
    );
}
