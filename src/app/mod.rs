//! The model, the one step that changes it, and what the step asks for.

pub mod filter;
pub mod inventory;
