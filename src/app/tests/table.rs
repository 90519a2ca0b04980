//! The table: its query line, presets, order and marks.

use jiff::{SignedDuration, Timestamp};

use crate::app::message::Message;
use crate::app::testing::*;
use crate::app::tokens::{Detail, Focus, hidden_marks};
use crate::domain::{Expiry, LastUse, State, Status};

#[test]
fn the_query_line_filters_as_it_is_typed() {
    let mut talk = Talk::usual();
    talk.press("/a");
    assert!(talk.shown().contains(&"alpha".to_owned()) && talk.shown().len() > 1);
    talk.press("lph");
    assert_eq!(talk.shown(), ["alpha"]);
    talk.press("<enter>");
    assert_eq!(talk.model.tokens.query.focus, Focus::Elsewhere);
    assert_eq!(talk.shown(), ["alpha"], "Enter keeps it");
    talk.press("/<esc>");
    assert_eq!(talk.shown().len(), 8, "Esc clears it");
    talk.press("/role:admin<enter>");
    assert_eq!(talk.shown(), ["root"]);
    talk.press("5<esc>1");
    assert_eq!(talk.shown(), ["root"], "Esc in another tab leaves it");
    talk.press("<esc>");
    assert_eq!(talk.shown().len(), 8, "Esc in the table clears it too");
}

#[test]
fn a_query_that_is_none_is_an_error_and_the_last_one_stays() {
    let mut talk = Talk::usual();
    talk.press("/alpha");
    talk.paste(" used>");
    assert!(talk.model.tokens.query.error.is_some());
    assert_eq!(talk.shown(), ["alpha"], "it never shows as no match");
    talk.press("9d");
    assert!(talk.model.tokens.query.error.is_none());
}

#[test]
fn keys_in_the_query_line_are_text() {
    let mut talk = Talk::usual();
    talk.press("/xntqe*:?!1");
    assert!(talk.model.modals.is_empty() && talk.model.leaving.is_none());
    assert_eq!(talk.model.tokens.query.field.text(), "xntqe*:?!1");
    talk.paste("more\n");
    assert_eq!(talk.model.tokens.query.field.text(), "xntqe*:?!1more");
    assert_eq!(talk.model.tokens.query.focus, Focus::Here);
}

#[test]
fn presets_turn_round() {
    let mut talk = Talk::usual();
    let mut seen = vec![talk.model.tokens.status];
    for _ in 0..Status::ALL.len() {
        talk.press("s");
        seen.push(talk.model.tokens.status);
    }
    let all: Vec<_> = std::iter::once(None).chain(Status::ALL.map(Some)).collect();
    assert_eq!(seen, all);
    talk.press("s");
    assert_eq!(talk.model.tokens.status, None);
    talk.press("S");
    assert_eq!(talk.model.tokens.status, Some(Status::Unknown));
    talk.press("so");
    assert_eq!(talk.model.tokens.role.as_deref(), Some("admin"));
    assert_eq!(talk.shown(), ["root"]);
    talk.press("O");
    assert_eq!(talk.shown().len(), 8);
}

#[test]
fn a_sort_keeps_the_token_under_the_cursor() {
    let mut talk = Talk::usual();
    talk.go("charlie");
    for key in [">", ">", "<", "R", ">", ">", ">", "R"] {
        talk.press(key);
        assert_eq!(talk.cursor().as_deref(), Some("charlie"));
    }
    assert!(talk.said().contains("sorted by"));
    let sort = talk.model.tokens.sort;
    talk.press("R");
    assert_ne!(talk.model.tokens.sort.direction, sort.direction);
}

#[test]
fn space_marks_and_goes_on() {
    let mut talk = Talk::usual();
    talk.press("g");
    let first = talk.cursor().expect("a row");
    talk.press(" ");
    assert_eq!(talk.marked(), std::slice::from_ref(&first));
    assert_ne!(talk.cursor(), Some(first));
    talk.press("k ");
    assert_eq!(talk.marked(), Vec::<String>::new());
}

#[test]
fn a_range_is_marked_in_either_direction() {
    for (from, moves) in [(1, "jjj"), (4, "kkk")] {
        let mut talk = Talk::usual();
        let expected: Vec<String> = {
            let mut labels = talk.shown()[1..=4].to_vec();
            labels.sort();
            labels
        };
        talk.press("g");
        talk.press(&"j".repeat(from));
        talk.press("V");
        talk.press(moves);
        talk.press("V");
        assert_eq!(talk.marked(), expected);
    }
}

