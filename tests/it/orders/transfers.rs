//! A shop that is paid by bank transfers, and what its staff say of them.

use serde_json::{Value, json};

use crate::refunds::scene::sell_pair;
use crate::support::merchant::Visit;
use crate::support::people::text;
use crate::support::request::{Call, Reply};
use crate::support::{Merchant, TestApp};

/// A shop that sells a pair of 3907 and 1003 for bank transfers.
pub struct Shop {
    pub test: TestApp,
    pub merchant: Merchant,
}

/// An order of the pair that waits for its transfer.
pub struct Waiting {
    pub order: String,
    pub payment: String,
}

impl Shop {
    pub async fn open(slug: &str) -> Self {
        let test = TestApp::new().await;
        let merchant = Merchant::new(&test, slug).await;
        sell_pair(&test, &merchant, [3907, 1003]).await;
        let body =
            json!({"payee": "Keramiikkapaja Oy", "iban": "FI2112345600000785", "due_days": 14, "test_mode": true});
        let put = Call::new("PUT", merchant.path("payment-methods/offline")).json(body);
        merchant.call(&test, put).await.expect(200);
        Self { test, merchant }
    }

    pub async fn confirmed(&self, provider: &str) -> Waiting {
        let body = json!({"checkout": self.merchant.slug, "link": "pair",
            "customer": {"email": "buyer@example.com", "country": "FI", "first_name": "Aino"}});
        let opened = self.test.call(Call::post("/v1/storefront/sessions", body)).await;
        let opened = opened.expect(201);
        let visit = Visit::of(&opened);
        let body = json!({"expected_total": 4910, "provider": provider, "consents": {"terms": true, "privacy": true}});
        let call = Call::post(visit.path("/confirm"), body).bearer(&visit.secret);
        let made = self.test.call(call).await.expect(200);
        Waiting {
            order: text(&made["order"]["id"]),
            payment: text(&made["payment"]["id"]),
        }
    }

    /// Says that money came.
    pub async fn mark(&self, waiting: &Waiting, body: Value) -> Reply {
        let Waiting { order, payment } = waiting;
        let path = self
            .merchant
            .path(&format!("orders/{order}/payments/{payment}/mark-paid"));
        self.merchant.call(&self.test, Call::post(path, body)).await
    }

    pub async fn read(&self, waiting: &Waiting) -> Value {
        let read = self
            .merchant
            .read(&self.test, &format!("orders/{}", waiting.order))
            .await;
        sums_are_right(&read);
        read
    }

    pub async fn order_updates(&self) -> usize {
        self.test.drain_jobs().await;
        let events = self
            .merchant
            .read(&self.test, "events?test_mode=true&limit=100&types=order.updated");
        events.await["data"].as_array().map_or(0, Vec::len)
    }
}

pub fn minor(value: &Value) -> i64 {
    value.as_i64().expect("an amount")
}

fn sum(rows: &Value, field: &str) -> i64 {
    rows.as_array()
        .expect("rows")
        .iter()
        .map(|row| minor(&row[field]))
        .sum()
}

/// Of a paid order, what can go back is what came for it, less what went back; every line says its part of that.
fn sums_are_right(order: &Value) {
    let came = sum(&order["payments"], "allocated_amount");
    let can = minor(&order["refundable_amount"]);
    assert_eq!(sum(&order["lines"], "refundable_amount"), can, "{order}");
    if order["paid_at"].is_null() {
        assert_eq!((came, can), (0, 0), "{order}");
    } else {
        assert_eq!(can + minor(&order["refunded_amount"]), came, "{order}");
        assert!(came <= minor(&order["total"]), "{order}");
    }
}

/// Provider, status, what came, how much of it is the order's.
pub fn payments(order: &Value) -> Value {
    let rows = order["payments"].as_array().expect("payments").iter();
    rows.map(|row| {
        json!([
            row["provider"],
            row["status"],
            row["received_amount"],
            row["allocated_amount"]
        ])
    })
    .collect()
}
