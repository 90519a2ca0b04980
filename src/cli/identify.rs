//! `tokendeck identify`: which token a secret belongs to.

use super::arguments::{Global, Identify};
use super::say::{self, Stop, usage};
use super::session::{Chosen, Traces};
use super::{list, value};
use crate::app::errand::Errand;
use crate::app::model::Wants;

/// Asks the backend which token a secret belongs to.
pub(super) fn run(global: &Global, arguments: &Identify) -> Result<u8, Stop> {
    if !arguments.send {
        return Err(usage("the secret would be sent to the backend, which may log it: --send says that it may"));
    }
    if global.credential_stdin {
        return Err(usage("--credential-stdin does not go with this command: the secret is read from there"));
    }
    let chosen = Chosen::one(global, None)?;
    let name = chosen.first().name.clone();
    let value = value::ask(&format!("Secret to look up at {name}: "))?;
    let mut session = chosen.open(global, Wants::Identity, Traces::None)?;
    session.driver.ask(Errand::Identify(name, value))?;
    let key = session.found()?;
    list::print(&session, &key, arguments.json)?;
    Ok(say::OK)
}
