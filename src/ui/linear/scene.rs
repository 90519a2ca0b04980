//! What there is to be told of a model, whether it is new or not.

use super::{HEIGHT, HOW, PAGE};
use crate::app::inventory::Row;
use crate::app::lines::{Listens, Then, listens};
use crate::app::modal::{Looking, Modal};
use crate::app::model::{Model, Tab};
use crate::app::tokens::{Focus, RowNote, hidden_marks};
use crate::domain::{Status, Token, TokenKey};
use crate::ui::canvas::drawn;
use crate::ui::look::Look;
use crate::ui::memory::{Follow, Window};
use crate::ui::table::read;
use crate::ui::{activity, backends, detail, empty, facets, footer, header, incident, later, modal, time, words};
use ratatui::layout::Rect;
use zeroize::Zeroizing;

/// The room for hints, which name what is wanted most.
const HINTS: usize = 120;
/// Said where a screen takes a whole text: lines that come together answer nothing here.
const ONE_LINE: &str = "Here it is one line; `tokendeck identify` takes a whole log or ticket on standard input.";
/// Where a tab is drawn whose picture is lines already.
const PICTURE: Rect = Rect { x: 0, y: 0, width: 1000, height: 14 };

/// Everything there is to be told of what is in front.
pub(super) struct Scene {
    /// What it is about: another one is told whole.
    pub(super) subject: String,
    /// What its rows answer: of another list all rows are told.
    pub(super) list: String,
    pub(super) items: Vec<Item>,
    /// What can be done, which is said again where a line changed nothing.
    pub(super) foot: Vec<String>,
    /// What is asked for, by its name.
    pub(super) asks: String,
}

/// A line.
pub(super) struct Item {
    pub(super) text: Zeroizing<String>,
    /// What makes it a new line when it differs: the text without what changes by itself, and without secrets.
    pub(super) sign: String,
    /// What it is about, whatever is said of it.
    pub(super) about: String,
    /// Whether the keys go there.
    pub(super) place: Focus,
    pub(super) kind: Kind,
}

/// When a line is told.
pub(super) enum Kind {
    /// With the whole only.
    Once,
    /// When it is new.
    Line,
    /// When it is new and the rows are those that were asked for.
    Head,
    /// When it is new, as a row of the list.
    Row {
        number: usize,
        key: TokenKey,
        /// Whether what is said of it is about to be another thing.
        quiet: bool,
    },
}

impl Scene {
    fn new(subject: String) -> Self {
        Self { subject, list: String::new(), items: Vec::new(), foot: Vec::new(), asks: String::new() }
    }

    /// Returns what the line is about that the keys go to; empty for none.
    pub(super) fn here(&self) -> String {
        let here = self.items.iter().find(|item| item.place == Focus::Here);
        here.map(|item| item.about.clone()).unwrap_or_default()
    }

    /// Adds a line, which is new when its text is.
    fn add(&mut self, kind: Kind, text: String) -> &mut Item {
        let at = self.items.len();
        let (sign, about) = (text.clone(), text.clone());
        self.items.push(Item { text: Zeroizing::new(text), sign, about, place: Focus::Elsewhere, kind });
        &mut self.items[at]
    }

    /// Adds a line whose numbers and ages change by themselves.
    fn add_steady(&mut self, about: &str, text: String) {
        let sign = format!("{about} {}", steady(&text));
        self.add(Kind::Line, text).sign = sign;
    }

    /// Adds a line of a list with a cursor.
    fn add_place(&mut self, text: &str, place: Focus) -> &mut Item {
        let item = self.add(Kind::Line, text.to_owned());
        item.place = place;
        if place == Focus::Here {
            item.text.push_str("; chosen");
        }
        item
    }
}

/// Returns a text without numbers and ages.
fn steady(text: &str) -> String {
    let mut text: String = text.chars().filter(|character| !character.is_ascii_digit()).collect();
    for age in ["(now)", "(m ago)", "(h ago)", "(d ago)", "(in m)", "(in h)", "(in d)"] {
        text = text.replace(age, "");
    }
    text
}

