//! Cancelling what runs on a connection, on the server itself: by another connection, or by a flag that SQLite looks at.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::time::timeout;

use super::{Place, Spec, mysql, postgres};

/// How long cancelling may take, connecting included.
const LONGEST: Duration = Duration::from_secs(5);

/// What stops what runs on a connection.
#[derive(Debug, Clone)]
pub(super) enum Stop {
    /// The process of the server.
    Postgres(i32),
    /// The number of the connection.
    MySql(u64),
    /// What the progress handler looks at.
    Sqlite(Arc<AtomicBool>),
}

impl Stop {
    /// Stops it. The connection is not used again: what comes late must not stop the next statement.
    pub(super) async fn stop(&self, spec: &Spec) {
        let stopped = timeout(LONGEST, Box::pin(self.tell(spec))).await;
        if !matches!(stopped, Ok(Ok(()))) {
            tracing::warn!(
                "a statement could not be cancelled on the server: its connection is closed instead"
            );
        }
    }

    async fn tell(&self, spec: &Spec) -> Result<(), super::SqlError> {
        match (self, &spec.place) {
            (Self::Postgres(process), Place::Postgres(address)) => {
                postgres::cancel(address, spec.tls.as_ref(), *process).await
            }
            (Self::MySql(process), Place::MySql(address)) => {
                mysql::cancel(address, spec.tls.as_ref(), *process).await
            }
            (Self::Sqlite(flag), _) => {
                flag.store(true, Ordering::Relaxed);
                Ok(())
            }
            _ => Ok(()),
        }
    }
}
