//! Settles who is calling, once, before any handler: one query for staff, none for buyers and the anonymous.

use std::sync::Arc;

use actix_web::HttpMessage;
use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;

use crate::http::caller::{Caller, bearer};
use crate::http::session_secret;
use crate::http::state::State;
use crate::kernel::problem::Problem;
use crate::kernel::tenant::Tenant;

/// The longest token anyone of ours would send.
const MOST: usize = 8 * 1024;

/// Puts a [`Caller`] on the request. When that cannot be settled the refusal is an answer and not an error, so that what stands
/// around it can add its headers.
pub async fn authenticate(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<EitherBody<impl MessageBody>>, actix_web::Error> {
    let state = request
        .app_data::<Arc<State>>()
        .cloned()
        .ok_or_else(|| Problem::internal("the application has no state"))?;
    let caller = match settle(&state, &request).await {
        Ok(caller) => caller,
        Err(problem) => return Ok(request.error_response(problem).map_into_right_body()),
    };
    request.extensions_mut().insert(caller);
    Ok(next.call(request).await?.map_into_left_body())
}

async fn settle(state: &State, request: &ServiceRequest) -> Result<Caller, Problem> {
    let Some(token) = bearer(request.request()) else {
        return Ok(Caller::Anonymous);
    };
    // Storefront and sign-in routes that are open to anyone must not fail because of a stale token, nor pay for reading it.
    if token.is_empty() || token.len() > MOST {
        return Ok(Caller::Unknown);
    }
    if token.starts_with(session_secret::PREFIX) {
        return Ok(match session_secret::read(&state.keys, token) {
            Some((checkout, session)) => Caller::Buyer { checkout, session },
            None => Caller::Unknown,
        });
    }
    let tenant = Tenant::of_path(request.path());
    let staff = state.authenticator.authenticate(token, tenant).await?;
    Ok(staff.map_or(Caller::Unknown, |staff| Caller::Staff(Box::new(staff))))
}
