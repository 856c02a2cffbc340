//! A run of an operation for a person: a line for each step, with its documents beneath.

use std::collections::HashMap;
use std::time::Duration;

use super::offline::Ran;
use super::shown::{Shown, batch, printable, same_bodies};
use super::tree::Tree;
use crate::document::Document;
use crate::pipeline::failure::{Blame, Failure};
use crate::pipeline::operation::Operation;
use crate::pipeline::redact::Redaction;
use crate::pipeline::trace::Seen;

/// Columns that steps are set in for each step that they stand in.
const INDENT: usize = 2;

/// The widest column of steps.
const WIDEST: usize = 72;

/// Characters of a step that are shown at least, however deep it stands.
const SHORTEST: usize = 30;

/// The whole run.
pub fn text(operation: &Operation, ran: &Ran, full: bool, redaction: &Redaction) -> String {
    let steps = ran.trace.steps();
    let mut page = Page::new(&steps, ran.before_answer, Shown::new(full, redaction));
    let place = &operation.place;
    page.line(&format!("operation {}  {}:{}", operation.name, place.file, place.line));
    if !ran.documents.is_empty() {
        page.documents("begins", &ran.documents, 0);
    }
    page.out.push('\n');
    for (at, seen) in steps.iter().enumerate().take(ran.before_answer) {
        page.step(at, seen);
    }
    page.answer(ran);
    if ran.before_answer < steps.len() {
        page.line("\nafter the answer has left\n");
        page.open.clear();
    }
    for (at, seen) in steps.iter().enumerate().skip(ran.before_answer) {
        page.step(at, seen);
    }
    for (what, failure) in &ran.later {
        page.out.push('\n');
        page.failed(&format!("failed after the answer, {what}"), failure);
    }
    if ran.trace.dropped() > 0 {
        page.line(&format!("{} more steps ran than a trace holds", ran.trace.dropped()));
    }
    page.out
}

/// What is written.
struct Page<'a> {
    out: String,
    shown: Shown<'a>,
    steps: &'a [Seen],
    /// How many of them had begun when the answer left.
    before_answer: usize,
    tree: Tree<'a>,
    /// The widths of the columns of places and of steps.
    places: usize,
    titles: usize,
    /// The last step, and those that it stands in.
    open: Vec<usize>,
    /// The path that was named last within each step.
    paths: HashMap<Option<usize>, &'a str>,
}

impl<'a> Page<'a> {
    fn new(steps: &'a [Seen], before_answer: usize, shown: Shown<'a>) -> Self {
        let tree = Tree::new(steps);
        let places = steps.iter().map(|seen| place(seen).chars().count()).max().unwrap_or(0);
        let title = |(at, seen): (usize, &Seen)| seen.text.chars().count() + tree.depth(at) * INDENT;
        let titles = steps.iter().enumerate().map(title).max().unwrap_or(0).min(WIDEST);
        Self {
            out: String::new(),
            shown,
            steps,
            before_answer,
            tree,
            places,
            titles,
            open: Vec::new(),
            paths: HashMap::new(),
        }
    }

    fn line(&mut self, text: &str) {
        self.out.push_str(text.trim_end());
        self.out.push('\n');
    }

    /// Where the text of a step at that depth begins.
    fn margin(&self, depth: usize) -> usize {
        self.places + 2 + depth * INDENT
    }

    fn step(&mut self, at: usize, seen: &'a Seen) {
        self.go_on(seen.within);
        self.open.push(at);
        let depth = self.tree.depth(at);
        if !seen.path.is_empty() && self.paths.insert(seen.within, &seen.path) != Some(&*seen.path) {
            let margin = self.margin(depth).saturating_sub(INDENT);
            let path = self.shown.short(&self.shown.strike(&seen.path), WIDEST);
            self.line(&format!("{:margin$}{path}", ""));
        }
        if at < self.before_answer && self.tree.runs_beyond(at, self.before_answer, self.steps) {
            let what = format!("{} -> goes on after the answer", batch(&seen.before));
            return self.head(seen, depth, "", &what);
        }
        self.head(seen, depth, &took(seen.took), &became(seen));
        self.beneath(at, seen, depth);
    }

    /// Makes the step around the next one the last one again: one that was left goes on.
    fn go_on(&mut self, within: Option<usize>) {
        let Some(around) = within else { return self.open.clear() };
        if let Some(at) = self.open.iter().position(|open| *open == around) {
            self.open.truncate(at + 1);
            return;
        }
        if let Some(seen) = self.steps.get(around) {
            self.go_on(seen.within);
            let depth = self.tree.depth(around);
            match self.tree.runs_beyond(around, self.before_answer, self.steps) {
                true => {
                    self.head(seen, depth, &took(seen.took), &became(seen));
                    self.beneath(around, seen, depth);
                }
                false => self.head(seen, depth, "", "goes on"),
            }
        }
        self.paths.remove(&within);
        self.open.push(around);
    }

    fn head(&mut self, seen: &Seen, depth: usize, time: &str, what: &str) {
        let (places, titles) = (self.places, self.titles.saturating_sub(depth * INDENT));
        let title = self.shown.short(&self.shown.strike(&seen.text), titles.max(SHORTEST));
        let (place, indent) = (place(seen), depth * INDENT);
        self.line(&format!("{place:places$}  {:indent$}{title:titles$}  {time:>9}  {what}", ""));
    }

