use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Instant;

use super::*;

fn settings(log_format: LogFormat, otlp_endpoint: Option<String>) -> TelemetrySettings {
    TelemetrySettings {
        log_filter: crate::config::DEFAULT_LOG_FILTER.to_owned(),
        log_format,
        otlp_endpoint,
        service_version: "9.8.7".to_owned(),
    }
}

/// What was logged.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Lines {
    fn output(&self) -> Output {
        let lines = self.clone();
        Output {
            writer: BoxMakeWriter::new(move || lines.clone()),
            terminal: false,
        }
    }

    fn text(&self) -> String {
        String::from_utf8(self.0.lock().expect("lock").clone()).expect("UTF-8")
    }
}

impl std::io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("lock").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// A collector: its address, and the head and body of every request it gets.
fn collector() -> (String, mpsc::Receiver<(String, Vec<u8>)>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = format!("http://{}", listener.local_addr().expect("address"));
    let (sender, requests) = mpsc::channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            if sender.send(receive(stream.expect("connection"))).is_err() {
                return;
            }
        }
    });
    (address, requests)
}

fn receive(mut stream: TcpStream) -> (String, Vec<u8>) {
    let mut seen = Vec::new();
    loop {
        let mut chunk = [0; 4096];
        let count = stream.read(&mut chunk).expect("read");
        seen.extend_from_slice(&chunk[..count]);
        let end = seen.windows(4).position(|four| four == b"\r\n\r\n");
        let Some(end) = end else { continue };
        let head = String::from_utf8_lossy(&seen[..end]).to_lowercase();
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length:"))
            .map_or(0, |length| length.trim().parse().expect("length"));
        if seen.len() >= end + 4 + length || count == 0 {
            let answer = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
            stream.write_all(answer.as_bytes()).expect("write");
            return (head, seen.split_off(end + 4));
        }
    }
}

fn contains(haystack: &[u8], needle: &str) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle.as_bytes())
}

/// Makes a span with an event in it, and shuts down.
async fn trace_and_stop(settings: &TelemetrySettings, lines: &Lines) {
    let (subscriber, telemetry) = subscriber(settings, lines.output()).expect("telemetry");
    {
        let _guard = tracing::subscriber::set_default(subscriber);
        tracing::info_span!("outer", request_id = "r-1").in_scope(|| tracing::info!(answer = 42, "within"));
        tracing::info!("without");
        telemetry.shutdown().await;
    }
}

