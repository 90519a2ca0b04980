#![doc = include_str!("ARCHITECTURE.md")]

pub mod app;
pub mod backend;
pub mod cli;
pub mod config;
pub mod domain;
pub mod runtime;
#[cfg(feature = "server")]
pub mod server;
pub mod ui;
