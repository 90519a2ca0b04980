//! Everything that needs more than one layer: one binary, so that it links once.

mod backend;
#[cfg(feature = "server")]
mod server;
