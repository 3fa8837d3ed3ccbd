//! Orders that nobody pays: one reminder, then nothing of their buyers is left.

use chrono::TimeDelta;
use futures_util::future::join;
use kassa::net::Mailer;
use kassa::orders::ageing::store::overdue;
use serde_json::{Value, json};

use super::scene::{ask, by_buyer, cancel, come_back, confirmed, count, mails_to, token};
use crate::support::app::Settings;
use crate::support::merchant::{Visit, second_instance};
use crate::support::people::text;
use crate::support::request::Call;
use crate::support::{Merchant, TestApp};

const BUYER: &str = "buyer@example.com";
/// What the buyer has said of themselves, in any table, and how their number is written when it is asked about.
pub const SAID: &[&str] = &[
    BUYER,
    "Aino",
    "Virtanen",
    "+358401234567",
    "Katu 1",
    "FI20774740",
    "member-7",
];

async fn remind_after(test: &TestApp, merchant: &Merchant, hours: i32) {
    let path = format!("/v1/checkouts/{}", merchant.checkout);
    let settings = json!({"locales": ["en", "fi", "sv"], "payment_reminder": {"enabled": true, "after_hours": hours}});
    merchant.call(test, Call::patch(path, settings)).await.expect(200);
}

/// A buyer who says all there is to say, twice over, with stored answers, and confirms.
pub async fn talkative(test: &TestApp, merchant: &Merchant) -> (Visit, String) {
    let body = json!({"checkout": merchant.slug, "link": "course", "custom": {"member": "member-7"}, "metadata": {"card": "member-7"},
        "customer": {"email": BUYER, "country": "FI", "first_name": "Aino"}});
    let opened = test.call(Call::post("/v1/storefront/sessions", body)).await.expect(201);
    let visit = Visit::of(&opened);
    let buyer = json!({"customer": {"last_name": "Virtanen", "phone": "+358401234567", "street": "Katu 1",
        "postal_code": "00100", "city": "Helsinki", "vat_number": "FI20774740", "company": "Virtanen Oy"}});
    let patch = Call::patch(visit.path(""), buyer)
        .bearer(&visit.secret)
        .header("idempotency-key", "patched");
    let session = test.call(patch).await.expect(200);
    let visit = Visit { session, ..visit };
    test.call(visit.confirmation().header("idempotency-key", "confirmed"))
        .await
        .expect(200);
    // A second revision, so that there is a first one to forget.
    by_buyer(test, &visit, "POST", "/resume", Value::Null).await.expect(200);
    let order = confirmed(test, &visit).await;
    (visit, order)
}

#[actix_web::test]
async fn reminded_once_then_deleted_and_forgotten() {
    let test = TestApp::new().await;
    let merchant = Merchant::with_course(&test, "aged").await;
    remind_after(&test, &merchant, 24).await;
    let endpoint = json!({"url": "http://127.0.0.1:9/", "events": ["*"], "test_mode": true});
    merchant.create(&test, "webhook-endpoints", endpoint).await;
    let (visit, order) = talkative(&test, &merchant).await;
    let before = merchant.read(&test, &format!("orders/{order}")).await;
    assert_eq!(mails_to(&test, BUYER).await.len(), 0);
    test.advance(TimeDelta::hours(23));
    assert_eq!(mails_to(&test, BUYER).await.len(), 0, "not yet");
    test.advance(TimeDelta::hours(2));
    let mails = mails_to(&test, BUYER).await;
    assert_eq!(mails.len(), 1);
    assert!(
        mails[0].contains("[Test] Your order 1001 waits for its payment"),
        "{}",
        mails[0]
    );
    let back = come_back(&test, &token(&mails[0])).await.expect(200);
    assert_eq!(back["session"]["id"], json!(visit.id));
    for _ in 0..4 {
        test.advance(TimeDelta::days(22));
        assert_eq!(mails_to(&test, BUYER).await.len(), 1, "once");
    }
    let read = merchant.read(&test, &format!("orders/{order}")).await;
    assert_eq!(read["status"], "not_paid", "the 90 days are not over");
    // Receivers may answer with what they were sent, and mail servers with whom they do not know.
    assert!(count(&test, "SELECT 1 FROM delivery_attempts").await > 0);
    test.as_admin("UPDATE delivery_attempts SET answer = 'thank you, Aino Virtanen'; UPDATE deliveries SET last_answer = 'thank you, Aino'")
        .await;
    test.as_admin("UPDATE action_runs SET last_error = 'no such mailbox: buyer@example.com'")
        .await;
    assert!(!test.traces_of(SAID).await.is_empty());
    test.advance(TimeDelta::days(2));
    test.drain_jobs().await;

    let deleted = merchant.read(&test, &format!("orders/{order}")).await;
    assert_eq!(
        (&deleted["status"], &deleted["deletion_reason"]),
        (&json!("deleted"), &json!("unpaid_expired"))
    );
    for kept in [
        "number",
        "currency",
        "subtotal",
        "tax",
        "total",
        "tax_breakdown",
        "lines",
    ] {
        assert_eq!(deleted[kept], before[kept], "{kept}");
    }
    assert_eq!(test.traces_of(SAID).await, Vec::<String>::new());
    assert_eq!(mails_to(&test, BUYER).await.len(), 1);
    let told = merchant.read(&test, "events?test_mode=true").await;
    let types: Vec<_> = told["data"]
        .as_array()
        .expect("events")
        .iter()
        .map(|event| text(&event["type"]))
        .collect();
    assert_eq!(
        types.iter().filter(|name| *name == "order.deleted").count(),
        1,
        "{types:?}"
    );
    assert_eq!(told["data"][0]["data"]["customer"]["email"], Value::Null);
    assert_eq!(told["data"][0]["data"]["total"], before["total"]);
    test.check_invariants().await;
}

