//! How statements get to their database, and what a failed one is to a process.

use std::sync::Arc;

use compact_str::ToCompactString as _;
use hyper::StatusCode;

use crate::document::Document;
use crate::pipeline::failure::{Blame, Failure};
use crate::pipeline::run::Run;
use crate::pipeline::systems;
use crate::source::Place;
use crate::sql::{Answer, Database, Kind, Pool, SqlError, Task};

/// Runs statements: in the transaction around the step, or on a connection of their own. `place` says where in the file
/// stands what a database complains about.
pub async fn perform(
    run: &Run,
    database: &Arc<Database>,
    task: Task,
    place: impl Fn(&SqlError) -> Option<Place>,
) -> Result<Vec<Answer>, Failure> {
    let outcome = match run.transactions.of(database) {
        Some(transaction) => transaction.run(task).await,
        None => pool(run, database)?.run(task).await,
    };
    outcome.map_err(|error| match place(&error) {
        Some(place) => failure(&error).at(&place),
        None => failure(&error),
    })
}

/// The connections of a database.
pub fn pool(run: &Run, database: &Database) -> Result<Arc<Pool>, Failure> {
    let outside = systems::outside(run, &database.name)?;
    outside.shared.databases.open(database).map_err(|error| failure(&error))
}

/// The document with how many rows a statement changed.
pub fn affected(mut document: Document, count: u64) -> Document {
    document.properties.set("database.affected", count.to_compact_string());
    document
}

/// What a failed statement is to a process. What the database says is for the log alone.
pub fn failure(error: &SqlError) -> Failure {
    let upstream = |status, code: &str, message: &str| {
        let mut failure = Failure::new(Blame::Upstream, status, code, message);
        failure.retriable =
            matches!(error.kind, Kind::Unreachable | Kind::Timeout | Kind::Serialization | Kind::Stale);
        failure
    };
    let unavailable = StatusCode::SERVICE_UNAVAILABLE;
    let failure = match error.kind {
        Kind::Unreachable | Kind::Lost | Kind::Refused => {
            upstream(unavailable, "database-unreachable", "A database that is needed cannot be reached.")
        }
        Kind::Timeout => {
            upstream(StatusCode::GATEWAY_TIMEOUT, "database-timeout", "A database took longer than it may.")
        }
        Kind::Conflict => upstream(
            StatusCode::CONFLICT,
            "database-conflict",
            "What was to be written conflicts with what is there.",
        ),
        Kind::Serialization => upstream(
            unavailable,
            "database-serialization",
            "Others were writing the same at this moment. Try again.",
        ),
        Kind::Statement | Kind::Stale => upstream(
            StatusCode::BAD_GATEWAY,
            "database-statement",
            "A database did not do what it was asked for.",
        ),
        Kind::Value => upstream(
            StatusCode::UNPROCESSABLE_ENTITY,
            "database-value",
            "A value does not fit what the database holds.",
        ),
        Kind::Rows => upstream(
            StatusCode::BAD_GATEWAY,
            "database-rows",
            "A database gave rows of another form than is expected of it.",
        ),
        Kind::TooMuch => Failure::internal("too-much", ""),
        Kind::RolledBack => Failure::internal("database-rolled-back", ""),
    };
    failure.log(error.text.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_caller_never_reads_what_the_database_says() {
        for (kind, status, retriable) in [
            (Kind::Unreachable, 503, true),
            (Kind::Lost, 503, false),
            (Kind::Refused, 503, false),
            (Kind::Timeout, 504, true),
            (Kind::Conflict, 409, false),
            (Kind::Serialization, 503, true),
            (Kind::Statement, 502, false),
            (Kind::Stale, 502, true),
            (Kind::Value, 422, false),
            (Kind::Rows, 502, false),
            (Kind::TooMuch, 500, false),
            (Kind::RolledBack, 500, false),
        ] {
            let failure = failure(&SqlError::new(kind, "relation \"secret\" is gone"));
            assert_eq!((failure.status.as_u16(), failure.retriable), (status, retriable), "{kind:?}");
            assert!(!failure.message.contains("secret"));
            assert_eq!(failure.log.as_deref(), Some("relation \"secret\" is gone"));
        }
    }
}
