//! What a journal leaves open: intents whose effect nobody knows, and secrets that nobody declared stored.

use std::collections::{BTreeMap, HashSet};

use jiff::Timestamp;

use super::{ContextName, Deed, Outcome, Record, RecordBody, Sequence, TokenId, unfinished};

/// Something that an earlier run of the program did not bring to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsettled {
    /// The intent.
    pub intent: Sequence,
    /// When it was made.
    pub at: Timestamp,
    /// The context.
    pub context: ContextName,
    /// What was to be done.
    pub deed: Deed,
    /// What is open about it.
    pub why: Why,
}

/// What is open about an intent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// Its result was never written: the program ended before, and it may or may not have been sent.
    NoResult,
    /// It was sent and no answer came, with the reason.
    Unverified(String),
    /// The backend said that it was done, and still showed the token alive, with the reason.
    StillAnswering(String),
    /// It was done, and the secret it gave was never declared stored.
    NotAcknowledged {
        /// The token that has the secret; `None` where the backend gave no id.
        token: Option<TokenId>,
    },
}

/// Returns what the records leave open, oldest first.
///
/// The last result of an intent counts. What belongs to a run that can be gone on with is left to that. A secret is no longer open once its token was revoked from here, and
/// nothing is that the operator was done with.
pub fn unsettled(records: &[Record]) -> Vec<Unsettled> {
    let mut intents = BTreeMap::new();
    let mut outcomes: BTreeMap<Sequence, &Outcome> = BTreeMap::new();
    let mut acknowledged = HashSet::new();
    for record in records {
        match &record.body {
            RecordBody::Intent(deed) => {
                intents.insert(record.sequence, (record, deed));
            }
            RecordBody::Result { of, outcome } => {
                outcomes.insert(*of, outcome);
            }
            RecordBody::Acknowledged { of, .. } => {
                acknowledged.insert(*of);
            }
            RecordBody::Run(_)
            | RecordBody::Targets { .. }
            | RecordBody::Resumed { .. }
            | RecordBody::Skipped { .. }
            | RecordBody::Ended { .. }
            | RecordBody::Incident(_) => {}
        }
    }
    let is_dead =
        |outcome: &Outcome| matches!(outcome, Outcome::Done(_) | Outcome::AlreadyGone | Outcome::VerifiedDead);
    // The dead, with when they died: a token that gets the same id later is another one.
    let dead = |context: &ContextName, token: &TokenId, since: Sequence| {
        intents.range(since..).any(|(number, (record, deed))| match deed {
            Deed::Revoke { id, .. } | Deed::RevokeValue { id: Some(id), .. } => {
                id == token
                    && record.context == *context
                    && outcomes.get(number).is_some_and(|outcome| is_dead(outcome))
            }
            Deed::Create { .. }
            | Deed::Edit { .. }
            | Deed::Rotate { .. }
            | Deed::RevokeValue { id: None, .. }
            | Deed::Switch { .. } => false,
        })
    };
    let open = |number: Sequence, record: &Record, deed: &Deed| match outcomes.get(&number) {
        // Declared stored, or given up at a later start.
        _ if acknowledged.contains(&number) => None,
        None => Some(Why::NoResult),
        Some(Outcome::Unverified(reason)) => Some(Why::Unverified(reason.clone())),
        Some(Outcome::StillAnswering(reason)) => Some(Why::StillAnswering(reason.clone())),
        Some(Outcome::Done(id)) if deed.gives_secret() => {
            let token = id.as_ref().or_else(|| deed.id());
            let dead = token.is_some_and(|token| dead(&record.context, token, number));
            (!dead).then(|| Why::NotAcknowledged { token: token.cloned() })
        }
        Some(_) => None,
    };
    let going: HashSet<_> = unfinished(records).into_iter().map(|left| left.run).collect();
    let of_run = |deed: &Deed| matches!(deed, Deed::Revoke { run: Some(run), .. } if going.contains(run));
    let all = intents.iter().filter(|(_, (_, deed))| !of_run(deed)).filter_map(|(number, (record, deed))| {
        let why = open(*number, record, deed)?;
        let (at, context) = (record.at, record.context.clone());
        Some(Unsettled { intent: *number, at, context, deed: (*deed).clone(), why })
    });
    all.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Nonce;

    fn id(text: &str) -> TokenId {
        TokenId::parse(text).expect("lawful")
    }

    fn create() -> RecordBody {
        RecordBody::Intent(Deed::Create { label: "ci".into(), roles: Vec::new(), nonce: Nonce::new("n") })
    }

    fn rotate(token: &str) -> RecordBody {
        RecordBody::Intent(Deed::Rotate { id: id(token), label: "ci".into(), created: None })
    }

    fn revoke(token: &str) -> RecordBody {
        RecordBody::Intent(Deed::Revoke { id: id(token), label: "ci".into(), created: None, run: None })
    }

    fn result(of: u64, outcome: Outcome) -> RecordBody {
        RecordBody::Result { of: Sequence(of), outcome }
    }

    fn acknowledged(of: u64) -> RecordBody {
        RecordBody::Acknowledged { of: Sequence(of), how: "copied".into() }
    }

    #[test]
    fn what_was_given_up_is_not_offered_again() {
        let lost = || result(1, Outcome::Unverified("no answer".into()));
        assert_eq!(open(vec![revoke("a"), lost()]), [(1, Why::Unverified("no answer".into()))]);
        assert_eq!(open(vec![revoke("a"), lost(), acknowledged(1)]), []);
        assert_eq!(open(vec![create(), acknowledged(1)]), []);
    }

    /// Returns what is open after these records, as numbers and reasons.
    fn open(bodies: Vec<RecordBody>) -> Vec<(u64, Why)> {
        let context = ContextName::parse("prod").expect("lawful");
        let records = bodies.into_iter().zip(1..).map(|(body, number)| Record {
            sequence: Sequence(number),
            at: Timestamp::UNIX_EPOCH,
            context: context.clone(),
            incident: None,
            body,
        });
        let records: Vec<_> = records.collect();
        unsettled(&records).into_iter().map(|unsettled| (unsettled.intent.0, unsettled.why)).collect()
    }

    fn unstored(token: Option<&str>) -> Why {
        Why::NotAcknowledged { token: token.map(id) }
    }

    #[test]
    fn an_intent_without_a_result_is_open() {
        assert_eq!(open(vec![revoke("1"), revoke("2"), result(1, Outcome::Done(None))]), [(2, Why::NoResult)]);
    }

    #[test]
    fn every_result_but_unverified_closes_a_revocation() {
        for outcome in [
            Outcome::Done(None),
            Outcome::AlreadyGone,
            Outcome::VerifiedDead,
            Outcome::Changed,
            Outcome::Failed("no".into()),
            Outcome::HadNoEffect,
        ] {
            assert_eq!(open(vec![revoke("1"), result(1, outcome)]), []);
        }
        let lost = result(1, Outcome::Unverified("cut".into()));
        assert_eq!(open(vec![revoke("1"), lost.clone()]), [(1, Why::Unverified("cut".into()))]);
        assert_eq!(open(vec![revoke("1"), lost, result(1, Outcome::HadNoEffect)]), []);
        let alive = result(1, Outcome::StillAnswering("alive".into()));
        let done = result(1, Outcome::Done(None));
        assert_eq!(open(vec![revoke("1"), done, alive.clone()]), [(1, Why::StillAnswering("alive".into()))]);
        assert_eq!(open(vec![revoke("1"), alive, result(1, Outcome::VerifiedDead)]), []);
    }

    #[test]
    fn a_secret_is_open_until_it_is_declared_stored() {
        let done = result(1, Outcome::Done(Some(id("7"))));
        assert_eq!(open(vec![create(), done.clone()]), [(1, unstored(Some("7")))]);
        assert_eq!(open(vec![create(), done, acknowledged(1)]), []);
        assert_eq!(open(vec![create(), result(1, Outcome::Done(None))]), [(1, unstored(None))]);
        assert_eq!(open(vec![create(), result(1, Outcome::Failed("no".into()))]), []);
        assert_eq!(open(vec![rotate("3"), result(1, Outcome::Done(None))]), [(1, unstored(Some("3")))]);
    }

    #[test]
    fn a_secret_whose_token_was_revoked_is_settled() {
        let made = vec![create(), result(1, Outcome::Done(Some(id("7")))), revoke("7")];
        let after = |outcome| open([made.clone(), vec![result(3, outcome)]].concat());
        assert_eq!(after(Outcome::VerifiedDead), []);
        assert_eq!(after(Outcome::Failed("no".into())), [(1, unstored(Some("7")))]);
    }

    #[test]
    fn a_value_is_open_like_a_token_and_settles_the_token_that_it_is() {
        let value = |id: Option<TokenId>| {
            let (shown, looks, host) = ("s.…wxyz".into(), "token".into(), "https://bao.example".into());
            RecordBody::Intent(Deed::RevokeValue { shown, looks, host, id, created: None })
        };
        assert_eq!(open(vec![value(None)]), [(1, Why::NoResult)]);
        assert_eq!(open(vec![value(None), result(1, Outcome::VerifiedDead)]), []);
        let made = vec![create(), result(1, Outcome::Done(Some(id("7"))))];
        let after = |token| open([made.clone(), vec![value(token), result(3, Outcome::VerifiedDead)]].concat());
        assert_eq!(after(Some(id("7"))), []);
        assert_eq!(after(None), [(1, unstored(Some("7")))]);
    }

    #[test]
    fn a_revocation_before_a_creation_settles_nothing() {
        let records =
            vec![revoke("7"), result(1, Outcome::Done(None)), create(), result(3, Outcome::Done(Some(id("7"))))];
        assert_eq!(open(records), [(3, unstored(Some("7")))]);
    }

    #[test]
    fn a_result_of_nothing_is_nothing() {
        assert_eq!(open(vec![result(9, Outcome::Done(None)), acknowledged(8)]), []);
    }
}
