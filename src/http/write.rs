//! One write per request: idempotency, precondition, use case and stored answer, all in one transaction.

use actix_web::HttpResponse;
use actix_web::http::header::{ETAG, LOCATION};
use serde::Serialize;

use super::answer::{self, etag};
use super::ctx::{Ctx, RequestFacts};
use super::detached;
use super::policy::{Audited, Policy};
use super::state::State;
pub use super::written::Written;
use crate::db::audit::{self, Entry};
use crate::db::error::{DbError, Retry};
use crate::db::idempotency::{self, Claim, Key, Stored};
use crate::db::{Db, InTx, Tx};
use crate::kernel::ids::{self, CheckoutId, OrganizationId};
use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;
use crate::kernel::secret::sha256;

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
        let log = Log {
            audited: self.audited(),
            request: self.request().clone(),
        };
        let rendered = detached(async move {
            match key {
                None => without_key(&db, &state, &log, use_case).await,
                Some(key) => with_key(&db, &state, &log, &key, use_case).await,
            }
        })
        .await?;
        Ok(respond(rendered))
    }

    /// The same for what calls a provider once it is written: `then` gets the answer as it was written and whether the request is a
    /// repeated one, makes the call, and gives what is shown. A repeat shows the resource as it stands. The key is required: without it
    /// a client that got no answer could not ask again.
    pub async fn write_and_call<V, W, F, E, A>(
        &self,
        fingerprint: [u8; 32],
        use_case: F,
        then: A,
    ) -> Result<HttpResponse, Problem>
    where
        for<'r> F: AsyncFnOnce(&'r mut Tx) -> Result<Written<V>, E>
            + InTx<&'r mut Tx, Result<Written<V>, E>, Fut: Send>
            + Clone
            + Send
            + Sync
            + 'static,
        V: Serialize + Send + 'static,
        W: Serialize,
        E: Into<Problem> + From<DbError> + Retry + Send + 'static,
        A: AsyncFnOnce(serde_json::Value, bool) -> Result<W, Problem> + 'static,
    {
        let key = idempotency_key(self, fingerprint);
        let key = key.ok_or_else(|| Problem::new(ProblemCode::IdempotencyKeyRequired))?;
        let (db, state) = (self.db().clone(), self.state().clone());
        let log = Log {
            audited: self.audited(),
            request: self.request().clone(),
        };
        let rendered = detached(async move {
            let mut rendered = with_key(&db, &state, &log, &key, use_case).await?;
            let written = serde_json::from_slice(&rendered.body).map_err(Problem::internal)?;
            let shown = then(written, rendered.replayed).await?;
            rendered.body = serde_json::to_vec(&shown).map_err(Problem::internal)?;
            Ok(rendered)
        })
        .await?;
        Ok(respond(rendered))
    }

    /// The answer that an earlier request with this key got: asked by who calls a provider before the transaction, which a repeat
    /// must not do.
    pub async fn answered_before(&self, fingerprint: [u8; 32]) -> Result<Option<HttpResponse>, Problem> {
        let Some(key) = idempotency_key(self, fingerprint) else {
            return Ok(None);
        };
        let conn = self.db().read().await?;
        let Some(stored) = idempotency::find(&conn, &key).await? else {
            return Ok(None);
        };
        same_body(&stored, &key)?;
        Ok(Some(respond(replay(&self.state().keys, &place(&key), stored)?)))
    }
}

/// What the audit log needs to know of a request.
struct Log {
    audited: Option<Audited>,
    request: RequestFacts,
}

