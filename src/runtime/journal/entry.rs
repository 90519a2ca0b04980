//! A record as JSON: types of the file's own, so that the domain can change without breaking old journals.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::{ContextName, Deed, Nonce, Outcome, Record, RecordBody, Sequence, TokenId};

/// The payload of a record.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    at: String,
    context: String,
    body: Body,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Body {
    Intent(Act),
    Result { of: u64, outcome: Came },
    Acknowledged { of: u64, how: String },
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Act {
    Create { label: String, roles: Vec<String>, nonce: String },
    Edit { id: String, label: String, change: String },
    Rotate { id: String, label: String, created: Option<String> },
    Revoke { id: String, label: String, created: Option<String> },
    Switch { id: String, label: String, word: String },
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Came {
    Done { id: Option<String> },
    AlreadyGone,
    VerifiedDead,
    Changed,
    Failed { why: String },
    Unverified { why: String },
    StillAnswering { why: String },
    HadNoEffect,
}

/// Returns a record as JSON; `None` when there is no such JSON, which does not happen.
pub(super) fn to_json(record: &Record) -> Option<Vec<u8>> {
    let entry = Entry {
        at: record.at.to_string(),
        context: record.context.to_string(),
        body: match &record.body {
            RecordBody::Intent(deed) => Body::Intent(from_deed(deed)),
            RecordBody::Result { of, outcome } => Body::Result { of: of.0, outcome: from_outcome(outcome) },
            RecordBody::Acknowledged { of, how } => Body::Acknowledged { of: of.0, how: how.clone() },
        },
    };
    serde_json::to_vec(&entry).ok()
}

/// Reads a record, or says what is wrong with it.
pub(super) fn from_json(payload: &[u8], sequence: Sequence) -> Result<Record, String> {
    // serde_json would repeat values in its own words; where it stopped is enough.
    let entry: Entry = serde_json::from_slice(payload).map_err(|error| format!("column {}", error.column()))?;
    let body = match entry.body {
        Body::Result { of, outcome } => RecordBody::Result { of: Sequence(of), outcome: to_outcome(outcome)? },
        Body::Acknowledged { of, how } => RecordBody::Acknowledged { of: Sequence(of), how },
        Body::Intent(act) => RecordBody::Intent(to_deed(act)?),
    };
    let context = ContextName::parse(&entry.context).map_err(|error| error.to_string())?;
    Ok(Record { sequence, at: moment(&entry.at)?, context, body })
}

fn from_deed(deed: &Deed) -> Act {
    let (raw, when) = (|id: &TokenId| id.raw().to_owned(), |moment: &Option<Timestamp>| moment.map(|m| m.to_string()));
    match deed.clone() {
        Deed::Create { label, roles, nonce } => Act::Create { label, roles, nonce: nonce.as_str().to_owned() },
        Deed::Edit { id, label, change } => Act::Edit { id: raw(&id), label, change },
        Deed::Rotate { id, label, created } => Act::Rotate { id: raw(&id), label, created: when(&created) },
        Deed::Revoke { id, label, created } => Act::Revoke { id: raw(&id), label, created: when(&created) },
        Deed::Switch { id, label, word } => Act::Switch { id: raw(&id), label, word },
    }
}

fn to_deed(act: Act) -> Result<Deed, String> {
    let when = |moment_or_none: Option<String>| moment_or_none.as_deref().map(moment).transpose();
    Ok(match act {
        Act::Create { label, roles, nonce } => Deed::Create { label, roles, nonce: Nonce::new(&nonce) },
        Act::Edit { id: raw, label, change } => Deed::Edit { id: id(&raw)?, label, change },
        Act::Rotate { id: raw, label, created } => Deed::Rotate { id: id(&raw)?, label, created: when(created)? },
        Act::Revoke { id: raw, label, created } => Deed::Revoke { id: id(&raw)?, label, created: when(created)? },
        Act::Switch { id: raw, label, word } => Deed::Switch { id: id(&raw)?, label, word },
    })
}

fn from_outcome(outcome: &Outcome) -> Came {
    match outcome.clone() {
        Outcome::Done(id) => Came::Done { id: id.map(|id| id.raw().to_owned()) },
        Outcome::AlreadyGone => Came::AlreadyGone,
        Outcome::VerifiedDead => Came::VerifiedDead,
        Outcome::Changed => Came::Changed,
        Outcome::Failed(why) => Came::Failed { why },
        Outcome::Unverified(why) => Came::Unverified { why },
        Outcome::StillAnswering(why) => Came::StillAnswering { why },
        Outcome::HadNoEffect => Came::HadNoEffect,
    }
}

fn to_outcome(came: Came) -> Result<Outcome, String> {
    Ok(match came {
        Came::Done { id: raw } => Outcome::Done(raw.as_deref().map(id).transpose()?),
        Came::AlreadyGone => Outcome::AlreadyGone,
        Came::VerifiedDead => Outcome::VerifiedDead,
        Came::Changed => Outcome::Changed,
        Came::Failed { why } => Outcome::Failed(why),
        Came::Unverified { why } => Outcome::Unverified(why),
        Came::StillAnswering { why } => Outcome::StillAnswering(why),
        Came::HadNoEffect => Outcome::HadNoEffect,
    })
}

fn id(raw: &str) -> Result<TokenId, String> {
    TokenId::parse(raw).map_err(|error| error.to_string())
}

fn moment(text: &str) -> Result<Timestamp, String> {
    text.parse().map_err(|_| "a moment is none".to_owned())
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Returns one record of every kind.
    pub(in crate::runtime::journal) fn samples() -> Vec<Record> {
        let id = TokenId::parse("tok/1 é").expect("lawful");
        let (label, created) = ("ci \"deploy\"".to_owned(), Some(Timestamp::UNIX_EPOCH));
        let nonce = Nonce::new("n-1");
        let word = "disable".to_owned();
        let deeds = [
            Deed::Create { label: label.clone(), roles: vec!["reader".into(), "admin".into()], nonce },
            Deed::Edit { id: id.clone(), label: label.clone(), change: "label to x".into() },
            Deed::Rotate { id: id.clone(), label: label.clone(), created },
            Deed::Revoke { id: id.clone(), label: label.clone(), created: None },
            Deed::Switch { id: id.clone(), label, word },
        ];
        let outcomes = [
            Outcome::Done(Some(id)),
            Outcome::Done(None),
            Outcome::AlreadyGone,
            Outcome::VerifiedDead,
            Outcome::Changed,
            Outcome::Failed("forbidden".into()),
            Outcome::Unverified("no answer".into()),
            Outcome::StillAnswering("40 s later".into()),
            Outcome::HadNoEffect,
        ];
        let of = Sequence(1);
        let acknowledged = RecordBody::Acknowledged { of, how: "copied".into() };
        let bodies = deeds.map(RecordBody::Intent).into_iter();
        let bodies = bodies.chain(outcomes.map(|outcome| RecordBody::Result { of, outcome })).chain([acknowledged]);
        let (at, context) = (Timestamp::UNIX_EPOCH, ContextName::parse("prod").expect("lawful"));
        bodies.map(|body| Record { sequence: Sequence(0), at, context: context.clone(), body }).collect()
    }

    #[test]
    fn every_kind_comes_back_as_it_was() {
        for record in samples() {
            let json = to_json(&record).expect("JSON");
            assert!(!json.contains(&0));
            assert_eq!(from_json(&json, Sequence(0)), Ok(record));
        }
    }

    #[test]
    fn what_is_unlawful_is_refused() {
        for json in [
            r#"{"at":"1970-01-01T00:00:00Z","context":"prod","body":{"intent":{"revoke":{"id":"..","label":"","created":null}}}}"#,
            r#"{"at":"1970-01-01T00:00:00Z","context":"-","body":{"acknowledged":{"of":1,"how":"copied"}}}"#,
            r#"{"at":"yesterday","context":"prod","body":{"acknowledged":{"of":1,"how":"copied"}}}"#,
            r#"{"at":"1970-01-01T00:00:00Z","context":"prod","body":{"intent":{"explode":{}}}}"#,
        ] {
            assert!(from_json(json.as_bytes(), Sequence(1)).is_err(), "{json}");
        }
    }
}
