//! JSON Merge Patch (RFC 7396) everywhere: absent keeps, null clears or is refused at its place, objects are merged.

use serde_json::{Value, json};

use crate::support::people::{Person, text};
use crate::support::request::{Call, Reply};
use crate::support::{Merchant, TestApp};

/// One of everything that can be patched.
struct Things {
    test: TestApp,
    merchant: Merchant,
    /// The path template of each, its path, and who may change it.
    known: Vec<(&'static str, String, String)>,
}

impl Things {
    async fn new() -> Self {
        let test = TestApp::new().await;
        let merchant = Merchant::with_course(&test, "patched").await;
        let member = Person::invited(&test, &merchant, "member@example.com", "member", Some("viewer")).await;
        let first = async |list: &str| text(&merchant.read(&test, list).await["data"][0]["id"]);
        let (product, offer, link) = (
            first("products").await,
            first("offers").await,
            first("checkout-links?test_mode=true").await,
        );
        let variant = text(&merchant.read(&test, "products").await["data"][0]["variants"][0]["id"]);
        let add_on = json!({"kind": "add", "name": "Book", "variant_id": variant, "quantity": {"default": 1, "min": 1, "max": 5}});
        let add_on = text(&merchant.create(&test, "add-ons", add_on).await["id"]);
        let code = json!({"code": "SPRING", "type": "percentage", "percentage": "10"});
        let code = text(&merchant.create(&test, "discount-codes", code).await["id"]);
        let order = text(&merchant.visit(&test).await.confirm(&test).await["order"]["id"]);
        let endpoint = json!({"url": "https://receiver.example.com/", "events": ["*"], "test_mode": true});
        let endpoint = text(&merchant.create(&test, "webhook-endpoints", endpoint).await["id"]);
        let visit = merchant.visit(&test).await;
        let checkout = format!("/v1/checkouts/{}", merchant.checkout);
        let organization = format!("/v1/organizations/{}", merchant.organization);
        let staff = || merchant.api_key.clone();
        let known = vec![
            ("/v1/organizations/{organization_id}", organization.clone(), staff()),
            (
                "/v1/organizations/{organization_id}/members/{user_id}",
                format!("{organization}/members/{}", member.id),
                staff(),
            ),
            ("/v1/checkouts/{checkout_id}", checkout.clone(), staff()),
            (
                "/v1/checkouts/{checkout_id}/members/{user_id}",
                format!("{checkout}/members/{}", member.id),
                staff(),
            ),
            (
                "/v1/checkouts/{checkout_id}/products/{product_id}",
                format!("{checkout}/products/{product}"),
                staff(),
            ),
            (
                "/v1/checkouts/{checkout_id}/products/{product_id}/variants/{variant_id}",
                format!("{checkout}/products/{product}/variants/{variant}"),
                staff(),
            ),
            (
                "/v1/checkouts/{checkout_id}/offers/{offer_id}",
                format!("{checkout}/offers/{offer}"),
                staff(),
            ),
            (
                "/v1/checkouts/{checkout_id}/actions/{action_id}",
                format!("{checkout}/actions/{}", first("actions").await),
                staff(),
            ),
            (
                "/v1/checkouts/{checkout_id}/add-ons/{add_on_id}",
                format!("{checkout}/add-ons/{add_on}"),
                staff(),
            ),
            (
                "/v1/checkouts/{checkout_id}/checkout-links/{link_id}",
                format!("{checkout}/checkout-links/{link}"),
                staff(),
            ),
            (
                "/v1/checkouts/{checkout_id}/discount-codes/{discount_code_id}",
                format!("{checkout}/discount-codes/{code}"),
                staff(),
            ),
            (
                "/v1/checkouts/{checkout_id}/orders/{order_id}",
                format!("{checkout}/orders/{order}"),
                staff(),
            ),
            (
                "/v1/checkouts/{checkout_id}/webhook-endpoints/{endpoint_id}",
                format!("{checkout}/webhook-endpoints/{endpoint}"),
                staff(),
            ),
            (
                "/v1/storefront/sessions/{session_id}",
                visit.path(""),
                visit.secret.clone(),
            ),
            (
                "/v1/storefront/sessions/{session_id}/lines/{line_id}",
                visit.path(&format!("/lines/{}", text(&visit.session["lines"][0]["id"]))),
                visit.secret.clone(),
            ),
        ];
        Self { test, merchant, known }
    }

