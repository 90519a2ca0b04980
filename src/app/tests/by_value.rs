//! A leaked value is revoked by itself: looked for at its host first, recorded, sent, and asked about until it is dead.

use std::sync::Arc;

use crate::app::by_value::{ByValue, Stage, Weight};
use crate::app::effect::Effect;
use crate::app::errand::{self, Errand, Refusal, Word};
use crate::app::lines::{Listens, Then, listens};
use crate::app::message::{Message, Signal};
use crate::app::modal::{AsksEnd, Identify, Modal, identified};
use crate::app::testing::*;
use crate::domain::shape::ValueForm;
use crate::domain::shape::tests::{own, value_of};
use crate::domain::{
    Access, Capabilities, Context, Deed, FailureKind, Outcome, Protection, RecordBody, Reply, Secret, State, Support,
};

const ID: &str = "0123456789abc";
const HOST: &str = "127.0.0.1:8443";

/// A context that can revoke by value.
fn ends(of: &str, change: impl FnOnce(&mut Capabilities)) -> Context {
    able(of, |able| {
        able.revoke_value = Support::Yes;
        change(able);
    })
}

/// A conversation over one context with one harmless token, one that counts as admin, and the operator's own.
fn over(context: Context) -> Talk {
    let mut talk = Talk::over(vec![(
        context,
        table(&format!("{ID} leaked reader\n 1111111111111 mighty admin\n 2222222222222 mine reader")),
    )]);
    talk.backend().own = Some(id("2222222222222"));
    talk.press("<ctrl-r>");
    talk.settle();
    if let crate::app::contexts::Asked::There(identity) = &mut talk.model.contexts[0].identity {
        identity.token = Some(id("2222222222222"));
    }
    talk.forget();
    talk
}

fn talk() -> Talk {
    over(ends("prod", |_| {}))
}

fn screen(talk: &Talk) -> &Identify {
    identified(&talk.model).expect("the screen")
}

fn asks(talk: &Talk) -> &AsksEnd {
    screen(talk).ends.as_ref().expect("the question")
}

fn one(talk: &Talk) -> &ByValue {
    talk.model.by_value.first().expect("a value")
}

/// Looks for what is pasted, and asks for its end.
fn ask(talk: &mut Talk, text: &str) {
    talk.press("I");
    talk.paste(text);
    talk.press("<enter>");
    talk.wait(400);
    talk.press("X");
    talk.wait(400);
}

#[test]
fn a_value_is_looked_for_recorded_sent_and_proved_dead() {
    let mut talk = talk();
    ask(&mut talk, &own(ID, 1));
    assert_eq!((asks(&talk).weight, &asks(&talk).whom[..]), (Weight::Light, &[name("prod")][..]));
    assert_eq!(talk.sent(), Vec::<String>::new(), "nothing before the answer");
    talk.press("y");
    talk.settle();
    let story = ["identify", "intent revoke_value", "revoke_value", "identify", "result done", "result dead"];
    assert_eq!(talk.story(), story);
    assert_eq!(one(&talk).words(), "revoked, verified dead");
    assert!(talk.backend().is_dead(&id(ID)));
    let row = talk.model.tokens.inventory.find_id(&name("prod"), ID).expect("a row");
    assert_eq!(talk.model.tokens.inventory.get(row).expect("there").state(), State::Revoked);
    talk.press("X");
    assert_eq!(screen(&talk).said, "it is dead already: there is nothing to do");
}

#[test]
fn the_journal_names_the_host_and_no_more_of_the_value_than_its_end() {
    let mut talk = talk();
    let value = own(ID, 1);
    ask(&mut talk, &value);
    talk.press("y");
    talk.settle();
    let RecordBody::Intent(Deed::RevokeValue { shown, looks, host, id: token, .. }) = &talk.journal()[0].body else {
        panic!("{:?}", talk.journal());
    };
    assert_eq!(*shown, format!("tdk_…{}", &value[value.len() - 4..]));
    assert_eq!((looks.as_str(), host.as_str()), ("tokendeck serve token", "https://127.0.0.1:8443"));
    assert_eq!(token, &Some(id(ID)));
    assert!(!format!("{:?}", talk.journal()).contains(&value[value.len() - 8..]));
}

