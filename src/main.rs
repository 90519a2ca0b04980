//! Arguments, then the command line or the loop, then the exit code.

use std::alloc::System;
use std::process::ExitCode;

use zeroizing_alloc::ZeroAlloc;

/// Wipes every block of memory when it is given back. What is wiped by its owner besides is wiped in any program that
/// the library is part of; the buffers of HTTP, TLS, JSON and the terminal are wiped here only.
#[global_allocator]
static MEMORY: ZeroAlloc<System> = ZeroAlloc(System);

fn main() -> color_eyre::Result<ExitCode> {
    // Without the environment: a report is pasted into tickets.
    color_eyre::config::HookBuilder::default().display_env_section(false).install()?;
    Ok(ExitCode::from(tokendeck::cli::run()?))
}
