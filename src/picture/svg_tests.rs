//! Tests of drawings: every process can be drawn, and no text of it is markup.

use proptest::prelude::*;

use crate::document::tree::Element;
use crate::picture::layout::{Rect, layout};
use crate::picture::{Graph, Path, Process, Step, Takes, svg};
use crate::source::Place;

fn place() -> Place {
    Place { file: "gateway.kdl".into(), line: 1, column: 1 }
}

fn step(kind: &'static str, text: &str, inner: Vec<Path>) -> Step {
    let takes = if kind == "branch" { Takes::Every } else { Takes::One };
    let ends = matches!(kind, "return" | "throw" | "stop");
    let calls = if kind == "call" { vec!["other".to_owned()] } else { Vec::new() };
    Step { kind, text: text.to_owned(), place: place(), inner, takes, ends, calls }
}

fn process(steps: Vec<Step>) -> Process {
    Process { name: "whole".into(), place: place(), steps }
}

/// Steps of every form, three deep, with texts of all lengths.
fn steps() -> impl Strategy<Value = Vec<Step>> {
    let kinds = prop_oneof![Just("set"), Just("call"), Just("return"), Just("stop"), Just("dispatch")];
    let leaf = (kinds, "[ -~ü]{0,120}").prop_map(|(kind, text)| {
        let mut step = step(kind, &text, Vec::new());
        if kind == "dispatch" {
            step.calls = vec!["a".to_owned(), "b".to_owned()];
        }
        step
    });
    let one = leaf.prop_recursive(3, 40, 5, |inner| {
        let steps = prop::collection::vec(inner, 0..4);
        let paths = prop::collection::vec(("[ -~]{0,40}", steps), 0..5);
        let kinds = prop_oneof![Just("branch"), Just("decision"), Just("try"), Just("for-each")];
        let takes = prop_oneof![Just(Takes::Every), Just(Takes::One), Just(Takes::OneOrPast)];
        (kinds, takes, paths).prop_map(|(kind, takes, paths)| {
            let paths = paths.into_iter().map(|(name, steps)| Path { name, place: place(), steps });
            Step { takes, ..step(kind, kind, paths.collect()) }
        })
    });
    prop::collection::vec(one, 0..6)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn every_process_can_be_drawn(steps in steps()) {
        let process = process(steps);
        let graph = Graph::of(&process);
        for edge in &graph.edges {
            prop_assert!(edge.from < edge.to && edge.to < graph.nodes.len());
        }
        let drawn = svg(&graph);
        prop_assert_eq!(drawn.matches("<g>").count(), graph.nodes.len());
        prop_assert_eq!(drawn.matches("<path class=\"way").count(), graph.edges.len());
        let read = crate::xml::parse(&drawn, &Default::default());
        prop_assert!(read.is_ok_and(|root| is_placed(&root)), "{}", drawn);
        prop_assert!(process.outline().len() >= process.steps.len());
        prop_assert_eq!(&svg(&graph), &drawn);
    }

    #[test]
    fn nothing_lies_on_anything_else(steps in steps()) {
        let graph = Graph::of(&process(steps));
        let sizes: Vec<(f64, f64)> = graph.nodes.iter().map(|node| (node.text.len() as f64 + 9.0, 20.0)).collect();
        let laid = layout(&graph, &sizes, |label| label.len() as f64);
        let inside = |x: f64, y: f64| (-0.01..=laid.width + 0.01).contains(&x) && (-0.01..=laid.height + 0.01).contains(&y);
        for (at, one) in laid.nodes.iter().enumerate() {
            prop_assert!(inside(one.x, one.y) && inside(one.x + one.width, one.bottom()), "{:?}", one);
            for other in laid.nodes.iter().skip(at + 1) {
                prop_assert!(apart(one, other), "{:?} {:?}", one, other);
            }
        }
        for way in &laid.ways {
            for pair in way.points.windows(2) {
                let line = between(pair[0], pair[1]);
                prop_assert!(inside(line.x, line.y) && inside(line.x + line.width, line.bottom()), "{:?}", line);
                for node in &laid.nodes {
                    prop_assert!(apart(&line, node), "{:?} {:?}", line, node);
                }
            }
        }
    }
}

/// Whether every number in its attributes is one; a text of a step may be `NaN`.
fn is_placed(element: &Element) -> bool {
    let number = |text: &str| !text.contains("NaN") && !text.contains("inf");
    element.attributes.iter().all(|attribute| number(&attribute.value)) && element.elements().all(is_placed)
}

/// Whether two rectangles do no more than touch.
fn apart(a: &Rect, b: &Rect) -> bool {
    const NEAR: f64 = 0.01;
    a.x + a.width <= b.x + NEAR
        || b.x + b.width <= a.x + NEAR
        || a.bottom() <= b.y + NEAR
        || b.bottom() <= a.y + NEAR
}

/// The rectangle that a line fills.
fn between(a: (f64, f64), b: (f64, f64)) -> Rect {
    Rect { x: a.0.min(b.0), y: a.1.min(b.1), width: (a.0 - b.0).abs(), height: (a.1 - b.1).abs() }
}

#[test]
fn texts_are_no_markup() {
    let text = "message \"</text><script>x</script>\"";
    let drawn = svg(&Graph::of(&process(vec![step("message", text, Vec::new())])));
    assert!(!drawn.contains("<script>") && drawn.contains("&lt;script&gt;"), "{drawn}");
}

#[test]
fn a_long_process_is_drawn() {
    let decision = |n: usize| {
        let path = |name: &str| Path {
            name: name.to_owned(),
            place: place(),
            steps: (0..3).map(|_| step("set", &format!("set x{n}"), Vec::new())).collect(),
        };
        step("decision", "decision", vec![path("then"), path("else")])
    };
    let drawn = svg(&Graph::of(&process((0..40).map(decision).collect())));
    assert_eq!(drawn.matches("<g>").count(), 282);
}

#[test]
fn a_step_may_be_called_as_what_is_no_number() {
    let drawn = svg(&Graph::of(&process(vec![step("set", "NaN inf", Vec::new())])));
    assert!(is_placed(&crate::xml::parse(&drawn, &Default::default()).unwrap()));
    let broken = crate::xml::parse("<svg><g><rect x=\"NaN\"/></g></svg>", &Default::default()).unwrap();
    assert!(!is_placed(&broken));
}
