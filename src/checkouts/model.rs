//! Rows of checkouts.

use diesel::QueryableByName;
use diesel::sql_types::{Array, Bool, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};

use crate::kernel::clock::Instant;
use crate::kernel::country::Country;
use crate::kernel::ids::{CheckoutId, OrganizationId};
use crate::kernel::locale::Locale;
use crate::kernel::money::Currency;
use crate::kernel::text::{Email, Name, Slug};
use crate::organizations::model::OrganizationStatus;
use crate::word_enum;

word_enum! {
    /// Whether the merchant takes orders.
    pub enum CheckoutStatus in "checkouts.status" {
        /// Taking orders.
        Open = "open",
        /// Not taking orders.
        Closed = "closed",
    }
}

word_enum! {
    /// Whether buyers are asked before their visit is measured.
    pub enum AnalyticsConsent in "checkouts.analytics_consent" {
        /// They are asked.
        Ask = "ask",
        /// Nothing is measured.
        Off = "off",
    }
}

/// Why a checkout takes no live orders.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ClosedReason {
    /// The merchant closed it.
    Merchant,
    /// The organization lacks billing details or a payment card.
    OrganizationInactive,
    /// The operator has suspended the organization.
    Suspended,
}

impl ClosedReason {
    /// The word itself.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Merchant => "merchant",
            Self::OrganizationInactive => "organization_inactive",
            Self::Suspended => "suspended",
        }
    }

    /// Why a checkout in this state takes no orders of this mode; `None` when it does. Test mode needs no activation.
    pub const fn of(status: CheckoutStatus, organization: OrganizationStatus, test_mode: bool) -> Option<Self> {
        match (status, organization) {
            (CheckoutStatus::Closed, _) => Some(Self::Merchant),
            (CheckoutStatus::Open, _) if test_mode => None,
            (CheckoutStatus::Open, OrganizationStatus::Suspended) => Some(Self::Suspended),
            (CheckoutStatus::Open, OrganizationStatus::Inactive) => Some(Self::OrganizationInactive),
            (CheckoutStatus::Open, OrganizationStatus::Active) => None,
        }
    }
}

/// A storefront and its settings.
#[derive(Clone, Debug, QueryableByName)]
pub struct Checkout {
    /// The checkout.
    #[diesel(sql_type = SqlUuid)]
    pub id: CheckoutId,
    /// Its organization.
    #[diesel(sql_type = SqlUuid)]
    pub organization_id: OrganizationId,
    /// Whether the organization may sell.
    #[diesel(sql_type = Text)]
    pub organization_status: OrganizationStatus,
    /// The organization's policies.
    #[diesel(sql_type = Jsonb)]
    pub organization_policies: serde_json::Value,
    /// Its name.
    #[diesel(sql_type = Text)]
    pub name: Name,
    /// Its part of public addresses.
    #[diesel(sql_type = Text)]
    pub slug: Slug,
    /// Whether the merchant takes orders.
    #[diesel(sql_type = Text)]
    pub status: CheckoutStatus,
    /// The merchant's own domain.
    #[diesel(sql_type = Nullable<Text>)]
    pub domain: Option<String>,
    /// Origins beside the storefront's that a payment may return to.
    #[diesel(sql_type = Array<Text>)]
    pub return_origins: Vec<String>,
    /// How many discount holds one address may have.
    #[diesel(sql_type = Nullable<Integer>)]
    pub max_holds_per_address: Option<i32>,
    /// Where it sells from.
    #[diesel(sql_type = Text)]
    pub country: Country,
    /// What it sells in unless a buyer asks otherwise.
    #[diesel(sql_type = Text)]
    pub default_currency: Currency,
    /// What it sells in.
    #[diesel(sql_type = Array<Text>)]
    pub currencies: Vec<Currency>,
    /// What it speaks unless a buyer asks otherwise.
    #[diesel(sql_type = Text)]
    pub default_locale: Locale,
    /// What it speaks.
    #[diesel(sql_type = Array<Text>)]
    pub locales: Vec<Locale>,
    /// Whether prices include VAT.
    #[diesel(sql_type = Bool)]
    pub prices_include_tax: bool,
    /// Where its storefront is.
    #[diesel(sql_type = Nullable<Text>)]
    pub storefront_url: Option<String>,
    /// Which pages may call its storefront routes.
    #[diesel(sql_type = Array<Text>)]
    pub allowed_origins: Vec<String>,
    /// Where buyers ask for help.
    #[diesel(sql_type = Nullable<Text>)]
    pub support_email: Option<Email>,
    /// Who its mails come from.
    #[diesel(sql_type = Nullable<Text>)]
    pub mail_from_name: Option<Name>,
    /// The address they come from.
    #[diesel(sql_type = Nullable<Text>)]
    pub mail_from_email: Option<Email>,
    /// Its own policies.
    #[diesel(sql_type = Jsonb)]
    pub policies: serde_json::Value,
    /// How long a discount is held before payment, in seconds.
    #[diesel(sql_type = Integer)]
    pub hold_seconds: i32,
    /// How long a discount is held during payment, in seconds.
    #[diesel(sql_type = Integer)]
    pub payment_hold_seconds: i32,
    /// After how many days an unpaid order is deleted.
    #[diesel(sql_type = Integer)]
    pub unpaid_order_ttl_days: i32,
    /// Whether buyers are reminded of unpaid orders.
    #[diesel(sql_type = Bool)]
    pub payment_reminder_enabled: bool,
    /// After how many hours.
    #[diesel(sql_type = Integer)]
    pub payment_reminder_after_hours: i32,
    /// After how many seconds an unfinished action needs a person.
    #[diesel(sql_type = Integer)]
    pub attention_after_seconds: i32,
    /// Whether buyers are asked before their visit is measured.
    #[diesel(sql_type = Text)]
    pub analytics_consent: AnalyticsConsent,
    /// The merchant's own pairs.
    #[diesel(sql_type = Jsonb)]
    pub metadata: serde_json::Value,
    /// One more whenever it closes or opens.
    #[diesel(sql_type = Integer)]
    pub version: i32,
    /// When it was made.
    #[diesel(sql_type = Timestamptz)]
    pub created_at: Instant,
    /// When it last changed.
    #[diesel(sql_type = Timestamptz)]
    pub updated_at: Instant,
}

impl Checkout {
    /// Why it takes no live orders; `None` when it does.
    pub const fn closed_reason(&self) -> Option<ClosedReason> {
        ClosedReason::of(self.status, self.organization_status, false)
    }
}

/// A checkout to be made.
#[derive(Clone, Debug)]
pub struct NewRow {
    /// The checkout.
    pub id: CheckoutId,
    /// Its organization.
    pub organization_id: OrganizationId,
    /// Its name.
    pub name: Name,
    /// Its part of public addresses.
    pub slug: Slug,
    /// Where it sells from.
    pub country: Country,
    /// What it sells in.
    pub default_currency: Currency,
    /// What it speaks.
    pub default_locale: Locale,
    /// Where its storefront is.
    pub storefront_url: Option<String>,
    /// Where buyers ask for help.
    pub support_email: Option<Email>,
}

/// Which web pages may call a checkout's storefront routes.
#[derive(Clone, Debug, QueryableByName)]
#[diesel(table_name = crate::db::schema::checkouts)]
pub struct AllowedOrigins {
    /// Origins, or `*` for every page.
    pub allowed_origins: Vec<String>,
}
