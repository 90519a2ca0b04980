//! A token server as a process of its own, a home folder, and dashboards on it.

use super::{store::Store, terminal::SPAWN, terminal::Terminal};
use crate::server::harness::client;
use portable_pty::CommandBuilder;
use reqwest::Method;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use std::{
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::PoisonError,
};
use tempfile::TempDir;

/// The program under test.
pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_tokendeck");
/// The size of a terminal unless a test needs another.
pub(crate) const SIZE: (u16, u16) = (110, 34);
/// The variable that hands the operator's credential over.
const CREDENTIAL: &str = "OPERATOR";

/// A home folder and nothing else.
pub(crate) struct Home {
    dir: TempDir,
}

/// A server with the sample tokens, and a home folder with a context `prod` for it.
pub(crate) struct Site {
    pub(crate) home: Home,
    pub(crate) url: String,
    pub(crate) operator: String,
    pub(crate) ca_file: PathBuf,
    server: Child,
}

/// A program that is about to be started in a terminal.
pub(crate) struct Start {
    command: CommandBuilder,
    size: (u16, u16),
}

/// What a configuration begins with: no test leaves anything in the keyrings of this machine, but those about them.
pub(crate) const KEEPS_NOTHING: &str = "keep_credentials = false\n";

impl Home {
    pub(crate) fn new() -> Self {
        let home = Self { dir: tempfile::tempdir().expect("a folder") };
        for folder in ["config", "state", "data", "cache", "run", "tmp"] {
            fs::create_dir(home.path().join(folder)).expect("a folder");
        }
        home
    }

    pub(crate) fn path(&self) -> &Path {
        self.dir.path()
    }

    pub(crate) fn config(&self) -> PathBuf {
        self.path().join("config/tokendeck/config.toml")
    }

    /// The variables of a session on this machine, without a desktop.
    pub(crate) fn environment(&self) -> Vec<(&'static str, PathBuf)> {
        let below = |name: &str| self.path().join(name);
        vec![
            ("HOME", self.path().to_owned()),
            ("XDG_CONFIG_HOME", below("config")),
            ("XDG_STATE_HOME", below("state")),
            ("XDG_DATA_HOME", below("data")),
            ("XDG_CACHE_HOME", below("cache")),
            ("XDG_RUNTIME_DIR", below("run")),
            ("TMPDIR", below("tmp")),
            ("PATH", "/usr/bin:/bin".into()),
            ("TERM", "xterm-256color".into()),
            ("LANG", "C.UTF-8".into()),
        ]
    }

    /// The program with these arguments.
    pub(crate) fn start(&self, arguments: &[&str]) -> Start {
        self.start_other(PROGRAM, arguments)
    }

    /// Another program that has to do with it.
    pub(crate) fn start_other(&self, program: &str, arguments: &[&str]) -> Start {
        let mut command = CommandBuilder::new(program);
        command.env_clear();
        command.args(arguments);
        command.cwd(self.path());
        for (name, value) in self.environment() {
            command.env(name, value);
        }
        Start { command, size: SIZE }
    }

    /// Every file below, with what is in it; the server's own are not among them.
    pub(crate) fn files(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let mut files = Vec::new();
        let mut folders = vec![self.path().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).expect("a folder") {
                let path = entry.expect("an entry").path();
                if path.is_dir() {
                    folders.extend((!path.ends_with("served")).then_some(path));
                } else if let Ok(content) = fs::read(&path) {
                    files.push((path, content));
                }
            }
        }
        files
    }
}

impl Start {
    pub(crate) fn size(self, columns: u16, rows: u16) -> Self {
        Self { size: (columns, rows), ..self }
    }

    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    pub(crate) fn open(self) -> Terminal {
        Terminal::open(self.command, self.size)
    }
}

impl Site {
    pub(crate) fn new() -> Self {
        Self::with(&[])
    }

    /// A server on which the revocation of tokens with these labels or ids fails.
    pub(crate) fn failing(labels: &[&str]) -> Self {
        let faults = labels.iter().flat_map(|label| ["--fail-revoke", label]);
        Self::with(&faults.collect::<Vec<_>>())
    }

    fn with(faults: &[&str]) -> Self {
        let home = Home::new();
        let (server, ready) = serve(&home, "127.0.0.1:0", faults);
        let text = |name: &str| ready[name].as_str().expect("text").to_owned();
        let operator = fs::read_to_string(text("credential_file")).expect("a credential").trim().to_owned();
        let site = Self { home, url: text("url"), operator, ca_file: text("ca_file").into(), server };
        site.configure("");
        site
    }

    /// Ends the server and starts it again at the same place, where nothing fails on purpose any more.
    pub(crate) fn restart_without_faults(&mut self) {
        self.kill_server();
        let address = self.url.strip_prefix("https://").expect("https");
        self.server = serve(&self.home, address, &[]).0;
    }

    /// Writes the configuration anew, with more lines for the context.
    pub(crate) fn configure(&self, more: &str) {
        self.configure_at(&self.url, more);
    }

