//! The embedded HTTPS backend: a small real token server on `SQLite`. It knows nothing of the rest of the program.
//!
//! [`start`] opens a data directory and serves it until [`Running::stop`]; requests go from `listen` through the
//! table in `routes` to `store`, changes by way of the one writer.

mod access;
mod audit;
mod clock;
mod error;
mod fault;
mod home;
mod keys;
mod ladder;
mod lifecycle;
mod listen;
mod moment;
mod problem;
mod role;
mod routes;
mod run;
mod seed;
mod service;
mod store;
mod tls;
mod value;

pub use audit::{Verdict, verify};
pub use error::Error;
pub use fault::Faults;
pub use routes::routes;
pub use run::{Options, Running, start};
pub use seed::Sample;
