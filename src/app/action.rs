//! What a person can ask of the tabs, and whether it applies now.

use super::activity::Source;
use super::contexts::ListExtent;
use super::incident;
use super::inventory::Row;
use super::model::{Model, Tab};
use super::tokens::Detail;
use crate::domain::{Access, Context};

/// What a person can ask. The order is that of the help.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Action {
    /// One row down.
    Down,
    /// One row up.
    Up,
    /// One screen down.
    PageDown,
    /// One screen up.
    PageUp,
    /// The first row.
    First,
    /// The last row.
    Last,
    /// One line down in what stands beside the list: details, facts.
    ScrollDown,
    /// One line up in it.
    ScrollUp,
    /// The next tab.
    NextTab,
    /// The previous tab.
    PreviousTab,
    /// The tab `Tokens`.
    TabTokens,
    /// The tab `Review`.
    TabReview,
    /// The tab `Incident`.
    TabIncident,
    /// The tab `Activity`.
    TabActivity,
    /// The tab `Backends`.
    TabBackends,
    /// The next list of the tab.
    NextList,
    /// The previous list of the tab.
    PreviousList,
    /// Edit the query line.
    Query,
    /// The next status preset.
    NextStatus,
    /// The previous status preset.
    PreviousStatus,
    /// The next role among those present.
    NextRole,
    /// The previous role among those present.
    PreviousRole,
    /// Sort by the column to the left.
    SortLeft,
    /// Sort by the column to the right.
    SortRight,
    /// Turn the order around.
    SortReverse,
    /// Mark the row under the cursor, or unmark it.
    Mark,
    /// Begin a range, or mark all from its beginning to the cursor.
    MarkRange,
    /// Mark all that the filter shows.
    MarkAll,
    /// Turn the marks around within what is shown.
    MarkInvert,
    /// Remove all marks, or bring them back.
    UnmarkAll,
    /// Open the details.
    Details,
    /// Back: close the details, clear the query.
    Back,
    /// A new token.
    New,
    /// Edit the label or the expiry.
    Edit,
    /// A new secret for the token.
    Rotate,
    /// Revoke the marks, or the token under the cursor.
    Revoke,
    /// Ask whether the token still lives.
    Verify,
    /// Put the marks, or the token under the cursor, on the worklist of the incident.
    Freeze,
    /// Copy the token id.
    Copy,
    /// Read the list again.
    Refresh,
    /// Paint the screen again.
    Repaint,
    /// Stop until continued.
    Suspend,
    /// The command palette.
    Palette,
    /// The keys valid here.
    Help,
    /// Find the token that a leaked value is.
    Identify,
    /// What was left open, to be settled.
    LeftOpen,
    /// Everything said.
    Messages,
    /// Leave.
    Quit,
    /// Cancel what is in front; with nothing there, leave.
    Cancel,
}

/// Every action, its name in the keymap, and its words in the help and the footer.
const NAMES: [(Action, &str, &str); 49] = [
    (Action::Down, "down", "down"),
    (Action::Up, "up", "up"),
    (Action::PageDown, "page-down", "page down"),
    (Action::PageUp, "page-up", "page up"),
    (Action::First, "first", "first"),
    (Action::Last, "last", "last"),
    (Action::ScrollDown, "scroll-down", "scroll details down"),
    (Action::ScrollUp, "scroll-up", "scroll details up"),
    (Action::NextTab, "next-tab", "next tab"),
    (Action::PreviousTab, "previous-tab", "previous tab"),
    (Action::TabTokens, "tab-tokens", "Tokens"),
    (Action::TabReview, "tab-review", "Review"),
    (Action::TabIncident, "tab-incident", "Incident"),
    (Action::TabActivity, "tab-activity", "Activity"),
    (Action::TabBackends, "tab-backends", "Backends"),
    (Action::NextList, "next-list", "next list"),
    (Action::PreviousList, "previous-list", "previous list"),
    (Action::Query, "query", "filter"),
    (Action::NextStatus, "next-status", "status"),
    (Action::PreviousStatus, "previous-status", "previous status"),
    (Action::NextRole, "next-role", "role"),
    (Action::PreviousRole, "previous-role", "previous role"),
    (Action::SortLeft, "sort-left", "sort column left"),
    (Action::SortRight, "sort-right", "sort column right"),
    (Action::SortReverse, "sort-reverse", "reverse order"),
    (Action::Mark, "mark", "mark"),
    (Action::MarkRange, "mark-range", "mark a range"),
    (Action::MarkAll, "mark-all", "mark all shown"),
    (Action::MarkInvert, "mark-invert", "invert marks"),
    (Action::UnmarkAll, "unmark-all", "unmark all / restore"),
    (Action::Details, "details", "details"),
    (Action::Back, "back", "back"),
    (Action::New, "new", "new"),
    (Action::Edit, "edit", "edit"),
    (Action::Rotate, "rotate", "rotate"),
    (Action::Revoke, "revoke", "revoke"),
    (Action::Verify, "verify", "verify"),
    (Action::Freeze, "freeze", "onto the worklist"),
    (Action::Copy, "copy", "copy id"),
    (Action::Refresh, "refresh", "refresh"),
    (Action::Repaint, "repaint", "repaint"),
    (Action::Suspend, "suspend", "suspend"),
    (Action::Palette, "palette", "command"),
    (Action::Help, "help", "help"),
    (Action::Identify, "identify", "identify a leaked value"),
    (Action::LeftOpen, "left-open", "left open"),
    (Action::Messages, "messages", "messages"),
    (Action::Quit, "quit", "quit"),
    (Action::Cancel, "cancel", "cancel"),
];

