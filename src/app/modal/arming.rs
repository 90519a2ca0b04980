//! When a modal takes keys: at once where the operator opened it; else some time after it was seen, and only if it was
//! this one that was seen.

use jiff::{SignedDuration, Timestamp};

/// How long after it is seen a modal takes no answer.
const DELAY: SignedDuration = SignedDuration::from_millis(300);

/// The number of a question, by which its frame is told from that of another one in its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct QuestionId(pub u64);

/// Whether a modal takes answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Arming {
    /// The operator opened it, and it answers nothing that cannot be taken back.
    #[default]
    Ready,
    /// Its frame has not left for the terminal.
    Unseen(QuestionId),
    /// Its frame left at this moment.
    Seen(Timestamp),
}

impl Arming {
    /// Tells whether answers are taken.
    pub fn is_armed(self, now: Timestamp) -> bool {
        match self {
            Self::Ready => true,
            Self::Unseen(_) => false,
            Self::Seen(at) => now.duration_since(at) >= DELAY,
        }
    }

    /// Returns the question whose frame is awaited; `None` once it has left.
    pub const fn awaits(self) -> Option<QuestionId> {
        match self {
            Self::Unseen(question) => Some(question),
            Self::Ready | Self::Seen(_) => None,
        }
    }

    /// Returns the moment from which answers are taken; `None` while it is not known.
    pub(super) fn armed_at(self) -> Option<Timestamp> {
        match self {
            Self::Ready | Self::Unseen(_) => None,
            Self::Seen(at) => at.checked_add(DELAY).ok(),
        }
    }

    /// Notes that the frame of a question has left; the frame of another question says nothing of this one.
    pub(super) fn seen(&mut self, question: QuestionId, now: Timestamp) {
        if self.awaits() == Some(question) {
            *self = Self::Seen(now);
        }
    }
}
