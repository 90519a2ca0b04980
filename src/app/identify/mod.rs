//! A leaked value: what it looks like, and which token it is. Nothing is sent for this; only where the operator wants it
//! so, one context is asked about one value.

mod asking;
mod look;

pub use asking::{Answered, Way, askable};
pub(super) use asking::{answered, ask, forget, identifying, read};
pub use look::{LookJob, Looked, Place};

use crate::domain::shape::{Candidate, May};
use crate::domain::{ContextName, TokenKey};

/// Something in a text that may be a secret, and what is known of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// What it is.
    pub candidate: Candidate,
    /// The tokens of the lists that it may be, the surest first.
    pub hits: Vec<Hit>,
    /// Contexts whose backend may have made it, and what their lists can say of it.
    pub places: Vec<(ContextName, Says)>,
    /// What contexts said that were asked.
    pub asked: Vec<(ContextName, Answered)>,
    /// The numbers under which it is being revoked, or was: [`super::by_value::find`].
    pub ends: Vec<u64>,
}

/// A token that a value is, or may be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// The token.
    pub token: TokenKey,
    /// How that is known.
    pub how: How,
}

/// How it is known which token a value is, the surest first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum How {
    /// The backend said so.
    Told,
    /// The token's id stands in the value.
    IdInside,
    /// The token's id is this hash of the value.
    Hash(&'static str),
    /// What is shown of the value, which no other has.
    Unique,
    /// What was pasted is no secret: it is the token's id.
    IsId,
    /// What is shown of the value agrees.
    Masked,
}

impl How {
    /// Tells whether it can be no other token.
    pub const fn is_exact(&self) -> bool {
        !matches!(self, Self::Masked)
    }

    /// Returns the words on screen.
    pub fn words(&self) -> String {
        match self {
            Self::Told => "the backend says so".to_owned(),
            Self::IdInside => "its id stands in the value".to_owned(),
            Self::Hash(hash) => format!("its id is the {hash} of the value"),
            Self::Unique => "the key in the value is its own".to_owned(),
            Self::IsId => "what was pasted is its id, and no secret".to_owned(),
            Self::Masked => "the characters that its list shows agree".to_owned(),
        }
    }
}

/// What a list can say of a value that it does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Says {
    /// It holds no such token.
    NotThere,
    /// It is not whole, or not there.
    Partial,
    /// It tells nothing of values.
    Nothing,
}

/// How a value stands to the lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is a token of a list.
    Found,
    /// It may be.
    Likely,
    /// A context says that it lives, and has no list that shows it.
    Lives,
    /// It is in none of the lists that could show it.
    NotThere,
    /// The lists cannot tell.
    Open,
    /// No context here is of its kind.
    Elsewhere,
}

impl Finding {
    /// Returns how it stands to the lists.
    pub fn verdict(&self) -> Verdict {
        let lives = |answered: &Answered| matches!(answered, Answered::Lives(_));
        match self.hits.first() {
            Some(hit) if hit.how.is_exact() => Verdict::Found,
            Some(_) => Verdict::Likely,
            None if self.asked.iter().any(|(_, answered)| lives(answered)) => Verdict::Lives,
            None if self.places.is_empty() => Verdict::Elsewhere,
            None if self.places.iter().all(|(_, says)| *says == Says::NotThere) => Verdict::NotThere,
            None => Verdict::Open,
        }
    }

    /// Returns what is said of a value that is in no list.
    pub fn words(&self) -> String {
        let of = |wanted: Says| {
            let names = self.places.iter().filter(|(_, says)| *says == wanted).map(|(name, _)| name.to_string());
            names.collect::<Vec<_>>().join(", ")
        };
        let (partial, silent) = (of(Says::Partial), of(Says::Nothing));
        match (self.verdict(), partial.is_empty(), silent.is_empty()) {
            (Verdict::Found | Verdict::Likely, ..) => String::new(),
            (Verdict::Lives, ..) => "it lives, and is in no list here".to_owned(),
            (Verdict::Elsewhere, ..) => "no context here is of its kind".to_owned(),
            (Verdict::NotThere, ..) => "in no list here".to_owned(),
            (Verdict::Open, true, _) => format!("the list of {silent} tells nothing of values"),
            (Verdict::Open, false, true) => format!("not found, but the list of {partial} is not whole"),
            (Verdict::Open, false, false) => {
                format!("the list of {partial} is not whole, and that of {silent} tells nothing of values")
            }
        }
    }
}

/// Orders contexts by how likely a value is theirs.
fn rank(may: May) -> u8 {
    match may {
        May::Yes => 0,
        May::Maybe => 1,
        May::No => 2,
    }
}
