//! An order for the tests of mails.

use std::sync::Arc;

use serde_json::json;

use super::send::Written;
use crate::actions::action::{Input, InputLine};
use crate::kernel::money::Money;

/// An amount in euros.
pub fn euros(minor: i64) -> Money {
    Money::new(minor, "EUR".parse().expect("a currency")).expect("bounded")
}

/// An order of two lines with a discount, in this language.
pub fn input(locale: &str) -> Input {
    let line = |name: &str, quantity, total| InputLine {
        id: "lin_1".to_owned(),
        product: "prd_1".to_owned(),
        name: name.to_owned(),
        quantity,
        total: euros(total),
    };
    Input {
        run: "act_1".to_owned(),
        occasion: "job_1".to_owned(),
        order: "ord_1".to_owned(),
        number: 1001,
        customer: "cus_1".to_owned(),
        email: "buyer@example.com".to_owned(),
        first_name: Some("Aino".to_owned()),
        last_name: None,
        phone: None,
        marketing: false,
        locale: locale.parse().expect("a locale"),
        shop: "Demo".to_owned(),
        from: "shop@example.com".to_owned(),
        support_email: Some("help@example.com".to_owned()),
        lines: vec![line("The course", 2, 7020), line("The book", 1, 2280)],
        line: None,
        taxes: vec![("25.5 %".to_owned(), euros(1426)), ("14 %".to_owned(), euros(280))],
        total: euros(9300),
        order_url: Some("https://shop.example.com/o/token".to_owned()),
        document: Arc::new(json!({
            "receipt_number": 17, "receipt_year": 2026, "paid_at": "2026-11-20T12:00:00.000Z",
            "subtotal": 10_280, "discount_total": 980, "tax": 1706, "total": 9300,
            "discount": {"code": "SPRING", "amount": 980, "over_limit": false},
            "lines": [{"subtotal": 7800}, {"subtotal": 2480}],
            "tax_breakdown": [{"rate": "25.5"}, {"rate": "14"}],
            "custom": {"cohort": "Spring & sun"},
        })),
        test_mode: false,
    }
}

/// The subject and the text.
pub fn shown(mail: &Written) -> String {
    // Amounts keep together by spaces that look like others.
    format!("{}\n\n{}", mail.subject, mail.text).replace('\u{a0}', "~")
}
