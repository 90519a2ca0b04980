//! Files under a passphrase, on a host without any keyring: what a container without the calls for one is.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use rustix::process::Signal;

use super::is_nowhere;
use crate::cli::program::{Ran, end, run_with, start};
use crate::flows::harness::site::{PROGRAM, Start};
use crate::flows::harness::{Site, Terminal};
use crate::parts;

const RIGHT: &str = "correct horse";

/// Runs a program that the kernel refuses its keyrings to: a filter for three calls, which children inherit.
const WITHOUT_KEYRINGS: &str = "
    my ($prctl, @denied) = map { int } splice @ARGV, 0, 4;
    my $jumps = join '', map { pack 'SCCL', 0x15, 3 - $_, 0, $denied[$_] } 0 .. 2;
    my $code = pack('SCCL', 0x20, 0, 0, 0) . $jumps . pack('SCCL', 6, 0, 0, 0x7fff0000) . pack('SCCL', 6, 0, 0, 0x50001);
    my $program = pack 'Sx6P', 6, $code;
    syscall($prctl, 38, 1, 0, 0, 0) == 0 && syscall($prctl, 22, 2, $program) == 0 or die 'no filter';
    exec @ARGV;";

/// The numbers of `prctl`, `add_key`, `request_key` and `keyctl`.
const CALLS: [&str; 4] =
    if cfg!(target_arch = "aarch64") { ["167", "217", "218", "219"] } else { ["157", "248", "249", "250"] };

fn without_keyrings<'a>(arguments: &[&'a str]) -> Vec<&'a str> {
    [&["-e", WITHOUT_KEYRINGS][..], &CALLS, &[PROGRAM], arguments].concat()
}

/// A site that keeps credentials; nothing without what takes the keyrings away.
fn site() -> Option<Site> {
    parts::has(&["perl"]).then(Site::keeping)
}

/// The program in a terminal, without a credential at hand.
fn open(site: &Site, arguments: &[&str]) -> Terminal {
    let start: Start = site.home.start_other("/usr/bin/perl", &without_keyrings(arguments));
    start.open()
}

/// The same with nobody at a terminal.
fn run(site: &Site, arguments: &[&str], input: &str) -> Ran {
    let mut command = Command::new("/usr/bin/perl");
    command.args(without_keyrings(arguments)).env_clear().envs(site.home.environment()).current_dir(site.home.path());
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    end(start(&mut command), input)
}

/// Logs in at a terminal, and has the credential kept under the passphrase.
#[track_caller]
fn log_in(site: &Site) {
    let mut screen = open(site, &["login"]);
    screen.until("kernel keyring is not there").until("Credential for prod: ");
    screen.press(&format!("{}<enter>", site.operator)).until("Passphrase for it (Enter for none): ");
    screen.press(&format!("{RIGHT}<enter>")).until("once more: ").press(&format!("{RIGHT}<enter>"));
    screen.until("credential kept in the passphrase file");
    assert_eq!(screen.exit_code(), 0);
    let raw = String::from_utf8_lossy(&screen.raw()).into_owned();
    assert!(!raw.contains(RIGHT) && !raw.contains(&site.operator), "{raw}");
}

/// The file that keeps it.
#[track_caller]
fn file(site: &Site) -> PathBuf {
    let folder = site.home.path().join("state/tokendeck/credentials");
    let mut files: Vec<_> =
        fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()).collect();
    assert_eq!(files.len(), 1, "{files:?}");
    files.remove(0)
}

#[test]
fn a_file_keeps_it_where_no_keyring_is_there_and_opens_to_its_passphrase_until_logout() {
    let Some(site) = site() else { return };
    log_in(&site);
    assert_eq!(fs::metadata(file(&site)).expect("there").permissions().mode() & 0o7777, 0o600);
    // Nobody is there to ask: it is locked, and is not passed over for a memory without it.
    let ran = run(&site, &["whoami"], "");
    is_nowhere(&site, ran.ends(3, "the passphrase file is locked: its passphrase was not given"));
    ran.ends(3, "a command asks at a terminal");
    let ran = run(&site, &["doctor"], "");
    assert!(ran.out.contains("has one, which a passphrase opens"), "{}", ran.out);
    let mut screen = open(&site, &["whoami"]);
    screen.until("Passphrase of the credential for prod: ").press("wrong horse<enter>");
    screen.until("did not open with this passphrase");
    screen.until_shown("the question again", |screen| screen.matches("Passphrase of the credential").count() == 2);
    screen.press(&format!("{RIGHT}<enter>")).until("from the passphrase file");
    assert_eq!(screen.exit_code(), 0);
    let ran = run(&site, &["logout"], "");
    assert!(ran.ends(0, "").out.contains("prod: removed from the passphrase file"), "{}", ran.out);
    run(&site, &["whoami"], "").ends(3, "no credential is kept");
    let ran = run(&site, &["logout"], "");
    assert!(ran.ends(0, "").out.contains("prod: the passphrase file had none"), "{}", ran.out);
}

