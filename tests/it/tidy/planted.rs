//! The proof of each rule: it fires where a violation is planted, and tells the line.

use std::collections::BTreeMap;

use super::source::{Code, Source};
use super::tree::Tree;
use super::{Finding, check_source, documents, tree};

/// Returns what is found in one file, as `line: why`.
fn found(path: &str, code: &str) -> Vec<String> {
    let source = Source::new(path, &format!("//! A file.\n{code}"), Code::Program);
    check_source(&source).iter().map(|finding| format!("{}: {}", finding.line, finding.why)).collect()
}

/// Asserts that a planted line is found where it is wrong, and nowhere else.
fn fires(path: &str, code: &str, why: &str) {
    let found = found(path, code);
    assert!(found.iter().any(|finding| finding.contains(why)), "{path}: {code}: {found:#?}");
}

#[test]
fn each_layer_names_only_what_it_may() {
    for (path, code, why) in [
        ("src/domain/status.rs", "use crate::app::model::Model;", "2: domain may not name app"),
        ("src/app/tokens.rs", "\nfn f() { crate::backend::encode(); }", "3: app may not name backend"),
        ("src/app/modal/mod.rs", "use super::super::ui::draw;", "2: app may not name ui"),
        ("src/app/model.rs", "mod inner { use super::super::super::ui; }", "2: app may not name ui"),
        ("src/backend/https/mod.rs", "use crate::{\n  domain::Token,\n  app::key,\n};", "4: backend may not name app"),
        ("src/ui/table.rs", "use crate::runtime::ports;", "2: ui may not name runtime"),
        ("src/ui/mod.rs", "use super::config;", "2: ui may not name config"),
        ("src/config/mod.rs", "use crate::runtime::log;", "2: config may not name runtime"),
        ("src/runtime/loop.rs", "use crate::cli;", "2: runtime may not name cli"),
        ("src/runtime/effects.rs", "use crate::server::start;", "2: runtime may not name server"),
        ("src/server/role.rs", "use crate::domain::Token;", "2: server may not name domain"),
        ("src/server/role.rs", "use tokendeck::domain::Token;", "2: server may not name domain"),
        ("src/cli/dashboard.rs", "use crate::server;", "2: cli may not name server"),
        ("src/main.rs", "use tokendeck::app::update;", "2:  may not name app"),
        ("src/app/tokens.rs", "use crate as all;", "the crate by another name"),
        ("src/app/tokens.rs", "use crate::*;", "2: app may not name *"),
    ] {
        fires(path, code, why);
    }
}

#[test]
fn what_a_layer_may_name_is_not_found() {
    for (path, code) in [
        ("src/app/tokens.rs", "use crate::domain::{Token, retry};\nuse super::model::Model;"),
        ("src/app/modal/confirm.rs", "use super::super::model;\nuse crate::app::run;"),
        ("src/runtime/loop.rs", "use crate::{app, backend, config, domain, ui};"),
        ("src/cli/demo.rs", "use crate::server;"),
        ("src/main.rs", "fn main() { tokendeck::cli::run(); }"),
        ("src/domain/token.rs", "// use crate::app;\nconst A: &str = \"crate::app::x\";"),
        ("src/ui/mod.rs", "#[cfg(test)]\nmod tests {\n    use crate::backend::Plan;\n}"),
    ] {
        assert_eq!(found(path, code), Vec::<String>::new(), "{path}: {code}");
    }
}

