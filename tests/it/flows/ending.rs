//! Endings of every kind: the terminal is as it was, and what was begun is finished.

use super::harness::{Home, Site, Terminal, link::Link, revoked, terminal::SOON};
use rustix::{
    process::{Pid, Signal, kill_process},
    termios::Action,
};
use std::time::{Duration, Instant};

#[test]
fn every_end_gives_the_terminal_back_and_has_its_exit_code() {
    let home = Home::new();
    let ends: [(&str, Option<Signal>, u32); 6] = [
        ("q", None, 0),
        ("<ctrl-c>", None, 0),
        ("", Some(Signal::TERM), 143),
        ("", Some(Signal::INT), 130),
        ("", Some(Signal::QUIT), 131),
        ("", Some(Signal::HUP), 129),
    ];
    for (keys, signal, code) in ends {
        let mut screen = home.start(&["demo"]).open();
        screen.until("60 of 60");
        assert_eq!(screen.left_in(), (true, true, true), "it has the terminal to itself");
        assert_ne!(screen.modes().0, screen.modes().1);
        screen.press(keys);
        if let Some(signal) = signal {
            screen.signal(signal);
        }
        assert_eq!(screen.exit_code(), code, "{keys}{signal:?}");
        screen.restored();
    }
    assert_eq!(std::fs::read_dir(home.path().join("tmp")).expect("a folder").count(), 0, "the demo leaves nothing");
}

#[test]
fn a_terminal_that_is_gone_ends_the_program() {
    let home = Home::new();
    let mut screen = home.start(&["demo"]).open();
    screen.until("60 of 60").hang_up();
    assert_eq!(screen.exit_code(), 129);
}

#[test]
fn a_panic_gives_the_terminal_back_and_says_so_without_what_was_typed() {
    let home = Home::new();
    let start = home.start(&["--log", "trace"]).env("TOKENDECK_TEST_PANIC", "1").env("RUST_BACKTRACE", "full");
    let mut screen = start.open();
    screen.until("Welcome to tokendeck").press("a").until("> backend").press("<tab><tab><tab><tab>");
    screen.paste("a-typed-credential").press("<esc>").until("demo").press("d");
    let code = screen.exit_code();
    assert_eq!(code, 101);
    screen.restored();
    let raw = String::from_utf8_lossy(&screen.raw()).into_owned();
    assert!(raw.contains("a panic was asked for"), "{raw}");
    let files = home.files().into_iter().map(|(_, content)| String::from_utf8_lossy(&content).into_owned());
    for text in files.chain([raw]) {
        assert!(!text.contains("a-typed-credential"), "{text}");
    }
}

#[test]
fn a_terminal_that_is_gone_without_a_signal_ends_the_program_within_two_seconds() {
    let home = Home::new();
    // The shell gets the SIGHUP in the place of the program, and ignores it.
    let script = "trap '' HUP; \"$0\" demo; echo $? > code";
    let mut screen = home.start_other("/bin/sh", &["-c", script, super::harness::site::PROGRAM]).open();
    screen.until("60 of 60").hang_up();
    let begun = Instant::now();
    screen.exit_code();
    let took = begun.elapsed();
    assert_eq!(std::fs::read_to_string(home.path().join("code")).expect("its exit code").trim(), "129");
    assert!(took < Duration::from_secs(3), "{took:?}, of which a busy machine may need one");
}

#[test]
fn a_terminal_that_is_gone_sends_nothing_new_and_what_is_on_its_way_ends_and_is_written() {
    let site = Site::new();
    let link = Link::to(&site.url);
    site.configure_at(&link.url, "");
    let dead = |site: &Site| site.store().count("t.revoked IS NOT NULL");
    let before = dead(&site);
    let mut screen = site.open();
    let ordinary = site.store().count("t.revoked IS NULL AND t.roles & 4 = 0");
    super::revoking::find(&mut screen, "-role:admin -status:revoked", ordinary);
    screen.press("gV").press(&"<down>".repeat(29)).press("V").until("30 marked");
    screen.press("x").until("type the number and Enter:  30").press("30").until("> 30");
    link.delay(Duration::from_secs(2));
    screen.press("<enter>");
    let begun = Instant::now();
    while dead(&site) == before {
        assert!(begun.elapsed() < SOON, "nothing was sent");
        std::thread::yield_now();
    }
    // The server has done it, and the answer is still on its way.
    screen.hang_up();
    assert_eq!(screen.exit_code(), 129);
    let done = dead(&site) - before;
    assert!((1..=8).contains(&done), "{done} are dead: no more than were on their way");
    link.delay(Duration::ZERO);
    let mut screen = site.open();
    // What is left of it is offered first, with what is known.
    let known = format!("{done} revoked and not verified, {} not sent", 30 - done);
    screen.until("revoke 30 tokens").until(&known).until("go on with it").press("<esc>").until("1 left open");
    screen.press("4").until("done");
    let results = screen.screen().lines().filter(|line| line.contains(" done")).count();
    assert_eq!(results, done, "each has its result in the journal:\n{}", screen.screen());
    assert!(screen.screen().contains("1 left open"), "but for the run nothing is unsettled:\n{}", screen.screen());
    screen.quit();
    assert_eq!(dead(&site) - before, done, "nothing was sent afterwards");
}

