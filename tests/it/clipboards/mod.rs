//! The roads to a clipboard of a real session: tmux in each of its settings, GNU screen, an X server, a Wayland compositor.
//!
//! `.ci/run session` installs them.

#[cfg(feature = "wayland")]
mod wayland;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::PoisonError;

use rustix::process::{Pid, Signal, kill_process};

use crate::cli::program::until;
use crate::flows::harness::{
    Site, Terminal,
    site::{PROGRAM, Start},
    terminal::{SPAWN, holds, osc52},
};
use crate::flows::making::{create, hand_over};
use crate::parts;

/// Runs a command to its end; others may start theirs meanwhile.
fn run(command: &mut Command) -> Output {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let spawning = SPAWN.lock().unwrap_or_else(PoisonError::into_inner);
    let child = command.spawn().expect("started");
    drop(spawning);
    child.wait_with_output().expect("its end")
}

/// A tmux server of a test's own.
pub(crate) struct Tmux<'a>(pub(crate) &'a Site);

impl Tmux<'_> {
    pub(crate) fn command(&self, arguments: &[&str]) -> Output {
        self.command_of("deck", arguments)
    }

    /// Asks the server of this name.
    fn command_of(&self, name: &str, arguments: &[&str]) -> Output {
        let mut command = Command::new("tmux");
        command.env_clear().envs(self.0.home.environment()).env("TMUX_TMPDIR", self.0.home.path().join("tmp"));
        run(command.args(["-L", name]).args(arguments))
    }

    /// Starts tmux with a command in it.
    pub(crate) fn start(&self, settings: &str, command: &str) -> Start {
        let config = self.0.home.path().join("tmux.conf");
        fs::write(&config, settings).expect("written");
        let (config, tmp) = (config.display().to_string(), self.0.home.path().join("tmp").display().to_string());
        let start = self.0.home.start_other("tmux", &["-L", "deck", "-f", &config, "new-session", command]);
        start.env("TERM", "xterm-256color").env("TMUX_TMPDIR", &tmp)
    }
}

/// Ends the server of a site with it.
struct Ended<'a>(Tmux<'a>);

impl Drop for Ended<'_> {
    fn drop(&mut self) {
        self.0.command(&["kill-server"]);
    }
}

#[test]
fn in_tmux_a_copy_reaches_the_outer_terminal_and_leaves_none_behind() {
    if !parts::has(&["tmux"]) {
        return;
    }
    for settings in ["", "set -s set-clipboard on\n", "set -s set-clipboard external\n", "set -s set-clipboard off\n"] {
        let site = Site::new();
        let Ended(tmux) = &Ended(Tmux(&site));
        let mut screen = tmux.start(settings, PROGRAM).env("OPERATOR", &site.operator).open();
        screen.until("60 of 60").until("copy: tmux");
        let sent = hand_over(&mut screen, "through tmux", "done: sent to tmux (it does not confirm");
        assert_eq!(sent.len(), 1, "{settings}");
        assert!(site.accepts(&sent[0]), "what arrived is the secret");
        assert!(tmux.command(&["list-buffers"]).stdout.is_empty(), "{settings}");
        let pane = tmux.command(&["capture-pane", "-p", "-S", "-"]).stdout;
        assert!(holds(&pane, "61 of 61") && !holds(&pane, &sent[0]));
    }
}

/// Passes everything on to tmux, and does not come back from one that loads a buffer.
const STUCK: &str = r#"#!/bin/sh
/usr/bin/tmux "$@"
code=$?
case "$1" in load-buffer) : > "$HOME/loaded"; exec sleep 60;; esac
exit $code
"#;

