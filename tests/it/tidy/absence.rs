//! Invariants of absence: what stands in its one lawful place, or nowhere.

use super::Finding;
use super::source::{Code, Source};

/// Something that may stand in a few places only.
struct Rule {
    /// Words and signs with blanks between them.
    what: &'static [&'static str],
    /// Files, or folders with a slash at the end, where it may stand.
    only: &'static [&'static str],
    /// Files or folders that the rule is about; empty for all.
    about: &'static [&'static str],
    /// Whether the code of tests is held to it.
    tests: Tests,
    /// The rule in words.
    why: &'static str,
}

/// Whether the code of tests is held to a rule.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Tests {
    Held,
    Free,
}

/// Where plaintexts are opened, and what for.
const OPENS_SECRETS: [&str; 20] = [
    // What is pasted travels as a secret, since it may be one; these fields are not hidden.
    "src/app/keys.rs",
    "src/app/modal/context_form.rs",
    "src/app/modal/create.rs",
    "src/app/modal/mod.rs",
    "src/app/modal/secret_once.rs",
    // A pasted credential joins what is typed into the hidden field.
    "src/app/field.rs",
    // A leaked value is compared with what is known of values.
    "src/domain/shape/",
    // The credential goes into its header.
    "src/backend/https/fill.rs",
    // A new one is taken out of the fields of its token.
    "src/backend/decode/secret.rs",
    // It is hidden where an error repeats it.
    "src/backend/https/client.rs",
    // A command's standard input, a new file, the clipboard, the keyrings.
    "src/runtime/child.rs",
    "src/runtime/handover.rs",
    "src/runtime/clipboard/",
    // The key of the journal, as a keyring keeps it.
    "src/runtime/journal/keeper.rs",
    "src/runtime/vault/file.rs",
    "src/runtime/vault/kernel.rs",
    "src/runtime/vault/keyring.rs",
    // Shown for 30 s when asked for.
    "src/ui/modal/secret_once.rs",
    // Printed when `--print-secret` asks for it.
    "src/cli/value.rs",
    // The definition.
    "src/domain/secret.rs",
];