#[actix_web::test]
async fn whom_staff_cancel_is_forgotten_as_well() {
    // Nothing listens there: what is to be mailed stays queued.
    let mailer = Mailer::from_url(&"smtp://127.0.0.1:9".to_owned().into()).expect("a mailer");
    let test = TestApp::with(Settings {
        mailer: Some(mailer),
        ..Settings::default()
    })
    .await;
    let merchant = Merchant::with_course(&test, "gone").await;
    let (visit, order) = talkative(&test, &merchant).await;
    ask(&test, &merchant, 1001, BUYER).await.expect(202);
    test.drain_jobs().await;
    assert_eq!(count(&test, "SELECT 1 FROM mails").await, 1);
    assert!(
        count(
            &test,
            "SELECT 1 FROM idempotency_keys WHERE convert_from(body, 'UTF8') ~ 'Virtanen'"
        )
        .await
            >= 1,
        "an answer is kept"
    );
    cancel(&test, &merchant, &order).await.expect(200);
    test.drain_jobs().await;
    assert_eq!(count(&test, "SELECT 1 FROM mails").await, 0, "it is not sent any more");
    assert_eq!(test.traces_of(SAID).await, Vec::<String>::new());
    // Who repeats the request gets its answer, without the person.
    let again = test
        .call(
            Call::patch(
                visit.path(""),
                json!({"customer": {"last_name": "Virtanen", "phone": "+358401234567", "street": "Katu 1",
                "postal_code": "00100", "city": "Helsinki", "vat_number": "FI20774740", "company": "Virtanen Oy"}}),
            )
            .bearer(&visit.secret)
            .header("idempotency-key", "patched"),
        )
        .await;
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    assert_eq!(again.expect(200)["customer"]["last_name"], Value::Null);
    test.check_invariants().await;
}

#[actix_web::test]
async fn two_workers_remind_and_delete_once() {
    let test = TestApp::new().await;
    let other = second_instance(&test).await;
    let merchant = Merchant::with_course(&test, "workers").await;
    remind_after(&test, &merchant, 1).await;
    for _ in 0..6 {
        confirmed(&test, &merchant.visit(&test).await).await;
    }
    for days in [1, 91] {
        test.advance(TimeDelta::days(days));
        other.advance(TimeDelta::days(days));
        join(test.drain_jobs(), other.drain_jobs()).await;
    }
    assert_eq!(test.mails().len() + other.mails().len(), 6);
    assert_eq!(
        count(&test, "SELECT 1 FROM events WHERE type = 'order.deleted'").await,
        6
    );
    assert_eq!(
        count(&test, "SELECT 1 FROM orders WHERE deletion_reason = 'unpaid_expired'").await,
        6
    );
    assert_eq!(test.traces_of(&[BUYER, "Aino"]).await, Vec::<String>::new());
    test.check_invariants().await;
}

#[actix_web::test]
async fn an_attempt_that_its_provider_may_still_decide_keeps_the_order() {
    let test = TestApp::new().await;
    let merchant = Merchant::with_course(&test, "asked").await;
    confirmed(&test, &merchant.visit(&test).await).await;
    test.advance(TimeDelta::days(91));
    let due = async || {
        let conn = test.db().read().await.expect("a connection");
        overdue(&conn, test.clock.offset_ms()).await.expect("orders").len()
    };
    assert_eq!(due().await, 1, "a test payment decides nothing by itself");
    test.as_admin("UPDATE payments SET provider = 'stripe'").await;
    assert_eq!(due().await, 0, "its provider is still to be asked");
    test.advance(TimeDelta::days(30));
    assert_eq!(due().await, 0, "silence is no answer, however long");
    test.as_admin("UPDATE payments SET answered_at = now() + interval '120 days'")
        .await;
    assert_eq!(due().await, 0, "what was so yesterday may have changed");
    test.as_admin("UPDATE payments SET answered_at = now() + interval '120 days 12 hours'")
        .await;
    assert_eq!(due().await, 1, "it has just said that nothing is decided");
    test.as_admin(
        "UPDATE payments SET answered_at = NULL, status = 'failed', error_code = 'x', error_retryable = true",
    )
    .await;
    assert_eq!(due().await, 1, "and one that has ended is nothing to wait for");
}

#[actix_web::test]
async fn reminders_are_the_merchants_choice_and_never_old() {
    let test = TestApp::new().await;
    let merchant = Merchant::with_course(&test, "late").await;
    confirmed(&test, &merchant.visit(&test).await).await;
    test.advance(TimeDelta::days(20));
    assert_eq!(mails_to(&test, BUYER).await.len(), 0, "nobody asked for reminders");
    remind_after(&test, &merchant, 24).await;
    assert_eq!(mails_to(&test, BUYER).await.len(), 0, "that order was left long ago");
    let visit = merchant.visit(&test).await;
    confirmed(&test, &visit).await;
    visit.pay(&test, "succeeded").await.expect(200);
    let visit = merchant.visit(&test).await;
    by_buyer(&test, &visit, "PATCH", "", json!({"locale": "sv"}))
        .await
        .expect(200);
    confirmed(&test, &visit).await;
    test.advance(TimeDelta::hours(25));
    let mails = mails_to(&test, BUYER).await;
    let reminders: Vec<_> = mails.iter().filter(|mail| mail.contains("1003")).collect();
    assert_eq!((mails.len(), reminders.len()), (2, 1), "a receipt and a reminder");
    assert!(reminders[0].contains("bortse"), "{}", reminders[0]);
}
