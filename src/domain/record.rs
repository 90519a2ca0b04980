//! What the journal holds: an intent before a request leaves, its result afterwards. No secrets.

use jiff::Timestamp;

use super::{ContextName, Nonce, Target, TokenId};

/// The number of a record in the journal, counting from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sequence(pub u64);

/// One record as it was or will be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Its number; 0 while it is not written.
    pub sequence: Sequence,
    /// When it was made, by this machine's clock.
    pub at: Timestamp,
    /// The context.
    pub context: ContextName,
    /// The ticket of the incident in which it was made; `None` outside of one.
    pub incident: Option<String>,
    /// What it says.
    pub body: RecordBody,
}

/// What a record says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RecordBody {
    /// Something is about to be asked.
    Intent(Deed),
    /// What came of an intent.
    Result {
        /// The intent.
        of: Sequence,
        /// What came of it.
        outcome: Outcome,
    },
    /// The operator declared the secret of an intent stored.
    Acknowledged {
        /// The intent that created it.
        of: Sequence,
        /// How: `copied`, `written`, `piped`, `printed`, `typed`, or `given up` at a later start.
        how: String,
    },
    /// A confirmed revocation begins; its tokens follow, all of them before the first is sent.
    Run(RunHeader),
    /// Some of the tokens that a run was confirmed for, in the order of sending.
    Targets {
        /// The run.
        run: RunId,
        /// The tokens as they were confirmed.
        tokens: Vec<Target>,
    },
    /// A later start goes on with a run.
    Resumed {
        /// The run.
        run: RunId,
    },
    /// Nothing was sent for a token of a run, and nothing will be: what was found when its turn came.
    Skipped {
        /// The run.
        run: RunId,
        /// The token.
        id: TokenId,
        /// When it was created.
        created: Option<Timestamp>,
        /// What was found: changed, gone already, or why it failed.
        outcome: Outcome,
    },
    /// A run is over: nothing more is sent on the strength of its confirmation.
    Ended {
        /// The run.
        run: RunId,
        /// How.
        how: RunEnd,
    },
    /// Something of the incident itself, whose ticket the record names.
    Incident(IncidentStep),
}

/// The name of a run: the same through all its resumptions.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RunId(String);

impl RunId {
    /// Takes text that was given to no other run.
    pub fn new(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// Returns the text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What was confirmed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunHeader {
    /// The run.
    pub run: RunId,
    /// How many tokens it has.
    pub tokens: usize,
    /// Whose credential it is done with, escaped; `None` where that is not known.
    pub principal: Option<String>,
    /// Why, as typed by the operator; `None` where nothing was typed.
    pub reason: Option<String>,
    /// The SHA-256 of the plan that it was done from, in hexadecimal; `None` where it was confirmed as it stood.
    pub plan: Option<String>,
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunEnd {
    /// Each of its tokens has its outcome.
    Over,
    /// The operator gave up what was left of it.
    GivenUp,
}

impl RunEnd {
    /// Returns the words for it.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Over => "over",
            Self::GivenUp => "given up",
        }
    }
}

/// Something that happened with an incident.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IncidentStep {
    /// It was opened, for this reason, as typed by the operator.
    Opened {
        /// The reason; may be empty.
        reason: String,
    },
    /// What was chosen, seen or said in it.
    Noted {
        /// In words.
        text: String,
    },
    /// Tokens were put on its worklist.
    Froze {
        /// The tokens as they were then.
        tokens: Vec<Target>,
    },
    /// It was closed.
    Closed,
}

/// What is about to be asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Deed {
    /// A new token.
    Create {
        /// Its label, as typed by the operator.
        label: String,
        /// Its roles.
        roles: Vec<String>,
        /// The name of the attempt.
        nonce: Nonce,
    },
    /// A changed label or expiry.
    Edit {
        /// The token.
        id: TokenId,
        /// Its label before, escaped.
        label: String,
        /// What changes, in words.
        change: String,
    },
    /// A new secret for a token.
    Rotate {
        /// The token.
        id: TokenId,
        /// Its label, escaped.
        label: String,
        /// When it was created.
        created: Option<Timestamp>,
    },
    /// The end of a token.
    Revoke {
        /// The token.
        id: TokenId,
        /// Its label, escaped.
        label: String,
        /// When it was created.
        created: Option<Timestamp>,
        /// The run it belongs to; `None` in journals of before runs were recorded.
        run: Option<RunId>,
    },
    /// The end of a token by its value, which stands nowhere.
    RevokeValue {
        /// As much of the value as may be shown, as `glpat-…x9f2`.
        shown: String,
        /// What the value looks like, in words.
        looks: String,
        /// The host that it is sent to, as `https://host:port`.
        host: String,
        /// The token that it is, where that is known.
        id: Option<TokenId>,
        /// When that was created.
        created: Option<Timestamp>,
    },
    /// Something that a word says whole: a token is switched off or on, or renewed.
    Switch {
        /// The token.
        id: TokenId,
        /// Its label, escaped.
        label: String,
        /// `disable`, `enable` or `renew`.
        word: String,
    },
}

impl Deed {
    /// Returns the word for it.
    pub fn word(&self) -> &str {
        match self {
            Self::Create { .. } => "create",
            Self::Edit { .. } => "edit",
            Self::Rotate { .. } => "rotate",
            Self::Revoke { .. } => "revoke",
            Self::RevokeValue { .. } => "revoke_value",
            Self::Switch { word, .. } => word,
        }
    }

    /// Tells whether a secret comes of it, which somebody has to declare stored.
    pub const fn gives_secret(&self) -> bool {
        matches!(self, Self::Create { .. } | Self::Rotate { .. })
    }

    /// Returns the label it names; of a value, as much as may be shown.
    pub fn label(&self) -> &str {
        match self {
            Self::Create { label, .. }
            | Self::Edit { label, .. }
            | Self::Rotate { label, .. }
            | Self::Revoke { label, .. }
            | Self::Switch { label, .. } => label,
            Self::RevokeValue { shown, .. } => shown,
        }
    }

    /// Returns the token it names; `None` for one that has no id, or none that is known.
    pub fn id(&self) -> Option<&TokenId> {
        match self {
            Self::Create { .. } => None,
            Self::RevokeValue { id, .. } => id.as_ref(),
            Self::Edit { id, .. } | Self::Rotate { id, .. } | Self::Revoke { id, .. } | Self::Switch { id, .. } => {
                Some(id)
            }
        }
    }
}

/// What came of an intent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The backend did it; for a create, with the id it gave.
    Done(Option<TokenId>),
    /// It was so before.
    AlreadyGone,
    /// The backend was asked again, and the token is dead.
    VerifiedDead,
    /// It was not sent, because somebody changed the token meanwhile.
    Changed,
    /// It was not sent, because the run was called off.
    NotSent,
    /// It failed without effect, with the reason.
    Failed(String),
    /// It was sent and no answer came, with the reason: unknown until somebody looks.
    Unverified(String),
    /// The backend said that it revoked the token, and still shows it alive, with the reason.
    StillAnswering(String),
    /// A later start looked: it had no effect.
    HadNoEffect,
}
