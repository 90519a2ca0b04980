//! The tab `Tokens`: the table, its cursor, marks, presets and query line.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;

use super::action::Action;
use super::calls::CallPurpose;
use super::contexts::{Asked, Joining};
use super::effect::Effect;
use super::field::Field;
use super::filter::{FilterJob, Sort, View};
use super::inventory::{Inventory, Row, RowRef};
use super::key::Key;
use super::model::Model;
use super::{answers, filtering, keys};
use crate::domain::{CallId, ContextName, Operation, Query, QueryError, Status, Token, TokenId, TokenKey};

/// The table and everything that decides what it shows.
#[derive(Debug, Clone, PartialEq)]
pub struct Tokens {
    /// All rows of all contexts.
    pub inventory: Inventory,
    /// The rows shown, in order, with the facet counts.
    pub view: Arc<View>,
    /// The filter pass that is going.
    pub filtering: Option<CallId>,
    /// When the last pass began.
    pub filtered_at: Timestamp,
    /// Whether something changed since it began.
    pub dirty: Dirty,
    /// Whether small pieces of the inventory are being joined.
    pub merging: Joining,
    /// The query line.
    pub query: QueryLine,
    /// The status preset; `None` for all.
    pub status: Option<Status>,
    /// The role preset; `None` for all.
    pub role: Option<String>,
    /// The order.
    pub sort: Sort,
    /// The row under the cursor; `None` while there is none.
    pub cursor: Option<Row>,
    /// Whether the rows on screen answer an older question than the one that stands.
    pub answer: Answered,
    /// Keys about rows, typed before the rows of the question were there.
    pub typed_ahead: Vec<Key>,
    /// Whether the cursor begins anew when its token is not in the next view: the operator asked another question.
    pub refocus: bool,
    /// Where the cursor stands in the view, kept for when its row leaves the view.
    pub position: usize,
    /// The marked rows.
    pub marks: BTreeSet<Row>,
    /// Marks that were removed at once and can be restored.
    pub unmarked: BTreeSet<Row>,
    /// Where a range mark began.
    pub range_from: Option<Row>,
    /// The detail pane.
    pub detail: Detail,
    /// When the backend is asked for the details of the row under the cursor; `None` when it was.
    pub detail_due: Option<Timestamp>,
    /// What is said in a row beside its status.
    pub notes: BTreeMap<Row, RowNote>,
    /// Tokens revoked from here, which stay visible until the end.
    pub revoked_here: BTreeMap<TokenKey, Token>,
}

/// Whether something changed since a filter pass began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dirty {
    /// Nothing did.
    Clean,
    /// Rows did: another pass is due, and the one that is going may be shown.
    Rows,
    /// The question did: another pass is due, and the one that is going answers the wrong one.
    Query,
}

/// Whether the rows on screen answer the question that stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answered {
    /// They do.
    Now,
    /// They answer an older one; the pass is on its way.
    Not,
}

/// The query line.
#[derive(Debug, Clone, PartialEq)]
pub struct QueryLine {
    /// What is typed.
    pub field: Field,
    /// Whether keys go to it.
    pub focus: Focus,
    /// The last query that was one.
    pub query: Arc<Query>,
    /// Why the text is none.
    pub error: Option<QueryError>,
}

/// Whether keys go to a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Focus {
    /// They do.
    Here,
    /// They do not.
    Elsewhere,
}

/// The detail pane.
#[derive(Debug, Clone, PartialEq)]
pub enum Detail {
    /// Not open.
    Closed,
    /// Open on the row under the cursor.
    Open {
        /// The row that `token` belongs to.
        row: Option<Row>,
        /// Every field, once the backend was asked for this token alone.
        token: Asked<Box<Token>>,
        /// Lines scrolled down.
        scroll: u16,
    },
}

/// What is said in a row beside its status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RowNote {
    /// Chosen by the run that is going, not begun.
    Waiting,
    /// A revocation is on its way.
    Revoking,
    /// Revoked; the backend was not asked again yet.
    Revoked,
    /// Sent, and the backend does not show it as dead yet: it is looked for again.
    StillAnswering,
    /// Revoked, and the backend was asked again.
    VerifiedDead,
    /// Asked: it lives.
    Lives,
    /// Asked: the backend does not know it any more.
    Gone,
    /// Skipped, because somebody changed it.
    Changed,
    /// Not revoked, with the reason.
    Failed(String),
    /// Sent, and what became of it is unknown.
    Unverified,
}

