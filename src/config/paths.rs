//! Where files are, by the XDG rules.

use std::path::PathBuf;

use super::Environment;

/// Where files are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paths {
    /// The configuration file.
    pub config: PathBuf,
    /// The folder with descriptions of the user's own.
    pub backends: PathBuf,
    /// The folder of the journal and the log.
    pub state: PathBuf,
}

impl Paths {
    /// Finds them; `None` without a home.
    pub fn find(environment: &Environment, config: Option<PathBuf>) -> Option<Self> {
        let home = environment.filled("HOME").map(PathBuf::from);
        let base = |variable: &str, below: &str| {
            let named = environment.filled(variable).map(PathBuf::from).filter(|path| path.is_absolute());
            named.or_else(|| Some(home.as_ref()?.join(below))).map(|base| base.join("tokendeck"))
        };
        let folder = base("XDG_CONFIG_HOME", ".config")?;
        let named = config.or_else(|| environment.filled("TOKENDECK_CONFIG").map(PathBuf::from));
        Some(Self {
            config: named.unwrap_or_else(|| folder.join("config.toml")),
            backends: folder.join("backends"),
            state: base("XDG_STATE_HOME", ".local/state")?,
        })
    }
}
