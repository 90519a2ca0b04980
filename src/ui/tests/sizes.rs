//! Every size draws.

use super::build::{buffer, look, model};
use super::modals::scenes;
use crate::app::contexts::Asked;
use crate::app::model::{Model, Tab};
use crate::app::tokens::Detail;
use crate::ui::{Charset, Depth, Look};

fn tabs() -> Vec<Model> {
    let mut models: Vec<Model> = Tab::ALL.map(|tab| Model { tab, ..model() }).to_vec();
    let mut open = model();
    open.tokens.detail = Detail::Open { row: open.tokens.cursor, token: Asked::Asking, scroll: 3 };
    models.push(open);
    models
}

#[test]
fn every_size_draws_every_tab_and_every_modal() {
    let models: Vec<Model> = scenes().into_iter().map(|(_, model)| model).chain(tabs()).collect();
    let look = look();
    for columns in (0..=60).chain([79, 80, 119, 120, 300]) {
        for rows in (0..=30).chain([60]) {
            // Below the smallest size all look alike; above it every model where columns or rows are the fewest, and
            // an ever other part of them elsewhere.
            let small = columns < 44 || rows < 12;
            let fewest = columns == 44 || rows == 12;
            let step = if small {
                models.len()
            } else if fewest {
                1
            } else {
                9
            };
            let first = if step == 9 { usize::from(columns + rows) % 9 } else { 0 };
            for model in models.iter().skip(first).step_by(step) {
                buffer(model, &look, (columns, rows));
            }
        }
    }
}

#[test]
fn below_the_smallest_size_one_line_says_what_is_needed() {
    let look = Look::new(Depth::Sixteen, Charset::Ascii);
    let text = |size| super::build::lines(&buffer(&model(), &look, size));
    assert!(text((43, 12)).starts_with("tokendeck needs 44x12; this is 43x12"));
    assert!(text((80, 11)).starts_with("tokendeck needs 44x12; this is 80x11"));
    assert!(text((12, 3)).starts_with("needs 44x12 |"));
    assert!(text((44, 12)).starts_with("tokendeck  "));
}
