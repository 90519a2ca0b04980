//! What the same user's other programs see of the process, and what of it would reach a disk.

use std::io::Read as _;
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::process::{Child, Command, Stdio};
use std::sync::PoisonError;

use rustix::process::{Pid, Signal, geteuid, kill_process};

use crate::cli::program::until;
use crate::flows::harness::{Site, site::PROGRAM, terminal::SPAWN};
use crate::parts;

/// An ordinary user, for tests that run as root, whom nothing is hidden from.
const NOBODY: u32 = 65534;

/// What there is of a process that may hold its secrets, or tells where they are.
const WINDOWS: [&str; 4] = ["mem", "environ", "maps", "auxv"];

/// A command of an ordinary user.
fn ordinary(site: &Site, program: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(arguments).env_clear().envs(site.home.environment()).env("OPERATOR", &site.operator);
    command
        .current_dir(site.home.path().join("tmp"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    if geteuid().is_root() {
        command.uid(NOBODY).gid(NOBODY);
    }
    command
}

fn start(command: &mut Command) -> Child {
    let _spawning = SPAWN.lock().unwrap_or_else(PoisonError::into_inner);
    command.spawn().expect("started")
}

/// A site that an ordinary user may enter too.
fn site() -> Site {
    let site = Site::new();
    if geteuid().is_root() {
        std::fs::set_permissions(site.home.path(), std::fs::Permissions::from_mode(0o711)).expect("opened");
        for folder in ["state", "tmp"] {
            chown(site.home.path().join(folder), Some(NOBODY), Some(NOBODY)).expect("given");
        }
    }
    site
}

/// Whether the same user may look at a process through one of its windows.
fn may_look(site: &Site, pid: u32, window: &str) -> bool {
    let looked = start(&mut ordinary(site, "sh", &["-c", &format!(": < /proc/{pid}/{window}")])).wait();
    looked.expect("sh").success()
}

fn kill(child: &Child, signal: Signal) {
    let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw).expect("its number");
    kill_process(pid, signal).expect("a signal");
}

#[test]
fn the_same_user_cannot_look_into_the_process() {
    let site = site();
    // One that hides nothing: the look is one that sees. Its memory may be closed by a setting of the system.
    let mut open = start(&mut ordinary(&site, "cat", &[]));
    for window in &WINDOWS[1..] {
        assert!(may_look(&site, open.id(), window), "{window}");
    }
    drop(open.stdin.take());
    open.wait().expect("its end");
    // It waits for a secret on its standard input.
    let mut program = start(&mut ordinary(&site, PROGRAM, &["verify"]));
    until("it is closed", || !may_look(&site, program.id(), "environ"));
    for window in WINDOWS {
        assert!(!may_look(&site, program.id(), window), "{window}");
    }
    drop(program.stdin.take());
    let mut said = String::new();
    program.stdout.take().expect("its output").read_to_string(&mut said).expect("text");
    assert_eq!((program.wait().expect("its end").code(), said.as_str()), (Some(2), ""), "it waited for a secret");
}

#[test]
fn a_process_that_is_killed_leaves_no_core() {
    let site = site();
    let dumps = |program: &str, arguments: &[&str], ready: &dyn Fn(u32) -> bool| {
        let mut whole = vec!["-c", "ulimit -c unlimited && exec \"$0\" \"$@\"", program];
        whole.extend(arguments);
        let mut child = start(&mut ordinary(&site, "sh", &whole));
        until("it runs", || ready(child.id()));
        kill(&child, Signal::ABORT);
        let status = child.wait().expect("its end");
        assert_eq!(status.signal(), Some(6), "{program}: {status}");
        status.core_dumped()
    };
    let is = |name: &'static str| {
        move |pid| std::fs::read_to_string(format!("/proc/{pid}/comm")).is_ok_and(|comm| comm.trim() == name)
    };
    if !dumps("cat", &[], &is("cat")) {
        parts::cannot("core dump of anything");
        return;
    }
    let is_closed = |pid| is("tokendeck")(pid) && !may_look(&site, pid, "environ");
    assert!(!dumps(PROGRAM, &["verify"], &is_closed));
}
