//! What a proxy that does harm says in the place of a server.

use super::kind::{End, Kind, Plan};
use crate::backend::{bounds::dice::Dice, hostile::server::json};
use std::time::Duration;

/// A part of what is said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Say {
    Bytes(Vec<u8>),
    /// One byte after the other, with a pause between them.
    Drip(Vec<u8>, Duration),
    Pause(Duration),
    /// Nothing, until the other side goes.
    Silence,
}

/// What is said, and how the connection then ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Speech {
    pub(super) says: Vec<Say>,
    pub(super) end: End,
}

/// An answer in its parts.
struct Parts<'a> {
    status: &'a str,
    headers: Vec<&'a str>,
    body: &'a [u8],
    head: usize,
}

const PAGE: &str = "<!doctype html><html><body><h1>Sign in</h1><p>revoked: true</p></body></html>";

/// JSON that is no answer of this server to anything, but may look like one to who looks at a word of it.
const SHAPES: [&str; 12] = [
    "null",
    "[]",
    "{}",
    "\"revoked\"",
    "true",
    "{\"ok\":true}",
    "{\"status\":\"revoked\"}",
    "[{\"already_revoked\":false}]",
    "{\"data\":{\"already_revoked\":false}}",
    "{\"error\":\"something else\"}",
    "{\"tokens\":true}",
    "{\"id\":",
];

impl Speech {
    pub(super) fn of(plan: &Plan, real: Option<&[u8]>, older: Option<&[u8]>) -> Self {
        let mut dice = Dice::seeded(plan.seed ^ 3);
        let answer = real.unwrap_or_default();
        let end = dice.pick(&[End::Closed, End::Abrupt, End::Reset]);
        match plan.kind {
            Kind::RequestCut | Kind::RequestTorn | Kind::AnswerLost => Self { says: Vec::new(), end },
            Kind::HeadCut | Kind::BodyCut => Self { says: vec![cut(plan.kind, answer, &mut dice)], end },
            Kind::HalfBody => {
                let half = Parts::of(answer).map_or(0, |parts| parts.head + parts.body.len() / 2);
                Self { says: vec![Say::Bytes(answer[..half].to_vec()), Say::Silence], end }
            }
            Kind::Delay => {
                let pause = Duration::from_millis(if real.is_some() { plan.delay() } else { 0 });
                Self { says: vec![Say::Pause(pause), Say::Bytes(answer.to_vec())], end: End::Kept }
            }
            Kind::Drip => {
                let pause = Duration::from_millis(dice.pick(&[1, 3, 20]));
                Self { says: vec![Say::Drip(answer.to_vec(), pause)], end: End::Kept }
            }
            Kind::Refused => Self { says: Vec::new(), end: End::Deaf },
            Kind::HandshakeCut => Self { says: Vec::new(), end: End::Reset },
            Kind::IdleReset => Self { says: vec![Say::Bytes(answer.to_vec())], end: End::Reset },
            Kind::WrongLength | Kind::ChunkedLie => lied(plan.kind, answer, end, &mut dice),
            Kind::Stale => Self::kept(older.unwrap_or_default().to_vec()),
            Kind::Duplicate
            | Kind::TooMany
            | Kind::Storm
            | Kind::DoneAndFailed
            | Kind::WrongType
            | Kind::Portal
            | Kind::Empty
            | Kind::WrongShape
            | Kind::NoContent
            | Kind::WrongStatus
            | Kind::HugeHead
            | Kind::Unauthorized
            | Kind::Forbidden
            | Kind::GoneLie => Self::kept(made_up(plan.kind, real, &mut dice)),
        }
    }

    fn kept(bytes: Vec<u8>) -> Self {
        Self { says: vec![Say::Bytes(bytes)], end: End::Kept }
    }
}

impl<'a> Parts<'a> {
    fn of(answer: &'a [u8]) -> Option<Self> {
        let head = answer.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
        let text = std::str::from_utf8(&answer[..head]).ok()?;
        let mut lines = text.split("\r\n").filter(|line| !line.is_empty());
        Some(Self { status: lines.next()?, headers: lines.collect(), body: &answer[head..], head })
    }

    /// The same answer without these headers and with others.
    fn with(&self, without: &[&str], more: &str, body: &[u8]) -> Vec<u8> {
        self.with_status(self.status, without, more, body)
    }

    fn with_status(&self, status: &str, without: &[&str], more: &str, body: &[u8]) -> Vec<u8> {
        let stays = |line: &&&str| {
            let name = line.split(':').next().unwrap_or_default();
            !without.iter().any(|gone| gone.eq_ignore_ascii_case(name))
        };
        let headers: Vec<&str> = self.headers.iter().filter(stays).flat_map(|line| [*line, "\r\n"]).collect();
        [format!("{status}\r\n{}{more}\r\n", headers.concat()).as_bytes(), body].concat()
    }
}

fn cut(kind: Kind, answer: &[u8], dice: &mut Dice<'_>) -> Say {
    let head = Parts::of(answer).map_or(answer.len(), |parts| parts.head);
    let body = answer.len() - head;
    let end = if kind == Kind::HeadCut { 1 + dice.below(head - 1) } else { head + dice.below(body.max(1)) };
    Say::Bytes(answer[..end].to_vec())
}

