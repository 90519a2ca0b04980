//! `tokendeck identify`: which token a secret belongs to.

use std::io::{self, BufWriter, Write};

use serde::Serialize;

use super::arguments::{Global, Identify};
use super::say::{self, Stop, usage};
use super::session::{Chosen, Session, Traces};
use super::{by_value, list, token, value};
use crate::app::errand::Errand;
use crate::app::identify::{Finding, Hit, Verdict};
use crate::app::modal::{self, Looking};
use crate::app::model::{Model, Wants};
use crate::domain::Untrusted;
use crate::domain::shape::Check;

/// A value of a text, in the order of its keys. Of the value itself no more is printed than all of its kind begin with.
#[derive(Serialize)]
struct Printed {
    looks: String,
    begins: String,
    /// Whether it is whole, as far as its form tells.
    checksum: Option<bool>,
    issuer: Option<String>,
    line: usize,
    times: usize,
    verdict: &'static str,
    tokens: Vec<Token>,
    reason: Option<String>,
}

/// A token that a value is, or may be.
#[derive(Serialize)]
struct Token {
    context: String,
    id: String,
    label: String,
    status: &'static str,
    exact: bool,
    how: String,
}

/// Looks for a secret in the lists, or asks the backend which token it belongs to where that was asked for.
pub(super) fn run(global: &Global, arguments: &Identify) -> Result<u8, Stop> {
    if global.credential_stdin {
        return Err(usage("--credential-stdin does not go with this command: the secret is read from there"));
    }
    match (arguments.send, arguments.revoke) {
        (_, true) => by_value::run(global, arguments),
        (true, false) => ask(global, arguments),
        (false, false) => look(global, arguments),
    }
}

fn ask(global: &Global, arguments: &Identify) -> Result<u8, Stop> {
    let chosen = Chosen::one(global, None)?;
    let name = chosen.first().name.clone();
    let value = value::ask(&format!("Secret to look up at {name}: "))?;
    let mut session = chosen.open(global, Wants::Identity, Traces::None)?;
    session.driver.ask(Errand::Identify(name, value))?;
    let key = session.found()?;
    list::print(&session, &key, arguments.json)?;
    Ok(say::OK)
}

/// Compares what is on standard input with the lists of the contexts; nothing of it is sent.
fn look(global: &Global, arguments: &Identify) -> Result<u8, Stop> {
    let chosen = Chosen::read(global, None)?;
    let text = value::text("Secret to look for in the lists; it is not sent: ")?;
    let mut session = chosen.open(global, Wants::List, Traces::None)?;
    session.listed()?;
    let codes = session.troubles();
    session.driver.ask(Errand::Look(text))?;
    let is_over = |model: &Model| modal::identified(model).is_some_and(|screen| screen.stage == Looking::Over);
    session.until(is_over)?;
    let Some(screen) = modal::identified(session.model()) else { return Ok(say::FAILED) };
    if screen.cut {
        say::say("there was more than is looked for at once: what is told is not all");
    }
    print(&session, &screen.findings, arguments.json)?;
    let is_found = |finding: &Finding| matches!(finding.verdict(), Verdict::Found | Verdict::Likely);
    match codes.into_iter().find(|code| *code != say::OK) {
        _ if screen.findings.iter().any(is_found) => Ok(say::OK),
        Some(code) => Ok(code),
        None => Ok(say::FAILED),
    }
}

fn print(session: &Session, findings: &[Finding], json: bool) -> io::Result<()> {
    let mut out = BufWriter::new(io::stdout().lock());
    for printed in findings.iter().map(|finding| printed(session.model(), finding)) {
        if json {
            token::json(&mut out, &printed)?;
        } else {
            line(&mut out, &printed)?;
        }
    }
    out.flush()
}

fn printed(model: &Model, finding: &Finding) -> Printed {
    let candidate = &finding.candidate;
    Printed {
        looks: candidate.words(),
        begins: candidate.shown(),
        checksum: match candidate.check {
            Check::None => None,
            Check::Right => Some(true),
            Check::Wrong => Some(false),
        },
        issuer: candidate.issuer.as_ref().map(|issuer| issuer.shown().into_owned()),
        line: candidate.line,
        times: candidate.times,
        verdict: match finding.verdict() {
            Verdict::Found => "found",
            Verdict::Likely => "likely",
            Verdict::Lives => "alive",
            Verdict::NotThere => "in no list",
            Verdict::Open => "lists cannot tell",
            Verdict::Elsewhere => "no context of its kind",
        },
        tokens: finding.hits.iter().filter_map(|hit| hit_of(model, hit)).collect(),
        reason: Some(finding.words()).filter(|words| !words.is_empty()),
    }
}

fn hit_of(model: &Model, hit: &Hit) -> Option<Token> {
    let inventory = &model.tokens.inventory;
    let row = inventory.get(inventory.find(&hit.token)?)?;
    let window = model.context(row.context())?.context.active_window;
    Some(Token {
        context: row.context().to_string(),
        id: row.id().raw().to_owned(),
        label: row.label().raw().to_owned(),
        status: row.status(model.now, window).word(),
        exact: hit.how.is_exact(),
        how: hit.how.words(),
    })
}

fn line(out: &mut impl Write, printed: &Printed) -> io::Result<()> {
    let shown = |text: &str| Untrusted::new(text).shown().into_owned();
    let of = |token: &Token| {
        let sure = if token.exact { "this is" } else { "this may be" };
        let (id, label) = (shown(&token.id), shown(&token.label));
        format!("{sure} {}/{id} \"{label}\", {} ({})", token.context, token.status, token.how)
    };
    let all: Vec<String> = printed.tokens.iter().map(of).collect();
    let found = if all.is_empty() { printed.reason.clone().unwrap_or_default() } else { all.join("; ") };
    let sum = if printed.checksum == Some(false) { ", its checksum is wrong" } else { "" };
    writeln!(out, "line {}: {} {}{sum}: {found}", printed.line, printed.begins, shown(&printed.looks))
}
