//! How rows become columns.

use std::ops::Range;

use jiff::Timestamp;

use super::names::{NameNumbers, SetNumbers};
use super::{Extras, Ids, MASKED, Moments, Names, Page, REMOVED, RoleSets, Sparse, Texts};
use crate::domain::name::InvalidName;
use crate::domain::{ContextName, Expiry, LastUse, Owner, State, Token, TokenId, Untrusted};

/// One row as a backend gave it; nothing in it is copied before it is taken.
#[derive(Debug, Clone, Copy)]
pub struct TokenRow<'a> {
    /// The id at the backend.
    pub id: &'a str,
    /// The name a person gave it; may be empty.
    pub label: &'a str,
    /// Who it acts for.
    pub owner: OwnerRef<'a>,
    /// Who made it; `None` where the backend does not say.
    pub creator: Option<&'a str>,
    /// Access levels; `None` where the backend does not say.
    pub roles: Option<&'a [&'a str]>,
    /// The secret with its middle left out; `None` where the backend does not say.
    pub masked: Option<&'a str>,
    /// When it was created; `None` where the backend does not say.
    pub created: Option<Timestamp>,
    /// When it was last used.
    pub last_used: LastUse,
    /// When it stops by itself.
    pub expires: Expiry,
    /// What the backend says of its life.
    pub state: State,
    /// The id of the token it dies with; `None` when it has none or the backend does not say.
    pub parent: Option<&'a str>,
    /// The backend's name for this version of the row; `None` where it has none.
    pub version: Option<&'a str>,
    /// Every other field, as name and text, secrets removed.
    pub extra: &'a [(Box<str>, Untrusted)],
}

impl<'a> TokenRow<'a> {
    /// Returns a row with an id and a label, of which nothing else is reported.
    pub const fn new(id: &'a str, label: &'a str) -> Self {
        Self {
            id,
            label,
            owner: OwnerRef::Unknown,
            creator: None,
            roles: None,
            masked: None,
            created: None,
            last_used: LastUse::NotReported,
            expires: Expiry::NotReported,
            state: State::Live,
            parent: None,
            version: None,
            extra: &[],
        }
    }
}

/// Who a row acts for, borrowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OwnerRef<'a> {
    /// The backend does not say.
    Unknown,
    /// Somebody who is still there. Untrusted text.
    Known(&'a str),
    /// Somebody who was removed from the backend. Untrusted text.
    Removed(&'a str),
}

impl<'a> OwnerRef<'a> {
    /// Returns the name, if there is one.
    pub fn name(self) -> Option<Untrusted<&'a str>> {
        match self {
            Self::Unknown => None,
            Self::Known(name) | Self::Removed(name) => Some(Untrusted::new(name)),
        }
    }

    /// Returns the same, owned.
    pub fn to_owner(self) -> Owner {
        match self {
            Self::Unknown => Owner::Unknown,
            Self::Known(name) => Owner::Known(name.into()),
            Self::Removed(name) => Owner::Removed(name.into()),
        }
    }
}

/// The most text that one page takes: places in it are 32 bits wide.
const MOST_BYTES: usize = 3 << 30;

/// A page in the making.
#[derive(Debug)]
pub struct PageBuilder {
    page: Page,
    owners: NameNumbers,
    creators: NameNumbers,
    roles: SetNumbers,
    extras: NameNumbers,
}

impl PageBuilder {
    /// Begins a page.
    pub fn new(context: ContextName) -> Self {
        let page = Page {
            context,
            text: Texts::default(),
            owner: Vec::new(),
            owners: Names::default(),
            creator: Vec::new(),
            creators: Names::default(),
            roles: Vec::new(),
            role_sets: RoleSets::default(),
            created: Moments::default(),
            used: Moments::default(),
            expires: Moments::default(),
            flags: Vec::new(),
            parent: Sparse::default(),
            version: Sparse::default(),
            extra: Extras::default(),
            ids: Ids::default(),
        };
        Self {
            page,
            owners: NameNumbers::default(),
            creators: NameNumbers::default(),
            roles: SetNumbers::default(),
            extras: NameNumbers::default(),
        }
    }

