//! `tokendeck backend`: descriptions listed, shown and checked.

use std::fs;
use std::io::{self, Write};

use color_eyre::eyre::WrapErr;

use super::USAGE;
use super::arguments::{Backend, BackendCommand};
use crate::backend::{Plan, catalog};
use crate::domain::escape;

/// Does what the arguments say.
pub(super) fn run(arguments: &Backend) -> color_eyre::Result<u8> {
    let mut out = io::stdout().lock();
    let written = match &arguments.command {
        BackendCommand::List => catalog::names().try_for_each(|name| list(&mut out, name)),
        BackendCommand::Show { name } => match catalog::builtin(name) {
            Some(text) => out.write_all(text.as_bytes()),
            None => return missing(name),
        },
        BackendCommand::Check { file } => {
            let text = fs::read_to_string(file).wrap_err_with(|| format!("{} cannot be read", file.display()))?;
            return check(&file.display().to_string(), &text);
        }
    };
    // A reader that closes the pipe has seen enough.
    match written {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(0),
    }
}

fn list(out: &mut impl Write, name: &str) -> io::Result<()> {
    let plan = catalog::builtin(name).and_then(|text| Plan::check(name, text).ok());
    let Some(plan) = plan else { return writeln!(out, "{name}") };
    let title = plan.capabilities().title;
    match plan.unavailable() {
        None if plan.unlisted().is_some() => {
            writeln!(out, "{name:18} {title} (has no list: `backend show {name}` says why)")
        }
        None => writeln!(out, "{name:18} {title}"),
        Some(_) => writeln!(out, "{name:18} {title} (cannot be used: `backend show {name}` says why)"),
    }
}

fn missing(name: &str) -> color_eyre::Result<u8> {
    let known = catalog::names().collect::<Vec<_>>().join(", ");
    writeln!(io::stderr(), "tokendeck: there is no backend \"{}\"; there are: {known}", escape(name))?;
    Ok(USAGE)
}

fn check(file: &str, text: &str) -> color_eyre::Result<u8> {
    match Plan::check(file, text) {
        Ok(plan) => {
            writeln!(io::stdout(), "{}: no mistake; it describes {}", escape(file), plan.capabilities().title)?;
            Ok(0)
        }
        Err(mistakes) => {
            for mistake in mistakes {
                writeln!(io::stderr(), "{}", escape(&mistake.to_string()))?;
            }
            Ok(USAGE)
        }
    }
}
