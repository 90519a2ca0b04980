//! Everything that needs more than one layer: one binary, so that it links once.

mod backend;
#[cfg(all(feature = "server", target_os = "linux"))]
mod canaries;
#[cfg(all(feature = "server", unix))]
mod cli;
#[cfg(all(feature = "server", target_os = "linux"))]
mod clipboards;
#[cfg(all(feature = "server", unix))]
mod faults;
#[cfg(all(feature = "server", unix))]
mod flows;
#[cfg(all(feature = "server", target_os = "linux"))]
mod keyrings;
#[cfg(all(feature = "server", unix))]
mod live;
#[cfg(all(feature = "server", target_os = "linux"))]
mod memory;
#[cfg(all(feature = "server", target_os = "linux"))]
mod parts;
#[cfg(feature = "server")]
mod server;
#[cfg(all(feature = "server", target_os = "linux"))]
mod ssh;
mod tidy;
