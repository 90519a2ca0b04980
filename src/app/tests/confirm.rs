//! What confirms a revocation, and everything that does not.

use crate::app::awaits_frame;
use crate::app::key::{Key, Stroke};
use crate::app::message::Message;
use crate::app::modal::Tier;
use crate::app::testing::*;
use crate::domain::{Context, Protection};

/// Opens the question over the row with this label.
fn ask(talk: &mut Talk, label: &str) {
    talk.go(label);
    talk.press("x");
}

#[test]
fn each_kind_of_token_asks_for_its_own_answer() {
    let label = |text: &str| Tier::Label(text.to_owned());
    for (line, tier) in [
        ("tk-abcdefgh plain reader", Tier::Yes),
        ("tk-abcdefgh plain reader,developer", Tier::Yes),
        ("tk-abcdefgh plain admin", label("plain")),
        ("tk-abcdefgh plain reader,admin", label("plain")),
        ("tk-abcdefgh plain -", label("plain")),
        ("tk-abcdefgh plain new-role-nobody-knows", label("plain")),
        ("tk-abcdefgh with_blanks_in admin", label("with blanks in")),
        (
            "tk-abcdefgh 0123456789012345678901234567890123456789 admin",
            label("0123456789012345678901234567890123456789"),
        ),
        ("tk-abcdefgh 01234567890123456789012345678901234567890 admin", Tier::IdEnd("cdefgh".to_owned())),
        ("tk-abcdefgh prö admin", Tier::IdEnd("cdefgh".to_owned())),
        ("tk-abcdefgh pr\u{202e}od admin", Tier::IdEnd("cdefgh".to_owned())),
        ("tk-abcdefgh _lead admin", Tier::IdEnd("cdefgh".to_owned())),
        ("tk-abcdefgh twin admin", Tier::IdEnd("cdefgh".to_owned())),
        ("tk-000self plain reader", label("plain")),
    ] {
        let mut tokens = table(&format!("tk-other001 twin admin\n{line}"));
        if !line.contains("self") {
            tokens.extend(table("tk-000self mine reader"));
        }
        let wanted = tokens[1].clone();
        let mut talk = Talk::with(tokens);
        let rows = talk.view().rows.clone();
        let at = rows.iter().position(|row| talk.model.tokens.inventory.token(*row).as_ref() == Some(&wanted));
        talk.press("g");
        talk.press(&"j".repeat(at.expect("shown")));
        talk.press("x");
        assert_eq!(talk.confirm().tier, tier, "{line}");
    }
}

#[test]
fn an_id_end_grows_until_it_is_the_only_one() {
    let mut talk = Talk::with(table("aaaa-123456 twin admin\nbbbb-123456 twin admin\n-\u{202e}short other reader"));
    ask(&mut talk, "twin");
    assert_eq!(talk.confirm().tier.expected().len(), "-123456".len() + 1);
}

#[test]
fn an_empty_label_is_answered_by_the_id() {
    let mut tokens = usual();
    tokens[5].label = "".into();
    let mut talk = Talk::with(tokens);
    ask(&mut talk, "");
    assert_eq!(talk.confirm().tier, Tier::IdEnd("0admin".to_owned()));
}

#[test]
fn several_ask_for_their_number_and_a_heavy_one_for_the_context_too() {
    for (labels, expected) in [
        (&["alpha", "bravo", "charlie"][..], "3"),
        (&["alpha", "root"], "2 prod"),
        (&["alpha", "murky"], "2 prod"),
        (&["alpha", "mine"], "2 prod"),
    ] {
        let mut talk = Talk::usual();
        talk.mark(labels);
        talk.press("x");
        assert_eq!(talk.confirm().tier.expected(), expected);
    }
}

#[test]
fn a_protected_context_raises_every_answer() {
    let protected = Context { protection: Protection::Protected, ..context("prod") };
    let mut talk = Talk::over(vec![(protected, usual())]);
    ask(&mut talk, "alpha");
    assert_eq!(talk.confirm().tier, Tier::Label("alpha".to_owned()));
    talk.press("<esc>");
    talk.mark(&["alpha", "bravo"]);
    talk.press("x");
    assert_eq!(talk.confirm().tier, Tier::CountAndContext("2 prod".to_owned()));
}

#[test]
fn the_exact_answer_starts_one_run() {
    for (labels, answer) in [
        (&["alpha"][..], "y"),
        (&["root"], "root<enter>"),
        (&["alpha", "bravo"], "2<enter>"),
        (&["root", "alpha"], "2 prod<enter>"),
    ] {
        let mut talk = Talk::usual();
        if let [one] = labels {
            talk.go(one);
        } else {
            talk.mark(labels);
        }
        talk.press("x");
        talk.answer_question(answer);
        assert_eq!(talk.sent().len(), labels.len(), "each is read again: {answer}");
        talk.settle();
        assert_eq!(talk.revoked().len(), labels.len(), "{answer}");
    }
}

