//! Line by line: the same tokens, questions and proofs for somebody who only hears what is new.

use super::harness::{
    Home, Site, Terminal, revoked,
    site::Start,
    terminal::{holds, osc52},
};
use rustix::{process::Signal, termios::Action};
use std::{
    fs,
    os::unix::fs::PermissionsExt,
    time::{Duration, Instant},
};

#[test]
fn a_leaked_value_is_looked_for_line_by_line_unseen() {
    let site = Site::new();
    let (_, secret) = site.create("leaked");
    let mut listener = Listener::begin(site.start(&[]).env("TERM", "dumb"));
    listener.hear("61 of 61 shown").hear("Keys: ");
    listener.say(":identify").hear("leaked value (hidden)> ").pause();
    listener.say(&secret).hear("this is token \"leaked\" of prod").hear("x revoke it").pause();
    listener.say("x").hear("Type y to revoke").pause();
    listener.say("y").hear("dead, revoked").pause();
    let (before, heard) = (secret.len() - 12, String::from_utf8_lossy(&listener.terminal.raw()).into_owned());
    assert!(!heard.contains(&secret[before..]), "{heard}");
    assert!(!site.accepts(&secret));
}

/// Somebody who types lines, and hears what is put out after each.
struct Listener {
    terminal: Terminal,
    heard: usize,
}

impl Listener {
    fn begin(start: Start) -> Self {
        Self { terminal: start.open(), heard: 0 }
    }

    /// The dashboard on a server, in a terminal that can do nothing, with the whole list.
    #[track_caller]
    fn on(site: &Site) -> Self {
        let mut listener = Self::begin(site.start(&[]).env("TERM", "dumb"));
        listener.hear("60 of 60 shown").hear("Keys: ");
        listener
    }

    /// Types a line.
    fn say(&mut self, line: &str) -> &mut Self {
        self.send(&format!("{line}\n"))
    }

    /// Sends text as it is.
    fn send(&mut self, text: &str) -> &mut Self {
        self.heard = self.terminal.raw().len();
        self.terminal.send(text.as_bytes());
        self
    }

    /// Lets the time pass in which lines count as pasted together.
    fn pause(&mut self) -> &mut Self {
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_millis(200) {
            std::thread::park_timeout(Duration::from_millis(200));
        }
        self
    }

    /// Waits until something is put out since the last line was typed. The echo of that line is not meant.
    #[track_caller]
    fn hear(&mut self, text: &str) -> &mut Self {
        self.terminal.until_put_out(self.heard, text, |said| {
            // The echo ends with the line.
            said.split_once('\n').is_some_and(|(_, rest)| rest.contains(text)) || is_beginning(said, text)
        });
        self
    }

    /// Holds that nothing but text was ever put out.
    #[track_caller]
    fn holds_no_sequence(&self) {
        let raw = self.terminal.raw();
        assert!(!raw.contains(&0x1b), "{}", String::from_utf8_lossy(&raw));
        assert!(raw.iter().all(|byte| *byte >= 0x20 || matches!(byte, b'\r' | b'\n')));
    }

    /// Quits; the program must end well, and the terminal must be as it was.
    #[track_caller]
    fn quit(&mut self) {
        self.say("q");
        assert_eq!(self.terminal.exit_code(), 0);
        self.is_restored();
    }

    #[track_caller]
    fn is_restored(&self) {
        let (before, after) = self.terminal.modes();
        assert_eq!(before, after);
    }
}

/// What is put out before the first line has no echo before it.
fn is_beginning(said: &str, text: &str) -> bool {
    said.starts_with("tokendeck, line by line.") && said.contains(text)
}

#[test]
fn everything_is_done_by_lines_and_nothing_but_text_is_sent() {
    let site = Site::new();
    let before = site.store().tokens();
    let mut listener = Listener::on(&site);
    listener.hear("1. ").hear("10. ").say("").hear("11. ").hear("20. ").say("-").hear("1. ");

    listener.say("/label:grafana").hear("1 of 60 shown; query label:grafana").hear("1. grafana; ");
    listener.say("1").hear("1. grafana; ").say("<enter>").hear("Details of grafana:").hear("masked").say("<enter>");
    listener.hear("; chosen").say("x").hear("Revoke 1 token.").hear("Type y to revoke").say("yes").hear("no key");
    listener.say("y").hear("revoked \"grafana\": verified dead");

    listener.say("/label:\"admin console\"").hear("1. admin console; ").say("x").hear("(counts as admin)");
    listener.hear("type its label and Enter:  admin console").say("admin consol").hear("nothing was done");
    listener.say("y").hear("that is not admin console");
    assert!(site.store().lives("admin console"));
    listener.say("admin console").hear("revoked \"admin console\": verified dead");

    listener.say("/terraform").hear("2 of 60 shown").hear("2. terraform ").say("*").hear("2 marked").say("x");
    listener.hear("Revoke 2 tokens.").hear("type number, context and Enter:  2 prod").say("2").hear("nothing was done");
    listener.say("2 prod").hear("Report: ").hear("2 verified dead").hear("close").say("").hear("; chosen");
    listener.quit();
    listener.holds_no_sequence();

    let labels = ["admin console", "grafana", "terraform apply", "terraform plan"];
    let mut dead: Vec<String> =
        revoked(&before, &site.store().tokens()).iter().map(|id| before[id].label.clone()).collect();
    dead.sort();
    assert_eq!(dead, labels);
}

