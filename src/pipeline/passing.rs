//! Whether bodies go through an operation as they come, and if not what holds them: for the run, and for who asks beforehand.

use std::fmt;

use super::operation::{Io, Leaves, Operation};
use super::step::{LastAnswer, Path, StepNode, WithComing};

/// On what it depends where several documents may come in.
pub const MANY: &str = "number of documents";

/// What becomes of a body as the file says. A single one may be held all the same: a short one, or one in a content coding.
#[derive(Debug)]
pub enum Passing<'a> {
    /// There is none.
    Nothing,
    /// It goes on as it comes.
    Streams,
    /// All of it is waited for.
    Held(Holder<'a>),
    /// It is known only when documents are there: which path one takes in that step, or whether a single one comes out of it;
    /// without a step, whether a single one came in.
    Depends(Option<&'a StepNode>),
}

/// What holds a body.
#[derive(Debug)]
pub enum Holder<'a> {
    /// A step that reads it, or makes it.
    Step(&'a StepNode),
    /// It is a document or a list of them, which is read, checked and written as a whole.
    Document,
    /// It has parts.
    Multipart,
    /// It is a part of a SOAP message.
    Message,
    /// A state is told of it.
    Etag,
    /// The answer leaves before the process has ended: behind that step, or at once.
    Early(Option<&'a LastAnswer>),
    /// No step sends it on.
    Unsent,
}

/// What becomes of the two bodies of an exchange.
#[derive(Debug)]
pub struct Bodies<'a> {
    /// That of the request.
    pub request: Passing<'a>,
    /// That of the answer.
    pub answer: Passing<'a>,
}

impl Operation {
    /// What holds a body because the answer leaves first.
    fn leaves_early(&self) -> Option<Holder<'_>> {
        let is_early = self.leaves() != Leaves::AtTheEnd;
        is_early.then(|| Holder::Early(self.process.runs_on.as_ref()))
    }

    /// What holds a request's body, whatever the steps are.
    fn holds_request(&self) -> Option<Holder<'_>> {
        match &self.input {
            Io::None | Io::Profile { .. } => Some(Holder::Document),
            Io::Multipart { .. } => Some(Holder::Multipart),
            Io::Data { .. } => self.leaves_early(),
        }
    }

    /// What holds the body of an answer, whatever the steps are.
    fn holds_answer(&self) -> Option<Holder<'_>> {
        match &self.output {
            Io::None | Io::Profile { .. } => Some(Holder::Document),
            Io::Multipart { .. } => Some(Holder::Multipart),
            Io::Data { .. } if self.etag.is_some() => Some(Holder::Etag),
            Io::Data { .. } => self.leaves_early(),
        }
    }

    /// Whether its process sends a request's body on as it comes, before anything has looked into it.
    pub fn hands_request_on(&self) -> bool {
        self.process.path.sends_on && self.holds_request().is_none()
    }

    /// Whether a body may leave as its answer that nothing has looked into: data of which no state is told.
    pub fn hands_answer_on(&self) -> bool {
        self.holds_answer().is_none()
    }

    /// What becomes of the bodies of its exchanges, as far as the file says.
    pub fn bodies(&self) -> Bodies<'_> {
        let path = &self.process.path;
        let request = match self.holds_request() {
            _ if matches!(self.input, Io::None) => Passing::Nothing,
            Some(holder) => Passing::Held(holder),
            None => request(&path.steps),
        };
        let answer = match self.holds_answer() {
            _ if matches!(self.output, Io::None) => Passing::Nothing,
            Some(holder) => Passing::Held(holder),
            None => match path.answer() {
                // Each part of what comes in parts is a document.
                Passing::Streams if self.input.many() || matches!(self.input, Io::Multipart { .. }) => {
                    Passing::Depends(None)
                }
                passing => passing,
            },
        };
        Bodies { request, answer }
    }
}

/// What the steps do with a request's body that is still on its way.
fn request(steps: &[StepNode]) -> Passing<'_> {
    let mut steps = steps.iter();
    let Some(first) = steps.find(|node| node.step.with_coming() != WithComing::Passes) else {
        return Passing::Held(Holder::Unsent);
    };
    if first.step.with_coming() == WithComing::Reads {
        return Passing::Held(Holder::Step(first));
    }
    let behind = steps.as_slice();
    let sends = |choice: &Option<&Path>| {
        let within = choice.map_or(Passing::Held(Holder::Unsent), |path| request(&path.steps));
        match within {
            Passing::Streams => true,
            // What comes to the end of its path unsent is what the next steps get.
            Passing::Held(Holder::Unsent) => {
                choice.is_none_or(Path::gives_each) && matches!(request(behind), Passing::Streams)
            }
            _ => false,
        }
    };
    let choices = first.step.choices();
    if choices.iter().all(sends) { Passing::Streams } else { Passing::Depends(Some(first)) }
}

impl Path {
    /// What the steps do with the body of an answer that is still on its way.
    fn answer(&self) -> Passing<'_> {
        // Behind the last step that reads there is none that calls.
        let Some((last, before)) = self.steps.get(..self.untouched_from).and_then(<[StepNode]>::split_last)
        else {
            return Passing::Held(Holder::Unsent);
        };
        if !last.step.gives_coming() {
            return Passing::Held(Holder::Step(last));
        }
        let (mut streams, mut holder) = (false, None);
        let choices = last.step.choices();
        for choice in &choices {
            match choice.map_or(Passing::Held(Holder::Unsent), Path::answer) {
                Passing::Streams => streams = true,
                Passing::Held(by) => holder = holder.or(Some(by)),
                Passing::Nothing | Passing::Depends(_) => return Passing::Depends(Some(last)),
            }
        }
        match (holder, streams) {
            // Only a single document can be the answer while it comes.
            (None, _) => match before.iter().rfind(|node| !node.step.gives_each()) {
                Some(several) => Passing::Depends(Some(several)),
                None => Passing::Streams,
            },
            (Some(_), true) => Passing::Depends(Some(last)),
            (Some(Holder::Unsent), false) => Passing::Held(Holder::Step(last)),
            (Some(holder), false) => Passing::Held(holder),
        }
    }
}

impl Holder<'_> {
    /// What it is, in a word: a step's own, or what holds the body whatever the steps are.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Step(node) => node.kind,
            Self::Document => "document",
            Self::Multipart => "multipart",
            Self::Message => "SOAP message",
            Self::Etag => "etag",
            Self::Early(_) => "answer leaves early",
            Self::Unsent => "nothing sends it on",
        }
    }
}

impl fmt::Display for Passing<'_> {
    /// `streamed`, `held by validate (gateway.kdl:7:5)`, `held (document)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => f.write_str("-"),
            Self::Streams => f.write_str("streamed"),
            Self::Held(Holder::Step(node)) => write!(f, "held by {} ({})", node.kind, node.place),
            Self::Held(Holder::Early(Some(last))) => {
                write!(f, "held (answer leaves early, behind {} ({}))", last.kind, last.place)
            }
            Self::Held(holder) => write!(f, "held ({})", holder.word()),
            Self::Depends(Some(node)) => write!(f, "depends on {} ({})", node.kind, node.place),
            Self::Depends(None) => write!(f, "depends on the {MANY}"),
        }
    }
}
