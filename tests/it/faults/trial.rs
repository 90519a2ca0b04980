//! One attempt: the real program, a proxy that does harm, and a server that holds the truth.

use super::{
    judge::{Facts, Operation, Tokens, judge},
    kind::Plan,
    proxy::{Heard, Proxy},
};
use crate::{
    cli::program::{program_in, start},
    flows::harness::{Home, KEEPS_NOTHING, site::PROGRAM, store::Store},
    server::harness::House,
};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use std::{
    fs,
    net::SocketAddr,
    process::{Child, Command, Output, Stdio},
    sync::mpsc::channel,
    time::{Duration, Instant},
};
use tokio::runtime::{Builder, Runtime};

/// The time limits that the program is told, and what it takes for one request at most.
const TIMEOUTS: &str = "timeouts = { connect = \"2s\", silence = \"2s\", answer = \"4s\" }";
const ONE_REQUEST: Duration = Duration::from_secs(6);
/// What the program takes for itself on a machine that has other things to do.
const ITSELF: Duration = Duration::from_secs(25);
/// How long the program looks again whether a token is dead that was said to be revoked.
const PATIENCE: Duration = Duration::from_secs(92);
/// How many tokens a bulk revocation is about.
pub(super) const MANY: usize = 6;

/// A server, and what is needed to try the program on it.
pub(super) struct Bench {
    house: House,
    runtime: Runtime,
    /// The program's own credential and its id: what it does is told apart by it.
    credential: String,
    actor: String,
    number: usize,
    /// How much longer the labels of many are, for a journal that is longer.
    pub(super) padding: usize,
}

/// What came of an attempt.
pub(super) struct Came {
    pub(super) facts: Facts,
    /// What is wrong with it.
    pub(super) wrong: Vec<String>,
    /// How much longer than it may the program stayed with one request.
    pub(super) overrun: Duration,
}

/// What came of an attempt without a proxy, and the home folder that it leaves.
pub(super) struct Went {
    pub(super) facts: Facts,
    pub(super) home: Home,
}

impl Bench {
    pub(super) fn new() -> Self {
        let house = House::new();
        let (actor, credential) = house.create(&json!({ "label": "the program", "roles": ["admin"] }));
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
        Self { house, runtime, credential, actor, number: 0, padding: 0 }
    }

    /// Asks the program for something once, by way of a proxy.
    pub(super) fn attempt(&mut self, operation: Operation, plan: Option<Plan>) -> Came {
        let scene = self.scene(operation);
        let server: SocketAddr = self.house.url.strip_prefix("https://").expect("https").parse().expect("an address");
        let proxy = Proxy::open(&self.runtime, server, &self.house.data().join("ca.pem"), plan);
        let home = configured(&proxy.url, Proxy::ca_pem(), TIMEOUTS);
        let begun = Instant::now();
        let words = arguments(operation, &scene.label, &scene.chosen);
        let ended = ended(start(&mut program_in(&home, &self.credential, &as_str(&words))));
        let took = begun.elapsed();
        let heard = proxy.close();
        let may_take = may_take(&heard, &ended.1);
        let facts = Facts { heard, took, may_take, ..self.facts(operation, scene, ended) };
        let held = facts.heard.iter().filter_map(|heard| heard.held);
        let overrun = held.map(|held| held.saturating_sub(ONE_REQUEST)).max().unwrap_or_default();
        Came { wrong: judge(&facts), facts, overrun }
    }

    /// Asks the program for something once, without a proxy, started by another program.
    pub(super) fn straight(&mut self, operation: Operation, by: &[&str]) -> Went {
        let scene = self.scene(operation);
        let ca_pem = fs::read(self.house.data().join("ca.pem")).expect("the CA file");
        let home = configured(&self.house.url, &ca_pem, "");
        let words = arguments(operation, &scene.label, &scene.chosen);
        let mut command = program_in(&home, &self.credential, &as_str(&words));
        if let [first, rest @ ..] = by {
            let mut other = Command::new(first);
            other.args(rest).arg(PROGRAM).args(&words).env_clear().current_dir(home.path());
            other.envs(home.environment()).env("OPERATOR", &self.credential);
            other.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
            command = other;
        }
        let begun = Instant::now();
        let ended = ended(start(&mut command));
        let facts = Facts { took: begun.elapsed(), may_take: PATIENCE, ..self.facts(operation, scene, ended) };
        Went { facts, home }
    }

