//! What the dashboard and the command line are started with.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use futures_util::stream::FuturesUnordered;

use super::clipboard::{Clipboard, Session};
use super::connect::Connection;
use super::credential::Given;
use super::desk::{Desk, Place};
use super::effects::{Shell, StartDemo};
use super::ports::Clock;
use super::vault::Places;
use crate::app::keymap::Keymap;
use crate::app::model::{Beginning, Model, Start, Wants, WriteLock};
use crate::backend::Fields;
use crate::domain::ContextName;
use crate::ui::Look;

/// Everything that a loop is started with.
pub struct Setup {
    /// The contexts, ready.
    pub connections: Vec<Connection>,
    /// What was given for each of them at the start.
    pub given: BTreeMap<ContextName, Given>,
    /// Where the program came from.
    pub origin: Start,
    /// Whether `:write` may lift a context's read-only.
    pub write_lock: WriteLock,
    /// Which key does what.
    pub keymap: Keymap,
    /// What is wrong with the configuration, one sentence each.
    pub mistakes: Vec<String>,
    /// Styles and glyphs.
    pub look: Look,
    /// The terminal's name, as in `TERM`.
    pub term: String,
    /// The kind of session, for the clipboard.
    pub session: Session,
    /// Where credentials are kept.
    pub places: Arc<Places>,
    /// Where the journal is kept.
    pub journal: Place,
    /// Which fields of a list's rows are kept.
    pub fields: Fields,
    /// The configuration file; `None` where there is no home.
    pub config_file: Option<PathBuf>,
    /// The folder with descriptions of the user's own; `None` where there is none.
    pub own_backends: Option<PathBuf>,
    /// Starts the embedded backend; `None` where it is not built in.
    pub start_demo: Option<StartDemo>,
    /// Random text, new at each start.
    pub nonce_seed: String,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
}

/// What a loop goes on with.
pub(super) struct Begun {
    pub(super) model: Model,
    pub(super) shell: Shell,
    pub(super) look: Look,
}

impl Setup {
    /// Makes the model of a program that just started, and the shell for its effects.
    pub(super) fn begin(self, size: (u16, u16), clipboard: Box<dyn Clipboard>, wants: Wants) -> Begun {
        let model = Model::new(Beginning {
            now: self.clock.now(),
            size,
            contexts: self.connections.iter().map(|connection| connection.context.clone()).collect(),
            keymap: Arc::new(self.keymap),
            clipboard_road: clipboard.road(),
            origin: self.origin,
            write_lock: self.write_lock,
            wants,
            nonce_seed: self.nonce_seed,
            mistakes: self.mistakes,
        });
        let named = |connection: Connection| {
            let name = connection.context.name.clone();
            (name, Connection { clock: self.clock.clone(), ..connection })
        };
        let connections = self.connections.into_iter().map(named).collect();
        let shell = Shell {
            clock: self.clock,
            connections,
            given: self.given,
            desk: Desk::new(self.journal, self.places.clone()),
            places: self.places,
            clipboard: Arc::new(Mutex::new(clipboard)),
            config_file: self.config_file,
            own_backends: self.own_backends,
            fields: self.fields,
            start_demo: self.start_demo,
            demo: None,
            flying: FuturesUnordered::new(),
            aborts: HashMap::new(),
        };
        Begun { model, shell, look: self.look }
    }
}
