//! Sets up an account at a service, or changes it. A key that is not given again stays.

use serde_json::json;

use super::model::{Integration, Service};
use super::seal::{open, seal};
use super::store;
use super::views::{IntegrationInput, IntegrationView};
use crate::db::Tx;
use crate::http::answer::check_precondition;
use crate::http::state::State;
use crate::kernel::ids::CheckoutId;
use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;

/// Writes an account; returns it before, if there was one, and after.
pub(super) async fn put(
    tx: &mut Tx,
    state: &State,
    checkout: CheckoutId,
    service: Service,
    if_match: Option<&str>,
    input: IntegrationInput,
) -> Result<(Option<IntegrationView>, IntegrationView), Problem> {
    let before = store::find(tx.conn(), checkout, service).await?;
    let kept = match (&input.api_key, &before) {
        // Whoever names another address must have the key: it is not sent to a stranger.
        (None, Some(before))
            if input.url.as_deref().map(|url| url.trim_end_matches('/')) == before.settings["url"].as_str() =>
        {
            Some(open(&state.keys, before).map_err(Problem::internal)?)
        }
        _ => None,
    };
    let api_key = input.api_key.or(kept);
    let api_key = api_key.ok_or_else(|| {
        Problem::invalid(
            "/api_key",
            "required",
            "needed the first time, and with another address",
        )
    })?;
    if !api_key.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(Problem::invalid(
            "/api_key",
            "invalid",
            "must be visible ASCII without spaces",
        ));
    }
    if service == Service::Mailchimp && data_center(&api_key).is_none() {
        return Err(Problem::invalid(
            "/api_key",
            "invalid",
            "must end with a hyphen and the data center, as in -us21",
        ));
    }
    let url = match (service.has_url(), input.url) {
        (true, None) => {
            return Err(Problem::invalid(
                "/url",
                "required",
                "the account's own address is needed",
            ));
        }
        (false, Some(_)) => {
            return Err(Problem::invalid(
                "/url",
                "not_possible",
                "this service has one address for all",
            ));
        }
        (_, url) => url.map(|url| url.trim_end_matches('/').to_owned()),
    };
    if let Some(url) = &url {
        let fit = state.client.check_url(url);
        fit.map_err(|error| Problem::invalid("/url", error.code(), error.to_string()))?;
    }
    match (&before, if_match) {
        (Some(before), _) => check_precondition(if_match, &IntegrationView::from(before.clone()))?,
        (None, Some(_)) => return Err(Problem::new(ProblemCode::PreconditionFailed)),
        (None, None) => {}
    }
    let last4 = api_key.get(api_key.len().saturating_sub(4)..).unwrap_or_default();
    let now = tx.clock().now();
    let row = Integration {
        checkout_id: checkout,
        service,
        settings: json!({"api_key_last4": last4, "url": url}),
        secrets: seal(&state.keys, checkout, service, &api_key),
        created_at: now,
        updated_at: now,
    };
    store::put(tx, &row).await?;
    let after = store::find(tx.conn(), checkout, service).await?;
    let after = after.ok_or_else(|| Problem::internal("an integration vanished in the transaction that made it"))?;
    Ok((before.map(Into::into), after.into()))
}

/// The data center that a key of Mailchimp's names: what follows its last hyphen.
pub fn data_center(api_key: &str) -> Option<&str> {
    let (_, name) = api_key.rsplit_once('-')?;
    let fine = !name.is_empty() && name.len() <= 10 && name.bytes().all(|byte| byte.is_ascii_alphanumeric());
    fine.then_some(name)
}

/// Forgets an account; returns it as it was.
pub(super) async fn delete(
    tx: &mut Tx,
    checkout: CheckoutId,
    service: Service,
    if_match: Option<&str>,
) -> Result<IntegrationView, Problem> {
    let not_found = || Problem::new(ProblemCode::NotFound);
    let found = store::find(tx.conn(), checkout, service).await?.ok_or_else(not_found)?;
    let before = IntegrationView::from(found);
    check_precondition(if_match, &before)?;
    if !store::delete(tx, checkout, service).await? {
        return Err(not_found());
    }
    Ok(before)
}

#[cfg(test)]
mod tests {
    use super::data_center;

    #[test]
    fn data_centers() {
        assert_eq!(data_center("4f1c-us21"), Some("us21"));
        for wrong in ["4f1c", "4f1c-", "4f1c-us.21", "4f1c-us21/evil", "a-bbbbbbbbbbbb"] {
            assert_eq!(data_center(wrong), None, "{wrong}");
        }
    }
}
