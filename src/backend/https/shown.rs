//! What a backend shows of itself while a connection is made: its certificates, for `tokendeck doctor`.

use std::io;
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;

use jiff::Timestamp;
use rustls::ClientConnection;
use rustls::pki_types::{CertificateDer, ServerName};
use x509_parser::parse_x509_certificate;

use super::{ClientOptions, tls, trouble, tunnel};
use crate::domain::{Failure, FailureKind, Origin, Untrusted};

/// A certificate, as far as people look at it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// Whom it is about.
    pub subject: Untrusted,
    /// Who signed it.
    pub issuer: Untrusted,
    /// Until when it is valid.
    pub ends: Timestamp,
}

/// Makes a connection, by the rules of every other one, and returns the certificates that were shown: the backend's own
/// first, then those that lead to one that is trusted. Nothing is asked over it. `address` is that of the proxy where
/// `options` name one, which has to be one that is spoken to in the clear: see [`can_be_shown`].
///
/// Blocks, and only as long as the limits of `options` for each step.
///
/// # Errors
/// When no connection stands: nobody is there, the proxy opens no way, or the certificates are not trusted.
pub fn certificates(options: &ClientOptions, address: SocketAddr) -> Result<Vec<Certificate>, Failure> {
    let origin = &options.origin;
    let config = tls::config(options.ca_pem.as_deref(), &Arc::default())?;
    let name = name(origin).ok_or_else(|| no_name(origin))?;
    let mut connection =
        ClientConnection::new(Arc::new(config), name).map_err(|error| trouble::tls_trouble(&error, origin))?;
    let reach = || {
        let stream = TcpStream::connect_timeout(&address, options.limits.connect)?;
        stream.set_read_timeout(Some(options.limits.connect))?;
        stream.set_write_timeout(Some(options.limits.connect))?;
        Ok(stream)
    };
    let mut stream = reach().map_err(|error: io::Error| trouble::handshake(&error, origin))?;
    if let Some(proxy) = &options.proxy {
        tunnel::open(&mut stream, proxy, origin)?;
    }
    while connection.is_handshaking() {
        connection.complete_io(&mut stream).map_err(|error| trouble::handshake(&error, origin))?;
    }
    connection.peer_certificates().unwrap_or_default().iter().map(|shown| read(shown, origin)).collect()
}

/// Tells whether [`certificates`] can be asked for by this way: a proxy that itself speaks TLS, or another protocol, is
/// not spoken to here.
pub fn can_be_shown(proxy: Option<&str>) -> bool {
    proxy.is_none_or(tunnel::is_plain)
}

fn name(origin: &Origin) -> Option<ServerName<'static>> {
    let url = url::Url::parse(origin.as_str()).ok()?;
    let host = url.host_str()?;
    // An address of IPv6 stands in brackets in a URL, and in no certificate.
    ServerName::try_from(host.trim_matches(['[', ']']).to_owned()).ok()
}

fn no_name(origin: &Origin) -> Failure {
    let hint = "check `url` of the context";
    Failure::new(FailureKind::Tls, format!("{origin} has no name that a certificate could hold"), hint)
}

fn read(shown: &CertificateDer<'_>, origin: &Origin) -> Result<Certificate, Failure> {
    let unreadable = || {
        let summary = format!("a certificate of {origin} cannot be read");
        Failure::new(FailureKind::Tls, summary, "ask those who run the backend")
    };
    let (_, parsed) = parse_x509_certificate(shown).map_err(|_| unreadable())?;
    let ends = Timestamp::from_second(parsed.validity().not_after.timestamp()).map_err(|_| unreadable())?;
    let text = |name: &x509_parser::x509::X509Name<'_>| Untrusted::from(name.to_string());
    Ok(Certificate { subject: text(parsed.subject()), issuer: text(parsed.issuer()), ends })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_in_a_certificate_is_the_host_without_brackets_and_port() {
        for (origin, host) in [
            ("https://bao.example.org:8200", "bao.example.org"),
            ("https://127.0.0.1:8443", "127.0.0.1"),
            ("https://[::1]:8443", "::1"),
        ] {
            let name = name(&Origin::new(origin)).expect("a name");
            assert_eq!(name.to_str(), host, "{origin}");
        }
    }
}
