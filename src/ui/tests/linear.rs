//! The same model, told line by line: what is new, once, and nothing else.

use super::build::{ago, check, context, failure, go, look, model, name, now, token, with};
use super::hostile::{LABELS, hidden, hostile};
use super::modals::{left_open, run, scenes};
use crate::app::contexts::{Asked, ListExtent};
use crate::app::filter::Column;
use crate::app::lines::Way;
use crate::app::messages::Weight;
use crate::app::modal::{Arming, Modal, QuestionId};
use crate::app::model::{Model, Tab};
use crate::app::run::{Phase, Runs};
use crate::app::tokens::{Answered, Detail, Focus, RowNote};
use crate::domain::{FailureKind, State, Status, Token, TokenKey};
use crate::ui::linear::{Occasion, PAGE, Teller};
use crate::ui::{Charset, Depth, Look};

/// Someone who has heard everything that there is by now.
fn heard(model: &Model) -> Teller {
    let mut teller = Teller::default();
    teller.tell(model, &look(), Occasion::Input);
    teller
}

fn news(teller: &mut Teller, model: &Model) -> Vec<String> {
    teller.tell(model, &look(), Occasion::News).text.lines().map(str::to_owned).collect()
}

fn answer(teller: &mut Teller, model: &Model) -> Vec<String> {
    teller.tell(model, &look(), Occasion::Input).text.lines().map(str::to_owned).collect()
}

fn whole(model: &Model, look: &Look) -> String {
    let told = Teller::default().tell(model, look, Occasion::Input);
    format!("{}{}\n", told.text.as_str(), told.prompt)
}

/// What is told of the rows: the lines that begin with a number.
fn rows(lines: &[String]) -> Vec<&str> {
    let numbered = |line: &&String| line.split_once(". ").is_some_and(|(number, _)| number.parse::<u32>().is_ok());
    lines.iter().filter(numbered).map(String::as_str).collect()
}

/// A model with this many tokens.
fn many(number: usize) -> Model {
    let rows = (0..number).map(|at| (name("demo"), token(at, &format!("token {at}"))));
    with(vec![context("demo")], rows)
}

#[test]
fn the_tabs_are_lines() {
    let mut told = String::new();
    let mut marked = model();
    let rows = marked.tokens.view.rows.clone();
    marked.tokens.marks.extend([rows[0], rows[3]]);
    marked.tokens.notes.insert(rows[1], RowNote::Revoking);
    marked.tokens.detail = Detail::Open { row: Some(rows[0]), token: Asked::Not, scroll: 0 };
    let mut offline = with(vec![context("demo"), context("prod")], [(name("demo"), token(1, "a; revoked; \"b\""))]);
    offline.contexts[1].list.failure = Some(failure(FailureKind::Offline));
    offline.contexts[1].list.extent = ListExtent::Nothing;
    let mut none = with(vec![context("demo")], []);
    none.messages.warn(now(), "something went wrong", "mend it");
    none.messages.say(now(), "something is so");
    let tab = |tab| Model { tab, ..model() };
    let others = [Tab::Review, Tab::Incident, Tab::Activity, Tab::Backends].map(tab);
    for model in [model(), marked, offline, none].into_iter().chain(others) {
        told.push_str(&whole(&model, &look()));
        told.push('\n');
    }
    told.push_str(&whole(&model(), &Look::new(Depth::None, Charset::Ascii)));
    check("linear_tabs", &told);
}

#[test]
fn every_state_of_every_modal_is_lines_too() {
    let told: Vec<String> = scenes()
        .into_iter()
        .map(|(claim, model)| {
            let told = Teller::default().tell(&model, &look(), Occasion::Input);
            let text: Vec<&str> = told.text.lines().skip(4).collect();
            format!("{claim}\n{}\n{}\n", text.join("\n"), told.prompt)
        })
        .collect();
    check("linear_modals", &told.join("\n"));
}

