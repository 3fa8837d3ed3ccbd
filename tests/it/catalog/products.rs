//! Products and their variants.

use diesel_async::{AsyncConnection, AsyncPgConnection, SimpleAsyncConnection};
use futures_util::future::join_all;
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use crate::support::merchant::course;
use crate::support::request::{Call, Reply};
use crate::support::{Merchant, TestApp};

fn full() -> Value {
    json!({
        "name": "Sourdough", "description": "Six weeks.", "image_urls": ["https://shop.example.com/a.jpg"],
        "translations": {"fi": {"name": "Hapanjuuri"}, "sv-fi": {"description": "Sex veckor."}},
        "type": "event_ticket", "vat_type": "event", "place_country": "SE", "employee_benefits": ["sport", "culture", "sport"],
        "prices": [{"currency": "EUR", "amount": 4900, "discounted_amount": 3900}],
        "variants": [
            {"name": "Early", "description": "Before noon.", "prices": [{"currency": "EUR", "amount": 2900}]},
            {"name": "Late", "sort": 5},
        ],
        "license": {"kind": "key_pool", "per": "unit", "low_stock_threshold": 20},
        "metadata": {"campaign": "spring"},
    })
}

fn id(value: &Value) -> String {
    value["id"].as_str().expect("an id").to_owned()
}

#[track_caller]
fn assert_refused(reply: &Reply, code: &str, pointer: &str) {
    let (_, found, at) = reply.problem();
    assert_eq!((found.as_str(), at.as_str()), (code, pointer));
}

#[actix_web::test]
async fn a_product_reads_back_as_it_was_made() {
    let test = TestApp::new().await;
    let merchant = Merchant::new(&test, "whole").await;
    let made = merchant.create(&test, "products", full()).await;
    for field in [
        "name",
        "description",
        "image_urls",
        "type",
        "vat_type",
        "place_country",
        "license",
        "metadata",
    ] {
        assert_eq!(made[field], full()[field], "{field}");
    }
    assert_eq!(
        made["translations"]["sv-FI"]["description"], "Sex veckor.",
        "languages are canonical"
    );
    assert_eq!(made["employee_benefits"], json!(["sport", "culture"]), "each once");
    assert_eq!(made["variants"][0]["prices"][0]["amount"], 2900);
    assert_eq!(made["variants"][1]["sort"], 5);
    let read = merchant.read(&test, &format!("products/{}", id(&made))).await;
    assert_eq!(read, made);
    let plain = merchant.create(&test, "products", course()).await;
    assert_eq!(plain["variants"].as_array().map(Vec::len), Some(1), "a default variant");
    assert_eq!(plain["variants"][0]["name"], "The course");
    test.check_invariants().await;
}

#[actix_web::test]
async fn what_makes_no_sense_is_refused() {
    let test = TestApp::new().await;
    let merchant = Merchant::new(&test, "senseless").await;
    for (field, value, pointer) in [
        ("vat_type", json!("digital_book"), "/vat_type"),
        ("vat_type", json!("luxury"), "/vat_type"),
        ("place_country", json!("UK"), "/place_country"),
        ("employee_benefits", json!(["cake"]), "/employee_benefits/0"),
        (
            "image_urls",
            json!(["https://a.fi/1.png", "javascript:alert(1)"]),
            "/image_urls/1",
        ),
        ("metadata", json!({"a": "x", "b": "x\u{7}"}), "/metadata/b"),
        (
            "metadata",
            json!({"k".repeat(41): "x"}),
            "/metadata/kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk",
        ),
        ("translations", json!({"finnish": {}}), "/translations/finnish"),
        ("translations", json!({"fi": {"price": 1}}), "/translations/fi/price"),
        (
            "license",
            json!({"kind": "manual", "per": "unit", "low_stock_threshold": 1}),
            "/license/low_stock_threshold",
        ),
        (
            "prices",
            json!([{"currency": "EUR", "amount": 1}, {"currency": "EUR", "amount": 2}]),
            "/prices/1",
        ),
        (
            "prices",
            json!([{"currency": "EUR", "amount": 1, "discounted_amount": 1}]),
            "/prices/0/discounted_amount",
        ),
        ("variants", json!([{"name": ""}]), "/variants/0/name"),
        ("status", json!("archived"), "/status"),
    ] {
        let mut body = full();
        body[field] = value;
        let reply = merchant.call(&test, Call::post(merchant.path("products"), body)).await;
        assert_refused(&reply, "validation-failed", pointer);
    }
    // A change is held against what the product is, not only against what is sent.
    let made = merchant.create(&test, "products", full()).await;
    let patch = Call::patch(
        merchant.path(&format!("products/{}", id(&made))),
        json!({"type": "e_book"}),
    );
    assert_refused(&merchant.call(&test, patch).await, "validation-failed", "/vat_type");
}

