//! ActiveCampaign: the buyer becomes a contact with tags. Campaigns go to lists, and nobody is put on one.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use utoipa::ToSchema;
use validator::Validate;

use super::call::{Login, Peer, no_account, unreadable};
use super::paths::{address, id, ids};
use super::tags;
use crate::actions::action::{Failure, Input, Outcome, Task, World};
use crate::net::Method;

const NAME: &str = "ActiveCampaign";

/// The configuration of an `active_campaign` action. Tags that ActiveCampaign does not have yet are made. The contact is put on no
/// list, whether or not the buyer agreed to marketing.
#[derive(Clone, Debug, Serialize, Deserialize, Validate, ToSchema)]
#[schema(as = ActiveCampaignConfig)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The tags that the contact gets, and loses when access is taken away.
    #[validate(
        length(min = 1, max = 20, message = "must be 1 to 20 tags"),
        custom(function = "tags::fit")
    )]
    #[schema(min_items = 1, max_items = 20, example = json!(["customer"]))]
    pub tags: Vec<String>,
}

struct Account<'a> {
    peer: Peer<'a>,
    base: &'a str,
}

impl<'a> Account<'a> {
    fn of(task: Task<'a>, world: &'a World<'_>) -> Result<Self, Failure> {
        let account = task.account.ok_or_else(|| no_account(NAME))?;
        Ok(Self {
            peer: Peer {
                name: NAME,
                client: world.client,
                key: &task.input.run,
                login: Some(Login::Header("api-token", &account.api_key)),
            },
            base: account.url.as_deref().ok_or_else(|| no_account(NAME))?,
        })
    }

    async fn post(&self, parts: &[&str], body: &Value) -> Result<Value, Failure> {
        let reply = self
            .peer
            .send(Method::POST, address(self.base, parts, &[])?, body)
            .await?;
        Ok(self.peer.accept(reply)?.json)
    }

    async fn get(&self, parts: &[&str], query: &[(&str, &str)]) -> Result<Value, Failure> {
        let reply = self.peer.get(address(self.base, parts, query)?).await?;
        Ok(self.peer.accept(reply)?.json)
    }

    /// The contact's id. The call makes it or brings it up to date.
    async fn contact(&self, input: &Input) -> Result<String, Failure> {
        let synced = self.post(&["api", "3", "contact", "sync"], &contact(input)).await?;
        id(&synced["contact"]["id"]).ok_or_else(|| self.peer.strange())
    }

    /// The id of a tag, which is made if it is not there.
    async fn tag(&self, name: &str) -> Result<String, Failure> {
        if let Some(found) = self.find_tag(name).await? {
            return Ok(found);
        }
        let url = address(self.base, &["api", "3", "tags"], &[])?;
        let body = json!({"tag": {"tag": name, "tagType": "contact", "description": ""}});
        let reply = self.peer.send(Method::POST, url, &body).await?;
        // Somebody else may have made it in between.
        if reply.status == 422
            && let Some(found) = self.find_tag(name).await?
        {
            return Ok(found);
        }
        id(&self.peer.accept(reply)?.json["tag"]["id"]).ok_or_else(|| self.peer.strange())
    }

    async fn find_tag(&self, name: &str) -> Result<Option<String>, Failure> {
        let found = self
            .get(&["api", "3", "tags"], &[("search", name), ("limit", "100")])
            .await?;
        let mut tags = found["tags"].as_array().into_iter().flatten();
        // Templates have tags too, of another type.
        let tag = tags.find(|tag| {
            tag["tagType"] != "template" && tag["tag"].as_str().is_some_and(|theirs| tags::same(theirs, name))
        });
        Ok(tag.and_then(|tag| id(&tag["id"])))
    }

    /// Puts a tag on a contact; the id is of the two together, and the same when the contact has the tag already.
    async fn put(&self, contact: &str, tag: &str) -> Result<String, Failure> {
        let body = json!({"contactTag": {"contact": contact, "tag": tag}});
        let made = self.post(&["api", "3", "contactTags"], &body).await?;
        id(&made["contactTag"]["id"]).ok_or_else(|| self.peer.strange())
    }

    /// Which of the tags the buyer's contact has: the ids of the two together.
    async fn given(&self, email: &str, config: &Config) -> Result<Vec<String>, Failure> {
        let found = self.get(&["api", "3", "contacts"], &[("email", email)]).await?;
        let Some(contact) = id(&found["contacts"][0]["id"]) else {
            return Ok(Vec::new());
        };
        let has = self
            .get(&["api", "3", "contacts", &contact, "contactTags"], &[("limit", "100")])
            .await?;
        let mut given = Vec::new();
        for name in tags::distinct(&config.tags) {
            let Some(tag) = self.find_tag(name).await? else {
                continue;
            };
            let mut pairs = has["contactTags"].as_array().into_iter().flatten();
            let pair = pairs.find(|pair| id(&pair["tag"]).as_deref() == Some(tag.as_str()));
            given.extend(pair.and_then(|pair| id(&pair["id"])));
        }
        Ok(given)
    }
}

/// Adds the buyer, with the tags.
pub async fn run(task: Task<'_>, world: &World<'_>) -> Result<Outcome, Failure> {
    let config: Config = serde_json::from_value(task.config.clone()).map_err(unreadable)?;
    let account = Account::of(task, world)?;
    let contact = account.contact(task.input).await?;
    let mut given = Vec::new();
    for name in tags::distinct(&config.tags) {
        let tag = account.tag(name).await?;
        given.push(account.put(&contact, &tag).await?);
    }
    Ok(Some(json!({"contact": contact, "contact_tags": given})))
}

/// Takes the tags away; without a word of the run, those that the contact has of them: an attempt whose answer was lost may have
/// given some. What is gone already is no failure.
pub async fn revoke(task: Task<'_>, left: Option<&Value>, world: &World<'_>) -> Result<(), Failure> {
    let config: Config = serde_json::from_value(task.config.clone()).map_err(unreadable)?;
    let account = Account::of(task, world)?;
    let given = match left {
        Some(left) => ids(left, "contact_tags"),
        None => account.given(&task.input.email, &config).await?,
    };
    for contact_tag in given {
        let url = address(account.base, &["api", "3", "contactTags", &contact_tag], &[])?;
        let reply = account.peer.delete(url).await?;
        if reply.status != 404 {
            account.peer.accept(reply)?;
        }
    }
    Ok(())
}

/// What is known of the buyer. What is not known is left out, so that it stays as it is there.
fn contact(input: &Input) -> Value {
    let mut contact = Map::from_iter([("email".to_owned(), input.email.as_str().into())]);
    let known = [
        ("firstName", &input.first_name),
        ("lastName", &input.last_name),
        ("phone", &input.phone),
    ];
    for (name, value) in known {
        if let Some(value) = value {
            contact.insert(name.to_owned(), value.as_str().into());
        }
    }
    json!({"contact": contact})
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actions::kinds::example;

    #[test]
    fn what_is_not_known_is_left_out() {
        let mut input = example::input();
        assert_eq!(
            contact(&input),
            json!({"contact": {"email": "aino@example.com", "firstName": "Aino", "lastName": "Virtanen", "phone": "+358401234567"}})
        );
        (input.last_name, input.phone) = (None, None);
        assert_eq!(
            contact(&input),
            json!({"contact": {"email": "aino@example.com", "firstName": "Aino"}})
        );
    }
}
