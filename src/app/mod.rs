//! The model, the one step that changes it, and what the step asks for. No I/O, no clock.

pub mod action;
pub mod activity;
mod answers;
pub mod applying;
pub mod below;
pub mod by_value;
pub mod calls;
pub mod clipboard;
pub mod command;
pub mod contexts;
pub mod effect;
pub mod errand;
mod exchange;
mod expiry;
pub mod field;
pub mod filter;
mod filtering;
pub mod identify;
pub mod incident;
pub mod inventory;
mod issued;
pub mod key;
pub mod keymap;
mod keys;
mod leave;
pub mod lines;
mod loading;
mod login;
pub mod message;
pub mod messages;
pub mod modal;
pub mod model;
pub mod own;
pub mod pending;
pub mod planning;
pub mod reading;
pub mod replacing;
pub mod run;
pub mod sift;
pub mod sought;
mod switching;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
pub mod tokens;
mod update;

pub use update::{awaits_frame, next_wake, start, undertake, update};
