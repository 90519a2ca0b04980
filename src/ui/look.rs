//! Styles and glyphs, chosen once from plain parameters.

use ratatui::style::{Color, Modifier, Style};

use crate::app::messages::Weight;
use crate::domain::Status;

/// What everything is drawn with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look {
    pub(super) charset: Charset,
    pub(super) glyphs: &'static Glyphs,
    palette: Palette,
}

/// How many colours the terminal has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// None are wanted or none are there: attributes only.
    None,
    /// The sixteen of the terminal's own theme.
    Sixteen,
    /// The fixed 256.
    Indexed,
    /// 24 bits.
    True,
}

/// Which characters the terminal can show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Charset {
    /// All of Unicode.
    Utf8,
    /// ASCII: everything else is written as `\u{…}`.
    Ascii,
}

/// Every character of ours that is not ASCII, and what stands for it where there is only ASCII.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Glyphs {
    /// Stands at a place where text was cut.
    pub(super) cut: &'static str,
    /// A marked row.
    pub(super) mark: &'static str,
    /// Between things in one line.
    pub(super) dot: &'static str,
    /// A level line.
    pub(super) level: &'static str,
    /// An upright line.
    pub(super) upright: &'static str,
    /// The corners of a frame: top left, top right, bottom left, bottom right.
    pub(super) corners: [&'static str; 4],
    /// Order upwards, order downwards.
    pub(super) order: [&'static str; 2],
    /// A character of hidden text.
    pub(super) hidden: &'static str,
}

const UTF8: Glyphs = Glyphs {
    cut: "…",
    mark: "●",
    dot: "·",
    level: "─",
    upright: "│",
    corners: ["┌", "┐", "└", "┘"],
    order: ["↑", "↓"],
    hidden: "•",
};

const ASCII: Glyphs = Glyphs {
    cut: "~",
    mark: "*",
    dot: "-",
    level: "-",
    upright: "|",
    corners: ["+", "+", "+", "+"],
    order: ["^", "v"],
    hidden: "*",
};

/// The colours that words are painted with besides saying what they say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Palette {
    good: Color,
    fresh: Color,
    care: Color,
    bad: Color,
    off: Color,
    late: Color,
}

impl Palette {
    /// Colours of middle lightness: each stands out from black and from white by more than 3.8 to 1.
    const fn of(depth: Depth) -> Self {
        let reset = Color::Reset;
        match depth {
            Depth::None => Self { good: reset, fresh: reset, care: reset, bad: reset, off: reset, late: reset },
            Depth::Sixteen => Self {
                good: Color::Green,
                fresh: Color::Cyan,
                care: Color::Yellow,
                bad: Color::Red,
                off: Color::Blue,
                late: Color::Magenta,
            },
            Depth::Indexed => Self {
                good: Color::Indexed(28),
                fresh: Color::Indexed(30),
                care: Color::Indexed(130),
                bad: Color::Indexed(160),
                off: Color::Indexed(27),
                late: Color::Indexed(164),
            },
            Depth::True => Self {
                good: Color::Rgb(0x00, 0x87, 0x00),
                fresh: Color::Rgb(0x00, 0x87, 0x87),
                care: Color::Rgb(0xaf, 0x5f, 0x00),
                bad: Color::Rgb(0xd7, 0x00, 0x00),
                off: Color::Rgb(0x00, 0x5f, 0xff),
                late: Color::Rgb(0xd7, 0x00, 0xd7),
            },
        }
    }
}

impl Look {
    /// Makes the look for a terminal.
    pub const fn new(depth: Depth, charset: Charset) -> Self {
        let glyphs = match charset {
            Charset::Utf8 => &UTF8,
            Charset::Ascii => &ASCII,
        };
        Self { charset, glyphs, palette: Palette::of(depth) }
    }

    /// What most things are written in: the terminal's own.
    pub(super) const fn plain() -> Style {
        Style::new()
    }

    /// Titles, keys, names of fields.
    pub(super) const fn strong() -> Style {
        Style::new().add_modifier(Modifier::BOLD)
    }

    /// The one that is chosen or under the cursor; always with a sign besides.
    pub(super) const fn chosen() -> Style {
        Style::new().add_modifier(Modifier::REVERSED)
    }

    /// What needs care.
    pub(super) const fn care(&self) -> Style {
        Style::new().fg(self.palette.care).add_modifier(Modifier::BOLD)
    }

    /// What is wrong, and what destroys.
    pub(super) const fn bad(&self) -> Style {
        Style::new().fg(self.palette.bad).add_modifier(Modifier::BOLD)
    }

    /// What is well.
    pub(super) const fn good(&self) -> Style {
        Style::new().fg(self.palette.good)
    }

    /// The word of a status.
    pub(super) const fn status(&self, status: Status) -> Style {
        match status {
            Status::Generated => Style::new().fg(self.palette.fresh),
            Status::Active => Style::new().fg(self.palette.good),
            Status::Inactive => Style::new().fg(self.palette.care),
            Status::Expired => Style::new().fg(self.palette.late),
            Status::Disabled => Style::new().fg(self.palette.off),
            Status::Revoked => Style::new().fg(self.palette.bad),
            Status::Unknown => Style::new(),
        }
    }

    /// The age of the data, by its step.
    pub(super) const fn age(&self, step: usize) -> Style {
        match step {
            0 => Style::new(),
            1 => Style::new().fg(self.palette.fresh),
            2 | 3 => self.care(),
            _ => self.bad(),
        }
    }

    /// Something said.
    pub(super) const fn note(&self, weight: Weight) -> Style {
        match weight {
            Weight::Info => Style::new(),
            Weight::Error => self.bad(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The contrast of a colour with black or white (WCAG 2.2, relative luminance).
    fn contrast(color: Color, ground: f64) -> f64 {
        let Color::Rgb(red, green, blue) = color else { return 0.0 };
        let linear = |part: u8| {
            let part = f64::from(part) / 255.0;
            if part <= 0.040_45 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        };
        let own = 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
        (own.max(ground) + 0.05) / (own.min(ground) + 0.05)
    }

    #[test]
    fn every_colour_can_be_read_on_black_and_on_white() {
        let Palette { good, fresh, care, bad, off, late } = Palette::of(Depth::True);
        for color in [good, fresh, care, bad, off, late] {
            assert!(contrast(color, 0.0) > 3.8 && contrast(color, 1.0) > 3.8, "{color:?}");
        }
    }

    #[test]
    fn without_colours_there_are_none() {
        let look = Look::new(Depth::None, Charset::Utf8);
        for style in Status::ALL.map(|status| look.status(status)).into_iter().chain([look.bad(), look.care()]) {
            assert!(style.fg.is_none_or(|color| color == Color::Reset) && style.bg.is_none());
        }
    }
}