const RULES: &[Rule] = &[
    Rule {
        what: &["reqwest", "hyper", "rustls", "tokio_rustls", "rustls_platform_verifier"],
        only: &["src/backend/https/", "src/server/"],
        about: &["src/"],
        tests: Tests::Free,
        why: "only backend/https speaks HTTPS (and the server, which is a stranger)",
    },
    Rule {
        what: &["ring ::", "use ring", "scrypt ::"],
        only: &[
            "src/backend/https/",
            "src/server/",
            "src/runtime/journal/chain.rs",
            "src/runtime/vault/age.rs",
            "src/runtime/vault/file.rs",
        ],
        about: &["src/"],
        tests: Tests::Free,
        why: "only requests, the journal and the files of credentials are signed or encrypted",
    },
    Rule {
        what: &["reqwest"],
        only: &[],
        about: &["src/server/"],
        tests: Tests::Held,
        why: "the server sends no requests",
    },
    Rule {
        what: &["crossterm"],
        only: &["src/runtime/terminal/", "src/runtime/input.rs", "src/runtime/keys.rs"],
        about: &[],
        tests: Tests::Free,
        why: "only runtime/ knows the terminal",
    },
    Rule {
        what: &[
            "crossterm :: execute",
            "crossterm :: queue",
            "crossterm :: style",
            "crossterm :: cursor",
            "crossterm :: terminal",
            "execute !",
            "queue !",
            "CrosstermBackend",
        ],
        only: &["src/runtime/terminal/"],
        about: &[],
        tests: Tests::Free,
        why: "only runtime/terminal writes to the terminal",
    },
    Rule {
        what: &["stdout ( )", "stderr ( )"],
        only: &["src/cli/", "src/runtime/terminal/tty.rs"],
        about: &[],
        tests: Tests::Free,
        why: "only the command line prints, and runtime/terminal writes to the terminal",
    },
    Rule {
        what: &["println !", "eprintln !", "print !", "eprint !"],
        only: &["src/cli/", "src/main.rs"],
        about: &[],
        tests: Tests::Free,
        why: "only the command line prints",
    },
    Rule {
        what: &["dbg !", "todo !", "unimplemented !", "# [ ignore"],
        only: &[],
        about: &[],
        tests: Tests::Held,
        why: "nothing is left unfinished",
    },
    Rule {
        what: &["Mutex", "RwLock", "RefCell", "Condvar", "mpsc", "oneshot", "broadcast", "channel (", "Semaphore"],
        only: &["src/runtime/", "src/server/"],
        about: &[],
        tests: Tests::Free,
        why: "no locks and channels outside runtime/ and server/",
    },
    Rule {
        what: &["spawn", "spawn_blocking", "spawn_local", "JoinSet"],
        only: &[
            "src/runtime/",
            "src/server/",
            // Scoped threads of one pure pass: they end before it returns.
            "src/app/filter/split.rs",
            // The system's certificates are read from files, off the loop.
            "src/backend/https/client.rs",
        ],
        about: &[],
        tests: Tests::Free,
        why: "no tasks and threads outside runtime/ and server/",
    },
    Rule {
        what: &["Timestamp :: now", "Zoned :: now", "SystemTime :: now"],
        only: &["src/runtime/ports.rs", "src/server/clock.rs"],
        about: &[],
        tests: Tests::Held,
        why: "time is an argument",
    },
    Rule {
        what: &["Instant :: now"],
        only: &["src/runtime/", "src/server/", "src/backend/https/"],
        about: &[],
        tests: Tests::Free,
        why: "only edges measure how long something takes",
    },
    Rule {
        what: &["sleep", "sleep_ms"],
        // After a failed accept: the system is out of descriptors, and asking at once would spin.
        only: &["src/server/listen.rs"],
        about: &[],
        tests: Tests::Held,
        why: "nothing waits by sleeping",
    },
    Rule {
        what: &["# [ allow", "# ! [ allow", ", allow ("],
        only: &[],
        about: &[],
        tests: Tests::Held,
        why: "a lint is expected with a reason, never allowed",
    },
    Rule {
        what: &["unsafe"],
        only: &["src/config/environment.rs"],
        about: &[],
        tests: Tests::Held,
        why: "no unsafe code but for taking a variable out of the environment",
    },
    Rule {
        what: &["set_symbol", "set_char"],
        only: &["src/ui/canvas.rs"],
        about: &[],
        tests: Tests::Free,
        why: "every cell is written through the canvas, which measures and cleans",
    },
    Rule {
        what: &["danger_*", "dangerous ( )", "native_tls", "openssl"],
        only: &[],
        about: &[],
        tests: Tests::Held,
        why: "TLS is never weakened",
    },
    Rule {
        what: &[". expose ("],
        only: &OPENS_SECRETS,
        about: &["src/"],
        tests: Tests::Free,
        why: "a secret is opened in listed files only",
    },
    Rule {
        what: &["derive", "Display", "Serialize", "Clone for Secret", "AsRef", "Deref"],
        only: &[],
        about: &["src/domain/secret.rs"],
        tests: Tests::Free,
        why: "a secret is not printed, copied or serialised",
    },
    Rule {
        what: &["std :: fs", "std :: net", "std :: env", "std :: process", "std :: io", "tokio", "async", "await"],
        only: &[],
        about: &["src/domain/", "src/app/", "src/ui/"],
        tests: Tests::Free,
        why: "domain, app and ui do no I/O and await nothing",
    },
    Rule {
        what: &["serde", "Serialize", "Deserialize"],
        only: &[],
        about: &["src/domain/", "src/app/", "src/ui/"],
        tests: Tests::Free,
        why: "files and wire have types of their own",
    },
    Rule {
        what: &["std :: fs", "std :: net", "std :: env", "std :: process", "std :: io", "tokio", "async", "await"],
        only: &["src/backend/https/"],
        about: &["src/backend/"],
        tests: Tests::Free,
        why: "the backend layer does I/O in https only",
    },
    Rule {
        what: &["process :: exit", "process :: abort"],
        only: &["src/runtime/hangup.rs"],
        about: &[],
        tests: Tests::Held,
        why: "only the hang-up watchdog ends the process",
    },
    Rule {
        what: &["env :: var", "env :: var_os", "env :: vars", "env :: vars_os"],
        only: &["src/config/environment.rs"],
        about: &["src/"],
        tests: Tests::Free,
        why: "the environment is read in one place",
    },
    Rule {
        what: &["Effect :: Call {"],
        only: &["src/app/answers.rs"],
        about: &["src/app/"],
        tests: Tests::Free,
        why: "one function asks a backend, and notes the call",
    },
    Rule {
        what: &["Effect :: Record ("],
        only: &["src/app/activity.rs"],
        about: &["src/app/"],
        tests: Tests::Free,
        why: "one function makes a record durable, and notes it",
    },
    Rule {
        what: &["utf8_percent_encode", "percent_encode", "path_segments_mut", "set_path"],
        only: &["src/backend/encode/"],
        about: &["src/app/", "src/backend/", "src/cli/", "src/config/", "src/domain/", "src/runtime/", "src/ui/"],
        tests: Tests::Free,
        why: "one function builds every request path",
    },
    Rule {
        what: &["mut Request {", "( Request {", "= Request {", "; Request {", "{ Request {"],
        only: &["src/backend/encode/"],
        about: &["src/app/", "src/backend/", "src/cli/", "src/config/", "src/domain/", "src/runtime/", "src/ui/"],
        tests: Tests::Free,
        why: "one function makes requests",
    },
    Rule {
        what: &["mac = =", "mac ! =", "mac . eq (", "mac . ne ("],
        // The chain of the audit log is no credential, and what it is compared with lies beside it.
        only: &["src/server/audit.rs", "src/server/store/audit.rs"],
        about: &["src/server/"],
        tests: Tests::Free,
        why: "a token's MAC is compared in constant time",
    },
];