/// Returns the modal in front. What can be done is told once it is taken.
pub(super) fn front(model: &Model, look: &Look, front: &Modal, follow: &mut Follow) -> Scene {
    let told = modal::told(look, model, front, HEIGHT, follow);
    let mut scene = Scene::new(format!("{} {} {}", model.modals.len(), kind(front), told.title));
    scene.add(Kind::Once, format!("{}.", told.title));
    if matches!(front, Modal::Help(_)) {
        for line in HOW {
            scene.add(Kind::Once, line.to_owned());
        }
    }
    if matches!(front, Modal::Identify(screen) if screen.stage == Looking::NotYet) {
        scene.add(Kind::Once, ONE_LINE.to_owned());
    }
    let is_list = matches!(front, Modal::Palette(_) | Modal::Recover(_) | Modal::Identify(_));
    let is_form = matches!(front, Modal::Create(_) | Modal::Edit(_) | Modal::Login(_) | Modal::FirstRun(_));
    for line in &told.lines {
        match line.strip_prefix("> ").filter(|_| is_list || is_form) {
            Some(here) if is_list => _ = scene.add_place(here.trim_start(), Focus::Here),
            Some(here) => scene.add(Kind::Line, here.trim_start().to_owned()).place = Focus::Here,
            None => _ = scene.add(Kind::Line, line.trim_start().to_owned()),
        }
    }
    if let Some(text) = told.secret {
        scene.add(Kind::Line, "the secret".to_owned()).text = text;
    }
    if front.arming().is_armed(model.now) {
        scene.foot = told.foot;
        // A picture of two buttons, which the next line says in words: what is typed, and what keeps.
        scene
            .foot
            .retain(|line| !(matches!(front, Modal::Confirm(_) | Modal::Identify(_)) && line.starts_with("[Keep]")));
        scene.foot.extend(hints(&listens(model), told.hints));
        scene.asks = told.asks;
        for line in scene.foot.clone() {
            scene.add(Kind::Line, line);
        }
    }
    scene
}

/// Returns what can be done, as it is done by lines: where keys go to a field of a form, it is filled by them.
fn hints(listens: &Listens, keys: String) -> Option<String> {
    let words = match listens {
        Listens::Text(Then::Next) | Listens::Hidden(Then::Next) => {
            "An empty line leaves it as it is; <up> goes back, <esc> closes.".to_owned()
        }
        Listens::Choice { names, at } => {
            let chosen = names.get(*at).map(String::as_str).unwrap_or_default();
            let numbered: Vec<String> = (1..).zip(names).map(|(number, name)| format!("{number} {name}")).collect();
            format!("Say one of {}; an empty line leaves {chosen}; <up> goes back.", numbered.join(", "))
        }
        Listens::Button(word) => {
            format!("Say {word}, or <enter>, to go through with it; <up> goes back, <esc> closes.")
        }
        Listens::Text(Then::Stay) => format!("{keys}; a line narrows what is shown, an empty one is Enter."),
        Listens::Keys | Listens::Text(Then::Enter) | Listens::Hidden(Then::Enter | Then::Stay) | Listens::Either => {
            keys
        }
    };
    (!words.is_empty()).then_some(words)
}

/// Tells modals of different kinds apart.
const fn kind(front: &Modal) -> u8 {
    match front {
        Modal::Confirm(_) => 0,
        Modal::Create(_) => 1,
        Modal::Edit(_) => 2,
        Modal::SecretOnce(_) => 3,
        Modal::Report(_) => 4,
        Modal::Recover(_) => 5,
        Modal::Login(_) => 6,
        Modal::FirstRun(_) => 7,
        Modal::Palette(_) => 8,
        Modal::Help(_) => 9,
        Modal::Messages(_) => 10,
        Modal::Quit(_) => 11,
        Modal::Passphrase(_) => 12,
        Modal::Identify(_) => 13,
    }
}

