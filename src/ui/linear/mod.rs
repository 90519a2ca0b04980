//! The same model as lines that follow each other, for screen readers and the poorest links: no frame, no cell, no
//! sequence. A [`Teller`] says what is new since it spoke last, and nothing twice.

mod scene;

use std::collections::{BTreeMap, BTreeSet};

use zeroize::Zeroizing;

use super::look::Look;
use super::memory::{Follow, Window};
use super::text::clean;
use crate::app::contexts::ContextState;
use crate::app::lines::{Listens, Way, listens};
use crate::app::messages::{Messages, Weight};
use crate::app::modal::QuestionId;
use crate::app::model::{Model, Tab};
use crate::app::tokens::{Answered, Focus};
use crate::domain::TokenKey;
use scene::{Kind, Scene};

/// How many rows of a list are told at once.
pub const PAGE: usize = 10;
/// Lines of a modal that are told at once.
const HEIGHT: usize = 40;

/// What is said before anything else, and in the help.
const HOW: [&str; 3] = [
    "A number chooses a token. An empty line goes on in the list, - goes back.",
    "/QUERY filters, :COMMAND does what it says, and a letter such as x or ? is a key.",
    "Other keys are written in angle brackets, as <enter>, <esc>, <tab>, <pgdn>, or <2> for the second tab.",
];

/// Why it is spoken now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Occasion {
    /// Something happened by itself.
    News,
    /// The operator entered a line.
    Input,
    /// Everything is to be told anew.
    Anew,
}

/// What is to be said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Telling {
    /// Whole lines, each with its end; empty for nothing new. A secret may be among them.
    pub text: Zeroizing<String>,
    /// What is asked for behind them; empty while no answer is taken.
    pub prompt: String,
}

/// What was told last of one subject.
#[derive(Debug, Default)]
struct Told {
    subject: String,
    list: String,
    signs: BTreeSet<String>,
    here: String,
    tokens: BTreeSet<TokenKey>,
}

/// Says what is new, and knows which token each number stands for.
#[derive(Debug, Default)]
pub struct Teller {
    begun: bool,
    notes: u64,
    tab: Told,
    /// `None` while nothing is in front.
    front: Option<Told>,
    question: Option<QuestionId>,
    numbers: BTreeMap<usize, TokenKey>,
    /// Whether the rows that the last line asked for are still to be told.
    owes: bool,
    follow: Follow,
    activity: Window,
}

/// Lines on their way.
struct Lines<'l> {
    look: &'l Look,
    text: Zeroizing<String>,
    /// What is before this is said whatever happens.
    from: usize,
}

impl Lines<'_> {
    /// Tells whether there was nothing to be said.
    fn is_silent(&self) -> bool {
        self.text.len() == self.from
    }

    fn say(&mut self, line: &str) {
        let line = Zeroizing::new(clean(line, self.look.charset).into_owned());
        // Grown by hand: a text that grows by itself leaves copies of a secret behind.
        let mut grown = Zeroizing::new(String::with_capacity(self.text.len() + line.len() + 1));
        grown.push_str(&self.text);
        grown.push_str(&line);
        grown.push('\n');
        self.text = grown;
    }
}

impl Teller {
    /// Returns what is new.
    pub fn tell(&mut self, model: &Model, look: &Look, occasion: Occasion) -> Telling {
        let mut lines = Lines { look, text: Zeroizing::default(), from: 0 };
        if !std::mem::replace(&mut self.begun, true) {
            lines.say("tokendeck, line by line.");
            for line in HOW {
                lines.say(line);
            }
        }
        self.owes |= occasion != Occasion::News;
        lines.from = lines.text.len();
        self.say_notes(&model.messages, &mut lines);
        let asks = if let Some(front) = model.front() {
            let scene = scene::front(model, look, front, &mut self.follow);
            self.say_front(model, &scene, occasion, &mut lines);
            scene.asks
        } else {
            self.say_tab(model, occasion, &mut lines);
            String::new()
        };
        let prompt = if self.owes { String::new() } else { clean(&prompt(model, &asks), look.charset).into_owned() };
        Telling { text: lines.text, prompt }
    }

    /// Tells whether it spoke last of something in front of the tabs.
    pub fn is_at_front(&self) -> bool {
        self.front.is_some()
    }

    /// Returns the token that was told with a number.
    pub fn token(&self, number: usize) -> Option<&TokenKey> {
        self.numbers.get(&number)
    }

    /// Returns the first token of the next page, or of the one before; `None` where there is none.
    pub fn page(model: &Model, way: Way) -> Option<TokenKey> {
        let tokens = &model.tokens;
        let page = tokens.position / PAGE;
        let page = match way {
            Way::On => Some(page + 1),
            Way::Back => page.checked_sub(1),
        };
        tokens.inventory.key(*tokens.view.rows.get(page? * PAGE)?)
    }

