//! What stands in front: every modal is a sheet of lines, and one function draws sheets.

mod confirm;
mod confirm_tokens;
mod create;
mod edit;
mod first_run;
mod form;
mod help;
mod login;
mod messages;
mod palette;
mod quit;
mod recover;
mod report;
mod secret_once;
mod sheet;

use ratatui::layout::Rect;

use super::canvas::Canvas;
use super::layout;
use super::memory::Memory;
use crate::app::modal::Modal;
use crate::app::model::Model;

/// Draws the modal in front, if there is one.
pub(super) fn draw(canvas: &mut Canvas<'_>, screen: Rect, model: &Model, memory: &mut Memory) {
    if memory.depth != model.modals.len() {
        memory.depth = model.modals.len();
        memory.modal = super::memory::Follow::default();
    }
    let Some(front) = model.modals.last() else { return };
    canvas.cursor = None;
    let room = layout::modal_room(screen);
    let look = canvas.look;
    let sheet = match front {
        Modal::SecretOnce(once) => return secret_once::draw(canvas, screen, model, once),
        Modal::Confirm(confirm) => confirm::sheet(look, model, confirm, room),
        Modal::Create(create) => create::sheet(look, model, create, room),
        Modal::Edit(edit) => edit::sheet(look, model, edit, room),
        Modal::Report(report) => report::sheet(look, model, report, room),
        Modal::Recover(recover) => recover::sheet(look, model, *recover, room),
        Modal::Login(login) => login::sheet(look, model, login, room),
        Modal::FirstRun(first) => first_run::sheet(look, first, room),
        Modal::Palette(palette) => palette::sheet(look, model, palette, room),
        Modal::Help(help) => help::sheet(look, model, help, room),
        Modal::Messages(scroll) => messages::sheet(look, model, *scroll, room),
        Modal::Quit(quit) => quit::sheet(look, quit, room),
    };
    sheet.draw(canvas, screen, &mut memory.modal);
}
