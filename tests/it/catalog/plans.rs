//! The reads of a filled catalogue: ten thousand products, two thousand offers, and every read stays on its indexes.

use diesel_async::{AsyncConnection, AsyncPgConnection, SimpleAsyncConnection};
use secrecy::ExposeSecret;
use serde_json::json;

use crate::path::plans::{explain_all, nodes};
use crate::support::request::Call;
use crate::support::{Merchant, TestApp};

/// Tables that grow with what a merchant sells.
const BIG: [&str; 15] = [
    "products",
    "variants",
    "product_prices",
    "variant_prices",
    "offers",
    "offer_items",
    "offer_item_prices",
    "add_ons",
    "add_on_prices",
    "offer_add_ons",
    "price_history",
    "checkout_links",
    "link_counters",
    "link_session_counters",
    "checkout_sessions",
];

/// A part of a statement's text, and an index that its plan must use.
const HOT: [(&str, &str); 9] = [
    (
        "FROM products\n         WHERE checkout_id = $1 AND status",
        "products_by_status",
    ),
    (
        "FROM offers\n         WHERE checkout_id = $1 AND status",
        "offers_by_status",
    ),
    ("WHERE l.checkout_id = $1 AND l.status", "checkout_links_listed"),
    (
        "checkout_slugs s\n         JOIN checkouts c",
        "checkout_links_slug_unique",
    ),
    ("link_tokens t\n         JOIN checkouts c", "link_tokens_pkey"),
    ("i.quantity_min, i.quantity_max, i.optional", "offer_items_by_offer"),
    ("CASE WHEN x.variant_id IS NULL THEN 2", "offer_item_prices_pkey"),
    ("FROM session_lines l", "session_lines_by_session"),
    ("FROM price_history", "price_history_pkey"),
];

#[actix_web::test]
async fn reads_of_a_filled_catalogue_stay_on_their_indexes() {
    let test = TestApp::new().await;
    let merchant = Merchant::with_course(&test, "filled").await;
    fill(&test, &merchant).await;
    let product = merchant.read(&test, "products").await["data"][0].clone();
    let path = format!("products/{}", product["id"].as_str().expect("an id"));
    let discount = json!({"prices": [{"currency": "EUR", "amount": 1000, "discounted_amount": 900}]});
    merchant
        .call(&test, Call::patch(merchant.path(&path), discount))
        .await
        .expect(200);
    merchant.read(&test, &path).await;
    merchant.read(&test, "offers?limit=100").await;
    let offer = merchant.read(&test, "offers").await["data"][0].clone();
    merchant
        .read(&test, &format!("offers/{}", offer["id"].as_str().expect("an id")))
        .await;
    merchant.read(&test, "add-ons").await;
    let links = merchant.read(&test, "checkout-links?test_mode=true").await;
    assert_eq!(links["data"].as_array().map(Vec::len), Some(20));
    let custom = json!({"name": "One", "offer_id": offer["id"], "max_orders": 1, "test_mode": true});
    let custom = merchant.create(&test, "checkout-links", custom).await;
    let token = custom["token"].as_str().expect("a token");
    test.call(Call::get(format!("/v1/storefront/links/{token}")))
        .await
        .expect(200);
    test.call(Call::get("/v1/storefront/checkouts/filled/links/course"))
        .await
        .expect(200);
    let visit = merchant.visit(&test).await;
    test.call(Call::get(visit.path("")).bearer(&visit.secret))
        .await
        .expect(200);

    let plans = explain_all(&test.db().read().await.expect("a connection")).await;
    for (statement, plan) in &plans {
        let read = nodes(plan, "Seq Scan", "Relation Name");
        let big: Vec<_> = read.iter().filter(|table| BIG.contains(&table.as_str())).collect();
        assert!(big.is_empty(), "reads {big:?} from end to end:\n{statement}\n{plan:#}");
    }
    for (part, index) in HOT {
        let (statement, plan) = plans
            .iter()
            .find(|(statement, _)| statement.contains(part))
            .unwrap_or_else(|| panic!("no statement has {part}"));
        let used = nodes(plan, "Scan", "Index Name");
        assert!(
            used.iter().any(|name| name == index),
            "uses {used:?} and not {index}:\n{statement}\n{plan:#}"
        );
    }
}

