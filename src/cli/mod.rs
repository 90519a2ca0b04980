//! The command line: arguments in, exit code out. No logic that the screen would need too.

mod arguments;
mod backend;
mod dashboard;
#[cfg(feature = "server")]
mod demo;
#[cfg(feature = "server")]
mod serve;

use clap::Parser;

use arguments::{Arguments, Command};

/// The exit code of a wrong usage, which includes a terminal that is not there.
const USAGE: u8 = 2;

/// Reads the arguments, does what they say, and returns the exit code.
///
/// # Errors
/// What went wrong, for a person; the exit code is 1 then.
pub fn run() -> color_eyre::Result<u8> {
    let arguments = Arguments::parse();
    let Arguments { command, global } = arguments;
    match command {
        None => dashboard::run(&global),
        #[cfg(feature = "server")]
        Some(Command::Demo(demo)) => demo::run(&global, &demo),
        #[cfg(feature = "server")]
        Some(Command::Serve(serve)) => serve::run(&serve),
        Some(Command::Backend(backend)) => backend::run(&backend),
    }
}
