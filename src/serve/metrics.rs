//! Metrics: what is counted, with handles that are looked up on load and never in a request.

use std::sync::Arc;
use std::time::Duration;

use hyper::StatusCode;
use prometheus_client::encoding::text;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

use super::broker_metrics::BrokerMetrics;
use super::cache_metrics::CacheMetrics;
use super::database_metrics::DatabaseMetrics;
use super::server_metrics::ServerMetrics;
use super::state_metrics::StateMetrics;
use crate::pipeline::failure::{Blame, Failure};
use crate::pipeline::systems;
use crate::state::cache::Caches;
use crate::state::store::Tally;

type Labels = Vec<(&'static str, String)>;

/// The classes of a status: the value of the label `class`.
const CLASSES: [&str; 5] = ["1xx", "2xx", "3xx", "4xx", "5xx"];

/// Upper bounds of the duration buckets in seconds.
const BUCKETS: [f64; 12] = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.1, 0.5, 2.0, 10.0];

/// Every metric of the process. They survive reloads.
#[derive(Debug)]
pub(super) struct Metrics {
    registry: Registry,
    requests: Family<Labels, Counter>,
    operations: Family<Labels, Counter>,
    durations: Family<Labels, Histogram, fn() -> Histogram>,
    in_flight: Family<Labels, Gauge>,
    connections: Family<Labels, Gauge>,
    refused: Family<Labels, Counter>,
    failures: Family<Labels, Counter>,
    reloads: Family<Labels, Counter>,
    generation: Gauge,
    generations: Gauge,
    /// Calls that run on after their answer has gone.
    pub(super) background: Gauge,
    /// Those of them that failed.
    pub(super) background_failures: Counter,
    /// Failures that a `try` has caught.
    pub(super) caught: Counter,
    /// What is kept beyond requests.
    pub(super) state: Arc<Tally>,
}

/// One listener's handles.
#[derive(Debug)]
pub(super) struct ListenerMetrics {
    requests: [Counter; 5],
    failures: [Counter; 3],
    duration: Histogram,
    /// Requests under way.
    pub(super) in_flight: Gauge,
    /// Open connections.
    pub(super) connections: Gauge,
    /// Connections that were closed because there were too many.
    pub(super) refused: Counter,
}

/// One operation's handles.
#[derive(Debug)]
pub(super) struct OperationMetrics([Counter; 5]);

impl Default for Metrics {
    fn default() -> Self {
        let mut metrics = Self {
            registry: Registry::with_prefix("soapstone"),
            requests: Family::default(),
            operations: Family::default(),
            durations: Family::new_with_constructor(|| Histogram::new(BUCKETS)),
            in_flight: Family::default(),
            connections: Family::default(),
            refused: Family::default(),
            failures: Family::default(),
            reloads: Family::default(),
            generation: Gauge::default(),
            generations: Gauge::default(),
            background: Gauge::default(),
            background_failures: Counter::default(),
            caught: Counter::default(),
            state: Arc::default(),
        };
        metrics.register();
        metrics
    }
}

impl Metrics {
    fn register(&mut self) {
        let r = &mut self.registry;
        r.register("requests", "Answered requests by listener and class of status", self.requests.clone());
        r.register("operations", "Calls by operation and class of status", self.operations.clone());
        r.register("request_duration_seconds", "From the head to the answer", self.durations.clone());
        r.register("requests_in_flight", "Requests under way", self.in_flight.clone());
        r.register("connections", "Open connections", self.connections.clone());
        r.register("connections_refused", "Connections closed at the bound", self.refused.clone());
        r.register("failures", "Failed requests by whose fault it was", self.failures.clone());
        r.register("reloads", "Reloads by result", self.reloads.clone());
        r.register("generation", "The generation that serves", self.generation.clone());
        r.register("live_generations", "Generations some request still holds", self.generations.clone());
        let failed = "Calls that failed after their answer";
        r.register("background_failures", failed, self.background_failures.clone());
        r.register("caught_failures", "Failures that a `try` has caught", self.caught.clone());
        r.register("background_runs", "Calls that run on after their answer", self.background.clone());
        r.register_collector(Box::new(StateMetrics(Arc::clone(&self.state))));
    }

