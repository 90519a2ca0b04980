//! The command line without a terminal: the real binary, its output, its exit codes, and what the server then holds.

mod credential;
mod list;
mod lockbox;
mod make;
mod program;
mod refused;
mod revoke;
mod walk;
