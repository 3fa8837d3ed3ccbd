//! An action as the API takes and shows it.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;
use validator::Validate;

use crate::actions::model::{Action, ActionLevel, ActionType};
use crate::kernel::clock::rfc3339;
use crate::kernel::ids::{ActionId, OfferId, ProductId};
use crate::kernel::patch::present;
use crate::kernel::text::Name;

fn yes() -> bool {
    true
}

/// An action to be done after each sale.
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ActionInput)]
pub struct ActionInput {
    /// What it belongs to: `product` runs once for each line of the product, `offer` once for each order of the offer, `checkout` once
    /// for each order.
    #[schema(value_type = String, example = "checkout", examples("product", "offer", "checkout"))]
    pub level: ActionLevel,
    /// The product or offer, at those levels.
    #[schema(required = false, example = "prd_01hzy3w6q8f5n9t2k4m7x0c1va")]
    pub owner_id: Option<String>,
    /// What it does.
    #[serde(rename = "type")]
    #[schema(value_type = String, example = "webhook", examples("receipt_email", "email", "webhook", "kajabi_grant", "systeme_io", "active_campaign", "mailchimp", "license"))]
    pub action_type: ActionType,
    /// What the merchant calls it.
    pub name: Name,
    /// Whether it is put on new orders.
    #[serde(default = "yes")]
    #[schema(default = true, example = true)]
    pub enabled: bool,
    /// Whether it runs on test orders, for real.
    #[serde(default)]
    #[schema(default = false, example = false)]
    pub run_in_test: bool,
    /// How it does it. Its members depend on the type:
    ///
    /// - `receipt_email`: `subject?`, `intro?`, `outro?`, `translations?` (the same by language)
    /// - `email`: `subject`, `text`, `html?`, `translations?` (the same by language)
    /// - `webhook`: `url`
    /// - `kajabi_grant`: `activation_url`, `deactivation_url?` (both never shown again), `send_grant_email?`, `hide_last_name?`
    /// - `systeme_io`: `tags`, `without_consent?`
    /// - `active_campaign`: `tags`
    /// - `mailchimp`: `list_id`, `tags`
    /// - `license`: those of `LicenseSettings`
    ///
    /// Subjects and texts are templates: `{{ number }}`, `{{ first_name }}`, `{{ last_name }}`, `{{ name }}`, `{{ email }}`, `{{ shop }}`,
    /// `{{ product }}`, `{{ total }}`, `{{ order_url }}`, `{{ support_email }}`, `{{ custom.… }}`, and `{% for line in lines %}`.
    #[serde(default)]
    #[schema(value_type = Object, required = false, example = json!({"url": "https://merchant.example.com/sold"}))]
    pub config: Map<String, Value>,
}

/// A change of an action (JSON Merge Patch). Orders that have it keep it as it was.
#[derive(Clone, Debug, Default, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ActionPatch)]
pub struct ActionPatch {
    /// What the merchant calls it.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Name, required = false)]
    pub name: Option<Name>,
    /// Whether it is put on new orders.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = bool, required = false, example = false)]
    pub enabled: Option<bool>,
    /// Whether it runs on test orders.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = bool, required = false, example = true)]
    pub run_in_test: Option<bool>,
    /// How it does it, merged: what is not named stays, null removes.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Object, required = false, example = json!({"url": "https://merchant.example.com/sold/2"}))]
    pub config: Option<Map<String, Value>>,
}

/// An action of a checkout.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Action)]
pub struct ActionView {
    /// The action.
    pub id: ActionId,
    /// What it belongs to.
    #[schema(value_type = String, example = "checkout", examples("product", "offer", "checkout"))]
    pub level: ActionLevel,
    /// The product or offer.
    #[schema(example = "prd_01hzy3w6q8f5n9t2k4m7x0c1va")]
    pub owner_id: Option<String>,
    /// What it does.
    #[serde(rename = "type")]
    #[schema(value_type = String, example = "webhook", examples("receipt_email", "email", "webhook", "kajabi_grant", "systeme_io", "active_campaign", "mailchimp", "license"))]
    pub action_type: ActionType,
    /// What the merchant calls it.
    pub name: Name,
    /// Whether it is put on new orders.
    #[schema(example = true)]
    pub enabled: bool,
    /// Whether it runs on test orders.
    #[schema(example = false)]
    pub run_in_test: bool,
    /// How it does it; what may not be read is left out.
    #[schema(value_type = Object, example = json!({"url": "https://merchant.example.com/sold"}))]
    pub config: Value,
    /// What its requests are signed with (Standard Webhooks): shown when it is made or renewed, and never again.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false, example = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")]
    pub secret: Option<String>,
    /// Whether it is in use or put away.
    #[schema(example = "active", examples("active", "archived"))]
    pub status: &'static str,
    /// When it was made.
    #[schema(format = DateTime, example = "2026-11-20T12:00:00.000Z")]
    pub created_at: String,
    /// When it last changed.
    #[schema(format = DateTime, example = "2026-11-20T12:00:00.000Z")]
    pub updated_at: String,
}

impl ActionView {
    /// With the key that its requests are signed with, for the only time.
    pub fn with_secret(row: Action, secret: Option<String>) -> Self {
        Self {
            secret,
            ..Self::from(row)
        }
    }
}

impl From<Action> for ActionView {
    fn from(row: Action) -> Self {
        let owner = |id: uuid::Uuid| match row.level {
            ActionLevel::Product => Some(ProductId::from_uuid(id).to_string()),
            ActionLevel::Offer => Some(OfferId::from_uuid(id).to_string()),
            ActionLevel::Checkout => None,
        };
        Self {
            id: row.id,
            owner_id: row.owner_id.and_then(owner),
            level: row.level,
            action_type: row.action_type,
            name: row.name,
            enabled: row.enabled,
            run_in_test: row.run_in_test,
            config: row.config,
            secret: None,
            status: if row.archived_at.is_some() {
                "archived"
            } else {
                "active"
            },
            created_at: rfc3339(&row.created_at),
            updated_at: rfc3339(&row.updated_at),
        }
    }
}