impl Action {
    /// Returns every action in the order of the help.
    pub fn all() -> impl Iterator<Item = Self> {
        NAMES.iter().map(|(action, ..)| *action)
    }

    /// Reads a name of the keymap.
    pub fn parse(name: &str) -> Option<Self> {
        NAMES.iter().find(|(_, known, _)| *known == name).map(|(action, ..)| *action)
    }

    /// Returns its name in the keymap.
    pub fn name(self) -> &'static str {
        self.entry().0
    }

    /// Returns its words in the help and the footer.
    pub fn words(self) -> &'static str {
        self.entry().1
    }

    fn entry(self) -> (&'static str, &'static str) {
        NAMES.iter().find(|(action, ..)| *action == self).map_or(("", ""), |(_, name, words)| (name, words))
    }
}

/// Tells whether an action applies now.
///
/// # Errors
/// The reason why it does not, for the help and for the operator who tries.
#[expect(clippy::too_many_lines, reason = "a flat match over every action")]
pub fn applies(model: &Model, action: Action) -> Result<(), String> {
    match action {
        Action::Details if model.tab == Tab::Incident => incident::may_show(model),
        Action::Freeze if model.incident.is_none() => {
            Err("no incident is open: :incident TICKET REASON opens one".to_owned())
        }
        Action::Mark | Action::MarkRange | Action::Copy | Action::Details | Action::Freeze => on_row(model),
        Action::MarkAll | Action::MarkInvert => whole_list(model),
        Action::Query if model.tab == Tab::Activity => match model.activity.source {
            Source::Journal => Ok(()),
            Source::Notices | Source::Events => Err("only the journal is filtered".to_owned()),
        },
        Action::UnmarkAll
        | Action::Query
        | Action::NextStatus
        | Action::PreviousStatus
        | Action::NextRole
        | Action::PreviousRole
        | Action::SortLeft
        | Action::SortRight
        | Action::SortReverse => on_tokens(model),
        Action::New => match model.contexts.iter().map(|state| can_create(&state.context)).find(Result::is_ok) {
            Some(_) => on_tokens(model),
            None => Err(model.contexts.first().map_or_else(
                || "there is no context".to_owned(),
                |state| can_create(&state.context).err().unwrap_or_default(),
            )),
        },
        Action::Edit => on_writable_row(model, can_edit),
        Action::Rotate => on_writable_row(model, can_rotate),
        Action::Revoke if model.tab == Tab::Incident => incident::may_revoke(model),
        Action::Revoke => can_revoke(model),
        Action::Verify => {
            on_row(model)?;
            row_context(model).map_or(Ok(()), |state| can_verify(&state.context))
        }
        Action::NextList | Action::PreviousList => match model.tab {
            Tab::Activity => Ok(()),
            Tab::Tokens | Tab::Review | Tab::Incident | Tab::Backends => Err("only in the tab Activity".to_owned()),
        },
        Action::ScrollDown | Action::ScrollUp => match (model.tab, &model.tokens.detail) {
            (Tab::Backends, _) | (Tab::Tokens, Detail::Open { .. }) => Ok(()),
            (Tab::Tokens, Detail::Closed) => Err("the details are not open".to_owned()),
            (Tab::Review | Tab::Incident | Tab::Activity, _) => Err("there is nothing to scroll".to_owned()),
        },
        Action::LeftOpen if model.leftovers.is_empty() && model.unfinished.is_empty() => {
            Err("nothing was left open".to_owned())
        }
        Action::Refresh if model.contexts.is_empty() => Err("there is no context".to_owned()),
        Action::Down
        | Action::Up
        | Action::PageDown
        | Action::PageUp
        | Action::First
        | Action::Last
        | Action::NextTab
        | Action::PreviousTab
        | Action::TabTokens
        | Action::TabReview
        | Action::TabIncident
        | Action::TabActivity
        | Action::TabBackends
        | Action::Back
        | Action::Refresh
        | Action::Repaint
        | Action::Suspend
        | Action::Palette
        | Action::Help
        | Action::Identify
        | Action::LeftOpen
        | Action::Messages
        | Action::Quit
        | Action::Cancel => Ok(()),
    }
}

