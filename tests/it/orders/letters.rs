//! Lists of orders find what is typed in any alphabet, whatever its case and the locale of the database.

use serde_json::json;

use super::lists::numbers;
use super::scene::by_buyer;
use crate::support::merchant::Visit;
use crate::support::request::Call;
use crate::support::{Merchant, TestApp};

/// As it stands in an address.
pub fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

#[actix_web::test]
async fn names_and_codes_are_found_in_every_alphabet() {
    let test = TestApp::new().await;
    let merchant = Merchant::with_course(&test, "letters").await;
    let code = json!({"code": "KESÄ20", "type": "percentage", "percentage": "20"});
    merchant.create(&test, "discount-codes", code).await;
    let mut numbers_of = Vec::new();
    for (email, first, last) in [
        ("aija@ÄKÄSLOMPOLO.example", "Äijä", "Öhman"),
        ("olga@пример.example", "Ольга", "Ångström"),
    ] {
        let visit = merchant.visit(&test).await;
        let buyer = json!({"customer": {"email": email, "first_name": first, "last_name": last}});
        by_buyer(&test, &visit, "PATCH", "", buyer).await.expect(200);
        let session = by_buyer(&test, &visit, "PUT", "/discount", json!({"code": "kesä20"}))
            .await
            .expect(200);
        let visit = Visit { session, ..visit };
        numbers_of.push(visit.confirm(&test).await["order"]["number"].clone());
    }
    assert_eq!(numbers_of, [json!(1001), json!(1002)]);
    for (filter, typed, found) in [
        ("last_name", "Öhman", vec![1001]),
        ("last_name", "öhman", vec![1001]),
        ("last_name", "O\u{308}HMAN", vec![1001]),
        ("last_name", "Ohman", vec![]),
        ("first_name", "Äijä", vec![1001]),
        ("first_name", "ÄIJÄ", vec![1001]),
        ("q", "Öhman", vec![1001]),
        ("q", "ÄIJÄ", vec![1001]),
        ("q", "äijä öhman", vec![1001]),
        ("q", " ÄIJÄ  ÖHMAN ", vec![1001]),
        ("q", "ОЛЬГА", vec![1002]),
        ("q", "ångström", vec![1002]),
        ("email", "AIJA@äkäslompolo.example", vec![1001]),
        ("q", "aija@ÄKÄSLOMPOLO.EXAMPLE", vec![1001]),
        ("q", "OLGA@ПРИМЕР.example", vec![1002]),
        ("discount_code", "KESÄ20", vec![1002, 1001]),
        ("discount_code", "kesä20", vec![1002, 1001]),
        ("discount_code", " KESA\u{308}20", vec![1002, 1001]),
        ("discount_code", "KESA20", vec![]),
    ] {
        let filters = format!("{filter}={}", encoded(typed));
        assert_eq!(numbers(&test, &merchant, &filters).await, found, "{filter}={typed}");
        let path = merchant.path(&format!("orders/export?format=csv&test_mode=true&{filters}"));
        let csv = merchant.call(&test, Call::get(path)).await.body;
        let rows = String::from_utf8(csv).expect("UTF-8").lines().count() - 1;
        assert_eq!(rows, found.len(), "the export by {filter}={typed}");
    }
}
