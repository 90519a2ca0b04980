//! What every loop does with model and shell, with a screen, with lines, or with neither.

use std::sync::PoisonError;

use futures_util::FutureExt;
use futures_util::stream::StreamExt;
use tokio::time::Instant;

use super::effects::{Done, Shell};
use super::r#loop::until;
use crate::app::effect::Effect;
use crate::app::message::Message;
use crate::app::model::{Model, Secrecy};
use crate::app::{next_wake, update};

/// How many answers are taken before input is looked at again.
const ANSWERS: usize = 64;

/// An effect that concerns the terminal or the end, and not the shell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Own {
    Quit(u8),
    Repaint,
    Suspend,
}

/// A loop over a model and a shell.
pub(super) trait Drive {
    /// Returns both.
    fn parts(&mut self) -> (&mut Model, &mut Shell);

    /// Does what concerns the terminal or the end.
    fn own(&mut self, effect: Own);

    /// Notes that something is about to change.
    fn stirred(&mut self) {}

    /// Takes a message.
    fn step(&mut self, message: Message) {
        tracing::trace!(?message, "step");
        self.stirred();
        let (model, shell) = self.parts();
        let effects = update(model, shell.clock.now(), message);
        self.perform(effects);
    }

    /// Does what a step asked for.
    #[expect(clippy::wildcard_enum_match_arm, reason = "all others are the shell's, which lists every one")]
    fn perform(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Quit(code) => self.own(Own::Quit(code)),
                Effect::Repaint => self.own(Own::Repaint),
                Effect::Suspend => self.own(Own::Suspend),
                effect => self.parts().1.perform(effect),
            }
        }
        self.parts().1.flush();
    }

    /// Takes an answer, and those that are there already, before the next look at the input.
    fn answers(&mut self, first: Done) {
        let mut next = Some(first);
        let mut taken = 0;
        while let Some(done) = next.take() {
            for message in self.parts().1.finish(done) {
                self.step(message);
            }
            taken += 1;
            let flying = &mut self.parts().1.flying;
            if taken < ANSWERS && !flying.is_empty() {
                next = flying.next().now_or_never().flatten();
            }
        }
    }

    /// Returns when the model changes by itself.
    fn wakes(&mut self) -> Option<Instant> {
        let (model, shell) = self.parts();
        next_wake(model).map(|moment| Instant::now() + until(shell.clock.now(), moment))
    }

    /// Lets go of what the clipboard still holds, and of the demo.
    fn let_go(&mut self) {
        let (model, shell) = self.parts();
        if model.clipboard.as_ref().is_some_and(|handed| handed.secret == Secrecy::Secret) {
            // What it came to cannot be shown any more.
            let _ = shell.clipboard.lock().unwrap_or_else(PoisonError::into_inner).clear();
        }
        shell.demo = None;
    }
}
