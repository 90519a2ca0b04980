//! The confirmation over a frozen set of tokens. Starts on *Keep*.

use super::arming::{Arming, QuestionId};
use super::frozen::{Frozen, Tier, contexts, count_children, freeze, own_token, tier};
use super::{Modal, Next, is_escape, scroll};
use crate::app::contexts::ContextState;
use crate::app::effect::Effect;
use crate::app::field::Field;
use crate::app::inventory::Row;
use crate::app::key::{Code, Key, Stroke};
use crate::app::model::Model;
use crate::app::pending;
use crate::app::run;
use crate::domain::{Access, ContextName, Failure, Rotation, State, escape};

/// The most tokens that one question is put about: what is more is not read by anybody before it is confirmed.
const MOST: usize = 20_000;

/// A confirmation.
#[derive(Debug, Clone, PartialEq)]
pub struct Confirm {
    /// What is to be done.
    pub purpose: Purpose,
    /// The contexts it is done in.
    pub contexts: Vec<ContextName>,
    /// The tokens, as they were when the question was put; those of one context stand together.
    pub tokens: Vec<Frozen>,
    /// How many of them the filter hides.
    pub hidden: usize,
    /// What must be typed.
    pub tier: Tier,
    /// What is typed.
    pub input: Field,
    /// Whether answers are taken yet.
    pub arming: Arming,
    /// Whether answers are held back, and why.
    pub held: Held,
    /// Whether the token is being read again before the question is final.
    pub reread: Reread,
    /// Rows scrolled down.
    pub scroll: usize,
    /// What was wrong with the last answer; empty for nothing.
    pub said: String,
}

/// What is to be done with the frozen tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// They die.
    Revoke,
    /// It gets a new secret, and the old one stops at once.
    Rotate,
    /// The old one of an emulated rotation dies.
    RevokeOld,
}

/// Whether answers are held back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Held {
    /// They are taken.
    No,
    /// They are not, for this reason: offline, read-only, a dead credential.
    Because(String),
}

/// Whether a single token is being read again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reread {
    /// Not asked.
    Not,
    /// It was read just before sending, and differs: these are the differences, in words.
    Changed(Vec<String>),
    /// It could not be read.
    Failed(Failure),
}

impl Confirm {
    /// Returns the title on screen.
    pub fn title(&self) -> String {
        match (self.purpose, self.tokens.len(), self.contexts.len()) {
            (Purpose::Rotate, ..) => "Rotate token".to_owned(),
            (Purpose::Revoke | Purpose::RevokeOld, 1, _) => "Revoke 1 token".to_owned(),
            (Purpose::Revoke | Purpose::RevokeOld, count, 1) => format!("Revoke {count} tokens"),
            (Purpose::Revoke | Purpose::RevokeOld, count, contexts) => {
                format!("Revoke {count} tokens in {contexts} contexts")
            }
        }
    }

    /// Tells whether a letter is an answer, or text for the field.
    fn has_field(&self) -> bool {
        self.tier != Tier::Yes
    }
}

/// Takes a key: everything but the exact confirmation keeps.
#[expect(clippy::wildcard_enum_match_arm, reason = "every other key is text, or nothing")]
pub(super) fn press(model: &mut Model, confirm: &mut Confirm, key: Key, effects: &mut Vec<Effect>) -> Next {
    let keeps = matches!(key.text(), Some('n' | 'q')) && !confirm.has_field();
    if is_escape(key) || keeps {
        return Next::Close;
    }
    if scroll(&mut confirm.scroll, key) || key.stroke == Stroke::Repeat {
        return Next::Stay;
    }
    if !confirm.arming.is_armed(model.now) {
        return Next::Stay;
    }
    match key.code {
        Code::Enter if confirm.input.is_empty() => return Next::Close,
        Code::Enter => {}
        _ if confirm.has_field() => {
            confirm.said.clear();
            confirm.input.press(key);
            return Next::Stay;
        }
        _ if key.text() == Some('y') => {}
        _ => return Next::Stay,
    }
    if now_own(model, confirm) {
        return Next::Stay;
    }
    let typed = if confirm.has_field() { confirm.input.text() } else { "y" };
    if let Held::Because(reason) = &confirm.held {
        confirm.said.clone_from(reason);
        return Next::Stay;
    }
    if typed != confirm.tier.expected() {
        confirm.said = format!("that is not {}: nothing was done", escape(confirm.tier.expected()));
        confirm.input.clear();
        return Next::Stay;
    }
    // One run at a time: what it sent must find its result.
    if is_busy(model, confirm) {
        "a revocation is going: answer again when it is over".clone_into(&mut confirm.said);
        confirm.input.clear();
        return Next::Stay;
    }
    complete(model, confirm, effects);
    Next::Close
}