/// Ten thousand products with two variants and prices, two thousand offers of five items, links and sessions to them.
pub async fn fill(test: &TestApp, merchant: &Merchant) {
    let mut admin = AsyncPgConnection::establish(test.database.admin.expose_secret())
        .await
        .expect("the database");
    let checkout = merchant.checkout.uuid();
    let statements = format!(
        "SET session_replication_role = replica;
         INSERT INTO products (checkout_id, id, name, type, vat_type, status, created_at, updated_at)
         SELECT '{checkout}', md5('p' || n)::uuid, 'Product ' || n, 'online_course', 'commercial_education',
             CASE WHEN n % 10 = 0 THEN 'archived' ELSE 'active' END, now(), now() FROM generate_series(1, 10000) n;
         INSERT INTO variants (checkout_id, id, product_id, name, sort, status, created_at, updated_at)
         SELECT '{checkout}', md5('v' || n)::uuid, md5('p' || (n + 1) / 2)::uuid, 'Variant ' || n, n % 2, 'active', now(), now()
             FROM generate_series(1, 20000) n;
         INSERT INTO product_prices (checkout_id, product_id, currency, amount)
         SELECT '{checkout}', md5('p' || n)::uuid, c, 1000 FROM generate_series(1, 10000) n, unnest(ARRAY['EUR', 'SEK']) c;
         INSERT INTO variant_prices (checkout_id, variant_id, currency, amount)
         SELECT '{checkout}', md5('v' || n)::uuid, 'USD', 1100 FROM generate_series(1, 20000) n;
         INSERT INTO price_history (checkout_id, owner, owner_id, currency, amount, valid_from)
         SELECT checkout_id, 'product', product_id, currency, amount, now() - interval '9 days' FROM product_prices;
         INSERT INTO offers (checkout_id, id, name, title, status, created_at, updated_at)
         SELECT '{checkout}', md5('o' || n)::uuid, 'Offer ' || n, 'Offer', 'active', now(), now() FROM generate_series(1, 2000) n;
         INSERT INTO offer_items (checkout_id, id, offer_id, product_id, position, quantity_default, quantity_min, quantity_max, created_at)
         SELECT '{checkout}', md5('i' || n)::uuid, md5('o' || (n + 4) / 5)::uuid, md5('p' || n)::uuid, n % 5, 1, 1, 9, now()
             FROM generate_series(1, 10000) n;
         INSERT INTO offer_item_prices (checkout_id, offer_item_id, currency, amount)
         SELECT '{checkout}', md5('i' || n)::uuid, 'EUR', 900 FROM generate_series(1, 10000) n;
         INSERT INTO add_ons (checkout_id, id, kind, variant_id, name, quantity_default, quantity_min, quantity_max, status, created_at,
             updated_at)
         SELECT '{checkout}', md5('a' || n)::uuid, 'add', md5('v' || n)::uuid, 'Add-on', 1, 1, 1, 'active', now(), now()
             FROM generate_series(1, 5000) n;
         INSERT INTO add_on_prices (checkout_id, add_on_id, currency, amount)
         SELECT '{checkout}', md5('a' || n)::uuid, 'EUR', 500 FROM generate_series(1, 5000) n;
         INSERT INTO offer_add_ons (checkout_id, offer_id, add_on_id, position, sort)
         SELECT '{checkout}', md5('o' || (n + 2) / 3)::uuid, md5('a' || n)::uuid, 'order_bump', n % 3 FROM generate_series(1, 5000) n;
         INSERT INTO checkout_links (checkout_id, id, offer_id, name, slug, active, status, test_mode, created_at, updated_at)
         SELECT '{checkout}', md5('l' || n)::uuid, md5('o' || (n + 4) / 5)::uuid, 'Link', 'link-' || n, true,
             CASE WHEN n % 10 = 0 THEN 'archived' ELSE 'active' END, true, now(), now() FROM generate_series(1, 10000) n;
         INSERT INTO link_counters (checkout_id, link_id)
         SELECT '{checkout}', md5('l' || n)::uuid FROM generate_series(1, 10000) n;
         INSERT INTO link_session_counters (checkout_id, link_id, shard, sessions)
         SELECT '{checkout}', md5('l' || n)::uuid, k, n FROM generate_series(1, 10000) n, generate_series(0, 3) k;
         INSERT INTO link_tokens (link_id, checkout_id)
         SELECT md5('l' || n)::uuid, '{checkout}' FROM generate_series(1, 10000) n;
         INSERT INTO checkout_slugs (slug, checkout_id) SELECT 'shop-' || n, md5('c' || n)::uuid FROM generate_series(1, 5000) n;
         INSERT INTO checkout_sessions (checkout_id, id, link_id, offer_id, status, currency, locale, test_mode, expires_at, created_at,
             updated_at)
         SELECT '{checkout}', md5('s' || n)::uuid, md5('l' || (n + 1) / 2)::uuid, md5('o' || 1)::uuid, 'expired', 'EUR', 'en', true,
             now(), now(), now() FROM generate_series(1, 20000) n;
         INSERT INTO session_lines (checkout_id, id, session_id, link_id, position, offer_item_id, product_id, variant_id, quantity)
         SELECT '{checkout}', md5('n' || n)::uuid, md5('s' || n)::uuid, md5('l' || (n + 1) / 2)::uuid, 0, md5('i1')::uuid, md5('p1')::uuid, md5('v1')::uuid, 1
             FROM generate_series(1, 20000) n;
         ANALYZE"
    );
    for statement in statements.split(";\n") {
        admin
            .batch_execute(statement)
            .await
            .unwrap_or_else(|error| panic!("{statement}: {error}"));
    }
}
