//! What a backend can do, and what it says of itself: the part of a description that the screen needs.

use super::shape::ValueForm;
use super::{Input, RoleFamily, RoleSpec};

/// What a backend can do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Capabilities {
    /// The name of the description, as in a context's `backend`.
    pub backend: String,
    /// The service's own name.
    pub title: String,
    /// Where its interface is documented.
    pub docs: String,
    /// Why nothing can be asked of it; `None` where something can.
    pub closed: Option<String>,
    /// Why it has no list of tokens; `None` where it has one.
    pub unlisted: Option<String>,
    /// Why nothing shows afterwards that a token is dead that was revoked by its id; `None` where something does.
    pub unproved: Option<String>,
    /// What the operator types at a login besides the credential.
    pub inputs: Vec<Input>,
    /// Telling whose credential it is.
    pub whoami: Support,
    /// Telling how it is.
    pub health: Support,
    /// Reading one token by id.
    pub get: Support,
    /// Creating tokens.
    pub create: Support,
    /// Changing a label.
    pub edit_label: Support,
    /// Changing an expiry.
    pub edit_expiry: Support,
    /// A new secret for a token.
    pub rotate: Rotation,
    /// A later end for a token, with the same secret.
    pub renew: Support,
    /// Revoking by id.
    pub revoke: Support,
    /// Telling which token a value is.
    pub identify: Support,
    /// Telling whose a value is, by using it as the credential: only where nothing else goes with it.
    pub tries: Support,
    /// Revoking by value.
    pub revoke_value: Support,
    /// What the values of tokens look like, and what the list tells of them.
    pub value: ValueForm,
    /// Switching off and on again.
    pub disable: Support,
    /// The backend's audit events.
    pub events: Support,
    /// The backend's notices to administrators.
    pub notices: Support,
    /// Whether the list says when a token was last used.
    pub reports_use: Support,
    /// Whether the list says when a token expires.
    pub reports_expiry: Support,
    /// Whether a new token can be given a label.
    pub choose_label: Support,
    /// Which roles a new token can be given.
    pub choose_roles: RoleChoice,
    /// Whom a new token can be created for.
    pub choose_owner: OwnerChoice,
    /// Whether a new token can be given an end.
    pub choose_expiry: Support,
    /// How long a new token may live at most, as people type it; `None` where the description names no limit.
    pub longest: Option<String>,
    /// Scope kinds that a new token can have, the narrowest first; empty where there is no choice.
    pub scopes: Vec<String>,
    /// Roles that are known by name, least powerful first.
    pub roles: Vec<RoleSpec>,
    /// Roles that are known by how they are written.
    pub role_families: Vec<RoleFamily>,
    /// How many requests are under way at once while a list is read in two steps.
    pub connections: usize,
    /// Whose tokens the list holds.
    pub extent: Extent,
    /// What the list does not hold, in words; empty where it holds everything.
    pub not_listed: Vec<String>,
    /// How fresh "last used" is, in words.
    pub use_freshness: String,
    /// What a revocation takes along, in words; empty for nothing.
    pub revoke_takes: String,
    /// What cannot be undone, in words.
    pub irreversible: String,
    /// How long a revoked token may go on working, in words; empty where no delay is known.
    pub delay: String,
    /// How much may be asked of it; `None` where it names no limit.
    pub budget: Option<Budget>,
}

impl Capabilities {
    /// Tells whether a token can get a new secret, in place or by a new token that takes its place.
    pub const fn rotates(&self) -> bool {
        match self.rotate {
            Rotation::InPlace => true,
            Rotation::Emulated => self.create.offered() && self.revoke.offered(),
        }
    }

    /// Tells whether a role counts as admin: one that the description names so, or that it does not know.
    ///
    /// A name counts before how a role is written; of several ways of writing, the one that says most of the role, and
    /// the careful one of those that say as much.
    pub fn is_admin(&self, role: &str) -> bool {
        if let Some(spec) = self.roles.iter().find(|spec| spec.name == role) {
            return spec.admin;
        }
        let families = self.role_families.iter().filter(|family| family.holds(role));
        families.max_by_key(|family| (family.letters(), family.admin)).is_none_or(|family| family.admin)
    }

    /// Tells whether any of a token's roles counts as admin; roles that are not reported do.
    pub fn any_admin<'a>(&self, roles: Option<impl IntoIterator<Item = &'a str>>) -> bool {
        roles.is_none_or(|roles| roles.into_iter().any(|role| self.is_admin(role)))
    }
}

/// How many requests a backend takes in how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    /// The requests.
    pub requests: u32,
    /// The time, in seconds.
    pub seconds: u32,
}

/// Whether a backend offers something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Support {
    /// It does.
    Yes,
    /// It does not.
    No,
}

impl Support {
    /// Tells whether it does.
    pub const fn offered(self) -> bool {
        matches!(self, Self::Yes)
    }
}

/// Which roles a new token can be given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RoleChoice {
    /// None: what it may do is not said at its making.
    None,
    /// One.
    One,
    /// Several, also such as the description does not name.
    Several,
}

impl RoleChoice {
    /// Tells whether any can be given.
    pub const fn offered(self) -> bool {
        !matches!(self, Self::None)
    }
}

/// Whom a new token can be created for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OwnerChoice {
    /// Whoever the backend decides.
    None,
    /// Anybody; nobody named is the credential's owner.
    Free,
    /// Anybody; nobody named is this one.
    Otherwise(String),
    /// Somebody has to be named.
    Needed,
}

impl OwnerChoice {
    /// Tells whether anybody can be named.
    pub const fn offered(&self) -> bool {
        !matches!(self, Self::None)
    }
}

/// How a token gets a new secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rotation {
    /// The backend gives the same token a new secret; the old one stops at once.
    InPlace,
    /// A new token is created, and the old one revoked once the new one is stored.
    Emulated,
}

/// Whose tokens a list holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// Those of the credential's owner.
    Own,
    /// All that the credential may administer.
    Administered,
}
