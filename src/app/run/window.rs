//! How many tokens of a run are worked on at once: more as long as the backend answers as fast as before, fewer when it
//! asks for patience. Additive increase, multiplicative decrease, as TCP does (RFC 5681).

use std::time::Duration;

/// The size at the start.
const FIRST: usize = 8;

/// The largest size. More connections make no server faster that was measured.
const MOST: usize = 32;

/// What an answer may take longer than the fastest one before the window stops growing.
const SLACK: Duration = Duration::from_millis(20);

/// How many tokens are worked on at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    size: usize,
    /// Answers in good time since it last grew.
    good: usize,
    /// Answers that took much longer since it last changed.
    slow: usize,
    /// The fastest answer; `None` before the first.
    best: Option<Duration>,
}

impl Default for Window {
    fn default() -> Self {
        Self { size: FIRST, good: 0, slow: 0, best: None }
    }
}

impl Window {
    /// Returns how many may be worked on now.
    pub const fn size(&self) -> usize {
        self.size
    }

    /// Takes how long an answer took.
    pub(super) fn answered(&mut self, latency: Duration) {
        let best = self.best.map_or(latency, |best| best.min(latency));
        self.best = Some(best);
        if latency > best * 4 + SLACK * 4 {
            self.slow += 1;
            // One that is slow may be chance; as many as there are on their way are not.
            if self.slow >= self.size {
                self.shrink(self.size * 3 / 4);
            }
        } else if latency <= best * 2 + SLACK {
            self.good += 1;
            if self.good >= self.size {
                self.size = (self.size + 1).min(MOST);
                (self.good, self.slow) = (0, 0);
            }
        }
    }

    /// Takes that the backend asked for patience, or could not be reached.
    pub(super) fn refused(&mut self) {
        self.shrink(self.size / 2);
    }

    fn shrink(&mut self, size: usize) {
        (self.size, self.good, self.slow) = (size.max(1), 0, 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(window: Window, count: usize, millis: u64) -> Window {
        (0..count).fold(window, |mut window, _| {
            window.answered(Duration::from_millis(millis));
            window
        })
    }

    #[test]
    fn it_grows_by_one_for_each_round_in_good_time_up_to_its_most() {
        let window = Window::default();
        assert_eq!(window.size(), FIRST);
        assert_eq!(after(window, FIRST - 1, 5).size(), FIRST);
        assert_eq!(after(window, FIRST, 5).size(), FIRST + 1);
        assert_eq!(after(window, 10_000, 5).size(), MOST);
    }

    #[test]
    fn answers_that_take_longer_stop_it_and_those_that_take_much_longer_make_it_smaller() {
        let grown = after(Window::default(), 100, 5);
        assert_eq!(after(grown, 1_000, 60).size(), grown.size());
        assert!(after(grown, 1_000, 200).size() < grown.size());
        assert_eq!(after(grown, 100_000, 60_000).size(), 1);
        // A link that is slow from the beginning is no reason.
        assert_eq!(after(Window::default(), 10_000, 300).size(), MOST);
    }

    #[test]
    fn a_refusal_halves_it_and_never_closes_it() {
        let mut window = Window::default();
        for expected in [4, 2, 1, 1] {
            window.refused();
            assert_eq!(window.size(), expected);
        }
        assert_eq!(after(window, 3, 5).size(), 3);
    }
}
