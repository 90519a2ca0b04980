//! What a new database holds: the operator's credential, and sample tokens where they are asked for.

mod generated;
mod lively;
mod row;

use super::{
    clock,
    error::Error,
    keys::{Keys, Tag},
    role::{Kind, Role, Roles, Scope},
    store::{Entry, NewToken, Secretless, insert, record},
    value,
};
use rusqlite::Connection;
use zeroize::Zeroizing;

/// The user that the first credential belongs to.
const OPERATOR: &str = "operator";

/// What a new database is filled with, besides the operator's own token.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sample {
    /// Nothing.
    #[default]
    Empty,
    /// 59 tokens by hand, so that with the operator's there are 60: every status, role and scope, and odd labels.
    Lively,
    /// As many generated tokens as make exactly this number together with the operator's.
    Rows(usize),
}

/// Fills a new database.
///
/// # Errors
/// When the database refuses or the system gives no random bytes.
pub(crate) fn fill(connection: &Connection, audit: &Keys, sample: Sample) -> Result<(), Error> {
    let now = clock::now();
    connection.execute("INSERT INTO users (name, created) VALUES (?, ?)", (OPERATOR, now))?;
    match sample {
        Sample::Empty => Ok(()),
        Sample::Lively => lively::fill(connection, audit, now),
        Sample::Rows(rows) => generated::fill(connection, now, rows.saturating_sub(1)),
    }
}

/// Makes the operator's credential and answers its value.
///
/// # Errors
/// When the database refuses or the system gives no random bytes.
pub(crate) fn operator(connection: &Connection, pepper: &Keys, audit: &Keys) -> Result<Zeroizing<String>, Error> {
    let now = clock::now();
    let id = value::new_id()?;
    let minted = value::mint(Kind::Access, &id)?;
    let token = NewToken {
        id: &id,
        mac: pepper.tag(&[minted.value.as_bytes()]),
        pepper: pepper.version(),
        kind: Kind::Access,
        scope: Scope::User,
        owner: user(connection, OPERATOR)?,
        creator: OPERATOR,
        roles: Roles::of(Role::Admin),
        last4: minted.last4(),
        label: "operator credential",
        description: "made at the first start; kept in the file operator-credential",
        created: now,
        expires: None,
        parent: None,
    };
    insert(connection, &token)?;
    let masked = value::masked(Kind::Access, minted.last4());
    let face = Secretless { id: &id, label: token.label, owner: OPERATOR, masked };
    event(connection, audit, now, "token.created", "server", &face)?;
    Ok(minted.value)
}

fn user(connection: &Connection, name: &str) -> Result<i64, rusqlite::Error> {
    connection.query_row("SELECT id FROM users WHERE name = ?", [name], |row| row.get(0))
}

fn event(
    connection: &Connection,
    audit: &Keys,
    at: i64,
    action: &str,
    actor: &str,
    token: &Secretless<'_>,
) -> Result<(), rusqlite::Error> {
    let entry = Entry { action, actor, actor_token: None, address: None, token: Some(token), detail: "" };
    record(connection, audit, at, &entry)
}

/// Numbers that look random and are the same each time (`SplitMix64`): samples can be told apart and compared.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end.max(1)
    }

    fn pick<'a, T: ?Sized>(&mut self, all: &[&'a T]) -> &'a T {
        all[usize::try_from(self.below(all.len() as u64)).unwrap_or(0)]
    }

    /// Base62 digits; public ones only, since anybody can compute them.
    fn digits(&mut self, count: usize) -> String {
        const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
        let digit = |_| char::from(DIGITS[usize::try_from(self.below(62)).unwrap_or(0)]);
        (0..count).map(digit).collect()
    }
}

/// The MAC of a value that nobody has: random bytes, so no sample token can be used.
fn nobodys() -> Result<Tag, Error> {
    let mut mac = [0; 32];
    getrandom::fill(&mut mac).map_err(|_| Error::Random)?;
    Ok(mac)
}
