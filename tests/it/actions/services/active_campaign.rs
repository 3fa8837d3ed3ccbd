//! Actions that add buyers to ActiveCampaign.

use serde_json::{Value, json};

use super::double::{Asked, Double, Say};
use super::scene::{EMAIL, Shop, revocation_of, run_of, state};

const KEY: &str = "5cd0ff2c0a9e7b5d3f2c4f1c0a9e7b5d3f2c4f1c0a9e7b5d3f2c";

/// Contacts, tags and which has which, as ActiveCampaign keeps them. Ids are texts, all from one count.
pub struct Accounts {
    contacts: Vec<(String, String)>,
    tags: Vec<(String, String)>,
    pairs: Vec<(String, String, String)>,
    next: u32,
}

impl Accounts {
    fn id(&mut self) -> String {
        self.next += 1;
        self.next.to_string()
    }

    fn answer(&mut self, asked: &Asked) -> Say {
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        match (asked.method.as_str(), asked.parts().as_slice()) {
            ("POST", ["api", "3", "contact", "sync"]) => {
                let email = text(&asked.body["contact"]["email"]);
                let known = self.contacts.iter().find(|(_, known)| *known == email).cloned();
                let (id, _) = known.unwrap_or_else(|| {
                    let made = (self.id(), email);
                    self.contacts.push(made.clone());
                    made
                });
                Say::Json(201, json!({"contact": {"id": id}}))
            }
            ("GET", ["api", "3", "tags"]) => {
                let search = asked.query("search").replace('+', " ").to_lowercase();
                let found = self
                    .tags
                    .iter()
                    .filter(|(_, name)| name.to_lowercase().contains(&search));
                let found: Vec<Value> = found
                    .map(|(id, name)| json!({"id": id, "tag": name, "tagType": "contact"}))
                    .collect();
                Say::Json(200, json!({"tags": found}))
            }
            ("POST", ["api", "3", "tags"]) => {
                assert_eq!(asked.body["tag"]["tagType"], "contact");
                let made = (self.id(), text(&asked.body["tag"]["tag"]));
                self.tags.push(made.clone());
                Say::Json(201, json!({"tag": {"id": made.0}}))
            }
            ("POST", ["api", "3", "contactTags"]) => {
                let pair = &asked.body["contactTag"];
                let (contact, tag) = (text(&pair["contact"]), text(&pair["tag"]));
                let known = self
                    .pairs
                    .iter()
                    .find(|(_, one, other)| (one, other) == (&contact, &tag))
                    .cloned();
                let (id, ..) = known.unwrap_or_else(|| {
                    let made = (self.id(), contact, tag);
                    self.pairs.push(made.clone());
                    made
                });
                Say::Json(201, json!({"contactTag": {"id": id}}))
            }
            ("GET", ["api", "3", "contacts"]) => {
                let email = asked.query("email").replace("%40", "@");
                let found = self.contacts.iter().filter(|(_, known)| *known == email);
                let found: Vec<Value> = found.map(|(id, _)| json!({"id": id})).collect();
                Say::Json(200, json!({"contacts": found}))
            }
            ("GET", ["api", "3", "contacts", contact, "contactTags"]) => {
                let found = self.pairs.iter().filter(|(_, known, _)| known == contact);
                let found: Vec<Value> = found.map(|(id, _, tag)| json!({"id": id, "tag": tag})).collect();
                Say::Json(200, json!({"contactTags": found}))
            }
            ("DELETE", ["api", "3", "contactTags", id]) => {
                let before = self.pairs.len();
                self.pairs.retain(|(known, ..)| known != id);
                Say::Json(if self.pairs.len() < before { 200 } else { 404 }, json!({}))
            }
            _ => Say::Json(405, json!({})),
        }
    }
}

pub async fn service(mut fault: impl FnMut(&Asked) -> Option<Say> + Send + 'static) -> Double {
    let mut accounts = Accounts {
        contacts: Vec::new(),
        tags: vec![
            ("7".to_owned(), "customers of old".to_owned()),
            ("8".to_owned(), "Customer".to_owned()),
        ],
        pairs: Vec::new(),
        next: 100,
    };
    Double::start(move |asked, _| {
        let said = accounts.answer(asked);
        fault(asked).unwrap_or(said)
    })
    .await
}

