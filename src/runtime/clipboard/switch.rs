//! The clipboard of a session, by the road that fits it or the one that the operator chose.

use std::fmt;
use std::sync::Arc;

use super::{Cleared, Clipboard, Copied, Road, Send52, Session, at_end_of, road};
use crate::domain::{Failure, Secret};

/// A clipboard whose road can be changed.
pub struct Switch {
    /// The road that fits the session.
    fits: Road,
    send: Send52,
    taken: Box<dyn Clipboard>,
}

impl fmt::Debug for Switch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Switch").field("fits", &self.fits).field("taken", &self.taken.road()).finish_non_exhaustive()
    }
}

impl Switch {
    /// Takes the road that fits a session. `send` hands bytes to the terminal, and tells whether it is there.
    pub fn new(session: &Session, send: impl Fn(Vec<u8>) -> bool + Send + Sync + 'static) -> Self {
        let (fits, send) = (road(session), Arc::new(send) as Send52);
        Self { fits, taken: at_end_of(fits, &send), send }
    }
}

impl Clipboard for Switch {
    fn road(&self) -> Road {
        self.taken.road()
    }

    fn copy(&mut self, text: Arc<Secret>) -> Result<Copied, Failure> {
        self.taken.copy(text)
    }

    fn clear(&mut self) -> Result<Cleared, Failure> {
        self.taken.clear()
    }

    fn empty(&mut self) -> Result<Cleared, Failure> {
        self.taken.empty()
    }

    fn switch(&mut self, road: Option<Road>) -> Road {
        let road = road.unwrap_or(self.fits);
        // What the one before still holds goes with it.
        self.taken = at_end_of(road, &self.send);
        road
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    #[test]
    fn the_road_is_the_one_that_was_chosen_until_the_fitting_one_is_asked_for() {
        let sent = Arc::new(Mutex::new(Vec::new()));
        let into = Arc::clone(&sent);
        let session = Session { term: "xterm".into(), ..Session::default() };
        let mut clipboard = Switch::new(&session, move |bytes| {
            into.lock().expect("not poisoned").push(bytes);
            true
        });
        let copy = |clipboard: &mut Switch| clipboard.copy(Arc::new(Secret::new("s3cret".into())));
        assert_eq!(clipboard.road(), Road::Terminal);
        assert!(copy(&mut clipboard).is_ok());
        assert_eq!(clipboard.switch(Some(Road::None)), Road::None);
        assert!(copy(&mut clipboard).is_err());
        assert_eq!(clipboard.switch(Some(Road::Screen)), Road::Screen);
        assert!(copy(&mut clipboard).is_ok());
        assert_eq!(clipboard.switch(None), Road::Terminal);
        assert_eq!(clipboard.empty(), Ok(Cleared::Told));
        let sent = sent.lock().expect("not poisoned");
        assert!(sent[0].starts_with(b"\x1b]52;") && sent[1].starts_with(b"\x1bP\x1b]52;"));
        assert_eq!(sent[2], b"\x1b]52;c;\x1b\\");
    }
}