/// An answer whose length is not the one that it says.
fn lied(kind: Kind, answer: &[u8], end: End, dice: &mut Dice<'_>) -> Speech {
    let Some(parts) = Parts::of(answer) else { return Speech { says: Vec::new(), end } };
    let body = parts.body;
    let length = |length: usize| parts.with(&["content-length"], &format!("Content-Length: {length}\r\n"), body);
    let chunked = |frame: Vec<u8>| parts.with(&["content-length"], "Transfer-Encoding: chunked\r\n", &frame);
    let chunk = |said: usize, tail: &str| [format!("{said:x}\r\n").as_bytes(), body, tail.as_bytes()].concat();
    let half = body.len() / 2;
    let bytes = match (kind, dice.below(5)) {
        (Kind::WrongLength, 0) => length(half),
        (Kind::WrongLength, 1) => length(0),
        (Kind::WrongLength, 2) => length(usize::MAX),
        (Kind::WrongLength, 3) => parts.with(&[], &format!("Content-Length: {half}\r\n"), body),
        (Kind::WrongLength, _) => length(body.len() + 100),
        (_, 0) => chunked(chunk(body.len() + 100, "\r\n0\r\n\r\n")),
        (_, 1) => chunked(chunk(half, "\r\n0\r\n\r\n")),
        (_, 2) => chunked(chunk(body.len(), "\r\n")),
        (_, 3) => chunked([b"zz\r\n", body].concat()),
        (_, _) => parts.with(&[], "Transfer-Encoding: chunked\r\n", body),
    };
    let says = vec![Say::Bytes(bytes)];
    if dice.one_in(2) {
        return Speech { says: [says, vec![Say::Silence]].concat(), end };
    }
    Speech { says, end }
}

/// An answer that is not the server's.
fn made_up(kind: Kind, real: Option<&[u8]>, dice: &mut Dice<'_>) -> Vec<u8> {
    let shape = |dice: &mut Dice<'_>| json(200, "", dice.pick(&SHAPES));
    let problem =
        |status: u16, headers: &str| json(status, headers, &format!("{{\"status\":{status},\"title\":\"no\"}}"));
    let parts = real.and_then(Parts::of);
    match (kind, parts) {
        (Kind::TooMany, _) => problem(429, &retry_after(dice)),
        (Kind::Storm, _) => problem(503, dice.pick(&["", "Retry-After: 1\r\n", "Retry-After: 0\r\n"])),
        (Kind::DoneAndFailed, _) => {
            let status = dice.pick(&[500, 502, 503, 503, 504, 599]);
            problem(status, dice.pick(&["", "Retry-After: 1\r\n"]))
        }
        (Kind::Portal, _) => {
            let media = dice.pick(&["text/html", "application/json", "text/html; charset=utf-8"]);
            let length = PAGE.len();
            format!("HTTP/1.1 200 OK\r\nContent-Type: {media}\r\nContent-Length: {length}\r\n\r\n{PAGE}").into_bytes()
        }
        (Kind::Empty, _) => json(200, "", ""),
        (Kind::NoContent, _) => b"HTTP/1.1 204 No Content\r\n\r\n".to_vec(),
        (Kind::Unauthorized, _) => problem(401, dice.pick(&["", "WWW-Authenticate: Bearer\r\n"])),
        (Kind::Forbidden, _) => problem(403, ""),
        (Kind::GoneLie, _) => problem(dice.pick(&[404, 404, 410]), ""),
        (Kind::WrongType, Some(parts)) => {
            let media = dice.pick(&["Content-Type: text/plain\r\n", "Content-Type: text/html\r\n", ""]);
            parts.with(&["content-type"], media, parts.body)
        }
        (Kind::HugeHead, Some(parts)) => parts.with(&[], &huge(dice), parts.body),
        (Kind::HugeHead, None) => json(200, &huge(dice), "{}"),
        (Kind::WrongStatus, Some(parts)) => {
            let status = dice.pick(&["201 Created", "202 Accepted", "206 Partial Content", "302 Found", "500 No"]);
            parts.with_status(&format!("HTTP/1.1 {status}"), &[], "", parts.body)
        }
        // Who refuses does not do it: a client may believe that.
        (Kind::WrongStatus, None) => problem(dice.pick(&[400, 405, 409, 412, 418, 422, 451]), ""),
        (_, Some(parts)) if kind == Kind::Duplicate => parts.with(&[], "", parts.body),
        _ => shape(dice),
    }
}

fn huge(dice: &mut Dice<'_>) -> String {
    if dice.one_in(2) {
        return format!("X-Huge: {}\r\n", "h".repeat(600_000));
    }
    (0..400).map(|number| format!("X-{number}: many\r\n")).collect::<Vec<_>>().concat()
}

/// A wait in one of its forms; none that takes longer than a test. Dates are those of a server whose clock differs.
fn retry_after(dice: &mut Dice<'_>) -> String {
    let (date, value) = ("Date: Sun, 22 Nov 2026 12:00:00 GMT\r\n", "Sun, 22 Nov 2026");
    match dice.below(7) {
        0 => String::new(),
        1 => "Retry-After: 1\r\n".to_owned(),
        2 => "Retry-After: 0\r\n".to_owned(),
        3 => "Retry-After: -1\r\n".to_owned(),
        4 => "Retry-After: soon\r\n".to_owned(),
        5 => format!("{date}Retry-After: {value} 12:00:02 GMT\r\n"),
        _ => format!("{date}Retry-After: {value} 11:00:00 GMT\r\n"),
    }
}
