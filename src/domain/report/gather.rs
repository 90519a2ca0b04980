//! Tokens, runs and attempts, gathered record by record.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::{Covered, Fate, RunLine};
use crate::domain::{
    ContextName, Deed, IncidentStep, Outcome, Owner, Record, RecordBody, RunEnd, RunId, Sequence, Target, TokenId,
};

/// What tells a token apart.
type Key = (ContextName, TokenId, Option<Timestamp>);

/// An attempt at a token: one of a run, or a revocation of before runs were recorded.
#[derive(Debug)]
struct Attempt {
    token: usize,
    run: Option<RunId>,
    fate: Option<Fate>,
    /// When an earlier attempt was sent, in case this one is not.
    before: Option<Timestamp>,
}

/// What was gathered of the records so far.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    tokens: Vec<Covered>,
    places: BTreeMap<Key, usize>,
    /// Values that are no known tokens: their context, what is shown of them, and the host.
    values: BTreeMap<(ContextName, String, String), usize>,
    attempts: Vec<Attempt>,
    of_intents: BTreeMap<Sequence, usize>,
    of_runs: BTreeMap<(RunId, usize), usize>,
    runs: Vec<RunLine>,
    ended: BTreeMap<RunId, RunEnd>,
    /// The runs that can be gone on with.
    going: BTreeSet<RunId>,
}

impl Gathered {
    /// Makes one that knows which runs can be gone on with.
    pub(super) fn new(going: BTreeSet<RunId>) -> Self {
        Self { going, ..Self::default() }
    }

    /// Takes a record.
    pub(super) fn take(&mut self, record: &Record) {
        match &record.body {
            RecordBody::Run(header) => {
                let (at, context, header) = (record.at, record.context.clone(), header.clone());
                self.runs.push(RunLine { at, context, header, ended: None });
            }
            RecordBody::Targets { run, tokens } => {
                for target in tokens {
                    let token = self.target(record, target);
                    self.tokens[token].run = Some(run.clone());
                    self.attempt(token, Some(run));
                }
            }
            // What was put on a worklist is in scope, whether or not it was sent.
            RecordBody::Incident(IncidentStep::Froze { tokens }) => {
                for target in tokens {
                    self.described(&record.context, target);
                }
            }
            RecordBody::Intent(Deed::Revoke { id, label, created, run }) => {
                let place = self.token(&record.context, id, *created, label);
                self.sent(record, place, run.as_ref());
            }
            RecordBody::Intent(Deed::RevokeValue { shown, host, id, created, .. }) => {
                let place = match id {
                    Some(id) => self.token(&record.context, id, *created, shown),
                    None => self.value(&record.context, shown, host),
                };
                self.sent(record, place, None);
            }
            RecordBody::Skipped { run, id, created, outcome } => {
                let place = self.token(&record.context, id, *created, "");
                let attempt = self.attempt(place, Some(run));
                self.attempts[attempt].fate = Some(Fate::of(outcome));
            }
            RecordBody::Result { of, outcome } => self.result(record.at, *of, outcome),
            RecordBody::Ended { run, how } => {
                self.ended.insert(run.clone(), *how);
                if let Some(line) = self.runs.iter_mut().rfind(|line| line.header.run == *run) {
                    line.ended = Some((record.at, *how));
                }
            }
            RecordBody::Intent(_)
            | RecordBody::Acknowledged { .. }
            | RecordBody::Resumed { .. }
            | RecordBody::Incident(_) => {}
        }
    }

    /// Takes an intent: until there is a result nobody knows.
    fn sent(&mut self, record: &Record, place: usize, run: Option<&RunId>) {
        let attempt = self.attempt(place, run);
        self.attempts[attempt].fate = Some(Fate::Unverified("its result was never recorded".into()));
        self.attempts[attempt].before = self.tokens[place].intended.replace(record.at);
        self.of_intents.insert(record.sequence, attempt);
    }

