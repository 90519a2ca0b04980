//! Secrets that are shown once.

use super::entrances::hidden;
use super::scene;
use std::sync::Arc;

use super::super::build::{ago, frozen, name, now, token};
use crate::app::field::Field;
use crate::app::modal::{Arming, Check, HandOver, Modal, Reveal, SecretOnce};
use crate::app::model::Model;
use crate::app::replacing::{Proof, Replacement, Stored};
use crate::domain::{Secret, Sequence};

fn once() -> SecretOnce {
    SecretOnce {
        context: name("demo"),
        token: token(1, "grafana"),
        secret: Arc::new(Secret::new("tdk_a_3Qm8Zx1kTq9vBn4LrWc7YpHs2Jd5Gf6Ke0Ua_Xb1Vn3Mt5Rz8".into())),
        intent: Sequence(7),
        reveal: Reveal::Masked,
        handed: Vec::new(),
        file: None,
        back: None,
        check: Check::Not,
        input: Field::default(),
        said: String::new(),
        replaces: None,
        arming: Arming::Ready,
    }
}

/// A secret whose token takes the place of another one, with what is known of it.
fn replaces(proof: Proof) -> Model {
    let old = || Box::new(frozen(1, token(1, "grafana-old")));
    let mut model = scene(Modal::SecretOnce(Box::new(SecretOnce { replaces: Some(old()), ..once() })));
    model.replacements.push(Replacement {
        context: name("demo"),
        intent: Sequence(7),
        new: token(1, "grafana"),
        secret: once().secret,
        old: old(),
        since: now(),
        proof,
        stored: Stored::NotYet,
    });
    model
}

pub(super) fn secrets() -> Vec<(&'static str, Model)> {
    let shows = |once| scene(Modal::SecretOnce(Box::new(once)));
    let until = Reveal::Until(ago(-1));
    let handed = vec![
        HandOver::Revealed,
        HandOver::Copied("sent to the terminal (it does not confirm)".to_owned()),
        HandOver::Written("/home/ana/grafana.token".to_owned()),
    ];
    vec![
        ("secret", shows(once())),
        ("secret_unarmed", shows(SecretOnce { arming: Arming::Seen(now()), ..once() })),
        ("secret_shown", shows(SecretOnce { reveal: until, handed, input: Field::with("stor"), ..once() })),
        (
            "secret_file",
            shows(SecretOnce {
                file: Some(Field::with("/home/ana/gra")),
                said: "there is a file of that name".to_owned(),
                replaces: Some(Box::new(frozen(1, token(1, "grafana-old")))),
                ..once()
            }),
        ),
        ("secret_back", shows(SecretOnce { back: Some(hidden()), check: Check::Other, ..once() })),
        ("secret_same", shows(SecretOnce { check: Check::Same, ..once() })),
        ("secret_works", replaces(Proof::Works)),
        ("secret_untried", replaces(Proof::Untried("the backend tells nobody whose a secret is".to_owned()))),
        ("secret_unproved", replaces(Proof::Unproved("the backend does not show it".to_owned()))),
    ]
}
