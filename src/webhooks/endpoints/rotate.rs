//! Gives an endpoint a new secret; the one before it stays valid for a day.

use secrecy::ExposeSecret;

use super::secrets::seal_secret;
use super::store;
use super::views::EndpointView;
use crate::db::Tx;
use crate::kernel::ids::{CheckoutId, WebhookEndpointId};
use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;
use crate::kernel::secret::Keyring;
use crate::net::signature::SigningSecret;
use crate::webhooks::queues::store::lock;

/// For how long requests are signed with both, in milliseconds: time to deploy the new one.
const OVERLAP_MS: i64 = 24 * 3_600_000;

/// Returns the endpoint before, and after with its new secret, for the only time. A second rotation ends the overlap of the first: only
/// two secrets are valid at any time.
pub async fn rotate(
    tx: &mut Tx,
    keys: &Keyring,
    checkout: CheckoutId,
    id: WebhookEndpointId,
) -> Result<(EndpointView, EndpointView), Problem> {
    let not_found = || Problem::new(ProblemCode::NotFound);
    lock(tx, checkout, id).await?;
    let before = store::lock(tx, checkout, id).await?.ok_or_else(not_found)?;
    let secret = SigningSecret::generate().map_err(Problem::internal)?;
    let sealed = seal_secret(keys, checkout, id, &secret);
    store::rotate(tx, checkout, id, sealed, OVERLAP_MS).await?;
    let after = store::find(tx.conn(), checkout, id).await?.ok_or_else(not_found)?;
    let secret = secret.reveal().expose_secret().to_owned();
    Ok((before.into(), EndpointView::with_secret(after, secret)))
}
