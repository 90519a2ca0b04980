//! Each context: who keeps its credential, whether it can be reached, whose the credential is.

use std::net::SocketAddr;

use jiff::{SignedDuration, Timestamp};

use super::{Line, Report, Verdict};
use crate::app::contexts::{Asked, ContextState};
use crate::app::errand;
use crate::app::model::Wants;
use crate::backend::https::Certificate;
use crate::cli::arguments::Global;
use crate::cli::dashboard::Configured;
use crate::cli::say::Stop;
use crate::cli::session::{Chosen, Traces};
use crate::config::{ContextConfig, Environment};
use crate::domain::{Access, ContextName, CredentialSource, Expiry, Failure, Operation, Origin};
use crate::runtime::connect::Connection;
use crate::runtime::examine;
use crate::runtime::vault::{Found, VaultError};

/// How far clocks may be apart before moments mislead.
const APART: SignedDuration = SignedDuration::from_secs(60);
/// How long before its end a certificate is spoken of.
const ENDING: SignedDuration = SignedDuration::from_hours(14 * 24);
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
        return through(connection, proxy);
    }
    // First of all: behind a proxy that is not followed nothing of what follows need hold.
    let mut lines: Vec<Line> = unfollowed(name).into_iter().collect();
    let found = match examine::addresses(origin) {
        Ok(found) if !found.is_empty() => found,
        Ok(_) => {
            let finding = format!("{origin} has no address");
            lines.push(Line::fail(&about(name, "name"), finding, "check `url` of the context"));
            return lines;
        }
        Err(error) => {
            let cure = "check `url` of the context, and this host's name servers";
            lines.push(Line::fail(&about(name, "name"), format!("{origin}: {error}"), cure));
            return lines;
        }
    };
    let all: Vec<String> = found.iter().map(|address| address.ip().to_string()).collect();
    lines.push(Line::ok(&about(name, "name"), format!("{origin} is {}", all.join(", "))));
    let about = about(name, "address");
    match reach(&found) {
        Ok((address, words)) => {
            lines.push(Line::ok(&about, words));
            lines.push(shown(connection, address));
        }
        Err(last) => {
            lines.push(Line::fail(&about, last, "see that the backend runs, and that nothing between refuses"));
        }
    }
    lines
}

/// The certificates that are shown at an address, which is the proxy's where the context has one.
fn shown(connection: &Connection, address: SocketAddr) -> Line {
    let (name, origin) = (&connection.context.name, &connection.context.origin);
    match examine::certificates(connection, address) {
        Ok(Some(shown)) => certificates(name, &shown, connection.clock.now()),
        Ok(None) => Line::note(
            &about(name, "certificate"),
            "not looked at: through a proxy that is spoken to by TLS, or another protocol than HTTP, only the connection \
             below tells whether it is trusted",
            format!(
                "where this host reaches it: openssl s_client -connect {}",
                origin.as_str().trim_start_matches("https://")
            ),
        ),
        Err(failure) => failed(name.as_str(), "certificate", &failure),
    }
}

/// Connects to the first address that takes it; returns that, in words too, or why the last one did not.
fn reach(addresses: &[SocketAddr]) -> Result<(SocketAddr, String), String> {
    let mut last = String::new();
    for address in addresses {
        match examine::connect(address) {
            Ok(time) => return Ok((*address, format!("{address} took a connection in {} ms", time.as_millis()))),
            Err(error) => last = format!("{address}: {error}"),
        }
    }
    Err(last)
}

/// The way through a proxy. This host needs neither name nor address of a backend that the proxy knows: what goes
/// through it is asked by the very client that the dashboard has, and shown below; only its certificates are looked at
/// here, through the same proxy.
fn through(connection: &Connection, proxy: &str) -> Vec<Line> {
    let (name, origin) = (&connection.context.name, &connection.context.origin);
    let way = format!("{origin} through the proxy {}: asked below", nameless(proxy));
    let about_it = about(name, "proxy");
    let reached = examine::proxy_addresses(proxy).map_err(|error| error.to_string()).and_then(|found| reach(&found));
    let mut lines = vec![Line::ok(&about(name, "network"), way)];
    match reached {
        Ok((address, words)) => lines.extend([Line::ok(&about_it, words), shown(connection, address)]),
        Err(why) => {
            let finding = format!("{}: {why}", nameless(proxy));
            lines.push(Line::fail(&about_it, finding, "check `proxy` of the context, and that it runs"));
        }
    }
    lines
}

