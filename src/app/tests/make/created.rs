//! A new token: asked for once, and what a lost answer comes to.

use super::{create, drafts, form, once};
use crate::app::effect::Effect;
use crate::app::message::{Message, Signal};
use crate::app::modal::{Modal, Reveal, Trace};
use crate::app::testing::*;
use crate::domain::{Expiry, FailureKind};

#[test]
fn a_token_is_recorded_made_shown_once_and_acknowledged() {
    let mut talk = Talk::usual();
    create(&mut talk, "fresh");
    assert_eq!(talk.story(), ["intent create", "create fresh"]);
    let draft = drafts(&talk).remove(0);
    assert_eq!(
        (draft.roles.as_slice(), draft.owner.as_deref()),
        (&["reader".to_owned()][..], None),
        "least powerful first"
    );
    assert_eq!(draft.expires, Expiry::At("2027-02-20T12:00:00Z".parse().expect("90 days on")));
    talk.serve("create");
    assert_eq!(once(&talk.model).secret.expose(), "secret-of-tk-made01");
    assert_eq!(once(&talk.model).reveal, Reveal::Masked);
    talk.press("c");
    talk.copied();
    talk.press("stored<enter>");
    assert!(talk.model.modals.is_empty());
    assert_eq!(talk.story(), ["intent create", "create fresh", "result done", "acknowledged copied"]);
    assert!(talk.others.contains(&Effect::ClearClipboard) && talk.others.contains(&Effect::Repaint));
    assert!(crate::domain::unsettled(&talk.journal()).is_empty());
    assert!(talk.shown().contains(&"fresh".to_owned()));
}

#[test]
fn nothing_is_sent_twice() {
    let mut talk = Talk::usual();
    talk.disk = Disk::Slow;
    create(&mut talk, "fresh");
    talk.press("<enter><enter><esc>q<ctrl-c><enter>");
    talk.write();
    talk.press("<enter><enter><esc>q<ctrl-c><enter>");
    assert_eq!(drafts(&talk).len(), 1);
    assert!(form(&talk).sending && talk.model.leaving.is_none());
    talk.wait(120_000);
    assert_eq!(drafts(&talk).len(), 1);
}

#[test]
fn a_held_enter_does_not_send() {
    let mut talk = Talk::usual();
    talk.press("nfresh");
    let held = crate::app::key::Key {
        stroke: crate::app::key::Stroke::Repeat,
        ..crate::app::key::Key::parse("enter").expect("a key")
    };
    for _ in 0..50 {
        talk.tell(Message::Key(held));
    }
    talk.paste("\n\n");
    assert!(talk.sent().is_empty());
}

#[test]
fn a_busy_backend_is_not_asked_again_to_create() {
    for kind in [FailureKind::Busy(None), FailureKind::Forbidden, FailureKind::Refused, FailureKind::Offline] {
        let mut talk = Talk::usual();
        create(&mut talk, "fresh");
        talk.reply_to("create", Err(failure(kind)));
        talk.wait(60_000);
        assert_eq!(drafts(&talk).len(), 1);
        assert!(!form(&talk).sending && form(&talk).failure.is_some());
        assert_eq!(form(&talk).label.text(), "fresh", "what was typed stays");
        assert_eq!(talk.story().last().map(String::as_str), Some("result failed"));
        talk.press("<enter>");
        let nonces: Vec<_> = drafts(&talk).into_iter().map(|draft| draft.nonce).collect();
        assert_eq!(nonces.len(), 2);
        assert_ne!(nonces[0], nonces[1], "another attempt has another name");
    }
}

#[test]
fn a_lost_answer_reads_the_list_and_offers_the_orphan() {
    let mut talk = Talk::usual();
    create(&mut talk, "fresh");
    talk.lose("create");
    assert_eq!(talk.open.iter().filter(|(_, _, operation)| operation.word() == "list").count(), 1);
    talk.settle();
    assert_eq!(drafts(&talk).len(), 1);
    assert!(matches!(talk.model.modals.last(), Some(Modal::Recover(_))), "{:?}", talk.model.modals);
    assert_eq!(talk.model.leftovers[0].trace, Trace::Orphan(id("tk-made01")));
    assert_eq!(crate::domain::unsettled(&talk.journal()).len(), 1, "until it is revoked, a next start offers it too");
    talk.press("x");
    talk.answer_question("y");
    talk.settle();
    assert_eq!(talk.tally().verified, 1);
    assert!(talk.model.leftovers.is_empty() && talk.model.modals.is_empty(), "{:?}", talk.model.modals);
    assert!(crate::domain::unsettled(&talk.journal()).is_empty());
}

