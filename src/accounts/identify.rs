//! Who somebody is whom an OpenID Connect issuer vouches for.
//!
//! Known by issuer and subject. The first time, by an address that the issuer has verified: the account with that address, else
//! a new one. An account whose own address was never proved may have been made by somebody else in waiting; it loses its
//! password and its sign-ins in that moment.

use super::model::{RevokedFor, User};
use super::store;
use crate::db::error::DbError;
use crate::db::{Db, Tx};
use crate::kernel::ids::UserId;
use crate::kernel::text::{Email, Name};

/// What an issuer says of somebody.
#[derive(Clone, Debug)]
pub struct Vouched {
    /// The issuer.
    pub issuer: String,
    /// Who they are there.
    pub subject: String,
    /// Their address, if the issuer has verified it.
    pub email: Option<Email>,
    /// Their name.
    pub name: Option<Name>,
}

/// The user, and whether this is the first time they come this way.
pub async fn identify(db: &Db, vouched: &Vouched) -> Result<Option<(UserId, bool)>, DbError> {
    {
        let conn = db.read().await?;
        if let Some(user) = store::user_by_identity(&conn, &vouched.issuer, &vouched.subject).await? {
            return Ok(Some((user.id, false)));
        }
    }
    let Some(email) = &vouched.email else {
        return Ok(None);
    };
    let user = db
        .write(async |tx: &mut Tx| -> Result<UserId, DbError> {
            let found = store::user_by_email(tx.conn(), &email.folded()).await?;
            let user = match found {
                Some(user) => take_over(tx, user).await?,
                None => make(tx, vouched, email).await?,
            };
            store::insert_identity(tx, &vouched.issuer, &vouched.subject, user).await?;
            Ok(user)
        })
        .await?;
    Ok(Some((user, true)))
}

async fn take_over(tx: &mut Tx, user: User) -> Result<UserId, DbError> {
    if user.email_verified_at.is_none() {
        store::set_password(tx, user.id, None).await?;
        store::revoke_others(tx, user.id, None, RevokedFor::PasswordChanged).await?;
        store::verify_email(tx, user.id).await?;
    }
    Ok(user.id)
}

async fn make(tx: &mut Tx, vouched: &Vouched, email: &Email) -> Result<UserId, DbError> {
    let named = vouched.name.clone().or_else(|| email.as_str().parse().ok());
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
