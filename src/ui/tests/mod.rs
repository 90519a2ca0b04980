//! Pictures of every state, and what must hold at every size and for every label.

mod build;
mod bytes;
mod hostile;
mod linear;
mod modals;
mod sizes;
mod tabs;
