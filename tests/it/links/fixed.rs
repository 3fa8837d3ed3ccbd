//! What a link fixes stays as the merchant said it, by whichever door the buyer comes: the page, a session, its lines, a quote.

use serde_json::{Value, json};

use crate::support::people::text;
use crate::support::request::{Call, Reply};
use crate::support::{Merchant, TestApp};

/// `First` for 1.00, large 2.00, and `Second` for 10.00, large 20.00, in one offer.
struct Shop {
    test: TestApp,
    merchant: Merchant,
    first: Value,
    second: Value,
    offer: Value,
}

impl Shop {
    async fn new(slug: &str, first_is: Value) -> Self {
        let test = TestApp::new().await;
        let merchant = Merchant::new(&test, slug).await;
        let product = |name: &str, amount: i64| {
            json!({"name": name, "type": "service", "vat_type": "service", "prices": [{"currency": "EUR", "amount": amount}],
                "variants": [{"name": "Small"}, {"name": "Large", "prices": [{"currency": "EUR", "amount": amount * 2}]}]})
        };
        let first = merchant.create(&test, "products", product("First", 100)).await;
        let second = merchant.create(&test, "products", product("Second", 1000)).await;
        let quantity = json!({"default": 1, "min": 1, "max": 9});
        let mut item = json!({"product_id": first["id"], "quantity": quantity});
        merge(&mut item, &first_is);
        let offer =
            json!({"name": "O", "title": "O", "items": [item, {"product_id": second["id"], "quantity": quantity}]});
        let offer = merchant.create(&test, "offers", offer).await["id"].clone();
        Self {
            test,
            merchant,
            first,
            second,
            offer,
        }
    }

    async fn link(&self, more: Value) -> Value {
        let mut body = json!({"name": "L", "offer_id": self.offer, "test_mode": true});
        merge(&mut body, &more);
        self.merchant.create(&self.test, "checkout-links", body).await
    }

    /// How a page names a link.
    fn door(&self, link: &Value) -> Value {
        match link["slug"].as_str() {
            Some(slug) => json!({"checkout": self.merchant.slug, "link": slug}),
            None => json!({"link_token": link["token"]}),
        }
    }

    async fn post(&self, path: &str, link: &Value, more: Value) -> Reply {
        let mut body = self.door(link);
        merge(&mut body, &more);
        self.test.call(Call::post(path, body)).await
    }

    async fn open(&self, link: &Value, wishes: Value) -> Reply {
        self.post("/v1/storefront/sessions", link, wishes).await
    }

    async fn quote(&self, link: &Value, asked: Value) -> Reply {
        self.post("/v1/storefront/quotes", link, asked).await
    }

    async fn page(&self, link: &Value) -> Value {
        let path = match link["slug"].as_str() {
            Some(slug) => format!("/v1/storefront/checkouts/{}/links/{slug}", self.merchant.slug),
            None => format!("/v1/storefront/links/{}", text(&link["token"])),
        };
        self.test.call(Call::get(path)).await.expect(200)
    }

    async fn change(&self, opened: &Value, method: &str, rest: &str, body: Value) -> Reply {
        let path = format!("/v1/storefront/sessions/{}{rest}", text(&opened["session"]["id"]));
        let secret = text(&opened["client_secret"]);
        self.test.call(Call::new(method, path).json(body).bearer(&secret)).await
    }

    fn small(&self) -> Value {
        self.first["variants"][0]["id"].clone()
    }

    fn large(&self) -> Value {
        self.first["variants"][1]["id"].clone()
    }

    fn second_large(&self) -> Value {
        self.second["variants"][1]["id"].clone()
    }
}

fn merge(into: &mut Value, more: &Value) {
    for (name, value) in more.as_object().expect("an object") {
        into[name] = value.clone();
    }
}

/// Name, unit amount and quantity of each line.
fn lines(of: &Value) -> Vec<String> {
    let lines = of["lines"].as_array().expect("lines").iter();
    lines
        .map(|line| format!("{} {} × {}", text(&line["name"]), line["unit_amount"], line["quantity"]))
        .collect()
}

