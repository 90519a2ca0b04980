//! Runs that a journal leaves unfinished, and how far each of their tokens came.

use std::collections::HashMap;

use jiff::Timestamp;

use super::{ContextName, Deed, Outcome, Record, RecordBody, RunId, Sequence, Target, TokenId};

/// A run that was confirmed and is not over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unfinished {
    /// Its name.
    pub run: RunId,
    /// When it was confirmed.
    pub at: Timestamp,
    /// The one context it is in.
    pub context: ContextName,
    /// The ticket of the incident it belongs to; `None` for none.
    pub incident: Option<String>,
    /// Its tokens in the order of sending, and how far each came.
    pub tokens: Vec<(Target, Step)>,
}

/// How far a token of an unfinished run came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Nothing was sent for it.
    Waiting,
    /// Its intent is durable, and whether it was sent or what came of it is unknown: it is read before anything is sent.
    Open(Sequence),
    /// The backend said that it revoked it, and was not asked again.
    Told(Sequence),
    /// It has its outcome.
    Over(Outcome),
}

impl Step {
    /// Returns the intent that waits for a result; `None` where none does.
    pub const fn intent(&self) -> Option<Sequence> {
        match self {
            Self::Open(intent) | Self::Told(intent) => Some(*intent),
            Self::Waiting | Self::Over(_) => None,
        }
    }
}

/// Returns the runs that the records leave unfinished, oldest first.
///
/// A run whose tokens are not all in the journal never began: they are made durable before the first of them is sent.
/// So did one never begin that has nothing left to do.
pub fn unfinished(records: &[Record]) -> Vec<Unfinished> {
    let mut all: Vec<(Unfinished, usize)> = Vec::new();
    let mut intents: HashMap<Sequence, (usize, usize)> = HashMap::new();
    let mut places: HashMap<(usize, TokenId, Option<Timestamp>), usize> = HashMap::new();
    let at = |all: &[(Unfinished, usize)], run: &RunId| all.iter().rposition(|(left, _)| left.run == *run);
    for record in records {
        match &record.body {
            RecordBody::Run(header) => {
                let (context, incident) = (record.context.clone(), record.incident.clone());
                let left = Unfinished { run: header.run.clone(), at: record.at, context, incident, tokens: Vec::new() };
                all.push((left, header.tokens));
            }
            RecordBody::Targets { run, tokens } => {
                let Some(at) = at(&all, run) else { continue };
                for token in tokens {
                    places.insert((at, token.id.clone(), token.created), all[at].0.tokens.len());
                    all[at].0.tokens.push((token.clone(), Step::Waiting));
                }
            }
            RecordBody::Intent(Deed::Revoke { id, created, run: Some(run), .. }) => {
                let Some(at) = at(&all, run) else { continue };
                let Some(place) = places.get(&(at, id.clone(), *created)) else { continue };
                intents.insert(record.sequence, (at, *place));
                all[at].0.tokens[*place].1 = Step::Open(record.sequence);
            }
            RecordBody::Result { of, outcome } => {
                if let Some((at, place)) = intents.get(of) {
                    all[*at].0.tokens[*place].1 = after(*of, outcome);
                }
            }
            RecordBody::Skipped { run, id, created, outcome } => {
                let Some(at) = at(&all, run) else { continue };
                if let Some(place) = places.get(&(at, id.clone(), *created)) {
                    all[at].0.tokens[*place].1 = Step::Over(outcome.clone());
                }
            }
            RecordBody::Ended { run, .. } => {
                if let Some(at) = at(&all, run) {
                    all[at].1 = 0;
                }
            }
            RecordBody::Intent(_)
            | RecordBody::Acknowledged { .. }
            | RecordBody::Resumed { .. }
            | RecordBody::Incident(_) => {}
        }
    }
    let open = |left: &Unfinished| left.tokens.iter().any(|(_, step)| !matches!(step, Step::Over(_)));
    let going = all.into_iter().filter(|(left, tokens)| left.tokens.len() == *tokens && open(left));
    going.map(|(left, _)| left).collect()
}

