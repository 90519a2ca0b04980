//! Labels that would break a screen do not.

use super::build::{buffer, context, frozen, lines, look, name, token, with};
use super::modals::scenes;
use crate::app::contexts::Asked;
use crate::app::modal::{Modal, Purpose};
use crate::app::tokens::{Detail, RowNote};
use crate::domain::{Owner, Token};
use crate::ui::{Charset, Depth, Look};

pub(super) const LABELS: [&str; 16] = [
    "plain",
    "\u{1b}[31mred\u{7}",
    "\u{9b}31m c1",
    "tab\tand\nnewline\r",
    "right\u{202e}to left",
    "\u{2066}isolate\u{2069}",
    "zero\u{200b}\u{200d}\u{feff}width",
    "z\u{300}\u{301}\u{302}\u{303}\u{304}\u{305}algo",
    "\u{301}orphan",
    "日本語日本語日本語日本語日本語日本語日本語日本語",
    "שלום עולם ושלום רב",
    "مرحبا لا العالم",
    "👩🏽‍💻 👍🏽 🇩🇪🇫🇷 ☺️",
    "한국어 각 ᅡ ᄀ",
    "नमस्ते दुनिया क्षत्रिय",
    "\u{e000}\u{10ffff}private",
];

/// A model whose tokens carry a label in every field, beside ones with a plain label.
pub(super) fn hostile(label: &str) -> crate::app::model::Model {
    let evil = Token {
        owner: Owner::Removed(label.into()),
        creator: Some(label.into()),
        roles: Some(vec![label.into(), label.into()]),
        masked: Some(label.into()),
        extra: vec![(label.into(), label.into())],
        ..token(0, label)
    };
    let rows = vec![(name("demo"), evil), (name("demo"), token(1, "plain")), (name("demo"), token(2, "plain"))];
    with(vec![context("demo")], rows)
}

/// Returns the columns at which some text begins, one for each row that has it.
fn columns(buffer: &ratatui::buffer::Buffer, what: &str) -> Vec<u16> {
    let area = buffer.area;
    let begins = |x: u16, y: u16| {
        let mut cells = (x..area.right()).map(|x| buffer[(x, y)].symbol());
        what.chars().all(|c| cells.next().is_some_and(|cell| cell.chars().eq([c])))
    };
    (area.top()..area.bottom()).filter_map(|y| (area.left()..area.right()).find(|x| begins(*x, y))).collect()
}

#[test]
fn columns_stay_straight_whatever_a_label_holds() {
    for label in LABELS.iter().map(|label| (*label).to_owned()).chain([LABELS.concat().repeat(12)]) {
        for charset in [Charset::Utf8, Charset::Ascii] {
            for size in [(80, 24), (44, 12), (160, 24)] {
                let buffer = buffer(&hostile(&label), &Look::new(Depth::None, charset), size);
                assert_eq!(columns(&buffer, "active     "), [3, 3, 3], "{label} {size:?}");
                // Behind the label, the roles and more stand the ages of the last use, on every row the same.
                let used = columns(&buffer, "last used").first().copied();
                for age in ["3h ", "4h ", "5h "].iter().filter(|_| used.is_some()) {
                    let row = columns(&buffer, age);
                    assert_eq!(row.first().copied(), used, "{label} {size:?} {age}");
                }
            }
        }
    }
}

/// Tells whether a character is not to be seen where it stands.
pub(super) fn hidden(c: char) -> bool {
    c.is_control()
        || matches!(u32::from(c), 0x200b..=0x200f | 0x202a..=0x202e | 0x2060..=0x206f | 0xfeff | 0xe000..=0xf8ff)
}

#[test]
fn no_control_and_no_direction_reaches_a_cell() {
    for label in LABELS {
        for charset in [Charset::Utf8, Charset::Ascii] {
            let look = Look::new(Depth::None, charset);
            let mut model = hostile(label);
            model.tokens.detail = Detail::Open { row: model.tokens.cursor, token: Asked::Asking, scroll: 0 };
            let mut texts = vec![lines(&buffer(&model, &look, (120, 40)))];
            let row = model.tokens.cursor.expect("a row");
            model.tokens.notes.insert(row, RowNote::Failed(label.to_owned()));
            model.messages.say(model.now, label);
            for (_, scene) in scenes() {
                let mut scene = scene.clone();
                scene.messages.warn(scene.now, label, label);
                if let Some(Modal::Confirm(confirm)) = scene.modals.last_mut() {
                    let token = model.tokens.inventory.token(row).expect("a token");
                    confirm.purpose = Purpose::RevokeOld;
                    confirm.tokens = vec![frozen(0, token)];
                }
                texts.push(lines(&buffer(&scene, &look, (80, 24))));
            }
            for text in texts {
                let bad = text.chars().filter(|c| *c != '\n').find(|c| hidden(*c));
                assert_eq!(bad, None, "{label:?} in\n{text}");
                assert!(charset == Charset::Utf8 || text.is_ascii(), "{label:?} in\n{text}");
            }
        }
    }
}

#[test]
fn labels_that_differ_look_different_or_show_that_they_are_cut() {
    let picture = |label: &str| lines(&buffer(&hostile(label), &look(), (80, 24)));
    for (one, other) in [("prod", "pr\u{200b}od"), ("a", "a\u{301}"), ("a\u{fe0f}", "a"), ("x", "x\u{1160}")] {
        assert_ne!(picture(one), picture(other), "{one:?} {other:?}");
    }
    let long = "x".repeat(4096);
    let cut = picture(&long);
    assert!(cut.contains("xxx…"), "{cut}");
}
