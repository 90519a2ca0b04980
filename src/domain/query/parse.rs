//! From the text of the query line to a query, or to a mistake and its place.

use jiff::Timestamp;
use thiserror::Error;

use super::time::{Side, bound};
use super::{Bound, Query, Term, Test, When};
use crate::domain::{Scope, Status, fold};

/// Why a query line is none.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{message}")]
pub struct QueryError {
    /// Where the mistake begins, in characters from the start of the line.
    pub at: usize,
    /// What is wrong.
    pub message: String,
    /// What would be right.
    pub hint: String,
}

const STATUS_HINT: &str = "one of generated, active, inactive, expired, disabled, revoked, unknown";
const TIME_HINT: &str =
    "an age such as 30m, 12h, 90d, 2w, or a date or moment in UTC such as 2026-01-31, 2026-01-31T14:00Z";
const NAME_HINT: &str = "one of status:, role:, owner:, creator:, context:, label:, id:, used, created, expires; \
                         quote the word to look for the text itself";

/// A mistake at a byte of the line.
struct Mistake {
    byte: usize,
    message: String,
    hint: String,
}

impl Mistake {
    fn new(byte: usize, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { byte, message: message.into(), hint: hint.into() }
    }
}

impl Query {
    /// Reads the query line. Ages are counted from `now`.
    ///
    /// # Errors
    /// For an unknown qualifier or status, a time that is none, an empty word, a quote that is not closed.
    pub fn parse(text: &str, now: Timestamp) -> Result<Self, QueryError> {
        let mut line = Line { text, byte: 0 };
        let mut terms = Vec::new();
        while line.skip_blanks() {
            let term = term(&mut line, now).map_err(|mistake| QueryError {
                at: text.get(..mistake.byte).unwrap_or(text).chars().count(),
                message: mistake.message,
                hint: mistake.hint,
            })?;
            terms.push(term);
        }
        Ok(Self { terms })
    }
}

/// What is left of the line.
struct Line<'a> {
    text: &'a str,
    byte: usize,
}

impl<'a> Line<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.byte..).unwrap_or_default()
    }

    /// Goes to the next word; tells whether there is one.
    fn skip_blanks(&mut self) -> bool {
        self.byte = self.text.len() - self.rest().trim_start().len();
        self.byte < self.text.len()
    }

    /// Returns the word that begins here, without going on.
    fn peek(&self) -> &'a str {
        self.rest().split(char::is_whitespace).next().unwrap_or_default()
    }

    /// Takes a word, in quotes or without.
    fn word(&mut self) -> Result<&'a str, Mistake> {
        let start = self.byte;
        let empty = || Mistake::new(start, "a word is missing here", "type what to look for");
        let Some(quoted) = self.rest().strip_prefix('"') else {
            let word = self.peek();
            self.byte += word.len();
            return if word.is_empty() { Err(empty()) } else { Ok(word) };
        };
        let Some(length) = quoted.find('"') else {
            return Err(Mistake::new(start, "this quote is not closed", "close it with \""));
        };
        self.byte += length + 2;
        if !self.rest().is_empty() && !self.rest().starts_with(char::is_whitespace) {
            return Err(Mistake::new(self.byte, "a blank is missing after the quote", "\"…\" is a word of its own"));
        }
        quoted.get(..length).filter(|word| !word.is_empty()).ok_or_else(empty)
    }
}

fn term(line: &mut Line<'_>, now: Timestamp) -> Result<Term, Mistake> {
    let negated = line.rest().starts_with(['-', '!']);
    if negated {
        line.byte += 1;
    }
    let word = line.peek();
    let named = word.find([':', '<', '>']).map(|at| word.split_at(at)).filter(|(name, _)| is_name(name));
    let Some((name, rest)) = named else {
        return Ok(Term { negated, test: Test::Text(Scope::Anywhere, fold(line.word()?).into()) });
    };
    let start = line.byte;
    line.byte += name.len() + 1;
    let text = |line: &mut Line<'_>, scope| line.word().map(|word| Test::Text(scope, fold(word).into()));
    let asked = match (name.to_ascii_lowercase().as_str(), rest.get(..1)) {
        ("label", Some(":")) => text(line, Scope::Label)?,
        ("id", Some(":")) => text(line, Scope::Id)?,
        ("owner", Some(":")) => text(line, Scope::Owner)?,
        ("creator", Some(":")) => text(line, Scope::Creator)?,
        ("role", Some(":")) => text(line, Scope::Role)?,
        ("context", Some(":")) => Test::Context(fold(line.word()?).into()),
        ("status", Some(":")) => status(line)?,
        ("used", sign) => time(line, When::Used, sign, now)?,
        ("created", sign) => time(line, When::Created, sign, now)?,
        ("expires", sign) => time(line, When::Expires, sign, now)?,
        ("label" | "id" | "owner" | "creator" | "role" | "context" | "status", _) => {
            return Err(Mistake::new(line.byte - 1, format!("{name} cannot be compared"), format!("{name}:word")));
        }
        _ => {
            return Err(Mistake::new(
                start,
                format!("there is no {name}{}", rest.get(..1).unwrap_or_default()),
                NAME_HINT,
            ));
        }
    };
    Ok(Term { negated, test: asked })
}

/// Tells whether what stands before a colon or a sign was meant as a name.
fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'_')
}

fn status(line: &mut Line<'_>) -> Result<Test, Mistake> {
    let start = line.byte;
    let word = line.word().map_err(|mistake| Mistake { hint: STATUS_HINT.into(), ..mistake })?;
    let status = Status::ALL.into_iter().find(|status| status.word().eq_ignore_ascii_case(word));
    status.map(Test::Status).ok_or_else(|| Mistake::new(start, format!("there is no status {word}"), STATUS_HINT))
}

fn time(line: &mut Line<'_>, when: When, sign: Option<&str>, now: Timestamp) -> Result<Test, Mistake> {
    let start = line.byte;
    let side = match sign {
        Some("<") => Side::Less,
        Some(">") => Side::More,
        _ => return none(line, when),
    };
    let word = line.word().map_err(|mistake| Mistake { hint: TIME_HINT.into(), ..mistake })?;
    bound(when, side, word, now)
        .map(|bound| Test::Time(when, bound))
        .map_err(|why| Mistake::new(start, format!("{word} is {why}"), TIME_HINT))
}

/// Reads what can be asked of a time that is none.
fn none(line: &mut Line<'_>, when: When) -> Result<Test, Mistake> {
    let start = line.byte;
    let hint = match when {
        When::Created => "created:unknown, or created< and created> with an age or a date",
        When::Used => "used:never, used:unknown, or used< and used> with an age or a date",
        When::Expires => "expires:never, expires:unknown, or expires< and expires> with an age or a date",
    };
    let word = line.word().map_err(|mistake| Mistake { hint: hint.into(), ..mistake })?;
    match (word.to_ascii_lowercase().as_str(), when) {
        ("unknown", _) => Ok(Test::Time(when, Bound::Unknown)),
        ("never", When::Used | When::Expires) => Ok(Test::Time(when, Bound::Never)),
        _ => Err(Mistake::new(start, format!("{} cannot be {word}", when.word()), hint)),
    }
}
