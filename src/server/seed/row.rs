//! A sample token with everything that its life left behind, and the statement that stores it.

use super::nobodys;
use crate::server::{
    error::Error,
    role::{Kind, Roles, Scope},
};
use rusqlite::{CachedStatement, Connection, named_params};

/// One row of the table, as it looks after some life.
pub(crate) struct Row<'a> {
    pub(crate) id: &'a str,
    pub(crate) kind: Kind,
    pub(crate) scope: Scope,
    pub(crate) owner: i64,
    pub(crate) creator: &'a str,
    pub(crate) roles: Roles,
    pub(crate) last4: &'a str,
    pub(crate) label: &'a str,
    pub(crate) description: &'a str,
    pub(crate) created: i64,
    pub(crate) last_used: Option<i64>,
    pub(crate) last_used_from: Option<&'a str>,
    pub(crate) use_count: i64,
    pub(crate) expires: Option<i64>,
    pub(crate) disabled: Option<i64>,
    pub(crate) revoked: Option<i64>,
    pub(crate) parent: Option<&'a str>,
}

/// The statement for any number of rows.
///
/// # Errors
/// When the database refuses it.
pub(crate) fn statement(connection: &Connection) -> Result<CachedStatement<'_>, rusqlite::Error> {
    connection.prepare_cached(
        "INSERT INTO tokens (id, mac, pepper, kind, scope, owner, creator, roles, last4, label, description, created, \
         last_used, last_used_from, use_count, expires, disabled, revoked, parent) VALUES (:id, :mac, 1, :kind, \
         :scope, :owner, :creator, :roles, :last4, :label, :description, :created, :last_used, :last_used_from, \
         :use_count, :expires, :disabled, :revoked, :parent)",
    )
}

impl Row<'_> {
    /// Stores the row.
    ///
    /// # Errors
    /// When the database refuses or the system gives no random bytes.
    pub(crate) fn insert(&self, statement: &mut CachedStatement<'_>) -> Result<(), Error> {
        statement.execute(named_params! {
            ":id": self.id,
            ":mac": nobodys()?,
            ":kind": self.kind.code(),
            ":scope": self.scope.code(),
            ":owner": self.owner,
            ":creator": self.creator,
            ":roles": self.roles.bits(),
            ":last4": self.last4,
            ":label": self.label,
            ":description": self.description,
            ":created": self.created,
            ":last_used": self.last_used,
            ":last_used_from": self.last_used_from,
            ":use_count": self.use_count,
            ":expires": self.expires,
            ":disabled": self.disabled,
            ":revoked": self.revoked,
            ":parent": self.parent,
        })?;
        Ok(())
    }
}