#[test]
fn each_absence_is_watched() {
    let finish = concat!("fn f() { to", "do!() }");
    let skip = concat!("#[ig", "nore]\nfn f() {}");
    for (path, code, why) in [
        ("src/runtime/loop.rs", "use reqwest::Client;", "2: `reqwest`"),
        ("src/server/run.rs", "use reqwest::Client;", "the server sends no requests"),
        ("src/ui/look.rs", "use crossterm::event;", "only runtime/ knows the terminal"),
        ("src/runtime/keys.rs", "use crossterm::style::Print;", "only runtime/terminal writes"),
        ("src/runtime/loop.rs", "fn f() { execute!(out); }", "only runtime/terminal writes"),
        ("src/runtime/loop.rs", "fn f() { io::stdout().flush(); }", "only the command line prints, and"),
        ("src/app/run/mod.rs", "fn f() { println!(); }", "only the command line prints"),
        ("src/cli/mod.rs", finish, "nothing is left unfinished"),
        ("tests/it/main.rs", skip, "nothing is left unfinished"),
        ("src/app/calls.rs", "use std::sync::Mutex;", "no locks"),
        ("src/ui/memory.rs", "use std::cell::RefCell;", "no locks"),
        ("src/backend/decode/mod.rs", "use std::sync::mpsc;", "no locks"),
        ("src/config/mod.rs", "fn f() { std::thread::spawn(g); }", "no tasks and threads"),
        ("src/app/update.rs", "fn f() { jiff::Timestamp::now(); }", "time is an argument"),
        ("src/runtime/loop.rs", "fn f() { SystemTime::now(); }", "time is an argument"),
        ("src/ui/time.rs", "fn f() { Instant::now(); }", "only edges measure"),
        ("src/runtime/loop.rs", "fn f() { std::thread::sleep(d); }", "nothing waits by sleeping"),
        ("tests/it/flows.rs", "async fn f() { tokio::time::sleep(d).await; }", "nothing waits by sleeping"),
        ("src/ui/table.rs", "#[allow(dead_code)]\nfn f() {}", "never allowed"),
        ("src/ui/table.rs", "#[cfg_attr(windows, allow(dead_code))]\nfn f() {}", "never allowed"),
        ("src/runtime/log.rs", "unsafe fn f() {}", "no unsafe code but for taking a variable out of the environment"),
        ("src/ui/table.rs", "fn f() { cell.set_symbol(x); }", "written through the canvas"),
        ("src/backend/https/client.rs", "fn f() { b.danger_accept_invalid_certs(true); }", "never weakened"),
        ("src/ui/detail.rs", "fn f() { s.expose(); }", "opened in listed files"),
        ("src/domain/secret.rs", "#[derive(Clone)]\nstruct Secret;", "not printed, copied or serialised"),
        ("src/app/tokens.rs", "use std::fs::File;", "do no I/O"),
        ("src/domain/name.rs", "async fn f() {}", "do no I/O"),
        ("src/domain/token.rs", "#[derive(Serialize)]\nstruct T;", "types of their own"),
        ("src/backend/site.rs", "use std::fs;", "I/O in https only"),
        ("src/cli/mod.rs", "fn f() { std::process::exit(1); }", "only the hang-up watchdog"),
        ("src/runtime/log.rs", "fn f() { std::env::var(n); }", "read in one place"),
        ("src/app/tokens.rs", "fn f() { e.push(Effect::Call { call }); }", "one function asks"),
        ("src/app/pending.rs", "fn f() { e.push(Effect::Record(t, r)); }", "one function makes a record"),
        ("src/runtime/effects.rs", "fn f() { utf8_percent_encode(id); }", "builds every request path"),
        ("src/runtime/effects.rs", "fn f() { send(Request { path }); }", "one function makes requests"),
        ("src/backend/https/client.rs", "fn f() {}", "`retry :: never` is missing"),
        ("src/backend/https/client.rs", "fn f() {}", "`Policy :: none` is missing"),
        ("src/backend/https/client.rs", "fn f() {}", "`. https_only ( true )` is missing"),
        ("src/backend/https/client.rs", "fn f() {}", "`. no_proxy ( )` is missing"),
        ("src/domain/retry.rs", "fn f() {}", "never repeated"),
        ("src/server/access.rs", "fn f() { token.mac == own.mac }", "compared in constant time"),
        ("src/server/routes/oauth.rs", "fn f() { if one.mac != other.mac {} }", "compared in constant time"),
        ("src/server/keys.rs", "fn f() {}", "`. ct_eq (` is missing"),
    ] {
        fires(path, code, why);
    }
}

#[test]
fn what_stands_in_its_lawful_place_is_not_found() {
    for (path, code) in [
        ("src/runtime/ports.rs", "fn f() { jiff::Timestamp::now(); }"),
        ("src/runtime/terminal/modes.rs", "fn f() { crossterm::execute!(out); }"),
        ("src/runtime/desk.rs", "use std::sync::mpsc;"),
        ("src/cli/serve.rs", "fn f() { io::stdout().lock(); }"),
        ("src/runtime/child.rs", "fn f() { command.stdout(Stdio::piped()); secret.expose(); }"),
        ("src/app/activity.rs", "fn f() { effects.push(Effect::Record(t, r)); }"),
        ("src/ui/text.rs", "#[cfg(test)]\nmod tests {\n    use std::sync::Mutex;\n    fn f() { println!(); }\n}"),
    ] {
        assert_eq!(found(path, code), Vec::<String>::new(), "{path}: {code}");
    }
}

#[test]
fn every_file_opens_with_what_it_holds_and_stays_small() {
    let check = |text: &str| check_source(&Source::new("src/ui/table.rs", text, Code::Program));
    assert_eq!(check("use a;\n"), [Finding::at("src/ui/table.rs", 1, "it opens with `//!`".to_owned())]);
    let long = |lines: usize| format!("//! A file.\n{}", "fn f() {}\n".repeat(lines - 1));
    assert_eq!(check(&long(400)), []);
    assert_eq!(check(&long(401)).len(), 1);
    let tests = format!("#[cfg(test)]\nmod tests {{\n{}}}\n", "    fn g() {}\n".repeat(300));
    assert_eq!(check(&format!("{}{tests}", long(400))), [], "tests do not count");
}