    /// Begins a page that all rows of others will be appended to: no column has to grow.
    pub fn joining<'a>(context: ContextName, pages: impl Iterator<Item = &'a Page> + Clone) -> Self {
        let mut builder = Self::new(context);
        let page = &mut builder.page;
        let rows = pages.clone().map(Page::len).sum();
        for column in [&mut page.owner, &mut page.creator, &mut page.roles] {
            column.reserve_exact(rows);
        }
        page.flags.reserve_exact(rows);
        page.text.reserve(pages.clone().map(|page| &page.text));
        page.created.reserve(pages.clone().map(|page| &page.created));
        page.used.reserve(pages.clone().map(|page| &page.used));
        page.expires.reserve(pages.clone().map(|page| &page.expires));
        page.parent.reserve(pages.clone().map(|page| &page.parent));
        page.version.reserve(pages.clone().map(|page| &page.version));
        page.extra.reserve(pages.map(|page| &page.extra));
        builder
    }

    /// Appends a row.
    ///
    /// # Errors
    /// When its id or its parent's is none, or the page is full (3 GiB of text); the row is then not taken.
    pub fn push(&mut self, row: &TokenRow<'_>) -> Result<(), InvalidName> {
        TokenId::check(row.id)?;
        row.parent.map_or(Ok(()), TokenId::check)?;
        if self.page.text.lowered().bytes().len() > MOST_BYTES {
            return Err(InvalidName::new("page", "has over 3 GiB of text"));
        }
        let roles = row.roles.map(|roles| roles.iter().copied());
        self.take(row, roles);
        Ok(())
    }

    /// Appends a token.
    pub fn push_token(&mut self, token: &Token) {
        let roles = token.roles.as_ref().map(|roles| roles.iter().map(Untrusted::raw));
        let row = TokenRow {
            id: token.id.raw(),
            label: token.label.raw(),
            owner: token.owner.borrowed(),
            creator: token.creator.as_ref().map(Untrusted::raw),
            roles: None,
            masked: token.masked.as_ref().map(Untrusted::raw),
            created: token.created,
            last_used: token.last_used,
            expires: token.expires,
            state: token.state,
            parent: token.parent.as_ref().map(TokenId::raw),
            version: token.version.as_ref().map(Untrusted::raw),
            extra: &token.extra,
        };
        self.take(&row, roles);
    }

    /// Returns how many rows there are so far.
    pub fn len(&self) -> usize {
        self.page.len()
    }

    /// Tells whether there are none.
    pub fn is_empty(&self) -> bool {
        self.page.is_empty()
    }

    /// Appends rows of another page of the same context.
    pub fn append(&mut self, other: &Page, rows: Range<usize>) {
        let base = self.page.len();
        let page = &mut self.page;
        page.text.append(&other.text, &rows);
        let mut owners = Renumber::new(other.owners.len());
        page.owner.extend(
            other.owner[rows.clone()].iter().map(|owner| {
                owners.number(*owner, |name| self.owners.number(&mut page.owners, other.owners.get(name)))
            }),
        );
        let mut creators = Renumber::new(other.creators.len());
        page.creator.extend(other.creator[rows.clone()].iter().map(|creator| {
            creators.number(*creator, |name| self.creators.number(&mut page.creators, other.creators.get(name)))
        }));
        let mut sets = Renumber::new(other.role_sets.len());
        page.roles.extend(other.roles[rows.clone()].iter().map(|set| {
            sets.number(set + 1, |set| self.roles.number(&mut page.role_sets, other.role_sets.get(set))) - 1
        }));
        page.created.append(&other.created, rows.clone());
        page.used.append(&other.used, rows.clone());
        page.expires.append(&other.expires, rows.clone());
        page.flags.extend_from_slice(&other.flags[rows.clone()]);
        page.parent.append(&other.parent, &rows, base);
        page.version.append(&other.version, &rows, base);
        page.extra.append(&mut self.extras, &other.extra, &rows, base);
    }

    /// Ends the page.
    pub fn finish(self) -> Page {
        let mut page = self.page;
        page.text.shrink();
        page.owners.shrink();
        page.creators.shrink();
        page.role_sets.names.shrink();
        page.role_sets.sets.shrink_to_fit();
        for column in [&mut page.owner, &mut page.creator, &mut page.roles] {
            column.shrink_to_fit();
        }
        for column in [&mut page.created, &mut page.used, &mut page.expires] {
            column.shrink();
        }
        page.flags.shrink_to_fit();
        page.parent.shrink();
        page.version.shrink();
        page.extra.shrink();
        page.ids = Ids::new(page.len(), |row| page.lowered_id(row));
        page
    }

    /// Appends a row whose ids are lawful; `row.roles` is not read.
    fn take<'r>(&mut self, row: &TokenRow<'_>, roles: Option<impl Iterator<Item = &'r str>>) {
        let page = &mut self.page;
        let at = page.flags.len();
        page.text.push([row.label, row.masked.unwrap_or_default(), row.id]);
        page.owner.push(row.owner.name().map_or(0, |name| 1 + self.owners.number(&mut page.owners, name.raw())));
        page.creator.push(row.creator.map_or(0, |name| 1 + self.creators.number(&mut page.creators, name)));
        page.roles.push(self.roles.number(&mut page.role_sets, roles));
        page.created.push(row.created.into());
        page.used.push(row.last_used.into());
        page.expires.push(row.expires.into());
        let state = match row.state {
            State::Live => 0,
            State::Disabled => 1,
            State::Expired => 2,
            State::Revoked => 3,
        };
        let masked = if row.masked.is_some() { MASKED } else { 0 };
        let removed = if matches!(row.owner, OwnerRef::Removed(_)) { REMOVED } else { 0 };
        page.flags.push(state | masked | removed);
        if let Some(parent) = row.parent {
            page.parent.push(at, parent.as_bytes());
        }
        if let Some(version) = row.version {
            page.version.push(at, version.as_bytes());
        }
        page.extra.push(&mut self.extras, at, row.extra);
    }
}

