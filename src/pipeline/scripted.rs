//! A script as a step or map holds it: its number, and where each part of it stands in `gateway.kdl`.

use std::time::Instant;

use compact_str::CompactString;
use hyper::StatusCode;

use super::failure::{Blame, Failure};
use super::property::Property;
use super::run::Run;
use crate::document::Document;
use crate::document::value::Value;
use crate::script::{FailureKind, Input, It, Others, PropertySource, ScriptFailure, ScriptId};
use crate::source::Lines;

/// A compiled script with its places.
#[derive(Debug, Clone)]
pub struct Scripted {
    /// Its number in the gateway's set.
    pub id: ScriptId,
    /// Where its parts stand in the file.
    pub lines: Lines,
}

/// The properties a script reads: those of the run and of the document at hand.
struct Properties<'a> {
    run: &'a Run,
    document: &'a Document,
}

impl PropertySource for Properties<'_> {
    fn property(&self, name: &str) -> Option<CompactString> {
        Property::parse(name).ok()?.get(self.run, self.document)
    }

    fn each(&self, take: &mut dyn FnMut(&str, &str)) {
        for (name, value) in self.document.properties.iter() {
            take(name, value);
        }
    }
}

impl Scripted {
    /// Runs it as an expression. `source` and `doc` are both the document at hand.
    ///
    /// # Errors
    /// It fails, throws or passes a bound; the place is that of the fault in `gateway.kdl`.
    pub fn value(&self, run: &Run, document: &Document, it: It<'_>) -> Result<Value, Failure> {
        self.value_with(run, document, it, None)
    }

    /// The same with documents under names of their own.
    ///
    /// # Errors
    /// As [`Scripted::value`]; also when it mentions one of them that cannot be read.
    pub fn value_with(
        &self,
        run: &Run,
        document: &Document,
        it: It<'_>,
        others: Option<&dyn Others>,
    ) -> Result<Value, Failure> {
        let properties = Properties { run, document };
        let input = Self::input(run, document, it, others, &properties);
        run.execution.around.scripts.eval(self.id, &input).map_err(|failure| self.failed(&failure, run))
    }

    /// Runs it as statements over a tree, which it may change; `others` are documents under names of their own.
    ///
    /// # Errors
    /// As [`Scripted::value`].
    pub fn change(
        &self,
        run: &Run,
        document: &Document,
        tree: crate::document::tree::Element,
        others: Option<&dyn Others>,
    ) -> Result<crate::document::tree::Element, Failure> {
        let properties = Properties { run, document };
        let input = Self::input(run, document, It::None, others, &properties);
        run.execution
            .around
            .scripts
            .change(self.id, tree, &input)
            .map_err(|failure| self.failed(&failure, run))
    }

    fn input<'a>(
        run: &'a Run,
        document: &'a Document,
        it: It<'a>,
        others: Option<&'a dyn Others>,
        properties: &'a Properties<'a>,
    ) -> Input<'a> {
        Input {
            source: Some(document),
            doc: Some(document),
            it,
            others,
            properties: Some(properties),
            execution: Some(&run.execution.ongoing),
            deadline: Some(run.deadline()),
        }
    }

    /// What a caller may read of it is only what the script itself threw.
    fn failed(&self, failure: &ScriptFailure, run: &Run) -> Failure {
        let place = self.lines.place(failure.offset.unwrap_or(0));
        let log = format!("the script failed: {}", failure.message);
        let made = match failure.kind {
            FailureKind::Thrown => Failure::new(
                Blame::Gateway,
                StatusCode::INTERNAL_SERVER_ERROR,
                "thrown",
                failure.message.clone(),
            )
            .thrown(),
            // Its own time is longer than what was left of the request's.
            FailureKind::Limit if Instant::now() >= run.deadline() => run.late().log(log),
            FailureKind::Limit => Failure::internal("script-limit", log),
            FailureKind::Runtime => Failure::internal("script-failed", log),
        };
        match place {
            Some(place) => made.at(&place),
            None => made,
        }
    }
}
