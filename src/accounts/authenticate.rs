//! Turns a bearer token into a member of staff, with their permissions as they stand now.

use std::sync::Arc;

use super::api_keys;
use super::model::ApiKey;
use super::store;
use super::tokens::Signer;
use crate::db::error::DbError;
use crate::db::{Conn, Db};
use crate::http::caller::{Authenticated, Authenticator, Principal, Staff};
use crate::kernel::ids::CheckoutId;
use crate::kernel::permission::{CheckoutRole, OrganizationRole, Permissions};
use crate::kernel::secret::constant_time_eq;

/// The authenticator of the application.
pub struct Accounts {
    /// Where memberships and keys are.
    pub db: Db,
    /// Who signs access tokens.
    pub signer: Arc<Signer>,
}

impl Authenticator for Accounts {
    fn authenticate<'a>(&'a self, token: &'a str, checkout: Option<CheckoutId>) -> Authenticated<'a> {
        Box::pin(async move {
            let staff = if api_keys::looks_like_one(token) {
                self.key(token, checkout).await?
            } else {
                self.user(token, checkout).await?
            };
            Ok(staff)
        })
    }
}

impl Accounts {
    async fn user(&self, token: &str, checkout: Option<CheckoutId>) -> Result<Option<Staff>, DbError> {
        let Some(user) = self.signer.check(token) else {
            return Ok(None);
        };
        let mut staff = Staff {
            principal: Principal::User(user),
            checkout: None,
        };
        if let Some(checkout) = checkout {
            let conn = self.db.read().await?;
            let membership = store::membership(&conn, user, checkout).await?;
            staff.checkout = membership
                .and_then(|membership| membership.role())
                .map(|role| (checkout, role.permissions()));
        }
        Ok(Some(staff))
    }

    async fn key(&self, token: &str, checkout: Option<CheckoutId>) -> Result<Option<Staff>, DbError> {
        let Some(parts) = api_keys::parse(token) else {
            return Ok(None);
        };
        let conn = self.db.read().await?;
        let offset = self.db.clock().offset_ms();
        let found = store::live_api_key(&conn, offset, parts.organization, parts.id).await?;
        let genuine =
            |key: &ApiKey| constant_time_eq(&key.secret_hash, &parts.secret_hash) && key.test_mode == parts.test_mode;
        let Some(key) = found.filter(genuine) else {
            return Ok(None);
        };
        let permissions = match checkout {
            Some(checkout) => permissions(&conn, &key, checkout).await?.map(|set| (checkout, set)),
            None => None,
        };
        Ok(Some(Staff {
            principal: Principal::Key {
                organization: key.organization_id,
                key: key.id,
                checkout: key.checkout_id,
            },
            checkout: permissions,
        }))
    }
}

/// What a key may do in a checkout: nothing outside its own, nothing outside its organization.
async fn permissions(conn: &Conn, key: &ApiKey, checkout: CheckoutId) -> Result<Option<Permissions>, DbError> {
    if let Some(own) = key.checkout_id {
        return Ok(key
            .checkout_role
            .filter(|_| own == checkout)
            .map(CheckoutRole::permissions));
    }
    let implied = key.organization_role.and_then(OrganizationRole::implied_checkout_role);
    match implied {
        Some(role) if store::owns_checkout(conn, key.organization_id, checkout).await? => Ok(Some(role.permissions())),
        _ => Ok(None),
    }
}
