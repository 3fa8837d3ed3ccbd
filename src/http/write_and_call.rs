//! One write per request, and then a call to a provider: for what is written down first and carried out afterwards.

use actix_web::HttpResponse;
use serde::Serialize;

use super::ctx::Ctx;
use super::detached;
use super::policy::Policy;
use super::write::{Log, Written, idempotency_key, respond, with_key};
use crate::db::error::{DbError, Retry};
use crate::db::{InTx, Tx};
use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;

impl<P: Policy> Ctx<P> {
    /// [`Ctx::write`] for what calls a provider once it is written: `then` gets the answer as it was written and whether the request is a
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
}
