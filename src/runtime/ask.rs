//! One call: from operation to answer, with what the head of the answer tells on the way.

use std::time::Duration;

use futures_util::FutureExt as _;

use super::connect::Connection;
use super::effects::{Done, Keep};
use super::question::{self, Asked, Begun};
use crate::app::message::Message;
use crate::domain::{Answer, CallId, ContextName, Failure, FailureKind, Operation};

/// Asks a backend.
///
/// Where the head of a list's answer names the next page this is told at once, and the call goes on.
pub(super) async fn ask(
    connection: Option<Connection>,
    call: CallId,
    context: ContextName,
    operation: Operation,
) -> Done {
    let Some(connection) = connection else {
        let failure = Failure::new(FailureKind::Local, "there is no such context", "start again");
        return told(call, context, Asked { result: Err(failure), met: None });
    };
    match question::ask(&connection, &operation).await {
        Begun::Over(asked) => told(call, context, asked),
        Begun::Headed(next, rest) => {
            let rest = rest.map(move |asked| told(call, context, asked));
            Done { messages: vec![Message::Headed { call, next }], keep: Keep::Call(call, rest.boxed()) }
        }
    }
}

fn told(call: CallId, context: ContextName, asked: Asked) -> Done {
    let met = asked.met.unwrap_or_default();
    let (latency, server_time, tls): (Duration, _, _) = (met.latency, met.date, met.tls);
    Done::say(Message::Answered(Box::new(Answer { call, context, result: asked.result, latency, server_time, tls })))
}
