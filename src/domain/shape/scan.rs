//! Candidates in any text: one value, a log, a ticket. Time and count are bounded, whatever the text is.

use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::{Arc, LazyLock};

use super::{Bare, Candidate, Check, Checksum, Class, Looks, Piece, Secret, Shape, Strength, check, table};

/// The most candidates that are taken from one text.
pub const MOST_CANDIDATES: usize = 500;
/// The most words of one text that are looked for in lists although they look like nothing.
pub const MOST_WORDS: usize = 20_000;
/// The longest value that is taken for one where it looks like nothing that is known.
const LONGEST: usize = 8192;
/// How long words are that are looked for in lists.
const WORD: Range<usize> = 8..129;
/// How long the rest of a value is that begins as a description says.
const REST: Range<usize> = 8..4097;
/// The fewest characters of a beginning by which values are found in a longer text.
const TELLING: usize = 3;
/// Pieces of a shape whose runs are remembered, each by itself.
const ORDINALS: usize = 8;

/// What the values of a backend begin with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Beginning {
    /// The text.
    pub text: String,
    /// The service, by its own name.
    pub title: String,
}

/// What was found in a text.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Extract {
    /// What looks like a secret, in the order of the text.
    pub candidates: Vec<Candidate>,
    /// What looks like nothing, or like many things: of these only what a list knows is worth a word.
    pub words: Vec<Candidate>,
    /// Whether there was more than is taken.
    pub cut: bool,
}

/// Finds candidates in a text. `beginnings` are those of the contexts that are there.
pub fn extract(text: &Secret, beginnings: &[Beginning]) -> Extract {
    let text = text.expose();
    let alone = alone(text);
    let mut scan = Scan::new(alone.unwrap_or(text), beginnings, alone.is_some());
    scan.run();
    match alone {
        Some(value) if scan.spans.is_empty() && value.len() <= LONGEST => {
            let looks = Bare::of(value).map_or(Looks::Unknown, Looks::Bare);
            scan.add(0..value.len(), looks, Check::None);
        }
        Some(_) => {}
        None => scan.words(),
    }
    Extract { candidates: scan.candidates, words: scan.words, cut: scan.cut }
}

/// Returns the one value that a text is, without what stands around it; `None` for a longer text.
fn alone(text: &str) -> Option<&str> {
    let text = text.trim();
    if text.contains(['\n', '\r']) {
        return None;
    }
    // "Authorization: Bearer VALUE" and the like.
    let mut words = text.split_whitespace();
    let last = words.next_back()?;
    if words.nth(2).is_some() {
        return None;
    }
    let quotes = ['"', '\'', '`', ',', ';', '(', ')', '<', '>'];
    let value = last.trim_matches(quotes);
    let name = |name: &str| !name.is_empty() && name.bytes().all(|byte| Class::Word.has(byte));
    let assigned = value.split_once('=').filter(|(before, behind)| name(before) && behind.len() >= REST.start);
    let value = assigned.map_or(value, |(_, behind)| behind.trim_matches(quotes));
    (!value.is_empty()).then_some(value)
}

/// The shapes by the first byte of their prefix.
static BY_FIRST: LazyLock<Vec<Vec<&'static Shape>>> = LazyLock::new(|| {
    let first = |byte: usize| {
        let begins = |shape: &&Shape| shape.prefix.as_bytes().first().is_some_and(|first| usize::from(*first) == byte);
        table::SHAPES.iter().filter(begins).collect()
    };
    (0..256).map(first).collect()
});

/// A pass over a text.
struct Scan<'t> {
    text: &'t str,
    beginnings: &'t [Beginning],
    /// Whether the text is one value.
    alone: bool,
    /// The last run of each class, for each piece of a shape: where it begins and ends.
    runs: [[(usize, usize); ORDINALS]; Class::ALL.len()],
    /// Where a JSON Web Token may begin at the earliest: what is no header is not tried again from its middle.
    no_jwt_before: usize,
    candidates: Vec<Candidate>,
    words: Vec<Candidate>,
    /// Where the candidates stand, in order.
    spans: Vec<Range<usize>>,
    known: HashMap<&'t str, usize>,
    /// How many line ends there are before a place.
    lines: (usize, usize),
    cut: bool,
}

