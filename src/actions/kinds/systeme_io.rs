//! Systeme.io: the buyer becomes a contact with tags.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;
use validator::Validate;

use super::call::{Login, Peer, no_account, unreadable};
use super::paths::{address, id, ids};
use super::tags;
use crate::actions::action::{Failure, Input, Outcome, Task, World};
use crate::net::Method;

const NAME: &str = "Systeme.io";
/// What a run leaves of a buyer who did not agree.
const NOT_ADDED: &str = "not_added";

/// The configuration of a `systeme_io` action. Tags that Systeme.io does not have yet are made; a contact that it has keeps its name.
#[derive(Clone, Debug, Serialize, Deserialize, Validate, ToSchema)]
#[schema(as = SystemeIoConfig)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The tags that the contact gets, and loses when access is taken away.
    #[validate(
        length(min = 1, max = 20, message = "must be 1 to 20 tags"),
        custom(function = "tags::fit")
    )]
    #[schema(min_items = 1, max_items = 20, example = json!(["customer"]))]
    pub tags: Vec<String>,
    /// Whether buyers who did not agree to marketing are added too. Systeme.io has no contacts that newsletters leave out: say yes
    /// only where the tags open what was bought, or where newsletters go by a tag of their own. Otherwise such a run succeeds and
    /// sends nothing.
    #[serde(default)]
    #[schema(default = false, example = false)]
    pub without_consent: bool,
}

impl Config {
    const fn leaves_out(&self, input: &Input) -> bool {
        !input.marketing && !self.without_consent
    }
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
                login: Some(Login::Header("x-api-key", &account.api_key)),
            },
            base: &world.services.systeme_io,
        })
    }

    async fn get(&self, parts: &[&str], query: &[(&str, &str)]) -> Result<Value, Failure> {
        let reply = self.peer.get(address(self.base, parts, query)?).await?;
        Ok(self.peer.accept(reply)?.json)
    }

    /// The contact: its id, and the tags that it has.
    async fn contact(&self, input: &Input) -> Result<(String, Value), Failure> {
        if let Some(found) = self.find_contact(&input.email).await? {
            return Ok(found);
        }
        let url = address(self.base, &["api", "contacts"], &[])?;
        let reply = self.peer.send(Method::POST, url, &new_contact(input)).await?;
        // Somebody else may have made it in between; Systeme.io then says that the address is taken.
        if reply.status == 422
            && let Some(found) = self.find_contact(&input.email).await?
        {
            return Ok(found);
        }
        let made = self.peer.accept(reply)?.json;
        read_contact(&made).ok_or_else(|| self.peer.strange())
    }

    async fn find_contact(&self, email: &str) -> Result<Option<(String, Value)>, Failure> {
        let page = self
            .get(&["api", "contacts"], &[("email", email), ("limit", "10")])
            .await?;
        let items = page["items"].as_array().ok_or_else(|| self.peer.strange())?;
        let same = |item: &&Value| {
            let theirs = item["email"].as_str().unwrap_or_default();
            theirs.to_lowercase() == email.to_lowercase()
        };
        Ok(items.iter().find(same).and_then(read_contact))
    }

    /// The id of a tag, which is made if it is not there.
    async fn tag(&self, name: &str) -> Result<String, Failure> {
        if let Some(found) = self.find_tag(name).await? {
            return Ok(found);
        }
        let url = address(self.base, &["api", "tags"], &[])?;
        let reply = self.peer.send(Method::POST, url, &json!({"name": name})).await?;
        if reply.status == 422
            && let Some(found) = self.find_tag(name).await?
        {
            return Ok(found);
        }
        id(&self.peer.accept(reply)?.json["id"]).ok_or_else(|| self.peer.strange())
    }

    async fn find_tag(&self, name: &str) -> Result<Option<String>, Failure> {
        let page = self.get(&["api", "tags"], &[("query", name), ("limit", "100")]).await?;
        Ok(tag_in(&page["items"], name))
    }

    /// Puts a tag on a contact. One that is there already is refused, so a refusal is looked into.
    async fn put(&self, contact: &str, tag: &str) -> Result<(), Failure> {
        let url = address(self.base, &["api", "contacts", contact, "tags"], &[])?;
        let number: u64 = tag.parse().map_err(|_| self.peer.strange())?;
        let reply = self.peer.send(Method::POST, url, &json!({"tagId": number})).await?;
        if reply.status == 422 {
            let now = self.get(&["api", "contacts", contact], &[]).await?;
            let mut tags = now["tags"].as_array().into_iter().flatten();
            if tags.any(|known| id(&known["id"]).as_deref() == Some(tag)) {
                return Ok(());
            }
        }
        self.peer.accept(reply).map(drop)
    }
}

