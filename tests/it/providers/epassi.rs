//! Epassi: a double of its page checks the form that we sign, and makes the confirmations.

use kassa::net::client::{Method, OutboundRequest};
use serde_json::{Value, json};

use super::paytrail::client;
use super::scene::{Shop, events, path_of};
use crate::support::app::{Settings, nowhere};
use crate::support::doubles::Double;
use crate::support::merchant::Visit;
use crate::support::people::text;
use crate::support::request::{Call, Reply};

const KEY: &str = "testmackey";

/// A shop whose course is sport, and Epassi's page.
async fn open(slug: &str) -> (Shop, Double) {
    let double = Double::start("epassi.py", &[KEY]);
    let mut addresses = nowhere();
    addresses.epassi = format!("http://127.0.0.1:{}/e_payments/v2", double.port);
    let settings = Settings {
        providers: Some(addresses),
        ..Settings::default()
    };
    let shop = Shop::open(settings, slug).await;
    let body = json!({"site": "151082", "mac_key": KEY, "benefits": ["sport", "culture"], "test_mode": true});
    let put = Call::new("PUT", shop.merchant.path("payment-methods/epassi")).json(body);
    let read = shop.merchant.call(&shop.test, put).await.expect(200);
    assert_eq!(
        json!([read["mac_key_last4"], read["capabilities"]["flow"]]),
        json!(["ckey", "form_post"])
    );
    takes(&shop, &["sport", "lunch"]).await;
    (shop, double)
}

/// Which benefits may pay for the course.
async fn takes(shop: &Shop, benefits: &[&str]) {
    let products = shop.merchant.read(&shop.test, "products").await;
    let path = shop
        .merchant
        .path(&format!("products/{}", text(&products["data"][0]["id"])));
    let patch = Call::patch(path, json!({"employee_benefits": benefits}));
    shop.merchant.call(&shop.test, patch).await.expect(200);
}

async fn confirm(shop: &Shop, visit: &Visit) -> Value {
    let more = json!({"provider": "epassi", "method": "sport", "return_url": "https://shop.example.com/thanks",
        "cancel_url": "https://shop.example.com/again"});
    shop.confirm(visit, more).await.expect(200)
}

/// Posts the form as a browser does; the status, and where it is sent.
async fn post_form(form: &Value) -> (u16, Option<String>) {
    let fields = form["fields"].as_array().expect("fields");
    let pairs = fields
        .iter()
        .map(|field| format!("{}={}", text(&field["name"]), encoded(&text(&field["value"]))));
    let mut request = OutboundRequest::new(Method::POST, text(&form["action"]));
    request.headers.push((
        "content-type".to_owned(),
        "application/x-www-form-urlencoded".to_owned(),
    ));
    request.body = pairs.collect::<Vec<_>>().join("&").into_bytes();
    let answer = client().send(request).await.expect("an answer");
    (answer.status, answer.header("location").map(str::to_owned))
}

/// A field of a form, by its name.
fn field<'a>(form: &'a mut Value, name: &str) -> &'a mut Value {
    let fields = form["fields"].as_array_mut().expect("fields");
    let field = fields.iter_mut().find(|field| field["name"] == name);
    &mut field.expect("the field")["value"]
}

fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

async fn post(shop: &Shop, address: &Value, body: &str) -> Reply {
    let call = Call::new("POST", path_of(&text(address)))
        .header("content-type", "application/x-www-form-urlencoded")
        .bytes(body.to_owned());
    shop.test.call(call).await
}

#[actix_web::test]
async fn a_form_is_posted_and_its_confirmation_pays() {
    let (shop, mut double) = open("epassi").await;
    let visit = shop.merchant.visit(&shop.test).await;
    let ways = visit.session["payment_methods"].as_array().expect("ways");
    let way = ways.iter().find(|way| way["provider"] == "epassi").expect("Epassi");
    assert_eq!(json!([way["available"], way["methods"]]), json!([true, ["sport"]]));
    let made = confirm(&shop, &visit).await;
    let (order, payment) = (text(&made["order"]["id"]), text(&made["payment"]["id"]));
    let mut changed = made["payment"]["form"].clone();
    assert_eq!(
        json!([field(&mut changed, "STAMP"), field(&mut changed, "AMOUNT")]),
        json!([payment, "39.00"])
    );
    assert_eq!(post_form(&changed).await, (200, None));
    *field(&mut changed, "AMOUNT") = json!("1.00");
    let (status, rejected) = post_form(&changed).await;
    let rejected = rejected.expect("an address");
    assert!(
        status == 302 && rejected.contains("error=INVALID_REQUEST_SIGNATURE"),
        "{rejected}"
    );

    // Nothing of a rejection is signed: it moves nothing, and the buyer may choose again.
    let back = shop.test.call(Call::get(path_of(&rejected))).await;
    assert_eq!(
        (back.status, back.header("location")),
        (303, Some("https://shop.example.com/again"))
    );
    assert_eq!(shop.order(&order).await["payments"][0]["status"], "pending");

    let told = double.ask(&json!({"stamp": payment}));
    let body = text(&told["body"]);
    assert_eq!(post(&shop, &told["notify"], &body).await.status, 200);
    let returned = post(&shop, &told["return"], &body).await;
    assert_eq!(
        (returned.status, returned.header("location")),
        (303, Some("https://shop.example.com/thanks"))
    );
    shop.test.drain_jobs().await;
    let read = shop.order(&order).await;
    assert_eq!(
        json!([
            read["status"],
            read["payments"][0]["method"],
            read["payments"][0]["received_amount"]
        ]),
        json!(["completed", "sport", 3900])
    );
    // A rejection of what is paid.
    assert_eq!(shop.test.call(Call::get(path_of(&rejected))).await.status, 303);
    assert_eq!(shop.order(&order).await["status"], "completed");
    assert_eq!(events(&shop, "payment.succeeded").await, 1);
    shop.test.check_invariants().await;
}

