//! Whose a credential is, and whether a secret works.

use super::program::{end, program, program_as, run, run_with, start};
use crate::flows::harness::Site;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use std::{
    process::Child,
    time::{Duration, Instant},
};

#[test]
fn whoami_tells_whose_the_credential_is() {
    let site = Site::new();
    let own = site.store().one("operator credential").0;
    let ran = run(&site, &["whoami", "--json"]);
    ran.ends(0, "");
    let expected = format!(
        "{{\"context\":\"prod\",\"name\":\"operator\",\"token\":\"{own}\",\"roles\":[\"admin\"],\"expires\":null,\"source\":\"environment\"}}\n"
    );
    assert_eq!(ran.out, expected);
    assert!(run(&site, &["whoami", "prod"]).out.starts_with("prod: operator"));
    run(&site, &["whoami", "nowhere"]).ends(2, "there is no context nowhere");
    end(start(&mut program_as(&site, "nothing", &["whoami"])), "").ends(3, "prod: ");
}

#[test]
fn a_credential_that_ends_within_a_week_is_announced() {
    let site = Site::new();
    let (id, secret) = site.create("short");
    let shown = run(&site, &["show", &id, "--json"]).lines().remove(0);
    let made: Timestamp = shown["created"].as_str().and_then(|text| text.parse().ok()).expect("a moment");
    let ends_in = |hours: i64| {
        let moment = made.checked_add(SignedDuration::from_hours(hours)).expect("in range");
        site.edit(&id, &json!({ "expires": moment.to_string() }));
        end(start(&mut program_as(&site, &secret, &["whoami"])), "")
    };
    let ran = ends_in(8 * 24);
    assert!(ran.ends(0, "").err.is_empty(), "{}", ran.err);
    ends_in(6 * 24 + 1).ends(0, "prod: your own credential expires in 6 days (").ends(0, "then `tokendeck login prod`");
    ends_in(5).ends(0, "expires in 4 hours (");
}

#[test]
fn a_secret_is_alive_dead_or_unknown() {
    let mut site = Site::new();
    let (id, secret) = site.create("tried");
    let ran = run_with(&site, &["verify", "--json"], &format!("{secret}\n"));
    ran.ends(0, "");
    assert_eq!(ran.lines(), [json!({ "state": "alive", "name": "operator", "token": id, "reason": null })]);
    run(&site, &["revoke", &id, "--confirm", "tried"]).ends(0, "");
    let ran = run_with(&site, &["verify", "--json"], &secret);
    ran.ends(3, "");
    assert_eq!(ran.lines(), [json!({ "state": "dead", "name": null, "token": null, "reason": null })]);
    run_with(&site, &["verify"], "").ends(2, "nothing is on standard input");
    site.kill_server();
    let ran = run_with(&site, &["verify", "--json"], &secret);
    ran.ends(5, "");
    assert_eq!(ran.lines()[0]["state"], "unknown", "nobody has looked at it");
}

#[test]
fn a_credential_is_tried_before_it_is_kept() {
    run_with(&Site::keeping(), &["login"], "nothing").ends(3, "does not take the credential");
    let site = Site::new();
    // The configuration lets it be kept nowhere.
    let ran = run_with(&site, &["login", "prod"], &site.operator);
    ran.ends(5, "there is no place to keep a credential");
    assert!(!ran.err.contains(&site.operator) && ran.out.is_empty());
    assert!(run(&site, &["logout"]).ends(0, "").out.contains("the variable OPERATOR still gives one"));
    for (path, content) in site.home.files() {
        assert!(!content.windows(site.operator.len()).any(|part| part == site.operator.as_bytes()), "{path:?}");
    }
}

/// The program on a context with a command for its credential, and no variable.
fn by_command(site: &Site, script: &str) -> Child {
    site.configure(&format!("credential_command = [\"/bin/sh\", \"-c\", {script:?}]"));
    start(program(site, &["whoami"]).env_remove("OPERATOR"))
}

#[test]
fn a_command_gives_the_credential_and_rubbish_is_none() {
    let site = Site::new();
    let ran = end(by_command(&site, &format!("echo {}; echo more", site.operator)), "");
    assert!(ran.ends(0, "").out.contains("from the credential command"), "{}", ran.out);
    for (script, said) in [
        (":", "it printed nothing"),
        ("cat", "it printed nothing"),
        ("echo; echo late", "it printed nothing"),
        ("printf '\\377\\376\\n'", "it printed no text"),
        ("head -c 1000 /dev/zero", "it printed no text"),
        ("printf 'a\\033[2Jb\\n'", "it printed no text"),
        ("exec yes", "the credential command failed: signal: 13"),
        ("echo wrong", "does not take the credential"),
        ("printf 'gone \\033]0;title\\007' >&2; exit 1", "the credential command failed: gone \\u{1b}]0;title\\u{7}"),
        ("kill -9 $$", "the credential command failed: signal: 9"),
        ("exec /nowhere/at/all", "the credential command failed"),
    ] {
        let ran = end(by_command(&site, script), "");
        ran.ends(3, said);
        assert!(ran.out.is_empty() && !ran.err.contains(['\u{1b}', '\0']), "{script}: {:?}", ran.err);
    }
}

#[test]
fn a_command_that_hangs_is_ended_after_ten_seconds() {
    let begun = Instant::now();
    let running = ["sleep 60", "sleep 60 & echo late"].map(|script| {
        let site = Site::new();
        (by_command(&site, script), site)
    });
    for (child, _site) in running {
        end(child, "").ends(3, "did not end within 10 seconds");
    }
    assert!(begun.elapsed() < Duration::from_secs(40), "{:?}", begun.elapsed());
}

#[test]
fn a_credential_is_typed_unseen() {
    let site = Site::keeping();
    let mut screen = site.start(&["login", "prod"]).open();
    screen.until("Credential for prod: ").press("nothing x<backspace>at all<enter>");
    assert_eq!(screen.exit_code(), 3);
    assert!(!String::from_utf8_lossy(&screen.raw()).contains("nothing"), "{}", screen.screen());
    let (before, after) = screen.modes();
    assert_eq!(before, after);
    let mut screen = site.start(&["verify"]).open();
    screen.until("Secret to try at prod: ").press(&site.operator).press("<enter>").until("alive: it acts for operator");
    assert_eq!(screen.exit_code(), 0);
    let mut screen = site.start(&["login"]).open();
    screen.until("Credential for prod: ").press("half<ctrl-c>");
    assert_eq!(screen.exit_code(), 2);
    assert_eq!(screen.modes().0, screen.modes().1);
}

#[test]
fn a_secret_is_identified_only_where_it_may_be_sent() {
    let site = Site::new();
    let (_, secret) = site.create("found");
    run_with(&site, &["identify", "--credential-stdin"], &secret).ends(2, "the secret is read from there");
    run_with(&site, &["identify", "--send"], &secret).ends(2, "has no operation \"identify\"");
}
