//! The one writer: a thread that takes changes in order and answers each only after its commit.
//!
//! Changes that wait at the same moment share one transaction, each in a savepoint of its own, so that one sync of
//! the disk serves them all and a refused change leaves no trace.

use super::{
    audit::{self, Entry},
    notices,
    token::Secretless,
    usage::{self, Usage},
};
use crate::server::{
    access::Actor,
    clock,
    error::Error,
    keys::Keys,
    problem::{Kind, Problem},
    role::Scope,
};
use rusqlite::Connection;
use std::{
    net::IpAddr,
    sync::{
        Arc,
        mpsc::{Receiver, RecvTimeoutError, Sender, channel},
    },
    thread::{Builder, JoinHandle},
    time::{Duration, Instant},
};
use tokio::sync::oneshot;

/// How many changes at most share a transaction.
const BATCH: usize = 64;
/// How often uses that have waited long enough are looked for.
const LOOK: Duration = Duration::from_secs(5);

type Job = Box<dyn FnOnce(&Change<'_>) -> Finish + Send>;
type Finish = Box<dyn FnOnce(Result<(), Problem>) + Send>;

/// The queue to the writing thread.
#[derive(Clone)]
pub(crate) struct Writer {
    queue: Sender<Job>,
}

/// What a change works with.
pub(crate) struct Change<'a> {
    pub(crate) connection: &'a Connection,
    pub(crate) now: i64,
    audit: &'a Keys,
}

impl Writer {
    /// Starts the thread. It ends, after a checkpoint, when the last `Writer` is dropped.
    ///
    /// # Errors
    /// When the thread cannot be started.
    pub(crate) fn start(
        connection: Connection,
        usage: Arc<Usage>,
        audit: Arc<Keys>,
    ) -> Result<(Self, JoinHandle<()>), Error> {
        let (queue, jobs) = channel();
        let thread = Builder::new()
            .name("tokens-writer".to_owned())
            .spawn(move || run(&connection, &jobs, &usage, &audit))
            .map_err(Error::Threads)?;
        Ok((Self { queue }, thread))
    }

    /// Makes a change and answers once it is durable. A change that answers `Err` is undone.
    ///
    /// # Errors
    /// What `work` answers, or that the change could not be committed.
    pub(crate) async fn change<T, W>(&self, work: W) -> Result<T, Problem>
    where
        T: Send + 'static,
        W: FnOnce(&Change<'_>) -> Result<T, Problem> + Send + 'static,
    {
        let (tell, answer) = oneshot::channel();
        let job: Job = Box::new(move |change| {
            let outcome = in_savepoint(change, work);
            Box::new(move |committed| {
                // Nobody listens any more when the client went away; the change stands all the same.
                let _ = tell.send(committed.and(outcome));
            })
        });
        self.queue.send(job).map_err(|_| stopping())?;
        answer.await.unwrap_or_else(|_| Err(stopping()))
    }

    /// Writes the first use of a token.
    ///
    /// # Errors
    /// When it could not be committed.
    pub(crate) async fn first_use(&self, seq: i64, from: IpAddr) -> Result<(), Problem> {
        self.change(move |change| Ok(usage::write_first(change.connection, seq, change.now, from)?)).await
    }
}

impl Change<'_> {
    /// Adds the audit event of this change, and the notice for admins where an organization token is concerned.
    ///
    /// # Errors
    /// When the database refuses.
    pub(crate) fn record(
        &self,
        actor: &Actor,
        action: &str,
        token: Option<(&Secretless<'_>, Scope)>,
        detail: &str,
    ) -> Result<(), Problem> {
        let entry = Entry {
            action,
            actor: &actor.name,
            actor_token: actor.token.as_deref(),
            address: actor.address.as_deref(),
            token: token.map(|(token, _)| token),
            detail,
        };
        audit::record(self.connection, self.audit, self.now, &entry)?;
        let noted = matches!(action, "token.created" | "token.revoked");
        match token {
            Some((token, Scope::Organization)) if noted => {
                notices::leave(self.connection, self.now, action, &actor.name, token)?;
            }
            _ => {}
        }
        Ok(())
    }
}

fn in_savepoint<T>(change: &Change<'_>, work: impl FnOnce(&Change<'_>) -> Result<T, Problem>) -> Result<T, Problem> {
    let run = |sql| change.connection.prepare_cached(sql).and_then(|mut statement| statement.execute([]));
    run("SAVEPOINT change")?;
    let outcome = work(change);
    if outcome.is_err() {
        run("ROLLBACK TO change")?;
    }
    run("RELEASE change")?;
    outcome
}

fn run(connection: &Connection, jobs: &Receiver<Job>, usage: &Usage, audit: &Keys) {
    let mut look = Instant::now() + LOOK;
    loop {
        match jobs.recv_timeout(look.saturating_duration_since(Instant::now())) {
            Ok(first) => {
                let batch = [first].into_iter().chain(jobs.try_iter().take(BATCH - 1)).collect();
                commit(connection, audit, batch);
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => break,
        }
        if Instant::now() >= look {
            write_uses(connection, &usage.due());
            look = Instant::now() + LOOK;
        }
    }
    write_uses(connection, &usage.all());
    if let Err(error) = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())) {
        tracing::warn!(%error, "no checkpoint at the end; the next start does it");
    }
}

fn commit(connection: &Connection, audit: &Keys, batch: Vec<Job>) {
    let change = Change { connection, now: clock::now(), audit };
    let mut finishes = Vec::with_capacity(batch.len());
    let done = connection.execute_batch("BEGIN IMMEDIATE").and_then(|()| {
        finishes.extend(batch.into_iter().map(|job| job(&change)));
        connection.execute_batch("COMMIT")
    });
    if let Err(error) = &done {
        tracing::error!(%error, "changes were not committed");
        if !connection.is_autocommit() {
            // When even this fails, SQLite rolls back by itself with the next statement's failure.
            let _ = connection.execute_batch("ROLLBACK");
        }
    }
    for finish in finishes {
        finish(if done.is_ok() { Ok(()) } else { Err(refused()) });
    }
}

fn write_uses(connection: &Connection, uses: &[(i64, usage::Uses)]) {
    if uses.is_empty() {
        return;
    }
    let written = connection.unchecked_transaction().and_then(|transaction| {
        usage::write(&transaction, uses)?;
        transaction.commit()
    });
    if let Err(error) = written {
        tracing::error!(%error, "the last uses of some tokens were not written");
    }
}

fn refused() -> Problem {
    Problem::new(Kind::Unavailable, "the database could not keep the change; nothing was changed").retry_after(1)
}

fn stopping() -> Problem {
    Problem::new(Kind::Unavailable, "the server is stopping; whether the change was made is not known").retry_after(1)
}
