//! How the answer of an operation reads.

use crate::backend::decode::matcher::{Matcher, Source};
use crate::backend::description::Section;
use crate::backend::mistake::Wrong;
use crate::backend::pointer::{Pointer, Test};

use super::call::EACH;
use super::fields::{self, EventFields, TokenFields};
use super::next;
use super::secret::SecretRule;

/// How an answer reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::backend) enum Answer {
    /// A page of tokens, or of what they are asked for by.
    Rows {
        /// The list.
        items: Pointer,
        /// Where the next page is named.
        next: Next,
        /// The answer that says that there are none.
        empty: Option<Empty>,
        /// What holds for rows that are tokens.
        only: Vec<Test<Source>>,
        /// What names a row, where each is asked for by itself; `None` where the rows are tokens.
        parents: Option<Parents>,
    },
    /// A page of events.
    Events {
        /// The list.
        items: Pointer,
        /// Where the next page is named.
        next: Next,
        /// How an event reads.
        fields: Box<EventFields>,
    },
    /// One token.
    Token(Pointer),
    /// A token and its secret.
    Issued(IssuedAt),
    /// Whose credential it is.
    Identity {
        /// The object.
        item: Pointer,
        /// How it reads; `None` where it reads like a token.
        fields: Option<Box<TokenFields>>,
        /// The failure that says no more than that the credential is taken.
        alive: Option<Empty>,
    },
    /// The end of a token.
    Revoked {
        /// Whether it was so before.
        gone: Option<Test>,
        /// How many died with it: a number, or a list of them.
        also: Option<Pointer>,
        /// Why nothing shows afterwards that it is dead; `None` where something does.
        unproved: Option<Box<str>>,
    },
    /// The status says it all.
    Done,
    /// How the backend is.
    Health {
        /// Its version.
        version: Option<Pointer>,
    },
}

/// Where a token and its secret stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::backend) struct IssuedAt {
    /// The token; `None` where the answer names none.
    pub(in crate::backend) item: Option<Pointer>,
    /// The secret, in order of preference; empty where a rotation has to bring it.
    pub(in crate::backend) secret: Vec<SecretRule>,
    /// Whether `item` is a list, and the newest in it of the label that was asked for is meant.
    pub(in crate::backend) newest: bool,
    /// Whether a rotated secret belongs to a new token.
    pub(in crate::backend) new_id: bool,
}

/// What names the rows of a list that are asked for one by one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::backend) struct Parents {
    /// The name within a row; the row itself where it is a bare text.
    pub(in crate::backend) value: Pointer,
    /// A row for which this holds has nothing below it.
    pub(in crate::backend) unless: Option<Test>,
}

/// An answer that looks like a failure, and says that a list has no rows, or that a credential is taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::backend) struct Empty {
    /// Its statuses.
    pub(in crate::backend) status: Vec<u16>,
    /// What has to stand in it besides.
    pub(in crate::backend) test: Option<Test>,
}

/// Where the next page is named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::backend) enum Next {
    /// There is one page.
    None,
    /// The backend gives a word; the first place that has one counts.
    Word {
        /// A response header, in lower case.
        header: Option<Box<str>>,
        /// The query parameter of the Link header's `rel="next"`.
        link: Option<Box<str>>,
        /// A place in the body.
        body: Option<Pointer>,
        /// A place in the body with a URL, and the query parameter of it that counts.
        url: Option<(Pointer, Box<str>)>,
    },
    /// Pages are numbered.
    Page {
        /// The first number.
        first: u64,
        /// How many rows there are in all.
        total: Option<Pointer>,
        /// How many pages there are.
        pages: Option<Pointer>,
    },
    /// Rows are counted.
    Offset {
        /// How many rows there are in all.
        total: Option<Pointer>,
    },
}

impl Next {
    /// Returns what the first page is asked for with; `None` where nothing has to be said.
    pub(in crate::backend) fn first(&self) -> Option<u64> {
        match self {
            Self::None | Self::Word { .. } => None,
            Self::Page { first, .. } => Some(*first),
            Self::Offset { .. } => Some(0),
        }
    }
}

