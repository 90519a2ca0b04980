//! What a session over SSH is to the program: whose clipboard, which terminal, which characters.

use super::sshd::{self, Sshd, Under};
use crate::flows::{
    harness::{Site, Terminal},
    making::hand_over,
};
use regex::bytes::Regex;

/// Tells whether anything was put out in a colour.
fn is_coloured(raw: &[u8]) -> bool {
    let sequences = Regex::new(r"\x1b\[([0-9;:]*)m").expect("a pattern");
    let colour = |number: &[u8]| matches!(number, [b'3' | b'4' | b'9', b'0'..=b'8'] | [b'1', b'0', b'0'..=b'7']);
    sequences.captures_iter(raw).any(|found| found[1].split(|sign| b";:".contains(sign)).any(colour))
}

#[test]
fn a_copy_reaches_the_terminal_that_the_client_is_in() {
    if !sshd::is_there() {
        return;
    }
    let site = Site::new();
    let server = Sshd::start(&site);
    let line = server.line();
    let mut screen = server.client(&site, Under::Nothing, &line).env("DISPLAY", ":0").open();
    screen.until("60 of 60").until("copy: terminal (OSC 52)");
    let sent = hand_over(&mut screen, "over the line", "done: sent to the terminal (it does not confirm)");
    assert_eq!(sent.len(), 1);
    assert!(site.accepts(&sent[0]), "what arrived is the secret");
    screen.quit();
    screen.restored();
}

#[test]
fn the_clients_terminal_and_locale_decide_what_is_shown() {
    if !sshd::is_there() {
        return;
    }
    let site = Site::new();
    let server = Sshd::start(&site);
    let line = server.line();
    let open = |term: &str, locale: &str| -> Terminal {
        let mut screen = server.client(&site, Under::Nothing, &line).env("TERM", term).env("LANG", locale).open();
        screen.until("60 of 60").press("/terraform<enter>").until("2 of 60").until_gone("Enter keep").press("?");
        screen.until("Keys in Tokens").press("<esc>");
        screen
    };
    for (term, locale, is_plain, colours) in [
        ("xterm-256color", "C.UTF-8", false, true),
        // What most servers are told: nothing.
        ("xterm-256color", "", true, true),
        ("xterm-256color", "C", true, true),
        ("screen", "C.UTF-8", false, true),
        ("linux", "C.UTF-8", false, true),
        ("xterm-mono", "C", true, false),
        ("vt100", "C", true, false),
    ] {
        let mut screen = open(term, locale);
        screen.until_gone("Keys in Tokens").quit();
        screen.restored();
        let raw = screen.raw();
        assert_eq!(raw.is_ascii(), is_plain, "{term} {locale}");
        assert_eq!(is_coloured(&raw), colours, "{term} {locale}");
    }
}

#[test]
fn a_terminal_that_can_do_nothing_is_told_lines_and_sent_no_sequence() {
    if !sshd::is_there() {
        return;
    }
    let site = Site::new();
    let server = Sshd::start(&site);
    let line = server.line();
    let mut screen = server.client(&site, Under::Nothing, &line).env("TERM", "dumb").open();
    screen.until_put_out(0, "the list", |said| said.contains("60 of 60 shown") && said.contains("Keys: "));
    let raw = String::from_utf8_lossy(&screen.raw()).into_owned();
    let second = raw.lines().find_map(|line| line.trim().strip_prefix("2. ")).expect("a second token").to_owned();
    let from = screen.raw().len();
    screen.send(b"2\n");
    let chosen = format!("2. {}; chosen", second.trim_end_matches("; chosen"));
    screen.until_put_out(from, &chosen, |said| said.contains(&chosen));
    screen.send(b"q\n");
    assert_eq!(screen.exit_code(), 0);
    screen.restored();
    let raw = screen.raw();
    assert!(!raw.contains(&0x1b), "{}", String::from_utf8_lossy(&raw));
}
