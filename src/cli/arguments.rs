//! The arguments. No option takes a secret as its value.

#[cfg(feature = "server")]
use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

/// Reviews, creates, rotates and revokes API tokens on real backends over HTTPS.
#[derive(Debug, Parser)]
#[command(name = "tokendeck", version, about)]
pub(super) struct Arguments {
    #[command(subcommand)]
    pub(super) command: Option<Command>,
    #[command(flatten)]
    pub(super) global: Global,
}

/// Not a doc comment of the option, since names of variables stand in it.
const CONFIG_HELP: &str =
    "The configuration file [default: $TOKENDECK_CONFIG, else $XDG_CONFIG_HOME/tokendeck/config.toml]";

#[derive(Debug, Args)]
pub(super) struct Global {
    #[arg(long, global = true, value_name = "FILE", help = CONFIG_HELP)]
    pub(super) config: Option<PathBuf>,
    /// Show this context only; may be given several times
    #[arg(long, global = true, value_name = "NAME")]
    pub(super) context: Vec<String>,
    /// Refuse every request that would change something, and `:write` with it
    #[arg(long, global = true)]
    pub(super) read_only: bool,
    /// Read the credential from standard input (one context only)
    #[arg(long, global = true)]
    pub(super) credential_stdin: bool,
    /// How much is logged: off, error, warn, info, debug or trace
    #[arg(long, global = true, value_name = "LEVEL", default_value = "info")]
    pub(super) log: String,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Start the embedded backend with sample tokens and open the dashboard on it
    #[cfg(feature = "server")]
    Demo(Demo),
    /// Run the embedded backend as a small token server
    #[cfg(feature = "server")]
    Serve(Serve),
    /// Descriptions of backends
    Backend(Backend),
}

#[cfg(feature = "server")]
#[derive(Debug, Args)]
pub(super) struct Demo {
    /// As many generated tokens instead of the sample
    #[arg(long, value_name = "N")]
    pub(super) rows: Option<usize>,
    /// Keep the data in this folder, and use what is there
    #[arg(long, value_name = "DIR")]
    pub(super) keep: Option<PathBuf>,
    /// Let the revocation of tokens with this id or label fail, as a rehearsal
    #[arg(long, value_name = "ID", hide = true)]
    pub(super) fail_revoke: Vec<String>,
}

#[cfg(feature = "server")]
#[derive(Debug, Args)]
pub(super) struct Serve {
    /// Where to listen; port 0 picks one
    #[arg(long, value_name = "ADDR:PORT", default_value = "127.0.0.1:8443")]
    pub(super) listen: SocketAddr,
    /// The folder for database, certificates and the operator's credential; made with mode 0700
    #[arg(long, value_name = "DIR")]
    pub(super) data: PathBuf,
    /// Print one line of JSON when ready
    #[arg(long)]
    pub(super) json: bool,
    /// Fill a new database with the sample tokens of the demo
    #[arg(long, hide = true)]
    pub(super) sample: bool,
    /// Fill a new database with this many generated tokens
    #[arg(long, value_name = "N", hide = true)]
    pub(super) rows: Option<usize>,
    /// Let the revocation of tokens with this id or label fail, as a rehearsal
    #[arg(long, value_name = "ID", hide = true)]
    pub(super) fail_revoke: Vec<String>,
}

#[derive(Debug, Args)]
pub(super) struct Backend {
    #[command(subcommand)]
    pub(super) command: BackendCommand,
}

#[derive(Debug, Subcommand)]
pub(super) enum BackendCommand {
    /// List the backends
    List,
    /// Show a built-in description
    Show {
        /// Its name
        name: String,
    },
    /// Check a description of your own: every mistake with its line
    Check {
        /// The file
        file: PathBuf,
    },
}
