//! Codes and links: which codes are taken on what a link sells, and that a page, a preview, a quote and a session agree on them.

use serde_json::{Value, json};

use crate::support::people::text;
use crate::support::request::{Call, Reply};
use crate::support::{Merchant, TestApp};

/// A course for 100.00 and a book for 20.00, each in an offer of its own; `HALF` takes 50 %, `TENTH` 10 %.
struct Shop {
    test: TestApp,
    merchant: Merchant,
    book: Value,
    course_offer: Value,
    book_offer: Value,
}

impl Shop {
    async fn new(slug: &str) -> Self {
        let test = TestApp::new().await;
        let merchant = Merchant::new(&test, slug).await;
        let product = |name: &str, amount: i64| {
            json!({"name": name, "type": "online_course", "vat_type": "commercial_education",
                "prices": [{"currency": "EUR", "amount": amount}]})
        };
        let course = merchant.create(&test, "products", product("Course", 10_000)).await;
        let book = merchant.create(&test, "products", product("Book", 2000)).await;
        let offer = |product: &Value| json!({"name": "O", "title": "O", "items": [{"product_id": product["id"]}]});
        let course_offer = merchant.create(&test, "offers", offer(&course)).await["id"].clone();
        let book_offer = merchant.create(&test, "offers", offer(&book)).await["id"].clone();
        for (code, percentage) in [("HALF", "50"), ("TENTH", "10")] {
            let code = json!({"code": code, "type": "percentage", "percentage": percentage});
            merchant.create(&test, "discount-codes", code).await;
        }
        Self {
            test,
            merchant,
            book,
            course_offer,
            book_offer,
        }
    }

    async fn link(&self, offer: &Value, more: Value) -> Value {
        let mut body = json!({"name": "L", "offer_id": offer, "test_mode": true});
        merge(&mut body, &more);
        self.merchant.create(&self.test, "checkout-links", body).await
    }

    async fn open(&self, body: Value) -> Visit<'_> {
        let opened = self
            .test
            .call(Call::post("/v1/storefront/sessions", body))
            .await
            .expect(201);
        Visit { shop: self, opened }
    }

    async fn by_slug(&self, slug: &str) -> Visit<'_> {
        self.open(json!({"checkout": self.merchant.slug, "link": slug, "customer": {"email": "a@example.com", "country": "FI"}}))
            .await
    }

    async fn quote(&self, body: Value) -> Reply {
        self.test.call(Call::post("/v1/storefront/quotes", body)).await
    }
}

struct Visit<'a> {
    shop: &'a Shop,
    opened: Value,
}

impl Visit<'_> {
    async fn call(&self, method: &str, rest: &str, body: Value) -> Reply {
        let path = format!("/v1/storefront/sessions/{}{rest}", text(&self.opened["session"]["id"]));
        let secret = text(&self.opened["client_secret"]);
        self.shop
            .test
            .call(Call::new(method, path).json(body).bearer(&secret))
            .await
    }

    async fn apply(&self, code: &str) -> Reply {
        self.call("PUT", "/discount", json!({"code": code})).await
    }

    async fn add(&self, link: &str) -> Value {
        self.call("POST", "/lines", json!({"link": link})).await.expect(201)
    }
}

fn merge(into: &mut Value, more: &Value) {
    for (name, value) in more.as_object().expect("an object") {
        into[name] = value.clone();
    }
}

/// The discount of each line.
fn discounts(session: &Value) -> Vec<Value> {
    let lines = session["lines"].as_array().expect("lines").iter();
    lines.map(|line| line["discount"].clone()).collect()
}

#[actix_web::test]
async fn a_link_that_refuses_codes_refuses_them_wherever_it_is_added() {
    let shop = Shop::new("nocode").await;
    shop.link(&shop.course_offer, json!({"slug": "plain"})).await;
    let closed = json!({"slug": "nocode", "checkout_options": {"discount": false}});
    shop.link(&shop.book_offer, closed).await;
    let own =
        json!({"slug": "own", "checkout_options": {"discount": false}, "checkout_data": {"discount_code": " half "}});
    shop.link(&shop.book_offer, own).await;
    let only = json!({"code": "BOOKS", "type": "percentage", "percentage": "50", "product_ids": [shop.book["id"]]});
    shop.merchant.create(&shop.test, "discount-codes", only).await;
    let not_found = |reply: &Reply| assert_eq!((reply.status, &reply.json()["reason"]), (422, &json!("not_found")));

    not_found(&shop.by_slug("nocode").await.apply("HALF").await);
    // The code after the line, and the line after the code.
    let visit = shop.by_slug("plain").await;
    visit.add("nocode").await;
    let half = visit.apply("HALF").await.expect(200);
    assert_eq!(
        (discounts(&half), &half["totals"]["total"]),
        (vec![json!(5000), json!(0)], &json!(7000))
    );
    assert_eq!(visit.apply("BOOKS").await.json()["reason"], "no_eligible_products");
    let visit = shop.by_slug("plain").await;
    visit.apply("HALF").await.expect(200);
    assert_eq!(discounts(&visit.add("nocode").await), [json!(5000), json!(0)]);
    let body = json!({"expected_total": 7000, "provider": "test", "consents": {"terms": true, "privacy": true}});
    let confirmed = visit.call("POST", "/confirm", body).await.expect(200);
    let order = shop
        .merchant
        .read(&shop.test, &format!("orders/{}", text(&confirmed["order"]["id"])))
        .await;
    assert_eq!(
        (discounts(&order), &order["discount_total"]),
        (vec![json!(5000), json!(0)], &json!(5000))
    );
    // A link's own code is taken on what it sells, no other is.
    let visit = shop.by_slug("plain").await;
    visit.add("own").await;
    let tenth = visit.apply("TENTH").await.expect(200);
    assert_eq!(discounts(&tenth), [json!(1000), json!(0)]);
    let half = visit.apply("HALF").await.expect(200);
    assert_eq!(discounts(&half), [json!(5000), json!(1000)]);
    shop.test.check_invariants().await;
}

