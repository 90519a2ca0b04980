//! HTTPS: the one place that talks to a network, and the one that puts a credential into a request.

mod client;
mod fill;
mod jwt;
mod reading;
mod resolve;
mod shown;
mod tls;
mod trouble;
mod tunnel;

use std::time::Duration;

use crate::domain::Origin;

pub use client::Client;
pub use shown::{Certificate, can_be_shown, certificates};

/// What a client is built from, at the first request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientOptions {
    /// The only origin that it talks to.
    pub origin: Origin,
    /// Certificates that are trusted instead of the platform's, as PEM; `None` for the platform's.
    pub ca_pem: Option<Vec<u8>>,
    /// The proxy, as a URL; `None` for none: the environment is not asked.
    pub proxy: Option<String>,
    /// How long and how large.
    pub limits: Limits,
}

impl ClientOptions {
    /// Talks to an origin with the platform's certificates, no proxy, and the usual limits.
    pub fn new(origin: Origin) -> Self {
        Self { origin, ca_pem: None, proxy: None, limits: Limits::default() }
    }
}

/// How long a request may take, and how large its answer may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Until a connection stands.
    pub connect: Duration,
    /// Without a byte of the answer.
    pub silence: Duration,
    /// From the start to the last byte.
    pub total: Duration,
    /// The body of a page of a list, in bytes.
    pub page_bytes: usize,
    /// Any other body, in bytes.
    pub single_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            silence: Duration::from_secs(10),
            total: Duration::from_secs(30),
            page_bytes: 64 << 20,
            single_bytes: 4 << 20,
        }
    }
}
