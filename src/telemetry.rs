//! What the process tells about itself while it runs: log lines on stderr, and traces to a collector if there is one.
//!
//! Guarantees:
//! - Standard output stays free for answers: all of this goes to stderr.
//! - Traces do not depend on how much is logged: a quiet log does not thin them out.
//! - Nothing here waits for the collector: spans are queued, and dropped when the queue is full.
//! - [`Telemetry::shutdown`] sends what is queued and takes [`SHUTDOWN_LIMIT`] at most, whatever the collector does.
//!
//! It must not decide what is worth logging, and must not be given secrets: a log goes to many places.
//!
//! The exporter itself also honours OpenTelemetry's own variables, such as `OTEL_EXPORTER_OTLP_HEADERS`,
//! `OTEL_RESOURCE_ATTRIBUTES` and `OTEL_BSP_*`; they tune how traces travel, never whether.

use std::fmt;
use std::io::IsTerminal as _;
use std::time::Duration;

use opentelemetry::trace::{TraceContextExt as _, TracerProvider as _};
use opentelemetry_otlp::{Protocol, WithExportConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{Sampler, SdkTracerProvider};
use tracing::{Event, Subscriber};
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt::FmtContext;
use tracing_subscriber::fmt::format::{FormatEvent, FormatFields, Writer};
use tracing_subscriber::fmt::writer::BoxMakeWriter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer, Registry};

use crate::config::LogFormat;

/// How long [`Telemetry::shutdown`] takes at most.
pub const SHUTDOWN_LIMIT: Duration = Duration::from_secs(5);

/// Shorter than [`SHUTDOWN_LIMIT`], so that a collector that does not answer is reported before we stop listening.
const EXPORT_LIMIT: Duration = Duration::from_secs(4);

/// The name of the service, and the target that all spans of this crate begin with.
const SERVICE: &str = "kassa";

/// What [`start`] needs to know.
#[derive(Clone, Debug)]
pub struct TelemetrySettings {
    /// Directives as in `info,kassa=debug`.
    pub log_filter: String,
    pub log_format: LogFormat,
    /// The collector, as in `http://127.0.0.1:4318`; without a path, traces go to `/v1/traces`.
    pub otlp_endpoint: Option<String>,
    pub service_version: String,
}

/// Why telemetry did not start.
#[derive(Debug)]
pub enum TelemetryError {
    Filter(tracing_subscriber::filter::ParseError),
    Exporter(opentelemetry_otlp::ExporterBuildError),
    /// It has been started in this process before, or another library has taken its place.
    AlreadyStarted,
}

impl fmt::Display for TelemetryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Filter(source) => write!(f, "the log filter is not valid: {source}"),
            Self::Exporter(source) => write!(f, "traces cannot be sent: {source}"),
            Self::AlreadyStarted => f.write_str("logging has already been started in this process"),
        }
    }
}

impl std::error::Error for TelemetryError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Filter(source) => Some(source),
            Self::Exporter(source) => Some(source),
            Self::AlreadyStarted => None,
        }
    }
}

/// What has to be brought to an end. Dropped without [`Telemetry::shutdown`], the last seconds of traces are lost.
#[derive(Debug)]
#[must_use = "traces are lost unless it is shut down"]
pub struct Telemetry {
    provider: Option<SdkTracerProvider>,
}

impl Telemetry {
    /// Sends what is queued and stops the exporter. What is logged afterwards still reaches stderr.
    ///
    /// The exporter's shutdown blocks, so a thread of its own does it: this future may be awaited on any runtime, also
    /// one whose only worker must go on serving.
    pub async fn shutdown(self) {
        let Some(provider) = self.provider else {
            return;
        };
        let (done, outcome) = tokio::sync::oneshot::channel();
        let work = move || {
            // Nobody listens any more when the limit has passed.
            let _ = done.send(provider.shutdown_with_timeout(SHUTDOWN_LIMIT));
        };
        let thread = std::thread::Builder::new().name("telemetry-shutdown".to_owned());
        if let Err(error) = thread.spawn(work) {
            tracing::warn!(%error, "the last traces were not sent");
            return;
        }
        match tokio::time::timeout(SHUTDOWN_LIMIT, outcome).await {
            Ok(Ok(Ok(()))) => {}
            Ok(Ok(Err(error))) => tracing::warn!(%error, "the last traces were not sent"),
            Ok(Err(_)) | Err(_) => tracing::warn!("the last traces were not sent in time"),
        }
    }
}