#[test]
fn a_lost_request_without_effect_is_said_to_be_none() {
    let mut talk = Talk::usual();
    create(&mut talk, "fresh");
    talk.reply_to("create", Err(failure(FailureKind::Offline).maybe_reached()));
    talk.settle();
    assert!(!form(&talk).sending);
    assert!(form(&talk).failure.as_ref().is_some_and(|failure| failure.summary.contains("not created")));
    assert_eq!(talk.story().last().map(String::as_str), Some("result no effect"));
    assert_eq!(drafts(&talk).len(), 1);
}

#[test]
fn a_request_that_was_not_waited_for_any_longer_may_still_have_its_effect() {
    let mut talk = Talk::usual();
    create(&mut talk, "fresh");
    talk.reply_to("create", Err(lost()));
    talk.settle();
    let failure = form(&talk).failure.as_ref().map(ToString::to_string).unwrap_or_default();
    assert!(failure.contains("it may still be made"), "{failure}");
    assert_eq!(talk.story().last().map(String::as_str), Some("result unverified"));
    assert_eq!((crate::domain::unsettled(&talk.journal()).len(), drafts(&talk).len()), (1, 1));
}

#[test]
fn a_lost_answer_whose_list_fails_is_unverified() {
    let mut talk = Talk::usual();
    create(&mut talk, "fresh");
    talk.lose("create");
    talk.reply_to("list", Err(failure(FailureKind::Offline)));
    assert!(!form(&talk).sending);
    assert_eq!(talk.story().last().map(String::as_str), Some("result unverified"));
    assert_eq!(crate::domain::unsettled(&talk.journal()).len(), 1);
}

#[test]
fn a_token_that_carried_the_label_before_is_no_orphan() {
    let mut talk = Talk::usual();
    create(&mut talk, "alpha");
    talk.reply_to("create", Err(failure(FailureKind::Offline).maybe_reached()));
    talk.settle();
    assert!(talk.model.leftovers.is_empty());
    assert_eq!(talk.story().last().map(String::as_str), Some("result no effect"));
}

#[test]
fn a_journal_that_fails_creates_nothing() {
    let mut talk = Talk::usual();
    talk.disk = Disk::Full;
    create(&mut talk, "fresh");
    assert!(talk.sent().is_empty());
    assert!(!form(&talk).sending && form(&talk).failure.is_some());
}

#[test]
fn where_no_single_token_can_be_read_an_orphan_is_found_and_revoked_by_the_list() {
    let mut talk = Talk::over(vec![(by_list("prod"), usual())]);
    create(&mut talk, "fresh");
    talk.lose("create");
    talk.settle();
    assert_eq!(talk.model.leftovers[0].trace, Trace::Orphan(id("tk-made01")));
    talk.wait(60_000);
    talk.press("x");
    talk.answer_question("y");
    talk.settle();
    assert_eq!((talk.revoked(), talk.tally().verified), (vec!["tk-made01".to_owned()], 1));
    assert!(crate::domain::unsettled(&talk.journal()).is_empty());
}

#[test]
fn where_no_single_token_can_be_read_the_next_start_settles_by_the_list() {
    for (created, others) in [(true, 0), (false, 0), (false, 1)] {
        let mut talk = Talk::over(vec![(by_list("prod"), usual())]);
        create(&mut talk, "fresh");
        talk.lose("create");
        talk.tell(Message::Signal(Signal::HangUp));
        let mut tokens = talk.backend().tokens.clone();
        tokens.extend(table(&"tk-other1 fresh reader\n".repeat(others)));
        if !created {
            for token in &mut tokens {
                token.created = None;
            }
        }
        let mut next = Talk::over(vec![(by_list("prod"), tokens)]);
        next.tell(Message::JournalRead(Ok(talk.journal().into()), None));
        next.press("x");
        if others > 0 {
            assert!(!next.asks(), "either of them may be somebody else's");
            continue;
        }
        next.answer_question("y");
        next.settle();
        assert_eq!((next.revoked(), next.tally().verified), (vec!["tk-made01".to_owned()], 1), "{created}");
    }
}

#[test]
fn a_label_that_the_answer_does_not_repeat_is_the_one_that_was_asked_for() {
    let mut talk = Talk::usual();
    create(&mut talk, "fresh");
    let (_, _, operation) = talk.open[0].clone();
    let reply = talk.backend().clone().answer(&operation, &mut Vec::new());
    let Ok(crate::domain::Reply::Issued(mut issued)) = reply else { panic!("{reply:?}") };
    issued.token.as_mut().expect("a token").label = "".into();
    talk.reply_to("create", Ok(crate::domain::Reply::Issued(issued)));
    assert_eq!(once(&talk.model).token.label.raw(), "fresh");
}
