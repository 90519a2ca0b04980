//! The client of one origin.

use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, Url, redirect};
use tokio::sync::OnceCell;
use zeroize::Zeroizing;

use super::reading::Reading;
use super::trouble::{self, Stage};
use super::{ClientOptions, fill, tls};
use crate::backend::request::{Head, Opened, Request, Reuse, Transport};
use crate::backend::sealed::Keys;
use crate::domain::{Access, Failure, FailureKind, escape};

/// How long an unused connection is kept. The pool looks once after this long, and not again once it is empty:
/// a program at rest is woken at most twice.
const IDLE: std::time::Duration = std::time::Duration::from_secs(50);

/// Response headers that are kept of every answer.
const KEPT: [&str; 12] = [
    "content-type",
    "date",
    "etag",
    "link",
    "location",
    "ratelimit",
    "ratelimit-reset",
    "retry-after",
    "www-authenticate",
    "x-rate-limit-reset",
    "x-ratelimit-reset",
    "x-retry-after",
];

/// Speaks HTTPS with one origin. Made at the first request, since that reads the platform's certificates.
pub struct Client {
    options: ClientOptions,
    built: OnceCell<reqwest::Client>,
    version: Arc<tls::Version>,
}

impl Client {
    /// Makes a client; nothing is read or opened yet.
    pub fn new(options: ClientOptions) -> Self {
        Self { options, built: OnceCell::new(), version: Arc::default() }
    }

    async fn carry(&self, request: Request, keys: Keys, access: Access) -> Result<Opened, Failure> {
        allow(&request, access)?;
        let url = self.url(&request)?;
        let headers = headers(&request, &keys)?;
        let sent = request.body.as_ref().map(|body| fill::body(body, &keys)).transpose()?;
        let method = Method::from_bytes(request.method.as_bytes()).map_err(|_| broken(&request, "method"))?;
        let client = self.built.get_or_try_init(|| self.build()).await?;
        let started = Instant::now();
        let mut call = client.request(method, url).headers(headers);
        if let Some(body) = sent {
            call = call.body(Bytes::from_owner(Wiped(body)));
        }
        let limits = self.options.limits;
        let answer = call.send().await.map_err(|error| {
            let total = started.elapsed() >= limits.total;
            trouble::explain(&error.without_url(), Stage::Head, &request, &limits, total)
        })?;
        let head = Head { status: answer.status().as_u16(), headers: kept(answer.headers(), &request.keep) };
        let version = Arc::clone(&self.version);
        let reading = Reading { answer, head: head.clone(), request, keys, limits, started, version };
        Ok(Opened { head, whole: reading.whole().boxed() })
    }

    /// Returns the URL of a request, proved to be what its template says: the parser that reads it last must find
    /// the same origin, path and query, byte for byte.
    fn url(&self, request: &Request) -> Result<Url, Failure> {
        if request.origin != self.options.origin {
            return Err(broken(request, "origin"));
        }
        let mut text = format!("{}{}", request.origin, request.path);
        if let Some(query) = &request.query {
            text.push('?');
            text.push_str(query);
        }
        let url = Url::parse(&text).map_err(|_| broken(request, "path"))?;
        let same = url.origin().ascii_serialization() == request.origin.as_str()
            && url.path() == request.path
            && url.query() == request.query.as_deref()
            && url.fragment().is_none()
            && url.username().is_empty()
            && url.password().is_none();
        if same { Ok(url) } else { Err(broken(request, "path")) }
    }

    /// Builds the client, off the loop: the platform's certificates are read from disk.
    async fn build(&self) -> Result<reqwest::Client, Failure> {
        let options = self.options.clone();
        let version = Arc::clone(&self.version);
        let building = tokio::task::spawn_blocking(move || build(&options, &version));
        building.await.map_err(|_| unbuildable())?
    }
}

impl Transport for Client {
    fn open(&self, request: Request, keys: Keys, access: Access) -> BoxFuture<'_, Result<Opened, Failure>> {
        self.carry(request, keys, access).boxed()
    }
}

fn build(options: &ClientOptions, version: &Arc<tls::Version>) -> Result<reqwest::Client, Failure> {
    let config = tls::config(options.ca_pem.as_deref(), version)?;
    let limits = &options.limits;
    let mut builder = reqwest::Client::builder()
        .tls_backend_preconfigured(config)
        .https_only(true)
        .http1_only()
        .redirect(redirect::Policy::none())
        .retry(reqwest::retry::never())
        .referer(false)
        .no_proxy()
        .dns_resolver(super::resolve::System)
        .tcp_nodelay(true)
        .connect_timeout(limits.connect)
        .read_timeout(limits.silence)
        .timeout(limits.total)
        .pool_idle_timeout(IDLE)
        .user_agent(concat!("tokendeck/", env!("CARGO_PKG_VERSION")));
    if let Some(proxy) = &options.proxy {
        let proxy = reqwest::Proxy::https(proxy)
            .map_err(|_| Failure::local("the proxy of the context is no URL", "write it as http://host:port"))?;
        builder = builder.proxy(proxy);
    }
    builder.build().map_err(|_| unbuildable())
}

fn unbuildable() -> Failure {
    Failure::local("the HTTPS client cannot be made", "this is a fault of the program: report it")
}

/// Refuses what a read-only context does not allow. Enforced here, so that no view can forget it.
fn allow(request: &Request, access: Access) -> Result<(), Failure> {
    if request.effect.changes() && access == Access::ReadOnly {
        return Err(Failure::new(
            FailureKind::ReadOnly,
            format!("the context is read-only: \"{}\" was not sent", request.word),
            "allow changes with :write",
        ));
    }
    Ok(())
}

/// Says that a request is not what its template promises. It was not sent.
fn broken(request: &Request, part: &str) -> Failure {
    Failure::new(
        FailureKind::Refused,
        format!("the {part} of \"{}\" would not be what the description says: it was not sent", request.word),
        "look at the token's id, which may be made to mislead",
    )
}

fn headers(request: &Request, keys: &Keys) -> Result<HeaderMap, Failure> {
    let mut headers = HeaderMap::new();
    headers.insert("accept-encoding", HeaderValue::from_static("identity"));
    if request.reuse == Reuse::No {
        headers.insert("connection", HeaderValue::from_static("close"));
    }
    let name_of = |name: &str| HeaderName::from_bytes(name.as_bytes()).map_err(|_| broken(request, "header"));
    for (name, value) in &request.headers {
        let value = HeaderValue::from_str(value).map_err(|_| broken(request, "header"))?;
        headers.insert(name_of(name)?, value);
    }
    for (name, sealed) in &request.sealed {
        headers.insert(name_of(name)?, fill::header(sealed, keys)?);
    }
    Ok(headers)
}

/// A body on its way out, wiped when the last of it is sent.
struct Wiped(Zeroizing<Vec<u8>>);

impl AsRef<[u8]> for Wiped {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

fn kept(headers: &HeaderMap, also: &[Box<str>]) -> Vec<(Box<str>, Box<str>)> {
    let wanted = KEPT.iter().copied().chain(also.iter().map(|name| &**name));
    let find = |name: &str| {
        let value = headers.get(name)?.as_bytes();
        Some((name.into(), String::from_utf8_lossy(value).into()))
    };
    wanted.filter_map(find).collect()
}

/// Shows the origin only.
impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Client({})", escape(self.options.origin.as_str()))
    }
}