#[test]
fn nothing_is_told_twice() {
    let mut going = model();
    (going.runs, going.leftovers) = (run(Phase::Going), left_open());
    for (claim, model) in scenes().into_iter().chain([("rows", model()), ("run", going)]) {
        let mut teller = heard(&model);
        let told = teller.tell(&model, &look(), Occasion::News);
        assert_eq!(told.text.as_str(), "", "{claim}");
    }
}

#[test]
fn what_changes_by_itself_as_time_goes_is_no_news() {
    for tab in [Tab::Tokens, Tab::Backends] {
        let mut model = Model { tab, ..model() };
        model.tokens.detail = Detail::Open { row: model.tokens.cursor, token: Asked::Not, scroll: 0 };
        let mut teller = heard(&model);
        model.now = ago(-2);
        model.contexts[0].latency = Some(std::time::Duration::from_millis(345));
        assert_eq!(news(&mut teller, &model), [""; 0], "{tab:?}");
    }
}

#[test]
fn a_row_is_told_again_when_it_is_another_and_only_it() {
    let mut model = model();
    let mut teller = heard(&model);
    let row = model.tokens.view.rows[2];
    model.tokens.notes.insert(row, RowNote::Revoking);
    assert_eq!(news(&mut teller, &model), [""; 0], "it is about to be another thing");
    let dead = Token { state: State::Revoked, ..model.tokens.inventory.token(row).expect("a row") };
    (model.tokens.inventory, _) = model.tokens.inventory.put(&name("demo"), &dead);
    model.tokens.notes.insert(row, RowNote::VerifiedDead);
    let told = news(&mut teller, &model);
    assert_eq!(rows(&told).len(), 1, "{told:?}");
    assert!(told[0].starts_with("3. grafana; revoked; ") && told[0].ends_with("; verified dead"), "{told:?}");
}

#[test]
fn rows_that_stream_in_are_told_when_somebody_asks_or_all_are_there() {
    let mut model = with(vec![context("demo")], []);
    let mut teller = heard(&model);
    let rest = many(25);
    (model.tokens.inventory, model.tokens.view) = (rest.tokens.inventory, rest.tokens.view);
    model.tokens.answer = Answered::Not;
    assert_eq!(news(&mut teller, &model), [""; 0]);
    assert_eq!(answer(&mut teller, &model), [""; 0], "what was asked for is not there yet");
    model.tokens.answer = Answered::Now;
    go(&mut model, 0);
    let told = news(&mut teller, &model);
    assert_eq!(rows(&told).len(), PAGE, "{told:?}");
    assert!(told.iter().any(|line| line.starts_with("25 of 25 shown")), "{told:?}");
}

#[test]
fn while_a_run_changes_the_rows_only_those_that_are_done_are_told() {
    let mut model = many(25);
    model.runs = run(Phase::Going);
    let mut teller = heard(&model);
    let row = model.tokens.view.rows[1];
    model.tokens.notes.insert(row, RowNote::Revoked);
    model.tokens.status = Some(Status::Active);
    assert_eq!(news(&mut teller, &model), [""; 0], "what is counted changes with each of them");
    model.tokens.notes.insert(row, RowNote::VerifiedDead);
    let told = news(&mut teller, &model);
    assert!(told.len() == 1 && told[0].ends_with("; verified dead"), "{told:?}");
    model.runs = Runs::default();
    let told = news(&mut teller, &model);
    assert!(told.iter().any(|line| line.contains("; status active")), "{told:?}");
}

