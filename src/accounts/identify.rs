//! Who somebody is whom an OpenID Connect issuer vouches for.
//!
//! Known by issuer and subject. The first time, by an address that the issuer has verified: the account with that address, else
//! a new one. An account with a password may have been made by somebody else in waiting, even if its address is proved: the
//! mailed code alone does it, and its owner may have pasted it. So the account loses its password and its sign-ins in that moment;
//! who wants a password asks for a new one by mail. An address that comes with a second subject of the same issuer was given to
//! somebody else there: they are not let into the account of the first.

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

/// What happens when somebody comes for the first time: implemented by a room that uses this one.
pub trait FirstVisit: Send + Sync {
    /// With the transaction that makes them known; the address is verified.
    fn welcome<'a>(&'a self, tx: &'a mut Tx, user: UserId, email: &'a Email) -> Welcomed<'a>;
}

/// The user; `None` when the issuer vouches for no address of somebody whom we do not know, or for one whose account belongs to
/// another subject of the same issuer.
pub async fn identify(db: &Db, first: &dyn FirstVisit, identity: &Identity) -> Result<Option<UserId>, DbError> {
    if let Some(user) = known(db, identity).await? {
        return Ok(Some(user));
    }
    let Some(email) = &identity.email else {
        return Ok(None);
    };
    let made = db
        .write(async |tx: &mut Tx| -> Result<Option<UserId>, DbError> {
            let found = store::user_by_email(tx.conn(), &email.folded()).await?;
            let user = match found {
                Some(user) => match take_over(tx, identity, user.id).await? {
                    Link::New => user.id,
                    Link::Same => return Ok(Some(user.id)),
                    Link::OfAnother => return Ok(None),
                },
                None => make(tx, identity, email).await?,
            };
            store::insert_identity(tx, &identity.issuer, &identity.subject, user).await?;
            first.welcome(tx, user, email).await?;
            Ok(Some(user))
        })
        .await;
    match made {
        // Two first requests at once: the other one was faster.
        Err(error) if matches!(error.constraint(), Some("users_email_unique" | "user_identities_pkey")) => {
            known(db, identity).await
        }
        other => other,
    }
}

async fn known(db: &Db, identity: &Identity) -> Result<Option<UserId>, DbError> {
    let conn = db.read().await?;
    let user = store::user_by_identity(&conn, &identity.issuer, &identity.subject).await?;
    Ok(user.map(|user| user.id))
}

/// How an account stands to an identity with its address.
enum Link {
    /// Nobody of the issuer has it: it was made ready for this one.
    New,
    /// It has become this one's since it was looked for.
    Same,
    /// Another subject of the issuer has it.
    OfAnother,
}

async fn take_over(tx: &mut Tx, identity: &Identity, user: UserId) -> Result<Link, DbError> {
    // Under the lock a sign-in that is under way has begun, and is ended here, or finds its password gone.
    store::lock_user(tx, user).await?;
    match store::subject_of(tx, user, &identity.issuer).await? {
        Some(subject) if subject == identity.subject => return Ok(Link::Same),
        Some(_) => {
            tracing::warn!(%user, issuer = identity.issuer, "a second subject of an issuer came with the address of an account");
            return Ok(Link::OfAnother);
        }
        None => {}
    }
    store::set_password(tx, user, None).await?;
    store::revoke_others(tx, user, None, RevokedFor::PasswordChanged).await?;
    store::verify_email(tx, user).await?;
    Ok(Link::New)
}

async fn make(tx: &mut Tx, identity: &Identity, email: &Email) -> Result<UserId, DbError> {
    let named = identity.name.clone().or_else(|| email.as_str().parse().ok());
    let now = tx.clock().now();
    let user = User {
        id: UserId::generate(tx.clock()),
        name: named.ok_or_else(|| DbError::Defect("an address is a name".to_owned()))?,
        email: email.clone(),
        password_hash: None,
        email_verified_at: Some(now),
        created_at: now,
        updated_at: now,
    };
    store::insert_user(tx, &user).await?;
    Ok(user.id)
}
