//! A run that the tests of kinds share.

use std::sync::Arc;

use serde_json::json;

use crate::actions::action::{Input, InputLine};
use crate::kernel::money::Money;

/// A run on the first line of an order.
pub(super) fn input() -> Input {
    let euros = |amount| Money::new(amount, "EUR".parse().expect("a currency")).expect("bounded");
    Input {
        run: "act_1".to_owned(),
        occasion: "job_1".to_owned(),
        order: "ord_1".to_owned(),
        number: 1001,
        customer: "cus_1".to_owned(),
        email: "aino@example.com".to_owned(),
        first_name: Some("Aino".to_owned()),
        last_name: Some("Virtanen".to_owned()),
        phone: Some("+358401234567".to_owned()),
        marketing: false,
        locale: "fi".parse().expect("a locale"),
        shop: "Demo".to_owned(),
        from: "shop@example.com".to_owned(),
        support_email: None,
        lines: vec![InputLine {
            id: "lin_1".to_owned(),
            product: "prd_1".to_owned(),
            name: "Course".to_owned(),
            quantity: 2,
            total: euros(7800),
        }],
        line: Some(0),
        taxes: Vec::new(),
        total: euros(7800),
        order_url: None,
        document: Arc::new(json!({"id": "ord_1"})),
        test_mode: true,
    }
}
