//! A context: a backend, where it is, and whose it is.

use std::sync::Arc;

use jiff::SignedDuration;

use super::{Capabilities, ContextName, Origin};

/// A named connection. The credential is not in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Context {
    /// Its name in the configuration.
    pub name: ContextName,
    /// Where the backend is; the credential is bound to it.
    pub origin: Origin,
    /// Whether requests that change something may be sent. Enforced where requests are made.
    pub access: Access,
    /// Whether every confirmation is raised.
    pub protection: Protection,
    /// How long after its last use a token counts as active.
    pub active_window: SignedDuration,
    /// What its backend can do.
    pub capabilities: Arc<Capabilities>,
}

/// Whether a context may change anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Requests that change something are refused before they are sent.
    ReadOnly,
    /// They may be sent.
    Write,
}

/// Whether a context raises every confirmation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protection {
    /// The tiers of the tokens themselves hold.
    Ordinary,
    /// Every confirmation is raised.
    Protected,
}

/// Where a credential came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CredentialSource {
    /// Standard input, at the start.
    Stdin,
    /// The environment variable that the context names.
    Environment,
    /// The command that the context names.
    Command,
    /// The keyring of the operating system.
    Keyring,
    /// The keyring of the Linux kernel.
    Kernel,
    /// A file that a passphrase opens.
    File,
    /// A file that the embedded backend wrote, for `demo`.
    Demo,
    /// Typed; gone when the program ends.
    Memory,
}

impl CredentialSource {
    /// Returns the words on screen.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Stdin => "standard input",
            Self::Environment => "environment",
            Self::Command => "credential command",
            Self::Keyring => "OS keyring",
            Self::Kernel => "kernel keyring",
            Self::File => "passphrase file",
            Self::Demo => "demo",
            Self::Memory => "memory only",
        }
    }

    /// Returns how long what is kept there stays, where that is less than one may expect.
    pub const fn lifetime(self) -> Option<&'static str> {
        match self {
            Self::Kernel => Some("until the machine restarts, or it was not used for days"),
            Self::Memory => Some("until the program ends"),
            Self::Stdin | Self::Environment | Self::Command | Self::Keyring | Self::File | Self::Demo => None,
        }
    }
}
