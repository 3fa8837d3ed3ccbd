//! The audit log: who did what, with the state before and after, written in the transaction of the change itself.
//!
//! Append-only by the rights of the database. It outlives the erasure of people, so it holds ids and, of everything personal,
//! nothing but a keyed hash: equal values can be told equal, and nothing can be read back. Secrets are not even hashed.

use serde_json::{Map, Value};
use uuid::Uuid;

use super::Tx;
use super::error::DbError;
use super::sql::sql;
use crate::kernel::ids::{AuditEntryId, CheckoutId, OrganizationId};
use crate::kernel::personal::{OF_A_CUSTOMER, OWN, PERSONAL};
use crate::kernel::secret::Keyring;
use crate::word_enum;

word_enum! {
    /// What kind of actor made a change.
    pub enum ActorType in "audit_log.actor_type" {
        /// A person.
        User = "user",
        /// An API key.
        ApiKey = "api_key",
        /// Who runs the service, by its command line.
        Operator = "operator",
    }
}

/// Who makes a change.
#[derive(Clone, Debug)]
pub struct Actor {
    /// What they are.
    pub kind: ActorType,
    /// The user or key.
    pub id: Option<Uuid>,
    /// The id of the access token, or of the key.
    pub credential: Option<String>,
}

impl Actor {
    /// Who runs the service.
    pub const OPERATOR: Self = Self {
        kind: ActorType::Operator,
        id: None,
        credential: None,
    };
}

/// One change.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The tenant.
    pub organization: OrganizationId,
    /// The checkout it happened in, if it was in one.
    pub checkout: Option<CheckoutId>,
    /// Who.
    pub actor: Actor,
    /// From which address.
    pub address: Option<String>,
    /// By which request.
    pub request_id: Option<String>,
    /// The operation of the API, or the command.
    pub action: String,
    /// What was changed: its kind and its id.
    pub object: Option<(String, String)>,
    /// The object before, as the API shows it.
    pub before: Option<Value>,
    /// The object after, as the API shows it.
    pub after: Option<Value>,
}

/// Writes an entry with the change.
pub async fn record(tx: &Tx, keys: &Keyring, entry: Entry) -> Result<(), DbError> {
    record_all(tx, keys, vec![entry]).await
}

/// Writes the entries of a change of several things, in their order.
pub async fn record_all(tx: &Tx, keys: &Keyring, entries: Vec<Entry>) -> Result<(), DbError> {
    let (mut organizations, mut checkouts, mut ids) = (Vec::new(), Vec::new(), Vec::new());
    let (mut actors, mut actor_ids, mut credentials) = (Vec::new(), Vec::new(), Vec::new());
    let (mut addresses, mut requests, mut actions) = (Vec::new(), Vec::new(), Vec::new());
    let (mut types, mut objects, mut before, mut after) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for entry in entries {
        organizations.push(entry.organization);
        checkouts.push(entry.checkout);
        ids.push(AuditEntryId::generate(tx.clock()));
        actors.push(entry.actor.kind.as_str().to_owned());
        actor_ids.push(entry.actor.id);
        credentials.push(entry.actor.credential);
        addresses.push(entry.address);
        requests.push(entry.request_id);
        actions.push(entry.action);
        let (kind, object) = entry.object.unzip();
        types.push(kind);
        objects.push(object);
        before.push(entry.before.map(|value| masked(keys, value)));
        after.push(entry.after.map(|value| masked(keys, value)));
    }
    sql("INSERT INTO audit_log (organization_id, id, checkout_id, actor_type, actor_id, credential, address, request_id, action,
             object_type, object_id, before, after, created_at)
         SELECT e.*, kassa_now($1)
         FROM unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::uuid[], $7::text[], $8::text[], $9::text[], $10::text[],
             $11::text[], $12::text[], $13::jsonb[], $14::jsonb[]) e")
        .bind(tx.offset_ms())
        .bind(organizations)
        .bind(ids)
        .bind(checkouts)
        .bind(actors)
        .bind(actor_ids)
        .bind(credentials)
        .bind(addresses)
        .bind(requests)
        .bind(actions)
        .bind(types)
        .bind(objects)
        .bind(before)
        .bind(after)
        .execute(tx.conn())
        .await
        .map(drop)
}

/// Members whose text is a secret wherever they stand.
const SECRETS: &[&str] = &[
    "secret",
    "api_key",
    "keys",
    "token",
    "password",
    "client_secret",
    "secret_key",
    "webhook_secret",
    "mac_key",
    "signature",
    "url_signature",
];
/// Members that say who a person is by how their name ends: `support_email`, `from_name`; and those of an invitation.
const PERSONAL_ENDINGS: &[&str] = &["_email", "from_name", "emails"];
/// Beside one of these, `name` is what a person is called.
const OF_A_PERSON: &[&str] = &["user_id", "email", "street"];
const HIDDEN: &str = "***";

/// The value without its secrets, and with keyed hashes in place of what is personal.
pub fn masked(keys: &Keyring, value: Value) -> Value {
    masked_of(keys, value, false)
}

