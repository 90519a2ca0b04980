//! Tokens as they are when a question is put about them: what makes the answer heavier, and how they changed since.

use std::collections::HashMap;

use crate::app::inventory::Row;
use crate::app::model::Model;
use crate::domain::{ContextName, Owner, Protection, State, Token, TokenId, Untrusted};

/// A token of the frozen set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frozen {
    /// Its row when the question was put; `None` for one of an earlier run that is not listed.
    pub row: Option<Row>,
    /// Every field as shown.
    pub token: Token,
    /// Whether it counts as admin.
    pub admin: bool,
    /// Whether it is the operator's own credential.
    pub own: bool,
    /// How many tokens of the list name it as their parent.
    pub children: usize,
}

/// What must be typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tier {
    /// `y`.
    Yes,
    /// The label, then `Enter`.
    Label(String),
    /// The end of the id, then `Enter`.
    IdEnd(String),
    /// The number, then `Enter`.
    Count(String),
    /// The number and the context's name, then `Enter`.
    CountAndContext(String),
}

impl Tier {
    /// Returns the text that must be typed.
    pub fn expected(&self) -> &str {
        match self {
            Self::Yes => "y",
            Self::Label(text) | Self::IdEnd(text) | Self::Count(text) | Self::CountAndContext(text) => text,
        }
    }
}

/// Returns a row as it is now, with what makes its confirmation heavier.
pub(in crate::app) fn freeze(model: &Model, row: Row) -> Option<Frozen> {
    let here = model.tokens.inventory.get(row)?;
    let token = here.token();
    let state = model.context(here.context());
    let names = token.roles.as_ref().map(|roles| roles.iter().map(Untrusted::raw));
    let admin = state.is_none_or(|state| state.context.capabilities.any_admin(names));
    let own = own_token(model, here.context()) == Some(&token.id);
    Some(Frozen { row: Some(row), token, admin, own, children: 0 })
}

/// Returns the token that is the operator's own credential in a context; `None` where that is not known.
pub(in crate::app) fn own_token<'a>(model: &'a Model, name: &ContextName) -> Option<&'a TokenId> {
    model.context(name)?.identity.there()?.token.as_ref()
}

/// Counts, in one pass, the live tokens of the list that name one of these as their parent.
pub(in crate::app) fn children(model: &Model, rows: &[Row]) -> HashMap<TokenId, usize> {
    let inventory = &model.tokens.inventory;
    let mut counts: HashMap<TokenId, usize> =
        rows.iter().filter_map(|row| Some((inventory.get(*row)?.token_id(), 0))).collect();
    let Some(context) = rows.first().and_then(|row| inventory.get(*row)).map(crate::app::inventory::RowRef::context)
    else {
        return counts;
    };
    inventory.for_each_of(context, |row| {
        let parent = row.parent().filter(|_| row.state() != State::Revoked);
        let parent = parent.and_then(|parent| TokenId::parse(parent.raw()).ok());
        if let Some(count) = parent.and_then(|id| counts.get_mut(&id)) {
            *count += 1;
        }
    });
    counts
}

/// Returns what must be typed. A protected context raises every tier, nothing lowers one.
pub(super) fn tier(model: &Model, name: &ContextName, tokens: &[Frozen]) -> Tier {
    let protected = model.context(name).is_none_or(|state| state.context.protection == Protection::Protected);
    let heavy = protected || tokens.iter().any(|frozen| frozen.admin || frozen.own);
    match (tokens, heavy) {
        ([_], false) => Tier::Yes,
        ([one], true) => label_or_id(model, one),
        (many, false) => Tier::Count(many.len().to_string()),
        (many, true) => Tier::CountAndContext(format!("{} {name}", many.len())),
    }
}

/// Returns the label where it can be typed and names one token only, else the end of the id.
fn label_or_id(model: &Model, frozen: &Frozen) -> Tier {
    let label = frozen.token.label.raw();
    let plain = !label.is_empty() && label.len() <= 40 && label.bytes().all(|b| (0x20..0x7f).contains(&b));
    let trimmed = label.trim() == label;
    let inventory = &model.tokens.inventory;
    if plain && trimmed && frozen.row.is_some_and(|row| inventory.same_label(row) == 0) {
        Tier::Label(label.to_owned())
    } else {
        // Two rows with one id: nothing shorter than the whole id is left to type.
        let whole = || frozen.token.id.raw().to_owned();
        Tier::IdEnd(frozen.row.and_then(|row| inventory.unique_id_end(row)).unwrap_or_else(whole))
    }
}

/// Says in words how a token differs from what was shown.
pub(in crate::app) fn differences(shown: &Token, now: &Token) -> Vec<String> {
    let mut words = Vec::new();
    let mut differ = |what: &str, before: String, after: String| {
        if before != after {
            words.push(format!("{what} was {before}, is {after}"));
        }
    };
    differ("label", format!("\"{}\"", shown.label), format!("\"{}\"", now.label));
    differ("owner", owner(shown), owner(now));
    differ("role", roles(shown), roles(now));
    differ("created", created(shown), created(now));
    differ("switch", switch(shown), switch(now));
    words
}

fn owner(token: &Token) -> String {
    match &token.owner {
        Owner::Unknown => "unknown".to_owned(),
        Owner::Known(name) => name.to_string(),
        Owner::Removed(name) => format!("{name} (removed)"),
    }
}

fn roles(token: &Token) -> String {
    let names = |roles: &Vec<Untrusted>| roles.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    token.roles.as_ref().map_or_else(|| "not reported".to_owned(), names)
}

fn created(token: &Token) -> String {
    token.created.map_or_else(|| "not reported".to_owned(), |moment| format!("{moment:.0}"))
}

fn switch(token: &Token) -> String {
    if token.state == State::Disabled { "off".to_owned() } else { "on".to_owned() }
}
