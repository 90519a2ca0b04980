//! Roles as descriptions know them: by name, or by how they are written.

/// A role as a description names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleSpec {
    /// The backend's word.
    pub name: String,
    /// What it may do, in one phrase.
    pub about: String,
    /// Whether it counts as admin for confirmations.
    pub admin: bool,
}

/// Roles that a description knows by how they are written: `read:*`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleFamily {
    /// How they are written; each `*` stands for any text, also for none.
    pub like: String,
    /// Whether they count as admin for confirmations.
    pub admin: bool,
}

impl RoleFamily {
    /// Tells whether a role is written so.
    pub fn holds(&self, role: &str) -> bool {
        let Some((first, rest)) = self.like.split_once('*') else { return self.like == role };
        let Some(mut left) = role.strip_prefix(first) else { return false };
        let (between, last) = rest.rsplit_once('*').unwrap_or(("", rest));
        // The earliest place of each leaves the most room for the next.
        for part in between.split('*') {
            match left.find(part) {
                Some(at) => left = &left[at + part.len()..],
                None => return false,
            }
        }
        left.ends_with(last)
    }

    /// Returns how much it says of a role: how many bytes of it are given.
    pub(super) fn letters(&self) -> usize {
        self.like.bytes().filter(|byte| *byte != b'*').count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_text() {
        let holds = |like: &str, role: &str| RoleFamily { like: like.to_owned(), admin: false }.holds(role);
        for (like, roles) in [
            ("*", &["", "a", "root"][..]),
            ("read:*", &["read:", "read:users", "read:users!user=ana"]),
            ("*!user=*", &["x!user=ana", "!user=", "a!user=b!user=c"]),
            ("*admin*", &["admin", "my-admin", "administrators"]),
            ("*-admin", &["-admin", "ci-admin", "a-admin-admin"]),
            ("a*b*b", &["abb", "abxb", "axbyb"]),
            ("plain", &["plain"]),
        ] {
            for role in roles {
                assert!(holds(like, role), "{like} {role}");
            }
        }
        for (like, roles) in [
            ("read:*", &["read", "aread:users", "Read:users", ""][..]),
            ("*!user=*", &["x!user", "x!users=ana"]),
            ("*-admin", &["ci-admins", "admin"]),
            // One part of the role cannot be two of the pattern.
            ("a*a", &["a", "ab"]),
            ("a*b*b", &["ab", "aab"]),
            ("plain", &["plains", "plai"]),
        ] {
            for role in roles {
                assert!(!holds(like, role), "{like} {role}");
            }
        }
    }
}
