//! API keys: `kassa_sk_{live|test}_…`, shown once.
//!
//! The key carries organization and key id in front of 256 random bits, so it is found by primary key and nothing global has to
//! be searched by hash.

use data_encoding::BASE64URL_NOPAD;
use uuid::Uuid;

use super::model::ApiKey;
use super::store;
use crate::db::Tx;
use crate::db::error::DbError;
use crate::kernel::ids::{ApiKeyId, OrganizationId};
use crate::kernel::permission::OrganizationRole;
use crate::kernel::secret::{random_bytes, sha256};
use crate::kernel::text::Name;

const PREFIX: &str = "kassa_sk_";

/// A key's parts.
pub(super) struct Parts {
    pub organization: OrganizationId,
    pub id: ApiKeyId,
    pub secret_hash: [u8; 32],
    pub test_mode: bool,
}

/// Whether a token means to be an API key.
pub(super) fn looks_like_one(token: &str) -> bool {
    token.starts_with(PREFIX)
}

/// Takes a key apart.
pub(super) fn parse(token: &str) -> Option<Parts> {
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

/// A key to be made.
#[derive(Clone, Debug)]
pub struct NewApiKey {
    /// Its organization.
    pub organization: OrganizationId,
    /// What it is for.
    pub name: Name,
    /// Its role in the organization.
    pub role: OrganizationRole,
    /// For test mode only.
    pub test_mode: bool,
}

/// Makes a key of the whole organization and returns it, for the only time.
pub async fn create(tx: &mut Tx, new: NewApiKey) -> Result<String, DbError> {
    create_with(tx, new, random_bytes::<32>()).await
}

/// Makes a key with a given secret: for demo data, whose key is derived and not remembered.
pub async fn create_with(tx: &mut Tx, new: NewApiKey, secret: [u8; 32]) -> Result<String, DbError> {
    let NewApiKey {
        organization,
        name,
        role,
        test_mode,
    } = new;
    let id = ApiKeyId::generate(tx.clock());
    let token = format(organization, id, &secret, test_mode);
    let row = ApiKey {
        organization_id: organization,
        id,
        name,
        secret_hash: sha256(&secret).to_vec(),
        last4: token[token.len() - 4..].to_owned(),
        test_mode,
        organization_role: Some(role),
        checkout_id: None,
        checkout_role: None,
        expires_at: None,
    };
    store::insert_api_key(tx, &row).await?;
    Ok(token)
}
