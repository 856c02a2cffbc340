//! What databases were asked and how many connections to them there are, read when somebody asks.

use std::fmt;
use std::sync::Arc;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;

use crate::pipeline::systems::Shared;
use crate::sql::Counts;

/// The metrics of every database that was called; one that went away with a reload is not shown any more.
#[derive(Debug)]
pub(super) struct DatabaseMetrics(pub(super) Arc<Shared>);

/// What is shown of a database.
type Shown = (&'static str, &'static str, fn(&Counts) -> Box<dyn EncodeMetric>);

const SHOWN: [Shown; 5] = [
    ("database_statements", "Pieces of work that a database was sent", |of| counter(of.statements)),
    ("database_failures", "Those of them that failed", |of| counter(of.failures)),
    ("database_cancelled", "Those of them that were cancelled", |of| counter(of.cancelled)),
    ("database_connections", "Open connections to a database", |of| gauge(of.open)),
    ("database_connections_used", "Those of them that are in use", |of| gauge(of.used)),
];

fn counter(value: u64) -> Box<dyn EncodeMetric> {
    Box::new(ConstCounter::new(value))
}

fn gauge(value: u64) -> Box<dyn EncodeMetric> {
    Box::new(ConstGauge::new(i64::try_from(value).unwrap_or(i64::MAX)))
}

impl Collector for DatabaseMetrics {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        let all = self.0.databases.counts();
        for (name, help, of) in SHOWN {
            let Some((_, first)) = all.first() else { return Ok(()) };
            let mut family = encoder.encode_descriptor(name, help, None, of(first).metric_type())?;
            for (database, counts) in &all {
                let labels = [("database", &**database)];
                of(counts).encode(family.encode_family(&labels)?)?;
            }
        }
        Ok(())
    }
}
