//! What is known of a worklist: what became of each token, what dies with it, and what happened meanwhile.

use std::collections::{BTreeMap, HashMap};

use super::Incident;
use super::Work;
use crate::app::inventory::RowRef;
use crate::app::model::Model;
use crate::app::tokens::RowNote;
use crate::domain::{ContextName, Outcome, Owner, State, Token, TokenId};

/// What became of a token of the worklist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// Asked again, and dead: how that is known.
    Dead(&'static str),
    /// Revoked as far as the backend said, and not verified.
    Told,
    /// Revoked as the backend said, and alive when asked again.
    StillAnswering,
    /// Being revoked, in the words of its row.
    Going(&'static str),
    /// Not revoked, with the reason.
    Failed(String),
    /// Nobody knows, and why.
    Unknown(&'static str),
    /// It is switched off, and can be switched on again.
    Off,
    /// It lives.
    Alive,
}

impl Fate {
    /// Returns the words on screen, without a reason.
    pub const fn words(&self) -> &'static str {
        match self {
            Self::Dead(words) | Self::Going(words) => words,
            Self::Told => "revoked, not verified",
            Self::StillAnswering => "still answering",
            Self::Failed(_) => "not revoked",
            Self::Unknown(_) => "unknown",
            Self::Off => "switched off",
            Self::Alive => "alive",
        }
    }

    /// Returns the reason; `None` where there is none to give.
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Failed(why) => Some(why),
            Self::Unknown(why) => Some(why),
            Self::StillAnswering => Some("the backend said that it was revoked, and showed it alive 40 s later"),
            Self::Dead(_) | Self::Told | Self::Going(_) | Self::Off | Self::Alive => None,
        }
    }
}

/// Returns what became of a token of the worklist: what was asked last counts.
pub fn fate(model: &Model, work: &Work) -> Fate {
    let row = work.row;
    let note = row.and_then(|row| model.tokens.notes.get(&row));
    match note {
        Some(RowNote::VerifiedDead) => return Fate::Dead("verified dead"),
        Some(RowNote::Gone) => return Fate::Dead("gone"),
        Some(RowNote::StillAnswering) => return Fate::StillAnswering,
        Some(RowNote::Revoking) => return Fate::Going("revoking…"),
        Some(RowNote::Revoked) => return Fate::Told,
        Some(RowNote::Failed(why)) => return Fate::Failed(why.clone()),
        Some(RowNote::Lives) if is_off(model, work) => return Fate::Off,
        Some(RowNote::Lives) => return Fate::Alive,
        Some(RowNote::Waiting | RowNote::Changed | RowNote::Unverified) | None => {}
    }
    match &work.outcome {
        Some(Outcome::VerifiedDead) => return Fate::Dead("verified dead"),
        Some(Outcome::AlreadyGone) => return Fate::Dead("gone"),
        Some(Outcome::Done(_)) => return Fate::Told,
        Some(Outcome::StillAnswering(_)) => return Fate::StillAnswering,
        Some(Outcome::Unverified(_)) => return Fate::Unknown("sent, and no answer came"),
        Some(Outcome::Failed(why)) => return Fate::Failed(why.clone()),
        Some(Outcome::Changed | Outcome::NotSent | Outcome::HadNoEffect) | None => {}
    }
    match row.and_then(|row| model.tokens.inventory.get(row)).map(RowRef::state) {
        Some(State::Revoked) => Fate::Told,
        Some(State::Live | State::Disabled | State::Expired) => {
            if is_off(model, work) {
                Fate::Off
            } else {
                Fate::Alive
            }
        }
        None => Fate::Unknown("no list holds it now"),
    }
}

fn is_off(model: &Model, work: &Work) -> bool {
    let state = work.row.and_then(|row| model.tokens.inventory.get(row)).map(RowRef::state);
    state == Some(State::Disabled)
}

/// Counts of a worklist; they add up to `all`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Coverage {
    /// In scope.
    pub all: usize,
    /// Verified dead, or gone.
    pub dead: usize,
    /// Revoked, and not verified.
    pub told: usize,
    /// Still answering.
    pub answering: usize,
    /// Failed.
    pub failed: usize,
    /// Unknown.
    pub unknown: usize,
    /// Alive, switched off, or being revoked.
    pub alive: usize,
}

/// Counts the worklist by what became of it.
pub fn coverage(model: &Model, incident: &Incident) -> Coverage {
    let mut counts = Coverage { all: incident.worklist.len(), ..Coverage::default() };
    for work in &incident.worklist {
        *match fate(model, work) {
            Fate::Dead(_) => &mut counts.dead,
            Fate::Told => &mut counts.told,
            Fate::StillAnswering => &mut counts.answering,
            Fate::Failed(_) => &mut counts.failed,
            Fate::Unknown(_) => &mut counts.unknown,
            Fate::Going(_) | Fate::Off | Fate::Alive => &mut counts.alive,
        } += 1;
    }
    counts
}