    /// A server and a configuration that lets credentials be kept in the keyrings of this machine.
    pub(crate) fn keeping() -> Self {
        let site = Self::new();
        let config = site.home.config();
        let text = fs::read_to_string(&config).expect("a configuration");
        fs::write(config, text.replace(KEEPS_NOTHING, "")).expect("written");
        site
    }

    /// Takes every context out of the configuration.
    pub(crate) fn configure_none(&self) {
        fs::write(self.home.config(), KEEPS_NOTHING).expect("a configuration");
    }

    /// The same with another way to the server.
    pub(crate) fn configure_at(&self, url: &str, more: &str) {
        let ca = self.ca_file.display();
        let context =
            format!("{KEEPS_NOTHING}[contexts.prod]\nbackend = \"tokendeck\"\nurl = \"{url}\"\nca_file = \"{ca}\"\n");
        let path = self.home.config();
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, format!("{context}credential_env = \"{CREDENTIAL}\"\n{more}\n")).expect("a configuration");
    }

    /// The dashboard on the server, ready to be started.
    pub(crate) fn start(&self, arguments: &[&str]) -> Start {
        self.home.start(arguments).env(CREDENTIAL, &self.operator)
    }

    /// The dashboard on the server, with the whole list on screen.
    #[track_caller]
    pub(crate) fn open(&self) -> Terminal {
        let mut terminal = self.start(&[]).open();
        terminal.until("60 of 60");
        terminal
    }

    pub(crate) fn store(&self) -> Store {
        Store::open(&self.home.path().join("served/tokens.db"))
    }

    /// Whether the server accepts a value as a credential.
    pub(crate) fn accepts(&self, value: &str) -> bool {
        self.ask(Method::GET, "/v1/self", value, None).0 == 200
    }

    /// Creates a token past the dashboard; its id and secret.
    pub(crate) fn create(&self, label: &str) -> (String, String) {
        self.make(&json!({ "label": label }))
    }

    /// Changes a token past the dashboard.
    pub(crate) fn edit(&self, id: &str, change: &Value) {
        let (status, answer) = self.ask(Method::PATCH, &format!("/v1/tokens/{id}"), &self.operator, Some(change));
        assert_eq!(status, 200, "{answer}");
    }

    /// Revokes a token past the dashboard.
    pub(crate) fn revoke(&self, id: &str) {
        let (status, answer) = self.ask(Method::DELETE, &format!("/v1/tokens/{id}"), &self.operator, None);
        assert_eq!(status, 200, "{answer}");
    }

    /// Creates an administrator's token past the dashboard; its id and secret.
    pub(crate) fn create_admin(&self, label: &str) -> (String, String) {
        self.make(&json!({ "label": label, "roles": ["admin"] }))
    }

    fn make(&self, body: &Value) -> (String, String) {
        let (status, made) = self.ask(Method::POST, "/v1/tokens", &self.operator, Some(body));
        assert_eq!(status, 201, "{made}");
        let text = |value: &Value| value.as_str().expect("text").to_owned();
        (text(&made["token"]["id"]), text(&made["secret"]))
    }

    fn ask(&self, method: Method, path: &str, credential: &str, body: Option<&Value>) -> (u16, Value) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let request = client(&self.ca_file).request(method, format!("{}{path}", self.url)).bearer_auth(credential);
            let request = match body {
                Some(body) => request.header("content-type", "application/json").body(body.to_string()),
                None => request,
            };
            let answer = request.send().await.expect("an answer");
            let status = answer.status().as_u16();
            (status, serde_json::from_str(&answer.text().await.expect("a body")).unwrap_or_default())
        })
    }

    /// Lets the server answer nobody, or go on.
    pub(crate) fn pause(&self, signal: Signal) {
        let pid = i32::try_from(self.server.id()).ok().and_then(Pid::from_raw).expect("its number");
        kill_process(pid, signal).expect("a signal");
    }

    /// Stops the server at once.
    pub(crate) fn kill_server(&mut self) {
        self.server.kill().expect("killed");
        self.server.wait().expect("gone");
    }
}

/// Starts a server and waits until it is ready; what it then says.
fn serve(home: &Home, address: &str, faults: &[&str]) -> (Child, Value) {
    let mut command = Command::new(PROGRAM);
    command.args(["serve", "--json", "--sample", "--listen", address, "--data"]);
    command.arg(home.path().join("served")).args(faults);
    command.env_clear().envs(home.environment()).stdin(Stdio::null()).stdout(Stdio::piped());
    let spawning = SPAWN.lock().unwrap_or_else(PoisonError::into_inner);
    let mut server = command.spawn().expect("a server");
    drop(spawning);
    let mut line = String::new();
    BufReader::new(server.stdout.take().expect("its output")).read_line(&mut line).expect("its line");
    (server, serde_json::from_str(&line).expect("JSON"))
}

impl Drop for Site {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}
