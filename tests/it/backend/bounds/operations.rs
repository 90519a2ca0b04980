//! Operations whose every value was chosen by somebody who means harm.

use std::sync::Arc;

use jiff::Timestamp;
use tokendeck::domain::{Change, Cursor, Draft, Expiry, Nonce, Operation, Secret, TokenId};

use super::dice::Dice;

/// Returns one operation of each kind; those about a token where `id` can be the id of one, and now and then those that
/// an id is no part of.
pub(crate) fn all(dice: &mut Dice<'_>, id: &str) -> Vec<Operation> {
    let mut all = vec![
        Operation::List(Some(cursor(dice, id))),
        Operation::List(Some(Cursor::of_parent(id))),
        Operation::List(Some(Cursor::onward(Some(&Cursor::of_parent(id)), &dice.hostile(), 7))),
        Operation::Events(Some(cursor(dice, id))),
        Operation::Create(draft(dice, id)),
    ];
    if dice.one_in(8) {
        all.extend([Operation::List(None), Operation::Notices(None), Operation::Whoami, Operation::Health]);
        all.extend([Operation::Identify(secret()), Operation::RevokeValue(secret())]);
    }
    if let Ok(id) = TokenId::parse(id) {
        all.extend(about(dice, &id));
    }
    all
}

/// Returns the operations about a token.
pub(crate) fn about(dice: &mut Dice<'_>, id: &TokenId) -> Vec<Operation> {
    let id = || id.clone();
    vec![
        Operation::Get(id()),
        Operation::Edit(id(), change(dice)),
        Operation::Rotate(id()),
        Operation::Renew(id()),
        Operation::Revoke(id()),
        Operation::Disable(id()),
        Operation::Enable(id()),
    ]
}

fn cursor(dice: &mut Dice<'_>, id: &str) -> Cursor {
    let word = if dice.one_in(2) { id.to_owned() } else { dice.hostile() };
    Cursor::onward(None, &word, 0)
}

fn secret() -> Arc<Secret> {
    Arc::new(Secret::new("a-value".into()))
}

fn draft(dice: &mut Dice<'_>, id: &str) -> Draft {
    let roles = (0..dice.below(4)).map(|_| dice.hostile()).collect();
    Draft {
        label: id.to_owned(),
        roles,
        owner: (!dice.one_in(3)).then(|| dice.hostile()),
        scope: dice.one_in(2).then(|| dice.hostile()),
        expires: expires(dice),
        nonce: Nonce::new(&dice.hostile()),
        asked: asked(),
    }
}

fn change(dice: &mut Dice<'_>) -> Change {
    Change {
        label: dice.one_in(2).then(|| dice.hostile()),
        expires: dice.one_in(2).then(|| expires(dice)),
        version: dice.one_in(2).then(|| dice.hostile().into()),
        asked: asked(),
    }
}

fn expires(dice: &mut Dice<'_>) -> Expiry {
    match dice.below(4) {
        0 => Expiry::Never,
        1 => Expiry::NotReported,
        // A whole second: fractions are the business of the tests of the forms.
        hours => Expiry::At(
            Timestamp::from_second(1_795_348_800 + 5_000_003 * i64::try_from(hours).unwrap_or(1)).unwrap_or_default(),
        ),
    }
}

/// 2026-11-22T12:00:00Z.
fn asked() -> Timestamp {
    Timestamp::from_second(1_795_348_800).unwrap_or_default()
}
