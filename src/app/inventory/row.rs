//! One row, by its number.

use std::borrow::Cow;

use jiff::{SignedDuration, Timestamp};

use crate::domain::{
    ContextName, Expiry, LastUse, OwnerRef, Page, State, Status, Token, TokenId, TokenKey, Untrusted, status_of,
};

/// The number of a row: it stands for the same token until its context is replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Row(pub u32);

/// A row that can be read.
#[derive(Debug, Clone, Copy)]
pub struct RowRef<'a> {
    pub(super) row: Row,
    pub(super) source: Source<'a>,
}

/// Where a row is kept.
#[derive(Debug, Clone, Copy)]
pub(super) enum Source<'a> {
    /// In the columns of a page.
    Listed(&'a Page, usize),
    /// As a token of its own, since it was changed.
    Changed(&'a ContextName, &'a Token),
}

impl<'a> RowRef<'a> {
    /// Returns its number.
    pub fn row(self) -> Row {
        self.row
    }

    /// Returns the context it is seen through.
    pub fn context(self) -> &'a ContextName {
        match self.source {
            Source::Listed(page, _) => page.context(),
            Source::Changed(context, _) => context,
        }
    }

    /// Returns its id at the backend.
    pub fn id(self) -> Untrusted<Cow<'a, str>> {
        match self.source {
            Source::Listed(page, at) => page.id(at),
            Source::Changed(_, token) => Untrusted::new(token.id.raw().into()),
        }
    }

    /// Returns the name a person gave it.
    pub fn label(self) -> Untrusted<Cow<'a, str>> {
        match self.source {
            Source::Listed(page, at) => page.label(at),
            Source::Changed(_, token) => Untrusted::new(token.label.raw().into()),
        }
    }

    /// Returns who it acts for.
    pub fn owner(self) -> OwnerRef<'a> {
        match self.source {
            Source::Listed(page, at) => page.owner(at),
            Source::Changed(_, token) => token.owner.borrowed(),
        }
    }

    /// Returns who made it; `None` where the backend does not say.
    pub fn creator(self) -> Option<Untrusted<&'a str>> {
        match self.source {
            Source::Listed(page, at) => page.creator(at),
            Source::Changed(_, token) => token.creator.as_ref().map(|name| Untrusted::new(name.raw())),
        }
    }

    /// Returns its roles; `None` where the backend does not say.
    pub fn roles(self) -> Option<impl Iterator<Item = Untrusted<&'a str>> + Clone> {
        let (listed, changed) = match self.source {
            Source::Listed(page, at) => (Some(page.roles(at)?), None),
            Source::Changed(_, token) => (None, Some(token.roles.as_ref()?)),
        };
        let changed = changed.into_iter().flatten().map(|role| Untrusted::new(role.raw()));
        Some(listed.into_iter().flatten().chain(changed))
    }

    /// Returns the secret with its middle left out; `None` where the backend does not say.
    pub fn masked(self) -> Option<Untrusted<Cow<'a, str>>> {
        match self.source {
            Source::Listed(page, at) => page.masked(at),
            Source::Changed(_, token) => token.masked.as_ref().map(|text| Untrusted::new(text.raw().into())),
        }
    }

    /// Returns when it was created; `None` where the backend does not say.
    pub fn created(self) -> Option<Timestamp> {
        match self.source {
            Source::Listed(page, at) => page.created(at),
            Source::Changed(_, token) => token.created,
        }
    }

    /// Returns when it was last used.
    pub fn last_used(self) -> LastUse {
        match self.source {
            Source::Listed(page, at) => page.last_used(at),
            Source::Changed(_, token) => token.last_used,
        }
    }

    /// Returns when it stops by itself.
    pub fn expires(self) -> Expiry {
        match self.source {
            Source::Listed(page, at) => page.expires(at),
            Source::Changed(_, token) => token.expires,
        }
    }

    /// Returns what the backend says of its life.
    pub fn state(self) -> State {
        match self.source {
            Source::Listed(page, at) => page.state(at),
            Source::Changed(_, token) => token.state,
        }
    }

    /// Returns the id of the token it dies with; `None` when it has none or the backend does not say.
    pub fn parent(self) -> Option<Untrusted<&'a str>> {
        match self.source {
            Source::Listed(page, at) => page.parent(at),
            Source::Changed(_, token) => token.parent.as_ref().map(|id| Untrusted::new(id.raw())),
        }
    }

    /// Returns its status at `now`, in a context with this window.
    pub fn status(self, now: Timestamp, window: SignedDuration) -> Status {
        status_of(self.state(), self.expires(), self.last_used(), now, window)
    }

    /// Returns it with every field the backend gave.
    pub fn token(self) -> Token {
        match self.source {
            Source::Listed(page, at) => page.token(at),
            Source::Changed(_, token) => token.clone(),
        }
    }

    /// Returns its id as one that can be asked for.
    pub fn token_id(self) -> TokenId {
        match self.source {
            Source::Listed(page, at) => page.token_id(at),
            Source::Changed(_, token) => token.id.clone(),
        }
    }

    /// Returns its identity.
    pub fn key(self) -> TokenKey {
        TokenKey { context: self.context().clone(), id: self.token_id(), created: self.created() }
    }
}
