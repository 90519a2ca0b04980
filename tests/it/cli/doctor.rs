//! What the doctor says of a host and of contexts, well and ill.

use super::program::{Ran, end, program_as, run, start, until};
use crate::flows::harness::{Site, site::PROGRAM};

/// The verdict on one thing, and what was found.
#[track_caller]
pub(crate) fn verdict(ran: &Ran, about: &str) -> (String, String) {
    let lines = ran.lines();
    let line = lines.iter().find(|line| line["about"] == about).expect("a line about it");
    let text = |key: &str| line[key].as_str().expect("text").to_owned();
    (text("verdict"), text("finding"))
}

#[test]
fn a_host_and_a_context_that_are_well_have_a_verdict_each() {
    let site = Site::new();
    let ran = run(&site, &["doctor"]);
    ran.ends(0, "");
    for about in ["tokendeck", "memory", "configuration", "journal and log", "characters", "session", "clipboard"] {
        assert!(ran.out.lines().any(|line| line[6..].starts_with(about)), "{about}: {}", ran.out);
    }
    assert!(ran.out.contains("prod who I am            operator: admin; never expires"), "{}", ran.out);
    assert!(ran.out.contains("prod TLS                 TLS 1.3, its certificate is trusted"), "{}", ran.out);
    assert!(!ran.out.contains(&site.operator));
    let ran = run(&site, &["doctor", "--json"]);
    assert_eq!(verdict(ran.ends(0, ""), "prod environment"), ("ok".into(), "OPERATOR is set".into()));
    let (verdict_of, finding) = verdict(&ran, "prod certificate");
    assert!(verdict_of == "ok" && finding.contains("CN=") && finding.contains(", signed by CN="), "{finding}");
    // The embedded backend's is made for 30 days.
    assert!(finding.ends_with("(29 days left)") || finding.ends_with("(30 days left)"), "{finding}");
    if cfg!(target_os = "linux") {
        assert_eq!(verdict(&ran, "memory").0, "ok");
    }
}

#[test]
fn what_is_wrong_is_said_with_its_cure_and_by_the_exit_code() {
    let mut site = Site::new();
    let ran = end(start(&mut program_as(&site, "nothing-of-ours", &["doctor", "--json"])), "");
    ran.ends(5, "");
    let (verdict_of, finding) = verdict(&ran, "prod credential");
    assert!(verdict_of == "fail" && finding.contains("does not take the credential"), "{}", ran.out);
    assert!(!ran.out.contains("nothing-of-ours"));
    site.kill_server();
    let ran = run(&site, &["doctor", "--json"]);
    ran.ends(5, "");
    assert_eq!(verdict(&ran, "prod address").0, "fail");
    assert_eq!(verdict(&ran, "prod name").0, "ok");
    let text = std::fs::read_to_string(site.home.config()).expect("a configuration");
    std::fs::write(site.home.config(), text.replace("127.0.0.1", "no-such-host.invalid")).expect("written");
    assert_eq!(verdict(&run(&site, &["doctor", "--json"]), "prod name").0, "fail");
    std::fs::write(site.home.config(), "[contexts.prod]\nbackend = \"nosuch\"\nurl = \"https://a.example\"\n")
        .expect("written");
    let ran = run(&site, &["doctor", "--json"]);
    assert_eq!(verdict(ran.ends(5, ""), "prod description").0, "fail");
    std::fs::write(site.home.config(), "").expect("written");
    assert_eq!(verdict(run(&site, &["doctor", "--json"]).ends(0, ""), "contexts").1, "none is configured");
}

