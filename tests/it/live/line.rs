//! The command line of the real program on a real server.

use serde_json::Value;

use super::facts::{self, Facts};
use super::server::Server;
use crate::cli::program::{Ran, end, program_in, start};
use crate::flows::harness::{Home, KEEPS_NOTHING};

/// The program with a context for a server.
pub(super) struct Line {
    pub(super) home: Home,
    credential: String,
    password: String,
}

/// What a token is made with at a server, besides its label.
pub(super) fn wishes(server: &Server) -> &'static [&'static str] {
    match server.backend {
        "openbao" => &["--role", "ci", "--owner", "\u{e9}rika", "--expires", "1d"],
        "jupyterhub" => &["--role", "read:users!user", "--owner", "ana", "--expires", "1d"],
        "verdaccio" => &["--role", "readonly"],
        _ => &["--owner", "@ana:hs.test"],
    }
}

impl Line {
    /// As the operator.
    pub(super) fn new(server: &Server) -> Self {
        Self::of(server, server.value("OPERATOR"))
    }

    /// As whoever has this credential.
    pub(super) fn of(server: &Server, credential: &str) -> Self {
        let password = if asks_password(server) { server.value("PASSWORD") } else { "-" };
        Self { home: home(server), credential: credential.to_owned(), password: password.to_owned() }
    }

    /// Runs a command to its end.
    #[track_caller]
    pub(super) fn run(&self, arguments: &[&str]) -> Ran {
        self.run_with(arguments, "")
    }

    /// The same with something on its standard input.
    #[track_caller]
    pub(super) fn run_with(&self, arguments: &[&str], input: &str) -> Ran {
        end(self.start(arguments), input)
    }

    /// Starts a command.
    pub(super) fn start(&self, arguments: &[&str]) -> std::process::Child {
        start(program_in(&self.home, &self.credential, arguments).env("PASSWORD_OF_MINE", &self.password))
    }

    /// The whole list, as printed.
    #[track_caller]
    pub(super) fn list(&self) -> Facts {
        let ran = self.run(&["list", "--json"]);
        assert_eq!((ran.code, ran.err.as_str()), (0, ""));
        facts::printed(&serde_json::from_str::<Vec<Value>>(&ran.out).expect("an array"))
    }

    /// Makes a token; its id and its secret.
    #[track_caller]
    pub(super) fn create(&self, server: &Server, label: &str) -> (String, String) {
        let labelled = ["--label", label];
        // Verdaccio has none, and says so.
        let label = if server.backend == "verdaccio" { &[][..] } else { &labelled };
        let arguments = [&["create", "--print-secret", "--json"], label, wishes(server)].concat();
        told(self.run(&arguments).ends(0, ""))
    }

    /// Asks with a command of its own whether a secret works.
    #[track_caller]
    pub(super) fn verify(&self, secret: &str) -> (i32, String) {
        let ran = self.run_with(&["verify", "--json"], secret);
        (ran.code, ran.lines()[0]["state"].as_str().expect("a word").to_owned())
    }
}

/// The id and the secret of a new token, as printed.
#[track_caller]
pub(super) fn told(ran: &Ran) -> (String, String) {
    let made = &ran.lines()[0];
    let text = |name: &str| made[name].as_str().expect("text").to_owned();
    (text("id"), text("secret"))
}

/// A home folder whose configuration has one context for a server.
pub(super) fn home(server: &Server) -> Home {
    home_by(server, server.backend, None)
}

/// The same with a description of one's own, as a name and its text.
pub(super) fn home_by(server: &Server, backend: &str, own: Option<String>) -> Home {
    let home = Home::new();
    let config = home.config();
    let folder = config.parent().expect("a folder");
    std::fs::create_dir_all(folder.join("backends")).expect("a folder");
    if let Some(text) = own {
        std::fs::write(folder.join(format!("backends/{backend}.toml")), text).expect("a description");
    }
    let (url, ca) = (server.value("URL"), server.ca_file());
    let inputs = if asks_password(server) { "input_env = { password = \"PASSWORD_OF_MINE\" }" } else { "" };
    let params = match server.only() {
        Some((name, value)) => format!("[contexts.live.params]\n{name} = \"{value}\""),
        None => String::new(),
    };
    let text = format!(
        "{KEEPS_NOTHING}[contexts.live]\nbackend = \"{backend}\"\nurl = \"{url}\"\nca_file = \"{}\"\n\
         credential_env = \"OPERATOR\"\n{inputs}\n{params}\n",
        ca.display()
    );
    std::fs::write(&config, text).expect("a configuration");
    home
}

pub(super) fn asks_password(server: &Server) -> bool {
    matches!(server.backend, "verdaccio" | "synapse-devices")
}

pub(super) fn block_on<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime").block_on(future)
}

/// Tells whether the server takes a value as a credential.
pub(super) fn accepts(server: &Server, secret: &str) -> bool {
    let path = match server.backend {
        "openbao" => "/v1/auth/token/lookup-self",
        "jupyterhub" => "/user",
        "verdaccio" => "/-/npm/v1/user",
        _ => "/_matrix/client/v3/account/whoami",
    };
    block_on(server.raw("GET", path, secret, None)).0 == 200
}
