//! What the doctor says of a way through a proxy, with a small one.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Mutex},
};

use super::doctor::verdict;
use super::program::{end, program, run, start};
use crate::flows::harness::Site;

/// The password of the proxy's user.
const WORD: &str = "between-Rk8sV3nQ";

/// A proxy that knows one server, by whatever name it is asked for.
struct Proxy {
    address: SocketAddr,
    heads: Arc<Mutex<Vec<String>>>,
}

impl Proxy {
    fn to(url: &str) -> Self {
        let server: SocketAddr = url.strip_prefix("https://").expect("https").parse().expect("an address");
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
        let (address, heads) = (listener.local_addr().expect("an address"), Arc::default());
        let heard = Arc::clone(&heads);
        std::thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let heads = Arc::clone(&heard);
                std::thread::spawn(move || serve(client, server, &heads));
            }
        });
        Self { address, heads }
    }

    /// The head of each request that it was sent.
    fn heads(&self) -> Vec<String> {
        self.heads.lock().expect("not poisoned").clone()
    }
}

/// Opens a way for whoever has the password, and passes everything on.
fn serve(mut client: TcpStream, server: SocketAddr, heads: &Mutex<Vec<String>>) {
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") {
        match client.read(&mut byte) {
            Ok(1) => head.push(byte[0]),
            // Somebody only looked whether it is there.
            _ => return,
        }
    }
    let head = String::from_utf8(head).expect("text");
    let may = head.to_ascii_lowercase().contains("proxy-authorization: basic ");
    heads.lock().expect("not poisoned").push(head);
    if !may {
        let _ = client.write_all(b"HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n");
        return;
    }
    let server = TcpStream::connect(server).expect("the server");
    client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").expect("answered");
    let (mut from_client, mut to_server) = (client.try_clone().expect("a socket"), server.try_clone().expect("one"));
    let (mut from_server, mut to_client) = (server, client);
    std::thread::spawn(move || {
        let _ = std::io::copy(&mut from_client, &mut to_server);
        let _ = to_server.shutdown(std::net::Shutdown::Write);
    });
    let _ = std::io::copy(&mut from_server, &mut to_client);
    let _ = to_client.shutdown(std::net::Shutdown::Write);
}

/// Where nobody listens.
fn nowhere() -> SocketAddr {
    TcpListener::bind(("127.0.0.1", 0)).and_then(|free| free.local_addr()).expect("a port")
}

#[test]
fn a_backend_behind_a_proxy_is_asked_through_it_and_not_held_against_this_host() {
    let site = Site::new();
    let proxy = Proxy::to(&site.url);
    // Nobody but the proxy reaches it by this name.
    let url = format!("https://{}", nowhere());
    let through = |user: &str, address: SocketAddr| {
        site.configure_at(&url, &format!("proxy = \"http://{user}{address}\""));
        run(&site, &["doctor", "--json"])
    };
    let user = format!("me:{WORD}@");
    let ran = through(&user, proxy.address);
    ran.ends(0, "");
    let shown = format!("{url} through the proxy http://…@{}: asked below", proxy.address);
    assert_eq!(verdict(&ran, "prod network"), ("ok".into(), shown));
    let (verdict_of, finding) = verdict(&ran, "prod proxy");
    assert!(verdict_of == "ok" && finding.starts_with(&format!("{} took a connection", proxy.address)), "{finding}");
    assert!(verdict(&ran, "prod TLS").1.contains("its certificate is trusted"));
    let (verdict_of, finding) = verdict(&ran, "prod certificate");
    assert!(verdict_of == "ok" && finding.contains("signed by") && finding.contains("days left"), "{finding}");
    assert!(verdict(&ran, "prod who I am").1.starts_with("operator: admin"));
    let abouts: Vec<_> = ran.lines().iter().map(|line| line["about"].clone()).collect();
    for direct in ["prod name", "prod address"] {
        assert!(abouts.iter().all(|about| about != direct), "{direct} is not asked past the proxy");
    }
    let asked = format!("CONNECT {} ", url.trim_start_matches("https://"));
    let heads = proxy.heads();
    assert!(!heads.is_empty() && heads.iter().all(|head| head.starts_with(&asked)), "{heads:?}");
    assert!(heads.iter().all(|head| !head.contains(&site.operator)), "the credential goes to the backend only");
    assert!(!ran.out.contains(WORD) && !ran.err.contains(WORD));

    // One that asks for a password which it is not given: it is there, and the way is not open.
    let ran = through("", proxy.address);
    ran.ends(5, "");
    assert_eq!((verdict(&ran, "prod proxy").0, verdict(&ran, "prod who I am").0), ("ok".into(), "fail".into()));
    let (verdict_of, finding) = verdict(&ran, "prod certificate");
    assert!(verdict_of == "fail" && finding.contains("asks for a name and a password"), "{finding}");
    let gone = nowhere();
    let ran = through(&user, gone);
    ran.ends(5, "");
    let (verdict_of, finding) = verdict(&ran, "prod proxy");
    assert!(verdict_of == "fail" && finding.starts_with(&format!("http://…@{gone}: {gone}: ")), "{finding}");
    // One that is spoken to by TLS itself: that its chain is not looked at is said, with the cure.
    site.configure_at(&url, &format!("proxy = \"https://{}\"", proxy.address));
    let ran_by_tls = run(&site, &["doctor", "--json"]);
    let (verdict_of, finding) = verdict(&ran_by_tls, "prod certificate");
    assert!(verdict_of == "note" && finding.starts_with("not looked at"), "{finding}");
    assert!(!ran.out.contains(WORD) && !ran.err.contains(WORD));
}

#[test]
fn a_proxy_of_the_environment_is_not_followed_and_that_is_said() {
    let site = Site::new();
    let proxy = Proxy::to(&site.url);
    let mut command = program(&site, &["doctor", "--json"]);
    let ran = end(start(command.env("HTTPS_PROXY", format!("http://me:{WORD}@{}", proxy.address))), "");
    ran.ends(0, "");
    let (verdict_of, finding) = verdict(&ran, "prod proxy");
    assert!(verdict_of == "note" && finding.contains("HTTPS_PROXY is set, and not followed"), "{finding}");
    assert_eq!(verdict(&ran, "prod address").0, "ok");
    assert!(proxy.heads().is_empty() && !ran.out.contains(WORD));
    // Also where this host knows no address of it: there the proxy is what is missing.
    site.configure_at("https://nobody.invalid:8443", "");
    let mut command = program(&site, &["doctor", "--json"]);
    let ran = end(start(command.env("HTTPS_PROXY", format!("http://{}", proxy.address))), "");
    ran.ends(5, "");
    assert_eq!((verdict(&ran, "prod proxy").0, verdict(&ran, "prod name").0), ("note".into(), "fail".into()));
}
