//! Lists: pages as they come, failures that keep the rows.

use crate::app::contexts::{ContextState, ListExtent};
use crate::app::effect::Effect;
use crate::app::message::Message;
use crate::app::modal::Modal;
use crate::app::model::Start;
use crate::app::testing::*;
use crate::domain::{CallId, Cursor, Failure, FailureKind, Operation};
use std::time::Duration;

/// A context with this many tokens, ten a page, of which nothing is answered yet.
pub(super) fn paged(count: usize) -> Talk {
    let lines: Vec<String> = (0..count).map(|at| format!("tk-{at:06} label-{at:03} reader")).collect();
    let backend = Backend { page: 10, ..Backend::new(table(&lines.join("\n"))) };
    Talk::begin(vec![(context("prod"), backend)], Start::Configured)
}

pub(super) fn state(talk: &Talk) -> &ContextState {
    &talk.model.contexts[0]
}

pub(super) fn refreshed(talk: &mut Talk) {
    talk.press("<ctrl-r>");
    talk.settle();
}

#[test]
fn the_next_page_is_asked_for_before_the_last_is_decoded_and_rows_show_at_once() {
    let mut talk = paged(25);
    talk.serve("list");
    assert_eq!(talk.shown().len(), 10);
    assert_eq!(talk.sent().last().map(String::as_str), Some("list 10"));
    assert_eq!(state(&talk).list.extent, ListExtent::Loading);
    assert_eq!(talk.cursor().as_deref(), Some(talk.shown()[0].as_str()));
    talk.settle();
    assert_eq!((talk.shown().len(), &state(&talk).list.extent), (25, &ListExtent::Complete));
}

/// The list calls in flight, as the cursors they ask for.
fn lists(talk: &Talk) -> Vec<(CallId, String)> {
    let lists = talk.open.iter().filter(|(_, _, operation)| operation.word() == "list");
    let cursor = |operation: &Operation| {
        if let Operation::List(Some(cursor)) = operation { cursor.raw().to_owned() } else { String::new() }
    };
    lists.map(|(call, _, operation)| (*call, cursor(operation))).collect()
}

/// Tells that the head of the answer to the last list call names a next page.
fn head(talk: &mut Talk, next: &str) {
    let call = lists(talk).last().expect("a list call").0;
    talk.tell(Message::Headed { call, next: Cursor::new(next).expect("a cursor") });
}

#[test]
fn a_page_whose_head_names_the_next_is_not_waited_for() {
    let mut talk = paged(25);
    head(&mut talk, "10");
    let asked: Vec<String> = lists(&talk).into_iter().map(|(_, cursor)| cursor).collect();
    assert_eq!(asked, ["", "10"], "asked for before the page itself is there");
    head(&mut talk, "20");
    talk.settle();
    assert_eq!(talk.sent().iter().filter(|line| line.starts_with("list")).count(), 3, "each page once");
    assert_eq!((talk.shown().len(), &state(&talk).list.extent), (25, &ListExtent::Complete));
}

#[test]
fn never_more_than_two_pages_are_on_their_way() {
    let mut talk = paged(60);
    head(&mut talk, "10");
    head(&mut talk, "20");
    assert_eq!(lists(&talk).len(), 2, "the third waits");
    talk.serve("list");
    let asked: Vec<String> = lists(&talk).into_iter().map(|(_, cursor)| cursor).collect();
    assert_eq!(asked, ["10", "20"], "until there is room");
    talk.settle();
    assert_eq!((talk.shown().len(), &state(&talk).list.extent), (60, &ListExtent::Complete));
}

#[test]
fn a_list_is_not_complete_before_the_page_that_was_overtaken() {
    let mut talk = paged(15);
    head(&mut talk, "10");
    let (last, _) = lists(&talk)[1].clone();
    let at = talk.open.iter().position(|(call, _, _)| *call == last).expect("the last page");
    talk.serve_at(at);
    assert_eq!((talk.shown().len(), &state(&talk).list.extent), (5, &ListExtent::Loading));
    talk.settle();
    assert_eq!((talk.shown().len(), &state(&talk).list.extent), (15, &ListExtent::Complete));
}

#[test]
fn a_page_that_was_cut_off_behind_its_head_is_read_again() {
    let mut talk = paged(15);
    head(&mut talk, "10");
    let (last, _) = lists(&talk)[1].clone();
    let at = talk.open.iter().position(|(call, _, _)| *call == last).expect("the last page");
    talk.serve_at(at);
    talk.reply_to("list", Err(failure(FailureKind::Busy(Some(Duration::from_secs(1))))));
    assert!(state(&talk).list.load.is_some() && lists(&talk).is_empty(), "it waits for its moment");
    talk.wait(3_000);
    head(&mut talk, "10");
    assert_eq!(lists(&talk).len(), 1, "what follows it is there already");
    talk.settle();
    assert_eq!((talk.shown().len(), &state(&talk).list.extent), (15, &ListExtent::Complete));
}

#[test]
fn the_head_of_a_cancelled_page_asks_for_nothing() {
    let mut talk = paged(25);
    let (call, _) = lists(&talk)[0].clone();
    talk.press("<ctrl-c>");
    talk.tell(Message::Headed { call, next: Cursor::new("10").expect("a cursor") });
    assert!(talk.sent().iter().all(|line| line != "list 10"));
}

