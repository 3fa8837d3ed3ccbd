//! Numbers about the service in Prometheus' text form, by OpenTelemetry's names, and the trace context of callers.

use std::sync::Arc;
use std::time::Duration;

use actix_web::http::header::HeaderMap;
use opentelemetry::propagation::{Extractor, TextMapPropagator};
use opentelemetry_sdk::propagation::TraceContextPropagator;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};
use tracing_opentelemetry::OpenTelemetrySpanExt;

/// The buckets OpenTelemetry's HTTP conventions advise, in seconds.
const BUCKETS: [f64; 14] = [
    0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0,
];

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct RequestLabels {
    http_request_method: String,
    http_route: String,
    http_response_status_code: u16,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct WorkLabels {
    kind: String,
    outcome: String,
}

/// Every metric of the process.
#[derive(Clone)]
pub struct Metrics {
    registry: Arc<Registry>,
    requests: Family<RequestLabels, Histogram, fn() -> Histogram>,
    work: Family<WorkLabels, Counter>,
    /// Connections of the pool for requests that are in use: set by who answers the scrape.
    pub pool_in_use: Gauge,
}

impl Default for Metrics {
    fn default() -> Self {
        let requests = Family::new_with_constructor((|| Histogram::new(BUCKETS)) as fn() -> Histogram);
        let work = Family::default();
        let pool_in_use = Gauge::default();
        let mut registry = Registry::default();
        registry.register_with_unit(
            "http_server_request_duration",
            "Time from head to answer",
            Unit::Seconds,
            requests.clone(),
        );
        registry.register("kassa_work", "Background work by kind and outcome", work.clone());
        registry.register("kassa_db_pool_in_use", "Connections in use", pool_in_use.clone());
        Self {
            registry: Arc::new(registry),
            requests,
            work,
            pool_in_use,
        }
    }
}

impl Metrics {
    /// One request answered.
    pub fn observe_request(&self, method: &str, route: &str, status: u16, took: Duration) {
        let known = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];
        let labels = RequestLabels {
            http_request_method: if known.contains(&method) { method } else { "_OTHER" }.to_owned(),
            http_route: route.to_owned(),
            http_response_status_code: status,
        };
        self.requests.get_or_create(&labels).observe(took.as_secs_f64());
    }

    /// One piece of background work done.
    pub fn count_work(&self, kind: &str, outcome: &str) {
        let labels = WorkLabels {
            kind: kind.to_owned(),
            outcome: outcome.to_owned(),
        };
        self.work.get_or_create(&labels).inc();
    }

    /// The text a scraper reads.
    pub fn text(&self) -> String {
        let mut text = String::new();
        // Writing to a String cannot fail.
        let _ = encode(&mut text, &self.registry);
        text
    }
}

struct Headers<'a>(&'a HeaderMap);

impl Extractor for Headers<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key)?.to_str().ok()
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(actix_web::http::header::HeaderName::as_str).collect()
    }
}

/// Continues the caller's trace when it sent a W3C `traceparent`; a malformed one is ignored.
pub fn adopt_parent(span: &tracing::Span, headers: &HeaderMap) {
    if headers.contains_key("traceparent") {
        // Fails only when no trace exporter is configured, and then there is nothing to continue.
        let _ = span.set_parent(TraceContextPropagator::new().extract(&Headers(headers)));
    }
}
