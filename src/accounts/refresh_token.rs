//! Refresh tokens: `kassa_rt_…`, signed, so that nothing of them is stored.
//!
//! A token carries its family and its generation. The newest generation refreshes; an older one that is genuine was used
//! before, so it or its successor is in other hands.

use data_encoding::BASE64URL_NOPAD;
use uuid::Uuid;

use crate::kernel::ids::{SignInId, UserId};
use crate::kernel::secret::Keyring;

const PREFIX: &str = "kassa_rt_";
const PURPOSE: &str = "refresh token";

/// What a genuine token says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RefreshToken {
    /// Whose.
    pub user: UserId,
    /// The family.
    pub sign_in: SignInId,
    /// Which token of the family.
    pub generation: i32,
}

impl RefreshToken {
    /// The text of the token.
    pub fn format(&self, keys: &Keyring) -> String {
        let mut payload = self.user.uuid().as_bytes().to_vec();
        payload.extend_from_slice(self.sign_in.uuid().as_bytes());
        payload.extend_from_slice(&self.generation.to_be_bytes());
        format!("{PREFIX}{}", BASE64URL_NOPAD.encode(&keys.sign(PURPOSE, &payload)))
    }

    /// Reads a token that we made.
    pub fn read(keys: &Keyring, text: &str) -> Option<Self> {
        let token = BASE64URL_NOPAD.decode(text.strip_prefix(PREFIX)?.as_bytes()).ok()?;
        let payload = keys.verify(PURPOSE, &token).ok()?;
        let (user, rest) = payload.split_at_checked(16)?;
        let (sign_in, generation) = rest.split_at_checked(16)?;
        Some(Self {
            user: UserId::from_uuid(Uuid::from_slice(user).ok()?),
            sign_in: SignInId::from_uuid(Uuid::from_slice(sign_in).ok()?),
            generation: i32::from_be_bytes(generation.try_into().ok()?),
        })
    }
}
