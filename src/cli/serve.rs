//! `tokendeck serve`: the embedded backend as a small token server.

use std::io::{self, Write};

use color_eyre::eyre::WrapErr;

use super::arguments::Serve;
use crate::runtime::signals::Signals;
use crate::server::{self, Faults, Options, Running, Sample};

/// Serves until a signal asks to stop.
pub(super) fn run(arguments: &Serve) -> color_eyre::Result<u8> {
    let mut options = Options::new(arguments.listen, &arguments.data);
    options.sample = match (arguments.rows, arguments.sample) {
        (Some(rows), _) => Sample::Rows(rows),
        (None, true) => Sample::Lively,
        (None, false) => Sample::Empty,
    };
    options.faults = Faults { fail_revoke: arguments.fail_revoke.clone() };
    let running = server::start(options)?;
    announce(&running, arguments.json)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(until_asked_to_stop())?;
    running.stop();
    Ok(0)
}

fn announce(running: &Running, json: bool) -> color_eyre::Result<()> {
    let (url, ca, credential) = (running.url(), running.ca_file().display(), running.credential_file().display());
    let mut out = io::stdout().lock();
    let written = if json {
        let line = serde_json::json!({
            "url": url,
            "ca_file": running.ca_file(),
            "credential_file": running.credential_file(),
        });
        writeln!(out, "{line}")
    } else {
        writeln!(out, "serving at      {url}\nCA certificate  {ca}\ncredential      {credential}\nCtrl-c stops")
    };
    written.and_then(|()| out.flush()).wrap_err("the ready line cannot be written")
}

async fn until_asked_to_stop() -> io::Result<()> {
    let mut signals = Signals::new()?;
    loop {
        if signals.next().await.ending().is_some() {
            return Ok(());
        }
    }
}
