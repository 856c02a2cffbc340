//! What compiling a declaration may use: the names, the scripts, the findings.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};

use hyper::StatusCode;

use super::contract::RemoteContract;
use super::here::{Here, common};
use super::item::Transform;
use super::names::Names;
use super::path::Side;
use super::process::Callee;
use super::scheme::Users;
use super::statements::Prepared;
use crate::broker::Broker;
use crate::client::Server;
use crate::pipeline::contract::Fault;
use crate::pipeline::operation::{Operation, Profile};
use crate::pipeline::part;
use crate::pipeline::property::Property;
use crate::pipeline::scripted::Scripted;
use crate::script::table::Table;
use crate::script::{Bindings, Builder, ScriptKind, ScriptProblem, ScriptText, Unknown};
use crate::source::{Finding, Findings, Lines, Place, Sources, Span, Spanned, nearest};
use crate::sql::Database;
use crate::state::files::Files;
use crate::syntax::Literal;
use std::sync::Arc;

/// The properties that steps other than `set` give to documents.
const SET_BY_STEPS: &[&str] = &["database.affected", "file.name", "group.key"];

/// The properties that documents have without a step that sets them: those of steps, and of parts.
fn given<'a>() -> impl Iterator<Item = &'a str> {
    SET_BY_STEPS.iter().chain(part::ALL).copied()
}

/// The context of one compilation.
pub struct Compiling<'a> {
    /// The files.
    pub sources: &'a Sources,
    /// Where findings go.
    pub findings: &'a RefCell<Findings>,
    /// The scripts, checked as they come.
    pub scripts: RefCell<Builder>,
    /// Profiles.
    pub profiles: Names<Profile>,
    /// Maps.
    pub maps: Names<dyn Transform>,
    /// Tables.
    pub tables: Names<Table>,
    /// Faults.
    pub faults: Names<Fault>,
    /// Users.
    pub users: Names<Users>,
    /// Servers.
    pub servers: Names<Server>,
    /// The contracts of servers, by their names.
    pub contracts: BTreeMap<String, Arc<RemoteContract>>,
    /// Brokers.
    pub brokers: Names<Broker>,
    /// Databases.
    pub databases: Names<Database>,
    /// The statements of steps, for whoever asks the databases about them.
    pub statements: RefCell<Vec<Prepared>>,
    /// Processes that are declared on their own.
    pub processes: Names<Callee>,
    /// What is known of the documents that enter them, as far as what runs them is compiled.
    entered: RefCell<BTreeMap<String, Here>>,
    /// Operations.
    pub operations: Names<Operation>,
    /// The folder of files, where one is declared; `None` within for a declaration with mistakes.
    pub files: Option<Option<Arc<Files>>>,
    /// Whether a step reads or writes files.
    pub files_used: Cell<bool>,
    /// The properties of documents and executions that are read, with their first places, and those that are set.
    pub properties: RefCell<(BTreeMap<String, Span>, BTreeSet<String>)>,
    /// Whether some functions could not be read: then a script that calls an unknown one is not to blame.
    pub libraries_broken: Cell<bool>,
}

impl<'a> Compiling<'a> {
    /// Nothing is compiled yet.
    pub fn new(sources: &'a Sources, findings: &'a RefCell<Findings>) -> Self {
        Self {
            sources,
            findings,
            scripts: RefCell::new(Builder::new()),
            profiles: Names::new("profile"),
            maps: Names::new("map"),
            tables: Names::new("table"),
            faults: Names::new("fault"),
            users: Names::new("users"),
            servers: Names::new("server"),
            contracts: BTreeMap::new(),
            brokers: Names::new("broker"),
            databases: Names::new("database"),
            statements: RefCell::default(),
            processes: Names::new("process"),
            entered: RefCell::default(),
            operations: Names::new("operation"),
            files: None,
            files_used: Cell::new(false),
            properties: RefCell::default(),
            libraries_broken: Cell::new(false),
        }
    }
}