#[test]
fn a_list_that_is_not_whole_cannot_be_marked_whole() {
    let mut talk = paged(25);
    talk.serve("list");
    for key in ["*", "i"] {
        talk.press(key);
        assert!(talk.marked().is_empty() && talk.said().contains("is not complete"));
    }
    talk.settle();
    talk.press("*");
    assert_eq!(talk.marked().len(), 25);
}

#[test]
fn a_failure_keeps_rows_and_marks_and_says_stale() {
    let mut talk = Talk::usual();
    talk.mark(&["alpha"]);
    talk.press("<ctrl-r>");
    talk.reply_to("list", Err(failure(FailureKind::Offline)));
    talk.settle();
    assert_eq!((talk.shown().len(), talk.marked()), (8, vec!["alpha".to_owned()]));
    assert!(state(&talk).stale().is_some());
    refreshed(&mut talk);
    assert!(state(&talk).stale().is_none());
}

#[test]
fn a_list_that_never_came_is_not_an_empty_one() {
    let mut talk = paged(25);
    talk.reply_to("list", Err(failure(FailureKind::Offline)));
    assert_eq!(state(&talk).list.extent, ListExtent::Nothing);
    assert!(state(&talk).list.failure.is_some());
}

#[test]
fn a_failure_in_the_middle_leaves_a_partial_list() {
    let mut talk = paged(25);
    talk.serve("list");
    talk.reply_to("list", Err(failure(FailureKind::Forbidden)));
    assert!(matches!(&state(&talk).list.extent, ListExtent::Partial(_)));
    assert_eq!(talk.shown().len(), 10);
}

#[test]
fn a_dead_credential_keeps_the_rows_and_asks_for_a_login() {
    let mut talk = Talk::usual();
    talk.press("<ctrl-r>");
    talk.reply_to("list", Err(failure(FailureKind::Credential)));
    talk.settle();
    assert_eq!(talk.shown().len(), 8);
    assert!(state(&talk).needs_login() && talk.said().contains(":login"));
    talk.press(":login<enter>");
    assert!(matches!(talk.model.modals.last(), Some(Modal::Login(_))));
    talk.paste("  secret\n");
    talk.press("<enter>");
    assert!(
        talk.others
            .iter()
            .any(|effect| matches!(effect, Effect::KeepCredential(_, secret) if secret.expose() == "secret"))
    );
    talk.tell(Message::CredentialKept(name("prod"), crate::domain::CredentialSource::Keyring, None));
    talk.settle();
    assert!(!state(&talk).needs_login() && state(&talk).stale().is_none());
}

#[test]
fn a_busy_backend_is_asked_again_not_before_the_moment_it_named_and_four_times_at_most() {
    let mut talk = paged(25);
    for attempt in 1..=4 {
        talk.reply_to("list", Err(failure(FailureKind::Busy(Some(Duration::from_secs(20))))));
        let lists = |talk: &Talk| talk.sent().iter().filter(|line| line.starts_with("list")).count();
        assert_eq!(lists(&talk), attempt);
        talk.wait(19_999);
        assert_eq!(lists(&talk), attempt);
        talk.wait(2_000);
        assert_eq!(lists(&talk), attempt + usize::from(attempt < 4));
    }
    assert!(state(&talk).list.failure.is_some());
}

#[test]
fn a_wait_of_an_hour_is_not_sat_through() {
    let mut talk = paged(25);
    talk.reply_to("list", Err(failure(FailureKind::Busy(Some(Duration::from_hours(1))))));
    assert!(state(&talk).list.load.is_none() && state(&talk).list.failure.is_some());
}

#[test]
fn late_answers_are_dropped() {
    let mut talk = Talk::usual();
    talk.press("<ctrl-r>");
    let old = talk.open.iter().find(|(_, _, operation)| operation.word() == "list").cloned().expect("a list");
    talk.press("<ctrl-r>");
    let empty = page(&mut talk.store, Vec::new(), None);
    talk.reply(old.0, Ok(empty));
    assert_eq!(talk.shown().len(), 8);
    talk.settle();
    assert_eq!(talk.shown().len(), 8);
}

#[test]
fn cancelled_reading_leaves_what_came_and_says_partial() {
    let mut talk = paged(25);
    talk.serve("list");
    talk.press("<ctrl-c>");
    assert!(matches!(&state(&talk).list.extent, ListExtent::Partial(why) if why.contains("cancelled")));
    assert_eq!(talk.model.leaving, None);
    talk.settle();
    assert_eq!(talk.shown().len(), 10);
}

#[test]
fn a_page_that_cannot_be_decoded_fails_the_list() {
    let mut talk = paged(25);
    let load = talk.model.contexts[0].list.load.as_ref().map(|load| load.id).expect("a load");
    talk.serve("list");
    talk.tell(Message::Decoded { load, place: 0, result: Err(Failure::new(FailureKind::Protocol, "no list", "")) });
    assert!(state(&talk).list.failure.is_some());
}
