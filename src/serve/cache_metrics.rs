//! What caches hold and did, read when somebody asks: a request counts in its cache alone, and looks up nothing.

use std::fmt;
use std::sync::Arc;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;

use crate::state::cache::{Caches, Counts};

/// The metrics of every cache; one that went away with a reload is not shown any more.
#[derive(Debug)]
pub(super) struct CacheMetrics(pub(super) Arc<Caches>);

/// What is shown of a cache.
type Shown = (&'static str, &'static str, fn(&Counts) -> Box<dyn EncodeMetric>);

const SHOWN: [Shown; 4] = [
    ("cache_entries", "Documents in a cache", |of| gauge(of.entries)),
    ("cache_bytes", "Bytes of the documents and keys in a cache, about", |of| gauge(of.bytes)),
    ("cache_hits", "Documents that were found in a cache", |of| Box::new(ConstCounter::new(of.hits))),
    ("cache_misses", "Documents that were not found in a cache", |of| Box::new(ConstCounter::new(of.misses))),
];

fn gauge(value: u64) -> Box<dyn EncodeMetric> {
    Box::new(ConstGauge::new(i64::try_from(value).unwrap_or(i64::MAX)))
}

impl Collector for CacheMetrics {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        let all: Vec<_> = self.0.counts();
        for (name, help, of) in SHOWN {
            let Some((_, first)) = all.first() else { return Ok(()) };
            let mut family = encoder.encode_descriptor(name, help, None, of(first).metric_type())?;
            for (cache, counts) in &all {
                let labels = [("cache", &**cache)];
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
    use crate::state::cache::{CacheSpec, Key};

    #[test]
    fn each_cache_is_shown_under_its_name() {
        let mut metrics = Metrics::default();
        let caches = Arc::new(Caches::default());
        metrics.watch(Arc::clone(&caches));
        assert!(!metrics.text(1, 1).contains("cache"));
        let name: Arc<str> = Arc::from("accounts");
        caches.keep(&[CacheSpec { name: Arc::clone(&name), entries: 1 }], 1 << 20);
        assert!(caches.open(&name).get(&Key::new(vec!["a".into()])).is_none());
        let text = metrics.text(1, 1);
        for line in [
            "# TYPE soapstone_cache_entries gauge",
            r#"soapstone_cache_entries{cache="accounts"} 0"#,
            r#"soapstone_cache_bytes{cache="accounts"} 0"#,
            "# TYPE soapstone_cache_misses counter",
            r#"soapstone_cache_hits_total{cache="accounts"} 0"#,
            r#"soapstone_cache_misses_total{cache="accounts"} 1"#,
        ] {
            assert!(text.contains(line), "{line} in\n{text}");
        }
    }
}
