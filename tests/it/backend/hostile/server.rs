//! A server that says exactly the bytes it is told to, over real TLS, and remembers all it was told.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, ExtendedKeyUsagePurpose, IsCa, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokendeck::domain::Origin;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

/// What is said to a request.
type Said = dyn Fn(&str) -> Vec<u8> + Send + Sync;

/// What a server does with each request.
#[derive(Clone)]
pub(crate) enum Act {
    /// Says these bytes, and keeps the connection.
    Say(Vec<u8>),
    /// Says what the request's number, counting from 0, makes of it.
    Turn(fn(usize) -> Vec<u8>),
    /// Says what is said to the request, which is given as it came.
    Ask(Arc<Said>),
    /// Says these bytes, and breaks off without a good-bye.
    Cut(Vec<u8>),
    /// Says the first bytes, and then the second for ever.
    Endless(Vec<u8>, Vec<u8>),
    /// Says the first bytes, and then one byte at a time.
    Drip(Vec<u8>),
    /// Says nothing, for ever.
    Hang,
}

/// What a server heard and said.
#[derive(Default)]
pub(crate) struct Log {
    /// Connections that were opened.
    pub(crate) connections: AtomicUsize,
    /// Connections whose handshake was completed.
    pub(crate) handshakes: AtomicUsize,
    /// Requests.
    pub(crate) requests: AtomicUsize,
    /// Bytes said.
    pub(crate) said: AtomicUsize,
    /// All bytes heard, behind one another.
    heard: std::sync::Mutex<Vec<u8>>,
}

impl Log {
    pub(crate) fn count(counter: &AtomicUsize) -> usize {
        counter.load(Ordering::SeqCst)
    }

    /// Returns all that was heard.
    pub(crate) fn heard(&self) -> String {
        String::from_utf8_lossy(&self.heard.lock().expect("not poisoned")).into_owned()
    }
}

/// Certificates of one kind, and how they are wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Paper {
    Good,
    OtherAuthority,
    Expired,
    NotYet,
    OtherName,
    NoName,
    ForClients,
    SelfSigned,
}

/// A listener on a loopback port of its own.
pub(crate) struct Server {
    listener: TcpListener,
    acceptor: Option<TlsAcceptor>,
    address: SocketAddr,
    /// The certificate that a client is to trust.
    pub(crate) ca_pem: Vec<u8>,
    pub(crate) log: Arc<Log>,
}

impl Server {
    /// Listens with a certificate.
    pub(crate) async fn with(paper: Paper) -> Self {
        let (config, ca_pem) = certificates(paper);
        Self::listen(Some(TlsAcceptor::from(Arc::new(config))), ca_pem).await
    }

    /// Listens with a good certificate.
    pub(crate) async fn good() -> Self {
        Self::with(Paper::Good).await
    }

    /// Listens without TLS.
    pub(crate) async fn plain() -> Self {
        let (_, ca_pem) = certificates(Paper::Good);
        Self::listen(None, ca_pem).await
    }

    async fn listen(acceptor: Option<TlsAcceptor>, ca_pem: Vec<u8>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        Self { listener, acceptor, address, ca_pem, log: Arc::default() }
    }

    pub(crate) fn origin(&self) -> Origin {
        Origin::new(&self.url())
    }

    pub(crate) fn url(&self) -> String {
        format!("https://localhost:{}", self.address.port())
    }

    pub(crate) fn port(&self) -> u16 {
        self.address.port()
    }

    /// Serves while `client` runs, and returns what it does.
    pub(crate) async fn during<T>(&self, act: Act, client: impl Future<Output = T>) -> T {
        tokio::select! {
            biased;
            result = client => result,
            () = self.serve(act) => unreachable!("a server serves for ever"),
        }
    }

    async fn serve(&self, act: Act) {
        let mut open = JoinSet::new();
        loop {
            let (stream, _) = self.listener.accept().await.expect("a connection");
            self.log.connections.fetch_add(1, Ordering::SeqCst);
            let (acceptor, act, log) = (self.acceptor.clone(), act.clone(), Arc::clone(&self.log));
            open.spawn(async move { drop(converse(stream, acceptor, act, log).await) });
        }
    }
}

async fn converse(stream: TcpStream, acceptor: Option<TlsAcceptor>, act: Act, log: Arc<Log>) -> io::Result<()> {
    match acceptor {
        Some(acceptor) => {
            let stream = acceptor.accept(stream).await?;
            log.handshakes.fetch_add(1, Ordering::SeqCst);
            answer(stream, act, &log).await
        }
        None => answer(stream, act, &log).await,
    }
}

