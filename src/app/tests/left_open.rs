//! What an earlier run left open, and everything else that opens by itself.

use crate::app::action::{Action, applies};
use crate::app::contexts::Asked;
use crate::app::key::{Key, Stroke};
use crate::app::message::Message;
use crate::app::modal::Modal;
use crate::app::testing::*;
use crate::domain::{Deed, FailureKind, Nonce, Outcome, Record, RecordBody, Sequence};

fn record(number: u64, body: RecordBody) -> Record {
    Record { sequence: Sequence(number), at: dawn(), context: name("prod"), incident: None, body }
}

fn revoke(token: &str) -> RecordBody {
    RecordBody::Intent(Deed::Revoke { id: id(token), label: "old".into(), created: None, run: None })
}

/// A conversation whose journal holds these.
fn after(bodies: Vec<RecordBody>) -> Talk {
    let mut talk = Talk::usual();
    let records: Vec<_> = bodies.into_iter().zip(1..).map(|(body, number)| record(number, body)).collect();
    talk.tell(Message::JournalRead(Ok(records.into()), None));
    talk
}

#[test]
fn what_was_left_open_is_offered_and_its_end_is_written() {
    let created = RecordBody::Intent(Deed::Create { label: "bravo".into(), roles: vec![], nonce: Nonce::new("n") });
    let done = RecordBody::Result { of: Sequence(2), outcome: Outcome::Done(Some(id("tk-000002"))) };
    let mut talk = after(vec![revoke("tk-000001"), created, done]);
    assert!(matches!(talk.model.modals.last(), Some(Modal::Recover(_))));
    assert_eq!(talk.model.leftovers.len(), 2);
    talk.press("x");
    assert_eq!(talk.confirm().tokens[0].token.label.raw(), "alpha");
    talk.answer_question("y");
    talk.settle();
    assert_eq!(talk.model.leftovers.len(), 1);
    let of_first =
        talk.journal().into_iter().filter(|r| matches!(r.body, RecordBody::Result { of: Sequence(1), .. })).count();
    assert!(of_first >= 1, "{:?}", talk.story());
}

#[test]
fn a_leftover_can_be_given_up_or_left_for_later() {
    let mut talk = after(vec![revoke("tk-000001"), revoke("tk-000002")]);
    let held = Key { stroke: Stroke::Repeat, ..Key::parse("d").expect("a key") };
    talk.tell(Message::Key(held));
    assert_eq!(talk.model.leftovers.len(), 2, "a held key gives nothing up");
    talk.press("d");
    assert_eq!(talk.story(), ["acknowledged given up"]);
    assert_eq!(talk.model.leftovers.len(), 1);
    talk.press("<esc>");
    assert!(talk.model.modals.is_empty());
    assert_eq!((talk.model.leftovers.len(), talk.story().len()), (1, 1), "later writes nothing");
}

#[test]
fn what_was_left_for_later_can_be_opened_again_until_it_is_settled() {
    let mut talk = after(vec![revoke("tk-000001"), revoke("tk-000002")]);
    for keys in ["L", ":left-open<enter>", "4L"] {
        talk.press("<esc>");
        assert!(talk.model.modals.is_empty());
        talk.press(keys);
        assert!(matches!(talk.model.modals.as_slice(), [Modal::Recover(_)]), "{keys}");
    }
    talk.press("<esc>1");
    let again = vec![record(1, revoke("tk-000001")), record(2, revoke("tk-000002"))];
    for _ in 0..2 {
        talk.tell(Message::JournalRead(Ok(again.clone().into()), None));
    }
    assert_eq!(talk.model.modals.len(), 1, "one list is enough");
    talk.press("dd");
    assert!(talk.model.modals.is_empty() && applies(&talk.model, Action::LeftOpen).is_err());
    talk.press("L");
    assert!(talk.model.modals.is_empty() && talk.said().contains("nothing was left open"));
}

#[test]
fn a_list_of_what_was_left_open_closes_when_all_of_it_is_settled() {
    let mut talk = Talk::usual();
    talk.go("alpha");
    talk.press("x");
    talk.answer_question("y");
    talk.tell(Message::JournalRead(Ok(vec![record(1, revoke("tk-000001"))].into()), None));
    assert!(matches!(talk.model.modals.as_slice(), [Modal::Recover(_)]));
    talk.settle();
    assert!(talk.model.leftovers.is_empty() && talk.model.modals.is_empty(), "{:?}", talk.model.modals);
}