    /// The documents and properties that a step changed, or how it failed.
    fn beneath(&mut self, at: usize, seen: &'a Seen, depth: usize) {
        let changes_nothing = seen.after.is_empty() || same_bodies(&seen.before, &seen.after);
        if seen.failure.is_some() || seen.took.is_none() || changes_nothing {
            self.unseen(&seen.before, depth);
        } else {
            self.documents("before", &seen.before, self.margin(depth));
            self.documents("after", &seen.after, self.margin(depth));
        }
        if let Some(failure) = &seen.failure {
            if !self.tree.fails_within(at, failure, self.steps) {
                let told = failure.log.as_deref().unwrap_or(&failure.message);
                let lines = self.shown.body(told.as_bytes());
                self.item(depth, "why", &lines);
            }
        } else if seen.took.is_some() {
            self.properties(at, seen, depth);
        }
    }

    fn properties(&mut self, at: usize, seen: &'a Seen, depth: usize) {
        let most = self.shown.most();
        let changes = self.tree.changes(at, seen);
        for (document, name, value) in changes.iter().take(most) {
            let of = match (seen.after.len(), document) {
                (2.., Some(document)) => format!(" in document {}", document + 1),
                _ => String::new(),
            };
            let name = (*name).to_owned();
            self.property(depth, &name, *value, &of);
        }
        if changes.len() > most {
            self.item(depth, "", &[format!("... and {} more", changes.len() - most)]);
        }
    }

    fn property(&mut self, depth: usize, name: &str, value: Option<&str>, of: &str) {
        let line = match value {
            Some(value) => format!("{name} = {}{of}", self.shown.quoted(value)),
            None => format!("{name} is gone{of}"),
        };
        self.item(depth, "sets", &[line]);
    }

    /// Shows documents that no earlier step has shown.
    fn unseen(&mut self, documents: &[Document], depth: usize) {
        if self.shown.known(documents).is_none() {
            self.documents("with", documents, self.margin(depth));
        }
    }

    fn documents(&mut self, word: &str, documents: &[Document], margin: usize) {
        let mut lines = match self.shown.known(documents) {
            Some(numbers) => vec![numbers],
            None => {
                let most = self.shown.most();
                documents.iter().take(most).flat_map(|document| self.shown.document(document)).collect()
            }
        };
        let more = documents.len().saturating_sub(self.shown.most());
        if more > 0 {
            lines.push(format!("... and {more} more"));
        }
        self.lines(margin, word, &lines);
    }

    fn item(&mut self, depth: usize, word: &str, lines: &[String]) {
        self.lines(self.margin(depth), word, lines);
    }

    /// Lines behind a word that stands beside the first.
    fn lines(&mut self, margin: usize, word: &str, lines: &[String]) {
        for (at, line) in lines.iter().enumerate() {
            let word = if at == 0 { word } else { "" };
            self.line(&format!("{:margin$}    {word:<8}{line}", ""));
        }
    }

    fn answer(&mut self, ran: &Ran) {
        if ran.before_answer > 0 {
            self.out.push('\n');
        }
        if let Some(failure) = &ran.failure {
            self.failed("failed", failure);
            self.out.push('\n');
        }
        let answer = &ran.answer;
        let of = match (&ran.failure, ran.returned) {
            (Some(_), _) => String::new(),
            (None, 0) => ", without documents".to_owned(),
            (None, 1) => ", of 1 document".to_owned(),
            (None, count) => format!(", of {count} documents"),
        };
        self.line(&format!("answer  {}{of}", answer.status));
        let headers: Vec<String> = answer
            .headers
            .iter()
            .map(|(name, value)| (name, String::from_utf8_lossy(value.as_bytes())))
            .map(|(name, value)| printable(&self.shown.strike(&format!("{name}: {value}"))))
            .collect();
        for line in headers.into_iter().chain(self.shown.body(&answer.body)) {
            self.line(&format!("        {line}"));
        }
    }

    /// A failure with its way, its place, whose fault it is and whether trying again may help.
    fn failed(&mut self, word: &str, failure: &Failure) {
        let way = failure.steps.join(" > ");
        let at = failure.place.as_ref().map(|place| format!("at {place}: ")).unwrap_or_default();
        let way = if way.is_empty() { "before the first step".to_owned() } else { format!("{at}{way}") };
        self.line(&printable(&self.shown.strike(&format!("{word}  {way}"))));
        let fault = match failure.blame {
            Blame::Client => "the caller's fault",
            Blame::Gateway => "the gateway's fault",
            Blame::Upstream => "the fault of a system that was called",
        };
        let again = if failure.retriable { "trying again may help" } else { "trying again does not help" };
        let mut told = vec![format!("{fault} ({}); {again}", failure.code)];
        told.extend(self.shown.body(failure.log.as_deref().unwrap_or(&failure.message).as_bytes()));
        for line in told {
            self.line(&format!("        {line}"));
        }
    }
}

fn place(seen: &Seen) -> String {
    format!("{}:{}", seen.place.file, seen.place.line)
}

fn took(took: Option<Duration>) -> String {
    match took {
        None => "cancelled".to_owned(),
        Some(time) if time >= Duration::from_secs(1) => format!("{:.1} s", time.as_secs_f64()),
        Some(time) => format!("{:.1} ms", time.as_secs_f64() * 1000.0),
    }
}

/// What became of a step's documents.
fn became(seen: &Seen) -> String {
    let before = batch(&seen.before);
    let after = match (&seen.failure, seen.took) {
        (Some(failure), _) => format!("failed: {}", printable(&failure.code)),
        (None, None) => return before,
        (None, Some(_)) if same_bodies(&seen.before, &seen.after) => "unchanged".to_owned(),
        (None, Some(_)) => batch(&seen.after),
    };
    format!("{before} -> {after}")
}
