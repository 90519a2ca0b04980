//! One row: a pass over it fills the cells that its pointers name.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::cell::{Cell, CellSeed, Members};
use super::extra::{self, Extra};
use super::key::{Key, KeySeed, Order};
use super::matcher::{Edge, Matcher, Node, Source};
use super::number;
use crate::backend::plan::fields::Wording;

/// The values of one row; used again for the next.
pub(in crate::backend) struct Row<'de> {
    cells: Vec<Cell<'de>>,
    /// For each node, its keys in the order in which they came: rows repeat it.
    orders: Vec<Order>,
    /// What no pointer names; `None` where it is not kept.
    extra: Option<Vec<Extra>>,
    /// Whether numbers that are out of range are texts in it.
    tamed: bool,
}

impl<'de> Row<'de> {
    /// Makes room for the rows of a matcher.
    pub(in crate::backend) fn new(matcher: &Matcher, keep: Keep) -> Self {
        Self {
            cells: vec![Cell::Absent; matcher.cells],
            orders: matcher.nodes.iter().map(|_| Order::default()).collect(),
            extra: (keep == Keep::Extra).then(Vec::new),
            tamed: false,
        }
    }

    /// Says that numbers that are out of range are texts in it.
    pub(in crate::backend) fn tamed(self) -> Self {
        Self { tamed: true, ..self }
    }

    /// Tells whether a text in it was such a number: what is no number here is no id either.
    pub(in crate::backend) fn is_odd(&self, text: &str) -> bool {
        self.tamed && number::is_odd(text.as_bytes())
    }

    /// Empties it for the next row.
    pub(in crate::backend) fn clear(&mut self) {
        for cell in &mut self.cells {
            *cell = Cell::Absent;
        }
        if let Some(extra) = &mut self.extra {
            extra.clear();
        }
    }

    /// Returns the first cell of a source that holds something, or else its first that is there.
    pub(in crate::backend) fn first(&self, source: &Source) -> &Cell<'de> {
        let cells = || source.iter().map(|cell| &self.cells[*cell]);
        cells()
            .find(|cell| !cell.is_nothing())
            .or_else(|| cells().find(|cell| **cell == Cell::Null))
            .unwrap_or(&Cell::Absent)
    }

    /// Returns the first text of a source that is not empty, scalars written out, or else an empty one; `None` where
    /// there is none.
    pub(in crate::backend) fn text(&self, source: &Source) -> Option<Cow<'_, str>> {
        let mut texts = source.iter().filter_map(|cell| self.cells[*cell].text());
        let first = texts.next()?;
        if first.is_empty() { texts.find(|text| !text.is_empty()).or(Some(first)) } else { Some(first) }
    }

    /// Returns a text as its wording has it; `each` as in [`super::row::with_token_row`].
    #[inline]
    pub(in crate::backend) fn worded<'r>(
        &'r self,
        wording: &'r Wording,
        each: Option<&'r str>,
    ) -> Option<Cow<'r, str>> {
        if let Wording::At(source) = wording { self.text(source) } else { self.reworded(wording, each) }
    }

    /// The same for a text that does not stand in the row as it is.
    #[cold]
    fn reworded<'r>(&'r self, wording: &'r Wording, each: Option<&'r str>) -> Option<Cow<'r, str>> {
        match wording {
            Wording::At(source) => self.text(source),
            Wording::Around { at, before, after } => {
                let text = self.text(at).filter(|text| !text.is_empty())?;
                Some([before, &*text, after].concat().into())
            }
            Wording::Fixed(text) => Some(Cow::Borrowed(text)),
            Wording::Each => each.map(Cow::Borrowed),
        }
    }

    /// Returns what no pointer names.
    pub(in crate::backend) fn extra(&self) -> &[Extra] {
        self.extra.as_deref().unwrap_or_default()
    }
}

/// Whether fields without a pointer are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::backend) enum Keep {
    /// They are, as text.
    Extra,
    /// They are not.
    FieldsOnly,
}

/// Reads one row.
pub(in crate::backend) struct RowSeed<'r, 'de> {
    /// The pointers.
    pub(in crate::backend) matcher: &'r Matcher,
    /// Where its values go.
    pub(in crate::backend) row: &'r mut Row<'de>,
}

impl<'de> DeserializeSeed<'de> for RowSeed<'_, 'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        let Self { matcher, row } = self;
        let edge = &matcher.row;
        if edge.cell.is_some() || edge.each.is_some() {
            return deserializer.deserialize_any(EdgeSeed::<false> { matcher, row, edge, path: "", list: None });
        }
        let node = edge.inside.unwrap_or(usize::MAX);
        deserializer.deserialize_map(NodeVisitor::<false> { matcher, row, node, path: "" }).map(drop)
    }
}

/// Reads one object of a row; with `MANY`, one of several in a list.
struct NodeVisitor<'r, 'de, const MANY: bool> {
    matcher: &'r Matcher,
    row: &'r mut Row<'de>,
    node: usize,
    path: &'r str,
}