/// The same of what may be about a person, whose `name` is then the person's.
fn masked_of(keys: &Keyring, value: Value, person: bool) -> Value {
    match value {
        Value::Object(members) => {
            let person = person || OF_A_PERSON.iter().any(|beside| members.contains_key(*beside));
            // A field of a form is named by its key, which is no secret.
            let field = members.contains_key("requirement");
            let kept = members.into_iter().map(|(name, inner)| {
                let shown = match inner {
                    Value::Null => Value::Null,
                    inner if SECRETS.contains(&name.as_str()) || (name == "key" && !field) => hide(inner),
                    inner if is_personal(&name) || (name == "name" && person) => hash(keys, inner),
                    // What a link fills in for one buyer.
                    inner if name == "checkout_data" => masked_of(keys, inner, true),
                    Value::Object(buyer) if name == "customer" => Value::Object(of_a_buyer(keys, buyer)),
                    // What merchants note may be about people.
                    Value::Object(notes) if OWN.contains(&name.as_str()) => {
                        Value::Object(notes.into_iter().map(|(key, note)| (key, hash(keys, note))).collect())
                    }
                    Value::String(url) if name == "url" || name.ends_with("_url") => unsigned(url).into(),
                    inner => masked(keys, inner),
                };
                (name, shown)
            });
            Value::Object(kept.collect::<Map<_, _>>())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(|item| masked(keys, item)).collect()),
        other => other,
    }
}

fn of_a_buyer(keys: &Keyring, members: Map<String, Value>) -> Map<String, Value> {
    let kept = members.into_iter().map(|(name, inner)| {
        let shown = match inner {
            Value::Null => Value::Null,
            inner if OF_A_CUSTOMER.contains(&name.as_str()) => inner,
            inner => hash(keys, inner),
        };
        (name, shown)
    });
    kept.collect()
}

fn is_personal(name: &str) -> bool {
    PERSONAL.contains(&name) || PERSONAL_ENDINGS.iter().any(|ending| name.ends_with(ending))
}

/// An address without its query: that of a signed one opens what it points at.
fn unsigned(mut url: String) -> String {
    if let Some(query) = url.find('?') {
        url.truncate(query);
    }
    url
}

fn hide(value: Value) -> Value {
    match value {
        Value::Array(items) => Value::Array(items.into_iter().map(hide).collect()),
        _ => HIDDEN.into(),
    }
}

fn hash(keys: &Keyring, value: Value) -> Value {
    match value {
        Value::Array(items) => Value::Array(items.into_iter().map(|item| hash(keys, item)).collect()),
        Value::String(text) => {
            let tag = keys.keyed_hash("audit log", text.to_lowercase().as_bytes());
            format!("hash:{}", data_encoding::HEXLOWER.encode(&tag[..12])).into()
        }
        _ => HIDDEN.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn names_of_people_are_told_from_names_of_things() {
        let keys = Keyring::new(vec![(1, [1; 32])]).expect("a key");
        let value = json!({"name": "Shop", "mail": {"from_email": "a@b.fi", "from_name": "Aino"}, "metadata": {"vip": "Aino"},
            "url": "https://s.example/c/1?expires=0&signature=ab", "fields": [{"key": "phone", "requirement": "hidden"}],
            "key": "k", "members": [{"user_id": "usr_1", "name": "Aino"}], "checkout_data": {"name": "Aino", "discount_code": "half"},
            "payments": [{"bank_reference": "Aino"}]});
        let shown = masked(&keys, value);
        assert_eq!(shown["name"], "Shop");
        assert_eq!(shown["url"], "https://s.example/c/1");
        assert_eq!(shown["checkout_data"]["discount_code"], "half");
        assert_eq!(
            (&shown["fields"][0]["key"], &shown["key"]),
            (&json!("phone"), &json!(HIDDEN))
        );
        assert!(
            shown["metadata"]["vip"]
                .as_str()
                .is_some_and(|hash| hash.starts_with("hash:"))
        );
        let text = shown.to_string();
        assert!(!text.contains("Aino") && !text.contains("a@b.fi"), "{text}");
    }

    #[test]
    fn of_a_buyer_the_id_and_the_country_stay() {
        let keys = Keyring::new(vec![(1, [1; 32])]).expect("a key");
        let value = json!({"customer": {"id": "cus_1", "country": "FI", "company": "Aino Oy", "vat_number": "FI1", "phone": null},
            "custom": {"who": "Aino"}, "note": "Aino called", "number": 1001});
        let shown = masked(&keys, value);
        assert_eq!(
            (
                &shown["customer"]["id"],
                &shown["customer"]["country"],
                &shown["number"]
            ),
            (&json!("cus_1"), &json!("FI"), &json!(1001))
        );
        assert_eq!(shown["customer"]["phone"], Value::Null);
        let text = shown.to_string();
        assert!(!text.contains("Aino") && !text.contains("FI1"), "{text}");
    }

    #[test]
    fn secrets_are_hidden_and_people_hashed() {
        let keys = Keyring::new(vec![(1, [1; 32])]).expect("a key");
        let value = json!({"id": "x", "name": "Shop", "secret": "s3", "api_key": null, "nested": [{"email": "A@b.fi", "token": {"a": 1}}]});
        let shown = masked(&keys, value);
        assert_eq!(shown["id"], "x");
        assert_eq!(shown["name"], "Shop");
        assert_eq!(shown["secret"], HIDDEN);
        assert_eq!(shown["api_key"], Value::Null);
        assert_eq!(shown["nested"][0]["token"], HIDDEN);
        let email = shown["nested"][0]["email"].as_str().expect("a hash");
        assert!(email.starts_with("hash:") && !email.contains('@'));
        assert_eq!(
            masked(&keys, json!({"email": "a@B.fi"}))["email"],
            *email,
            "spellings of one address are one person"
        );
    }
}