/// Adds the buyer, with the tags.
pub async fn run(task: Task<'_>, world: &World<'_>) -> Result<Outcome, Failure> {
    let config: Config = serde_json::from_value(task.config.clone()).map_err(unreadable)?;
    let account = Account::of(task, world)?;
    if config.leaves_out(task.input) {
        return Ok(Some(json!({NOT_ADDED: "no_consent"})));
    }
    let (contact, known) = account.contact(task.input).await?;
    let mut given = Vec::new();
    for name in tags::distinct(&config.tags) {
        let tag = match tag_in(&known, name) {
            Some(tag) => tag,
            None => {
                let tag = account.tag(name).await?;
                account.put(&contact, &tag).await?;
                tag
            }
        };
        given.push(tag);
    }
    Ok(Some(json!({"contact": contact, "tags": given})))
}

/// Takes the tags away; without a word of the run, those that the contact has of them: an attempt whose answer was lost may have
/// given some. What is gone already is no failure.
pub async fn revoke(task: Task<'_>, left: Option<&Value>, world: &World<'_>) -> Result<(), Failure> {
    let config: Config = serde_json::from_value(task.config.clone()).map_err(unreadable)?;
    let account = Account::of(task, world)?;
    let given = match left {
        Some(left) if left.get(NOT_ADDED).is_some() => None,
        Some(left) => id(&left["contact"]).map(|contact| (contact, ids(left, "tags"))),
        None if config.leaves_out(task.input) => None,
        None => {
            let found = account.find_contact(&task.input.email).await?;
            found.map(|(contact, known)| {
                let meant = config.tags.iter().filter_map(|name| tag_in(&known, name));
                (contact, meant.collect())
            })
        }
    };
    let Some((contact, tags)) = given else { return Ok(()) };
    for tag in tags {
        let url = address(account.base, &["api", "contacts", &contact, "tags", &tag], &[])?;
        let reply = account.peer.delete(url).await?;
        if reply.status != 404 {
            account.peer.accept(reply)?;
        }
    }
    Ok(())
}

/// A contact that is not there yet. No phone number: one that Systeme.io does not take would have the whole contact refused.
fn new_contact(input: &Input) -> Value {
    let named = [("first_name", &input.first_name), ("surname", &input.last_name)];
    let fields: Vec<Value> = named
        .into_iter()
        .filter_map(|(slug, value)| value.as_ref().map(|value| json!({"slug": slug, "value": value})))
        .collect();
    json!({"email": input.email, "fields": fields})
}

fn read_contact(contact: &Value) -> Option<(String, Value)> {
    Some((id(&contact["id"])?, contact["tags"].clone()))
}

/// The id of the tag of this name in a list of tags.
fn tag_in(list: &Value, name: &str) -> Option<String> {
    let mut tags = list.as_array().into_iter().flatten();
    let found = tags.find(|tag| tag["name"].as_str().is_some_and(|theirs| tags::same(theirs, name)))?;
    id(&found["id"])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actions::kinds::example;

    #[test]
    fn a_new_contact_has_the_names_that_are_known() {
        let mut input = example::input();
        assert_eq!(
            new_contact(&input),
            json!({"email": "aino@example.com", "fields": [
                {"slug": "first_name", "value": "Aino"}, {"slug": "surname", "value": "Virtanen"}]})
        );
        (input.first_name, input.last_name) = (None, None);
        assert_eq!(new_contact(&input), json!({"email": "aino@example.com", "fields": []}));
    }

    #[test]
    fn a_tag_is_found_by_its_whole_name() {
        let list = json!([{"id": 3, "name": "Course 2026 extra"}, {"id": 4, "name": "course 2026"}]);
        assert_eq!(tag_in(&list, "Course 2026"), Some("4".to_owned()));
        assert_eq!(tag_in(&list, "Course"), None);
        assert_eq!(tag_in(&Value::Null, "Course"), None);
    }
}
