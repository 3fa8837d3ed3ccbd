//! Kajabi: the buyer is given an offer there, by the address that Kajabi makes for it.
//!
//! The token in the path of such an address is its only secret: it is sealed, and nothing of it is shown or logged but its host.

use reqwest::Url;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use utoipa::ToSchema;
use validator::Validate;

use super::call::{Peer, Reply};
use crate::actions::action::{Failure, Input, Outcome, Task, World};
use crate::kernel::problem::Problem;
use crate::net::Method;
use crate::net::client::GuardedClient;

/// The members that are sealed.
pub const SEALED: &[&str] = &["activation_url", "deactivation_url"];
/// What is shown in their place.
pub const HINTS: &[&str] = &["host", "can_deactivate"];

/// The hosts that Kajabi's addresses have.
const HOSTS: &[&str] = &["checkout.kajabi.com", "checkout.newkajabi.com"];
/// What makes Kajabi mail the buyer.
const SEND_MAIL: &str = "send_offer_grant_email";

/// The configuration of a `kajabi_grant` action. What is read of it has `host` and `can_deactivate` in the place of the addresses.
#[derive(Clone, Serialize, Deserialize, Validate, ToSchema)]
#[schema(as = KajabiGrantConfig)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The activation address that Kajabi shows for the offer. Never shown again.
    #[validate(length(min = 10, max = 2000, message = "must have 10 to 2000 characters"))]
    #[schema(
        min_length = 10,
        max_length = 2000,
        example = "https://checkout.kajabi.com/webhooks/offers/x/1/activate"
    )]
    pub activation_url: String,
    /// Its deactivation address: without it access cannot be taken away. Never shown again.
    #[validate(length(min = 10, max = 2000, message = "must have 10 to 2000 characters"))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(
        required = false,
        min_length = 10,
        max_length = 2000,
        example = "https://checkout.kajabi.com/webhooks/offers/x/1/deactivate"
    )]
    pub deactivation_url: Option<String>,
    /// Whether Kajabi sends its own mail.
    #[serde(default)]
    #[schema(default = false, example = true)]
    pub send_grant_email: bool,
    /// Whether Kajabi learns only the first letter of the last name.
    #[serde(default)]
    #[schema(default = false, example = false)]
    pub hide_last_name: bool,
}

/// Refuses addresses that are not Kajabi's.
pub fn refuse(config: &Config, client: &GuardedClient, development: bool) -> Result<(), Problem> {
    let given = [
        ("/config/activation_url", Some(&config.activation_url)),
        ("/config/deactivation_url", config.deactivation_url.as_ref()),
    ];
    for (place, url) in given {
        let Some(url) = url else { continue };
        client
            .check_url(url)
            .map_err(|error| Problem::invalid(place, error.code(), error.to_string()))?;
        if !development && !is_kajabis(url) {
            let words = format!("must begin with https:// and have the host {}", HOSTS.join(" or "));
            return Err(Problem::invalid(place, "invalid_url", words));
        }
    }
    Ok(())
}

/// Whether an address is one of Kajabi's.
fn is_kajabis(url: &str) -> bool {
    let Ok(url) = Url::parse(url) else { return false };
    url.scheme() == "https" && url.port().is_none() && url.host_str().is_some_and(|host| HOSTS.contains(&host))
}

/// Says what the sealed addresses are known by.
pub fn hint(secrets: &Map<String, Value>, shown: &mut Map<String, Value>) {
    let url = secrets.get("activation_url").and_then(Value::as_str);
    let url = url.and_then(|url| Url::parse(url).ok());
    let host = url.as_ref().and_then(Url::host_str);
    shown.insert("host".to_owned(), host.into());
    shown.insert(
        "can_deactivate".to_owned(),
        secrets.contains_key("deactivation_url").into(),
    );
}

/// Gives the offer. The id that the buyer is known by there is left for the one that takes it away.
pub async fn run(task: Task<'_>, world: &World<'_>) -> Result<Outcome, Failure> {
    let mut url = address(task, "activation_url", world)?
        .ok_or_else(|| Failure::Fatal("The action has no activation address: save it again.".to_owned()))?;
    if task.config["send_grant_email"] == true {
        send_mail(&mut url);
    }
    let id = task.input.customer.as_str();
    post(task, url, id, world, "already been granted").await?;
    Ok(Some(json!({"external_user_id": id})))
}

/// Takes the offer away from who got it.
pub async fn revoke(task: Task<'_>, left: Option<&Value>, world: &World<'_>) -> Result<(), Failure> {
    let url = address(task, "deactivation_url", world)?.ok_or_else(|| {
        Failure::Fatal("The action has no deactivation address: take the access away in Kajabi.".to_owned())
    })?;
    let id = left.and_then(|left| left["external_user_id"].as_str());
    post(task, url, id.unwrap_or(&task.input.customer), world, "grant not found").await
}

async fn post(task: Task<'_>, url: Url, id: &str, world: &World<'_>, done_before: &str) -> Result<(), Failure> {
    let peer = Peer {
        name: "Kajabi",
        client: world.client,
        key: &task.input.run,
        login: None,
    };
    let hide = task.config["hide_last_name"] == true;
    let reply = peer.send(Method::POST, url, &body(task.input, id, hide)).await?;
    if says(&reply, done_before) {
        return Ok(());
    }
    peer.accept(reply).map(drop)
}

/// A sealed address, if there is one.
fn address(task: Task<'_>, name: &str, world: &World<'_>) -> Result<Option<Url>, Failure> {
    let Some(url) = task.secrets.get(name).and_then(Value::as_str) else {
        return Ok(None);
    };
    let not_theirs = || Failure::Fatal("The address is not one of Kajabi's: save the action again.".to_owned());
    if !world.services.any_host && !is_kajabis(url) {
        return Err(not_theirs());
    }
    Url::parse(url).map(Some).map_err(|_| not_theirs())
}

