//! Actions that add buyers to Systeme.io.

use serde_json::{Value, json};

use super::double::{Asked, Double, Say};
use super::scene::{EMAIL, Shop, revocation_of, run_of, state};

const KEY: &str = "ud62nchxmnnj05agbbsfojdt98haiwd5esefrtn50bdmz35i6f4tjxissn40u4g8";

/// Contacts and tags, as Systeme.io keeps them. Ids are numbers.
#[derive(Default)]
pub struct Accounts {
    contacts: Vec<Value>,
    tags: Vec<Value>,
    next: u64,
}

impl Accounts {
    fn answer(&mut self, asked: &Asked) -> Say {
        self.next += 1;
        let taken = || {
            Say::Json(
                422,
                json!({"detail": "x", "violations": [{"message": "This value is already used."}]}),
            )
        };
        let list = |items: Vec<Value>| Say::Json(200, json!({"items": items, "hasMore": false}));
        match (asked.method.as_str(), asked.parts().as_slice()) {
            ("GET", ["api", "contacts"]) => {
                let email = asked.query("email").replace("%40", "@");
                list(
                    self.contacts
                        .iter()
                        .filter(|one| one["email"] == email.as_str())
                        .cloned()
                        .collect(),
                )
            }
            ("POST", ["api", "contacts"]) => {
                if self.contacts.iter().any(|one| one["email"] == asked.body["email"]) {
                    return taken();
                }
                let made = json!({"id": self.next, "email": asked.body["email"], "tags": []});
                self.contacts.push(made.clone());
                Say::Json(201, made)
            }
            ("GET", ["api", "tags"]) => {
                let query = asked.query("query").replace('+', " ").to_lowercase();
                let fits = |tag: &&Value| {
                    tag["name"]
                        .as_str()
                        .is_some_and(|name| name.to_lowercase().contains(&query))
                };
                list(self.tags.iter().filter(fits).cloned().collect())
            }
            ("POST", ["api", "tags"]) => {
                let made = json!({"id": self.next, "name": asked.body["name"]});
                self.tags.push(made.clone());
                Say::Json(201, made)
            }
            ("GET", ["api", "contacts", id]) => match self.contact(id) {
                Some(contact) => Say::Json(200, contact.clone()),
                None => Say::Json(404, json!({})),
            },
            ("POST", ["api", "contacts", id, "tags"]) => {
                let tag = self.tags.iter().find(|tag| tag["id"] == asked.body["tagId"]).cloned();
                let (Some(tag), Some(contact)) = (tag, self.contact(id)) else {
                    return Say::Json(404, json!({}));
                };
                let has = contact["tags"].as_array_mut().expect("tags");
                if has.contains(&tag) {
                    return taken();
                }
                has.push(tag);
                Say::Json(204, Value::Null)
            }
            ("DELETE", ["api", "contacts", id, "tags", tag]) => {
                let tag: u64 = tag.parse().expect("a number");
                let Some(contact) = self.contact(id) else {
                    return Say::Json(404, json!({}));
                };
                let has = contact["tags"].as_array_mut().expect("tags");
                let before = has.len();
                has.retain(|known| known["id"] != tag);
                Say::Json(if has.len() < before { 204 } else { 404 }, json!({}))
            }
            _ => Say::Json(405, json!({})),
        }
    }

    fn contact(&mut self, id: &str) -> Option<&mut Value> {
        self.contacts
            .iter_mut()
            .find(|one| one["id"].as_u64() == id.parse().ok())
    }
}

pub async fn service(mut fault: impl FnMut(&Asked) -> Option<Say> + Send + 'static) -> Double {
    let mut accounts = Accounts::default();
    Double::start(move |asked, _| {
        let said = accounts.answer(asked);
        fault(asked).unwrap_or(said)
    })
    .await
}

async fn shop(slug: &str, double: &Double, config: Value) -> Shop {
    let shop = Shop::new(slug, double).await;
    shop.account("systeme_io", json!({"api_key": KEY})).await;
    shop.product_action("systeme_io", config).await;
    shop
}

fn writes(double: &Double) -> Vec<String> {
    double
        .lines()
        .into_iter()
        .filter(|line| !line.starts_with("GET"))
        .collect()
}

