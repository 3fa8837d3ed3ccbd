//! Tokens that travel by mail: signed, bound to one purpose, ending by themselves.

use data_encoding::BASE64URL_NOPAD;
use uuid::Uuid;

use crate::kernel::clock::Clock;
use crate::kernel::ids::UserId;
use crate::kernel::secret::{Keyring, sha256};

/// What a token is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// To prove that an address is the user's: a week.
    VerifyEmail,
    /// To choose a new password: an hour.
    ResetPassword,
}

impl Purpose {
    const fn word(self) -> &'static str {
        match self {
            Self::VerifyEmail => "verify e-mail",
            Self::ResetPassword => "reset password",
        }
    }

    const fn seconds(self) -> i64 {
        match self {
            Self::VerifyEmail => 7 * 24 * 3600,
            Self::ResetPassword => 3600,
        }
    }
}

/// A token for a user as they are now: `state` (the address, the password's hash) is what it ends with, so that a token for a
/// password works once.
pub fn issue(keys: &Keyring, clock: &Clock, purpose: Purpose, user: UserId, state: &str) -> String {
    let mut payload = user.uuid().as_bytes().to_vec();
    payload.extend_from_slice(&(clock.now().timestamp() + purpose.seconds()).to_be_bytes());
    payload.extend_from_slice(&sha256(state.as_bytes())[..16]);
    BASE64URL_NOPAD.encode(&keys.sign(purpose.word(), &payload))
}

/// What a genuine token says.
pub struct MailToken {
    /// Whose.
    pub user: UserId,
    state: [u8; 16],
}

impl MailToken {
    /// Reads a token that we made for this purpose and that has not ended.
    pub fn read(keys: &Keyring, clock: &Clock, purpose: Purpose, text: &str) -> Option<Self> {
        let token = BASE64URL_NOPAD.decode(text.as_bytes()).ok()?;
        let payload = keys.verify(purpose.word(), &token).ok()?;
        let (user, rest) = payload.split_at_checked(16)?;
        let (ends, state) = rest.split_at_checked(8)?;
        let ends = i64::from_be_bytes(ends.try_into().ok()?);
        (clock.now().timestamp() < ends).then_some(())?;
        Some(Self {
            user: UserId::from_uuid(Uuid::from_slice(user).ok()?),
            state: state.try_into().ok()?,
        })
    }

    /// Whether the user is still what they were when it was sent.
    pub fn matches(&self, state: &str) -> bool {
        self.state == sha256(state.as_bytes())[..16]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_end_and_serve_one_purpose() {
        let (keys, clock) = (Keyring::new(vec![(1, [1; 32])]).expect("a key"), Clock::default());
        let user = UserId::generate(&clock);
        let token = issue(&keys, &clock, Purpose::ResetPassword, user, "old hash");
        let read = |purpose| MailToken::read(&keys, &clock, purpose, &token);
        let good = read(Purpose::ResetPassword).expect("a token");
        assert!(good.user == user && good.matches("old hash") && !good.matches("new hash"));
        assert!(read(Purpose::VerifyEmail).is_none());
        clock.advance(chrono::TimeDelta::hours(1));
        assert!(read(Purpose::ResetPassword).is_none());
    }
}
