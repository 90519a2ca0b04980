//! What statuses mean at this backend, and where its words stand.

use crate::backend::description::{Section, nearest, parse_status};
use crate::backend::mistake::Wrong;
use crate::backend::pointer::Pointer;

/// How errors read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(in crate::backend) struct ErrorRules {
    /// Where the backend's words stand, in order of preference.
    pub(in crate::backend) text: Vec<Pointer>,
    /// Kinds by status, before the usual ones.
    pub(in crate::backend) kinds: Vec<(u16, Kind)>,
}

/// The kinds of failure that a status can mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::backend) enum Kind {
    /// The credential is missing, wrong or dead.
    Credential,
    /// The credential lacks a right.
    Forbidden,
    /// The credential, or a right: the service does not tell which.
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
    let kinds = section.within("statuses", kinds).unwrap_or_default();
    ErrorRules { text, kinds }
}

/// Reads a table from statuses to kinds.
pub(super) fn kinds(section: &mut Section<'_, '_>) -> Vec<(u16, Kind)> {
    let mut kinds = Vec::new();
    for key in section.keys() {
        kinds.extend(section.parse(&key, |text| Ok((parse_status(&key)?, Kind::parse(text)?))));
    }
    kinds
}
