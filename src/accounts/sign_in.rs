//! Signing in by e-mail and password, staying signed in, signing out.

use secrecy::SecretString;

use super::model::{RevokedFor, User};
use super::passwords;
use super::refresh_token::RefreshToken;
use super::store;
use super::tokens::{LIFETIME, NewToken, Signer, Subject};
use crate::db::error::DbError;
use crate::db::{Db, Tx};
use crate::http::heavy_work::HeavyWork;
use crate::kernel::ids::SignInId;
use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;
use crate::kernel::secret::Keyring;
use crate::kernel::text::Email;

/// What a person holds who is signed in.
#[derive(Clone, Debug)]
pub struct SignedInTokens {
    /// For fifteen minutes.
    pub access: String,
    /// For the next pair.
    pub refresh: String,
}

fn tokens(keys: &Keyring, signer: &Signer, token: RefreshToken) -> Result<SignedInTokens, Problem> {
    let new = NewToken {
        subject: Subject::User(token.user, Some(token.sign_in)),
        caps: None,
        lifetime: LIFETIME,
    };
    Ok(SignedInTokens {
        access: signer.sign(new).map_err(Problem::internal)?,
        refresh: token.format(keys),
    })
}

/// Signs in the user with this address and password. A wrong password and an unknown address cost the same time and are the
/// same answer.
pub async fn sign_in(
    db: &Db,
    keys: &Keyring,
    signer: &Signer,
    hashing: &HeavyWork,
    email: &Email,
    password: SecretString,
) -> Result<SignedInTokens, Problem> {
    let user = {
        let conn = db.read().await?;
        store::user_by_email(&conn, &email.folded()).await?
    };
    let hash = user.as_ref().and_then(|user| user.password_hash.clone());
    let right = passwords::verify(hashing, password, hash).await?;
    match user {
        Some(user) if right => begin(db, keys, signer, &user).await,
        _ => Err(Problem::new(ProblemCode::InvalidCredentials)),
    }
}

/// Begins a family of refresh tokens for a user whose password was right, if it is their password still.
async fn begin(db: &Db, keys: &Keyring, signer: &Signer, verified: &User) -> Result<SignedInTokens, Problem> {
    let sign_in = SignInId::generate(db.clock());
    db.write(async |tx: &mut Tx| -> Result<(), Problem> {
        lock_unchanged(tx, verified).await?;
        Ok(store::insert_sign_in(tx, verified.id, sign_in).await?)
    })
    .await?;
    let (user, generation) = (verified.id, 1);
    tokens(
        keys,
        signer,
        RefreshToken {
            user,
            sign_in,
            generation,
        },
    )
}

/// What a refresh token was worth.
enum Refreshed {
    Next(RefreshToken),
    Refused,
}

/// Exchanges a refresh token for the next pair. One that comes a second time ends the whole family.
pub async fn refresh(db: &Db, keys: &Keyring, signer: &Signer, text: &str) -> Result<SignedInTokens, Problem> {
    let refused = || Problem::new(ProblemCode::InvalidRefreshToken);
    let token = RefreshToken::read(keys, text).ok_or_else(refused)?;
    // A refusal is a result and not an error: what it revoked must be committed.
    let outcome = db
        .write(async |tx: &mut Tx| -> Result<Refreshed, DbError> {
            let Some(sign_in) = store::lock_sign_in(tx, token.user, token.sign_in).await? else {
                return Ok(Refreshed::Refused);
            };
            if sign_in.revoked_at.is_some() {
                return Ok(Refreshed::Refused);
            }
            if sign_in.generation != token.generation {
                store::revoke(tx, token.user, token.sign_in, RevokedFor::Reused).await?;
                tracing::warn!(user = %token.user, sign_in = %token.sign_in, "a refresh token came twice: the sign-in was ended");
                return Ok(Refreshed::Refused);
            }
            store::rotate(tx, &sign_in).await?;
            Ok(Refreshed::Next(RefreshToken {
                generation: token.generation + 1,
                ..token
            }))
        })
        .await?;
    match outcome {
        Refreshed::Next(next) => tokens(keys, signer, next),
        Refreshed::Refused => Err(refused()),
    }
}

/// Ends the sign-in of a refresh token, and with it the access tokens that came of it. A token that proves nothing ends nothing.
pub async fn sign_out(db: &Db, keys: &Keyring, text: &str) -> Result<(), Problem> {
    let Some(token) = RefreshToken::read(keys, text) else {
        return Ok(());
    };
    db.write(async |tx: &mut Tx| -> Result<(), DbError> {
        store::revoke(tx, token.user, token.sign_in, RevokedFor::SignedOut).await
    })
    .await?;
    Ok(())
}

/// Locks a user whose password was verified before the transaction began. A reset in between has ended every sign-in, and the
/// old password must not outlive it: refused as a wrong one.
pub(super) async fn lock_unchanged(tx: &Tx, verified: &User) -> Result<(), Problem> {
    let now = store::lock_user(tx, verified.id).await?;
    now.filter(|now| now.password_hash == verified.password_hash)
        .map(drop)
        .ok_or_else(|| Problem::new(ProblemCode::InvalidCredentials))
}

/// Whether a password is the user's own.
pub(super) async fn is_password_of(hashing: &HeavyWork, user: &User, password: SecretString) -> Result<bool, Problem> {
    passwords::verify(hashing, password, user.password_hash.clone()).await
}
