//! The tab `Backends`: the contexts, and everything known of the one under the cursor.

use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::canvas::{Canvas, after, split, top};
use super::detail::named;
use super::header::list_state;
use super::look::Look;
use super::memory::Memory;
use super::text::foreign;
use super::{time, words};
use crate::app::contexts::{Asked, ContextState, ListExtent};
use crate::app::model::Model;
use crate::app::own;
use crate::domain::{Access, Capabilities, Extent, FailureKind, Protection, Rotation, Support};

/// Place and head of the columns, as far as they fit.
const COLUMNS: [(u16, u16, &str); 6] = [
    (2, 14, "context"),
    (18, 10, "health"),
    (30, 8, "latency"),
    (40, 7, "TLS"),
    (49, 14, "credential"),
    (65, 24, "access"),
];

/// Draws the tab.
pub(super) fn draw(canvas: &mut Canvas<'_>, body: Rect, model: &Model, memory: &mut Memory) {
    let (head, body) = top(body);
    if model.contexts.is_empty() {
        canvas.text(after(head, 3), "no context", Look::strong());
        return;
    }
    for (cell, (.., words)) in cells(head).zip(COLUMNS) {
        canvas.text(cell, words, Look::strong());
    }
    let wanted = u16::try_from(model.contexts.len()).unwrap_or(u16::MAX);
    let (list, rest) = split(body, wanted.min(body.height / 3).max(1));
    let cursor = model.backend_cursor.min(model.contexts.len() - 1);
    let first = memory.backends.hold(cursor, usize::from(list.height), model.contexts.len());
    for ((y, index), state) in (list.top()..list.bottom()).zip(first..).zip(model.contexts.iter().skip(first)) {
        let row = Rect { y, height: 1, ..list };
        if index == cursor {
            canvas.text(Rect { width: row.width.min(1), ..row }, ">", Look::strong());
        }
        for (cell, (text, style)) in cells(row).zip(cells_of(canvas.look, state)) {
            canvas.text(cell, &text, style);
        }
    }
    let (_, rest) = top(rest);
    if let Some(state) = model.contexts.get(cursor) {
        let area = after(rest, 2);
        let lines = facts(canvas.look, model, state, usize::from(area.width.min(100)));
        let rows = usize::from(area.height);
        let first = memory.facts.to(usize::from(model.backend_scroll), lines.len().saturating_sub(rows));
        canvas.lines_or_sign(area, &lines[first.min(lines.len())..]);
    }
}

/// Returns the contexts, a line for each, and everything known of the one under the cursor.
pub(super) fn told(look: &Look, model: &Model) -> (Vec<String>, usize, Vec<Line<'static>>) {
    let cursor = model.backend_cursor.min(model.contexts.len().saturating_sub(1));
    let line = |state: &ContextState| {
        let cells = cells_of(look, state);
        let named = cells.iter().zip(COLUMNS).skip(1).map(|((text, _), (.., head))| match text.strip_prefix(head) {
            Some(_) => text.clone(),
            None => format!("{head} {text}"),
        });
        std::iter::once(cells[0].0.clone()).chain(named).collect::<Vec<_>>().join("; ")
    };
    let lines = model.contexts.iter().map(line).collect();
    let facts = model.contexts.get(cursor).map(|state| facts(look, model, state, usize::from(u16::MAX)));
    (lines, cursor, facts.unwrap_or_default())
}

fn cells(row: Rect) -> impl Iterator<Item = Rect> {
    COLUMNS.into_iter().map(move |(x, width, _)| Rect { x: row.x.saturating_add(x), width, ..row }.intersection(row))
}

fn cells_of(look: &Look, state: &ContextState) -> [(String, ratatui::style::Style); 6] {
    let health = match &state.health {
        _ if state.context.capabilities.closed.is_some() => ("closed".to_owned(), look.care()),
        Asked::Not if !state.context.capabilities.health.offered() => ("not told".to_owned(), Look::plain()),
        Asked::Not => ("not asked".to_owned(), Look::plain()),
        Asked::Asking => ("asking…".to_owned(), look.care()),
        Asked::There(_) => ("well".to_owned(), look.good()),
        Asked::Failed(failure) => (words::failure_short(failure).to_owned(), look.bad()),
    };
    let latency = state.latency.map_or("unknown".to_owned(), |latency| format!("{} ms", latency.as_millis()));
    let tls = state.tls.clone().unwrap_or_else(|| "unknown".to_owned());
    let credential = match &state.credential {
        _ if state.context.capabilities.closed.is_some() => ("not needed".to_owned(), Look::plain()),
        Asked::There(source) => (source.words().to_owned(), Look::plain()),
        Asked::Failed(failure) if failure.kind == FailureKind::Sealed => ("locked".to_owned(), look.bad()),
        Asked::Failed(_) => ("none (:login)".to_owned(), look.bad()),
        Asked::Not | Asked::Asking => ("asking…".to_owned(), look.care()),
    };
    let access = (access(state), if state.context.access == Access::ReadOnly { look.care() } else { Look::plain() });
    let name = (state.context.name.to_string(), Look::plain());
    [name, health, (latency, Look::plain()), (tls, Look::plain()), credential, access]
}

fn access(state: &ContextState) -> String {
    let words = match (state.context.access, state.context.protection) {
        (Access::ReadOnly, Protection::Ordinary) => "READ-ONLY",
        (Access::ReadOnly, Protection::Protected) => "READ-ONLY PROTECTED",
        (Access::Write, Protection::Ordinary) => "write",
        (Access::Write, Protection::Protected) => "write PROTECTED",
    };
    words.to_owned()
}

