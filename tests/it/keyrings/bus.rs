//! A session bus and a keyring daemon of a test's own.

use crate::cli::program::until;
use crate::flows::harness::{Home, terminal::SPAWN};
use crate::parts::cannot;
use rustix::process::{Pid, Signal, kill_process};
use std::{
    fs,
    io::Write,
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::PoisonError,
};

/// Whom the bus lets talk to the keyring.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Policy {
    /// Everybody.
    Open,
    /// Nobody.
    Closed,
}

/// A session bus that starts no service by itself.
pub(super) struct Bus {
    home: PathBuf,
    address: String,
    daemon: Child,
}

/// A process that ends with the test.
pub(super) struct Daemon(Child);

impl Drop for Bus {
    fn drop(&mut self) {
        let _ = self.daemon.kill();
        let _ = self.daemon.wait();
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        self.go_on();
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Daemon {
    fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.0), signal).expect("a signal");
    }

    /// Lets it answer nobody.
    pub(super) fn stop(&self) {
        self.signal(Signal::STOP);
    }

    pub(super) fn go_on(&self) {
        self.signal(Signal::CONT);
    }
}

fn spawn(command: &mut Command, part: &str) -> Option<Child> {
    let _spawning = SPAWN.lock().unwrap_or_else(PoisonError::into_inner);
    command.spawn().map_err(|_| cannot(part)).ok()
}

impl Bus {
    /// Starts one; nothing where there is no such program.
    pub(super) fn start(home: &Home, policy: Policy) -> Option<Self> {
        let folder = tempfile::tempdir_in(home.path().join("run")).expect("a folder").keep();
        let deny = match policy {
            Policy::Open => "",
            Policy::Closed => "<deny send_destination=\"org.freedesktop.secrets\"/>",
        };
        let config = folder.join("bus.conf");
        let socket = folder.join("bus");
        let text = format!(
            "<!DOCTYPE busconfig PUBLIC \"-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN\" \
             \"http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd\">\
             <busconfig><type>session</type><listen>unix:path={}</listen><auth>EXTERNAL</auth>\
             <policy context=\"default\"><allow send_destination=\"*\" eavesdrop=\"true\"/><allow eavesdrop=\"true\"/>\
             <allow own=\"*\"/>{deny}</policy></busconfig>",
            socket.display()
        );
        fs::write(&config, text).expect("written");
        let mut command = Command::new("dbus-daemon");
        command.arg("--nofork").arg(format!("--config-file={}", config.display()));
        let daemon = spawn(command.stderr(Stdio::null()), "dbus-daemon")?;
        let bus = Self { home: folder, address: format!("unix:path={}", socket.display()), daemon };
        until("the bus", || socket.exists());
        Some(bus)
    }

    pub(super) fn address(&self) -> &str {
        &self.address
    }

    /// Starts a keyring whose one collection is unlocked; nothing where there is no such program.
    pub(super) fn keyring(&self) -> Option<Daemon> {
        let mut command = Command::new("gnome-keyring-daemon");
        command.args(["--foreground", "--unlock", "--components=secrets"]).arg("--control-directory").arg(&self.home);
        for variable in ["HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"] {
            command.env(variable, &self.home);
        }
        command.env("DBUS_SESSION_BUS_ADDRESS", &self.address);
        let silent = command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = spawn(silent, "gnome-keyring-daemon")?;
        child.stdin.take().expect("its input").write_all(b"a password\n").expect("taken");
        let daemon = Daemon(child);
        until("the keyring", || {
            self.send(
                &["org.freedesktop.DBus", "/org/freedesktop/DBus"],
                &["org.freedesktop.DBus.NameHasOwner", "string:org.freedesktop.secrets"],
            )
            .contains("true")
        });
        Some(daemon)
    }

    /// Locks what the keyring holds.
    pub(super) fn lock(&self) {
        let locked = self.send(
            &["org.freedesktop.secrets", "/org/freedesktop/secrets"],
            &["org.freedesktop.Secret.Service.Lock", "array:objpath:/org/freedesktop/secrets/collection/login"],
        );
        assert!(locked.contains("collection/login"), "{locked}");
    }

    fn send(&self, [destination, path]: &[&str; 2], message: &[&str]) -> String {
        let mut command = Command::new("dbus-send");
        command.arg(format!("--bus={}", self.address)).arg("--print-reply").arg(format!("--dest={destination}"));
        let output = command.arg(path).args(message).output().expect("dbus-send comes with dbus-daemon");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }
}