#[tokio::test]
async fn spans_arrive_at_the_collector_from_a_runtime_of_one_thread() {
    let (address, requests) = collector();
    let lines = Lines::default();
    trace_and_stop(&settings(LogFormat::Json, Some(address)), &lines).await;
    let (head, body) = requests.recv_timeout(SHUTDOWN_LIMIT).expect("a request");
    assert!(head.starts_with("post /v1/traces "), "{head}");
    assert!(head.contains("application/x-protobuf"), "{head}");
    for expected in ["outer", "r-1", "service.name", "kassa", "service.version", "9.8.7"] {
        assert!(contains(&body, expected), "{expected}");
    }

    let text = lines.text();
    let mut objects = text
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).expect("JSON"));
    let within = objects.next().expect("a line");
    assert_eq!(within["answer"], 42);
    assert_eq!(within["message"], "within");
    assert_eq!(within["spans"][0]["request_id"], "r-1");
    let trace_id = within["trace_id"].as_str().expect("a trace id").to_owned();
    let trace_bytes = data_encoding::HEXLOWER.decode(trace_id.as_bytes()).expect("hex");
    assert!(body.windows(16).any(|window| window == trace_bytes), "{trace_id}");
    let without = objects.next().expect("a line");
    assert_eq!(without.get("trace_id"), None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn spans_arrive_at_the_collector_from_a_runtime_of_several_threads() {
    let (address, requests) = collector();
    let mut settings = settings(LogFormat::Text, Some(address));
    settings.log_filter = "off".to_owned();
    let lines = Lines::default();
    trace_and_stop(&settings, &lines).await;
    assert!(
        requests.recv_timeout(SHUTDOWN_LIMIT).is_ok(),
        "a quiet log does not thin out traces"
    );
    assert_eq!(lines.text(), "");
}

#[tokio::test]
async fn shutdown_is_bounded_and_leaves_the_worker_free() {
    // It accepts, by the queue of the system, and never answers.
    let mute = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = format!("http://{}", mute.local_addr().expect("address"));
    let (lines, began) = (Lines::default(), Instant::now());
    let settings = settings(LogFormat::Text, Some(address));
    let mut ticks = tokio::time::interval(Duration::from_millis(20));
    let stop = trace_and_stop(&settings, &lines);
    tokio::pin!(stop);
    let mut count = 0;
    loop {
        tokio::select! {
            () = &mut stop => break,
            _ = ticks.tick() => count += 1,
        }
    }
    assert!(began.elapsed() < SHUTDOWN_LIMIT + Duration::from_secs(1));
    assert!(count > 20, "the only worker ticked {count} times");
}

#[tokio::test]
async fn without_a_collector_there_is_nothing_to_shut_down() {
    let lines = Lines::default();
    trace_and_stop(&settings(LogFormat::Text, None), &lines).await;
    let text = lines.text();
    assert!(text.contains("within answer=42"), "{text}");
    assert!(!text.contains('\u{1b}'), "no colour outside of a terminal");
}

#[test]
fn a_line_for_people_leaves_out_what_is_for_collectors() {
    let lines = Lines::default();
    let (subscriber, _telemetry) = subscriber(&settings(LogFormat::Text, None), lines.output()).expect("telemetry");
    tracing::subscriber::with_default(subscriber, || {
        let span = tracing::info_span!("request", "otel.name" = tracing::field::Empty, request_id = %"r-1", user = tracing::field::Empty);
        span.record("otel.name", "GET /livez");
        span.record("user", "aino");
        span.in_scope(
            || tracing::info!(method = %"GET", route = "/livez", status = 200, said = %"\x1b[2J", "answered"),
        );
    });
    let text = lines.text();
    let line = text.trim_end().split_once("INFO ").map(|(_, rest)| rest);
    let expected = r#"request{request_id=r-1 user="aino"}: kassa::telemetry::tests: answered method=GET route="/livez" status=200 said=\u{1b}[2J"#;
    assert_eq!(line, Some(expected), "{text}");
}

#[test]
fn libraries_are_quiet_by_default() {
    let lines = Lines::default();
    let settings = settings(LogFormat::Json, None);
    let (subscriber, _telemetry) = subscriber(&settings, lines.output()).expect("telemetry");
    tracing::subscriber::with_default(subscriber, || {
        tracing::error!(target: "lettre::transport", "AUTH PLAIN c2VjcmV0");
        tracing::info!(target: "hyper::client", "pooling");
        tracing::debug!("details");
        tracing::warn!(target: "opentelemetry_sdk", "export failed");
    });
    assert_eq!(lines.text().lines().count(), 1, "{}", lines.text());
}

/// The place of this module in the names of tests.
fn test_name(function: &str) -> String {
    let module = module_path!().split_once("::").map_or("", |(_, rest)| rest);
    format!("{module}::{function}")
}

#[test]
fn a_second_start_is_an_error() {
    // In a process of its own: what is started globally would log for every other test.
    let output = std::process::Command::new(std::env::current_exe().expect("path"))
        .args(["--exact", &test_name("starts_twice"), "--ignored"])
        .output()
        .expect("a child process");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && text.contains("1 passed"), "{text}");
}

#[tokio::test]
#[ignore = "changes the whole process; a_second_start_is_an_error runs it in a child"]
async fn starts_twice() {
    let (address, requests) = collector();
    let settings = settings(LogFormat::Json, Some(address));
    let telemetry = start(&settings).expect("the first start");
    assert!(matches!(start(&settings), Err(TelemetryError::AlreadyStarted)));
    tracing::info_span!("outer").in_scope(|| tracing::info!("within"));
    telemetry.shutdown().await;
    assert!(requests.recv_timeout(SHUTDOWN_LIMIT).is_ok());
}

#[test]
fn faulty_settings_are_errors() {
    let mut faulty = settings(LogFormat::Text, None);
    faulty.log_filter = "kassa=loud".to_owned();
    assert!(matches!(start(&faulty), Err(TelemetryError::Filter(_))));
    let faulty = settings(LogFormat::Text, Some("not a url".to_owned()));
    assert!(matches!(start(&faulty), Err(TelemetryError::Exporter(_))));
}

#[test]
fn the_usual_path_is_added_unless_there_is_one() {
    assert_eq!(traces_url("http://host:4318"), "http://host:4318/v1/traces");
    assert_eq!(traces_url("http://host:4318/"), "http://host:4318/v1/traces");
    assert_eq!(traces_url("https://host/otlp/v1/traces"), "https://host/otlp/v1/traces");
}
