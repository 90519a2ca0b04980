//! The edges: small traits, each with its real form and its fake.

use jiff::Timestamp;

pub use super::clipboard::{Clipboard, Recorded};
pub use super::journal::{Journal, MemoryJournal};
pub use super::vault::{MemoryVault, Vault};

/// What time it is.
pub trait Clock: Send + Sync {
    /// Returns the time by this machine's clock.
    fn now(&self) -> Timestamp;
}

/// This machine's clock.
#[derive(Debug, Clone, Copy)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place of the client that reads the clock")]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

/// A clock that stands still.
#[derive(Debug, Clone, Copy)]
pub struct FixedClock(pub Timestamp);

impl Clock for FixedClock {
    fn now(&self) -> Timestamp {
        self.0
    }
}
