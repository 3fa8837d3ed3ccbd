//! Checkouts as staff send and see them.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use super::model::{AnalyticsConsent, Checkout, CheckoutStatus, ClosedReason};
use super::rules::{holds_per_address, origins, origins_or_any, patched_domain};
use crate::http::merge_patch::Merge;
use crate::kernel::clock::rfc3339;
use crate::kernel::country::Country;
use crate::kernel::ids::{CheckoutId, OrganizationId};
use crate::kernel::locale::Locale;
use crate::kernel::money::Currency;
use crate::kernel::patch::{Patch, present};
use crate::kernel::text::{Email, Metadata, Name, Slug};
use crate::organizations::policies::Policies;
use crate::organizations::views::patched_address;

/// When buyers are reminded of what they have not paid.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, PartialEq, Eq, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PaymentReminder {
    /// Whether they are.
    #[schema(example = true)]
    pub enabled: bool,
    /// After how many hours.
    #[validate(range(min = 1, max = 720, message = "must be 1 to 720"))]
    #[schema(minimum = 1, maximum = 720, example = 24)]
    pub after_hours: i32,
}

/// Who mails to buyers come from.
#[derive(Clone, Debug, Default, Serialize, Deserialize, PartialEq, Eq, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MailSender {
    /// The name; the checkout's when absent.
    #[serde(default)]
    pub from_name: Option<Name>,
    /// The address; the service's own when absent.
    #[serde(default)]
    pub from_email: Option<Email>,
}