/// Returns everything known of a context.
fn facts(look: &Look, model: &Model, state: &ContextState, room: usize) -> Vec<Line<'static>> {
    let context = &state.context;
    let capabilities = &context.capabilities;
    let mut lines = Vec::new();
    let mut add = |name: &str, value: String| lines.append(&mut named(look, name, Span::raw(value), room));
    add("backend", format!("{} at {}", capabilities.title, context.origin));
    if let Some(why) = &capabilities.closed {
        add("closed", why.clone());
        add("not listed", capabilities.not_listed.join("; "));
        add("no undo", capabilities.irreversible.clone());
        add("documents", capabilities.docs.clone());
        lines.retain(|line| line.width() > 12);
        return lines;
    }
    add("access", access(state));
    add("health", health(look, state));
    let soon = own::soon(state, model.now).map(|soon| format!("; {soon}")).unwrap_or_default();
    add("credential", words::asked(look, &state.credential, |source| format!("{}{soon}", source.words())));
    add("acts as", acts_as(look, model, state));
    add("list", list_words(look, model, state));
    add(
        "not listed",
        match capabilities.not_listed.as_slice() {
            _ if capabilities.unlisted.is_some() => String::new(),
            [] => "nothing: the list holds every token".to_owned(),
            words => words.join("; "),
        },
    );
    add("last used", capabilities.use_freshness.clone());
    add(
        "also dies",
        match capabilities.revoke_takes.as_str() {
            "" => "nothing, as far as the service tells".to_owned(),
            takes => takes.to_owned(),
        },
    );
    add("delay", capabilities.delay.clone());
    add("no proof", capabilities.unproved.clone().unwrap_or_default());
    add("no undo", capabilities.irreversible.clone());
    if let Some(skew) = state.skew.filter(|skew| !skew.is_zero()) {
        let way = if skew.is_negative() { "behind" } else { "ahead of" };
        add("clock", format!("the server's is {} {way} ours", time::fine_span(skew)));
    }
    add("cannot", offers(capabilities, Support::No));
    add("can", offers(capabilities, Support::Yes));
    if let Some(budget) = capabilities.budget {
        let requests = words::count(budget.requests as usize, "request", "requests");
        add("limit", format!("{requests} in {} s; what would be over it waits, changes the least", budget.seconds));
    }
    add("documents", capabilities.docs.clone());
    lines.retain(|line| line.width() > 12);
    lines
}

/// What stands where the description has no question for it.
const UNTOLD: &str = "the backend does not say";

fn health(look: &Look, state: &ContextState) -> String {
    if !state.context.capabilities.health.offered() {
        return UNTOLD.to_owned();
    }
    words::asked(look, &state.health, |health| match &health.version {
        Some(version) => format!("well, version {}", foreign(look, version)),
        None => "well".to_owned(),
    })
}

fn acts_as(look: &Look, model: &Model, state: &ContextState) -> String {
    if !state.context.capabilities.whoami.offered() {
        return UNTOLD.to_owned();
    }
    words::asked(look, &state.identity, |identity| {
        if identity.is_unnamed() {
            return "it is taken; whose it is, the backend does not say".to_owned();
        }
        let (name, roles) = (foreign(look, &identity.name), words::roles(look, identity.roles.as_deref()));
        format!("{name} ({roles}), expires {}", time::full_expiry(identity.expires, model.now))
    })
}

fn list_words(look: &Look, model: &Model, state: &ContextState) -> String {
    if let Some(why) = &state.context.capabilities.unlisted {
        return format!("none: {why}");
    }
    let extent = match state.context.capabilities.extent {
        Extent::Own => "the tokens of the credential's owner",
        Extent::Administered => "all tokens that the credential may administer",
    };
    let at = state.list.data_at.map(|at| format!(", as of {}", time::full(at, model.now))).unwrap_or_default();
    let how = match (&state.list.extent, list_state(look, state)) {
        (ListExtent::Partial(why), _) => format!("; partial: {why}"),
        (_, Some((words, _))) => format!("; {words}"),
        (_, None) => String::new(),
    };
    format!("{extent}{at}{how}")
}

/// Returns what a backend offers, or does not.
fn offers(capabilities: &Capabilities, wanted: Support) -> String {
    let rotate = match capabilities.rotate {
        Rotation::InPlace => "rotate in place",
        Rotation::Emulated => "rotate (a new token, then the old one is revoked)",
    };
    let support = |offered| if offered { Support::Yes } else { Support::No };
    let all = [
        (capabilities.get, "read one token"),
        (capabilities.create, "create"),
        (capabilities.edit_label, "edit the label"),
        (capabilities.edit_expiry, "edit the expiry"),
        (support(capabilities.rotates()), rotate),
        (capabilities.renew, "renew your own credential"),
        (capabilities.revoke, "revoke"),
        (capabilities.disable, "disable"),
        (capabilities.events, "audit events"),
        (capabilities.notices, "notices"),
        (capabilities.reports_use, "report use"),
        (capabilities.reports_expiry, "report expiry"),
        (support(capabilities.choose_owner.offered()), "create for another owner"),
    ];
    all.iter().filter(|(support, _)| *support == wanted).map(|(_, words)| *words).collect::<Vec<_>>().join(", ")
}
