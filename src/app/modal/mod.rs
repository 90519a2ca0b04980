//! What stands in front of the tabs. A closed list: every modal swallows all input and completes with a value.

mod arming;
mod by_value;
mod confirm;
mod context_form;
mod create;
mod draft;
mod edit;
mod first_run;
mod frozen;
mod help;
mod identify;
mod login;
mod palette;
mod passphrase;
mod quit;
mod recover;
mod report;
mod secret_once;
pub(super) mod unseen;

pub use arming::{Arming, QuestionId};
pub use by_value::{AsksEnd, takers};
pub use confirm::{Confirm, Held, Purpose, Reread};
pub(super) use confirm::{ask_again, ask_revoke, chosen, may_ask, open_revoke, open_rotate};
pub use context_form::{ContextForm, FormField};
pub use create::{Create, CreateField};
pub(super) use create::{open_create, refused};
pub use draft::{Warning, grantable};
pub use edit::{Edit, EditField};
pub(super) use edit::{edited, open_edit};
pub use first_run::{FirstRun, Stage};
pub(super) use first_run::{backends_found, context_opened, context_saved, demo_ready, tested};
pub use frozen::{Frozen, Tier};
pub(super) use frozen::{count_children, differences, freeze, own_token};
pub use help::Help;
pub use identify::{Asks, Identify, Looking, identified};
pub(super) use identify::{looked, open_identify};
pub use login::Login;
pub use palette::Palette;
pub use passphrase::{Passphrase, PassphraseFor, unfit_passphrase};
pub use quit::QuitAsk;
pub use recover::{Leftover, Recover, Trace};
pub use report::Report;
pub use secret_once::{Check, HandOver, Reveal, SecretOnce};
pub(super) use secret_once::{secret_piped, secret_written, show_once};

use jiff::Timestamp;

use super::effect::Effect;
use super::key::{Code, Control, Key};
use super::model::Model;
use crate::domain::Secret;

/// A modal.
#[derive(Debug, Clone, PartialEq)]
pub enum Modal {
    /// A frozen set is to be revoked, or a token rotated.
    Confirm(Box<Confirm>),
    /// A new token.
    Create(Box<Create>),
    /// A new label or expiry.
    Edit(Box<Edit>),
    /// A secret, once.
    SecretOnce(Box<SecretOnce>),
    /// What came of a run, with what failed.
    Report(Report),
    /// A leaked value is looked for.
    Identify(Box<Identify>),
    /// What an earlier run of the program left open.
    Recover(Recover),
    /// The operator's credential is asked for.
    Login(Login),
    /// The passphrase of a file that keeps it.
    Passphrase(Passphrase),
    /// The first screen of a program without contexts.
    FirstRun(Box<FirstRun>),
    /// The command palette.
    Palette(Palette),
    /// The keys valid here.
    Help(Help),
    /// Everything said, scrolled by this many lines.
    Messages(usize),
    /// Whether to quit although something is going.
    Quit(QuitAsk),
}

/// Whether a modal stays after a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    /// It does.
    Stay,
    /// It is done with.
    Close,
}

impl Modal {
    /// Returns whether it takes answers.
    pub const fn arming(&self) -> Arming {
        match self {
            Self::Confirm(confirm) => confirm.arming,
            Self::SecretOnce(once) => once.arming,
            Self::Report(report) => report.arming,
            Self::Recover(recover) => recover.arming,
            Self::Login(login) => login.arming,
            Self::Passphrase(asked) => asked.arming,
            Self::Identify(screen) => screen.arming,
            Self::Create(_)
            | Self::Edit(_)
            | Self::FirstRun(_)
            | Self::Palette(_)
            | Self::Help(_)
            | Self::Messages(_)
            | Self::Quit(_) => Arming::Ready,
        }
    }

    /// Returns the same, to be changed; `None` for one that only opens when the operator asks for it.
    const fn arming_mut(&mut self) -> Option<&mut Arming> {
        match self {
            Self::Confirm(confirm) => Some(&mut confirm.arming),
            Self::SecretOnce(once) => Some(&mut once.arming),
            Self::Report(report) => Some(&mut report.arming),
            Self::Recover(recover) => Some(&mut recover.arming),
            Self::Login(login) => Some(&mut login.arming),
            Self::Passphrase(asked) => Some(&mut asked.arming),
            Self::Identify(screen) => Some(&mut screen.arming),
            Self::Create(_)
            | Self::Edit(_)
            | Self::FirstRun(_)
            | Self::Palette(_)
            | Self::Help(_)
            | Self::Messages(_)
            | Self::Quit(_) => None,
        }
    }

    /// Tells whether a key is for it by now. A confirmation decides for itself: what keeps is always taken.
    fn takes_keys(&self, now: Timestamp) -> bool {
        matches!(self, Self::Confirm(_)) || self.arming().is_armed(now)
    }
}

/// Returns the new secret that waits to be stored; `None` for no such secret.
#[expect(clippy::wildcard_enum_match_arm, reason = "the others are alike")]
pub fn new_secret(model: &Model) -> Option<&SecretOnce> {
    model.modals.iter().find_map(|modal| match modal {
        Modal::SecretOnce(once) => Some(&**once),
        _ => None,
    })
}

