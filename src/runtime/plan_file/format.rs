//! A plan as JSON: types of the file's own, so that the domain can change without breaking plans that were written.

use std::fmt::Write as _;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::layout::Layout;
use crate::domain::{
    ContextName, Failure, FailureKind, Origin, Owner, PlannedContext, PlannedToken, RevocationPlan, State, Target,
    TokenId, Untrusted,
};

/// What the file says it is.
const FORMAT: &str = "tokendeck revocation plan";
/// The version that is written, and the only one there is.
const VERSION: u64 = 1;
/// The longest ticket, as one is typed.
const LONGEST_TICKET: usize = 40;
/// The longest name of a place.
const LONGEST_ORIGIN: usize = 300;

/// A plan as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// What is planned.
    pub plan: RevocationPlan,
    /// The SHA-256 of it, in hexadecimal: that of the file, since it was held against it.
    pub sha256: String,
}

/// What tells whether it is one, and of which version.
#[derive(Deserialize)]
struct Head {
    format: String,
    version: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    format: String,
    version: u64,
    /// Of everything else, as JSON without blanks between its parts; not there while it is worked out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sha256: Option<String>,
    made: String,
    incident: Option<String>,
    reason: Option<String>,
    contexts: Vec<Place>,
    tokens: Vec<Aim>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Place {
    context: String,
    origin: String,
    backend: String,
    principal: Option<String>,
    /// How many tokens are in it, for people.
    tokens: usize,
    /// How many of them count as admin.
    admin: usize,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Aim {
    context: String,
    id: String,
    label: String,
    owner: Option<String>,
    owner_removed: bool,
    roles: Option<Vec<String>>,
    admin: bool,
    created: Option<String>,
    state: Life,
    parent: Option<String>,
    children: Option<usize>,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Life {
    Live,
    Disabled,
    Expired,
    Revoked,
}

/// Returns a plan as text and its SHA-256; `None` when there is no such JSON, which does not happen.
pub fn text(plan: &RevocationPlan) -> Option<(String, String)> {
    let mut document = from_plan(plan);
    let sha256 = digest(&document)?;
    document.sha256 = Some(sha256.clone());
    let mut bytes = Vec::new();
    let mut writer = serde_json::Serializer::with_formatter(&mut bytes, Layout::default());
    document.serialize(&mut writer).ok()?;
    bytes.push(b'\n');
    Some((String::from_utf8(bytes).ok()?, sha256))
}

/// Reads a plan. What it says of itself is not repeated where it is none.
///
/// # Errors
/// What is wrong with it, and what to do; of kind [`FailureKind::Changed`] where its SHA-256 is another one.
pub fn parse(bytes: &[u8]) -> Result<Plan, Failure> {
    // serde_json would repeat values in its own words; where it stopped is enough.
    let damaged = |error: serde_json::Error| none(&format!("is damaged, at line {}", error.line()));
    let is_named = bytes.windows(FORMAT.len()).any(|words| words == FORMAT.as_bytes());
    let head: Head = serde_json::from_slice(bytes)
        .map_err(|error| if is_named { damaged(error) } else { none("is no plan of a revocation") })?;
    if head.format != FORMAT {
        return Err(none("is no plan of a revocation"));
    }
    if head.version != VERSION {
        let text = format!("is a plan of version {}, and this program reads version {VERSION}", head.version);
        return Err(Failure::local(text, "take the program that wrote it, or have the plan made anew"));
    }
    let mut document: Document = serde_json::from_slice(bytes).map_err(damaged)?;
    let said = document.sha256.take();
    let sha256 = digest(&document).ok_or_else(|| none("is damaged"))?;
    match said {
        Some(said) if said == sha256 => {}
        Some(_) | None => {
            let text = "was changed after it was made: its SHA-256 is another one";
            return Err(Failure::new(FailureKind::Changed, text, "nothing was sent; have the plan made anew"));
        }
    }
    let plan = to_plan(document).map_err(|why| none(&format!("is damaged: {why}")))?;
    Ok(Plan { plan, sha256 })
}

fn none(what: &str) -> Failure {
    Failure::local(what, "name a file that `--plan` or `:plan` wrote, or have the plan made anew")
}

/// Returns the SHA-256 of a document that has none yet: as `jq -cj 'del(.sha256)' FILE | sha256sum` does.
fn digest(document: &Document) -> Option<String> {
    let bytes = serde_json::to_vec(document).ok()?;
    let mut text = String::with_capacity(64);
    for byte in Sha256::digest(&bytes) {
        write!(text, "{byte:02x}").ok()?;
    }
    Some(text)
}

fn from_plan(plan: &RevocationPlan) -> Document {
    let raw = |text: &Untrusted| text.raw().to_owned();
    let place = |context: &PlannedContext| Place {
        context: context.name.to_string(),
        origin: context.origin.to_string(),
        backend: raw(&context.backend),
        principal: context.principal.as_ref().map(raw),
        tokens: plan.of(&context.name).count(),
        admin: plan.of(&context.name).filter(|token| token.admin).count(),
    };
    Document {
        format: FORMAT.to_owned(),
        version: VERSION,
        sha256: None,
        made: plan.made.to_string(),
        incident: plan.incident.clone(),
        reason: plan.reason.as_ref().map(raw),
        contexts: plan.contexts.iter().map(place).collect(),
        tokens: plan.tokens.iter().map(from_token).collect(),
    }
}

fn from_token(token: &PlannedToken) -> Aim {
    let raw = |text: &Untrusted| text.raw().to_owned();
    let target = &token.target;
    Aim {
        context: token.context.to_string(),
        id: target.id.raw().to_owned(),
        label: raw(&target.label),
        owner: target.owner.name().map(raw),
        owner_removed: matches!(target.owner, Owner::Removed(_)),
        roles: target.roles.as_ref().map(|roles| roles.iter().map(raw).collect()),
        admin: token.admin,
        created: target.created.map(|moment| moment.to_string()),
        state: match target.state {
            State::Live => Life::Live,
            State::Disabled => Life::Disabled,
            State::Expired => Life::Expired,
            State::Revoked => Life::Revoked,
        },
        parent: token.parent.as_ref().map(|parent| parent.raw().to_owned()),
        children: token.children,
    }
}

fn to_plan(document: Document) -> Result<RevocationPlan, String> {
    let told: Vec<_> = document.contexts.iter().map(|place| (place.tokens, place.admin)).collect();
    let plan = RevocationPlan {
        made: moment(&document.made)?,
        incident: document.incident.map(ticket).transpose()?,
        reason: document.reason.map(Untrusted::from),
        contexts: document.contexts.into_iter().map(to_context).collect::<Result<_, _>>()?,
        tokens: document.tokens.into_iter().map(to_token).collect::<Result<_, _>>()?,
    };
    plan.check()?;
    for (context, told) in plan.contexts.iter().zip(told) {
        let counted = (plan.of(&context.name).count(), plan.of(&context.name).filter(|token| token.admin).count());
        if counted != told {
            return Err(format!("its tokens of {} are not as many as it says", context.name));
        }
    }
    Ok(plan)
}

fn to_context(place: Place) -> Result<PlannedContext, String> {
    let lawful = place.origin.len() <= LONGEST_ORIGIN && place.origin.bytes().all(|byte| byte.is_ascii_graphic());
    if !lawful {
        return Err("an origin is none".to_owned());
    }
    Ok(PlannedContext {
        name: ContextName::parse(&place.context).map_err(|error| error.to_string())?,
        origin: Origin::new(&place.origin),
        backend: place.backend.into(),
        principal: place.principal.map(Untrusted::from),
    })
}

fn to_token(aim: Aim) -> Result<PlannedToken, String> {
    let owner = match (aim.owner, aim.owner_removed) {
        (None, false) => Owner::Unknown,
        (Some(name), false) => Owner::Known(name.into()),
        (Some(name), true) => Owner::Removed(name.into()),
        (None, true) => return Err("an owner that nobody knows is removed".to_owned()),
    };
    Ok(PlannedToken {
        context: ContextName::parse(&aim.context).map_err(|error| error.to_string())?,
        target: Target {
            id: id(&aim.id)?,
            label: aim.label.into(),
            owner,
            roles: aim.roles.map(|roles| roles.into_iter().map(Untrusted::from).collect()),
            created: aim.created.as_deref().map(moment).transpose()?,
            state: match aim.state {
                Life::Live => State::Live,
                Life::Disabled => State::Disabled,
                Life::Expired => State::Expired,
                Life::Revoked => return Err("a token of it is revoked already".to_owned()),
            },
        },
        admin: aim.admin,
        parent: aim.parent.as_deref().map(id).transpose()?,
        children: aim.children,
    })
}

fn id(raw: &str) -> Result<TokenId, String> {
    TokenId::parse(raw).map_err(|error| error.to_string())
}

fn moment(text: &str) -> Result<Timestamp, String> {
    text.parse().map_err(|_| "a moment is none".to_owned())
}

fn ticket(text: String) -> Result<String, String> {
    let lawful = (1..=LONGEST_TICKET).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
    if lawful { Ok(text) } else { Err("its ticket is none".to_owned()) }
}
