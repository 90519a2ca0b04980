//! Exits of every kind, again and again: whatever ends the program, the terminal is as it was before.

use super::harness::{Site, Terminal, rounds, site::PROGRAM, terminal::SOON};
use rustix::process::{Pid, Signal, kill_process};
use std::{fs, time::Instant};

/// What ends the program, once it is there.
#[derive(Clone, Copy)]
enum End {
    /// It ends by itself.
    Itself,
    Keys(&'static str),
    Signal(Signal),
    /// It is stopped by a signal, continued by its shell, and left by key.
    Stopped,
    /// The terminal is closed.
    Closed,
}

/// A way in which the program ends: how it is started, what ends it, and its exit code.
type Exit = (&'static str, fn(&Site) -> Terminal, End, u32);

const EXITS: [Exit; 16] = [
    ("the key", Site::open, End::Keys("q"), 0),
    ("the command", Site::open, End::Keys(":quit<enter>"), 0),
    ("SIGTERM", Site::open, End::Signal(Signal::TERM), 143),
    ("SIGINT", Site::open, End::Signal(Signal::INT), 130),
    ("SIGQUIT", Site::open, End::Signal(Signal::QUIT), 131),
    ("SIGHUP", Site::open, End::Signal(Signal::HUP), 129),
    ("SIGTERM at the start", starting, End::Signal(Signal::TERM), 143),
    ("an error at the start", |site| site.start(&["--context", "nowhere"]).open(), End::Itself, 1),
    ("--help", |site| site.start(&["--help"]).open(), End::Itself, 0),
    ("a panic", first_run, End::Keys("d"), 101),
    ("stopped and continued", in_a_shell, End::Stopped, 0),
    ("the terminal closed", Site::open, End::Closed, 129),
    ("SIGTERM at a hidden question", asking, End::Signal(Signal::TERM), 143),
    ("SIGHUP at a hidden question", asking, End::Signal(Signal::HUP), 129),
    ("Ctrl-c at a hidden question", asking, End::Keys("half of it<ctrl-c>"), 2),
    ("the terminal closed at a hidden question", asking, End::Closed, 129),
];

/// No longer than until it has the terminal to itself.
fn starting(site: &Site) -> Terminal {
    let screen = site.start(&[]).open();
    let begun = Instant::now();
    while !screen.left_in().0 {
        assert!(begun.elapsed() < SOON, "it never began");
        std::thread::yield_now();
    }
    screen
}

/// Where the key for the demo is a panic.
fn first_run(site: &Site) -> Terminal {
    let mut screen = site.home.start(&["--config", "none.toml"]).env("TOKENDECK_TEST_PANIC", "1").open();
    screen.until("Welcome to tokendeck");
    screen
}

/// In a shell that takes the terminal back when the program stops, and says which process it is.
fn in_a_shell(site: &Site) -> Terminal {
    let program = "echo $$ > pid; exec \"$0\"";
    let script = format!("set -m; sh -c '{program}' \"$0\"; echo the shell is here; read line; fg > /dev/null");
    let start = site.home.start_other("/bin/sh", &["-c", &script, PROGRAM]).env("OPERATOR", &site.operator);
    let mut screen = start.open();
    screen.until("60 of 60");
    screen
}

/// At the question for a credential.
fn asking(site: &Site) -> Terminal {
    let mut screen = site.start(&["verify"]).open();
    screen.until("Secret to try at prod: ");
    assert_ne!(screen.modes().0, screen.modes().1, "what is typed is not shown");
    screen
}

fn end(screen: &mut Terminal, end: End, site: &Site) {
    match end {
        End::Itself => {}
        End::Keys(keys) => {
            screen.press(keys);
        }
        End::Signal(signal) => screen.signal(signal),
        End::Stopped => {
            let pid = fs::read_to_string(site.home.path().join("pid")).expect("written by the shell");
            let pid = pid.trim().parse().ok().and_then(Pid::from_raw).expect("a number");
            kill_process(pid, Signal::TSTP).expect("a signal");
            screen.until("the shell is here").until_gone("60 of 60").restored();
            screen.press("<enter>").until("60 of 60").press("q");
        }
        End::Closed => screen.hang_up(),
    }
}

#[test]
fn whatever_ends_the_program_the_terminal_is_as_it_was() {
    let site = Site::new();
    for round in 0..rounds(1) {
        for (name, open, ends, code) in EXITS {
            let mut screen = open(&site);
            end(&mut screen, ends, &site);
            assert_eq!(screen.exit_code(), code, "{name}, round {round}");
            // Of a terminal that is closed nothing is left that could be looked at.
            if !matches!(ends, End::Closed) {
                screen.restored();
            }
        }
    }
}
