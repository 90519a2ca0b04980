//! What came of a run: the counts, and every token that is not proved dead, with the reason.

use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::sheet::Sheet;
use crate::app::modal::Report;
use crate::app::model::Model;
use crate::app::run::{Item, ItemState, Phase, Run};
use crate::domain::Outcome;
use crate::ui::look::Look;
use crate::ui::text::clean;
use crate::ui::words::{self, count};

/// Returns the report.
pub(super) fn sheet<'m>(look: &'m Look, model: &Model, report: &Report, room: usize) -> Sheet<'m> {
    let runs = &model.runs;
    let all = count(runs.tally().all, "token", "tokens");
    let title = match runs.iter().as_slice() {
        [] => "Report".to_owned(),
        [run] => format!("Report: {all} in {}", run.context),
        several => format!("Report: {all} in {} contexts", several.len()),
    };
    let mut sheet = Sheet::new(look, title, room);
    sheet.scrolled(report.scroll);
    if runs.is_empty() {
        sheet.line("Nothing was revoked yet.");
        sheet.keys(&[("Enter Esc q", "close")]);
        return sheet;
    }
    for run in runs {
        if runs.len() > 1 {
            let all = count(run.items.len(), "token", "tokens");
            sheet.line(Span::styled(format!("{}: {all}", run.context), Look::strong()));
        }
        phase(look, run, &mut sheet);
        counts(look, run, &mut sheet);
    }
    let open: Vec<_> = runs.items().filter_map(|(context, item)| Some((context, item, open(look, item)?))).collect();
    if !open.is_empty() {
        sheet.gap();
    }
    for (context, item, (words, style)) in &open {
        let token = &item.frozen.token;
        let label = words::label(look, &token.label);
        let head = vec![
            Span::styled(label, Look::strong()),
            Span::raw(format!("  {}", clean(&token.id.shown(), look.charset))),
            Span::raw(if runs.len() > 1 { format!("  in {context}") } else { String::new() }),
        ];
        sheet.hang(Line::from(head), 2);
        sheet.hang(Line::from(vec![Span::raw("  "), Span::styled(words.clone(), *style)]), 2);
    }
    match (runs.is_going(), open.is_empty()) {
        (false, false) => sheet.keys(&[("r", "ask again for these alone"), ("Enter Esc q", "close")]),
        (_, true) | (true, _) => sheet.keys(&[("Enter Esc q", "close")]),
    }
    sheet
}

fn phase(look: &Look, run: &Run, sheet: &mut Sheet<'_>) {
    match &run.phase {
        Phase::Going => sheet.line(Span::styled("It goes on.", look.care())),
        Phase::Paused(failure) => {
            sheet.line(Span::styled("It is paused.", look.bad()));
            sheet.failure(failure);
        }
        Phase::Cancelling => sheet.line(Span::styled("Called off: what is on its way ends.", look.care())),
        Phase::Over => {}
    }
}

fn counts(look: &Look, run: &Run, sheet: &mut Sheet<'_>) {
    let tally = run.tally();
    for (number, words, style) in [
        (tally.verified, "verified dead", look.good()),
        (tally.alive, "still answering, though the backend said that it revoked them", look.bad()),
        (tally.revoked, "revoked, and not proved", look.care()),
        (tally.gone, "already gone", look.good()),
        (tally.changed, "changed meanwhile, and not sent", look.care()),
        (tally.failed, "failed", look.bad()),
        (tally.unverified, "sent, and their fate is unknown", look.bad()),
        (tally.not_sent, "called off before they were sent", look.care()),
        (tally.open, "not over yet", look.care()),
    ] {
        if number > 0 {
            sheet.hang(Line::from(Span::styled(format!("{number:>4} {words}"), style)), 5);
        }
    }
}

/// Returns what keeps a token from being proved dead; `None` when nothing does.
fn open(look: &Look, item: &Item) -> Option<(String, Style)> {
    match item.state() {
        ItemState::Waiting
        | ItemState::Reading(_)
        | ItemState::Recording(_)
        | ItemState::Sending(_)
        | ItemState::Proving(_)
        | ItemState::ToProve
        | ItemState::Later(_)
        | ItemState::Listing
        | ItemState::Over(Outcome::Done(_) | Outcome::AlreadyGone | Outcome::VerifiedDead) => None,
        ItemState::Unproved(why) => Some((format!("revoked, and not proved: {why}"), look.care())),
        ItemState::Over(outcome @ (Outcome::Changed | Outcome::NotSent)) => {
            Some((outcome.words().into_owned(), look.care()))
        }
        ItemState::Over(
            outcome @ (Outcome::Failed(_) | Outcome::Unverified(_) | Outcome::StillAnswering(_) | Outcome::HadNoEffect),
        ) => Some((outcome.words().into_owned(), look.bad())),
    }
}
