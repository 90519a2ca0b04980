//! Why the server does not start or cannot go on, for the person who started it.

use std::path::PathBuf;

/// What keeps the server from starting.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file or the data directory could not be read or written.
    #[error("{}: {source}", path.display())]
    File {
        /// Which one.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The data directory holds other things already.
    #[error("{} is not empty and holds no tokens.db: name an empty or a new directory", .0.display())]
    Foreign(PathBuf),
    /// Another server runs on the data directory.
    #[error("another server is running on {}", .0.display())]
    InUse(PathBuf),
    /// A key file is missing or damaged although the database needs it.
    #[error("{} is missing or damaged: without it no token of this database can be checked; restore it from a backup", .0.display())]
    Key(PathBuf),
    /// The database was written by a newer version.
    #[error("the database has schema {found}, this version knows up to {known}: start the newer version again")]
    NewerSchema {
        /// The schema of the database.
        found: i64,
        /// The newest schema that this version knows.
        known: i64,
    },
    /// The database did not pass `SQLite`'s check.
    #[error("the database is damaged: {0}")]
    Damaged(String),
    /// The database failed.
    #[error("database: {0}")]
    Database(#[from] rusqlite::Error),
    /// A certificate could not be made.
    #[error("certificate: {0}")]
    Certificate(#[from] rcgen::Error),
    /// TLS could not be set up.
    #[error("TLS: {0}")]
    Tls(#[from] rustls::Error),
    /// The address could not be listened on.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address asked for.
        address: std::net::SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
    /// A thread or the event loop could not be started.
    #[error("cannot start the server's threads: {0}")]
    Threads(std::io::Error),
    /// The system gave no random bytes.
    #[error("the system gives no random bytes")]
    Random,
}
