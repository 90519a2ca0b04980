//! A keyboard-driven terminal dashboard for API tokens.

pub mod app;
pub mod backend;
pub mod domain;
#[cfg(feature = "server")]
pub mod server;
pub mod ui;
