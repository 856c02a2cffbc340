//! What was published to brokers, and how many connections to them there are, read when somebody asks.

use std::fmt;
use std::sync::Arc;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;

use crate::broker::{Counts, State};
use crate::pipeline::systems::Shared;

/// The metrics of every broker that something was published to; one that went away with a reload is not shown any more.
#[derive(Debug)]
pub(super) struct BrokerMetrics(pub(super) Arc<Shared>);

/// What is shown of a broker.
type Shown = (&'static str, &'static str, fn(&Counts) -> Box<dyn EncodeMetric>);

const SHOWN: [Shown; 4] = [
    ("broker_published", "Messages that a broker has confirmed", |of| counter(of.published)),
    ("broker_failures", "Messages that a broker has not confirmed", |of| counter(of.failed)),
    ("broker_connects", "Connections to a broker that were opened", |of| counter(of.connections)),
    ("broker_connected", "Connections to a broker that are open", |of| {
        Box::new(ConstGauge::new(i64::try_from(of.connected).unwrap_or(i64::MAX)))
    }),
];

fn counter(value: u64) -> Box<dyn EncodeMetric> {
    Box::new(ConstCounter::new(value))
}

impl Collector for BrokerMetrics {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        let all = self.0.brokers.each(State::counts);
        for (name, help, of) in SHOWN {
            let Some((_, first)) = all.first() else { return Ok(()) };
            let mut family = encoder.encode_descriptor(name, help, None, of(first).metric_type())?;
            for (broker, counts) in &all {
                let labels = [("broker", &**broker)];
                of(counts).encode(family.encode_family(&labels)?)?;
            }
        }
        Ok(())
    }
}
