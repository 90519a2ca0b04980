//! The tab `Incident`: the worklist, red until each of its tokens is verified dead, and what is known of the one under
//! the cursor.

use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::canvas::{Canvas, after, split, top};
use super::look::Look;
use super::memory::Window;
use super::text::{clean, wrap};
use super::time;
use super::words::{self, count};
use crate::app::incident::{self, Choice, Coverage, Fate, Incident, Reach, Work};
use crate::app::model::Model;
use crate::domain::Owner;

/// What is to be thought of before the first token dies.
const CARD: [&str; 3] = [
    "Is the stolen copy on a machine that runs? Isolate that first: there is malware that wipes what it can reach when \
     its token is refused. Revoke from a clean host; packages first, then code, then cloud.",
    ":choose now      known abuse or public exposure: revoke at once.",
    ":choose replace  suspicion or routine: create the new one (t in the tab Tokens), hand it over, watch the use of the \
     old one stop, then revoke.",
];

/// How the tab begins without an incident.
const NONE: &str = "No incident is open. `:incident INC-42 laptop stolen` opens one: from then on every record of the \
                    journal names its ticket. `:exposure FROM TO` shows what there was in a span of time, `a` puts marked \
                    tokens on the worklist, `x` revokes them, and each stays red here until it is verified dead.";

/// The same where there is little room.
const SHORT_CARD: &str = "Isolate a compromised host first. Then :choose now, or :choose replace.";

/// From this many rows on, the whole card is shown while nothing was decided.
const CARD_ROOM: u16 = 16;

/// The rows below the worklist.
const FACTS: u16 = 9;

/// Draws the tab.
pub(super) fn draw(canvas: &mut Canvas<'_>, body: Rect, model: &Model, window: &mut Window) {
    let look = canvas.look;
    let (_, body) = top(body);
    let Some(open) = &model.incident else {
        let area = after(body, 1);
        let lines = wrap(look, &Line::from(NONE), usize::from(area.width.min(78)), 0);
        return canvas.lines(area, &lines);
    };
    let head = head(look, model, open, (usize::from(body.width.saturating_sub(2)), body.height));
    let height = u16::try_from(head.len()).unwrap_or(u16::MAX).min(body.height);
    let (above, body) = split(body, height);
    canvas.lines(after(above, 1), &head);
    let facts = if body.height > FACTS * 2 { FACTS } else { body.height / 2 };
    let (list, below) = split(body, body.height - facts);
    let first = window.hold(open.cursor, usize::from(list.height), open.worklist.len());
    for (y, (index, work)) in (list.top()..list.bottom()).zip(open.worklist.iter().enumerate().skip(first)) {
        let row = Rect { y, height: 1, ..list };
        if index == open.cursor {
            canvas.text(Rect { width: row.width.min(1), ..row }, ">", Look::strong());
        }
        let (words, style) = fate(model, look, work);
        let rest = canvas.right(after(row, 2), &Line::from(Span::styled(words, style)));
        canvas.line(rest, &line(look, model, work));
    }
    if let Some((work, reach)) = here(open) {
        let (_, area) = top(below);
        let area = after(area, 2);
        canvas.lines_or_sign(area, &about(look, model, (work, reach), usize::from(area.width.min(100))));
    }
}

/// Returns the token under the cursor, and what it reaches.
fn here(open: &Incident) -> Option<(&Work, Reach)> {
    Some((open.here()?, open.known.reach.get(open.cursor).copied().unwrap_or_default()))
}

/// Returns everything that the tab says, as lines.
pub(super) fn told(look: &Look, model: &Model) -> (Vec<String>, Vec<String>, usize) {
    let text = |lines: Vec<Line<'static>>| lines.iter().map(ToString::to_string).collect::<Vec<_>>();
    let Some(open) = &model.incident else { return (vec![NONE.to_owned()], Vec::new(), 0) };
    let works = open.worklist.iter().map(|work| format!("{}: {}", line(look, model, work), fate(model, look, work).0));
    let mut head = text(head(look, model, open, (usize::from(u16::MAX), u16::MAX)));
    head.extend(here(open).map(|here| text(about(look, model, here, usize::from(u16::MAX)))).unwrap_or_default());
    (head, works.collect(), open.cursor)
}

/// Returns what stands above the worklist.
fn head(look: &Look, model: &Model, open: &Incident, (room, height): (usize, u16)) -> Vec<Line<'static>> {
    let mut title = vec![Span::styled(clean(&open.ticket, look.charset).into_owned(), Look::strong())];
    if !open.reason.is_empty() {
        title.push(Span::raw(format!("  {}", clean(&open.reason, look.charset))));
    }
    title.push(Span::raw(format!("  opened {}", time::full(open.opened, model.now))));
    let mut lines = vec![Line::from(title)];
    match open.choice {
        Choice::Open if height >= CARD_ROOM => {
            lines.extend(CARD.iter().flat_map(|words| wrap(look, &Line::from(*words), room, 2)));
        }
        Choice::Open => lines.extend(wrap(look, &Line::from(SHORT_CARD), room, 2)),
        Choice::Now | Choice::Replace => lines.push(Line::from(open.choice.words())),
    }
    lines.extend(wrap(look, &counts(look, model, open), room, 2));
    lines.extend(sum(open).map(Line::from));
    lines
}