#[test]
fn nothing_else_confirms() {
    for (label, typed) in [
        ("alpha", "x"),
        ("alpha", "xxx"),
        ("alpha", "<enter>"),
        ("alpha", "Y"),
        ("alpha", "<ctrl-y>"),
        ("alpha", " "),
        ("alpha", "yes"),
        ("alpha", "n"),
        ("alpha", "q"),
        ("alpha", "<esc>"),
        ("alpha", "<ctrl-c>"),
        ("alpha", "1<enter>"),
        ("root", "y"),
        ("root", "y<enter>"),
        ("root", "root"),
        ("root", "Root<enter>"),
        ("root", "ROOT<enter>"),
        ("root", " root<enter>"),
        ("root", "root <enter>"),
        ("root", "roo<enter>"),
        ("root", "roott<enter>"),
        ("root", "<enter>"),
        ("root", "<enter>root<enter>"),
        ("root", "root<esc>"),
        ("root", "root<ctrl-c>"),
        ("root", "wrong<enter><enter>"),
    ] {
        let mut talk = Talk::usual();
        ask(&mut talk, label);
        talk.wait(400);
        // The one letter that would confirm is left out of the words that begin with it.
        talk.press(typed.strip_prefix("yes").map_or(typed, |_| "es"));
        assert!(talk.sent().is_empty(), "{label} {typed}");
        assert!(talk.model.runs.is_empty(), "{label} {typed}");
    }
}

#[test]
fn what_means_back_keeps() {
    for keys in ["n", "q", "<esc>", "<ctrl-c>", "<enter>"] {
        let mut talk = Talk::usual();
        ask(&mut talk, "alpha");
        talk.answer_question(keys);
        assert!(!talk.asks() && talk.model.runs.is_empty() && talk.model.leaving.is_none(), "{keys}");
    }
    for keys in ["<esc>", "<ctrl-c>", "<enter>", "ro<esc>"] {
        let mut talk = Talk::usual();
        ask(&mut talk, "root");
        talk.answer_question(keys);
        assert!(!talk.asks() && talk.model.runs.is_empty(), "{keys}");
    }
}

#[test]
fn a_wrong_answer_is_said_and_the_right_one_is_still_taken() {
    let mut talk = Talk::usual();
    ask(&mut talk, "root");
    talk.answer_question("wrong<enter>");
    assert!(talk.confirm().said.contains("root"));
    assert!(talk.confirm().input.is_empty());
    talk.press("root<enter>");
    assert!(!talk.model.runs.is_empty());
}

#[test]
fn keys_within_the_arm_delay_do_nothing() {
    for (wait, starts) in [(0, false), (299, false), (300, true)] {
        let mut talk = Talk::usual();
        ask(&mut talk, "alpha");
        talk.wait(wait);
        talk.press("y");
        assert_eq!(!talk.model.runs.is_empty(), starts, "{wait} ms");
    }
}

#[test]
fn type_ahead_is_no_answer() {
    let mut talk = Talk::usual();
    talk.go("alpha");
    talk.press("xyyy<enter>");
    assert!(talk.model.runs.is_empty());
    let mut talk = Talk::usual();
    talk.go("root");
    talk.press("xroot<enter>");
    talk.wait(1000);
    talk.press("t<enter>");
    assert!(talk.model.runs.is_empty());
}

#[test]
fn a_question_whose_frame_has_not_left_takes_no_answer() {
    let mut talk = Talk::usual();
    talk.draws = false;
    ask(&mut talk, "alpha");
    talk.wait(60_000);
    talk.press("y");
    assert!(talk.model.runs.is_empty() && talk.asks());
    talk.show();
    talk.wait(299);
    talk.press("y");
    assert!(talk.model.runs.is_empty());
    talk.wait(1);
    talk.press("y");
    assert!(!talk.model.runs.is_empty());
}

#[test]
fn the_frame_of_one_question_does_not_arm_another() {
    let mut talk = Talk::usual();
    talk.draws = false;
    ask(&mut talk, "alpha");
    let first = awaits_frame(&talk.model).expect("it waits to be seen");
    talk.press("<esc>");
    ask(&mut talk, "bravo");
    talk.tell(Message::Shown(first));
    talk.wait(60_000);
    talk.press("y");
    assert!(talk.model.runs.is_empty() && talk.asks(), "a slow link showed the question before this one");
    talk.show();
    talk.answer_question("y");
    assert!(!talk.model.runs.is_empty());
}

#[test]
fn a_held_key_and_a_paste_do_not_confirm() {
    let mut talk = Talk::usual();
    ask(&mut talk, "alpha");
    talk.wait(400);
    for _ in 0..20 {
        talk.tell(Message::Key(Key { stroke: Stroke::Repeat, ..Key::parse("y").expect("a key") }));
    }
    talk.paste("y");
    talk.paste("y\n");
    assert!(talk.model.runs.is_empty() && talk.asks());
    assert!(talk.confirm().said.contains("paste"));
    talk.press("<esc>");
    ask(&mut talk, "root");
    talk.wait(400);
    talk.paste("root\r\n");
    talk.press("<enter>");
    assert!(talk.model.runs.is_empty());
}