#[test]
fn a_leftover_that_the_list_does_not_hold_is_said_to_be_gone() {
    let mut talk = after(vec![revoke("tk-999999")]);
    talk.press("x");
    assert!(!talk.asks() && talk.said().contains("the list does not hold it"));
}

#[test]
fn a_journal_that_cannot_be_read_is_said_and_a_mended_one_too() {
    let mut talk = Talk::usual();
    talk.tell(Message::JournalRead(Err(failure(FailureKind::Local)), Some(failure(FailureKind::Local))));
    assert!(matches!(talk.model.activity.journal, Asked::Failed(_)));
    assert_eq!(talk.model.messages.unread_errors(), 2);
}

#[test]
fn what_opens_by_itself_takes_no_key_from_what_is_typed() {
    let mut talk = Talk::usual();
    talk.press("nfre");
    talk.tell(Message::CredentialFound(name("prod"), Err(failure(FailureKind::Credential))));
    talk.tell(Message::JournalRead(Ok(vec![record(1, revoke("tk-000001"))].into()), None));
    talk.press("sh-xd");
    assert!(matches!(talk.model.modals.last(), Some(Modal::Create(create)) if create.label.text() == "fresh-xd"));
    assert_eq!(talk.model.leftovers.len(), 1);
    talk.press("<esc>");
    assert!(!talk.model.modals.is_empty());
}

/// Everything that opens by itself, and what is typed of which a part would answer it.
fn risen(talk: &mut Talk, what: &str) {
    match what {
        "recover" => talk.tell(Message::JournalRead(Ok(vec![record(1, revoke("tk-000001"))].into()), None)),
        "login" => talk.tell(Message::CredentialFound(name("prod"), Err(failure(FailureKind::Credential)))),
        "report" => talk.reply_to("revoke", Err(failure(FailureKind::Forbidden))),
        "secret" => talk.serve("rotate"),
        _ => {
            talk.backend().change("tk-000001").owner = crate::domain::Owner::Removed("bert".into());
            talk.serve("get");
        }
    }
}

#[test]
fn nothing_that_opens_by_itself_is_answered_by_what_is_typed_into_the_query_line() {
    for what in ["recover", "login", "report", "secret", "question"] {
        let mut talk = Talk::usual();
        talk.patient = false;
        match what {
            "report" | "question" | "secret" => {
                talk.go("alpha");
                talk.press(if what == "secret" { "t" } else { "x" });
                talk.answer_question("y");
                if what != "question" {
                    talk.serve("get");
                }
            }
            _ => {}
        }
        talk.forget();
        talk.press("/al");
        risen(&mut talk, what);
        talk.wait(60_000);
        talk.press("pha");
        assert_eq!(talk.model.tokens.query.field.text(), "alpha", "{what}");
        assert_eq!(talk.shown(), ["alpha"], "{what}: it filters behind what waits");
        assert!(talk.model.front().is_none() && talk.model.modals.len() == 1, "{what}");
        let before = talk.model.modals.clone();
        talk.forget();
        // What is typed right behind it was meant for the table.
        talk.press("<enter>");
        assert!(talk.model.front().is_some(), "{what}");
        for keys in ["d", "r", "c", "w", "p", "y", "x", "stored<enter>", "q", "<enter>", "<esc>"] {
            talk.press(if what == "question" && "q<enter><esc>".contains(keys) { "d" } else { keys });
            talk.paste("alpha\n");
        }
        assert_eq!(talk.model.modals.len(), before.len(), "{what}");
        assert!(
            talk.sent().is_empty() && talk.story().is_empty() && talk.others.is_empty(),
            "{what}: {:?}",
            talk.others
        );
        talk.wait(300);
        talk.press(if what == "secret" { "c" } else { "<esc>" });
        let answered = if what == "secret" { talk.others.len() == 1 } else { talk.model.modals.is_empty() };
        assert!(answered, "{what}: and then it takes keys");
    }
}

#[test]
fn what_was_typed_ahead_about_rows_is_no_answer_to_what_opened_meanwhile() {
    let mut talk = Talk::usual();
    talk.patient = false;
    talk.holds = true;
    talk.press("/alpha<enter>");
    talk.press("x");
    assert_eq!(talk.model.tokens.typed_ahead.len(), 1, "the rows are not there yet");
    risen(&mut talk, "recover");
    talk.wait(60_000);
    while talk.release() {}
    assert!(matches!(talk.model.modals.as_slice(), [Modal::Recover(_)]), "{:?}", talk.model.modals);
}
