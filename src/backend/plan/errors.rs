//! What statuses mean at this backend, and where its words stand.

use crate::backend::description::{Section, nearest, parse_status};
use crate::backend::mistake::Wrong;
use crate::backend::pointer::{Pointer, Test};

use super::fields;

/// How errors read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(in crate::backend) struct ErrorRules {
    /// Where the backend's words stand, in order of preference.
    pub(in crate::backend) text: Vec<Pointer>,
    /// Kinds by what an answer says, before those by status; the first that holds counts.
    pub(in crate::backend) rules: Vec<Rule>,
    /// Kinds by status, before the usual ones.
    pub(in crate::backend) kinds: Vec<(u16, Kind)>,
    /// Where a body says how long to wait.
    pub(in crate::backend) wait: Option<Wait>,
}

/// A kind, and when a failure is of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::backend) struct Rule {
    /// The status; `None` for any.
    pub(in crate::backend) status: Option<u16>,
    /// What the answer says; `None` where the status says it all.
    pub(in crate::backend) test: Option<Test<Vec<Pointer>>>,
    pub(in crate::backend) kind: Kind,
}

/// Where a body says how long to wait, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::backend) enum Wait {
    /// In seconds.
    Seconds(Pointer),
    /// In milliseconds.
    Millis(Pointer),
}

/// The kinds of failure that a status can mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::backend) enum Kind {
    /// The credential is missing, wrong or dead.
    Credential,
    /// The credential lacks a right.
    Forbidden,
    /// One of the two: the service does not tell.
    Denied,
    /// No such thing.
    NotFound,
    /// Somebody changed it meanwhile.
    Changed,
    /// Refused, and would be again.
    Refused,
    /// Asks to wait.
    Busy,
    /// The backend failed.
    Server,
    /// Not what this backend answers.
    Protocol,
}

impl Kind {
    const NAMES: [(&'static str, Self); 9] = [
        ("credential", Self::Credential),
        ("forbidden", Self::Forbidden),
        ("denied", Self::Denied),
        ("not_found", Self::NotFound),
        ("changed", Self::Changed),
        ("refused", Self::Refused),
        ("busy", Self::Busy),
        ("server", Self::Server),
        ("protocol", Self::Protocol),
    ];

    fn parse(text: &str) -> Result<Self, Wrong> {
        let found = Self::NAMES.iter().find(|(name, _)| *name == text);
        let names = Self::NAMES.iter().map(|(name, _)| *name);
        found.map(|(_, kind)| *kind).ok_or_else(|| Wrong::new(format!("\"{text}\" is no kind"), nearest(text, names)))
    }
}

/// Reads the table `errors`.
pub(super) fn read(section: &mut Section<'_, '_>) -> ErrorRules {
    let text = section.each("text", Pointer::parse_many);
    let rules = section.tables("rules", rule);
    let kinds = section.within("statuses", kinds).unwrap_or_default();
    let wait = section.within("wait", wait).flatten();
    ErrorRules { text, rules, kinds, wait }
}

fn rule(section: &mut Section<'_, '_>) -> Rule {
    if !section.has("kind") {
        section.missing("kind", "\"credential\"");
    }
    let kind = section.parse("kind", Kind::parse).unwrap_or(Kind::Refused);
    let status = section.status("status");
    if section.has("when") && !section.has("at") {
        section.missing("at", "\"/message\"");
    }
    let at = section.each("at", Pointer::parse_many);
    let when = fields::words(section);
    if !section.has("status") && !section.has("at") && !section.has("when") {
        let hint = "say of which: status = 403, or at = \"/message\" and when = [\"no such user*\"]";
        section.mistake("kind", Wrong::new("would be that of every failure", hint));
    }
    Rule { status, test: section.has("at").then_some(Test { at, when }), kind }
}

fn wait(section: &mut Section<'_, '_>) -> Option<Wait> {
    let seconds = section.parse("seconds", Pointer::parse);
    let millis = section.parse("ms", Pointer::parse);
    match (section.has("seconds"), section.has("ms")) {
        (true, true) => section.mistake("ms", Wrong::new("stands beside seconds", "write one of them")),
        (false, false) => section.missing("seconds", "\"/retry_after\""),
        (true, false) | (false, true) => {}
    }
    seconds.map(Wait::Seconds).or(millis.map(Wait::Millis))
}

/// Reads a table from statuses to kinds.
pub(super) fn kinds(section: &mut Section<'_, '_>) -> Vec<(u16, Kind)> {
    let mut kinds = Vec::new();
    for key in section.keys() {
        kinds.extend(section.parse(&key, |text| Ok((parse_status(&key)?, Kind::parse(text)?))));
    }
    kinds
}
