//! Creating, editing, switching and rotating: never twice, and the secret once.

use crate::app::effect::Effect;
use crate::app::message::{Copied, Message, Readable, Signal};
use crate::app::modal::{Create, CreateField, HandOver, Modal, Purpose, Reveal, SecretOnce, Trace, Warning, grantable};
use crate::app::model::{Model, Secrecy};
use crate::app::testing::*;
use crate::domain::{Access, Context, ContextName, Expiry, Failure, FailureKind, Operation, Rotation, State, Support};

fn form(talk: &Talk) -> &Create {
    match talk.model.modals.last() {
        Some(Modal::Create(create)) => create,
        other => panic!("no form in front: {other:?}\n{}", talk.said()),
    }
}

fn once(model: &Model) -> &SecretOnce {
    let found =
        model.modals.iter().find_map(|modal| if let Modal::SecretOnce(once) = modal { Some(once) } else { None });
    found.unwrap_or_else(|| panic!("no secret: {:?}", model.modals))
}

/// Fills the form and sends it.
fn create(talk: &mut Talk, label: &str) {
    talk.press("n");
    talk.press(label);
    submit(talk);
}

fn submit(talk: &mut Talk) {
    for _ in 0..8 {
        if form(talk).focus == CreateField::Submit {
            break;
        }
        talk.press("<tab>");
    }
    talk.press("<enter>");
}

fn drafts(talk: &Talk) -> Vec<crate::domain::Draft> {
    let draft = |event: &Event| match event {
        Event::Sent(_, _, Operation::Create(draft)) => Some(draft.clone()),
        Event::Sent(..) | Event::Durable(_) => None,
    };
    talk.events.iter().filter_map(draft).collect()
}

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
    talk.reply_to("create", Err(lost()));
    talk.settle();
    assert!(!form(&talk).sending);
    assert!(form(&talk).failure.as_ref().is_some_and(|failure| failure.summary.contains("not created")));
    assert_eq!(talk.story().last().map(String::as_str), Some("result no effect"));
    assert_eq!(drafts(&talk).len(), 1);
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
    talk.reply_to("create", Err(lost()));
    talk.settle();
    assert!(talk.model.leftovers.is_empty());
    assert_eq!(talk.story().last().map(String::as_str), Some("result no effect"));
}

#[test]
fn what_to_think_about_is_said_before_sending() {
    let mut talk = Talk::usual();
    talk.press("nalpha");
    assert_eq!(form(&talk).warnings, [Warning::Duplicate(1)]);
    talk.press("<ctrl-u>аlpha<tab>");
    assert_eq!(form(&talk).warnings, [Warning::LookAlike], "with a Cyrillic letter");
    talk.press("<right><right>");
    assert!(form(&talk).warnings.contains(&Warning::Admin));
    talk.press("<tab><tab><ctrl-u>never");
    assert!(form(&talk).warnings.contains(&Warning::NoExpiry));
}

#[test]
fn a_form_that_is_wrong_sends_nothing_and_says_why() {
    for (label, expires, words) in [
        ("", "90d", "label"),
        ("fresh", "soon", "type 90d"),
        ("fresh", "2020-01-01", "passed"),
        ("fresh", "", "type 90d"),
    ] {
        let mut talk = Talk::usual();
        talk.press("n");
        talk.press(label);
        talk.press("<tab><tab><tab><ctrl-u>");
        talk.press(expires);
        submit(&mut talk);
        assert!(talk.sent().is_empty() && form(&talk).said.contains(words), "{}", form(&talk).said);
    }
}

#[test]
fn a_role_that_may_not_be_granted_is_off_with_the_reason() {
    let mut talk = Talk::usual();
    talk.backend().own_roles = vec!["developer".to_owned()];
    talk.press("<ctrl-r>");
    talk.settle();
    assert_eq!(grantable(&talk.model, &name("prod"), 1), Ok(()));
    assert!(grantable(&talk.model, &name("prod"), 2).is_err_and(|why| why.contains("developer")));
    talk.forget();
    talk.press("nfresh<tab><right><right>");
    submit(&mut talk);
    assert!(talk.sent().is_empty() && form(&talk).said.contains("developer"));
}

