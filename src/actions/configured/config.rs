//! The configuration of an action: checked by its type, and parted into what may be shown and what may not.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use validator::Validate;

use crate::actions::kinds::{active_campaign, email, kajabi, license, mailchimp, receipt_email, systeme_io, webhook};
use crate::actions::model::ActionType;
use crate::http::body;
use crate::http::merge_patch::merge;
use crate::kernel::problem::Problem;
use crate::net::client::GuardedClient;

/// Where the configuration is in a body.
const AT: &str = "/config";

/// A configuration in its two halves.
pub(super) struct Parts {
    /// What may be shown, and is frozen on orders.
    pub shown: Map<String, Value>,
    /// What may not.
    pub secrets: Map<String, Value>,
}

/// What addresses are held against.
pub(super) struct Limits<'a> {
    /// Knows which addresses may be called.
    pub client: &'a GuardedClient,
    /// Whether hosts of services may be anything: doubles of them run beside a development server.
    pub development: bool,
}

/// The members that are sealed.
const fn sealed_members(kind: ActionType) -> &'static [&'static str] {
    match kind {
        ActionType::KajabiGrant => kajabi::SEALED,
        _ => &[],
    }
}

/// The members that are made of sealed ones, to know them by.
const fn hints(kind: ActionType) -> &'static [&'static str] {
    match kind {
        ActionType::KajabiGrant => kajabi::HINTS,
        _ => &[],
    }
}

/// Checks a whole configuration and parts it.
pub(super) fn read(kind: ActionType, whole: Map<String, Value>, limits: &Limits<'_>) -> Result<Parts, Problem> {
    let whole = Value::Object(whole);
    let (client, development) = (limits.client, limits.development);
    let checked = match kind {
        ActionType::ReceiptEmail => checked(&whole, |_: &receipt_email::Config| Ok(()))?,
        ActionType::Email => checked(&whole, |_: &email::Config| Ok(()))?,
        ActionType::Webhook => checked(&whole, |config: &webhook::Config| webhook::refuse(config, client))?,
        ActionType::KajabiGrant => checked(&whole, |config: &kajabi::Config| {
            kajabi::refuse(config, client, development)
        })?,
        ActionType::SystemeIo => checked(&whole, |_: &systeme_io::Config| Ok(()))?,
        ActionType::ActiveCampaign => checked(&whole, |_: &active_campaign::Config| Ok(()))?,
        ActionType::Mailchimp => checked(&whole, |_: &mailchimp::Config| Ok(()))?,
        ActionType::License => checked(&whole, |config: &license::Config| license::refuse(config, client))?,
    };
    let Value::Object(mut shown) = checked else {
        return Err(Problem::internal("a configuration is an object"));
    };
    let mut secrets = Map::new();
    for name in sealed_members(kind) {
        if let Some(value) = shown.remove(*name) {
            secrets.insert((*name).to_owned(), value);
        }
    }
    if kind == ActionType::KajabiGrant {
        kajabi::hint(&secrets, &mut shown);
    }
    Ok(Parts { shown, secrets })
}

/// The configuration after a merge patch: what is not named stays, sealed members too.
pub(super) fn patched(
    kind: ActionType,
    parts: Parts,
    patch: Map<String, Value>,
    limits: &Limits<'_>,
) -> Result<Parts, Problem> {
    let mut whole = parts.shown;
    for name in hints(kind) {
        whole.remove(*name);
    }
    for name in sealed_members(kind) {
        if let Some(value) = parts.secrets.get(*name) {
            whole.insert((*name).to_owned(), value.clone());
        }
    }
    let mut whole = Value::Object(whole);
    merge(&mut whole, Value::Object(patch));
    let Value::Object(whole) = whole else {
        return Err(Problem::internal("a merged object is an object"));
    };
    let mut after = read(kind, whole, limits)?;
    // What is no member of the configuration was not given with it, and stays: the key to sign with.
    for (name, value) in parts.secrets {
        if !sealed_members(kind).contains(&name.as_str()) {
            after.secrets.insert(name, value);
        }
    }
    Ok(after)
}

fn checked<T: DeserializeOwned + Serialize + Validate>(
    whole: &Value,
    refuse: impl FnOnce(&T) -> Result<(), Problem>,
) -> Result<Value, Problem> {
    let config: T = body::read(whole, AT)?;
    body::check(&config, AT)?;
    refuse(&config)?;
    serde_json::to_value(&config).map_err(Problem::internal)
}
