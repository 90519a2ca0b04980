//! A session in tmux whose children tell what they were given.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use super::canary::Sink;
use super::files;
use crate::clipboards::Tmux;
use crate::flows::harness::{Site, Terminal, site::PROGRAM, terminal::holds};

/// Writes down its environment and its arguments, and goes on as the command that is named.
const RECORDER: &str = r#"#!/bin/sh
name=$1; shift
tr '\0' '\n' < /proc/$$/environ > "$HOME/children/$name.environment.$$"
tr '\0' '\n' < /proc/$$/cmdline > "$HOME/children/$name.arguments.$$"
exec "$@"
"#;

/// A dashboard in tmux, at the most talkative level.
pub(super) struct Session {
    pub(super) site: Site,
    pub(super) screen: Terminal,
}

/// Puts the recorder into a home.
fn recorder(site: &Site) -> String {
    let (home, path) = (site.home.path(), site.home.path().join("record"));
    fs::create_dir(home.join("children")).expect("a folder");
    fs::write(&path, RECORDER).expect("written");
    let tmux = home.join("bin/tmux");
    fs::create_dir(home.join("bin")).expect("a folder");
    fs::write(&tmux, format!("#!/bin/sh\nexec sh {} tmux /usr/bin/tmux \"$@\"\n", path.display())).expect("written");
    fs::set_permissions(&tmux, fs::Permissions::from_mode(0o755)).expect("a program");
    path.display().to_string()
}

impl Session {
    pub(super) fn start() -> Self {
        let site = Site::new();
        let record = recorder(&site);
        let credential = site.home.path().join("served/operator-credential");
        let config = fs::read_to_string(site.home.config()).expect("a configuration");
        let command = format!(
            "credential_command = [\"sh\", \"{record}\", \"credential\", \"cat\", \"{}\"]\n\
             secret_command = [\"sh\", \"{record}\", \"secret\", \"dd\", \"of=/dev/null\"]",
            credential.display()
        );
        fs::write(site.home.config(), config.replace("credential_env = \"OPERATOR\"", &command)).expect("written");
        let script = format!("PATH=$HOME/bin:$PATH {PROGRAM} --log trace; echo the shell is here; exec cat");
        let screen = Tmux(&site).start("", &script).open();
        Self { site, screen }
    }

    /// The number of the dashboard.
    pub(super) fn dashboard(&self) -> String {
        let shell = self.ask(&["display-message", "-p", "#{pane_pid}"]);
        let children = fs::read_to_string(format!("/proc/{0}/task/{0}/children", shell.trim())).expect("its children");
        children.trim().to_owned()
    }

    fn ask(&self, arguments: &[&str]) -> String {
        let output = Tmux(&self.site).command(arguments);
        assert!(output.status.success(), "{arguments:?}");
        String::from_utf8(output.stdout).expect("text")
    }

    /// What tmux keeps: the pane with all that scrolled out of it, on both screens, its title, the paste buffers.
    pub(super) fn tmux(&self) -> Vec<Sink> {
        let asked: [(&str, &[&str]); 4] = [
            ("pane", &["capture-pane", "-p", "-e", "-J", "-S", "-", "-E", "-"]),
            ("other screen of the pane", &["capture-pane", "-p", "-q", "-a", "-J", "-S", "-", "-E", "-"]),
            ("title", &["display-message", "-p", "#{pane_title} #{window_name} #{session_name}"]),
            ("list of buffers", &["list-buffers"]),
        ];
        let mut sinks: Vec<Sink> = asked.iter().map(|(name, asked)| Sink::new(*name, self.ask(asked))).collect();
        for buffer in self.ask(&["list-buffers", "-F", "#{buffer_name}"]).lines() {
            sinks.push(Sink::new(format!("buffer {buffer}"), self.ask(&["show-buffer", "-b", buffer])));
        }
        sinks
    }

    /// What the terminal was told, but for what was sent to its clipboard on purpose.
    pub(super) fn seen(&self) -> Vec<Sink> {
        let raw = self.screen.raw();
        let (mut shown, mut titles, mut rest) = (Vec::new(), Vec::new(), &raw[..]);
        while let Some(at) = memchr::memmem::find(rest, b"\x1b]") {
            let end =
                rest[at..].iter().position(|byte| *byte == 0x07 || *byte == b'\\').map_or(rest.len(), |end| at + end);
            let sequence = &rest[at..end];
            if !sequence.starts_with(b"\x1b]52;") {
                titles.extend_from_slice(sequence);
            }
            shown.extend_from_slice(&rest[..at]);
            rest = &rest[end..];
        }
        shown.extend_from_slice(rest);
        vec![Sink::new("output", shown), Sink::new("titles of the terminal", titles)]
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        Tmux(&self.site).command(&["kill-server"]);
    }
}

/// Plants a text wherever a session is searched, and has each search find it.
pub(super) fn plant(text: &str, found: &dyn Fn(&[Sink], &str)) {
    let site = Site::new();
    let record = recorder(&site);
    // A child that has it, a title, a line that scrolled away, and one that stays.
    let script = format!(
        "printf '\\033]2;{text}\\033\\\\'; X={text} sh {record} child true {text}; PATH=$HOME/bin:$PATH tmux show-buffer; \
         echo {text}; seq 200; echo {text}; echo ready; exec cat"
    );
    let screen = Tmux(&site).start("set -g set-titles on\nset -g set-titles-string '#T'\n", &script).open();
    let mut session = Session { site, screen };
    session.screen.until("ready");
    session.ask(&["set-buffer", text]);
    for name in ["pane", "title", "list of buffers", "buffer buffer"] {
        found(&session.tmux(), name);
    }
    let pane = session.tmux().remove(0).content;
    assert_eq!(memchr::memmem::find_iter(&pane, text).count(), 2, "the line that scrolled away is looked at too");
    for name in ["child.environment", "child.arguments"] {
        found(&files(&session.site.home), name);
    }
    assert!(files(&session.site.home).iter().any(|sink| sink.name.contains("tmux.arguments")), "tmux is recorded");
    for name in ["output", "titles of the terminal"] {
        found(&session.seen(), name);
    }
    assert!(holds(&session.screen.raw(), text));
}
