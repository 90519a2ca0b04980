//! The real binary in a real terminal against a real server, in a home of its own.

pub(crate) mod keys;
pub(crate) mod link;
pub(crate) mod site;
pub(crate) mod store;
pub(crate) mod terminal;

pub(crate) use site::{Home, KEEPS_NOTHING, Site};
pub(crate) use store::revoked;
pub(crate) use terminal::Terminal;