/// Tells whether a context lets tokens be created.
///
/// # Errors
/// The reason why it does not.
pub fn can_create(context: &Context) -> Result<(), String> {
    writable(context)?;
    offers(context, "create tokens", context.capabilities.create.offered())
}

/// Tells whether a context lets tokens be edited.
///
/// # Errors
/// The reason why it does not.
pub fn can_edit(context: &Context) -> Result<(), String> {
    writable(context)?;
    let able = &context.capabilities;
    offers(context, "edit", able.edit_label.offered() || able.edit_expiry.offered())
}

/// Tells whether a context lets tokens be rotated, in place or by a new one.
///
/// # Errors
/// The reason why it does not.
pub fn can_rotate(context: &Context) -> Result<(), String> {
    writable(context)?;
    offers(context, "rotate", context.capabilities.rotates())
}

/// Tells whether a context lets tokens be revoked.
///
/// # Errors
/// The reason why it does not.
pub fn can_revoke_in(context: &Context) -> Result<(), String> {
    writable(context)?;
    offers(context, "revoke", context.capabilities.revoke.offered())
}

fn can_verify(context: &Context) -> Result<(), String> {
    let able = &context.capabilities;
    offers(context, "read one token", able.get.offered())?;
    able.unproved.as_ref().map_or(Ok(()), |why| Err(format!("{} does not tell: {why}", able.title)))
}

fn offers(context: &Context, what: &str, offered: bool) -> Result<(), String> {
    if offered { Ok(()) } else { Err(format!("{} cannot {what} over its interface", context.capabilities.title)) }
}

/// The marks are what is revoked, wherever the cursor is; without marks, the row under it.
///
/// Of very many marks the first and the last stand for all: this is asked for every picture, and the question looks
/// at each.
fn can_revoke(model: &Model) -> Result<(), String> {
    let marks = &model.tokens.marks;
    let (Some(first), Some(last)) = (marks.first(), marks.last()) else {
        return on_writable_row(model, can_revoke_in);
    };
    on_tokens(model)?;
    let looked_at = marks.iter().take(1_000).chain([last]);
    if looked_at.into_iter().any(|row| can_revoke_row(model, *row).is_ok()) {
        return Ok(());
    }
    can_revoke_row(model, *first)
}

fn can_revoke_row(model: &Model, row: Row) -> Result<(), String> {
    let context = model.tokens.inventory.get(row).and_then(|row| model.context(row.context()));
    let Some(state) = context else { return Err("the list does not hold what is marked".to_owned()) };
    can_revoke_in(&state.context)
}

fn on_tokens(model: &Model) -> Result<(), String> {
    match model.tab {
        Tab::Tokens => Ok(()),
        Tab::Review | Tab::Incident | Tab::Activity | Tab::Backends => Err("only in the tab Tokens".to_owned()),
    }
}

fn on_row(model: &Model) -> Result<(), String> {
    on_tokens(model)?;
    model.tokens.cursor.map(|_| ()).ok_or_else(|| "there is no token under the cursor".to_owned())
}

fn whole_list(model: &Model) -> Result<(), String> {
    on_row(model)?;
    // What the query leaves out, and what has no list, holds nothing up.
    let query = &model.tokens.query.query;
    let asked = model.contexts.iter().filter(|state| query.admits(&state.context.name) && state.has_list());
    let partial = asked.into_iter().find(|state| match &state.list.extent {
        ListExtent::Nothing | ListExtent::Loading | ListExtent::Partial(_) => true,
        ListExtent::Complete => false,
    });
    let hint = if model.contexts.len() > 1 { " (:context NAME leaves the others out)" } else { "" };
    match partial {
        None => Ok(()),
        Some(state) => Err(format!("the list of {} is not complete{hint}", state.context.name)),
    }
}

fn writable(context: &Context) -> Result<(), String> {
    match context.access {
        Access::Write => Ok(()),
        Access::ReadOnly => Err(format!("{} is read-only (:write changes that)", context.name)),
    }
}

fn on_writable_row(model: &Model, test: impl Fn(&Context) -> Result<(), String>) -> Result<(), String> {
    on_row(model)?;
    row_context(model).map_or(Ok(()), |state| test(&state.context))
}

/// Returns the context of the row under the cursor.
fn row_context(model: &Model) -> Option<&super::contexts::ContextState> {
    model.context(model.tokens.here()?.context())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_read_back() {
        for action in Action::all() {
            assert_eq!(Action::parse(action.name()), Some(action));
            assert!(!action.words().is_empty());
        }
    }
}
