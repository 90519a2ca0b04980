//! Secrets and the places where they must not be: fourteen of them, each with the proof that the search of it finds.
//!
//! The core is looked for in `memory`, and memory itself too.

mod canary;
mod session;

use std::fs;

use serde_json::Value;

use crate::cli::program::{Ran, end, program_as, run, run_with, start};
use crate::clipboards::Display;
use crate::flows::find;
use crate::flows::harness::{Home, Site};
use crate::flows::making::create;
use crate::parts;
use canary::{Canary, Sink, none_in};
use session::Session;

/// What nobody else has, where the embedded backend gives none.
const TYPED: &str = "typed-by-hand-Qx7vR2mK9wLp4ZtY8sNc";

/// All that a home holds: log, journal, configuration, and whatever else was written.
fn files(home: &Home) -> Vec<Sink> {
    home.files().into_iter().map(|(path, content)| Sink::new(path.display().to_string(), content)).collect()
}

fn said(about: &str, ran: &Ran) -> [Sink; 2] {
    [
        Sink::new(format!("output of {about}"), ran.out.as_str()),
        Sink::new(format!("errors of {about}"), ran.err.as_str()),
    ]
}

#[test]
fn a_session_leaves_no_secret_in_any_place_but_the_clipboard_it_was_sent_to() {
    if !parts::has(&["tmux"]) {
        return;
    }
    let mut session = Session::start();
    let screen = &mut session.screen;
    screen.until("60 of 60").until("copy: tmux");
    create(screen, "handed over");
    screen.until("c copy").press("c").until("done: sent to tmux (it does not confirm");
    let path = session.site.home.path().join("handed-over");
    screen.press("w").until("file: ").press(&path.to_string_lossy()).press("<enter>").until("written to ");
    screen.press("p").until("handed to sh");
    let first = fs::read_to_string(&path).expect("a file").trim().to_owned();
    fs::remove_file(&path).expect("removed");
    screen.press("v").until("paste it back").paste(&first).press("<enter>").until("stored correctly");
    screen.press("stored<enter>").until_gone("New secret").until("61 of 61");
    find(screen, "label:\"handed over\"", 1);
    screen.press("t").until("Type y to rotate").press("y").until("New secret").press("w").until("file: ");
    screen.press(&path.to_string_lossy()).press("<enter>").until("done: written to ");
    let second = fs::read_to_string(&path).expect("a file").trim().to_owned();
    fs::remove_file(&path).expect("removed");
    screen.press("stored<enter>").until_gone("New secret").press("45").until("TLS 1.3").press("1");
    screen.press("I").until("Paste a leaked value").paste(&format!("a log\nwith {second}\nand {TYPED}\n"));
    screen.until("characters (hidden)").press("<enter>").until("its id stands in the value").until("x revoke it");
    screen.press("X").until("to be revoked there").until("y revoke it there").press("y");
    screen.until("revoked, verified dead").press("q").until_gone("Identify");
    screen.press(":login<enter>").until("for context prod").paste(TYPED).press("<enter>");
    screen.until("does not take the credential").until_gone("for context prod");
    screen.press("!").until("Messages").press("q").until_gone("Messages");
    let commandline = fs::read(format!("/proc/{}/cmdline", session.dashboard())).expect("its arguments");
    assert!(commandline.ends_with(b"trace\0"), "{}", commandline.escape_ascii());
    // Which nobody but root can read; what cannot be read has no hits either.
    let environment = fs::read(format!("/proc/{}/environ", session.dashboard())).unwrap_or_default();
    screen_ends(&mut session);

    let canaries = [
        Canary::of_token("operator's credential", &session.site.operator),
        Canary::of_token("first secret", &first),
        Canary::of_token("second secret", &second),
        Canary::of("typed credential", TYPED),
    ];
    let mut sinks = files(&session.site.home);
    let log = sinks.iter().find(|sink| sink.name.ends_with("tokendeck.log")).expect("a log");
    assert!(log.content.len() > 10_000, "a log at trace that says nothing proves nothing");
    assert!(sinks.iter().any(|sink| sink.name.ends_with("tokendeck/journal")));
    for child in ["credential", "secret", "tmux"] {
        for what in ["environment", "arguments"] {
            let is_of = |sink: &&Sink| sink.name.contains(&format!("{child}.{what}")) && !sink.content.is_empty();
            assert!(sinks.iter().any(|sink| is_of(&sink)), "nobody saw the {what} of {child}");
        }
    }
    sinks.extend([Sink::new("arguments", commandline), Sink::new("environment", environment)]);
    sinks.extend(session.tmux());
    sinks.extend(session.seen());
    none_in(&canaries, &sinks);
}

