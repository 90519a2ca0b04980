//! What records say, in words.

use std::borrow::Cow;

use super::{Deed, IncidentStep, Outcome, RecordBody, RunHeader, escape};

impl Deed {
    /// Returns what is or was about to be done.
    pub fn words(&self) -> String {
        let label = escape(self.label());
        let what = match self {
            Self::Create { roles, .. } => format!("create {label} ({})", escape(&roles.join(", "))),
            Self::Edit { change, .. } => format!("edit {label}: {}", escape(change)),
            Self::Rotate { .. } | Self::Revoke { .. } | Self::Switch { .. } => format!("{} {label}", self.word()),
            Self::RevokeValue { looks, host, .. } => {
                format!("revoke the value {label} ({}) at {}", escape(looks), escape(host))
            }
        };
        match self.id() {
            Some(id) => format!("{what} [{id}]"),
            None => what,
        }
    }
}

impl Outcome {
    /// Returns what came of it.
    pub fn words(&self) -> Cow<'static, str> {
        let because = |what: &str, why: &str| Cow::Owned(format!("{what}: {}", escape(why)));
        match self {
            Self::Done(None) => "done".into(),
            Self::Done(Some(id)) => format!("done [{id}]").into(),
            Self::AlreadyGone => "already gone".into(),
            Self::VerifiedDead => "verified dead".into(),
            Self::Changed => "not sent: changed".into(),
            Self::NotSent => "not sent: called off".into(),
            Self::Failed(why) => because("failed", why),
            Self::Unverified(why) => because("unverified", why),
            Self::StillAnswering(why) => because("still answering", why),
            Self::HadNoEffect => "had no effect".into(),
        }
    }
}

impl RunHeader {
    /// Returns what was confirmed.
    pub fn words(&self) -> String {
        let tokens = if self.tokens == 1 { "token" } else { "tokens" };
        let by = self.principal.as_ref().map_or_else(String::new, |name| format!(" as {}", escape(name)));
        let why = self.reason.as_ref().map_or_else(String::new, |reason| format!(": {}", escape(reason)));
        let from = self.plan.as_ref().map_or_else(String::new, |plan| format!(", from the plan {}", escape(plan)));
        format!("revoke {} {tokens}{by}{from}{why}", self.tokens)
    }
}

impl IncidentStep {
    /// Returns what happened.
    pub fn words(&self) -> Cow<'static, str> {
        match self {
            Self::Opened { reason } if reason.is_empty() => "incident opened".into(),
            Self::Opened { reason } => format!("incident opened: {}", escape(reason)).into(),
            Self::Noted { text } => escape(text).into_owned().into(),
            Self::Froze { tokens } => {
                let labels: Vec<_> = tokens.iter().map(|token| token.label.shown()).collect();
                format!("on the worklist: {}", labels.join(", ")).into()
            }
            Self::Closed => "incident closed".into(),
        }
    }
}

impl RecordBody {
    /// Returns what it says, in one line.
    pub fn words(&self) -> Cow<'_, str> {
        match self {
            Self::Intent(deed) => deed.words().into(),
            Self::Result { of, outcome } => format!("#{} {}", of.0, outcome.words()).into(),
            Self::Acknowledged { of, how } => format!("#{} secret stored: {}", of.0, escape(how)).into(),
            Self::Run(header) => header.words().into(),
            Self::Targets { tokens, .. } => {
                let labels: Vec<_> = tokens.iter().map(|token| token.label.shown()).collect();
                let tokens = if tokens.len() == 1 { "token" } else { "tokens" };
                format!("{} {tokens} to revoke: {}", labels.len(), labels.join(", ")).into()
            }
            Self::Resumed { .. } => "the revocation goes on".into(),
            Self::Skipped { id, outcome, .. } => {
                let outcome = outcome.words();
                format!("skipped [{id}]: {}", outcome.strip_prefix("not sent: ").unwrap_or(&outcome)).into()
            }
            Self::Ended { how, .. } => format!("the revocation is {}", how.words()).into(),
            Self::Incident(step) => step.words(),
        }
    }

    /// Returns a word for its kind.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Intent(_) => "intent",
            Self::Result { .. } => "result",
            Self::Acknowledged { .. } => "acknowledged",
            Self::Run(_) => "run",
            Self::Targets { .. } => "targets",
            Self::Resumed { .. } => "resumed",
            Self::Skipped { .. } => "skipped",
            Self::Ended { .. } => "ended",
            Self::Incident(_) => "incident",
        }
    }
}
