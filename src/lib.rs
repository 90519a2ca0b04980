//! A keyboard-driven terminal dashboard for API tokens.

pub mod domain;