#[actix_web::test]
async fn a_change_keeps_what_it_does_not_name() {
    let test = TestApp::new().await;
    let merchant = Merchant::new(&test, "changed").await;
    let made = merchant.create(&test, "products", full()).await;
    let path = merchant.path(&format!("products/{}", id(&made)));
    let patch = json!({"description": null, "license": null, "place_country": null, "type": "service", "vat_type": "service",
        "prices": [{"currency": "SEK", "amount": 100}], "image_urls": []});
    let changed = merchant.call(&test, Call::patch(path.clone(), patch)).await.expect(200);
    for field in ["description", "license", "place_country"] {
        assert_eq!(changed[field], Value::Null, "{field}");
    }
    assert_eq!(changed["image_urls"], json!([]));
    assert_eq!(changed["type"], "service");
    assert_eq!(
        changed["prices"].as_array().map(Vec::len),
        Some(1),
        "prices are replaced whole"
    );
    assert_eq!(changed["prices"][0]["currency"], "SEK");
    for field in ["name", "translations", "employee_benefits", "metadata", "variants"] {
        assert_eq!(changed[field], made[field], "{field}");
    }
    // The tag of the list's row, of the read and of the change are one.
    let stale = Call::new("DELETE", path.clone()).header("if-match", "\"stale\"");
    merchant.call(&test, stale).await.expect(412);
    test.check_invariants().await;
}

#[actix_web::test]
async fn archived_things_leave_the_lists_and_come_back() {
    let test = TestApp::new().await;
    let merchant = Merchant::with_course(&test, "archive").await;
    for (resource, restore) in [("products", true), ("offers", true), ("checkout-links", true)] {
        let list = match resource {
            "checkout-links" => format!("{resource}?test_mode=true&"),
            _ => format!("{resource}?"),
        };
        let first = merchant.read(&test, &list).await["data"][0].clone();
        let path = merchant.path(&format!("{resource}/{}", id(&first)));
        merchant
            .call(&test, Call::new("DELETE", path.clone()))
            .await
            .expect(204);
        merchant
            .call(&test, Call::new("DELETE", path.clone()))
            .await
            .expect(204);
        assert_eq!(merchant.read(&test, &list).await["data"], json!([]), "{resource}");
        let archived = merchant.read(&test, &format!("{list}status=archived")).await;
        assert_eq!(archived["data"][0]["id"], first["id"]);
        assert_eq!(archived["data"][0]["status"], "archived");
        // What a buyer comes by is closed meanwhile, not broken.
        let link = test
            .call(Call::get("/v1/storefront/checkouts/archive/links/course"))
            .await;
        assert_refused(&link, "link-inactive", "");
        let open = Call::post(
            "/v1/storefront/sessions",
            json!({"checkout": "archive", "link": "course"}),
        );
        assert_refused(&test.call(open).await, "link-inactive", "");
        if restore {
            let back = Call::new("POST", format!("{path}/restore"));
            assert_eq!(merchant.call(&test, back).await.expect(200)["status"], "active");
        }
        assert_eq!(merchant.read(&test, &list).await["data"][0]["id"], first["id"]);
    }
    test.call(Call::get("/v1/storefront/checkouts/archive/links/course"))
        .await
        .expect(200);
}

