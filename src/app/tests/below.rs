//! Lists in two steps: several rows are asked about at once, and none hides the others.

use std::time::Duration;

use crate::app::contexts::ListExtent;
use crate::app::model::Start;
use crate::app::testing::*;
use crate::domain::{FailureKind, Operation};

use super::loading::state;

/// A context whose tokens hang two by two below parents, ten parents a page; nothing is answered yet.
fn by_parent(count: usize) -> Talk {
    let lines: Vec<String> = (0..count).map(|at| format!("tk-{at:06} label-{at:03} reader")).collect();
    let backend = Backend { page: 10, by_parent: true, ..Backend::new(table(&lines.join("\n"))) };
    Talk::begin(vec![(context("prod"), backend)], Start::Configured)
}

/// The list calls in flight.
fn lists(talk: &Talk) -> Vec<String> {
    let lists = talk.open.iter().filter(|(_, _, operation)| operation.word() == "list");
    let word = |operation: &Operation| {
        let Operation::List(Some(cursor)) = operation else { return String::new() };
        cursor.parent().unwrap_or(cursor.raw()).to_owned()
    };
    lists.map(|(_, _, operation)| word(operation)).collect()
}

/// Answers the list call for a parent with a failure.
fn fail(talk: &mut Talk, parent: &str, kind: FailureKind) {
    let is_it =
        |operation: &Operation| matches!(operation, Operation::List(Some(cursor)) if cursor.parent() == Some(parent));
    let call = talk.open.iter().find(|(_, _, operation)| is_it(operation)).expect("it is asked about").0;
    talk.reply(call, Err(failure(kind)));
}

#[test]
fn at_most_eight_are_asked_about_at_once_and_rows_show_as_they_come() {
    let mut talk = by_parent(50);
    assert_eq!(lists(&talk), [""]);
    talk.serve("list");
    let open = lists(&talk);
    assert_eq!(open.len(), 8, "{open:?}");
    assert!(open.contains(&"10".to_owned()), "the next page of parents is asked for as well");
    let below = talk
        .open
        .iter()
        .position(|(_, _, operation)| matches!(operation, Operation::List(Some(cursor)) if cursor.parent().is_some()));
    talk.serve_at(below.expect("a parent"));
    assert_eq!(talk.shown().len(), 2, "the first rows do not wait for the others");
    assert_eq!(state(&talk).list.extent, ListExtent::Loading);
    talk.settle();
    assert_eq!((talk.shown().len(), &state(&talk).list.extent), (50, &ListExtent::Complete));
    assert_eq!(talk.sent().iter().filter(|line| line.starts_with("list p")).count(), 25, "nothing is asked twice");
}

#[test]
fn a_refresh_shows_all_at_once_and_what_vanished_is_gone() {
    let mut talk = by_parent(7);
    talk.settle();
    assert_eq!(talk.shown().len(), 7);
    talk.backend().tokens.remove(3);
    talk.press("<ctrl-r>");
    talk.serve("list");
    talk.serve("list");
    assert_eq!(talk.shown().len(), 7, "half a refresh hides nothing");
    talk.settle();
    assert_eq!(talk.shown().len(), 6);
}

#[test]
fn a_parent_that_cannot_be_read_leaves_the_list_partial_and_hides_no_other() {
    let mut talk = by_parent(6);
    talk.serve("list");
    fail(&mut talk, "p1", FailureKind::Forbidden);
    talk.settle();
    assert_eq!(talk.shown().len(), 4);
    let ListExtent::Partial(why) = &state(&talk).list.extent else { panic!("{:?}", state(&talk).list.extent) };
    assert!(why.contains("p1"), "{why}");
}

#[test]
fn a_dead_credential_ends_the_reading() {
    let mut talk = by_parent(40);
    talk.serve("list");
    fail(&mut talk, "p1", FailureKind::Credential);
    talk.settle();
    assert!(state(&talk).list.failure.is_some());
    assert!(talk.sent().iter().filter(|line| line.starts_with("list p")).count() <= 9, "no more is asked");
}

#[test]
fn who_asks_to_wait_is_not_asked_meanwhile() {
    let mut talk = by_parent(40);
    talk.serve("list");
    fail(&mut talk, "p0", FailureKind::Busy(Some(Duration::from_secs(30))));
    let before = talk.sent().len();
    talk.wait(29_000);
    while let Some(at) = talk.open.iter().position(|(_, _, operation)| operation.word() == "list") {
        talk.serve_at(at);
    }
    assert_eq!(talk.sent().len(), before, "what was on its way came; nothing new was asked");
    talk.wait(20_000);
    talk.settle();
    assert_eq!((talk.shown().len(), &state(&talk).list.extent), (40, &ListExtent::Complete));
}

#[test]
fn leaving_asks_about_no_further_row() {
    let mut talk = by_parent(60);
    talk.serve("list");
    let before = talk.sent().len();
    talk.press("q");
    talk.serve("list");
    assert_eq!(talk.sent().len(), before);
}
