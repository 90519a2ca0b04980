//! A list that is read again: exchanged at once, and nothing moves under the operator's fingers.

use super::loading::{paged, refreshed};
use crate::app::testing::*;

#[test]
fn a_refresh_is_exchanged_at_once() {
    let mut talk = paged(25);
    talk.settle();
    talk.backend().tokens.rotate_left(12);
    talk.backend().tokens.truncate(20);
    let before = talk.shown();
    talk.press("<ctrl-r>");
    talk.serve("list");
    assert_eq!(talk.shown(), before, "half a refresh is not shown");
    talk.settle();
    assert_eq!(talk.shown().len(), 20);
}

#[test]
fn cursor_and_marks_follow_their_tokens() {
    let mut talk = Talk::usual();
    talk.mark(&["alpha", "delta"]);
    talk.go("charlie");
    let new = table("tk-000000 aaa reader\ntk-00000a aab reader");
    let backend = talk.backend();
    backend.tokens.reverse();
    backend.tokens.splice(0..0, new);
    backend.change("tk-000004").label = "renamed".into();
    refreshed(&mut talk);
    assert_eq!(talk.cursor().as_deref(), Some("charlie"));
    assert_eq!(talk.marked(), ["alpha", "renamed"]);
}

#[test]
fn no_other_token_slips_under_the_cursor() {
    let mut talk = Talk::usual();
    talk.mark(&["bravo", "charlie"]);
    talk.go("charlie");
    talk.backend().tokens.retain(|token| token.label.raw() != "charlie");
    refreshed(&mut talk);
    assert_eq!(talk.cursor(), None);
    assert_eq!(talk.marked(), ["bravo"]);
    assert!(talk.said().contains("1 marked tokens are no longer in the list"));
    talk.press("x");
    assert_eq!(talk.confirm().tokens.len(), 1);
    talk.press("<esc>u");
    talk.press("x");
    assert!(!talk.asks() && talk.said().contains("no token under the cursor"));
    talk.press("j");
    assert!(talk.cursor().is_some(), "the first move shows where it is");
}

#[test]
fn an_id_that_is_used_again_is_another_token() {
    let mut talk = Talk::usual();
    talk.mark(&["alpha"]);
    talk.go("alpha");
    talk.backend().change("tk-000001").created = Some(dawn());
    refreshed(&mut talk);
    assert_eq!((talk.cursor(), talk.marked()), (None, vec![]));
}

#[test]
fn between_an_exchange_and_its_picture_keys_hit_what_is_shown() {
    let mut talk = Talk::usual();
    talk.backend().tokens.reverse();
    let tokens = table("tk-00000z aaaa reader\ntk-00000y aaab reader");
    talk.backend().tokens.splice(0..0, tokens);
    let before = talk.shown();
    talk.go("alpha");
    talk.press("<ctrl-r>");
    talk.holds = true;
    talk.settle();
    assert!(talk.release(), "the exchange");
    assert_eq!(talk.shown(), before, "the rows on screen are the same until the next pass");
    assert_eq!(talk.cursor().as_deref(), Some("alpha"));
    talk.press("j");
    assert_eq!(talk.cursor(), Some(before[1].clone()));
    talk.press(" ");
    assert_eq!(talk.marked(), [before[1].clone()]);
    talk.press("u*");
    assert_eq!(talk.marked().len(), before.len());
    while talk.release() {}
    assert_eq!(talk.shown().len(), 10);
}

#[test]
fn a_pass_over_rows_from_before_an_exchange_is_dropped() {
    let mut talk = Talk::usual();
    talk.backend().tokens.reverse();
    talk.holds = true;
    talk.press("<ctrl-r>");
    talk.settle();
    let exchange = talk.held.pop_front().expect("an exchange");
    talk.press(">");
    let pass = talk.held.pop_front().expect("a pass over the old rows");
    talk.tell(exchange);
    talk.tell(pass);
    while talk.release() {}
    let mut shown = talk.shown();
    shown.sort();
    let mut all: Vec<String> = usual().iter().map(|token| token.label.raw().to_owned()).collect();
    all.sort();
    assert_eq!(shown, all);
}

#[test]
fn an_answer_about_a_row_stays_with_its_token_over_an_exchange() {
    let mut talk = Talk::usual();
    talk.go("alpha");
    talk.press("v");
    let verify = talk.open[0].clone();
    talk.backend().tokens.reverse();
    talk.press("<ctrl-r>");
    while let Some(at) = talk.open.iter().position(|open| *open != verify) {
        talk.serve_at(at);
    }
    assert!(talk.model.contexts[0].list.load.is_none(), "exchanged");
    talk.settle();
    assert!(talk.said().contains("\"alpha\" lives"), "{}", talk.said());
    let noted: Vec<_> = talk.model.tokens.notes.keys().copied().collect();
    assert_eq!(noted.len(), 1);
    assert_eq!(
        talk.model.tokens.inventory.get(noted[0]).map(|row| row.label().raw().to_owned()).as_deref(),
        Some("alpha")
    );
}

#[test]
fn nothing_is_exchanged_while_something_is_in_front_or_a_run_is_going() {
    for keys in ["x", "n", "?", ":", "!"] {
        let mut talk = Talk::usual();
        talk.backend().tokens.truncate(3);
        talk.press("<ctrl-r>");
        talk.press(keys);
        talk.settle();
        assert_eq!(talk.shown().len(), 8, "{keys}");
        talk.press("<esc>");
        assert_eq!(talk.shown().len(), 3, "{keys}");
    }
    let mut talk = Talk::usual();
    talk.press("<ctrl-r>");
    talk.go("alpha");
    talk.press("x");
    talk.answer_question("y");
    let reads = talk.open.iter().filter(|(_, _, operation)| operation.word() == "list").count();
    assert_eq!(reads, 1);
    talk.serve("list");
    assert!(talk.model.contexts[0].list.load.is_some(), "it waits for the end of the run");
    talk.settle();
    assert!(talk.model.contexts[0].list.load.is_none());
}

#[test]
fn two_contexts_are_refreshed_side_by_side() {
    let mut talk = Talk::over(vec![
        (context("prod"), table("p1 alpha reader\np2 bravo reader")),
        (context("dev"), table("d1 charlie reader")),
    ]);
    talk.go("charlie");
    for backend in talk.backends.values_mut() {
        backend.tokens.reverse();
        let extra = table("e1 aaaa reader");
        backend.tokens.splice(0..0, extra);
    }
    talk.holds = true;
    talk.press("<ctrl-r>");
    talk.settle();
    while talk.release() {}
    assert_eq!(talk.shown().len(), 5);
    assert_eq!(talk.cursor().as_deref(), Some("charlie"));
}