/// Returns the tab.
pub(super) fn tab(model: &Model, look: &Look, window: &mut Window) -> Scene {
    let mut scene = Scene::new(model.tab.title().to_owned());
    scene.add(Kind::Once, format!("{}.", model.tab.title()));
    match model.tab {
        Tab::Tokens => tokens(model, look, &mut scene),
        Tab::Incident => {
            let (head, works, cursor) = incident::told(look, model);
            for line in head {
                scene.add(Kind::Line, line);
            }
            for (index, line) in works.iter().enumerate() {
                let place = if index == cursor { Focus::Here } else { Focus::Elsewhere };
                let _ = scene.add_place(line, place);
            }
        }
        Tab::Review => {
            let lines = drawn(look, PICTURE, later::draw);
            scene.add(Kind::Line, lines.iter().skip(1).map(|line| line.trim()).collect::<Vec<_>>().join(" "));
        }
        Tab::Activity => {
            let lines = drawn(look, PICTURE, |canvas, area| activity::draw(canvas, area, model, window));
            for line in &lines {
                let place = if line.starts_with('>') { Focus::Here } else { Focus::Elsewhere };
                let _ = scene.add_place(line.trim_start_matches('>').trim(), place);
            }
        }
        Tab::Backends => {
            let (contexts, cursor, facts) = backends::told(look, model);
            for (index, line) in contexts.iter().enumerate() {
                let place = if index == cursor { Focus::Here } else { Focus::Elsewhere };
                // How long the last answer took is no news.
                let item = scene.add_place(line, place);
                (item.sign, item.about) = (steady(line), index.to_string());
            }
            for line in &facts {
                scene.add_steady(&cursor.to_string(), line.to_string().trim().to_owned());
            }
        }
    }
    let progress = footer::progress_words(look, model, u16::MAX).map(|words| words.content.into_owned());
    let open = footer::left_open_words(look, model).map(|words| words.to_string());
    if let Some(words) = progress {
        let tally = model.runs.tally();
        let far = 4 * tally.over() / tally.all.max(1);
        let sign = format!("{} {far}", words.split(':').next().unwrap_or_default());
        scene.add(Kind::Line, words).sign = sign;
    }
    if let Some(words) = open {
        scene.add(Kind::Line, words);
    }
    scene.add(Kind::Once, format!("Keys: {}", footer::valid_keys(model, HINTS).to_string().replace("  ", ", ")));
    scene
}

/// Adds the lists, the question that the rows answer, the rows around the cursor, and the details.
fn tokens(model: &Model, look: &Look, scene: &mut Scene) {
    let tokens = &model.tokens;
    for state in &model.contexts {
        let (text, age) = header::told(look, model, state);
        scene.add(Kind::Head, text).text.push_str(age);
    }
    for line in facets::told(look, model) {
        scene.add(Kind::Once, line);
    }
    scene.add(Kind::Once, header::road(look, model).to_string());
    if let Some(error) = &tokens.query.error {
        let hint = if error.hint.is_empty() { String::new() } else { format!("; {}", error.hint) };
        scene
            .add(Kind::Head, format!("the query has a mistake at character {}: {}{hint}", error.at + 1, error.message));
    }
    let of_several = if model.contexts.len() > 1 { ", context" } else { "" };
    scene.add(Kind::Once, format!("Each token: number, label, status, roles, owner{of_several}, last use, expiry."));
    scene.add(Kind::Head, question(model));
    let rows = &tokens.view.rows;
    let first = tokens.position.min(rows.len().saturating_sub(1)) / PAGE * PAGE;
    scene.list =
        format!("{first} {} {:?} {:?} {:?}", tokens.query.field.text(), tokens.status, tokens.role, tokens.sort);
    for (number, row) in (first + 1..).zip(rows.iter().skip(first).take(PAGE)) {
        scene.items.extend(item(model, look, number, *row));
    }
    if rows.is_empty() {
        for line in empty::words_for(look, model) {
            scene.add(Kind::Head, line.to_string());
        }
    }
    if let Some((label, lines)) = detail::open(look, model, usize::from(u16::MAX)) {
        let about = tokens.here().map(|row| format!("{:?}", row.key())).unwrap_or_default();
        scene.add_steady(&about, format!("Details of {}:", part(label)));
        for line in lines.iter().map(ToString::to_string).filter(|line| !line.trim().is_empty()) {
            scene.add_steady(&about, line);
        }
    }
}

