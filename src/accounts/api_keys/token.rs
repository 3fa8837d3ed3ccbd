//! The text of a key: `kassa_sk_{live|test}_…`.
//!
//! It carries organization and key id in front of 256 random bits, so it is found by primary key and nothing global has to be
//! searched by hash.

use data_encoding::BASE64URL_NOPAD;
use uuid::Uuid;

use crate::kernel::ids::{ApiKeyId, OrganizationId};
use crate::kernel::secret::sha256;

const PREFIX: &str = "kassa_sk_";

/// A key's parts.
pub struct Parts {
    /// Its organization.
    pub organization: OrganizationId,
    /// The key.
    pub id: ApiKeyId,
    /// SHA-256 of its secret part.
    pub secret_hash: [u8; 32],
    /// For test mode only.
    pub test_mode: bool,
}

/// Whether a token means to be an API key.
pub fn looks_like_one(token: &str) -> bool {
    token.starts_with(PREFIX)
}

/// Takes a key apart.
pub fn parse(token: &str) -> Option<Parts> {
    let (mode, encoded) = token.strip_prefix(PREFIX)?.split_once('_')?;
    let test_mode = match mode {
        "live" => false,
        "test" => true,
        _ => return None,
    };
    let bytes = BASE64URL_NOPAD.decode(encoded.as_bytes()).ok()?;
    let (organization, rest) = bytes.split_at_checked(16)?;
    let (id, secret) = rest.split_at_checked(16)?;
    (secret.len() == 32).then_some(())?;
    Some(Parts {
        organization: OrganizationId::from_uuid(Uuid::from_slice(organization).ok()?),
        id: ApiKeyId::from_uuid(Uuid::from_slice(id).ok()?),
        secret_hash: sha256(secret),
        test_mode,
    })
}

/// The text of a key.
pub fn format(organization: OrganizationId, id: ApiKeyId, secret: &[u8; 32], test_mode: bool) -> String {
    let mut bytes = organization.uuid().as_bytes().to_vec();
    bytes.extend_from_slice(id.uuid().as_bytes());
    bytes.extend_from_slice(secret);
    let mode = if test_mode { "test" } else { "live" };
    format!("{PREFIX}{mode}_{}", BASE64URL_NOPAD.encode(&bytes))
}