/// Fills the form of a new token in, and sends it.
#[track_caller]
fn create(listener: &mut Listener, label: &str) {
    listener.say("n").hear("New token.").hear("label> ").say(label).hear("role> ").say("writer").hear("none of them");
    listener.say("2").hear("owner> ").say("").hear("scope> ").say("").hear("expires> ").say("30d").hear("[Create]> ");
    listener.say("").hear("nothing was sent").say("create").hear("New secret.").hear("The secret is hidden.");
    listener.hear("Do one of these");
}

#[test]
fn a_new_secret_is_written_compared_and_declared_stored_without_being_put_out() {
    let site = Site::new();
    let mut listener = Listener::on(&site);
    create(&mut listener, "told by lines");
    listener.say("stored").hear("write or pipe it first");
    let path = site.home.path().join("new-token");
    listener.say("w").hear("file> ").say(&path.to_string_lossy()).hear("done: written to ");
    let secret = fs::read_to_string(&path).expect("a file").trim_end().to_owned();
    assert_eq!(fs::metadata(&path).expect("a file").permissions().mode() & 0o777, 0o600);
    assert!(site.accepts(&secret));
    listener.say("v").hear("paste it back (hidden)> ").say("something else").hear("is NOT the secret");
    listener.say("v").hear("paste it back (hidden)> ").say(&secret).hear("stored correctly");
    listener
        .say("store")
        .hear("type the word stored")
        .say("stored")
        .hear("; chosen")
        .say(":help")
        .hear("Keys in Tokens.");
    listener.say("").hear("; chosen");
    listener.quit();
    listener.holds_no_sequence();
    let raw = listener.terminal.raw();
    assert!(!holds(&raw, &secret) && !holds(&raw, "something else"), "what is hidden is not echoed");
    let (_, held) = site.store().one("told by lines");
    assert!(held.live && !held.is_admin() && held.expires.is_some());
}

#[test]
fn a_secret_is_revealed_on_a_line_of_its_own_when_that_is_asked_for() {
    let site = Site::new();
    let mut listener = Listener::on(&site);
    create(&mut listener, "read aloud");
    listener.say("r").hear("The secret is the next line").hear("shown on screen");
    let raw = String::from_utf8_lossy(&listener.terminal.raw()).into_owned();
    let mut lines = raw.lines().skip_while(|line| !line.starts_with("The secret is the next line"));
    let secret = lines.nth(1).expect("a secret").trim().to_owned();
    assert!(site.accepts(&secret), "{secret}");
    listener.say("r").hear("The secret is hidden.").say("stored").hear("; chosen");
    assert_eq!(raw.matches(&secret).count(), 1);
    listener.quit();
    listener.holds_no_sequence();
}

#[test]
fn a_terminal_that_has_a_clipboard_is_sent_what_is_copied_and_no_other_sequence() {
    let site = Site::new();
    let start = site.start(&["--linear"]).env("SSH_CONNECTION", "10.0.0.1 4022 10.0.0.2 22");
    let mut listener = Listener::begin(start);
    listener.hear("copy: terminal (OSC 52)").hear("60 of 60 shown");
    create(&mut listener, "copied by lines");
    listener.say("c").hear("sent to the terminal (it does not confirm)").say("stored").hear("; chosen");
    listener.quit();
    let raw = listener.terminal.raw();
    let copied = osc52(&raw).into_iter().find(|text| !text.is_empty()).expect("a copy");
    assert!(site.accepts(&copied) && !holds(&raw, &copied));
    let begins = |at: usize| raw[at..].starts_with(b"\x1b]52;") || raw[at..].starts_with(b"\x1b\\");
    assert!((0..raw.len()).filter(|at| raw[*at] == 0x1b).all(begins));
}

#[test]
fn lines_that_were_there_before_the_question_or_come_at_once_confirm_nothing() {
    let site = Site::new();
    let before = site.store().tokens();
    let mut listener = Listener::on(&site);
    listener.say("/label:\"terraform plan\"").hear("1. terraform plan; ");
    // Typed ahead: the y is there before anybody can have heard the question.
    listener.send("x\ny\n").hear("Type y to revoke");
    listener.pause().send("y\ny\n").hear("several lines at once answer nothing");
    listener.pause().send("y\n\ny\ny\n").hear("several lines at once answer nothing");
    assert_eq!(site.store().tokens(), before);
    listener.pause().say("").hear("; chosen");
    listener.say("/terraform").hear("2. terraform ").say("*").hear("2 marked");
    listener.send("x\n2 prod\n").hear("type number, context and Enter:  2 prod");
    listener.pause().send("2 prod\n2 prod\n").hear("several lines at once answer nothing");
    listener.pause().say("<esc>").hear("; chosen");
    listener.quit();
    assert_eq!(site.store().tokens(), before);
}