async fn shop(slug: &str, double: &Double) -> Shop {
    let shop = Shop::new(slug, double).await;
    shop.account("active_campaign", json!({"api_key": KEY, "url": double.url}))
        .await;
    shop.product_action("active_campaign", json!({"tags": ["customer", "Course 2026"]}))
        .await;
    shop
}

#[actix_web::test]
async fn a_buyer_becomes_a_contact_with_tags_and_loses_them() {
    let double = service(|_| None).await;
    let shop = shop("active", &double).await;
    let order = shop.sell().await;
    assert_eq!(state(&run_of(&order)), json!(["succeeded", 1, null]));
    assert_eq!(
        double.lines(),
        [
            "POST /api/3/contact/sync",
            "GET /api/3/tags?search=customer&limit=100",
            "POST /api/3/contactTags",
            "GET /api/3/tags?search=Course+2026&limit=100",
            "POST /api/3/tags",
            "POST /api/3/contactTags",
        ]
    );
    let asked = double.take();
    assert_eq!(
        asked[0].body,
        json!({"contact": {"email": EMAIL, "firstName": "Aino", "lastName": "Virtanen"}})
    );
    assert_eq!(
        asked[2].body,
        json!({"contactTag": {"contact": "101", "tag": "8"}}),
        "the tag that is there"
    );
    assert_eq!(asked[4].body["tag"]["tag"], "Course 2026");
    for one in &asked {
        assert_eq!(one.header("api-token"), KEY);
        assert_eq!(one.header("idempotency-key"), run_of(&order)["id"]);
    }
    // A second order makes nothing anew.
    let second = shop.sell().await;
    assert_eq!(run_of(&second)["status"], "succeeded");
    assert!(!double.take().iter().any(|one| one.line() == "POST /api/3/tags"));

    let order = shop.take_away(&order).await;
    assert_eq!(state(&revocation_of(&order)), json!(["succeeded", 1, null]));
    assert_eq!(
        double.lines(),
        ["DELETE /api/3/contactTags/102", "DELETE /api/3/contactTags/104"]
    );
    assert_eq!(double.take()[0].header("api-token"), KEY);
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
async fn tags_of_a_run_that_broke_off_are_taken_away() {
    // The second tag is refused for good.
    let double = service(|asked| (asked.line() == "POST /api/3/tags").then(|| Say::Json(402, json!({})))).await;
    let shop = shop("broken", &double).await;
    let order = shop.sell().await;
    assert_eq!(
        state(&run_of(&order)),
        json!(["failed", 1, "ActiveCampaign answered 402."])
    );
    double.take();
    let order = shop.take_away(&order).await;
    assert_eq!(state(&revocation_of(&order)), json!(["succeeded", 1, null]));
    let deleted: Vec<String> = double
        .lines()
        .into_iter()
        .filter(|line| line.starts_with("DELETE"))
        .collect();
    // The double made the second tag before it failed; the contact never got it.
    assert_eq!(deleted, ["DELETE /api/3/contactTags/102"]);
}

#[actix_web::test]
async fn a_lost_answer_is_asked_for_again() {
    let mut lost = false;
    let double = service(move |asked| {
        let first = asked.line() == "POST /api/3/contactTags" && !std::mem::replace(&mut lost, true);
        first.then_some(Say::Nothing)
    })
    .await;
    let shop = shop("lost", &double).await;
    let order = shop.sell().await;
    let said = "ActiveCampaign: the connection was closed without a valid answer.";
    assert_eq!(state(&run_of(&order)), json!(["queued", 1, said]));
    let order = shop.later(&order).await;
    assert_eq!(run_of(&order)["status"], "succeeded");
    double.take();
    shop.take_away(&order).await;
    assert_eq!(
        double.lines(),
        ["DELETE /api/3/contactTags/102", "DELETE /api/3/contactTags/104"]
    );
}