#[test]
fn a_page_goes_on_from_row_to_row_and_says_where_it_is() {
    let mut model = many(25);
    let mut teller = heard(&model);
    let mut seen = PAGE;
    while let Some(next) = Teller::page(&model, Way::On) {
        let position = model.tokens.inventory.find(&next).and_then(|row| model.tokens.view.position(row));
        go(&mut model, position.expect("it is shown"));
        let told = answer(&mut teller, &model);
        assert!(told[0].starts_with(&format!("{}. ", seen + 1)) && told[0].ends_with("; chosen"), "{told:?}");
        seen += rows(&told).len();
    }
    assert_eq!(seen, 25);
    assert_eq!(Teller::page(&many(25), Way::Back), None);
    go(&mut model, 3);
    assert_eq!(answer(&mut teller, &model).len(), PAGE);
    go(&mut model, 7);
    let told = answer(&mut teller, &model);
    assert!(told.len() == 1 && told[0].starts_with("8. ") && told[0].ends_with("; chosen"), "{told:?}");
    assert_eq!(answer(&mut teller, &model), told, "a line that changes nothing is answered all the same");
}

#[test]
fn a_number_stands_for_the_token_it_was_told_with() {
    let mut model = many(25);
    let mut teller = heard(&model);
    let third = model.tokens.inventory.key(model.tokens.view.rows[2]).expect("a row");
    assert_eq!(teller.token(3), Some(&third));
    assert_eq!(teller.token(11), None, "it was not told yet");
    // A token that comes before all others shifts the rows; the old numbers were told with the old tokens.
    let newest = Token { created: Some(ago(0)), ..token(99, "newest") };
    (model.tokens.inventory, _) = model.tokens.inventory.put(&name("demo"), &newest);
    super::build::filter(&mut model);
    go(&mut model, 1);
    let told = news(&mut teller, &model);
    assert_eq!(teller.token(3), Some(&third), "{told:?}");
    let labelled = |model: &Model, key: &TokenKey| {
        let row = model.tokens.inventory.find(key).expect("it is there");
        model.tokens.inventory.token(row).expect("a row").label.raw().to_owned()
    };
    // Another order is told whole, and takes the numbers anew.
    model.tokens.sort.column = Column::Label;
    super::build::filter(&mut model);
    let told = answer(&mut teller, &model);
    for line in rows(&told) {
        let (number, label) = (line.split('.').next().expect("a number"), line.split([' ', ';']).nth(2));
        let key = teller.token(number.parse().expect("a number")).expect("it was told");
        assert!(labelled(&model, key).ends_with(label.expect("a label")), "{line}");
    }
    assert_eq!(rows(&told).len(), PAGE);
}

#[test]
fn another_question_to_the_list_is_told_whole_even_where_the_rows_are_known() {
    let mut model = model();
    let mut teller = heard(&model);
    model.tokens.status = Some(Status::Active);
    super::build::filter(&mut model);
    let told = answer(&mut teller, &model);
    assert_eq!(rows(&told).len(), model.tokens.view.rows.len(), "{told:?}");
    assert!(told[0].contains("status active"), "{told:?}");
}

#[test]
fn what_comes_back_from_a_modal_says_where_it_is_and_no_more() {
    let mut model = model();
    go(&mut model, 4);
    let mut teller = heard(&model);
    model.modals.push(Modal::Messages(0));
    assert_eq!(answer(&mut teller, &model)[0], "Messages.");
    model.modals.clear();
    let told = answer(&mut teller, &model);
    assert!(told.len() == 1 && told[0].starts_with("5. ") && told[0].ends_with("; chosen"), "{told:?}");
}

#[test]
fn a_question_is_told_whole_before_it_takes_an_answer_and_again_when_it_is_another() {
    let (_, mut model) = scenes().into_iter().find(|(claim, _)| *claim == "confirm_one").expect("a scene");
    let seen = |model: &mut Model, arming| match model.modals.last_mut() {
        Some(Modal::Confirm(confirm)) => confirm.arming = arming,
        other => panic!("{other:?}"),
    };
    let mut teller = Teller::default();
    seen(&mut model, Arming::Unseen(QuestionId(1)));
    let told = teller.tell(&model, &look(), Occasion::Input);
    assert!(told.text.contains("Revoke 1 token.\n") && told.text.contains("ci-deploy"), "{}", told.text.as_str());
    assert!(!told.text.contains("Type y") && told.prompt.is_empty(), "no answer is taken yet");
    seen(&mut model, Arming::Seen(ago(1)));
    let told = teller.tell(&model, &look(), Occasion::News);
    assert!(told.text.contains("Type y to revoke") && !told.text.contains("ci-deploy") && told.prompt == "> ");
    seen(&mut model, Arming::Unseen(QuestionId(2)));
    let told = teller.tell(&model, &look(), Occasion::News);
    assert!(told.text.contains("Revoke 1 token.\n") && told.text.contains("ci-deploy") && told.prompt.is_empty());
}