/// Returns how far a token is whose intent has this result.
fn after(intent: Sequence, outcome: &Outcome) -> Step {
    match outcome {
        Outcome::Done(_) => Step::Told(intent),
        Outcome::NotSent => Step::Waiting,
        Outcome::Unverified(_) => Step::Open(intent),
        Outcome::AlreadyGone
        | Outcome::VerifiedDead
        | Outcome::Changed
        | Outcome::Failed(_)
        | Outcome::StillAnswering(_)
        | Outcome::HadNoEffect => Step::Over(outcome.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::token::tests::token;
    use crate::domain::{RunEnd, RunHeader, unsettled};

    fn run() -> RunId {
        RunId::new("r-1")
    }

    fn begun(tokens: usize, chunks: &[&[&str]]) -> Vec<RecordBody> {
        let header = RunHeader { run: run(), tokens, principal: None, reason: None, plan: None };
        let targets = chunks.iter().map(|ids| {
            let tokens = ids.iter().map(|id| Target::from(&token(id, "ci"))).collect();
            RecordBody::Targets { run: run(), tokens }
        });
        std::iter::once(RecordBody::Run(header)).chain(targets).collect()
    }

    fn intent(id: &str) -> RecordBody {
        let (id, label, created) = (TokenId::parse(id).expect("lawful"), "ci".to_owned(), Some(Timestamp::UNIX_EPOCH));
        RecordBody::Intent(Deed::Revoke { id, label, created, run: Some(run()) })
    }

    fn result(of: u64, outcome: Outcome) -> RecordBody {
        RecordBody::Result { of: Sequence(of), outcome }
    }

    fn records(parts: &[Vec<RecordBody>]) -> Vec<Record> {
        let (at, context) = (Timestamp::UNIX_EPOCH, ContextName::parse("prod").expect("lawful"));
        let number =
            |(body, number)| Record { sequence: Sequence(number), at, context: context.clone(), incident: None, body };
        parts.concat().into_iter().zip(1..).map(number).collect()
    }

    fn steps(parts: &[Vec<RecordBody>]) -> Vec<Vec<Step>> {
        let left = unfinished(&records(parts));
        left.into_iter().map(|left| left.tokens.into_iter().map(|(_, step)| step).collect()).collect()
    }

    #[test]
    fn each_token_is_as_far_as_its_last_record_says() {
        let begun = begun(8, &[&["1", "2", "3", "4", "5"], &["6", "7", "8"]]);
        // The first intent is the fourth record.
        let sent = vec![intent("1"), intent("2"), intent("3"), intent("4"), intent("5"), intent("6"), intent("7")];
        let came = vec![
            result(5, Outcome::Done(None)),
            result(6, Outcome::Done(None)),
            result(6, Outcome::VerifiedDead),
            result(7, Outcome::Unverified("cut".into())),
            result(8, Outcome::NotSent),
            result(9, Outcome::Failed("forbidden".into())),
            result(10, Outcome::StillAnswering("alive".into())),
        ];
        let expected = vec![
            Step::Open(Sequence(4)),
            Step::Told(Sequence(5)),
            Step::Over(Outcome::VerifiedDead),
            Step::Open(Sequence(7)),
            Step::Waiting,
            Step::Over(Outcome::Failed("forbidden".into())),
            Step::Over(Outcome::StillAnswering("alive".into())),
            Step::Waiting,
        ];
        assert_eq!(steps(&[begun, sent, came]), [expected]);
    }

    #[test]
    fn a_token_that_was_skipped_is_over_and_is_not_sent_later() {
        let skipped = |token: &str, outcome| {
            let (id, created) = (TokenId::parse(token).expect("lawful"), Some(Timestamp::UNIX_EPOCH));
            RecordBody::Skipped { run: run(), id, created, outcome }
        };
        let begun = begun(3, &[&["1", "2", "3"]]);
        let came = vec![skipped("1", Outcome::Changed), intent("2"), skipped("9", Outcome::Changed)];
        let expected = vec![Step::Over(Outcome::Changed), Step::Open(Sequence(4)), Step::Waiting];
        assert_eq!(steps(&[begun.clone(), came]), [expected]);
        let all = ["1", "2", "3"].map(|token| skipped(token, Outcome::Failed("forbidden".into())));
        assert_eq!(steps(&[begun, all.to_vec()]), Vec::<Vec<Step>>::new());
    }

    #[test]
    fn a_run_that_is_over_or_given_up_is_not_unfinished() {
        for how in [RunEnd::Over, RunEnd::GivenUp] {
            let end = RecordBody::Ended { run: run(), how };
            assert_eq!(steps(&[begun(1, &[&["1"]]), vec![intent("1"), end]]), Vec::<Vec<Step>>::new());
        }
        let all_over = vec![begun(1, &[&["1"]]), vec![intent("1"), result(3, Outcome::VerifiedDead)]];
        assert_eq!(steps(&all_over), Vec::<Vec<Step>>::new());
    }

    #[test]
    fn a_run_whose_tokens_are_not_all_there_never_began() {
        assert_eq!(steps(&[begun(3, &[&["1", "2"]])]), Vec::<Vec<Step>>::new());
        assert_eq!(steps(&[begun(3, &[])]), Vec::<Vec<Step>>::new());
        assert_eq!(steps(&[begun(2, &[&["1", "2"]])]), [vec![Step::Waiting, Step::Waiting]]);
    }

    #[test]
    fn an_intent_is_settled_by_its_run_until_that_is_given_up() {
        let going = vec![begun(2, &[&["1", "2"]]), vec![intent("1")]];
        assert_eq!(unsettled(&records(&going)), []);
        let given_up = vec![RecordBody::Ended { run: run(), how: RunEnd::GivenUp }];
        let left = unsettled(&records(&[going, vec![given_up]].concat()));
        assert_eq!(left.iter().map(|left| left.intent).collect::<Vec<_>>(), [Sequence(3)]);
    }
}