impl Compiling<'_> {
    /// Adds a finding.
    pub fn report(&self, finding: Finding) {
        self.findings.borrow_mut().push(finding);
    }

    /// Notes that a property is read.
    pub fn reads(&self, name: &str, span: Span) {
        self.properties.borrow_mut().0.entry(name.to_owned()).or_insert(span);
    }

    /// Notes that a property is set.
    pub fn sets(&self, name: &str) {
        self.properties.borrow_mut().1.insert(name.to_owned());
    }

    /// A warning for each property of documents or executions that is read, and that no step sets.
    pub fn never_set(&self) -> Vec<Finding> {
        let properties = self.properties.borrow();
        let (read, set) = &*properties;
        let own =
            |name: &str| matches!(Property::parse(name), Ok(Property::Document(_) | Property::Process(_)));
        let missing = read.iter().filter(|(name, _)| own(name) && !set.contains(*name));
        let missing =
            missing.filter(|(name, _)| !name.starts_with(part::HEADER) && given().all(|g| g != *name));
        let finding = |(name, span): (&String, &Span)| {
            let finding = Finding::warning("never-set", *span, format!("no step sets the property `{name}`"));
            let known = set.iter().map(String::as_str).chain(given());
            match nearest(name, known) {
                Some(near) => finding.help(format!("did you mean `{near}`?")),
                None => finding.help("it is always absent"),
            }
        };
        missing.map(finding).collect()
    }

    /// Line and column of a span.
    pub fn place(&self, span: Span) -> Place {
        self.sources.place(span)
    }

    /// Whether a file could not be read: what it declares is missing, and nobody is to be blamed for naming it.
    pub fn unread(&self) -> bool {
        let findings = self.findings.borrow();
        findings.has("syntax") || findings.has("unreadable-file")
    }

    fn found<T: ?Sized>(&self, result: Result<Arc<T>, Option<Finding>>) -> Option<Arc<T>> {
        match result {
            Ok(item) => Some(item),
            Err(finding) => {
                if let Some(finding) = finding.filter(|_| !self.unread()) {
                    self.report(finding);
                }
                None
            }
        }
    }

    /// Checks a script and gives it a number; `None` after a finding at the fault's own place.
    pub fn script(&self, literal: &Literal, kind: ScriptKind, bindings: Bindings) -> Option<Scripted> {
        let text: Arc<str> = Arc::from(literal.text.as_str());
        let added = self.scripts.borrow_mut().add(ScriptText { text, kind, bindings });
        match added {
            Ok(id) => Some(Scripted { id, lines: self.lines(literal) }),
            Err(problem) if problem.unknown == Some(Unknown::Function) && self.libraries_broken.get() => None,
            Err(problem) if problem.unknown == Some(Unknown::Table) && self.unread() => None,
            Err(problem) => {
                self.problem(literal, problem);
                None
            }
        }
    }

    /// Checks the texts of functions that every script may call, `None` for one that could not be read; a mistake is a
    /// finding at its own place.
    pub fn libraries<'l>(&self, literals: impl Iterator<Item = Option<&'l Literal>>) {
        let all: Vec<Option<&Literal>> = literals.collect();
        let readable: Vec<&Literal> = all.iter().copied().flatten().collect();
        let texts: Vec<&str> = readable.iter().map(|literal| literal.text.as_str()).collect();
        let found = self.scripts.borrow_mut().libraries(&texts);
        let is_missing =
            |problem: &Option<ScriptProblem>| problem.as_ref().is_some_and(|p| p.unknown.is_none());
        let broken = readable.len() < all.len() || found.iter().any(is_missing);
        self.libraries_broken.set(broken || found.iter().any(Option::is_some));
        for (literal, problem) in readable.into_iter().zip(found) {
            match problem {
                Some(problem) if broken && problem.unknown == Some(Unknown::Function) => {}
                Some(problem) => self.problem(literal, problem),
                None => {}
            }
        }
    }

    fn problem(&self, literal: &Literal, problem: ScriptProblem) {
        let start = problem.offset.unwrap_or(0).min(literal.text.len());
        let end = literal.text.get(start..).map_or(start, |rest| start + word_length(rest));
        let message = match literal.has_places() || literal.text.is_empty() {
            true => problem.message,
            false => format!("{}: {}", line_and_column(&literal.text, start), problem.message),
        };
        let finding = Finding::error("bad-script", literal.span_of(start, end), message);
        self.report(match problem.help {
            Some(help) => finding.help(help),
            None => finding,
        });
    }

    /// The place of each stretch of a text; of one without inner places, where it begins.
    pub fn lines(&self, literal: &Literal) -> Lines {
        if !literal.has_places() {
            return Lines::whole(self.place(literal.span));
        }
        let place = |start| self.place(literal.span_of(start, start));
        Lines::of(literal.text.as_str().into(), literal.stretches(), place)
    }

    /// The profile of a name; `None` after a finding.
    pub fn profile(&self, name: &Spanned<String>) -> Option<Arc<Profile>> {
        self.found(self.profiles.find(name))
    }

    /// The map of a name; `None` after a finding.
    pub fn map(&self, name: &Spanned<String>) -> Option<Arc<dyn Transform>> {
        self.found(self.maps.find(name))
    }

    /// The fault of a name; `None` after a finding.
    pub fn fault(&self, name: &Spanned<String>) -> Option<Arc<Fault>> {
        self.found(self.faults.find(name))
    }

    /// The status of a failure; `None` after a finding.
    pub fn failure_status(&self, status: &Spanned<u16>) -> Option<StatusCode> {
        let found =
            StatusCode::from_u16(status.value).ok().filter(|code| (400..600).contains(&code.as_u16()));
        if found.is_none() {
            let message = format!("{} is not the status of a failure", status.value);
            self.report(Finding::error("bad-status", status.span, message).label("expected 400 to 599"));
        }
        found
    }

    /// The process of a name, which documents like these enter; `None` after a finding.
    pub fn process(&self, name: &Spanned<String>, document: Option<Side>, data: bool) -> Option<Arc<Callee>> {
        let callee = self.found(self.processes.find(name))?;
        let mut entered = self.entered.borrow_mut();
        let known = match entered.remove(&name.value) {
            Some(known) => (common([known.document, document]), known.data && data),
            None => (document, data),
        };
        let known = Here { document: known.0, data: known.1, ..Here::default() };
        entered.insert(name.value.clone(), known);
        Some(callee)
    }

    /// What is known of all documents that enter a process, once everything that runs it is compiled.
    pub fn entering(&self, process: &str) -> Here {
        self.entered.borrow().get(process).cloned().unwrap_or_default()
    }

    /// Whether a process sets a status or a header field of the answer.
    pub fn shapes_answer(&self, process: &str) -> bool {
        self.processes.get(process).is_some_and(|callee| callee.shapes_answer)
    }

    /// The folder of files for a step that is written there; `None` after a finding.
    pub fn files(&self, span: Span) -> Option<Arc<Files>> {
        self.files_used.set(true);
        match &self.files {
            Some(files) => files.clone(),
            None if self.unread() => None,
            None => {
                let message = "it is not said which folder the files are in";
                let finding = Finding::error("no-files", span, message);
                self.report(finding.help("declare it: files root=\"var/exchange\""));
                None
            }
        }
    }

    /// The users of a name; `None` after a finding.
    pub fn users(&self, name: &Spanned<String>) -> Option<Arc<Users>> {
        self.found(self.users.find(name))
    }

    /// The server of a name; `None` after a finding.
    pub fn server(&self, name: &Spanned<String>) -> Option<Arc<Server>> {
        self.found(self.servers.find(name))
    }

    /// The broker of a name; `None` after a finding.
    pub fn broker(&self, name: &Spanned<String>) -> Option<Arc<Broker>> {
        self.found(self.brokers.find(name))
    }

    /// The database of a name; `None` after a finding.
    pub fn database(&self, name: &Spanned<String>) -> Option<Arc<Database>> {
        self.found(self.databases.find(name))
    }

    /// The operation of a name; `None` after a finding.
    pub fn operation(&self, name: &Spanned<String>) -> Option<Arc<Operation>> {
        self.found(self.operations.find(name))
    }
}

/// The place in a text that is not part of the file.
fn line_and_column(text: &str, offset: usize) -> String {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
    format!("line {line}, column {column}")
}

/// Bytes of the word or quoted text at the start of a text, at least one character.
fn word_length(text: &str) -> usize {
    if let Some(end) = text.strip_prefix('"').and_then(|rest| rest.find(['"', '\n'])) {
        return end + 2;
    }
    let word = text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len());
    word.max(text.chars().next().map_or(0, char::len_utf8))
}
