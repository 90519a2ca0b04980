//! Random messages: nothing breaks, and nothing is due for ever.

use proptest::prelude::*;

use super::config;
use crate::app::message::Message;
use crate::app::modal::QuestionId;
use crate::app::next_wake;
use crate::app::testing::*;
use crate::domain::{FailureKind, Reply};

proptest! {
    #![proptest_config(config(2_000))]

    /// Answers that fit no question, files that were never asked for, times that jump: nothing breaks, and nothing
    /// is due for ever.
    #[test]
    fn no_message_breaks_it_and_nothing_is_due_for_ever(
        what in prop::collection::vec((0..25_usize, any::<u16>()), 1..80),
        holds in any::<bool>(),
    ) {
        let mut talk = Talk::over(vec![(context("prod"), usual()), (context("dev"), table("d1 x reader\nd2 y admin"))]);
        talk.holds = holds;
        for (kind, number) in what {
            let small = usize::from(number);
            let fail = || failure([FailureKind::Credential, FailureKind::Offline, FailureKind::Busy(None), FailureKind::NotFound, FailureKind::Local][small % 5]);
            match kind {
                0..=8 => talk.press(["x", "n", "t", "e", "y", "<enter>", "<esc>", "<tab>", "r", "c", "stored<enter>", ":", "/", "q", "*", "j", " ", "v", "<ctrl-r>", "<ctrl-c>", "d", "a"][small % 22]),
                9 | 10 if !talk.open.is_empty() => talk.serve_at(small % talk.open.len()),
                11 if !talk.open.is_empty() => {
                    let call = talk.open[small % talk.open.len()].0;
                    talk.reply(call, Err(if number % 2 == 0 { fail() } else { fail().maybe_reached() }));
                }
                12 if !talk.open.is_empty() => {
                    let call = talk.open[small % talk.open.len()].0;
                    let token = usual()[small % 8].clone();
                    talk.reply(call, Ok([Reply::Done, Reply::Token(Box::new(token)), Reply::Revoked { already_gone: true, also: None }][small % 3].clone()));
                }
                13 => drop(talk.release()),
                14 => talk.tell(Message::Wake),
                15 => talk.wait(i64::from(number)),
                16 => talk.tell(Message::Resize(number % 300, number % 7)),
                17 => talk.copied(),
                18 => talk.tell(Message::CredentialFound(name("dev"), Err(fail()))),
                19 => talk.tell(Message::SecretWritten(Err(fail()))),
                20 => talk.tell(Message::DemoReady(Err(fail()))),
                21 => talk.tell(Message::ContextOpened(Ok(Box::new(context("dev"))))),
                22 => talk.paste(["y", "stored\n", "\u{1b}[31m", ""][small % 4]),
                23 => talk.tell(Message::Shown(QuestionId(u64::from(number)))),
                _ => talk.show(),
            }
            // A program that is leaving is asked nothing any more.
            if talk.model.leaving.is_some() {
                talk.model.leaving = None;
            }
            if let Some(due) = next_wake(&talk.model) {
                let at = due.max(talk.model.now);
                let mut later = talk.model.clone();
                later.now = at;
                let _ = crate::app::update(&mut later, at, Message::Wake);
                let next = next_wake(&later);
                prop_assert!(next.is_none_or(|next| next > at), "due at {at} and again at {next:?}");
            }
        }
    }
}
