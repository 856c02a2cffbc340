//! The model: what the manual says of each step, as plainly as can be.

use std::collections::HashMap;

use super::program::{Program, Step};

/// A document: its number, what was tagged on it, and the failure it was caught with.
#[derive(Debug, Clone, PartialEq)]
pub struct Doc {
    id: String,
    tag: String,
    error: String,
}

impl Doc {
    pub fn new(id: &str) -> Self {
        Self { id: id.to_owned(), tag: String::new(), error: String::new() }
    }
}

/// What is left when all has run.
#[derive(Debug, PartialEq, Default)]
pub struct Effects {
    pub log: String,
    pub out: String,
    pub header: String,
    pub failed: Option<String>,
    pub caught: u32,
}

/// How a path ends that does not run to its end.
enum End {
    Failed(String),
    StopAll,
    /// The process does more than is worth a test.
    TooMuch,
}

type Docs = Vec<Doc>;

/// What one process gathers for its caller.
#[derive(Clone, Default)]
struct Answer {
    returned: Docs,
    header: String,
}

struct Machine<'a> {
    program: &'a Program,
    log: String,
    runs: HashMap<u8, String>,
    caught: u32,
    /// Documents that have gone through steps.
    worked: usize,
}

/// Documents that may go through steps: branches within branches multiply them.
const MOST: usize = 2_000;

/// The effects of a program; `None` for one that does too much.
pub fn run(program: &Program) -> Option<Effects> {
    let documents = ["0", "1", "2"].map(Doc::new);
    let mut machine = Machine { program, log: String::new(), runs: HashMap::new(), caught: 0, worked: 0 };
    let mut answer = Answer::default();
    let mut effects = Effects::default();
    match machine.call(0, documents.to_vec(), &mut answer) {
        Ok(out) => effects.out = out.iter().map(|doc| format!("{}:{},", doc.id, doc.tag)).collect(),
        Err(End::Failed(message)) => effects.failed = Some(message),
        Err(End::TooMuch) => return None,
        Err(End::StopAll) => unreachable!("it ends at the process that it stands in"),
    }
    effects.header = answer.header;
    (effects.log, effects.caught) = (machine.log, machine.caught);
    Some(effects)
}

impl Machine<'_> {
    /// A process called with documents: what goes on behind the call.
    fn call(&mut self, process: usize, docs: Docs, answer: &mut Answer) -> Result<Docs, End> {
        if docs.is_empty() {
            return Ok(docs);
        }
        let mut own = Answer { returned: Docs::new(), header: answer.header.clone() };
        let end = match self.path(process, &self.program.0[process], docs, &mut own) {
            Ok(end) => end,
            Err(End::StopAll) => Docs::new(),
            Err(end) => return Err(end),
        };
        answer.header = own.header;
        Ok(if self.program.returns(process) { own.returned } else { end })
    }

    fn path(&mut self, process: usize, path: &[Step], docs: Docs, answer: &mut Answer) -> Result<Docs, End> {
        let mut docs = docs;
        for step in path {
            if docs.is_empty() {
                break;
            }
            self.worked += docs.len();
            if self.worked > MOST {
                return Err(End::TooMuch);
            }
            docs = self.step(process, step, docs, answer)?;
        }
        Ok(docs)
    }

    fn step(&mut self, process: usize, step: &Step, docs: Docs, answer: &mut Answer) -> Result<Docs, End> {
        match step {
            Step::Branch(paths) => {
                let mut out = Docs::new();
                for path in paths {
                    out.extend(self.path(process, path, docs.clone(), answer)?);
                }
                Ok(out)
            }
            Step::Decision(below, then, other) => {
                let (yes, no): (Docs, Docs) =
                    docs.into_iter().partition(|doc| doc.id.parse::<u8>().unwrap() < *below);
                let mut out = self.path(process, then, yes, answer)?;
                out.extend(self.path(process, other.as_deref().unwrap_or_default(), no, answer)?);
                Ok(out)
            }
            Step::Route(cases, default) => {
                let mut out = Docs::new();
                let case = |doc: &Doc| doc.id.parse::<usize>().unwrap().min(cases.len());
                let of = |at: usize| docs.iter().filter(|doc| case(doc) == at).cloned().collect::<Docs>();
                for (at, path) in cases.iter().enumerate() {
                    out.extend(self.path(process, path, of(at), answer)?);
                }
                let others = of(cases.len());
                out.extend(self.path(process, default.as_deref().unwrap_or_default(), others, answer)?);
                Ok(out)
            }
            Step::Try { retry, body, catch } => {
                self.attempts(process, *retry, body, catch.as_deref(), docs, answer)
            }
            // One document at a time, in order: at the same time it comes to the same, since nothing is marked there.
            Step::ForEach(path) | Step::Parallel(_, path) => {
                let mut out = Docs::new();
                for doc in docs {
                    out.extend(self.path(process, path, vec![doc], answer)?);
                }
                Ok(out)
            }
            Step::Call { further, each } => {
                let to = process + 1 + usize::from(*further);
                if !each {
                    return self.call(to, docs, answer);
                }
                let mut out = Docs::new();
                for doc in docs {
                    out.extend(self.call(to, vec![doc], answer)?);
                }
                Ok(out)
            }
            leaf => self.leaf(leaf, docs, answer),
        }
    }

    /// A step without paths inside it.
    fn leaf(&mut self, step: &Step, docs: Docs, answer: &mut Answer) -> Result<Docs, End> {
        match step {
            Step::Mark(n) => {
                for doc in &docs {
                    self.log.push_str(&format!("{n}:{}{}{};", doc.id, doc.tag, doc.error));
                }
                Ok(docs)
            }
            Step::Tag(n) => {
                Ok(docs.into_iter().map(|doc| Doc { tag: format!("{}{n}", doc.tag), ..doc }).collect())
            }
            Step::Header(n) => {
                answer.header = n.to_string();
                Ok(docs)
            }
            Step::Flaky(n, runs) => {
                // A `set` runs for each document before the `decision` looks at any.
                let ran = self.runs.entry(*n).or_default();
                docs.iter().for_each(|_| ran.push('x'));
                match ran.len() <= usize::from(*runs) {
                    true => Err(End::Failed(format!("flaky{n}"))),
                    false => Ok(docs),
                }
            }
            Step::Throw(n) => Err(End::Failed(format!("thrown{n}"))),
            Step::Return => {
                answer.returned.extend(docs);
                Ok(Docs::new())
            }
            Step::Stop => Ok(Docs::new()),
            Step::StopAll => Err(End::StopAll),
            _ => unreachable!("a step with paths inside it"),
        }
    }

    fn attempts(
        &mut self,
        process: usize,
        retry: u8,
        body: &[Step],
        catch: Option<&[Step]>,
        docs: Docs,
        answer: &mut Answer,
    ) -> Result<Docs, End> {
        let mut last = String::new();
        for _ in 0..=retry {
            let before = answer.clone();
            match self.path(process, body, docs.clone(), answer) {
                Ok(out) => return Ok(out),
                Err(End::Failed(message)) => last = message,
                Err(end) => return Err(end),
            }
            *answer = before;
        }
        let Some(catch) = catch else { return Err(End::Failed(last)) };
        self.caught += 1;
        let docs = docs.into_iter().map(|doc| Doc { error: last.clone(), ..doc }).collect();
        self.path(process, catch, docs, answer)
    }
}
