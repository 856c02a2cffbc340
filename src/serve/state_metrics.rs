//! What the state holds and did, read when somebody asks.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;

use crate::state::store::Tally;

/// The metrics of the state.
#[derive(Debug)]
pub(super) struct StateMetrics(pub(super) Arc<Tally>);

/// Nanoseconds in a second.
const NANOSECONDS: f64 = 1e9;

impl StateMetrics {
    fn shown(&self) -> [(&'static str, &'static str, Box<dyn EncodeMetric>); 8] {
        let gauge = |value: i64| Box::new(ConstGauge::new(value)) as Box<dyn EncodeMetric>;
        let counter = |value: u64| Box::new(ConstCounter::new(value)) as Box<dyn EncodeMetric>;
        let tally = &self.0;
        #[allow(clippy::cast_precision_loss, reason = "a sum of seconds needs no last digit")]
        let seconds = tally.nanoseconds.load(Relaxed) as f64 / NANOSECONDS;
        [
            ("state_entries", "Values that are kept", gauge(tally.entries.load(Relaxed))),
            ("state_bytes", "Bytes of the values that are kept", gauge(tally.bytes.load(Relaxed))),
            ("state_puts", "Values that were put", counter(tally.puts.load(Relaxed))),
            ("state_gets", "Values that were asked for", counter(tally.gets.load(Relaxed))),
            ("state_expired", "Values that have ended", counter(tally.expired.load(Relaxed))),
            ("state_evicted", "Values that went for want of room", counter(tally.evicted.load(Relaxed))),
            ("state_errors", "Calls of the state that failed", counter(tally.errors.load(Relaxed))),
            ("state_seconds", "Time the state has worked", Box::new(ConstCounter::new(seconds))),
        ]
    }
}

impl Collector for StateMetrics {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        for (name, help, value) in self.shown() {
            value.encode(encoder.encode_descriptor(name, help, None, value.metric_type())?)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::metrics::Metrics;
    use super::*;

    #[test]
    fn the_state_is_shown() {
        let metrics = Metrics::default();
        metrics.state.entries.store(3, Relaxed);
        metrics.state.puts.store(7, Relaxed);
        metrics.state.nanoseconds.store(1_500_000_000, Relaxed);
        let text = metrics.text(1, 1);
        for line in [
            "# TYPE soapstone_state_entries gauge",
            "soapstone_state_entries 3",
            "soapstone_state_puts_total 7",
            "soapstone_state_evicted_total 0",
            "soapstone_state_seconds_total 1.5",
        ] {
            assert!(text.contains(line), "{line} in\n{text}");
        }
    }
}
