//! Where the nodes and edges of a process's graph are drawn: steps from top to bottom, paths side by side.
//!
//! The paths of a process lie within one another, so each gets a column of its own, in the order of the file, and no way
//! crosses a step. A layout for any graph finds rows and orders by trial, and keeps neither.

use super::graph::{Edge, Graph};

/// Space between two steps, between the columns of two paths, and around a frame.
const DOWN: f64 = 28.0;
const ASIDE: f64 = 24.0;
const FRAME: f64 = 10.0;

/// From a step to where its ways part, from there to the middle of their labels, and to the first steps.
const PARTS: f64 = 12.0;
const LABEL: f64 = 14.0;
const INTO: f64 = 36.0;

/// How far above a step ways meet that lead to it.
const MEET: f64 = 14.0;

/// A place on the drawing, from its upper left corner.
pub type Point = (f64, f64);

/// A rectangle on the drawing.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Rect {
    /// Its left side.
    pub x: f64,
    /// Its upper side.
    pub y: f64,
    /// From left to right.
    pub width: f64,
    /// From top to bottom.
    pub height: f64,
}

impl Rect {
    /// The middle from left to right.
    pub fn middle(&self) -> f64 {
        self.x + self.width / 2.0
    }

    /// Its lower side.
    pub fn bottom(&self) -> f64 {
        self.y + self.height
    }
}

/// An edge as it is drawn.
#[derive(Debug, Clone, PartialEq)]
pub struct Way {
    /// Its corners.
    pub points: Vec<Point>,
    /// The middle of its label.
    pub label: Point,
}

/// A graph laid out.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Layout {
    /// For each node its rectangle.
    pub nodes: Vec<Rect>,
    /// For each edge its way.
    pub ways: Vec<Way>,
    /// Around what is run for each document.
    pub frames: Vec<Rect>,
    /// From left to right.
    pub width: f64,
    /// From top to bottom.
    pub height: f64,
}

/// How far something reaches from its axis, and down.
#[derive(Debug, Clone, Copy, Default)]
struct Extent {
    left: f64,
    right: f64,
    height: f64,
}

impl Extent {
    fn width(self) -> f64 {
        self.left + self.right
    }
}

/// A path inside a node.
#[derive(Debug, Clone, Default)]
struct Column {
    nodes: Vec<usize>,
    /// How wide it is at least, for its label.
    least: f64,
    named: bool,
    /// Its axis on the drawing.
    axis: f64,
}

struct Plan<'a> {
    graph: &'a Graph,
    sizes: &'a [(f64, f64)],
    /// For each node its paths.
    columns: Vec<Vec<Column>>,
    extents: Vec<Extent>,
    layout: Layout,
}

/// Lays out a graph whose nodes have these widths and heights; `label` tells how wide a label is.
pub fn layout(graph: &Graph, sizes: &[(f64, f64)], label: impl Fn(&str) -> f64) -> Layout {
    let mut columns: Vec<Vec<Column>> = vec![Vec::new(); graph.nodes.len()];
    for edge in &graph.edges {
        if let (Some(columns), Some(path)) = (columns.get_mut(edge.from), edge.path) {
            columns.resize_with(columns.len().max(path + 1), Column::default);
            let column =
                Column { least: label(&edge.label), named: !edge.label.is_empty(), ..Column::default() };
            columns.get_mut(path).into_iter().for_each(|slot| *slot = column.clone());
        }
    }
    let mut outermost = Vec::new();
    for (at, node) in graph.nodes.iter().enumerate() {
        let column = node.within.and_then(|(step, path)| columns.get_mut(step)?.get_mut(path));
        column.map_or(&mut outermost, |column| &mut column.nodes).push(at);
    }
    let nodes = vec![Rect::default(); graph.nodes.len()];
    let extents = vec![Extent::default(); graph.nodes.len()];
    let mut plan = Plan { graph, sizes, columns, extents, layout: Layout { nodes, ..Layout::default() } };
    for at in (0..graph.nodes.len()).rev() {
        let extent = plan.measure(at);
        plan.extents.get_mut(at).into_iter().for_each(|slot| *slot = extent);
    }
    let whole = plan.sequence(&outermost, 0.0);
    plan.place(&outermost, whole.left, 0.0);
    let ways = graph.edges.iter().filter_map(|edge| plan.way(edge)).collect();
    Layout { ways, width: whole.width(), height: whole.height, ..plan.layout }
}

