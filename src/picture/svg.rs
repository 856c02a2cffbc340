//! A graph as an SVG drawing, with every text as it stands in the file.

use std::fmt::Write as _;

use super::graph::{Edge, Graph, Node, NodeKind};
use super::layout::{Layout, Point, Rect, Way, layout};
use crate::xml::escape_text;

/// Pixels of a character and of a line; the font has one width.
const CHARACTER: f64 = 7.3;
const LINE: f64 = 16.0;

/// Pixels around the text of a node, around the whole, and of the rounding of a corner.
const PADDING: f64 = 10.0;
const MARGIN: f64 = 16.0;
const ROUND: f64 = 6.0;

/// Characters of a line of a node, and its lines; the rest is left out.
const WIDTH: usize = 32;
const LINES: usize = 2;

const STYLE: &str =
    "text { font: 12px ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace; fill: #1c2733; \
                     text-anchor: middle }
.place { font-size: 10px; fill: #66727f }
.label { fill: #35506b }
.shape { fill: #f4f7fa; stroke: #51657a; stroke-width: 1.2 }
.start { fill: #dcebdd; stroke: #4b7a50 }
.choice { fill: #fdf3d8; stroke: #a3812a }
.call { fill: #e3ecf8; stroke: #44699b }
.stop { fill: #f7e3e0; stroke: #a5584c }
.end { fill: #e7e9ec; stroke: #66727f }
.way { fill: none; stroke: #51657a; stroke-width: 1.2; marker-end: url(#tip) }
.fails { stroke-dasharray: 5 4 }
.frame { fill: #f9fafc; stroke: #a9b4bf; stroke-dasharray: 3 3 }
.paper { fill: #ffffff }";

const TIP: &str = "<marker id=\"tip\" markerWidth=\"8\" markerHeight=\"8\" refX=\"7\" refY=\"4\" orient=\"auto\">\
                   <path d=\"M0,0.5 L8,4 L0,7.5 Z\" fill=\"#51657a\"/></marker>";

/// Draws a graph.
pub fn svg(graph: &Graph) -> String {
    let texts: Vec<Vec<String>> = graph.nodes.iter().map(lines).collect();
    let sizes: Vec<(f64, f64)> =
        graph.nodes.iter().zip(&texts).map(|(node, lines)| size(node, lines)).collect();
    let Layout { nodes, ways, frames, width, height } =
        layout(graph, &sizes, |label| label_width(&shortened(label)));
    let (width, height) = (width + 2.0 * MARGIN, height + 2.0 * MARGIN);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width:.0}\" height=\"{height:.0}\" \
         viewBox=\"-{MARGIN:.0} -{MARGIN:.0} {width:.1} {height:.1}\" role=\"img\">\n<title>{}</title>\n\
         <style>\n{STYLE}\n</style>\n<defs>{TIP}</defs>\n\
         <rect class=\"paper\" x=\"-{MARGIN:.0}\" y=\"-{MARGIN:.0}\" width=\"{width:.1}\" height=\"{height:.1}\"/>\n",
        escaped(&format!("process {}", graph.name)),
    );
    for frame in &frames {
        out.push_str(&rect(" frame", frame, ROUND));
        out.push('\n');
    }
    for (edge, way) in graph.edges.iter().zip(&ways) {
        let class = if edge.fails { "way fails" } else { "way" };
        // A text cannot fail to take more.
        let _ = writeln!(out, "<path class=\"{class}\" d=\"{}\"/>", rounded(&way.points));
    }
    for ((node, lines), at) in graph.nodes.iter().zip(&texts).zip(&nodes) {
        draw(node, lines, at, &mut out);
    }
    for (edge, way) in graph.edges.iter().zip(&ways) {
        label(edge, way, &mut out);
    }
    out.push_str("</svg>\n");
    out
}

/// The text of a node in lines.
fn lines(node: &Node) -> Vec<String> {
    let mut lines: Vec<String> = vec![String::new()];
    for word in node.text.split(' ') {
        let last = lines.last().map_or(0, |line| line.chars().count());
        if last > 0 && last + 1 + word.chars().count() > WIDTH {
            lines.push(String::new());
        }
        let Some(line) = lines.last_mut() else { break };
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    let whole = lines.len() <= LINES;
    lines.truncate(LINES);
    let mut lines: Vec<String> = lines.iter().map(|line| shortened(line)).collect();
    if let Some(last) = lines.last_mut().filter(|last| !whole && !last.ends_with("...")) {
        last.push_str("...");
    }
    lines
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(WIDTH) {
        Some((end, _)) => format!("{}...", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// How large a node is: its lines and that of its place, and what its form takes beside them.
fn size(node: &Node, lines: &[String]) -> (f64, f64) {
    let widest = lines.iter().map(|line| line.chars().count()).max().unwrap_or(0);
    let rows = lines.len() + usize::from(node.kind != NodeKind::End);
    let sides = if node.kind == NodeKind::Step { 2.0 } else { 4.0 };
    ((float(widest) * CHARACTER + sides * PADDING).max(70.0), float(rows) * LINE + PADDING)
}

fn label_width(text: &str) -> f64 {
    float(text.chars().count()) * CHARACTER + 8.0
}

fn float(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

/// A node with its text in the middle, and its place beneath.
fn draw(node: &Node, lines: &[String], at: &Rect, out: &mut String) {
    let Node { place, text, .. } = node;
    let _ = writeln!(out, "<g><title>{}</title>", escaped(&format!("{}:{}  {text}", place.file, place.line)));
    let _ = writeln!(out, "{}", shape(node.kind, at));
    let middle = at.middle();
    let mut y = at.y + PADDING / 2.0 + 12.0;
    for line in lines {
        let _ = writeln!(out, "<text x=\"{middle:.1}\" y=\"{y:.1}\">{}</text>", escaped(line));
        y += LINE;
    }
    if node.kind != NodeKind::End {
        let _ = writeln!(
            out,
            "<text class=\"place\" x=\"{middle:.1}\" y=\"{:.1}\">line {}</text>",
            y - 1.0,
            place.line
        );
    }
    out.push_str("</g>\n");
}

fn rect(class: &str, at: &Rect, round: f64) -> String {
    let Rect { x, y, width, height } = at;
    format!(
        "<rect class=\"shape{class}\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height:.1}\" rx=\"{round:.1}\"/>"
    )
}

/// The form of a node.
fn shape(kind: NodeKind, at: &Rect) -> String {
    let (x, y, right, bottom) = (at.x, at.y, at.x + at.width, at.bottom());
    match kind {
        NodeKind::Step => rect("", at, 3.0),
        NodeKind::Start | NodeKind::Return => rect(" start", at, at.height / 2.0),
        NodeKind::Stop => rect(" stop", at, at.height / 2.0),
        NodeKind::End => rect(" end", at, at.height / 2.0),
        NodeKind::Choice => {
            let (middle, left, far) = (y + at.height / 2.0, x + PADDING * 1.6, right - PADDING * 1.6);
            format!(
                "<path class=\"shape choice\" d=\"M{x:.1},{middle:.1} L{left:.1},{y:.1} H{far:.1} \
                 L{right:.1},{middle:.1} L{far:.1},{bottom:.1} H{left:.1} Z\"/>"
            )
        }
        NodeKind::Call => {
            let bars = [x + PADDING, right - PADDING]
                .map(|bar| format!("<path class=\"shape call\" d=\"M{bar:.1},{y:.1} V{bottom:.1}\"/>"));
            format!("{}{}", rect(" call", at, 0.0), bars.concat())
        }
    }
}

/// What a path is called, beside the way into it.
fn label(edge: &Edge, way: &Way, out: &mut String) {
    if edge.label.is_empty() {
        return;
    }
    let (text, (x, y)) = (shortened(&edge.label), way.label);
    let width = label_width(&text);
    let _ = writeln!(
        out,
        "<rect class=\"paper\" x=\"{:.1}\" y=\"{:.1}\" width=\"{width:.1}\" height=\"14\"/>\
         <text class=\"label\" x=\"{x:.1}\" y=\"{:.1}\">{}</text>",
        x - width / 2.0,
        y - 7.0,
        y + 4.0,
        escaped(&text)
    );
}

/// A line along these points with rounded corners.
fn rounded(points: &[Point]) -> String {
    let mut out = String::new();
    if let Some((x, y)) = points.first() {
        let _ = write!(out, "M{x:.1},{y:.1}");
    }
    for corner in points.windows(3) {
        let [before, at, behind] = corner else { continue };
        let (into, from) = (towards(*at, *before), towards(*at, *behind));
        let _ =
            write!(out, " L{:.1},{:.1} Q{:.1},{:.1} {:.1},{:.1}", into.0, into.1, at.0, at.1, from.0, from.1);
    }
    if let Some((x, y)) = points.last() {
        let _ = write!(out, " L{x:.1},{y:.1}");
    }
    out
}

/// The point a little way from one to another, at most half of it.
fn towards(from: Point, to: Point) -> Point {
    let (x, y) = (to.0 - from.0, to.1 - from.1);
    let length = x.hypot(y);
    if length <= 0.0 {
        return from;
    }
    let part = (ROUND / length).min(0.5);
    (from.0 + x * part, from.1 + y * part)
}

fn escaped(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len());
    escape_text(text, &mut out);
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
#[path = "svg_tests.rs"]
mod tests;