#[test]
fn the_secret_is_not_left_before_it_was_handed_over() {
    let mut talk = Talk::usual();
    create(&mut talk, "fresh");
    talk.serve("create");
    for keys in ["<esc>", "q<ctrl-u>", "<ctrl-c>", "<enter>", "stored<enter>", "n<ctrl-u>"] {
        talk.press(keys);
        assert!(matches!(talk.model.modals.last(), Some(Modal::SecretOnce(_))), "{keys}");
        assert_eq!(talk.model.leaving, None, "{keys}");
    }
    talk.press("c");
    talk.tell(Message::Copied(Secrecy::Secret, Err(Failure::local("no clipboard", "write it to a file"))));
    talk.press("stored<enter>");
    assert!(matches!(talk.model.modals.last(), Some(Modal::SecretOnce(_))), "nothing was handed over");
    talk.press("r");
    for keys in ["<enter>", "Stored<enter>", "store<enter>", "<esc>"] {
        talk.press(keys);
        assert!(matches!(talk.model.modals.last(), Some(Modal::SecretOnce(_))), "{keys}");
    }
    talk.paste("stored");
    talk.press("<enter>");
    assert!(matches!(talk.model.modals.last(), Some(Modal::SecretOnce(_))), "a paste does not declare it");
    talk.press("stored<enter>");
    assert!(talk.model.modals.is_empty());
    assert_eq!(talk.story().last().map(String::as_str), Some("acknowledged typed"));
}

#[test]
fn each_way_of_handing_over_is_enough() {
    type Way = fn(&mut Talk);
    let ways: [(Way, HandOver, &str); 3] = [
        (
            |talk| {
                talk.press("w/tmp/secret<enter>");
                talk.tell(Message::SecretWritten(Ok("/tmp/secret".into())));
            },
            HandOver::Written("/tmp/secret".to_owned()),
            "acknowledged written",
        ),
        (
            |talk| {
                talk.press("p");
                talk.tell(Message::SecretPiped(Ok("pass".to_owned())));
            },
            HandOver::Piped("pass".to_owned()),
            "acknowledged piped",
        ),
        (|talk| talk.press("r"), HandOver::Revealed, "acknowledged typed"),
    ];
    for (way, handed, word) in ways {
        let mut talk = Talk::usual();
        create(&mut talk, "fresh");
        talk.serve("create");
        way(&mut talk);
        assert_eq!(once(&talk.model).handed, [handed]);
        talk.press("stored<enter>");
        assert_eq!(talk.story().last().map(String::as_str), Some(word));
    }
}

#[test]
fn a_revealed_secret_is_masked_again_after_30_seconds() {
    let mut talk = Talk::usual();
    create(&mut talk, "fresh");
    talk.serve("create");
    talk.press("r");
    talk.wait(29_999);
    assert_ne!(once(&talk.model).reveal, Reveal::Masked);
    talk.wait(1);
    assert_eq!(once(&talk.model).reveal, Reveal::Masked);
}

#[test]
fn a_copied_secret_is_taken_back_after_45_seconds() {
    let mut talk = Talk::usual();
    create(&mut talk, "fresh");
    talk.serve("create");
    talk.press("c");
    talk.copied();
    talk.wait(44_999);
    assert!(!talk.others.contains(&Effect::ClearClipboard));
    talk.wait(1);
    assert!(talk.others.contains(&Effect::ClearClipboard));
    talk.cleared();
    assert!(talk.said().contains("clipboard cleared"));
}

#[test]
fn a_clipboard_that_cannot_be_read_is_not_cleared_by_time_but_when_stored() {
    let mut talk = Talk::usual();
    create(&mut talk, "fresh");
    talk.serve("create");
    talk.press("c");
    talk.tell(Message::Copied(Secrecy::Secret, Ok(Copied { words: "sent".to_owned(), readable: Readable::No })));
    talk.wait(120_000);
    assert!(!talk.others.contains(&Effect::ClearClipboard));
    talk.press("stored<enter>");
    assert!(talk.others.contains(&Effect::ClearClipboard));
}

#[test]
fn a_copied_secret_counts_as_one_behind_another_modal_too() {
    let mut talk = Talk::usual();
    create(&mut talk, "fresh");
    talk.serve("create");
    talk.press("c");
    talk.model.modals.push(Modal::Messages(0));
    talk.copied();
    assert_eq!(talk.model.clipboard.as_ref().map(|handed| handed.secret), Some(Secrecy::Secret));
    assert_eq!(once(&talk.model).handed.len(), 1);
    talk.tell(Message::SecretWritten(Ok("/tmp/s".into())));
    assert_eq!(once(&talk.model).handed.len(), 2);
}

#[test]
fn a_copied_id_does_not_count_as_the_secret() {
    let mut talk = Talk::usual();
    create(&mut talk, "fresh");
    // The answer to `c` in the table comes while the secret is already in front.
    let form = talk.model.modals.pop().expect("the form");
    talk.go("alpha");
    talk.press("c");
    talk.model.modals.push(form);
    talk.serve("create");
    talk.copied_id();
    assert!(once(&talk.model).handed.is_empty());
    talk.press("stored<enter>");
    assert!(matches!(talk.model.modals.last(), Some(Modal::SecretOnce(_))));
}

