//! The form of a new token.

use super::{Frozen, Modal, Next, is_escape};
use crate::app::action;
use crate::app::effect::Effect;
use crate::app::expiry;
use crate::app::field::Field;
use crate::app::key::{Code, Key, Stroke};
use crate::app::model::Model;
use crate::app::pending::{self, About, Pending};
use crate::app::tokens;
use crate::domain::{ContextName, Deed, Draft, Expiry, Failure, Operation, Secret, Untrusted};

/// The form of a new token.
#[derive(Debug, Clone, PartialEq)]
pub struct Create {
    /// The context it is made in.
    pub context: ContextName,
    /// Contexts that can be chosen, in order.
    pub contexts: Vec<ContextName>,
    /// The label.
    pub label: Field,
    /// The role: an index into the roles of the backend, least powerful first.
    pub role: usize,
    /// The owner; empty for the operator.
    pub owner: Field,
    /// The scope kind: an index into those of the backend.
    pub scope: usize,
    /// The expiry as typed: `90d`, `12h`, a date, or `never`.
    pub expires: Field,
    /// The field that keys go to.
    pub focus: CreateField,
    /// What to think about before sending.
    pub warnings: Vec<Warning>,
    /// What is wrong with the form; empty for nothing.
    pub said: String,
    /// Whether it is on its way: a second submission is impossible.
    pub sending: bool,
    /// Why the last attempt failed without effect; `None` before one did.
    pub failure: Option<Failure>,
    /// The token that is to be revoked once the new one is stored; `None` for a plain creation.
    pub replaces: Option<Box<Frozen>>,
    /// Roles of that token that the form cannot show, sent as they are until a role is chosen; `None` for none.
    pub roles: Option<Vec<String>>,
}

/// The fields of the form, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CreateField {
    /// The label.
    Label,
    /// The role.
    Role,
    /// The owner, where the backend has one to choose.
    Owner,
    /// The scope kind, where there is a choice.
    Scope,
    /// The expiry.
    Expires,
    /// The context, where there is a choice.
    Context,
    /// The button.
    Submit,
}

/// What to think about before creating.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Warning {
    /// Other tokens carry this label.
    Duplicate(usize),
    /// Another label looks the same.
    LookAlike,
    /// It never expires.
    NoExpiry,
    /// The role counts as admin.
    Admin,
    /// The old token has other roles, which the new one gets too.
    RolesKept,
    /// The backend does not say which roles the old token has.
    RolesUnknown,
}

impl Warning {
    /// Returns the words on screen.
    pub fn words(self) -> String {
        match self {
            Self::Duplicate(1) => "another token carries this label".to_owned(),
            Self::Duplicate(count) => format!("{count} other tokens carry this label"),
            Self::LookAlike => "another token's label looks the same".to_owned(),
            Self::NoExpiry => "it never expires".to_owned(),
            Self::Admin => "this role counts as admin".to_owned(),
            Self::RolesKept => "it gets the very roles of the old one, unless another is chosen".to_owned(),
            Self::RolesUnknown => "which roles the old one has is not known: choose".to_owned(),
        }
    }
}

/// How long a new token lives unless the operator says otherwise.
const DEFAULT_EXPIRY: &str = "90d";

/// Opens the form, for a new token or for one that replaces another.
pub(in crate::app) fn open_create(model: &mut Model, replaces: Option<Box<Frozen>>) {
    let able = model.contexts.iter().filter(|state| action::can_create(&state.context).is_ok());
    let contexts: Vec<ContextName> = able.map(|state| state.context.name.clone()).collect();
    let here = model.tokens.here().map(|row| row.context().clone());
    let Some(context) = here.filter(|name| contexts.contains(name)).or_else(|| contexts.first().cloned()) else {
        return;
    };
    let form = form(model, context, contexts, replaces);
    model.modals.push(Modal::Create(Box::new(form)));
}

/// Returns the form as it opens.
pub(super) fn form(
    model: &Model,
    context: ContextName,
    contexts: Vec<ContextName>,
    replaces: Option<Box<Frozen>>,
) -> Create {
    let roles = model.context(&context).map(|state| state.context.capabilities.roles.clone()).unwrap_or_default();
    let old = replaces.as_ref().map(|frozen| &frozen.token);
    let held: Option<Vec<String>> =
        old.and_then(|token| token.roles.as_ref()).map(|held| held.iter().map(|role| role.raw().to_owned()).collect());
    let shown = held.as_deref().and_then(|held| roles.iter().position(|role| held.contains(&role.name)));
    let is_shown = shown.is_some() && held.as_ref().is_some_and(|held| held.len() == 1);
    let state = model.context(&context).filter(|state| state.context.capabilities.choose_owner.offered());
    let own = state.and_then(|state| state.identity.there()).map(|identity| identity.name.raw());
    let owner = old.filter(|_| state.is_some()).and_then(|token| token.owner.name()).map(Untrusted::raw);
    let owner = owner.filter(|name| Some(*name) != own);
    Create {
        context,
        contexts,
        label: old.map_or_else(Field::default, |token| Field::with(token.label.raw())),
        role: shown.unwrap_or(0),
        owner: owner.map_or_else(Field::default, Field::with),
        scope: 0,
        expires: Field::with(&old.and_then(expiry::alike).unwrap_or_else(|| DEFAULT_EXPIRY.to_owned())),
        focus: CreateField::Label,
        warnings: Vec::new(),
        said: String::new(),
        sending: false,
        failure: None,
        roles: held.filter(|held| !held.is_empty() && !is_shown),
        replaces,
    }
}

