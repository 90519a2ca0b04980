//! Backends as data: a description becomes a plan, a plan turns operations into requests and answers into replies.
//!
//! [`Plan::check`] reads a description. [`encode()`] and [`decode()`] are pure; [`https`] is the one place that does
//! I/O. Nothing here knows any one backend: what one is like stands in `assets/backends/`.

pub mod catalog;
pub mod https;

mod decode;
mod description;
mod encode;
mod mistake;
mod plan;
mod pointer;
mod request;
mod site;
mod template;

pub use decode::{decode, decode_page, next_page};
pub use encode::encode;
pub use mistake::Mistake;
pub use plan::{Param, Plan};
pub use request::{AuthSlot, Effect, Head, Opened, Request, Response, Size, Transport};
pub use site::Site;
