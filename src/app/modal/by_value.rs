//! The question whether a leaked value itself is to be revoked, and at which host. Starts on *Keep*.

use super::arming::{Arming, QuestionId};
use super::identify::Identify;
use super::{is_escape, scroll};
use crate::app::by_value::{self, Confirmed, Weight};
use crate::app::effect::Effect;
use crate::app::field::Field;
use crate::app::identify::{Finding, How};
use crate::app::key::{Code, Key, Stroke};
use crate::app::model::Model;
use crate::domain::{ContextName, State, TokenKey};

/// The question whether a value is to be revoked at a host.
#[derive(Debug, Clone, PartialEq)]
pub struct AsksEnd {
    /// The value, of all findings.
    pub finding: usize,
    /// Whose host it can be sent to.
    pub whom: Vec<ContextName>,
    /// Which of them.
    pub at: usize,
    /// The token that it is, where a list says so for sure.
    pub token: Option<TokenKey>,
    /// How heavy the answer is.
    pub weight: Weight,
    /// What is typed.
    pub input: Field,
    /// Rows scrolled down.
    pub scroll: usize,
    /// What was wrong with the last answer; empty for nothing.
    pub said: String,
}

impl AsksEnd {
    /// Returns the context whose host is asked about.
    pub fn context(&self) -> Option<&ContextName> {
        self.whom.get(self.at)
    }

    /// Tells whether a letter is an answer, or text for the field.
    pub fn has_field(&self) -> bool {
        self.weight > Weight::Light
    }

    /// Looks anew how heavy the answer is, and has it typed from the beginning.
    fn weigh(&mut self, model: &mut Model, arming: &mut Arming) {
        if let Some(name) = self.context() {
            self.weight = by_value::weight(model, name, self.token.as_ref());
        }
        self.input.clear();
        *arming = Arming::Unseen(QuestionId(model.next_number()));
    }
}

/// Returns the contexts that can revoke a value, the likeliest first; where a list says for sure which token it is, that
/// one alone.
///
/// # Errors
/// The reason why there is none.
pub fn takers(model: &Model, finding: &Finding) -> Result<Vec<ContextName>, String> {
    if finding.hits.iter().any(|hit| hit.how == How::IsId) {
        return Err("what was pasted is an id, and no secret: x revokes its token".to_owned());
    }
    let sure = token(finding).map(|token| &token.context);
    let names = finding.places.iter().map(|(name, _)| name).filter(|name| sure.is_none_or(|sure| sure == *name));
    let (mut can, mut why) = (Vec::new(), None);
    for name in names {
        match by_value::can(model, name) {
            Ok(()) => can.push(name.clone()),
            Err(reason) => why = why.or(Some(reason)),
        }
    }
    let none = || why.unwrap_or_else(|| "no context here is of its kind: it is not sent anywhere".to_owned());
    if can.is_empty() { Err(none()) } else { Ok(can) }
}

/// Returns the token that a value is, where that is known for sure.
fn token(finding: &Finding) -> Option<&TokenKey> {
    let is_sure = |how: &How| how.is_exact() && *how != How::IsId;
    finding.hits.first().filter(|hit| is_sure(&hit.how)).map(|hit| &hit.token)
}

/// Puts the question about the value under the cursor, or says why there is none.
pub(super) fn question(model: &mut Model, screen: &mut Identify) {
    let Some((at, _)) = screen.here() else { return };
    let finding = &screen.findings[at];
    let going = |number: &u64| by_value::find(model, *number).is_some_and(|one| !one.is_over());
    if finding.ends.iter().any(going) {
        "it is being revoked".clone_into(&mut screen.said);
        return;
    }
    let token = token(finding).cloned();
    let row = token.as_ref().and_then(|token| model.tokens.inventory.find(token));
    if row.and_then(|row| model.tokens.inventory.get(row)).is_some_and(|row| row.state() == State::Revoked) {
        "it is dead already: there is nothing to do".clone_into(&mut screen.said);
        return;
    }
    let whom = match takers(model, finding) {
        Ok(whom) => whom,
        Err(why) => return screen.said = why,
    };
    let (weight, input) = (Weight::Heavy, Field::default());
    let mut asks = AsksEnd { finding: at, whom, at: 0, token, weight, input, scroll: 0, said: String::new() };
    asks.weigh(model, &mut screen.arming);
    screen.ends = Some(Box::new(asks));
}

/// Takes a key: everything but the exact confirmation keeps, and another host is another question.
#[expect(clippy::wildcard_enum_match_arm, reason = "every other key is text, or nothing")]
pub(super) fn press(model: &mut Model, screen: &mut Identify, key: Key, effects: &mut Vec<Effect>) {
    let Some(mut asks) = screen.ends.take() else { return };
    let keeps = matches!(key.text(), Some('n' | 'q')) && !asks.has_field();
    if is_escape(key) || keeps || (key.code == Code::Enter && asks.input.is_empty()) {
        "nothing was sent".clone_into(&mut screen.said);
        return;
    }
    let mut at = asks.at;
    let chooses = asks.whom.len() > 1 && matches!(key.code, Code::Up | Code::Down);
    if chooses && scroll(&mut at, key) {
        let at = at.min(asks.whom.len().saturating_sub(1));
        if at != asks.at {
            asks.at = at;
            asks.weigh(model, &mut screen.arming);
        }
    } else if !scroll(&mut asks.scroll, key) && key.stroke != Stroke::Repeat {
        match key.code {
            Code::Enter => return answer(model, screen, asks, effects),
            _ if asks.has_field() => {
                asks.said.clear();
                asks.input.press(key);
            }
            _ if key.text() == Some('y') => return answer(model, screen, asks, effects),
            _ => {}
        }
    }
    screen.ends = Some(asks);
}

/// Takes an answer that was typed whole.
fn answer(model: &mut Model, screen: &mut Identify, mut asks: Box<AsksEnd>, effects: &mut Vec<Effect>) {
    let Some(name) = asks.context().cloned() else { return };
    if let Err(why) = by_value::can(model, &name) {
        return screen.said = why;
    }
    if by_value::weight(model, &name, asks.token.as_ref()) > asks.weight {
        asks.weigh(model, &mut screen.arming);
        "it weighs more than it did: look again".clone_into(&mut asks.said);
        return screen.ends = Some(asks);
    }
    let host = by_value::host(model, &name);
    if asks.has_field() && asks.input.text().trim_start_matches("https://") != host {
        asks.said = format!("that is not {host}: nothing was sent");
        asks.input.clear();
        return screen.ends = Some(asks);
    }
    let Some(finding) = screen.findings.get_mut(asks.finding) else { return };
    let (token, weight) = (asks.token, asks.weight);
    let confirmed = Confirmed { context: name, candidate: &finding.candidate, token, weight };
    let number = by_value::begin(model, confirmed, effects);
    finding.ends.push(number);
}