#[test]
fn the_journal_its_mode_and_its_key_have_a_verdict_each() {
    use std::os::unix::fs::PermissionsExt as _;
    let site = Site::new();
    let ran = run(&site, &["doctor", "--json"]);
    assert!(verdict(ran.ends(0, ""), "journal").1.contains("none yet"), "{}", ran.out);
    let (id, _) = site.create("dies");
    run(&site, &["revoke", &id, "--confirm", "dies"]).ends(0, "");
    let ran = run(&site, &["doctor", "--json"]);
    assert_eq!(verdict(ran.ends(0, ""), "journal").0, "ok");
    assert!(verdict(&ran, "journal").1.ends_with("mode 0600"), "{}", ran.out);
    assert_eq!(verdict(&ran, "journal records").0, "ok");
    // This home keeps nothing in a keyring, so that nothing vouches for what is written.
    let (verdict_of, finding) = verdict(&ran, "journal key");
    assert!(verdict_of == "note" && finding.starts_with("none: ") && finding.contains("not found"), "{finding}");
    assert_eq!(verdict(&ran, "journal as it was left").0, "note");

    let journal = site.home.path().join("state/tokendeck/journal");
    std::fs::set_permissions(&journal, std::fs::Permissions::from_mode(0o644)).expect("changed");
    let ran = run(&site, &["doctor"]);
    let cure = format!("chmod 600 {}", journal.display());
    assert!(ran.out.contains("which lets others in") && ran.out.contains(&cure), "{}", ran.out);
    std::fs::set_permissions(&journal, std::fs::Permissions::from_mode(0o600)).expect("changed");
    let mut bytes = std::fs::read(&journal).expect("read");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&journal, &bytes).expect("written");
    let ran = run(&site, &["doctor", "--json"]);
    assert_eq!(verdict(ran.ends(5, ""), "journal as it was left").0, "fail");
}

#[test]
fn a_certificate_that_is_not_trusted_fails_with_the_cure_and_nothing_is_sent() {
    let site = Site::new();
    let text = std::fs::read_to_string(site.home.config()).expect("a configuration");
    let others: Vec<&str> = text.lines().filter(|line| !line.starts_with("ca_file")).collect();
    std::fs::write(site.home.config(), others.join("\n")).expect("written");
    let ran = run(&site, &["doctor", "--json"]);
    let (verdict_of, finding) = verdict(ran.ends(5, ""), "prod certificate");
    assert!(verdict_of == "fail" && finding.contains("signed by nobody that is trusted here"), "{finding}");
    let lines = ran.lines();
    let line = lines.iter().find(|line| line["about"] == "prod certificate").expect("a line");
    assert!(line["cure"].as_str().expect("a cure").contains("ca_file"), "{line}");
}

#[test]
fn a_folder_that_lets_others_in_is_said_with_the_command_that_mends_it() {
    use std::os::unix::fs::PermissionsExt as _;
    let site = Site::new();
    run(&site, &["list"]).ends(0, "");
    let state = site.home.path().join("state/tokendeck");
    std::fs::create_dir_all(&state).expect("there");
    std::fs::set_permissions(&state, std::fs::Permissions::from_mode(0o755)).expect("changed");
    let ran = run(&site, &["doctor"]);
    assert!(ran.out.contains("mode 0755, which lets others in") && ran.out.contains("chmod 700 "), "{}", ran.out);
}

#[test]
fn the_terminal_is_described_as_it_is() {
    let site = Site::new();
    let mut screen = site.start(&["doctor"]).size(120, 50).env("TERM", "xterm-256color").open();
    screen.until("TERM xterm-256color, 256 colours, 120x50").until("did not answer within 1 s").until("what I may do");
    assert_eq!(screen.exit_code(), 0);
    assert_eq!(screen.modes().0, screen.modes().1);
}

#[test]
fn the_terminal_is_asked_what_it_has_and_its_answers_go_nowhere_else() {
    let site = Site::new();
    for (answer, says) in [
        ("\x1b[?2026;2$y\x1b[?62;22c", "the terminal has it"),
        ("\x1b[?2026;0$y\x1b[?62;22c", "the terminal does not have it"),
        ("\x1b[?1;2c", "the terminal does not have it"),
    ] {
        let script = "\"$0\" doctor; printf 'over: '; read -r line; echo \"<$line>\"";
        let start = site.home.start_other("/bin/sh", &["-c", script, PROGRAM]).size(120, 60);
        let mut screen = start.env("OPERATOR", &site.operator).open();
        until("it asks", || screen.raw().windows(12).any(|part| part == b"\x1b[?2026$p\x1b[c"));
        screen.send(answer.as_bytes());
        screen.until(says).until("what I may do").until("over: ").press("typed afterwards<enter>");
        screen.until("<typed afterwards>");
        screen.exit_code();
        assert_eq!(screen.modes().0, screen.modes().1);
    }
}
