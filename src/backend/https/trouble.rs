//! Why no answer came, in words and next steps. No URL, header or body is in them.

use std::error::Error;
use std::io;

use jiff::Timestamp;
use rustls::{AlertDescription, CertificateError};

use super::Limits;
use super::resolve::UnknownHost;
use crate::backend::request::Request;
use crate::domain::{Failure, FailureKind, Origin};

/// How far a request had come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// The head of the answer is waited for.
    Head,
    /// The head has come; the body is read.
    Body,
}

/// Says why no whole answer came.
pub(super) fn explain(
    error: &reqwest::Error,
    stage: Stage,
    request: &Request,
    limits: &Limits,
    total: bool,
) -> Failure {
    let host = request.origin.as_str();
    if error.is_connect() || stage == Stage::Head && is_tls(error) {
        return no_connection(error, &request.origin, limits);
    }
    let failure = if error.is_timeout() {
        let (summary, hint) = match (stage, total) {
            (_, true) => (
                format!("the answer was not whole within {}", seconds(limits.total)),
                "try again, or give the context more time",
            ),
            (Stage::Head, false) => (
                format!("{host} did not answer within {}", seconds(limits.silence)),
                "check that the backend is well, or give the context more time",
            ),
            (Stage::Body, false) => (
                format!("the answer stopped for {}", seconds(limits.silence)),
                "check the connection, or give the context more time",
            ),
        };
        Failure::new(FailureKind::TimedOut, summary, hint)
    } else if find::<hyper::Error>(error).is_some_and(hyper::Error::is_parse) {
        Failure::new(
            FailureKind::Protocol,
            format!("what {host} answers is not HTTP"),
            "check the port in the context's URL",
        )
    } else {
        let summary = match stage {
            Stage::Head => format!("{host} closed the connection without an answer"),
            Stage::Body => "the answer was cut off".to_owned(),
        };
        Failure::new(FailureKind::Offline, summary, "check the connection, and try again")
    };
    if request.effect.changes() { failure.maybe_reached() } else { failure }
}

/// Says why no connection stood. Nothing was sent.
fn no_connection(error: &reqwest::Error, origin: &Origin, limits: &Limits) -> Failure {
    let offline = |summary: String, hint: &str| Failure::new(FailureKind::Offline, summary, hint);
    if let Some(tls) = find::<rustls::Error>(error) {
        return tls_trouble(tls, origin);
    }
    if find::<UnknownHost>(error).is_some() {
        return offline(
            format!("the name of {origin} has no address"),
            "check the spelling of the context's URL, and whether this machine's DNS works",
        );
    }
    if error.is_timeout() {
        return Failure::new(
            FailureKind::TimedOut,
            format!("no connection to {origin} within {}", seconds(limits.connect)),
            "check the address and port, and whether a firewall or VPN stands between",
        );
    }
    match find::<io::Error>(error).map(io::Error::kind) {
        Some(io::ErrorKind::ConnectionRefused) => offline(
            format!("{origin} refuses the connection"),
            "check the port in the context's URL, and whether the backend runs",
        ),
        Some(io::ErrorKind::NetworkUnreachable | io::ErrorKind::HostUnreachable | io::ErrorKind::AddrNotAvailable) => {
            offline(format!("there is no route to {origin}"), "check the network, or whether a VPN is needed")
        }
        Some(io::ErrorKind::ConnectionReset | io::ErrorKind::UnexpectedEof | io::ErrorKind::BrokenPipe) => offline(
            format!("{origin} hung up while the connection was made"),
            "check that HTTPS is spoken on this port, and whether a proxy stands between",
        ),
        _ => offline(format!("no connection to {origin}"), "check the network and the context's URL"),
    }
}

/// Says why a connection was not made whose steps were taken one by one.
pub(super) fn handshake(error: &io::Error, origin: &Origin) -> Failure {
    match find::<rustls::Error>(error) {
        Some(tls) => tls_trouble(tls, origin),
        None => Failure::new(
            FailureKind::Offline,
            format!("no TLS connection to {origin}: {}", error.kind()),
            "check that HTTPS is spoken on this port, and whether a proxy stands between",
        ),
    }
}

/// Says why the other side could not prove who it is, or could not be spoken to.
#[expect(clippy::wildcard_enum_match_arm, reason = "the library adds kinds, and each has to end in words")]
pub(super) fn tls_trouble(error: &rustls::Error, origin: &Origin) -> Failure {
    let tls = |summary: String, hint: &str| Failure::new(FailureKind::Tls, summary, hint);
    match error {
        rustls::Error::InvalidCertificate(certificate) => certificate_trouble(certificate, origin),
        rustls::Error::InvalidMessage(_) => {
            tls(format!("{origin} does not speak TLS on this port"), "check the port in the context's URL")
        }
        rustls::Error::AlertReceived(AlertDescription::ProtocolVersion) | rustls::Error::PeerIncompatible(_) => tls(
            format!("{origin} and this program have no version of TLS in common"),
            "TLS 1.2 at least is needed; ask those who run the backend",
        ),
        _ => tls(
            format!("no TLS connection to {origin}: the other side broke off, or made a mistake"),
            "check the port, and whether a proxy stands between",
        ),
    }
}

/// Says what is wrong with a certificate.
#[expect(clippy::wildcard_enum_match_arm, reason = "the library adds kinds, and each has to end in words")]
fn certificate_trouble(certificate: &CertificateError, origin: &Origin) -> Failure {
    let tls = |summary: String, hint: &str| Failure::new(FailureKind::Tls, summary, hint);
    match certificate {
        CertificateError::UnknownIssuer => tls(
            format!("the certificate of {origin} is signed by nobody that is trusted here"),
            "if the backend has its own authority, name its certificate as the context's ca_file",
        ),
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => tls(
            format!("the certificate of {origin} has expired{}", ended(certificate)),
            "check this machine's clock, or ask those who run the backend for a new one",
        ),
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            tls(format!("the certificate of {origin} is not valid yet"), "check this machine's clock")
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => tls(
            format!("the certificate is for another name than {origin}"),
            "check the host in the context's URL: it has to be a name that the certificate holds",
        ),
        CertificateError::Revoked => {
            tls(format!("the certificate of {origin} was revoked"), "ask those who run the backend")
        }
        CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. } => tls(
            format!("the certificate of {origin} is not made for servers"),
            "ask those who run the backend for one that is",
        ),
        _ => tls(
            format!("the certificate of {origin} does not hold"),
            "check ca_file, and ask those who run the backend",
        ),
    }
}

/// Returns when a certificate ended, where that is known.
fn ended(certificate: &CertificateError) -> String {
    let CertificateError::ExpiredContext { not_after, .. } = certificate else { return String::new() };
    let end = i64::try_from(not_after.as_secs()).ok().and_then(|second| Timestamp::from_second(second).ok());
    end.map(|end| format!(" at {end}")).unwrap_or_default()
}

fn seconds(limit: std::time::Duration) -> String {
    if limit.subsec_millis() == 0 { format!("{} s", limit.as_secs()) } else { format!("{} ms", limit.as_millis()) }
}

fn is_tls(error: &reqwest::Error) -> bool {
    find::<rustls::Error>(error).is_some()
}

/// Finds an error of one kind among the causes, also inside of I/O errors.
fn find<'a, E: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a E> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<E>() {
            return Some(found);
        }
        let inner = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        next = match inner {
            Some(inner) => {
                let inner: &'a (dyn Error + 'static) = inner;
                Some(inner)
            }
            None => error.source(),
        };
    }
    None
}