#[test]
fn in_tmux_no_copy_is_left_when_the_program_is_killed_while_one_is_on_its_way() {
    if !parts::has(&["tmux"]) {
        return;
    }
    let site = Site::new();
    let Ended(tmux) = &Ended(Tmux(&site));
    let (folder, loaded) = (site.home.path().join("bin"), site.home.path().join("loaded"));
    fs::create_dir(&folder).expect("a folder");
    fs::write(folder.join("tmux"), STUCK).expect("written");
    fs::set_permissions(folder.join("tmux"), fs::Permissions::from_mode(0o755)).expect("a program");
    let command = format!("PATH=$HOME/bin:$PATH exec {PROGRAM}");
    let mut screen = tmux.start("set -g remain-on-exit on\n", &command).env("OPERATOR", &site.operator).open();
    screen.until("60 of 60").until("copy: tmux");
    create(&mut screen, "cut off");
    screen.until("c copy").press("c");
    until("tmux has it", || loaded.exists());
    let pane = |what: &str| {
        let told = tmux.command(&["display-message", "-p", what]).stdout;
        String::from_utf8(told).expect("text").trim().to_owned()
    };
    let program = pane("#{pane_pid}").parse().ok().and_then(Pid::from_raw).expect("a number");
    kill_process(program, Signal::KILL).expect("killed");
    until("its end", || pane("#{pane_dead}") == "1");
    until("a copy on its way", || !osc52(&screen.raw()).is_empty());
    let sent = osc52(&screen.raw());
    assert!(sent.len() == 1 && site.accepts(&sent[0]), "what was on its way is the secret");
    let buffers = tmux.command(&["list-buffers"]);
    assert!(buffers.status.success() && buffers.stdout.is_empty(), "{}", String::from_utf8_lossy(&buffers.stdout));
}

/// What the outer of two does with a copy is its own affair: what is said holds either way.
#[test]
fn in_a_tmux_within_another_a_copy_goes_as_far_as_the_outer_one_lets_it() {
    if !parts::has(&["tmux"]) {
        return;
    }
    // With its default settings the outer one takes no copy from what runs in it. Set to take them it keeps a buffer of
    // its own, which nobody within can delete.
    for (settings, arrives) in [("", false), ("set -s set-clipboard on\n", true)] {
        let site = Site::new();
        let Ended(outer) = &Ended(Tmux(&site));
        let inner = format!("env -u TMUX tmux -L inner -f /dev/null new-session {PROGRAM}");
        let mut screen = outer.start(settings, &inner).env("OPERATOR", &site.operator).open();
        screen.until("60 of 60").until("copy: tmux");
        let sent = hand_over(&mut screen, "through two", "done: sent to tmux (it does not confirm");
        screen.press("!").until("the terminal may still hold the secret");
        assert_eq!(sent.len(), usize::from(arrives), "{settings}");
        assert!(sent.iter().all(|secret| site.accepts(secret)), "what arrived is the secret");
        assert!(outer.command_of("inner", &["list-buffers"]).stdout.is_empty(), "{settings}");
        assert_eq!(outer.command(&["list-buffers"]).stdout.is_empty(), !arrives, "{settings}");
        outer.command_of("inner", &["kill-server"]);
    }
}

#[test]
fn in_screen_a_copy_reaches_the_outer_terminal_in_pieces() {
    if !parts::has(&["screen"]) {
        return;
    }
    let site = Site::new();
    let folder = site.home.path().join("run");
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o700)).expect("private, as screen wants it");
    let start = site.home.start_other("screen", &["-U", "-c", "/dev/null", PROGRAM]);
    let start = start.env("TERM", "xterm-256color").env("LANG", "C.UTF-8").env("OPERATOR", &site.operator);
    let mut screen = start.env("SCREENDIR", &folder.display().to_string()).open();
    screen.until("60 of 60").until("copy: screen (OSC 52)");
    let sent = hand_over(&mut screen, "through screen", "done: sent to the terminal (it does not confirm)");
    assert_eq!(sent.len(), 1);
    assert!(site.accepts(&sent[0]), "what arrived is the secret");
    screen.quit();
}

/// An X server of a test's own.
pub(crate) struct Display(Child, pub(crate) String);

impl Display {
    pub(crate) fn start() -> Self {
        let mut command = Command::new("Xvfb");
        command.args(["-displayfd", "1", "-screen", "0", "320x200x24", "-nolisten", "tcp"]);
        let spawning = SPAWN.lock().unwrap_or_else(PoisonError::into_inner);
        let mut server = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("Xvfb");
        drop(spawning);
        let mut number = String::new();
        let out = server.stdout.take().expect("its output");
        std::io::BufRead::read_line(&mut std::io::BufReader::new(out), &mut number).expect("the display's number");
        Self(server, format!(":{}", number.trim()))
    }

    /// What another program reads from the clipboard.
    pub(crate) fn clipboard(&self) -> String {
        self.selection("clipboard")
    }

    /// What another program reads from one of the three places for texts.
    pub(crate) fn selection(&self, name: &str) -> String {
        let mut command = Command::new("timeout");
        command.args(["5", "xclip", "-selection", name, "-o"]).env("DISPLAY", &self.1);
        String::from_utf8(run(&mut command).stdout).expect("text")
    }