/// Two bodies with the same settings: one makes a checkout, one changes it. Written once, so that they cannot differ; but for what
/// null means to a setting that always has a value: to a new checkout its default.
macro_rules! with_settings {
    ($(#[$meta:meta])* pub struct $ty:ident where null is $null:literal { $($own:tt)* }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
        #[serde(deny_unknown_fields)]
        pub struct $ty {
            $($own)*
            /// Its part of public addresses; unique everywhere. Addresses it had before go on leading to it.
            #[serde(default, deserialize_with = $null)]
            #[schema(value_type = Slug, required = false)]
            pub slug: Option<Slug>,
            /// Whether the merchant takes orders. Changing it takes `checkout:close`.
            #[serde(default, deserialize_with = $null)]
            #[schema(value_type = CheckoutStatus, required = false)]
            pub status: Option<CheckoutStatus>,
            /// The merchant's own domain, for people.
            #[serde(default)]
            #[validate(custom(function = "patched_domain"))]
            #[schema(value_type = Option<String>, max_length = 253, example = "shop.example.com")]
            pub domain: Patch<String>,
            /// Origins beside the storefront's that a payment may return to.
            #[serde(default, deserialize_with = $null)]
            #[validate(length(max = 20, message = "at most 20 origins"), custom(function = "origins"))]
            #[schema(value_type = Vec<String>, required = false, max_items = 20, example = json!(["https://app.example.com"]))]
            pub return_origins: Option<Vec<String>>,
            /// How many discount holds one address may have without an e-mail, 5 at least; no limit when null.
            #[serde(default)]
            #[validate(custom(function = "holds_per_address"))]
            #[schema(value_type = Option<i32>, minimum = 5, maximum = 100_000, example = 20)]
            pub max_holds_per_address: Patch<i32>,
            /// Where it sells from.
            #[serde(default, deserialize_with = $null)]
            #[schema(value_type = Country, required = false)]
            pub country: Option<Country>,
            /// What it sells in unless a buyer asks otherwise.
            #[serde(default, deserialize_with = $null)]
            #[schema(value_type = Currency, required = false)]
            pub default_currency: Option<Currency>,
            /// What it sells in; holds the default.
            #[serde(default, deserialize_with = $null)]
            #[validate(length(min = 1, max = 50, message = "1 to 50 currencies"))]
            #[schema(value_type = Vec<Currency>, required = false, min_items = 1, max_items = 50)]
            pub currencies: Option<Vec<Currency>>,
            /// What it speaks unless a buyer asks otherwise.
            #[serde(default, deserialize_with = $null)]
            #[schema(value_type = Locale, required = false)]
            pub default_locale: Option<Locale>,
            /// What it speaks; holds the default.
            #[serde(default, deserialize_with = $null)]
            #[validate(length(min = 1, max = 50, message = "1 to 50 locales"))]
            #[schema(value_type = Vec<Locale>, required = false, min_items = 1, max_items = 50)]
            pub locales: Option<Vec<Locale>>,
            /// Whether prices include VAT.
            #[serde(default, deserialize_with = $null)]
            #[schema(value_type = bool, required = false, example = true)]
            pub prices_include_tax: Option<bool>,
            /// Where its storefront is.
            #[serde(default)]
            #[validate(custom(function = "patched_address"))]
            #[schema(value_type = Option<String>, max_length = 2048, example = "https://shop.example.com")]
            pub storefront_url: Patch<String>,
            /// Origins of the pages that may call the storefront routes from a browser; `*` allows all.
            #[serde(default, deserialize_with = $null)]
            #[validate(length(min = 1, max = 20, message = "1 to 20 origins"), custom(function = "origins_or_any"))]
            #[schema(value_type = Vec<String>, required = false, min_items = 1, max_items = 20, example = json!(["https://shop.example.com"]))]
            pub allowed_origins: Option<Vec<String>>,
            /// Where buyers ask for help.
            #[serde(default)]
            #[schema(value_type = Option<Email>)]
            pub support_email: Patch<Email>,
            /// Its own policies, merged: null removes one, or all, and the organization's holds in its place.
            #[serde(default)]
            #[schema(value_type = Option<Policies>, required = false)]
            pub policies: Merge<Policies>,
            /// How long a discount is held before payment, in seconds.
            #[serde(default, deserialize_with = $null)]
            #[validate(range(min = 60, max = 3600, message = "must be 60 to 3600"))]
            #[schema(value_type = i32, required = false, minimum = 60, maximum = 3600, default = 300, example = 300)]
            pub hold_seconds: Option<i32>,
            /// How long a discount is held during payment, in seconds.
            #[serde(default, deserialize_with = $null)]
            #[validate(range(min = 600, max = 86_400, message = "must be 600 to 86400"))]
            #[schema(value_type = i32, required = false, minimum = 600, maximum = 86_400, default = 7200, example = 7200)]
            pub payment_hold_seconds: Option<i32>,
            /// After how many days an unpaid order is deleted.
            #[serde(default, deserialize_with = $null)]
            #[validate(range(min = 1, max = 365, message = "must be 1 to 365"))]
            #[schema(value_type = i32, required = false, minimum = 1, maximum = 365, default = 90, example = 90)]
            pub unpaid_order_ttl_days: Option<i32>,
            /// When buyers are reminded of what they have not paid, merged.
            #[serde(default)]
            #[schema(value_type = PaymentReminder, required = false)]
            pub payment_reminder: Merge<PaymentReminder>,
            /// After how many seconds an unfinished action needs a person.
            #[serde(default, deserialize_with = $null)]
            #[validate(range(min = 60, max = 86_400, message = "must be 60 to 86400"))]
            #[schema(value_type = i32, required = false, minimum = 60, maximum = 86_400, default = 300, example = 300)]
            pub attention_after_seconds: Option<i32>,
            /// Whether buyers are asked before their visit is measured.
            #[serde(default, deserialize_with = $null)]
            #[schema(value_type = AnalyticsConsent, required = false)]
            pub analytics_consent: Option<AnalyticsConsent>,
            /// Who mails to buyers come from, merged; null clears.
            #[serde(default)]
            #[schema(value_type = Option<MailSender>, required = false)]
            pub mail: Merge<MailSender>,
            /// The merchant's own pairs, merged: null removes one, or all.
            #[serde(default)]
            #[schema(value_type = Option<Metadata>, required = false)]
            pub metadata: Merge<Metadata>,
        }
    };
}

with_settings! {
    /// A checkout to be made. What is left out has its default: `country` the organization's, `default_currency` EUR,
    /// `default_locale` en, `slug` a random one.
    pub struct CheckoutInput where null is "Option::deserialize" {
        /// Its organization.
        pub organization_id: OrganizationId,
        /// Its name.
        pub name: Name,
    }
}

with_settings! {
    /// A change of a checkout: absent keeps, null clears.
    pub struct CheckoutPatch where null is "present" {
        /// Its name.
        #[serde(default, deserialize_with = "present")]
        #[schema(value_type = Name, required = false)]
        pub name: Option<Name>,
    }
}

impl CheckoutInput {
    /// The settings alone.
    pub fn settings(self) -> CheckoutPatch {
        CheckoutPatch {
            name: Some(self.name),
            slug: self.slug,
            status: self.status,
            domain: self.domain,
            return_origins: self.return_origins,
            max_holds_per_address: self.max_holds_per_address,
            country: self.country,
            default_currency: self.default_currency,
            currencies: self.currencies,
            default_locale: self.default_locale,
            locales: self.locales,
            prices_include_tax: self.prices_include_tax,
            storefront_url: self.storefront_url,
            allowed_origins: self.allowed_origins,
            support_email: self.support_email,
            policies: self.policies,
            hold_seconds: self.hold_seconds,
            payment_hold_seconds: self.payment_hold_seconds,
            unpaid_order_ttl_days: self.unpaid_order_ttl_days,
            payment_reminder: self.payment_reminder,
            attention_after_seconds: self.attention_after_seconds,
            analytics_consent: self.analytics_consent,
            mail: self.mail,
            metadata: self.metadata,
        }
    }
}

/// A storefront and its settings.
#[derive(Serialize, ToSchema)]
#[schema(as = Checkout)]
pub struct CheckoutView {
    /// The checkout.
    pub id: CheckoutId,
    /// Its organization.
    pub organization_id: OrganizationId,
    /// Its name.
    pub name: Name,
    /// Its part of public addresses.
    pub slug: Slug,
    /// Whether the merchant takes orders.
    pub status: CheckoutStatus,
    /// Whether live orders are taken: the merchant's will and the organization's activation together.
    #[schema(example = true)]
    pub accepting_orders: bool,
    /// Why they are not.
    pub closed_reason: Option<ClosedReason>,
    /// The merchant's own domain.
    #[schema(example = "shop.example.com")]
    pub domain: Option<String>,
    /// Origins beside the storefront's that a payment may return to.
    #[schema(example = json!(["https://app.example.com"]))]
    pub return_origins: Vec<String>,
    /// How many discount holds one address may have.
    #[schema(example = 20)]
    pub max_holds_per_address: Option<i32>,
    /// Where it sells from.
    pub country: Country,
    /// What it sells in unless a buyer asks otherwise.
    pub default_currency: Currency,
    /// What it sells in.
    pub currencies: Vec<Currency>,
    /// What it speaks unless a buyer asks otherwise.
    pub default_locale: Locale,
    /// What it speaks.
    pub locales: Vec<Locale>,
    /// Whether prices include VAT.
    #[schema(example = true)]
    pub prices_include_tax: bool,
    /// Where its storefront is.
    #[schema(example = "https://shop.example.com")]
    pub storefront_url: Option<String>,
    /// Origins of the pages that may call the storefront routes from a browser.
    #[schema(example = json!(["*"]))]
    pub allowed_origins: Vec<String>,
    /// Where buyers ask for help.
    pub support_email: Option<Email>,
    /// The policies that hold: its own, and the organization's where it has none.
    pub policies: Policies,
    /// How long a discount is held before payment, in seconds.
    #[schema(example = 300)]
    pub hold_seconds: i32,
    /// How long a discount is held during payment, in seconds.
    #[schema(example = 7200)]
    pub payment_hold_seconds: i32,
    /// After how many days an unpaid order is deleted.
    #[schema(example = 90)]
    pub unpaid_order_ttl_days: i32,
    /// When buyers are reminded of what they have not paid.
    pub payment_reminder: PaymentReminder,
    /// After how many seconds an unfinished action needs a person.
    #[schema(example = 300)]
    pub attention_after_seconds: i32,
    /// Whether buyers are asked before their visit is measured.
    pub analytics_consent: AnalyticsConsent,
    /// Who mails to buyers come from.
    pub mail: MailSender,
    /// The merchant's own pairs.
    pub metadata: Metadata,
    /// When it was made.
    #[schema(format = DateTime, example = "2026-11-20T12:00:00.000Z")]
    pub created_at: String,
    /// When it last changed.
    #[schema(format = DateTime, example = "2026-11-20T12:00:00.000Z")]
    pub updated_at: String,
}

impl From<Checkout> for CheckoutView {
    fn from(row: Checkout) -> Self {
        let closed_reason = row.closed_reason();
        Self {
            id: row.id,
            organization_id: row.organization_id,
            name: row.name,
            slug: row.slug,
            status: row.status,
            accepting_orders: closed_reason.is_none(),
            closed_reason,
            domain: row.domain,
            return_origins: row.return_origins,
            max_holds_per_address: row.max_holds_per_address,
            country: row.country,
            default_currency: row.default_currency,
            currencies: row.currencies,
            default_locale: row.default_locale,
            locales: row.locales,
            prices_include_tax: row.prices_include_tax,
            storefront_url: row.storefront_url,
            allowed_origins: row.allowed_origins,
            support_email: row.support_email,
            policies: Policies::from_json(row.policies).or(Policies::from_json(row.organization_policies)),
            hold_seconds: row.hold_seconds,
            payment_hold_seconds: row.payment_hold_seconds,
            unpaid_order_ttl_days: row.unpaid_order_ttl_days,
            payment_reminder: PaymentReminder {
                enabled: row.payment_reminder_enabled,
                after_hours: row.payment_reminder_after_hours,
            },
            attention_after_seconds: row.attention_after_seconds,
            analytics_consent: row.analytics_consent,
            mail: MailSender {
                from_name: row.mail_from_name,
                from_email: row.mail_from_email,
            },
            metadata: Metadata::from_json(row.metadata),
            created_at: rfc3339(&row.created_at),
            updated_at: rfc3339(&row.updated_at),
        }
    }
}
