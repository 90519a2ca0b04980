//! What a token may do: its roles, its scope and its kind.

/// An access level, least first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Role {
    Reader,
    Developer,
    Admin,
}

impl Role {
    pub(crate) const ALL: [Self; 3] = [Self::Reader, Self::Developer, Self::Admin];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Reader => "reader",
            Self::Developer => "developer",
            Self::Admin => "admin",
        }
    }

    pub(crate) fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }

    /// The bit that stands for this role in the database.
    pub(crate) const fn bit(self) -> i64 {
        match self {
            Self::Reader => 1,
            Self::Developer => 2,
            Self::Admin => 4,
        }
    }
}

/// The roles of one token as the bits of the database; never empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Roles(i64);

impl Roles {
    pub(crate) const fn of(role: Role) -> Self {
        Self(role.bit())
    }

    /// Bits out of the database; what is no known role counts as none.
    pub(crate) const fn from_bits(bits: i64) -> Self {
        Self(bits & 7)
    }

    /// The set of these names; `None` when it is empty or one is unknown.
    pub(crate) fn parse<'a>(names: impl IntoIterator<Item = &'a str>) -> Option<Self> {
        let mut bits = 0;
        for name in names {
            bits |= Role::parse(name)?.bit();
        }
        (bits != 0).then_some(Self(bits))
    }

    pub(crate) const fn bits(self) -> i64 {
        self.0
    }

    /// The strongest role; what holds none counts as a reader.
    pub(crate) fn highest(self) -> Role {
        Role::ALL.into_iter().rev().find(|role| self.0 & role.bit() != 0).unwrap_or(Role::Reader)
    }

    /// The JSON array of the names, least first.
    pub(crate) const fn json(self) -> &'static str {
        match self.0 {
            1 => r#"["reader"]"#,
            2 => r#"["developer"]"#,
            3 => r#"["reader","developer"]"#,
            4 => r#"["admin"]"#,
            5 => r#"["reader","admin"]"#,
            6 => r#"["developer","admin"]"#,
            7 => r#"["reader","developer","admin"]"#,
            _ => "[]",
        }
    }

    /// The names with blanks between them, as OAuth writes a scope.
    pub(crate) fn words(self) -> String {
        let names: Vec<_> = Role::ALL.into_iter().filter(|role| self.0 & role.bit() != 0).map(Role::name).collect();
        names.join(" ")
    }
}

/// Whom a token stands for: one person, or the organization whoever leaves it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    User,
    Organization,
}

impl Scope {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Organization => "organization",
        }
    }

    pub(crate) fn parse(name: &str) -> Option<Self> {
        [Self::User, Self::Organization].into_iter().find(|scope| scope.name() == name)
    }

    pub(crate) const fn code(self) -> i64 {
        match self {
            Self::User => 0,
            Self::Organization => 1,
        }
    }

    pub(crate) const fn from_code(code: i64) -> Self {
        if code == 1 { Self::Organization } else { Self::User }
    }
}

/// What a token is for: calls, or getting new access tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Access,
    Refresh,
}

impl Kind {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Access => "access",
            Self::Refresh => "refresh",
        }
    }

    pub(crate) fn parse(name: &str) -> Option<Self> {
        [Self::Access, Self::Refresh].into_iter().find(|kind| kind.name() == name)
    }

    /// The letter in the token's value.
    pub(crate) const fn letter(self) -> char {
        match self {
            Self::Access => 'a',
            Self::Refresh => 'r',
        }
    }

    pub(crate) const fn code(self) -> i64 {
        match self {
            Self::Access => 0,
            Self::Refresh => 1,
        }
    }

    pub(crate) const fn from_code(code: i64) -> Self {
        if code == 1 { Self::Refresh } else { Self::Access }
    }
}

#[cfg(test)]
mod tests {
    use super::{Role, Roles};

    #[test]
    fn every_set_of_roles_is_written_as_its_names() {
        for bits in 1..8 {
            let roles = Roles::from_bits(bits);
            let names: Vec<String> = serde_json::from_str(roles.json()).expect("JSON");
            assert_eq!(Roles::parse(names.iter().map(String::as_str)), Some(roles));
            assert_eq!(names.join(" "), roles.words());
            assert_eq!(names.last().map(String::as_str), Some(roles.highest().name()));
        }
        assert_eq!(Roles::parse([]), None);
        assert_eq!(Roles::parse(["owner"]), None);
        assert!(Role::Reader < Role::Developer && Role::Developer < Role::Admin);
    }
}
