//! Sessions that end in every way there is: the program notices, finishes what it began, and is gone.

use super::{
    sshd::{self, Sshd, Under},
    watch::{Ended, Watched},
};
use crate::{
    cli::program::until,
    flows::{
        find,
        harness::{Site, Terminal, link::Link, revoked, rounds},
    },
};
use rustix::process::Signal;
use std::{
    collections::BTreeSet,
    fs,
    io::Write,
    time::{Duration, Instant},
};
use tokendeck::{
    domain::{Deed, Outcome, RecordBody, Sequence, Step, unfinished, unsettled},
    runtime::journal,
};

/// What ends a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cut {
    /// The client is killed.
    Client,
    /// The line is closed.
    Closed,
    /// Nothing passes the line for a while, then it is closed.
    Silent,
    /// The program is sent SIGHUP.
    Signal,
}

/// Each way, with every way for the program to hear of it.
const WAYS: [(Cut, Under); 8] = [
    (Cut::Client, Under::Nothing),
    (Cut::Client, Under::Deaf),
    (Cut::Closed, Under::Shell),
    (Cut::Closed, Under::Apart),
    (Cut::Silent, Under::Nothing),
    (Cut::Silent, Under::Deaf),
    (Cut::Signal, Under::Shell),
    (Cut::Signal, Under::Deaf),
];

/// A session is over within two seconds; of these a busy machine may need another one.
const LIMIT: Duration = Duration::from_secs(3);

/// What a program without optimisation may take of the processor's time for the last answers and its end itself, however
/// long it waits: 180 ms were seen on a busy machine. One that spins takes all of it.
const END: Duration = Duration::from_millis(300);

impl Cut {
    /// Ends the session; when that was.
    fn end(self, screen: &Terminal, line: &Link, program: &Watched) -> Instant {
        if self == Self::Silent {
            line.fall_silent();
            assert!(!program.ends_within(Duration::from_secs(1)), "nobody could know");
        }
        let now = Instant::now();
        match self {
            Self::Client => screen.signal(Signal::KILL),
            Self::Closed | Self::Silent => line.close(),
            Self::Signal => program.signal(Signal::HUP),
        }
        now
    }
}

/// The exit code, which who started the program writes down; nobody does where it is the session itself.
#[track_caller]
fn has_ended_by_hang_up(server: &Sshd, under: Under) {
    if under != Under::Nothing {
        until("the exit code", || server.code().exists());
        assert_eq!(fs::read_to_string(server.code()).expect("a code").trim(), "129", "{under:?}");
    }
}

/// Says how long many of them took.
fn tell(what: &str, mut all: Vec<Ended>) {
    all.sort_by_key(|ended| ended.after);
    if let ([.., longest], true) = (all.as_slice(), rounds(1) > 1) {
        let (count, median) = (all.len(), all[all.len() / 2].after);
        let busy = all.iter().map(|ended| ended.busy).max();
        let longest = longest.after;
        // Not eprintln: what a test that passes says that way is shown to nobody.
        writeln!(std::io::stderr(), "{what}: {count}, median {median:?}, longest {longest:?}, most CPU {busy:?}").ok();
    }
}

#[test]
fn a_session_that_ends_ends_the_program_within_two_seconds() {
    if !sshd::is_there() {
        return;
    }
    let site = Site::new();
    let server = Sshd::start(&site);
    for (cut, under) in WAYS {
        let mut all = Vec::new();
        for _ in 0..rounds(1) {
            let line = server.line();
            let mut screen = server.client(&site, under, &line).open();
            screen.until("60 of 60");
            let program = Watched::new(server.program());
            let since = cut.end(&screen, &line, &program);
            all.push(program.ended(since, LIMIT));
            has_ended_by_hang_up(&server, under);
            if cut == Cut::Signal {
                assert_eq!(screen.exit_code(), 0, "the connection stands, and what started the program has ended well");
                screen.restored();
            }
        }
        tell(&format!("{cut:?}, started under {under:?}"), all);
    }
}

/// What the journal has of revocations, by the ids of the tokens.
struct Written {
    /// The backend said that it did them.
    done: BTreeSet<String>,
    /// Nobody knows what came of them: the next start offers to settle them.
    open: BTreeSet<String>,
}