#[test]
fn every_end_gives_the_terminal_back_and_has_its_exit_code() {
    let home = Home::new();
    let ends: [(&str, Option<Signal>, u32); 7] = [
        ("q\n", None, 0),
        (":quit\n", None, 0),
        ("\x03", None, 0),
        ("\x04", None, 0),
        ("", Some(Signal::TERM), 143),
        ("", Some(Signal::HUP), 129),
        ("half a line", Some(Signal::TERM), 143),
    ];
    for (text, signal, code) in ends {
        for hidden in [false, true] {
            let mut listener = Listener::begin(home.start(&["demo", "--linear"]));
            listener.hear("60 of 60 shown").hear("Keys: ");
            if hidden {
                listener.say(":login").hear("credential (hidden)> ");
                let (before, now) = listener.terminal.modes();
                assert_ne!(before, now, "what is typed is not shown");
                if signal.is_none() {
                    listener.send("\x03").hear("; chosen");
                }
            }
            listener.send(text);
            if let Some(signal) = signal {
                listener.terminal.signal(signal);
            }
            assert_eq!(listener.terminal.exit_code(), code, "{text:?} {signal:?}");
            listener.is_restored();
            listener.holds_no_sequence();
        }
    }
    assert_eq!(fs::read_dir(home.path().join("tmp")).expect("a folder").count(), 0, "the demo leaves nothing");
}

#[test]
fn stopped_by_key_it_gives_the_terminal_to_the_shell_and_tells_everything_anew() {
    let home = Home::new();
    let script =
        "set -m; \"$0\" demo --linear; echo the shell is here; read line; fg > /dev/null; echo the shell again";
    let start = home.start_other("/bin/sh", &["-c", script, super::harness::site::PROGRAM]);
    let mut listener = Listener::begin(start);
    listener.hear("60 of 60 shown").hear("Keys: ").say(":login").hear("credential (hidden)> ");
    listener.send("\x1a").hear("the shell is here").is_restored();
    listener.say("").hear("Credential.").hear("credential (hidden)> ");
    let (before, now) = listener.terminal.modes();
    assert_ne!(before, now, "what is typed is not shown again");
    listener.send("\x03").hear("; chosen").say("q").hear("the shell again");
    listener.terminal.exit_code();
    listener.is_restored();
}

#[test]
fn a_panic_gives_the_terminal_back_and_says_so() {
    let home = Home::new();
    let start = home.start(&["--linear"]).env("TOKENDECK_TEST_PANIC", "1");
    let mut listener = Listener::begin(start);
    listener.hear("Welcome to tokendeck.").hear("> ").say("d");
    assert_eq!(listener.terminal.exit_code(), 101);
    listener.is_restored();
    assert!(holds(&listener.terminal.raw(), "a panic was asked for"));
}

#[test]
fn with_nothing_to_type_at_it_says_so_and_that_is_wrong_usage() {
    let site = Site::new();
    let says = "the dashboard needs a terminal";
    for script in ["\"$0\" --linear < /dev/null", "echo q | \"$0\" --linear", "TERM=dumb \"$0\" < /dev/null"] {
        let start = site.home.start_other("/bin/sh", &["-c", script, super::harness::site::PROGRAM]);
        let mut screen = start.env("OPERATOR", &site.operator).open();
        screen.until(says);
        assert_eq!(screen.exit_code(), 2, "{script}");
        screen.restored();
        assert!(!screen.raw().contains(&0x1b), "{script}");
    }
    for arguments in [&["--linear"][..], &["--linear", "--credential-stdin"], &[]] {
        crate::cli::program::run_with(&site, arguments, "q\n").ends(2, says);
    }
}

#[test]
fn a_terminal_that_takes_nothing_more_holds_neither_requests_nor_the_end_up() {
    let site = Site::new();
    let dead = || site.store().count("t.revoked IS NOT NULL");
    let (before, ordinary) = (dead(), site.store().count("t.revoked IS NULL AND t.roles & 4 = 0"));
    let mut listener = Listener::on(&site);
    listener.say("/-role:admin -status:revoked").hear(&format!("{ordinary} of 60 shown")).say("*").hear(" marked");
    listener.say("x").hear(&format!("type the number and Enter:  {ordinary}")).hear("keeps.").pause();
    listener.terminal.stall(Action::OOff);
    let shown = listener.terminal.raw().len();
    listener.say(&ordinary.to_string());
    let begun = Instant::now();
    while dead() < before + ordinary {
        assert!(begun.elapsed() < super::harness::terminal::SOON, "the run waits for the terminal");
        std::thread::yield_now();
    }
    assert_eq!(listener.terminal.raw().len(), shown, "the terminal took nothing meanwhile");
    listener.terminal.signal(Signal::TERM);
    assert_eq!(listener.terminal.exit_code_within(Duration::from_secs(10)), 143);
}

#[test]
fn a_terminal_that_is_gone_ends_the_program() {
    let home = Home::new();
    let mut listener = Listener::begin(home.start(&["demo", "--linear"]));
    listener.hear("60 of 60 shown").hear("Keys: ");
    listener.terminal.hang_up();
    assert_eq!(listener.terminal.exit_code(), 129);
}