impl RowNote {
    /// Returns the words on screen.
    pub fn words(&self) -> &str {
        match self {
            Self::Waiting => "waiting",
            Self::Revoking => "revoking…",
            Self::Revoked => "revoked",
            Self::StillAnswering => "still answering",
            Self::VerifiedDead => "verified dead",
            Self::Lives => "lives",
            Self::Gone => "gone",
            Self::Changed => "changed",
            Self::Failed(_) => "failed",
            Self::Unverified => "unverified",
        }
    }
}

impl Tokens {
    /// Returns the row under the cursor.
    pub fn here(&self) -> Option<RowRef<'_>> {
        self.inventory.get(self.cursor?)
    }

    /// Makes the tab of a program that just started.
    pub fn new(now: Timestamp) -> Self {
        let inventory = Inventory::new();
        Self {
            view: Arc::new(FilterJob::all(inventory.clone(), now).run(1)),
            inventory,
            filtering: None,
            filtered_at: Timestamp::MIN,
            merging: Joining::Not,
            dirty: Dirty::Clean,
            query: QueryLine { field: Field::default(), focus: Focus::Elsewhere, query: Arc::default(), error: None },
            status: None,
            role: None,
            sort: Sort::default(),
            cursor: None,
            answer: Answered::Now,
            typed_ahead: Vec::new(),
            refocus: true,
            position: 0,
            marks: BTreeSet::new(),
            unmarked: BTreeSet::new(),
            range_from: None,
            detail: Detail::Closed,
            detail_due: None,
            notes: BTreeMap::new(),
            revoked_here: BTreeMap::new(),
        }
    }
}

/// Returns where a move leads in a list.
#[expect(clippy::wildcard_enum_match_arm, reason = "the caller hands over no other action")]
pub(super) fn step(at: usize, action: Action, rows: usize, page: usize) -> usize {
    let last = rows.saturating_sub(1);
    match action {
        Action::Down => at.saturating_add(1).min(last),
        Action::Up => at.saturating_sub(1).min(last),
        Action::PageDown => at.saturating_add(page).min(last),
        Action::PageUp => at.saturating_sub(page).min(last),
        Action::First => 0,
        Action::Last => last,
        _ => at,
    }
}

/// Moves the cursor of the table.
pub(super) fn go(model: &mut Model, action: Action) {
    let page = keys::page(model);
    let tokens = &mut model.tokens;
    let rows = tokens.view.rows.len();
    // Without a token under the cursor the first move only shows where it is.
    if tokens.cursor.is_some() || matches!(action, Action::First | Action::Last) {
        tokens.position = step(tokens.position, action, rows, page);
    }
    tokens.cursor = tokens.view.rows.get(tokens.position).copied();
    filtering::follow_details(model);
}

/// Chooses the next or previous preset.
#[expect(clippy::wildcard_enum_match_arm, reason = "the caller hands over no other action")]
pub(super) fn preset(model: &mut Model, action: Action) {
    let tokens = &mut model.tokens;
    match action {
        Action::NextStatus | Action::PreviousStatus => {
            let all: Vec<_> = std::iter::once(None).chain(Status::ALL.map(Some)).collect();
            tokens.status =
                turn(&all, tokens.status.as_ref(), if action == Action::NextStatus { By::Next } else { By::Previous });
        }
        _ => {
            let roles = tokens.inventory.roles().into_iter().map(|(role, _)| Some(role));
            let all: Vec<Option<String>> = std::iter::once(None).chain(roles).collect();
            tokens.role =
                turn(&all, tokens.role.as_ref(), if action == Action::NextRole { By::Next } else { By::Previous });
        }
    }
    filtering::query_changed(model);
}

/// Which way a preset is chosen.
#[derive(Debug, Clone, Copy)]
enum By {
    Next,
    Previous,
}

fn turn<T: PartialEq + Clone>(all: &[Option<T>], current: Option<&T>, by: By) -> Option<T> {
    let at = all.iter().position(|one| one.as_ref() == current).unwrap_or(0);
    let by = match by {
        By::Next => 1,
        By::Previous => all.len().saturating_sub(1),
    };
    all.get((at + by) % all.len().max(1)).cloned().flatten()
}

/// Changes the order.
#[expect(clippy::wildcard_enum_match_arm, reason = "the caller hands over no other action")]
pub(super) fn sort(model: &mut Model, action: Action) {
    let sort = model.tokens.sort;
    model.tokens.sort = match action {
        Action::SortLeft => sort.left(),
        Action::SortRight => sort.right(),
        _ => Sort { direction: sort.direction.reversed(), ..sort },
    };
    model.messages.say(model.now, format!("sorted by {}", model.tokens.sort.words()));
    filtering::query_changed(model);
}