    /// Shows what the caches hold and did.
    pub(super) fn watch(&mut self, caches: Arc<Caches>) {
        self.registry.register_collector(Box::new(CacheMetrics(caches)));
    }

    /// Shows what is known of the systems that are called.
    pub(super) fn watch_systems(&mut self, systems: &Arc<systems::Shared>) {
        self.registry.register_collector(Box::new(ServerMetrics(Arc::clone(systems))));
        self.registry.register_collector(Box::new(DatabaseMetrics(Arc::clone(systems))));
        self.registry.register_collector(Box::new(BrokerMetrics(Arc::clone(systems))));
    }

    /// The handles of a listener.
    pub(super) fn listener(&self, name: &str) -> Arc<ListenerMetrics> {
        let own = || vec![("listener", name.to_owned())];
        let with = |label, value: &str| vec![("listener", name.to_owned()), (label, value.to_owned())];
        let blames = [Blame::Client, Blame::Gateway, Blame::Upstream];
        Arc::new(ListenerMetrics {
            requests: CLASSES.map(|class| self.requests.get_or_create_owned(&with("class", class))),
            failures: blames.map(|blame| self.failures.get_or_create_owned(&with("blame", blame.as_str()))),
            duration: self.durations.get_or_create_owned(&own()),
            in_flight: self.in_flight.get_or_create_owned(&own()),
            connections: self.connections.get_or_create_owned(&own()),
            refused: self.refused.get_or_create_owned(&own()),
        })
    }

    /// The handles of an operation.
    pub(super) fn operation(&self, name: &str) -> OperationMetrics {
        OperationMetrics(CLASSES.map(|class| {
            let labels = vec![("operation", name.to_owned()), ("class", class.to_owned())];
            self.operations.get_or_create_owned(&labels)
        }))
    }

    /// Counts a reload: `applied`, `unchanged` or `failed`.
    pub(super) fn reload(&self, result: &str) {
        self.reloads.get_or_create(&vec![("result", result.to_owned())]).inc();
    }

    /// Everything in the OpenMetrics text format.
    pub(super) fn text(&self, generation: u64, live: usize) -> String {
        self.generation.set(i64::try_from(generation).unwrap_or(i64::MAX));
        self.generations.set(i64::try_from(live).unwrap_or(i64::MAX));
        let mut out = String::new();
        // Writing into a String cannot fail.
        let _ = text::encode(&mut out, &self.registry);
        out
    }
}

fn class(status: StatusCode) -> usize {
    usize::from(status.as_u16() / 100).saturating_sub(1)
}

impl ListenerMetrics {
    /// Counts an answer.
    pub(super) fn answered(&self, status: StatusCode, took: Duration) {
        if let Some(counter) = self.requests.get(class(status)) {
            counter.inc();
        }
        self.duration.observe(took.as_secs_f64());
    }

    /// Counts a failure.
    pub(super) fn failed(&self, failure: &Failure) {
        let [client, gateway, upstream] = &self.failures;
        match failure.blame {
            Blame::Client => client.inc(),
            Blame::Gateway => gateway.inc(),
            Blame::Upstream => upstream.inc(),
        };
    }
}

impl OperationMetrics {
    /// Counts an answer.
    pub(super) fn answered(&self, status: StatusCode) {
        if let Some(counter) = self.0.get(class(status)) {
            counter.inc();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_appear_under_their_labels() {
        let metrics = Metrics::default();
        let listener = metrics.listener("main");
        listener.answered(StatusCode::NOT_FOUND, Duration::from_millis(1));
        listener.failed(&Failure::client(StatusCode::NOT_FOUND, "not-found", ""));
        metrics.operation("order").answered(StatusCode::OK);
        metrics.reload("applied");
        let text = metrics.text(3, 1);
        for line in [
            r#"soapstone_requests_total{listener="main",class="4xx"} 1"#,
            r#"soapstone_failures_total{listener="main",blame="client"} 1"#,
            r#"soapstone_operations_total{operation="order",class="2xx"} 1"#,
            r#"soapstone_reloads_total{result="applied"} 1"#,
            "soapstone_generation 3",
            "# EOF",
        ] {
            assert!(text.contains(line), "{line} in\n{text}");
        }
    }
}
