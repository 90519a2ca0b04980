//! The form of a new token.

use super::draft::{Warning, are_typed, draft, role_choices, warn};
use super::{Frozen, Modal, Next, is_escape};
use crate::app::action;
use crate::app::effect::Effect;
use crate::app::expiry;
use crate::app::field::Field;
use crate::app::key::{Code, Key, Stroke};
use crate::app::model::Model;
use crate::app::pending::{self, About, Pending};
use crate::app::tokens;
use crate::domain::{Capabilities, ContextName, Deed, Failure, Operation, OwnerChoice, Secret, Untrusted};

/// The form of a new token.
#[derive(Debug, Clone, PartialEq)]
pub struct Create {
    /// The context it is made in.
    pub context: ContextName,
    /// Contexts that can be chosen, in order.
    pub contexts: Vec<ContextName>,
    /// The label.
    pub label: Field,
    /// The role: an index into the roles of the backend, least powerful first; the one behind the last stands for
    /// `typed`.
    pub role: usize,
    /// Roles that the description does not name: one, or several with commas between them.
    pub typed: Field,
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
    /// Roles of that token that no choice stands for, sent as they are until a role is chosen; `None` for none.
    pub roles: Option<Vec<String>>,
}

/// The fields of the form, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CreateField {
    /// The label, where the backend keeps one.
    Label,
    /// The role, where some are known by name.
    Role,
    /// Roles as typed.
    Roles,
    /// The owner, where the backend has one to choose.
    Owner,
    /// The scope kind, where there is a choice.
    Scope,
    /// The expiry, where the backend takes one.
    Expires,
    /// The context, where there is a choice.
    Context,
    /// The button.
    Submit,
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
    if let Some(form) = form(model, context, contexts, replaces) {
        model.modals.push(Modal::Create(Box::new(form)));
    }
}

/// Returns the form as it opens; `None` where there is no such context.
pub(super) fn form(
    model: &Model,
    context: ContextName,
    contexts: Vec<ContextName>,
    replaces: Option<Box<Frozen>>,
) -> Option<Create> {
    let state = model.context(&context)?;
    let capabilities = &state.context.capabilities;
    let old = replaces.as_ref().map(|frozen| &frozen.token);
    let held: Option<Vec<String>> =
        old.and_then(|token| token.roles.as_ref()).map(|held| held.iter().map(|role| role.raw().to_owned()).collect());
    let held = held.filter(|held| !held.is_empty());
    let named = held.as_deref().and_then(|held| capabilities.roles.iter().position(|role| held.contains(&role.name)));
    let is_named = named.is_some() && held.as_ref().is_some_and(|held| held.len() == 1);
    let kept = held.filter(|_| !is_named);
    // Where roles can be typed the old ones stand there, to be read and changed.
    let others = kept.as_ref().filter(|_| are_typed(capabilities, capabilities.roles.len()));
    let own = match &capabilities.choose_owner {
        OwnerChoice::Free => state.identity.there().map(|identity| identity.name.raw()),
        OwnerChoice::Otherwise(name) => Some(name.as_str()),
        OwnerChoice::None | OwnerChoice::Needed => None,
    };
    let owner = old.filter(|_| capabilities.choose_owner.offered()).and_then(|token| token.owner.name());
    let owner = owner.map(Untrusted::raw).filter(|name| Some(*name) != own);
    let mut create = Create {
        contexts,
        label: old.map_or_else(Field::default, |token| Field::with(token.label.raw())),
        role: others.map_or(named.unwrap_or(0), |_| capabilities.roles.len()),
        typed: others.map_or_else(Field::default, |roles| Field::with(&roles.join(", "))),
        owner: owner.map_or_else(Field::default, Field::with),
        scope: 0,
        expires: Field::with(&old.and_then(expiry::alike).unwrap_or_else(|| suggested(capabilities))),
        focus: CreateField::Label,
        warnings: Vec::new(),
        said: String::new(),
        sending: false,
        failure: None,
        roles: kept,
        replaces,
        context,
    };
    create.focus = create.fields(model)[0];
    Some(create)
}

/// Returns the expiry that stands there at first: as long as the backend lets a token live, if that is less.
fn suggested(capabilities: &Capabilities) -> String {
    let length = |text: &str| expiry::age(text);
    let longest = capabilities.longest.as_deref().filter(|longest| length(longest) < length(DEFAULT_EXPIRY));
    longest.unwrap_or(DEFAULT_EXPIRY).to_owned()
}

impl Create {
    /// Returns the fields that this context has, in order.
    pub fn fields(&self, model: &Model) -> Vec<CreateField> {
        let Some(state) = model.context(&self.context) else { return vec![CreateField::Label] };
        let capabilities = &state.context.capabilities;
        let mut fields = Vec::new();
        let mut add = |field, there| {
            if there {
                fields.push(field);
            }
        };
        add(CreateField::Label, capabilities.choose_label.offered());
        add(CreateField::Role, capabilities.choose_roles.offered() && !capabilities.roles.is_empty());
        add(CreateField::Roles, are_typed(capabilities, self.role));
        add(CreateField::Owner, capabilities.choose_owner.offered());
        add(CreateField::Scope, !capabilities.scopes.is_empty());
        add(CreateField::Expires, capabilities.choose_expiry.offered());
        add(CreateField::Context, self.contexts.len() > 1 && self.replaces.is_none());
        add(CreateField::Submit, true);
        fields
    }

    fn field(&mut self) -> Option<&mut Field> {
        match self.focus {
            CreateField::Label => Some(&mut self.label),
            CreateField::Roles => Some(&mut self.typed),
            CreateField::Owner => Some(&mut self.owner),
            CreateField::Expires => Some(&mut self.expires),
            CreateField::Role | CreateField::Scope | CreateField::Context | CreateField::Submit => None,
        }
    }

    /// Changes the text that has the keys. Roles that were typed anew are what counts.
    fn edit(&mut self, change: impl FnOnce(&mut Field)) {
        let is_roles = self.focus == CreateField::Roles;
        let Some(field) = self.field() else { return };
        let before = is_roles.then(|| field.text().to_owned());
        change(field);
        if before.is_some_and(|before| before != self.typed.text()) {
            self.roles = None;
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
        _ => create.edit(|field| _ = field.press(key)),
    }
    warn(model, create);
    Next::Stay
}

/// Takes pasted text into the field that has the keys.
pub(super) fn paste(model: &Model, create: &mut Create, text: &Secret) {
    create.edit(|field| field.paste(text.expose()));
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
            create.role = shift(create.role, role_choices(capabilities));
            create.roles = None;
        }
        CreateField::Scope => create.scope = shift(create.scope, capabilities.scopes.len()),
        CreateField::Context => {
            let at = create.contexts.iter().position(|name| *name == create.context).unwrap_or(0);
            let is_suggestion = create.expires.text() == suggested(capabilities);
            create.context = create.contexts[shift(at, create.contexts.len())].clone();
            if let Some(state) = model.context(&create.context).filter(|_| is_suggestion) {
                create.expires = Field::with(&suggested(&state.context.capabilities));
            }
            (create.role, create.scope) = (0, 0);
            create.typed.clear();
        }
        CreateField::Label | CreateField::Roles | CreateField::Owner | CreateField::Expires => {
            create.edit(|field| _ = field.press(key));
        }
        CreateField::Submit => {}
    }
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
