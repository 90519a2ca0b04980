//! The store: one `SQLite` database, one writer, and any number of readers beside it.

mod audit;
mod json;
mod list;
mod notices;
mod replays;
mod schema;
mod token;
mod usage;
mod users;
mod writer;

pub(crate) use audit::{Entry, Head, chain_holds, events, head, record};
pub(crate) use json::Answer;
pub(crate) use list::{Query, Status, cursor, page, parse_cursor};
pub(crate) use notices::{leave as leave_notice, notices};
pub(crate) use replays::{Replay, find as find_replay, keep as keep_replay};
pub(crate) use schema::{migrate, version, writer as open_writer};
pub(crate) use token::{NewToken, Secretless, Token, below, insert};
pub(crate) use usage::Usage;
pub(crate) use users::{User, user, user_named, users};
pub(crate) use writer::{Change, Writer};

use super::{error::Error, problem::Problem};
use rusqlite::Connection;
use schema::reader;
use std::{
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

/// How many idle reading connections are kept.
const IDLE_READERS: usize = 8;

/// Connections that only read; each request borrows one.
pub(crate) struct Readers {
    path: PathBuf,
    idle: Mutex<Vec<Connection>>,
}

impl Readers {
    /// Readers of the database at `path`; the first is opened at once.
    ///
    /// # Errors
    /// When the database cannot be opened.
    pub(crate) fn open(path: &Path) -> Result<Self, Error> {
        let first = reader(path)?;
        Ok(Self { path: path.to_owned(), idle: Mutex::new(vec![first]) })
    }

    /// Runs `read` on a connection.
    ///
    /// # Errors
    /// What `read` answers, or that no connection could be opened.
    pub(crate) fn with<T>(&self, read: impl FnOnce(&Connection) -> Result<T, Problem>) -> Result<T, Problem> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let connection = match idle {
            Some(connection) => connection,
            None => reader(&self.path)?,
        };
        let answer = read(&connection);
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < IDLE_READERS {
            idle.push(connection);
        }
        answer
    }
}
