//! The command line: arguments in, exit code out. No logic that the screen would need too.

mod apply;
mod arguments;
mod backend;
mod by_value;
mod credential;
mod dashboard;
#[cfg(feature = "server")]
mod demo;
mod doctor;
mod identify;
mod journal;
mod list;
mod make;
mod plan;
mod revoke;
mod say;
#[cfg(feature = "server")]
mod serve;
mod session;
mod token;
mod unlock;
mod value;

use clap::Parser;

use crate::runtime::harden;
use arguments::{Arguments, Command, Global};
use say::Stop;

/// The exit code of a wrong usage, which includes a terminal that is not there.
const USAGE: u8 = say::USAGE;

/// Reads the arguments, does what they say, and returns the exit code.
///
/// # Errors
/// What went wrong, for a person; the exit code is 1 then.
pub fn run() -> color_eyre::Result<u8> {
    harden();
    let arguments = Arguments::parse();
    let Arguments { command, global } = arguments;
    dispatch(&global, command.as_ref()).or_else(Stop::end)
}

fn dispatch(global: &Global, command: Option<&Command>) -> Result<u8, Stop> {
    plan::goes_with(global, command)?;
    match command {
        None => Ok(dashboard::run(global)?),
        #[cfg(feature = "server")]
        Some(Command::Demo(demo)) => Ok(demo::run(global, demo)?),
        #[cfg(feature = "server")]
        Some(Command::Serve(serve)) => Ok(serve::run(serve)?),
        Some(Command::Backend(backend)) => Ok(backend::run(backend)?),
        Some(Command::Doctor(arguments)) => doctor::run(global, arguments),
        Some(Command::Journal(arguments)) => journal::run(global, arguments),
        Some(Command::List(arguments)) => list::list(global, arguments),
        Some(Command::Show(arguments)) => list::show(global, arguments),
        Some(Command::Create(arguments)) => make::create(global, arguments),
        Some(Command::Edit(arguments)) => make::edit(global, arguments),
        Some(Command::Rotate(arguments)) => make::rotate(global, arguments),
        Some(Command::Revoke(arguments)) => revoke::run(global, arguments),
        Some(Command::Apply(arguments)) => apply::run(global, arguments),
        Some(Command::Verify(arguments)) => credential::verify(global, arguments),
        Some(Command::Identify(arguments)) => identify::run(global, arguments),
        Some(Command::Login(arguments)) => credential::login(global, arguments),
        Some(Command::Logout(arguments)) => credential::logout(global, arguments),
        Some(Command::Whoami(arguments)) => credential::whoami(global, arguments),
    }
}
