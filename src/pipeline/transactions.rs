//! The transactions that are open around a step: statements for their databases run in them.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use crate::sql::{Database, Transaction};

/// Open transactions, each with its database. A part of a run begins with those of the whole; work that nobody
/// waits for begins with none.
#[derive(Debug, Clone, Default)]
pub struct Transactions(RefCell<Vec<(Arc<Database>, Rc<Transaction>)>>);

impl Transactions {
    /// The transaction of a database.
    pub fn of(&self, database: &Arc<Database>) -> Option<Rc<Transaction>> {
        let all = self.0.borrow();
        let found = all.iter().find(|(own, _)| Arc::ptr_eq(own, database));
        found.map(|(_, transaction)| Rc::clone(transaction))
    }

    /// Opens one until the guard is dropped.
    pub fn enter(&self, database: &Arc<Database>, transaction: &Rc<Transaction>) -> Entered<'_> {
        self.0.borrow_mut().push((Arc::clone(database), Rc::clone(transaction)));
        Entered { all: self, database: Arc::clone(database) }
    }
}

/// A transaction that is open, until this is dropped.
#[derive(Debug)]
pub struct Entered<'a> {
    all: &'a Transactions,
    database: Arc<Database>,
}

impl Drop for Entered<'_> {
    fn drop(&mut self) {
        self.all.0.borrow_mut().retain(|(own, _)| !Arc::ptr_eq(own, &self.database));
    }
}
