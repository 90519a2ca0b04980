//! The real binary with pipes for a terminal.

use crate::flows::harness::{
    Home, Site,
    site::PROGRAM,
    terminal::{SOON, SPAWN},
};
use serde_json::Value;
use std::{
    io::Write,
    process::{Child, Command, Output, Stdio},
    sync::PoisonError,
    time::Instant,
};

/// What a command came to.
pub(super) struct Ran {
    pub(super) code: i32,
    pub(super) out: String,
    pub(super) err: String,
}

impl Ran {
    /// The lines of standard output as JSON.
    #[track_caller]
    pub(super) fn lines(&self) -> Vec<Value> {
        self.out.lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect()
    }

    /// Holds the exit code, and what is said.
    #[track_caller]
    pub(super) fn ends(&self, code: i32, said: &str) -> &Self {
        assert_eq!(self.code, code, "{}{}", self.out, self.err);
        assert!(self.err.contains(said), "{}", self.err);
        self
    }
}

/// The program on a site, about to be started.
pub(super) fn program(site: &Site, arguments: &[&str]) -> Command {
    program_as(site, &site.operator, arguments)
}

/// The same with another credential.
pub(super) fn program_as(site: &Site, credential: &str, arguments: &[&str]) -> Command {
    program_at(&site.home, credential, arguments)
}

/// The same with a home folder and no site.
pub(super) fn program_at(home: &Home, credential: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(PROGRAM);
    command.args(arguments).env_clear().envs(home.environment()).env("OPERATOR", credential);
    command.current_dir(home.path());
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Starts it.
pub(super) fn start(command: &mut Command) -> Child {
    let _spawning = SPAWN.lock().unwrap_or_else(PoisonError::into_inner);
    command.spawn().expect("the program")
}

/// Runs it to its end.
#[track_caller]
pub(super) fn run(site: &Site, arguments: &[&str]) -> Ran {
    end(start(&mut program(site, arguments)), "")
}

/// Runs it to its end with something on its standard input.
#[track_caller]
pub(super) fn run_with(site: &Site, arguments: &[&str], input: &str) -> Ran {
    end(start(&mut program(site, arguments)), input)
}

/// Waits for its end.
#[track_caller]
pub(super) fn end(mut child: Child, input: &str) -> Ran {
    let mut stdin = child.stdin.take().expect("its input");
    // One that does not read it has ended already.
    let _ = stdin.write_all(input.as_bytes());
    drop(stdin);
    let Output { status, stdout, stderr } = child.wait_with_output().expect("its end");
    let text = |bytes| String::from_utf8(bytes).expect("text");
    Ran { code: status.code().expect("an exit code"), out: text(stdout), err: text(stderr) }
}

/// Waits until something is so.
#[track_caller]
pub(super) fn until(what: &str, test: impl Fn() -> bool) {
    let begun = Instant::now();
    while !test() {
        assert!(begun.elapsed() < SOON, "never: {what}");
        std::thread::yield_now();
    }
}
