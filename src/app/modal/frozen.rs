//! Tokens as they are when a question is put about them: what makes the answer heavier, and how they changed since.

use std::collections::HashMap;

use crate::app::inventory::Row;
use crate::app::model::Model;
use crate::domain::{ContextName, Owner, Protection, State, Token, TokenId, TokenKey, Untrusted};

/// A token of the frozen set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frozen {
    /// Where it is.
    pub context: ContextName,
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
    /// The number and the name of each context that makes it heavier, then `Enter`.
    CountAndContext(String),
}

impl Frozen {
    /// Returns what names it among the tokens of all contexts.
    pub fn key(&self) -> TokenKey {
        self.token.key(&self.context)
    }
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
    Some(Frozen { context: here.context().clone(), row: Some(row), token, admin, own, children: 0 })
}

/// Returns the token that is the operator's own credential in a context; `None` where that is not known.
pub(in crate::app) fn own_token<'a>(model: &'a Model, name: &ContextName) -> Option<&'a TokenId> {
    model.context(name)?.identity.there()?.token.as_ref()
}

/// Counts, in one pass over each of their contexts, the live tokens of the list that name one of these as their parent.
pub(in crate::app) fn count_children(model: &Model, tokens: &mut [Frozen]) {
    for context in contexts(tokens) {
        let within = tokens.iter_mut().filter(|frozen| frozen.context == context);
        let mut counts: HashMap<TokenId, &mut usize> =
            within.map(|frozen| (frozen.token.id.clone(), &mut frozen.children)).collect();
        model.tokens.inventory.for_each_of(&context, |row| {
            let parent = row.parent().filter(|_| row.state() != State::Revoked);
            let parent = parent.and_then(|parent| TokenId::parse(parent.raw()).ok());
            if let Some(count) = parent.and_then(|id| counts.get_mut(&id)) {
                **count += 1;
            }
        });
    }
}

/// Returns the contexts of tokens, in the order in which they come first.
pub(super) fn contexts(tokens: &[Frozen]) -> Vec<ContextName> {
    let mut names: Vec<ContextName> = Vec::new();
    for frozen in tokens {
        // Tokens of one context stand together.
        if names.last() != Some(&frozen.context) && !names.contains(&frozen.context) {
            names.push(frozen.context.clone());
        }
    }
    names
}

/// Returns what must be typed. A protected context raises every tier, nothing lowers one; of several contexts each that
/// raises it is named.
pub(super) fn tier(model: &Model, tokens: &[Frozen]) -> Tier {
    let protected =
        |name: &ContextName| model.context(name).is_none_or(|state| state.context.protection == Protection::Protected);
    let within =
        |name: &ContextName| tokens.iter().any(|frozen| frozen.context == *name && (frozen.admin || frozen.own));
    let heavy: Vec<_> = contexts(tokens).into_iter().filter(|name| protected(name) || within(name)).collect();
    match (tokens, heavy.as_slice()) {
        ([_], []) => Tier::Yes,
        ([one], _) => label_or_id(model, one),
        (many, []) => Tier::Count(many.len().to_string()),
        (many, names) => {
            let words = names.iter().map(ToString::to_string);
            let words: Vec<_> = std::iter::once(many.len().to_string()).chain(words).collect();
            Tier::CountAndContext(words.join(" "))
        }
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
