//! Makes a user with a password.

use super::model::User;
use super::store;
use crate::db::Tx;
use crate::db::error::DbError;
use crate::kernel::ids::UserId;
use crate::kernel::text::{Email, Name};

/// Makes the user; `password_hash` comes from [`super::passwords::hash`], computed before the transaction opened.
pub async fn register(tx: &mut Tx, name: Name, email: Email, password_hash: String) -> Result<UserId, DbError> {
    let user = User {
        id: UserId::generate(tx.clock()),
        name,
        email,
        password_hash,
    };
    store::insert_user(tx, &user).await?;
    Ok(user.id)
}
