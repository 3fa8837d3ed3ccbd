//! A new password: by the old one, or by a mail to who has lost it. Either way every other sign-in ends.

use secrecy::SecretString;

use super::mail_token::{self, MailToken, Purpose};
use super::model::{RevokedFor, User};
use super::{passwords, sign_in, store};
use crate::db::error::DbError;
use crate::db::{Db, Tx};
use crate::http::heavy_work::HeavyWork;
use crate::kernel::ids::{SignInId, UserId};
use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;
use crate::kernel::secret::Keyring;
use crate::kernel::text::Email;
use crate::mails::queue::{Message, send};

/// Replaces the password of a user who knows the old one; the sign-in it is done with goes on.
pub async fn change(
    db: &Db,
    hashing: &HeavyWork,
    user: UserId,
    own: Option<SignInId>,
    current: SecretString,
    new: SecretString,
) -> Result<(), Problem> {
    let found = {
        let conn = db.read().await?;
        store::user(&conn, user).await?
    };
    let found = found.ok_or_else(|| Problem::new(ProblemCode::Unauthenticated))?;
    if !sign_in::is_password_of(hashing, &found, current).await? {
        return Err(Problem::new(ProblemCode::InvalidCredentials));
    }
    let hash = passwords::hash(hashing, new).await?;
    db.write(async |tx: &mut Tx| -> Result<(), Problem> {
        sign_in::lock_unchanged(tx, &found).await?;
        store::set_password(tx, user, Some(&hash)).await?;
        Ok(store::revoke_others(tx, user, own, RevokedFor::PasswordChanged).await?)
    })
    .await
}

/// What a token for a lost password ends with: the password it replaces.
fn state(user: &User) -> String {
    user.password_hash.clone().unwrap_or_default()
}

/// Mails a token to who has lost a password, once a minute at the most. An unknown address and one too many are no errors: the
/// answer tells nothing.
pub async fn forgot(db: &Db, keys: &Keyring, email: &Email) -> Result<(), Problem> {
    let folded = email.folded();
    db.write(async |tx: &mut Tx| -> Result<(), DbError> {
        let Some(user) = store::user_by_email(tx.conn(), &folded).await? else {
            return Ok(());
        };
        if !store::take_reset_mail(tx, user.id).await? {
            return Ok(());
        }
        let token = mail_token::issue(keys, tx.clock(), Purpose::ResetPassword, user.id, &state(&user));
        let message = Message {
            to: user.email,
            subject: "Choose a new password".to_owned(),
            text: format!(
                "Somebody, probably you, asked for a new password.\n\nChoose one with this code:\n\n{token}\n\n\
                 The code holds for an hour. If it was not you, ignore this mail: nothing changes.\n"
            ),
        };
        send(tx, keys, &message).await
    })
    .await?;
    Ok(())
}

/// Takes a token from such a mail and replaces the password. The mail reached its reader, so the address is theirs.
pub async fn reset(db: &Db, keys: &Keyring, hashing: &HeavyWork, text: &str, new: SecretString) -> Result<(), Problem> {
    let refused = || Problem::new(ProblemCode::InvalidToken);
    let token = MailToken::read(keys, db.clock(), Purpose::ResetPassword, text).ok_or_else(refused)?;
    let hash = passwords::hash(hashing, new).await?;
    db.write(async |tx: &mut Tx| -> Result<(), Problem> {
        let user = store::lock_user(tx, token.user).await?.ok_or_else(refused)?;
        if !token.matches(&state(&user)) {
            return Err(refused());
        }
        store::set_password(tx, user.id, Some(&hash)).await?;
        store::verify_email(tx, user.id).await?;
        Ok(store::revoke_others(tx, user.id, None, RevokedFor::PasswordChanged).await?)
    })
    .await
}
