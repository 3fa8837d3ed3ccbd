//! The secrets of endpoints: sealed at rest, bound to their row.

use crate::kernel::ids::{CheckoutId, WebhookEndpointId};
use crate::kernel::problem::Problem;
use crate::kernel::secret::Keyring;
use crate::net::signature::SigningSecret;

/// The row a sealed secret is bound to.
pub(super) fn place(checkout: CheckoutId, endpoint: WebhookEndpointId) -> String {
    format!("{checkout}/webhook_endpoints.secret/{endpoint}")
}

/// Seals a secret for its endpoint.
pub(super) fn seal_secret(
    keys: &Keyring,
    checkout: CheckoutId,
    endpoint: WebhookEndpointId,
    secret: &SigningSecret,
) -> Vec<u8> {
    keys.seal(&place(checkout, endpoint), secret.as_bytes())
}

/// Opens an endpoint's secret.
pub fn open_secret(
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
