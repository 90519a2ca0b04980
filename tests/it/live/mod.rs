//! Four real servers, as `.ci/run live` starts them: through the layer that asks, and through the real program.
//!
//! Without a server a test says that it cannot run; with `TOKENDECK_REQUIRE_LIVE=1` it fails then.

mod cluster;
mod commands;
mod facts;
mod line;
mod many;
mod operations;
mod own;
mod screen;
mod server;