async fn answer(mut stream: impl AsyncRead + AsyncWrite + Unpin, act: Act, log: &Log) -> io::Result<()> {
    let mut rest = Vec::new();
    while let Some(request) = hear(&mut stream, &mut rest, log).await? {
        let turn = log.requests.fetch_add(1, Ordering::SeqCst);
        match &act {
            Act::Say(bytes) => say(&mut stream, bytes, log).await?,
            Act::Turn(bytes) => say(&mut stream, &bytes(turn), log).await?,
            Act::Ask(bytes) => say(&mut stream, &bytes(&request), log).await?,
            Act::Cut(bytes) => return say(&mut stream, bytes, log).await,
            Act::Endless(first, then) => {
                say(&mut stream, first, log).await?;
                loop {
                    say(&mut stream, then, log).await?;
                }
            }
            Act::Drip(first) => {
                say(&mut stream, first, log).await?;
                let mut clock = tokio::time::interval(Duration::from_millis(20));
                loop {
                    clock.tick().await;
                    say(&mut stream, b" ", log).await?;
                }
            }
            Act::Hang => std::future::pending().await,
        }
    }
    Ok(())
}

async fn say(stream: &mut (impl AsyncWrite + Unpin), bytes: &[u8], log: &Log) -> io::Result<()> {
    stream.write_all(bytes).await?;
    stream.flush().await?;
    log.said.fetch_add(bytes.len(), Ordering::SeqCst);
    Ok(())
}

/// Reads one request; nothing at the end of the connection.
async fn hear(stream: &mut (impl AsyncRead + Unpin), rest: &mut Vec<u8>, log: &Log) -> io::Result<Option<String>> {
    let mut chunk = [0; 4096];
    loop {
        if let Some(end) = rest.windows(4).position(|window| window == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&rest[..end]).to_lowercase();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok()).unwrap_or(0);
            if rest.len() >= end + 4 + length {
                let request: Vec<u8> = rest.drain(..end + 4 + length).collect();
                return Ok(Some(String::from_utf8_lossy(&request).into_owned()));
            }
        }
        match stream.read(&mut chunk).await? {
            0 => return Ok(None),
            count => {
                log.heard.lock().expect("not poisoned").extend_from_slice(&chunk[..count]);
                rest.extend_from_slice(&chunk[..count]);
            }
        }
    }
}

/// Returns an answer with a JSON body and further headers.
pub(crate) fn json(status: u16, headers: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n{headers}\r\n{body}")
        .into_bytes()
}

fn authority(name: &str) -> CertifiedIssuer<'static, KeyPair> {
    let mut params = CertificateParams::new(Vec::new()).expect("lawful names");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.distinguished_name.push(rcgen::DnType::CommonName, name);
    CertifiedIssuer::self_signed(params, KeyPair::generate().expect("a key")).expect("a certificate")
}

pub(crate) fn certificates(paper: Paper) -> (ServerConfig, Vec<u8>) {
    let trusted = authority("the authority");
    let other = authority("another authority");
    let name = if paper == Paper::OtherName { "elsewhere.example" } else { "localhost" };
    let names = if paper == Paper::NoName { Vec::new() } else { vec![name.to_owned()] };
    let mut params = CertificateParams::new(names).expect("lawful names");
    params.distinguished_name.push(rcgen::DnType::CommonName, "localhost");
    if paper == Paper::Expired {
        params.not_before = rcgen::date_time_ymd(2000, 1, 1);
        params.not_after = rcgen::date_time_ymd(2001, 1, 1);
    }
    if paper == Paper::NotYet {
        params.not_before = rcgen::date_time_ymd(4000, 1, 1);
    }
    if paper == Paper::ForClients {
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    }
    let key = KeyPair::generate().expect("a key");
    let issuer = if paper == Paper::OtherAuthority { &other } else { &trusted };
    let certificate =
        if paper == Paper::SelfSigned { params.self_signed(&key) } else { params.signed_by(&key, issuer) };
    let certificate = certificate.expect("a certificate").der().clone();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("TLS 1.2 and 1.3")
        .with_no_client_auth()
        .with_single_cert(vec![certificate], PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der())))
        .expect("a lawful certificate");
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    (config, trusted.pem().into_bytes())
}
