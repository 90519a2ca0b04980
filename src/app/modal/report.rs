//! What came of a run: counts, and what failed or changed, to be retried alone.

use super::{Arming, Next, Purpose, Reread, is_escape, scroll};
use crate::app::inventory::Row;
use crate::app::key::{Code, Key};
use crate::app::model::Model;

/// The report over the model's run; scrolled by this many rows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Report {
    /// Rows scrolled down.
    pub scroll: usize,
    /// Whether keys are taken yet.
    pub arming: Arming,
}

/// Takes a key: `r` tries again what failed or changed, alone and after a new question.
pub(super) fn press(model: &mut Model, report: &mut Report, key: Key) -> Next {
    if scroll(&mut report.scroll, key) {
        return Next::Stay;
    }
    match key.text() {
        Some('r') => {
            let rows = open_rows(model);
            if rows.is_empty() {
                return Next::Stay;
            }
            model.tokens.marks.clone_from(&rows.iter().copied().collect());
            super::confirm::ask(model, rows, Purpose::Revoke, Reread::Not);
            Next::Close
        }
        Some('q' | 'n') => Next::Close,
        _ if is_escape(key) || key.code == Code::Enter => Next::Close,
        _ => Next::Stay,
    }
}

/// Returns the rows of tokens that the run did not kill, as the inventory numbers them now.
fn open_rows(model: &Model) -> Vec<Row> {
    let open = model.runs.items().filter(|(_, item)| !item.is_dead());
    open.filter_map(|(context, item)| model.tokens.inventory.find_id(context, item.frozen.token.id.raw())).collect()
}
