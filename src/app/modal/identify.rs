//! The screen on which a leaked value is looked for. What is pasted is never shown, and is gone when it closes.

use std::sync::Arc;

use super::{Arming, AsksEnd, Modal, Next, Purpose, QuestionId, Reread, by_value, confirm, is_escape, scroll};
use crate::app::contexts::{ContextState, ListExtent};
use crate::app::effect::Effect;
use crate::app::field::HiddenText;
use crate::app::identify::{self, Finding, Hit, LookJob, Looked, Place, Says, Way, askable};
use crate::app::key::{Code, Key, Stroke};
use crate::app::model::Model;
use crate::domain::{ContextName, Secret, State};

/// The screen.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Identify {
    /// What is pasted, hidden.
    pub input: HiddenText,
    /// How far it is.
    pub stage: Looking,
    /// What was found.
    pub findings: Vec<Finding>,
    /// Whether there was more than is told.
    pub cut: bool,
    /// The line under the cursor, of all [`Identify::lines`].
    pub cursor: usize,
    /// Whom the value is to be given to; `None` while nobody asks.
    pub asks: Option<Asks>,
    /// Where the value is to be revoked; `None` while nobody asks.
    pub ends: Option<Box<AsksEnd>>,
    /// What is to be said; empty for nothing.
    pub said: String,
    /// Whether keys are taken yet.
    pub arming: Arming,
}

/// How far the looking is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Looking {
    /// Something is to be pasted.
    #[default]
    NotYet,
    /// The text is looked through, under this number.
    Going(u64),
    /// What was found is told.
    Over,
}

/// The question whether a value is to be given to a context.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asks {
    /// The value, of all findings.
    pub finding: usize,
    /// Who can be asked.
    pub whom: Vec<(ContextName, Way)>,
    /// Who of them.
    pub at: usize,
}

impl Identify {
    /// Returns the lines that can be chosen: each token that a finding may be, or the finding alone.
    pub fn lines(&self) -> Vec<(usize, Option<usize>)> {
        let of = |(at, finding): (usize, &Finding)| match finding.hits.len() {
            0 => vec![(at, None)],
            hits => (0..hits).map(|hit| (at, Some(hit))).collect(),
        };
        self.findings.iter().enumerate().flat_map(of).collect()
    }

    /// Returns the finding under the cursor, and the token.
    pub(super) fn here(&self) -> Option<(usize, Option<&Hit>)> {
        let (at, hit) = *self.lines().get(self.cursor)?;
        Some((at, hit.and_then(|hit| self.findings[at].hits.get(hit))))
    }

    /// Tells whether a letter is text for a field that can be read.
    pub fn is_typed_into(&self) -> bool {
        self.ends.as_ref().is_some_and(|asks| asks.has_field())
    }

    /// Takes pasted text, of any number of lines.
    pub(super) fn paste(&mut self, text: &Secret) {
        if let Some(asks) = &mut self.ends {
            "a paste does not confirm: type it".clone_into(&mut asks.said);
        } else if self.stage == Looking::NotYet {
            self.input.paste(text);
        } else {
            "a paste answers nothing here: p looks for another value".clone_into(&mut self.said);
        }
    }
}

/// Opens the screen.
pub(in crate::app) fn open_identify(model: &mut Model) {
    model.modals.push(Modal::Identify(Box::default()));
}

/// Takes a key.
pub(super) fn press(model: &mut Model, screen: &mut Identify, key: Key, effects: &mut Vec<Effect>) -> Next {
    screen.said.clear();
    if screen.ends.is_some() {
        by_value::press(model, screen, key, effects);
        return Next::Stay;
    }
    if screen.asks.is_some() {
        answer(model, screen, key, effects);
        return Next::Stay;
    }
    if is_escape(key) {
        return close(model, screen, effects);
    }
    match screen.stage {
        Looking::NotYet => return typed(model, screen, key, effects),
        Looking::Going(_) => return Next::Stay,
        Looking::Over => {}
    }
    if scroll(&mut screen.cursor, key) {
        screen.cursor = screen.cursor.min(screen.lines().len().saturating_sub(1));
        return Next::Stay;
    }
    // A held key does nothing that it was not pressed for.
    if key.stroke == Stroke::Repeat {
        return Next::Stay;
    }
    match key.text() {
        Some('x') => revoke(model, screen),
        Some('X') => by_value::question(model, screen),
        Some('v') => question(model, screen),
        Some('m') => mark(model, screen),
        Some('p') => another(model, screen, effects),
        Some('q' | 'n') => return close(model, screen, effects),
        _ if key.code == Code::Enter && screen.findings.is_empty() => return close(model, screen, effects),
        _ if key.code == Code::Enter => revoke(model, screen),
        _ => {}
    }
    Next::Stay
}

/// Takes a key into the field; `Enter` looks, or leaves an empty one.
fn typed(model: &mut Model, screen: &mut Identify, key: Key, effects: &mut Vec<Effect>) -> Next {
    if key.code != Code::Enter {
        screen.input.press(key);
        return Next::Stay;
    }
    if screen.input.is_empty() {
        return Next::Close;
    }
    let (text, cut) = screen.input.take();
    screen.cut = cut;
    look(model, screen, text, effects);
    Next::Stay
}