    async fn patch(&self, template: &str, body: Value) -> Reply {
        let known = self.known.iter().find(|(known, ..)| *known == template);
        let (_, path, token) =
            known.unwrap_or_else(|| panic!("{template} takes a PATCH: make one of it in Things::new"));
        self.test.call(Call::patch(path, body).bearer(token)).await
    }
}

/// Whether nothing is left in a value.
fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.values().all(is_empty),
        _ => false,
    }
}

/// Whether a schema allows null.
fn allows_null(schema: &Value) -> bool {
    let is_null = |of: &Value| {
        of["type"] == "null"
            || of["type"]
                .as_array()
                .is_some_and(|types| types.contains(&json!("null")))
    };
    is_null(schema)
        || schema["oneOf"]
            .as_array()
            .is_some_and(|kinds| kinds.iter().any(is_null))
}

#[actix_web::test]
async fn null_clears_or_is_refused_at_its_place() {
    let things = Things::new().await;
    let document = things.test.call(Call::get("/openapi/v1.json")).await.expect(200);
    let (mut cleared, mut refused) = (0, 0);
    for (template, item) in document["paths"].as_object().expect("paths") {
        let body = &item["patch"]["requestBody"]["content"]["application/json"]["schema"]["$ref"];
        let Some(body) = body.as_str() else { continue };
        let schema = document.pointer(body.trim_start_matches('#')).expect("the schema");
        for (name, schema) in schema["properties"].as_object().expect("properties") {
            let reply = things.patch(template, json!({name: null})).await;
            let place = format!("{template} {name}: {}", String::from_utf8_lossy(&reply.body));
            if reply.status == 200 {
                assert!(
                    allows_null(schema),
                    "the document does not say that null clears: {place}"
                );
                assert!(is_empty(&reply.json()[name.as_str()]), "nothing was cleared: {place}");
                cleared += 1;
            } else {
                let expected = (422, "validation-failed".to_owned(), format!("/{name}"));
                assert_eq!(reply.problem(), expected, "{place}");
                refused += 1;
            }
        }
    }
    assert!(cleared > 30 && refused > 40, "{cleared} cleared, {refused} refused");
}

/// What becomes of one member, patch after patch: what it is then, or where it is refused.
async fn follows(things: &Things, template: &str, name: &str, steps: &[(Value, Result<Value, &str>)]) {
    for (patch, outcome) in steps {
        let reply = things.patch(template, json!({name: patch})).await;
        let place = format!("{template} {name} {patch}");
        match outcome {
            Ok(value) => assert_eq!(&reply.expect(200)[name], value, "{place}"),
            Err(pointer) => assert_eq!((reply.status, reply.problem().2.as_str()), (422, *pointer), "{place}"),
        }
    }
}

#[actix_web::test]
async fn pairs_are_merged() {
    let things = Things::new().await;
    for template in [
        "/v1/organizations/{organization_id}",
        "/v1/checkouts/{checkout_id}",
        "/v1/checkouts/{checkout_id}/products/{product_id}",
        "/v1/checkouts/{checkout_id}/offers/{offer_id}",
        "/v1/checkouts/{checkout_id}/checkout-links/{link_id}",
        "/v1/checkouts/{checkout_id}/discount-codes/{discount_code_id}",
    ] {
        let steps = [
            (json!({"a": "1", "b": "2"}), Ok(json!({"a": "1", "b": "2"}))),
            (json!({"a": "3"}), Ok(json!({"a": "3", "b": "2"}))),
            (json!({"b": null, "c": null}), Ok(json!({"a": "3"}))),
            (json!({"d": 1}), Err("/metadata/d")),
            (json!("text"), Err("/metadata")),
            (json!({}), Ok(json!({"a": "3"}))),
            (json!(null), Ok(json!({}))),
        ];
        follows(&things, template, "metadata", &steps).await;
        // The limit holds for what is kept, not for what is sent.
        let pairs = |from: usize| -> Value { (from..from + 30).map(|n| (n.to_string(), json!("x"))).collect() };
        things.patch(template, json!({"metadata": pairs(0)})).await.expect(200);
        let too_many = things.patch(template, json!({"metadata": pairs(30)})).await;
        assert_eq!(too_many.problem().2, "/metadata", "{template}");
    }
}

