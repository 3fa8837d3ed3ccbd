//! What every route shares: who calls, what they may do, how bodies come in and how answers go out.
//!
//! A handler's first argument is a [`ctx::Ctx`], the only door to the state; it is ready at once, so that a missing token is
//! 401 before a broken path or body is looked at. Must not: know any product rule or any table.

pub mod answer;
pub mod attempts;
pub mod body;
pub mod caller;
pub mod client_address;
pub mod ctx;
pub mod fallback;
pub mod guides;
pub mod heavy_work;
pub mod limiter;
pub mod list;
pub mod merge_patch;
pub mod middleware;
pub mod openapi;
mod openapi_changes;
pub mod openapi_copies;
mod openapi_limits;
mod openapi_open;
pub mod operations;
pub mod ops;
pub mod origins;
mod page;
pub mod part;
pub mod policy;
pub mod problem;
pub mod rate_limits;
pub mod session_secret;
pub mod short_list;
pub mod state;
pub mod storefront_page;
mod typed;
pub mod write;
pub mod written;

use std::future::Future;

use crate::kernel::problem::Problem;

/// Runs a change to its end even if the client goes away.
///
/// actix drops a handler where it awaits when the peer resets the connection; money must not stop there. The work is a task of
/// its own on the same worker, and shutdown waits for the request that awaits it.
pub async fn detached<R: 'static>(work: impl Future<Output = Result<R, Problem>> + 'static) -> Result<R, Problem> {
    use tracing::Instrument;
    actix_web::rt::spawn(work.instrument(tracing::Span::current()))
        .await
        .unwrap_or_else(|panic| Err(Problem::internal(panic)))
}