#[test]
fn the_dashboard_asks_for_the_passphrase_and_a_wrong_one_again() {
    let Some(site) = site() else { return };
    log_in(&site);
    let mut screen = open(&site, &[]);
    screen.until("Passphrase").until("open the file").press("wrong horse<enter>");
    screen.until("did not open with this passphrase").until("open the file");
    screen.press(&format!("{RIGHT}<enter>")).until("60 of 60").press("5").until("passphrase file");
    screen.quit();
    assert!(!String::from_utf8_lossy(&screen.raw()).contains(RIGHT));
    // Left locked, it is said; and :login asks for the same, or for the credential itself.
    let mut screen = open(&site, &[]);
    screen
        .until("open the file")
        .press("<esc>")
        .until_gone("open the file")
        .press("5")
        .until("its passphrase was not given");
    screen.press(":login<enter>").until("open the file").press("<tab>").until("use it");
    screen.press(&format!("{}<enter>", site.operator)).until("keep it in memory only");
    screen.press("<enter>").until("memory only").press("1").until("60 of 60").quit();
}

/// A command that tries a wrong passphrase.
fn trying(site: &Site) -> Terminal {
    let mut screen = open(site, &["whoami"]);
    screen.until("Passphrase of the credential for prod: ").press("wrong horse<enter>");
    screen.until_put_out(0, "the end of the line", |said| said.contains("prod: \r\n"));
    screen
}

#[test]
fn what_is_typed_while_a_passphrase_is_tried_is_neither_shown_nor_taken() {
    let Some(site) = site() else { return };
    log_in(&site);
    let mut screen = trying(&site);
    screen.press("typed ahead<enter>").until("did not open with this passphrase");
    screen.until_shown("the question again", |screen| screen.matches("Passphrase of the credential").count() == 2);
    screen.press(&format!("{RIGHT}<enter>")).until("from the passphrase file");
    assert_eq!(screen.exit_code(), 0);
    screen.restored();
    let raw = String::from_utf8_lossy(&screen.raw()).into_owned();
    assert!(!raw.contains("typed ahead") && raw.matches("did not open").count() == 1, "{raw}");
}

#[test]
fn a_passphrase_that_is_tried_holds_no_signal_up() {
    let Some(site) = site() else { return };
    log_in(&site);
    for (keys, signal, code) in [("", Some(Signal::TERM), 143), ("<ctrl-c>", None, 130)] {
        let mut screen = trying(&site);
        screen.press(keys);
        if let Some(signal) = signal {
            screen.signal(signal);
        }
        assert_eq!(screen.exit_code(), code);
        screen.restored();
        assert!(!screen.screen().contains("did not open"), "{}", screen.screen());
    }
}

#[test]
fn line_by_line_what_is_typed_while_a_passphrase_is_tried_is_not_shown() {
    let Some(site) = site() else { return };
    log_in(&site);
    let mut screen = open(&site, &["--linear"]);
    screen.until_put_out(0, "the question", |said| said.contains("(hidden)> "));
    let from = screen.raw().len();
    screen.press("wrong horse<enter>").until_put_out(from, "the next prompt", |said| said.contains("\n> "));
    let from = screen.raw().len();
    screen.press("typed ahead<enter>").until_put_out(from, "the question again", |said| said.contains("(hidden)> "));
    let is_listed = |said: &str| said.contains("60 of 60") && said.ends_with("\n> ");
    screen.press(&format!("{RIGHT}<enter>")).until_put_out(from, "the list, and its prompt", is_listed);
    let raw = String::from_utf8_lossy(&screen.raw()).into_owned();
    assert!(!raw.contains("typed ahead"), "{raw}");
    let from = screen.raw().len();
    screen.press("?<enter>").until_put_out(from, "its own echo", |said| said.starts_with('?'));
}

/// The right passphrase once more, as a whole line or its beginning, when the first one is being tried and opens the file.
#[test]
fn line_by_line_a_passphrase_typed_again_while_it_is_tried_is_no_query_and_not_gone_on_with() {
    let Some(site) = site() else { return };
    log_in(&site);
    for (again, is_said) in [("/secret words<enter>", true), ("/secret wor", false)] {
        let mut screen = open(&site, &["--linear"]);
        screen.until_put_out(0, "the question", |said| said.contains("(hidden)> "));
        let from = screen.raw().len();
        screen.press(&format!("{RIGHT}<enter>")).until_put_out(from, "the next prompt", |said| said.contains("\n> "));
        screen.press(again);
        let is_listed = |said: &str| said.contains("60 of 60") && said.ends_with("\n> ");
        screen.until_put_out(from, "the list, and its prompt", is_listed);
        let from = screen.raw().len();
        screen.press("?<enter>").until_put_out(from, "the keys", |said| said.contains("Keys in Tokens"));
        let raw = String::from_utf8_lossy(&screen.raw()).into_owned();
        assert!(!raw.contains("secret wor") && !raw.contains(" of 60 shown; query"), "{raw}");
        assert_eq!(raw.contains("and not taken"), is_said, "{raw}");
        screen.signal(Signal::TERM);
        assert_eq!(screen.exit_code(), 143);
        screen.restored();
    }
}