#[test]
fn what_is_heavier_has_the_host_typed_and_everything_else_keeps() {
    let heavy: [(Context, String, Weight); 4] = [
        (ends("prod", |_| {}), own("1111111111111", 1), Weight::Heavy),
        (ends("prod", |_| {}), own("2222222222222", 1), Weight::Own),
        (ends("prod", |_| {}), own("9999999999999", 1), Weight::Heavy),
        (Context { protection: Protection::Protected, ..ends("prod", |_| {}) }, own(ID, 1), Weight::Heavy),
    ];
    for (context, value, weight) in heavy {
        let mut talk = over(context);
        ask(&mut talk, &value);
        assert_eq!(asks(&talk).weight, weight);
        assert_eq!(listens(&talk.model), Listens::Text(Then::Enter));
        talk.press("y<enter>");
        assert_eq!(asks(&talk).said, format!("that is not {HOST}: nothing was sent"));
        talk.paste(HOST);
        assert!(asks(&talk).input.is_empty() && asks(&talk).said.contains("a paste does not confirm"));
        talk.press("<enter>");
        assert_eq!((screen(&talk).said.as_str(), screen(&talk).ends.is_some()), ("nothing was sent", false));
        assert!(talk.sent().is_empty() && talk.journal().is_empty());
        talk.press("X");
        talk.wait(400);
        talk.press(&format!("{HOST}<enter>"));
        assert_eq!(talk.sent(), ["identify"]);
    }
    for keys in ["<esc>", "n", "q", "<enter>"] {
        let mut talk = talk();
        ask(&mut talk, &own(ID, 1));
        talk.press(keys);
        assert_eq!((talk.sent(), screen(&talk).said.as_str()), (vec![], "nothing was sent"), "{keys}");
    }
}

#[test]
fn before_it_could_be_seen_nothing_is_an_answer_and_another_host_is_another_question() {
    let mut talk = Talk::over(vec![(ends("one", |_| {}), Vec::new()), (ends("two", |_| {}), Vec::new())]);
    talk.press("I");
    talk.paste(&own("9999999999999", 1));
    talk.press("<enter>");
    talk.wait(400);
    talk.draws = false;
    talk.press(&format!("X{HOST}<enter>"));
    assert!(asks(&talk).input.is_empty() && talk.sent().is_empty());
    talk.draws = true;
    talk.show();
    talk.wait(400);
    talk.press("127<down>");
    assert!(asks(&talk).input.is_empty(), "what was typed was about the other host");
    assert_eq!(asks(&talk).context(), Some(&name("two")));
    talk.wait(400);
    talk.press(&format!("{HOST}<enter>"));
    assert!(matches!(&talk.open[..], [(_, context, _)] if *context == name("two")));
}

#[test]
fn a_value_that_its_host_does_not_know_is_not_called_dead() {
    // The host answers every value alike, as OAuth has it: without the look before, this would be "verified dead".
    let mut talk = talk();
    ask(&mut talk, &own("9999999999999", 1));
    talk.press(&format!("{HOST}<enter>"));
    talk.settle();
    assert_eq!(talk.story(), ["identify"]);
    assert_eq!(one(&talk).words(), "nothing was revoked: it is not known there: dead, or never one of its tokens");
}

#[test]
fn a_value_is_tried_where_no_host_can_tell_and_unproved_where_none_can_be_asked() {
    let mut talk = over(ends("prod", |able| able.identify = Support::No));
    ask(&mut talk, &own(ID, 1));
    talk.press("y");
    talk.settle();
    assert_eq!(talk.story(), ["try", "intent revoke_value", "revoke_value", "try", "result done", "result dead"]);

    let mut talk = over(ends("prod", |able| (able.identify, able.tries) = (Support::No, Support::No)));
    ask(&mut talk, &own(ID, 1));
    talk.press("y");
    talk.settle();
    assert_eq!(talk.story(), ["intent revoke_value", "revoke_value", "result done"]);
    assert_eq!(one(&talk).words(), "revoked, as it says; unverified: nothing there tells whether a value lives");
}

/// A conversation in which a value was looked for, recorded and sent.
fn sent() -> Talk {
    let mut talk = talk();
    ask(&mut talk, &own(ID, 1));
    talk.press("y");
    talk.serve("identify");
    assert_eq!(talk.story(), ["identify", "intent revoke_value", "revoke_value"]);
    talk
}

#[test]
fn a_lost_answer_is_settled_by_asking() {
    // It had its effect.
    let mut talk = sent();
    talk.lose("revoke_value");
    assert_eq!(one(&talk).words(), "no answer came; asked what became of it…");
    talk.settle();
    assert_eq!(&talk.story()[3..], ["identify", "result dead"]);
    // It had none: it is sent again with the intent it has, three times at most.
    let mut talk = sent();
    for _ in 0..3 {
        talk.reply_to("revoke_value", Err(lost()));
        talk.serve("identify");
    }
    assert_eq!(talk.sent().iter().filter(|word| *word == "revoke_value").count(), 3);
    for _ in 0..20 {
        talk.wait(40_000);
        talk.settle();
    }
    assert_eq!(talk.story().last().expect("a result"), "result failed");
    assert_eq!(talk.journal().iter().filter(|record| matches!(record.body, RecordBody::Intent(_))).count(), 1);
    assert!(!talk.backend().is_dead(&id(ID)));
    // Nobody can be asked what became of it.
    let mut talk = sent();
    talk.reply_to("revoke_value", Err(lost()));
    for _ in 0..40 {
        if talk.open.is_empty() {
            talk.wait(5_000);
        } else {
            talk.reply_to("identify", Err(failure(FailureKind::Offline)));
        }
    }
    assert_eq!(talk.story().last().expect("a result"), "result unverified");
}

