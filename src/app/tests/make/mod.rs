//! Creating, editing, switching and rotating: never twice, and the secret once.

mod changed;
mod created;
mod form;
mod offered;
mod replaced;
mod rotated;
mod secret;

use crate::app::modal::{Create, CreateField, Modal, SecretOnce};
use crate::app::model::Model;
use crate::app::testing::*;
use crate::domain::Operation;

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