/// What must stand in a file.
const PRESENT: [(&str, &str, &str); 6] = [
    ("src/server/keys.rs", ". ct_eq (", "a token's MAC is compared in constant time"),
    ("src/backend/https/client.rs", "retry :: never", "the HTTP client repeats nothing by itself"),
    ("src/backend/https/client.rs", "Policy :: none", "redirects are not followed"),
    ("src/backend/https/client.rs", ". https_only ( true )", "nothing is sent in the clear"),
    ("src/backend/https/client.rs", ". no_proxy ( )", "no proxy but the one that the context names"),
    (
        "src/domain/retry.rs",
        "Self :: Create ( _ ) | Self :: Edit ( . . ) | Self :: Rotate ( _ ) | Self :: Renew ( _ ) | Self :: Disable ( _ ) | Self :: Enable ( _ ) = > false",
        "creating and rotating are never repeated",
    ),
];

/// Checks a file.
pub(super) fn check(source: &Source, findings: &mut Vec<Finding>) {
    let stands = |places: &[&str]| places.iter().any(|place| is_at(&source.path, place));
    for rule in RULES {
        if stands(rule.only) || !(rule.about.is_empty() || stands(rule.about)) {
            continue;
        }
        for what in rule.what {
            for at in source.places(what) {
                if source.tokens[at].code == Code::Program || rule.tests == Tests::Held {
                    findings.push(Finding::new(source, at, format!("`{what}`: {}", rule.why)));
                }
            }
        }
    }
    for (path, what, why) in PRESENT {
        if source.path == path && source.places(what).is_empty() {
            findings.push(Finding::new(source, 0, format!("`{what}` is missing: {why}")));
        }
    }
}

/// Tells whether a file is that file, or in that folder.
fn is_at(path: &str, place: &str) -> bool {
    if place.ends_with('/') { path.starts_with(place) } else { path == place }
}
