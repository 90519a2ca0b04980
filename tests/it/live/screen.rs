//! The real program in a terminal on each real server.

use tokendeck::runtime::ports::{Clock as _, SystemClock};

use super::facts;
use super::line::{accepts, asks_password, block_on, home};
use super::operations::{ALONE, SERVERS, made};
use super::server::{Server, revoke};
use crate::flows::find;
use crate::flows::harness::terminal::osc52;
use crate::flows::harness::{Home, Terminal};

/// Opens the dashboard as whoever has this credential.
pub(super) fn open(home: &Home, server: &Server, credential: &str) -> Terminal {
    let start = home.start(&[]).size(150, 44).env("OPERATOR", credential);
    let password = if asks_password(server) { server.value("PASSWORD") } else { "-" };
    start.env("SSH_CONNECTION", "10.0.0.1 4022 10.0.0.2 22").env("PASSWORD_OF_MINE", password).open()
}

/// Goes from field to field of a form until the mark stands before one.
#[track_caller]
fn go_to(screen: &mut Terminal, field: &str) {
    let marked = |shown: &str| {
        let line = shown.lines().find_map(|line| line.split_once("\u{2502} > "));
        line.and_then(|(_, rest)| rest.split_whitespace().next()).map(str::to_owned)
    };
    for _ in 0..10 {
        let before = marked(&screen.screen());
        if before.as_deref() == Some(field) {
            return;
        }
        screen.press("<tab>").until_shown("another field", |shown| marked(shown) != before);
    }
    unreachable!("there is no field {field}:\n{}", screen.screen());
}

/// Waits until the whole list is there, as long as it grows; returns how many tokens it holds.
#[track_caller]
pub(super) fn whole(screen: &mut Terminal) -> usize {
    let count = |shown: &str| {
        let line = shown.lines().next().unwrap_or_default();
        let words: Vec<&str> = line.split_whitespace().collect();
        let at = words.iter().position(|word| *word == "of")?;
        let (some, all) = (words.get(at.checked_sub(1)?)?, words.get(at + 1)?);
        let all: usize = all.replace(',', "").parse().ok()?;
        let is_whole = all > 0 && some.replace(',', "").parse() == Ok(all) && !line.contains("loading");
        Some((all, is_whole && line.contains("data ")))
    };
    let mut before = 0;
    loop {
        let moves = |shown: &str| count(shown).is_some_and(|(all, is_whole)| is_whole || all > before);
        screen.until_shown("the whole list, or more of it", moves);
        match count(&screen.screen()) {
            Some((all, true)) => return all,
            Some((all, false)) => before = all,
            None => {}
        }
    }
}

/// The one secret that was sent to the terminal's clipboard last.
#[track_caller]
fn copied(screen: &mut Terminal) -> String {
    screen.until("New secret").until("(hidden)").press("c").until("sent to the terminal (it does not confirm)");
    osc52(&screen.raw()).into_iter().rfind(|sent| !sent.is_empty()).expect("a secret")
}

/// Answers the question about one token with yes, as it wants to be answered.
#[track_caller]
fn confirm(screen: &mut Terminal) {
    screen.until("Revoke 1 token").until("ype ").until_gone("One moment");
    let shown = screen.screen();
    let asked = shown.lines().find_map(|line| line.split_once("and Enter:  "));
    match asked {
        Some((_, word)) => screen.press(&format!("{}<enter>", word.trim_end_matches(['\u{2502}', ' ']).trim_end())),
        None => screen.until("Type y to revoke").press("y"),
    };
}

/// Puts the cursor on the newest of the tokens with a label.
#[track_caller]
fn choose(screen: &mut Terminal, server: &Server, label: &str) {
    if server.backend == "verdaccio" {
        // There are no labels: the newest stands first.
        screen.press("<home>");
    } else {
        find(screen, &format!("label:\"{label}\" -status:revoked"), 1);
    }
}

