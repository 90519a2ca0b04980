//! The command line without a terminal: the real binary, its output, its exit codes, and what the server then holds.

mod credential;
pub(crate) mod doctor;
mod identify;
mod journal;
mod list;
mod lockbox;
mod make;
mod plan;
pub(crate) mod program;
mod proxy;
mod refused;
mod revoke;
mod unlisted;
mod walk;