#[test]
fn what_the_host_takes_after_it_said_that_it_is_dead_is_still_answering() {
    let mut talk = sent();
    let begun = talk.model.now;
    while !one(&talk).is_over() {
        match talk.open.first().map(|(_, _, operation)| operation.word()) {
            Some("revoke_value") => {
                talk.reply_to("revoke_value", Ok(Reply::Revoked { already_gone: false, also: None }));
            }
            Some(_) => talk.serve("identify"),
            None => talk.wait(5_000),
        }
    }
    assert_eq!(talk.sent().iter().filter(|word| *word == "revoke_value").count(), 2, "a leader may have died");
    assert!(talk.model.now.duration_since(begun).as_secs() >= 40, "a replica may lag behind");
    assert_eq!(talk.story().last().expect("a result"), "result still answering");
    assert_eq!(one(&talk).words(), "still answering: 40 s later the host still takes it");
    let row = talk.model.tokens.inventory.find_id(&name("prod"), ID).expect("a row");
    assert_eq!(talk.model.tokens.inventory.get(row).expect("there").state(), State::Live);
}

#[test]
fn a_refusal_is_no_revocation_and_a_busy_host_is_waited_for() {
    let mut talk = sent();
    talk.reply_to("revoke_value", Err(failure(FailureKind::Refused)));
    assert_eq!(talk.story().last().expect("a result"), "result failed");
    assert!(one(&talk).words().starts_with("not revoked: "));
    let mut talk = sent();
    talk.reply_to("revoke_value", Err(failure(FailureKind::Busy(Some(std::time::Duration::from_secs(7))))));
    talk.wait(6_000);
    assert!(talk.open.is_empty());
    talk.wait(2_000);
    talk.settle();
    assert_eq!(talk.story().last().expect("a result"), "result dead");
}

#[test]
fn without_a_durable_intent_nothing_that_revokes_is_sent() {
    let mut talk = talk();
    ask(&mut talk, &own(ID, 1));
    talk.press("y");
    talk.disk = Disk::Slow;
    talk.serve("identify");
    assert_eq!((talk.sent(), talk.open.len()), (vec!["identify".to_owned()], 0));
    talk.write();
    assert_eq!(talk.sent(), ["identify", "revoke_value"]);
    let mut talk = self::talk();
    ask(&mut talk, &own(ID, 1));
    talk.press("y");
    talk.disk = Disk::Full;
    talk.serve("identify");
    assert_eq!(talk.sent(), ["identify"]);
    assert!(matches!(one(&talk).stage, Stage::Kept(_)));
}

#[test]
fn what_turns_out_to_weigh_more_is_asked_about_again() {
    let blind = ends("prod", |able| able.value = ValueForm { begins: vec!["tdk_".to_owned()], ..ValueForm::unknown() });
    let mut talk = over(blind);
    ask(&mut talk, &own("2222222222222", 1));
    assert_eq!(asks(&talk).weight, Weight::Heavy);
    talk.press(&format!("{HOST}<enter>"));
    talk.settle();
    assert_eq!(talk.story(), ["identify"]);
    assert!(one(&talk).words().contains("your own credential"), "{}", one(&talk).words());
    assert_eq!(screen(&talk).findings[0].hits[0].token.id, id("2222222222222"), "it is told which token it is");
    talk.press("X");
    assert_eq!(asks(&talk).weight, Weight::Own);
    talk.press("<esc>");
    // The own credential proves its death by being refused.
    let mut talk = self::talk();
    ask(&mut talk, &own("2222222222222", 1));
    talk.press(&format!("{HOST}<enter>"));
    talk.serve("identify");
    talk.serve("revoke_value");
    talk.reply_to("identify", Err(failure(FailureKind::Credential)));
    assert_eq!(talk.story().last().expect("a result"), "result dead");
}

