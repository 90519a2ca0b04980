//! Backends as data: a description becomes a plan, a plan turns operations into requests and answers into replies.
//!
//! [`Plan::check`] reads a description. [`encode()`] and [`decode()`] are pure; [`https`] is the one place that does
//! I/O. Nothing here knows any one backend: what one is like stands in `assets/backends/`.

pub mod catalog;
pub mod https;

mod compound;
mod decode;
mod description;
mod encode;
mod mistake;
mod plan;
mod pointer;
mod request;
mod sealed;
mod session;
mod site;
mod template;

pub use decode::{Fields, decode, decode_page, decode_pages, is_denied, next_page};
pub use encode::{encode, encode_login, put_over, reads_first};
pub use mistake::Mistake;
pub use plan::Plan;
pub use request::{Effect, Head, Opened, Request, Response, Reuse, Size, Transport};
pub use sealed::{Claims, Guise, Keys, Part, Sealed, Slot};
pub use session::{NewSession, decode_login};
pub use site::Site;
