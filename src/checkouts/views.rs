//! Checkouts as staff send and see them.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::{Validate, ValidationError};

use super::model::{AnalyticsConsent, Checkout, CheckoutStatus, ClosedReason};
use crate::kernel::clock::rfc3339;
use crate::kernel::country::Country;
use crate::kernel::ids::{CheckoutId, OrganizationId};
use crate::kernel::locale::Locale;
use crate::kernel::money::Currency;
use crate::kernel::patch::Patch;
use crate::kernel::text::{Email, Metadata, Name, Slug, web_address};
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
#[derive(Clone, Debug, Default, Serialize, Deserialize, PartialEq, Eq, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MailSender {
    /// The name; the checkout's when absent.
    #[serde(default)]
    pub from_name: Option<Name>,
    /// The address; the service's own when absent.
    #[serde(default)]
    pub from_email: Option<Email>,
}

/// Two bodies with the same settings: one makes a checkout, one changes it. Written once, so that they cannot differ.
macro_rules! with_settings {
    ($(#[$meta:meta])* pub struct $ty:ident { $($own:tt)* }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
        #[serde(deny_unknown_fields)]
        pub struct $ty {
            $($own)*
            /// Its part of public addresses; unique everywhere. Addresses it had before go on leading to it.
            #[serde(default)]
            pub slug: Option<Slug>,
            /// Whether the merchant takes orders. Changing it takes `checkout:close`.
            #[serde(default)]
            pub status: Option<CheckoutStatus>,
            /// The merchant's own domain, for people.
            #[serde(default)]
            #[validate(custom(function = "patched_domain"))]
            #[schema(value_type = Option<String>, max_length = 253, example = "shop.example.com")]
            pub domain: Patch<String>,
            /// Origins beside the storefront's that a payment may return to.
            #[serde(default)]
            #[validate(length(max = 20, message = "at most 20 origins"), custom(function = "origins"))]
            #[schema(max_items = 20, example = json!(["https://app.example.com"]))]
            pub return_origins: Option<Vec<String>>,
            /// How many discount holds one address may have without an e-mail, 5 at least; no limit when null.
            #[serde(default)]
            #[validate(custom(function = "holds_per_address"))]
            #[schema(value_type = Option<i32>, minimum = 5, maximum = 100_000, example = 20)]
            pub max_holds_per_address: Patch<i32>,
            /// Where it sells from.
            #[serde(default)]
            pub country: Option<Country>,
            /// What it sells in unless a buyer asks otherwise.
            #[serde(default)]
            pub default_currency: Option<Currency>,
            /// What it sells in; holds the default.
            #[serde(default)]
            #[validate(length(min = 1, max = 50, message = "1 to 50 currencies"))]
            #[schema(min_items = 1, max_items = 50)]
            pub currencies: Option<Vec<Currency>>,
            /// What it speaks unless a buyer asks otherwise.
            #[serde(default)]
            pub default_locale: Option<Locale>,
            /// What it speaks; holds the default.
            #[serde(default)]
            #[validate(length(min = 1, max = 50, message = "1 to 50 locales"))]
            #[schema(min_items = 1, max_items = 50)]
            pub locales: Option<Vec<Locale>>,
            /// Whether prices include VAT.
            #[serde(default)]
            #[schema(example = true)]
            pub prices_include_tax: Option<bool>,
            /// Where its storefront is.
            #[serde(default)]
            #[validate(custom(function = "patched_address"))]
            #[schema(value_type = Option<String>, max_length = 2048, example = "https://shop.example.com")]
            pub storefront_url: Patch<String>,
            /// Origins of the pages that may call the storefront routes from a browser; `*` allows all.
            #[serde(default)]
            #[validate(length(min = 1, max = 20, message = "1 to 20 origins"), custom(function = "origins_or_any"))]
            #[schema(min_items = 1, max_items = 20, example = json!(["https://shop.example.com"]))]
            pub allowed_origins: Option<Vec<String>>,
            /// Where buyers ask for help.
            #[serde(default)]
            #[schema(value_type = Option<Email>)]
            pub support_email: Patch<Email>,
            /// Its own policies, replaced whole: each that is left out is the organization's.
            #[serde(default)]
            #[validate(nested)]
            pub policies: Option<Policies>,
            /// How long a discount is held before payment, in seconds.
            #[serde(default)]
            #[validate(range(min = 60, max = 3600, message = "must be 60 to 3600"))]
            #[schema(minimum = 60, maximum = 3600, default = 300, example = 300)]
            pub hold_seconds: Option<i32>,
            /// How long a discount is held during payment, in seconds.
            #[serde(default)]
            #[validate(range(min = 600, max = 86_400, message = "must be 600 to 86400"))]
            #[schema(minimum = 600, maximum = 86_400, default = 7200, example = 7200)]
            pub payment_hold_seconds: Option<i32>,
            /// After how many days an unpaid order is deleted.
            #[serde(default)]
            #[validate(range(min = 1, max = 365, message = "must be 1 to 365"))]
            #[schema(minimum = 1, maximum = 365, default = 90, example = 90)]
            pub unpaid_order_ttl_days: Option<i32>,
            /// When buyers are reminded of what they have not paid.
            #[serde(default)]
            #[validate(nested)]
            pub payment_reminder: Option<PaymentReminder>,
            /// After how many seconds an unfinished action needs a person.
            #[serde(default)]
            #[validate(range(min = 60, max = 86_400, message = "must be 60 to 86400"))]
            #[schema(minimum = 60, maximum = 86_400, default = 300, example = 300)]
            pub attention_after_seconds: Option<i32>,
            /// Whether buyers are asked before their visit is measured.
            #[serde(default)]
            pub analytics_consent: Option<AnalyticsConsent>,
            /// Who mails to buyers come from.
            #[serde(default)]
            #[schema(value_type = Option<MailSender>)]
            pub mail: Patch<MailSender>,
            /// The merchant's own pairs; replaced whole.
            #[serde(default)]
            pub metadata: Option<Metadata>,
        }
    };
}

with_settings! {
    /// A checkout to be made. What is left out has its default: `country` the organization's, `default_currency` EUR,
    /// `default_locale` en, `slug` a random one.
    pub struct CheckoutInput {
        /// Its organization.
        pub organization_id: OrganizationId,
        /// Its name.
        pub name: Name,
    }
}

with_settings! {
    /// A change of a checkout: absent keeps, null clears.
    pub struct CheckoutPatch {
        /// Its name.
        #[serde(default)]
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

fn refused(code: &'static str, detail: &'static str) -> ValidationError {
    ValidationError::new(code).with_message(detail.into())
}

/// `scheme://host[:port]`, as a browser sends it.
fn is_origin(text: &str) -> bool {
    let after_scheme = text.split_once("://").map_or("", |(_, rest)| rest);
    web_address(text).is_ok() && !after_scheme.contains(['/', '?', '#', '@']) && text == text.to_lowercase()
}

fn origins(list: &[String]) -> Result<(), ValidationError> {
    if list.iter().all(|origin| is_origin(origin)) {
        Ok(())
    } else {
        Err(refused(
            "origin",
            "each must be an origin as in https://app.example.com (http on localhost)",
        ))
    }
}

fn origins_or_any(list: &[String]) -> Result<(), ValidationError> {
    if list == ["*"] { Ok(()) } else { origins(list) }
}

fn patched_domain(patch: &Patch<String>) -> Result<(), ValidationError> {
    let Patch::Value(domain) = patch else {
        return Ok(());
    };
    let is_label = |label: &str| {
        (1..=63).contains(&label.len()) && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    if domain.len() <= 253 && domain.contains('.') && domain.split('.').all(is_label) {
        Ok(())
    } else {
        Err(refused("domain", "must be a domain name as in shop.example.com"))
    }
}

fn holds_per_address(patch: &Patch<i32>) -> Result<(), ValidationError> {
    match patch {
        Patch::Value(limit) if !(5..=100_000).contains(limit) => Err(refused("range", "must be 5 to 100000")),
        _ => Ok(()),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_what_browsers_send() {
        for (text, good) in [
            ("https://shop.example.com", true),
            ("https://shop.example.com:8443", true),
            ("http://localhost:3000", true),
            ("http://shop.example.com", false),
            ("https://shop.example.com/", false),
            ("https://Shop.example.com", false),
            ("https://user@shop.example.com", false),
            ("*", false),
            ("null", false),
        ] {
            assert_eq!(is_origin(text), good, "{text}");
        }
        assert!(origins_or_any(&["*".to_owned()]).is_ok());
        assert!(origins_or_any(&["*".to_owned(), "https://a.example".to_owned()]).is_err());
    }
}
