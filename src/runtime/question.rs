//! One question to a backend, from operation to reply: the login that it may need, and the question after a refusal
//! that does not say why.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use jiff::Timestamp;
use tokio::sync::Mutex;

use super::connect::Connection;
use crate::app::effect::Inputs;
use crate::backend::{
    Keys, NewSession, Request, Response, Reuse, Slot, decode, decode_login, encode, encode_login, is_denied, next_page,
    put_over, reads_first,
};
use crate::domain::{Cursor, Failure, FailureKind, Operation, Reply, Secret};

/// How long before its end a session is no longer used: what is asked with it has to arrive in time.
const MARGIN: Duration = Duration::from_secs(30);

/// What came of a question.
pub struct Asked {
    /// The reply.
    pub result: Result<Reply, Failure>,
    /// What the answer tells of the backend; `None` where none came.
    pub met: Option<Met>,
}

/// What an answer tells of the backend besides its reply.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Met {
    /// From sending to the last byte.
    pub latency: Duration,
    /// What its clock said.
    pub date: Option<Timestamp>,
    /// The TLS version.
    pub tls: Option<String>,
}

impl Met {
    fn of(response: &Response) -> Self {
        Self { latency: response.latency, date: response.date, tls: response.tls.clone() }
    }
}

/// What a login gave, kept for the questions that follow.
#[derive(Default)]
pub struct Session(Mutex<Option<Held>>);

struct Held {
    /// The credential that it was had for: another one needs another session.
    credential: Arc<Secret>,
    /// What was typed besides, which another session is needed for too.
    inputs: Inputs,
    secret: Arc<Secret>,
    until: Option<Instant>,
}

/// Whether a session was had for this very question.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Age {
    Fresh,
    Kept,
}