#[actix_web::test]
async fn policies_and_senders_are_merged() {
    let things = Things::new().await;
    let url = |name: &str| json!({"url": format!("https://shop.example.com/{name}")});
    let versioned = json!({"url": "https://shop.example.com/terms", "version": "2"});
    for template in ["/v1/organizations/{organization_id}", "/v1/checkouts/{checkout_id}"] {
        let steps = [
            (
                json!({"terms": url("terms"), "privacy": url("privacy")}),
                Ok(json!({"terms": url("terms"), "privacy": url("privacy")})),
            ),
            (
                json!({"terms": {"version": "2"}}),
                Ok(json!({"terms": versioned, "privacy": url("privacy")})),
            ),
            (json!({"terms": {"url": null}}), Err("/policies/terms/url")),
            (json!({"terms": {"url": "ftp://x"}}), Err("/policies/terms/url")),
            (json!({"cookies": url("cookies")}), Err("/policies/cookies")),
            (json!({"cookies": null}), Err("/policies/cookies")),
            (json!({"terms": {"colour": null}}), Err("/policies/terms/colour")),
            (json!({"privacy": null}), Ok(json!({"terms": versioned}))),
            (json!(null), Ok(json!({}))),
        ];
        follows(&things, template, "policies", &steps).await;
    }
    let checkout = "/v1/checkouts/{checkout_id}";
    let steps = [
        (
            json!({"from_name": "Shop", "from_email": "no-reply@shop.example.com"}),
            Ok(json!({"from_name": "Shop", "from_email": "no-reply@shop.example.com"})),
        ),
        (
            json!({"from_name": "Kauppa"}),
            Ok(json!({"from_name": "Kauppa", "from_email": "no-reply@shop.example.com"})),
        ),
        (
            json!({"from_name": null}),
            Ok(json!({"from_name": null, "from_email": "no-reply@shop.example.com"})),
        ),
        (json!({"from_email": "nonsense"}), Err("/mail/from_email")),
    ];
    follows(&things, checkout, "mail", &steps).await;
    let steps = [
        (
            json!({"enabled": true, "after_hours": 48}),
            Ok(json!({"enabled": true, "after_hours": 48})),
        ),
        (
            json!({"enabled": false}),
            Ok(json!({"enabled": false, "after_hours": 48})),
        ),
        (json!({"after_hours": null}), Err("/payment_reminder/after_hours")),
        (json!({"after_hours": 0}), Err("/payment_reminder/after_hours")),
    ];
    follows(&things, checkout, "payment_reminder", &steps).await;
}

#[actix_web::test]
async fn addresses_and_taxes_are_merged() {
    let things = Things::new().await;
    let organization = "/v1/organizations/{organization_id}";
    let steps = [
        (
            json!({"city": "Turku"}),
            Ok(json!({"street": null, "city": "Turku", "postal_code": null, "country": "FI"})),
        ),
        (
            json!({"street": "Katu 1", "country": "SE"}),
            Ok(json!({"street": "Katu 1", "city": "Turku", "postal_code": null, "country": "SE"})),
        ),
        (json!({"country": null}), Err("/address/country")),
        (
            json!({"city": null}),
            Ok(json!({"street": "Katu 1", "city": null, "postal_code": null, "country": "SE"})),
        ),
        (json!(null), Ok(json!(null))),
        (json!({"city": "Turku"}), Err("/address/country")),
    ];
    let steps = steps.map(|(patch, outcome)| (patch, outcome.map(without_nulls)));
    follows(&things, organization, "address", &steps).await;
    let norway = json!([{"country": "NO", "vat_number": "NO123456789MVA"}]);
    let tax = |oss: bool, registrations: &Value| json!({"vat_registered": true, "union_oss": oss, "registrations": registrations, "unverified_vat": "charge"});
    let steps = [
        (json!({"registrations": norway}), Ok(tax(true, &norway))),
        (json!({"union_oss": false}), Ok(tax(false, &norway))),
        (json!({"union_oss": null}), Err("/tax/union_oss")),
        (json!({"registrations": null}), Ok(tax(false, &json!([])))),
    ];
    follows(&things, organization, "tax", &steps).await;
}

