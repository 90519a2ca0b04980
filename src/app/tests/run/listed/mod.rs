//! Where the backend reads no single token, its list compares and proves: one reading for all.

mod compared;
mod proved;
mod trouble;

use crate::app::testing::*;
use crate::domain::Token;

/// A conversation over the usual tokens, whose list was read this many seconds ago.
fn aged(seconds: i64) -> Talk {
    let mut talk = Talk::over(vec![(by_list("prod"), usual())]);
    talk.wait(seconds * 1_000);
    talk.forget();
    talk
}

fn lists(talk: &Talk) -> usize {
    talk.sent().iter().filter(|line| *line == "list").count()
}

fn notes(talk: &Talk) -> Vec<&str> {
    talk.model.tokens.notes.values().map(crate::app::tokens::RowNote::words).collect()
}

/// Answers the list with what is there, and a next page that leads back.
fn circle(talk: &mut Talk) {
    for _ in 0..2 {
        let tokens = talk.backend().tokens.clone();
        let reply = page(&mut talk.store, tokens, Some("round"));
        talk.reply_to("list", Ok(reply));
    }
}

/// Answers the list with these tokens.
fn list(talk: &mut Talk, tokens: Vec<Token>) {
    let reply = page(&mut talk.store, tokens, None);
    talk.reply_to("list", Ok(reply));
}