/// Tells whether another run has to be over first.
pub(super) fn is_busy(model: &Model, confirm: &Confirm) -> bool {
    confirm.purpose != Purpose::Rotate && model.runs.is_going()
}

/// Raises a question over a token that turned out to be the operator's own credential; tells whether it did.
fn now_own(model: &mut Model, confirm: &mut Confirm) -> bool {
    let is_own = |frozen: &Frozen| own_token(model, &frozen.context) == Some(&frozen.token.id);
    let Some(frozen) = confirm.tokens.iter_mut().find(|frozen| !frozen.own && is_own(frozen)) else { return false };
    frozen.own = true;
    confirm.tier = tier(model, &confirm.tokens);
    confirm.input.clear();
    // What is asked is another question now.
    confirm.arming = Arming::Unseen(QuestionId(model.next_number()));
    "one of them turned out to be your own credential".clone_into(&mut confirm.said);
    true
}

/// Holds answers back, or lets them be taken again, as the contexts are now.
pub(super) fn hold(model: &mut Model) {
    let waits = model.front().is_none();
    let mut modals = std::mem::take(&mut model.modals);
    for modal in &mut modals {
        if let Modal::Confirm(confirm) = modal {
            confirm.held = held(model, &confirm.contexts);
            // Behind the query line the filter still moves.
            if waits {
                let hidden = |frozen: &&Frozen| frozen.row.is_none_or(|row| !model.tokens.view.contains(row));
                confirm.hidden = confirm.tokens.iter().filter(hidden).count();
            }
        }
    }
    model.modals = modals;
}

/// Does what was confirmed.
pub(super) fn complete(model: &mut Model, confirm: &mut Confirm, effects: &mut Vec<Effect>) {
    let tokens = std::mem::take(&mut confirm.tokens);
    match confirm.purpose {
        Purpose::Revoke | Purpose::RevokeOld => run::start(model, tokens, effects),
        Purpose::Rotate => {
            for frozen in tokens {
                let context = frozen.context.clone();
                pending::begin_rotation(model, &context, frozen, effects);
            }
        }
    }
}

/// Opens the question over the marks, or the token under the cursor.
pub(in crate::app) fn open_revoke(model: &mut Model) {
    let rows = chosen(model);
    ask_revoke(model, rows);
}

/// Returns the marked rows, those that are shown first; without marks the row under the cursor.
pub(in crate::app) fn chosen(model: &Model) -> Vec<Row> {
    if model.tokens.marks.is_empty() {
        return model.tokens.cursor.into_iter().collect();
    }
    let shown = model.tokens.view.rows.iter().filter(|row| model.tokens.marks.contains(row)).copied();
    let hidden = model.tokens.marks.iter().filter(|row| model.tokens.view.position(**row).is_none()).copied();
    shown.chain(hidden).collect()
}

/// Opens the question over these rows.
pub(in crate::app) fn ask_revoke(model: &mut Model, rows: Vec<Row>) {
    if model.runs.is_going() {
        return model.messages.say(model.now, "a revocation is going: wait for it, or Ctrl-c calls it off");
    }
    ask(model, rows, Purpose::Revoke, Reread::Not);
}

/// Opens the question over the token under the cursor; where the backend cannot rotate, the form of a new one.
pub(in crate::app) fn open_rotate(model: &mut Model) {
    let Some(here) = model.tokens.here() else { return };
    let row = here.row();
    let rotation = model.context(here.context()).map(|state| state.context.capabilities.rotate);
    if rotation == Some(Rotation::Emulated) {
        let frozen = freeze(model, row).map(Box::new);
        return super::open_create(model, frozen);
    }
    ask(model, vec![row], Purpose::Rotate, Reread::Not);
}

/// Puts the question about one token again, because it changed; behind what is in front by now.
pub(in crate::app) fn ask_again(model: &mut Model, row: Row, purpose: Purpose, reread: Reread) {
    let front = std::mem::take(&mut model.modals);
    ask(model, vec![row], purpose, reread);
    model.modals.extend(front);
}