/// In the middle of a question, and in the middle of the answer's trial.
#[test]
fn a_question_that_is_stopped_ended_or_hung_up_on_leaves_the_terminal_as_it_was() {
    let Some(site) = site() else { return };
    log_in(&site);
    for arguments in [&["whoami"][..], &["--linear"]] {
        for tries in [false, true] {
            for (signal, code) in [(Signal::TERM, 143), (Signal::HUP, 129), (Signal::QUIT, 131)] {
                let mut screen = open(&site, arguments);
                let asks = |said: &str| said.contains("Passphrase of the credential") || said.contains("(hidden)> ");
                screen.until_put_out(0, "the question", asks);
                let (before, now) = screen.modes();
                assert_ne!(before, now, "what is typed is not shown");
                let from = screen.raw().len();
                screen.press("half");
                if tries {
                    screen.press("<enter>").until_put_out(from, "the end of the line", |said| said.contains('\n'));
                }
                screen.signal(signal);
                assert_eq!(screen.exit_code(), code, "{arguments:?}, {tries}");
                screen.restored();
                assert!(!String::from_utf8_lossy(&screen.raw()).contains("half"));
            }
        }
    }
}

#[test]
fn the_dashboard_offers_a_file_for_what_was_typed() {
    let Some(site) = site() else { return };
    let mut screen = open(&site, &[]);
    screen.until("use it").press(&format!("{}<enter>", site.operator)).until("No keyring is there");
    screen.press("short<enter>").until("once more").press("short<enter>").until("at least 8 characters");
    screen.press(&format!("{RIGHT}<enter>")).until("once more").press("another horse<enter>").until("not the same");
    screen.press(&format!("{RIGHT}<enter>")).until("once more").press(&format!("{RIGHT}<enter>"));
    screen.until("credential kept in the passphrase file").until("60 of 60").quit();
    let mut screen = open(&site, &["whoami"]);
    screen
        .until("Passphrase of the credential for prod: ")
        .press(&format!("{RIGHT}<enter>"))
        .until("from the passphrase file");
    assert_eq!(screen.exit_code(), 0);
}

#[test]
fn a_file_is_made_for_a_person_only_and_never_beside_a_keyring() {
    let Some(site) = site() else { return };
    run(&site, &["login"], &site.operator).ends(5, "there is no place to keep a credential");
    run(&site, &["login", "--file"], &site.operator).ends(5, "there is no place to keep a credential");
    let mut screen = open(&site, &["login"]);
    screen.until("Credential for prod: ").press(&format!("{}<enter>", site.operator));
    screen.until("Enter for none").press("<enter>").until("works, and was kept nowhere");
    assert_eq!(screen.exit_code(), 5);
    assert!(!site.home.path().join("state/tokendeck/credentials").exists());
    if super::has_kernel(&site) {
        run_with(&site, &["login", "--file"], &site.operator)
            .ends(2, "kernel keyring is there, which goes before a file");
    }
}

#[test]
fn a_file_that_is_a_link_too_open_or_damaged_is_refused_in_its_own_words() {
    let Some(site) = site() else { return };
    log_in(&site);
    let file = file(&site);
    let whole = fs::read(&file).expect("there");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).expect("changed");
    run(&site, &["whoami"], "").ends(3, "its mode lets others in").ends(3, "chmod 600");
    let aside = site.home.path().join("aside");
    fs::rename(&file, &aside).expect("renamed");
    symlink(&aside, &file).expect("linked");
    run(&site, &["whoami"], "").ends(3, "it is a link").ends(3, "See where it leads");
    fs::remove_file(&file).expect("removed");
    fs::write(&file, &whole[..100]).expect("written");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).expect("changed");
    run(&site, &["whoami"], "").ends(3, "the passphrase file is damaged").ends(3, "`tokendeck login` makes a new one");
    // A new login mends it.
    log_in(&site);
    run(&site, &["whoami"], "").ends(3, "its passphrase was not given");
}

#[test]
fn the_program_age_opens_it() {
    let Some(site) = site().filter(|_| parts::has(&["age"])) else { return };
    log_in(&site);
    let file = file(&site).to_string_lossy().into_owned();
    let mut screen = site.home.start_other("/usr/bin/age", &["--decrypt", &file]).open();
    screen.until("passphrase").press(&format!("{RIGHT}<enter>")).until("tokendeck credential 1").until(&site.url);
    screen.until(&site.operator);
    assert_eq!(screen.exit_code(), 0);
}
