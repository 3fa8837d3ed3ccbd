//! Mailchimp: the buyer becomes a contact of an audience, with tags. Who has not agreed to marketing is not subscribed.

use data_encoding::HEXLOWER;
use md5::{Digest, Md5};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use utoipa::ToSchema;
use validator::{Validate, ValidationError};

use super::call::{Login, Peer, no_account, unreadable};
use super::paths::{address, id};
use super::tags;
use crate::actions::action::{Failure, Input, Outcome, Task, World};
use crate::actions::integrations::put::data_center;
use crate::net::Method;

const NAME: &str = "Mailchimp";

/// The configuration of a `mailchimp` action. A buyer who is new to the audience becomes `subscribed` after agreeing to marketing, and
/// `transactional` otherwise; one whom the audience knows keeps their status. Tags that Mailchimp does not have yet are made.
#[derive(Clone, Debug, Serialize, Deserialize, Validate, ToSchema)]
#[schema(as = MailchimpConfig)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The audience's id, as Mailchimp shows it in the audience's settings.
    #[validate(
        length(min = 1, max = 40, message = "must have 1 to 40 characters"),
        custom(function = "plain")
    )]
    #[schema(min_length = 1, max_length = 40, example = "a1b2c3d4e5")]
    pub list_id: String,
    /// The tags that the contact gets, and loses when access is taken away.
    #[validate(
        length(min = 1, max = 20, message = "must be 1 to 20 tags"),
        custom(function = "tags::fit")
    )]
    #[schema(min_items = 1, max_items = 20, example = json!(["customer"]))]
    pub tags: Vec<String>,
}

fn plain(list_id: &str) -> Result<(), ValidationError> {
    if list_id.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Ok(());
    }
    Err(ValidationError::new("invalid").with_message("must have letters and digits only".into()))
}

struct Account<'a> {
    peer: Peer<'a>,
    base: String,
}

impl<'a> Account<'a> {
    fn of(task: Task<'a>, world: &'a World<'_>) -> Result<Self, Failure> {
        let account = task.account.ok_or_else(|| no_account(NAME))?;
        let data_center = data_center(account.api_key.expose_secret()).ok_or_else(|| no_account(NAME))?;
        Ok(Self {
            peer: Peer {
                name: NAME,
                client: world.client,
                key: &task.input.run,
                login: Some(Login::Basic(&account.api_key)),
            },
            base: world.services.mailchimp.replace("{dc}", data_center),
        })
    }
}

/// Adds the buyer, with the tags.
pub async fn run(task: Task<'_>, world: &World<'_>) -> Result<Outcome, Failure> {
    let config: Config = serde_json::from_value(task.config.clone()).map_err(unreadable)?;
    let Account { peer, base } = Account::of(task, world)?;
    let (list, hash) = (config.list_id.as_str(), hash(&task.input.email));
    // The audience may demand of people who sign up what a buyer was not asked.
    let unasked = [("skip_merge_validation", "true")];
    let url = address(&base, &["3.0", "lists", list, "members", &hash], &unasked)?;
    let reply = peer.send(Method::PUT, url, &member(task.input)).await?;
    let reply = peer.accept(reply)?;
    let names = tags::distinct(&config.tags);
    let url = address(&base, &["3.0", "lists", list, "members", &hash, "tags"], &[])?;
    let tagged = peer.send(Method::POST, url, &change(&names, "active")).await?;
    peer.accept(tagged)?;
    // The hash is made from the buyer's address; Mailchimp's own id is as good, and says nothing.
    let member = id(&reply.json["contact_id"]).unwrap_or(hash);
    Ok(Some(json!({"list": list, "member": member, "tags": names})))
}

/// Takes the tags away, also when no word of the run is left: an attempt whose answer was lost may have given them. A contact that is
/// gone has none.
pub async fn revoke(task: Task<'_>, left: Option<&Value>, world: &World<'_>) -> Result<(), Failure> {
    let config: Config = serde_json::from_value(task.config.clone()).map_err(unreadable)?;
    let Account { peer, base } = Account::of(task, world)?;
    let left = left.unwrap_or(&Value::Null);
    let list = id(&left["list"]).unwrap_or(config.list_id);
    let member = id(&left["member"]).unwrap_or_else(|| hash(&task.input.email));
    let given: Option<Vec<&str>> = left["tags"]
        .as_array()
        .map(|tags| tags.iter().filter_map(Value::as_str).collect());
    let names = given.unwrap_or_else(|| tags::distinct(&config.tags));
    let url = address(&base, &["3.0", "lists", &list, "members", &member, "tags"], &[])?;
    let reply = peer.send(Method::POST, url, &change(&names, "inactive")).await?;
    if reply.status == 404 {
        return Ok(());
    }
    peer.accept(reply).map(drop)
}

/// What a member of an audience goes by. Mailchimp's choice of hash; nothing is kept safe by it.
fn hash(email: &str) -> String {
    HEXLOWER.encode(Md5::digest(email.to_lowercase()).as_slice())
}

fn member(input: &Input) -> Value {
    let named = [("FNAME", &input.first_name), ("LNAME", &input.last_name)];
    let fields: Map<String, Value> = named
        .into_iter()
        .filter_map(|(name, value)| value.as_ref().map(|value| (name.to_owned(), value.as_str().into())))
        .collect();
    let status = if input.marketing { "subscribed" } else { "transactional" };
    json!({"email_address": input.email, "status_if_new": status, "merge_fields": fields})
}

fn change(names: &[&str], status: &str) -> Value {
    let tags: Vec<Value> = names
        .iter()
        .map(|name| json!({"name": name, "status": status}))
        .collect();
    json!({"tags": tags})
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actions::kinds::example;

    #[test]
    fn the_published_hash() {
        let known = "62eeb292278cc15f5817cb78f7790b08";
        assert_eq!(hash("urist.mcvankab@freddiesjokes.com"), known);
        assert_eq!(hash("Urist.McVankab@freddiesjokes.com"), known);
    }

    #[test]
    fn nobody_is_subscribed_who_did_not_agree() {
        let mut input = example::input();
        assert_eq!(
            member(&input),
            json!({"email_address": "aino@example.com", "status_if_new": "transactional",
                "merge_fields": {"FNAME": "Aino", "LNAME": "Virtanen"}})
        );
        input.marketing = true;
        assert_eq!(member(&input)["status_if_new"], "subscribed");
        // Never the status of a contact that is there.
        assert_eq!(member(&input).get("status"), None);
        (input.first_name, input.last_name) = (None, None);
        assert_eq!(member(&input)["merge_fields"], json!({}));
    }

    #[test]
    fn lists_are_plain_words() {
        assert!(plain("a1b2c3d4e5").is_ok());
        for wrong in ["../automations", "a b", "ä"] {
            assert!(plain(wrong).is_err(), "{wrong}");
        }
    }
}