#[actix_web::test]
async fn a_buyer_who_agreed_becomes_a_contact_with_tags_and_loses_them() {
    let double = service(|_| None).await;
    let shop = shop("systeme", &double, json!({"tags": ["customer", "Course 2026"]})).await;
    let order = shop.sell().await;
    assert_eq!(state(&run_of(&order)), json!(["succeeded", 1, null]));
    assert_eq!(
        double.lines(),
        [
            "GET /api/contacts?email=aino.virtanen%40example.com&limit=10",
            "POST /api/contacts",
            "GET /api/tags?query=customer&limit=100",
            "POST /api/tags",
            "POST /api/contacts/2/tags",
            "GET /api/tags?query=Course+2026&limit=100",
            "POST /api/tags",
            "POST /api/contacts/2/tags",
        ]
    );
    let asked = double.take();
    assert_eq!(
        asked[1].body,
        json!({"email": EMAIL, "fields": [{"slug": "first_name", "value": "Aino"}, {"slug": "surname", "value": "Virtanen"}]})
    );
    assert_eq!(
        (&asked[3].body, &asked[4].body),
        (&json!({"name": "customer"}), &json!({"tagId": 4}))
    );
    for one in &asked {
        assert_eq!(one.header("x-api-key"), KEY);
        assert_eq!(one.header("idempotency-key"), run_of(&order)["id"]);
    }
    // What the contact has is not given again.
    let second = shop.sell().await;
    assert_eq!(run_of(&second)["status"], "succeeded");
    assert_eq!(double.take().len(), 1);

    let order = shop.take_away(&order).await;
    assert_eq!(state(&revocation_of(&order)), json!(["succeeded", 1, null]));
    assert_eq!(
        double.lines(),
        ["DELETE /api/contacts/2/tags/4", "DELETE /api/contacts/2/tags/7"]
    );
    double.take();
    let second = shop.take_away(&second).await;
    assert_eq!(
        state(&revocation_of(&second)),
        json!(["succeeded", 1, null]),
        "what is gone is gone"
    );
    shop.keeps_secret(&[KEY]).await;
    shop.test.check_invariants().await;
}

#[actix_web::test]
async fn who_did_not_agree_is_added_only_where_the_merchant_says_so() {
    let double = service(|_| None).await;
    let shop_of = shop("asked", &double, json!({"tags": ["customer"]})).await;
    let order = shop_of.sell_of(1, false).await;
    assert_eq!(state(&run_of(&order)), json!(["succeeded", 1, null]));
    let order = shop_of.take_away(&order).await;
    assert_eq!(revocation_of(&order)["status"], "succeeded");
    assert_eq!(double.lines(), Vec::<String>::new(), "nothing is said of them");

    let shop_of = shop(
        "unasked",
        &double,
        json!({"tags": ["customer"], "without_consent": true}),
    )
    .await;
    shop_of.sell_of(1, false).await;
    assert_eq!(
        writes(&double),
        ["POST /api/contacts", "POST /api/tags", "POST /api/contacts/2/tags"]
    );
}

#[actix_web::test]
async fn a_lost_answer_is_asked_for_again() {
    // The tag is put on the contact, and nobody hears of it.
    let mut lost = false;
    let double = service(move |asked| {
        let first = asked.line() == "POST /api/contacts/2/tags" && !std::mem::replace(&mut lost, true);
        first.then_some(Say::Nothing)
    })
    .await;
    let shop = shop("lost", &double, json!({"tags": ["customer"]})).await;
    let order = shop.sell().await;
    assert_eq!(run_of(&order)["status"], "queued");
    let order = shop.later(&order).await;
    assert_eq!(run_of(&order)["status"], "succeeded");
    double.take();
    shop.take_away(&order).await;
    assert_eq!(double.lines(), ["DELETE /api/contacts/2/tags/4"]);
}

#[actix_web::test]
async fn what_others_do_at_the_same_time_is_no_failure() {
    // Somebody else makes the contact and gives it the tag just before we do.
    let mut hidden = 0;
    let double = service(move |asked| {
        let page = || Say::Json(200, json!({"items": [], "hasMore": false}));
        let line = asked.line();
        hidden += 1;
        match hidden {
            // Of the first order, all is as it is; of the second, the contact is found only after it was refused.
            6 if line.starts_with("GET /api/contacts?") => Some(page()),
            8 if line.starts_with("GET /api/contacts?") => Some(Say::Json(
                200,
                json!({"items": [{"id": 2, "email": EMAIL, "tags": []}]}),
            )),
            _ => None,
        }
    })
    .await;
    let shop = shop("race", &double, json!({"tags": ["customer"]})).await;
    shop.sell().await;
    assert_eq!(double.take().len(), 5);
    let order = shop.sell().await;
    assert_eq!(state(&run_of(&order)), json!(["succeeded", 1, null]));
    assert_eq!(
        double.lines(),
        [
            "GET /api/contacts?email=aino.virtanen%40example.com&limit=10",
            "POST /api/contacts",
            "GET /api/contacts?email=aino.virtanen%40example.com&limit=10",
            "GET /api/tags?query=customer&limit=100",
            "POST /api/contacts/2/tags",
            "GET /api/contacts/2",
        ]
    );
}

#[actix_web::test]
async fn a_refusal_is_told_in_their_plain_words() {
    let double = Double::start(|asked, _| {
        let refused = json!({"violations": [{"message": "This value is not a valid email address."}],
            "detail": format!("{EMAIL} is not valid")});
        match asked.method.as_str() {
            "GET" => Say::Json(200, json!({"items": [], "hasMore": false})),
            _ => Say::Json(422, refused),
        }
    })
    .await;
    let shop = shop("words", &double, json!({"tags": ["customer"]})).await;
    let order = shop.sell().await;
    assert_eq!(
        state(&run_of(&order)),
        json!([
            "failed",
            1,
            "Systeme.io answered 422: This value is not a valid email address."
        ])
    );
}