/// Has a text looked through. What was typed behind it is no answer to what is found.
pub(super) fn look(model: &mut Model, screen: &mut Identify, text: Arc<Secret>, effects: &mut Vec<Effect>) {
    let number = model.next_number();
    screen.stage = Looking::Going(number);
    let places = model.contexts.iter().map(place).collect();
    let job = LookJob { text, inventory: model.tokens.inventory.clone(), places };
    effects.push(Effect::Look(number, Box::new(job)));
}

fn place(state: &ContextState) -> Place {
    let able = &state.context.capabilities;
    let says = match (&state.list.extent, able.value.tells() && state.has_list()) {
        (_, false) => Says::Nothing,
        (ListExtent::Complete, true) => Says::NotThere,
        (ListExtent::Nothing | ListExtent::Loading | ListExtent::Partial(_), true) => Says::Partial,
    };
    Place { name: state.context.name.clone(), title: able.title.clone(), form: able.value.clone(), says }
}

/// Takes what was found.
pub(in crate::app) fn looked(model: &mut Model, number: u64, looked: &Looked) {
    let question = QuestionId(model.next_number());
    let Some(screen) = identify::identifying(model).filter(|screen| screen.stage == Looking::Going(number)) else {
        return;
    };
    screen.findings.clone_from(&looked.findings);
    screen.cut |= looked.cut;
    (screen.stage, screen.cursor) = (Looking::Over, 0);
    screen.arming = Arming::Unseen(question);
}

/// Puts the question whether the token under the cursor is to die.
fn revoke(model: &mut Model, screen: &mut Identify) {
    let Some((_, Some(hit))) = screen.here() else {
        "no list here holds it: v asks a backend which token it is".clone_into(&mut screen.said);
        return;
    };
    let row = model.tokens.inventory.find(&hit.token);
    let Some(row) = row else {
        "the list does not hold it any more".clone_into(&mut screen.said);
        return;
    };
    if model.tokens.inventory.get(row).is_some_and(|row| row.state() == State::Revoked) {
        "it is dead already: there is nothing to do".clone_into(&mut screen.said);
        return;
    }
    let before = model.modals.len();
    confirm::ask(model, vec![row], Purpose::Revoke, Reread::Not);
    if model.modals.len() == before {
        "no question could be put: the messages say why".clone_into(&mut screen.said);
    }
}

/// Puts the question whether the value is to be given to a backend.
fn question(model: &mut Model, screen: &mut Identify) {
    let Some((finding, _)) = screen.here() else { return };
    let whom = askable(model, &screen.findings[finding]);
    if whom.is_empty() {
        "no context here can be asked about it: it is not sent anywhere".clone_into(&mut screen.said);
        return;
    }
    screen.asks = Some(Asks { finding, whom, at: 0 });
    screen.arming = Arming::Unseen(QuestionId(model.next_number()));
}

/// Takes the answer: only `y` sends the value, to the one host that was named.
fn answer(model: &mut Model, screen: &mut Identify, key: Key, effects: &mut Vec<Effect>) {
    let Some(mut asks) = screen.asks.take() else { return };
    let mut at = asks.at;
    if scroll(&mut at, key) {
        let at = at.min(asks.whom.len().saturating_sub(1));
        if at != asks.at {
            // Another host is another question.
            screen.arming = Arming::Unseen(QuestionId(model.next_number()));
        }
        asks.at = at;
        screen.asks = Some(asks);
        return;
    }
    if key.text() != Some('y') || key.stroke == Stroke::Repeat {
        "nothing was sent".clone_into(&mut screen.said);
        return;
    }
    if let (Some(whom), Some(finding)) = (asks.whom.get(asks.at), screen.findings.get_mut(asks.finding)) {
        identify::ask(model, finding, whom, effects);
    }
}

/// Marks every living token that was found, to be revoked together from the list.
fn mark(model: &mut Model, screen: &mut Identify) {
    let inventory = &model.tokens.inventory;
    let hits = screen.findings.iter().flat_map(|finding| &finding.hits);
    let rows: Vec<_> = hits.filter_map(|hit| inventory.find(&hit.token)).collect();
    let live = |row: &crate::app::inventory::Row| inventory.get(*row).is_some_and(|row| row.state() != State::Revoked);
    let rows: Vec<_> = rows.into_iter().filter(live).collect();
    model.tokens.marks.extend(rows);
    screen.said = match model.tokens.marks.len() {
        0 => "no living token was found: nothing is marked".to_owned(),
        marked => format!("{marked} marked in the list"),
    };
}

/// Begins anew, for another value.
fn another(model: &mut Model, screen: &mut Identify, effects: &mut Vec<Effect>) {
    close(model, screen, effects);
    *screen = Identify::default();
}

/// Lets go of all values, and of the picture's memory.
fn close(model: &mut Model, screen: &mut Identify, effects: &mut Vec<Effect>) -> Next {
    identify::forget(model, &mut screen.findings, effects);
    crate::app::by_value::forget(model);
    screen.input.clear();
    effects.push(Effect::Repaint);
    Next::Close
}

/// Returns the screen on which values are looked for, or were.
#[expect(clippy::wildcard_enum_match_arm, reason = "the others are alike")]
pub fn identified(model: &Model) -> Option<&Identify> {
    model.modals.iter().find_map(|modal| match modal {
        Modal::Identify(screen) => Some(&**screen),
        _ => None,
    })
}
