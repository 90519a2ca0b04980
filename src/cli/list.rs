//! `tokendeck list` and `tokendeck show`.

use std::io::{self, BufWriter, Write};

use super::arguments::{Global, List, Show};
use super::say::{self, Stop, together};
use super::session::{Chosen, Session, Traces};
use super::token::{self, Printed};
use crate::app::contexts::ContextState;
use crate::app::errand::Errand;
use crate::app::model::{Model, Wants};
use crate::backend::Fields;
use crate::domain::{Token, TokenKey};

/// Lists what the query shows. A context that fails does not hide the others.
pub(super) fn list(global: &Global, arguments: &List) -> Result<u8, Stop> {
    let fields = if arguments.json { Fields::All } else { Fields::Shown };
    let mut session = Chosen::read(global, None)?.with(fields).open(global, Wants::List, Traces::None)?;
    session.driver.ask(Errand::Query(arguments.query.clone().unwrap_or_default()))?;
    session.listed()?;
    let model = session.model();
    let codes = session.troubles();
    // A list that never came is not an empty one: a reader that looks at no exit code shall not take it for one.
    if codes.contains(&say::OK) || shown(model).next().is_some() {
        let mut out = BufWriter::new(io::stdout().lock());
        let written = if arguments.json {
            array(&mut out, model)
        } else {
            let rows: Vec<_> = shown(model).collect();
            token::table(&mut out, model, session.is_several(), &rows)
        };
        written.and_then(|()| out.flush())?;
    }
    if codes.contains(&say::OK) && codes.iter().any(|code| *code != say::OK) {
        return Ok(say::FAILED);
    }
    Ok(together(codes))
}

fn shown(model: &Model) -> impl Iterator<Item = (&ContextState, Token)> {
    let rows = model.tokens.view.rows.iter().filter_map(|row| model.tokens.inventory.get(*row));
    rows.filter_map(|row| Some((model.context(row.context())?, row.token())))
}

/// Writes an array, one token a line.
fn array(out: &mut impl Write, model: &Model) -> io::Result<()> {
    let mut between = "[\n";
    for (state, token) in shown(model) {
        out.write_all(between.as_bytes())?;
        serde_json::to_writer(&mut *out, &Printed::new(model, state, &token))?;
        between = ",\n";
    }
    out.write_all(if between == "[\n" { b"[]\n" } else { b"\n]\n" })
}

/// Shows one token.
pub(super) fn show(global: &Global, arguments: &Show) -> Result<u8, Stop> {
    let mut chosen = Chosen::read(global, None)?;
    let address = chosen.addresses(std::slice::from_ref(&arguments.id))?.swap_remove(0);
    let mut session = chosen.open(global, Wants::Identity, Traces::None)?;
    let key = session.find(address)?;
    print(&session, &key, arguments.json)?;
    Ok(say::OK)
}

/// Prints one token with every field.
pub(super) fn print(session: &Session, key: &TokenKey, json: bool) -> Result<(), Stop> {
    let model = session.model();
    let token = model.tokens.inventory.find(key).and_then(|row| model.tokens.inventory.token(row));
    let (Some(state), Some(token)) = (model.context(&key.context), token) else { return Ok(()) };
    let mut out = BufWriter::new(io::stdout().lock());
    if json {
        token::json(&mut out, &Printed::new(model, state, &token))?;
    } else {
        token::fields(&mut out, model, state, &token)?;
    }
    Ok(out.flush()?)
}
