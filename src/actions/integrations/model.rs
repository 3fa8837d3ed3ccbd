//! Rows of integrations, and the accounts they open.

use diesel::QueryableByName;
use secrecy::SecretString;

use crate::db::schema::integrations;
use crate::kernel::clock::Instant;
use crate::kernel::ids::CheckoutId;
use crate::word_enum;

word_enum! {
    /// A service that a checkout may have an account at.
    pub enum Service in "integrations.service" {
        /// Systeme.io.
        SystemeIo = "systeme_io",
        /// ActiveCampaign.
        ActiveCampaign = "active_campaign",
        /// Mailchimp.
        Mailchimp = "mailchimp",
    }
}

impl Service {
    /// Every service.
    pub const EVERY: &'static [Self] = &[Self::SystemeIo, Self::ActiveCampaign, Self::Mailchimp];

    /// Whether each account has an address of its own.
    pub const fn has_url(self) -> bool {
        matches!(self, Self::ActiveCampaign)
    }
}

/// One account, as it is kept.
#[derive(Clone, QueryableByName)]
#[diesel(table_name = integrations)]
pub struct Integration {
    /// The tenant.
    pub checkout_id: CheckoutId,
    /// Where.
    pub service: Service,
    /// What may be shown.
    pub settings: serde_json::Value,
    /// What may not, sealed.
    pub secrets: Vec<u8>,
    /// When it was made.
    pub created_at: Instant,
    /// When it last changed.
    pub updated_at: Instant,
}

/// An account that can be used: its key is open.
#[derive(Clone, Debug)]
pub struct Account {
    /// What calls are made with.
    pub api_key: SecretString,
    /// The account's own address, without a trailing slash, where it has one.
    pub url: Option<String>,
}