#[test]
fn all_marks_what_is_shown_and_invert_stays_within_it() {
    let mut talk = Talk::usual();
    talk.mark(&["bravo"]);
    talk.press("/alpha<enter>*");
    assert_eq!(talk.marked(), ["alpha", "bravo"]);
    assert_eq!(hidden_marks(&talk.model.tokens), 1);
    assert!(talk.said().contains("1 of them hidden by the filter"));
    talk.press("i");
    assert_eq!(talk.marked(), ["bravo"], "what is hidden is left alone");
}

#[test]
fn unmarking_can_be_taken_back_once() {
    let mut talk = Talk::usual();
    talk.mark(&["alpha", "bravo"]);
    talk.press("u");
    assert!(talk.marked().is_empty());
    talk.press("u");
    assert_eq!(talk.marked(), ["alpha", "bravo"]);
}

#[test]
fn a_context_command_takes_the_marks_away_and_shows_one_context() {
    let mut talk =
        Talk::over(vec![(context("prod"), table("p1 alpha reader")), (context("dev"), table("d1 bravo reader"))]);
    talk.mark(&["alpha"]);
    talk.press(":context dev<enter>");
    assert_eq!((talk.shown(), talk.marked()), (vec!["bravo".to_owned()], vec![]));
    talk.press(":context nowhere<enter>");
    assert!(!talk.model.modals.is_empty(), "the palette says what is wrong");
    talk.press("<esc>:context<enter>");
    assert_eq!(talk.shown().len(), 2);
}

#[test]
fn details_are_asked_for_once_the_cursor_rests() {
    let mut talk = Talk::usual();
    talk.press("g<enter>");
    assert_eq!(talk.sent().len(), 1);
    talk.settle();
    talk.forget();
    talk.press("jjj");
    assert!(talk.sent().is_empty());
    talk.wait(249);
    assert!(talk.sent().is_empty());
    talk.wait(1);
    assert_eq!(talk.sent().len(), 1);
    talk.press("<esc>");
    assert_eq!(talk.model.tokens.detail, Detail::Closed);
    talk.settle();
    assert_eq!(talk.model.tokens.detail, Detail::Closed, "a late answer opens nothing");
}

#[test]
fn verify_says_what_the_backend_says() {
    for (change, words) in [
        (None, "lives"),
        (Some(State::Revoked), "is dead"),
        (Some(State::Disabled), "switched off"),
        (Some(State::Expired), "expired"),
    ] {
        let mut talk = Talk::usual();
        if let Some(state) = change {
            talk.backend().change("tk-000001").state = state;
        }
        talk.go("alpha");
        talk.press("v");
        talk.settle();
        assert!(talk.said().lines().last().is_some_and(|line| line.contains(words)), "{words}: {}", talk.said());
    }
    let mut talk = Talk::usual();
    talk.backend().tokens.remove(0);
    talk.go("alpha");
    talk.press("v");
    talk.settle();
    assert!(talk.said().contains("\"alpha\" is gone"));
}

#[test]
fn another_token_with_the_same_id_does_not_make_the_old_one_live() {
    let mut talk = Talk::usual();
    let other = talk.backend().change("tk-000001");
    (other.created, other.label) = (Some(dawn()), "other".into());
    talk.go("alpha");
    talk.press("v");
    talk.settle();
    assert!(talk.said().contains("\"alpha\" is gone"), "{}", talk.said());
}

#[test]
fn only_the_id_is_copied_from_the_table() {
    let mut talk = Talk::usual();
    talk.go("alpha");
    talk.press("c");
    assert!(talk.others.contains(&crate::app::effect::Effect::CopyText("tk-000001".to_owned())));
}

#[test]
fn a_late_pass_for_another_question_is_dropped() {
    let mut talk = Talk::usual();
    talk.holds = true;
    talk.press("/alp");
    assert_eq!(talk.held.len(), 1);
    let old = talk.held.pop_front().expect("a pass");
    talk.press("<esc>");
    talk.tell(old);
    assert_eq!(talk.shown().len(), 8);
    while talk.release() {}
    assert_eq!(talk.shown().len(), 8);
    talk.tell(Message::Wake);
}

