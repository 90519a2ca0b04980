//! Field pointers compiled into a tree over object keys, so that one pass over a row fills all its cells.

use crate::backend::pointer::{EACH, Pointer};

/// The cells of a row, in order of preference: the first that is there counts.
pub(in crate::backend) type Source = Vec<usize>;

/// The pointers of a row.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(in crate::backend) struct Matcher {
    /// The row itself.
    pub(super) row: Edge,
    /// The objects that pointers go into.
    pub(super) nodes: Vec<Node>,
    /// The elements of the lists that pointers go into.
    pub(super) elements: Vec<Edge>,
    /// How many cells a row has.
    pub(super) cells: usize,
}

/// An object within a row.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Node {
    pub(super) edges: Vec<Edge>,
}

/// A key within an object; or the row itself, or the elements of a list, which have none.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Edge {
    pub(super) key: Box<str>,
    /// The cell that its value goes to; `None` where only what is inside it matters.
    pub(super) cell: Option<usize>,
    /// The node of what is inside it, where it is an object.
    pub(super) inside: Option<usize>,
    /// Its elements, where it is a list.
    pub(super) each: Option<usize>,
    /// Whether it bears a secret, and is never kept.
    pub(super) secret: bool,
    /// Whether a column shows it; what does not is kept among the other fields too.
    pub(super) shown: bool,
}

/// Where an edge is.
#[derive(Debug, Clone, Copy)]
enum At {
    Row,
    Key(usize, usize),
    Elements(usize),
}

impl Matcher {
    /// Returns the cell of a pointer that a column shows, a new one where it is the first time.
    pub(in crate::backend) fn shown(&mut self, pointer: &Pointer) -> usize {
        self.edge(pointer).shown = true;
        self.tested(pointer)
    }

    /// Returns the cell of a pointer that is asked for, but not shown as it is.
    pub(in crate::backend) fn tested(&mut self, pointer: &Pointer) -> usize {
        let cells = self.cells;
        let edge = self.edge(pointer);
        let cell = *edge.cell.get_or_insert(cells);
        self.cells = cells.max(cell + 1);
        cell
    }

    /// Has the values of a pointer dropped wherever they stand in a row.
    pub(in crate::backend) fn drop_secret(&mut self, pointer: &Pointer) {
        self.edge(pointer).secret = true;
    }

    fn edge(&mut self, pointer: &Pointer) -> &mut Edge {
        let at = pointer.0.iter().fold(At::Row, |at, step| self.step(at, step));
        self.edge_at(at)
    }

    fn edge_at(&mut self, at: At) -> &mut Edge {
        match at {
            At::Row => &mut self.row,
            At::Key(node, place) => &mut self.nodes[node].edges[place],
            At::Elements(place) => &mut self.elements[place],
        }
    }

    /// Goes one step down, to a new edge where it is the first time.
    fn step(&mut self, at: At, step: &str) -> At {
        if step == EACH {
            let fresh = self.elements.len();
            let place = *self.edge_at(at).each.get_or_insert(fresh);
            if place == fresh {
                self.elements.push(Edge::default());
            }
            return At::Elements(place);
        }
        let fresh = self.nodes.len();
        let node = *self.edge_at(at).inside.get_or_insert(fresh);
        if node == fresh {
            self.nodes.push(Node::default());
        }
        let edges = &mut self.nodes[node].edges;
        let place = edges.iter().position(|edge| *edge.key == *step).unwrap_or_else(|| {
            edges.push(Edge { key: step.into(), ..Edge::default() });
            edges.len() - 1
        });
        At::Key(node, place)
    }

    /// Calls `on` with each cell of an edge and of what is inside it.
    pub(super) fn each_cell(&self, edge: &Edge, on: &mut impl FnMut(usize)) {
        edge.cell.iter().for_each(|cell| on(*cell));
        edge.each.iter().for_each(|elements| self.each_cell(&self.elements[*elements], on));
        edge.inside.iter().flat_map(|node| &self.nodes[*node].edges).for_each(|inner| self.each_cell(inner, on));
    }
}
