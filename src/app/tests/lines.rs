//! Input by whole lines: what each stands for, and that nothing is done by a part of one.

use std::sync::Arc;

use crate::app::key::{Key, Paste};
use crate::app::lines::{Line, Listens, Then, Way, listens, read};
use crate::app::message::Message;
use crate::app::modal::{Modal, SecretOnce};
use crate::app::model::Tab;
use crate::app::testing::*;
use crate::domain::{Secret, TokenKey};

/// Enters a line as a loop does; what is no key is handed back.
fn enter(talk: &mut Talk, line: &str) -> Option<Line> {
    match read(&talk.model, line) {
        Line::Keys(keys) => {
            for key in keys {
                talk.tell(Message::Key(key));
            }
        }
        Line::Hidden(then) => {
            talk.tell(Message::Key(Key::ctrl('u')));
            talk.tell(Message::Paste(Paste(Arc::new(Secret::new(line.into())))));
            talk.tell(Message::Key(then));
        }
        other @ (Line::Number(_) | Line::Page(_) | Line::Refused(_)) => return Some(other),
    }
    None
}

fn enter_all(talk: &mut Talk, lines: &[&str]) {
    for line in lines {
        assert_eq!(enter(talk, line), None, "{line}");
    }
}

/// The only token with this label.
fn key(talk: &Talk, label: &str) -> TokenKey {
    let rows = talk.model.tokens.view.rows.iter();
    let mut keys = rows.filter_map(|row| talk.model.tokens.inventory.get(*row));
    keys.find(|row| row.label().raw() == label).expect("a row").key()
}

fn under_cursor(talk: &Talk) -> String {
    talk.model.tokens.here().expect("a row").label().raw().to_owned()
}

#[test]
fn a_line_is_a_number_a_page_a_key_a_query_or_a_command_and_else_nothing() {
    let mut talk = Talk::usual();
    assert_eq!(listens(&talk.model), Listens::Keys);
    for (line, meant) in [
        ("12", Line::Number(12)),
        ("", Line::Page(Way::On)),
        ("-", Line::Page(Way::Back)),
        ("x", Line::Keys(vec![Key::parse("x").expect("a key")])),
        ("<x>", Line::Keys(vec![Key::parse("x").expect("a key")])),
        ("<", Line::Keys(vec![Key::parse("<").expect("a key")])),
        ("<4>", Line::Keys(vec![Key::parse("4").expect("a key")])),
        ("Space", Line::Keys(vec![Key::parse("space").expect("a key")])),
        ("<PgDn>", Line::Keys(vec![Key::parse("pgdn").expect("a key")])),
        ("Ctrl-r", Line::Keys(vec![Key::parse("ctrl-r").expect("a key")])),
        (":", Line::Keys(vec![Key::parse(":").expect("a key")])),
    ] {
        assert_eq!(read(&talk.model, line), meant, "{line:?}");
    }
    for line in ["xy", "x ", "7x", "revoke", "<hyper-x>", "\u{1b}[A", "99999999999999999999", "\tx"] {
        assert!(matches!(read(&talk.model, line), Line::Refused(_)), "{line:?}");
    }
    enter_all(&mut talk, &["/role:admin"]);
    assert_eq!(talk.shown(), ["root"]);
    enter_all(&mut talk, &["/alpha"]);
    assert_eq!(talk.shown(), ["alpha"], "a query takes the place of the one before");
    enter_all(&mut talk, &["/"]);
    assert_eq!(talk.shown().len(), 8);
    enter_all(&mut talk, &[":backends"]);
    assert_eq!(
        (talk.model.tab, read(&talk.model, "1")),
        (Tab::Backends, Line::Keys(vec![Key::parse("1").expect("a key")]))
    );
}

#[test]
fn a_query_where_there_is_no_query_line_is_no_string_of_keys() {
    let mut talk = Talk::usual();
    enter_all(&mut talk, &["<5>", "/qxnyy"]);
    assert!(talk.model.modals.is_empty() && talk.model.leaving.is_none());
    assert!(talk.said().contains("only in the tab Tokens"), "{}", talk.said());
    // In the tab Activity it is text too: the filter of the journal.
    enter_all(&mut talk, &["<4>", "/qxnyy"]);
    assert_eq!((talk.model.activity.sift.field.text(), talk.model.leaving.is_none()), ("qxnyy", true));
    let mut talk = Talk::usual();
    talk.model.tokens.answer = crate::app::tokens::Answered::Not;
    for line in ["/qx", ":quit"] {
        assert!(matches!(read(&talk.model, line), Line::Refused(_)), "{line:?}");
    }
}

