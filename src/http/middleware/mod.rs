//! What happens around every request: an id, a span, a log line, a measurement; which page asks, how often, and who is calling.

pub mod authenticate;
pub mod cors;
pub mod head;
pub mod metrics;
pub mod rate_limit;
pub mod request_id;
