//! What calls of servers did, read when somebody asks.

use std::fmt;
use std::sync::Arc;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;

use crate::client::{Counts, Kind, State};
use crate::pipeline::systems::Shared;

/// The metrics of every server that was called; one that went away with a reload is not shown any more.
#[derive(Debug)]
pub(super) struct ServerMetrics(pub(super) Arc<Shared>);

/// What is shown of a server.
type Shown = (&'static str, &'static str, fn(&Counts) -> Box<dyn EncodeMetric>);

const SHOWN: [Shown; 5] = [
    ("server_rejected", "Calls that were not made, because every address was left alone", |of| {
        counter(of.rejected)
    }),
    ("server_retries", "Attempts after the first of a call", |of| counter(of.retries)),
    ("server_connections", "Connections that were opened", |of| counter(of.connections)),
    ("server_seconds", "Time that answered attempts took", |of| {
        Box::new(ConstCounter::new(seconds(of.micros)))
    }),
    ("server_addresses_open", "Addresses that are left alone now", |of| {
        Box::new(ConstGauge::new(i64::try_from(of.open).unwrap_or(i64::MAX)))
    }),
];

/// How attempts end: the value of the label `outcome`, and their number.
type Outcome = (&'static str, fn(&Counts) -> u64);

const OUTCOMES: [Outcome; 4] = [
    ("answered", |of| of.answered),
    (Kind::Transport.as_str(), |of| of.transport),
    (Kind::Timeout.as_str(), |of| of.timeout),
    (Kind::Security.as_str(), |of| of.security),
];

fn counter(value: u64) -> Box<dyn EncodeMetric> {
    Box::new(ConstCounter::new(value))
}

#[allow(clippy::cast_precision_loss, reason = "a sum of seconds needs no last digit")]
fn seconds(micros: u64) -> f64 {
    micros as f64 / 1e6
}

impl Collector for ServerMetrics {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        let all = self.0.clients.each(State::counts);
        let Some((_, first)) = all.first() else { return Ok(()) };
        let (name, help) = ("server_attempts", "Attempts to call a server, by how they ended");
        let kind = ConstCounter::new(0_u64).metric_type();
        let mut family = encoder.encode_descriptor(name, help, None, kind)?;
        for (server, counts) in &all {
            for (outcome, of) in OUTCOMES {
                let labels = [("server", &**server), ("outcome", outcome)];
                ConstCounter::new(of(counts)).encode(family.encode_family(&labels)?)?;
            }
        }
        for (name, help, of) in SHOWN {
            let mut family = encoder.encode_descriptor(name, help, None, of(first).metric_type())?;
            for (server, counts) in &all {
                let labels = [("server", &**server)];
                of(counts).encode(family.encode_family(&labels)?)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::metrics::Metrics;
    use super::*;

    #[test]
    fn each_server_that_was_called_is_shown_under_its_name() {
        let mut metrics = Metrics::default();
        let systems = Arc::new(Shared::default());
        metrics.watch_systems(&systems);
        assert!(!metrics.text(1, 1).contains("server"), "none was called yet");
        systems.clients.open(&Arc::from("crm"));
        let text = metrics.text(1, 1);
        for line in [
            "# TYPE soapstone_server_attempts counter",
            r#"soapstone_server_attempts_total{server="crm",outcome="answered"} 0"#,
            r#"soapstone_server_attempts_total{server="crm",outcome="security"} 0"#,
            r#"soapstone_server_rejected_total{server="crm"} 0"#,
            r#"soapstone_server_seconds_total{server="crm"} 0.0"#,
            "# TYPE soapstone_server_addresses_open gauge",
            r#"soapstone_server_addresses_open{server="crm"} 0"#,
        ] {
            assert!(text.contains(line), "{line} in\n{text}");
        }
    }
}
