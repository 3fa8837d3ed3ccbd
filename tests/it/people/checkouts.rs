//! Making, changing, closing and deleting checkouts.

use serde_json::{Value, json};

use crate::support::people::{Person, text};
use crate::support::request::Call;
use crate::support::{Merchant, TestApp};

#[actix_web::test]
async fn a_checkout_has_defaults_and_every_setting_can_be_changed() {
    let test = TestApp::new().await;
    let owner = Person::new(&test, "owner@example.com").await;
    let organization = owner
        .call(&test, Call::post("/v1/organizations", json!({"name": "Leipomo"})))
        .await
        .expect(201);
    let body = json!({"organization_id": organization["id"], "name": "Shop"});
    let homeless = owner.call(&test, Call::post("/v1/checkouts", body.clone())).await;
    assert_eq!(
        homeless.problem().2,
        "/country",
        "neither the checkout nor its organization has one"
    );
    let path = format!("/v1/organizations/{}", text(&organization["id"]));
    let terms = json!({"terms": {"url": "https://leipomo.example/terms"}, "privacy": {"url": "https://leipomo.example/privacy"}});
    let patch = json!({"address": {"country": "FI"}, "policies": terms});
    owner.call(&test, Call::patch(path, patch)).await.expect(200);
    let made = owner.call(&test, Call::post("/v1/checkouts", body)).await.expect(201);
    assert_eq!(made["slug"].as_str().map(str::len), Some(16));
    assert_eq!(
        (&made["country"], &made["default_currency"], &made["currencies"]),
        (&json!("FI"), &json!("EUR"), &json!(["EUR"]))
    );
    assert_eq!(
        (&made["accepting_orders"], &made["closed_reason"]),
        (&json!(false), &json!("organization_inactive"))
    );
    assert_eq!(made["policies"], terms, "those of the organization");
    let path = format!("/v1/checkouts/{}", text(&made["id"]));
    let settings = json!({"name": "Kauppa", "slug": "kauppa", "domain": "kauppa.example", "return_origins": ["https://app.example.com"],
        "max_holds_per_address": 10, "default_currency": "SEK", "currencies": ["SEK", "EUR", "JPY"], "default_locale": "fi",
        "locales": ["fi", "sv"], "country": "SE", "prices_include_tax": false, "storefront_url": "https://kauppa.example",
        "allowed_origins": ["https://kauppa.example"], "support_email": "apu@kauppa.example",
        "policies": {"terms": {"url": "https://kauppa.example/ehdot", "version": "2"}}, "hold_seconds": 120,
        "payment_hold_seconds": 3600, "unpaid_order_ttl_days": 30, "payment_reminder": {"enabled": true, "after_hours": 48},
        "attention_after_seconds": 600, "analytics_consent": "off", "mail": {"from_name": "Kauppa", "from_email": "no-reply@kauppa.example"},
        "metadata": {"a": "b"}});
    let changed = owner
        .call(&test, Call::patch(&path, settings.clone()))
        .await
        .expect(200);
    for (name, value) in settings
        .as_object()
        .expect("an object")
        .iter()
        .filter(|(name, _)| *name != "policies")
    {
        assert_eq!(&changed[name], value, "{name}");
    }
    assert_eq!(changed["policies"]["terms"]["version"], "2");
    assert_eq!(
        changed["policies"]["privacy"], terms["privacy"],
        "the organization's, where the checkout has none"
    );
    let kept = owner.call(&test, Call::patch(&path, json!({}))).await.expect(200);
    assert_eq!(
        (&kept["domain"], &kept["locales"]),
        (&changed["domain"], &changed["locales"])
    );
    let cleared = json!({"domain": null, "storefront_url": null, "support_email": null, "max_holds_per_address": null, "mail": null});
    let cleared = owner.call(&test, Call::patch(&path, cleared)).await.expect(200);
    assert_eq!(
        (&cleared["domain"], &cleared["mail"]["from_email"]),
        (&Value::Null, &Value::Null)
    );
    for (body, pointer) in [
        (json!({"currencies": ["EUR"]}), "/currencies"),
        (json!({"currencies": ["SEK", "SEK"]}), "/currencies"),
        (json!({"locales": []}), "/locales"),
        (json!({"hold_seconds": 59}), "/hold_seconds"),
        (json!({"max_holds_per_address": 4}), "/max_holds_per_address"),
        (
            json!({"allowed_origins": ["https://a.example/path"]}),
            "/allowed_origins/0",
        ),
        (json!({"storefront_url": "http://a.example"}), "/storefront_url"),
        (json!({"domain": "no domain"}), "/domain"),
        (
            json!({"payment_reminder": {"enabled": true, "after_hours": 0}}),
            "/payment_reminder/after_hours",
        ),
        (json!({"name": null, "closed_reason": "merchant"}), "/closed_reason"),
    ] {
        let refused = owner.call(&test, Call::patch(&path, body.clone())).await;
        assert_eq!(
            refused.problem(),
            (422, "validation-failed".to_owned(), pointer.to_owned()),
            "{body}"
        );
    }
}

