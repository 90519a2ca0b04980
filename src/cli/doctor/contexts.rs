//! Each context: who keeps its credential, whether it can be reached, whose the credential is.

use jiff::SignedDuration;

use super::{Line, Report, Verdict};
use crate::app::contexts::{Asked, ContextState};
use crate::app::errand;
use crate::app::model::Wants;
use crate::cli::arguments::Global;
use crate::cli::dashboard::Configured;
use crate::cli::say::Stop;
use crate::cli::session::{Chosen, Traces};
use crate::config::{ContextConfig, Environment};
use crate::domain::{Access, CredentialSource, Expiry, Failure, Operation, Origin};
use crate::runtime::connect::Connection;
use crate::runtime::examine;
use crate::runtime::vault::{Found, VaultError};

/// How far clocks may be apart before moments mislead.
const APART: SignedDuration = SignedDuration::from_secs(60);
/// How long before its end an own credential is spoken of.
const SOON: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Looks at every context that is meant.
pub(super) fn look(global: &Global, configured: Configured, report: &mut Report) -> Result<(), Stop> {
    if configured.contexts.is_empty() {
        let line = Line::note("contexts", "none is configured", "`tokendeck` adds one, or shows the demo");
        return Ok(report.say(&line)?);
    }
    drop(configured);
    let chosen = Chosen::read(global, None)?;
    let mut ready = 0;
    for config in chosen.contexts() {
        match chosen.ready(config) {
            Ok(connection) => {
                ready += 1;
                report.say_all(credentials(&chosen, config, &connection.context.origin))?;
                report.say_all(network(&connection))?;
            }
            Err(failure) => report.say(&failed(&config.name.to_string(), "description", &failure))?,
        }
    }
    if ready == 0 {
        return Ok(());
    }
    let mut session = chosen.open(global, Wants::Identity, Traces::None)?;
    session.until(errand::is_known)?;
    for state in &session.model().contexts {
        report.say_all(answers(state, session.model().now))?;
    }
    Ok(())
}

fn about(context: impl std::fmt::Display, what: &str) -> String {
    format!("{context} {what}")
}

fn failed(context: &str, what: &str, failure: &Failure) -> Line {
    Line::fail(&about(context, what), failure.to_string(), failure.hint.clone())
}

/// The places of a credential in their order, each with its answer.
fn credentials(chosen: &Chosen, config: &ContextConfig, origin: &Origin) -> Vec<Line> {
    let mut lines = Vec::new();
    if let Some(variable) = &config.credential_env {
        let about = about(&config.name, "environment");
        lines.push(match Environment.filled(variable) {
            Some(_) => Line::ok(&about, format!("{variable} is set")),
            None => Line::note(
                &about,
                format!("{variable} is not set"),
                format!("export {variable}, or take credential_env away"),
            ),
        });
    }
    if let Some(program) = config.credential_command.first() {
        lines.push(Line::ok(&about(&config.name, "command"), format!("{program}, asked below")));
    }
    // Where one is given before, the places are not asked for it.
    let is_given = lines.iter().any(|line| line.verdict == Verdict::Ok);
    for (place, answer) in chosen.places().answers(origin, &config.name) {
        let about = about(&config.name, place.words());
        lines.push(match answer {
            Ok(Found::Present(_)) => Line::ok(&about, format!("has one{}", lifetime(place))),
            Ok(Found::Absent) => Line::ok(&about, format!("has none{}", lifetime(place))),
            Err(VaultError::Sealed) => Line::ok(&about, "has one, which a passphrase opens"),
            Err(error) if is_given || matches!(error, VaultError::Unavailable(_)) => {
                Line::note(&about, error.to_string(), error.hint())
            }
            Err(error) => Line::fail(&about, error.to_string(), error.hint()),
        });
    }
    lines
}

fn lifetime(place: CredentialSource) -> String {
    let days = |time: std::time::Duration| time.as_secs() / 86_400;
    match (place, examine::kernel_expiry()) {
        (CredentialSource::Kernel, Some(time)) => {
            format!("; what it keeps goes at a restart, and after {} days without use", days(time))
        }
        _ => String::new(),
    }
}

