//! What an answer does to the quote and to the order.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{
    GERMAN, SWEDISH, UNKNOWN_HUNGARIAN, again, app, charged, opening, order, reverse_charged, state_tax, told, visit,
};
use crate::support::doubles::Double;
use crate::support::merchant::Visit;
use crate::support::request::Call;
use crate::support::{Merchant, TestApp};

#[actix_web::test]
async fn a_valid_number_is_reverse_charged_asked_about_once_and_frozen_with_its_proof() {
    let double = Double::start("vies.py", &[]);
    let test = app(double.port).await;
    let merchant = Merchant::with_course(&test, "valid").await;
    state_tax(&test, &merchant, json!({"vat_number": "FI 2077474-0"})).await;
    let first = visit(&test, "valid", "SE", "se 556677-8899 01").await;
    assert_eq!(told(&first), charged("unverified", 780), "nobody waits for VIES");
    assert_eq!(first.session["customer"]["vat_number"], SWEDISH, "in one form");
    test.drain_jobs().await;
    let first = again(&test, &first).await;
    assert_eq!(told(&first), reverse_charged("valid"));
    let question = json!({"countryCode": "SE", "vatNumber": "556677889901",
        "requesterMemberStateCode": "FI", "requesterNumber": "20774740"});
    assert_eq!(double.next().expect("a question")["question"], question);

    // Another buyer with the number, and changes of the first: what is known is known.
    let second = visit(&test, "valid", "SE", SWEDISH).await;
    assert_eq!(told(&second), reverse_charged("valid"));
    let patch = json!({"customer": {"vat_number": "SE-556677889901", "first_name": "Bo"}});
    test.call(Call::patch(first.path(""), patch).bearer(&first.secret))
        .await
        .expect(200);
    test.drain_jobs().await;
    assert!(double.so_far().is_empty(), "one question");
    let offer = merchant.read(&test, "offers").await["data"][0]["id"].clone();
    let data = json!({"billing_address": {"country": "SE"}, "tax_number": SWEDISH});
    let link = json!({"name": "For Bo", "offer_id": offer, "checkout_data": data, "preview": true});
    let preview = merchant.create(&test, "checkout-links", link).await["preview"].clone();
    assert_eq!(
        (&preview["tax"], &preview["total"]),
        (&json!(0), &json!(3900)),
        "a link that fills it in knows too"
    );

    let confirmed = order(&test, &merchant, &first).await;
    let customer = &confirmed["customer"];
    assert_eq!(customer["vat_number"], SWEDISH);
    assert_eq!(customer["vat_number_status"], "valid");
    assert_eq!(customer["vat_consultation_id"], "WAPIAAAAY1bGq2Xd");
    assert_eq!(customer["vat_checked_at"], "2026-11-20T12:25:12.544Z");
    let line = &confirmed["lines"][0];
    assert_eq!(
        (&line["tax_reason"], &line["tax_country"]),
        (&json!("reverse_charge"), &json!("SE"))
    );

    // A month later the answer counts no more; VIES is asked again, and the order stays what it was.
    test.advance(TimeDelta::days(30) + TimeDelta::seconds(1));
    let third = visit(&test, "valid", "SE", SWEDISH).await;
    assert_eq!(told(&third), charged("unverified", 780));
    test.drain_jobs().await;
    assert_eq!(told(&again(&test, &third).await), reverse_charged("valid"));
    assert_eq!(double.so_far().len(), 1);
    let id = confirmed["id"].as_str().expect("an id");
    let read = merchant.read(&test, &format!("orders/{id}")).await;
    assert_eq!(read["customer"], confirmed["customer"]);
    assert_eq!(read["tax_breakdown"], confirmed["tax_breakdown"]);
    test.check_invariants().await;
}

#[actix_web::test]
async fn where_tax_comes_on_top_the_answer_is_a_new_quote() {
    let double = Double::start("vies.py", &[]);
    let test = app(double.port).await;
    let merchant = Merchant::with_course(&test, "ontop").await;
    let path = format!("/v1/checkouts/{}", merchant.checkout);
    merchant
        .call(&test, Call::patch(path, json!({"prices_include_tax": false})))
        .await
        .expect(200);
    let seen = visit(&test, "ontop", "SE", SWEDISH).await;
    assert_eq!(told(&seen), ("unverified".to_owned(), 975, 4875, Value::Null));
    test.drain_jobs().await;
    let refused = test.call(seen.confirmation()).await;
    assert_eq!(refused.problem().1, "quote-changed");
    let now = Visit {
        session: refused.json()["session"].clone(),
        ..seen
    };
    assert_eq!(told(&now), reverse_charged("valid"));
    assert_eq!(now.confirm(&test).await["order"]["total"], 3900);
    test.check_invariants().await;
}

