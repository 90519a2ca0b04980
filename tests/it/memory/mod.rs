//! What is left of secrets in the memory of the program, and who may look.
//!
//! The program lets nobody but root read its memory, so that the search of it runs as root.

mod scan;
mod walls;

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use ratatui::buffer::Cell;
use rustix::process::Signal;

use crate::flows::find;
use crate::flows::harness::{Site, Terminal};
use crate::flows::making::{copied, create};
use crate::parts;
use scan::{Copy, Needle, Process};

/// How long the last copy may take to go: the screen shows that something is over before all of it is.
const SETTLED: Duration = Duration::from_secs(5);

/// A dashboard whose credential is handed over when the test says so.
struct Life {
    site: Site,
    screen: Terminal,
    process: Process,
    operator: Needle,
    credential: PathBuf,
}

impl Life {
    /// Starts it; `None` where its memory may not be read.
    fn start() -> Option<Self> {
        let site = Site::new();
        let credential = site.home.path().join("credential");
        assert!(Command::new("mkfifo").arg(&credential).status().expect("mkfifo").success());
        let config = fs::read_to_string(site.home.config()).expect("a configuration");
        let command = format!("credential_command = [\"cat\", \"{}\"]", credential.display());
        fs::write(site.home.config(), config.replace("credential_env = \"OPERATOR\"", &command)).expect("written");
        // Over SSH there is one road to a clipboard that every terminal has.
        let mut screen = site.home.start(&[]).env("SSH_CONNECTION", "10.0.0.1 4022 10.0.0.2 22").open();
        screen.until("[1 Tokens]");
        let Some(process) = Process::open(screen.pid()) else {
            parts::cannot("right to read the memory of another process, which root has");
            return None;
        };
        let operator = Needle::of(&site.operator);
        Some(Self { site, screen, process, operator, credential })
    }

    fn hand_over(&self) {
        let mut pipe = OpenOptions::new().write(true).open(&self.credential).expect("a reader");
        writeln!(pipe, "{}", self.site.operator).expect("written");
    }

    /// Holds that a secret is nowhere, as soon as what is on its way has come to its end.
    #[track_caller]
    fn nowhere(&self, when: &str, needle: &Needle) {
        let found = self.until(needle, Vec::is_empty);
        assert!(found.is_empty(), "{when}: {found:#?}");
    }

    /// Searches until the copies are as they should be, or do not become so.
    fn until(&self, needle: &Needle, test: impl Fn(&Vec<Copy>) -> bool) -> Vec<Copy> {
        let begun = Instant::now();
        loop {
            let found = self.process.copies(needle);
            if test(&found) || begun.elapsed() > SETTLED {
                return found;
            }
        }
    }

    /// Holds that the operator's credential is in its own place, and in the last requests of connections that are kept.
    #[track_caller]
    fn in_its_places(&self, when: &str) {
        let own = |found: &Vec<Copy>| found.iter().filter(|copy| !copy.is_of_a_request()).count();
        let found = self.until(&self.operator, |found| own(found) == 1);
        assert!(own(&found) == 1 && found.iter().all(|copy| copy.stride == 1), "{when}: {found:#?}");
    }

    /// Holds that a secret is somewhere: the search is one that finds.
    #[track_caller]
    fn somewhere(&self, when: &str, needle: &Needle) -> Vec<Copy> {
        let found = self.until(needle, |found| !found.is_empty());
        assert!(!found.is_empty(), "{when}: none");
        found
    }
}

#[test]
fn after_its_use_no_copy_of_a_secret_is_in_memory() {
    let Some(mut life) = Life::start() else { return };
    life.nowhere("start", &life.operator);
    life.site.pause(Signal::STOP);
    life.hand_over();
    life.somewhere("credential found", &life.operator);
    life.site.pause(Signal::CONT);
    life.screen.press("<ctrl-r>").until("60 of 60");
    life.in_its_places("list loaded");

    create(&mut life.screen, "handed over");
    life.screen.press("r").until("shown on screen");
    let first = shown(&life.screen);
    let needle = Needle::of(&first);
    let is_cell = |copy: &Copy| copy.stride == size_of::<Cell>();
    let found = life.until(&needle, |found| found.iter().any(is_cell));
    assert!(found.iter().any(is_cell), "it is on screen: {found:#?}");
    assert!(found.iter().any(|copy| copy.stride == 1), "it is kept: {found:#?}");
    assert_eq!(copied(&mut life.screen), first);
    life.somewhere("copied", &needle);
    life.screen.press("stored<enter>").until_gone("New secret").until("61 of 61");
    life.nowhere("stored", &needle);

    find(&mut life.screen, "label:\"handed over\"", 1);
    life.screen.press("t").until("Type y to rotate").press("y").until("New secret").press("r").until("shown on screen");
    let second = shown(&life.screen);
    assert_ne!(first, second);
    let other = Needle::of(&second);
    life.nowhere("rotated", &needle);
    life.somewhere("rotated", &other);
    life.screen.press("stored<enter>").until_gone("New secret").press("/<ctrl-u><enter>").until("61 of 61");
    life.nowhere("before quit", &needle);
    life.nowhere("before quit", &other);
    life.in_its_places("before quit");
    life.screen.quit();
}

/// The library that reads the terminal keeps what it read in two buffers of its own, and wipes neither.
#[test]
fn what_is_pasted_stays_where_the_terminal_is_read_until_as_much_is_pasted_over_it_and_nowhere_else() {
    let Some(mut life) = Life::start() else { return };
    life.hand_over();
    life.screen.until("60 of 60");
    create(&mut life.screen, "pasted back");
    life.screen.press("r").until("shown on screen");
    let secret = shown(&life.screen);
    let needle = Needle::of(&secret);
    life.screen.press("v").until("paste it back").paste(&secret).press("<enter>").until("stored correctly");
    life.screen.press("stored<enter>").until_gone("New secret").until("61 of 61");
    let found = life.until(&needle, |found| found.len() <= 2);
    assert!((1..=2).contains(&found.len()) && found.iter().all(|copy| copy.stride == 1), "{found:#?}");
    life.screen.press("/").paste(&"x".repeat(2 * secret.len())).until("xxxx").press("<esc>").until("61 of 61");
    life.nowhere("something else was pasted", &needle);
    life.screen.quit();
}

/// A log that held it is gone with the screen on which it was looked for.
#[test]
fn a_leaked_value_is_in_memory_while_it_is_looked_for_and_not_afterwards() {
    let Some(mut life) = Life::start() else { return };
    life.hand_over();
    life.screen.until("60 of 60");
    create(&mut life.screen, "leaked");
    life.screen.press("r").until("shown on screen");
    let secret = shown(&life.screen);
    let needle = Needle::of(&secret);
    life.screen.press("stored<enter>").until_gone("New secret").until("61 of 61");
    life.nowhere("stored", &needle);
    life.screen.press("I").until("Paste a leaked value").paste(&format!("a log\nwith {secret} in it"));
    life.screen.until("characters (hidden)").press("<enter>").until("its id stands in the value");
    life.somewhere("found", &needle);
    life.screen.until("x revoke it").press("q").until_gone("Identify");
    life.screen.press("/").paste(&"x".repeat(2 * secret.len() + 100)).until("xxxx").press("<esc>").until("61 of 61");
    life.nowhere("something else was pasted", &needle);
    life.screen.quit();
}

/// The secret on screen.
#[track_caller]
fn shown(screen: &Terminal) -> String {
    let shown = screen.screen();
    shown.lines().find(|line| line.starts_with("tdk_")).expect("a secret").trim().to_owned()
}
