//! The kinds of harm that a proxy does, and where.

use super::speech::Speech;
use crate::backend::bounds::dice::Dice;
use std::time::Duration;

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// The connection breaks, and the server hears nothing of the request.
    RequestCut,
    /// The server hears the first bytes of the request, or all of it, and the connection breaks.
    RequestTorn,
    /// It is done, and the connection breaks before a byte of the answer.
    AnswerLost,
    /// The connection breaks in the head of the answer.
    HeadCut,
    /// The connection breaks in the body of the answer.
    BodyCut,
    /// Half of the body comes, and then nothing, for ever.
    HalfBody,
    /// The request arrives late, or its answer does; some later than anybody waits.
    Delay,
    /// The request arrives twice.
    Duplicate,
    /// What the server said before at this place is said again, and nothing is asked.
    Stale,
    /// 429, with `Retry-After` in each of its forms.
    TooMany,
    /// 503, several times in a row.
    Storm,
    /// It is done, and the answer is that the server failed.
    DoneAndFailed,
    /// The answer comes a byte at a time.
    Drip,
    /// The answer calls itself something else than JSON.
    WrongType,
    /// A page for people, with 200.
    Portal,
    /// 200, and nothing.
    Empty,
    /// JSON of another shape, with 200.
    WrongShape,
    /// 204 where there is something to be said.
    NoContent,
    /// Another status than the server's.
    WrongStatus,
    /// Nobody listens any more.
    Refused,
    /// Connections break in the handshake of TLS.
    HandshakeCut,
    /// The connection is reset behind the answer, before it is used again.
    IdleReset,
    /// The answer has a head of hundreds of kilobytes, or of hundreds of lines.
    HugeHead,
    /// The answer comes in chunks whose lengths are not so.
    ChunkedLie,
    /// The answer has another length than it says.
    WrongLength,
    /// The credential is refused once or twice, though it is good.
    Unauthorized,
    /// A right is said to be missing, once.
    Forbidden,
    /// It is said not to be there, once, though it is.
    GoneLie,
}

/// All of them.
pub(super) const KINDS: [Kind; 28] = [
    Kind::RequestCut,
    Kind::RequestTorn,
    Kind::AnswerLost,
    Kind::HeadCut,
    Kind::BodyCut,
    Kind::HalfBody,
    Kind::Delay,
    Kind::Duplicate,
    Kind::Stale,
    Kind::TooMany,
    Kind::Storm,
    Kind::DoneAndFailed,
    Kind::Drip,
    Kind::WrongType,
    Kind::Portal,
    Kind::Empty,
    Kind::WrongShape,
    Kind::NoContent,
    Kind::WrongStatus,
    Kind::Refused,
    Kind::HandshakeCut,
    Kind::IdleReset,
    Kind::HugeHead,
    Kind::ChunkedLie,
    Kind::WrongLength,
    Kind::Unauthorized,
    Kind::Forbidden,
    Kind::GoneLie,
];

/// Which request is hit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Aim {
    /// The one that changes something, counted from 0.
    Change(usize),
    /// The one that reads, counted from 0.
    Reading(usize),
    /// The one that reads after something was changed, counted from 0.
    After(usize),
}

/// What goes wrong, where and how often.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plan {
    pub(super) kind: Kind,
    pub(super) aim: Aim,
    /// How many requests in a row are hit.
    pub(super) times: usize,
    /// Decides everything else.
    pub(super) seed: u64,
}

/// What of a request the server hears.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Forward {
    Nothing,
    /// As many thousandths of its bytes, and then the end of the connection.
    Part(usize),
    /// All of it, so often.
    Whole(usize),
    /// All of it, so much later, whoever waits for it still.
    Late(Duration),
}

/// How a connection ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// It goes on.
    Kept,
    /// With a good-bye.
    Closed,
    /// Without one.
    Abrupt,
    /// By a reset.
    Reset,
    /// With a reset, and nobody listens from then on.
    Deaf,
}

impl Plan {
    /// A plan for an operation that reads only, or changes as many things.
    pub(super) fn new(kind: Kind, seed: u64, changes: usize) -> Self {
        let mut dice = Dice::seeded(seed);
        let aim = match (changes, seed % 4) {
            (0, _) => Aim::Reading(dice.below(2)),
            (_, 0 | 1) => Aim::Change(dice.below(changes)),
            (_, 2) => Aim::Reading(dice.below(4)),
            _ => Aim::After(dice.below(changes)),
        };
        let in_a_row = [(Kind::Storm, 6), (Kind::TooMany, 3), (Kind::HandshakeCut, 3), (Kind::Unauthorized, 2)];
        let most = in_a_row.iter().find(|(storms, _)| *storms == kind).map_or(1, |(_, most)| *most);
        let times = 1 + dice.below(most);
        Self { kind, aim, times, seed }
    }

    /// What the server hears of a request that is hit.
    pub(super) fn forward(&self) -> Forward {
        let mut dice = Dice::seeded(self.seed ^ 1);
        let either = |dice: &mut Dice<'_>| if dice.one_in(2) { Forward::Nothing } else { Forward::Whole(1) };
        match self.kind {
            Kind::RequestTorn => Forward::Part(dice.pick(&[1, 300, 700, 950, 1000, 1000])),
            Kind::Delay if dice.one_in(2) => Forward::Late(Duration::from_millis(self.delay())),
            Kind::Duplicate => Forward::Whole(2),
            Kind::RequestCut
            | Kind::Stale
            | Kind::TooMany
            | Kind::Storm
            | Kind::Portal
            | Kind::Refused
            | Kind::HandshakeCut
            | Kind::Unauthorized
            | Kind::Forbidden
            | Kind::GoneLie => Forward::Nothing,
            Kind::Empty | Kind::WrongShape | Kind::NoContent | Kind::HugeHead | Kind::WrongStatus => either(&mut dice),
            Kind::Delay
            | Kind::AnswerLost
            | Kind::HeadCut
            | Kind::BodyCut
            | Kind::HalfBody
            | Kind::DoneAndFailed
            | Kind::Drip
            | Kind::WrongType
            | Kind::IdleReset
            | Kind::ChunkedLie
            | Kind::WrongLength => Forward::Whole(1),
        }
    }

    /// How much later something comes, in milliseconds.
    pub(super) fn delay(&self) -> u64 {
        Dice::seeded(self.seed ^ 2).pick(&[300, 1_000, 2_500, 5_000, 7_000])
    }

    /// What is said to a request that is hit, `real` being what the server said, if it was asked, and `older` what it
    /// said before.
    pub(super) fn speech(&self, real: Option<&[u8]>, older: Option<&[u8]>) -> Speech {
        Speech::of(self, real, older)
    }
}