/// A question that was asked.
pub enum Begun {
    /// It is answered.
    Over(Asked),
    /// The head of the answer names the next page; the rest is on its way.
    Headed(Cursor, BoxFuture<'static, Asked>),
}

enum Step {
    Over(Reply),
    Coming(Cursor, BoxFuture<'static, Result<Response, Failure>>),
}

/// Asks a backend.
pub async fn ask(connection: &Connection, operation: &Operation) -> Begun {
    let Operation::Try(secret) = operation else { return begun(connection, operation).await };
    // Whose session there is, and who the operator is, stay as they are.
    let mut other = connection.clone();
    other.take_credential(secret.clone());
    // Nor does the new secret stay in the buffers of a connection.
    other.reuse = Reuse::No;
    begun(&other, &Operation::Whoami).await
}

async fn begun(connection: &Connection, operation: &Operation) -> Begun {
    let mut met = None;
    match question(connection, operation, &mut met).await {
        Err(failure) => Begun::Over(Asked { result: Err(failure), met }),
        Ok(Step::Over(reply)) => Begun::Over(Asked { result: Ok(reply), met }),
        Ok(Step::Coming(next, whole)) => {
            let (plan, site, operation) = (connection.plan.clone(), connection.site.clone(), operation.clone());
            let rest = whole.map(move |response| match response {
                Err(failure) => Asked { result: Err(failure), met: None },
                // The next page is known: nothing of the body has to be read for it.
                Ok(response) => {
                    let met = Some(Met::of(&response));
                    Asked { result: decode(&plan, &site, &operation, response), met }
                }
            });
            Begun::Headed(next, rest.boxed())
        }
    }
}

async fn question(connection: &Connection, operation: &Operation, met: &mut Option<Met>) -> Result<Step, Failure> {
    let request = connection.bound(encode(&connection.plan, &connection.site, operation)?);
    let mut keys = keys(connection, operation)?;
    // What goes without the credential needs no session either.
    let wanted = request.sealed.iter().any(|(_, value)| value.wants(&Slot::Session));
    let age = if wanted { log_in(connection, &mut keys, Use::Kept).await? } else { None };
    let request = match reads_first(&connection.plan, operation) {
        None => request,
        Some(get) => put_over_read(connection, &get, request, keys.clone()).await?,
    };
    match once(connection, operation, request.clone(), keys.clone(), met).await {
        // The session ended before its time. A refusal of the credential had no effect: it is asked once more.
        Err(failure) if failure.kind == FailureKind::Credential && age == Some(Age::Kept) => {
            log_in(connection, &mut keys, Use::New).await?;
            once(connection, operation, request, keys, met).await
        }
        result => result,
    }
}

/// Reads a token, and puts what is to be changed over it.
async fn put_over_read(
    connection: &Connection,
    get: &Operation,
    request: Request,
    keys: Keys,
) -> Result<Request, Failure> {
    let asked = connection.bound(encode(&connection.plan, &connection.site, get)?);
    let response = connection.transport.send(asked, keys, connection.access).await?;
    if (200..300).contains(&response.status) {
        return put_over(&connection.plan, request, &response);
    }
    match read(connection, get, response).await {
        Err(failure) => Err(failure),
        Ok(_) => Err(Failure::new(FailureKind::Protocol, "the token could not be read", "refresh the list")),
    }
}

/// Sends a request and reads its answer.
async fn once(
    connection: &Connection,
    operation: &Operation,
    request: Request,
    keys: Keys,
    met: &mut Option<Met>,
) -> Result<Step, Failure> {
    let opened = connection.transport.open(request, keys.clone(), connection.access).await?;
    if let Some(next) = next_page(&connection.plan, &connection.site, operation, &opened.head) {
        return Ok(Step::Coming(next, opened.whole));
    }
    let response = opened.whole.await?;
    *met = Some(Met::of(&response));
    let in_doubt = is_denied(&connection.plan, &connection.site, operation, &response);
    let result = read(connection, operation, response).await;
    match result {
        // Whoever may not even ask who they are is nobody there.
        Err(failure) if in_doubt && *operation == Operation::Whoami => Err(nobody(failure)),
        Err(failure) if in_doubt => Err(told_apart(connection, failure, keys).await),
        result => result.map(Step::Over),
    }
}

/// Finds out whether a refusal is about the credential or about a right, by asking whose credential it is.
async fn told_apart(connection: &Connection, failure: Failure, keys: Keys) -> Failure {
    let Ok(request) = encode(&connection.plan, &connection.site, &Operation::Whoami) else { return failure };
    let request = connection.bound(request);
    let Ok(response) = connection.transport.send(request, keys, connection.access).await else { return failure };
    let refused = matches!(response.status, 400 | 401 | 403 | 404);
    match decode(&connection.plan, &connection.site, &Operation::Whoami, response) {
        Err(_) if refused => nobody(failure),
        Ok(_) => Failure {
            summary: "the credential lacks a right for this".to_owned(),
            hint: "use a credential with that right, or ask those who run the backend".to_owned(),
            ..failure
        },
        Err(_) => failure,
    }
}

fn nobody(failure: Failure) -> Failure {
    Failure {
        kind: FailureKind::Credential,
        summary: "the backend does not take the credential".to_owned(),
        hint: "log in again with :login".to_owned(),
        ..failure
    }
}

/// Decodes off the loop where the body may be large.
async fn read(connection: &Connection, operation: &Operation, response: Response) -> Result<Reply, Failure> {
    const LARGE: usize = 64 << 10;
    let (plan, site) = (connection.plan.clone(), connection.site.clone());
    if response.body.len() < LARGE {
        return decode(&plan, &site, operation, response);
    }
    let operation = operation.clone();
    let decoded = tokio::task::spawn_blocking(move || decode(&plan, &site, &operation, response)).await;
    decoded.unwrap_or_else(|_| Err(Failure::local("an answer could not be decoded", "ask again")))
}

/// Gathers the secrets that a question may need.
fn keys(connection: &Connection, operation: &Operation) -> Result<Keys, Failure> {
    if let Some(failure) = connection.missing_input(Some(operation)) {
        return Err(failure);
    }
    let value = match operation {
        Operation::Identify(value) | Operation::RevokeValue(value) => Some(value.clone()),
        Operation::List(_)
        | Operation::Get(_)
        | Operation::Whoami
        | Operation::Try(_)
        | Operation::Create(_)
        | Operation::Edit(..)
        | Operation::Rotate(_)
        | Operation::Renew(_)
        | Operation::Revoke(_)
        | Operation::Disable(_)
        | Operation::Enable(_)
        | Operation::Events(_)
        | Operation::Notices(_)
        | Operation::Health => None,
    };
    Ok(Keys { credential: connection.credential.clone(), session: None, inputs: connection.inputs.clone(), value })
}

/// Whether a session that is there may be used.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Use {
    Kept,
    New,
}

/// Puts a session among the keys where the backend wants one; tells whether it was had for this question.
async fn log_in(connection: &Connection, keys: &mut Keys, which: Use) -> Result<Option<Age>, Failure> {
    let Some(request) = encode_login(&connection.plan, &connection.site, connection.clock.now()) else {
        return Ok(None);
    };
    let missing =
        || Failure::new(FailureKind::Credential, "there is no credential for this context", "log in with :login");
    let credential = keys.credential.clone().filter(|credential| !credential.is_empty()).ok_or_else(missing)?;
    // Held while it is asked for: several questions at once share one login.
    let mut held = connection.session.0.lock().await;
    if let Some(held) = held.as_ref().filter(|held| which == Use::Kept && held.is_good_for(&credential, &keys.inputs)) {
        keys.session = Some(held.secret.clone());
        return Ok(Some(Age::Kept));
    }
    *held = None;
    let started = Instant::now();
    let request = connection.bound(request);
    let response = connection.transport.send(request, keys.clone(), connection.access).await?;
    let NewSession { secret, lifetime } = decode_login(&connection.plan, &response)?;
    keys.session = Some(secret.clone());
    let until = lifetime.map(|lifetime| started + lifetime.saturating_sub(MARGIN).max(lifetime / 2));
    *held = Some(Held { credential, inputs: keys.inputs.clone(), secret, until });
    Ok(Some(Age::Fresh))
}

impl Held {
    fn is_good_for(&self, credential: &Secret, inputs: &Inputs) -> bool {
        *self.credential == *credential
            && self.inputs == *inputs
            && self.until.is_none_or(|until| Instant::now() < until)
    }
}