#[test]
fn every_message_is_told_once_also_when_there_are_more_than_are_kept() {
    let mut model = model();
    let mut teller = heard(&model);
    model.messages.say(now(), "this");
    model.messages.warn(now(), "that", "do so");
    assert_eq!(news(&mut teller, &model), ["note: this", "error: that; do so"]);
    for number in 0..600 {
        model.messages.say(now(), number.to_string());
    }
    assert_eq!(news(&mut teller, &model).len(), model.messages.notes.len());
    model.messages.say(now(), "this");
    assert_eq!(news(&mut teller, &model), ["note: this"]);
    assert_eq!(model.messages.notes.last().map(|note| note.weight), Some(Weight::Info));
}

#[test]
fn a_secret_is_told_when_it_is_revealed_and_nowhere_kept() {
    const SECRET: &str = "tdk_a_3Qm8Zx1kTq9vBn4LrWc7YpHs2Jd5Gf6Ke0Ua_Xb1Vn3Mt5Rz8";
    for (claim, model) in scenes() {
        let mut teller = Teller::default();
        let told = teller.tell(&model, &look(), Occasion::Input);
        let alone = told.text.lines().any(|line| line == SECRET);
        assert_eq!(told.text.contains(SECRET), alone, "{claim}");
        assert_eq!(alone, claim == "secret_shown", "{claim}");
        assert!(!format!("{teller:?}").contains("Qm8Zx1k"), "{claim}");
        assert!(!teller.tell(&model, &look(), Occasion::Input).text.contains(SECRET), "{claim}: once");
    }
}

#[test]
fn nothing_but_text_is_told_whatever_a_label_holds() {
    for label in LABELS {
        for charset in [Charset::Utf8, Charset::Ascii] {
            let look = Look::new(Depth::None, charset);
            let mut model = hostile(label);
            model.tokens.detail = Detail::Open { row: model.tokens.cursor, token: Asked::Asking, scroll: 0 };
            model.messages.warn(model.now, label, label);
            let row = model.tokens.cursor.expect("a row");
            model.tokens.notes.insert(row, RowNote::Failed(label.to_owned()));
            let mut models: Vec<Model> = scenes().into_iter().map(|(_, model)| model).collect();
            for scene in &mut models {
                scene.messages.warn(scene.now, label, label);
            }
            models.push(Model { tab: Tab::Backends, ..model.clone() });
            models.push(Model { tab: Tab::Activity, ..model.clone() });
            models.push(model);
            for model in models {
                let told = Teller::default().tell(&model, &look, Occasion::Input);
                let text = format!("{}{}", told.text.as_str(), told.prompt);
                let bad = text.chars().filter(|c| *c != '\n').find(|c| hidden(*c));
                assert_eq!(bad, None, "{label:?} in\n{text}");
                assert!(charset == Charset::Utf8 || text.is_ascii(), "{label:?} in\n{text}");
            }
        }
    }
}

#[test]
fn the_query_line_and_the_fields_have_their_prompts() {
    let mut model = model();
    assert_eq!(Teller::default().tell(&model, &look(), Occasion::Input).prompt, "> ");
    model.tokens.query.focus = Focus::Here;
    assert_eq!(Teller::default().tell(&model, &look(), Occasion::Input).prompt, "query> ");
}
