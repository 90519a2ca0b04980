//! What became of tokens, from the records alone: coverage, a line a token, what is open, and what happened when.
//!
//! A report says no more than the journal does. What was never sent is skipped, with the reason; what was sent and has
//! no result is unverified; dead is only what the backend was asked about again.

mod gather;

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::{
    ContextName, Deed, IncidentStep, Outcome, Owner, Record, RecordBody, RunEnd, RunHeader, RunId, Sequence, TokenId,
    Unsettled, Untrusted, unfinished, unsettled,
};
use gather::Gathered;

/// Which records a report is about. Without anything, all of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct About {
    /// Those of this incident.
    pub incident: Option<String>,
    /// Those since then.
    pub since: Option<Timestamp>,
}

/// What became of tokens, and what happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// What it is about.
    pub about: About,
    /// Why incidents were opened, in their order.
    pub reasons: Vec<String>,
    /// The tokens that were to be revoked, in the order in which they were first named.
    pub tokens: Vec<Covered>,
    /// The runs, in their order.
    pub runs: Vec<RunLine>,
    /// What is left open.
    pub open: Vec<Unsettled>,
    /// The records themselves, in order.
    pub records: Vec<Record>,
}

/// A confirmed revocation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunLine {
    /// When it was confirmed.
    pub at: Timestamp,
    /// The one context it is in.
    pub context: ContextName,
    /// What was confirmed.
    pub header: RunHeader,
    /// When it ended, and how; `None` for one that can be gone on with, or never began.
    pub ended: Option<(Timestamp, RunEnd)>,
}

/// A token that was to be revoked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Covered {
    /// Its context.
    pub context: ContextName,
    /// Its id; `None` for a value of which nobody knows which token it is.
    pub id: Option<TokenId>,
    /// Its label, as the backend gave it, or escaped where no more is known; of a value, as much as may be shown.
    pub label: Untrusted,
    /// Who it acted for.
    pub owner: Owner,
    /// Its roles; `None` where they are not known.
    pub roles: Option<Vec<Untrusted>>,
    /// When it was created; `None` where that is not known.
    pub created: Option<Timestamp>,
    /// What became of it.
    pub fate: Fate,
    /// When its revocation was confirmed; `None` in journals of before runs were recorded.
    pub confirmed: Option<Timestamp>,
    /// When its intent was made durable, just before it was sent, as far as is known; `None` where nothing was sent.
    pub intended: Option<Timestamp>,
    /// When its first result was recorded.
    pub answered: Option<Timestamp>,
    /// When it was proved dead.
    pub proved: Option<Timestamp>,
    /// The last run it was in.
    pub run: Option<RunId>,
}

/// What became of a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// Revoked, and the backend was asked again: it is dead.
    Verified,
    /// The backend said that it was revoked, and that was not proved.
    Revoked,
    /// It was gone before it was sent.
    Gone,
    /// The backend said that it was revoked, and still shows it alive, with the reason.
    StillAnswering(String),
    /// It was sent, and nobody knows what became of it, with the reason.
    Unverified(String),
    /// It failed without effect, with the reason.
    Failed(String),
    /// Nothing was sent, with the reason.
    Skipped(String),
}

impl Fate {
    /// Returns a word for it.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Verified | Self::Revoked => "revoked",
            Self::Gone => "already gone",
            Self::StillAnswering(_) => "still answering",
            Self::Unverified(_) => "unverified",
            Self::Failed(_) => "failed",
            Self::Skipped(_) => "skipped",
        }
    }

    /// Returns the reason, where there is one.
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Verified | Self::Revoked | Self::Gone => None,
            Self::StillAnswering(why) | Self::Unverified(why) | Self::Failed(why) | Self::Skipped(why) => Some(why),
        }
    }

    /// Tells whether the token is no more, as far as the backend says.
    pub const fn is_dead(&self) -> bool {
        matches!(self, Self::Verified | Self::Revoked | Self::Gone)
    }

    fn of(outcome: &Outcome) -> Self {
        match outcome {
            Outcome::VerifiedDead => Self::Verified,
            Outcome::Done(_) => Self::Revoked,
            Outcome::AlreadyGone => Self::Gone,
            Outcome::StillAnswering(why) => Self::StillAnswering(why.clone()),
            Outcome::Unverified(why) => Self::Unverified(why.clone()),
            Outcome::Failed(why) => Self::Failed(why.clone()),
            Outcome::HadNoEffect => {
                Self::Failed("it had no effect: the token still lived when a later start looked".into())
            }
            Outcome::Changed => Self::Skipped("somebody changed it after it was confirmed".into()),
            Outcome::NotSent => Self::Skipped("the run was called off before it was sent".into()),
        }
    }

    /// Returns what is known after one more attempt.
    fn then(self, later: Self) -> Self {
        match (&self, &later) {
            // It was revoked from here, and is gone when asked again: that is the proof.
            (Self::Revoked, Self::Gone) => Self::Verified,
            // What is dead stays dead, whatever a later attempt did not do; what shows it alive counts.
            (dead, Self::Failed(_) | Self::Skipped(_) | Self::Unverified(_)) if dead.is_dead() => self,
            (Self::Verified, Self::Revoked | Self::Gone)
            | (Self::StillAnswering(_) | Self::Unverified(_), Self::Skipped(_)) => self,
            _ => later,
        }
    }
}

