//! Questions before something is sent.

use super::scene;

use jiff::SignedDuration;

use super::super::build::{failure, frozen, name, now, token, tokens};
use crate::app::field::Field;
use crate::app::modal::{Arming, Confirm, Frozen, Held, Modal, Purpose, Reread, Tier};
use crate::app::model::Model;
use crate::domain::{FailureKind, Protection, Token};

pub(super) fn confirm(tokens: Vec<Frozen>, tier: Tier) -> Confirm {
    Confirm {
        purpose: Purpose::Revoke,
        contexts: vec![name("demo")],
        tokens,
        hidden: 0,
        tier,
        input: Field::default(),
        arming: Arming::Seen(now().checked_sub(SignedDuration::from_secs(1)).expect("in range")),
        held: Held::No,
        reread: Reread::Not,
        scroll: 0,
        said: String::new(),
    }
}

fn one() -> Confirm {
    confirm(vec![frozen(0, token(1, "ci-deploy"))], Tier::Yes)
}

pub(super) fn many(number: usize) -> Vec<Frozen> {
    let labels = tokens();
    let make = |index: usize| {
        let like = labels[index % labels.len()].clone();
        let token = Token { id: token(index, "").id, ..like };
        Frozen { admin: index == 1, own: index == 1, children: index % 4 / 3, ..frozen(index, token) }
    };
    (0..number).map(make).collect()
}

/// A question over two contexts, one of them with an admin.
fn contexts() -> Confirm {
    let mut tokens = many(5);
    for frozen in &mut tokens[3..] {
        frozen.context = name("prod");
    }
    let contexts = vec![name("demo"), name("prod")];
    Confirm { contexts, ..confirm(tokens, Tier::CountAndContext("5 demo".to_owned())) }
}

pub(super) fn asks(confirm: Confirm) -> Model {
    scene(Modal::Confirm(Box::new(confirm)))
}

pub(super) fn confirmations() -> Vec<(&'static str, Model)> {
    let admin = Token { roles: Some(vec!["admin".into()]), ..token(2, "root-of-all") };
    let own = Frozen { own: true, admin: true, children: 2, ..frozen(1, admin) };
    let odd = frozen(3, Token { roles: None, ..token(11, "pr\u{202e}od") });
    let changed = vec!["label was \"ci-deploy\", is \"ci-deploy-2\"".to_owned(), "owner was ana, is bert".to_owned()];
    let mut protected = asks(Confirm {
        said: "that is not root-of-all: nothing was done".to_owned(),
        ..confirm(vec![own.clone()], Tier::Label("root-of-all".to_owned()))
    });
    protected.contexts[0].context.protection = Protection::Protected;
    let bulk = |number, tier| Confirm { hidden: 2, ..confirm(many(number), tier) };
    vec![
        ("confirm_one", asks(one())),
        ("confirm_unarmed", asks(Confirm { arming: Arming::Seen(now()), ..one() })),
        ("confirm_label", protected),
        ("confirm_id", asks(Confirm { hidden: 1, ..confirm(vec![odd], Tier::IdEnd("69cf0d".to_owned())) })),
        (
            "confirm_held",
            asks(Confirm { held: Held::Because("the rows are stale: no connection".to_owned()), ..one() }),
        ),
        ("confirm_changed", asks(Confirm { reread: Reread::Changed(changed), ..one() })),
        ("confirm_unread", asks(Confirm { reread: Reread::Failed(failure(FailureKind::Offline)), ..one() })),
        ("confirm_three", asks(bulk(3, Tier::Count("3".to_owned())))),
        ("confirm_thirty", asks(bulk(30, Tier::CountAndContext("30 demo".to_owned())))),
        (
            "confirm_thirty_scrolled",
            asks(Confirm { scroll: 20, ..bulk(30, Tier::CountAndContext("30 demo".to_owned())) }),
        ),
        ("confirm_contexts", asks(contexts())),
        ("confirm_rotate", asks(Confirm { purpose: Purpose::Rotate, ..one() })),
        ("confirm_old", asks(Confirm { purpose: Purpose::RevokeOld, ..one() })),
    ]
}
