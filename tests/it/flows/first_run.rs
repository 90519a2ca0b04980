//! The first run, and read-only: what is asked, what is written, and what is refused.

use super::{
    harness::{Home, KEEPS_NOTHING, Site},
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
    site.configure_none();
    let before = site.store().tokens();
    let mut screen = site.home.start(&["--log", "trace"]).open();
    screen.until("Welcome to tokendeck").press("a").until("> backend").press("<tab><ctrl-u>mine<tab>");
    screen.press(site.url.strip_prefix("https://").expect("https")).press("<tab>");
    screen.press(&site.ca_file.to_string_lossy()).press("<tab>wrong<tab>").until("> [Test and add]").press("<enter>");
    screen.until("does not take the credential (401)").until("> [Test and add]");
    let config = || fs::read_to_string(site.home.config()).expect("a configuration");
    assert_eq!(config(), KEEPS_NOTHING, "a context that does not work is not written");
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

/// A description of the user's own, of the same server, whose list is to be told whose tokens it holds.
const OWN: &str = r#"
name = "lockbox"
title = "Lockbox of our own"
docs = "https://lockbox.example.org/docs"
checked = "2026-11-22"
extent = "administered"
headers = { X-Second = "{inputs.second}" }

[params.version]
about = "The first part of every path, v1"
required = true

[inputs.second]
about = "The second word"
required = true

[auth]
style = "header"
header = "Authorization"
value = "Bearer {credential}"

[token]
id = "/id"
label = "/label"

[list]
path = "/{params.version}/tokens"
query = { limit = "200" }
items = "/tokens"
"#;

#[test]
fn a_description_of_ones_own_asks_for_what_it_says_and_closed_ones_are_not_taken() {
    let site = Site::new();
    site.configure_none();
    let backends = site.home.config().with_file_name("backends");
    fs::create_dir_all(&backends).expect("a folder");
    fs::write(backends.join("lockbox.toml"), OWN).expect("a description");
    fs::write(backends.join("half.toml"), "name = \"half\"").expect("a description");
    let mut screen = site.home.start(&["--log", "trace"]).size(80, 24).open();
    screen.until("Welcome to tokendeck").press("a").until("> backend").until("(x) tokendeck");
    screen
        .press("defender")
        .until("off: ")
        .press("<tab>")
        .until("defender cannot be used: There is no public interface");
    screen
        .press("<ctrl-u>half")
        .until("(x) half")
        .press("<enter>")
        .until("half cannot be used: the description is wrong");
    screen.press("<ctrl-u>own<enter>").until("lockbox  Lockbox of our own").press("<tab><ctrl-u>");
    screen.press(&site.url).press("<tab>").press(&site.ca_file.to_string_lossy()).press("<tab>");
    screen.until("> version").until("The first part of every path").press("<tab>").paste(&site.operator).press("<tab>");
    screen.until("> second").until("kept in memory only").press("open-sesame<tab>").until("> [Test and add]");
    screen.press("<enter>").until("version is needed: The first part of every path, v1");
    assert_eq!(fs::read_to_string(site.home.config()).expect("a configuration"), KEEPS_NOTHING);
    screen.press("<up><up><up>v1<tab><tab><tab>").until("> [Test and add]").press("<enter>");
    screen.until_gone("Welcome to tokendeck").until("60 of 60").until("main READ-ONLY");
    screen.quit();

    let text = fs::read_to_string(site.home.config()).expect("a configuration");
    assert!(text.contains("backend = \"lockbox\"") && text.contains("[contexts.\"main\".params]"), "{text}");
    assert!(text.contains("version = \"v1\"") && !text.contains("second"), "{text}");
    for secret in [site.operator.as_str(), "open-sesame"] {
        for (path, content) in site.home.files() {
            let found = content.windows(secret.len()).any(|part| part == secret.as_bytes());
            assert!(!found, "{secret} is in {}", path.display());
        }
    }

    // The next start has what is asked besides from the variable that the context names, or asks for it.
    let text = text.replace("read_only = true", "credential_env = \"OPERATOR\"\ninput_env = { second = \"SECOND\" }");
    fs::write(site.home.config(), text).expect("a configuration");
    let mut screen = site.start(&[]).env("SECOND", "open-sesame").open();
    screen.until("60 of 60");
    screen.quit();
    let mut screen = site.start(&[]).open();
    screen.until("Credential").until("the backend asks for \"second\" besides").until("The second word (needed)");
    screen.until("the one in force stays").press("<tab><enter>").until("this is needed too: The second word");
    screen.press("open-sesame<enter>").until("60 of 60").until_gone("The second word");
    screen.quit();
}
