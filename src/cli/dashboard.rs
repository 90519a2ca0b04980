//! The dashboard over the configured contexts.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::sync::Arc;

use color_eyre::eyre::{WrapErr, eyre};
use jiff::Timestamp;

use super::arguments::Global;
use super::{USAGE, value};
use crate::app::effect::Inputs;
use crate::app::keymap::Keymap;
use crate::app::model::{Start, WriteLock};
use crate::backend::Fields;
use crate::config::{Config, ContextConfig, Environment, Paths};
use crate::domain::{Access, Failure, Secret};
use crate::runtime::clipboard::Session;
use crate::runtime::connect::{self, Connection};
use crate::runtime::credential::Given;
use crate::runtime::descriptions;
use crate::runtime::ports::{Clock, SystemClock};
use crate::runtime::vault::Places;
use crate::runtime::{Place, Setup, StartDemo, log, run as run_loop, run_lines};
use crate::ui::{Charset, Depth, Look};

/// In a debug build this variable lets the demo of the first-run screen panic, and where it names a file whatever looks
/// at the clock once that is there.
const PANIC: &str = "TOKENDECK_TEST_PANIC";

/// Shows the dashboard over the configured contexts; without any, the first-run screen.
pub(super) fn run(global: &Global) -> color_eyre::Result<u8> {
    let configured = Configured::read(global)?;
    let chosen = choose(&configured.contexts, &global.context)?;
    let stdin = if global.credential_stdin { Some(from_stdin(chosen.len())?) } else { None };
    start(configured.setup(global, chosen, stdin.as_ref())?, global)
}

/// The configuration of the user.
pub(super) struct Configured {
    paths: Paths,
    pub(super) contexts: Vec<ContextConfig>,
    keymap: Keymap,
    keep_credentials: bool,
    mistakes: Vec<String>,
}

impl Configured {
    /// Reads it; one that is not there is an empty one.
    pub(super) fn read(global: &Global) -> color_eyre::Result<Self> {
        let paths = Paths::find(&Environment, global.config.clone())
            .ok_or_else(|| eyre!("there is no home folder: set HOME"))?;
        let Config { contexts, keymap, keep_credentials, mistakes } = Config::parse(&read(&paths)?);
        Ok(Self { paths, contexts, keymap, keep_credentials, mistakes })
    }

    /// Returns what is wrong with it, one sentence each.
    pub(super) fn mistakes(&self) -> &[String] {
        &self.mistakes
    }

    /// Returns where files are.
    pub(super) fn paths(&self) -> &Paths {
        &self.paths
    }

    /// Makes one context ready. Nothing is sent.
    pub(super) fn open(&self, config: ContextConfig) -> Result<Connection, Failure> {
        open(config, &self.paths)
    }

    /// Returns the places that keep credentials.
    pub(super) fn places(&self) -> Places {
        if self.keep_credentials { self.all_places() } else { Places::none() }
    }

    /// Returns the same, whether credentials may be kept or not.
    pub(super) fn all_places(&self) -> Places {
        Places::of_system(&self.paths.state)
    }

    /// Makes these contexts ready, with what is kept where it belongs.
    pub(super) fn setup(
        self,
        global: &Global,
        chosen: Vec<ContextConfig>,
        stdin: Option<&Arc<Secret>>,
    ) -> color_eyre::Result<Setup> {
        let environment = Environment;
        let places = Arc::new(self.places());
        let mut setup = setup(environment, global, self.keymap, self.mistakes)?;
        setup.origin = if chosen.is_empty() { Start::FirstRun } else { Start::Configured };
        let mut taken = Taken::default();
        for context in chosen {
            let given = Given {
                stdin: stdin.cloned(),
                environment: context.credential_env.as_ref().and_then(|variable| taken.secret(environment, variable)),
                inputs: taken.inputs(environment, &context.input_env),
                demo: None,
                command: context.credential_command.clone(),
                file: None,
            };
            setup.given.insert(context.name.clone(), given);
            add(&mut setup, context, &self.paths, global);
        }
        setup.journal = Place::Folder(self.paths.state.clone());
        setup.places = places;
        setup.config_file = Some(self.paths.config.clone());
        setup.own_backends = Some(self.paths.backends.clone());
        if let Err(failure) = log::start(&self.paths.state, &global.log) {
            setup.mistakes.push(format!("{failure}"));
        }
        Ok(setup)
    }
}

