//! Session totals and stateless quotes are the same to the cent, and both are what exact arithmetic says.

use serde_json::{Value, json};

use super::shop::Shop;
use crate::pricing::exact::{Off, reference};
use crate::support::request::Call;

/// Thousandths of a percent: what a course costs a Finn.
const RATE: u32 = 25_500;

/// One basket: courses, workshop, books, and what is taken off.
struct Case {
    courses: i32,
    workshop: bool,
    books: i32,
    code: &'static str,
    off: Off,
}

#[actix_web::test]
async fn to_the_cent() {
    let shop = Shop::new("agree").await;
    for (code, percentage) in [
        ("TINY", "0.01"),
        ("THIRD", "33.33"),
        ("NEARLY", "99.99"),
        ("ALL", "100"),
        ("ODD", "12.34"),
    ] {
        shop.code(json!({"code": code, "type": "percentage", "percentage": percentage}))
            .await;
    }
    for (code, amount) in [("CENT", 1), ("SEVEN", 700), ("PRIME", 4999), ("MUCH", 9_999_999)] {
        shop.code(json!({"code": code, "type": "fixed_amount", "amounts": [{"currency": "EUR", "amount": amount}]}))
            .await;
    }
    // Fifty characters, some of them outside of ASCII, with a space.
    let long = format!("å {}", "x".repeat(48));
    shop.code(json!({"code": long, "type": "percentage", "percentage": "50"}))
        .await;
    let case = |courses, workshop, books, code, off| Case {
        courses,
        workshop,
        books,
        code,
        off,
    };
    let cases = [
        case(1, false, 0, "TINY", Off::Hundredths(1)),
        case(3, true, 1, "TINY", Off::Hundredths(1)),
        case(1, true, 1, "THIRD", Off::Hundredths(3333)),
        case(2, true, 3, "NEARLY", Off::Hundredths(9999)),
        case(2, true, 3, "ALL", Off::Hundredths(10_000)),
        case(5, false, 2, "ODD", Off::Hundredths(1234)),
        case(1, true, 3, "CENT", Off::Amount(1)),
        case(3, true, 2, "SEVEN", Off::Amount(700)),
        case(1, true, 1, "PRIME", Off::Amount(4999)),
        case(1, false, 1, "MUCH", Off::Amount(9_999_999)),
        case(1, true, 2, "", Off::Nothing),
    ];
    for case in &cases {
        agrees(&shop, case, case.code).await;
    }
    let half = case(1, true, 1, "", Off::Hundredths(5000));
    agrees(&shop, &half, &format!("  Å {} ", "X".repeat(48))).await;
    shop.test.check_invariants().await;
}

async fn agrees(shop: &Shop, case: &Case, code: &str) {
    let buyer = shop.buyer("a@example.com").await;
    let lines = &buyer.visit.session["lines"];
    let at = |index: usize| format!("/lines/{}", lines[index]["id"].as_str().expect("an id"));
    buyer
        .call("PATCH", &at(0), Some(json!({"quantity": case.courses})))
        .await
        .expect(200);
    buyer
        .call("PATCH", &at(1), Some(json!({"selected": case.workshop})))
        .await
        .expect(200);
    if case.books > 0 {
        buyer.accept(&shop.bump, case.books).await.expect(200);
    }
    if !code.is_empty() {
        buyer.apply(code).await.expect(200);
    }
    let session = buyer.read().await;

    let mut wanted = vec![json!({"variant_id": shop.course["variants"][0]["id"], "quantity": case.courses})];
    if case.workshop {
        wanted.push(json!({"variant_id": shop.workshop["variants"][0]["id"]}));
    }
    let mut basket = json!({"lines": wanted, "currency": "EUR", "country": "FI"});
    if case.books > 0 {
        basket["add_ons"] = json!([{"add_on_id": shop.bump, "quantity": case.books}]);
    }
    if !code.is_empty() {
        basket["discount_code"] = json!(code);
    }
    let staff = merged(&basket, json!({"link": "course"}));
    let staff = shop
        .merchant
        .call(&shop.test, Call::post(shop.merchant.path("quotes"), staff))
        .await
        .expect(200);
    let public = merged(&basket, json!({"checkout": shop.merchant.slug, "link": "course"}));
    let public = shop
        .test
        .call(Call::post("/v1/storefront/quotes", public))
        .await
        .expect(200);
    assert_eq!(staff, public);

    let mut exact = vec![(3900, case.courses, RATE, true)];
    if case.workshop {
        exact.push((2500, 1, RATE, true));
    }
    if case.books > 0 {
        exact.push((1005, case.books, RATE, true));
    }
    let exact: Vec<Value> = reference(&exact, case.off, true)
        .into_iter()
        .map(|line| json!(line.map(|part| i64::try_from(part).expect("small"))))
        .collect();
    assert_eq!(sums(&public, false), exact, "{code}");
    assert_eq!(sums(&session, true), exact, "{code}");
    for total in [
        "subtotal",
        "discount_total",
        "tax",
        "total",
        "total_formatted",
        "tax_breakdown",
    ] {
        assert_eq!(session["totals"][total], public[total], "{code} {total}");
    }
    // And what is agreed on is what was shown.
    let provider = if session["totals"]["total"] == 0 {
        "free"
    } else {
        "test"
    };
    let confirmed = buyer
        .confirm_at(&session["totals"]["total"], provider)
        .await
        .expect(200);
    for total in ["subtotal", "discount_total", "tax", "total"] {
        assert_eq!(confirmed["order"][total], public[total], "{code} {total}");
    }
}

fn merged(basket: &Value, more: Value) -> Value {
    let mut basket = basket.clone();
    basket
        .as_object_mut()
        .expect("an object")
        .extend(more.as_object().expect("an object").clone());
    basket
}

fn sums(quote: &Value, chosen_only: bool) -> Vec<Value> {
    let lines = quote["lines"].as_array().expect("lines").iter();
    lines
        .filter(|line| !chosen_only || line["selected"] == true)
        .map(|line| json!([line["subtotal"], line["discount"], line["tax"], line["total"]]))
        .collect()
}
