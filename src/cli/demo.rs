//! `tokendeck demo`: the embedded backend with sample tokens, and the dashboard on it.

use std::fs;
use std::io::{self, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;

use color_eyre::eyre::eyre;

use super::arguments::{Demo as Arguments, Global};
use super::dashboard;
use crate::app::model::Start;
use crate::config::{ContextConfig, Environment};
use crate::domain::{Access, ContextName, Failure, Secret};
use crate::runtime::connect;
use crate::runtime::credential::Given;
use crate::runtime::{Demo, Place};
use crate::server::{self, Faults, Options, Sample};

/// From how many rows on it is said that they are being made.
const MANY: usize = 20_000;

/// Runs the demo. Reads the user's keys, and touches no configuration, keyring or state of the user.
pub(super) fn run(global: &Global, arguments: &Arguments) -> color_eyre::Result<u8> {
    if arguments.rows.is_some_and(|rows| rows >= MANY) {
        writeln!(io::stderr(), "tokendeck: making the sample tokens…")?;
    }
    let (keymap, mistakes) = dashboard::keys(Environment, global);
    let demo = begin(arguments).map_err(|failure| eyre!("{failure}. {}", failure.hint))?;
    let mut setup = dashboard::setup(Environment, global, keymap, mistakes)?;
    let mut config = demo.config;
    if global.read_only {
        config.access = Access::ReadOnly;
    }
    let connection = connect::open(config, None).map_err(|failure| eyre!("{failure}. {}", failure.hint))?;
    let given = Given { demo: Some(demo.credential), ..Given::default() };
    dashboard::add_ready(&mut setup, connection, given);
    setup.origin = Start::Demo;
    if let Some(folder) = &arguments.keep {
        setup.journal = Place::Folder(folder.join("state"));
    }
    let code = dashboard::start(setup, global);
    // The server stops, and its folder goes, after the terminal was given back.
    drop(demo.running);
    code
}

/// Returns the arguments of the demo that the first-run screen offers.
pub(super) fn sample() -> Arguments {
    Arguments { rows: None, keep: None, fail_revoke: Vec::new() }
}

/// A server, and the folder that goes with it. The server is dropped first.
struct Running {
    _server: server::Running,
    _folder: Option<tempfile::TempDir>,
}

/// Starts the embedded backend on a loopback port.
pub(super) fn begin(arguments: &Arguments) -> Result<Demo, Failure> {
    let failed = |error: &dyn std::fmt::Display| {
        Failure::local("the embedded backend does not start", "check the folder").with_detail(error.to_string())
    };
    let folder = match &arguments.keep {
        Some(_) => None,
        None => Some(tempfile::Builder::new().prefix("tokendeck-").tempdir().map_err(|error| failed(&error))?),
    };
    let data: PathBuf = match (&arguments.keep, &folder) {
        (Some(kept), _) => kept.clone(),
        (None, Some(folder)) => folder.path().join("data"),
        (None, None) => return Err(failed(&"no folder")),
    };
    let mut options = Options::new(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), data);
    options.sample = arguments.rows.map_or(Sample::Lively, Sample::Rows);
    options.faults = Faults { fail_revoke: arguments.fail_revoke.clone() };
    let server = server::start(options).map_err(|error| failed(&error))?;
    let credential = fs::read_to_string(server.credential_file()).map_err(|error| failed(&error))?;
    let credential = zeroize::Zeroizing::new(credential);
    let name = ContextName::parse("demo").map_err(|error| failed(&error))?;
    let mut config = ContextConfig::new(name, "tokendeck", server.url());
    config.ca_file = Some(server.ca_file().to_owned());
    Ok(Demo {
        config,
        credential: Arc::new(Secret::new(credential.trim().into())),
        running: Box::new(Running { _server: server, _folder: folder }),
    })
}
