//! Starting and stopping: from a data directory to a listening server and back.

use super::{
    audit,
    error::Error,
    fault::Faults,
    home::{Database, Home},
    keys::Keys,
    ladder::Ladder,
    listen, routes,
    seed::{self, Sample},
    service::Service,
    store::{Readers, Usage, Writer, migrate, open_writer, version},
    tls,
};
use rusqlite::Connection;
use std::{
    net::{SocketAddr, TcpListener},
    path::{Path, PathBuf},
    sync::Arc,
    thread::{Builder, JoinHandle},
};
use tokio::{runtime, sync::oneshot};
use tokio_rustls::TlsAcceptor;

/// What a server is started with.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where to listen; port 0 picks a free one.
    pub listen: SocketAddr,
    /// The directory that everything lies in; made with mode 0700 when it is not there.
    pub data: PathBuf,
    /// What a new database is filled with. A database that was there is left as it is.
    pub sample: Sample,
    /// Faults on purpose, for tests and rehearsals.
    pub faults: Faults,
}

impl Options {
    /// An empty server without faults.
    pub fn new(listen: SocketAddr, data: impl Into<PathBuf>) -> Self {
        Self { listen, data: data.into(), sample: Sample::Empty, faults: Faults::default() }
    }
}

/// A server that runs on threads of its own. Dropping it stops it as [`Running::stop`] does.
#[derive(Debug)]
pub struct Running {
    address: SocketAddr,
    url: String,
    ca_file: PathBuf,
    credential_file: PathBuf,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Running {
    /// The address that it listens on, with the port that was picked.
    pub fn addr(&self) -> SocketAddr {
        self.address
    }

    /// Where clients reach it, without a slash at the end: `https://127.0.0.1:8443`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The certificate that clients have to trust, as PEM.
    pub fn ca_file(&self) -> &Path {
        &self.ca_file
    }

    /// The operator's credential, written at the first start of a data directory.
    pub fn credential_file(&self) -> &Path {
        &self.credential_file
    }

    /// Accepts nothing more, lets requests in flight finish for up to 5 s, and closes the database.
    ///
    /// Blocks until all of that is done: from an asynchronous program call it on a blocking thread.
    pub fn stop(mut self) {
        self.end();
    }

    fn end(&mut self) {
        if let Some(stop) = self.stop.take() {
            // A server that ended by itself listens no more; there is nothing to tell it.
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the server's thread panicked");
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.end();
    }
}

/// Starts a server; it accepts connections when this returns.
///
/// Opens files and blocks for as long as that takes (tens of milliseconds for a new directory), but needs no
/// asynchronous runtime and disturbs none: it brings its own.
///
/// # Errors
/// When the address is taken, the data directory cannot be used, or the database is damaged or newer than this.
pub fn start(options: Options) -> Result<Running, Error> {
    let listen_error = |source| Error::Listen { address: options.listen, source };
    let listener = TcpListener::bind(options.listen).map_err(listen_error)?;
    listener.set_nonblocking(true).map_err(listen_error)?;
    let address = listener.local_addr().map_err(listen_error)?;
    let home = Home::open(&options.data)?;
    let tls = tls::acceptor(&home, address.ip())?;
    let database = home.database()?;
    let mut connection = open_writer(&database)?;
    let state = if version(&connection)? == 0 { Database::New } else { Database::Old };
    let pepper = home.keys("pepper", state)?;
    let audit_key = Arc::new(home.keys("audit-key", state)?);
    prepare(&mut connection, &home, state, &pepper, &audit_key, options.sample)?;
    let usage = Arc::new(Usage::default());
    let readers = Readers::open(&database)?;
    let (writer, writing) = Writer::start(connection, Arc::clone(&usage), audit_key)?;
    let service = Service { readers, writer, usage, pepper, ladder: Ladder::default(), faults: options.faults };
    let (ca_file, credential_file) = (home.ca_file(), home.credential_file());
    let (stop, stopping) = oneshot::channel();
    let thread = Parts { home, listener, tls, service, writing }.spawn(stopping)?;
    tracing::info!(%address, "serving");
    let url = if address.ip().is_unspecified() {
        format!("https://localhost:{}", address.port())
    } else {
        format!("https://{address}")
    };
    Ok(Running { address, url, ca_file, credential_file, stop: Some(stop), thread: Some(thread) })
}

/// Brings the schema up to date and, in the same transaction, a new database to life.
fn prepare(
    connection: &mut Connection,
    home: &Home,
    state: Database,
    pepper: &Keys,
    audit_key: &Keys,
    sample: Sample,
) -> Result<(), Error> {
    let transaction = migrate(connection)?;
    if state == Database::New {
        seed::fill(&transaction, audit_key, sample)?;
        let value = seed::operator(&transaction, pepper, audit_key)?;
        // Written before the commit: a crash between the two starts over and writes another one.
        home.write("operator-credential", &zeroize::Zeroizing::new(format!("{}\n", value.as_str())))?;
    }
    transaction.commit()?;
    audit::compare_checkpoint(home, connection);
    Ok(())
}

/// What the server's thread takes along.
struct Parts {
    home: Home,
    listener: TcpListener,
    tls: TlsAcceptor,
    service: Service,
    writing: JoinHandle<()>,
}

impl Parts {
    fn spawn(self, stopping: oneshot::Receiver<()>) -> Result<JoinHandle<()>, Error> {
        let runtime = runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("tokens-http")
            .enable_all()
            .build()
            .map_err(Error::Threads)?;
        let run = move || self.run(&runtime, stopping);
        Builder::new().name("tokens-server".to_owned()).spawn(run).map_err(Error::Threads)
    }

    fn run(self, runtime: &runtime::Runtime, stopping: oneshot::Receiver<()>) {
        let Self { home, listener, tls, service, writing } = self;
        runtime.block_on(async {
            match tokio::net::TcpListener::from_std(listener) {
                Ok(listener) => listen::serve(listener, tls, routes::router(Arc::new(service)), stopping).await,
                Err(error) => tracing::error!(%error, "cannot serve"),
            }
        });
        // The last request has let go of the queue, so the writer writes what it holds and ends.
        if writing.join().is_err() {
            tracing::error!("the writing thread panicked");
        }
        audit::keep_checkpoint(&home);
        tracing::info!("stopped");
    }
}
