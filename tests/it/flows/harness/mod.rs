//! The real binary in a real terminal against a real server, in a home of its own.

pub(crate) mod keys;
pub(crate) mod link;
pub(crate) mod site;
pub(crate) mod store;
pub(crate) mod terminal;

pub(crate) use site::{Home, KEEPS_NOTHING, Site};
pub(crate) use store::revoked;
pub(crate) use terminal::Terminal;

/// How often something is tried that has to be so every time: as often as `TOKENDECK_ROUNDS` says.
#[expect(clippy::disallowed_methods, reason = "whoever runs the tests says in the environment how often")]
pub(crate) fn rounds(usual: usize) -> usize {
    std::env::var("TOKENDECK_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(usual)
}
