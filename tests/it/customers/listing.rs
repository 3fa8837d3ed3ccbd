//! The list of customers, and one of them.

use serde_json::{Value, json};

use crate::orders::letters::encoded;
use crate::sessions::shop::Shop;
use crate::support::people::text;
use crate::support::request::Call;

async fn ids(shop: &Shop, query: &str) -> Vec<String> {
    let list = shop.merchant.read(&shop.test, &format!("customers?{query}")).await;
    list["data"]
        .as_array()
        .expect("customers")
        .iter()
        .map(|row| text(&row["email"]))
        .collect()
}

async fn named(shop: &Shop, email: &str, first: &str, last: &str, currency: &str) -> Value {
    let body = json!({"currency": currency, "customer": {"email": email, "country": "FI", "first_name": first, "last_name": last}});
    let buyer = shop.open(body).await;
    let order = buyer.confirm().await["order"].clone();
    buyer.pay().await;
    shop.test.drain_jobs().await;
    order
}

#[actix_web::test]
async fn rows_say_what_a_table_of_customers_shows() {
    let shop = Shop::new("listed").await;
    named(&shop, "a@example.com", "Aino", "Virtanen", "EUR").await;
    shop.advance(chrono::TimeDelta::days(2));
    named(&shop, "A@Example.com", "Aino", "Korhonen", "SEK").await;
    named(&shop, "b@example.com", "Korhonen", "Berg", "EUR").await;
    shop.open(json!({"customer": {"email": "a@example.com", "country": "SE"}}))
        .await
        .confirm()
        .await;
    let list = shop.merchant.read(&shop.test, "customers?test_mode=true").await;
    let rows = list["data"].as_array().expect("customers");
    assert_eq!(rows.len(), 2);
    let (b, a) = (&rows[0], &rows[1]);
    assert_eq!(
        (&b["email"], &a["email"]),
        (&json!("b@example.com"), &json!("a@example.com"))
    );
    assert_eq!(
        json!([
            a["first_name"],
            a["last_name"],
            a["country"],
            a["orders_count"],
            a["paid_orders_count"],
            a["erased_at"]
        ]),
        json!(["Aino", "Korhonen", "SE", 3, 2, null])
    );
    assert_eq!(
        a["total_spent"],
        json!([{"currency": "EUR", "amount": 3900, "amount_formatted": "€39.00"},
            {"currency": "SEK", "amount": 54900, "amount_formatted": "SEK\u{a0}549.00"}])
    );
    assert!(text(&a["first_order_at"]) < text(&a["last_order_at"]));
    assert_eq!(a["first_order_at"], a["created_at"]);

    let detail = shop
        .merchant
        .read(&shop.test, &format!("customers/{}", text(&a["id"])))
        .await;
    for (name, value) in a.as_object().expect("an object") {
        assert_eq!(&detail[name], value, "{name}");
    }
    let latest: Vec<_> = detail["latest_orders"]
        .as_array()
        .expect("orders")
        .iter()
        .map(|order| order["number"].clone())
        .collect();
    assert_eq!(latest, [json!(1004), json!(1002), json!(1001)]);
    let all = shop
        .merchant
        .call(&shop.test, Call::get(text(&detail["orders_url"])))
        .await
        .expect(200);
    assert_eq!(all["data"].as_array().map(Vec::len), Some(3));
    let path = shop.merchant.path(&format!("customers/{}", text(&a["id"])));
    let read = shop.merchant.call(&shop.test, Call::get(&path)).await;
    let tag = read.header("etag").expect("a tag").to_owned();
    let again = shop
        .merchant
        .call(&shop.test, Call::get(&path).header("if-none-match", &tag))
        .await;
    assert_eq!(again.status, 304);
    shop.test.check_invariants().await;
}

#[actix_web::test]
async fn filters_and_pages() {
    let shop = Shop::new("found").await;
    named(&shop, "a@example.com", "Aino", "Virtanen", "EUR").await;
    named(&shop, "b@example.com", "Eino", "Aino", "EUR").await;
    named(&shop, "c@example.com", "Aino", "Berg", "EUR").await;
    for (query, found) in [
        ("test_mode=true&email=%20B@EXAMPLE.com", vec!["b@example.com"]),
        ("test_mode=true&q=c@example.com", vec!["c@example.com"]),
        (
            "test_mode=true&q=AINO",
            vec!["c@example.com", "b@example.com", "a@example.com"],
        ),
        ("test_mode=true&q=aino%20virtanen", vec!["a@example.com"]),
        ("test_mode=true&q=virtanen", vec!["a@example.com"]),
        ("test_mode=true&q=nobody", vec![]),
        ("test_mode=true&email=a@example.com&q=berg", vec![]),
        ("", vec![]),
        ("test_mode=false&email=a@example.com", vec![]),
    ] {
        assert_eq!(ids(&shop, query).await, found, "{query}");
    }
    let first = shop.merchant.read(&shop.test, "customers?test_mode=true&limit=2").await;
    assert_eq!(
        (first["data"].as_array().map(Vec::len), &first["has_more"]),
        (Some(2), &json!(true))
    );
    let next = format!("test_mode=true&limit=2&cursor={}", text(&first["next_cursor"]));
    assert_eq!(ids(&shop, &next).await, ["a@example.com"]);
    for (query, pointer) in [("limit=0", "?limit"), ("cursor=x", "?cursor"), ("name=a", "?name")] {
        let path = shop.merchant.path(&format!("customers?{query}"));
        let refused = shop.merchant.call(&shop.test, Call::get(path)).await.problem();
        assert_eq!(refused, (422, "validation-failed".to_owned(), pointer.to_owned()));
    }
    let wrong = shop.merchant.path("orders?customer_id=cus_1");
    assert_eq!(
        shop.merchant.call(&shop.test, Call::get(wrong)).await.problem().2,
        "?customer_id"
    );
}

#[actix_web::test]
async fn names_and_addresses_are_found_in_every_alphabet() {
    let shop = Shop::new("letters").await;
    let (aija, olga) = ("aija@ÄKÄSLOMPOLO.example", "olga@пример.example");
    named(&shop, aija, "Äijä", "Öhman", "EUR").await;
    named(&shop, olga, "Ольга", "Äijä", "EUR").await;
    for (filter, typed, found) in [
        ("q", "Öhman", vec![aija]),
        ("q", "ÖHMAN", vec![aija]),
        ("q", "öhman", vec![aija]),
        ("q", "O\u{308}hman", vec![aija]),
        ("q", "ohman", vec![]),
        ("q", "äijä", vec![olga, aija]),
        ("q", "ÄIJÄ öhman", vec![aija]),
        ("q", "ольга ÄIJÄ", vec![olga]),
        ("q", "AIJA@äkäslompolo.EXAMPLE", vec![aija]),
        ("email", " Olga@ПРИМЕР.example", vec![olga]),
    ] {
        let query = format!("test_mode=true&{filter}={}", encoded(typed));
        assert_eq!(ids(&shop, &query).await, found, "{filter}={typed}");
    }
}