#[actix_web::test]
async fn slugs_are_unique_and_old_ones_lead_on() {
    let test = TestApp::new().await;
    let merchant = Merchant::with_course(&test, "first-slug").await;
    let other = Merchant::new(&test, "taken").await;
    let path = format!("/v1/checkouts/{}", merchant.checkout);
    let taken = merchant.call(&test, Call::patch(&path, json!({"slug": "taken"}))).await;
    assert_eq!(taken.problem(), (409, "name-taken".to_owned(), "/slug".to_owned()));
    let body = json!({"organization_id": other.organization, "name": "Other", "slug": "first-slug"});
    assert_eq!(
        other.call(&test, Call::post("/v1/checkouts", body)).await.problem().1,
        "name-taken"
    );
    merchant
        .call(&test, Call::patch(&path, json!({"slug": "second-slug"})))
        .await
        .expect(200);
    merchant
        .call(&test, Call::patch(&path, json!({"slug": "first-slug"})))
        .await
        .expect(200);
    for slug in ["first-slug", "second-slug"] {
        test.call(Call::get(format!("/v1/storefront/checkouts/{slug}/links/course")))
            .await
            .expect(200);
    }
}

#[actix_web::test]
async fn who_may_make_checkouts_and_where() {
    let test = TestApp::new().await;
    let merchant = Merchant::new(&test, "where").await;
    let member = Person::invited(&test, &merchant, "member@example.com", "member", None).await;
    let stranger = Person::new(&test, "stranger@example.com").await;
    let body = json!({"organization_id": merchant.organization, "name": "New"});
    assert_eq!(
        member
            .call(&test, Call::post("/v1/checkouts", body.clone()))
            .await
            .status,
        403
    );
    let unknown = json!({"organization_id": "org_01jd5wq0zsfa2tq4n9v8kx3m7h", "name": "New"});
    let (real, unknown) = (
        stranger.call(&test, Call::post("/v1/checkouts", body.clone())).await,
        stranger.call(&test, Call::post("/v1/checkouts", unknown)).await,
    );
    assert_eq!((real.status, unknown.status), (404, 404));
    // An admin has it at once, uninvited, as every checkout to come.
    let admin = Person::invited(&test, &merchant, "admin@example.com", "admin", None).await;
    let made = merchant
        .call(&test, Call::post("/v1/checkouts", body))
        .await
        .expect(201);
    let id = text(&made["id"]);
    admin
        .call(&test, Call::get(format!("/v1/checkouts/{id}")))
        .await
        .expect(200);
    let list = admin
        .call(
            &test,
            Call::get(format!("/v1/checkouts?organization_id={}", merchant.organization)),
        )
        .await
        .expect(200);
    assert_eq!(list["data"].as_array().map(Vec::len), Some(2));
    assert_eq!(list["data"][0]["role"], "admin");
    let none = admin
        .call(
            &test,
            Call::get("/v1/checkouts?organization_id=org_01jd5wq0zsfa2tq4n9v8kx3m7h"),
        )
        .await
        .expect(200);
    assert_eq!(none["data"], json!([]));
}

#[actix_web::test]
async fn maintainers_change_settings_but_do_not_close() {
    let test = TestApp::new().await;
    let merchant = Merchant::new(&test, "closing").await;
    let maintainer = Person::invited(&test, &merchant, "maintainer@example.com", "member", Some("maintainer")).await;
    let path = format!("/v1/checkouts/{}", merchant.checkout);
    maintainer
        .call(&test, Call::patch(&path, json!({"name": "Renamed", "status": "open"})))
        .await
        .expect(200);
    let refused = maintainer
        .call(&test, Call::patch(&path, json!({"name": "Closed", "status": "closed"})))
        .await;
    assert_eq!(refused.problem().1, "forbidden");
    assert_eq!(
        maintainer.call(&test, Call::get(&path)).await.expect(200)["name"],
        "Renamed"
    );
}

