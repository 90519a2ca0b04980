//! The keyrings of a real system, each in each of its states, through the real program: `.ci/run session` installs them.
//!
//! Without a part a test says that it cannot run; with `TOKENDECK_REQUIRE_LIVE=1` it fails then.

mod bus;
mod files;
mod journal;

use std::process::Command;

use bus::{Bus, Policy};

use crate::cli::program::{self, Ran, end, start};
use crate::flows::harness::Site;
use crate::parts;

/// The program on a site that keeps credentials, without any other place for one.
fn program(site: &Site, bus: Option<&Bus>, arguments: &[&str]) -> Command {
    let mut command = program::program(site, arguments);
    command.env_remove("OPERATOR");
    if let Some(bus) = bus {
        command.env("DBUS_SESSION_BUS_ADDRESS", bus.address());
    }
    command
}

fn run(site: &Site, bus: Option<&Bus>, arguments: &[&str], input: &str) -> Ran {
    end(start(&mut program(site, bus, arguments)), input)
}

/// Tells whether this kernel has a keyring for us; says so where it has not.
fn has_kernel(site: &Site) -> bool {
    let there = !run(site, None, &["logout"], "").out.contains("kernel keyring is not there");
    there || parts::cannot("a kernel with keyrings")
}

/// Nothing of the credential is in what was printed or left in a file.
fn is_nowhere(site: &Site, ran: &Ran) {
    assert!(!ran.out.contains(&site.operator) && !ran.err.contains(&site.operator));
    for (path, content) in site.home.files() {
        let found = content.windows(site.operator.len()).any(|part| part == site.operator.as_bytes());
        // The server wrote it there for its operator.
        assert!(!found || path.ends_with("operator-credential"), "{}", path.display());
    }
}

#[test]
fn without_a_desktop_the_kernel_keeps_it_for_other_processes_until_logout() {
    let site = Site::keeping();
    if !has_kernel(&site) {
        return;
    }
    run(&site, None, &["whoami"], "").ends(3, "no credential is kept");
    let ran = run(&site, None, &["login"], &site.operator);
    ran.ends(0, "the OS keyring is not there in this session");
    assert!(ran.out.contains("prod: operator  admin") && ran.out.contains("kernel keyring, until"), "{}", ran.out);
    is_nowhere(&site, &ran);
    assert!(run(&site, None, &["whoami"], "").ends(0, "").out.contains("from the kernel keyring"));
    // Bound to the origin: at another name for the same server there is none.
    let elsewhere = site.url.replace("127.0.0.1", "localhost");
    let config = std::fs::read_to_string(site.home.config()).expect("a configuration");
    std::fs::write(site.home.config(), config.replace(&site.url, &elsewhere)).expect("written");
    run(&site, None, &["whoami"], "").ends(3, "no credential is kept");
    std::fs::write(site.home.config(), config).expect("written");
    let ran = run(&site, None, &["logout"], "");
    assert!(ran.ends(0, "").out.contains("prod: removed from the kernel keyring"), "{}", ran.out);
    run(&site, None, &["whoami"], "").ends(3, "no credential is kept");
}

#[test]
fn a_keyring_that_is_unlocked_keeps_it_and_no_copy_stays_behind_it() {
    let site = Site::keeping();
    let Some(bus) = Bus::start(&site.home, Policy::Open) else { return };
    let Some(_keyring) = bus.keyring() else { return };
    let has_kernel = has_kernel(&site);
    if has_kernel {
        run(&site, None, &["login"], &site.operator).ends(0, "");
    }
    let ran = run(&site, Some(&bus), &["login"], &site.operator);
    assert!(ran.ends(0, "").out.contains("kept in the OS keyring"), "{}", ran.out);
    is_nowhere(&site, &ran);
    assert!(run(&site, Some(&bus), &["whoami"], "").ends(0, "").out.contains("from the OS keyring"));
    // The copy in the kernel went with the login.
    run(&site, None, &["whoami"], "").ends(3, "no credential is kept");
    let ran = run(&site, Some(&bus), &["logout"], "");
    assert!(ran.ends(0, "").out.contains("removed from the OS keyring"), "{}", ran.out);
    run(&site, Some(&bus), &["whoami"], "").ends(3, "no credential is kept");
}

#[test]
fn a_keyring_that_is_locked_stops_is_refused_or_never_answers_is_said_and_not_passed_over() {
    let site = Site::keeping();
    let Some(bus) = Bus::start(&site.home, Policy::Open) else { return };
    let Some(keyring) = bus.keyring() else { return };
    if has_kernel(&site) {
        // What would be found if it were passed over.
        run(&site, None, &["login"], &site.operator).ends(0, "");
    }
    bus.lock();
    run(&site, Some(&bus), &["whoami"], "").ends(3, "the OS keyring is locked");
    run(&site, Some(&bus), &["login"], &site.operator).ends(5, "the OS keyring is locked");
    keyring.stop();
    let ran = run(&site, Some(&bus), &["whoami"], "");
    ran.ends(3, "the OS keyring did not answer within 3 seconds");
    keyring.go_on();
    let closed = Bus::start(&site.home, Policy::Closed).expect("it started before");
    let _keyring = closed.keyring().expect("it started before");
    run(&site, Some(&closed), &["whoami"], "").ends(3, "the OS keyring refused access");
    // A bus without the service is as none.
    let empty = Bus::start(&site.home, Policy::Open).expect("it started before");
    let ran = run(&site, Some(&empty), &["logout"], "");
    assert!(ran.out.contains("the OS keyring is not there in this session"), "{}{}", ran.out, ran.err);
}