/// How many tokens came to what. Each is counted once; `verified` is a part of `revoked`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Coverage {
    /// All that were to be revoked.
    pub in_scope: usize,
    /// Revoked from here.
    pub revoked: usize,
    /// Of these, those that the backend was asked about again: they are dead.
    pub verified: usize,
    /// Gone before they were sent.
    pub already_gone: usize,
    /// Said to be revoked, and still alive when asked again.
    pub still_answering: usize,
    /// Failed without effect.
    pub failed: usize,
    /// Not sent.
    pub skipped: usize,
    /// Sent, and nobody knows.
    pub unverified: usize,
}

impl Report {
    /// Counts the tokens.
    pub fn coverage(&self) -> Coverage {
        let mut coverage = Coverage { in_scope: self.tokens.len(), ..Coverage::default() };
        for token in &self.tokens {
            let count = match token.fate {
                Fate::Verified | Fate::Revoked => &mut coverage.revoked,
                Fate::Gone => &mut coverage.already_gone,
                Fate::StillAnswering(_) => &mut coverage.still_answering,
                Fate::Unverified(_) => &mut coverage.unverified,
                Fate::Failed(_) => &mut coverage.failed,
                Fate::Skipped(_) => &mut coverage.skipped,
            };
            *count += 1;
            coverage.verified += usize::from(token.fate == Fate::Verified);
        }
        coverage
    }

    /// Returns the contexts that it names, each once, in the order of their names.
    pub fn contexts(&self) -> BTreeSet<&ContextName> {
        self.tokens.iter().map(|token| &token.context).collect()
    }
}

/// Makes the report of what records say.
pub fn report(records: &[Record], about: &About) -> Report {
    let chosen = chosen(records, about);
    let is_chosen = |sequence: &Sequence| chosen.binary_search_by_key(sequence, |record| record.sequence).is_ok();
    // All records, since what is open depends on what came after.
    let going = unfinished(records).into_iter().map(|left| left.run).collect();
    let mut gathered = Gathered::new(going);
    for record in &chosen {
        gathered.take(record);
    }
    let open = unsettled(records).into_iter().filter(|left| is_chosen(&left.intent)).collect();
    let reasons = chosen.iter().filter_map(|record| {
        let RecordBody::Incident(IncidentStep::Opened { reason }) = &record.body else { return None };
        (!reason.is_empty()).then(|| reason.clone())
    });
    let reasons = reasons.collect();
    let (runs, tokens) = gathered.close();
    Report { about: about.clone(), reasons, tokens, runs, open, records: chosen.into_iter().cloned().collect() }
}

/// Returns the records that a report is about: those that are meant, and what belongs to the same intents and runs, so
/// that a proof that came after the incident was closed is not missing.
fn chosen<'a>(records: &'a [Record], about: &About) -> Vec<&'a Record> {
    let meant = |record: &Record| {
        about.since.is_none_or(|since| record.at >= since)
            && about.incident.as_ref().is_none_or(|ticket| record.incident.as_ref() == Some(ticket))
    };
    let (mut intents, mut runs) = (BTreeSet::new(), BTreeSet::new());
    for record in records.iter().filter(|record| meant(record)) {
        intents.extend(of(record).or(matches!(record.body, RecordBody::Intent(_)).then_some(record.sequence)));
        runs.extend(run_of(record));
    }
    for record in records {
        if intents.contains(&record.sequence) {
            runs.extend(run_of(record));
        }
    }
    for record in records {
        if matches!(record.body, RecordBody::Intent(_)) && run_of(record).is_some_and(|run| runs.contains(run)) {
            intents.insert(record.sequence);
        }
    }
    let belongs = |record: &&Record| {
        meant(record)
            || intents.contains(&record.sequence)
            || of(record).is_some_and(|intent| intents.contains(&intent))
            || run_of(record).is_some_and(|run| runs.contains(run))
    };
    records.iter().filter(belongs).collect()
}

/// Returns the intent that a record is about.
const fn of(record: &Record) -> Option<Sequence> {
    match &record.body {
        RecordBody::Result { of, .. } | RecordBody::Acknowledged { of, .. } => Some(*of),
        RecordBody::Intent(_)
        | RecordBody::Run(_)
        | RecordBody::Targets { .. }
        | RecordBody::Resumed { .. }
        | RecordBody::Skipped { .. }
        | RecordBody::Ended { .. }
        | RecordBody::Incident(_) => None,
    }
}

/// Returns the run that a record belongs to.
const fn run_of(record: &Record) -> Option<&RunId> {
    match &record.body {
        RecordBody::Run(header) => Some(&header.run),
        RecordBody::Targets { run, .. }
        | RecordBody::Resumed { run }
        | RecordBody::Skipped { run, .. }
        | RecordBody::Ended { run, .. } => Some(run),
        RecordBody::Intent(Deed::Revoke { run, .. }) => run.as_ref(),
        RecordBody::Intent(_)
        | RecordBody::Result { .. }
        | RecordBody::Acknowledged { .. }
        | RecordBody::Incident(_) => None,
    }
}

#[cfg(test)]
mod tests;
