//! The first run, and read-only: what is asked, what is written, and what is refused.

use super::{
    harness::{Home, Site},
    revoking::{ask, find},
};
use std::fs;

#[test]
fn without_a_configuration_the_demo_is_one_key_away_and_leaves_no_trace() {
    let home = Home::new();
    let mut screen = home.start(&[]).open();
    screen.until("Welcome to tokendeck").until("No context is configured yet").press("d").until("60 of 60");
    screen.until_gone("Welcome to tokendeck").press("/status:revoked<enter>").until(" of 60");
    screen.quit();
    assert!(!home.config().exists());
    assert_eq!(fs::read_dir(home.path().join("tmp")).expect("a folder").count(), 0, "the demo leaves nothing");
}

#[test]
fn a_backend_is_added_after_a_test_call_read_only_and_without_its_credential() {
    let site = Site::new();
    fs::remove_file(site.home.config()).expect("removed");
    let before = site.store().tokens();
    let mut screen = site.home.start(&["--log", "trace"]).open();
    screen.until("Welcome to tokendeck").press("a").until("> backend").press("<tab><ctrl-u>mine<tab>");
    screen.press(site.url.strip_prefix("https://").expect("https")).press("<tab>");
    screen.press(&site.ca_file.to_string_lossy()).press("<tab>wrong<tab>").until("> [Test and add]").press("<enter>");
    screen.until("does not take the credential (401)").until("> [Test and add]");
    assert!(!site.home.config().exists(), "a context that does not work is not written");
    screen.press("<up>").paste(&site.operator).press("<tab>").until("> [Test and add]").press("<enter>");
    screen.until("60 of 60").until("mine READ-ONLY").until_gone("Welcome to tokendeck");

    let text = fs::read_to_string(site.home.config()).expect("a configuration");
    assert!(text.contains(&site.url) && text.contains("read_only = true"), "{text}");
    assert!(text.contains(site.ca_file.to_str().expect("text")), "{text}");
    for (path, content) in site.home.files() {
        let found = content.windows(site.operator.len()).any(|part| part == site.operator.as_bytes());
        assert!(!found, "the credential is in {}", path.display());
    }

    find(&mut screen, "label:\"terraform plan\"", 1);
    screen.press("x").until("mine is read-only").press("n").until("mine is read-only");
    screen.press(":write<enter>").until_gone("READ-ONLY");
    ask(&mut screen, "terraform plan");
    screen.press("y").until("verified dead");
    screen.quit();
    assert!(!site.store().lives("terraform plan"));
    assert_eq!(super::harness::revoked(&before, &site.store().tokens()).len(), 1);
}

#[test]
fn started_read_only_it_lets_nothing_lift_that() {
    let site = Site::new();
    let before = site.store().tokens();
    let mut screen = site.start(&["--read-only"]).open();
    screen.until("60 of 60").until("READ-ONLY").press(":write<enter>").until("started with --read-only");
    screen.press("<esc>").until_gone("started with --read-only");
    for key in ["x", "n", "e", "t"] {
        screen.press("1").press(key).until("prod is read-only");
        screen.press("R").until("sorted by");
    }
    screen.quit();
    assert_eq!(site.store().tokens(), before);
}