/// An object without its members that are null: an address leaves them out.
fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(members) => members.into_iter().filter(|(_, value)| !value.is_null()).collect(),
        other => other,
    }
}

#[actix_web::test]
async fn texts_licenses_and_quantities_are_merged() {
    let things = Things::new().await;
    for (template, name) in [
        ("/v1/checkouts/{checkout_id}/products/{product_id}", "name"),
        ("/v1/checkouts/{checkout_id}/offers/{offer_id}", "title"),
        ("/v1/checkouts/{checkout_id}/add-ons/{add_on_id}", "name"),
    ] {
        let steps = [
            (
                json!({"fi": {name: "Kurssi", "description": "Hyvä"}}),
                Ok(json!({"fi": {name: "Kurssi", "description": "Hyvä"}})),
            ),
            (
                json!({"sv": {name: "Kurs"}, "fi": {name: "Oppi"}}),
                Ok(json!({"fi": {name: "Oppi", "description": "Hyvä"}, "sv": {name: "Kurs"}})),
            ),
            (
                json!({"fi": {"description": null}, "sv": null}),
                Ok(json!({"fi": {name: "Oppi"}})),
            ),
            (json!({"fi": {"colour": "red"}}), Err("/translations/fi/colour")),
            // However a language is spelt, it is the one that is there.
            (json!({"FI": {name: "Kurssi"}}), Ok(json!({"fi": {name: "Kurssi"}}))),
            (json!({"FI": {"colour": "red"}}), Err("/translations/FI/colour")),
            (json!({"FI": null}), Ok(json!({}))),
        ];
        follows(&things, template, "translations", &steps).await;
    }
    let pool = |threshold: Option<i32>| match threshold {
        Some(threshold) => json!({"kind": "key_pool", "per": "unit", "low_stock_threshold": threshold}),
        None => json!({"kind": "manual", "per": "unit"}),
    };
    let steps = [
        (json!({"kind": "key_pool"}), Err("/license/per")),
        (pool(Some(20)), Ok(pool(Some(20)))),
        (json!({"low_stock_threshold": 5}), Ok(pool(Some(5)))),
        (json!({"kind": "manual", "low_stock_threshold": null}), Ok(pool(None))),
        (json!({"low_stock_threshold": -1}), Err("/license/low_stock_threshold")),
        (json!(null), Ok(json!(null))),
    ];
    follows(
        &things,
        "/v1/checkouts/{checkout_id}/products/{product_id}",
        "license",
        &steps,
    )
    .await;
    let steps = [
        (json!({"max": 9}), Ok(json!({"default": 1, "min": 1, "max": 9}))),
        (json!({"min": null}), Err("/quantity/min")),
    ];
    follows(
        &things,
        "/v1/checkouts/{checkout_id}/add-ons/{add_on_id}",
        "quantity",
        &steps,
    )
    .await;
    let steps = [
        (
            json!({"terms": true, "marketing": true}),
            Ok(json!({"terms": true, "marketing": true})),
        ),
        (
            json!({"marketing": null, "privacy": true}),
            Ok(json!({"terms": true, "privacy": true})),
        ),
    ];
    follows(&things, "/v1/storefront/sessions/{session_id}", "consents", &steps).await;
}

#[actix_web::test]
async fn a_new_checkout_takes_null_for_its_defaults() {
    let things = Things::new().await;
    let body = json!({"organization_id": things.merchant.organization, "name": "New", "slug": null, "status": null, "country": null,
        "hold_seconds": null, "payment_reminder": {"after_hours": 48}, "policies": null, "mail": null, "metadata": null});
    let made = things
        .merchant
        .call(&things.test, Call::post("/v1/checkouts", body))
        .await
        .expect(201);
    assert_eq!((&made["status"], &made["hold_seconds"]), (&json!("open"), &json!(300)));
    assert_eq!(made["payment_reminder"]["after_hours"], 48);
}
