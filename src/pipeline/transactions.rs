//! The transactions that are open around a step: statements for their databases run in them.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use crate::sql::Transaction;

/// Open transactions by the names of their databases. A part of a run begins with those of the whole; work that nobody
/// waits for begins with none.
#[derive(Debug, Clone, Default)]
pub struct Transactions(RefCell<Vec<(Arc<str>, Rc<Transaction>)>>);

impl Transactions {
    /// The transaction of a database.
    pub fn of(&self, database: &str) -> Option<Rc<Transaction>> {
        let all = self.0.borrow();
        all.iter().find(|(name, _)| &**name == database).map(|(_, transaction)| Rc::clone(transaction))
    }

    /// Opens one until the guard is dropped.
    pub fn enter(&self, database: &Arc<str>, transaction: &Rc<Transaction>) -> Entered<'_> {
        self.0.borrow_mut().push((Arc::clone(database), Rc::clone(transaction)));
        Entered { all: self, database: Arc::clone(database) }
    }
}

/// A transaction that is open, until this is dropped.
#[derive(Debug)]
pub struct Entered<'a> {
    all: &'a Transactions,
    database: Arc<str>,
}

impl Drop for Entered<'_> {
    fn drop(&mut self) {
        self.all.0.borrow_mut().retain(|(name, _)| *name != self.database);
    }
}