#[actix_web::test]
async fn the_last_variant_in_use_stays() {
    let test = TestApp::new().await;
    let merchant = Merchant::new(&test, "variants").await;
    let made = merchant.create(&test, "products", full()).await;
    let variants = format!("products/{}/variants", id(&made));
    let added = merchant
        .create(
            &test,
            &variants,
            json!({"name": "Midnight", "prices": [{"currency": "EUR", "amount": 900}]}),
        )
        .await;
    assert_eq!(added["sort"], 2, "behind those there are");
    let listed = merchant.read(&test, &variants).await;
    assert_eq!(listed["data"][0], added, "newest first");
    assert_eq!(listed["data"].as_array().map(Vec::len), Some(3));
    let path = merchant.path(&format!("{variants}/{}", id(&added)));
    let renamed = merchant
        .call(&test, Call::patch(path.clone(), json!({"name": "Night", "prices": []})))
        .await
        .expect(200);
    assert_eq!((&renamed["name"], &renamed["prices"]), (&json!("Night"), &json!([])));

    // All of them at once: whoever comes last is refused.
    let service = test.service().await;
    let all = merchant.read(&test, &format!("products/{}", id(&made))).await["variants"].clone();
    let calls = all.as_array().expect("variants").iter().map(|variant| {
        let path = merchant.path(&format!("{variants}/{}", id(variant)));
        let call = Call::new("DELETE", path).bearer(&merchant.api_key);
        crate::support::request::send(&service, call)
    });
    let replies = join_all(calls).await;
    let refused: Vec<_> = replies.iter().filter(|reply| reply.status == 409).collect();
    assert_eq!(refused.len(), 1);
    assert_refused(refused[0], "last-variant", "");
    let left = merchant.read(&test, &variants).await["data"].clone();
    assert_eq!(left.as_array().map(Vec::len), Some(1));
    let back = json!({"status": "active"});
    merchant.call(&test, Call::patch(path, back)).await.expect(200);
    // A variant is found under its own product only.
    let other = merchant.create(&test, "products", course()).await;
    let foreign = merchant.path(&format!("products/{}/variants/{}", id(&other), id(&added)));
    merchant
        .call(&test, Call::patch(foreign, json!({"name": "x"})))
        .await
        .expect(404);
}

#[actix_web::test]
async fn what_takes_place_somewhere_is_not_taxed_as_education() {
    let test = TestApp::new().await;
    let merchant = Merchant::new(&test, "places").await;
    let product = |kind: &str, vat: &str| json!({"name": "Seminar", "type": kind, "vat_type": vat, "place_country": "SE", "prices": [{"currency": "EUR", "amount": 10_000}]});
    for kind in ["event_ticket", "service"] {
        for vat in ["commercial_education", "regulated_education"] {
            let call = Call::post(merchant.path("products"), product(kind, vat));
            assert_refused(&merchant.call(&test, call).await, "validation-failed", "/vat_type");
        }
    }
    // A seminar at a place: its country's rate, whoever comes.
    let made = merchant
        .create(&test, "products", product("event_ticket", "service"))
        .await;
    let offer = json!({"name": "O", "title": "O", "items": [{"product_id": made["id"]}]});
    let offer = merchant.create(&test, "offers", offer).await["id"].clone();
    let rates = async || {
        let mut rates = Vec::new();
        for country in ["FI", "DE", "US"] {
            let body = json!({"offer_id": offer, "country": country});
            let quoted = merchant
                .call(&test, Call::post(merchant.path("quotes"), body))
                .await
                .expect(200);
            rates.push(quoted["lines"][0]["tax_rate"].as_str().expect("a rate").to_owned());
        }
        rates
    };
    assert_eq!(rates().await, ["25", "25", "25"]);

    // One that was made when the pair was still allowed can be changed in other ways, and the upgrade mends it.
    let admin = test.database.admin.expose_secret();
    let mut admin = AsyncPgConnection::establish(admin).await.expect("a connection");
    let path = merchant.path(&format!("products/{}", id(&made)));
    admin
        .batch_execute("UPDATE products SET vat_type = 'commercial_education'")
        .await
        .expect("as it was");
    let renamed = Call::patch(path.clone(), json!({"name": "Fair"}));
    assert_eq!(
        merchant.call(&test, renamed).await.expect(200)["vat_type"],
        "commercial_education"
    );
    let again = Call::patch(path.clone(), json!({"type": "service"}));
    assert_refused(&merchant.call(&test, again).await, "validation-failed", "/vat_type");
    admin
        .batch_execute(include_str!(
            "../../../migrations/2026-11-21-192000_education_at_a_place/up.sql"
        ))
        .await
        .expect("the upgrade");
    let read = merchant.call(&test, Call::get(path)).await.expect(200);
    assert_eq!(read["vat_type"], "service");
    assert_eq!(rates().await, ["25", "25", "25"]);
}
