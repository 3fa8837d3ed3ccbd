//! Makes an endpoint, with a secret that is shown once and kept sealed.

use secrecy::ExposeSecret;

use super::model::{DisabledReason, Endpoint};
use super::secrets::seal_secret;
use super::store;
use super::views::EndpointInput;
use crate::db::Tx;
use crate::kernel::ids::{CheckoutId, WebhookEndpointId};
use crate::kernel::problem::Problem;
use crate::kernel::secret::Keyring;
use crate::net::client::GuardedClient;
use crate::net::signature::SigningSecret;
use crate::webhooks::queues::store::open;

/// Whether events may be sent there: syntax and literal addresses. Names are looked up at every attempt.
pub(super) fn refuse_unfit(client: &GuardedClient, url: &str) -> Result<(), Problem> {
    client
        .check_url(url)
        .map_err(|error| Problem::invalid("/url", error.code(), error.to_string()))
}

/// Makes the endpoint and returns it with its secret, for the only time. It hears what happens from now on.
pub async fn create(
    tx: &mut Tx,
    keys: &Keyring,
    client: &GuardedClient,
    checkout: CheckoutId,
    input: EndpointInput,
) -> Result<(Endpoint, String), Problem> {
    refuse_unfit(client, &input.url)?;
    let secret = SigningSecret::generate().map_err(Problem::internal)?;
    let now = tx.clock().now();
    let endpoint = Endpoint {
        id: WebhookEndpointId::generate(tx.clock()),
        url: input.url,
        description: input.description,
        events: input.events,
        active: input.active,
        test_mode: input.test_mode,
        previous_secret_until: None,
        disabled_reason: (!input.active).then_some(DisabledReason::ByStaff),
        disabled_at: None,
        metadata: input.metadata.to_json(),
        created_at: now,
        updated_at: now,
    };
    let sealed = seal_secret(keys, checkout, endpoint.id, &secret);
    store::insert(tx, checkout, &endpoint, sealed).await?;
    open(tx, checkout, endpoint.id, !endpoint.active).await?;
    let made = store::find(tx.conn(), checkout, endpoint.id).await?;
    let made = made.ok_or_else(|| Problem::internal("an endpoint vanished in the transaction that made it"))?;
    Ok((made, secret.reveal().expose_secret().to_owned()))
}
