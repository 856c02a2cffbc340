//! The `transaction` step: the statements for a database in it hold together, or not at all.

use std::rc::Rc;
use std::sync::Arc;

use crate::kind::step::{DeclaredPath, DeclaredStep, Facts, StepKind};
use crate::kind::{Compiling, Here, Kinds, Manual};
use crate::pipeline::failure::End;
use crate::pipeline::run::Run;
use crate::pipeline::step::{Documents, Outcome, Path, Step, Work};
use crate::source::{Finding, Span, Spanned};
use crate::sql::Database;
use crate::step::database::{failure, pool};
use crate::syntax::Node;

/// The kind.
pub const KIND: StepKind = StepKind {
    manual: Manual {
        name: "transaction",
        summary: "lets the statements for a database in it hold together, or not at all",
        usage: "transaction DATABASE { STEP... }",
        text: "All steps `database` for that database in it, those of processes that it calls and waits for included, run on one connection. At its \
               end everything they wrote is committed, once and for all documents; when a step fails, whichever, everything is rolled back, and \
               the failure goes on. A statement that fails ends the transaction even where a `try` in it catches that: further \
               statements fail with database-rolled-back, so put the `try` around the `transaction`. In a `parallel` the \
               statements take turns. What is called with wait=#false is not in it. A process that is called from within one and has a \
               `transaction` of the same database itself joins the one around the call. The answer does not leave before the commit. `stop` and `return` in it commit. \
               It holds a connection until its end: keep what waits for others out of it, and bound it by timeout=, at which it is rolled back. A deadlock \
               fails with database-serialization, and `try retry=` around it runs all of it again.",
        example: "try retry=2 backoff=\"100ms\" {\n    transaction erp {\n        database erp exec=\"delete from lines where id = 1\"\n        database erp exec=\"delete from orders where id = 1\"\n    }\n    catch { throw \"not now\" status=503 }\n}",
    },
    read,
};

#[derive(Debug)]
struct Declared {
    span: Span,
    database: Spanned<String>,
    path: DeclaredPath,
}

#[derive(Debug)]
struct Transaction {
    database: Arc<Database>,
    path: Path,
}

fn read(mut node: Node<'_>, kinds: &Kinds) -> Option<Box<dyn DeclaredStep>> {
    let span = node.name_span();
    let database = node.argument("database's name");
    let path = DeclaredPath { span, ..DeclaredPath::read(node.children(), kinds) };
    node.finish();
    Some(Box::new(Declared { span, database: database?, path }))
}

impl Declared {
    fn check(&self, compiling: &Compiling<'_>) {
        let name = &self.database.value;
        let is_own = |given: Option<&Spanned<String>>| given.is_some_and(|given| given.value == *name);
        if self.path.any(&|facts| is_own(facts.transaction)) {
            let message = format!("a `transaction` of `{name}` stands in another one of it");
            let finding = Finding::error("nested-transaction", self.span, message);
            compiling.report(finding.help("remove the inner one: its steps hold or fall with the outer one"));
        }
        let calls = |facts: &Facts<'_>| facts.calls.iter().any(|(_, waits)| *waits);
        if !self.path.is_broken() && !self.path.any(&|facts| is_own(facts.database) || calls(facts)) {
            let message = format!("no step in this `transaction` is a statement for `{name}`");
            let finding = Finding::warning("empty-transaction", self.span, message);
            compiling
                .report(finding.help("put the `database` steps that belong together into it, or remove it"));
        }
    }
}

impl DeclaredStep for Declared {
    fn facts(&self) -> Facts<'_> {
        Facts { inner: vec![&self.path], transaction: Some(&self.database), ..Facts::default() }
    }

    fn compile(&self, here: &mut Here, compiling: &Compiling<'_>) -> Option<Box<dyn Step>> {
        self.check(compiling);
        let database = compiling.database(&self.database);
        let path = self.path.compile(here, compiling);
        Some(Box::new(Transaction { database: database?, path: path? }))
    }
}

impl Transaction {
    async fn all(&self, run: &Run, documents: Documents) -> Outcome {
        let stands_in = run.execution.stand_in(&self.database.name).is_some();
        if stands_in || run.transactions.of(&self.database).is_some() {
            return run.path(&self.path, documents).await;
        }
        let begun = pool(run, &self.database)?.begin().await;
        let transaction = Rc::new(begun.map_err(|error| failure(&error))?);
        // What the steps return is no answer before it is committed.
        let hold = run.hold();
        let entered = run.transactions.enter(&self.database, &transaction);
        let outcome = run.path(&self.path, documents).await;
        drop(entered);
        if outcome.as_ref().is_err_and(|failure| failure.end != End::Stop) {
            transaction.roll_back().await;
            return outcome;
        }
        transaction.commit().await.map_err(|error| failure(&error))?;
        drop(hold);
        outcome
    }
}

impl Step for Transaction {
    fn run<'a>(&'a self, run: &'a Run, documents: Documents) -> Work<'a> {
        Work::Later(Box::pin(self.all(run, documents)))
    }
}