/// What was taken out of the environment. Several contexts may name the same variable.
#[derive(Default)]
struct Taken(BTreeMap<String, Option<Arc<Secret>>>);

impl Taken {
    fn secret(&mut self, environment: Environment, variable: &str) -> Option<Arc<Secret>> {
        let take = || environment.take(variable).map(|value| Arc::new(Secret::from_string(value)));
        self.0.entry(variable.to_owned()).or_insert_with(take).clone()
    }

    fn inputs(&mut self, environment: Environment, variables: &BTreeMap<String, String>) -> Inputs {
        let input =
            |(name, variable): (&String, &String)| Some((name.as_str().into(), self.secret(environment, variable)?));
        variables.iter().filter_map(input).collect()
    }
}

/// Starts the loop, once it is known that there is a terminal: line by line where that was asked for, or where the
/// terminal can do nothing else.
pub(super) fn start(setup: Setup, global: &Global) -> color_eyre::Result<u8> {
    let linear = global.linear || matches!(setup.term.as_str(), "" | "dumb");
    // Lines are typed at the terminal; standard input may have been the credential.
    let typed = io::stdin().is_terminal() || global.credential_stdin || !linear;
    if !io::stdout().is_terminal() || !typed {
        writeln!(io::stderr(), "tokendeck: the dashboard needs a terminal; `tokendeck --help` tells what does not")?;
        return Ok(USAGE);
    }
    let run = if linear { run_lines } else { run_loop };
    run(setup).wrap_err("the terminal cannot be used")
}

/// Returns a setup without contexts, that keeps nothing.
pub(super) fn setup(
    environment: Environment,
    global: &Global,
    keymap: Keymap,
    mistakes: Vec<String>,
) -> color_eyre::Result<Setup> {
    Ok(Setup {
        connections: Vec::new(),
        given: BTreeMap::new(),
        origin: Start::FirstRun,
        write_lock: if global.read_only { WriteLock::ReadOnly } else { WriteLock::Open },
        keymap,
        mistakes,
        look: look(environment),
        term: environment.get("TERM").unwrap_or_default(),
        session: Session::from_environment(|name| environment.get(name)),
        places: Arc::new(Places::none()),
        journal: Place::Memory,
        fields: Fields::Shown,
        config_file: None,
        own_backends: None,
        start_demo: start_demo(environment),
        nonce_seed: seed()?,
        clock: clock(environment),
    })
}

/// Returns this machine's clock; in a test of what a panic leaves behind, one that panics when it is told to.
fn clock(environment: Environment) -> Arc<dyn Clock> {
    match environment.filled(PANIC) {
        Some(file) if cfg!(debug_assertions) => Arc::new(Panicking(file.into())),
        _ => Arc::new(SystemClock),
    }
}

/// A clock that panics once this file is there; a program that is released has none.
struct Panicking(PathBuf);

impl Clock for Panicking {
    fn now(&self) -> Timestamp {
        assert!(!self.0.exists(), "a panic was asked for by {PANIC}");
        SystemClock.now()
    }
}

#[cfg(feature = "server")]
#[expect(clippy::unnecessary_wraps, reason = "a program without the embedded backend has no demo")]
fn start_demo(environment: Environment) -> Option<StartDemo> {
    let fails = cfg!(debug_assertions) && environment.filled(PANIC).is_some();
    Some(Arc::new(move || {
        // For the test of what a panic leaves behind; a program that is released has no such way.
        assert!(!fails, "a panic was asked for by {PANIC}");
        super::demo::begin(&super::demo::sample())
    }))
}