/// Asks for Kajabi's own mail, once, whatever the address asked for already.
fn send_mail(url: &mut Url) {
    let others: Vec<(String, String)> = url
        .query_pairs()
        .filter(|(name, _)| name != SEND_MAIL)
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect();
    url.query_pairs_mut()
        .clear()
        .extend_pairs(others)
        .append_pair(SEND_MAIL, "true");
}

/// Kajabi takes nobody without a name: one who gave none goes by the first half of the address.
fn body(input: &Input, id: &str, hide_last_name: bool) -> Value {
    let last = input
        .last_name
        .as_deref()
        .map(str::trim)
        .filter(|name| !name.is_empty());
    let last = match hide_last_name {
        true => last.and_then(|name| name.chars().next()).map(String::from),
        false => last.map(str::to_owned),
    };
    let first = input
        .first_name
        .as_deref()
        .map(str::trim)
        .filter(|name| !name.is_empty());
    let name: Vec<&str> = [first, last.as_deref()].into_iter().flatten().collect();
    let name = if name.is_empty() {
        input.email.split('@').next().unwrap_or_default().to_owned()
    } else {
        name.join(" ")
    };
    json!({"name": name, "email": input.email, "external_user_id": id})
}

/// Kajabi refuses what was done before, in these words: a repeat is no failure.
fn says(reply: &Reply, words: &str) -> bool {
    matches!(reply.status, 400 | 404 | 409 | 422) && reply.text.to_lowercase().contains(words)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actions::kinds::example;
    use crate::net::client::ClientOptions;

    #[test]
    fn only_kajabis_addresses_are_kajabis() {
        for fine in [
            "https://checkout.kajabi.com/webhooks/offers/x/1/activate",
            "https://checkout.newkajabi.com/webhooks/offers/x/1/activate?a=b",
        ] {
            assert!(is_kajabis(fine), "{fine}");
        }
        for wrong in [
            "http://checkout.kajabi.com/webhooks",
            "https://checkout.kajabi.com.example.com/webhooks",
            "https://kajabi.com/webhooks",
            "https://checkout.kajabi.com:8443/webhooks",
            "https://example.com/checkout.kajabi.com",
            "nonsense",
        ] {
            assert!(!is_kajabis(wrong), "{wrong}");
        }
    }

    #[test]
    fn an_address_of_somebody_else_is_refused_outside_of_development() {
        let client = GuardedClient::new(ClientOptions::default()).expect("a client");
        let mut config = Config {
            activation_url: "https://example.com/activate".to_owned(),
            deactivation_url: None,
            send_grant_email: false,
            hide_last_name: false,
        };
        assert!(refuse(&config, &client, true).is_ok());
        assert!(refuse(&config, &client, false).is_err());
        config.activation_url = "https://checkout.kajabi.com/a".to_owned();
        assert!(refuse(&config, &client, false).is_ok());
        config.deactivation_url = Some("https://example.com/deactivate".to_owned());
        assert!(refuse(&config, &client, false).is_err());
        config.deactivation_url = Some("https://127.0.0.1/deactivate".to_owned());
        assert!(refuse(&config, &client, true).is_err());
    }

    #[test]
    fn the_host_is_all_that_is_shown() {
        let Value::Object(secrets) =
            json!({"activation_url": "https://checkout.kajabi.com/webhooks/offers/token/1/activate"})
        else {
            panic!("an object");
        };
        let mut shown = Map::new();
        hint(&secrets, &mut shown);
        assert_eq!(
            Value::Object(shown),
            json!({"host": "checkout.kajabi.com", "can_deactivate": false})
        );
    }

    #[test]
    fn kajabi_is_asked_once_to_mail() {
        let mailed = |url: &str| {
            let mut url = Url::parse(url).expect("a URL");
            send_mail(&mut url);
            url.to_string()
        };
        assert_eq!(mailed("https://h/a"), "https://h/a?send_offer_grant_email=true");
        assert_eq!(
            mailed("https://h/a?b=c%26"),
            "https://h/a?b=c%26&send_offer_grant_email=true"
        );
        assert_eq!(
            mailed("https://h/a?send_offer_grant_email=false"),
            "https://h/a?send_offer_grant_email=true"
        );
    }

    #[test]
    fn names() {
        let mut input = example::input();
        let name = |input: &Input, hide| body(input, "cus_1", hide)["name"].clone();
        assert_eq!(
            body(&input, "cus_1", false),
            json!({"name": "Aino Virtanen", "email": "aino@example.com", "external_user_id": "cus_1"})
        );
        assert_eq!(name(&input, true), "Aino V");
        input.last_name = Some("Äijälä".to_owned());
        assert_eq!(name(&input, true), "Aino Ä");
        input.first_name = None;
        assert_eq!(name(&input, true), "Ä");
        input.last_name = Some(" ".to_owned());
        assert_eq!(name(&input, false), "aino");
    }

    #[test]
    fn what_was_done_before_is_no_failure() {
        let reply = |status, text: &str| Reply {
            status,
            json: Value::Null,
            text: text.to_owned(),
            truncated: false,
        };
        assert!(says(
            &reply(422, "The offer has already been granted to this member"),
            "already been granted"
        ));
        assert!(says(
            &reply(400, "Offer grant not found for offer on member"),
            "grant not found"
        ));
        assert!(!says(&reply(422, "Name can't be blank"), "already been granted"));
        assert!(!says(&reply(503, "already been granted"), "already been granted"));
    }
}
