//! A record as JSON: types of the file's own, so that the domain can change without breaking old journals.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::{
    ContextName, Deed, IncidentStep, Nonce, Outcome, Owner, Record, RecordBody, RunEnd, RunHeader, RunId, Sequence,
    State, Target, TokenId, Untrusted,
};

/// The payload of a record.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    at: String,
    context: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    incident: Option<String>,
    body: Body,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Body {
    Intent(Act),
    Result {
        of: u64,
        outcome: Came,
    },
    Acknowledged {
        of: u64,
        how: String,
    },
    Run {
        run: String,
        tokens: usize,
        principal: Option<String>,
        reason: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        plan: Option<String>,
    },
    Targets {
        run: String,
        tokens: Vec<Aim>,
    },
    Resumed {
        run: String,
    },
    Skipped {
        run: String,
        id: String,
        created: Option<String>,
        outcome: Came,
    },
    Ended {
        run: String,
        how: How,
    },
    Incident(Step),
}

/// A token of a confirmed set.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Aim {
    id: String,
    label: String,
    owner: Whose,
    roles: Option<Vec<String>>,
    created: Option<String>,
    state: Life,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Whose {
    Unknown,
    Known(String),
    Removed(String),
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Life {
    Live,
    Disabled,
    Expired,
    Revoked,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum How {
    Over,
    GivenUp,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Step {
    Opened { reason: String },
    Noted { text: String },
    Froze { tokens: Vec<Aim> },
    Closed,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Act {
    Create {
        label: String,
        roles: Vec<String>,
        nonce: String,
    },
    Edit {
        id: String,
        label: String,
        change: String,
    },
    Rotate {
        id: String,
        label: String,
        created: Option<String>,
    },
    Revoke {
        id: String,
        label: String,
        created: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        run: Option<String>,
    },
    RevokeValue {
        shown: String,
        looks: String,
        host: String,
        id: Option<String>,
        created: Option<String>,
    },
    Switch {
        id: String,
        label: String,
        word: String,
    },
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Came {
    Done { id: Option<String> },
    AlreadyGone,
    VerifiedDead,
    Changed,
    NotSent,
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
        incident: record.incident.clone(),
        body: from_body(&record.body),
    };
    serde_json::to_vec(&entry).ok()
}

/// Reads a record, or says what is wrong with it.
pub(super) fn from_json(payload: &[u8], sequence: Sequence) -> Result<Record, String> {
    // serde_json would repeat values in its own words; where it stopped is enough.
    let entry: Entry = serde_json::from_slice(payload).map_err(|error| format!("column {}", error.column()))?;
    let (body, incident) = (to_body(entry.body)?, entry.incident);
    let context = ContextName::parse(&entry.context).map_err(|error| error.to_string())?;
    Ok(Record { sequence, at: moment(&entry.at)?, context, incident, body })
}

fn from_body(body: &RecordBody) -> Body {
    let name = |run: &RunId| run.as_str().to_owned();
    match body {
        RecordBody::Intent(deed) => Body::Intent(from_deed(deed)),
        RecordBody::Result { of, outcome } => Body::Result { of: of.0, outcome: from_outcome(outcome) },
        RecordBody::Acknowledged { of, how } => Body::Acknowledged { of: of.0, how: how.clone() },
        RecordBody::Run(RunHeader { run, tokens, principal, reason, plan }) => Body::Run {
            run: name(run),
            tokens: *tokens,
            principal: principal.clone(),
            reason: reason.clone(),
            plan: plan.clone(),
        },
        RecordBody::Targets { run, tokens } => {
            Body::Targets { run: name(run), tokens: tokens.iter().map(from_target).collect() }
        }
        RecordBody::Resumed { run } => Body::Resumed { run: name(run) },
        RecordBody::Skipped { run, id, created, outcome } => Body::Skipped {
            run: name(run),
            id: id.raw().to_owned(),
            created: created.map(|moment| moment.to_string()),
            outcome: from_outcome(outcome),
        },
        RecordBody::Ended { run, how } => {
            let how = match how {
                RunEnd::Over => How::Over,
                RunEnd::GivenUp => How::GivenUp,
            };
            Body::Ended { run: name(run), how }
        }
        RecordBody::Incident(step) => Body::Incident(match step {
            IncidentStep::Opened { reason } => Step::Opened { reason: reason.clone() },
            IncidentStep::Noted { text } => Step::Noted { text: text.clone() },
            IncidentStep::Froze { tokens } => Step::Froze { tokens: tokens.iter().map(from_target).collect() },
            IncidentStep::Closed => Step::Closed,
        }),
    }
}

fn to_body(body: Body) -> Result<RecordBody, String> {
    let name = |run: &str| RunId::new(run);
    Ok(match body {
        Body::Intent(act) => RecordBody::Intent(to_deed(act)?),
        Body::Result { of, outcome } => RecordBody::Result { of: Sequence(of), outcome: to_outcome(outcome)? },
        Body::Acknowledged { of, how } => RecordBody::Acknowledged { of: Sequence(of), how },
        Body::Run { run, tokens, principal, reason, plan } => {
            RecordBody::Run(RunHeader { run: name(&run), tokens, principal, reason, plan })
        }
        Body::Targets { run, tokens } => {
            let tokens = tokens.into_iter().map(to_target).collect::<Result<_, _>>()?;
            RecordBody::Targets { run: name(&run), tokens }
        }
        Body::Resumed { run } => RecordBody::Resumed { run: name(&run) },
        Body::Skipped { run, id: raw, created, outcome } => RecordBody::Skipped {
            run: name(&run),
            id: id(&raw)?,
            created: created.as_deref().map(moment).transpose()?,
            outcome: to_outcome(outcome)?,
        },
        Body::Ended { run, how } => {
            let how = match how {
                How::Over => RunEnd::Over,
                How::GivenUp => RunEnd::GivenUp,
            };
            RecordBody::Ended { run: name(&run), how }
        }
        Body::Incident(step) => RecordBody::Incident(match step {
            Step::Opened { reason } => IncidentStep::Opened { reason },
            Step::Noted { text } => IncidentStep::Noted { text },
            Step::Froze { tokens } => {
                IncidentStep::Froze { tokens: tokens.into_iter().map(to_target).collect::<Result<_, _>>()? }
            }
            Step::Closed => IncidentStep::Closed,
        }),
    })
}

fn from_target(target: &Target) -> Aim {
    let raw = |text: &Untrusted| text.raw().to_owned();
    Aim {
        id: target.id.raw().to_owned(),
        label: raw(&target.label),
        owner: match &target.owner {
            Owner::Unknown => Whose::Unknown,
            Owner::Known(name) => Whose::Known(raw(name)),
            Owner::Removed(name) => Whose::Removed(raw(name)),
        },
        roles: target.roles.as_ref().map(|roles| roles.iter().map(raw).collect()),
        created: target.created.map(|moment| moment.to_string()),
        state: match target.state {
            State::Live => Life::Live,
            State::Disabled => Life::Disabled,
            State::Expired => Life::Expired,
            State::Revoked => Life::Revoked,
        },
    }
}

fn to_target(aim: Aim) -> Result<Target, String> {
    let text = |text: String| Untrusted::from(text.as_str());
    Ok(Target {
        id: id(&aim.id)?,
        label: text(aim.label),
        owner: match aim.owner {
            Whose::Unknown => Owner::Unknown,
            Whose::Known(name) => Owner::Known(text(name)),
            Whose::Removed(name) => Owner::Removed(text(name)),
        },
        roles: aim.roles.map(|roles| roles.into_iter().map(text).collect()),
        created: aim.created.as_deref().map(moment).transpose()?,
        state: match aim.state {
            Life::Live => State::Live,
            Life::Disabled => State::Disabled,
            Life::Expired => State::Expired,
            Life::Revoked => State::Revoked,
        },
    })
}

fn from_deed(deed: &Deed) -> Act {
    let (raw, when) = (|id: &TokenId| id.raw().to_owned(), |moment: &Option<Timestamp>| moment.map(|m| m.to_string()));
    match deed.clone() {
        Deed::Create { label, roles, nonce } => Act::Create { label, roles, nonce: nonce.as_str().to_owned() },
        Deed::Edit { id, label, change } => Act::Edit { id: raw(&id), label, change },
        Deed::Rotate { id, label, created } => Act::Rotate { id: raw(&id), label, created: when(&created) },
        Deed::Revoke { id, label, created, run } => {
            let run = run.map(|run| run.as_str().to_owned());
            Act::Revoke { id: raw(&id), label, created: when(&created), run }
        }
        Deed::RevokeValue { shown, looks, host, id, created } => {
            Act::RevokeValue { shown, looks, host, id: id.as_ref().map(raw), created: when(&created) }
        }
        Deed::Switch { id, label, word } => Act::Switch { id: raw(&id), label, word },
    }
}

fn to_deed(act: Act) -> Result<Deed, String> {
    let when = |moment_or_none: Option<String>| moment_or_none.as_deref().map(moment).transpose();
    Ok(match act {
        Act::Create { label, roles, nonce } => Deed::Create { label, roles, nonce: Nonce::new(&nonce) },
        Act::Edit { id: raw, label, change } => Deed::Edit { id: id(&raw)?, label, change },
        Act::Rotate { id: raw, label, created } => Deed::Rotate { id: id(&raw)?, label, created: when(created)? },
        Act::Revoke { id: raw, label, created, run } => {
            let run = run.as_deref().map(RunId::new);
            Deed::Revoke { id: id(&raw)?, label, created: when(created)?, run }
        }
        Act::RevokeValue { shown, looks, host, id: raw, created } => {
            let id = raw.as_deref().map(id).transpose()?;
            Deed::RevokeValue { shown, looks, host, id, created: when(created)? }
        }
        Act::Switch { id: raw, label, word } => Deed::Switch { id: id(&raw)?, label, word },
    })
}

fn from_outcome(outcome: &Outcome) -> Came {
    match outcome.clone() {
        Outcome::Done(id) => Came::Done { id: id.map(|id| id.raw().to_owned()) },
        Outcome::AlreadyGone => Came::AlreadyGone,
        Outcome::VerifiedDead => Came::VerifiedDead,
        Outcome::Changed => Came::Changed,
        Outcome::NotSent => Came::NotSent,
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
        Came::NotSent => Outcome::NotSent,
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
            Deed::Revoke { id: id.clone(), label: label.clone(), created: None, run: None },
            Deed::Revoke { id: id.clone(), label: label.clone(), created, run: Some(RunId::new("r-1")) },
            Deed::Switch { id: id.clone(), label, word },
            of_value(Some(id.clone()), created),
            of_value(None, None),
        ];
        let outcomes = [
            Outcome::Done(Some(id)),
            Outcome::Done(None),
            Outcome::AlreadyGone,
            Outcome::VerifiedDead,
            Outcome::Changed,
            Outcome::NotSent,
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
        let record = |body| Record { sequence: Sequence(0), at, context: context.clone(), incident: None, body };
        let mut records: Vec<_> = bodies.chain(of_runs()).map(record).collect();
        // Every other one is of an incident.
        for record in records.iter_mut().step_by(2) {
            record.incident = Some("INC-42".into());
        }
        records
    }

    fn of_value(id: Option<TokenId>, created: Option<Timestamp>) -> Deed {
        let (shown, looks) = ("glpat-…x9f2".to_owned(), "GitLab token".to_owned());
        Deed::RevokeValue { shown, looks, host: "https://gitlab.example:8443".to_owned(), id, created }
    }

    /// Returns what is said of runs and incidents.
    fn of_runs() -> Vec<RecordBody> {
        let run = RunId::new("r-1");
        let target = |owner, roles, state| {
            let (id, created) = (TokenId::parse("tok/1 é").expect("lawful"), Some(Timestamp::UNIX_EPOCH));
            Target { id, label: "a\u{202e}b".into(), owner, roles, created, state }
        };
        let tokens = vec![
            target(Owner::Unknown, None, State::Live),
            target(Owner::Known("ana".into()), Some(vec!["admin".into()]), State::Disabled),
            target(Owner::Removed("bo".into()), Some(Vec::new()), State::Expired),
            Target { created: None, ..target(Owner::Unknown, None, State::Revoked) },
        ];
        let header = |principal: Option<&str>, reason: Option<&str>| {
            let text = |text: &str| text.to_owned();
            let (principal, reason) = (principal.map(text), reason.map(text));
            RunHeader { run: run.clone(), tokens: 4, principal, reason, plan: None }
        };
        vec![
            RecordBody::Run(header(None, None)),
            RecordBody::Run(header(Some("ana"), Some("laptop stolen"))),
            RecordBody::Run(RunHeader { plan: Some("5f".repeat(32)), ..header(Some("ana"), None) }),
            RecordBody::Targets { run: run.clone(), tokens: tokens.clone() },
            RecordBody::Incident(IncidentStep::Froze { tokens }),
            RecordBody::Resumed { run: run.clone() },
            skipped(&run, Some(Timestamp::UNIX_EPOCH), Outcome::Changed),
            skipped(&run, None, Outcome::Failed("forbidden".into())),
            RecordBody::Ended { run: run.clone(), how: RunEnd::Over },
            RecordBody::Ended { run, how: RunEnd::GivenUp },
            RecordBody::Incident(IncidentStep::Opened { reason: "laptop stolen".into() }),
            RecordBody::Incident(IncidentStep::Noted { text: "revoke now".into() }),
            RecordBody::Incident(IncidentStep::Closed),
        ]
    }

    fn skipped(run: &RunId, created: Option<Timestamp>, outcome: Outcome) -> RecordBody {
        RecordBody::Skipped { run: run.clone(), id: TokenId::parse("tok/1 é").expect("lawful"), created, outcome }
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
    fn a_run_of_before_plans_is_read_and_one_without_a_plan_is_written_as_it_was() {
        let json = r#"{"at":"1970-01-01T00:00:00Z","context":"prod","body":{"run":{"run":"r-1","tokens":4,"principal":null,"reason":null}}}"#;
        let record = from_json(json.as_bytes(), Sequence(0)).expect("a record");
        assert_eq!(to_json(&record).as_deref(), Some(json.as_bytes()));
        assert!(matches!(record.body, RecordBody::Run(RunHeader { plan: None, .. })));
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
