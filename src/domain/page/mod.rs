//! Pages: as they came, and decoded into columns.

mod builder;
mod extras;
mod ids;
mod moments;
mod names;
mod raw;
mod repeats;
mod search;
mod short;
mod status;
mod text;

use std::borrow::Cow;
use std::fmt;

use jiff::Timestamp;

use super::{ContextName, Expiry, LastUse, Owner, State, Status, Token, TokenId, Untrusted, index};
pub use builder::{OwnerRef, PageBuilder, TokenRow};
use extras::Extras;
use ids::Ids;
pub use ids::Sought;
pub(crate) use moments::Moments;
pub use moments::Stamp;
pub(crate) use names::{Names, RoleSets};
pub use raw::{Holds, RawPage};
pub use search::{Scope, Search};
pub use status::StatusRule;
pub use text::fold;
use text::{Sparse, Texts, Which, text_of};

/// Rows of one context, as columns: what a page of the list, or several behind one another, were decoded into.
///
/// Numbers of rows are those within the page. A row number that is not in the page panics, as an index does.
#[derive(Clone, PartialEq, Eq)]
pub struct Page {
    context: ContextName,
    text: Texts,
    /// 0 where the owner is not known, else one more than the number of the name.
    owner: Vec<u32>,
    owners: Names,
    /// 0 where the creator is not known, else one more than the number of the name.
    creator: Vec<u32>,
    creators: Names,
    roles: Vec<u32>,
    role_sets: RoleSets,
    created: Moments,
    used: Moments,
    expires: Moments,
    flags: Vec<u8>,
    parent: Sparse,
    version: Sparse,
    extra: Extras,
    ids: Ids,
}

/// The two bits of a row's state, and one each for what else is yes or no.
const STATE: u8 = 0b0011;
const MASKED: u8 = 0b0100;
const REMOVED: u8 = 0b1000;

impl Page {
    /// Makes a page of tokens.
    pub fn from_tokens(context: &ContextName, tokens: &[Token]) -> Self {
        let mut builder = PageBuilder::new(context.clone());
        for token in tokens {
            builder.push_token(token);
        }
        builder.finish()
    }

    /// Returns the context that all its rows are seen through.
    pub fn context(&self) -> &ContextName {
        &self.context
    }

    /// Returns how many rows there are.
    pub fn len(&self) -> usize {
        self.flags.len()
    }

    /// Tells whether there are none.
    pub fn is_empty(&self) -> bool {
        self.flags.is_empty()
    }