/// Freezes a set of rows and puts the question, or says why there is none.
pub(super) fn ask(model: &mut Model, rows: Vec<Row>, purpose: Purpose, reread: Reread) {
    let all = rows.len();
    let mut confirm = match question(model, rows, purpose) {
        Ok(confirm) => confirm,
        Err(NoQuestion::AllDead) => return model.messages.say(model.now, NoQuestion::AllDead.words()),
        Err(NoQuestion::Refused(reason)) => return model.messages.say(model.now, reason),
        Err(NoQuestion::TooMany(count)) => {
            let text = format!("{count} tokens are marked: one question is put about {MOST} at most");
            return model.messages.warn(model.now, text, "mark fewer: a query narrows what * marks");
        }
    };
    confirm.reread = reread;
    let left_out = all - confirm.tokens.len();
    if left_out > 0 {
        confirm.said = format!("{left_out} already revoked: left out");
    }
    model.modals.push(Modal::Confirm(Box::new(confirm)));
}

/// Why there is nothing to be asked about a set of rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::app) enum NoQuestion {
    /// None of them lives.
    AllDead,
    /// One of their contexts takes no change, for this reason.
    Refused(String),
    /// There are more than anybody reads.
    TooMany(usize),
}

impl NoQuestion {
    /// Returns the words for it.
    pub(in crate::app) fn words(&self) -> String {
        match self {
            Self::AllDead => "already revoked: there is nothing to do".to_owned(),
            Self::Refused(reason) => reason.clone(),
            Self::TooMany(count) => format!("{count} tokens are too many: one revocation is of {MOST} at most"),
        }
    }
}

/// Freezes a set of rows as a question. Dead ones are left out.
pub(super) fn question(model: &mut Model, rows: Vec<Row>, purpose: Purpose) -> Result<Confirm, NoQuestion> {
    let inventory = &model.tokens.inventory;
    let live = |row: &Row| inventory.get(*row).is_some_and(|row| row.state() != State::Revoked);
    let rows: Vec<Row> = rows.into_iter().filter(live).collect();
    if rows.is_empty() {
        return Err(NoQuestion::AllDead);
    }
    if rows.len() > MOST {
        return Err(NoQuestion::TooMany(rows.len()));
    }
    let hidden = rows.iter().filter(|row| model.tokens.view.position(**row).is_none()).count();
    let mut tokens: Vec<Frozen> = rows.iter().filter_map(|row| freeze(model, *row)).collect();
    let of = |name: &ContextName| model.contexts.iter().position(|state| state.context.name == *name);
    tokens.sort_by_cached_key(|frozen| of(&frozen.context));
    count_children(model, &mut tokens);
    let contexts = contexts(&tokens);
    contexts.iter().try_for_each(|name| may_change(model, name)).map_err(NoQuestion::Refused)?;
    Ok(Confirm {
        purpose,
        tier: tier(model, &tokens),
        held: held(model, &contexts),
        contexts,
        tokens,
        hidden,
        input: Field::default(),
        arming: Arming::Unseen(QuestionId(model.next_number())),
        reread: Reread::Not,
        scroll: 0,
        said: String::new(),
    })
}

fn may_change(model: &Model, name: &ContextName) -> Result<(), String> {
    match model.context(name).map(|state| state.context.access) {
        Some(Access::Write) => Ok(()),
        Some(Access::ReadOnly) => Err(format!("{name} is read-only (:write changes that)")),
        None => Err(format!("there is no context {name}")),
    }
}

/// Tells whether a question over tokens of a context could be put and answered now.
///
/// # Errors
/// The reason why it could not.
pub(in crate::app) fn may_ask(model: &Model, name: &ContextName) -> Result<(), String> {
    may_change(model, name)?;
    match held_in(model, name) {
        Held::Because(reason) => Err(reason),
        Held::No => Ok(()),
    }
}

/// Says why the question cannot be answered now: what holds one context back holds all of it.
fn held(model: &Model, contexts: &[ContextName]) -> Held {
    contexts.iter().map(|name| held_in(model, name)).find(|held| *held != Held::No).unwrap_or(Held::No)
}

fn held_in(model: &Model, name: &ContextName) -> Held {
    if let Some(left) = run::found(model, name) {
        let open = left.tokens.len();
        return Held::Because(format!(
            "an earlier revocation of {open} tokens in {name} is unfinished: :resume goes on with it, :discard gives it up"
        ));
    }
    match model.context(name).and_then(ContextState::stale) {
        Some(failure) => Held::Because(format!("the rows are stale: {failure}. {}", failure.hint)),
        None => Held::No,
    }
}
