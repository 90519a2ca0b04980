//! The body of an answer, as far as the limits allow.

use std::sync::Arc;
use std::time::Instant;

use reqwest::header::{CONTENT_ENCODING, CONTENT_LENGTH};
use zeroize::Zeroizing;

use super::trouble::{self, Stage};
use super::{Limits, tls};
use crate::backend::decode::moment::http_date;
use crate::backend::request::{Head, Request, Response, Size};
use crate::backend::sealed::Keys;
use crate::domain::{Failure, FailureKind, Secret};

/// An answer whose head has come.
pub(super) struct Reading {
    pub(super) answer: reqwest::Response,
    pub(super) head: Head,
    pub(super) request: Request,
    pub(super) keys: Keys,
    pub(super) limits: Limits,
    pub(super) started: Instant,
    pub(super) version: Arc<tls::Version>,
}

impl Reading {
    /// Reads the body to its end.
    pub(super) async fn whole(mut self) -> Result<Response, Failure> {
        let changes = self.request.effect.changes();
        let settle = |failure: Failure| if changes { failure.maybe_reached() } else { failure };
        let mut body = self.room().map_err(settle)?;
        let cap = self.cap();
        while let Some(chunk) = self.answer.chunk().await.map_err(|error| self.explain(error))? {
            if body.len() + chunk.len() > cap {
                return Err(settle(self.too_large()));
            }
            body.extend_from_slice(&chunk);
        }
        let Head { status, headers } = self.head;
        if !(200..300).contains(&status) {
            hide(&mut body, &self.keys);
        }
        let date = headers.iter().find(|(name, _)| **name == *"date").and_then(|(_, date)| http_date(date));
        let latency = self.started.elapsed();
        Ok(Response { status, headers, body, latency, date, tls: self.version.words() })
    }

    /// Makes room for a body, as far as its head can be believed; refuses one that cannot be read within limits.
    fn room(&self) -> Result<Zeroizing<Vec<u8>>, Failure> {
        let headers = self.answer.headers();
        if headers.get(CONTENT_ENCODING).is_some_and(|coding| coding != "identity") {
            return Err(Failure::new(
                FailureKind::Protocol,
                "the answer is compressed, though nothing was asked to be",
                "a proxy may stand between: check the context's URL",
            ));
        }
        let length: Option<usize> = headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
        match length {
            Some(length) if length > self.cap() => Err(self.too_large()),
            Some(length) => Ok(Zeroizing::new(Vec::with_capacity(length.min(1 << 20)))),
            None => Ok(Zeroizing::default()),
        }
    }

    fn cap(&self) -> usize {
        match self.request.size {
            Size::Page => self.limits.page_bytes,
            Size::Single => self.limits.single_bytes,
        }
    }

    fn too_large(&self) -> Failure {
        Failure::new(
            FailureKind::Protocol,
            format!("the answer is larger than {} bytes; the rest was not read", self.cap()),
            "check that the context's URL leads to this backend",
        )
    }

    fn explain(&self, error: reqwest::Error) -> Failure {
        let total = self.started.elapsed() >= self.limits.total;
        trouble::explain(&error.without_url(), Stage::Body, &self.request, &self.limits, total)
    }
}

/// Puts stars where an error body repeats a secret, as some proxies do: the message may be shown.
fn hide(body: &mut [u8], keys: &Keys) {
    for secret in keys.all().map(Secret::expose).filter(|secret| !secret.is_empty()) {
        let places: Vec<usize> = memchr::memmem::find_iter(body, secret).collect();
        for place in places {
            body[place..place + secret.len()].fill(b'*');
        }
    }
}