/// Tells whether the operator may grant a role of a context.
///
/// # Errors
/// The reason why not.
pub fn grantable(model: &Model, context: &ContextName, role: usize) -> Result<(), String> {
    let Some(state) = model.context(context) else { return Err("there is no such context".to_owned()) };
    let Some(own) = state.identity.there().and_then(|identity| identity.roles.as_ref()) else { return Ok(()) };
    let specs = &state.context.capabilities.roles;
    let highest = own.iter().filter_map(|name| specs.iter().position(|spec| spec.name == name.raw())).max();
    match highest {
        Some(highest) if role > highest => Err(format!("your own role is {}", specs[highest].name)),
        _ => Ok(()),
    }
}

impl Create {
    /// Returns the fields that this context has, in order.
    pub fn fields(&self, model: &Model) -> Vec<CreateField> {
        let Some(state) = model.context(&self.context) else { return vec![CreateField::Label] };
        let capabilities = &state.context.capabilities;
        let mut fields = vec![CreateField::Label];
        let mut add = |field, there| {
            if there {
                fields.push(field);
            }
        };
        add(CreateField::Role, !capabilities.roles.is_empty());
        add(CreateField::Owner, capabilities.choose_owner.offered());
        add(CreateField::Scope, !capabilities.scopes.is_empty());
        add(CreateField::Expires, capabilities.reports_expiry.offered());
        add(CreateField::Context, self.contexts.len() > 1 && self.replaces.is_none());
        add(CreateField::Submit, true);
        fields
    }

    fn field(&mut self) -> Option<&mut Field> {
        match self.focus {
            CreateField::Label => Some(&mut self.label),
            CreateField::Owner => Some(&mut self.owner),
            CreateField::Expires => Some(&mut self.expires),
            CreateField::Role | CreateField::Scope | CreateField::Context | CreateField::Submit => None,
        }
    }
}

/// Takes a key.
#[expect(clippy::wildcard_enum_match_arm, reason = "every other key is text, or nothing")]
pub(super) fn press(model: &mut Model, create: &mut Create, key: Key, effects: &mut Vec<Effect>) -> Next {
    if create.sending {
        // It cannot be called back; what came of it is said here.
        return Next::Stay;
    }
    if is_escape(key) {
        return Next::Close;
    }
    create.said.clear();
    match key.code {
        Code::BackTab | Code::Up => turn(model, create, create.fields(model).len() - 1),
        Code::Enter if create.focus == CreateField::Submit && key.stroke == Stroke::Press => {
            submit(model, create, effects);
        }
        Code::Enter | Code::Tab | Code::Down => turn(model, create, 1),
        Code::Left => choose(model, create, Step::Back, key),
        Code::Right => choose(model, create, Step::On, key),
        Code::Char(' ') if create.field().is_none() => choose(model, create, Step::On, key),
        Code::Char('q' | 'n') if create.field().is_none() => return Next::Close,
        _ => {
            if let Some(field) = create.field() {
                field.press(key);
            }
        }
    }
    warn(model, create);
    Next::Stay
}

/// Takes pasted text into the field that has the keys.
pub(super) fn paste(model: &Model, create: &mut Create, text: &Secret) {
    if let Some(field) = create.field() {
        field.paste(text.expose());
    }
    warn(model, create);
}

/// The direction of a choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Back,
    On,
}

fn turn(model: &Model, create: &mut Create, by: usize) {
    let fields = create.fields(model);
    let at = fields.iter().position(|field| *field == create.focus).unwrap_or(0);
    create.focus = fields[(at + by) % fields.len()];
}

/// Changes a choice, or moves within a text.
fn choose(model: &Model, create: &mut Create, step: Step, key: Key) {
    let Some(state) = model.context(&create.context) else { return };
    let capabilities = &state.context.capabilities;
    let shift = |at: usize, all: usize| match step {
        Step::On => (at + 1) % all.max(1),
        Step::Back => (at + all.max(1) - 1) % all.max(1),
    };
    match create.focus {
        CreateField::Role => {
            create.role = shift(create.role, capabilities.roles.len());
            create.roles = None;
        }
        CreateField::Scope => create.scope = shift(create.scope, capabilities.scopes.len()),
        CreateField::Context => {
            let at = create.contexts.iter().position(|name| *name == create.context).unwrap_or(0);
            create.context = create.contexts[shift(at, create.contexts.len())].clone();
            (create.role, create.scope) = (0, 0);
        }
        CreateField::Label | CreateField::Owner | CreateField::Expires => {
            if let Some(field) = create.field() {
                field.press(key);
            }
        }
        CreateField::Submit => {}
    }
}