/// Returns what all of the worklist reaches; `None` for an empty one.
fn sum(open: &Incident) -> Option<String> {
    let (children, gone, unknown) = open.known.sum();
    let children = children.map_or_else(
        || "child tokens unknown".to_owned(),
        |number| count(number, "listed child token", "listed child tokens"),
    );
    let gone = if gone > 0 { format!("; {} gone", count(gone, "owner", "owners")) } else { String::new() };
    let unknown = if unknown > 0 { format!("; {} unknown", count(unknown, "owner", "owners")) } else { String::new() };
    (!open.worklist.is_empty()).then(|| format!("dies with them: {children}{gone}{unknown}"))
}

/// Returns the coverage, and what happened meanwhile.
fn counts(look: &Look, model: &Model, open: &Incident) -> Line<'static> {
    let Coverage { all, dead, told, answering, failed, unknown, alive } = incident::coverage(model, open);
    if all == 0 {
        return Line::from("The worklist is empty: mark tokens in the tab Tokens, and a puts them here.");
    }
    let mut spans = vec![Span::styled(format!("{all} in scope"), Look::strong())];
    for (number, words, style) in [
        (dead, "verified dead", look.good()),
        (told, "not verified", look.care()),
        (answering, "still answering", look.bad()),
        (failed, "not revoked", look.bad()),
        (unknown, "unknown", look.bad()),
        (alive, "alive", look.bad()),
    ] {
        if number > 0 {
            spans.push(Span::raw("  "));
            spans.push(Span::styled(format!("{number} {words}"), style));
        }
    }
    let born = open.known.born;
    if born > 0 {
        spans.push(Span::styled(format!("  {} born since (:drift)", count(born, "token", "tokens")), look.care()));
    }
    Line::from(spans)
}

fn line(look: &Look, model: &Model, work: &Work) -> Line<'static> {
    let mut spans = vec![
        Span::styled(words::label(look, &work.target.label), Look::strong()),
        Span::raw(format!("  {}", clean(&work.target.id.shown(), look.charset))),
    ];
    if model.contexts.len() > 1 {
        spans.push(Span::raw(format!("  {}", work.context)));
    }
    if incident::is_changed(model, work) {
        spans.push(Span::styled("  changed since", look.care()));
    }
    Line::from(spans)
}

fn fate(model: &Model, look: &Look, work: &Work) -> (&'static str, Style) {
    let fate = incident::fate(model, work);
    let style = match &fate {
        Fate::Dead(_) => look.good(),
        Fate::Told | Fate::Going(_) | Fate::Off => look.care(),
        Fate::StillAnswering | Fate::Failed(_) | Fate::Unknown(_) | Fate::Alive => look.bad(),
    };
    (fate.words(), style)
}

/// Returns what is known of a token beyond itself. What is not known is called so.
fn about(look: &Look, model: &Model, (work, reach): (&Work, Reach), room: usize) -> Vec<Line<'static>> {
    let able = model.context(&work.context).map(|state| &state.context.capabilities);
    let owner = match &work.target.owner {
        Owner::Unknown => "owner unknown".to_owned(),
        owner @ (Owner::Known(_) | Owner::Removed(_)) => format!("owner {}", words::owner(look, owner)),
    };
    let siblings = reach.siblings.map_or_else(
        || "other tokens of the owner unknown".to_owned(),
        |number| format!("{} of the same owner", count(number, "other token", "other tokens")),
    );
    let children = reach.children.map_or_else(
        || "child tokens unknown (the list names no parents)".to_owned(),
        |number| count(number, "listed child token", "listed child tokens"),
    );
    let row = work.row.and_then(|row| model.tokens.inventory.get(row));
    let used = row.map_or_else(|| "not listed now".to_owned(), |row| time::full_use(row.last_used(), model.now));
    let fate = incident::fate(model, work);
    let reason = fate.reason().map(|reason| format!("{}: {}", fate.words(), clean(reason, look.charset)));
    let mut texts: Vec<String> = reason.into_iter().collect();
    texts.extend([
        format!("{owner}; {siblings}; roles {}", words::roles(look, work.target.roles.as_deref())),
        format!("dies with it: {children}"),
        format!("last used {used}; never used is not safe"),
    ]);
    if let Some(able) = able {
        let said = [
            ("a revocation takes along", &able.revoke_takes),
            ("last used is", &able.use_freshness),
            ("a revoked token may go on", &able.delay),
            ("cannot be undone", &able.irreversible),
        ];
        texts
            .extend(said.iter().filter(|(_, words)| !words.is_empty()).map(|(what, words)| format!("{what}: {words}")));
        if able.disable.offered() {
            texts
                .push("it can be switched off first, and on again: :disable does it for the whole worklist".to_owned());
        }
        texts.extend(able.not_listed.iter().map(|words| format!("not in the list: {words}")));
    }
    texts.iter().flat_map(|text| wrap(look, &Line::from(text.clone()), room, 2)).collect()
}