/// Leaves the dashboard, and waits until tmux shows what was before.
fn screen_ends(session: &mut Session) {
    session.screen.press("q").until("the shell is here");
}

#[test]
fn a_secret_that_was_revealed_is_on_no_screen_and_in_no_scroll_back_afterwards() {
    if !parts::has(&["tmux"]) {
        return;
    }
    let mut session = Session::start();
    session.screen.until("60 of 60");
    create(&mut session.screen, "revealed");
    session.screen.until("r reveal").press("r").until("shown on screen");
    let shown = session.screen.screen();
    let secret = shown.lines().find_map(|line| line.trim().strip_prefix("tdk_")).expect("the secret").to_owned();
    let canaries = [Canary::of_token("revealed secret", &secret)];
    let pane = |session: &Session| session.tmux().into_iter().find(|sink| sink.name == "pane").expect("a pane");
    assert!(canaries[0].form_in(&pane(&session).content).is_some(), "it is there while it is shown");
    session.screen.press("stored<enter>").until_gone("New secret").until("61 of 61");
    none_in(&canaries, &session.tmux());
    screen_ends(&mut session);
    none_in(&canaries, &session.tmux());
    none_in(&canaries, &files(&session.site.home));
    none_in(&canaries, &[Sink::new("screen", session.screen.screen())]);
}

#[test]
fn a_desktops_clipboards_are_empty_of_it_once_it_is_stored() {
    if !parts::has(&["Xvfb", "xclip"]) {
        return;
    }
    let (site, display) = (Site::new(), Display::start());
    let mut screen = site.start(&[]).env("DISPLAY", &display.1).open();
    screen.until("60 of 60").until("copy: desktop clipboard");
    create(&mut screen, "to the desktop");
    screen.until("c copy").press("c").until("done: copied to the desktop clipboard");
    let canaries = [Canary::of_token("secret", &display.clipboard())];
    assert!(canaries[0].form_in(display.clipboard().as_bytes()).is_some(), "it is there before");
    screen.press("stored<enter>").until_gone("New secret").until("clipboard cleared");
    let selections = ["primary", "secondary", "clipboard"];
    none_in(&canaries, &selections.map(|name| Sink::new(name, display.selection(name))));
    screen.quit();
    none_in(&canaries, &selections.map(|name| Sink::new(name, display.selection(name))));
}