/// Says what to think about: a label that repeats or looks like another, no expiry, an admin role.
fn warn(model: &Model, create: &mut Create) {
    let label = create.label.text();
    let mut warnings = Vec::new();
    let same = tokens::ids_with_label(model, &create.context, label).len();
    if !label.is_empty() && same > 0 && create.replaces.is_none() {
        warnings.push(Warning::Duplicate(same));
    } else if !label.is_empty() && create.focus != CreateField::Label {
        // Comparing shapes reads every label: once the field is left, not at every key.
        warnings.extend(model.tokens.inventory.alike(&create.context, label).map(|_| Warning::LookAlike));
    }
    if create.expires.text().trim() == "never" {
        warnings.push(Warning::NoExpiry);
    }
    let capabilities = model.context(&create.context).map(|state| &state.context.capabilities);
    let chosen = roles(model, create);
    if capabilities.is_some_and(|able| able.any_admin(Some(chosen.iter().map(String::as_str)))) {
        warnings.push(Warning::Admin);
    }
    warnings.extend(create.roles.as_ref().map(|_| Warning::RolesKept));
    let unknown = create.replaces.as_ref().is_some_and(|old| old.token.roles.is_none());
    warnings
        .extend((unknown && !capabilities.is_none_or(|able| able.roles.is_empty())).then_some(Warning::RolesUnknown));
    create.warnings = warnings;
}

/// Sends what is filled in, or says what is wrong with it.
pub(super) fn submit(model: &mut Model, create: &mut Create, effects: &mut Vec<Effect>) {
    match draft(model, create) {
        Err(said) => create.said = said,
        Ok(draft) => {
            create.sending = true;
            create.failure = None;
            let deed =
                Deed::Create { label: draft.label.clone(), roles: draft.roles.clone(), nonce: draft.nonce.clone() };
            let known = tokens::ids_with_label(model, &create.context, &draft.label);
            let about = About { frozen: None, replaces: create.replaces.clone(), known };
            pending::begin(model, &create.context, deed, Operation::Create(draft), about, effects);
        }
    }
}

/// Returns the roles that the new token gets.
fn roles(model: &Model, create: &Create) -> Vec<String> {
    let chosen = || {
        let state = model.context(&create.context)?;
        state.context.capabilities.roles.get(create.role).map(|role| role.name.clone())
    };
    create.roles.clone().unwrap_or_else(|| chosen().into_iter().collect())
}

fn draft(model: &mut Model, create: &Create) -> Result<Draft, String> {
    let label = create.label.text().trim().to_owned();
    if label.is_empty() {
        return Err("a label is needed: it is how the token is found again".to_owned());
    }
    let roles = roles(model, create);
    let specs = model.context(&create.context).map(|state| &state.context.capabilities.roles);
    let known = |name: &String| specs.and_then(|specs| specs.iter().position(|spec| spec.name == *name));
    for role in roles.iter().filter_map(known) {
        grantable(model, &create.context, role)?;
    }
    let now = model.now;
    let fields = create.fields(model);
    let expires = if fields.contains(&CreateField::Expires) {
        expiry::parse(create.expires.text(), now)?
    } else {
        Expiry::NotReported
    };
    let nonce = model.next_nonce();
    let state = model.context(&create.context).ok_or("there is no such context")?;
    let capabilities = &state.context.capabilities;
    let owner = create.owner.text().trim();
    Ok(Draft {
        label,
        roles,
        owner: (!owner.is_empty()).then(|| owner.to_owned()),
        scope: capabilities.scopes.get(create.scope).cloned(),
        expires,
        nonce,
        asked: now,
    })
}

/// Says that something was refused or failed: in its form if that is in front, else in the messages.
#[expect(clippy::wildcard_enum_match_arm, reason = "the others are alike")]
pub(in crate::app) fn refused(model: &mut Model, pending: &Pending, failure: &Failure) {
    model.refused = Some(failure.clone());
    for modal in model.modals.iter_mut().rev() {
        let slot = match modal {
            Modal::Create(create) if create.sending && matches!(pending.deed, Deed::Create { .. }) => {
                Some((&mut create.sending, &mut create.failure))
            }
            Modal::Edit(edit) if edit.sending && matches!(pending.deed, Deed::Edit { .. }) => {
                Some((&mut edit.sending, &mut edit.failure))
            }
            _ => None,
        };
        if let Some((sending, shown)) = slot {
            *sending = false;
            *shown = Some(failure.clone());
            return;
        }
    }
    model.messages.fail(model.now, failure);
}
