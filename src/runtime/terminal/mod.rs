//! The terminal: entered once, drawn on by one writer thread, restored exactly once.

mod answers;
mod backend;
mod lines;
mod modes;
mod screen;
mod sgr;
mod suspend;
mod tty;
mod unseen;
mod writer;

pub use answers::{Synchronised, synchronised};
pub use lines::{Echo, Lines, Put};
pub use modes::{Kind, Restorer, restore_on_panic};
pub use screen::{Drawn, Screen};
pub use suspend::{Stop, Stopped, pause};
pub use tty::Tty;
pub use unseen::{Typed, ask_unseen};
pub use writer::Writer;

#[cfg(test)]
#[cfg(unix)]
mod pty_tests;
