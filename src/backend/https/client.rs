//! The client of one origin.

use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use reqwest::header::{CONTENT_ENCODING, CONTENT_LENGTH, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, Url, redirect};
use tokio::sync::OnceCell;
use zeroize::Zeroizing;

use super::trouble::{self, Stage};
use super::{ClientOptions, fill, tls};
use crate::backend::decode::moment::http_date;
use crate::backend::request::{Request, Response, Size, Transport};
use crate::backend::sealed::Keys;
use crate::domain::{Access, Failure, FailureKind, Secret, escape};

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

    async fn carry(&self, request: Request, keys: Keys, access: Access) -> Result<Response, Failure> {
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
        let limits = &self.options.limits;
        let explain = |error: reqwest::Error, stage| {
            let total = started.elapsed() >= limits.total;
            trouble::explain(&error.without_url(), stage, &request, limits, total)
        };
        let mut answer = call.send().await.map_err(|error| explain(error, Stage::Head))?;
        let settle = |failure: Failure| if request.effect.changes() { failure.maybe_reached() } else { failure };
        let mut body = self.room(&answer, &request).map_err(settle)?;
        while let Some(chunk) = answer.chunk().await.map_err(|error| explain(error, Stage::Body))? {
            if body.len() + chunk.len() > self.cap(&request) {
                return Err(settle(self.too_large(&request)));
            }
            body.extend_from_slice(&chunk);
        }
        let status = answer.status().as_u16();
        if !(200..300).contains(&status) {
            hide(&mut body, &keys);
        }
        let headers = kept(answer.headers(), &request.keep);
        let date = headers.iter().find(|(name, _)| **name == *"date").and_then(|(_, date)| http_date(date));
        Ok(Response { status, headers, body, latency: started.elapsed(), date, tls: self.version.words() })
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

    /// Makes room for a body, as far as its head can be believed; refuses one that cannot be read within limits.
    fn room(&self, answer: &reqwest::Response, request: &Request) -> Result<Zeroizing<Vec<u8>>, Failure> {
        if answer.headers().get(CONTENT_ENCODING).is_some_and(|coding| coding != "identity") {
            return Err(Failure::new(
                FailureKind::Protocol,
                "the answer is compressed, though nothing was asked to be",
                "a proxy may stand between: check the context's URL",
            ));
        }
        let length: Option<usize> =
            answer.headers().get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
        match length {
            Some(length) if length > self.cap(request) => Err(self.too_large(request)),
            Some(length) => Ok(Zeroizing::new(Vec::with_capacity(length.min(1 << 20)))),
            None => Ok(Zeroizing::default()),
        }
    }

    fn cap(&self, request: &Request) -> usize {
        match request.size {
            Size::Page => self.options.limits.page_bytes,
            Size::Single => self.options.limits.single_bytes,
        }
    }

    fn too_large(&self, request: &Request) -> Failure {
        Failure::new(
            FailureKind::Protocol,
            format!("the answer is larger than {} bytes; the rest was not read", self.cap(request)),
            "check that the context's URL leads to this backend",
        )
    }
}

impl Transport for Client {
    fn send(&self, request: Request, keys: Keys, access: Access) -> BoxFuture<'_, Result<Response, Failure>> {
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

/// Puts stars where an error body repeats a secret, as some proxies do: the message may be shown.
fn hide(body: &mut [u8], keys: &Keys) {
    for secret in keys.all().map(Secret::expose).filter(|secret| !secret.is_empty()) {
        let places: Vec<usize> = memchr::memmem::find_iter(body, secret).collect();
        for place in places {
            body[place..place + secret.len()].fill(b'*');
        }
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