/// Creates a token with the form, and takes its secret.
#[track_caller]
fn create(screen: &mut Terminal, server: &Server, label: &str) -> String {
    screen.press("n").until("New token");
    if server.backend != "verdaccio" {
        screen.press(label);
    }
    let owner = match server.backend {
        "jupyterhub" => Some("ana"),
        "synapse-devices" => Some("@ana:hs.test"),
        _ => None,
    };
    if let Some(owner) = owner {
        go_to(screen, "owner");
        screen.press(owner);
    }
    go_to(screen, "[Create]");
    screen.press("<enter>");
    copied(screen)
}

fn lives_and_dies((name, backend): (&str, &'static str)) {
    let Some(server) = Server::find(name, backend) else { return };
    let _alone = ALONE.blocking_lock();
    let home = home(&server);
    let mut screen = open(&home, &server, server.value("OPERATOR"));
    let count = whole(&mut screen);
    let all = block_on(facts::of(&server)).len();
    assert!(count.abs_diff(all) < 3, "{count} are shown, and there are {all}");

    // A run that was broken off has left its own.
    let label = format!("made {}", SystemClock.now().as_second());
    let old = create(&mut screen, &server, &label);
    assert!(accepts(&server, &old), "what was copied is the secret");
    screen.press("stored<enter>").until_gone("New secret");
    choose(&mut screen, &server, &label);
    screen.press("t").until("It replaces ");
    go_to(&mut screen, "[Create]");
    screen.press("<enter>");
    let new = copied(&mut screen);
    assert!(new != old && accepts(&server, &new) && accepts(&server, &old), "both live until the old one is revoked");
    screen.press("stored<enter>").until("The new token is stored. This is the old one");
    confirm(&mut screen);
    screen.until("verified dead");
    assert!(accepts(&server, &new) && !accepts(&server, &old));

    choose(&mut screen, &server, &label);
    screen.press("x");
    confirm(&mut screen);
    // The message about the first one is still there: the rows tell.
    let over = |shown: &str| shown.contains("no token matches") || shown.matches("  verified dead").count() == 2;
    screen.until_shown("both of them dead", over);
    assert!(!accepts(&server, &new));
    // Who leaves while something is going is asked.
    screen.until_gone("of 1 over").until_gone("loading").quit();
    let raw = screen.raw();
    for secret in [&old, &new, server.value("OPERATOR")] {
        assert!(!raw.windows(secret.len()).any(|part| part == secret.as_bytes()), "a secret was on screen");
    }
}

#[test]
fn openbao_lives_and_dies() {
    lives_and_dies(SERVERS[0]);
}

#[test]
fn jupyterhub_lives_and_dies() {
    lives_and_dies(SERVERS[1]);
}

#[test]
fn verdaccio_lives_and_dies() {
    lives_and_dies(SERVERS[2]);
}

#[test]
fn synapse_lives_and_dies() {
    lives_and_dies(SERVERS[3]);
}

#[test]
fn a_wrong_credential_asks_for_another() {
    for (name, backend) in SERVERS {
        let Some(server) = Server::find(name, backend) else { continue };
        let home = home(&server);
        let mut screen = open(&home, &server, "nonsense-0123456789");
        screen.until("does not take the credential");
        assert_eq!(screen.screen().matches("error:").count(), 1, "it is said once");
    }
}

#[test]
fn who_may_only_look_is_told_that_a_right_is_missing() {
    for (name, backend) in &SERVERS[..2] {
        let Some(server) = Server::find(name, backend) else { continue };
        let _alone = ALONE.blocking_lock();
        let (token, secret) = block_on(made(&server, "not for auditors"));
        let home = home(&server);
        let mut screen = open(&home, &server, server.value("AUDITOR"));
        whole(&mut screen);
        choose(&mut screen, &server, "not for auditors");
        screen.press("x");
        confirm(&mut screen);
        screen.until("lacks a right");
        assert!(!screen.screen().contains("verified dead"));
        assert!(accepts(&server, &secret), "{name}: it lives");
        screen.press("<esc>").press("q");
        drop(screen);
        assert_eq!(block_on(revoke(&server.operator(), &token.id)), Ok(false));
    }
}