impl<'de, const MANY: bool> Visitor<'de> for NodeVisitor<'_, 'de, MANY> {
    type Value = Members;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
        let Self { matcher, row, node, path } = self;
        let mut members = Members::None;
        let Some(Node { edges }) = matcher.nodes.get(node) else {
            while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {
                members = Members::Some;
            }
            return Ok(members);
        };
        let mut likely = 0;
        loop {
            let keep = if row.extra.is_some() { Keep::Extra } else { Keep::FieldsOnly };
            let seed = KeySeed { edges, order: &mut row.orders[node], likely: &mut likely, keep };
            let Some(key) = map.next_key_seed(seed)? else { return Ok(members) };
            members = Members::Some;
            match key {
                Key::Known(place) => {
                    let edge = &edges[place];
                    if edge.secret {
                        map.next_value::<IgnoredAny>()?;
                    } else {
                        map.next_value_seed(EdgeSeed::<MANY> { matcher, row: &mut *row, edge, path, list: None })?;
                    }
                }
                Key::Other(None) => {
                    map.next_value::<IgnoredAny>()?;
                }
                Key::Other(Some(name)) => {
                    let seed = extra::Seed { name: extra::join(path, &name), row_extra: row.extra.as_mut() };
                    map.next_value_seed(seed)?;
                }
            }
        }
    }
}

/// Reads the value of a key that a pointer names; with `MANY`, one of several values, gathered in one cell.
struct EdgeSeed<'r, 'de, const MANY: bool> {
    matcher: &'r Matcher,
    row: &'r mut Row<'de>,
    edge: &'r Edge,
    path: &'r str,
    /// The cell of the list that it is an element of, where it has one.
    list: Option<usize>,
}

impl<'de, const MANY: bool> EdgeSeed<'_, 'de, MANY> {
    #[inline]
    fn put<E: Error>(mut self, value: Cell<'de>) -> Result<(), E> {
        if MANY {
            self.gather(value);
            return Ok(());
        }
        let Some(cell) = self.edge.cell else { return Ok(()) };
        if !self.edge.shown && self.row.extra.is_some() {
            self.keep(&value);
        }
        let cell = &mut self.row.cells[cell];
        if !matches!(cell, Cell::Absent) {
            return Err(E::custom(TWICE));
        }
        *cell = value;
        Ok(())
    }

    /// Adds one of several values to what came before it.
    #[cold]
    fn gather(self, value: Cell<'de>) {
        let cells = &mut self.row.cells;
        if let (Some(list), Some(_)) = (self.list, self.edge.cell) {
            cells[list].gather(value.clone());
        }
        if let Some(cell) = self.edge.cell.or(self.list) {
            cells[cell].gather(value);
        }
    }

    /// Keeps what no column shows among the other fields.
    #[cold]
    fn keep(&mut self, value: &Cell<'_>) {
        if let Some(extra) = &mut self.row.extra
            && !self.edge.key.is_empty()
        {
            extra::push(extra, extra::join(self.path, &self.edge.key), value);
        }
    }

    /// Reads a list that pointers go into.
    #[cold]
    fn elements<A: SeqAccess<'de>>(self, elements: &Edge, mut list: A) -> Result<(), A::Error> {
        let Self { matcher, row, edge, path, .. } = self;
        if !MANY {
            // A list without elements says "none", and not nothing.
            let mut twice = false;
            let mut begin = |cell: usize| {
                let cell = &mut row.cells[cell];
                twice |= !matches!(cell, Cell::Absent);
                *cell = Cell::no_list();
            };
            edge.cell.iter().for_each(|cell| begin(*cell));
            matcher.each_cell(elements, &mut begin);
            if twice {
                return Err(A::Error::custom(TWICE));
            }
        }
        // Further fields of an element are no fields of the row.
        let extra = row.extra.take();
        while list
            .next_element_seed(EdgeSeed::<true> { matcher, row: &mut *row, edge: elements, path, list: edge.cell })?
            .is_some()
        {}
        row.extra = extra;
        Ok(())
    }
}

/// Two values for one name: which one counts is anybody's guess.
const TWICE: &str = "a key stands twice";

impl<'de, const MANY: bool> DeserializeSeed<'de> for EdgeSeed<'_, 'de, MANY> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, const MANY: bool> Visitor<'de> for EdgeSeed<'_, 'de, MANY> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        self.put(Cell::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<(), E> {
        self.put(Cell::Flag(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<(), E> {
        self.put(Cell::Whole(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<(), E> {
        self.put(i64::try_from(value).map_or(Cell::Large(value), Cell::Whole))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<(), E> {
        self.put(Cell::Number(value))
    }

    fn visit_borrowed_str<E: Error>(self, value: &'de str) -> Result<(), E> {
        self.put(Cell::Text(Cow::Borrowed(value)))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<(), E> {
        self.put(Cell::Text(Cow::Owned(value.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<(), A::Error> {
        if let Some(elements) = self.edge.each {
            let elements = &self.matcher.elements[elements];
            return self.elements(elements, list);
        }
        let list = CellSeed.visit_seq(list)?;
        self.put(list)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<(), A::Error> {
        let Some(node) = self.edge.inside else {
            let object = CellSeed.visit_map(map)?;
            return self.put(object);
        };
        let path = extra::join(self.path, &self.edge.key);
        let visitor = NodeVisitor::<MANY> { matcher: self.matcher, row: &mut *self.row, node, path: &path };
        let members = visitor.visit_map(map)?;
        self.put(Cell::Object(members))
    }
}
