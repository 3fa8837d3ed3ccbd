//! A checkout that is closed, opened or deleted while something else happens to it: each change waits for the other, and every
//! fact is told once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::future::join;
use kassa::activation::card;
use kassa::checkouts::{delete, selling};
use kassa::db::sql::sql;
use kassa::db::{Db, Tx};
use kassa::kernel::problem::Problem;
use serde_json::json;
use tokio::sync::Notify;

use super::activation::{activate, events, organization};
use crate::support::people::text;
use crate::support::request::{Call, Reply};
use crate::support::{Merchant, TestApp};

/// What a transaction has done and not yet committed.
#[derive(Clone, Copy)]
enum Change {
    /// The organization has lost its card, and sells no more.
    NoCard,
    /// The checkout is deleted.
    Deleted,
    /// A buyer was told that the checkout takes test orders, and is about to make one.
    Buying,
}

impl Change {
    async fn perform(self, tx: &mut Tx, merchant: &Merchant) -> Result<(), Problem> {
        match self {
            Self::NoCard => card::remove(tx, merchant.organization, None).await.map(drop),
            Self::Deleted => delete::delete(tx, merchant.checkout, None).await.map(drop),
            Self::Buying => selling::require_open(tx.conn(), merchant.checkout, true).await,
        }
    }
}

/// Waits until a request waits for a lock of this database, or until it has been answered.
async fn until_waiting(db: &Db, answered: &AtomicBool) -> Result<(), Problem> {
    let conn = db.read().await?;
    let waiting = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    while !answered.load(Ordering::Relaxed) && sql(waiting).execute(&conn).await? == 0 {
        tokio::task::yield_now().await;
    }
    Ok(())
}

/// Makes a change, and commits it only when a call that came after it waits for it, or has been answered without waiting. Returns
/// the answer, and whether it came before the change was committed.
async fn while_open(test: &TestApp, merchant: &Merchant, change: Change, call: Call) -> (Reply, bool) {
    let (made, answered) = (Arc::new(Notify::new()), Arc::new(AtomicBool::new(false)));
    let committed = AtomicBool::new(false);
    let first = async {
        let (made, answered, db, merchant) = (made.clone(), answered.clone(), test.db().clone(), merchant.clone());
        let outcome = test.db().write(async move |tx: &mut Tx| -> Result<(), Problem> {
            change.perform(tx, &merchant).await?;
            made.notify_one();
            until_waiting(&db, &answered).await
        });
        outcome.await.expect("the change");
        committed.store(true, Ordering::Relaxed);
    };
    let second = async {
        made.notified().await;
        let reply = test.call(call).await;
        answered.store(true, Ordering::Relaxed);
        (reply, !committed.load(Ordering::Relaxed))
    };
    join(first, second).await.1
}

#[actix_web::test]
async fn closing_while_the_organization_loses_its_card_is_told_once() {
    let test = TestApp::new().await;
    let merchant = Merchant::with_course(&test, "closes-once").await;
    activate(&test, &merchant).await;
    let path = format!("/v1/checkouts/{}", merchant.checkout);
    let close = Call::patch(&path, json!({"status": "closed"})).bearer(&merchant.api_key);
    let (closed, _) = while_open(&test, &merchant, Change::NoCard, close).await;
    assert_eq!(closed.expect(200)["closed_reason"], "merchant");
    assert_eq!(
        events(&test, &merchant).await,
        [
            ("checkout.reopened".to_owned(), json!(null)),
            ("checkout.closed".to_owned(), json!("organization_inactive"))
        ]
    );
    // Opening it again while the organization cannot sell opens nothing.
    let open = Call::patch(&path, json!({"status": "open"}));
    merchant.call(&test, open).await.expect(200);
    assert_eq!(events(&test, &merchant).await.len(), 2);
    assert_eq!(organization(&test, &merchant).await["status"], "inactive");
}

#[actix_web::test]
async fn no_order_is_made_in_a_checkout_that_is_being_deleted() {
    let test = TestApp::new().await;
    let merchant = Merchant::with_course(&test, "deleted").await;
    let visit = merchant.visit(&test).await;
    let (reply, early) = while_open(&test, &merchant, Change::Deleted, visit.confirmation()).await;
    assert_eq!((reply.problem().1.as_str(), early), ("not-found", false));
    let conn = test.db().read().await.expect("a connection");
    assert_eq!(sql("SELECT 1 FROM orders").execute(&conn).await.expect("orders"), 0);
}

#[actix_web::test]
async fn a_checkout_is_deleted_after_the_order_that_is_being_made() {
    let test = TestApp::new().await;
    let merchant = Merchant::with_course(&test, "being-made").await;
    let delete = Call::new("DELETE", format!("/v1/checkouts/{}", merchant.checkout)).bearer(&merchant.api_key);
    let (reply, early) = while_open(&test, &merchant, Change::Buying, delete).await;
    assert_eq!((reply.status, early), (204, false));
}

#[actix_web::test]
async fn all_checkouts_of_an_organization_are_told_in_one_statement() {
    let test = TestApp::new().await;
    let merchant = Merchant::new(&test, "many-shops").await;
    let body = json!({"organization_id": merchant.organization, "name": "Another"});
    let mut ids = vec![merchant.checkout.to_string()];
    for _ in 0..2 {
        let made = merchant.call(&test, Call::post("/v1/checkouts", body.clone())).await;
        ids.push(text(&made.expect(201)["id"]));
    }
    activate(&test, &merchant).await;
    let conn = test.db().read().await.expect("a connection");
    let statements = "SELECT DISTINCT xmin::text, cmin::text FROM events";
    assert_eq!(sql(statements).execute(&conn).await.expect("events"), 1);
    test.drain_jobs().await;
    for id in ids {
        let path = format!("/v1/checkouts/{id}/events?test_mode=false");
        let feed = merchant.call(&test, Call::get(path)).await.expect(200);
        assert_eq!(feed["data"].as_array().map(Vec::len), Some(1), "each tells its own");
        assert_eq!(
            (&feed["data"][0]["type"], &feed["data"][0]["data"]["id"]),
            (&json!("checkout.reopened"), &json!(id))
        );
    }
}

#[actix_web::test]
async fn an_organization_has_a_thousand_checkouts() {
    let test = TestApp::new().await;
    let merchant = Merchant::new(&test, "thousand").await;
    let conn = test.db().read().await.expect("a connection");
    let many = "INSERT INTO checkouts (id, organization_id, name, slug, status, country, default_currency, currencies, default_locale,
             locales, created_at, updated_at)
         SELECT ('00000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, $1, 'Shop', 'shop-' || n, 'open', 'FI', 'EUR',
             ARRAY['EUR'], 'en', ARRAY['en'], now(), now() FROM generate_series(1, 999) n";
    let made = sql(many).bind(merchant.organization).execute(&conn);
    assert_eq!(made.await.expect("checkouts"), 999);
    let create = || {
        let body = json!({"organization_id": merchant.organization, "name": "One more"});
        Call::post("/v1/checkouts", body)
    };
    let refused = merchant.call(&test, create()).await;
    assert_eq!(refused.problem(), (409, "too-many-checkouts".to_owned(), String::new()));
    let path = format!("/v1/checkouts/{}", merchant.checkout);
    merchant.call(&test, Call::new("DELETE", path)).await.expect(204);
    merchant.call(&test, create()).await.expect(201);
    activate(&test, &merchant).await;
    let told = sql("SELECT 1 FROM events WHERE type = 'checkout.reopened'").execute(&conn);
    assert_eq!(told.await.expect("events"), 1000);
}