    fn result(&mut self, at: Timestamp, of: Sequence, outcome: &Outcome) {
        let Some(attempt) = self.of_intents.get(&of).and_then(|place| self.attempts.get_mut(*place)) else { return };
        let fate = Fate::of(outcome);
        let token = &mut self.tokens[attempt.token];
        if matches!(fate, Fate::Skipped(_)) {
            token.intended = attempt.before;
        } else {
            token.answered = token.answered.or(Some(at));
        }
        if fate == Fate::Verified {
            token.proved = Some(at);
        }
        attempt.fate = Some(match attempt.fate.take() {
            Some(before @ (Fate::Revoked | Fate::Verified)) => before.then(fate),
            Some(_) | None => fate,
        });
    }

    /// Returns the place of a token of a confirmed set.
    fn target(&mut self, record: &Record, target: &Target) -> usize {
        let place = self.described(&record.context, target);
        let token = &mut self.tokens[place];
        token.confirmed = token.confirmed.or(Some(record.at));
        place
    }

    /// Returns the place of a token that is described.
    fn described(&mut self, context: &ContextName, target: &Target) -> usize {
        let place = self.token(context, &target.id, target.created, target.label.raw());
        let token = &mut self.tokens[place];
        (token.label, token.owner, token.roles) = (target.label.clone(), target.owner.clone(), target.roles.clone());
        place
    }

    /// Returns the place of a token, made for one that was not named yet.
    fn token(&mut self, context: &ContextName, id: &TokenId, created: Option<Timestamp>, label: &str) -> usize {
        let place = self.tokens.len();
        let place = *self.places.entry((context.clone(), id.clone(), created)).or_insert(place);
        if place == self.tokens.len() {
            self.tokens.push(covered(context, Some(id.clone()), created, label));
        }
        place
    }

    /// Returns the place of a value that is no known token, made for one that was not named yet. One of which no more is
    /// shown than all of its kind begin with is another one each time.
    fn value(&mut self, context: &ContextName, shown: &str, host: &str) -> usize {
        let new = self.tokens.len();
        let place = if shown.ends_with('…') {
            new
        } else {
            *self.values.entry((context.clone(), shown.to_owned(), host.to_owned())).or_insert(new)
        };
        if place == new {
            self.tokens.push(covered(context, None, None, shown));
        }
        place
    }

    /// Returns the place of the attempt of a run at a token; outside of a run each is one of its own.
    fn attempt(&mut self, token: usize, run: Option<&RunId>) -> usize {
        let place = self.attempts.len();
        let place = match run {
            Some(run) => *self.of_runs.entry((run.clone(), token)).or_insert(place),
            None => place,
        };
        if place == self.attempts.len() {
            self.attempts.push(Attempt { token, run: run.cloned(), fate: None, before: None });
        }
        place
    }

    /// Returns the runs, and the tokens with what became of them.
    pub(super) fn close(mut self) -> (Vec<RunLine>, Vec<Covered>) {
        let mut fates: Vec<Option<Fate>> = vec![None; self.tokens.len()];
        for attempt in std::mem::take(&mut self.attempts) {
            let fate = attempt.fate.unwrap_or_else(|| Fate::Skipped(self.unsent(attempt.run.as_ref()).to_owned()));
            let slot = &mut fates[attempt.token];
            *slot = Some(match slot.take() {
                Some(before) => before.then(fate),
                None => fate,
            });
        }
        for (token, fate) in self.tokens.iter_mut().zip(fates) {
            token.fate = fate.unwrap_or_else(|| Fate::Skipped("nothing was sent".into()));
        }
        (self.runs, self.tokens)
    }

    /// Says why nothing was sent for a token of a run.
    fn unsent(&self, run: Option<&RunId>) -> &'static str {
        let Some(run) = run else { return "nothing was sent" };
        match self.ended.get(run) {
            Some(RunEnd::GivenUp) => "the run was given up before it was sent",
            Some(RunEnd::Over) => "it was changed, gone or refused before it was sent",
            None if self.going.contains(run) => "the run is not finished",
            None => "the run ended before it was sent",
        }
    }
}

/// Returns a token of which no more is known than this.
fn covered(context: &ContextName, id: Option<TokenId>, created: Option<Timestamp>, label: &str) -> Covered {
    Covered {
        context: context.clone(),
        id,
        label: label.into(),
        owner: Owner::Unknown,
        roles: None,
        created,
        fate: Fate::Skipped(String::new()),
        confirmed: None,
        intended: None,
        answered: None,
        proved: None,
        run: None,
    }
}
