//! The arguments. No option takes a secret as its value.

#[cfg(feature = "server")]
use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

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

const APPLY_ABOUT: &str = "\
Do a plan that `revoke --plan FILE` or `:plan FILE` wrote, if all of its tokens still look as it says

Without --confirm it shows the plan, reads every token again, says what looks otherwise now, and sends nothing (6). With \
--confirm and the number of tokens it revokes them as `revoke` does: each is read once more just before it is sent, and \
asked again afterwards. When a token was changed, revoked or is gone since the plan was made, all differences are told \
and nothing is sent (7); --skip-changed goes on with the others. A plan that was edited, or was made where a context is at \
another address, is refused (7).";

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
    /// Tell the dashboard line by line, for screen readers and poor links; so does `TERM=dumb` by itself
    #[arg(long, global = true)]
    pub(super) linear: bool,
    /// With `revoke`: revoke nothing, and write what would be revoked as a plan to this new file
    #[arg(long, global = true, value_name = "FILE")]
    pub(super) plan: Option<PathBuf>,
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
    /// List tokens
    List(List),
    /// Show one token with every field
    Show(Show),
    /// Create a token
    Create(Create),
    /// Change a token's label or expiry
    Edit(Edit),
    /// Give a token a new secret; the old one stops
    Rotate(Rotate),
    /// Revoke tokens, and ask the backend again whether they are dead
    Revoke(Revoke),
    /// Do a plan that `revoke --plan FILE` or `:plan FILE` wrote, if all of its tokens still look as it says
    #[command(long_about = APPLY_ABOUT)]
    Apply(Apply),
    /// Ask whether a secret still works, by using it: 0 alive, 3 dead, 5 unknown
    Verify(Verify),
    /// Find the token that a leaked secret belongs to: a value, a log or a ticket on standard input
    Identify(Identify),
    /// Give the operator's credential of a context, which is tried and then kept in the keyring
    Login(Login),
    /// Remove every kept copy of the operator's credential of a context
    Logout(Named),
    /// Show whose credential it is
    Whoami(Whoami),
    /// The local journal of what this program did
    Journal(Journal),
    /// Look at paths, terminal, clipboard, keyrings and every context: one verdict a line, with the cure
    Doctor(Doctor),
}

#[derive(Debug, Args)]
pub(super) struct Journal {
    #[command(subcommand)]
    pub(super) command: JournalCommand,
}

#[derive(Debug, Subcommand)]
pub(super) enum JournalCommand {
    /// List its records, the newest last
    List {
        #[command(flatten)]
        about: About,
        /// Print JSON: one object a record, each on a line
        #[arg(long)]
        json: bool,
    },
    /// Look whether it is as it was written: 0 nothing speaks against it, 5 something does
    Verify {
        /// Look at this copy of it
        #[arg(long, value_name = "FILE", conflicts_with = "accept")]
        file: Option<PathBuf>,
        /// Say what is found, and then take the journal as it is, as after a backup was restored
        #[arg(long)]
        accept: bool,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Write up what became of tokens: coverage, a row a token, what is open, and a timeline. No secret is in it
    Export {
        #[command(flatten)]
        about: About,
        /// As Markdown for a post-mortem, as JSON, or one row a token as CSV
        #[arg(long, value_enum, default_value_t = Format::Md)]
        format: Format,
        /// Write one text for each owner besides, ready to be sent, to new files in this folder
        #[arg(long, value_name = "DIR")]
        notices: Option<PathBuf>,
    },
}

/// Which records are meant; without anything, all.
#[derive(Debug, Args)]
pub(super) struct About {
    /// Those of this incident
    #[arg(long, value_name = "TICKET")]
    pub(super) incident: Option<String>,
    /// Those since then: 12h, 30d, or a date or moment in UTC
    #[arg(long, value_name = "WHEN")]
    pub(super) since: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// Markdown
    Md,
    /// JSON
    Json,
    /// CSV
    Csv,
}

#[derive(Debug, Args)]
pub(super) struct Doctor {
    /// Print JSON, one object a line
    #[arg(long)]
    pub(super) json: bool,
    /// Copy a word that is no secret, to see whether it arrives
    #[arg(long)]
    pub(super) try_clipboard: bool,
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

#[derive(Debug, Args)]
pub(super) struct List {
    /// Only those that match, as in the dashboard's query line
    #[arg(long, value_name = "QUERY", allow_hyphen_values = true)]
    pub(super) query: Option<String>,
    /// Print JSON: an array of one object a token
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, Args)]
pub(super) struct Show {
    /// The token; with several contexts CONTEXT/ID
    pub(super) id: String,
    /// Print JSON
    #[arg(long)]
    pub(super) json: bool,
}

/// Where a new secret goes.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(super) struct SecretTo {
    /// Write the secret to this new file, with mode 0600
    #[arg(long, value_name = "FILE")]
    pub(super) secret_file: Option<PathBuf>,
    /// Hand the secret to the `secret_command` of the context, on its standard input
    #[arg(long)]
    pub(super) secret_command: bool,
    /// Print the secret on standard output
    #[arg(long)]
    pub(super) print_secret: bool,
}

