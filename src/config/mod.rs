//! The configuration file: read once at the start, written only through `Effect::SaveContext`.
//!
//! A broken file never stops the program: what can be read is used, and every mistake is said.

mod environment;
mod paths;
mod save;
mod timeouts;

use std::collections::BTreeMap;
use std::path::PathBuf;

use jiff::SignedDuration;
use serde::Deserialize;

use crate::app::keymap::Keymap;
use crate::backend::https::Limits;
use crate::domain::{Access, ContextName, Protection};

pub use environment::Environment;
pub use paths::Paths;
pub use save::save_context;

/// The configuration as the program uses it.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// The contexts, by name.
    pub contexts: Vec<ContextConfig>,
    /// Which key does what.
    pub keymap: Keymap,
    /// Whether credentials may be kept in keyrings, or in memory only.
    pub keep_credentials: bool,
    /// What is wrong with the file, one sentence each.
    pub mistakes: Vec<String>,
}

/// A context as configured.
#[derive(Debug, Clone, PartialEq)]
pub struct ContextConfig {
    /// Its name.
    pub name: ContextName,
    /// The name of its description.
    pub backend: String,
    /// The base URL.
    pub url: String,
    /// Certificates trusted instead of the system's; `None` for the system's.
    pub ca_file: Option<PathBuf>,
    /// The environment variable that holds the credential; `None` for none.
    pub credential_env: Option<String>,
    /// The environment variables that hold what is asked besides the credential, by the names in the description.
    pub input_env: BTreeMap<String, String>,
    /// The command that prints the credential; empty for none.
    pub credential_command: Vec<String>,
    /// The command that `p` hands a new secret to; empty for none.
    pub secret_command: Vec<String>,
    /// A proxy, as a URL; `None` for none.
    pub proxy: Option<String>,
    /// Whether requests that change something may be sent.
    pub access: Access,
    /// Whether every confirmation is raised.
    pub protection: Protection,
    /// How long after its last use a token counts as active.
    pub active_window: SignedDuration,
    /// How long a request may take, and how large its answer may be.
    pub limits: Limits,
    /// What the description asks for.
    pub params: BTreeMap<String, String>,
}

/// The window within which a used token counts as active, unless a context sets another.
const ACTIVE_WINDOW: SignedDuration = SignedDuration::from_hours(7 * 24);

impl ContextConfig {
    /// Makes a context with the defaults of the configuration.
    pub fn new(name: ContextName, backend: &str, url: &str) -> Self {
        Self {
            name,
            backend: backend.to_owned(),
            url: url.to_owned(),
            ca_file: None,
            credential_env: None,
            input_env: BTreeMap::new(),
            credential_command: Vec::new(),
            secret_command: Vec::new(),
            proxy: None,
            access: Access::Write,
            protection: Protection::Ordinary,
            active_window: ACTIVE_WINDOW,
            limits: Limits::default(),
            params: BTreeMap::new(),
        }
    }
}

/// The file as written. Unknown keys are collected, and become warnings.
#[derive(Debug, Default, Deserialize)]
struct File {
    #[serde(default)]
    contexts: BTreeMap<String, toml::Table>,
    #[serde(default)]
    keys: toml::Table,
    keep_credentials: Option<bool>,
    #[serde(flatten)]
    unknown: BTreeMap<String, toml::Value>,
}

/// A context as written.
#[derive(Debug, Deserialize)]
struct ContextEntry {
    backend: String,
    url: String,
    ca_file: Option<PathBuf>,
    credential_env: Option<String>,
    #[serde(default)]
    input_env: BTreeMap<String, String>,
    #[serde(default)]
    credential_command: Vec<String>,
    #[serde(default)]
    secret_command: Vec<String>,
    proxy: Option<String>,
    #[serde(default)]
    read_only: bool,
    #[serde(default)]
    protected: bool,
    active_window: Option<String>,
    #[serde(default)]
    timeouts: BTreeMap<String, String>,
    #[serde(default)]
    params: BTreeMap<String, String>,
    #[serde(flatten)]
    unknown: BTreeMap<String, toml::Value>,
}

impl Config {
    /// Reads the text of a configuration file.
    pub fn parse(text: &str) -> Self {
        let mut mistakes = Vec::new();
        let file = File::parse(text, &mut mistakes);
        mistakes.extend(file.unknown.keys().map(|key| format!("there is no key `{key}`")));
        let mut contexts = Vec::new();
        for (name, table) in file.contexts {
            match context(&name, table, &mut mistakes) {
                Ok(context) => contexts.push(context),
                Err(mistake) => mistakes.push(format!("context {name}: {mistake}")),
            }
        }
        let keymap = keymap(&file.keys, &mut mistakes);
        Self { contexts, keymap, keep_credentials: file.keep_credentials.unwrap_or(true), mistakes }
    }