#[actix_web::test]
async fn the_browser_alone_brings_the_confirmation() {
    let (shop, mut double) = open("epassi-browser").await;
    let visit = shop.merchant.visit(&shop.test).await;
    let made = confirm(&shop, &visit).await;
    post_form(&made["payment"]["form"]).await;
    let told = double.ask(&json!({"stamp": made["payment"]["id"]}));
    let body = text(&told["body"]);
    let all = futures_util::future::join_all((0..20).map(|_| post(&shop, &told["return"], &body))).await;
    assert!(all.iter().all(|answer| answer.status == 303), "{all:?}");
    assert_eq!(shop.order(&text(&made["order"]["id"])).await["payment_status"], "paid");
    assert_eq!(events(&shop, "payment.succeeded").await, 1);
    shop.test.check_invariants().await;
}

#[actix_web::test]
async fn what_epassi_has_not_confirmed_is_not_paid() {
    let (shop, mut double) = open("epassi-forged").await;
    let visit = shop.merchant.visit(&shop.test).await;
    let made = confirm(&shop, &visit).await;
    let (order, payment) = (text(&made["order"]["id"]), text(&made["payment"]["id"]));
    let mut form = made["payment"]["form"].clone();
    post_form(&form).await;
    let told = double.ask(&json!({"stamp": payment}));
    let genuine = text(&told["body"]);
    // What the buyer has: the MAC of the form, over the same stamp and amount.
    let mac = text(field(&mut form, "MAC"));
    let forged = [
        format!("STAMP={payment}&PAID=39.00&MAC={mac}"),
        format!("STAMP={payment}%26151082&PAID=39.00&MAC={mac}"),
        format!("STAMP={payment}&PAID=151082%2639.00&MAC={mac}"),
        genuine.replace("39.00", "390.00"),
        genuine.to_lowercase(),
        String::new(),
    ];
    for body in &forged {
        assert_eq!(
            post(&shop, &told["notify"], body).await.problem().1,
            "signature-invalid",
            "{body}"
        );
        assert_eq!(
            post(&shop, &told["return"], body).await.status,
            303,
            "it is only a browser: {body}"
        );
    }
    assert_eq!(shop.order(&order).await["payment_status"], "pending");
    // Another amount, with a right MAC.
    let less = text(&double.ask(&json!({"stamp": payment, "paid": "38.99"}))["body"]);
    assert_eq!(post(&shop, &told["notify"], &less).await.status, 200);
    shop.raised(&order, "amount_mismatch").await;
    assert_eq!(events(&shop, "payment.succeeded").await, 0);
    shop.test.check_invariants().await;
}

#[actix_web::test]
async fn only_a_basket_that_qualifies_as_a_whole_is_paid_by_a_benefit() {
    let (shop, _double) = open("epassi-basket").await;
    for benefits in [&[][..], &["lunch"][..]] {
        takes(&shop, benefits).await;
        let visit = shop.merchant.visit(&shop.test).await;
        let ways = visit.session["payment_methods"].as_array().expect("ways");
        let way = ways.iter().find(|way| way["provider"] == "epassi").expect("Epassi");
        assert_eq!(
            json!([way["available"], way["unavailable_reason"]]),
            json!([false, "basket_not_eligible"])
        );
        let refused = shop.confirm(&visit, json!({"provider": "epassi"})).await;
        assert!((400..500).contains(&refused.status), "{refused:?}");
    }
    takes(&shop, &["sport"]).await;
    let visit = shop.merchant.visit(&shop.test).await;
    let refused = shop
        .confirm(&visit, json!({"provider": "epassi", "method": "culture"}))
        .await;
    assert!(
        (400..500).contains(&refused.status),
        "the course is no culture: {refused:?}"
    );
    // A second thing in the basket, which is culture alone: no benefit pays for both.
    let mut poster = crate::support::merchant::course();
    poster["name"] = json!("Concert");
    poster["employee_benefits"] = json!(["culture"]);
    let product = shop.merchant.create(&shop.test, "products", poster).await;
    let offer = json!({"name": "Concert", "title": "Concert", "items": [{"product_id": product["id"]}]});
    let offer = shop.merchant.create(&shop.test, "offers", offer).await;
    let link = json!({"name": "Concert", "offer_id": offer["id"], "slug": "concert", "test_mode": true});
    shop.merchant.create(&shop.test, "checkout-links", link).await;
    let add = Call::post(visit.path("/lines"), json!({"link": "concert"})).bearer(&visit.secret);
    let added = shop.test.call(add).await;
    assert!(added.status < 300, "{added:?}");
    let session = shop
        .test
        .call(Call::get(visit.path("")).bearer(&visit.secret))
        .await
        .expect(200);
    let ways = session["payment_methods"].as_array().expect("ways");
    let way = ways.iter().find(|way| way["provider"] == "epassi").expect("Epassi");
    assert_eq!(
        json!([way["available"], way["unavailable_reason"]]),
        json!([false, "basket_not_eligible"])
    );
    shop.test.check_invariants().await;
}
