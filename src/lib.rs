//! A keyboard-driven terminal dashboard for API tokens.

pub mod app;
pub mod backend;
pub mod cli;
pub mod config;
pub mod domain;
pub mod runtime;
#[cfg(feature = "server")]
pub mod server;
pub mod ui;