/// Starts logging for the whole process, and tracing when there is a collector. May be called once.
pub fn start(settings: &TelemetrySettings) -> Result<Telemetry, TelemetryError> {
    let (subscriber, telemetry) = subscriber(settings, Output::stderr())?;
    subscriber.try_init().map_err(|_| TelemetryError::AlreadyStarted)?;
    Ok(telemetry)
}

/// Where log lines go.
struct Output {
    writer: BoxMakeWriter,
    terminal: bool,
}

impl Output {
    fn stderr() -> Self {
        Self {
            writer: BoxMakeWriter::new(std::io::stderr),
            terminal: std::io::stderr().is_terminal(),
        }
    }
}

/// Everything but the global state, so that tests can have as many as they like.
fn subscriber(
    settings: &TelemetrySettings,
    output: Output,
) -> Result<(impl Subscriber + Send + Sync + 'static, Telemetry), TelemetryError> {
    let filter = EnvFilter::builder()
        .parse(&settings.log_filter)
        .map_err(TelemetryError::Filter)?;
    let provider = settings
        .otlp_endpoint
        .as_deref()
        .map(|endpoint| provider(endpoint, settings.service_version.clone()))
        .transpose()?;
    // Only our own spans: those of the HTTP client would be about the sending of traces, which would be sent again.
    let traces = provider.as_ref().map(|provider| {
        tracing_opentelemetry::layer()
            .with_tracer(provider.tracer(SERVICE))
            .with_threads(false)
            .with_filter(Targets::new().with_target(SERVICE, LevelFilter::INFO))
    });
    let subscriber = tracing_subscriber::registry()
        .with(log_layer(settings.log_format, output).with_filter(filter))
        .with(traces);
    Ok((subscriber, Telemetry { provider }))
}

fn log_layer(format: LogFormat, output: Output) -> Box<dyn Layer<Registry> + Send + Sync> {
    let layer = tracing_subscriber::fmt::layer().with_writer(output.writer);
    match format {
        LogFormat::Json => layer
            .json()
            .flatten_event(true)
            .with_current_span(false)
            .map_event_format(WithTraceId)
            .boxed(),
        // The layer's own default is colour unless NO_COLOR is set.
        LogFormat::Text if output.terminal => layer.fmt_fields(text::ForPeople).boxed(),
        LogFormat::Text => layer.with_ansi(false).fmt_fields(text::ForPeople).boxed(),
    }
}

fn provider(endpoint: &str, version: String) -> Result<SdkTracerProvider, TelemetryError> {
    let exporter = opentelemetry_otlp::SpanExporter::builder()
        .with_http()
        .with_protocol(Protocol::HttpBinary)
        .with_endpoint(traces_url(endpoint))
        .with_timeout(EXPORT_LIMIT)
        .build()
        .map_err(TelemetryError::Exporter)?;
    let resource = Resource::builder()
        .with_service_name(SERVICE)
        .with_attribute(opentelemetry::KeyValue::new("service.version", version))
        .build();
    Ok(SdkTracerProvider::builder()
        .with_resource(resource)
        // Strangers choose the sampled flag of what they send: it must neither hide a request nor cost us anything.
        // Who wants fewer traces thins them out at the collector, where the whole trace is known.
        .with_sampler(Sampler::AlwaysOn)
        // Its own thread sends, with a blocking client that is made and dropped outside of any runtime.
        .with_batch_exporter(exporter)
        .build())
}

/// The exporter takes a given URL as it is, so what the standard says of a base URL is done here.
fn traces_url(endpoint: &str) -> String {
    let base = endpoint.trim_end_matches('/');
    let authority = base.split_once("://").map_or(base, |(_, rest)| rest);
    if authority.contains('/') {
        base.to_owned()
    } else {
        format!("{base}/v1/traces")
    }
}

/// Puts the id of the trace that an event belongs to at the front of its line, so that one leads to the other.
struct WithTraceId<F>(F);

impl<S, N, F> FormatEvent<S, N> for WithTraceId<F>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
    F: FormatEvent<S, N>,
{
    fn format_event(&self, ctx: &FmtContext<'_, S, N>, mut writer: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        // The tracing layer activates the context of the span that is entered on this thread.
        let context = opentelemetry::Context::current();
        let span = context.span();
        let trace = span.span_context();
        if !trace.is_valid() {
            return self.0.format_event(ctx, writer, event);
        }
        let mut line = String::new();
        self.0.format_event(ctx, Writer::new(&mut line), event)?;
        match line.strip_prefix('{') {
            Some(rest) => write!(writer, "{{\"trace_id\":\"{}\",{rest}", trace.trace_id()),
            None => writer.write_str(&line),
        }
    }
}

mod text;

#[cfg(test)]
mod tests;
