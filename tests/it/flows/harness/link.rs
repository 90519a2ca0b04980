//! A connection that can be cut: what the dashboard sends passes through here, until it is to be lost.

use std::{
    io::{Read, Write},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
        mpsc::{Receiver, Sender, channel},
    },
    time::Duration,
};

/// A way to a server over which requests can be lost.
pub(crate) struct Link {
    /// Where to connect to, in the place of the server.
    pub(crate) url: String,
    losing: Losing,
    lost: Receiver<()>,
}

/// What is to be lost.
#[derive(Clone, Default)]
struct Losing {
    /// Every request, without a word.
    requests: Arc<AtomicBool>,
    /// The next answer, with its connection.
    answer: Arc<AtomicBool>,
    /// How many milliseconds answers take longer.
    delay: Arc<AtomicU64>,
    /// Everything, either way, without a word.
    everything: Arc<AtomicBool>,
    /// What is connected.
    ends: Arc<Mutex<Vec<TcpStream>>>,
}

impl Link {
    pub(crate) fn to(url: &str) -> Self {
        let server: SocketAddr = url.strip_prefix("https://").expect("https").parse().expect("an address");
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
        let url = format!("https://{}", listener.local_addr().expect("an address"));
        let losing = Losing::default();
        let (tell, lost) = channel();
        let flag = losing.clone();
        std::thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let Ok(server) = TcpStream::connect(server) else { return };
                join(client, server, &flag, &tell);
            }
        });
        Self { url, losing, lost }
    }

    /// The port to connect to.
    pub(crate) fn port(&self) -> String {
        self.url.rsplit_once(':').expect("a port").1.to_owned()
    }

    /// From now on requests are lost, and nothing tells.
    pub(crate) fn lose(&self) {
        self.losing.requests.store(true, Ordering::SeqCst);
    }

    /// From now on requests arrive again, over new connections.
    pub(crate) fn mend(&self) {
        self.losing.requests.store(false, Ordering::SeqCst);
    }

    /// The next request arrives, and its answer is lost with the connection.
    pub(crate) fn lose_answer(&self) {
        self.losing.answer.store(true, Ordering::SeqCst);
    }

    /// From now on every answer comes so much later.
    pub(crate) fn delay(&self, by: Duration) {
        self.losing.delay.store(u64::try_from(by.as_millis()).expect("short"), Ordering::SeqCst);
    }

    /// From now on nothing passes either way, and nothing tells.
    pub(crate) fn fall_silent(&self) {
        self.losing.everything.store(true, Ordering::SeqCst);
    }

    /// Closes every connection.
    pub(crate) fn close(&self) {
        for end in self.losing.ends.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
            // One that is closed already is as it should be.
            let _ = end.shutdown(Shutdown::Both);
        }
    }

    /// Waits until a request is lost.
    #[track_caller]
    pub(crate) fn until_lost(&self) {
        self.lost.recv_timeout(Duration::from_secs(30)).expect("nothing was sent");
    }
}

/// Passes on what one side sends to the other, both ways.
fn join(client: TcpStream, server: TcpStream, losing: &Losing, tell: &Sender<()>) {
    let (mut requests, mut to_server) = (client.try_clone().expect("a socket"), server.try_clone().expect("a socket"));
    let ends = [client.try_clone().expect("a socket"), server.try_clone().expect("a socket")];
    losing.ends.lock().unwrap_or_else(PoisonError::into_inner).extend(ends);
    let (flags, tell) = (losing.clone(), tell.clone());
    std::thread::spawn(move || {
        let mut buffer = [0; 1 << 14];
        while let Ok(length @ 1..) = requests.read(&mut buffer) {
            if flags.everything.load(Ordering::SeqCst) {
                continue;
            }
            if flags.requests.load(Ordering::SeqCst) {
                let _ = tell.send(());
            } else if to_server.write_all(&buffer[..length]).is_err() {
                break;
            }
        }
        let _ = to_server.shutdown(Shutdown::Both);
    });
    let (mut replies, mut to_client, flags) = (server, client, losing.clone());
    std::thread::spawn(move || {
        let mut buffer = [0; 1 << 14];
        while let Ok(length @ 1..) = replies.read(&mut buffer) {
            let delay = Duration::from_millis(flags.delay.load(Ordering::SeqCst));
            // Nobody sends anything here: it is the time that is waited for.
            let (_hold, never) = channel::<()>();
            let _ = never.recv_timeout(delay);
            if flags.everything.load(Ordering::SeqCst) {
                continue;
            }
            let lose = flags.answer.swap(false, Ordering::SeqCst);
            if lose || to_client.write_all(&buffer[..length]).is_err() {
                break;
            }
        }
        let _ = to_client.shutdown(Shutdown::Both);
        let _ = replies.shutdown(Shutdown::Both);
    });
}
