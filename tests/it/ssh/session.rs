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
