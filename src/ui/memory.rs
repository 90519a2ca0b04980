//! Scroll offsets: the only thing that the screen remembers from frame to frame.

/// Scroll offsets. Nothing else of the screen outlives a frame.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Memory {
    /// The table.
    pub(super) table: Window,
    /// The list in the tab `Activity`.
    pub(super) activity: Window,
    /// The worklist in the tab `Incident`.
    pub(super) incident: Window,
    /// The list in the tab `Backends`.
    pub(super) backends: Window,
    /// The facts in the tab `Backends`.
    pub(super) facts: Follow,
    /// The detail pane.
    pub(super) detail: Follow,
    /// The modal in front.
    pub(super) modal: Follow,
    /// How many modals were open, so that another one begins at its top.
    pub(super) depth: usize,
}

/// The first row on screen of a list with a cursor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Window(usize);

impl Window {
    /// Moves as little as needed to hold the cursor; at an edge by half a window, so that a slow link pays
    /// for a new picture once in many moves.
    pub(super) fn hold(&mut self, cursor: usize, rows: usize, len: usize) -> usize {
        let last_start = len.saturating_sub(rows);
        if cursor < self.0 {
            let half = if self.0 - cursor > rows { rows / 2 } else { rows.saturating_sub(1) / 2 };
            self.0 = cursor.saturating_sub(half);
        } else if cursor >= self.0 + rows {
            self.0 = cursor - rows.saturating_sub(1) / 2;
        }
        self.0 = self.0.min(last_start);
        self.0
    }
}

/// The first line on screen of a text that keys scroll without knowing how long it is.
///
/// The model counts the keys; only the change of that count moves the text, so that keys beyond the end need
/// not be taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Follow {
    counted: usize,
    at: usize,
}

impl Follow {
    /// Follows the model's count; returns the first line, at most `last`.
    pub(super) fn to(&mut self, counted: usize, last: usize) -> usize {
        let moved = (self.at + counted).saturating_sub(self.counted);
        self.counted = counted;
        self.at = moved.min(last);
        self.at
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_move_inside_the_window_does_not_scroll() {
        let mut window = Window::default();
        for cursor in 0..10 {
            assert_eq!(window.hold(cursor, 10, 100), 0);
        }
        let scrolled = window.hold(10, 10, 100);
        assert!(scrolled > 1 && scrolled <= 10);
        assert_eq!(window.hold(99, 10, 100), 90);
        assert_eq!(window.hold(90, 10, 100), 90);
        assert!(window.hold(89, 10, 100) < 89);
        assert_eq!(window.hold(3, 10, 4), 0);
        assert_eq!(window.hold(0, 0, 0), 0);
    }

    #[test]
    fn keys_beyond_the_end_need_not_be_taken_back() {
        let mut follow = Follow::default();
        assert_eq!(follow.to(50, 10), 10);
        assert_eq!(follow.to(49, 10), 9);
        assert_eq!(follow.to(0, 10), 0);
        assert_eq!(follow.to(1, 10), 1);
    }
}
