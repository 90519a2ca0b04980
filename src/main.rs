//! Arguments, then the command line or the loop, then the exit code.

use std::process::ExitCode;

fn main() -> color_eyre::Result<ExitCode> {
    // Without the environment: a report is pasted into tickets.
    color_eyre::config::HookBuilder::default().display_env_section(false).install()?;
    Ok(ExitCode::from(tokendeck::cli::run()?))
}
