//! One token: what decisions need to know of it, making it, and what hangs on it.

use super::json::{Answer, COLUMNS, write};
use crate::server::{
    keys::Tag,
    role::{Kind, Roles, Scope},
    value,
};
use rusqlite::{Connection, OptionalExtension, Row, named_params};

/// A token without its JSON: what decisions are made from.
#[derive(Clone, Debug)]
pub(crate) struct Token {
    pub(crate) seq: i64,
    pub(crate) id: String,
    pub(crate) kind: Kind,
    pub(crate) scope: Scope,
    pub(crate) owner: i64,
    pub(crate) owner_name: String,
    pub(crate) owner_removed: bool,
    pub(crate) roles: Roles,
    pub(crate) last4: String,
    pub(crate) label: String,
    pub(crate) created: i64,
    /// `None`: never used.
    pub(crate) last_used: Option<i64>,
    /// `None`: never expires.
    pub(crate) expires: Option<i64>,
    pub(crate) disabled: bool,
    pub(crate) revoked: bool,
    pub(crate) version: i64,
    pub(crate) pepper: i64,
    pub(crate) mac: Tag,
}

/// A token's public face in events and notices.
pub(crate) struct Secretless<'a> {
    pub(crate) id: &'a str,
    pub(crate) label: &'a str,
    pub(crate) owner: &'a str,
    pub(crate) masked: String,
}

/// A token about to be stored.
pub(crate) struct NewToken<'a> {
    pub(crate) id: &'a str,
    pub(crate) mac: Tag,
    pub(crate) pepper: i64,
    pub(crate) kind: Kind,
    pub(crate) scope: Scope,
    pub(crate) owner: i64,
    pub(crate) creator: &'a str,
    pub(crate) roles: Roles,
    pub(crate) last4: &'a str,
    pub(crate) label: &'a str,
    pub(crate) description: &'a str,
    pub(crate) created: i64,
    pub(crate) expires: Option<i64>,
    pub(crate) parent: Option<&'a str>,
}

impl Token {
    /// The token of this id; `None` when there is none.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub(crate) fn find(connection: &Connection, id: &str) -> Result<Option<Self>, rusqlite::Error> {
        let mut statement = connection.prepare_cached(
            "SELECT t.seq, t.id, t.kind, t.scope, t.owner, o.name, o.removed, t.roles, t.last4, t.label, t.created, \
             t.last_used, t.expires, t.disabled, t.revoked, t.version, t.pepper, t.mac \
             FROM tokens t JOIN users o ON o.id = t.owner WHERE t.id = ?",
        )?;
        statement.query_row([id], Self::read).optional()
    }

    /// The token of this id as it is answered.
    ///
    /// # Errors
    /// When there is none or the database cannot be read.
    pub(crate) fn answer(connection: &Connection, id: &str, now: i64) -> Result<Answer, rusqlite::Error> {
        let sql = ["SELECT ", COLUMNS, " FROM tokens t JOIN users o ON o.id = t.owner WHERE t.id = ?"].concat();
        let mut statement = connection.prepare_cached(&sql)?;
        statement.query_row([id], |row| {
            let mut json = Vec::with_capacity(400);
            let written = write(&mut json, row, now)?;
            Ok(Answer { json, version: written.version })
        })
    }

    /// Whether it works for anything at this moment, its owner aside.
    pub(crate) fn is_live(&self, now: i64) -> bool {
        !self.revoked && !self.disabled && self.expires.is_none_or(|end| end > now)
    }

    /// Whether its owner is gone and took it along.
    pub(crate) fn is_orphaned(&self) -> bool {
        self.owner_removed && self.scope == Scope::User
    }

    pub(crate) fn face(&self) -> Secretless<'_> {
        let masked = value::masked(self.kind, &self.last4);
        Secretless { id: &self.id, label: &self.label, owner: &self.owner_name, masked }
    }

    fn read(row: &Row<'_>) -> Result<Self, rusqlite::Error> {
        Ok(Self {
            seq: row.get(0)?,
            id: row.get(1)?,
            kind: Kind::from_code(row.get(2)?),
            scope: Scope::from_code(row.get(3)?),
            owner: row.get(4)?,
            owner_name: row.get(5)?,
            owner_removed: row.get::<_, Option<i64>>(6)?.is_some(),
            roles: Roles::from_bits(row.get(7)?),
            last4: row.get(8)?,
            label: row.get(9)?,
            created: row.get(10)?,
            last_used: row.get(11)?,
            expires: row.get(12)?,
            disabled: row.get::<_, Option<i64>>(13)?.is_some(),
            revoked: row.get::<_, Option<i64>>(14)?.is_some(),
            version: row.get(15)?,
            pepper: row.get(16)?,
            mac: row.get(17)?,
        })
    }
}

/// Stores a new token.
///
/// # Errors
/// When the database refuses.
pub(crate) fn insert(connection: &Connection, token: &NewToken<'_>) -> Result<(), rusqlite::Error> {
    let mut statement = connection.prepare_cached(
        "INSERT INTO tokens (id, mac, pepper, kind, scope, owner, creator, roles, last4, label, description, created, \
         expires, parent) VALUES (:id, :mac, :pepper, :kind, :scope, :owner, :creator, :roles, :last4, :label, \
         :description, :created, :expires, :parent)",
    )?;
    statement.execute(named_params! {
        ":id": token.id,
        ":mac": token.mac,
        ":pepper": token.pepper,
        ":kind": token.kind.code(),
        ":scope": token.scope.code(),
        ":owner": token.owner,
        ":creator": token.creator,
        ":roles": token.roles.bits(),
        ":last4": token.last4,
        ":label": token.label,
        ":description": token.description,
        ":created": token.created,
        ":expires": token.expires,
        ":parent": token.parent,
    })?;
    Ok(())
}

/// CROSS JOIN keeps `SQLite` from reading the whole table, which it takes for the better way.
const BELOW: &str = "WITH RECURSIVE below (id) AS (SELECT id FROM tokens WHERE parent = ?1 \
     UNION SELECT t.id FROM below b CROSS JOIN tokens t ON t.parent = b.id) \
     SELECT t.id FROM below b CROSS JOIN tokens t ON t.id = b.id WHERE t.revoked IS NULL ORDER BY t.seq";

/// The ids of all tokens below this one that are not revoked yet, oldest first.
///
/// # Errors
/// When the database cannot be read.
pub(crate) fn below(connection: &Connection, id: &str) -> Result<Vec<String>, rusqlite::Error> {
    let mut statement = connection.prepare_cached(BELOW)?;
    let ids = statement.query_map([id], |row| row.get(0))?;
    ids.collect()
}

#[cfg(test)]
mod tests {
    use super::BELOW;
    use rusqlite::Connection;

    #[test]
    fn what_is_below_is_found_without_reading_the_whole_table() {
        let connection = Connection::open_in_memory().expect("a database");
        connection.execute_batch(include_str!("schema.sql")).expect("the schema");
        let mut statement = connection.prepare(&["EXPLAIN QUERY PLAN ", BELOW].concat()).expect("a plan");
        let steps = statement.query_map(["id"], |row| row.get::<_, String>(3)).expect("steps");
        for step in steps.map(|step| step.expect("a step")) {
            assert!(!step.starts_with("SCAN t"), "{step}");
        }
    }
}
