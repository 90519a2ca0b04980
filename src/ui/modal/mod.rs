//! What stands in front: every modal is a sheet of lines, and one function draws sheets.

mod by_value;
mod confirm;
mod confirm_tokens;
mod create;
mod edit;
mod first_run;
mod form;
mod help;
mod identify;
mod login;
mod messages;
mod palette;
mod passphrase;
mod quit;
mod recover;
mod report;
mod secret_once;
mod sheet;

use ratatui::layout::Rect;
use ratatui::text::Line;

use super::canvas::Canvas;
use super::layout;
use super::look::Look;
use super::memory::{Follow, Memory};
use super::text::wrap;
use crate::app::modal::Modal;
use crate::app::model::Model;
use sheet::Sheet;
pub(super) use sheet::Told;

/// More cells than any line has.
const ENDLESS: usize = 1 << 20;

/// What stands in the place of keys that are not taken yet.
const NOT_YET: &str = "One moment: what was typed ahead is not taken.";

/// Says that keys are not taken yet, in as many lines as it takes to tell them, so that nothing moves when they come.
fn not_yet(look: &Look, keys: &mut Vec<Line<'static>>, room: usize) {
    let mut lines = wrap(look, &Line::from(NOT_YET), room, 0);
    lines.resize(lines.len().max(keys.len()), Line::default());
    *keys = lines;
}

/// Draws the modal in front, if there is one.
pub(super) fn draw(canvas: &mut Canvas<'_>, screen: Rect, model: &Model, memory: &mut Memory) {
    let depth = if model.front().is_some() { model.modals.len() } else { 0 };
    if memory.depth != depth {
        memory.depth = depth;
        memory.modal = Follow::default();
    }
    let Some(front) = model.front() else { return };
    canvas.cursor = None;
    let look = canvas.look;
    if let Modal::SecretOnce(once) = front {
        return secret_once::draw(canvas, screen, model, once);
    }
    let mut sheet = sheet(look, model, front, layout::modal_room(screen));
    // A confirmation says it in the place of its instruction.
    if !front.arming().is_armed(model.now) && !matches!(front, Modal::Confirm(_)) {
        sheet.hold_keys();
    }
    sheet.draw(canvas, screen, &mut memory.modal);
}

/// Returns the lines of a modal, each as long as it is, and as many of its body as `height`.
pub(super) fn told(look: &Look, model: &Model, front: &Modal, height: usize, follow: &mut Follow) -> Told {
    if let Modal::SecretOnce(once) = front {
        return secret_once::told(look, model, once);
    }
    sheet(look, model, front, ENDLESS).told(height, follow)
}

/// Returns a modal as a sheet; a new secret has a screen of its own.
fn sheet<'m>(look: &'m Look, model: &'m Model, front: &'m Modal, room: usize) -> Sheet<'m> {
    match front {
        Modal::SecretOnce(_) => Sheet::new(look, "", room),
        Modal::Confirm(confirm) => confirm::sheet(look, model, confirm, room),
        Modal::Create(create) => create::sheet(look, model, create, room),
        Modal::Edit(edit) => edit::sheet(look, model, edit, room),
        Modal::Report(report) => report::sheet(look, model, report, room),
        Modal::Identify(screen) => identify::sheet(look, model, screen, room),
        Modal::Recover(recover) => recover::sheet(look, model, *recover, room),
        Modal::Login(login) => login::sheet(look, model, login, room),
        Modal::Passphrase(asked) => passphrase::sheet(look, model, asked, room),
        Modal::FirstRun(first) => first_run::sheet(look, model, first, room),
        Modal::Palette(palette) => palette::sheet(look, model, palette, room),
        Modal::Help(help) => help::sheet(look, model, help, room),
        Modal::Messages(scroll) => messages::sheet(look, model, *scroll, room),
        Modal::Quit(quit) => quit::sheet(look, quit, room),
    }
}