#[actix_web::test]
async fn a_number_that_vies_does_not_know_is_a_consumers_whatever_the_policy() {
    let double = Double::start("vies.py", &[]);
    let test = app(double.port).await;
    let merchant = Merchant::with_course(&test, "invalid").await;
    state_tax(&test, &merchant, json!({"tax": {"unverified_vat": "reverse_charge"}})).await;
    let seen = visit(&test, "invalid", "HU", UNKNOWN_HUNGARIAN).await;
    assert_eq!(told(&seen), reverse_charged("unverified"), "trusted until VIES says no");
    test.drain_jobs().await;
    let seen = again(&test, &seen).await;
    assert_eq!(told(&seen), charged("invalid", 829));
    let customer = order(&test, &merchant, &seen).await["customer"].clone();
    assert_eq!(
        (&customer["vat_number_status"], &customer["vat_consultation_id"]),
        (&json!("invalid"), &Value::Null)
    );
    assert!(customer["vat_checked_at"].is_string());
    // The buyer mends it: another number, another question.
    let other = visit(&test, "invalid", "DE", UNKNOWN_HUNGARIAN).await;
    let patch = json!({"customer": {"vat_number": GERMAN}});
    test.call(Call::patch(other.path(""), patch).bearer(&other.secret))
        .await
        .expect(200);
    test.drain_jobs().await;
    assert_eq!(told(&again(&test, &other).await), reverse_charged("valid"));
    assert_eq!(double.so_far().len(), 2);
    test.check_invariants().await;
}

#[actix_web::test]
async fn what_is_no_number_is_refused_by_its_name() {
    let test = TestApp::new().await;
    let merchant = Merchant::with_course(&test, "form").await;
    let visit = visit(&test, "form", "SE", SWEDISH).await;
    for wrong in ["SE556677889801", "SE5566", "556677889901", "US123456789", "", "x"] {
        let opened = test.call(opening("form", "SE", wrong)).await;
        let expected = (422, "validation-failed".to_owned(), "/customer/vat_number".to_owned());
        assert_eq!(opened.problem(), expected, "{wrong}");
        let patch = json!({"customer": {"vat_number": wrong}});
        let patched = test
            .call(Call::patch(visit.path(""), patch).bearer(&visit.secret))
            .await;
        assert_eq!(patched.problem(), expected, "{wrong}");
        let offer = merchant.read(&test, "offers").await["data"][0]["id"].clone();
        let link = json!({"name": "Filled in", "offer_id": offer, "checkout_data": {"tax_number": wrong}});
        let made = merchant
            .call(&test, Call::post(merchant.path("checkout-links"), link))
            .await;
        assert_eq!(made.problem().2, "/checkout_data/tax_number", "{wrong}");
    }
    // Nothing of it was kept; null clears.
    let read = test
        .call(Call::get(visit.path("")).bearer(&visit.secret))
        .await
        .expect(200);
    assert_eq!(read["customer"]["vat_number"], SWEDISH);
    let patch = json!({"customer": {"vat_number": null}});
    let cleared = test
        .call(Call::patch(visit.path(""), patch).bearer(&visit.secret))
        .await
        .expect(200);
    assert_eq!(
        (
            &cleared["customer"]["vat_number"],
            &cleared["customer"]["vat_number_status"]
        ),
        (&Value::Null, &Value::Null)
    );
}

#[actix_web::test]
async fn a_sellers_number_that_vies_refuses_costs_the_proof_only() {
    let double = Double::start("vies.py", &[]);
    let test = app(double.port).await;
    let merchant = Merchant::with_course(&test, "seller").await;
    state_tax(&test, &merchant, json!({"vat_number": "FI10000004"})).await;
    let seen = visit(&test, "seller", "SE", SWEDISH).await;
    test.drain_jobs().await;
    let seen = again(&test, &seen).await;
    assert_eq!(told(&seen), reverse_charged("valid"));
    let customer = order(&test, &merchant, &seen).await["customer"].clone();
    assert_eq!(
        (&customer["vat_number_status"], &customer["vat_consultation_id"]),
        (&json!("valid"), &Value::Null)
    );
    assert_eq!(double.so_far().len(), 2, "once with it, once without");
}
