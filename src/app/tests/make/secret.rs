//! The secret, once: handed over, declared stored, taken back.

use super::{create, once};
use crate::app::effect::Effect;
use crate::app::message::{Copied, Message, Readable, Signal};
use crate::app::modal::{Check, HandOver, Modal, Reveal};
use crate::app::model::Secrecy;
use crate::app::testing::*;
use crate::domain::{Failure, FailureKind};

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
fn what_is_pasted_back_is_compared_and_never_shown_nor_taken_for_the_word_that_leaves() {
    let mut talk = Talk::usual();
    create(&mut talk, "fresh");
    talk.serve("create");
    talk.press("r");
    for (pasted, check) in [
        ("secret-of-tk-made0", Check::Other),
        (" secret-of-tk-made01\n", Check::Same),
        ("secret-of-tk-made01x", Check::Other),
        ("secret-of-tk-made01", Check::Same),
    ] {
        talk.press("v");
        talk.paste(pasted);
        assert!(!format!("{:?}", once(&talk.model)).contains("secret-of"), "it is nowhere to be read");
        talk.press("<enter>");
        assert_eq!((once(&talk.model).check, once(&talk.model).back.is_some()), (check, false), "{pasted}");
    }
    talk.press("v<esc>");
    assert_eq!(once(&talk.model).check, Check::Same, "nothing was compared");
    talk.press("v<enter>");
    assert_eq!(once(&talk.model).check, Check::Same, "nothing was pasted");
    talk.press("vstored<enter>");
    assert_eq!(once(&talk.model).check, Check::Other);
    talk.press("stored<enter>");
    assert!(talk.model.modals.is_empty());
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
    talk.press("stored<enter>");
    assert!(!talk.others.contains(&Effect::ClearClipboard), "there is nothing to compare with");
    assert!(talk.said().contains("may still hold the secret"), "{}", talk.said());
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
fn the_road_of_copies_is_chosen_by_its_word_and_an_unreadable_clipboard_is_emptied_on_request() {
    use crate::app::clipboard::Road;
    let mut talk = Talk::usual();
    talk.press(":clipboard screen<enter>");
    assert!(talk.others.contains(&Effect::SwitchClipboard(Some(Road::Screen))));
    talk.tell(Message::ClipboardSwitched(Road::Screen));
    assert_eq!(talk.model.clipboard_road, Road::Screen);
    talk.press(":clipboard<enter>");
    assert!(talk.said().contains("copies go to: screen (OSC 52)"), "{}", talk.said());
    talk.press(":clipboard auto<enter>");
    assert!(talk.others.contains(&Effect::SwitchClipboard(None)));
    let before = talk.others.len();
    talk.press(":clipboard floppy<enter>");
    assert_eq!(talk.others.len(), before, "there is no such road");
    talk.press("<esc>:clear-clipboard<enter>");
    assert!(talk.others.contains(&Effect::EmptyClipboard));
    talk.tell(Message::ClipboardCleared(Ok(crate::app::message::Cleared::Told)));
    assert!(talk.said().contains("it does not confirm"), "{}", talk.said());
}

#[test]
fn a_secret_is_forgotten_only_when_the_clipboard_is_known_not_to_hold_it() {
    use crate::app::clipboard::Road;
    let mut talk = Talk::usual();
    create(&mut talk, "fresh");
    talk.serve("create");
    talk.press("c");
    talk.copied();
    talk.tell(Message::ClipboardCleared(Err(failure(FailureKind::Local))));
    assert!(talk.model.clipboard.is_some(), "it is tried again when it is due");
    // The road that is left takes back what it can.
    talk.tell(Message::ClipboardSwitched(Road::Terminal));
    assert!(talk.model.clipboard.is_none());
    talk.tell(Message::Copied(Secrecy::Secret, Ok(Copied { words: "sent".to_owned(), readable: Readable::No })));
    talk.tell(Message::ClipboardSwitched(Road::Desktop));
    talk.press("stored<enter>");
    assert!(!talk.others.contains(&Effect::ClearClipboard), "the desktop would say that there is nothing");
    assert!(talk.said().contains("may still hold the secret"), "{}", talk.said());
}