    /// Says every message that was not said yet.
    fn say_notes(&mut self, messages: &Messages, lines: &mut Lines<'_>) {
        let new = usize::try_from(messages.said.saturating_sub(self.notes)).unwrap_or(usize::MAX);
        self.notes = messages.said;
        for note in messages.notes.iter().skip(messages.notes.len().saturating_sub(new)) {
            let word = match note.weight {
                Weight::Info => "note",
                Weight::Error => "error",
            };
            let hint = if note.hint.is_empty() { String::new() } else { format!("; {}", note.hint) };
            lines.say(&format!("{word}: {}{hint}", note.text));
        }
    }

    /// Says what is new of the modal in front. A question that was not put yet is told whole, whatever it resembles.
    fn say_front(&mut self, model: &Model, scene: &Scene, occasion: Occasion, lines: &mut Lines<'_>) {
        let question = model.front().and_then(|front| front.arming().awaits());
        let is_new = question.is_some() && question != self.question;
        self.question = question.or(self.question);
        let before = self.front.take().filter(|told| told.subject == scene.subject && !is_new);
        let whole = before.is_none() || occasion == Occasion::Anew;
        let before = before.unwrap_or_default();
        for item in &scene.items {
            let moved = item.place == Focus::Here && before.here != item.about;
            if whole || moved || !before.signs.contains(&item.sign) {
                lines.say(&item.text);
            }
        }
        if lines.is_silent() && occasion == Occasion::Input {
            scene.foot.iter().for_each(|line| lines.say(line));
        }
        self.owes = false;
        self.front = Some(Told {
            subject: scene.subject.clone(),
            signs: scene.items.iter().map(|item| item.sign.clone()).collect(),
            here: scene.here(),
            ..Told::default()
        });
    }

    /// Says what is new of the tab. Rows that stream in are told once the operator asks, or the list is whole.
    fn say_tab(&mut self, model: &Model, occasion: Occasion, lines: &mut Lines<'_>) {
        let scene = scene::tab(model, lines.look, &mut self.activity);
        let came_back = self.front.take().is_some();
        let before = std::mem::take(&mut self.tab);
        let whole = before.subject != scene.subject || occasion == Occasion::Anew;
        let lists = is_settled(model) || (self.owes && model.tokens.answer == Answered::Now);
        let anew = lists && (whole || before.list != scene.list);
        if anew {
            self.numbers.clear();
        }
        let mut told = Told { here: before.here.clone(), ..Told::default() };
        // A tab that could not be told yet is still to be told whole.
        (told.subject, told.list) =
            if lists { (scene.subject.clone(), scene.list.clone()) } else { (before.subject, before.list.clone()) };
        for item in &scene.items {
            let known = before.signs.contains(&item.sign);
            let is_here = item.place == Focus::Here;
            let moved = is_here && (before.here != item.about || came_back);
            let say = match &item.kind {
                Kind::Once => lists && whole,
                Kind::Line => whole || moved || !known,
                Kind::Head => lists && (whole || !known),
                Kind::Row { key, quiet, .. } if !lists => !(known || *quiet) && before.tokens.contains(key),
                Kind::Row { quiet, .. } => anew || moved || !(known || *quiet),
            };
            if let Kind::Row { number, key, .. } = &item.kind
                && (say || self.numbers.get(number) == Some(key))
            {
                self.numbers.insert(*number, key.clone());
                told.tokens.insert(key.clone());
            }
            if say {
                lines.say(&item.text);
            }
            if say || known {
                told.signs.insert(item.sign.clone());
                if is_here {
                    told.here.clone_from(&item.about);
                }
            }
        }
        // A line that changed nothing is answered all the same.
        if lines.is_silent() && occasion == Occasion::Input && lists {
            let here = scene.items.iter().find(|item| item.place == Focus::Here).or(scene.items.first());
            if let Some(item) = here {
                lines.say(&item.text);
            }
        }
        self.owes &= !lists;
        self.tab = told;
    }
}

/// Tells whether the rows are those that were asked for, no more are coming, and no run changes them.
fn is_settled(model: &Model) -> bool {
    let tokens = &model.tokens;
    let running = model.runs.is_going();
    let loading = |state: &ContextState| {
        let coming = state.list.data_at.is_none() && state.stale().is_none() && state.has_list();
        state.list.load.is_some() || coming
    };
    model.tab != Tab::Tokens
        || (tokens.answer == Answered::Now
            && tokens.filtering.is_none()
            && !running
            && !model.contexts.iter().any(loading))
}

/// Returns what stands where the operator types.
fn prompt(model: &Model, asks: &str) -> String {
    let Some(front) = model.front() else {
        return match model.typing() {
            Focus::Here => "query> ".to_owned(),
            Focus::Elsewhere => "> ".to_owned(),
        };
    };
    if !front.arming().is_armed(model.now) {
        return String::new();
    }
    match listens(model) {
        Listens::Hidden(_) => format!("{asks} (hidden)> "),
        Listens::Button(_) => format!("[{asks}]> "),
        Listens::Keys => "> ".to_owned(),
        Listens::Text(_) | Listens::Choice { .. } | Listens::Either => format!("{asks}> "),
    }
}