#[test]
fn what_was_told_with_a_number_is_found_by_what_it_is() {
    let mut talk = Talk::usual();
    let (bravo, root) = (key(&talk, "bravo"), key(&talk, "root"));
    talk.tell(Message::Choose(bravo.clone()));
    assert_eq!(under_cursor(&talk), "bravo");
    talk.press("R");
    talk.tell(Message::Choose(root.clone()));
    assert_eq!(under_cursor(&talk), "root", "wherever the order has put it");
    talk.press("/bravo<enter>");
    talk.tell(Message::Choose(root));
    assert_eq!(under_cursor(&talk), "bravo");
    assert!(talk.said().contains("not shown any more"), "{}", talk.said());
    // The same id, made again: another token.
    let again = TokenKey { created: None, ..bravo };
    talk.press("/<esc>");
    talk.press("g");
    let before = under_cursor(&talk);
    talk.tell(Message::Choose(again));
    assert_eq!(under_cursor(&talk), before);
    talk.press("x");
    talk.tell(Message::Choose(key(&talk, "root")));
    assert_eq!(under_cursor(&talk), before, "nothing moves behind a question");
}

#[test]
fn a_question_takes_its_word_and_keeps_on_anything_else() {
    let mut talk = Talk::usual();
    talk.go("alpha");
    enter_all(&mut talk, &["x"]);
    assert_eq!(listens(&talk.model), Listens::Keys);
    talk.wait(400);
    for line in ["yes", "alpha", "yy", " y"] {
        assert!(matches!(enter(&mut talk, line), Some(Line::Refused(_))), "{line}");
    }
    enter_all(&mut talk, &[""]);
    assert!(talk.model.modals.is_empty() && talk.model.runs.is_empty(), "Enter keeps");
    talk.go("root");
    enter_all(&mut talk, &["x"]);
    talk.wait(400);
    assert_eq!(listens(&talk.model), Listens::Text(Then::Enter));
    enter_all(&mut talk, &["y", "roo", "Root"]);
    assert!(talk.model.runs.is_empty() && talk.model.front().is_some());
    enter_all(&mut talk, &["root"]);
    assert!(!talk.model.runs.is_empty(), "nothing is left of what was wrong before");
}

#[test]
fn a_form_is_filled_line_by_line_and_sent_by_its_button() {
    let mut talk = Talk::usual();
    enter_all(&mut talk, &["n", "fresh"]);
    let Listens::Choice { names, at } = listens(&talk.model) else { panic!("no choice") };
    assert_eq!((names, at), (vec!["reader".to_owned(), "developer".to_owned(), "admin".to_owned()], 0));
    assert!(matches!(enter(&mut talk, "writer"), Some(Line::Refused(_))));
    enter_all(&mut talk, &["3", "<up>", "Developer", "", "30d"]);
    assert_eq!(listens(&talk.model), Listens::Button("create"));
    for line in ["", "y", "fresh"] {
        assert!(matches!(enter(&mut talk, line), Some(Line::Refused(_))), "{line:?}");
    }
    let Some(Modal::Create(form)) = talk.model.front() else { panic!("no form") };
    assert_eq!((form.label.text(), form.role, form.expires.text()), ("fresh", 1, "30d"));
    enter_all(&mut talk, &["Create"]);
    assert!(matches!(talk.model.front(), Some(Modal::Create(form)) if form.sending));
    assert_eq!(listens(&talk.model), Listens::Keys);
}

fn once(talk: &Talk) -> &SecretOnce {
    match talk.model.front() {
        Some(Modal::SecretOnce(once)) => once,
        other => panic!("no secret: {other:?}"),
    }
}

#[test]
fn a_new_secret_is_handed_over_compared_and_declared_stored() {
    let mut talk = Talk::usual();
    enter_all(&mut talk, &["n", "fresh", "", "", "", "create"]);
    talk.settle();
    talk.wait(400);
    assert_eq!(listens(&talk.model), Listens::Either);
    enter_all(&mut talk, &["stored"]);
    assert!(once(&talk).said.contains("first"));
    enter_all(&mut talk, &["r", "v"]);
    assert_eq!(listens(&talk.model), Listens::Hidden(Then::Enter));
    enter_all(&mut talk, &["not it"]);
    assert_eq!(once(&talk).check, crate::app::modal::Check::Other);
    enter_all(&mut talk, &["w"]);
    assert_eq!(listens(&talk.model), Listens::Text(Then::Enter));
    enter_all(&mut talk, &["<esc>", "store", "stored"]);
    assert!(talk.model.modals.is_empty());
}