    /// Returns the id of a row.
    pub fn id(&self, row: usize) -> Untrusted<Cow<'_, str>> {
        Untrusted::new(self.text.field(row, Which::Id))
    }

    /// Returns the label of a row.
    pub fn label(&self, row: usize) -> Untrusted<Cow<'_, str>> {
        Untrusted::new(self.text.field(row, Which::Label))
    }

    /// Returns the masked secret of a row; `None` where the backend does not say.
    pub fn masked(&self, row: usize) -> Option<Untrusted<Cow<'_, str>>> {
        (self.flags[row] & MASKED != 0).then(|| Untrusted::new(self.text.field(row, Which::Masked)))
    }

    /// Returns who a row acts for.
    pub fn owner(&self, row: usize) -> OwnerRef<'_> {
        match self.owner[row].checked_sub(1).map(|name| self.owners.get(name)) {
            None => OwnerRef::Unknown,
            Some(name) if self.flags[row] & REMOVED != 0 => OwnerRef::Removed(name),
            Some(name) => OwnerRef::Known(name),
        }
    }

    /// Returns who made a row; `None` where the backend does not say.
    pub fn creator(&self, row: usize) -> Option<Untrusted<&str>> {
        self.creator[row].checked_sub(1).map(|name| Untrusted::new(self.creators.get(name)))
    }

    /// Returns the roles of a row; `None` where the backend does not say.
    pub fn roles(&self, row: usize) -> Option<impl Iterator<Item = Untrusted<&str>> + Clone> {
        self.role_sets.get(self.roles[row]).map(|names| names.map(Untrusted::new))
    }

    /// Returns when a row was created; `None` where the backend does not say.
    pub fn created(&self, row: usize) -> Option<Timestamp> {
        self.created.get(row).moment()
    }

    /// Returns when a row was last used.
    pub fn last_used(&self, row: usize) -> LastUse {
        self.used.get(row).last_use()
    }

    /// Returns when a row stops by itself.
    pub fn expires(&self, row: usize) -> Expiry {
        self.expires.get(row).expiry()
    }

    /// Returns what the backend says of a row's life.
    pub fn state(&self, row: usize) -> State {
        match self.flags[row] & STATE {
            0 => State::Live,
            1 => State::Disabled,
            2 => State::Expired,
            _ => State::Revoked,
        }
    }

    /// Returns the status of a row.
    #[inline]
    pub fn status(&self, row: usize, rule: &StatusRule) -> Status {
        rule.status(self.state(row), self.expires.get(row), self.used.get(row))
    }

    /// Returns the token that a row dies with; `None` when it has none or the backend does not say.
    pub fn parent(&self, row: usize) -> Option<Untrusted<&str>> {
        self.parent.get(row).map(|text| Untrusted::new(text_of(text)))
    }

    /// Returns the backend's name for this version of a row; `None` where it has none.
    pub fn version(&self, row: usize) -> Option<Untrusted<&str>> {
        self.version.get(row).map(|text| Untrusted::new(text_of(text)))
    }

    /// Returns the id of a row as one that can be asked for.
    pub fn token_id(&self, row: usize) -> TokenId {
        TokenId::again(self.id(row).raw())
    }

    /// Returns a row with every field the backend gave.
    pub fn token(&self, row: usize) -> Token {
        Token {
            id: self.token_id(row),
            label: self.label(row).to_boxed(),
            owner: self.owner(row).to_owner(),
            creator: self.creator(row).map(|name| name.to_boxed()),
            roles: self.roles(row).map(|roles| roles.map(|role| role.to_boxed()).collect()),
            masked: self.masked(row).map(|masked| masked.to_boxed()),
            created: self.created(row),
            last_used: self.last_used(row),
            expires: self.expires(row),
            state: self.state(row),
            parent: self.parent(row).map(|id| TokenId::again(id.raw())),
            version: self.version(row).map(|version| version.to_boxed()),
            extra: self.extra.get(row),
        }
    }

    /// Tells whether a row and one of another page of the same context say the same in every field.
    pub fn is_same(&self, row: usize, other: &Self, at: usize) -> bool {
        self.text.lowered().get(row) == other.text.lowered().get(at)
            && self.flags[row] == other.flags[at]
            && self.used.get(row) == other.used.get(at)
            && self.expires.get(row) == other.expires.get(at)
            && self.created.get(row) == other.created.get(at)
            && self.version(row) == other.version(at)
            && self.parent(row) == other.parent(at)
            && self.owner(row) == other.owner(at)
            && self.creator(row) == other.creator(at)
            && self.role_sets.are_same(self.roles[row], &other.role_sets, other.roles[at])
            && self.label(row) == other.label(at)
            && self.masked(row) == other.masked(at)
            && self.id(row) == other.id(at)
            && self.extra.get(row) == other.extra.get(at)
    }

    /// Returns the first row with this id that `test` holds for, among those of the page, in no order.
    pub fn find(&self, id: &Sought<'_>, mut test: impl FnMut(usize) -> bool) -> Option<usize> {
        self.ids.find(id, |row| self.lowered_id(row) == id.lowered() && self.id(row).raw() == id.id() && test(row))
    }

    /// Returns the id of a row as it is searched.
    fn lowered_id(&self, row: usize) -> &[u8] {
        let text = self.text.lowered().get(row);
        &text[Which::Id.place(text)]
    }
}

/// What filtering and sorting read, column by column.
impl Page {
    pub(crate) fn owner_numbers(&self) -> (&[u32], &Names) {
        (&self.owner, &self.owners)
    }

    pub(crate) fn role_numbers(&self) -> (&[u32], &RoleSets) {
        (&self.roles, &self.role_sets)
    }

    pub(crate) fn moments(&self) -> [&Moments; 3] {
        [&self.created, &self.used, &self.expires]
    }

    /// Returns the lowered label of a row.
    pub(crate) fn lowered_label(&self, row: usize) -> &[u8] {
        let text = self.text.lowered().get(row);
        &text[Which::Label.place(text)]
    }

    /// Returns the lowered masked secret of a row; empty where there is none.
    pub(crate) fn lowered_masked(&self, row: usize) -> &[u8] {
        let text = self.text.lowered().get(row);
        &text[Which::Masked.place(text)]
    }

    /// Returns text that ends with the lowered id of a row.
    pub(crate) fn lowered_to_id(&self, row: usize) -> &[u8] {
        self.text.lowered().get(row)
    }

    /// Returns the rows whose lowered label is exactly this.
    pub(crate) fn rows_labelled<'a>(&'a self, lowered: &'a [u8]) -> impl Iterator<Item = usize> + 'a {
        self.search_label(lowered).into_iter()
    }

    /// Returns the number of the owner's name in a row, if known.
    pub(crate) fn owner_number(&self, row: usize) -> Option<u32> {
        self.owner[row].checked_sub(1)
    }

    /// Returns the number of the set of roles of a row.
    pub(crate) fn role_set(&self, row: usize) -> usize {
        index(self.roles[row])
    }
}

impl fmt::Debug for Page {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Page({}, {} rows)", self.context, self.len())
    }
}

impl Owner {
    /// Returns the same, borrowed.
    pub fn borrowed(&self) -> OwnerRef<'_> {
        match self {
            Self::Unknown => OwnerRef::Unknown,
            Self::Known(name) => OwnerRef::Known(name.raw()),
            Self::Removed(name) => OwnerRef::Removed(name.raw()),
        }
    }
}
