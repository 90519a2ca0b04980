//! The clipboard: one road by kind of session, and words that claim no more than is known.

mod native;
mod osc52;
mod road;
mod switch;
#[cfg(unix)]
mod tmux;

use std::sync::Arc;

use crate::domain::{Failure, Secret};

pub use crate::app::clipboard::Road;
pub use crate::app::message::Cleared;
pub use road::{Desktop, Multiplexer, Remote, Session, road};
pub use switch::Switch;

use native::Native;
use osc52::Osc52;

/// Where text for another program goes. The calls may block: they belong on a blocking thread.
pub trait Clipboard: Send {
    /// Returns the road that was chosen at the start.
    fn road(&self) -> Road;

    /// Hands text over.
    ///
    /// # Errors
    /// When the road is known not to have taken it.
    fn copy(&mut self, text: Arc<Secret>) -> Result<Copied, Failure>;

    /// Empties the clipboard if it still holds what was handed over last.
    ///
    /// # Errors
    /// When it should be readable, and is not.
    fn clear(&mut self) -> Result<Cleared, Failure>;

    /// Empties it whatever it holds, as far as that can be done from here.
    ///
    /// # Errors
    /// When it is known not to be empty, or there is none.
    fn empty(&mut self) -> Result<Cleared, Failure>;

    /// Takes another road from now on, `None` for the one that fits the session; returns the one that is taken.
    fn switch(&mut self, _road: Option<Road>) -> Road {
        self.road()
    }
}

/// What may be said of something handed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Copied {
    /// The desktop has it, and it can be read back and cleared.
    Desktop,
    /// The terminal was told; it does not answer.
    SentToTerminal,
    /// tmux has passed it on; the terminal does not answer.
    SentToTmux,
}

impl Copied {
    /// Returns the words on screen.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Desktop => "copied to the desktop clipboard",
            Self::SentToTerminal => "sent to the terminal (it does not confirm)",
            Self::SentToTmux => "sent to tmux (it does not confirm that the terminal took it)",
        }
    }

    /// Tells whether it can be read back, compared and cleared.
    pub const fn is_readable(self) -> bool {
        matches!(self, Self::Desktop)
    }
}

/// Hands bytes to the terminal, and tells whether it is there.
type Send52 = Arc<dyn Fn(Vec<u8>) -> bool + Send + Sync>;

/// Returns the clipboard at the end of a road.
fn at_end_of(road: Road, send: &Send52) -> Box<dyn Clipboard> {
    match road {
        Road::Desktop => Box::new(Native::default()),
        Road::Terminal => Box::new(Osc52::new(Arc::clone(send))),
        Road::Screen => Box::new(Osc52::in_pieces(Arc::clone(send))),
        #[cfg(unix)]
        Road::Tmux => Box::new(tmux::Tmux::default()),
        #[cfg(not(unix))]
        Road::Tmux => Box::new(Nowhere),
        Road::None => Box::new(Nowhere),
    }
}

/// The clipboard of a session without any road.
#[derive(Debug, Clone, Copy)]
pub struct Nowhere;

/// What else there is to do when nothing can be copied.
const BY_HAND: &str = "Show it and select it by hand, or write it to a file";

impl Clipboard for Nowhere {
    fn road(&self) -> Road {
        Road::None
    }

    fn copy(&mut self, _text: Arc<Secret>) -> Result<Copied, Failure> {
        Err(no_way())
    }

    fn clear(&mut self) -> Result<Cleared, Failure> {
        Ok(Cleared::Emptied)
    }

    fn empty(&mut self) -> Result<Cleared, Failure> {
        Err(no_way())
    }
}

fn no_way() -> Failure {
    Failure::local("no way to a clipboard from this session", BY_HAND)
}

/// A clipboard that only remembers, for tests.
#[derive(Debug, Default)]
pub struct Recorded {
    /// What was handed over last; `None` when it was cleared or nothing was.
    pub held: Option<Arc<Secret>>,
}

impl Clipboard for Recorded {
    fn road(&self) -> Road {
        Road::Desktop
    }

    fn copy(&mut self, text: Arc<Secret>) -> Result<Copied, Failure> {
        self.held = Some(text);
        Ok(Copied::Desktop)
    }

    fn clear(&mut self) -> Result<Cleared, Failure> {
        self.held = None;
        Ok(Cleared::Emptied)
    }

    fn empty(&mut self) -> Result<Cleared, Failure> {
        self.clear()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_claim_only_what_is_known() {
        assert!(Copied::Desktop.words().starts_with("copied"));
        for sent in [Copied::SentToTerminal, Copied::SentToTmux] {
            assert!(sent.words().starts_with("sent") && sent.words().contains("does not confirm"));
            assert!(!sent.is_readable());
        }
    }

    #[test]
    fn without_a_road_the_manual_way_is_said() {
        let failure = Nowhere.copy(Arc::new(Secret::new("x".into()))).expect_err("there is no road");
        assert!(failure.hint.contains("by hand"));
        assert_eq!(Nowhere.empty(), Err(failure), "nor is anything said to be empty");
    }
}