/// What a revocation reaches beyond the token itself, as far as the list tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Reach {
    /// Living tokens that name it as their parent; `None` where no row of its context has a parent, so that it is not
    /// known whether the backend tells.
    pub children: Option<usize>,
    /// Other living tokens of the same owner; `None` where the owner is unknown.
    pub siblings: Option<usize>,
    /// Whether its owner was removed from the backend.
    pub owner_gone: bool,
}

/// What the lists tell of a worklist: worked out once for each state of them, since a list may have a million rows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Known {
    /// The epoch and generation of the lists, and how many tokens the worklist had; `None` before the first time.
    pub of: Option<(u64, u64, usize)>,
    /// Tokens of all lists that were born since the incident was opened.
    pub born: usize,
    /// What each token of the worklist reaches, in its order.
    pub reach: Vec<Reach>,
}

impl Known {
    /// Returns what all of the worklist reaches: children that are listed, owners that are gone, owners unknown.
    pub fn sum(&self) -> (Option<usize>, usize, usize) {
        let mut children = self.reach.iter().map(|reach| reach.children);
        let children = children.try_fold(0, |sum, children| Some(sum + children?));
        let gone = self.reach.iter().filter(|reach| reach.owner_gone).count();
        (children, gone, self.reach.iter().filter(|reach| reach.siblings.is_none()).count())
    }
}

/// What one context's list tells.
#[derive(Default)]
struct Told {
    has_parents: bool,
    children: HashMap<String, usize>,
    owned: HashMap<String, usize>,
}

/// Works out anew what the lists tell, where they or the worklist changed.
pub(in crate::app) fn refresh(model: &mut Model) {
    let Some(mut incident) = model.incident.take() else { return };
    let inventory = &model.tokens.inventory;
    let of = (inventory.epoch(), inventory.generation(), incident.worklist.len());
    if incident.known.of != Some(of) {
        let mut known = Known { of: Some(of), ..Known::default() };
        let told = told(model, &mut incident, &mut known);
        let lives = |work: &Work| {
            let row = work.row.and_then(|row| model.tokens.inventory.get(row));
            row.is_some_and(|row| row.state() != State::Revoked)
        };
        known.reach = incident.worklist.iter().map(|work| reach(&told, work, usize::from(lives(work)))).collect();
        incident.known = known;
    }
    model.incident = Some(incident);
}

/// Goes through the lists once: finds the rows of the worklist, and counts.
fn told(model: &Model, incident: &mut Incident, known: &mut Known) -> BTreeMap<ContextName, Told> {
    let mut places: BTreeMap<ContextName, HashMap<(String, Option<jiff::Timestamp>), usize>> = BTreeMap::new();
    for (at, work) in incident.worklist.iter_mut().enumerate() {
        work.row = None;
        let id = work.target.id.raw().to_owned();
        places.entry(work.context.clone()).or_default().insert((id, work.target.created), at);
    }
    let mut all = BTreeMap::new();
    for state in &model.contexts {
        let name = &state.context.name;
        let (mut told, wanted) = (Told::default(), places.get(name));
        model.tokens.inventory.for_each_of(name, |row| {
            known.born += usize::from(row.created().is_some_and(|created| created > incident.opened));
            let Some(wanted) = wanted else { return };
            if let Some(at) = wanted.get(&(row.id().raw().to_owned(), row.created())) {
                incident.worklist[*at].row = Some(row.row());
            }
            told.has_parents |= row.parent().is_some();
            if row.state() == State::Revoked {
                return;
            }
            if let Some(parent) = row.parent().and_then(|parent| TokenId::parse(parent.raw()).ok()) {
                *told.children.entry(parent.raw().to_owned()).or_default() += 1;
            }
            if let Some(owner) = row.owner().name() {
                *told.owned.entry(owner.raw().to_owned()).or_default() += 1;
            }
        });
        all.insert(name.clone(), told);
    }
    all
}

/// Returns what a token reaches; `own` is 1 while it is itself among the living of its owner.
fn reach(told: &BTreeMap<ContextName, Told>, work: &Work, own: usize) -> Reach {
    let Some(told) = told.get(&work.context) else { return Reach::default() };
    let count = |of: &HashMap<String, usize>, name: &str| of.get(name).copied().unwrap_or(0);
    let owner = work.target.owner.name();
    Reach {
        children: told.has_parents.then(|| count(&told.children, work.target.id.raw())),
        siblings: owner.map(|owner| count(&told.owned, owner.raw()).saturating_sub(own)),
        owner_gone: matches!(work.target.owner, Owner::Removed(_)),
    }
}

/// Tells whether somebody changed a token since it was frozen. Whether it is switched off is its fate, and no change.
pub fn is_changed(model: &Model, work: &Work) -> bool {
    let token = work.row.and_then(|row| model.tokens.inventory.token(row));
    token.is_some_and(|token| {
        let frozen = Token { state: token.state, ..work.target.token() };
        token.state != State::Revoked && token.differs_from(&frozen)
    })
}
