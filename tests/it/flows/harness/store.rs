//! What the server's database holds, read beside the server.

use rusqlite::{Connection, OpenFlags};
use std::{collections::BTreeMap, path::Path};

/// The database of a running server.
pub(crate) struct Store(Connection);

/// A token as the database holds it, without what a mere look at it changes.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Held {
    pub(crate) label: String,
    pub(crate) owner: String,
    pub(crate) roles: i64,
    /// The keyed hash of its secret.
    pub(crate) mac: Vec<u8>,
    pub(crate) expires: Option<i64>,
    pub(crate) parent: Option<String>,
    pub(crate) live: bool,
    disabled: Option<i64>,
    revoked: Option<i64>,
}

/// All tokens by id.
pub(crate) type Holding = BTreeMap<String, Held>;

const ADMIN: i64 = 4;

impl Store {
    pub(crate) fn open(path: &Path) -> Self {
        Self(Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).expect("the database"))
    }

    pub(crate) fn tokens(&self) -> Holding {
        let sql = "SELECT t.id, label, o.name, roles, mac, expires, parent, disabled, revoked
                   FROM tokens t JOIN users o ON o.id = t.owner";
        let mut statement = self.0.prepare(sql).expect("a query");
        let rows = statement.query_map([], |row| {
            let revoked: Option<i64> = row.get(8)?;
            let held = Held {
                label: row.get(1)?,
                owner: row.get(2)?,
                roles: row.get(3)?,
                mac: row.get(4)?,
                expires: row.get(5)?,
                parent: row.get(6)?,
                disabled: row.get(7)?,
                live: revoked.is_none(),
                revoked,
            };
            Ok((row.get(0)?, held))
        });
        rows.expect("rows").collect::<Result<_, _>>().expect("tokens")
    }

    /// How many tokens satisfy a condition in SQL; `t` is the token and `o` its owner.
    pub(crate) fn count(&self, condition: &str) -> usize {
        let sql = format!("SELECT count(*) FROM tokens t JOIN users o ON o.id = t.owner WHERE {condition}");
        let count: i64 = self.0.query_row(&sql, [], |row| row.get(0)).expect("a count");
        count.try_into().expect("a count")
    }

    /// The ids of the tokens that satisfy a condition in SQL, in its order.
    pub(crate) fn ids(&self, condition: &str) -> Vec<String> {
        self.texts(&format!("SELECT t.id FROM tokens t JOIN users o ON o.id = t.owner WHERE {condition}"))
    }

    /// The labels of the tokens that somebody revoked since the server began, in the order of the audit log.
    pub(crate) fn revocations(&self) -> Vec<String> {
        self.texts("SELECT label FROM events WHERE action = 'token.revoked' AND actor_token IS NOT NULL ORDER BY seq")
    }

    /// What was done with a credential, by its id: action and token, in the order of the audit log.
    pub(crate) fn deeds_of(&self, actor: &str) -> Vec<(String, String)> {
        let sql = "SELECT action, token FROM events WHERE actor_token = ? AND token IS NOT NULL ORDER BY seq";
        let mut statement = self.0.prepare(sql).expect("a query");
        let rows = statement.query_map([actor], |row| Ok((row.get(0)?, row.get(1)?))).expect("rows");
        rows.collect::<Result<_, _>>().expect("texts")
    }

    /// What was revoked with a credential, by its id: tokens and the labels that they had at that moment.
    pub(crate) fn revoked_by(&self, actor: &str) -> Vec<(String, String)> {
        let sql = "SELECT token, label FROM events WHERE actor_token = ? AND action = 'token.revoked' ORDER BY seq";
        let mut statement = self.0.prepare(sql).expect("a query");
        let rows = statement.query_map([actor], |row| Ok((row.get(0)?, row.get(1)?))).expect("rows");
        rows.collect::<Result<_, _>>().expect("texts")
    }

    /// The time of the machine that the server runs on.
    pub(crate) fn now(&self) -> i64 {
        self.0.query_row("SELECT unixepoch()", [], |row| row.get(0)).expect("a time")
    }

    fn texts(&self, sql: &str) -> Vec<String> {
        let mut statement = self.0.prepare(sql).expect("a query");
        let rows = statement.query_map([], |row| row.get(0)).expect("rows");
        rows.collect::<Result<_, _>>().expect("texts")
    }

    /// The one token with this label, with its id.
    #[track_caller]
    pub(crate) fn one(&self, label: &str) -> (String, Held) {
        let mut found = self.tokens().into_iter().filter(|(_, held)| held.label == label);
        let (one, other) = (found.next(), found.next());
        assert!(other.is_none(), "several tokens are called {label}");
        one.expect("no token has this label")
    }

    /// Whether the one token with this label lives.
    #[track_caller]
    pub(crate) fn lives(&self, label: &str) -> bool {
        self.one(label).1.live
    }
}

impl Held {
    pub(crate) fn is_admin(&self) -> bool {
        self.roles & ADMIN != 0
    }
}

/// The ids of the tokens that lived before and are revoked after. Holds that nothing else changed.
#[track_caller]
pub(crate) fn revoked(before: &Holding, after: &Holding) -> Vec<String> {
    assert_eq!(before.len(), after.len());
    let mut revoked = Vec::new();
    for (id, was) in before {
        let is = &after[id];
        if was.live && !is.live {
            revoked.push(id.clone());
            let alike = Held { live: was.live, revoked: was.revoked, ..is.clone() };
            assert_eq!(alike, *was, "{id} was changed otherwise too");
        } else {
            assert_eq!(is, was, "{id}");
        }
    }
    revoked
}