#[test]
fn no_report_of_an_error_repeats_a_secret() {
    let mut site = Site::new();
    let canaries = [Canary::of("typed credential", TYPED), Canary::of_token("operator's credential", &site.operator)];
    let log = ["--log", "trace"];
    let with = |arguments: &[&'static str]| [arguments, &log].concat();
    let held = |about: &str, ran: &Ran| {
        assert_ne!(ran.code, 0, "{about} is a failure");
        none_in(&canaries, &said(about, ran));
    };
    for command in ["list", "whoami", "doctor"] {
        for bent in [TYPED.to_owned(), format!("{TYPED} {TYPED}"), format!("{TYPED}\u{1}é")] {
            held(command, &end(start(&mut program_as(&site, &bent, &with(&[command]))), ""));
        }
    }
    for arguments in
        [&["verify"][..], &["login"], &["identify"], &["identify", "--send"], &["list", "--credential-stdin"]]
    {
        for bent in [TYPED.to_owned(), format!("{TYPED}\n{TYPED}\n"), format!("\u{1}{TYPED}é")] {
            held(&arguments.join(" "), &run_with(&site, &with(arguments), &bent));
        }
    }
    // A command that fails has said something before.
    for script in ["echo {} && exit 3", "printf '{}\\377\\n'", "printf '{}\\n' && kill -9 $$", "printf '\\n{}\\n'"] {
        let script = script.replace("{}", TYPED);
        fs::write(site.home.path().join("says"), script).expect("written");
        let config = fs::read_to_string(site.home.config()).expect("a configuration");
        let command = "credential_command = [\"sh\", \"says\"]";
        fs::write(site.home.config(), config.replace("credential_env = \"OPERATOR\"", command)).expect("written");
        held("a command that fails", &run(&site, &with(&["whoami"])));
        fs::write(site.home.config(), config).expect("written");
    }
    fs::remove_file(site.home.path().join("says")).expect("removed");
    // A proxy may have a password.
    let bare = fs::read_to_string(site.home.config()).expect("a configuration");
    fs::write(site.home.config(), format!("{bare}proxy = \"http://me:{TYPED}@127.0.0.1:1\"\n")).expect("written");
    for command in ["whoami", "doctor"] {
        held("a proxy that is not there", &run(&site, &with(&[command])));
    }
    fs::write(site.home.config(), &bare).expect("written");
    site.kill_server();
    for command in ["list", "whoami", "doctor"] {
        held("a backend that is gone", &run(&site, &with(&[command])));
    }
    none_in(&canaries, &files(&site.home));
}

#[test]
fn a_panic_tells_nothing_of_what_was_typed_or_given() {
    let home = Home::new();
    let given = "given-by-environment-Hj3kD8fWq5XbT1uV";
    let start = home.start(&["--log", "trace"]).env("TOKENDECK_TEST_PANIC", "1").env("RUST_BACKTRACE", "full");
    let mut screen = start.env("OPERATOR", given).open();
    screen.until("Welcome to tokendeck").press("a").until("> backend").press("<tab><tab><tab><tab>");
    screen.paste(TYPED).press("<esc>").until("demo").press("d");
    assert_eq!(screen.exit_code(), 101);
    let report = String::from_utf8_lossy(&screen.raw()).into_owned();
    assert!(report.contains("a panic was asked for") && report.contains("BACKTRACE"), "{report}");
    let canaries = [Canary::of("typed credential", TYPED), Canary::of("variable", given)];
    none_in(&canaries, &[Sink::new("report", report)]);
    none_in(&canaries, &files(&home));
}

#[test]
fn what_is_exported_holds_no_secret() {
    let site = Site::new();
    let file = site.home.path().join("handed-over");
    let made = ["create", "--label", "made", "--role", "reader", "--secret-file", "handed-over", "--json"];
    let made = run(&site, &made);
    made.ends(0, "");
    let id = made.lines()[0]["id"].as_str().expect("an id").to_owned();
    let secret = fs::read_to_string(&file).expect("a file").trim().to_owned();
    fs::remove_file(file).expect("removed");
    let printed = run(&site, &["create", "--label", "printed", "--role", "reader", "--print-secret", "--json"]);
    let other = printed.lines()[0]["secret"].as_str().expect("a secret").to_owned();
    let canaries = [
        Canary::of_token("operator's credential", &site.operator),
        Canary::of_token("secret", &secret),
        Canary::of_token("printed secret", &other),
    ];
    assert!(canaries[2].form_in(printed.out.as_bytes()).is_some(), "printed where that is asked");
    none_in(&canaries, &said("create", &made));
    for arguments in
        [&["list"][..], &["list", "--json"], &["show", &id], &["show", &id, "--json"], &["doctor", "--json"]]
    {
        let ran = run(&site, arguments);
        assert!(ran.code == 0 && !ran.out.is_empty(), "{}", ran.err);
        none_in(&canaries, &said(&arguments.join(" "), &ran));
    }
    let rows: Value = serde_json::from_str(&run(&site, &["list", "--json"]).out).expect("an array");
    assert_eq!(rows.as_array().map(Vec::len), Some(62));
    none_in(&canaries, &files(&site.home));
}

#[test]
fn each_search_finds_what_is_there_in_every_form() {
    let canary = Canary::of("planted", TYPED);
    let found = |sinks: &[Sink], name: &str| {
        let there =
            sinks.iter().filter(|sink| sink.name.contains(name)).any(|sink| canary.form_in(&sink.content).is_some());
        assert!(there, "not found in {name}");
    };
    for (form, bytes) in canary.forms() {
        assert!(canary.form_in(&[b"before ", &bytes[..], b" after"].concat()).is_some(), "{form}");
        let home = Home::new();
        fs::write(home.path().join("state/planted"), bytes).expect("written");
        found(&files(&home), "planted");
    }
    for (at, form) in [("", "x"), ("a", "xy"), ("ab", "xyz")] {
        let encoded = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, format!("{at}{TYPED}{form}"));
        assert_eq!(canary.form_in(encoded.as_bytes()), Some("in Base64"), "{at}");
    }
    if parts::has(&["tmux"]) {
        session::plant(TYPED, &found);
    }
    if parts::has(&["Xvfb", "xclip"]) {
        let display = Display::start();
        display.put(TYPED);
        found(&[Sink::new("clipboard", display.selection("clipboard"))], "clipboard");
    }
}
