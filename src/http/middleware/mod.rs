//! What happens around every request: an id, a span, a log line, a measurement, and who is calling.

pub mod authenticate;
pub mod metrics;
pub mod request_id;
