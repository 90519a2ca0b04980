//! The real binary in a pseudo-terminal: what a person sees and types, and what the server's database then holds.

pub(crate) mod harness;

mod bulk;
mod contexts;
mod ending;
mod exits;
mod first_run;
mod identifying;
mod linear;
mod listing;
mod looking;
pub(crate) mod making;
mod moved;
mod reading;
mod recovering;
mod revoking;

pub(crate) use revoking::find;
