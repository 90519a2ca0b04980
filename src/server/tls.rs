//! HTTPS: the server's own certificate authority, and the short-lived certificate it answers with.

use super::{clock, error::Error, home::Home};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
};
use rustls::{
    ServerConfig,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer},
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
    version,
};
use std::{
    fmt,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
};
use tokio_rustls::TlsAcceptor;

const DAY: i64 = 86_400;
/// How long a leaf is valid, and from which age on it is replaced: ten days before its end.
const LEAF_DAYS: i64 = 30;
const RENEW_AFTER: i64 = 20 * DAY;
const CA_DAYS: i64 = 3650;

/// Reads or makes the authority and answers for `address`, `localhost`, `127.0.0.1` and `::1`.
///
/// # Errors
/// When files cannot be read or written, or a certificate cannot be made.
pub(crate) fn acceptor(home: &Home, address: IpAddr) -> Result<TlsAcceptor, Error> {
    let authority = Authority { issuer: authority(home)?, address };
    let leaf = authority.leaf()?;
    let certificates = Renewing { authority, current: Mutex::new((clock::now(), Arc::new(leaf))) };
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(&[&version::TLS13, &version::TLS12])?
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(certificates));
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}

/// The key in `ca.key`. The certificate is what that key signs for a fixed name, so only its PEM is kept for clients.
fn authority(home: &Home) -> Result<Issuer<'static, KeyPair>, Error> {
    let key = if let Some(pem) = home.read("ca.key")? {
        KeyPair::from_pem(&pem)?
    } else {
        let key = KeyPair::generate()?;
        home.write("ca.key", &zeroize::Zeroizing::new(key.serialize_pem()))?;
        key
    };
    let params = authority_params();
    if home.read("ca.pem")?.is_none() {
        home.write("ca.pem", &params.self_signed(&key)?.pem())?;
    }
    Ok(Issuer::new(params, key))
}

fn authority_params() -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, "tokendeck embedded backend CA");
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    set_validity(&mut params, CA_DAYS);
    params
}

/// From yesterday on, so that a client whose clock is a little behind does not refuse.
fn set_validity(params: &mut CertificateParams, days: i64) {
    let now = clock::now();
    let [from, until] = [now - DAY, now + days * DAY].map(|seconds| {
        let moment = jiff::Timestamp::from_second(seconds).unwrap_or_default();
        let date = moment.to_zoned(jiff::tz::TimeZone::UTC).date();
        let [month, day] = [date.month(), date.day()].map(|number| u8::try_from(number).unwrap_or(1));
        rcgen::date_time_ymd(i32::from(date.year()), month, day)
    });
    params.not_before = from;
    params.not_after = until;
}

struct Authority {
    issuer: Issuer<'static, KeyPair>,
    address: IpAddr,
}

impl Authority {
    fn leaf(&self) -> Result<CertifiedKey, Error> {
        let mut names = vec!["localhost".to_owned(), "127.0.0.1".to_owned(), "::1".to_owned()];
        let address = self.address.to_string();
        if !self.address.is_unspecified() && !names.contains(&address) {
            names.push(address);
        }
        let mut params = CertificateParams::new(names)?;
        params.distinguished_name.push(DnType::CommonName, "tokendeck embedded backend");
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.use_authority_key_identifier_extension = true;
        set_validity(&mut params, LEAF_DAYS);
        let key = KeyPair::generate()?;
        let certificate = params.signed_by(&key, &self.issuer)?;
        let chain = vec![CertificateDer::from(certificate)];
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        Ok(CertifiedKey::from_der(chain, key, &ring::default_provider())?)
    }
}

/// A leaf that is replaced while the server runs.
struct Renewing {
    authority: Authority,
    current: Mutex<(i64, Arc<CertifiedKey>)>,
}

impl fmt::Debug for Renewing {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Renewing").finish_non_exhaustive()
    }
}

impl ResolvesServerCert for Renewing {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        let now = clock::now();
        if now - current.0 > RENEW_AFTER {
            match self.authority.leaf() {
                Ok(leaf) => *current = (now, Arc::new(leaf)),
                Err(error) => tracing::error!(%error, "the certificate could not be renewed"),
            }
        }
        Some(Arc::clone(&current.1))
    }
}
