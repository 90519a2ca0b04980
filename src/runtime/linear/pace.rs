//! Whether lines come as a person types them. What comes all at once was pasted, and answers nothing.

use std::time::Duration;

use tokio::time::Instant;

use super::reader::Typed;

/// Lines that are there within this time of each other were not typed one after the other.
const TOGETHER: Duration = Duration::from_millis(50);

/// The lines that came last.
#[derive(Default)]
pub(super) struct Pace {
    last: Option<Instant>,
    /// Whether the last line was pasted with others.
    pasting: bool,
    /// A line that waits for whether another one follows at once; `None` for none.
    held: Option<Typed>,
}

/// What is done with a line.
pub(super) enum Paced {
    /// It is taken.
    Take(Typed),
    /// It waits.
    Wait,
    /// It was pasted, and so was the one that waited.
    Pasted,
    /// It was pasted with one of which that was said.
    Rest,
}

impl Pace {
    /// Takes a line. Where something in front could be answered by it, it waits for whether it is the only one.
    pub(super) fn take(&mut self, line: Typed, is_answer: bool) -> Paced {
        let close = |last: Instant| line.at.saturating_duration_since(last) < TOGETHER;
        let together = self.last.replace(line.at).is_some_and(close);
        let waited = self.held.take().is_some();
        self.pasting &= together;
        match (together, is_answer || waited) {
            (true, true) if std::mem::replace(&mut self.pasting, true) => Paced::Rest,
            (true, true) => Paced::Pasted,
            (false, true) => {
                self.held = Some(line);
                Paced::Wait
            }
            (_, false) => Paced::Take(line),
        }
    }

    /// Notes that the last line was answered: what comes now was typed after that, however soon.
    pub(super) fn answered(&mut self) {
        if !self.pasting {
            self.last = None;
        }
    }

    /// Returns when the line that waits is taken; `None` for none.
    pub(super) fn due(&self) -> Option<Instant> {
        self.held.as_ref().map(|line| line.at + TOGETHER)
    }

    /// Returns the line that has waited long enough.
    pub(super) fn release(&mut self) -> Option<Typed> {
        let due = self.due()?;
        (due <= Instant::now()).then(|| self.held.take()).flatten()
    }

    /// Forgets the line that waits; tells whether there was one.
    pub(super) fn forget(&mut self) -> bool {
        self.held.take().is_some()
    }
}

#[cfg(test)]
mod tests {
    use zeroize::Zeroizing;

    use super::*;

    /// Takes lines with these pauses before them, in milliseconds; one letter for what is done with each. After a line
    /// that is taken something is told where `answers` says so.
    fn taken(pauses: &[u64], is_answer: bool, answers: bool) -> String {
        let (mut pace, mut at, mut said) = (Pace::default(), Instant::now(), String::new());
        let release = |pace: &mut Pace, said: &mut String| {
            if pace.forget() {
                said.push('t');
                if answers {
                    pace.answered();
                }
            }
        };
        for pause in pauses {
            at += Duration::from_millis(*pause);
            if pace.due().is_some_and(|due| due <= at) {
                release(&mut pace, &mut said);
            }
            let line = Typed { text: Zeroizing::new("y".to_owned()), at };
            match pace.take(line, is_answer) {
                Paced::Take(_) => said.push('t'),
                Paced::Wait => {}
                Paced::Pasted => said.push('p'),
                Paced::Rest => said.push('r'),
            }
            if answers && pace.due().is_none() {
                pace.answered();
            }
        }
        release(&mut pace, &mut said);
        said
    }

    #[test]
    fn lines_that_come_at_once_answer_nothing() {
        for answers in [true, false] {
            assert_eq!(taken(&[0], true, answers), "t");
            assert_eq!(taken(&[0, 60, 400], true, answers), "ttt");
            assert_eq!(taken(&[0, 49], true, answers), "p", "the two of them");
            assert_eq!(taken(&[0, 10, 10, 10], true, answers), "prr", "and all that follow");
            assert_eq!(taken(&[0, 10, 60], true, answers), "pt", "the next one that is typed is taken again");
        }
        assert_eq!(taken(&[0, 10, 10], false, false), "ttt", "where nothing is asked, each does what it says");
    }

    #[test]
    fn a_line_after_the_answer_to_the_one_before_was_typed_however_soon() {
        let mut pace = Pace::default();
        let at = Instant::now();
        let line = |after| Typed { text: Zeroizing::default(), at: at + Duration::from_millis(after) };
        assert!(matches!(pace.take(line(0), false), Paced::Take(_)));
        assert!(matches!(pace.take(line(5), true), Paced::Pasted), "it opened what this one would answer");
        let mut pace = Pace::default();
        assert!(matches!(pace.take(line(0), false), Paced::Take(_)));
        pace.answered();
        assert!(matches!(pace.take(line(5), true), Paced::Wait));
        assert!(pace.release().is_none(), "it waits for whether another one follows");
    }
}
