//! What these tests do to orders.

use kassa::db::sql::sql;
use serde_json::{Value, json};

use crate::support::merchant::Visit;
use crate::support::people::text;
use crate::support::request::{Call, Reply};
use crate::support::{Merchant, TestApp};

/// The id of the order that a visit became.
pub async fn confirmed(test: &TestApp, visit: &Visit) -> String {
    text(&visit.confirm(test).await["order"]["id"])
}

/// Asks for the way back to a test order.
pub async fn ask(test: &TestApp, merchant: &Merchant, number: i64, email: &str) -> Reply {
    let body = json!({"checkout": merchant.slug, "number": number, "email": email, "test_mode": true});
    test.call(Call::post("/v1/storefront/order-access/request", body)).await
}

/// Comes back with a token.
pub async fn come_back(test: &TestApp, token: &str) -> Reply {
    test.call(Call::post("/v1/storefront/order-access", json!({"token": token})))
        .await
}

/// All mails to an address, oldest first and with their lines whole, once everything that is due has been done.
pub async fn mails_to(test: &TestApp, email: &str) -> Vec<String> {
    test.drain_jobs().await;
    let to = |mail: &String| mail.lines().any(|line| line.starts_with("To:") && line.contains(email));
    let mut mails: Vec<String> = test.mails().into_iter().filter(to).collect();
    let id = |mail: &String| {
        let line = mail.lines().find(|line| line.starts_with("Message-ID"));
        line.map(str::to_owned)
    };
    // Ids of mails ascend with time.
    mails.sort_by_key(id);
    mails
        .iter()
        .map(|mail| mail.replace("=\r\n", "").replace("=\n", ""))
        .collect()
}

/// The token in a mail's address.
pub fn token(mail: &str) -> String {
    let after = mail.split("https://shop.example.com/o/").nth(1);
    let token = after.and_then(|after| after.split_whitespace().next());
    token.unwrap_or_else(|| panic!("no address in {mail}")).to_owned()
}

/// Cancels an order.
pub async fn cancel(test: &TestApp, merchant: &Merchant, order: &str) -> Reply {
    let path = merchant.path(&format!("orders/{order}/cancel"));
    merchant
        .call(test, Call::post(path, json!({"reason": "Ordered twice"})))
        .await
}

/// A request with the secret of a visit.
pub async fn by_buyer(test: &TestApp, visit: &Visit, method: &str, rest: &str, body: Value) -> Reply {
    let call = Call::new(method, visit.path(rest)).bearer(&visit.secret);
    let call = if body.is_null() { call } else { call.json(body) };
    test.call(call).await
}

/// How many rows a statement finds.
pub async fn count(test: &TestApp, statement: &'static str) -> usize {
    let conn = test.db().read().await.expect("a connection");
    sql(statement).execute(&conn).await.expect("rows")
}