    /// Reads the keys of the text of a configuration file, and nothing else of it; with what is wrong with them.
    pub fn keys(text: &str) -> (Keymap, Vec<String>) {
        let mut mistakes = Vec::new();
        let file = File::parse(text, &mut mistakes);
        (keymap(&file.keys, &mut mistakes), mistakes)
    }
}

impl File {
    fn parse(text: &str, mistakes: &mut Vec<String>) -> Self {
        toml::from_str(text).unwrap_or_else(|error| {
            let line = error.span().map_or(1, |span| text[..span.start.min(text.len())].lines().count().max(1));
            mistakes.push(format!("line {line}: {}; nothing of the file is used", error.message()));
            Self::default()
        })
    }
}

fn context(name: &str, table: toml::Table, mistakes: &mut Vec<String>) -> Result<ContextConfig, String> {
    let parsed = ContextName::parse(name).map_err(|error| error.to_string())?;
    let entry: ContextEntry = table.try_into().map_err(|error: toml::de::Error| error.message().to_owned())?;
    mistakes.extend(entry.unknown.keys().map(|key| format!("context {name}: there is no key `{key}`")));
    let active_window = match entry.active_window.as_deref().map(window) {
        None => ACTIVE_WINDOW,
        Some(Some(window)) => window,
        Some(None) => {
            mistakes.push(format!("context {name}: active_window is written like 7d or 12h; 7d is used"));
            ACTIVE_WINDOW
        }
    };
    let (limits, wrong) = timeouts::limits(&entry.timeouts);
    mistakes.extend(wrong.into_iter().map(|mistake| format!("context {name}: {mistake}")));
    Ok(ContextConfig {
        name: parsed,
        backend: entry.backend,
        url: entry.url,
        ca_file: entry.ca_file,
        credential_env: entry.credential_env,
        input_env: entry.input_env,
        credential_command: entry.credential_command,
        secret_command: entry.secret_command,
        proxy: entry.proxy,
        access: if entry.read_only { Access::ReadOnly } else { Access::Write },
        protection: if entry.protected { Protection::Protected } else { Protection::Ordinary },
        active_window,
        limits,
        params: entry.params,
    })
}

fn keymap(keys: &toml::Table, mistakes: &mut Vec<String>) -> Keymap {
    let (keymap, wrong) = Keymap::default().with(&toml::to_string(keys).unwrap_or_default());
    mistakes.extend(wrong.into_iter().map(|mistake| format!("keys: {mistake}")));
    keymap
}

fn window(text: &str) -> Option<SignedDuration> {
    let (number, hours) = match text.strip_suffix('d') {
        Some(number) => (number, 24),
        None => (text.strip_suffix('h')?, 1),
    };
    let number: i64 = number.parse().ok().filter(|number| (1..=100_000).contains(number))?;
    Some(SignedDuration::from_hours(number * hours))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_file_is_read() {
        let config = Config::parse(
            r#"
            [contexts.prod]
            backend = "tokendeck"
            url = "https://tokens.example.org"
            ca_file = "/etc/ca.pem"
            credential_env = "TOKENS"
            input_env = { otp = "TOKENS_OTP" }
            read_only = true
            protected = true
            active_window = "12h"
            timeouts = { connect = "2s", answer = "1m" }
            [contexts.prod.params]
            team = "a"
            [keys]
            refresh = ["f"]
            "#,
        );
        assert_eq!(config.mistakes, Vec::<String>::new());
        let prod = &config.contexts[0];
        assert_eq!((prod.access, prod.protection), (Access::ReadOnly, Protection::Protected));
        assert_eq!(prod.active_window, SignedDuration::from_hours(12));
        let seconds = [prod.limits.connect, prod.limits.silence, prod.limits.total].map(|limit| limit.as_secs());
        assert_eq!(seconds, [2, 10, 60]);
        assert_eq!((prod.params["team"].as_str(), prod.input_env["otp"].as_str()), ("a", "TOKENS_OTP"));
    }

    #[test]
    fn mistakes_are_said_and_the_rest_is_used() {
        let config = Config::parse(
            r#"
            theme = "dark"
            [contexts.good]
            backend = "tokendeck"
            url = "https://a"
            colour = "red"
            active_window = "soon"
            timeouts = { answer = "0s", patience = "1s" }
            [contexts."not good"]
            backend = "tokendeck"
            url = "https://a"
            [contexts.half]
            url = "https://a"
            [keys]
            fly = ["x"]
            "#,
        );
        assert_eq!(config.contexts.len(), 1);
        assert_eq!(config.mistakes.len(), 8, "{:#?}", config.mistakes);
    }

    #[test]
    fn a_file_that_is_no_toml_leaves_the_defaults() {
        let config = Config::parse("contexts = [\n");
        assert!(config.contexts.is_empty() && config.mistakes.len() == 1);
    }
}
