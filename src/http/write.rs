//! One write per request: idempotency, precondition, use case and stored answer, all in one transaction.

use actix_web::HttpResponse;
use actix_web::http::header::{ETAG, LOCATION};
use serde::Serialize;

use super::answer::{self, etag};
use super::ctx::{Ctx, Policy};
use super::detached;
use crate::db::error::{DbError, Retry};
use crate::db::idempotency::{self, Claim, Key, Stored};
use crate::db::{Db, InTx, Tx};
use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;
use crate::kernel::secret::sha256;

/// What a write answers with.
#[derive(Debug)]
pub struct Written<V> {
    status: u16,
    view: Option<V>,
    location: Option<String>,
    secret: bool,
}

impl<V> Written<V> {
    /// 201 with `Location`.
    pub fn created(view: V, location: String) -> Self {
        Self {
            status: 201,
            view: Some(view),
            location: Some(location),
            secret: false,
        }
    }

    /// 200.
    pub fn ok(view: V) -> Self {
        Self {
            status: 200,
            view: Some(view),
            location: None,
            secret: false,
        }
    }

    /// 204.
    pub fn nothing() -> Self {
        Self {
            status: 204,
            view: None,
            location: None,
            secret: false,
        }
    }

    /// The answer holds a secret: kept for replay under encryption only.
    #[must_use]
    pub fn with_secret(mut self) -> Self {
        self.secret = true;
        self
    }
}

/// An answer as it goes out and is kept.
struct Rendered {
    status: u16,
    body: Vec<u8>,
    location: Option<String>,
    replayed: bool,
}

/// The key of this request, if it sent one and the route minds it.
pub fn idempotency_key<P: Policy>(ctx: &Ctx<P>, fingerprint: [u8; 32]) -> Option<Key> {
    let request = ctx.request();
    let key = request.idempotency_key.as_deref()?;
    let (tenant, caller) = ctx.idempotency_scope()?;
    // No part can contain the line break that joins them.
    let scope = sha256(format!("{caller}\n{}\n{}\n{key}", request.method, request.path).as_bytes());
    Some(Key {
        tenant,
        scope,
        fingerprint,
    })
}

/// Refuses a key that came with another body before.
pub fn same_body(stored: &Stored, key: &Key) -> Result<(), Problem> {
    if stored.fingerprint == key.fingerprint {
        Ok(())
    } else {
        Err(Problem::new(ProblemCode::IdempotencyConflict))
    }
}

impl<P: Policy> Ctx<P> {
    /// Runs one use case in one transaction and answers with what it returns; a repeated key gets the stored answer.
    ///
    /// The change runs to its end even when the client goes away.
    pub async fn write<V, F, E>(&self, fingerprint: [u8; 32], use_case: F) -> Result<HttpResponse, Problem>
    where
        for<'r> F: AsyncFnOnce(&'r mut Tx) -> Result<Written<V>, E>
            + InTx<&'r mut Tx, Result<Written<V>, E>, Fut: Send>
            + Clone
            + Send
            + Sync
            + 'static,
        V: Serialize + Send + 'static,
        E: Into<Problem> + From<DbError> + Retry + Send + 'static,
    {
        let key = idempotency_key(self, fingerprint);
        let (db, state) = (self.db().clone(), self.state().clone());
        let rendered = detached(async move {
            match key {
                None => db
                    .write(use_case)
                    .await
                    .map_err(Into::into)
                    .and_then(|written| render(&written)),
                Some(key) => with_key(&db, &state.keys, &key, use_case).await,
            }
        })
        .await?;
        Ok(respond(rendered))
    }
}

fn render<V: Serialize>(written: &Written<V>) -> Result<Rendered, Problem> {
    let body = match &written.view {
        Some(view) => serde_json::to_vec(view).map_err(Problem::internal)?,
        None => Vec::new(),
    };
    Ok(Rendered {
        status: written.status,
        body,
        location: written.location.clone(),
        replayed: false,
    })
}

fn respond(rendered: Rendered) -> HttpResponse {
    let status = actix_web::http::StatusCode::from_u16(rendered.status)
        .unwrap_or(actix_web::http::StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = HttpResponse::build(status);
    if let Some(location) = rendered.location {
        response.insert_header((LOCATION, location));
    }
    if rendered.replayed {
        response.insert_header(("Idempotent-Replayed", "true"));
    }
    if rendered.body.is_empty() {
        return response.finish();
    }
    response.insert_header((ETAG, etag(&rendered.body)));
    response.insert_header(answer::JSON).body(rendered.body)
}

const SEALED_AS: &str = "idempotency_keys.body";

async fn with_key<V, F, E>(
    db: &Db,
    keys: &crate::kernel::secret::Keyring,
    key: &Key,
    use_case: F,
) -> Result<Rendered, Problem>
where
    for<'r> F: AsyncFnOnce(&'r mut Tx) -> Result<Written<V>, E>
        + InTx<&'r mut Tx, Result<Written<V>, E>, Fut: Send>
        + Clone
        + Send
        + Sync,
    V: Serialize + Send,
    E: Into<Problem> + From<DbError> + Retry + Send,
{
    let place = format!("{}/{SEALED_AS}", key.tenant);
    let outcome = db
        .write(async |tx: &mut Tx| -> Result<Rendered, Problem> {
            if let Claim::Known(stored) = idempotency::claim(tx, key).await? {
                same_body(&stored, key)?;
                return replay(keys, &place, stored);
            }
            let use_case = use_case.clone();
            let written = match use_case(tx).await {
                Ok(written) => written,
                Err(error) => {
                    let contention = error.should_retry();
                    let mut problem: Problem = error.into();
                    problem.contention = contention;
                    return Err(problem);
                }
            };
            let rendered = render(&written)?;
            let kept = if written.secret {
                keys.seal(&place, &rendered.body)
            } else {
                rendered.body.clone()
            };
            idempotency::store(
                tx,
                key,
                rendered.status,
                kept,
                written.secret,
                rendered.location.as_deref(),
            )
            .await?;
            Ok(rendered)
        })
        .await;
    // Still contended after every retry: the first request with this key has not finished.
    outcome.map_err(|problem| {
        if problem.contention {
            Problem::new(ProblemCode::IdempotencyInFlight).retry_after(1)
        } else {
            problem
        }
    })
}

fn replay(keys: &crate::kernel::secret::Keyring, place: &str, stored: Stored) -> Result<Rendered, Problem> {
    let body = stored.body.unwrap_or_default();
    let body = if stored.sealed {
        keys.open(place, &body).map_err(Problem::internal)?
    } else {
        body
    };
    Ok(Rendered {
        status: stored
            .status
            .and_then(|status| u16::try_from(status).ok())
            .unwrap_or(500),
        body,
        location: stored.location,
        replayed: true,
    })
}