impl Log {
    /// The entries of a staff member's write: one, unless it made several things.
    fn entries<V: Serialize>(&self, written: &Written<V>) -> Result<Vec<Entry>, Problem> {
        let Some(audited) = &self.audited else {
            return Ok(Vec::new());
        };
        debug_assert!(
            written.before.is_some() || self.request.method == actix_web::http::Method::POST,
            "a change without what was before it: use Written::changed or Written::deleted"
        );
        let Some((organization, checkout)) = written.tenant.or(audited.tenant) else {
            return Ok(Vec::new());
        };
        let view = written
            .view
            .as_ref()
            .map(serde_json::to_value)
            .transpose()
            .map_err(Problem::internal)?;
        let afters = match &written.parts {
            Some(parts) => parts.iter().cloned().map(Some).collect(),
            None => vec![view],
        };
        let entry = |after: Option<serde_json::Value>| Entry {
            organization,
            checkout,
            actor: audited.actor.clone(),
            address: self.request.address.clone(),
            request_id: self.request.request_id.clone(),
            action: self
                .request
                .operation
                .clone()
                .unwrap_or_else(|| self.request.path.clone()),
            object: Some(match &written.object {
                Some(id) => (ids::kind_of(id).unwrap_or_default(), id.clone()),
                None => object(organization, checkout, after.as_ref().or(written.before.as_ref())),
            }),
            before: written.before.clone(),
            after,
        };
        Ok(afters.into_iter().map(entry).collect())
    }
}

/// What a write changed: the resource of its answer, else the tenant itself.
fn object(
    organization: OrganizationId,
    checkout: Option<CheckoutId>,
    view: Option<&serde_json::Value>,
) -> (String, String) {
    let id = ["id", "user_id"]
        .iter()
        .find_map(|name| view?.get(name)?.as_str())
        .map(str::to_owned);
    let tenant = || checkout.map_or_else(|| organization.to_string(), |checkout| checkout.to_string());
    let id = id.unwrap_or_else(tenant);
    (ids::kind_of(&id).unwrap_or_default(), id)
}

/// The use case and its entry in the log, or the problem with its contention kept.
async fn perform<V, F, E>(tx: &mut Tx, state: &State, log: &Log, use_case: F) -> Result<Written<V>, Problem>
where
    for<'r> F: AsyncFnOnce(&'r mut Tx) -> Result<Written<V>, E> + InTx<&'r mut Tx, Result<Written<V>, E>, Fut: Send>,
    V: Serialize + Send,
    E: Into<Problem> + Retry + Send,
{
    let written = match use_case(tx).await {
        Ok(written) => written,
        Err(error) => {
            let contention = error.should_retry();
            let mut problem: Problem = error.into();
            problem.contention = contention;
            return Err(problem);
        }
    };
    let entries = log.entries(&written)?;
    if !entries.is_empty() {
        audit::record_all(tx, &state.keys, entries).await?;
    }
    Ok(written)
}

async fn without_key<V, F, E>(db: &Db, state: &State, log: &Log, use_case: F) -> Result<Rendered, Problem>
where
    for<'r> F: AsyncFnOnce(&'r mut Tx) -> Result<Written<V>, E>
        + InTx<&'r mut Tx, Result<Written<V>, E>, Fut: Send>
        + Clone
        + Send
        + Sync,
    V: Serialize + Send,
    E: Into<Problem> + From<DbError> + Retry + Send,
{
    db.write(async |tx: &mut Tx| -> Result<Rendered, Problem> {
        render(&perform(tx, state, log, use_case.clone()).await?)
    })
    .await
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

/// What a sealed answer is bound to.
fn place(key: &Key) -> String {
    format!("{}/idempotency_keys.body", key.tenant)
}

async fn with_key<V, F, E>(db: &Db, state: &State, log: &Log, key: &Key, use_case: F) -> Result<Rendered, Problem>
where
    for<'r> F: AsyncFnOnce(&'r mut Tx) -> Result<Written<V>, E>
        + InTx<&'r mut Tx, Result<Written<V>, E>, Fut: Send>
        + Clone
        + Send
        + Sync,
    V: Serialize + Send,
    E: Into<Problem> + From<DbError> + Retry + Send,
{
    let place = place(key);
    let outcome = db
        .write(async |tx: &mut Tx| -> Result<Rendered, Problem> {
            if let Claim::Known(stored) = idempotency::claim(tx, key).await? {
                same_body(&stored, key)?;
                return replay(&state.keys, &place, stored);
            }
            let written = perform(tx, state, log, use_case.clone()).await?;
            let rendered = render(&written)?;
            let kept = if written.secret {
                state.keys.seal(&place, &rendered.body)
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