/// Gives a key to the modal in front; nothing behind it sees the key.
pub(super) fn press(model: &mut Model, key: Key, effects: &mut Vec<Effect>) {
    let now = model.now;
    let Some(mut front) = model.modals.pop_if(|front| front.takes_keys(now)) else { return };
    let depth = model.modals.len();
    let next = match &mut front {
        Modal::Confirm(confirm) => confirm::press(model, confirm, key, effects),
        Modal::Create(create) => create::press(model, create, key, effects),
        Modal::Edit(edit) => edit::press(model, edit, key, effects),
        Modal::SecretOnce(once) => secret_once::press(model, once, key, effects),
        Modal::Report(report) => report::press(model, report, key),
        Modal::Recover(recover) => recover::press(model, recover, key, effects),
        Modal::Login(login) => login::press(model, login, key, effects),
        Modal::Passphrase(asked) => passphrase::press(model, asked, key, effects),
        Modal::Identify(screen) => identify::press(model, screen, key, effects),
        Modal::FirstRun(first) => first_run::press(model, first, key, effects),
        Modal::Palette(palette) => palette::press(model, palette, key, effects),
        Modal::Help(help) => help::press(help, key),
        Modal::Messages(scroll) => help::press_messages(model, scroll, key),
        Modal::Quit(_) => quit::press(model, key),
    };
    if next == Next::Stay {
        // What the modal opened stands in front of it.
        model.modals.insert(depth, front);
    }
}

/// Gives pasted text to the modal in front. A paste never confirms and never submits.
pub(super) fn paste(model: &mut Model, text: &Secret) {
    let now = model.now;
    let Some(mut front) = model.modals.pop_if(|front| front.takes_keys(now)) else { return };
    match &mut front {
        Modal::Confirm(confirm) => "a paste does not confirm: type it".clone_into(&mut confirm.said),
        Modal::Create(create) => create::paste(model, create, text),
        Modal::Edit(edit) => edit.paste(text.expose()),
        Modal::SecretOnce(once) => once.paste(text),
        Modal::Login(login) => login.paste(text),
        Modal::Passphrase(asked) => asked.paste(text),
        Modal::Identify(screen) => screen.paste(text),
        Modal::FirstRun(first) => first.form.paste(text),
        Modal::Palette(palette) => palette.input.paste(text.expose()),
        Modal::Help(help) => help.filter.paste(text.expose()),
        Modal::Report(_) | Modal::Recover(_) | Modal::Messages(_) | Modal::Quit(_) => {}
    }
    model.modals.push(front);
}

/// Opens a modal that nobody asked for just now. What is in front keeps the keys that are being typed, and so does the
/// query line; once it is seen itself, it takes none for a moment.
pub(super) fn rise(model: &mut Model, mut risen: Modal) {
    let is_list = |modal: &Modal| matches!(modal, Modal::Recover(_));
    // The list that is open shows what came to it.
    if is_list(&risen) && model.modals.iter().any(is_list) {
        return;
    }
    let question = QuestionId(model.next_number());
    if let Some(arming) = risen.arming_mut() {
        *arming = Arming::Unseen(question);
    }
    model.modals.insert(0, risen);
}

/// Lets the questions in front know whether they can be answered now, and closes a list of which all was settled.
pub(super) fn advance(model: &mut Model) {
    if model.leftovers.is_empty() && model.unfinished.is_empty() {
        model.modals.retain(|modal| !matches!(modal, Modal::Recover(_)));
    }
    confirm::hold(model);
}

/// Returns the question in front whose frame is awaited; `None` for no such question.
pub(super) fn awaited(model: &Model) -> Option<QuestionId> {
    model.front()?.arming().awaits()
}

/// Takes the news that the frame of a question has left: it is armed if it is still the one in front.
pub(super) fn shown(model: &mut Model, question: QuestionId) {
    let now = model.now;
    if awaited(model) == Some(question)
        && let Some(arming) = model.modals.last_mut().and_then(Modal::arming_mut)
    {
        arming.seen(question, now);
    }
}

/// Returns the moment at which a modal changes by itself.
#[expect(clippy::wildcard_enum_match_arm, reason = "the others are alike")]
pub(super) fn next_wake(modal: &Modal, now: Timestamp) -> Option<Timestamp> {
    let armed = modal.arming().armed_at().filter(|moment| *moment > now);
    let hidden = match modal {
        Modal::SecretOnce(once) => match once.reveal {
            Reveal::Until(moment) => Some(moment),
            Reveal::Masked => None,
        },
        _ => None,
    };
    armed.into_iter().chain(hidden).min()
}

/// Lets a modal change by itself.
pub(super) fn wake(modal: &mut Modal, now: Timestamp) {
    if let Modal::SecretOnce(once) = modal
        && matches!(once.reveal, Reveal::Until(moment) if moment <= now)
    {
        once.reveal = Reveal::Masked;
    }
}

/// Tells whether a key means "back" in a modal without a text field that wants it.
fn is_escape(key: Key) -> bool {
    key.code == Code::Esc || (key.code == Code::Char('c') && key.control == Control::Held)
}

/// Moves a scroll offset by a key; tells whether it was one for that.
#[expect(clippy::wildcard_enum_match_arm, reason = "every other key is text, or nothing")]
fn scroll(offset: &mut usize, key: Key) -> bool {
    *offset = match key.code {
        Code::Up => offset.saturating_sub(1),
        Code::Down => offset.saturating_add(1),
        Code::PageUp => offset.saturating_sub(10),
        Code::PageDown => offset.saturating_add(10),
        Code::Home => 0,
        _ => return false,
    };
    true
}