#[actix_web::test]
async fn a_checkout_with_live_orders_stays() {
    let test = TestApp::new().await;
    let merchant = Merchant::with_course(&test, "stays").await;
    let visit = merchant.visit(&test).await;
    visit.confirm(&test).await;
    let path = format!("/v1/checkouts/{}", merchant.checkout);
    let conn = test.db().read().await.expect("a connection");
    // A live order can only come of a live provider, which is not there yet: the mark is what counts.
    let live = |live: bool| {
        kassa::db::sql::sql("UPDATE orders SET test_mode = $1 WHERE checkout_id = $2")
            .bind(!live)
            .bind(merchant.checkout)
            .execute(&conn)
    };
    live(true).await.expect("an update");
    assert_eq!(
        merchant.call(&test, Call::new("DELETE", &path)).await.problem().1,
        "checkout-has-orders"
    );
    live(false).await.expect("an update");
    merchant.call(&test, Call::new("DELETE", &path)).await.expect(204);
    assert_eq!(merchant.call(&test, Call::get(&path)).await.status, 404);
    assert_eq!(
        test.call(Call::get("/v1/storefront/checkouts/stays/links/course"))
            .await
            .status,
        404
    );
}

#[actix_web::test]
async fn the_page_of_a_checkout() {
    let test = TestApp::new().await;
    let merchant = Merchant::new(&test, "page").await;
    let put = async |what: &str, body: Value| {
        merchant
            .call(&test, Call::new("PUT", merchant.path(what)).json(body))
            .await
    };
    let form = merchant.read(&test, "billing-form").await;
    let requirement = |form: &Value, index: usize| {
        (
            text(&form["fields"][index]["key"]),
            text(&form["fields"][index]["requirement"]),
        )
    };
    assert_eq!(form["fields"].as_array().map(Vec::len), Some(12));
    assert_eq!(requirement(&form, 3), ("first_name".to_owned(), "optional".to_owned()));
    let fields = json!([{"key": "phone", "requirement": "required", "description": "For the courier", "translations": {"fi": {"description": "Kuriirille"}}},
        {"key": "email", "requirement": "required"}]);
    let form = put("billing-form", json!({ "fields": fields })).await.expect(200);
    assert_eq!(requirement(&form, 0), ("email".to_owned(), "required".to_owned()));
    assert_eq!(requirement(&form, 1), ("country".to_owned(), "required".to_owned()));
    assert_eq!(requirement(&form, 3), ("first_name".to_owned(), "hidden".to_owned()));
    assert_eq!(form["fields"][5]["translations"]["fi"]["description"], "Kuriirille");
    let style = put(
        "style",
        json!({"button_color": "#1A2B3C", "logo_url": "https://shop.example.com/logo.svg"}),
    )
    .await
    .expect(200);
    assert_eq!(
        (&style["button_color"], &style["background_color"]),
        (&json!("#1a2b3c"), &Value::Null)
    );
    let face = test.call(Call::get("/v1/storefront/checkouts/page")).await.expect(200);
    assert_eq!((&face["style"], &face["billing_form"]), (&style, &form));
    assert_eq!(
        (&face["name"], &face["closed_reason"]),
        (&json!("Shop page"), &json!("organization_inactive"))
    );
    assert!(face.get("id").is_none() && face.get("organization_id").is_none());
    assert_eq!(
        test.call(Call::get("/v1/storefront/checkouts/nobody")).await.status,
        404
    );
    for (what, body, pointer) in [
        ("style", json!({"button_color": "red"}), "/button_color"),
        ("style", json!({"font": "x"}), "/font"),
        (
            "billing-form",
            json!({"fields": [{"key": "email", "requirement": "hidden"}]}),
            "/fields/0/requirement",
        ),
        (
            "billing-form",
            json!({"fields": [{"key": "city", "requirement": "optional"}, {"key": "city", "requirement": "hidden"}]}),
            "/fields/1/key",
        ),
        (
            "billing-form",
            json!({"fields": [{"key": "iban", "requirement": "hidden"}]}),
            "/fields/0/key",
        ),
    ] {
        assert_eq!(
            put(what, body).await.problem(),
            (422, "validation-failed".to_owned(), pointer.to_owned())
        );
    }
    let tag = merchant
        .call(&test, Call::get(merchant.path("style")))
        .await
        .header("etag")
        .expect("a tag")
        .to_owned();
    put("style", json!({})).await.expect(200);
    let stale = Call::new("PUT", merchant.path("style"))
        .json(json!({}))
        .header("if-match", &tag);
    assert_eq!(merchant.call(&test, stale).await.problem().0, 412);
}