    /// Makes what the program is asked about.
    fn scene(&mut self, operation: Operation) -> Scene {
        self.number += 1;
        let label = format!("t{}e", self.number);
        let count = match operation {
            Operation::List | Operation::Create => 0,
            Operation::Rotate | Operation::Revoke => 1,
            Operation::Bulk => MANY,
        };
        let tail = |at: usize| "'".repeat(at) + &"x".repeat(self.padding);
        let create = |at: usize| self.house.create(&json!({ "label": label.clone() + &tail(at) })).0;
        let chosen: Vec<String> = (0..count).map(create).collect();
        Scene { label, chosen, before: self.tokens(), done: self.store().deeds_of(&self.actor).len() }
    }

    /// What is known once the program has ended.
    fn facts(&self, operation: Operation, scene: Scene, (code, out, err): Ended) -> Facts {
        let Scene { label, chosen, before, done } = scene;
        let secret = serde_json::from_str::<Value>(&out).ok();
        let secret = secret.and_then(|printed| printed["secret"].as_str().map(str::to_owned));
        Facts {
            operation,
            new_accepted: secret.map(|secret| self.house.accepts(&secret)),
            done: self.store().deeds_of(&self.actor).split_off(done),
            after: self.tokens(),
            code,
            out,
            err,
            chosen,
            label,
            before,
            heard: Vec::new(),
            took: Duration::ZERO,
            may_take: Duration::ZERO,
        }
    }

    fn store(&self) -> Store {
        Store::open(&self.house.data().join("tokens.db"))
    }

    fn tokens(&self) -> Tokens {
        self.store().tokens().into_iter().map(|(id, held)| (id, (held.label, held.live))).collect()
    }
}

/// What the program is asked about, and what was before.
struct Scene {
    label: String,
    chosen: Vec<String>,
    before: Tokens,
    /// How much was done with the program's credential.
    done: usize,
}

/// An exit code, and what was said.
type Ended = (Option<i32>, String, String);

fn as_str(words: &[String]) -> Vec<&str> {
    words.iter().map(String::as_str).collect()
}

/// The words of a command.
fn arguments(operation: Operation, label: &str, chosen: &[String]) -> Vec<String> {
    let id = chosen.first().map_or("", String::as_str);
    let (query, many) = (format!("label:{label}"), MANY.to_string());
    let words = match operation {
        Operation::List => vec!["list", "--json"],
        Operation::Create => vec!["create", "--label", label, "--role", "reader", "--json", "--print-secret"],
        Operation::Rotate => vec!["rotate", id, "--confirm", label, "--json", "--print-secret"],
        Operation::Revoke => vec!["revoke", id, "--confirm", label, "--json"],
        Operation::Bulk => vec!["revoke", "--query", &query, "--confirm", &many, "--json"],
    };
    words.into_iter().map(str::to_owned).collect()
}

/// A home folder with a context at this address, whose certificate is to be trusted, and with more lines for it.
pub(super) fn configured(url: &str, ca_pem: &[u8], more: &str) -> Home {
    let home = Home::new();
    let (ca_file, path) = (home.path().join("trusted.pem"), home.config());
    fs::write(&ca_file, ca_pem).expect("written");
    fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    let ca = ca_file.display();
    let context = format!("[contexts.prod]\nbackend = \"tokendeck\"\nurl = \"{url}\"\nca_file = \"{ca}\"\n");
    let text = format!("{KEEPS_NOTHING}{context}credential_env = \"OPERATOR\"\n{more}\n");
    fs::write(path, text).expect("a configuration");
    home
}

/// How long the program may take after what was done to it: each request that was hit to its limit, once more for each
/// time that it was asked to wait, and what it takes to see whether a token that was said to be dead is.
fn may_take(heard: &[Heard], out: &str) -> Duration {
    let hits = u32::try_from(heard.iter().filter(|heard| heard.hit).count()).unwrap_or(u32::MAX);
    let looks = if out.contains("s later the backend") { PATIENCE } else { Duration::ZERO };
    ITSELF + ONE_REQUEST * hits + Duration::from_secs(3) * hits + looks
}

/// Waits for the end of the program, and ends it where it does not come.
fn ended(mut child: Child) -> Ended {
    drop(child.stdin.take());
    let pid = Pid::from_raw(child.id().cast_signed()).expect("its number");
    let (tell, told) = channel();
    let waiting = std::thread::spawn(move || {
        let output = child.wait_with_output().expect("its end");
        // Whoever waited is there until it comes.
        let _ = tell.send(());
        output
    });
    if told.recv_timeout(Duration::from_secs(150)).is_err() {
        kill_process(pid, Signal::KILL).expect("a signal");
    }
    let Output { status, stdout, stderr } = waiting.join().expect("its output");
    let text = |bytes| String::from_utf8(bytes).expect("text");
    (status.code(), text(stdout), text(stderr))
}
