//! Looks at the host for `tokendeck doctor`: files, tmux, names and addresses. It changes nothing.

use std::fs;
use std::io;
use std::net::{SocketAddr, TcpStream, ToSocketAddrs as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use super::child;
use super::connect::{self, Connection};
use super::terminal::Tty;
use crate::backend::https::{self, Certificate};
use crate::domain::{Failure, FailureKind, Origin};

/// How long a look-up or a connection may take.
const LIMIT: Duration = Duration::from_secs(5);

/// What is known of a file or folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileFacts {
    /// Its permission bits, such as `0o600`; `None` where the system has none.
    pub mode: Option<u32>,
    /// Whether it is a link to another place.
    pub is_link: bool,
}

/// Looks at a file or folder; `None` where there is none.
///
/// # Errors
/// When it may not be looked at.
pub fn file(path: &Path) -> io::Result<Option<FileFacts>> {
    match fs::symlink_metadata(path) {
        Ok(found) => {
            #[cfg(unix)]
            let mode = Some(std::os::unix::fs::PermissionsExt::mode(&found.permissions()) & 0o777);
            #[cfg(not(unix))]
            let mode = None;
            Ok(Some(FileFacts { mode, is_link: found.is_symlink() }))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Returns columns and rows of the terminal; `None` without one.
pub fn terminal_size() -> Option<(u16, u16)> {
    Some(Tty::open().ok()?.size())
}

/// Asks tmux something; `None` where it does not answer within 10 s.
pub fn tmux(arguments: &[&str]) -> Option<String> {
    let mut command = Command::new("tmux");
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let output = child::run(command, None).ok().filter(|output| output.status.success())?;
    Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Returns the addresses of an origin's host.
///
/// # Errors
/// When it has none, or nobody says so within 5 s.
pub fn addresses(origin: &Origin) -> io::Result<Vec<SocketAddr>> {
    look_up(origin.as_str().trim_start_matches("https://").to_owned())
}

/// Returns the addresses of a proxy, which its URL names.
///
/// # Errors
/// As [`addresses`]; also when the URL is none.
pub fn proxy_addresses(proxy: &str) -> io::Result<Vec<SocketAddr>> {
    let whole = if proxy.contains("://") { proxy.to_owned() } else { format!("http://{proxy}") };
    let none = || io::Error::new(io::ErrorKind::InvalidInput, "it is no URL with a host");
    let url = url::Url::parse(&whole).map_err(|_| none())?;
    let (host, port) = url.host_str().zip(url.port_or_known_default()).ok_or_else(none)?;
    look_up(format!("{host}:{port}"))
}

fn look_up(name: String) -> io::Result<Vec<SocketAddr>> {
    let (sender, found) = mpsc::channel();
    // The system's resolver cannot be given a time: a thread that waits for it is left behind.
    std::thread::Builder::new().name("resolver".into()).spawn(move || {
        let _ = sender.send(name.to_socket_addrs().map(Iterator::collect));
    })?;
    found.recv_timeout(LIMIT).unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
}

/// Connects to an address and lets go; returns how long that took.
///
/// # Errors
/// When nobody answers there within 5 s.
pub fn connect(address: &SocketAddr) -> io::Result<Duration> {
    let begun = Instant::now();
    TcpStream::connect_timeout(address, LIMIT).map(|_| begun.elapsed())
}

/// Returns the certificates that a context's backend shows at an address, that of its proxy where it has one: its own
/// first. `None` where the proxy is of a kind that they are not looked at through.
///
/// # Errors
/// When they are not trusted, or no connection stands within 10 s.
pub fn certificates(connection: &Connection, address: SocketAddr) -> Result<Option<Vec<Certificate>>, Failure> {
    if !https::can_be_shown(connection.config.proxy.as_deref()) {
        return Ok(None);
    }
    let options = connect::options(&connection.config, &connection.context.origin)?;
    let late = || Failure::new(FailureKind::TimedOut, "no TLS connection within 10 s", "look at the backend's load");
    let (sender, found) = mpsc::channel();
    // Each step has its time; a backend that sends byte by byte would take many.
    let ask = move || {
        let _ = sender.send(https::certificates(&options, address));
    };
    if std::thread::Builder::new().name("certificates".into()).spawn(ask).is_err() {
        return Err(late());
    }
    found.recv_timeout(LIMIT * 2).unwrap_or_else(|_| Err(late())).map(Some)
}

/// Returns for how long the kernel keeps a credential that nobody uses; `None` where it does not say.
pub fn kernel_expiry() -> Option<Duration> {
    let text = fs::read_to_string("/proc/sys/kernel/keys/persistent_keyring_expiry").ok()?;
    text.trim().parse().map(Duration::from_secs).ok()
}

/// Tells whether nobody but root can read the memory of the process; `None` where the system does not say.
pub fn is_undumpable() -> Option<bool> {
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{DumpableBehavior, dumpable_behavior};
        Some(dumpable_behavior().ok()? != DumpableBehavior::Dumpable)
    }
    #[cfg(not(target_os = "linux"))]
    {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_there_is_no_error() {
        let folder = tempfile::tempdir().expect("a folder");
        assert_eq!(file(&folder.path().join("none")).expect("looked"), None);
        let facts = file(folder.path()).expect("looked").expect("there");
        assert!(!facts.is_link);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o750)).expect("changed");
            assert_eq!(file(folder.path()).expect("looked").expect("there").mode, Some(0o750));
        }
    }

    #[test]
    fn an_address_is_its_own_name_and_a_closed_port_is_said() {
        let found = addresses(&Origin::new("https://127.0.0.1:1")).expect("an address");
        assert_eq!(found, ["127.0.0.1:1".parse().expect("an address")]);
        assert!(connect(&found[0]).is_err());
    }
}
