//! Pictures of the modals.

mod entrances;
mod forms;
mod lists;
mod questions;
mod secrets;

use std::sync::Arc;

use super::build::{capabilities, check, model, pictures};
use crate::app::modal::{Confirm, Modal, Purpose, Tier};
use crate::app::model::Model;
use crate::domain::Capabilities;
use entrances::{first_runs, logins, passphrases};
use forms::creations;
use lists::{ended, leaked, lists};
use questions::{asks, confirm, confirmations, many};
use secrets::secrets;

pub(super) use lists::{left_open, run};

const SMALL: [(u16, u16); 2] = [(80, 24), (44, 12)];

/// Every state of every modal, by name.
pub(super) fn scenes() -> Vec<(&'static str, Model)> {
    let mut scenes = Vec::new();
    scenes.extend(confirmations());
    scenes.extend(creations());
    scenes.extend(logins());
    scenes.extend(passphrases());
    scenes.extend(first_runs());
    scenes.extend(secrets());
    scenes.extend(lists());
    scenes.extend(leaked());
    scenes.extend(ended());
    scenes
}

fn scene(front: Modal) -> Model {
    let mut model = model();
    model.modals.push(front);
    model
}

#[test]
fn every_state_of_every_modal_has_its_picture() {
    for (claim, model) in scenes() {
        check(claim, &pictures(&model, &SMALL));
    }
}

#[test]
fn a_revocation_that_takes_its_time_is_said_where_it_is_confirmed_and_no_other_way() {
    let words = "A revoked token may work for up to an hour.";
    for (purpose, tokens, said) in [
        (Purpose::Revoke, many(1), true),
        (Purpose::Revoke, many(3), true),
        (Purpose::RevokeOld, many(1), true),
        (Purpose::Rotate, many(1), false),
    ] {
        let mut model = asks(Confirm { purpose, ..confirm(tokens, Tier::Yes) });
        let no_proof = "a dead token is shown like a living one";
        let unproved = Some(no_proof.to_owned());
        let capabilities = Capabilities { delay: words.to_owned(), unproved, ..capabilities() };
        model.contexts[0].context.capabilities = Arc::new(capabilities);
        let picture = pictures(&model, &[(100, 40)]);
        assert_eq!((picture.contains(words), picture.contains(no_proof)), (said, said), "{purpose:?}");
    }
}
