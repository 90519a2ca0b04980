//! Questions and forms that are answered without a screen: the same ones, filled in at once.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use super::confirm::{self, Confirm, NoQuestion, Purpose};
use super::create::{self, Create, CreateField};
use super::edit::{self, EditField};
use super::frozen::freeze;
use super::identify::{self, Identify};
use super::secret_once::{self, HandOver, SecretOnce};
use super::{Held, Modal};
use crate::app::by_value::{self, Confirmed, Weight};
use crate::app::effect::Effect;
use crate::app::errand::{self, Chosen, Deal, Edited, Refusal, Wanted, Word};
use crate::app::field::Field;
use crate::app::inventory::Row;
use crate::app::model::Model;
use crate::app::planning;
use crate::domain::shape::{Beginning, May, extract};
use crate::domain::{ContextName, Failure, FailureKind, RoleChoice, Rotation, Secret, State, TokenKey, escape};

/// Revokes tokens, once the word confirms it.
pub(in crate::app) fn revoke(
    model: &mut Model,
    chosen: &Chosen,
    word: &Word,
    effects: &mut Vec<Effect>,
) -> Result<(), Refusal> {
    let rows = rows(model, chosen)?;
    let lawful = match (chosen, rows.as_slice()) {
        (Chosen::Named(_, 1), [row]) => words(model, *row),
        (Chosen::Shown, [row]) => words(model, *row).into_iter().chain(["1".to_owned()]).collect(),
        (Chosen::Named(_, count), _) => vec![count.to_string()],
        (Chosen::Shown, rows) => vec![rows.len().to_string()],
    };
    confirmed(&lawful, word)?;
    let contexts = rows.iter().filter_map(|row| model.tokens.inventory.get(*row)).map(|row| row.context().clone());
    for name in contexts.collect::<BTreeSet<_>>() {
        errand::may(model, &name, Deal::Revoke)?;
        if let Some(failure) = errand::unfinished(model, &name) {
            return Err(Refusal::Failed(failure));
        }
    }
    revoke_rows(model, rows, effects)
}

/// Revokes rows that were confirmed.
pub(in crate::app) fn revoke_rows(model: &mut Model, rows: Vec<Row>, effects: &mut Vec<Effect>) -> Result<(), Refusal> {
    match confirm::question(model, rows, Purpose::Revoke) {
        Ok(question) => answer(model, question, effects),
        // What was asked for is so.
        Err(NoQuestion::AllDead) => Ok(()),
        Err(none) => Err(refusal(&none)),
    }
}

/// Revokes a value by itself, once the word names the host that it is sent to.
pub(in crate::app) fn revoke_value(
    model: &mut Model,
    name: &ContextName,
    value: &Secret,
    word: &Word,
    effects: &mut Vec<Effect>,
) -> Result<(), Refusal> {
    errand::may(model, name, Deal::RevokeValue)?;
    let Some(state) = model.context(name) else { return Err(no_context(name)) };
    let able = &state.context.capabilities;
    let begins = able.value.begins.iter().map(|text| Beginning { text: text.clone(), title: able.title.clone() });
    let mut found = extract(value, &begins.collect::<Vec<_>>()).candidates;
    let (Some(candidate), true) = (found.pop(), found.is_empty()) else {
        return Err(Refusal::Usage("give one value by itself: what is there is none, or more than one".to_owned()));
    };
    if able.value.may_have(&candidate) == May::No {
        let text = format!("it is no value of {name}: {}", candidate.words());
        return Err(failed(FailureKind::Refused, &text, "name the context that it is of with --context"));
    }
    let host = by_value::host(model, name);
    let plain = word.0.as_ref().map(|said| Word(Some(said.trim_start_matches("https://").to_owned())));
    confirmed(&[host], &plain.unwrap_or(Word(None)))?;
    // Who names the host by hand confirms every weight.
    let confirmed = Confirmed { context: name.clone(), candidate: &candidate, token: None, weight: Weight::Own };
    by_value::begin(model, confirmed, effects);
    Ok(())
}

/// Writes the tokens to a plan instead.
pub(in crate::app) fn plan(
    model: &mut Model,
    chosen: &Chosen,
    file: PathBuf,
    effects: &mut Vec<Effect>,
) -> Result<(), Refusal> {
    let rows = rows(model, chosen)?;
    planning::write(model, &rows, file, effects)
        .map_err(|reason| failed(FailureKind::Refused, &reason, "look at the list"))
}

/// Returns the rows that are meant.
fn rows(model: &Model, chosen: &Chosen) -> Result<Vec<Row>, Refusal> {
    match chosen {
        Chosen::Named(keys, _) => Ok(keys.iter().filter_map(|key| model.tokens.inventory.find(key)).collect()),
        Chosen::Shown => shown(model),
    }
}

