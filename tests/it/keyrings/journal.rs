//! The journal's key, and how far it had come, in keyrings: what they keep finds what no file can show.

use std::fs;
use std::path::PathBuf;

use super::bus::{Bus, Policy};
use super::{has_kernel, run};
use crate::cli::doctor::verdict;
use crate::cli::program::{self, Ran, end, start};
use crate::flows::harness::Site;

fn journal(site: &Site) -> PathBuf {
    site.home.path().join("state/tokendeck/journal")
}

/// Revokes a new token, with the credential of the environment.
#[track_caller]
fn revoke(site: &Site, bus: Option<&Bus>, label: &str) {
    let (id, _) = site.create(label);
    let mut command = program::program(site, &["revoke", &id, "--confirm", label]);
    if let Some(bus) = bus {
        command.env("DBUS_SESSION_BUS_ADDRESS", bus.address());
    }
    end(start(&mut command), "").ends(0, "");
}

fn verify(site: &Site, bus: Option<&Bus>) -> Ran {
    run(site, bus, &["journal", "verify"], "")
}

/// Whatever place keeps it: all that was written is proved, and what somebody did to the file is found.
fn keeps(site: &Site, bus: Option<&Bus>, place: &str) {
    revoke(site, bus, "first");
    let first = fs::read(journal(site)).expect("a journal");
    revoke(site, bus, "second");
    let whole = fs::read(journal(site)).expect("a journal");
    let ran = verify(site, bus);
    ran.ends(0, "");
    assert!(ran.out.contains("each record  as it was written\n") && !ran.out.contains("not known"), "{}", ran.out);
    assert!(ran.out.contains(&format!("in the {place}")), "{}", ran.out);
    let ran = run(site, bus, &["doctor", "--json"], "");
    assert_eq!(verdict(&ran, "journal key"), ("ok".to_owned(), format!("kept in the {place}")));
    let (verdict_of, finding) = verdict(&ran, "journal as it was left");
    assert!(verdict_of == "ok" && finding.contains("and the same head"), "{finding}");

    // A cut tail: the file as it once was.
    fs::write(journal(site), &first).expect("written");
    let ran = verify(site, bus);
    ran.ends(5, "");
    assert!(ran.out.contains("is missing, and all behind it"), "{}", ran.out);
    let ran = run(site, bus, &["doctor", "--json"], "");
    let (verdict_of, finding) = verdict(&ran, "journal as it was left");
    assert!(verdict_of == "fail" && finding.contains("is missing"), "{finding}");
    // A program that goes on with it says so, and what it writes hides nothing.
    let (id, _) = site.create("third");
    let mut command = program::program(site, &["revoke", &id, "--confirm", "third"]);
    if let Some(bus) = bus {
        command.env("DBUS_SESSION_BUS_ADDRESS", bus.address());
    }
    end(start(&mut command), "").ends(0, "the journal is not as it was left");
    verify(site, bus).ends(5, "");

    // Rewritten as a whole, by a program that does everything right and has no key.
    fs::remove_file(journal(site)).expect("removed");
    let config = fs::read_to_string(site.home.config()).expect("a configuration");
    fs::write(site.home.config(), format!("keep_credentials = false\n{config}")).expect("written");
    for label in ["fourth", "fifth", "sixth"] {
        revoke(site, None, label);
    }
    fs::write(site.home.config(), config).expect("written");
    let ran = verify(site, bus);
    ran.ends(5, "");
    assert!(ran.out.contains("it was rewritten"), "{}", ran.out);

    // As it was, it is as it was.
    fs::write(journal(site), whole).expect("written");
    verify(site, bus).ends(0, "");
}

#[test]
fn the_keyring_keeps_key_and_head_and_a_cut_or_rewritten_journal_is_found() {
    let site = Site::keeping();
    let Some(bus) = Bus::start(&site.home, Policy::Open) else { return };
    let Some(_keyring) = bus.keyring() else { return };
    keeps(&site, Some(&bus), "OS keyring");
}

#[test]
fn without_a_desktop_the_kernel_keeps_it() {
    let site = Site::keeping();
    if has_kernel(&site) {
        keeps(&site, None, "kernel keyring");
    }
}

#[test]
fn a_keyring_that_is_locked_or_hangs_holds_nothing_up_and_is_said() {
    let site = Site::keeping();
    let Some(bus) = Bus::start(&site.home, Policy::Open) else { return };
    let Some(keyring) = bus.keyring() else { return };
    revoke(&site, Some(&bus), "open");
    bus.lock();
    revoke(&site, Some(&bus), "locked");
    let ran = verify(&site, Some(&bus));
    ran.ends(0, "");
    assert!(ran.out.contains("not known: what is kept of it, since the OS keyring is locked"), "{}", ran.out);
    keyring.stop();
    revoke(&site, Some(&bus), "hung");
    let ran = verify(&site, Some(&bus));
    assert!(ran.ends(0, "").out.contains("did not answer within 3 seconds"), "{}", ran.out);
    keyring.go_on();
}
