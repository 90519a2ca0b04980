//! One call: from operation to reply, with what the head of the answer tells on the way.

use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;

use super::connect::Connection;
use super::effects::{Done, Keep};
use crate::app::message::Message;
use crate::backend::{Opened, Plan, Response, decode, encode, next_page};
use crate::domain::{Answer, CallId, ContextName, Failure, FailureKind, Operation, Reply};

/// Asks a backend.
///
/// Where the head of a list's answer names the next page this is told at once, and the call goes on.
pub(super) async fn ask(
    connection: Option<Connection>,
    call: CallId,
    context: ContextName,
    operation: Operation,
) -> Done {
    let answer = Answer {
        call,
        context,
        result: Err(Failure::new(FailureKind::Local, "there is no such context", "start again")),
        latency: Duration::ZERO,
        server_time: None,
        tls: None,
    };
    let Some(connection) = connection else { return told(answer) };
    let request = match encode(&connection.plan, &connection.site, &operation) {
        Ok(request) => request,
        Err(failure) => return told(Answer { result: Err(failure), ..answer }),
    };
    let opened = match connection.transport.open(request, connection.credential, connection.access).await {
        Ok(opened) => opened,
        Err(failure) => return told(Answer { result: Err(failure), ..answer }),
    };
    let next = next_page(&connection.plan, &operation, &opened.head);
    let skims = if next.is_some() { Skims::No } else { Skims::Maybe };
    let rest = finish(opened, connection.plan, operation, answer, skims);
    match next {
        Some(next) => Done { messages: vec![Message::Headed { call, next }], keep: Keep::Call(call, rest.boxed()) },
        None => rest.await,
    }
}

/// Whether the body of a list has to be read through for the next page.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Skims {
    Maybe,
    No,
}

async fn finish(opened: Opened, plan: Arc<Plan>, operation: Operation, mut answer: Answer, skims: Skims) -> Done {
    answer.result = match opened.whole.await {
        Err(failure) => Err(failure),
        Ok(response) => {
            answer.latency = response.latency;
            answer.server_time = response.date;
            answer.tls.clone_from(&response.tls);
            read(plan, operation, response, skims).await
        }
    };
    told(answer)
}

/// Decodes off the loop where the body may be large.
async fn read(plan: Arc<Plan>, operation: Operation, response: Response, skims: Skims) -> Result<Reply, Failure> {
    if skims == Skims::No || !matches!(operation, Operation::List(_)) {
        return decode(&plan, &operation, response);
    }
    let decoded = tokio::task::spawn_blocking(move || decode(&plan, &operation, response)).await;
    decoded.unwrap_or_else(|_| Err(Failure::local("a page could not be decoded", "read the list again")))
}

fn told(answer: Answer) -> Done {
    Done::say(Message::Answered(Box::new(answer)))
}
