//! Actions that add buyers to an audience of Mailchimp.

use data_encoding::BASE64;
use serde_json::{Value, json};

use super::double::{Double, Say};
use super::scene::{EMAIL, Shop, revocation_of, run_of, state};

const KEY: &str = "4f1c0a9e7b5d3f2c4f1c0a9e7b5d3f2c-us21";
/// The hash of the buyer's address: `echo -n aino.virtanen@example.com | md5sum`.
const HASH: &str = "b6bed70b08ebb19a16cd091385e8330c";

fn config() -> Value {
    json!({"list_id": "a1b2c3d4e5", "tags": ["customer", "Course 2026", "CUSTOMER"]})
}

#[actix_web::test]
async fn a_buyer_is_added_tagged_and_untagged() {
    let double = Double::start(|asked, number| match (asked.method.as_str(), number) {
        ("PUT", 0) => Say::Json(429, json!({"title": "Too Many Requests"})),
        ("PUT", _) => Say::Json(200, json!({"id": HASH, "contact_id": "9f86d081"})),
        _ => Say::Json(204, Value::Null),
    })
    .await;
    let shop = Shop::new("chimp", &double).await;
    shop.account("mailchimp", json!({"api_key": KEY})).await;
    shop.product_action("mailchimp", config()).await;
    let order = shop.sell_of(1, false).await;
    assert_eq!(
        state(&run_of(&order)),
        json!(["queued", 1, "Mailchimp answered 429: Too Many Requests."])
    );
    let order = shop.later(&order).await;
    assert_eq!(run_of(&order)["status"], "succeeded");
    let member = format!("/us21/3.0/lists/a1b2c3d4e5/members/{HASH}");
    let put = format!("PUT {member}?skip_merge_validation=true");
    assert_eq!(double.lines(), [put.clone(), put, format!("POST {member}/tags")]);
    let asked = double.take();
    assert_eq!(
        asked[1].body,
        json!({"email_address": EMAIL, "status_if_new": "transactional", "merge_fields": {"FNAME": "Aino", "LNAME": "Virtanen"}})
    );
    let tags = |status: &str| json!({"tags": [{"name": "customer", "status": status}, {"name": "Course 2026", "status": status}]});
    assert_eq!(asked[2].body, tags("active"));
    let login = format!("Basic {}", BASE64.encode(format!("kassa:{KEY}").as_bytes()));
    for one in &asked {
        assert_eq!(
            (one.header("authorization"), one.header("idempotency-key")),
            (login.as_str(), run_of(&order)["id"].as_str().expect("an id"))
        );
    }

    let order = shop.take_away(&order).await;
    assert_eq!(state(&revocation_of(&order)), json!(["succeeded", 1, null]));
    assert_eq!(
        double.lines(),
        ["POST /us21/3.0/lists/a1b2c3d4e5/members/9f86d081/tags"]
    );
    assert_eq!(double.asked()[0].body, tags("inactive"));
    shop.keeps_secret(&[KEY, &login]).await;
    shop.test.check_invariants().await;
}

#[actix_web::test]
async fn who_agreed_to_marketing_is_subscribed() {
    let double = Double::start(|_, _| Say::Json(200, json!({}))).await;
    let shop = Shop::new("subscribed", &double).await;
    shop.account("mailchimp", json!({"api_key": KEY})).await;
    shop.action("mailchimp", config()).await;
    shop.sell_of(1, true).await;
    assert_eq!(double.asked()[0].body["status_if_new"], "subscribed");
}

#[actix_web::test]
async fn what_may_have_been_given_is_taken_away_too() {
    // The contact is made and tagged; the answer is lost, then the account is closed.
    let double = Double::start(|asked, number| match number {
        0 => Say::Json(200, json!({"contact_id": "9f86d081"})),
        1 => Say::Nothing,
        2 => Say::Json(
            403,
            json!({"title": "User Disabled", "detail": format!("{EMAIL} {KEY}")}),
        ),
        _ if asked.path.ends_with("/tags") => Say::Json(404, json!({})),
        _ => Say::Json(500, json!({})),
    })
    .await;
    let shop = Shop::new("maybe", &double).await;
    shop.account("mailchimp", json!({"api_key": KEY})).await;
    shop.product_action("mailchimp", config()).await;
    let order = shop.sell().await;
    assert_eq!(run_of(&order)["status"], "queued");
    let order = shop.later(&order).await;
    assert_eq!(
        state(&run_of(&order)),
        json!([
            "failed",
            2,
            "Mailchimp answered 403: User Disabled. Check the API key of the integration."
        ])
    );
    double.take();
    let order = shop.take_away(&order).await;
    // By the address's hash, with the configuration of the order; a contact that is gone has no tags.
    let revocation = revocation_of(&order);
    assert_eq!(
        double.lines(),
        [format!("POST /us21/3.0/lists/a1b2c3d4e5/members/{HASH}/tags")]
    );
    assert_eq!(
        double.asked()[0].body["tags"][1],
        json!({"name": "Course 2026", "status": "inactive"})
    );
    assert_eq!(state(&revocation), json!(["succeeded", 1, null]));
    shop.keeps_secret(&[KEY]).await;
}

#[actix_web::test]
async fn without_an_account_it_waits_for_a_person() {
    let double = Double::start(|_, _| Say::Json(200, json!({}))).await;
    let shop = Shop::new("no-account", &double).await;
    shop.action("mailchimp", config()).await;
    let order = shop.sell().await;
    assert_eq!(
        state(&run_of(&order)),
        json!(["failed", 1, "There is no account at Mailchimp: set up the integration."])
    );
    assert_eq!(double.lines(), Vec::<String>::new());
    shop.account("mailchimp", json!({"api_key": KEY})).await;
    let order = shop.again(&order, &run_of(&order)).await;
    assert_eq!(run_of(&order)["status"], "succeeded");
    assert_eq!(double.asked().len(), 2);
}

#[actix_web::test]
async fn configurations_that_cannot_work_are_refused() {
    let double = Double::start(|_, _| Say::Nothing).await;
    let shop = Shop::new("unfit", &double).await;
    for (config, pointer) in [
        (json!({"tags": ["customer"]}), "/config/list_id"),
        (json!({"list_id": "../x", "tags": ["customer"]}), "/config/list_id"),
        (json!({"list_id": "a1", "tags": []}), "/config/tags"),
        (json!({"list_id": "a1", "tags": [" customer"]}), "/config/tags/0"),
        (
            json!({"list_id": "a1", "tags": ["customer"], "api_key": "x"}),
            "/config/api_key",
        ),
    ] {
        let body = json!({"level": "checkout", "type": "mailchimp", "name": "Unfit", "config": config});
        let call = crate::support::request::Call::post(shop.merchant.path("actions"), body);
        let refused = shop.merchant.call(&shop.test, call).await.problem();
        assert_eq!((refused.0, refused.2.as_str()), (422, pointer), "{config}");
    }
}