/// Returns which tokens the rows are, and what is marked.
fn question(model: &Model) -> String {
    let tokens = &model.tokens;
    let (shown, all) = (tokens.view.rows.len(), tokens.inventory.len());
    let mut words = vec![format!("{shown} of {all} shown")];
    if !tokens.query.field.is_empty() {
        words.push(format!("query {}", tokens.query.field.text()));
    }
    words.extend(tokens.status.map(|status| format!("status {}", status.word())));
    words.extend(tokens.role.as_ref().map(|role| format!("role {role}")));
    words.push(format!("by {}", tokens.sort.words()));
    if !tokens.marks.is_empty() {
        let hidden = match hidden_marks(tokens) {
            0 => String::new(),
            hidden => format!(", {hidden} of them hidden by the filter"),
        };
        words.push(format!("{} marked{hidden}", tokens.marks.len()));
    }
    if tokens.view.left_out > 0 {
        words.push(format!("{} left out: never or unknown", tokens.view.left_out));
    }
    words.join("; ")
}

/// Returns a row.
fn item(model: &Model, look: &Look, number: usize, row: Row) -> Option<Item> {
    let (token, context, status) = read(model, row)?;
    let tokens = &model.tokens;
    let place = if tokens.cursor == Some(row) { Focus::Here } else { Focus::Elsewhere };
    let note = tokens.notes.get(&row);
    let said = note.filter(|note| note.words() != status.word()).map(RowNote::words);
    let marked = tokens.marks.contains(&row).then_some("marked");
    let mut lasting: Vec<String> = vec![part(words::label(look, &token.label))];
    lasting.extend(marked.map(str::to_owned));
    lasting.push(status.word().to_owned());
    lasting.push(part(words::roles(look, token.roles.as_deref())));
    lasting.push(part(words::owner(look, &token.owner)));
    let several = (model.contexts.len() > 1).then(|| format!("in {context}"));
    lasting.extend(several);
    let key = tokens.inventory.key(row)?;
    let about = format!("{key:?}");
    let sign = format!("{about} {lasting:?} {said:?}");
    lasting.extend(passing(&token, status, model));
    lasting.extend(said.map(str::to_owned));
    lasting.extend((place == Focus::Here).then(|| "chosen".to_owned()));
    let text = Zeroizing::new(format!("{number}. {}", lasting.join("; ")));
    let quiet = matches!(note, Some(RowNote::Waiting | RowNote::Revoking | RowNote::Revoked));
    Some(Item { text, sign, about, place, kind: Kind::Row { number, key, quiet } })
}

/// Returns what changes as time goes.
fn passing(token: &Token, status: Status, model: &Model) -> Vec<String> {
    let used = time::last_use(token.last_used, model.now);
    let used = match used.as_str() {
        // The status says so.
        "never" if status == Status::Generated => None,
        "never" => Some("never used".to_owned()),
        "not reported" => Some("use not reported".to_owned()),
        "now" => Some("used now".to_owned()),
        used if used.starts_with("in ") => Some(format!("used {used}")),
        used => Some(format!("used {used} ago")),
    };
    let expires = match time::expiry(token.expires, model.now).as_str() {
        "never" => "never expires".to_owned(),
        "not reported" => "expiry not reported".to_owned(),
        past if past.ends_with(" ago") => format!("expired {past}"),
        ahead => format!("expires {ahead}"),
    };
    used.into_iter().chain([expires]).collect()
}

/// Returns a text of somebody else as a part of a line that semicolons divide: it cannot pass for several.
fn part(text: String) -> String {
    if text.contains([';', '"']) || text.trim() != text { format!("\"{}\"", text.replace('"', "\\\"")) } else { text }
}
