//! The form that changes a label or an expiry.

use super::{Modal, Next, is_escape};
use crate::app::effect::Effect;
use crate::app::expiry;
use crate::app::field::Field;
use crate::app::inventory::Row;
use crate::app::key::{Code, Key, Stroke};
use crate::app::model::Model;
use crate::app::pending::{self, About};
use crate::domain::{Change, ContextName, Deed, Failure, Operation, State, Token};

/// The form over one token.
#[derive(Debug, Clone, PartialEq)]
pub struct Edit {
    /// The context.
    pub context: ContextName,
    /// Its row.
    pub row: Row,
    /// The token as it was when the form was opened.
    pub token: Token,
    /// The new label.
    pub label: Field,
    /// The new expiry as typed; empty to leave it.
    pub expires: Field,
    /// The field that keys go to.
    pub focus: EditField,
    /// What is wrong with the form; empty for nothing.
    pub said: String,
    /// Whether it is on its way.
    pub sending: bool,
    /// Why the last attempt failed without effect; `None` before one did.
    pub failure: Option<Failure>,
}

/// The fields of the form, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EditField {
    /// The label.
    Label,
    /// The expiry.
    Expires,
    /// The button.
    Submit,
}

/// Opens the form over the token under the cursor.
pub(in crate::app) fn open_edit(model: &mut Model) {
    let Some(row) = model.tokens.cursor else { return };
    match form(model, row) {
        Some(form) => model.modals.push(Modal::Edit(Box::new(form))),
        None => model.messages.say(model.now, "a revoked token cannot be edited"),
    }
}

/// Returns the form over a token as it opens; `None` for a dead one.
pub(super) fn form(model: &Model, row: Row) -> Option<Edit> {
    let here = model.tokens.inventory.get(row).filter(|row| row.state() != State::Revoked)?;
    let (token, context) = (here.token(), here.context().clone());
    let editable = model.context(&context).is_some_and(|s| s.context.capabilities.edit_label.offered());
    Some(Edit {
        context,
        row,
        label: Field::with(token.label.raw()),
        expires: Field::default(),
        token,
        focus: if editable { EditField::Label } else { EditField::Expires },
        said: String::new(),
        sending: false,
        failure: None,
    })
}

/// Closes the form that waited for a deed, wherever it stands; another one that is being filled in stays.
#[expect(clippy::wildcard_enum_match_arm, reason = "the others are alike")]
pub(in crate::app) fn edited(model: &mut Model, deed: &Deed) {
    model.modals.retain(|modal| match modal {
        Modal::Edit(edit) => !(edit.sending && matches!(deed, Deed::Edit { .. })),
        Modal::Create(create) => !(create.sending && matches!(deed, Deed::Create { .. })),
        _ => true,
    });
}

impl Edit {
    /// Takes pasted text into the field that has the keys.
    pub(super) fn paste(&mut self, text: &str) {
        if let Some(field) = self.field() {
            field.paste(text);
        }
    }

    fn field(&mut self) -> Option<&mut Field> {
        match self.focus {
            EditField::Label => Some(&mut self.label),
            EditField::Expires => Some(&mut self.expires),
            EditField::Submit => None,
        }
    }

    /// Returns the fields that this context has, in order.
    pub fn fields(&self, model: &Model) -> Vec<EditField> {
        let capabilities = model.context(&self.context).map(|state| &state.context.capabilities);
        let label = capabilities.is_some_and(|c| c.edit_label.offered()).then_some(EditField::Label);
        let expires = capabilities.is_some_and(|c| c.edit_expiry.offered()).then_some(EditField::Expires);
        label.into_iter().chain(expires).chain([EditField::Submit]).collect()
    }
}

/// Takes a key.
#[expect(clippy::wildcard_enum_match_arm, reason = "every other key is text, or nothing")]
pub(super) fn press(model: &mut Model, edit: &mut Edit, key: Key, effects: &mut Vec<Effect>) -> Next {
    if edit.sending {
        return Next::Stay;
    }
    if is_escape(key) {
        return Next::Close;
    }
    edit.said.clear();
    let fields = edit.fields(model);
    let at = fields.iter().position(|field| *field == edit.focus).unwrap_or(0);
    let turned = |by: usize| fields[(at + by) % fields.len()];
    match key.code {
        Code::Enter if edit.focus == EditField::Submit && key.stroke == Stroke::Press => submit(model, edit, effects),
        Code::Tab | Code::Down | Code::Enter => edit.focus = turned(1),
        Code::BackTab | Code::Up => edit.focus = turned(fields.len() - 1),
        Code::Char('q' | 'n') if edit.focus == EditField::Submit => return Next::Close,
        _ => {
            if let Some(field) = edit.field() {
                field.press(key);
            }
        }
    }
    Next::Stay
}

/// Sends what is changed, or says what is wrong with it.
pub(super) fn submit(model: &mut Model, edit: &mut Edit, effects: &mut Vec<Effect>) {
    match change(model, edit) {
        Err(said) => edit.said = said,
        Ok((change, words)) => {
            edit.sending = true;
            edit.failure = None;
            let label = edit.token.label.shown().into_owned();
            let deed = Deed::Edit { id: edit.token.id.clone(), label, change: words };
            let operation = Operation::Edit(edit.token.id.clone(), change);
            pending::begin(model, &edit.context, deed, operation, About::default(), effects);
        }
    }
}

/// Returns only what is changed, and the words for the journal.
fn change(model: &Model, edit: &Edit) -> Result<(Change, String), String> {
    let typed = edit.label.text().trim();
    let label = (typed != edit.token.label.raw()).then(|| typed.to_owned());
    if label.as_deref() == Some("") {
        return Err("a label is needed: it is how the token is found again".to_owned());
    }
    let expires = match edit.expires.text().trim() {
        "" => None,
        text => Some(expiry::parse(text, model.now)?),
    };
    let words: Vec<&str> = label.as_ref().map(|_| "label").into_iter().chain(expires.map(|_| "expiry")).collect();
    if words.is_empty() {
        return Err("nothing is changed".to_owned());
    }
    let words = words.join(", ");
    Ok((Change { label, expires, version: edit.token.version.clone(), asked: model.now }, words))
}