/// Returns the living rows that the query shows, in their order; only whole lists tell which those are.
fn shown(model: &Model) -> Result<Vec<Row>, Refusal> {
    for state in &model.contexts {
        if let Some(failure) = errand::trouble(state) {
            return Err(Refusal::Failed(failure));
        }
        if let Some(gap) = errand::gap(state) {
            let text =
                format!("the list of {} is not whole, so that the query may miss tokens: {gap}", state.context.name);
            return Err(Refusal::Failed(Failure::new(FailureKind::Protocol, text, "name the tokens by their ids")));
        }
    }
    let lives = |row: &&Row| model.tokens.inventory.get(**row).is_some_and(|row| row.state() != State::Revoked);
    Ok(model.tokens.view.rows.iter().filter(lives).copied().collect())
}

/// Returns what confirms that one token is meant: its label, as it is or as it is shown. One without a label is
/// confirmed by its id.
fn words(model: &Model, row: Row) -> Vec<String> {
    let Some(row) = model.tokens.inventory.get(row) else { return Vec::new() };
    let label = row.label();
    if label.raw().is_empty() {
        return vec![row.id().raw().to_owned()];
    }
    vec![label.shown().into_owned(), label.raw().to_owned()]
}

fn confirmed(lawful: &[String], word: &Word) -> Result<(), Refusal> {
    match &word.0 {
        Some(said) if lawful.contains(said) => Ok(()),
        _ => Err(Refusal::Unconfirmed(lawful.first().cloned().unwrap_or_default())),
    }
}

/// Answers a question that was confirmed with the word that was asked for.
fn answer(model: &mut Model, mut question: Confirm, effects: &mut Vec<Effect>) -> Result<(), Refusal> {
    if let Held::Because(reason) = &question.held {
        let stale = question.contexts.iter().find_map(|name| model.context(name)?.stale()).cloned();
        let held = || Failure::new(FailureKind::Refused, reason.clone(), "ask again");
        return Err(Refusal::Failed(stale.unwrap_or_else(held)));
    }
    if confirm::is_busy(model, &question) {
        return Err(failed(FailureKind::Refused, "a revocation is going", "wait for it"));
    }
    confirm::complete(model, &mut question, effects);
    Ok(())
}

/// Gives a token a new secret, or makes a new one in its place.
pub(in crate::app) fn rotate(
    model: &mut Model,
    key: &TokenKey,
    word: &Word,
    effects: &mut Vec<Effect>,
) -> Result<(), Refusal> {
    let row = row(model, key)?;
    confirmed(&words(model, row), word)?;
    let rotation = model.context(&key.context).map(|state| state.context.capabilities.rotate);
    match confirm::question(model, vec![row], Purpose::Rotate) {
        Err(none) => Err(refusal(&none)),
        Ok(_) if rotation == Some(Rotation::Emulated) => {
            let frozen = freeze(model, row).map(Box::new);
            let form = create::form(model, key.context.clone(), vec![key.context.clone()], frozen);
            submit(model, form.ok_or_else(|| no_context(&key.context))?, effects)
        }
        Ok(question) => answer(model, question, effects),
    }
}

/// Answers the question about the old token, which was confirmed before the new one was made.
pub(in crate::app) fn revoke_old(model: &mut Model, effects: &mut Vec<Effect>) -> Result<(), Refusal> {
    let is_old = |modal: &mut Modal| matches!(modal, Modal::Confirm(confirm) if confirm.purpose == Purpose::RevokeOld);
    let question = model.modals.extract_if(.., is_old).next();
    match question {
        Some(Modal::Confirm(question)) => answer(model, *question, effects),
        _ => Err(failed(FailureKind::Refused, "the old token was left alone", "revoke it once the new one works")),
    }
}

fn no_context(name: &ContextName) -> Refusal {
    Refusal::Usage(format!("there is no context {name}"))
}

/// Fills in the form of a new token, and sends it.
pub(in crate::app) fn create(model: &mut Model, wanted: Wanted, effects: &mut Vec<Effect>) -> Result<(), Refusal> {
    let form = create::form(model, wanted.context.clone(), vec![wanted.context.clone()], None);
    let (Some(mut form), Some(state)) = (form, model.context(&wanted.context)) else {
        return Err(no_context(&wanted.context));
    };
    let fields = form.fields(model);
    let choice = state.context.capabilities.choose_roles;
    let (title, specs) = (&state.context.capabilities.title, &state.context.capabilities.roles);
    if let Some(label) = &wanted.label {
        has(&fields, &CreateField::Label, title, "a label")?;
        form.label = Field::with(label);
    }
    if let Some(owner) = &wanted.owner {
        has(&fields, &CreateField::Owner, title, "an owner")?;
        form.owner = Field::with(owner);
    }
    if let Some(expires) = &wanted.expires {
        has(&fields, &CreateField::Expires, title, "an expiry")?;
        form.expires = Field::with(expires);
    }
    let known: Vec<&str> = specs.iter().map(|spec| spec.name.as_str()).collect();
    match (choice, wanted.roles.len()) {
        (RoleChoice::None, 1..) => return Err(Refusal::Usage(format!("{title} has no roles to choose"))),
        (RoleChoice::One | RoleChoice::Several, 0) => {
            let first = if known.is_empty() {
                String::new()
            } else {
                format!(", the least powerful first: {}", known.join(", "))
            };
            return Err(Refusal::Usage(format!("a role is needed{first}")));
        }
        (RoleChoice::One, 2..) => return Err(Refusal::Usage(format!("{title} gives a token one role"))),
        _ => {}
    }
    // Roles that are not known by name can be given where the screen lets them be typed.
    let typed = choice == RoleChoice::Several || known.is_empty();
    let mut places = Vec::new();
    for role in &wanted.roles {
        let none = || Refusal::Usage(format!("there is no role \"{}\"; there are: {}", escape(role), known.join(", ")));
        let place = match known.iter().position(|known| known == role) {
            Some(place) => place,
            None if typed => continue,
            None => return Err(none()),
        };
        super::grantable(model, &wanted.context, place)
            .map_err(|reason| failed(FailureKind::Forbidden, &reason, "ask somebody who may grant it"))?;
        places.push(place);
    }
    match places.as_slice() {
        [place] if wanted.roles.len() == 1 => form.role = *place,
        _ => form.roles = Some(wanted.roles).filter(|roles| !roles.is_empty()),
    }
    submit(model, form, effects)
}

