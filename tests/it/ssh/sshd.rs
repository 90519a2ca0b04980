//! An SSH server of a test's own on loopback, and clients of it.

use crate::flows::harness::{Site, link::Link, site::PROGRAM, site::Start, terminal::SPAWN};
use crate::parts;
use rustix::process::{Pid, geteuid};
use std::{
    fmt::Write as _,
    fs,
    io::{BufRead, BufReader},
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, ChildStderr, Command, Stdio},
    sync::PoisonError,
};

/// As it wants to be called: it starts itself again for every connection.
const SERVER: &str = "/usr/sbin/sshd";

/// A server that lets the user of this process in, and gives the program the home of a site.
pub(super) struct Sshd {
    server: Child,
    folder: PathBuf,
    port: u16,
}

/// How the program is started at the far end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Under {
    /// As the command of the session: the system tells it of the hang-up.
    Nothing,
    /// By a shell that passes a hang-up on to what it started, as interactive ones do.
    Shell,
    /// By a shell that ignores hang-ups: nothing but the terminal tells.
    Deaf,
    /// The same, in a session that the terminal does not belong to.
    Apart,
}

/// Tells whether everything is there that it takes.
pub(super) fn is_there() -> bool {
    // The superuser's needs a folder that the system makes when it starts.
    let place = || !geteuid().is_root() || Path::new("/run/sshd").is_dir() || parts::cannot("folder /run/sshd");
    parts::has(&["sshd", "ssh", "ssh-keygen", "setsid"]) && place()
}

impl Sshd {
    /// Starts one for a site, with the home of that site as the user's.
    pub(super) fn start(site: &Site) -> Self {
        let folder = site.home.path().join("ssh");
        fs::create_dir(&folder).expect("a folder");
        for key in ["host", "client"] {
            let mut command = Command::new("ssh-keygen");
            let made = command.args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(folder.join(key)).status();
            assert!(made.expect("ssh-keygen").success());
        }
        let key = |name: &str| fs::read_to_string(folder.join(name)).expect("a key");
        fs::write(folder.join("authorized"), key("client.pub")).expect("written");
        fs::write(folder.join("known"), format!("deck {}", key("host.pub"))).expect("written");
        write_scripts(&folder);
        loop {
            let port = TcpListener::bind(("127.0.0.1", 0)).and_then(|free| free.local_addr()).expect("a port").port();
            fs::write(folder.join("config"), config(site, &folder, port)).expect("written");
            let mut command = Command::new(SERVER);
            command.args(["-D", "-e", "-f"]).arg(folder.join("config")).stdin(Stdio::null()).stderr(Stdio::piped());
            let spawning = SPAWN.lock().unwrap_or_else(PoisonError::into_inner);
            let mut server = command.spawn().expect("sshd");
            drop(spawning);
            let said = BufReader::new(server.stderr.take().expect("its words"));
            if listens(said) {
                return Self { server, folder, port };
            }
            // Somebody else took the port meanwhile.
            let _ = server.wait();
        }
    }

    /// A line to it that can be cut.
    pub(super) fn line(&self) -> Link {
        Link::to(&format!("https://127.0.0.1:{}", self.port))
    }

    /// A terminal with a client in it, and the program on a site at the far end of a line.
    pub(super) fn client(&self, site: &Site, under: Under, line: &Link) -> Start {
        for name in ["pid", "code"] {
            // What an earlier one left.
            let _ = fs::remove_file(self.folder.join(name));
        }
        let path = |name: &str| self.folder.join(name).display().to_string();
        let script = match under {
            Under::Nothing => "program",
            Under::Shell => "shell",
            Under::Deaf => "deaf",
            Under::Apart => "apart",
        };
        let known = format!("UserKnownHostsFile={}", path("known"));
        let command = format!("exec /bin/sh {}", path(script));
        let (key, port) = (path("client"), line.port());
        let options = ["IdentitiesOnly=yes", "StrictHostKeyChecking=yes", "HostKeyAlias=deck", &known, "BatchMode=yes"];
        let options = options.iter().flat_map(|option| ["-o", option]);
        let sent = ["SendEnv=OPERATOR", "SendEnv=LANG", "LogLevel=ERROR"].into_iter().flat_map(|sent| ["-o", sent]);
        let mut arguments = vec!["-F", "none", "-tt", "-e", "none", "-p", &port, "-i", &key];
        arguments.extend(options.chain(sent));
        arguments.extend(["127.0.0.1", &command]);
        site.home.start_other("ssh", &arguments).env("OPERATOR", &site.operator)
    }

    /// The process of the program that was started last.
    pub(super) fn program(&self) -> Pid {
        let pid = fs::read_to_string(self.folder.join("pid")).expect("written when it started");
        pid.trim().parse().ok().and_then(Pid::from_raw).expect("a number")
    }

    /// Where its exit code will be written; by nobody where nothing outlives it.
    pub(super) fn code(&self) -> PathBuf {
        self.folder.join("code")
    }
}

impl Drop for Sshd {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

/// Waits until a server listens, and lets it talk on to nobody; tells whether it does.
fn listens(mut said: BufReader<ChildStderr>) -> bool {
    let mut line = String::new();
    while said.read_line(&mut line).is_ok_and(|length| length > 0) {
        if line.contains("Server listening on") {
            // One that cannot say what it wants to would wait.
            std::thread::spawn(move || std::io::copy(&mut said, &mut std::io::sink()));
            return true;
        }
        assert!(line.contains("Bind to port") || line.contains("Cannot bind"), "{line}");
        line.clear();
    }
    false
}

fn config(site: &Site, folder: &Path, port: u16) -> String {
    let folder = folder.display();
    let mut text = format!(
        "ListenAddress 127.0.0.1\nPort {port}\nHostKey {folder}/host\nAuthorizedKeysFile {folder}/authorized\n\
         PidFile none\nUsePAM no\nStrictModes no\nPasswordAuthentication no\nKbdInteractiveAuthentication no\n\
         PrintMotd no\nPrintLastLog no\nMaxStartups 100\nAcceptEnv OPERATOR LANG\nSetEnv"
    );
    // Not what the client has to tell.
    for (name, value) in site.home.environment().iter().filter(|(name, _)| !["TERM", "LANG"].contains(name)) {
        write!(text, " {name}={}", value.display()).expect("written");
    }
    text + "\n"
}

/// Writes what may be started. A code is written whole or not at all.
fn write_scripts(folder: &Path) {
    let at = folder.display();
    let keep = format!("echo $code > {at}/code.new; mv {at}/code.new {at}/code\n");
    let run = format!("/bin/sh {at}/program");
    for (name, script) in [
        ("program", format!("echo $$ > {at}/pid; exec {PROGRAM}\n")),
        (
            "shell",
            // What waits is woken by the signal and waits again; then there is nothing to wait for if it was not.
            format!(
                "{run} < /dev/tty & trap \"kill -HUP $!\" HUP\n\
                 wait $!; code=$?; wait $!; again=$?; [ $again = 127 ] || code=$again; {keep}"
            ),
        ),
        ("deaf", format!("trap '' HUP; {run}; code=$?; {keep}")),
        ("apart", format!("trap '' HUP; setsid --wait {run}; code=$?; {keep}")),
    ] {
        fs::write(folder.join(name), script).expect("written");
    }
}
