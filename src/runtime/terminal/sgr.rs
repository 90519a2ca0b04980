//! Colours and attributes as the shortest escape sequence that changes one into another.

use ratatui::style::{Color, Modifier};

/// What the terminal will print the next character with. Underline colours are not sent: they are the one
/// attribute that old terminals misread as another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pen {
    pub(super) front: Color,
    pub(super) back: Color,
    pub(super) modifier: Modifier,
}

impl Pen {
    /// How a terminal prints after a reset.
    pub(super) const PLAIN: Self = Self { front: Color::Reset, back: Color::Reset, modifier: Modifier::empty() };

    /// Appends what turns `self` into `to`: the changes alone, or a reset and the new, whichever is shorter.
    pub(super) fn change(self, to: Self, out: &mut Vec<u8>) {
        if self == to {
            return;
        }
        let (changes, anew) = (self.changes(to), Self::PLAIN.changes(to));
        out.extend_from_slice(b"\x1b[");
        if anew.is_empty() {
            // An empty parameter is 0, a reset.
        } else if changes.len() <= anew.len() + 1 {
            out.extend_from_slice(changes.as_bytes());
        } else {
            out.push(b';');
            out.extend_from_slice(anew.as_bytes());
        }
        out.push(b'm');
    }

    /// Returns the parameters that turn `self` into `to` without a reset.
    fn changes(self, to: Self) -> String {
        let mut list = Parameters(String::new());
        let (removed, mut new) = (self.modifier - to.modifier, to.modifier - self.modifier);
        for (group, off) in OFF {
            if removed.intersects(group) {
                list.add(off);
                // One code ends bold and dim together, and one both ways of blinking.
                new |= to.modifier & group;
            }
        }
        for (modifier, on) in ON {
            if new.contains(modifier) {
                list.add(on);
            }
        }
        if self.front != to.front {
            list.colour(to.front, 30);
        }
        if self.back != to.back {
            list.colour(to.back, 40);
        }
        list.0
    }
}

const BLINK: Modifier = Modifier::SLOW_BLINK.union(Modifier::RAPID_BLINK);

const OFF: [(Modifier, u8); 7] = [
    (Modifier::BOLD.union(Modifier::DIM), 22),
    (Modifier::ITALIC, 23),
    (Modifier::UNDERLINED, 24),
    (BLINK, 25),
    (Modifier::REVERSED, 27),
    (Modifier::HIDDEN, 28),
    (Modifier::CROSSED_OUT, 29),
];

const ON: [(Modifier, u8); 9] = [
    (Modifier::BOLD, 1),
    (Modifier::DIM, 2),
    (Modifier::ITALIC, 3),
    (Modifier::UNDERLINED, 4),
    (Modifier::SLOW_BLINK, 5),
    (Modifier::RAPID_BLINK, 6),
    (Modifier::REVERSED, 7),
    (Modifier::HIDDEN, 8),
    (Modifier::CROSSED_OUT, 9),
];

/// Parameters of one sequence, joined by semicolons.
struct Parameters(String);

impl Parameters {
    fn add(&mut self, number: u8) {
        if !self.0.is_empty() {
            self.0.push(';');
        }
        self.0.push_str(&number.to_string());
    }

    /// Adds a colour; `base` is 30 for the front and 40 for the back.
    fn colour(&mut self, colour: Color, base: u8) {
        match colour {
            Color::Reset => self.add(base + 9),
            Color::Black => self.add(base),
            Color::Red => self.add(base + 1),
            Color::Green => self.add(base + 2),
            Color::Yellow => self.add(base + 3),
            Color::Blue => self.add(base + 4),
            Color::Magenta => self.add(base + 5),
            Color::Cyan => self.add(base + 6),
            Color::Gray => self.add(base + 7),
            Color::DarkGray => self.add(base + 60),
            Color::LightRed => self.add(base + 61),
            Color::LightGreen => self.add(base + 62),
            Color::LightYellow => self.add(base + 63),
            Color::LightBlue => self.add(base + 64),
            Color::LightMagenta => self.add(base + 65),
            Color::LightCyan => self.add(base + 66),
            Color::White => self.add(base + 67),
            Color::Indexed(index) => self.add_all([base + 8, 5, index]),
            Color::Rgb(red, green, blue) => self.add_all([base + 8, 2, red, green, blue]),
        }
    }

    fn add_all<const N: usize>(&mut self, numbers: [u8; N]) {
        for number in numbers {
            self.add(number);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(from: Pen, to: Pen) -> String {
        let mut out = Vec::new();
        from.change(to, &mut out);
        String::from_utf8(out).expect("ASCII")
    }

    #[test]
    fn only_what_differs_is_sent() {
        let bold = Pen { modifier: Modifier::BOLD, ..Pen::PLAIN };
        let red = Pen { front: Color::Red, ..Pen::PLAIN };
        let both = Pen { front: Color::Red, ..bold };
        for (from, to, sent) in [
            (Pen::PLAIN, Pen::PLAIN, ""),
            (Pen::PLAIN, bold, "\x1b[1m"),
            (bold, Pen::PLAIN, "\x1b[m"),
            (both, Pen::PLAIN, "\x1b[m"),
            (bold, both, "\x1b[31m"),
            (both, red, "\x1b[22m"),
            (red, Pen { back: Color::Indexed(236), ..Pen::PLAIN }, "\x1b[;48;5;236m"),
        ] {
            assert_eq!(change(from, to), sent, "{from:?} to {to:?}");
        }
    }

    #[test]
    fn dim_after_bold_is_said_again() {
        let colour = Pen { front: Color::Indexed(200), ..Pen::PLAIN };
        let two = Pen { modifier: Modifier::BOLD | Modifier::DIM, ..colour };
        let dim = Pen { modifier: Modifier::DIM, ..colour };
        assert_eq!(change(two, dim), "\x1b[22;2m");
    }
}