/// The name and the address of a backend.
fn network(connection: &Connection) -> Vec<Line> {
    let (name, origin) = (&connection.context.name, &connection.context.origin);
    if let Some(proxy) = &connection.config.proxy {
        return vec![Line::ok(&about(name, "network"), format!("{origin} through the proxy {proxy}: asked below"))];
    }
    let found = match examine::addresses(origin) {
        Ok(found) if !found.is_empty() => found,
        Ok(_) => {
            return vec![Line::fail(
                &about(name, "name"),
                format!("{origin} has no address"),
                "check `url` of the context",
            )];
        }
        Err(error) => {
            let cure = "check `url` of the context, and this host's name servers";
            return vec![Line::fail(&about(name, "name"), format!("{origin}: {error}"), cure)];
        }
    };
    let all: Vec<String> = found.iter().map(|address| address.ip().to_string()).collect();
    let mut lines = vec![Line::ok(&about(name, "name"), format!("{origin} is {}", all.join(", ")))];
    let about = about(name, "address");
    let mut last = None;
    for address in &found {
        match examine::connect(address) {
            Ok(time) => {
                lines.push(Line::ok(&about, format!("{address} took a connection in {} ms", time.as_millis())));
                return lines;
            }
            Err(error) => last = Some(format!("{address}: {error}")),
        }
    }
    lines.push(Line::fail(
        &about,
        last.unwrap_or_default(),
        "see that the backend runs, and that nothing between refuses",
    ));
    lines
}

/// What the backend answered.
fn answers(state: &ContextState, now: jiff::Timestamp) -> Vec<Line> {
    let name = &state.context.name;
    let mut lines = Vec::new();
    match &state.credential {
        Asked::There(source) => {
            lines.push(Line::ok(&about(name, "credential"), format!("from the {}", source.words())));
        }
        Asked::Failed(failure) => lines.push(failed(name.as_str(), "credential", failure)),
        Asked::Not | Asked::Asking => {}
    }
    if let Some(tls) = &state.tls {
        let latency = state.latency.map(|time| format!(", answered in {} ms", time.as_millis())).unwrap_or_default();
        lines.push(Line::ok(&about(name, "TLS"), format!("{tls}, its certificate is trusted{latency}")));
    }
    if let Some(skew) = state.skew {
        let seconds = skew.as_secs();
        lines.push(if skew.abs() > APART {
            let finding = format!("the backend's is {seconds} s ahead of this host's");
            Line::note(&about(name, "clock"), finding, "set the clock that is wrong: ages and ends mislead")
        } else {
            Line::ok(&about(name, "clock"), format!("{seconds} s apart"))
        });
    }
    match (&state.identity, &state.credential) {
        (Asked::There(identity), _) => {
            let roles: Vec<String> = identity.roles.iter().flatten().map(ToString::to_string).collect();
            let roles = if roles.is_empty() { "roles not reported".to_owned() } else { roles.join(", ") };
            let (expires, soon) = match identity.expires {
                Expiry::At(end) => (format!("expires {end:.0}"), end.duration_since(now) < SOON),
                Expiry::Never => ("never expires".to_owned(), false),
                Expiry::NotReported => ("expiry not reported".to_owned(), false),
            };
            let finding = format!("{}: {roles}; {expires}", identity.name);
            lines.push(if soon {
                Line::note(&about(name, "who I am"), finding, "make a new credential in time, then `tokendeck login`")
            } else {
                Line::ok(&about(name, "who I am"), finding)
            });
        }
        (Asked::Failed(failure), Asked::Not | Asked::Asking | Asked::There(_)) => {
            lines.push(failed(name.as_str(), "who I am", failure));
        }
        // Said above, or not asked.
        (Asked::Failed(_), Asked::Failed(_)) | (Asked::Not | Asked::Asking, _) => {}
    }
    lines.push(Line::ok(&about(name, "what I may do"), may(state)));
    lines
}

/// What the context lets through, and what the backend offers.
fn may(state: &ContextState) -> String {
    let capabilities = &state.context.capabilities;
    let offers = [
        ("list", true),
        (Operation::Whoami.word(), capabilities.whoami.offered()),
        ("create", capabilities.create.offered()),
        ("rotate", capabilities.rotates()),
        ("revoke", capabilities.revoke.offered()),
    ];
    let offered: Vec<&str> = offers.into_iter().filter(|(_, offered)| *offered).map(|(word, _)| word).collect();
    let access = match state.context.access {
        Access::ReadOnly => "the context is read-only (`:write` lifts it)",
        Access::Write => "the context lets changes through",
    };
    format!("{access}; the backend offers {}", offered.join(", "))
}
