//! The report: what is in it, and where it goes.

use std::io::{self, BufWriter, Write};
use std::path::Path;

use super::super::arguments::{self, Format};
use super::super::dashboard::Configured;
use super::super::say::{self, Stop};
use super::{Blind, csv, json, markdown, notices};
use crate::domain::{ContextName, Report, escape, report};

/// Writes it to standard output, and the notices to their folder.
pub(super) fn run(
    configured: &Configured,
    arguments: &arguments::About,
    format: Format,
    folder: Option<&Path>,
) -> Result<u8, Stop> {
    let about = super::about(arguments)?;
    let report = report(&super::read(configured)?, &about);
    if report.records.is_empty() {
        let of = about.incident.as_ref().map_or_else(String::new, |ticket| format!(" of {}", escape(ticket)));
        return Err(Stop::Says(say::FAILED, format!("there are no records{of} in the journal")));
    }
    // Before anything is printed: what cannot be written ends it.
    if let Some(folder) = folder {
        notices::write(&report, folder)?;
    }
    let mut out = BufWriter::new(io::stdout().lock());
    let written = match format {
        Format::Md => out.write_all(markdown::text(&report, &blind(configured, &report)).as_bytes()),
        Format::Json => json::write(&mut out, &report, &blind(configured, &report)),
        Format::Csv => out.write_all(csv::text(&report).as_bytes()),
    };
    written.and_then(|()| out.flush())?;
    Ok(say::OK)
}

/// Returns what the lists of the contexts do not hold, as their descriptions say.
fn blind(configured: &Configured, report: &Report) -> Vec<Blind> {
    let of = |name: &ContextName| {
        let config = configured.contexts.iter().find(|context| context.name == *name)?;
        let able = configured.open(config.clone()).ok()?.context.capabilities;
        Some((able.title.clone(), able.not_listed.clone()))
    };
    report.contexts().into_iter().map(|name| Blind { context: name.clone(), backend: of(name) }).collect()
}
