//! Lists that repeat rows or pages, or tell what is known better by now.

use super::loading::{paged, state};
use crate::app::contexts::ListExtent;
use crate::app::inventory::{MergeJob, RowRef};
use crate::app::message::Message;
use crate::app::model::Start;
use crate::app::testing::*;
use crate::domain::State;

#[test]
fn a_row_that_a_page_holds_twice_is_shown_once() {
    let mut talk = paged(0);
    let twice = "tk-1 alpha reader\ntk-2 bravo reader";
    let twice = [table(twice), table(twice)].concat();
    let first = page(&mut talk.store, twice.clone(), None);
    talk.reply_to("list", Ok(first));
    assert_eq!(talk.shown(), ["alpha", "bravo"]);
    assert_eq!(state(&talk).list.extent, ListExtent::Complete);
    talk.settle();
    talk.press("<ctrl-r>");
    let again = page(&mut talk.store, twice, None);
    talk.reply_to("list", Ok(again));
    talk.settle();
    assert_eq!((talk.shown().len(), talk.model.tokens.inventory.len()), (2, 2), "after a refresh too");
}

#[test]
fn a_circle_of_pages_is_said_to_be_partial() {
    let mut talk = paged(25);
    talk.serve("list");
    let again = page(&mut talk.store, table("tk-000900 late reader"), Some("10"));
    talk.reply_to("list", Ok(again));
    assert!(matches!(&state(&talk).list.extent, ListExtent::Partial(why) if why.contains("page that was read before")));
    assert!(talk.open.iter().all(|(_, _, operation)| operation.word() != "list"));
    talk.press("*");
    assert!(talk.marked().is_empty());
}

#[test]
fn pages_that_repeat_rows_end_the_list_without_showing_a_row_twice() {
    let rows = "tk-1 alpha reader\ntk-2 bravo reader";
    let mut talk = paged(0);
    for cursor in ["a", "b", "c"] {
        if talk.open.iter().any(|(_, _, operation)| operation.word() == "list") {
            let repeated = page(&mut talk.store, table(rows), Some(cursor));
            talk.reply_to("list", Ok(repeated));
        }
    }
    assert_eq!(talk.shown(), ["alpha", "bravo"]);
    assert!(matches!(&state(&talk).list.extent, ListExtent::Partial(_)), "{:?}", state(&talk).list.extent);
}

#[test]
fn a_page_shifted_by_a_new_token_shows_no_row_twice() {
    let mut talk = paged(0);
    let rows = table("tk-1 alpha reader\ntk-2 bravo reader\ntk-3 charlie reader");
    let first = page(&mut talk.store, rows[..2].to_vec(), Some("2"));
    talk.reply_to("list", Ok(first));
    let second = page(&mut talk.store, rows[1..].to_vec(), None);
    talk.reply_to("list", Ok(second));
    assert_eq!(talk.shown(), ["alpha", "bravo", "charlie"]);
}

#[test]
fn a_refresh_that_repeats_pages_does_not_go_on_for_ever() {
    let mut talk = Talk::with(table("tk-1 alpha reader\ntk-2 bravo reader"));
    talk.press("<ctrl-r>");
    while talk.open.iter().any(|(_, _, operation)| operation.word() != "list") {
        let at = talk.open.iter().position(|(_, _, operation)| operation.word() != "list");
        talk.serve_at(at.expect("another call"));
    }
    for cursor in 0..20 {
        if talk.open.iter().any(|(_, _, operation)| operation.word() == "list") {
            let repeated =
                page(&mut talk.store, table("tk-1 alpha reader\ntk-2 bravo reader"), Some(&format!("c{cursor}")));
            talk.reply_to("list", Ok(repeated));
        }
    }
    assert_eq!(talk.sent().iter().filter(|line| line.starts_with("list")).count(), 3);
    assert_eq!(talk.shown(), ["alpha", "bravo"]);
}

#[test]
fn a_token_made_while_the_list_loads_is_there_once() {
    let mut talk = paged(12);
    talk.serve("list");
    talk.press("n");
    talk.press("fresh<tab><tab><tab><tab><enter>");
    talk.serve("create");
    talk.serve("list");
    let fresh = talk.shown().iter().filter(|label| *label == "fresh").count();
    assert_eq!(fresh, 1, "{:?}", talk.shown());
}

/// Returns the state of the usual token `alpha` in the table.
fn alpha(talk: &Talk) -> Option<State> {
    let inventory = &talk.model.tokens.inventory;
    inventory.get(inventory.find_id(&name("prod"), "tk-000001")?).map(RowRef::state)
}

/// Lets the backend answer all calls but those of a kind, and what follows from it.
fn serve_all_but(talk: &mut Talk, word: &str) {
    while let Some(at) = talk.open.iter().position(|(_, _, operation)| operation.word() != word) {
        talk.serve_at(at);
    }
}

#[test]
fn a_token_revoked_while_a_refresh_reads_the_list_does_not_come_back_to_life() {
    let mut talk = Talk::usual();
    talk.go("alpha");
    talk.press("<ctrl-r>x");
    // The backend wrote this page before the revocation reached it.
    let alive = page(&mut talk.store, usual(), None);
    talk.answer_question("y");
    serve_all_but(&mut talk, "list");
    assert_eq!(alpha(&talk), Some(State::Revoked));
    talk.reply_to("list", Ok(alive));
    assert_eq!(alpha(&talk), Some(State::Revoked), "what was read before is not news");
    talk.settle();
    assert_eq!(alpha(&talk), Some(State::Revoked));
    assert!(talk.model.contexts[0].list.load.is_none(), "and the refresh ends");
}

#[test]
fn what_is_known_while_a_refresh_is_joined_outlives_the_exchange_and_a_merge_before_it() {
    for merges in [false, true] {
        // Several pages, so that there are pieces to be joined.
        let backend = Backend { page: 3, ..Backend::new(usual()) };
        let mut talk = Talk::begin(vec![(context("prod"), backend)], Start::Configured);
        talk.settle();
        talk.go("alpha");
        talk.press("<ctrl-r>");
        talk.holds = true;
        talk.settle();
        assert_eq!(talk.held.len(), 1, "the exchange is being made");
        talk.backend().change("tk-000001").state = State::Revoked;
        talk.press("v");
        talk.settle();
        assert_eq!(alpha(&talk), Some(State::Revoked));
        if merges {
            // Another context's list is over, and the pieces of all are joined.
            let merged = MergeJob { inventory: talk.model.tokens.inventory.clone() }.run();
            talk.tell(Message::Merged(merged.into()));
        }
        while talk.release() {
            assert_eq!(alpha(&talk), Some(State::Revoked), "merged: {merges}");
        }
        talk.holds = false;
        talk.settle();
        assert_eq!(alpha(&talk), Some(State::Revoked), "merged: {merges}");
        assert!(talk.model.contexts[0].list.load.is_none(), "merged: {merges}");
    }
}
