//! Signing in by e-mail and password.

use secrecy::SecretString;

use super::passwords;
use super::store;
use super::tokens::Signer;
use crate::db::Db;
use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;
use crate::kernel::text::Email;

/// An access token for the user with this address and password.
pub async fn sign_in(db: &Db, signer: &Signer, email: &Email, password: SecretString) -> Result<String, Problem> {
    let user = {
        let conn = db.read().await?;
        store::user_by_email(&conn, &email.folded()).await?
    };
    let hash = user.as_ref().map(|user| user.password_hash.clone());
    let right = passwords::verify(password, hash).await?;
    match user {
        Some(user) if right => signer.issue(user.id).map_err(Problem::internal),
        _ => Err(Problem::new(ProblemCode::InvalidCredentials)),
    }
}
