//! What tells one token from another: ends of ids, and labels that repeat or look alike.

use std::sync::LazyLock;

use unicode_security::skeleton;

use super::{Inventory, Row, RowRef, Segment};
use crate::domain::{ContextName, fold};

/// The fewest characters of an id that are asked for.
const FEWEST: usize = 6;

impl Inventory {
    /// Returns the shortest end of a row's id, of at least six characters, that no other visible row of its context
    /// has; the whole id where that is shorter, or another row has all of it.
    pub fn unique_id_end(&self, row: Row) -> Option<String> {
        let this = self.get(row)?;
        let id = this.id();
        let lowered = fold(id.raw());
        let mut shared = 0;
        for segment in self.of(this.context()) {
            for at in (0..segment.page.len()).filter(|at| segment.number(*at) != row) {
                // Most ids differ in their last letter, also when both are lowered; the others are looked at.
                if common_end(segment.page.lowered_to_id(at), lowered.as_bytes()) >= shared.min(lowered.len())
                    && segment.is_visible(at)
                {
                    shared = shared.max(common_characters(segment.row(at).id().raw(), id.raw()));
                }
            }
        }
        let characters = id.raw().chars().count();
        let skipped = characters.saturating_sub(FEWEST.max(shared + 1));
        Some(id.raw().chars().skip(skipped).collect())
    }

    /// Returns how many visible rows of a context carry exactly this label.
    pub fn labelled(&self, context: &ContextName, label: &str) -> usize {
        let lowered = fold(label);
        let mut count = 0;
        for segment in self.of(context) {
            let found = segment.page.rows_labelled(lowered.as_bytes());
            let listed = |at: &usize| segment.change(*at).is_none() && segment.page.label(*at).raw() == label;
            count += found.filter(listed).count();
            let changed = segment.changes().filter(|(at, _)| segment.is_visible(*at));
            count += changed.filter(|(at, _)| segment.row(*at).label().raw() == label).count();
        }
        count
    }

    /// Returns how many other visible rows of its context carry exactly the label of a row.
    pub fn same_label(&self, row: Row) -> usize {
        let Some(this) = self.get(row) else { return 0 };
        let all = self.labelled(this.context(), this.label().raw());
        all - usize::from(self.is_visible(row)).min(all)
    }

    /// Returns a visible row of a context with another label that looks like this one (UTS #39, section 4).
    pub fn alike(&self, context: &ContextName, label: &str) -> Option<Row> {
        let wanted: String = skeleton(label).collect();
        let looks_alike = |row: RowRef<'_>| {
            let other = row.label();
            other.raw() != label && has_skeleton(other.raw(), &wanted)
        };
        self.of(context).find_map(|segment| {
            let mut rows = (0..segment.page.len()).filter(|at| segment.is_visible(*at));
            rows.find(|at| looks_alike(segment.row(*at))).map(|at| segment.number(at))
        })
    }

    fn of(&self, context: &ContextName) -> impl Iterator<Item = &Segment> {
        self.segments.iter().filter(move |segment| segment.page.context() == context)
    }
}

/// Returns how many bytes two texts have in common at their ends.
fn common_end(one: &[u8], other: &[u8]) -> usize {
    one.iter().rev().zip(other.iter().rev()).take_while(|(this, that)| this == that).count()
}

/// Returns how many characters two texts have in common at their ends.
fn common_characters(one: &str, other: &str) -> usize {
    one.chars().rev().zip(other.chars().rev()).take_while(|(this, that)| this == that).count()
}

/// The skeletons of single ASCII characters. No rule of theirs looks at what stands around.
static ASCII: LazyLock<Vec<String>> =
    LazyLock::new(|| (0..128_u8).map(|byte| skeleton(char::from(byte).encode_utf8(&mut [0; 4])).collect()).collect());

/// Tells whether a text has this skeleton; for ASCII without making one.
fn has_skeleton(text: &str, wanted: &str) -> bool {
    if !text.is_ascii() {
        return skeleton(text).eq(wanted.chars());
    }
    let mut left = wanted;
    let eats = |byte: u8| {
        let piece = ASCII.get(usize::from(byte)).map_or("", String::as_str);
        left.strip_prefix(piece).map(|rest| left = rest).is_some()
    };
    text.bytes().all(eats) && left.is_empty()
}
