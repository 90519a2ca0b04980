//! What the form of a new token comes to: its roles, what there is to think about, and what is sent.

use super::{Create, CreateField};
use crate::app::expiry;
use crate::app::model::Model;
use crate::app::tokens;
use crate::domain::{Capabilities, ContextName, Draft, Expiry, OwnerChoice, RoleChoice};

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

/// Returns how many possibilities the choice of a role has: the roles that are known by name, and to type others where
/// a list of them is sent.
pub(super) fn role_choices(capabilities: &Capabilities) -> usize {
    capabilities.roles.len() + usize::from(capabilities.choose_roles == RoleChoice::Several)
}

/// Tells whether the roles are typed: they are not known by name, or others were chosen.
pub(super) fn are_typed(capabilities: &Capabilities, role: usize) -> bool {
    match capabilities.choose_roles {
        RoleChoice::None => false,
        RoleChoice::One => capabilities.roles.is_empty(),
        RoleChoice::Several => role >= capabilities.roles.len(),
    }
}

/// Says what to think about: a label that repeats or looks like another, no expiry, an admin role.
pub(super) fn warn(model: &Model, create: &mut Create) {
    let label = create.label.text();
    let mut warnings = Vec::new();
    let same = tokens::ids_with_label(model, &create.context, label).len();
    if !label.is_empty() && same > 0 && create.replaces.is_none() {
        warnings.push(Warning::Duplicate(same));
    } else if !label.is_empty() && create.focus != CreateField::Label {
        // Comparing shapes reads every label: once the field is left, not at every key.
        warnings.extend(model.tokens.inventory.alike(&create.context, label).map(|_| Warning::LookAlike));
    }
    let fields = create.fields(model);
    if fields.contains(&CreateField::Expires) && create.expires.text().trim() == "never" {
        warnings.push(Warning::NoExpiry);
    }
    if let Some(able) = model.context(&create.context).map(|state| &state.context.capabilities)
        && able.choose_roles.offered()
    {
        let chosen = roles(able, create);
        if able.any_admin(Some(chosen.iter().map(String::as_str))) {
            warnings.push(Warning::Admin);
        }
        warnings.extend(create.roles.as_ref().map(|_| Warning::RolesKept));
        let unknown = create.replaces.as_ref().is_some_and(|old| old.token.roles.is_none());
        warnings.extend(unknown.then_some(Warning::RolesUnknown));
    }
    create.warnings = warnings;
}

/// Returns the roles that the new token gets.
fn roles(capabilities: &Capabilities, create: &Create) -> Vec<String> {
    match (&create.roles, capabilities.choose_roles) {
        (_, RoleChoice::None) => Vec::new(),
        (Some(held), _) => held.clone(),
        (None, choice) if are_typed(capabilities, create.role) => typed(create.typed.text(), choice),
        (None, _) => capabilities.roles.get(create.role).map(|role| role.name.clone()).into_iter().collect(),
    }
}

/// Reads roles as typed: one, or several with commas between them.
fn typed(text: &str, choice: RoleChoice) -> Vec<String> {
    let mut roles: Vec<String> = Vec::new();
    let parts: Vec<&str> = if choice == RoleChoice::Several { text.split(',').collect() } else { vec![text] };
    for role in parts.into_iter().map(str::trim).filter(|role| !role.is_empty()) {
        if !roles.iter().any(|known| known == role) {
            roles.push(role.to_owned());
        }
    }
    roles
}

/// Returns what is sent.
///
/// # Errors
/// What is wrong with the form, and what would be right.
pub(super) fn draft(model: &mut Model, create: &Create) -> Result<Draft, String> {
    let now = model.now;
    let fields = create.fields(model);
    let state = model.context(&create.context).ok_or("there is no such context")?;
    let capabilities = state.context.capabilities.clone();
    let labelled = fields.contains(&CreateField::Label);
    // Typed for another context: one that has no labels would not find its token again by it.
    let label = if labelled { create.label.text().trim().to_owned() } else { String::new() };
    if label.is_empty() && labelled {
        return Err("a label is needed: it is how the token is found again".to_owned());
    }
    let roles = roles(&capabilities, create);
    if roles.is_empty() && capabilities.choose_roles.offered() {
        return Err("a role is needed: without one a backend may give more than was meant".to_owned());
    }
    let known = |name: &String| capabilities.roles.iter().position(|spec| spec.name == *name);
    for role in roles.iter().filter_map(known) {
        grantable(model, &create.context, role)?;
    }
    let owner = create.owner.text().trim();
    if owner.is_empty() && capabilities.choose_owner == OwnerChoice::Needed {
        return Err(format!("an owner is needed: {} makes tokens for somebody who is named", capabilities.title));
    }
    let expires = if fields.contains(&CreateField::Expires) {
        expiry::parse(create.expires.text(), now)?
    } else {
        Expiry::NotReported
    };
    Ok(Draft {
        label,
        roles,
        owner: Some(owner).filter(|owner| !owner.is_empty() && capabilities.choose_owner.offered()).map(str::to_owned),
        scope: capabilities.scopes.get(create.scope).cloned(),
        expires,
        nonce: model.next_nonce(),
        asked: now,
    })
}