impl Plan<'_> {
    fn size(&self, at: usize) -> (f64, f64) {
        self.sizes.get(at).copied().unwrap_or_default()
    }

    /// The extent of nodes below one another.
    fn sequence(&self, nodes: &[usize], least: f64) -> Extent {
        let mut all = Extent { left: least / 2.0, right: least / 2.0, height: 0.0 };
        for (position, at) in nodes.iter().enumerate() {
            let one = self.extents.get(*at).copied().unwrap_or_default();
            all.left = all.left.max(one.left);
            all.right = all.right.max(one.right);
            all.height += one.height + if position > 0 { DOWN } else { 0.0 };
        }
        all
    }

    /// The extent of a node with all that stands in it.
    fn measure(&self, at: usize) -> Extent {
        let (width, height) = self.size(at);
        let own = Extent { left: width / 2.0, right: width / 2.0, height };
        let columns = self.columns.get(at).map(Vec::as_slice).unwrap_or_default();
        let inner: Vec<Extent> =
            columns.iter().map(|column| self.sequence(&column.nodes, column.least)).collect();
        let deepest = inner.iter().map(|extent| extent.height).fold(0.0, f64::max);
        let height = height + self.above(columns) + deepest;
        match inner.as_slice() {
            [] => own,
            [one] => {
                let frame = if self.graph.nodes.get(at).is_some_and(|node| node.each) { FRAME } else { 0.0 };
                let (left, right) = (own.left.max(one.left + frame), own.right.max(one.right + frame));
                Extent { left, right, height: height + frame }
            }
            several => {
                let half = span(several) / 2.0;
                Extent { left: own.left.max(half), right: own.right.max(half), height }
            }
        }
    }

    /// Space between a node and the first steps in it.
    fn above(&self, columns: &[Column]) -> f64 {
        let named = columns.iter().any(|column| column.named);
        if named || columns.len() > 1 { PARTS + INTO } else { DOWN }
    }

    /// Places nodes below one another.
    fn place(&mut self, nodes: &[usize], axis: f64, top: f64) {
        let mut y = top;
        for at in nodes {
            let (width, height) = self.size(*at);
            let rect = Rect { x: axis - width / 2.0, y, width, height };
            self.layout.nodes.get_mut(*at).into_iter().for_each(|slot| *slot = rect);
            self.place_inner(*at, axis, y + height);
            y += self.extents.get(*at).map_or(0.0, |extent| extent.height) + DOWN;
        }
    }

    /// Places the paths in a node side by side.
    fn place_inner(&mut self, at: usize, axis: f64, bottom: f64) {
        let mut columns = self.columns.get_mut(at).map(std::mem::take).unwrap_or_default();
        let top = bottom + self.above(&columns);
        let extents: Vec<Extent> =
            columns.iter().map(|column| self.sequence(&column.nodes, column.least)).collect();
        let mut left = axis - span(&extents) / 2.0;
        let alone = columns.len() == 1;
        for (column, extent) in columns.iter_mut().zip(&extents) {
            column.axis = if alone { axis } else { left + extent.left };
            self.place(&column.nodes, column.axis, top);
            left += extent.width() + ASIDE;
            if self.graph.nodes.get(at).is_some_and(|node| node.each) {
                let frame = Rect {
                    x: column.axis - extent.left - FRAME,
                    y: top - FRAME,
                    width: extent.width() + 2.0 * FRAME,
                    height: extent.height + 2.0 * FRAME,
                };
                self.layout.frames.push(frame);
            }
        }
        self.columns.get_mut(at).into_iter().for_each(|slot| *slot = std::mem::take(&mut columns));
    }

    /// The corners of an edge.
    fn way(&self, edge: &Edge) -> Option<Way> {
        let (from, to) = (self.layout.nodes.get(edge.from)?, self.layout.nodes.get(edge.to)?);
        let begins = (from.middle(), from.bottom());
        let meet = to.y - MEET;
        let mut points = vec![begins];
        let mut x = begins.0;
        let parts = begins.1 + PARTS;
        if let Some(path) = edge.path {
            let axis = self.columns.get(edge.from)?.get(path)?.axis;
            points.extend([(x, parts), (axis, parts)]);
            x = axis;
        }
        points.extend([(x, meet), (to.middle(), meet), (to.middle(), to.y)]);
        Some(Way { points: straightened(points), label: (x, parts + LABEL) })
    }
}

/// The width of extents side by side.
fn span(extents: &[Extent]) -> f64 {
    let widths: f64 = extents.iter().map(|extent| extent.width()).sum();
    let gaps = u32::try_from(extents.len().saturating_sub(1)).unwrap_or(u32::MAX);
    widths + f64::from(gaps) * ASIDE
}

/// Without corners at which nothing turns.
fn straightened(points: Vec<Point>) -> Vec<Point> {
    const NEAR: f64 = 0.01;
    let mut out: Vec<Point> = Vec::with_capacity(points.len());
    for point in points {
        if let [.., before, last] = out.as_slice() {
            let same = |a: f64, b: f64, c: f64| (a - b).abs() < NEAR && (b - c).abs() < NEAR;
            if same(before.0, last.0, point.0) || same(before.1, last.1, point.1) {
                out.pop();
            }
        }
        out.push(point);
    }
    out
}