#[cfg(not(feature = "server"))]
fn start_demo(_: Environment) -> Option<StartDemo> {
    None
}

/// Reads the configuration file; one that is not there is an empty one.
fn read(paths: &Paths) -> color_eyre::Result<String> {
    match fs::read_to_string(&paths.config) {
        Ok(text) => Ok(text),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(String::new()),
        Err(error) => Err(error).wrap_err_with(|| format!("{} cannot be read", paths.config.display())),
    }
}

/// Returns the operator's keys, with what is wrong with them. Nothing else of the configuration is looked at, and one
/// that cannot be read leaves the default keys.
#[cfg(feature = "server")]
pub(super) fn keys(environment: Environment, global: &Global) -> (Keymap, Vec<String>) {
    let Some(paths) = Paths::find(&environment, global.config.clone()) else { return Default::default() };
    match read(&paths) {
        Ok(text) => Config::keys(&text),
        Err(error) => (Keymap::default(), vec![error.to_string()]),
    }
}

/// Returns the named contexts; without names, all.
pub(super) fn choose(all: &[ContextConfig], named: &[String]) -> color_eyre::Result<Vec<ContextConfig>> {
    if let Some(name) = named.iter().find(|name| all.iter().all(|context| context.name.as_str() != **name)) {
        return Err(eyre!("there is no context {} in the configuration", crate::domain::escape(name)));
    }
    let wanted = |context: &ContextConfig| named.is_empty() || named.iter().any(|name| context.name.as_str() == *name);
    Ok(all.iter().filter(|context| wanted(context)).cloned().collect())
}

/// Makes a context ready; one that cannot be is said, and does not hold the others up.
fn add(setup: &mut Setup, mut config: ContextConfig, paths: &Paths, global: &Global) {
    if global.read_only {
        config.access = Access::ReadOnly;
    }
    let name = config.name.clone();
    match open(config, paths) {
        Ok(connection) => setup.connections.push(connection),
        Err(failure) => setup.mistakes.push(format!("context {name}: {failure}; {}", failure.hint)),
    }
}

fn open(config: ContextConfig, paths: &Paths) -> Result<Connection, Failure> {
    descriptions::own(&config.backend, &paths.backends).and_then(|own| connect::open(config, own))
}

/// Reads the credential of the one context from standard input.
pub(super) fn from_stdin(contexts: usize) -> color_eyre::Result<Arc<Secret>> {
    if contexts != 1 {
        return Err(eyre!("--credential-stdin goes with one context: name it with --context"));
    }
    value::from_stdin()?.ok_or_else(|| eyre!("there is no credential on standard input"))
}

fn look(environment: Environment) -> Look {
    let charset = if environment.is_utf8() { Charset::Utf8 } else { Charset::Ascii };
    Look::new(depth(environment), charset)
}

/// Returns how many colours the terminal has, as far as the environment tells.
pub(super) fn depth(environment: Environment) -> Depth {
    let term = environment.get("TERM").unwrap_or_default();
    let colour = environment.get("COLORTERM").unwrap_or_default();
    match term.as_str() {
        _ if environment.filled("NO_COLOR").is_some() => Depth::None,
        "" | "dumb" | "vt100" | "vt220" => Depth::None,
        _ if colour == "truecolor" || colour == "24bit" => Depth::True,
        term if term.contains("mono") => Depth::None,
        term if term.contains("256color") => Depth::Indexed,
        _ => Depth::Sixteen,
    }
}

/// Returns random text, by which attempts of this run are told from those of others.
fn seed() -> color_eyre::Result<String> {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes).map_err(|error| eyre!("the system gives no random bytes: {error}"))?;
    Ok(format!("{:032x}", u128::from_be_bytes(bytes)))
}

/// Adds a context that is ready.
#[cfg(feature = "server")]
pub(super) fn add_ready(setup: &mut Setup, connection: Connection, given: Given) {
    setup.given.insert(connection.context.name.clone(), given);
    setup.connections.push(connection);
}
