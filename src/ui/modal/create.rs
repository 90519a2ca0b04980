//! The form of a new token.

use ratatui::text::Span;

use super::form;
use super::sheet::Sheet;
use crate::app::modal::{Create, CreateField, grantable};
use crate::app::model::Model;
use crate::domain::{Capabilities, OwnerChoice, RoleChoice, escape};
use crate::ui::look::Look;
use crate::ui::words;

/// Returns the form.
pub(super) fn sheet<'m>(look: &'m Look, model: &Model, create: &'m Create, room: usize) -> Sheet<'m> {
    let mut sheet = Sheet::new(look, "New token", room);
    if let Some(old) = &create.replaces {
        let label = words::label(look, &old.token.label);
        sheet.line(format!("It replaces {label}, which is revoked after the new secret is stored."));
    }
    let capabilities = model.context(&create.context).map(|state| &state.context.capabilities);
    for field in create.fields(model) {
        let focus = form::focus(&field, (!create.sending).then_some(&create.focus));
        match field {
            CreateField::Label => form::text(&mut sheet, "label", &create.label, "", focus),
            CreateField::Role => {
                let roles = capabilities.map(|known| roles(look, model, create, known)).unwrap_or_default();
                form::choice(&mut sheet, "role", &roles, create.role, focus);
            }
            CreateField::Roles => {
                let several = capabilities.is_some_and(|known| known.choose_roles == RoleChoice::Several);
                let (name, empty) = if several {
                    ("roles", "(one, or several with commas)")
                } else {
                    ("role", "(as the backend names it)")
                };
                form::text(&mut sheet, name, &create.typed, empty, focus);
            }
            CreateField::Owner => {
                let empty = capabilities.map(|known| nobody_named(&known.choose_owner)).unwrap_or_default();
                form::text(&mut sheet, "owner", &create.owner, &empty, focus);
            }
            CreateField::Scope => {
                let scopes = capabilities.map(|known| known.scopes.as_slice()).unwrap_or_default();
                let scopes: Vec<_> = scopes.iter().map(|scope| (scope.clone(), Vec::new())).collect();
                form::choice(&mut sheet, "scope", &scopes, create.scope, focus);
            }
            CreateField::Expires => form::text(&mut sheet, "expires", &create.expires, "", focus),
            CreateField::Context => {
                let names: Vec<_> = create.contexts.iter().map(|name| (name.to_string(), Vec::new())).collect();
                let at = create.contexts.iter().position(|name| *name == create.context).unwrap_or_default();
                form::choice(&mut sheet, "context", &names, at, focus);
            }
            CreateField::Submit => {
                for warning in &create.warnings {
                    sheet.hang(Span::styled(format!("  Careful: {}", warning.words()), look.care()), 2);
                }
                form::button(&mut sheet, "Create", focus);
            }
        }
    }
    foot(look, create, &mut sheet);
    sheet
}

/// Returns the roles with what they may do, and why one cannot be granted.
fn roles(look: &Look, model: &Model, create: &Create, capabilities: &Capabilities) -> Vec<form::Possibility> {
    let mut rows = Vec::new();
    for (index, role) in capabilities.roles.iter().enumerate() {
        let mut about = Vec::new();
        if role.admin {
            about.push(Span::styled(" ADMIN", look.care()));
        }
        if let Err(reason) = grantable(model, &create.context, index) {
            about.push(Span::styled(format!("  off: {reason}"), look.care()));
        } else if !role.about.is_empty() {
            about.push(Span::raw(format!("  {}", role.about)));
        }
        rows.push((role.name.clone(), about));
    }
    if capabilities.choose_roles == RoleChoice::Several {
        rows.push(("others".to_owned(), vec![Span::raw("  several, or one that is not named here")]));
    }
    rows
}

/// Returns who gets the token where nobody is named.
fn nobody_named(choice: &OwnerChoice) -> String {
    match choice {
        OwnerChoice::None => String::new(),
        OwnerChoice::Free => "(whoever the credential acts for)".to_owned(),
        OwnerChoice::Otherwise(name) => format!("({}, as the context says)", escape(name)),
        OwnerChoice::Needed => "(needed)".to_owned(),
    }
}

fn foot(look: &Look, create: &Create, sheet: &mut Sheet<'_>) {
    if let Some(failure) = &create.failure {
        sheet.failure_below(failure);
    }
    sheet.said(&create.said);
    if create.sending {
        sheet.below(Span::styled("asking… it is sent once, and not again", look.care()));
        return;
    }
    match create.focus {
        CreateField::Role | CreateField::Scope | CreateField::Context => {
            sheet.keys(&[("Left Right", "choose"), ("Up Down", "field"), ("Enter", "next"), ("Esc", "close")]);
        }
        CreateField::Submit => sheet.keys(&[("Enter", "create"), ("Up", "back to the fields"), ("Esc", "close")]),
        CreateField::Expires => {
            sheet.below("An age such as 90d or 12h, a date such as 2027-01-31, or never.");
            sheet.keys(&[("Up Down", "field"), ("Enter", "next"), ("Esc", "close")]);
        }
        CreateField::Label | CreateField::Roles | CreateField::Owner => {
            sheet.keys(&[("Up Down", "field"), ("Enter", "next"), ("Esc", "close")]);
        }
    }
}
