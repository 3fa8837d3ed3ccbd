//! Who somebody is whom an OpenID Connect issuer vouches for.
//!
//! Known by issuer and subject. The first time, by an address that the issuer has verified: the account with that address, else
//! a new one. An account whose own address was never proved may have been made by somebody else in waiting; it loses its
//! password and its sign-ins in that moment.

use std::future::Future;
use std::pin::Pin;

use super::model::{RevokedFor, User};
use super::oidc::Identity;
use super::store;
use crate::db::error::DbError;
use crate::db::{Db, Tx};
use crate::kernel::ids::UserId;
use crate::kernel::text::Email;

/// A boxed future, so that [`FirstVisit`] can be a trait object.
pub type Welcomed<'a> = Pin<Box<dyn Future<Output = Result<(), DbError>> + Send + 'a>>;

/// What happens when somebody comes for the first time: implemented by a room below this one.
pub trait FirstVisit: Send + Sync {
    /// With the transaction that makes them known; the address is verified.
    fn welcome<'a>(&'a self, tx: &'a mut Tx, user: UserId, email: &'a Email) -> Welcomed<'a>;
}

/// The user; `None` when the issuer vouches for no address of somebody whom we do not know.
pub async fn identify(db: &Db, first: &dyn FirstVisit, identity: &Identity) -> Result<Option<UserId>, DbError> {
    if let Some(user) = known(db, identity).await? {
        return Ok(Some(user));
    }
    let Some(email) = &identity.email else {
        return Ok(None);
    };
    let made = db
        .write(async |tx: &mut Tx| -> Result<UserId, DbError> {
            let found = store::user_by_email(tx.conn(), &email.folded()).await?;
            let user = match found {
                Some(user) => take_over(tx, user).await?,
                None => make(tx, identity, email).await?,
            };
            store::insert_identity(tx, &identity.issuer, &identity.subject, user).await?;
            first.welcome(tx, user, email).await?;
            Ok(user)
        })
        .await;
    match made {
        // Two first requests at once: the other one was faster.
        Err(error) if matches!(error.constraint(), Some("users_email_unique" | "user_identities_pkey")) => {
            known(db, identity).await
        }
        other => other.map(Some),
    }
}

async fn known(db: &Db, identity: &Identity) -> Result<Option<UserId>, DbError> {
    let conn = db.read().await?;
    let user = store::user_by_identity(&conn, &identity.issuer, &identity.subject).await?;
    Ok(user.map(|user| user.id))
}

async fn take_over(tx: &mut Tx, user: User) -> Result<UserId, DbError> {
    if user.email_verified_at.is_none() {
        store::set_password(tx, user.id, None).await?;
        store::revoke_others(tx, user.id, None, RevokedFor::PasswordChanged).await?;
        store::verify_email(tx, user.id).await?;
    }
    Ok(user.id)
}

async fn make(tx: &mut Tx, identity: &Identity, email: &Email) -> Result<UserId, DbError> {
    let named = identity.name.clone().or_else(|| email.as_str().parse().ok());
    let user = User {
        id: UserId::generate(tx.clock()),
        name: named.ok_or_else(|| DbError::Defect("an address is a name".to_owned()))?,
        email: email.clone(),
        password_hash: None,
        email_verified_at: Some(tx.clock().now()),
    };
    store::insert_user(tx, &user).await?;
    Ok(user.id)
}