    /// The forms in which the owner of the clipboard offers what is there.
    fn offered(&self) -> String {
        let mut command = Command::new("timeout");
        command.args(["5", "xclip", "-selection", "clipboard", "-o", "-t", "TARGETS"]).env("DISPLAY", &self.1);
        String::from_utf8(run(&mut command).stdout).expect("text")
    }

    /// Lets another program put something there.
    pub(crate) fn put(&self, text: &str) {
        // It goes on in the background, and would hold our end of its output open.
        let script = format!("printf %s '{text}' | xclip -selection clipboard -i >/dev/null");
        let mut command = Command::new("sh");
        assert!(run(command.args(["-c", &script]).env("DISPLAY", &self.1)).status.success());
        // It has said so before the server knows of it.
        until("it is there", || self.clipboard() == text);
    }
}

impl Drop for Display {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A way in which the secret's screen ends, with the file that makes the program panic.
type End = fn(&mut Terminal, &Path);

/// Every one of them, with the exit code of those that end the program.
const ENDS: [(&str, End, Option<u32>); 7] = [
    (
        "stored",
        |screen, _| {
            screen.press("stored<enter>").until_gone("New secret").until("clipboard cleared");
        },
        None,
    ),
    ("SIGTERM", |screen, _| screen.signal(Signal::TERM), Some(143)),
    ("SIGINT", |screen, _| screen.signal(Signal::INT), Some(130)),
    ("SIGHUP", |screen, _| screen.signal(Signal::HUP), Some(129)),
    ("SIGQUIT", |screen, _| screen.signal(Signal::QUIT), Some(131)),
    // Nothing is left to clear it: it goes with its owner.
    ("SIGKILL", |screen, _| screen.signal(Signal::KILL), Some(1)),
    (
        "a panic",
        |screen, file| {
            fs::write(file, "").expect("written");
            screen.press("x");
        },
        Some(101),
    ),
];

/// What another program of a desktop can do with its clipboard.
struct Others<'a> {
    /// Lets the program into the desktop.
    enter: &'a dyn Fn(Start) -> Start,
    read: &'a dyn Fn() -> String,
    /// The forms in which the owner of what is there offers it.
    offered: &'a dyn Fn() -> String,
    put: &'a dyn Fn(&str),
}

/// Holds that a copy is there for others, not for histories, and goes however the program ends; but not what somebody
/// else put there.
fn is_held_and_cleared(others: &Others) {
    for (name, end, code) in ENDS {
        let site = Site::new();
        let panics = site.home.path().join("panics");
        let start = site.start(&[]).env("TOKENDECK_TEST_PANIC", &panics.to_string_lossy());
        let mut screen = (others.enter)(start).open();
        screen.until("60 of 60").until("copy: desktop clipboard");
        create(&mut screen, "to the desktop");
        screen.until("c copy").press("c").until("done: copied to the desktop clipboard");
        let secret = (others.read)();
        assert!(site.accepts(&secret), "{name}: what another program reads is the secret");
        let offered = (others.offered)();
        let is_offered = |target: &str| offered.lines().any(|line| line == target);
        assert!(
            is_offered("x-kde-passwordManagerHint") && !is_offered("SAVE_TARGETS"),
            "no history takes it: {offered}"
        );
        end(&mut screen, &panics);
        if let Some(code) = code {
            assert_eq!(screen.exit_code(), code, "{name}");
        }
        assert_eq!((others.read)(), "", "{name}");
    }
    // What somebody else put there meanwhile stays.
    let site = Site::new();
    let mut screen = (others.enter)(site.start(&[])).open();
    screen.until("60 of 60");
    create(&mut screen, "overwritten");
    screen.until("c copy").press("c").until("done: copied to the desktop clipboard");
    (others.put)("of somebody else");
    screen.press("stored<enter>").until_gone("New secret").until("holds something else now");
    screen.quit();
    assert_eq!((others.read)(), "of somebody else");
}

#[test]
fn a_desktops_clipboard_is_held_read_by_others_and_cleared_only_while_it_is_ours() {
    if !parts::has(&["Xvfb", "xclip"]) {
        return;
    }
    let display = Display::start();
    is_held_and_cleared(&Others {
        enter: &|start| start.env("DISPLAY", &display.1),
        read: &|| display.clipboard(),
        offered: &|| display.offered(),
        put: &|text| display.put(text),
    });
}
