//! Makes a user with a password.

use secrecy::SecretString;

use super::mail_token::{self, Purpose};
use super::model::User;
use super::{passwords, store};
use crate::db::error::DbError;
use crate::db::{Db, Tx};
use crate::http::heavy_work::HeavyWork;
use crate::kernel::ids::UserId;
use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;
use crate::kernel::secret::Keyring;
use crate::kernel::text::{Email, Name};
use crate::mails::queue::{Message, send};

/// Makes the user; `password_hash` comes from [`super::passwords::hash`], computed before the transaction opened.
pub async fn register(tx: &mut Tx, name: Name, email: Email, password_hash: String) -> Result<UserId, DbError> {
    let now = tx.clock().now();
    let user = User {
        id: UserId::generate(tx.clock()),
        name,
        email,
        password_hash: Some(password_hash),
        email_verified_at: None,
        created_at: now,
        updated_at: now,
    };
    store::insert_user(tx, &user).await?;
    Ok(user.id)
}

/// A person makes an account of their own and is asked, by mail, to prove the address.
pub async fn sign_up(
    db: &Db,
    keys: &Keyring,
    hashing: &HeavyWork,
    name: Name,
    email: Email,
    password: SecretString,
) -> Result<User, Problem> {
    let hash = passwords::hash(hashing, password).await?;
    let outcome = db
        .write(async |tx: &mut Tx| -> Result<User, DbError> {
            let id = register(tx, name.clone(), email.clone(), hash.clone()).await?;
            send(tx, keys, &proof(keys, tx, id, &email)).await?;
            store::user(tx.conn(), id).await?.ok_or(DbError::Stale)
        })
        .await;
    outcome.map_err(|error| match error.constraint() {
        Some("users_email_unique") => Problem::new(ProblemCode::EmailTaken).pointing(ProblemCode::EmailTaken, "/email"),
        _ => error.into(),
    })
}

fn proof(keys: &Keyring, tx: &Tx, user: UserId, email: &Email) -> Message {
    let token = mail_token::issue(keys, tx.clock(), Purpose::VerifyEmail, user, &email.folded());
    Message {
        to: email.clone(),
        subject: "Confirm your e-mail address".to_owned(),
        text: format!(
            "Welcome to Kassa.\n\nConfirm that this address is yours with this code:\n\n{token}\n\n\
             The code holds for a week. If you did not make an account, ignore this mail.\n"
        ),
    }
}

/// Takes the proof that an address is the user's.
pub async fn verify_email(db: &Db, keys: &Keyring, text: &str) -> Result<(), Problem> {
    let refused = || Problem::new(ProblemCode::InvalidToken);
    let token = mail_token::MailToken::read(keys, db.clock(), Purpose::VerifyEmail, text).ok_or_else(refused)?;
    db.write(async |tx: &mut Tx| -> Result<(), Problem> {
        let user = store::lock_user(tx, token.user).await?.ok_or_else(refused)?;
        if !token.matches(&user.email.folded()) {
            return Err(refused());
        }
        Ok(store::verify_email(tx, user.id).await?)
    })
    .await
}