fn submit(model: &mut Model, mut form: Create, effects: &mut Vec<Effect>) -> Result<(), Refusal> {
    create::submit(model, &mut form, effects);
    if !form.said.is_empty() {
        return Err(Refusal::Usage(form.said));
    }
    model.modals.push(Modal::Create(Box::new(form)));
    Ok(())
}

/// Fills in the form that changes a token, and sends it.
pub(in crate::app) fn edit(
    model: &mut Model,
    key: &TokenKey,
    edited: &Edited,
    effects: &mut Vec<Effect>,
) -> Result<(), Refusal> {
    let row = row(model, key)?;
    let title = model.context(&key.context).map(|state| state.context.capabilities.title.clone()).unwrap_or_default();
    let Some(mut form) = edit::form(model, row) else {
        return Err(failed(FailureKind::Refused, "a revoked token cannot be edited", "make a new one"));
    };
    let fields = form.fields(model);
    if let Some(label) = &edited.label {
        has(&fields, &EditField::Label, &title, "a new label")?;
        form.label = Field::with(label);
    }
    if let Some(expires) = &edited.expires {
        has(&fields, &EditField::Expires, &title, "a new expiry")?;
        form.expires = Field::with(expires);
    }
    edit::submit(model, &mut form, effects);
    if !form.said.is_empty() {
        return Err(Refusal::Usage(form.said));
    }
    model.modals.push(Modal::Edit(Box::new(form)));
    Ok(())
}

fn has<T: PartialEq>(fields: &[T], field: &T, title: &str, what: &str) -> Result<(), Refusal> {
    if fields.contains(field) { Ok(()) } else { Err(Refusal::Usage(format!("{title} does not take {what}"))) }
}

/// Has a text looked through.
pub(in crate::app) fn look(model: &mut Model, mut text: Arc<Secret>, effects: &mut Vec<Effect>) {
    let mut screen = Identify::default();
    screen.input.paste(&text);
    drop(text);
    (text, screen.cut) = screen.input.take();
    identify::look(model, &mut screen, text, effects);
    model.modals.push(Modal::Identify(Box::new(screen)));
}

/// Returns the new secret that waits to be stored.
pub(in crate::app) fn secret(model: &Model) -> Result<&SecretOnce, Refusal> {
    super::new_secret(model).ok_or_else(no_secret)
}

/// Notes that the new secret was printed.
#[expect(clippy::wildcard_enum_match_arm, reason = "the others are alike")]
pub(in crate::app) fn printed(model: &mut Model) -> Result<(), Refusal> {
    let once = model.modals.iter_mut().find_map(|modal| match modal {
        Modal::SecretOnce(once) => Some(once),
        _ => None,
    });
    once.ok_or_else(no_secret)?.handed.push(HandOver::Printed);
    Ok(())
}

/// Declares the new secret stored, once it was handed over.
pub(in crate::app) fn stored(model: &mut Model, effects: &mut Vec<Effect>) -> Result<(), Refusal> {
    let handed = |modal: &mut Modal| matches!(modal, Modal::SecretOnce(once) if once.handed_over());
    let once = model.modals.extract_if(.., handed).next();
    match once {
        Some(Modal::SecretOnce(once)) => {
            secret_once::stored(model, &once, effects);
            Ok(())
        }
        _ => Err(no_secret()),
    }
}

fn no_secret() -> Refusal {
    failed(FailureKind::Local, "there is no new secret", "look at the list")
}

fn row(model: &Model, key: &TokenKey) -> Result<Row, Refusal> {
    let missing = || failed(FailureKind::NotFound, "the backend does not know the token", "look at the list");
    model.tokens.inventory.find(key).ok_or_else(missing)
}

fn refusal(none: &NoQuestion) -> Refusal {
    match none {
        NoQuestion::TooMany(_) => Refusal::Usage(none.words()),
        NoQuestion::AllDead | NoQuestion::Refused(_) => failed(FailureKind::Refused, &none.words(), "look at the list"),
    }
}

fn failed(kind: FailureKind, text: &str, hint: &str) -> Refusal {
    Refusal::Failed(Failure::new(kind, text, hint))
}
