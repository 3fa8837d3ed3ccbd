//! Turns a bearer token into a member of staff, with their permissions as they stand now.
//!
//! One query per request, whoever calls: what was revoked is gone with the next request, on every instance.

use std::sync::Arc;

use super::api_keys::{store as keys, token};
use super::identify::{FirstVisit, identify};
use super::model::{KeyStanding, UserStanding};
use super::oidc::Oidc;
use super::store;
use super::tokens::{Checked, Signer, Subject};
use crate::db::Db;
use crate::db::error::DbError;
use crate::http::caller::{Authenticated, Authenticator, Principal, Staff};
use crate::kernel::ids::{ApiKeyId, OrganizationId, SignInId, UserId};
use crate::kernel::problem::Problem;
use crate::kernel::secret::constant_time_eq;
use crate::kernel::tenant::Tenant;

/// The authenticator of the application.
pub struct Accounts {
    /// Where memberships and keys are.
    pub db: Db,
    /// Who signs access tokens.
    pub signer: Arc<Signer>,
    /// Who verifies the tokens of other issuers.
    pub oidc: Oidc,
    /// What happens when somebody comes from there for the first time.
    pub first_visit: Arc<dyn FirstVisit>,
}

impl Authenticator for Accounts {
    fn authenticate<'a>(&'a self, token: &'a str, tenant: Option<Tenant>) -> Authenticated<'a> {
        Box::pin(async move {
            let staff = if token::looks_like_one(token) {
                self.key(token, tenant).await?
            } else if let Some(checked) = self.signer.check(token) {
                self.bearer(checked, tenant).await?
            } else {
                self.foreign(token, tenant).await?
            };
            Ok(staff)
        })
    }
}

impl Accounts {
    async fn bearer(&self, checked: Checked, tenant: Option<Tenant>) -> Result<Option<Staff>, DbError> {
        let mut found = match checked.subject {
            Subject::User(user, sign_in) => self.user(user, sign_in, tenant).await?,
            Subject::Key(organization, key) => self.standing(organization, key, None, tenant).await?,
        };
        if let Some(Unsettled(staff, ..)) = &mut found {
            staff.credential = checked.id;
            staff.caps = checked.caps;
        }
        Ok(found.map(Unsettled::settle))
    }

    /// A token of another issuer: its bearer is a user of ours, never narrowed.
    async fn foreign(&self, token: &str, tenant: Option<Tenant>) -> Result<Option<Staff>, Problem> {
        let Some(identity) = self.oidc.verify(token).await? else {
            return Ok(None);
        };
        let Some(user) = identify(&self.db, self.first_visit.as_ref(), &identity).await? else {
            return Ok(None);
        };
        let mut found = self.user(user, None, tenant).await?;
        if let Some(Unsettled(staff, ..)) = &mut found {
            staff.credential = identity.issuer;
        }
        Ok(found.map(Unsettled::settle))
    }

    async fn user(
        &self,
        user: UserId,
        sign_in: Option<SignInId>,
        tenant: Option<Tenant>,
    ) -> Result<Option<Unsettled>, DbError> {
        let conn = self.db.read().await?;
        let offset = self.db.clock().offset_ms();
        let standing = store::standing(&conn, offset, user, sign_in, tenant).await?;
        Ok(standing.map(|standing| Unsettled(staff(Principal::User(user), sign_in), standing, tenant)))
    }

    async fn key(&self, text: &str, tenant: Option<Tenant>) -> Result<Option<Staff>, DbError> {
        let Some(parts) = token::parse(text) else {
            return Ok(None);
        };
        let found = self
            .standing(parts.organization, parts.id, Some(&parts), tenant)
            .await?;
        Ok(found.map(Unsettled::settle))
    }

    /// A key that has not ended, and is genuine if its text was sent.
    async fn standing(
        &self,
        organization: OrganizationId,
        id: ApiKeyId,
        parts: Option<&token::Parts>,
        tenant: Option<Tenant>,
    ) -> Result<Option<Unsettled>, DbError> {
        let conn = self.db.read().await?;
        let offset = self.db.clock().offset_ms();
        let found: Option<KeyStanding> = keys::standing(&conn, offset, organization, id, tenant).await?;
        let genuine = |key: &KeyStanding| {
            parts.is_none_or(|parts| {
                constant_time_eq(&key.secret_hash, &parts.secret_hash) && key.test_mode == parts.test_mode
            })
        };
        let Some(key) = found.filter(genuine) else {
            return Ok(None);
        };
        if key.touch {
            keys::touch(&conn, offset, organization, id).await?;
        }
        let mut staff = staff(Principal::Key { organization, key: id }, None);
        staff.credential = id.to_string();
        staff.test_mode = key.test_mode;
        let standing = UserStanding {
            organization_id: key.tenant_id,
            organization_role: key.organization_role,
            checkout_role: key.checkout_role,
        };
        Ok(Some(Unsettled(staff, standing, tenant)))
    }
}

fn staff(principal: Principal, sign_in: Option<SignInId>) -> Staff {
    Staff {
        principal,
        credential: String::new(),
        sign_in: sign_in.map(SignInId::uuid),
        caps: None,
        test_mode: false,
        organization: None,
        checkout: None,
    }
}

/// A caller whose permissions are still to be worked out from their standing and their token.
struct Unsettled(Staff, UserStanding, Option<Tenant>);

impl Unsettled {
    fn settle(self) -> Staff {
        let Self(mut staff, standing, tenant) = self;
        let Some(organization) = standing.organization_id else {
            return staff;
        };
        match tenant {
            None => {}
            Some(Tenant::Organization(id)) => {
                let left = staff.narrowed_in_organization(organization, standing.grants());
                staff.organization = left.map(|permissions| (id, permissions));
            }
            Some(Tenant::Checkout(id)) => {
                let left = staff.narrowed_in_checkout(organization, id, standing.grants());
                staff.checkout = left.map(|permissions| (id, organization, permissions));
            }
        }
        staff
    }
}
