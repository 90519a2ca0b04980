//! The clipboard of a Wayland compositor that lends it to programs without a window: sway, without a screen.
//!
//! Only in a build with the feature: `cargo test --features wayland --test it -- clipboards::wayland`.

use std::fs;
use std::os::unix::fs::chown;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::PoisonError;

use rustix::process::geteuid;
use tempfile::TempDir;

use super::{Others, is_held_and_cleared, run};
use crate::cli::program::until;
use crate::flows::harness::terminal::SPAWN;
use crate::parts;

/// Nobody's number: sway does not run for root.
const NOBODY: u32 = 65_534;

/// A compositor of a test's own.
struct Compositor {
    server: Child,
    folder: TempDir,
}

impl Compositor {
    fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let config = folder.path().join("config");
        // Without XWayland: what is tried is that the program needs none.
        fs::write(&config, "xwayland disable\n").expect("written");
        let mut command = if geteuid().is_root() {
            for path in [folder.path(), &config] {
                chown(path, Some(NOBODY), Some(NOBODY)).expect("given away");
            }
            let mut command = Command::new("setpriv");
            command.args(["--reuid", "65534", "--regid", "65534", "--clear-groups", "sway"]);
            command
        } else {
            Command::new("sway")
        };
        command.arg("-c").arg(&config).env_clear().env("PATH", "/usr/bin:/bin").env("HOME", folder.path());
        command.env("XDG_RUNTIME_DIR", folder.path());
        for (name, value) in
            [("WLR_BACKENDS", "headless"), ("WLR_LIBINPUT_NO_DEVICES", "1"), ("WLR_RENDERER", "pixman")]
        {
            command.env(name, value);
        }
        let spawning = SPAWN.lock().unwrap_or_else(PoisonError::into_inner);
        let server = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("sway");
        drop(spawning);
        let compositor = Self { server, folder };
        until("the compositor", || compositor.socket().exists());
        compositor
    }

    /// Where it listens, as an absolute path, which `WAYLAND_DISPLAY` may be.
    fn socket(&self) -> PathBuf {
        self.folder.path().join("wayland-1")
    }

    /// A program of the compositor, and what it says; nothing where that takes too long.
    fn ask(&self, arguments: &[&str]) -> String {
        let mut command = Command::new("timeout");
        command.arg("5").args(arguments).env("WAYLAND_DISPLAY", self.socket());
        String::from_utf8(run(command.env("XDG_RUNTIME_DIR", self.folder.path())).stdout).expect("text")
    }

    fn put(&self, text: &str) {
        // It goes on in the background, and would hold our end of its output open.
        let script = format!("printf %s '{text}' | wl-copy >/dev/null 2>&1");
        self.ask(&["sh", "-c", &script]);
        until("it is there", || self.clipboard() == text);
    }

    fn clipboard(&self) -> String {
        self.ask(&["wl-paste", "--no-newline"])
    }
}

impl Drop for Compositor {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

#[test]
fn a_compositors_clipboard_is_held_read_by_others_and_cleared_only_while_it_is_ours() {
    if !parts::has(&["sway", "wl-paste", "wl-copy", "setpriv"]) {
        return;
    }
    let compositor = Compositor::start();
    is_held_and_cleared(&Others {
        enter: &|start| start.env("WAYLAND_DISPLAY", &compositor.socket().display().to_string()),
        read: &|| compositor.clipboard(),
        offered: &|| compositor.ask(&["wl-paste", "--list-types"]),
        put: &|text| compositor.put(text),
    });
}
