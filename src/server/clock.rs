//! The server's clock: the one place of `server/` where time is read.

/// Now, in whole seconds since 1970-01-01T00:00:00Z.
#[expect(clippy::disallowed_methods, reason = "the server's one clock; everything else is given the time")]
pub(crate) fn now() -> i64 {
    jiff::Timestamp::now().as_second()
}
