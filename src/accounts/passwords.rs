//! Passwords: argon2id (RFC 9106), computed off the request threads, as many at once as [`HeavyWork`] allows.

use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use secrecy::{ExposeSecret, SecretString};

use crate::http::heavy_work::HeavyWork;
use crate::kernel::problem::Problem;

/// OWASP's first choice for argon2id where memory is dear: 19 MiB, two passes, one lane.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;

fn hasher() -> Result<Argon2<'static>, Problem> {
    let params = Params::new(MEMORY_KIB, PASSES, 1, None).map_err(Problem::internal)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// The PHC string of a password.
pub async fn hash(hashing: &HeavyWork, password: SecretString) -> Result<String, Problem> {
    hashing
        .run(move || {
            hasher()?
                .hash_password(password.expose_secret().as_bytes())
                .map(|hash| hash.to_string())
                .map_err(Problem::internal)
        })
        .await
}

/// Whether the password is the one of `hash`. Without a hash the same work is done and the answer is no, so that an unknown
/// e-mail cannot be told by the time the answer takes.
pub async fn verify(hashing: &HeavyWork, password: SecretString, hash: Option<String>) -> Result<bool, Problem> {
    hashing
        .run(move || {
            let known = hash.is_some();
            let hasher = hasher()?;
            let hash = match hash {
                Some(hash) => hash,
                None => hasher
                    .hash_password(b"nobody's password")
                    .map_err(Problem::internal)?
                    .to_string(),
            };
            let parsed = argon2::PasswordHash::new(&hash).map_err(Problem::internal)?;
            // An unknown e-mail hashes once above instead of verifying: the same work.
            Ok(known
                && hasher
                    .verify_password(password.expose_secret().as_bytes(), &parsed)
                    .is_ok())
        })
        .await
}
