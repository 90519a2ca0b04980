//! What a list tells of the values of its tokens, and what a value has in common with that.

use super::{Bare, Candidate, Looks, Secret, check};
use crate::domain::TokenId;

/// How many characters of a masked value have to agree, beside what all values of its kind share.
pub const FEWEST: usize = 4;

/// What the values of a backend look like, and what its list tells of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValueForm {
    /// What they begin with; empty where that is not described.
    pub begins: Vec<String>,
    /// The forms that they may have without a prefix.
    pub bare: Vec<&'static Bare>,
    /// Where in a value its token's id stands; `None` for nowhere.
    pub holds_id: Option<IdPlace>,
    /// Which hash of the value the id is; `None` for none.
    pub id_is: Option<Digest>,
    /// What the list shows of a value.
    pub shown: Shown,
}

/// Where in a value an id stands: texts, with anything between them, and the id in one of the gaps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdPlace {
    before: Vec<String>,
    after: Vec<String>,
}

/// A hash that a service publishes instead of the value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Digest {
    /// SHA-256.
    Sha256,
    /// SHA-512.
    Sha512,
}

impl Digest {
    /// Every hash, with its word in descriptions.
    pub const ALL: [(&'static str, Self); 2] = [("sha256", Self::Sha256), ("sha512", Self::Sha512)];

    /// Returns its name.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Sha256 => "SHA-256",
            Self::Sha512 => "SHA-512",
        }
    }
}

/// What a list shows of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// Nothing.
    Nothing,
    /// Some of its characters, which others may have too.
    Some,
    /// Characters that no other value has.
    Unique,
}

/// Whether a value may be one of a backend's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum May {
    /// Its form is another.
    No,
    /// Nothing speaks against it.
    Maybe,
    /// Its form is that.
    Yes,
}

impl IdPlace {
    /// Reads a place, as `tdk_*_{id}_*`.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let Some((before, after)) = text.split_once("{id}") else { return Err("has no {id} in it") };
        if after.contains("{id}") {
            return Err("has more than one {id} in it");
        }
        let borders = |text: &str, at: Option<char>| !text.is_empty() && at == Some('*');
        if borders(before, before.chars().next_back()) || borders(after, after.chars().next()) {
            return Err("has a * beside {id}, so that nobody knows where the id ends");
        }
        if before.is_empty() && after.is_empty() {
            return Err("says that the value is the id");
        }
        let texts = |text: &str| text.split('*').map(str::to_owned).collect();
        Ok(Self { before: texts(before), after: texts(after) })
    }

    /// Returns the id that stands in a value.
    fn find<'v>(&self, value: &'v str) -> Option<&'v str> {
        let mut rest = value;
        for (at, text) in self.before.iter().enumerate() {
            let found = if at == 0 { rest.strip_prefix(text.as_str())? } else { rest.split_once(text.as_str())?.1 };
            rest = found;
        }
        let stop = self.after.first().map_or("", String::as_str);
        let (id, mut behind) = if stop.is_empty() { (rest, "") } else { rest.split_once(stop)? };
        for text in self.after.iter().skip(1) {
            behind = if text.is_empty() { "" } else { behind.split_once(text.as_str())?.1 };
        }
        (!id.is_empty() && behind.is_empty()).then_some(id)
    }
}

impl ValueForm {
    /// Returns what is known where a description says nothing.
    pub const fn unknown() -> Self {
        Self { begins: Vec::new(), bare: Vec::new(), holds_id: None, id_is: None, shown: Shown::Nothing }
    }

    /// Tells whether the list tells anything that a value can be compared with.
    pub fn tells(&self) -> bool {
        self.holds_id.is_some() || self.id_is.is_some() || self.shown != Shown::Nothing
    }

    /// Tells whether a value may be one of this backend's.
    pub fn may_have(&self, candidate: &Candidate) -> May {
        let value = candidate.value.expose();
        if self.begins.iter().any(|begin| value.starts_with(begin.as_str())) {
            return May::Yes;
        }
        let described = !self.begins.is_empty() || !self.bare.is_empty();
        match &candidate.looks {
            Looks::Bare(bare) if self.bare.contains(bare) => May::Yes,
            Looks::Bare(_) | Looks::Unknown if !described => May::Maybe,
            // Many services give such tokens, and few descriptions can say so.
            Looks::Known(shapes) if !described && shapes.iter().all(|shape| shape.issuer.is_empty()) => May::Maybe,
            Looks::Known(_) | Looks::Described(_) | Looks::Bare(_) | Looks::Unknown => May::No,
        }
    }

    /// Returns the id of the token that a value is, where the value or its hash says so.
    pub fn id_of(&self, value: &Secret) -> Option<(TokenId, Option<Digest>)> {
        let value = value.expose();
        if let Some(id) = self.holds_id.as_ref().and_then(|place| place.find(value)) {
            return TokenId::parse(id).ok().map(|id| (id, None));
        }
        let digest = self.id_is?;
        TokenId::parse(&check::hash(value, digest)).ok().map(|id| (id, Some(digest)))
    }
}

impl Candidate {
    /// Returns the value as an id: what was pasted may be one.
    pub fn as_id(&self) -> Option<TokenId> {
        TokenId::parse(self.value.expose()).ok()
    }

    /// Returns the id that a JSON Web Token gives itself.
    pub fn jwt_id(&self) -> Option<TokenId> {
        let is_jwt = |shape: &&super::Shape| shape.checksum == Some(super::Checksum::Jwt);
        match &self.looks {
            Looks::Known(shapes) if shapes.iter().any(is_jwt) => {
                check::said(self.value.expose(), "jti").and_then(|id| TokenId::parse(id.raw()).ok())
            }
            Looks::Known(_) | Looks::Described(_) | Looks::Bare(_) | Looks::Unknown => None,
        }
    }

    /// Tells whether a masked value is one of this value, and by enough of its characters.
    pub fn fits(&self, begin: &str, end: &str) -> bool {
        let value = self.value.expose();
        let agree = value.len() > begin.len() + end.len() && value.starts_with(begin) && value.ends_with(end);
        agree && begin.len().saturating_sub(self.shared()) + end.len() >= FEWEST
    }

    /// Returns the last characters, by which candidates are looked up; `None` for a value that has fewer.
    pub fn ends(&self) -> Option<[u8; FEWEST]> {
        self.value.expose().as_bytes().last_chunk().copied()
    }

    /// Compares the beginnings of two values, for looking one up.
    pub fn compare(&self, begin: &str) -> std::cmp::Ordering {
        let value = self.value.expose().as_bytes();
        value[..value.len().min(begin.len())].cmp(begin.as_bytes())
    }

    /// Compares two values.
    pub fn order(&self, other: &Self) -> std::cmp::Ordering {
        self.value.expose().as_bytes().cmp(other.value.expose().as_bytes())
    }
}

/// Returns what a masked value shows: the beginning and the end of the value; `None` where nothing in it is left out, so
/// that nobody knows which part of the value it is.
pub fn visible(masked: &str) -> Option<(&str, &str)> {
    let is_mark = |c: char| matches!(c, '*' | '…' | '•' | '●' | '·');
    let marks = masked.char_indices().filter(|(_, c)| is_mark(*c)).map(|(at, c)| (at, at + c.len_utf8()));
    let dots = masked.match_indices("...").map(|(at, dots)| (at, at + dots.len()));
    let (from, to) = marks.chain(dots).reduce(|(from, to), (start, end)| (from.min(start), to.max(end)))?;
    Some((&masked[..from], &masked[to..]))
}