/// The totals that a preview, a quote and a session all have.
fn totals(of: &Value) -> Vec<Value> {
    let parts = ["currency", "subtotal", "discount_total", "tax", "total"];
    parts.iter().map(|part| of[*part].clone()).collect()
}

#[actix_web::test]
async fn preview_quote_and_session_of_a_link_agree() {
    let shop = Shop::new("agreed").await;
    let once = json!({"code": "ONCE", "type": "percentage", "percentage": "50", "max_per_customer": 1});
    shop.merchant.create(&shop.test, "discount-codes", once).await;
    let over = json!({"code": "OVER", "type": "percentage", "percentage": "50", "expires_at": "2020-01-01T00:00:00Z"});
    shop.merchant.create(&shop.test, "discount-codes", over).await;
    let data =
        |code: &str| json!({"discount_code": code, "email": "b@example.com", "billing_address": {"country": "DE"}});
    // 19 % of Germany in 50.00 and in 100.00.
    let (with, without) = ((5000, 798, 5000), (0, 1597, 10_000));
    for (link, expected) in [
        (json!({"checkout_data": data("half")}), with),
        (
            json!({"checkout_data": data("half"), "checkout_options": {"discount": false}}),
            with,
        ),
        (json!({"checkout_data": data("over")}), without),
        (json!({"checkout_data": data("nothing")}), without),
        (json!({"checkout_data": data("once")}), with),
        // The address that the link fills in has held it by now.
        (json!({"checkout_data": data("once")}), without),
        (json!({"slug": "slugged", "checkout_data": data("half")}), with),
    ] {
        let mut body = link.clone();
        body["preview"] = json!(true);
        let made = shop.link(&shop.course_offer, body).await;
        let (discount, tax, total) = expected;
        let expected = [json!("EUR"), json!(10_000), json!(discount), json!(tax), json!(total)];
        // What a buyer says is not heard where the link says it.
        let mut asked = match made["slug"].as_str() {
            Some(slug) => json!({"checkout": shop.merchant.slug, "link": slug}),
            None => json!({"link_token": made["token"]}),
        };
        let quoted = shop.quote(asked.clone()).await.expect(200);
        let mut told = asked.clone();
        merge(
            &mut told,
            &json!({"discount_code": "TENTH", "country": "FI", "email": "other@example.com"}),
        );
        let told = shop.quote(told).await.expect(200);
        merge(
            &mut asked,
            &json!({"discount_code": "TENTH", "customer": {"country": "FI", "email": "other@example.com"}}),
        );
        let opened = shop.open(asked).await.opened;
        for (name, seen) in [
            ("preview", &made["preview"]),
            ("quote", &quoted),
            ("quote of a buyer", &told),
            ("session", &opened["session"]["totals"]),
        ] {
            assert_eq!(totals(seen), expected, "{name} of {link}");
        }
        assert_eq!(quoted["discount"].is_null(), discount == 0);
    }
    // A preview holds nothing.
    let codes = shop.merchant.read(&shop.test, "discount-codes?test_mode=true").await;
    let held: i64 = codes["data"]
        .as_array()
        .expect("codes")
        .iter()
        .filter_map(|code| code["held"].as_i64())
        .sum();
    assert_eq!(held, 4, "one of each session that has one");
    // Without a field for codes a quote takes none, and says so.
    let closed = shop
        .link(&shop.course_offer, json!({"checkout_options": {"discount": false}}))
        .await;
    let refused = shop
        .quote(json!({"link_token": closed["token"], "discount_code": "HALF"}))
        .await;
    assert_eq!(refused.json()["reason"], "not_found");
    shop.test.check_invariants().await;
}