#[test]
fn stopped_by_key_it_gives_the_terminal_to_the_shell_and_takes_it_back() {
    let home = Home::new();
    let script = "set -m; \"$0\" demo; echo the shell is here; read line; fg > /dev/null; echo the shell again";
    let mut screen = home.start_other("/bin/sh", &["-c", script, super::harness::site::PROGRAM]).open();
    screen.until("60 of 60").press("<ctrl-z>").until("the shell is here").until_gone("60 of 60");
    assert_eq!(screen.left_in(), (false, false, false));
    let (before, now) = screen.modes();
    assert_eq!(before, now);
    screen.press("<enter>").until("60 of 60").until("[1 Tokens]").press("/grafana").until("1 of 60");
    screen.press("<esc>").until_gone("Enter keep").press("q").until("the shell again");
    screen.exit_code();
    screen.restored();
}

/// A question for a secret, in a shell that takes the terminal back when the program stops.
fn asked_in_a_shell(site: &Site) -> Terminal {
    let program = "echo $$ > pid; exec \"$0\" verify";
    let script =
        format!("set -m; sh -c '{program}' \"$0\"; echo the shell is here; read line; fg > /dev/null; echo over");
    let start = site.home.start_other("/bin/sh", &["-c", &script, super::harness::site::PROGRAM]);
    let mut screen = start.env("OPERATOR", &site.operator).open();
    screen.until("Secret to try at prod: ");
    screen
}

/// Sends a signal to the program in that shell.
fn signal_below(site: &Site, signal: Signal) {
    let pid = std::fs::read_to_string(site.home.path().join("pid")).expect("written by the shell");
    let pid = pid.trim().parse().ok().and_then(Pid::from_raw).expect("a number");
    kill_process(pid, signal).expect("a signal");
}

/// Holds that what was half typed is forgotten, the shell shows what is typed, and the question comes again.
#[track_caller]
fn asked_anew(mut screen: Terminal, site: &Site, stop: impl FnOnce(&mut Terminal)) {
    assert_ne!(screen.modes().0, screen.modes().1, "what is typed is not shown");
    stop(&mut screen);
    screen.until("the shell is here").restored();
    screen.press("what the shell shows<enter>").until("what the shell shows");
    screen.until_shown("the question again", |shown| shown.matches("Secret to try at prod: ").count() == 2);
    assert_ne!(screen.modes().0, screen.modes().1, "what is typed is not shown again");
    screen.press(&site.operator).press("<enter>").until("alive: it acts for operator").until("over");
    screen.exit_code();
    screen.restored();
    let raw = String::from_utf8_lossy(&screen.raw()).into_owned();
    assert!(!raw.contains("half of it") && !raw.contains(&site.operator), "{raw}");
}

#[test]
fn stopped_by_key_at_a_hidden_question_it_gives_the_terminal_to_the_shell_and_asks_anew() {
    let site = Site::new();
    asked_anew(asked_in_a_shell(&site), &site, |screen| {
        screen.press("half of it<ctrl-z>");
    });
}

#[test]
fn stopped_from_outside_at_a_hidden_question_it_gives_the_terminal_to_the_shell_and_asks_anew() {
    let site = Site::new();
    asked_anew(asked_in_a_shell(&site), &site, |_| signal_below(&site, Signal::TSTP));
}

#[test]
fn stopped_after_a_hidden_question_it_stops_and_goes_on_as_any_program_does() {
    let site = Site::new();
    let link = Link::to(&site.url);
    site.configure_at(&link.url, "");
    link.lose();
    let mut screen = asked_in_a_shell(&site);
    screen.press(&site.operator).press("<enter>");
    // The answer is there, and the backend's will not come.
    link.until_lost();
    screen.press("<ctrl-z>").until("the shell is here").restored();
    assert!(!screen.screen().contains("unknown"), "it has not come to its end: {}", screen.screen());
    let from = screen.raw().len();
    screen.press("<enter>").until_put_out(from, "the end of the line", |said| said.contains('\n'));
    signal_below(&site, Signal::TERM);
    screen.until("over");
    screen.exit_code();
    screen.restored();
}

#[test]
fn a_terminal_that_takes_nothing_more_holds_neither_requests_nor_journal_up() {
    let site = Site::new();
    let before = site.store().tokens();
    let mut screen = site.open();
    let ordinary = site.store().count("t.revoked IS NULL AND t.roles & 4 = 0");
    super::revoking::find(&mut screen, "-role:admin -status:revoked", ordinary);
    screen.press("gV").press(&"<down>".repeat(29)).press("V").until("30 marked");
    screen.press("x").until("type the number and Enter:  30").press("30").until("> 30").stall(Action::OOff);
    let shown = screen.raw().len();
    screen.press("<enter>");
    let done = || site.store().count("t.revoked IS NOT NULL") == before.values().filter(|held| !held.live).count() + 30;
    let begun = Instant::now();
    while !done() {
        assert!(begun.elapsed() < SOON, "the run waits for the terminal");
        std::thread::yield_now();
    }
    assert_eq!(screen.raw().len(), shown, "the terminal took nothing meanwhile");
    screen.stall(Action::OOn).until("Report: ").until("30 verified dead").press("q").until_gone("Report: ");
    screen.quit();
    screen.restored();
    assert_eq!(revoked(&before, &site.store().tokens()).len(), 30);
    let mut screen = site.open();
    assert!(!screen.screen().contains("Left open"), "every intent has its result");
    screen.quit();
}

#[test]
fn a_terminal_that_takes_nothing_more_does_not_hold_the_end_up() {
    let home = Home::new();
    let mut screen = home.start(&["demo"]).open();
    screen.until("60 of 60").stall(Action::OOff).press("<ctrl-l>?");
    screen.signal(Signal::TERM);
    let code = screen.exit_code_within(Duration::from_secs(10));
    assert_eq!(code, 143);
}