/// The proxy of the environment, which other programs take and this one does not; nothing where none is set.
fn unfollowed(name: &ContextName) -> Option<Line> {
    let set = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];
    let variable = set.into_iter().find(|variable| Environment.filled(variable).is_some())?;
    let finding = format!("{variable} is set, and not followed: a proxy is taken from the context only");
    Some(Line::note(&about(name, "proxy"), finding, "where the backend is behind it, set `proxy` of the context"))
}

/// Returns a proxy without the name and the password that its URL may hold.
fn nameless(proxy: &str) -> String {
    let Some((before, host)) = proxy.rsplit_once('@') else { return proxy.to_owned() };
    format!("{}…@{host}", before.find("://").map_or("", |at| &before[..at + 3]))
}

/// Whom the certificates are about, and when the first of them ends.
fn certificates(name: &ContextName, shown: &[Certificate], now: Timestamp) -> Line {
    let about = about(name, "certificate");
    let (Some(first), Some(last)) = (shown.iter().min_by_key(|shown| shown.ends), shown.last()) else {
        return Line::fail(&about, "it showed none", "ask those who run the backend");
    };
    let subjects: Vec<String> = shown.iter().map(|shown| shown.subject.to_string()).collect();
    let chain = format!("{}, signed by {}", subjects.join(", signed by "), last.issuer);
    let left = first.ends.duration_since(now).as_hours() / 24;
    let which = if shown.len() == 1 { "it".to_owned() } else { format!("the first to end, {},", first.subject) };
    // One that is not needed for the proof may have ended: a connection stood.
    let (word, days) = if first.ends < now { ("ended", "ago") } else { ("ends", "left") };
    let finding = format!("{chain}; {which} {word} at {} ({} days {days})", first.ends, left.abs());
    if first.ends.duration_since(now) < ENDING {
        Line::note(&about, finding, "have it renewed in time: after its end nothing is sent")
    } else {
        Line::ok(&about, finding)
    }
}

/// What the backend answered.
fn answers(state: &ContextState, now: Timestamp) -> Vec<Line> {
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
            let who =
                if identity.name.raw().is_empty() { "the backend does not say".into() } else { identity.name.clone() };
            let finding = format!("{who}: {roles}; {expires}");
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
        ("list", capabilities.unlisted.is_none()),
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

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(subject: &str, issuer: &str, days: i64, now: Timestamp) -> Certificate {
        let ends = now + SignedDuration::from_hours(24 * days) + SignedDuration::from_mins(1);
        Certificate { subject: subject.into(), issuer: issuer.into(), ends }
    }

    #[test]
    fn a_proxy_is_shown_without_its_password() {
        for (proxy, shown) in [
            ("http://proxy.example:3128", "http://proxy.example:3128"),
            ("http://me:pass@word@proxy.example:3128", "http://…@proxy.example:3128"),
            ("me:word@proxy.example", "…@proxy.example"),
        ] {
            assert_eq!(nameless(proxy), shown);
        }
    }

    #[test]
    fn certificates_are_spoken_of_two_weeks_before_the_first_of_them_ends() {
        let now: Timestamp = "2026-01-01T00:00:00Z".parse().expect("a moment");
        let name = ContextName::parse("prod").expect("a name");
        let of = |all: &[(&str, &str, i64)]| {
            let all: Vec<_> = all.iter().map(|(subject, issuer, days)| shown(subject, issuer, *days, now)).collect();
            let line = certificates(&name, &all, now);
            (line.verdict, line.finding, line.cure.is_some())
        };
        let (verdict, finding, has_cure) = of(&[("CN=a", "CN=b", 14)]);
        assert_eq!((verdict, has_cure), (Verdict::Ok, false));
        assert_eq!(finding, "CN=a, signed by CN=b; it ends at 2026-01-15T00:01:00Z (14 days left)");
        let (verdict, finding, has_cure) = of(&[("CN=a", "CN=b", 80), ("CN=b", "CN=c", 13)]);
        assert_eq!((verdict, has_cure), (Verdict::Note, true));
        let words =
            "CN=a, signed by CN=b, signed by CN=c; the first to end, CN=b, ends at 2026-01-14T00:01:00Z (13 days left)";
        assert_eq!(finding, words);
        let (verdict, finding, _) = of(&[("CN=a", "CN=b", 80), ("CN=old", "CN=c", -3)]);
        assert!(
            verdict == Verdict::Note && finding.contains("ended at ") && finding.ends_with("(2 days ago)"),
            "{finding}"
        );
        assert_eq!(of(&[]).0, Verdict::Fail);
    }
}
