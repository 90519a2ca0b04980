//! Creating, rotating and editing: the secret is handed over once, and is nowhere afterwards.

use super::{
    harness::{
        Site, Terminal,
        terminal::{holds, osc52},
    },
    revoking::find,
};
use std::{fs, os::unix::fs::PermissionsExt};

/// Fills the form of a new token in and sends it.
#[track_caller]
pub(crate) fn create(screen: &mut Terminal, label: &str) {
    screen.press("n").until("New token").press(label).press(&"<tab>".repeat(5)).until("> [Create]").press("<enter>");
    screen.until("New secret").until("(hidden)");
}

/// Creates a token, copies its secret, which is said in these words, and declares it stored; returns what the terminal
/// was told to put into its clipboard.
#[track_caller]
pub(crate) fn hand_over(screen: &mut Terminal, label: &str, said: &str) -> Vec<String> {
    create(screen, label);
    screen.until("c copy").press("c").until(said);
    screen.press("stored<enter>").until_gone("New secret").until("61 of 61");
    osc52(&screen.raw())
}

/// The one secret that was sent to the terminal's clipboard.
#[track_caller]
pub(crate) fn copied(screen: &mut Terminal) -> String {
    screen.press("c").until("sent to the terminal (it does not confirm)");
    let sent = osc52(&screen.raw());
    assert_eq!(sent.len(), 1, "one sequence");
    sent.into_iter().next().expect("one")
}

#[test]
fn a_new_secret_is_hidden_copied_once_and_left_only_when_it_is_stored() {
    let site = Site::new();
    // Over SSH the desktop's clipboard would be that of the wrong machine.
    let mut screen = site.start(&[]).env("SSH_CONNECTION", "10.0.0.1 4022 10.0.0.2 22").env("DISPLAY", ":0").open();
    screen.until("60 of 60").until("copy: terminal (OSC 52)");
    create(&mut screen, "handed over");
    screen.press("<esc>").until("only the word stored leaves this screen");
    screen.press("q").until("> q").press("<ctrl-c>").until("only the word stored leaves this screen").until_gone("> q");
    screen.press("stored<enter>").until("copy, reveal, write or pipe it first");
    let secret = copied(&mut screen);
    assert!(site.accepts(&secret), "what was copied is the secret");
    screen.press("store<enter>").until("type the word stored, then Enter");
    screen.paste("stored").until("a paste does not declare it stored").press("<enter>").until("type the word stored");
    screen.press("stored<enter>").until_gone("New secret").until("61 of 61");
    assert!(!holds(&screen.raw(), &secret), "it was never on screen");
    screen.quit();
    let (id, held) = site.store().one("handed over");
    assert!(secret.contains(&id) && held.live && !held.is_admin());
    assert_eq!((held.roles, held.owner.as_str()), (1, "operator"), "the least powerful role, for the operator");
    assert!(osc52(&screen.raw()).iter().all(|sent| *sent == secret || sent.is_empty()));
}

#[test]
fn a_new_secret_can_be_revealed_and_written_to_a_private_file() {
    let site = Site::new();
    let mut screen = site.open();
    create(&mut screen, "written down");
    let path = site.home.path().join("new-token");
    screen.press("w").until("file: ").press(&path.to_string_lossy()).press("<enter>").until("done: written to ");
    let secret = fs::read_to_string(&path).expect("a file").trim_end().to_owned();
    assert_eq!(fs::metadata(&path).expect("a file").permissions().mode() & 0o777, 0o600);
    assert!(site.accepts(&secret));
    assert!(!screen.screen().contains(&secret));
    // A file that is there is not touched.
    screen.press("w").until("file: ").press(&path.to_string_lossy()).press("<enter>").until("cannot be written");
    screen.press("r").until("shown on screen");
    let shown = screen.screen();
    assert!(shown.lines().any(|line| line.trim_end() == secret), "one bare run of text:\n{shown}");
    screen.press("r").until("(hidden)").until_gone(&secret);
    screen.press("stored<enter>").until_gone("New secret").until("61 of 61").until_gone(&secret);
    screen.press("4").until("written down").until_gone(&secret).press("<enter>").press("!").until_gone(&secret);
    screen.press("q").press("1").until("61 of 61");
    screen.quit();
}

#[test]
fn a_new_secret_can_be_piped_to_the_command_of_the_context() {
    let site = Site::new();
    let path = site.home.path().join("piped");
    site.configure(&format!("secret_command = [\"tee\", \"{}\"]", path.display()));
    let mut screen = site.open();
    create(&mut screen, "piped on");
    screen.press("p").until("done: handed to tee").press("stored<enter>").until("61 of 61");
    assert!(site.accepts(&fs::read_to_string(path).expect("a file")));
    assert!(!holds(&screen.raw(), "tdk_a_0"));
    screen.quit();
}

#[test]
fn a_rotation_stops_the_old_secret_and_hands_the_new_one_over() {
    let site = Site::new();
    let (id, old) = site.create("in turn");
    let before = site.store().one("in turn").1;
    let mut screen = site.start(&[]).open();
    screen.until("61 of 61");
    find(&mut screen, "label:\"in turn\"", 1);
    // Typed ahead it does not confirm, and Enter keeps.
    screen.press("ty").until("Rotate token").until("Type y to rotate").press("<enter>").until_gone("Rotate token");
    assert!(site.accepts(&old));
    screen.press("t").until("Type y to rotate").press("y").until("New secret");
    let new = copied(&mut screen);
    screen.press("stored<enter>").until_gone("New secret").until("1 of 61");
    screen.quit();
    assert!(site.accepts(&new) && !site.accepts(&old));
    let (same, after) = site.store().one("in turn");
    assert_eq!(same, id);
    assert_ne!(after.mac, before.mac);
    assert_eq!((after.expires, after.roles, after.live), (before.expires, before.roles, true));
}

#[test]
fn an_edit_changes_label_and_expiry_and_nothing_else() {
    let site = Site::new();
    let (id, was) = site.store().one("terraform plan");
    let before = site.store().tokens();
    let mut screen = site.open();
    find(&mut screen, "label:\"terraform plan\"", 1);
    screen.press("e").until("Edit token").press("<ctrl-u>terraform check<tab>30d<tab>").until("> [Save]");
    screen.press("<enter>").until_gone("Edit token");
    find(&mut screen, "terraform check", 1);
    screen.quit();
    let mut after = site.store().tokens();
    let is = after.insert(id.clone(), was.clone()).expect("the token");
    assert_eq!(after, before, "no other token is touched");
    assert_eq!((is.label.as_str(), is.mac == was.mac, is.roles, is.live), ("terraform check", true, was.roles, true));
    let days = (is.expires.expect("an end") - site.store().now()) / 86_400;
    assert!((29..=30).contains(&days), "{days}");
}

#[test]
fn a_form_warns_of_a_label_that_is_taken_or_looks_like_another() {
    let site = Site::new();
    let before = site.store().tokens();
    let mut screen = site.open();
    screen.press("n").until("New token").press("grafana").until("another token carries this label");
    screen.press("<ctrl-u>gr\u{430}fana<tab>").until("another token's label looks the same");
    screen.press("<shift-tab><ctrl-u><tab>  ").until("Careful: this role counts as admin");
    screen.press("<tab><tab><tab><ctrl-u>never<tab>").until("it never expires").press("<enter>");
    screen.until("a label is needed").press("<esc>").until_gone("New token");
    screen.quit();
    assert_eq!(site.store().tokens(), before);
}