#[test]
fn there_is_no_question_where_nobody_takes_it() {
    let said = |context: Context, text: &str| {
        let mut talk = over(context);
        talk.press("I");
        talk.paste(text);
        talk.press("<enter>");
        talk.wait(400);
        talk.press("X");
        assert!(screen(&talk).ends.is_none() && talk.sent().is_empty());
        screen(&talk).said.clone()
    };
    assert_eq!(said(context("prod"), &own(ID, 1)), "Tokendeck server cannot revoke by value over its interface");
    let read_only = Context { access: Access::ReadOnly, ..ends("prod", |_| {}) };
    assert_eq!(said(read_only, &own(ID, 1)), "prod is read-only (:write changes that)");
    let slack = value_of("Slack", "bot token", 1);
    assert_eq!(said(ends("prod", |_| {}), &slack), "no context here is of its kind: it is not sent anywhere");
    assert_eq!(said(ends("prod", |_| {}), ID), "what was pasted is an id, and no secret: x revokes its token");
}

#[test]
fn it_goes_on_when_the_screen_closes_and_no_copy_is_left_afterwards() {
    let mut talk = sent();
    let value = screen(&talk).findings[0].candidate.value.clone();
    talk.press("<esc>");
    assert!(talk.model.modals.is_empty());
    talk.settle();
    assert_eq!(talk.story().last().expect("a result"), "result dead");
    assert!(talk.said().contains("revoked, verified dead"), "{}", talk.said());
    talk.forget();
    assert_eq!(Arc::strong_count(&value), 1, "nor is one kept for whoever reads what became of it");
}

#[test]
fn leaving_waits_for_the_answer_and_writes_what_is_known() {
    let mut talk = sent();
    talk.tell(Message::Signal(Signal::Terminate));
    assert!(!talk.others.iter().any(|effect| matches!(effect, Effect::Quit(_))));
    talk.serve("revoke_value");
    assert_eq!(talk.story()[3..], ["result done"]);
    assert!(talk.others.iter().any(|effect| matches!(effect, Effect::Quit(_))));
    let mut talk = sent();
    talk.tell(Message::Signal(Signal::Terminate));
    talk.reply_to("revoke_value", Err(lost()));
    assert_eq!(talk.story()[3..], ["result unverified"]);
    let mut talk = self::talk();
    ask(&mut talk, &own(ID, 1));
    talk.press("y");
    talk.tell(Message::Signal(Signal::Terminate));
    talk.settle();
    assert_eq!(talk.story(), ["identify"]);
}

#[test]
fn without_a_screen_the_host_is_the_word_that_confirms() {
    let secret = |text: String| Arc::new(Secret::new(text.into()));
    let errand = |text: String, word: Option<&str>| {
        Errand::RevokeValue(name("prod"), secret(text), Word(word.map(str::to_owned)))
    };
    let mut talk = talk();
    for word in [None, Some("prod"), Some("y")] {
        let refused = talk.undertake(errand(own(ID, 1), word));
        assert_eq!(refused, Err(Refusal::Unconfirmed(HOST.to_owned())));
    }
    let two = format!("{}\n{}", own(ID, 1), own("1111111111111", 1));
    assert!(matches!(talk.undertake(errand(two, Some(HOST))), Err(Refusal::Usage(_))));
    let slack = value_of("Slack", "bot token", 1);
    assert!(matches!(talk.undertake(errand(slack, Some(HOST))), Err(Refusal::Failed(_))));
    assert!(talk.sent().is_empty() && talk.model.by_value.is_empty());
    assert_eq!(talk.undertake(errand(own(ID, 1), Some("https://127.0.0.1:8443"))), Ok(()));
    assert!(!errand::is_value_over(&talk.model));
    talk.settle();
    assert!(errand::is_value_over(&talk.model) && one(&talk).is_proved());
}

#[test]
fn what_was_left_open_says_what_to_do() {
    let deed = Deed::RevokeValue {
        shown: "tdk_…abcd".to_owned(),
        looks: "token".to_owned(),
        host: "https://127.0.0.1:8443".to_owned(),
        id: None,
        created: None,
    };
    let outcome = Outcome::Unverified("cut".to_owned());
    let record = |body| crate::domain::Record {
        sequence: crate::domain::Sequence(1),
        at: dawn(),
        context: name("prod"),
        incident: None,
        body,
    };
    let result = RecordBody::Result { of: crate::domain::Sequence(1), outcome };
    let mut second = record(result);
    second.sequence = crate::domain::Sequence(2);
    let mut talk = talk();
    let records = vec![record(RecordBody::Intent(deed)), second];
    talk.tell(Message::JournalRead(Ok(records.into()), None));
    assert!(matches!(talk.model.modals.last(), Some(Modal::Recover(_))));
    assert_eq!(talk.model.leftovers[0].words(), "revoke_value \"tdk_…abcd\": whether it was done is not known");
    talk.press("x");
    assert!(talk.said().contains("paste it again"), "{}", talk.said());
}
