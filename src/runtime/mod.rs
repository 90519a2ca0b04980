//! The shell: the one loop, and every effect behind its edge.

mod ask;
mod child;
pub mod clipboard;
pub mod connect;
pub mod credential;
pub mod descriptions;
mod desk;
mod drive;
mod effects;
pub mod examine;
mod files;
mod handover;
pub mod hangup;
mod harden;
pub mod headless;
pub mod input;
pub mod journal;
mod keys;
mod linear;
pub mod log;
mod r#loop;
mod meter;
pub mod plan_file;
pub mod ports;
pub mod question;
mod setup;
pub mod signals;
pub mod terminal;
pub mod vault;

pub use desk::Place;
pub use effects::{Demo, StartDemo};
pub use harden::harden;
pub use linear::run as run_lines;
pub use r#loop::run;
pub use setup::Setup;
