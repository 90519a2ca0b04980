//! The TLS side: TLS 1.2 or 1.3, the platform's certificates or one context's own, never none.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, KeyLog, RootCertStore};
use rustls_platform_verifier::BuilderVerifierExt;

use crate::domain::{Failure, FailureKind};

/// Builds the configuration; `ca_pem` replaces the platform's certificates.
///
/// Reads the platform's certificates from disk, so it belongs on a blocking thread.
pub(super) fn config(ca_pem: Option<&[u8]>, version: &Arc<Version>) -> Result<ClientConfig, Failure> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|_| unusable("TLS 1.2 and 1.3 are not to be had", "this is a fault of the build: report it"))?;
    let builder = match ca_pem {
        Some(pem) => builder.with_root_certificates(roots(pem)?),
        None => builder.with_platform_verifier().map_err(|_| {
            unusable("the certificates of this system cannot be read", "name the backend's own as ca_file")
        })?,
    };
    let mut config = builder.with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    config.key_log = Arc::<Version>::clone(version);
    Ok(config)
}

fn roots(pem: &[u8]) -> Result<RootCertStore, Failure> {
    let hint = "ca_file has to hold the certificate of the authority, as PEM";
    let mut store = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(pem) {
        let certificate = certificate.map_err(|_| unusable("ca_file is no PEM file", hint))?;
        store.add(certificate).map_err(|_| unusable("ca_file holds a certificate that cannot be read", hint))?;
    }
    if store.is_empty() {
        return Err(unusable("ca_file holds no certificate", hint));
    }
    Ok(store)
}

fn unusable(summary: &str, hint: &str) -> Failure {
    Failure::new(FailureKind::Tls, summary, hint)
}

/// The TLS version of the newest connection.
///
/// The HTTP client does not tell it. Which keys a connection offers to log does: none is ever taken.
#[derive(Debug, Default)]
pub(super) struct Version(AtomicU8);

impl Version {
    /// Returns the words for it; `None` before a connection stood.
    pub(super) fn words(&self) -> Option<String> {
        match self.0.load(Ordering::Relaxed) {
            2 => Some("TLS 1.2".to_owned()),
            3 => Some("TLS 1.3".to_owned()),
            _ => None,
        }
    }
}

impl KeyLog for Version {
    fn log(&self, label: &str, _client_random: &[u8], _secret: &[u8]) {
        if label == "CLIENT_RANDOM" {
            self.0.store(2, Ordering::Relaxed);
        }
    }

    fn will_log(&self, label: &str) -> bool {
        if label.ends_with("TRAFFIC_SECRET") || label.ends_with("TRAFFIC_SECRET_0") {
            self.0.store(3, Ordering::Relaxed);
        }
        false
    }
}