impl<'t> Scan<'t> {
    fn new(text: &'t str, beginnings: &'t [Beginning], alone: bool) -> Self {
        Self {
            text,
            beginnings,
            alone,
            runs: [[(0, 0); ORDINALS]; Class::ALL.len()],
            no_jwt_before: 0,
            candidates: Vec::new(),
            words: Vec::new(),
            spans: Vec::new(),
            known: HashMap::new(),
            lines: (0, 0),
            cut: false,
        }
    }

    fn run(&mut self) {
        let bytes = self.text.as_bytes();
        let mut at = 0;
        while at < bytes.len() && !self.cut {
            let from = if self.is_border(at) || bytes[at] == b'.' { self.at(at) } else { None };
            at = from.unwrap_or(at + 1);
        }
    }

    /// Takes what begins at a place; returns where it ends.
    fn at(&mut self, at: usize) -> Option<usize> {
        let shapes = BY_FIRST.get(usize::from(self.text.as_bytes()[at]))?;
        let mut fits: Vec<(Range<usize>, &'static Shape, Check)> = Vec::new();
        for shape in shapes {
            fits.extend(self.fit(shape, at).map(|(span, check)| (span, *shape, check)));
        }
        if let Some(end) = fits.iter().map(|(span, ..)| span.end).max() {
            fits.retain(|(span, ..)| span.end == end);
            fits.sort_by_key(|(_, shape, _)| std::cmp::Reverse(shape.prefix.len()));
            let (span, check) = fits.first().map(|(span, _, check)| (span.clone(), *check))?;
            self.add(span, Looks::Known(fits.into_iter().map(|(_, shape, _)| shape).collect()), check);
            return Some(end);
        }
        let text = self.text.get(at..)?;
        let begins = |one: &&Beginning| {
            (self.alone || one.text.len() >= TELLING) && text.starts_with(one.text.as_str()) && self.is_border(at)
        };
        let longest = self.beginnings.iter().filter(begins).max_by_key(|one| one.text.len())?;
        let from = at + longest.text.len();
        let end = self.end_of_run(Class::Dotted, 0, from);
        if !REST.contains(&(end - from)) {
            return None;
        }
        // What ends a sentence is no part of it.
        let kept = self.text.get(at..end)?.trim_end_matches('.').len();
        self.add(at..at + kept, Looks::Described(longest.clone()), Check::None);
        Some(end)
    }

    /// Returns where a shape stands whose prefix may begin at a place.
    fn fit(&mut self, shape: &'static Shape, at: usize) -> Option<(Range<usize>, Check)> {
        let is_jwt = shape.checksum == Some(Checksum::Jwt);
        if !self.text.get(at..)?.starts_with(shape.prefix) || (is_jwt && at < self.no_jwt_before) {
            return None;
        }
        let start = match shape.before {
            None => at,
            Some((class, length)) => {
                let start = at.checked_sub(length)?;
                self.text.as_bytes()[start..at].iter().all(|byte| class.has(*byte)).then_some(start)?
            }
        };
        if !self.is_border(start) {
            return None;
        }
        let (end, last) = self.pieces(shape.rest, at + shape.prefix.len(), 0)?;
        let goes_on = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_' || (*byte == b'-' && last.has(b'-'));
        if self.text.as_bytes().get(end).is_some_and(goes_on) {
            return None;
        }
        let value = self.text.get(start..end)?;
        if shape.holds.is_some_and(|text| !value.contains(text)) {
            return None;
        }
        let described = || self.beginnings.iter().any(|one| value.starts_with(one.text.as_str()));
        if shape.strength == Strength::Weak && !self.alone && !described() {
            return None;
        }
        let check = check::check(shape, value);
        if check.is_none() && is_jwt {
            self.no_jwt_before = end;
        }
        Some((start..end, check?))
    }

    /// Returns where pieces end that begin at a place, and the class of the last one.
    fn pieces(&mut self, pieces: &[Piece], from: usize, ordinal: usize) -> Option<(usize, Class)> {
        let (mut at, mut last) = (from, Class::Alnum);
        for (number, piece) in pieces.iter().enumerate() {
            match piece {
                Piece::Text(text) => at = self.text.get(at..)?.starts_with(text).then_some(at + text.len())?,
                Piece::Run(class, fewest, most) => {
                    let end = self.end_of_run(*class, ordinal + number, at).min(at + most);
                    if end - at < *fewest {
                        return None;
                    }
                    (at, last) = (end, *class);
                }
                Piece::Maybe(inner) => {
                    if let Some((end, class)) = self.pieces(inner, at, ordinal + number) {
                        (at, last) = (end, class);
                    }
                }
            }
        }
        Some((at, last))
    }

    /// Returns where the characters of a class end that begin at a place. What was looked at before is not looked at again.
    fn end_of_run(&mut self, class: Class, ordinal: usize, from: usize) -> usize {
        let run = &mut self.runs[class as usize][ordinal.min(ORDINALS - 1)];
        if (run.0..run.1).contains(&from) {
            return run.1;
        }
        let bytes = self.text.as_bytes();
        let mut end = from;
        while bytes.get(end).is_some_and(|byte| class.has(*byte)) {
            end = if end == run.0 && run.1 > end { run.1 } else { end + 1 };
        }
        *run = (from, end);
        end
    }

    /// Tells whether a value can begin at a place: behind no letter or digit, unless they are an escape.
    fn is_border(&self, at: usize) -> bool {
        let before = &self.text.as_bytes()[..at];
        let is_hex = |bytes: &[u8]| bytes.iter().all(|byte| Class::Hex.has(*byte));
        match before {
            [.., last] if !(last.is_ascii_alphanumeric() || *last == b'_') => true,
            [.., b'%', high, low] => is_hex(&[*high, *low]),
            [.., b'\\', b'n' | b'r' | b't'] => true,
            _ => before.last_chunk::<6>().is_some_and(|six| six.starts_with(b"\\u") && is_hex(&six[2..])) || at == 0,
        }
    }

    fn add(&mut self, span: Range<usize>, looks: Looks, check: Check) {
        let Some(value) = self.text.get(span.clone()) else { return };
        if let Some(known) = self.known.get(value) {
            self.candidates[*known].times += 1;
            return self.spans.push(span);
        }
        if self.candidates.len() >= MOST_CANDIDATES {
            self.cut = true;
            return;
        }
        self.known.insert(value, self.candidates.len());
        let line = self.line(span.start);
        let is_jwt = matches!(&looks, Looks::Known(all) if all.iter().any(|one| one.checksum == Some(Checksum::Jwt)));
        let issuer = if is_jwt { check::said(value, "iss") } else { None };
        self.candidates.push(Candidate { value: secret(value), looks, check, line, times: 1, issuer });
        self.spans.push(span);
    }

    /// Returns the line of a place that is behind all that were asked for.
    fn line(&mut self, at: usize) -> usize {
        let (before, counted) = self.lines;
        let new = self.text.as_bytes().get(before..at).unwrap_or_default();
        self.lines = (at.max(before), counted + memchr::memchr_iter(b'\n', new).count());
        self.lines.1 + 1
    }

    /// Takes the words that are no candidates, each once.
    fn words(&mut self) {
        self.lines = (0, 0);
        let (mut at, mut seen) = (0, HashSet::new());
        let mut spans = std::mem::take(&mut self.spans).into_iter().peekable();
        let bytes = self.text.as_bytes();
        while at < bytes.len() {
            if !Class::Word.has(bytes[at]) {
                at += 1;
                continue;
            }
            let end = at + bytes[at..].iter().take_while(|byte| Class::Word.has(**byte)).count();
            while spans.next_if(|span| span.end <= at).is_some() {}
            let is_taken = spans.peek().is_some_and(|span| span.start < end);
            let word = self.text.get(at..end).unwrap_or_default();
            let tells = WORD.contains(&word.len()) && word.bytes().any(|byte| byte.is_ascii_digit());
            if tells && !is_taken && seen.insert(word) {
                if self.words.len() >= MOST_WORDS {
                    self.cut = true;
                    return;
                }
                let looks = Bare::of(word).map_or(Looks::Unknown, Looks::Bare);
                let line = self.line(at);
                let value = secret(word);
                self.words.push(Candidate { value, looks, check: Check::None, line, times: 1, issuer: None });
            }
            at = end;
        }
    }
}

fn secret(value: &str) -> Arc<Secret> {
    Arc::new(Secret::new(value.into()))
}
