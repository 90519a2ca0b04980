//! Faults on purpose, for tests and rehearsals.

/// What goes wrong although nothing is wrong; empty by default.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    /// `DELETE` of a token with one of these ids or labels answers 500 and changes nothing.
    pub fail_revoke: Vec<String>,
}

impl Faults {
    pub(crate) fn fails_revoke(&self, id: &str, label: &str) -> bool {
        self.fail_revoke.iter().any(|named| named == id || named == label)
    }
}
