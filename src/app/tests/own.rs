//! The operator's own credential: its end is announced, and put off.

use jiff::SignedDuration;

use crate::app::testing::*;
use crate::domain::{Access, Expiry, FailureKind, Identity, Reply, Support, TokenId};

const HOUR: i64 = 3_600_000;

fn identity(talk: &Talk, token: Option<TokenId>, hours: i64) -> Reply {
    let end = talk.model.now.checked_add(SignedDuration::from_hours(hours)).expect("in range");
    Reply::Identity(Box::new(Identity { token, name: "ana".into(), roles: None, expires: Expiry::At(end) }))
}

/// Reads all again; the credential then ends in so many hours.
fn refresh(talk: &mut Talk, hours: i64) {
    talk.press("<ctrl-r>");
    let reply = identity(talk, Some(id("tk-000self")), hours);
    talk.reply_to("self", Ok(reply));
    talk.settle();
}

/// What was announced, without the moments.
fn announced(talk: &Talk) -> Vec<String> {
    let notes = talk.model.messages.notes.iter().filter(|note| note.text.contains("your own credential expire"));
    notes.map(|note| format!("{}| {}", note.text.split('(').next().unwrap_or_default(), note.hint)).collect()
}

#[test]
fn an_end_is_announced_a_week_and_a_day_before_and_each_once() {
    let mut talk = Talk::usual();
    refresh(&mut talk, 9 * 24);
    assert!(announced(&talk).is_empty());
    talk.wait(3 * 24 * HOUR);
    let week = "prod: your own credential expires in 7 days | :renew asks for a later end";
    assert_eq!(announced(&talk), [week], "by itself");
    refresh(&mut talk, 6 * 24);
    assert_eq!(announced(&talk), [week], "not again for the same end");
    assert!(talk.model.messages.unread_errors() > 0, "it stays until it is read");
    talk.wait(5 * 24 * HOUR);
    let day = "prod: your own credential expires in 24 hours | :renew asks for a later end";
    assert_eq!(announced(&talk), [week, day]);
    talk.wait(30 * 24 * HOUR);
    assert_eq!(announced(&talk).len(), 2);
    refresh(&mut talk, 5);
    assert_eq!(announced(&talk)[2], "prod: your own credential expires in 5 hours | :renew asks for a later end");
    refresh(&mut talk, 90 * 24);
    assert_eq!(announced(&talk).len(), 3);
}

#[test]
fn who_cannot_renew_is_told_to_make_a_new_one() {
    let able = able("prod", |capabilities| capabilities.renew = Support::No);
    let mut talk = Talk::over(vec![(able, usual())]);
    refresh(&mut talk, 24);
    assert_eq!(
        announced(&talk),
        ["prod: your own credential expires in 24 hours | create a new one in time, then :login"]
    );
    talk.forget();
    talk.press(":renew<enter>");
    assert!(talk.sent().is_empty() && talk.story().is_empty());
    assert!(format!("{:?}", talk.model.modals).contains("does not renew"), "{:?}", talk.model.modals);
}

#[test]
fn a_renewal_goes_by_the_journal_and_the_new_end_is_asked_for() {
    let mut talk = Talk::usual();
    refresh(&mut talk, 24);
    talk.forget();
    talk.press(":renew<enter>");
    talk.press(":renew<enter>");
    assert_eq!(talk.sent(), ["renew tk-000self"], "once");
    assert!(talk.story()[0].starts_with("intent renew"), "{:?}", talk.story());
    talk.press("<esc>");
    talk.reply_to("renew", Ok(Reply::Done));
    let reply = identity(&talk, Some(id("tk-000self")), 90 * 24);
    talk.reply_to("self", Ok(reply));
    talk.settle();
    assert!(talk.said().contains("was renewed"), "{}", talk.said());
    assert!(talk.said().contains("your own credential expires at "), "{}", talk.said());
    assert_eq!(announced(&talk).len(), 2, "the first, and the new end");
}

/// A credential that never lives longer than hours is near its end after each renewal: that is no news.
#[test]
fn an_end_that_is_near_after_a_renewal_is_said_once_and_one_that_did_not_move_is_said_as_such() {
    for (hours, moved) in [(5, true), (4, false)] {
        let mut talk = Talk::usual();
        refresh(&mut talk, 4);
        talk.press("!");
        talk.press("<esc>");
        talk.press(":renew<enter>");
        talk.reply_to("renew", Ok(Reply::Done));
        let reply = identity(&talk, Some(id("tk-000self")), hours);
        talk.reply_to("self", Ok(reply));
        talk.settle();
        let said = talk.said();
        assert_eq!(said.contains("your own credential expires at "), moved, "{said}");
        assert_eq!(said.contains("its end is the one from before"), !moved, "{said}");
        assert_eq!(talk.model.messages.unread_errors(), usize::from(!moved), "{said}");
        talk.wait(HOUR);
        assert_eq!(announced(&talk).len(), 1 + usize::from(moved), "{said}");
    }
}

#[test]
fn nothing_is_renewed_that_may_not_be() {
    let mut talk = Talk::usual();
    talk.model.contexts[0].context.access = Access::ReadOnly;
    talk.press(":renew<enter>");
    assert!(talk.sent().is_empty() && format!("{:?}", talk.model.modals).contains("read-only"));
    let mut talk = Talk::usual();
    talk.press("<ctrl-r>");
    let reply = identity(&talk, None, 24);
    talk.reply_to("self", Ok(reply));
    talk.settle();
    talk.forget();
    talk.press(":renew<enter>");
    assert!(talk.sent().is_empty() && format!("{:?}", talk.model.modals).contains("which token"));
    let mut talk = Talk::usual();
    refresh(&mut talk, 24);
    talk.disk = Disk::Full;
    talk.forget();
    talk.press(":renew<enter>");
    assert!(talk.sent().is_empty(), "without a record nothing is sent");
    talk.disk = Disk::Works;
    talk.press(":renew<enter>");
    talk.reply_to("renew", Err(failure(FailureKind::Refused)));
    assert_eq!(talk.sent(), ["renew tk-000self"]);
}
