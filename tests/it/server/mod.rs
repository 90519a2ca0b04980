//! The embedded backend, over real HTTPS.

pub(crate) mod harness;

mod audit;
mod crash;
mod create;
mod description;
mod list;
mod matrix;
mod oauth;
mod protocol;
mod seed;
mod start;
mod tokens;
mod users;

use harness::{House, Reply};