#[track_caller]
fn assert_locked(reply: &Reply, pointer: &str) {
    let body = reply.json();
    let fault = &body["errors"][0];
    assert_eq!(
        (reply.status, &fault["pointer"], &fault["code"]),
        (422, &json!(pointer), &json!("locked")),
        "{body}"
    );
}

#[actix_web::test]
async fn a_price_of_its_own_is_for_the_links_variant_alone() {
    let shop = Shop::new("promo", json!({})).await;
    let promo = json!({"slug": "promo", "variant_id": shop.small(), "currency": "EUR", "custom_price": 7,
        "product_options": {"name": "Promo"}});
    let promo = shop.link(promo).await;
    let page = shop.page(&promo).await;
    let sold = |item: usize| page["items"][item]["variants"].as_array().expect("variants").len();
    assert_eq!((sold(0), sold(1)), (1, 2), "nothing is shown that is refused");
    assert_eq!(page["items"][0]["variants"][0]["prices"][0]["unit_amount"], 7);
    assert_eq!(page["items"][1]["variants"][1]["prices"][0]["unit_amount"], 2000);

    assert_locked(
        &shop.open(&promo, json!({"variant_id": shop.large()})).await,
        "/variant_id",
    );
    let same = shop
        .open(&promo, json!({"variant_id": shop.small(), "quantity": 3}))
        .await;
    assert_eq!(lines(&same.expect(201)["session"]), ["Promo 7 × 3", "Second 1000 × 1"]);
    let other = json!({"variant_id": shop.second_large(), "quantity": 2});
    let opened = shop.open(&promo, other).await.expect(201);
    assert_eq!(
        lines(&opened["session"]),
        ["Promo 7 × 1", "Second 2000 × 2"],
        "what the link says of its product is not for another one"
    );
    let line = format!("/lines/{}", text(&opened["session"]["lines"][0]["id"]));
    let dearer = json!({"variant_id": shop.large()});
    assert_locked(&shop.change(&opened, "PATCH", &line, dearer).await, "/variant_id");
    // Nor by adding the link to a session that was opened by another one.
    let plain = shop.link(json!({"slug": "plain"})).await;
    let opened = shop.open(&plain, json!({})).await.expect(201);
    let dearer = json!({"link": "promo", "variant_id": shop.large()});
    assert_locked(&shop.change(&opened, "POST", "/lines", dearer).await, "/variant_id");

    let asked = json!({"lines": [{"variant_id": shop.large()}]});
    assert_locked(&shop.quote(&promo, asked).await, "/lines/0/variant_id");
    let asked = json!({"lines": [{"variant_id": shop.second_large(), "quantity": 2}, {"variant_id": shop.small(), "quantity": 4}]});
    let quoted = shop.quote(&promo, asked).await.expect(200);
    assert_eq!(lines(&quoted), ["Promo 7 × 4", "Second 2000 × 2"]);
}

#[actix_web::test]
async fn without_a_variant_it_is_for_the_one_that_comes_first() {
    let shop = Shop::new("first", json!({})).await;
    let own = json!({"currency": "EUR", "custom_price": 7});
    let signed = shop.link(own.clone()).await;
    let mut slugged = own;
    slugged["slug"] = json!("own");
    let slugged = shop.link(slugged).await;
    for link in [&signed, &slugged] {
        let page = shop.page(link).await;
        assert_eq!(page["items"][0]["variants"].as_array().map(Vec::len), Some(1));
        assert_eq!(page["items"][0]["variants"][0]["id"], shop.small());
        assert_locked(
            &shop.quote(link, json!({"lines": [{"variant_id": shop.large()}]})).await,
            "/lines/0/variant_id",
        );
        let quoted = shop.quote(link, json!({})).await.expect(200);
        assert_eq!(lines(&quoted), ["First 7 × 1", "Second 1000 × 1"]);
    }
    let wish = json!({"variant_id": shop.large()});
    assert_locked(&shop.open(&slugged, wish.clone()).await, "/variant_id");
    // The merchant of a custom link has decided: the wish is passed over.
    let opened = shop.open(&signed, wish).await.expect(201)["session"].clone();
    assert_eq!(lines(&opened), ["First 7 × 1", "Second 1000 × 1"]);
    assert_eq!(opened["lines"][0]["variant_id"], shop.small());
    // Of an item that the link is not about the buyer may still choose.
    let other = json!({"variant_id": shop.second_large()});
    let opened = shop.open(&signed, other).await.expect(201)["session"].clone();
    assert_eq!(lines(&opened), ["First 7 × 1", "Second 2000 × 1"]);
}