#[track_caller]
fn written(site: &Site) -> Written {
    let records = journal::read(&site.home.path().join("state/tokendeck")).expect("a journal");
    let id = |of: Sequence| {
        let intent = &records.iter().find(|record| record.sequence == of).expect("an intent").body;
        let RecordBody::Intent(Deed::Revoke { id, .. }) = intent else { unreachable!("nobody asked for {intent:?}") };
        id.raw().to_owned()
    };
    let done = records.iter().filter_map(|record| {
        let RecordBody::Result { of, outcome } = &record.body else { return None };
        matches!(outcome, Outcome::Done(_) | Outcome::AlreadyGone | Outcome::VerifiedDead).then(|| id(*of))
    });
    // What was sent without an answer is left to the run, which the next start offers to go on with.
    let of_runs = unfinished(&records).into_iter().flat_map(|left| left.tokens);
    let unanswered = of_runs.filter(|(_, step)| matches!(step, Step::Open(_)));
    let unanswered = unanswered.map(|(target, _)| target.id.raw().to_owned());
    let open = unsettled(&records).into_iter().map(|left| id(left.intent)).chain(unanswered).collect();
    Written { done: done.collect(), open }
}

/// Begins to revoke thirty tokens over a connection whose answers take so long, until the server has done some.
fn begin(screen: &mut Terminal, site: &Site, link: &Link, delay: Duration) {
    let dead = || site.store().count("t.revoked IS NOT NULL");
    let before = dead();
    let ordinary = site.store().count("t.revoked IS NULL AND t.roles & 4 = 0");
    find(screen, "-role:admin -status:revoked", ordinary);
    screen.press("gV").press(&"<down>".repeat(29)).press("V").until("30 marked");
    screen.press("x").until("type the number and Enter:  30").press("30").until("> 30");
    link.delay(Duration::from_secs(2));
    screen.press("<enter>");
    until("a revocation", || dead() > before);
    link.delay(delay);
}

/// Cuts a session while a run is going, and holds what is to be.
fn cut_a_run(cut: Cut, under: Under, delay: Duration, limit: Duration) -> (Ended, Written) {
    let site = Site::new();
    let server = Sshd::start(&site);
    let (backend, line) = (Link::to(&site.url), server.line());
    site.configure_at(&backend.url, "");
    let before = site.store().tokens();
    let mut screen = server.client(&site, under, &line).open();
    screen.until("60 of 60");
    begin(&mut screen, &site, &backend, delay);
    let program = Watched::new(server.program());
    let since = cut.end(&screen, &line, &program);
    let ended = program.ended(since, limit);
    has_ended_by_hang_up(&server, under);
    assert!(ended.busy < ended.after / 100 + END, "{ended:?} is more than a hundredth of the time");
    let dead: BTreeSet<String> = revoked(&before, &site.store().tokens()).into_iter().collect();
    assert!((1..=8).contains(&dead.len()), "no more than were on their way: {}", dead.len());
    let written = written(&site);
    assert_eq!(&written.done | &written.open, dead, "{cut:?} {under:?}: what was sent, and nothing else");
    (ended, written)
}

#[test]
fn with_a_run_going_nothing_new_is_sent_and_what_is_on_its_way_ends_and_is_written() {
    if !sshd::is_there() {
        return;
    }
    // Each piece of an answer is held so long, and a new connection begins with some more: well within 10 s of silence.
    let (late, limit) = (Duration::from_secs(3), Duration::from_secs(20));
    let mut all = Vec::new();
    for _ in 0..rounds(1) {
        for (cut, under) in [(Cut::Client, Under::Shell), (Cut::Closed, Under::Deaf), (Cut::Signal, Under::Shell)] {
            let (ended, written) = cut_a_run(cut, under, late, limit);
            assert!(written.open.is_empty(), "every answer was waited for: {:?}", written.open);
            all.push(ended);
        }
    }
    tell("with a run going", all);
}

#[test]
fn a_backend_that_falls_silent_with_the_session_holds_the_end_up_for_its_time_limit_only() {
    if !sshd::is_there() {
        return;
    }
    let (never, limit) = (Duration::from_mins(10), Duration::from_secs(30));
    let (ended, written) = cut_a_run(Cut::Silent, Under::Apart, never, limit);
    assert!(!written.open.is_empty(), "one answer may have come in time, not all");
    tell("with a backend that fell silent", vec![ended]);
}
