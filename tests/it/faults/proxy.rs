//! A proxy before a server: it terminates TLS, passes on what it hears over TLS, and does harm to some of it.

use super::{
    kind::{Aim, End, Forward, Kind, Plan},
    speech::{Say, Speech},
    wire::{AT_LAST, Request, hear, say, whole},
};
use crate::backend::hostile::server::{Paper, certificates};
use rustls::{
    ClientConfig, RootCertStore, ServerConfig,
    pki_types::{CertificateDer, ServerName, pem::PemObject},
};
use std::{
    collections::HashMap,
    io,
    net::SocketAddr,
    path::Path,
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError,
        mpsc::{Receiver, RecvTimeoutError, Sender, channel},
    },
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    runtime::Runtime,
    sync::watch,
    task::JoinSet,
    time::interval,
};
use tokio_rustls::{TlsAcceptor, TlsConnector, client, server::TlsStream};

/// A proxy on a port of its own.
pub(super) struct Proxy {
    pub(super) url: String,
    shared: Arc<Shared>,
    stop: watch::Sender<bool>,
    conversations: Receiver<()>,
}

/// A request as it was heard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Heard {
    pub(super) method: String,
    pub(super) path: String,
    /// How often the server heard it whole.
    pub(super) forwarded: usize,
    /// Whether it was done harm to.
    pub(super) hit: bool,
    /// When it was heard.
    pub(super) begun: Instant,
    /// How long the program stayed with it; `None` while it does.
    pub(super) held: Option<Duration>,
}

struct Shared {
    plan: Option<Plan>,
    acceptor: TlsAcceptor,
    connector: TlsConnector,
    server: SocketAddr,
    state: Mutex<State>,
    /// Whether anybody listens.
    deaf: watch::Sender<bool>,
}

#[derive(Default)]
struct State {
    heard: Vec<Heard>,
    /// What the server said last, by path.
    older: HashMap<String, Vec<u8>>,
    hits: usize,
    handshakes_to_break: usize,
}

/// The connection to the server that belongs to one of the program's; `None` before there is one.
type Upstream = Option<client::TlsStream<TcpStream>>;

/// A request that is done harm to.
struct Told {
    request: Request,
    number: usize,
    plan: Plan,
}

impl Proxy {
    /// Listens before a server whose certificate is in a file; nothing goes wrong without a plan.
    pub(super) fn open(runtime: &Runtime, server: SocketAddr, ca_file: &Path, plan: Option<Plan>) -> Self {
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).expect("a port");
        let url = format!("https://localhost:{}", listener.local_addr().expect("an address").port());
        let (deaf, _) = watch::channel(false);
        let shared = Arc::new(Shared {
            plan,
            acceptor: TlsAcceptor::from(Arc::clone(&paper().0)),
            connector: TlsConnector::from(Arc::new(trusting(ca_file))),
            server,
            state: Mutex::default(),
            deaf,
        });
        let ((stop, stopped), (tell, conversations)) = (watch::channel(false), channel());
        let serving = Arc::clone(&shared).serve(listener, stopped, tell);
        runtime.spawn(serving);
        Self { url, shared, stop, conversations }
    }

    /// The certificate that a client of every proxy is to trust, as PEM.
    pub(super) fn ca_pem() -> &'static [u8] {
        &paper().1
    }

    /// Waits until all is over that the program began, and returns every request in its order.
    pub(super) fn close(self) -> Vec<Heard> {
        // The other side is gone if nobody listens any more.
        let _ = self.stop.send(true);
        let ended = self.conversations.recv_timeout(AT_LAST);
        assert_eq!(ended, Err(RecvTimeoutError::Disconnected), "a conversation goes on without the program");
        std::mem::take(&mut self.shared.state().heard)
    }
}

/// One certificate for all proxies of a process, and the one to trust.
fn paper() -> &'static (Arc<ServerConfig>, Vec<u8>) {
    static PAPER: OnceLock<(Arc<ServerConfig>, Vec<u8>)> = OnceLock::new();
    PAPER.get_or_init(|| {
        let (config, ca_pem) = certificates(Paper::Good);
        (Arc::new(config), ca_pem)
    })
}