#[derive(Debug, Args)]
pub(super) struct Create {
    /// Its label, where the backend has labels
    #[arg(long, allow_hyphen_values = true)]
    pub(super) label: Option<String>,
    /// Its role, as the backend names it; may be given several times
    #[arg(long)]
    pub(super) role: Vec<String>,
    /// Who it acts for [default: the operator]
    #[arg(long)]
    pub(super) owner: Option<String>,
    /// When it stops: 90d, 12h, a date in UTC, or never [default: 90d, where the backend can]
    #[arg(long, value_name = "WHEN")]
    pub(super) expires: Option<String>,
    /// Print JSON
    #[arg(long)]
    pub(super) json: bool,
    #[command(flatten)]
    pub(super) to: SecretTo,
}

#[derive(Debug, Args)]
pub(super) struct Edit {
    /// The token; with several contexts CONTEXT/ID
    pub(super) id: String,
    /// The new label
    #[arg(long, allow_hyphen_values = true)]
    pub(super) label: Option<String>,
    /// The new expiry: 90d, 12h, a date in UTC, or never
    #[arg(long, value_name = "WHEN")]
    pub(super) expires: Option<String>,
    /// Print JSON
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, Args)]
pub(super) struct Rotate {
    /// The token; with several contexts CONTEXT/ID
    pub(super) id: String,
    /// Its label: without it nothing is done
    #[arg(long, value_name = "LABEL", allow_hyphen_values = true)]
    pub(super) confirm: Option<String>,
    /// Print JSON
    #[arg(long)]
    pub(super) json: bool,
    #[command(flatten)]
    pub(super) to: SecretTo,
}

#[derive(Debug, Args)]
pub(super) struct Revoke {
    /// The tokens; with several contexts CONTEXT/ID
    #[arg(required_unless_present_any = ["query", "resume", "discard"], conflicts_with = "query")]
    pub(super) id: Vec<String>,
    /// All living tokens that match, as in the dashboard's query line
    #[arg(long, value_name = "QUERY", allow_hyphen_values = true)]
    pub(super) query: Option<String>,
    /// The label of the one token, or the number of several: without it nothing is done
    #[arg(long, value_name = "LABEL-or-COUNT", allow_hyphen_values = true)]
    pub(super) confirm: Option<String>,
    /// Finish the revocation that was interrupted: what was confirmed then, and nothing else
    #[arg(long, conflicts_with_all = ["id", "query", "confirm", "discard"])]
    pub(super) resume: bool,
    /// Give up the revocation that was interrupted: what was not sent stays alive
    #[arg(long, conflicts_with_all = ["id", "query", "confirm"])]
    pub(super) discard: bool,
    /// Print JSON: one object a token, each on a line
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, Args)]
pub(super) struct Apply {
    /// The plan
    #[arg(value_name = "PLAN")]
    pub(super) file: PathBuf,
    /// The number of tokens to revoke: without it nothing is done
    #[arg(long, value_name = "COUNT", allow_hyphen_values = true)]
    pub(super) confirm: Option<String>,
    /// Go on with the tokens that look as the plan says when others do not
    #[arg(long)]
    pub(super) skip_changed: bool,
    /// Print JSON: one object a token, each on a line
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, Args)]
pub(super) struct Verify {
    /// Print JSON
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, Args)]
pub(super) struct Identify {
    /// Send the secret to the one context's backend, which tells whose it is and may write it to its logs; without
    /// this it is looked for in the lists, and nothing of it is sent
    #[arg(long)]
    pub(super) send: bool,
    /// Revoke the one value that is given, at the one context's host, and ask there whether it is dead
    #[arg(long, conflicts_with = "send")]
    pub(super) revoke: bool,
    /// The host that the value is sent to: without it nothing is done
    #[arg(long, value_name = "HOST", requires = "revoke")]
    pub(super) confirm: Option<String>,
    /// Print JSON
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, Args)]
pub(super) struct Named {
    /// The context
    #[arg(value_name = "CONTEXT")]
    pub(super) name: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct Login {
    #[command(flatten)]
    pub(super) context: Named,
    /// Where no keyring is there, keep it in a file under a passphrase, which is asked for at the terminal
    #[arg(long)]
    pub(super) file: bool,
}

#[derive(Debug, Args)]
pub(super) struct Whoami {
    #[command(flatten)]
    pub(super) context: Named,
    /// Print JSON: one object a context, each on a line
    #[arg(long)]
    pub(super) json: bool,
}
