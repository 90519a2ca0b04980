//! What must be done: the closed list of everything the step can ask for.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use super::clipboard::Road;
use super::filter::FilterJob;
use super::identify::LookJob;
use super::inventory::{Inventory, ReplaceJob};
use crate::domain::{CallId, ContextName, Operation, RawPage, Record, RevocationPlan, Secret};

/// Something must be done. Only `runtime/` does it.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Ask a backend.
    Call {
        /// The number that the answer will carry.
        call: CallId,
        /// Whom.
        context: ContextName,
        /// What.
        operation: Operation,
    },
    /// Forget a call: its answer will not be read.
    Cancel(CallId),
    /// Decode a page off the loop.
    Decode {
        /// The load it belongs to.
        load: LoadId,
        /// Its place in the list.
        place: usize,
        /// Whose description to use.
        context: ContextName,
        /// The pages as they came; more than one where each is small.
        pages: Vec<Arc<RawPage>>,
    },
    /// Build the refreshed list off the loop.
    Replace(LoadId, Box<ReplaceJob>),
    /// Join small pieces of the inventory off the loop.
    Merge(Inventory),
    /// Look through a text off the loop; the number is that of the screen's question.
    Look(u64, Box<LookJob>),
    /// Run a filter pass off the loop.
    Filter(CallId, Box<FilterJob>),
    /// Make a record durable.
    Record(Ticket, Box<Record>),
    /// Read what the journal holds.
    ReadJournal,
    /// Look for a credential, in the order of the chain.
    FindCredential(ContextName),
    /// Use a typed credential from now on, and keep it in the keyring if there is one.
    KeepCredential(ContextName, Arc<Secret>),
    /// Keep the credential in force in a file under this passphrase.
    FileCredential(ContextName, Arc<Secret>),
    /// Open the file that keeps a credential with this passphrase, and use what is in it from now on.
    OpenFile(ContextName, Arc<Secret>),
    /// Use these inputs and no others from now on, in memory only; a session that was had with others is over.
    TakeInputs(ContextName, Inputs),
    /// Hand a secret to the clipboard.
    CopySecret(Arc<Secret>),
    /// Hand plain text (a token id) to the clipboard.
    CopyText(String),
    /// Empty the clipboard if it still holds what was put there.
    ClearClipboard,
    /// Empty it whatever it holds, as far as that can be done from here.
    EmptyClipboard,
    /// Hand over by another road; `None` for the one that fits the session.
    SwitchClipboard(Option<Road>),
    /// Write a secret to a new file with mode 0600.
    WriteSecret(PathBuf, Arc<Secret>),
    /// Hand a secret to the command configured for the context.
    PipeSecret(ContextName, Arc<Secret>),
    /// Write a plan to a new file with mode 0600.
    WritePlan(PathBuf, Arc<RevocationPlan>),
    /// Look what backends there are: the built-in descriptions, and the user's own.
    FindBackends,
    /// Make a context from what was typed, without writing it anywhere.
    OpenContext(Box<NewContext>),
    /// Write the context to the configuration file.
    SaveContext(Box<NewContext>),
    /// Start the embedded backend with sample tokens.
    StartDemo,
    /// Let requests that change something pass, or refuse them, at the edge.
    SetAccess(ContextName, crate::domain::Access),
    /// Draw everything anew.
    Repaint,
    /// Give the terminal back and stop until continued.
    Suspend,
    /// End the program with this exit code.
    Quit(u8),
}

/// What the operator typed besides the credential, by its name in the description.
pub type Inputs = BTreeMap<Box<str>, Arc<Secret>>;

/// The number of one loading of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LoadId(pub u64);

/// The number under which a record is awaited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket(pub u64);

/// What was typed on the first-run screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewContext {
    /// Its name.
    pub name: ContextName,
    /// The name of a description.
    pub backend: String,
    /// The base URL.
    pub url: String,
    /// A file with the certificates of the backend's authority; `None` for the system's.
    pub ca_file: Option<PathBuf>,
    /// What its description asks for; what was left empty is not among them.
    pub params: BTreeMap<String, String>,
    /// The credential, which goes to the keyring or to memory, never to the file.
    pub credential: Arc<Secret>,
    /// What was typed besides, which stays in memory.
    pub inputs: Inputs,
}