fn trusting(ca_file: &Path) -> ClientConfig {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(ca_file).expect("a certificate")).expect("one that can be trusted");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    config.expect("TLS 1.2 and 1.3").with_root_certificates(roots).with_no_client_auth()
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Serves until it is stopped, and then until what was begun is over.
    async fn serve(self: Arc<Self>, listener: TcpListener, mut stopped: watch::Receiver<bool>, tell: Sender<()>) {
        let (mut open, mut deaf) = (JoinSet::new(), self.deaf.subscribe());
        loop {
            tokio::select! {
                accepted = listener.accept() => {
                    let Ok((stream, _)) = accepted else { break };
                    let shared = Arc::clone(&self);
                    open.spawn(async move { drop(shared.converse(stream).await) });
                }
                _ = stopped.changed() => break,
                _ = deaf.changed() => break,
            }
        }
        drop(listener);
        while open.join_next().await.is_some() {}
        drop(tell);
    }

    async fn converse(&self, stream: TcpStream) -> io::Result<()> {
        let breaks = {
            let mut state = self.state();
            let left = state.handshakes_to_break;
            state.handshakes_to_break = left.saturating_sub(1);
            left > 0
        };
        if breaks {
            // The first words of the handshake are heard, and nothing is said to them.
            stream.readable().await?;
            return Ok(());
        }
        stream.set_nodelay(true)?;
        let mut deaf = self.deaf.subscribe();
        tokio::select! {
            ended = self.talk(stream) => ended,
            _ = deaf.changed() => Ok(()),
        }
    }

    async fn talk(&self, stream: TcpStream) -> io::Result<()> {
        let mut stream = self.acceptor.accept(stream).await?;
        let (mut rest, mut server) = (Vec::new(), None);
        while let Some(request) = hear(&mut stream, &mut rest).await? {
            let begun = Instant::now();
            let number = self.note(&request, begun);
            let hit = self.state().heard[number].hit;
            let end = match self.plan.filter(|_| hit) {
                Some(plan) => self.harm(&mut stream, &mut server, &Told { request, number, plan }).await,
                None => self.pass(&mut stream, &mut server, &request, number).await,
            };
            self.stayed(number);
            match end? {
                End::Kept => {}
                End::Closed => return stream.shutdown().await,
                End::Abrupt => return Ok(()),
                End::Reset => return stream.get_ref().0.set_zero_linger(),
                End::Deaf => {
                    stream.get_ref().0.set_zero_linger()?;
                    let _ = self.deaf.send(true);
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// Notes a request, and decides whether it is hit; its number.
    fn note(&self, request: &Request, begun: Instant) -> usize {
        let mut state = self.state();
        let changes = |method: &str| method != "GET";
        let before = state.heard.iter().filter(|one| changes(&one.method) == changes(&request.method)).count();
        let first = state.heard.iter().position(|one| changes(&one.method)).unwrap_or(usize::MAX);
        let after = state.heard.iter().enumerate().filter(|(at, one)| *at > first && !changes(&one.method)).count();
        let hit = self.plan.is_some_and(|plan| {
            let aimed = match plan.aim {
                Aim::Change(at) => changes(&request.method) && before == at,
                Aim::Reading(at) => !changes(&request.method) && before == at,
                Aim::After(at) => !changes(&request.method) && first != usize::MAX && after == at,
            };
            let goes_on = (1..plan.times).contains(&state.hits) && plan.kind != Kind::HandshakeCut;
            (aimed && state.hits == 0) || goes_on
        });
        state.hits += usize::from(hit);
        let (method, path) = (request.method.clone(), request.path.clone());
        state.heard.push(Heard { method, path, forwarded: 0, hit, begun, held: None });
        state.heard.len() - 1
    }

    /// Notes how long the program stayed with a request, when it is over for the first time.
    fn stayed(&self, number: usize) {
        let heard = &mut self.state().heard[number];
        heard.held = heard.held.or_else(|| Some(heard.begun.elapsed()));
    }

    /// Lets time pass, and notes when the program goes meanwhile.
    async fn pause(&self, stream: &mut TlsStream<TcpStream>, number: usize, time: Duration) {
        let mut clock = interval(time.max(Duration::from_millis(1)));
        clock.tick().await;
        // Nothing more is said before the answer: whatever comes is the end.
        let mut nothing = [0; 1];
        tokio::select! {
            _ = clock.tick() => return,
            _ = stream.read(&mut nothing) => self.stayed(number),
        }
        clock.tick().await;
    }

    async fn pass(
        &self,
        stream: &mut TlsStream<TcpStream>,
        server: &mut Upstream,
        request: &Request,
        number: usize,
    ) -> io::Result<End> {
        let answer = self.forward(server, request, number).await?;
        stream.write_all(&answer).await?;
        stream.flush().await?;
        Ok(End::Kept)
    }

    async fn harm(&self, stream: &mut TlsStream<TcpStream>, server: &mut Upstream, told: &Told) -> io::Result<End> {
        let Told { request, number, plan } = told;
        let older = self.state().older.get(&request.path).cloned();
        let real = match plan.forward() {
            Forward::Nothing if plan.kind == Kind::Stale && older.is_none() => {
                return self.pass(stream, server, request, *number).await;
            }
            Forward::Nothing => None,
            Forward::Part(thousandths) => {
                self.tear(server, request, thousandths, *number).await?;
                None
            }
            Forward::Whole(times) => {
                let mut answer = self.forward(server, request, *number).await?;
                for _ in 1..times {
                    answer = self.forward(server, request, *number).await?;
                }
                Some(answer)
            }
            Forward::Late(time) => {
                self.pause(stream, *number, time).await;
                return self.pass(stream, server, request, *number).await;
            }
        };
        if plan.kind == Kind::HandshakeCut {
            self.state().handshakes_to_break = plan.times;
        }
        let Speech { says, end } = plan.speech(real.as_deref(), older.as_deref());
        for one in says {
            if let Say::Pause(time) = one {
                self.pause(stream, *number, time).await;
            } else {
                say(stream, one).await?;
            }
        }
        stream.flush().await?;
        Ok(end)
    }

    /// Has the server answer a request.
    async fn forward(&self, server: &mut Upstream, request: &Request, number: usize) -> io::Result<Vec<u8>> {
        let server = match server {
            Some(server) => server,
            none => none.insert(self.connect().await?),
        };
        server.write_all(&request.bytes).await?;
        server.flush().await?;
        self.state().heard[number].forwarded += 1;
        let mut answer = Vec::new();
        let mut chunk = [0; 4096];
        while whole(&answer).is_none_or(|length| answer.len() < length) {
            match server.read(&mut chunk).await? {
                0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                count => answer.extend_from_slice(&chunk[..count]),
            }
        }
        self.state().older.insert(request.path.clone(), answer.clone());
        Ok(answer)
    }

    /// Lets the server hear the first part of a request, and breaks the connection.
    async fn tear(
        &self,
        server: &mut Upstream,
        request: &Request,
        thousandths: usize,
        number: usize,
    ) -> io::Result<()> {
        let end = (request.bytes.len() * thousandths / 1000).max(1);
        if end == request.bytes.len() {
            // It does what it heard whole, whether anybody waits for the answer or not.
            return self.forward(server, request, number).await.map(drop);
        }
        let mut server = self.connect().await?;
        server.write_all(&request.bytes[..end]).await?;
        server.flush().await?;
        server.get_ref().0.set_zero_linger()
    }

    async fn connect(&self) -> io::Result<client::TlsStream<TcpStream>> {
        let stream = TcpStream::connect(self.server).await?;
        stream.set_nodelay(true)?;
        self.connector.connect(ServerName::from(self.server.ip()), stream).await
    }
}
