//! The filter of the journal in the tab `Activity`: words over what a line shows, and `incident:TICKET`.

use super::field::Field;
use super::key::{Code, Control, Key};
use super::tokens::Focus;
use crate::domain::Record;

/// The filter, and the records that it shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sift {
    /// What is typed.
    pub field: Field,
    /// Whether it is being typed into.
    pub focus: Focus,
    /// The places of the records that it shows, oldest first; `None` while it shows all.
    pub shown: Option<Vec<usize>>,
}

impl Default for Sift {
    fn default() -> Self {
        Self { field: Field::default(), focus: Focus::Elsewhere, shown: None }
    }
}

impl Sift {
    /// Returns how many of as many records it shows.
    pub fn count(&self, all: usize) -> usize {
        self.shown.as_ref().map_or(all, Vec::len)
    }

    /// Returns the record in a row, counted from the newest.
    pub fn row<'a>(&self, records: &'a [Record], row: usize) -> Option<&'a Record> {
        match &self.shown {
            None => records.iter().rev().nth(row),
            Some(shown) => records.get(*shown.iter().rev().nth(row)?),
        }
    }

    /// Looks through all records again.
    pub(super) fn look(&mut self, records: &[Record]) {
        let terms = terms(self.field.text());
        let places = || records.iter().enumerate().filter(|(_, record)| fits(record, &terms)).map(|(place, _)| place);
        self.shown = (!terms.is_empty()).then(|| places().collect());
    }

    /// Looks at one more record, which stands behind all others.
    pub(super) fn add(&mut self, records: &[Record]) {
        let terms = terms(self.field.text());
        if let (Some(shown), Some((last, _))) = (&mut self.shown, records.split_last())
            && fits(last, &terms)
        {
            shown.push(records.len() - 1);
        }
    }

    /// Takes a key while it is typed into; tells whether the text changed.
    pub(super) fn press(&mut self, key: Key) -> bool {
        let before = self.field.text().to_owned();
        match (key.code, key.control) {
            (Code::Enter, _) => self.focus = Focus::Elsewhere,
            (Code::Esc, _) | (Code::Char('c'), Control::Held) => {
                self.focus = Focus::Elsewhere;
                self.field.clear();
            }
            _ => _ = self.field.press(key),
        }
        self.field.text() != before
    }
}

/// A word that a record has to have, or must not have.
struct Term {
    /// Without the sign before it, in lower case.
    word: String,
    negated: bool,
}

fn terms(text: &str) -> Vec<Term> {
    let term = |word: &str| {
        let rest = word.strip_prefix(['-', '!']).filter(|rest| !rest.is_empty());
        Term { word: rest.unwrap_or(word).to_lowercase(), negated: rest.is_some() }
    };
    text.split_whitespace().map(term).collect()
}

fn fits(record: &Record, terms: &[Term]) -> bool {
    let incident = record.incident.as_deref().unwrap_or_default().to_lowercase();
    // As on the line, with the moment whole.
    let line = format!("{:.0} #{} {} {incident} {}", record.at, record.sequence.0, record.context, record.body.words());
    let line = line.to_lowercase();
    terms.iter().all(|Term { word, negated }| {
        let found =
            word.strip_prefix("incident:").map_or_else(|| line.contains(word.as_str()), |ticket| incident == ticket);
        found != *negated
    })
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::domain::{ContextName, Deed, Outcome, RecordBody, Sequence, TokenId};

    fn records() -> Vec<Record> {
        let id = TokenId::parse("tk-1").expect("lawful");
        let revoke = |label: &str| {
            RecordBody::Intent(Deed::Revoke { id: id.clone(), label: label.into(), created: None, run: None })
        };
        let result = |of, outcome| RecordBody::Result { of: Sequence(of), outcome };
        let bodies = [
            (revoke("Deploy"), None),
            (result(1, Outcome::Failed("forbidden".into())), None),
            (revoke("nightly"), Some("INC-42")),
            (result(3, Outcome::VerifiedDead), Some("INC-42")),
            (revoke("INC-42 in a label"), Some("INC-421")),
        ];
        let record = |((body, incident), number): ((RecordBody, Option<&str>), u64)| Record {
            sequence: Sequence(number),
            at: Timestamp::UNIX_EPOCH,
            context: ContextName::parse("prod").expect("lawful"),
            incident: incident.map(str::to_owned),
            body,
        };
        bodies.into_iter().zip(1..).map(record).collect()
    }

    fn shown(text: &str) -> Vec<u64> {
        let (records, mut sift) = (records(), Sift { field: Field::with(text), ..Sift::default() });
        sift.look(&records);
        (0..sift.count(records.len())).filter_map(|row| Some(sift.row(&records, row)?.sequence.0)).collect()
    }

    #[test]
    fn words_and_incidents_choose_the_newest_first() {
        for (text, expected) in [
            ("", vec![5, 4, 3, 2, 1]),
            ("  ", vec![5, 4, 3, 2, 1]),
            ("deploy", vec![1]),
            ("REVOKE", vec![5, 3, 1]),
            ("revoke -nightly", vec![5, 1]),
            ("incident:inc-42", vec![4, 3]),
            ("incident:INC-42 verified", vec![4]),
            ("!incident:INC-42 !incident:INC-421", vec![2, 1]),
            ("inc-42", vec![5, 4, 3]),
            ("#1", vec![2, 1]),
            ("1970-01-01 failed", vec![2]),
            ("-", vec![5, 4, 3, 2, 1]),
            ("nowhere", vec![]),
        ] {
            assert_eq!(shown(text), expected, "{text}");
        }
    }

    #[test]
    fn what_is_added_is_looked_at_alone() {
        let all = records();
        for text in ["revoke", "dead", ""] {
            let mut grown = Sift { field: Field::with(text), ..Sift::default() };
            grown.look(&[]);
            for count in 1..=all.len() {
                grown.add(&all[..count]);
            }
            let mut whole = Sift { field: Field::with(text), ..Sift::default() };
            whole.look(&all);
            assert_eq!(grown, whole);
        }
    }
}
