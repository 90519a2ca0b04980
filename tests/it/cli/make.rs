//! Creating, rotating and editing: the secret goes where it is asked to go, and nowhere else.

use super::program::{end, program, program_as, run, run_with, start, until};
use crate::flows::harness::{Site, link::Link};
use std::{fs, os::unix::fs::PermissionsExt, time::Duration};

const CREATE: [&str; 5] = ["create", "--label", "made", "--role", "reader"];

fn with<'a>(arguments: &[&'a str], more: &[&'a str]) -> Vec<&'a str> {
    [arguments, more].concat()
}

#[test]
fn a_new_secret_goes_to_a_new_private_file() {
    let site = Site::new();
    let file = site.home.path().join("secret");
    let ran = run(&site, &with(&CREATE, &["--expires", "12h", "--secret-file", "secret"]));
    ran.ends(0, "secret written to");
    let secret = fs::read_to_string(&file).expect("a file").trim_end().to_owned();
    assert_eq!(fs::metadata(&file).expect("a file").permissions().mode() & 0o777, 0o600);
    assert!(site.accepts(&secret));
    let (id, held) = site.store().one("made");
    assert_eq!(ran.out, format!("{id}\n"));
    assert!(!ran.err.contains(&secret) && held.expires.is_some() && !held.is_admin());
    for (path, content) in site.home.files() {
        assert!(path == file || !content.windows(secret.len()).any(|part| part == secret.as_bytes()), "{path:?}");
    }

    // What is there is never touched, and found out before anything is sent.
    let before = site.store().tokens();
    run(&site, &with(&CREATE, &["--secret-file", "secret"])).ends(2, "is there already");
    run(&site, &with(&CREATE, &["--secret-file", "no/folder"])).ends(2, "there is no folder");
    run(&site, &with(&CREATE, &["--secret-command"])).ends(2, "no `secret_command`");
    run(&site, &CREATE).ends(2, "--print-secret");
    run(&site, &with(&CREATE, &["--print-secret", "--secret-file", "other"])).ends(2, "");
    assert_eq!(site.store().tokens(), before);
    assert_eq!(fs::read_to_string(&file).expect("a file").trim_end(), secret);
}

#[test]
fn a_new_secret_is_printed_only_where_that_is_asked() {
    let site = Site::new();
    let ran = run(&site, &with(&CREATE, &["--print-secret"]));
    ran.ends(0, "made");
    assert!(site.accepts(ran.out.trim_end()) && !ran.err.contains(ran.out.trim_end()));
    let ran = run(&site, &with(&CREATE, &["--print-secret", "--json"]));
    assert!(site.accepts(ran.lines()[0]["secret"].as_str().expect("a secret")));
    assert_eq!(ran.err, "");
    site.configure("secret_command = [\"tee\", \"piped\"]");
    let ran = run(&site, &with(&CREATE, &["--secret-command", "--json"]));
    ran.ends(0, "");
    assert!(ran.lines()[0].get("secret").is_none());
    assert!(site.accepts(fs::read_to_string(site.home.path().join("piped")).expect("a file").trim_end()));
    run(&site, &["list"]).ends(0, "");
    // All were declared stored.
    let (id, _) = site.create("other");
    assert!(!run(&site, &["revoke", &id]).err.contains("left open"));
}

#[test]
fn a_secret_that_nobody_could_read_is_not_declared_stored() {
    let site = Site::new();
    let mut child = start(&mut program(&site, &with(&CREATE, &["--print-secret"])));
    drop(child.stdout.take());
    end(child, "").ends(5, "the secret is not stored");
    let (id, _) = site.store().one("made");
    run(&site, &["revoke", &id]).ends(6, "nobody said that its secret was stored");
    run(&site, &["revoke", &id, "--confirm", "made"]).ends(0, "");
    let (other, _) = site.create("other");
    assert!(!run(&site, &["revoke", &other]).err.contains("left open"), "its revocation settles it");
}

#[test]
fn what_may_not_be_made_is_not_asked_for() {
    let site = Site::new();
    let before = site.store().tokens();
    let made = |more: &[&str]| run(&site, &with(&["create", "--label", "x", "--print-secret"], more));
    made(&[]).ends(2, "a role is needed");
    made(&["--role", "reader", "--expires", "soon"]).ends(2, "90d");
    made(&["--role", "reader", "--label", " "]).ends(2, "");
    made(&["--role", "reader", "--read-only"]).ends(4, "read-only");
    assert_eq!(site.store().tokens(), before);
    let (_, reader) = site.create("a reader");
    let ran = end(start(&mut program_as(&site, &reader, &with(&CREATE, &["--print-secret"]))), "");
    ran.ends(4, "");
    let admin = with(&["create", "--label", "x", "--role", "admin"], &["--print-secret"]);
    end(start(&mut program_as(&site, &reader, &admin)), "").ends(4, "your own role is reader");
    assert_eq!(site.store().tokens().len(), before.len() + 1);
}

/// Policies and scopes are local to many services: no description can name them all.
#[test]
fn a_role_that_the_description_does_not_name_is_the_backends_to_judge() {
    let site = Site::new();
    let before = site.store().tokens();
    let made = run(&site, &["create", "--label", "x", "--role", "emperor", "--print-secret"]);
    made.ends(5, "roles is a list of reader, developer, admin");
    assert_eq!(site.store().tokens(), before);
}

#[test]
fn a_lost_answer_is_not_sent_again_and_the_orphan_is_named() {
    let site = Site::new();
    site.create("made");
    let link = Link::to(&site.url);
    site.configure_at(&link.url, "");
    link.delay(Duration::from_secs(2));
    let child = start(&mut program(&site, &with(&CREATE, &["--print-secret"])));
    until("it is made", || site.store().count("t.label = 'made'") == 2);
    link.lose_answer();
    let ran = end(child, "");
    ran.ends(5, "it was made, and the answer with its secret was lost");
    assert_eq!((ran.out.as_str(), site.store().count("t.label = 'made'")), ("", 2));
}

#[test]
fn a_rotation_needs_the_label_and_ends_the_old_secret() {
    let site = Site::new();
    let (id, old) = site.create("turned");
    run(&site, &["rotate", &id, "--print-secret"]).ends(6, "--confirm \"turned\"");
    run(&site, &["rotate", &id, "--print-secret", "--confirm", "1"]).ends(6, "");
    assert!(site.accepts(&old));
    let ran = run(&site, &["rotate", &id, "--print-secret", "--confirm", "turned"]);
    ran.ends(0, "turned");
    let new = ran.out.trim_end();
    assert!(site.accepts(new) && !site.accepts(&old));
    run_with(&site, &["verify"], new).ends(0, "");
    assert_eq!(run_with(&site, &["verify"], &old).out, "dead: the backend does not take it\n");
}

/// Also where the new one is known to live before its secret is where it belongs.
#[test]
fn where_nothing_rotates_the_old_token_is_revoked_however_long_the_new_secret_takes() {
    for seconds in ["0", "2"] {
        let site = Site::new();
        let text = tokendeck::backend::catalog::builtin("tokendeck").expect("built in");
        let (before, rest) = text.split_once("[rotate]").expect("it rotates");
        let (_, after) = rest.split_once("\n\n").expect("the next table");
        let own = site.home.config().with_file_name("backends");
        fs::create_dir_all(&own).expect("a folder");
        let text = format!("{before}{after}").replace("name = \"tokendeck\"", "name = \"fixed\"");
        fs::write(own.join("fixed.toml"), text).expect("a description");
        let slowly = format!("secret_command = [\"/bin/sh\", \"-c\", \"cat > piped; sleep {seconds}\"]");
        site.configure(&slowly);
        let config = fs::read_to_string(site.home.config()).expect("a configuration");
        fs::write(site.home.config(), config.replace("\"tokendeck\"", "\"fixed\"")).expect("a configuration");
        let (id, old) = site.create("turned");
        let ran = run(&site, &["rotate", &id, "--secret-command", "--confirm", "turned"]);
        ran.ends(0, "the old token is revoked");
        let new = fs::read_to_string(site.home.path().join("piped")).expect("a file");
        assert!(site.accepts(new.trim_end()) && !site.accepts(&old), "{seconds}");
    }
}

#[test]
fn an_edit_changes_what_it_names() {
    let site = Site::new();
    let (id, _) = site.create("before");
    run(&site, &["edit", &id]).ends(2, "nothing is changed");
    let ran = run(&site, &["edit", &id, "--label", "after", "--json"]);
    ran.ends(0, "");
    assert_eq!(ran.lines()[0]["label"], "after");
    assert_eq!(site.store().one("after").1.expires, None);
    run(&site, &["edit", &id, "--expires", "1d"]).ends(0, "");
    assert!(site.store().one("after").1.expires.is_some());
    run(&site, &["--read-only", "edit", &id, "--label", "never"]).ends(4, "");
    run(&site, &["revoke", &id, "--confirm", "after"]).ends(0, "");
    run(&site, &["edit", &id, "--label", "never"]).ends(5, "a revoked token cannot be edited");
}