#[test]
fn unfinished_work_and_paths_of_one_machine_are_found() {
    for word in [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("X", "XX")] {
        fires("src/ui/table.rs", &format!("\n// {word}: later"), "3: a mark of unfinished work");
    }
    fires("src/ui/table.rs", concat!("// see /wo", "rk/notes"), "2: a path of one machine");
}

/// Makes a tree of a few files on top of those that every tree has.
fn planted(files: &[(&str, &str)]) -> Vec<String> {
    let base = [
        ("src/lib.rs", "#![doc = include_str!(\"ARCHITECTURE.md\")]\npub mod app;\n#[cfg(test)]\nmod tests;\n"),
        ("src/app/mod.rs", "//! A file.\nmod r#loop;\n"),
        ("src/app/loop.rs", "//! A file.\n"),
        ("src/tests.rs", "//! A file.\nuse crate::app;\n"),
        ("src/backend/catalog.rs", "//! A file.\ninclude_str!(\"../../assets/backends/a.toml\")"),
        ("src/ARCHITECTURE.md", "`src/app/loop.rs`\n"),
        ("assets/backends/a.toml", ""),
        ("assets/keymap.toml", "down = [\"j\", \"pgdn\"]\n"),
        ("assets/CHANGELOG.md", ""),
        ("README.md", "# It\n## Keys\n| key | does |\n| `j` `PgDn` | down |\n## End\n"),
    ];
    let mut texts: BTreeMap<String, String> = BTreeMap::new();
    for (path, text) in base.iter().chain(files) {
        texts.insert((*path).to_owned(), (*text).to_owned());
    }
    let (tree, mut findings) = (Tree(texts), Vec::new());
    tree::check(&tree, &mut findings);
    documents::check(&tree, &mut findings);
    let shown = findings.iter().map(ToString::to_string);
    // The catalog has no place in this little program.
    shown.filter(|finding| !finding.starts_with("src/backend/catalog.rs:1: no module")).collect()
}

#[test]
fn the_repository_is_watched_as_a_whole() {
    assert_eq!(planted(&[]), Vec::<String>::new());
    for (path, text, why) in [
        ("notes.txt", "", "notes.txt:1: it does not belong at the top"),
        ("src/app/lost.rs", "//! A file.\n", "src/app/lost.rs:1: no module names this file"),
        ("tests/it/lost.rs", "//! A file.\n", "tests/it/lost.rs:1: no module names this file"),
        ("assets/backends/b.toml", "", "assets/backends/b.toml:1: src/backend/catalog.rs does not list it"),
        ("src/app/snapshots/old.snap", "", "src/app/snapshots/old.snap:1: no test names this picture"),
        ("src/app/snapshots/a.snap.new", "", "src/app/snapshots/a.snap.new:1: a picture that nobody judged"),
        ("src/ARCHITECTURE.md", "x\n`src/app/gone.rs`\n", "src/ARCHITECTURE.md:2: there is no src/app/gone.rs"),
        ("README.md", "## Keys\n| `j` `PgDn` `Q` | down |\n", "README.md:2: no action has the key Q"),
        ("README.md", "## Keys\n| `j` | down |\n", "README.md:1: the table of keys leaves out pgdn"),
    ] {
        let found = planted(&[(path, text)]);
        assert!(found.iter().any(|finding| finding.starts_with(why)), "{path}: {found:#?}");
    }
}

#[test]
fn creating_and_rotating_are_never_tried_again() {
    use tokendeck::domain::retry::{MAX_ATTEMPTS, Retry, after};
    use tokendeck::domain::{Draft, Expiry, Failure, FailureKind, Nonce, Operation, TokenId};

    let draft = Draft {
        label: "ci".to_owned(),
        roles: Vec::new(),
        owner: None,
        scope: None,
        expires: Expiry::Never,
        nonce: Nonce::new("n"),
        asked: jiff::Timestamp::UNIX_EPOCH,
    };
    let id = TokenId::parse("t-1").expect("an id");
    for operation in [Operation::Create(draft), Operation::Rotate(id)] {
        for kind in [FailureKind::Busy(None), FailureKind::Offline, FailureKind::TimedOut, FailureKind::Server] {
            for attempt in 0..MAX_ATTEMPTS {
                let failure = Failure::new(kind, "lost", "look");
                assert_eq!(after(&operation, &failure, attempt, 0.5), Retry::Stop, "{operation:?} {failure:?}");
            }
        }
    }
}
