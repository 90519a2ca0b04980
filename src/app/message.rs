//! What happened: the closed list of everything the step can be told.

use std::path::PathBuf;
use std::sync::Arc;

use super::clipboard::Road;
use super::effect::{LoadId, Ticket};
use super::identify::Looked;
use super::inventory::{Merged, Replaced};
use super::key::{Key, Paste};
use super::modal::QuestionId;
use super::model::Secrecy;
use crate::app::filter::View;
use crate::domain::{
    Answer, CallId, Context, ContextName, CredentialSource, Cursor, Failure, Offer, Page, Record, Sequence, TokenKey,
};

/// Something happened.
#[derive(Debug, Clone, PartialEq)]
pub enum Message {
    /// A key was pressed.
    Key(Key),
    /// Text was pasted in brackets.
    Paste(Paste),
    /// The token was chosen by the number that it was told with.
    Choose(TokenKey),
    /// The terminal has this many columns and rows.
    Resize(u16, u16),
    /// The moment that the model asked for has come.
    Wake,
    /// A frame with this question in front has left for the terminal.
    Shown(QuestionId),
    /// A signal of the operating system.
    Signal(Signal),
    /// A backend answered, or failed to.
    Answered(Box<Answer>),
    /// The head of an answer names the next page, before the page itself has come.
    Headed {
        /// The call, which goes on.
        call: CallId,
        /// Where the next page begins.
        next: Cursor,
    },
    /// A page is decoded.
    Decoded {
        /// The load it belongs to.
        load: LoadId,
        /// Its place in the list.
        place: usize,
        /// Its rows.
        result: Result<Arc<Page>, Failure>,
    },
    /// A refreshed list stands ready beside the one on screen.
    Replaced(LoadId, Arc<Replaced>),
    /// The small pieces of the inventory are joined into larger ones; rows keep their numbers.
    Merged(Arc<Merged>),
    /// A filter pass is done.
    Filtered(CallId, Arc<View>),
    /// A text was looked through.
    Looked(u64, Arc<Looked>),
    /// Records are durable, or could not be made so.
    Recorded(Ticket, Result<Sequence, Failure>),
    /// What earlier runs of the program left in the journal; and what had to be mended in it, if anything.
    JournalRead(Result<Arc<[Record]>, Failure>, Option<Failure>),
    /// What the journal has to tell of itself: that it is not as it was left, or that no key vouches for it.
    JournalTold(Failure),
    /// A credential was found, or the reason why not.
    CredentialFound(ContextName, Result<CredentialSource, Failure>),
    /// A credential was found, but not what the description asks for besides, with the reason.
    InputsMissing(ContextName, CredentialSource, Failure),
    /// A typed credential was taken over; where it is kept now, and why not in the keyring if so.
    CredentialKept(ContextName, CredentialSource, Option<Failure>),
    /// No keyring is there for the credential in force; a file under a passphrase could keep it.
    FileOffered(ContextName),
    /// The credential in force is in a file too, or the reason why not.
    CredentialFiled(ContextName, Result<(), Failure>),
    /// Something was handed to the clipboard: a secret, or plain text.
    Copied(Secrecy, Result<Copied, Failure>),
    /// Copies go this way from now on.
    ClipboardSwitched(Road),
    /// The clipboard no longer holds what was put there, or it cannot be known.
    ClipboardCleared(Result<Cleared, Failure>),
    /// The secret stands in a new file.
    SecretWritten(Result<PathBuf, Failure>),
    /// The secret went to the context's command.
    SecretPiped(Result<String, Failure>),
    /// A plan stands in a new file, or could not be written.
    PlanWritten(Result<PlanFile, Failure>),
    /// The backends that a context can be made for.
    BackendsFound(Vec<Offer>),
    /// A context that was typed in on the first-run screen stands ready.
    ContextOpened(Result<Box<Context>, Failure>),
    /// The context is in the configuration file.
    ContextSaved(Result<PathBuf, Failure>),
    /// The embedded backend of the demo runs, and this is its context.
    DemoReady(Result<Box<Context>, Failure>),
}

/// A plan that stands in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanFile {
    /// The file.
    pub path: PathBuf,
    /// The SHA-256 of the plan, in hexadecimal.
    pub sha256: String,
}

/// What handing something to the clipboard came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copied {
    /// What may be said of it, in words.
    pub words: String,
    /// Whether it can be read back, compared and cleared.
    pub readable: Readable,
}

/// Whether a clipboard can be read back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Readable {
    /// It is cleared after 45 s if unchanged.
    Yes,
    /// Only its owner can clear it.
    No,
}

/// What became of a clipboard that was to be cleared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cleared {
    /// It is empty now; or nothing was handed over since the last time.
    Emptied,
    /// Somebody put something else there, which was left alone.
    Changed,
    /// It cannot be read.
    Unknown,
    /// It cannot be read, and the terminal was told to let go of what it holds.
    Told,
}

/// What the operating system asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// Stop: `SIGTERM`.
    Terminate,
    /// Stop: `SIGINT` from outside (the key is a key).
    Interrupt,
    /// Stop: `SIGQUIT`.
    Quit,
    /// The terminal is gone, with or without `SIGHUP`.
    HangUp,
    /// Make room: `SIGTSTP`.
    Suspend,
    /// Back again: `SIGCONT`.
    Continue,
}

impl Signal {
    /// Returns the exit code of a program ended by it.
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::HangUp => 129,
            Self::Interrupt => 130,
            Self::Quit => 131,
            Self::Terminate => 143,
            Self::Suspend | Self::Continue => 0,
        }
    }
}