#[test]
fn moves_stay_within_the_rows() {
    let mut talk = Talk::usual();
    talk.press("Gjjj<pgdn><ctrl-d><end>");
    assert_eq!(talk.model.tokens.position, 7);
    talk.press("kkk<pgup><ctrl-u><home>kk");
    assert_eq!(talk.model.tokens.position, 0);
    talk.press("/nothing matches this<enter>jkgG x");
    assert_eq!(talk.cursor(), None);
    assert!(talk.said().contains("no token under the cursor"));
}

#[test]
fn the_other_tabs_touch_no_token() {
    for tab in ["2", "3", "4", "5"] {
        let mut talk = Talk::usual();
        talk.press(tab);
        talk.press("x et*iuVnvc");
        assert!(talk.model.modals.is_empty() && talk.marked().is_empty(), "{tab}");
        assert!(talk.sent().is_empty(), "{tab}: {:?}", talk.sent());
    }
}

/// Returns how many rows have a status, as the presets say.
fn count(talk: &Talk, status: Status) -> u32 {
    talk.view().status_counts[1 + status.place()]
}

fn after(moment: i64) -> Timestamp {
    dawn().checked_add(SignedDuration::from_millis(moment)).expect("in range")
}

/// A conversation with a token that expires in 10 s, and one whose use stops counting in 20 s.
fn changing() -> Talk {
    let mut tokens = usual();
    tokens[0].expires = Expiry::At(after(10_000));
    let week = SignedDuration::from_hours(7 * 24);
    tokens[1].last_used = LastUse::At(after(20_000).checked_sub(week).expect("in range"));
    Talk::with(tokens)
}

#[test]
fn a_status_that_follows_from_the_time_changes_at_its_moment() {
    let mut talk = changing();
    let counts = |talk: &Talk| [Status::Active, Status::Expired, Status::Inactive].map(|status| count(talk, status));
    assert_eq!(counts(&talk), [8, 0, 0]);
    talk.wait(9_999);
    assert_eq!(counts(&talk), [8, 0, 0]);
    talk.wait(1);
    assert_eq!(counts(&talk), [7, 1, 0]);
    talk.press("/alpha -bravo<enter>");
    assert_eq!(counts(&talk), [0, 1, 0]);
    talk.press("<esc>");
    talk.wait(10_000);
    assert_eq!(counts(&talk), [7, 1, 0], "a use as old as the window still counts");
    talk.wait(1);
    assert_eq!(counts(&talk), [6, 1, 1]);
}

#[test]
fn a_row_leaves_the_preset_that_it_no_longer_has_and_no_other_slips_under_the_cursor() {
    let mut talk = changing();
    talk.press("/status:active<enter>");
    talk.go("alpha");
    talk.wait(10_000);
    assert!(!talk.shown().contains(&"alpha".to_owned()));
    assert_eq!(talk.cursor(), None);
}

#[test]
fn no_status_changes_behind_a_question_and_it_does_right_after() {
    let mut talk = changing();
    talk.go("charlie");
    talk.press("x");
    talk.wait(60_000);
    assert_eq!(count(&talk, Status::Expired), 0);
    talk.press("<esc>");
    assert_eq!((count(&talk, Status::Expired), count(&talk, Status::Inactive)), (1, 1));
}

#[test]
fn a_change_of_a_row_brings_its_next_moment_with_it() {
    let mut talk = Talk::usual();
    talk.backend().change("tk-000003").expires = Expiry::At(after(30_000));
    talk.go("charlie");
    talk.press("v");
    talk.settle();
    talk.wait(29_999);
    assert_eq!(count(&talk, Status::Expired), 0);
    talk.wait(1);
    assert_eq!(count(&talk, Status::Expired), 1);
}

#[test]
fn statuses_of_very_many_rows_are_told_once_a_second_at_most() {
    let lines: Vec<String> = (0..3_000).map(|at| format!("tk-{at:06} label-{at:04} reader")).collect();
    let mut tokens = table(&lines.join("\n"));
    for (token, at) in tokens.iter_mut().zip(0..) {
        token.expires = Expiry::At(after(10_000 + 2 * at));
    }
    let mut talk = Talk::with(tokens);
    talk.wait(9_999);
    let before = talk.model.numbers;
    talk.wait(7_001);
    assert_eq!(count(&talk, Status::Expired), 3_000);
    assert!(talk.model.numbers - before <= 8, "{} passes", talk.model.numbers - before);
}
