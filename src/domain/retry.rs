//! When a call that failed is made again, by itself or not at all.

use std::time::Duration;

use super::{Failure, FailureKind, Operation};

/// What to do after a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retry {
    /// Ask again after this long, never earlier.
    After(Duration),
    /// The backend asks for a longer wait than anybody sits through unasked: the operator decides.
    AskOperator(Duration),
    /// It would fail again, or may have had its effect.
    Stop,
}

/// How often one call is made at most, the first time included.
pub const MAX_ATTEMPTS: u32 = 4;
/// The longest wait that is sat through unasked.
pub const LONGEST_WAIT: Duration = Duration::from_mins(1);
/// The first wait where the backend does not say; it doubles each time.
const FIRST_WAIT: Duration = Duration::from_millis(500);
/// The longest wait where the backend does not say.
const LAST_WAIT: Duration = Duration::from_secs(8);

impl Operation {
    /// Tells whether asking twice does no more than asking once. Creating and rotating never do.
    pub const fn repeatable(&self) -> bool {
        match self {
            Self::List(_)
            | Self::Get(_)
            | Self::Whoami
            | Self::Try(_)
            | Self::Events(_)
            | Self::Notices(_)
            | Self::Health
            | Self::Identify(_)
            | Self::Revoke(_)
            | Self::RevokeValue(_) => true,
            Self::Create(_)
            | Self::Edit(..)
            | Self::Rotate(_)
            | Self::Renew(_)
            | Self::Disable(_)
            | Self::Enable(_) => false,
        }
    }
}

/// Tells what to do after the `attempt`-th try (counting from 1) failed.
///
/// `jitter` is a random part between 0 and 1: it only ever lengthens a wait, by at most a half, so that no
/// request leaves before the moment the backend named and many clients do not come back together.
pub fn after(operation: &Operation, failure: &Failure, attempt: u32, jitter: f64) -> Retry {
    if !operation.repeatable() || attempt >= MAX_ATTEMPTS {
        return Retry::Stop;
    }
    match failure.kind {
        FailureKind::Busy(Some(wait)) if wait > LONGEST_WAIT => Retry::AskOperator(wait),
        FailureKind::Busy(Some(wait)) => Retry::After(lengthen(wait, jitter, Duration::from_secs(1))),
        FailureKind::Busy(None) | FailureKind::Offline | FailureKind::TimedOut | FailureKind::Server => {
            let wait = FIRST_WAIT.saturating_mul(1 << attempt.saturating_sub(1).min(16)).min(LAST_WAIT);
            Retry::After(lengthen(wait, jitter, wait / 2))
        }
        FailureKind::Credential
        | FailureKind::Forbidden
        | FailureKind::NotFound
        | FailureKind::Changed
        | FailureKind::Refused
        | FailureKind::Tls
        | FailureKind::Protocol
        | FailureKind::ReadOnly
        | FailureKind::NotOffered
        | FailureKind::Cancelled
        | FailureKind::Sealed
        | FailureKind::Local => Retry::Stop,
    }
}

/// Adds `jitter` of `most` to a wait; what is no number between 0 and 1 counts as the nearer end.
fn lengthen(wait: Duration, jitter: f64, most: Duration) -> Duration {
    let part = if jitter.is_nan() { 1.0 } else { jitter.clamp(0.0, 1.0) };
    wait.saturating_add(most.mul_f64(part))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Draft, Expiry, Nonce, TokenId};

    fn failure(kind: FailureKind) -> Failure {
        Failure::new(kind, "", "")
    }

    fn id() -> TokenId {
        TokenId::parse("7").expect("a lawful id")
    }

    fn draft() -> Draft {
        let nonce = Nonce::new("n");
        Draft {
            label: String::new(),
            roles: vec![],
            owner: None,
            scope: None,
            expires: Expiry::Never,
            nonce,
            asked: jiff::Timestamp::UNIX_EPOCH,
        }
    }

    #[test]
    fn the_table_holds() {
        use FailureKind::{Busy, Credential, Forbidden, Offline, Protocol, Server, TimedOut, Tls};
        let seconds = Duration::from_secs;
        let millis = Duration::from_millis;
        for (kind, attempt, jitter, expected) in [
            (Server, 1, 0.0, Retry::After(millis(500))),
            (Server, 2, 0.0, Retry::After(seconds(1))),
            (Server, 3, 1.0, Retry::After(seconds(3))),
            (Server, 4, 0.0, Retry::Stop),
            (Offline, 1, 1.0, Retry::After(millis(750))),
            (TimedOut, 1, 0.0, Retry::After(millis(500))),
            (Busy(None), 1, 0.0, Retry::After(millis(500))),
            (Busy(Some(seconds(7))), 1, 0.0, Retry::After(seconds(7))),
            (Busy(Some(seconds(7))), 1, 1.0, Retry::After(seconds(8))),
            (Busy(Some(seconds(0))), 1, 0.0, Retry::After(seconds(0))),
            (Busy(Some(seconds(60))), 3, 0.0, Retry::After(seconds(60))),
            (Busy(Some(seconds(61))), 1, 0.0, Retry::AskOperator(seconds(61))),
            (Busy(Some(Duration::MAX)), 1, 1.0, Retry::AskOperator(Duration::MAX)),
            (Credential, 1, 0.0, Retry::Stop),
            (Forbidden, 1, 0.0, Retry::Stop),
            (Tls, 1, 0.0, Retry::Stop),
            (Protocol, 1, 0.0, Retry::Stop),
        ] {
            assert_eq!(after(&Operation::List(None), &failure(kind), attempt, jitter), expected, "{kind:?} {attempt}");
        }
    }

    #[test]
    fn what_may_have_had_its_effect_is_not_sent_twice() {
        for operation in [Operation::Create(draft()), Operation::Rotate(id()), Operation::Disable(id())] {
            for kind in [FailureKind::Server, FailureKind::TimedOut, FailureKind::Busy(Some(Duration::ZERO))] {
                assert_eq!(after(&operation, &failure(kind), 1, 0.0), Retry::Stop, "{operation:?}");
            }
        }
        assert_ne!(after(&Operation::Revoke(id()), &failure(FailureKind::TimedOut), 1, 0.0), Retry::Stop);
    }

    #[test]
    fn jitter_never_shortens_a_wait() {
        let asked = Duration::from_secs(30);
        for jitter in [f64::NEG_INFINITY, -1.0, 0.0, 0.5, 1.0, 9.0, f64::INFINITY, f64::NAN] {
            match after(&Operation::Health, &failure(FailureKind::Busy(Some(asked))), 1, jitter) {
                Retry::After(wait) => assert!(wait >= asked && wait <= asked + Duration::from_secs(1), "{jitter}"),
                other @ (Retry::AskOperator(_) | Retry::Stop) => panic!("{other:?}"),
            }
        }
    }
}