#[actix_web::test]
async fn an_item_that_is_left_out_comes_in_at_the_links_price() {
    let shop = Shop::new("left-out", json!({"optional": true, "selected": false})).await;
    let link = shop
        .link(json!({"slug": "own", "currency": "EUR", "custom_price": 7}))
        .await;
    assert_eq!(shop.page(&link).await["items"][0]["prices"][0]["unit_amount"], 7);
    let opened = shop.open(&link, json!({})).await.expect(201);
    assert_eq!(opened["session"]["totals"]["total"], 1000);
    let line = format!("/lines/{}", text(&opened["session"]["lines"][0]["id"]));
    let chosen = shop
        .change(&opened, "PATCH", &line, json!({"selected": true}))
        .await
        .expect(200);
    assert_eq!(chosen["totals"]["total"], 1007);
    let asked = json!({"lines": [{"variant_id": shop.small()}]});
    assert_eq!(shop.quote(&link, asked).await.expect(200)["total"], 1007);
}

#[actix_web::test]
async fn a_price_does_not_follow_a_line_to_another_variant() {
    let shop = Shop::new("moved", json!({})).await;
    let link = shop
        .link(json!({"slug": "own", "variant_id": shop.small(), "currency": "EUR", "custom_price": 7}))
        .await;
    let opened = shop.open(&link, json!({})).await.expect(201);
    // The merchant gives the price to another variant while a buyer has the first one in the basket.
    let path = shop.merchant.path(&format!("checkout-links/{}", text(&link["id"])));
    let moved = Call::patch(path, json!({"variant_id": shop.large()}));
    shop.merchant.call(&shop.test, moved).await.expect(200);
    let now = shop
        .change(&opened, "PATCH", "", json!({"locale": "fi"}))
        .await
        .expect(200);
    assert_eq!(lines(&now), ["First 100 × 1", "Second 1000 × 1"]);
    assert_eq!(now["messages"][0]["code"], "price_changed");
}

#[actix_web::test]
async fn locked_quantities_hold_from_the_start() {
    let shop = Shop::new("locked", json!({})).await;
    let data =
        json!({"variant_quantities": [{"variant_id": shop.small(), "quantity": 2}], "locked": ["variant_quantities"]});
    let slugged = shop.link(json!({"slug": "two", "checkout_data": data})).await;
    let signed = shop.link(json!({"checkout_data": data})).await;
    for (wish, pointer) in [
        (json!({"variant_id": shop.large()}), "/variant_id"),
        (json!({"variant_id": shop.large(), "quantity": 7}), "/variant_id"),
        (json!({"variant_id": shop.second_large()}), "/variant_id"),
        (json!({"quantity": 7}), "/quantity"),
        (json!({"variant_id": shop.small(), "quantity": 1}), "/quantity"),
    ] {
        assert_locked(&shop.open(&slugged, wish.clone()).await, pointer);
        let opened = shop.open(&signed, wish).await.expect(201);
        assert_eq!(lines(&opened["session"]), ["First 100 × 2", "Second 1000 × 1"]);
    }
    // What is so already may be said.
    let same = shop
        .open(&slugged, json!({"variant_id": shop.small(), "quantity": 2}))
        .await;
    assert_eq!(
        lines(&same.expect(201)["session"]),
        ["First 100 × 2", "Second 1000 × 1"]
    );
    for (asked, pointer) in [
        (json!([{"variant_id": shop.large()}]), "/lines/0/variant_id"),
        (
            json!([{"variant_id": shop.small()}, {"variant_id": shop.small(), "quantity": 3}]),
            "/lines/1/quantity",
        ),
    ] {
        assert_locked(&shop.quote(&slugged, json!({"lines": asked})).await, pointer);
    }
    let same = shop
        .quote(&slugged, json!({"lines": [{"variant_id": shop.small()}]}))
        .await;
    assert_eq!(lines(&same.expect(200)), ["First 100 × 2", "Second 1000 × 1"]);
}

