//! Field pointers compiled into a tree over object keys, so that one pass over a row fills all its cells.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::cell::{Cell, CellSeed};
use super::extra::{self, Extra};
use super::key::{Key, KeySeed, Order};
use crate::backend::pointer::Pointer;

/// The cells of a row, in order of preference: the first that is there counts.
pub(in crate::backend) type Source = Vec<usize>;

/// The pointers of a row.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(in crate::backend) struct Matcher {
    /// The tree; the first node is the row itself.
    nodes: Vec<Node>,
    /// How many cells a row has.
    cells: usize,
}

/// An object within a row.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Node {
    edges: Vec<Edge>,
}

/// A key within an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Edge {
    pub(super) key: Box<str>,
    /// The cell that its value goes to; `None` where only what is inside it matters.
    cell: Option<usize>,
    /// The node of what is inside it.
    inside: Option<usize>,
    /// Whether it bears a secret, and is never kept.
    secret: bool,
    /// Whether a column shows it; what does not is kept among the other fields too.
    shown: bool,
}

impl Matcher {
    /// Returns the cell of a pointer that a column shows, a new one where it is the first time.
    pub(in crate::backend) fn shown(&mut self, pointer: &Pointer) -> Option<usize> {
        self.edge(pointer)?.shown = true;
        self.tested(pointer)
    }

    /// Returns the cell of a pointer that is asked for, but not shown as it is.
    pub(in crate::backend) fn tested(&mut self, pointer: &Pointer) -> Option<usize> {
        let cells = self.cells;
        let edge = self.edge(pointer)?;
        let cell = *edge.cell.get_or_insert(cells);
        self.cells = cells.max(cell + 1);
        Some(cell)
    }

    /// Has the values of a pointer dropped wherever they stand in a row.
    pub(in crate::backend) fn drop_secret(&mut self, pointer: &Pointer) {
        if let Some(edge) = self.edge(pointer) {
            edge.secret = true;
        }
    }

    fn edge(&mut self, pointer: &Pointer) -> Option<&mut Edge> {
        let (last, before) = pointer.0.split_last()?;
        let mut node = 0;
        for step in before {
            let fresh = self.nodes.len().max(1);
            let edge = self.edge_of(node, step);
            node = *edge.inside.get_or_insert(fresh);
            if self.nodes.len() <= node {
                self.nodes.resize(node + 1, Node::default());
            }
        }
        Some(self.edge_of(node, last))
    }

    fn edge_of(&mut self, node: usize, key: &str) -> &mut Edge {
        if self.nodes.len() <= node {
            self.nodes.resize(node + 1, Node::default());
        }
        let edges = &mut self.nodes[node].edges;
        let place = edges.iter().position(|edge| *edge.key == *key).unwrap_or_else(|| {
            edges.push(Edge { key: key.into(), cell: None, inside: None, secret: false, shown: false });
            edges.len() - 1
        });
        &mut edges[place]
    }
}

/// The values of one row; used again for the next.
pub(in crate::backend) struct Row<'de> {
    cells: Vec<Cell<'de>>,
    /// For each node, its keys in the order in which they came: rows repeat it.
    orders: Vec<Order>,
    /// What no pointer names; `None` where it is not kept.
    extra: Option<Vec<Extra>>,
}

impl<'de> Row<'de> {
    /// Makes room for the rows of a matcher.
    pub(in crate::backend) fn new(matcher: &Matcher, keep: Keep) -> Self {
        Self {
            cells: vec![Cell::Absent; matcher.cells],
            orders: matcher.nodes.iter().map(|_| Order::default()).collect(),
            extra: (keep == Keep::Extra).then(Vec::new),
        }
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
        deserializer.deserialize_map(NodeVisitor { matcher, row, node: 0, path: "" })
    }
}

/// Reads one object of a row.
struct NodeVisitor<'r, 'de> {
    matcher: &'r Matcher,
    row: &'r mut Row<'de>,
    node: usize,
    path: &'r str,
}

impl<'de> Visitor<'de> for NodeVisitor<'_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Self { matcher, row, node, path } = self;
        let Some(Node { edges }) = matcher.nodes.get(node) else {
            while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
            return Ok(());
        };
        let mut likely = 0;
        loop {
            let keep = if row.extra.is_some() { Keep::Extra } else { Keep::FieldsOnly };
            let seed = KeySeed { edges, order: &mut row.orders[node], likely: &mut likely, keep };
            match map.next_key_seed(seed)? {
                None => return Ok(()),
                Some(Key::Known(place)) => {
                    let edge = &edges[place];
                    if edge.secret {
                        map.next_value::<IgnoredAny>()?;
                    } else {
                        map.next_value_seed(EdgeSeed { matcher, row: &mut *row, edge, path })?;
                    }
                }
                Some(Key::Other(None)) => {
                    map.next_value::<IgnoredAny>()?;
                }
                Some(Key::Other(Some(name))) => {
                    let seed = extra::Seed { name: extra::join(path, &name), row_extra: row.extra.as_mut() };
                    map.next_value_seed(seed)?;
                }
            }
        }
    }
}

/// Reads the value of a key that a pointer names.
struct EdgeSeed<'r, 'de> {
    matcher: &'r Matcher,
    row: &'r mut Row<'de>,
    edge: &'r Edge,
    path: &'r str,
}

impl<'de> EdgeSeed<'_, 'de> {
    #[inline]
    fn put<E: Error>(mut self, value: Cell<'de>) -> Result<(), E> {
        let Some(cell) = self.edge.cell else { return Ok(()) };
        if !self.edge.shown && self.row.extra.is_some() {
            self.keep(&value);
        }
        let cell = &mut self.row.cells[cell];
        if !matches!(cell, Cell::Absent) {
            return Err(E::custom("a key stands twice"));
        }
        *cell = value;
        Ok(())
    }

    /// Keeps what no column shows among the other fields.
    #[cold]
    fn keep(&mut self, value: &Cell<'_>) {
        if let Some(extra) = &mut self.row.extra {
            extra::push(extra, extra::join(self.path, &self.edge.key), value);
        }
    }
}

impl<'de> DeserializeSeed<'de> for EdgeSeed<'_, 'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for EdgeSeed<'_, 'de> {
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
        let list = CellSeed.visit_seq(list)?;
        self.put(list)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<(), A::Error> {
        let Some(node) = self.edge.inside else {
            let object = CellSeed.visit_map(map)?;
            return self.put(object);
        };
        let path = extra::join(self.path, &self.edge.key);
        NodeVisitor { matcher: self.matcher, row: &mut *self.row, node, path: &path }.visit_map(map)?;
        self.put(Cell::Object)
    }
}