/// From the numbers of one page's names to those of another: each name is looked up once.
struct Renumber(Vec<u32>);

impl Renumber {
    fn new(names: usize) -> Self {
        Self(vec![0; names])
    }

    /// Returns one more than the new number of the name of which `old` is one more than the number; 0 stays 0.
    fn number(&mut self, old: u32, look_up: impl FnOnce(u32) -> u32) -> u32 {
        let Some(name) = old.checked_sub(1) else { return 0 };
        let new = &mut self.0[crate::domain::index(name)];
        if *new == 0 {
            *new = 1 + look_up(name);
        }
        *new
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::token::tests::token;
    use super::super::Sought;
    use super::*;

    fn prod() -> ContextName {
        ContextName::parse("prod").expect("a lawful name")
    }

    fn tokens() -> Vec<Token> {
        let moment: Timestamp = "2026-01-01T00:00:00.5Z".parse().expect("a moment");
        vec![
            token("a1", "ci"),
            Token { owner: Owner::Unknown, creator: None, roles: None, created: None, ..token("B2", "CI Deploy") },
            Token { roles: Some(vec![]), masked: Some("".into()), ..token("é", "Ärger") },
            Token {
                owner: Owner::Removed("Ana".into()),
                roles: Some(vec!["admin".into(), "reader".into()]),
                masked: Some("tk…9".into()),
                created: Some(moment),
                last_used: LastUse::At(moment),
                expires: Expiry::At(Timestamp::MAX),
                state: State::Revoked,
                parent: Some(TokenId::parse("a1").expect("an id")),
                version: Some("W/1".into()),
                extra: vec![("ip".into(), "::1".into()), ("ttl".into(), "".into())],
                ..token("d4", "")
            },
            Token { last_used: LastUse::NotReported, expires: Expiry::NotReported, ..token("a1", "again") },
        ]
    }

    #[test]
    fn tokens_come_back_as_they_went_in() {
        let tokens = tokens();
        let page = Page::from_tokens(&prod(), &tokens);
        for (row, token) in tokens.iter().enumerate() {
            assert_eq!(page.token(row), *token);
            assert_eq!(page.find(&Sought::new(token.id.raw()), |at| at == row), Some(row));
        }
        assert_eq!(page.find(&Sought::new("nope"), |_| true), None);
    }

    #[test]
    fn appended_rows_are_the_same_rows() {
        let tokens = tokens();
        let page = Page::from_tokens(&prod(), &tokens);
        for cut in 0..=tokens.len() {
            let mut builder = PageBuilder::new(prod());
            builder.push_token(&token("first", "First"));
            builder.append(&page, cut..tokens.len());
            builder.append(&page, 0..cut);
            let joined = builder.finish();
            let expected = tokens[cut..].iter().chain(&tokens[..cut]);
            for (row, token) in expected.enumerate() {
                assert_eq!(joined.token(row + 1), *token, "cut at {cut}");
            }
        }
    }

    #[test]
    fn a_row_without_a_lawful_id_is_not_taken() {
        let mut builder = PageBuilder::new(prod());
        assert!(builder.push(&TokenRow::new("..", "x")).is_err());
        assert!(builder.push(&TokenRow { parent: Some(""), ..TokenRow::new("1", "x") }).is_err());
        assert!(builder.push(&TokenRow::new("1", "x")).is_ok());
        assert_eq!(builder.finish().len(), 1);
    }
}
