//! `tokendeck doctor`: what this host, this terminal and each context are like; one verdict a line, with the cure.
//!
//! Nothing secret is among it: a bug report can be pasted from it.

mod contexts;
mod host;
mod journal;

use std::io::{self, Write};

use serde::Serialize;

use super::arguments::{Doctor, Global};
use super::dashboard::Configured;
use super::say::{self, Stop};
use super::token;
use crate::domain::escape;

/// What was found of one thing.
#[derive(Debug, Serialize)]
pub(super) struct Line {
    about: String,
    verdict: Verdict,
    finding: String,
    cure: Option<String>,
}

/// How good that is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Verdict {
    /// It is as it should be.
    Ok,
    /// It works, and there is something to know.
    Note,
    /// It does not work.
    Fail,
}

impl Verdict {
    const fn words(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Note => "note",
            Self::Fail => "FAIL",
        }
    }
}

impl Line {
    fn new(about: &str, verdict: Verdict, finding: impl Into<String>) -> Self {
        Self { about: about.to_owned(), verdict, finding: finding.into(), cure: None }
    }

    fn ok(about: &str, finding: impl Into<String>) -> Self {
        Self::new(about, Verdict::Ok, finding)
    }

    fn note(about: &str, finding: impl Into<String>, cure: impl Into<String>) -> Self {
        Self { cure: Some(cure.into()), ..Self::new(about, Verdict::Note, finding) }
    }

    fn fail(about: &str, finding: impl Into<String>, cure: impl Into<String>) -> Self {
        Self { cure: Some(cure.into()), ..Self::new(about, Verdict::Fail, finding) }
    }
}

/// Where the lines go, each as soon as it is known.
pub(super) struct Report {
    json: bool,
    failed: bool,
}

impl Report {
    fn say(&mut self, line: &Line) -> io::Result<()> {
        self.failed |= line.verdict == Verdict::Fail;
        let mut out = io::stdout().lock();
        if self.json {
            return token::json(&mut out, line);
        }
        let Line { about, verdict, finding, cure } = line;
        writeln!(out, "{:<5} {:<24} {}", verdict.words(), escape(about), escape(finding))?;
        match cure {
            Some(cure) => writeln!(out, "{:30} {}", "", escape(cure)),
            None => Ok(()),
        }
    }

    fn say_all(&mut self, lines: impl IntoIterator<Item = Line>) -> io::Result<()> {
        lines.into_iter().try_for_each(|line| self.say(&line))
    }
}

/// Looks at everything, and says what it found.
pub(super) fn run(global: &Global, arguments: &Doctor) -> Result<u8, Stop> {
    let mut report = Report { json: arguments.json, failed: false };
    report.say_all(host::program())?;
    let configured = Configured::read(global)?;
    report.say_all(host::paths(&configured))?;
    report.say_all(journal::lines(&configured))?;
    report.say_all(host::terminal())?;
    report.say_all(host::clipboard(arguments.try_clipboard))?;
    contexts::look(global, configured, &mut report)?;
    Ok(if report.failed { say::FAILED } else { say::OK })
}
