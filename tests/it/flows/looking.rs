//! Sizes, colours and character sets: what leaves the program is what this terminal can show.

use super::harness::{Home, Terminal};

/// Looks at everything there is to look at, and changes nothing.
fn look_around(screen: &mut Terminal) {
    screen.until("60 of 60").press("<enter>").until("masked").press("<enter>").until_gone("masked");
    for key in ["2", "3", "4", "5", "1"] {
        screen.press(key).until(&format!("[{key} "));
    }
    screen.press("?").until("Keys in Tokens").press("<esc>").until_gone("Keys in Tokens");
    screen.press("n").until("New token").press("<esc>").until_gone("New token");
    screen.press(" ").until("1 marked").press("x").until("Revoke 1 token").until("ype ");
    screen.press("<esc>").until_gone("Revoke 1 token").press("/nothing<enter>").until("no token matches");
    screen.press("/<ctrl-u>status:what").until("there is no status what").press("<enter>").press("/<ctrl-c>");
    screen.until("60 of 60").press("!").until("Messages").press("q").until_gone("Messages");
}

/// The parameters of every SGR sequence in the output.
fn styles(raw: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(raw).into_owned();
    let after = text.split("\x1b[").skip(1);
    let styles = after.filter_map(|part| {
        let end = part.find(|letter: char| letter.is_ascii_alphabetic())?;
        part[end..].starts_with('m').then(|| part[..end].to_owned())
    });
    styles.collect()
}

/// Whether parameters choose a colour; going back to the terminal's own is none.
fn colours(style: &str) -> bool {
    let numbers = style.split([';', ':']).filter_map(|number| number.parse::<u16>().ok());
    numbers.into_iter().any(|number| matches!(number, 30..=38 | 40..=48 | 58 | 90..=97 | 100..=107))
}

#[test]
fn the_smallest_size_shows_the_table_and_one_less_says_what_it_needs() {
    let home = Home::new();
    let mut screen = home.start(&["demo"]).size(44, 12).open();
    screen.until("60 of 60").until("operator credential");
    screen.resize(43, 11).until("tokendeck needs 44x12; this is 43x11").until_gone("operator credential");
    screen.resize(44, 12).until("60 of 60").until("operator credential");
    screen
        .press("x")
        .until("Revoke 1 token")
        .until("type its label and Enter:")
        .press("<esc>")
        .until_gone("Revoke 1 token");
    screen.resize(300, 100).until("60 of 60").until("leaked in a gist").until("masked");
    screen.quit();
}

#[test]
fn a_storm_of_sizes_ends_in_the_right_picture() {
    let home = Home::new();
    let mut screen = home.start(&["demo"]).open();
    screen.until("60 of 60").press("<enter>");
    for round in 0..60_u16 {
        screen.resize(1 + round * 37 % 190, 1 + round * 23 % 70);
        if round % 7 == 0 {
            screen.press("j?<ctrl-c>");
        }
    }
    screen.resize(100, 30).until_shown("a whole frame of 100x30", |shown| {
        let lines: Vec<&str> = shown.lines().collect();
        lines.len() >= 29 && lines[0].contains("60 of 60  data ") && lines[28].contains("q quit")
    });
    screen.quit();
}

#[test]
fn without_colour_no_colour_is_sent_and_the_cursor_is_a_sign() {
    let home = Home::new();
    let mut screen = home.start(&["demo"]).env("NO_COLOR", "1").env("COLORTERM", "truecolor").open();
    look_around(&mut screen);
    screen.press("g").until_shown("a sign at one row, the first", |shown| {
        let signed: Vec<&str> = shown.lines().filter(|line| line.starts_with('>')).collect();
        matches!(signed.as_slice(), [row] if row.contains("operator credential"))
    });
    screen.quit();
    let styles = styles(&screen.raw());
    let coloured: Vec<_> = styles.iter().filter(|style| colours(style)).collect();
    assert!(coloured.is_empty(), "{coloured:?}");
    // The same tour in colour has some, so that the search is one that finds.
    let mut screen = home.start(&["demo"]).open();
    look_around(&mut screen);
    screen.quit();
    assert!(self::styles(&screen.raw()).iter().any(|style| colours(style)));
}

#[test]
fn where_the_locale_is_not_utf_8_every_byte_is_ascii() {
    let home = Home::new();
    let mut screen = home.start(&["demo"]).env("LANG", "C").open();
    look_around(&mut screen);
    screen.press("G").press("/launch<enter>").until("1 of 60");
    screen.quit();
    let raw = screen.raw();
    let beyond = raw.iter().position(|byte| *byte >= 0x80);
    assert_eq!(beyond.map(|at| String::from_utf8_lossy(&raw[at.saturating_sub(40)..at + 20]).into_owned()), None);
}
