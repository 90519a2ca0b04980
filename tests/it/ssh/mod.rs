//! The program behind a real SSH server, and what it does when the session ends: `.ci/run session` installs it.
//!
//! Without a part a test says that it cannot run; with `TOKENDECK_REQUIRE_LIVE=1` it fails then. More rounds than the
//! usual one, as `TOKENDECK_ROUNDS` asks for, say how long it took.

mod cut;
mod session;
mod sshd;
mod watch;
