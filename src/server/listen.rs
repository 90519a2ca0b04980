//! Connections: accepted, wrapped in TLS, limited in number, size and time, and ended in order.

use super::access::Peer;
use axum::{Router, body::Body, http::Request};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use std::{net::SocketAddr, pin::pin, sync::Arc, time::Duration};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{Semaphore, oneshot, watch},
    task::JoinSet,
    time::{sleep, timeout},
};
use tokio_rustls::TlsAcceptor;
use tower_service::Service;

const CONNECTIONS: usize = 1024;
const HANDSHAKE: Duration = Duration::from_secs(10);
/// From the end of one request to the end of the next one's header: also how long an idle connection is kept.
const HEADER: Duration = Duration::from_secs(75);
const HEADERS: usize = 64;
const HEADER_BYTES: usize = 32 * 1024;
const BUFFER_BYTES: usize = 64 * 1024;
/// How long requests in flight may take when the server stops.
const FINISH: Duration = Duration::from_secs(5);

/// Serves until `stop` is told or dropped; then accepts nothing more and lets requests in flight finish.
pub(crate) async fn serve(listener: TcpListener, tls: TlsAcceptor, router: Router, mut stop: oneshot::Receiver<()>) {
    let (closing, _) = watch::channel(());
    let room = Arc::new(Semaphore::new(CONNECTIONS));
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            _ = &mut stop => break,
            Some(_) = connections.join_next(), if !connections.is_empty() => continue,
            accepted = accept(&listener, &room) => accepted,
        };
        if let Some((stream, from, permit)) = accepted {
            let connection =
                Connection { from, tls: tls.clone(), router: router.clone(), closing: closing.subscribe() };
            connections.spawn(async move {
                connection.run(stream).await;
                drop(permit);
            });
        }
    }
    drop(listener);
    drop(closing);
    let finished = timeout(FINISH, async { while connections.join_next().await.is_some() {} }).await;
    if finished.is_err() {
        tracing::warn!(open = connections.len(), "requests were cut off at the end");
        connections.shutdown().await;
    }
}

type Accepted = (TcpStream, SocketAddr, tokio::sync::OwnedSemaphorePermit);

/// The next connection, once there is room for it.
async fn accept(listener: &TcpListener, room: &Arc<Semaphore>) -> Option<Accepted> {
    let permit = Arc::clone(room).acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, from)) => Some((stream, from, permit)),
        Err(error) => {
            // Out of file descriptors, mostly: trying again at once would only spin.
            tracing::warn!(%error, "a connection was not accepted");
            sleep(Duration::from_millis(50)).await;
            None
        }
    }
}

struct Connection {
    from: SocketAddr,
    tls: TlsAcceptor,
    router: Router,
    closing: watch::Receiver<()>,
}

impl Connection {
    async fn run(self, stream: TcpStream) {
        let Self { from, tls, router, mut closing } = self;
        // Answers are written whole; waiting to fill a packet only delays them.
        let _ = stream.set_nodelay(true);
        let stream = match timeout(HANDSHAKE, tls.accept(stream)).await {
            Ok(Ok(stream)) => stream,
            Ok(Err(error)) => return tracing::debug!(%from, %error, "no TLS"),
            Err(_) => return tracing::debug!(%from, "no TLS in time"),
        };
        let service = service_fn(move |request: Request<Incoming>| {
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(Peer(from.ip().to_canonical()));
            router.clone().call(request)
        });
        let mut http = http1::Builder::new();
        http.timer(TokioTimer::new()).header_read_timeout(HEADER).max_headers(HEADERS);
        http.max_header_size(HEADER_BYTES).max_buf_size(BUFFER_BYTES);
        let mut connection = pin!(http.serve_connection(TokioIo::new(stream), service));
        let served = tokio::select! {
            served = connection.as_mut() => served,
            _ = closing.changed() => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        if let Err(error) = served {
            tracing::debug!(%from, %error, "a connection broke");
        }
    }
}