/// Changes the marks.
#[expect(clippy::wildcard_enum_match_arm, reason = "the caller hands over no other action")]
pub(super) fn mark(model: &mut Model, action: Action) {
    match action {
        Action::Mark => {
            let Some(row) = model.tokens.cursor else { return };
            if !model.tokens.marks.remove(&row) {
                model.tokens.marks.insert(row);
            }
            return go(model, Action::Down);
        }
        Action::MarkRange => return mark_range(model),
        Action::UnmarkAll => return unmark(model),
        Action::MarkAll => model.tokens.marks.extend(model.tokens.view.rows.iter().copied()),
        _ => {
            let shown: BTreeSet<Row> = model.tokens.view.rows.iter().copied().collect();
            model.tokens.marks = model.tokens.marks.symmetric_difference(&shown).copied().collect();
        }
    }
    say_marks(model);
}

fn mark_range(model: &mut Model) {
    let tokens = &mut model.tokens;
    let from = tokens.range_from.take().and_then(|row| tokens.view.position(row));
    match from {
        None => {
            tokens.range_from = tokens.cursor;
            model.messages.say(model.now, "a range begins here: move, then the same key again");
        }
        Some(from) => {
            let (first, last) = (from.min(tokens.position), from.max(tokens.position));
            tokens.marks.extend(tokens.view.rows.iter().take(last + 1).skip(first).copied());
            say_marks(model);
        }
    }
}

fn unmark(model: &mut Model) {
    let tokens = &mut model.tokens;
    if tokens.marks.is_empty() {
        tokens.marks = std::mem::take(&mut tokens.unmarked);
    } else {
        tokens.unmarked = std::mem::take(&mut tokens.marks);
    }
    say_marks(model);
}

fn say_marks(model: &mut Model) {
    let marked = model.tokens.marks.len();
    let hidden = hidden_marks(&model.tokens);
    let hiding = if hidden > 0 { format!(", {hidden} of them hidden by the filter") } else { String::new() };
    model.messages.say(model.now, format!("{marked} marked{hiding}"));
}

/// Counts the marked rows that the filter hides.
pub fn hidden_marks(tokens: &Tokens) -> usize {
    tokens.marks.iter().filter(|row| tokens.view.position(**row).is_none()).count()
}

/// Opens or closes the details.
pub(super) fn details(model: &mut Model, effects: &mut Vec<Effect>) {
    if close_details(model) {
        return;
    }
    model.tokens.detail = Detail::Open { row: model.tokens.cursor, token: Asked::Not, scroll: 0 };
    filtering::ask_details(model, effects);
}

/// Closes the details; tells whether they were open.
pub(super) fn close_details(model: &mut Model) -> bool {
    model.tokens.detail_due = None;
    std::mem::replace(&mut model.tokens.detail, Detail::Closed) != Detail::Closed
}

/// Asks whether the token under the cursor still lives.
pub(super) fn verify(model: &mut Model, effects: &mut Vec<Effect>) {
    let Some(here) = model.tokens.here() else { return };
    let (row, name, id) = (here.row(), here.context().clone(), here.token_id());
    let label = here.label().to_string();
    let asking = model.calls.iter().any(|(_, call)| call.purpose == CallPurpose::Verify(row));
    if !asking {
        model.messages.say(model.now, format!("asking whether \"{label}\" lives…"));
        answers::call(model, &name, Operation::Get(id), CallPurpose::Verify(row), effects);
    }
}

/// Copies the id of the token under the cursor, never a secret.
pub(super) fn copy_id(model: &mut Model, effects: &mut Vec<Effect>) {
    if let Some(here) = model.tokens.here() {
        effects.push(Effect::CopyText(here.id().raw().to_owned()));
    }
}

/// Returns the token with this id, the newest where an id was used again.
pub(super) fn newest_of(model: &Model, context: &ContextName, id: &TokenId) -> Option<Token> {
    let inventory = &model.tokens.inventory;
    inventory.find_id(context, id.raw()).and_then(|row| inventory.token(row))
}

/// Returns the ids of a context's tokens that carry exactly this label.
pub(super) fn ids_with_label(model: &Model, context: &ContextName, label: &str) -> Vec<TokenId> {
    let mut ids = Vec::new();
    model.tokens.inventory.for_each_of(context, |row| {
        if row.label().raw() == label {
            ids.push(row.token_id());
        }
    });
    ids
}