#[actix_web::test]
async fn locked_quantities_hold_in_a_session_of_another_link() {
    let shop = Shop::new("joined", json!({})).await;
    let data =
        json!({"variant_quantities": [{"variant_id": shop.small(), "quantity": 2}], "locked": ["variant_quantities"]});
    shop.link(json!({"slug": "two", "checkout_data": data})).await;
    let plain = shop.link(json!({"slug": "plain"})).await;
    let opened = shop.open(&plain, json!({})).await.expect(201);
    let add = async |body: Value| shop.change(&opened, "POST", "/lines", body).await;
    assert_locked(&add(json!({"link": "two", "quantity": 7})).await, "/quantity");
    let added = add(json!({"link": "two"})).await.expect(201);
    assert_eq!(
        lines(&added),
        ["First 100 × 1", "Second 1000 × 1", "First 100 × 2", "Second 1000 × 1"]
    );
    assert_locked(&add(json!({"link": "two"})).await, "/link");
    let line = |place: usize| format!("/lines/{}", text(&added["lines"][place]["id"]));
    let more = json!({"quantity": 3});
    assert_locked(
        &shop.change(&opened, "PATCH", &line(2), more.clone()).await,
        "/quantity",
    );
    let dearer = json!({"variant_id": shop.large()});
    assert_locked(&shop.change(&opened, "PATCH", &line(2), dearer).await, "/variant_id");
    // The first link has fixed nothing.
    shop.change(&opened, "PATCH", &line(0), more).await.expect(200);
}

#[actix_web::test]
async fn a_checkout_that_is_gone_shows_nothing() {
    let shop = Shop::new("gone", json!({})).await;
    let signed = shop.link(json!({"max_orders": 5})).await;
    let slugged = shop.link(json!({"slug": "course"})).await;
    shop.page(&signed).await;
    let path = format!("/v1/checkouts/{}", shop.merchant.checkout);
    shop.merchant
        .call(&shop.test, Call::new("DELETE", path))
        .await
        .expect(204);
    let token = text(&signed["token"]);
    let read = shop.test.call(Call::get(format!("/v1/storefront/links/{token}"))).await;
    assert_eq!(read.problem().0, 404);
    for link in [&signed, &slugged] {
        assert_eq!(shop.quote(link, json!({})).await.problem().0, 404);
        assert_eq!(shop.open(link, json!({})).await.problem().0, 404);
    }
}

#[actix_web::test]
async fn a_wish_for_what_is_listed_moves_nothing_of_a_locked_basket() {
    let shop = Shop::new("unmoved", json!({})).await;
    let second_small = shop.second["variants"][0]["id"].clone();
    let data =
        json!({"variant_quantities": [{"variant_id": second_small, "quantity": 1}], "locked": ["variant_quantities"]});
    let link = shop
        .link(json!({"slug": "set", "variant_id": shop.large(), "checkout_data": data}))
        .await;
    let plain = shop.open(&link, json!({})).await.expect(201);
    let wished = shop
        .open(&link, json!({"variant_id": second_small, "quantity": 1}))
        .await
        .expect(201);
    assert_eq!(lines(&plain["session"]), ["First 200 × 1", "Second 1000 × 1"]);
    assert_eq!(lines(&wished["session"]), lines(&plain["session"]));
}