#[test]
fn a_copy_that_arrives_after_the_secret_is_gone_is_taken_back_too() {
    let mut talk = Talk::usual();
    create(&mut talk, "fresh");
    talk.serve("create");
    talk.press("rcstored<enter>");
    assert!(talk.model.modals.is_empty());
    talk.forget();
    talk.copied();
    talk.wait(45_000);
    assert!(talk.others.contains(&Effect::ClearClipboard));
}

#[test]
fn a_form_on_its_way_goes_when_the_answer_comes_whatever_is_in_front() {
    let mut talk = Talk::usual();
    create(&mut talk, "fresh");
    talk.model.modals.push(Modal::Messages(0));
    talk.serve("create");
    assert!(!talk.model.modals.iter().any(|modal| matches!(modal, Modal::Create(_))), "{:?}", talk.model.modals);
}

#[test]
fn an_answer_takes_no_other_form_away() {
    let mut talk = Talk::usual();
    talk.go("alpha");
    talk.press(":disable<enter>n");
    talk.press("typing");
    talk.serve("disable");
    assert_eq!(form(&talk).label.text(), "typing");
}

#[test]
fn quitting_with_a_secret_that_is_not_stored_is_recovered_at_the_next_start() {
    let mut talk = Talk::usual();
    create(&mut talk, "fresh");
    talk.serve("create");
    talk.tell(Message::Signal(Signal::HangUp));
    assert!(talk.others.contains(&Effect::Quit(129)));
    let left = crate::domain::unsettled(&talk.journal());
    assert_eq!(left.len(), 1);
    let mut next = Talk::usual();
    next.backend().tokens = talk.backend().tokens.clone();
    next.tell(Message::JournalRead(Ok(talk.journal().into()), None));
    assert!(matches!(next.model.modals.last(), Some(Modal::Recover(_))));
    assert!(next.model.leftovers[0].words().contains("nobody said that its secret was stored"));
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
fn an_edit_sends_only_what_changed() {
    let mut talk = Talk::usual();
    talk.go("alpha");
    talk.press("e<tab><tab><enter>");
    assert!(talk.sent().is_empty(), "nothing is changed");
    talk.press("<tab><ctrl-u>renamed<tab><tab><enter><enter>");
    assert_eq!(talk.story(), ["intent edit", "edit tk-000001"]);
    talk.settle();
    assert!(talk.model.modals.is_empty() && talk.shown().contains(&"renamed".to_owned()));
    assert_eq!(talk.story().last().map(String::as_str), Some("result done"));
}

#[test]
fn an_edit_of_somebody_elses_version_is_refused_in_its_form() {
    let mut talk = Talk::usual();
    talk.go("alpha");
    talk.press("e<ctrl-u>renamed<tab><tab><enter>");
    talk.reply_to("edit", Err(failure(FailureKind::Changed)));
    match talk.model.modals.last() {
        Some(Modal::Edit(edit)) => assert!(!edit.sending && edit.failure.is_some()),
        other => panic!("{other:?}"),
    }
    talk.press("<esc>");
    assert!(talk.model.modals.is_empty());
}

#[test]
fn switching_off_and_on_is_recorded_and_never_the_own_credential() {
    let mut talk = Talk::usual();
    talk.go("alpha");
    talk.press(":disable<enter>");
    talk.settle();
    assert_eq!(talk.story(), ["intent disable", "disable tk-000001", "result done"]);
    assert_eq!(talk.model.tokens.here().map(crate::app::inventory::RowRef::state), Some(State::Disabled));
    talk.press(":enable<enter>");
    talk.settle();
    assert_eq!(talk.model.tokens.here().map(crate::app::inventory::RowRef::state), Some(State::Live));
    talk.forget();
    talk.go("mine");
    talk.press(":disable<enter>");
    assert!(talk.sent().is_empty());
}

#[test]
fn a_rotation_asks_reads_again_and_shows_the_secret() {
    let mut talk = Talk::usual();
    talk.go("alpha");
    talk.press("t");
    assert_eq!((talk.confirm().title().as_str(), talk.confirm().purpose), ("Rotate token", Purpose::Rotate));
    talk.answer_question("y");
    assert_eq!(talk.story(), ["get tk-000001"]);
    talk.settle();
    assert_eq!(talk.story(), ["get tk-000001", "intent rotate", "rotate tk-000001", "result done"]);
    talk.press("rstored<enter>");
    assert!(crate::domain::unsettled(&talk.journal()).is_empty());
}

#[test]
fn a_rotation_of_a_changed_token_goes_back_to_the_question() {
    let mut talk = Talk::usual();
    talk.go("alpha");
    talk.press("t");
    talk.backend().change("tk-000001").owner = crate::domain::Owner::Unknown;
    talk.answer_question("y");
    talk.settle();
    assert_eq!(talk.sent(), ["get tk-000001"]);
    assert_eq!(talk.confirm().purpose, Purpose::Rotate);
    assert!(format!("{:?}", talk.confirm().reread).contains("owner"));
}

#[test]
fn a_token_that_is_switched_off_can_be_rotated_or_is_refused_by_the_backend() {
    let mut tokens = usual();
    tokens[0].state = State::Disabled;
    let mut talk = Talk::with(tokens);
    talk.go("alpha");
    talk.press("t");
    talk.answer_question("y");
    talk.settle();
    assert!(!talk.asks(), "the same question is not asked for ever");
}

#[test]
fn a_lost_rotation_is_not_sent_again() {
    let mut talk = Talk::usual();
    talk.go("alpha");
    talk.press("t");
    talk.answer_question("y");
    talk.serve("get");
    talk.lose("rotate");
    talk.settle();
    talk.wait(120_000);
    assert_eq!(talk.sent().iter().filter(|line| line.starts_with("rotate")).count(), 1);
    assert_eq!(talk.story().last().map(String::as_str), Some("result unverified"));
    assert!(talk.said().contains("rotate again, or revoke it"));
}

fn emulated() -> Context {
    able("prod", |capabilities| capabilities.rotate = Rotation::Emulated)
}

#[test]
fn where_nothing_rotates_in_place_a_new_one_is_made_stored_and_the_old_one_asked_about() {
    let mut talk = Talk::over(vec![(emulated(), usual())]);
    talk.go("charlie");
    talk.press("t");
    assert_eq!(form(&talk).label.text(), "charlie");
    assert_eq!(form(&talk).role, 1, "the role of the old one");
    submit(&mut talk);
    talk.serve("create");
    assert_eq!(talk.revoked(), Vec::<String>::new());
    talk.press("rstored<enter>");
    assert!(talk.said().contains("two are alive now"));
    assert_eq!(talk.confirm().purpose, Purpose::RevokeOld);
    assert_eq!(talk.confirm().tokens[0].token.id, id("tk-000003"));
    talk.answer_question("y");
    talk.settle();
    assert_eq!(talk.revoked(), ["tk-000003"]);
    assert_eq!(talk.tally().verified, 1);
}

#[test]
fn the_old_one_stays_when_the_question_is_left() {
    let mut talk = Talk::over(vec![(emulated(), usual())]);
    talk.go("charlie");
    talk.press("t");
    submit(&mut talk);
    talk.serve("create");
    talk.press("rstored<enter>");
    talk.answer_question("n");
    talk.settle();
    assert!(talk.revoked().is_empty());
}

#[test]
fn the_question_for_the_old_one_waits_for_a_run_that_is_going() {
    let mut talk = Talk::over(vec![(emulated(), usual())]);
    talk.go("alpha");
    talk.press("x");
    talk.answer_question("y");
    talk.go("charlie");
    talk.press("t");
    submit(&mut talk);
    talk.serve("create");
    talk.press("rstored<enter>");
    talk.answer_question("y");
    assert_eq!(talk.run().items[0].frozen.token.label.raw(), "alpha", "the run that is going is not forgotten");
    assert!(talk.confirm().said.contains("a revocation is going"));
    talk.settle();
    talk.answer_question("y");
    talk.settle();
    let mut revoked = talk.revoked();
    revoked.sort();
    assert_eq!(revoked, ["tk-000001", "tk-000003"]);
    assert!(crate::domain::unsettled(&talk.journal()).is_empty());
}

#[test]
fn what_a_backend_cannot_do_is_off_with_the_reason() {
    let nothing = able("prod", |capabilities| {
        capabilities.get = Support::No;
        capabilities.create = Support::No;
        capabilities.edit_label = Support::No;
        capabilities.edit_expiry = Support::No;
        capabilities.rotate = Rotation::Emulated;
        capabilities.revoke = Support::No;
        capabilities.disable = Support::No;
    });
    for key in ["v", "n", "e", "t", "x"] {
        let mut talk = Talk::over(vec![(nothing.clone(), usual())]);
        talk.press(key);
        assert!(talk.model.modals.is_empty() && talk.sent().is_empty(), "{key}");
        assert!(talk.said().contains("over its interface"), "{key}: {}", talk.said());
    }
}

#[test]
fn a_new_token_goes_to_a_context_that_takes_it() {
    let read_only = Context { access: Access::ReadOnly, ..context("prod") };
    let mut talk = Talk::over(vec![(read_only, table("p1 alpha reader")), (context("dev"), table("d1 bravo reader"))]);
    talk.go("alpha");
    talk.press("n");
    assert_eq!(form(&talk).contexts, [name("dev")]);
    talk.press("fresh");
    submit(&mut talk);
    let to: Vec<ContextName> = talk.open.iter().map(|(_, context, _)| context.clone()).collect();
    assert_eq!(to, [name("dev")]);
}
