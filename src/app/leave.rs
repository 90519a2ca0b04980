//! Leaving: nothing new is sent, what is in flight ends and is journalled.

use super::effect::Effect;
use super::modal::{Modal, QuitAsk};
use super::model::Model;

/// Leaves at once, or asks when something would be cut off.
pub(super) fn quit(model: &mut Model) {
    let reasons = reasons(model);
    if reasons.is_empty() {
        model.leaving = Some(0);
    } else {
        model.modals.push(Modal::Quit(QuitAsk { reasons }));
    }
}

/// Ends the program once it is leaving and nothing that changes anything is in flight.
pub(super) fn advance(model: &mut Model, effects: &mut Vec<Effect>) {
    let reasons = reasons(model);
    if let Some(Modal::Quit(ask)) = model.modals.last_mut() {
        ask.reasons = if reasons.is_empty() { vec!["nothing is going any more".to_owned()] } else { reasons };
    }
    let Some(code) = model.leaving else { return };
    if !model.calls.changing() && model.recording.is_empty() {
        effects.push(Effect::Quit(code));
    }
}

fn reasons(model: &Model) -> Vec<String> {
    let mut reasons = Vec::new();
    if model.runs.is_going() {
        let tally = model.runs.tally();
        reasons.push(format!("a revocation is going: {} of {} tokens are open", tally.open, tally.all));
    }
    for pending in &model.pending {
        reasons.push(format!("`{}` of \"{}\" is on its way", pending.deed.word(), pending.deed.label()));
    }
    if model.modals.iter().any(|modal| matches!(modal, Modal::SecretOnce(_))) {
        reasons.push("a secret was not declared stored".to_owned());
    }
    reasons
}
