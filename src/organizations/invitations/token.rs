//! What the mail of an invitation carries: signed, so that nothing of it is stored.

use data_encoding::BASE64URL_NOPAD;
use uuid::Uuid;

use crate::kernel::ids::{InvitationId, OrganizationId};
use crate::kernel::secret::Keyring;

const PURPOSE: &str = "invitation";

/// The token of an invitation.
pub fn issue(keys: &Keyring, organization: OrganizationId, id: InvitationId) -> String {
    let mut payload = organization.uuid().as_bytes().to_vec();
    payload.extend_from_slice(id.uuid().as_bytes());
    BASE64URL_NOPAD.encode(&keys.sign(PURPOSE, &payload))
}

/// The invitation of a token that we made.
pub fn read(keys: &Keyring, text: &str) -> Option<(OrganizationId, InvitationId)> {
    let token = BASE64URL_NOPAD.decode(text.as_bytes()).ok()?;
    let payload = keys.verify(PURPOSE, &token).ok()?;
    let (organization, id) = payload.split_at_checked(16)?;
    Some((
        OrganizationId::from_uuid(Uuid::from_slice(organization).ok()?),
        InvitationId::from_uuid(Uuid::from_slice(id).ok()?),
    ))
}
