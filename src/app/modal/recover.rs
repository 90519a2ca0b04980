//! What an earlier run of the program left open, or an attempt whose answer was lost.

use jiff::{SignedDuration, Timestamp};

use super::{Arming, Next, Purpose, Reread, is_escape, scroll};
use crate::app::contexts::ListExtent;
use crate::app::effect::Effect;
use crate::app::inventory::Row;
use crate::app::key::{Code, Key, Stroke};
use crate::app::model::Model;
use crate::app::{activity, run};
use crate::domain::{ContextName, Deed, RecordBody, Sequence, State, TokenId, Unsettled, Why, escape};

/// How far a backend's clock may be behind ours for a token to count as made by an attempt of ours.
const CLOCKS_DIFFER: SignedDuration = SignedDuration::from_mins(5);

/// The list of what was left open: the model's unfinished revocations, then its leftovers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Recover {
    /// The one under the cursor.
    pub cursor: usize,
    /// Whether keys are taken yet.
    pub arming: Arming,
}

/// One thing left open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leftover {
    /// The journal's number of the intent.
    pub intent: Sequence,
    /// The context.
    pub context: ContextName,
    /// When it was about to be asked, less the time that clocks may differ; `None` for a time that is not known.
    pub at: Option<Timestamp>,
    /// What was to be done.
    pub deed: Deed,
    /// What is known of it.
    pub trace: Trace,
}

/// What is known of something left open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trace {
    /// An intent without a result: whether it was done is unknown.
    NoResult,
    /// The backend said that it revoked the token, and still showed it alive.
    StillAnswering,
    /// The token was made, and nobody said that its secret was stored.
    SecretNotAcknowledged(Option<TokenId>),
    /// The answer was lost; the list holds this token, which must be the orphan.
    Orphan(TokenId),
}

impl Leftover {
    /// Tells whether it is about this token.
    pub fn names(&self, id: &TokenId) -> bool {
        self.token() == Some(id)
    }

    /// Returns the token it is about; `None` for a creation of which nothing is known.
    pub fn token(&self) -> Option<&TokenId> {
        match &self.trace {
            Trace::SecretNotAcknowledged(id) => id.as_ref().or_else(|| self.deed.id()),
            Trace::Orphan(id) => Some(id),
            Trace::NoResult | Trace::StillAnswering => self.deed.id(),
        }
    }

    /// Returns what is to be said of it.
    pub fn words(&self) -> String {
        let what = format!("{} \"{}\"", self.deed.word(), escape(self.deed.label()));
        match &self.trace {
            Trace::NoResult => format!("{what}: whether it was done is not known"),
            Trace::StillAnswering => format!("{what}: the backend said that it was done, and still showed it alive"),
            Trace::SecretNotAcknowledged(_) => format!("{what}: nobody said that its secret was stored"),
            Trace::Orphan(_) => format!("{what}: it was made, and the answer with its secret was lost"),
        }
    }
}

/// What is under the cursor.
enum Here {
    /// An unfinished revocation, by its place.
    Run(usize),
    /// A leftover, by its place.
    Left(usize),
}

/// Takes a key: `r` goes on with a revocation, `x` asks to revoke a token, `d` is done with it, `Esc` leaves it for later.
pub(super) fn press(model: &mut Model, recover: &mut Recover, key: Key, effects: &mut Vec<Effect>) -> Next {
    if scroll(&mut recover.cursor, key) {
        stay_within(model, recover);
        return Next::Stay;
    }
    let runs = model.unfinished.len();
    let here = if recover.cursor < runs { Here::Run(recover.cursor) } else { Here::Left(recover.cursor - runs) };
    match (key.text(), here) {
        // A held key gives nothing up that it was not pressed for.
        (Some('r' | 'x' | 'd'), _) if key.stroke == Stroke::Repeat => Next::Stay,
        (Some('r'), Here::Run(at)) => match run::go_on(model, at, effects) {
            // One of another context can be gone on with beside it.
            Ok(()) if !model.unfinished.is_empty() => stay_within(model, recover),
            Ok(()) => Next::Close,
            Err(reason) => {
                model.messages.say(model.now, reason);
                Next::Stay
            }
        },
        (Some('d'), Here::Run(at)) => {
            run::give_up(model, at, effects);
            stay_within(model, recover)
        }
        (Some('x'), Here::Left(at)) => revoke(model, at),
        (Some('d'), Here::Left(at)) => {
            done(model, at, effects);
            stay_within(model, recover)
        }
        (Some('q' | 'n'), _) => Next::Close,
        _ if is_escape(key) || key.code == Code::Enter => Next::Close,
        _ => Next::Stay,
    }
}

/// Keeps the cursor on what is there; closes over nothing.
fn stay_within(model: &Model, recover: &mut Recover) -> Next {
    let all = model.unfinished.len() + model.leftovers.len();
    recover.cursor = recover.cursor.min(all.saturating_sub(1));
    if all == 0 { Next::Close } else { Next::Stay }
}

/// Puts the question about the token of the leftover, once the list holds it.
fn revoke(model: &mut Model, at: usize) -> Next {
    let Some(left) = model.leftovers.get(at).cloned() else { return Next::Close };
    let row = row_of(model, &left);
    if let Some(row) = row {
        super::confirm::ask(model, vec![row], Purpose::Revoke, Reread::Not);
        return Next::Close;
    }
    let loading = model.context(&left.context).is_some_and(|state| state.list.extent != ListExtent::Complete);
    let text = match left.deed {
        _ if loading => "the list is not there yet: try again in a moment",
        Deed::Revoke { .. } => "the list does not hold it any more: d is done with it",
        Deed::Create { .. } | Deed::Edit { .. } | Deed::Rotate { .. } | Deed::Switch { .. } => {
            "the list does not hold it"
        }
    };
    model.messages.say(model.now, text);
    Next::Stay
}

/// Returns the row of a leftover. A creation of which nothing came back is looked for by its label and age.
fn row_of(model: &Model, left: &Leftover) -> Option<Row> {
    let inventory = &model.tokens.inventory;
    if let Some(id) = left.token() {
        return inventory.find_id(&left.context, id.raw());
    }
    let (mut found, mut ageless) = (None, Vec::new());
    inventory.for_each_of(&left.context, |row| {
        if row.label().raw() != left.deed.label() || row.state() == State::Revoked {
            return;
        }
        match row.created() {
            None => ageless.push(row.row()),
            created if created >= left.at => found = found.max(Some((created, row.row()))),
            Some(_) => {}
        }
    });
    // Where the backend does not say when, only one that nothing else can be meant by.
    let only = (ageless.len() == 1).then(|| ageless.pop()).flatten();
    found.map(|(_, row)| row).or(only)
}

/// Writes that the operator is done with the leftover.
fn done(model: &mut Model, at: usize, effects: &mut Vec<Effect>) {
    if at >= model.leftovers.len() {
        return;
    }
    let left = model.leftovers.remove(at);
    // What became of it stays unknown; a result would claim more than anybody knows.
    let body = RecordBody::Acknowledged { of: left.intent, how: "given up".to_owned() };
    activity::record(model, &left.context, body, effects);
}

impl From<Unsettled> for Leftover {
    fn from(left: Unsettled) -> Self {
        let trace = match left.why {
            Why::NoResult | Why::Unverified(_) => Trace::NoResult,
            Why::StillAnswering(_) => Trace::StillAnswering,
            Why::NotAcknowledged { token } => Trace::SecretNotAcknowledged(token),
        };
        let at = left.at.checked_sub(CLOCKS_DIFFER).ok();
        Self { intent: left.intent, context: left.context, at, deed: left.deed, trace }
    }
}
