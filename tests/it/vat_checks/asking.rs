//! When VIES is asked, how often, and what holds until it answers.

use chrono::TimeDelta;
use futures_util::future::join_all;
use serde_json::json;

use super::{SWEDISH, again, app, charged, dead, later, opening, order, reverse_charged, state_tax, told, visit};
use crate::support::doubles::Double;
use crate::support::merchant::second_instance;
use crate::support::request::{Call, send};
use crate::support::{Merchant, TestApp};

#[actix_web::test]
async fn while_vies_is_away_the_policy_decides_and_the_sale_goes_on() {
    let test = app(dead()).await;
    let merchant = Merchant::with_course(&test, "away").await;
    let seen = visit(&test, "away", "SE", SWEDISH).await;
    test.drain_jobs().await;
    assert_eq!(
        told(&again(&test, &seen).await),
        charged("unverified", 780),
        "charge is the default"
    );
    state_tax(&test, &merchant, json!({"tax": {"unverified_vat": "reverse_charge"}})).await;
    let seen = again(&test, &seen).await;
    assert_eq!(told(&seen), reverse_charged("unverified"));
    let order = order(&test, &merchant, &seen).await;
    assert_eq!(order["customer"]["vat_number_status"], "unverified");
    assert_eq!(order["lines"][0]["tax_reason"], "reverse_charge");
    test.check_invariants().await;

    // VIES is back: the question that is still there is asked, and no session had to come for it.
    let double = Double::start("vies.py", &[]);
    let back = later(&test, double.port, TimeDelta::seconds(7)).await;
    back.drain_jobs().await;
    assert_eq!(double.so_far().len(), 1);
    let next = visit(&back, "away", "SE", SWEDISH).await;
    assert_eq!(told(&next), reverse_charged("valid"));
    let id = order["id"].as_str().expect("an id");
    let read = merchant.read(&back, &format!("orders/{id}")).await;
    assert_eq!(
        read["customer"]["vat_number_status"], "unverified",
        "the order keeps what was known"
    );
    back.check_invariants().await;
}

#[actix_web::test]
async fn a_question_is_given_up_in_the_end_and_asked_again_for_the_next_buyer() {
    let test = app(dead()).await;
    Merchant::with_course(&test, "givenup").await;
    // Nobody begins it a second time while it is asked.
    for _ in 0..56 {
        visit(&test, "givenup", "SE", SWEDISH).await;
        test.drain_jobs().await;
        test.advance(TimeDelta::minutes(19));
    }
    let double = Double::start("vies.py", &[]);
    let port = double.port;
    let back = later(&test, port, TimeDelta::minutes(19 * 57)).await;
    back.drain_jobs().await;
    assert!(double.so_far().is_empty(), "nothing is asked any more");
    let next = visit(&back, "givenup", "SE", SWEDISH).await;
    back.drain_jobs().await;
    assert_eq!(told(&again(&back, &next).await), reverse_charged("valid"));
    assert_eq!(double.so_far().len(), 1);
    back.check_invariants().await;
}

#[actix_web::test]
async fn switched_off_nobody_is_asked() {
    let test = TestApp::new().await;
    Merchant::with_course(&test, "off").await;
    let seen = visit(&test, "off", "SE", SWEDISH).await;
    test.drain_jobs().await;
    assert_eq!(told(&again(&test, &seen).await), charged("unverified", 780));
    test.check_invariants().await;
    let double = Double::start("vies.py", &[]);
    let on = later(&test, double.port, TimeDelta::hours(25)).await;
    let seen = visit(&on, "off", "SE", SWEDISH).await;
    on.drain_jobs().await;
    assert_eq!(told(&again(&on, &seen).await), reverse_charged("valid"));
}

#[actix_web::test]
async fn a_number_that_cannot_change_the_tax_is_not_asked_about() {
    let double = Double::start("vies.py", &[]);
    let test = app(double.port).await;
    Merchant::with_course(&test, "idle").await;
    for (country, number, why) in [
        ("DE", SWEDISH, "of another country than the buyer's"),
        ("FI", "FI20774740", "at home"),
        ("NO", "NO995525828MVA", "outside of the Union"),
    ] {
        let visit = visit(&test, "idle", country, number).await;
        test.drain_jobs().await;
        assert_eq!(
            again(&test, &visit).await.session["customer"]["vat_number_status"],
            "unverified",
            "{why}"
        );
    }
    assert!(double.so_far().is_empty());
    // The country is mended: now it matters.
    let visit = visit(&test, "idle", "DE", SWEDISH).await;
    assert_eq!(told(&visit), charged("unverified", 623));
    let patch = json!({"customer": {"country": "SE"}});
    test.call(Call::patch(visit.path(""), patch).bearer(&visit.secret))
        .await
        .expect(200);
    test.drain_jobs().await;
    assert_eq!(told(&again(&test, &visit).await), reverse_charged("valid"));
}

#[actix_web::test]
async fn many_sessions_at_once_are_one_question_and_shops_ask_for_themselves() {
    let double = Double::start("vies.py", &[]);
    let test = app(double.port).await;
    Merchant::with_course(&test, "many").await;
    Merchant::with_course(&test, "other").await;
    let other = second_instance(&test).await;
    let (first, second) = (test.service().await, other.service().await);
    let calls = (0..20).map(|number| {
        let (first, second) = (&first, &second);
        async move {
            let call = opening("many", "SE", SWEDISH);
            if number % 2 == 0 {
                send(first, call).await
            } else {
                send(second, call).await
            }
        }
    });
    for reply in join_all(calls).await {
        reply.expect(201);
    }
    test.drain_jobs().await;
    assert_eq!(double.so_far().len(), 1);
    let elsewhere = visit(&test, "other", "SE", SWEDISH).await;
    assert_eq!(
        told(&elsewhere),
        charged("unverified", 780),
        "a proof belongs to who asked"
    );
    test.drain_jobs().await;
    assert_eq!(double.so_far().len(), 1);
    test.check_invariants().await;
}