/// Reads how the answer of an operation reads.
pub(super) fn read(section: &mut Section<'_, '_>, word: &str, matcher: &mut Matcher) -> Answer {
    match word {
        EACH if section.has("item") => Answer::Token(pointer(section, "item")),
        "list" | EACH => rows(section, None, matcher),
        "events" | "notices" => {
            if !section.has("fields") {
                section.missing("fields", "{ action = \"/action\" }");
            }
            let (items, next) = (pointer(section, "items"), next(section));
            match section.within("fields", fields::event) {
                Some(fields) => Answer::Events { items, next, fields: Box::new(fields) },
                None => Answer::Done,
            }
        }
        "create" | "rotate" => issued(section, word),
        "self" => {
            let fields = section.within("fields", fields::identity).map(Box::new);
            let alive = section.within("alive", |inner| {
                // A proxy has statuses too.
                if !inner.has("at") {
                    inner.missing("at", "\"/message\"");
                }
                no_failure(inner)
            });
            Answer::Identity { item: pointer(section, "item"), fields, alive }
        }
        "revoke" | "revoke_value" => Answer::Revoked {
            gone: section.within("gone", body_test),
            also: section.parse("also", Pointer::parse),
            unproved: if word == "revoke" { section.parse("unproved", reason) } else { None },
        },
        "health" => Answer::Health { version: section.parse("version", Pointer::parse) },
        "get" | "identify" => Answer::Token(pointer(section, "item")),
        _ if section.has("item") => Answer::Token(pointer(section, "item")),
        _ => Answer::Done,
    }
}

fn reason(text: &str) -> Result<Box<str>, Wrong> {
    match text.trim() {
        "" => Err(Wrong::new("says nothing", "say in one sentence why nothing shows that a token is dead")),
        why => Ok(why.trim_end_matches('.').into()),
    }
}

/// Reads how the answer of a list reads.
pub(super) fn rows(section: &mut Section<'_, '_>, parents: Option<Parents>, matcher: &mut Matcher) -> Answer {
    let only = fields::tests(section, "where", matcher);
    let empty = section.within("empty", no_failure);
    Answer::Rows { items: pointer(section, "items"), next: next(section), empty, only, parents }
}

fn no_failure(section: &mut Section<'_, '_>) -> Empty {
    let status = section.statuses("status");
    if status.is_empty() {
        section.missing("status", "[404]");
    }
    let test = section.has("at").then(|| body_test(section));
    Empty { status, test }
}

fn issued(section: &mut Section<'_, '_>, word: &str) -> Answer {
    let by_rotation = word == "create" && section.has("secret_from");
    if by_rotation {
        let only = |text: &str| match text {
            "rotate" => Ok(()),
            _ => Err(Wrong::new(format!("\"{text}\" brings no secret"), "write \"rotate\"")),
        };
        section.parse("secret_from", only);
    } else if !section.has("secret") {
        section.missing("secret", "\"/secret\"");
    }
    let secret = if by_rotation { Vec::new() } else { section.each("secret", SecretRule::parse) };
    if section.has("secret") && secret.is_empty() {
        section.mistake("secret", Wrong::new("names no place", "write it like \"/secret\""));
    }
    let item = if section.is_false("item") { None } else { Some(pointer(section, "item")) };
    let newest = word == "create" && section.flag("newest").unwrap_or(false);
    if newest && item.is_none() {
        section.mistake("newest", Wrong::new("stands beside item = false", "say with item which list is meant"));
    }
    let new_id = word == "rotate" && section.flag("new_id").unwrap_or(false);
    Answer::Issued(IssuedAt { item, secret, newest, new_id })
}

/// Reads a pointer; the whole body where there is none.
pub(super) fn pointer(section: &mut Section<'_, '_>, key: &str) -> Pointer {
    section.parse(key, Pointer::parse).unwrap_or(Pointer(Vec::new()))
}

fn next(section: &mut Section<'_, '_>) -> Next {
    section.within("next", next::read).unwrap_or(Next::None)
}

pub(super) fn body_test(section: &mut Section<'_, '_>) -> Test {
    if !section.has("at") {
        section.missing("at", "\"/field\"");
    }
    let at = section.parse("at", Pointer::parse_many).unwrap_or(Pointer(Vec::new()));
    Test { at, when: fields::words(section) }
}
