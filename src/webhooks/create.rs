//! Makes an endpoint, with a secret that is shown once and kept sealed.

use secrecy::ExposeSecret;

use super::model::Endpoint;
use super::store;
use super::views::EndpointInput;
use crate::db::Tx;
use crate::kernel::ids::{CheckoutId, WebhookEndpointId};
use crate::kernel::problem::Problem;
use crate::kernel::secret::Keyring;
use crate::net::client::GuardedClient;
use crate::net::signature::SigningSecret;

/// The row the sealed secret is bound to.
fn place(checkout: CheckoutId, endpoint: WebhookEndpointId) -> String {
    format!("{checkout}/webhook_endpoints.secret/{endpoint}")
}

/// Opens an endpoint's secret.
pub(super) fn open_secret(
    keys: &Keyring,
    checkout: CheckoutId,
    endpoint: WebhookEndpointId,
    sealed: &[u8],
) -> Result<SigningSecret, Problem> {
    let plain = keys
        .open(&place(checkout, endpoint), sealed)
        .map_err(Problem::internal)?;
    SigningSecret::from_bytes(plain).map_err(Problem::internal)
}

/// Makes the endpoint and returns it with its secret, for the only time.
pub async fn create(
    tx: &mut Tx,
    keys: &Keyring,
    client: &GuardedClient,
    checkout: CheckoutId,
    input: EndpointInput,
) -> Result<(Endpoint, String), Problem> {
    client
        .check_url(&input.url)
        .map_err(|error| Problem::invalid("/url", error.code(), error.to_string()))?;
    let secret = SigningSecret::generate().map_err(Problem::internal)?;
    let now = tx.clock().now();
    let endpoint = Endpoint {
        id: WebhookEndpointId::generate(tx.clock()),
        url: input.url,
        description: input.description,
        events: input.events,
        active: true,
        test_mode: input.test_mode,
        metadata: input.metadata.to_json(),
        created_at: now,
        updated_at: now,
    };
    let sealed = keys.seal(&place(checkout, endpoint.id), secret.as_bytes());
    store::insert(tx, checkout, &endpoint, sealed).await?;
    let made = store::find(tx.conn(), checkout, endpoint.id).await?;
    let made = made.ok_or_else(|| Problem::internal("an endpoint vanished in the transaction that made it"))?;
    Ok((made, secret.reveal().expose_secret().to_owned()))
}
