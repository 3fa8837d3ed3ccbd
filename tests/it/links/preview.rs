//! What a link comes to, in three currencies, against whole numbers.

use serde_json::{Value, json};

use crate::pricing::rates::import;
use crate::support::request::Call;
use crate::support::{Merchant, TestApp};

/// Units for one euro, in hundred-thousandths: as the bank writes them, `1.08623` and `163.27`.
const RATES: [(&str, i128); 2] = [("USD", 108_623), ("JPY", 16_327_000)];

/// Half away from zero; nothing here is negative.
fn divided(top: i128, bottom: i128) -> i128 {
    (2 * top + bottom) / (2 * bottom)
}

/// Dollars for one unit, as digits and how many of them stand behind the point: ten that count.
fn dollars(currency: &str) -> (i128, u32) {
    let dollar = RATES[0].1;
    match currency {
        "USD" => (1, 0),
        "EUR" => (dollar, 5),
        _ => {
            let yen = RATES[1].1;
            let mut places = 0;
            while dollar * 10_i128.pow(places + 1) / yen < 10_i128.pow(10) {
                places += 1;
            }
            (divided(dollar * 10_i128.pow(places), yen), places)
        }
    }
}

fn decimals(currency: &str) -> u32 {
    if currency == "JPY" { 0 } else { 2 }
}

/// Cents for minor units.
fn cents(minor: i128, currency: &str) -> i128 {
    let (digits, places) = dollars(currency);
    divided(
        minor * digits * 10_i128.pow(2 - decimals(currency)),
        10_i128.pow(places),
    )
}

/// As English has it: `€1,234.50`, `¥12,300`.
fn english(minor: i128, currency: &str) -> String {
    let sign = match currency {
        "EUR" => "€",
        "USD" => "$",
        _ => "¥",
    };
    let unit = 10_i128.pow(decimals(currency));
    let whole = (minor / unit).to_string();
    let mut grouped = String::new();
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    match decimals(currency) {
        0 => format!("{sign}{grouped}"),
        _ => format!("{sign}{grouped}.{:02}", minor % unit),
    }
}

/// The whole table for lines of (unit, quantity, rate in thousandths).
fn table(currency: &str, lines: &[(i128, i128, i128)], inclusive: bool) -> Value {
    let subtotal: i128 = lines.iter().map(|(unit, quantity, _)| unit * quantity).sum();
    let tax = |(unit, quantity, rate): &(i128, i128, i128)| {
        let bottom = if inclusive { 1000 + rate } else { 1000 };
        divided(unit * quantity * rate, bottom)
    };
    let tax: i128 = lines.iter().map(tax).sum();
    let on_top = |tax: i128| if inclusive { 0 } else { tax };
    let total = subtotal + on_top(tax);
    let (subtotal_usd, tax_usd) = (cents(subtotal, currency), cents(tax, currency));
    let (digits, places) = dollars(currency);
    let rate = match places as usize {
        0 => digits.to_string(),
        places => {
            let written = format!("{digits:0>width$}", width = places + 1);
            let (whole, part) = written.split_at(written.len() - places);
            format!("{whole}.{}", part.trim_end_matches('0'))
        }
    };
    json!({
        "currency": currency, "currency_rate": rate, "currency_rate_stale": false,
        "subtotal": subtotal as i64, "discount_total": 0, "tax": tax as i64, "total": total as i64,
        "subtotal_usd": subtotal_usd as i64, "discount_total_usd": 0, "tax_usd": tax_usd as i64,
        "total_usd": (subtotal_usd + on_top(tax_usd)) as i64,
        "subtotal_formatted": english(subtotal, currency), "discount_total_formatted": english(0, currency),
        "tax_formatted": english(tax, currency), "total_formatted": english(total, currency),
    })
}

/// A course and a book, each in three currencies, in one offer.
async fn sell(test: &TestApp, merchant: &Merchant) -> (Value, Value, Value) {
    let product = |name: &str, kind: &str, vat: &str, prices: [i64; 3]| {
        let prices: Vec<Value> = ["EUR", "USD", "JPY"]
            .iter()
            .zip(prices)
            .map(|(currency, amount)| json!({"currency": currency, "amount": amount}))
            .collect();
        json!({"name": name, "type": kind, "vat_type": vat, "prices": prices})
    };
    let course = product("Course", "online_course", "commercial_education", [4900, 5300, 7800]);
    let course = merchant.create(test, "products", course).await;
    let book = product("Book", "e_book", "digital_book", [1990, 2199, 3333]);
    let book = merchant.create(test, "products", book).await;
    let offer = json!({"name": "Both", "title": "Both", "items": [
        {"product_id": course["id"]}, {"product_id": book["id"], "quantity": {"default": 1, "min": 1, "max": 99}}]});
    let offer = merchant.create(test, "offers", offer).await;
    (
        course["variants"][0]["id"].clone(),
        book["variants"][0]["id"].clone(),
        offer["id"].clone(),
    )
}

#[actix_web::test]
async fn the_whole_table_adds_up_in_every_currency() {
    let test = TestApp::new().await;
    let merchant = Merchant::new(&test, "table").await;
    let (course, book, offer) = sell(&test, &merchant).await;
    let today = test.clock.now().date_naive();
    let file = format!("date,currency,rate\n{today},USD,1.08623\n{today},JPY,163.27\n");
    let imported = import(&test.database, &["-", "--json"], &file);
    assert!(
        imported.status.success(),
        "{}",
        String::from_utf8_lossy(&imported.stderr)
    );
    let shop = format!("/v1/checkouts/{}", merchant.checkout);
    for inclusive in [true, false] {
        let patch = Call::patch(shop.clone(), json!({"prices_include_tax": inclusive}));
        merchant.call(&test, patch).await.expect(200);
        // Chosen so that with tax on top a total converted by itself would be a cent away from the sum of its converted parts.
        // The price of the course, the merchant's own where there is one, of the book, and how many books.
        for (currency, unit, custom, of_book, books) in [
            ("EUR", 4900, None, 1990, 3),
            ("EUR", 3333, Some(3333), 1990, 2),
            ("USD", 5300, None, 2199, 3),
            ("USD", 1, Some(1), 2199, 1),
            ("JPY", 7800, None, 3333, 5),
            ("JPY", 1_234_567, Some(1_234_567), 3333, 99),
        ] {
            let link = json!({"name": "Table", "offer_id": offer, "variant_id": course, "currency": currency, "custom_price": custom,
                "test_mode": true, "preview": true, "checkout_data": {"billing_address": {"country": "FI"},
                    "variant_quantities": [{"variant_id": book, "quantity": books}]}});
            let made = merchant.create(&test, "checkout-links", link).await;
            // 25.5 % on courses and 13.5 % on books in Finland.
            let expected = table(currency, &[(unit, 1, 255), (of_book, books, 135)], inclusive);
            assert_eq!(made["preview"], expected, "{currency}, inclusive: {inclusive}");
            // What is promised is what a session costs.
            let open = json!({"link_token": made["token"]});
            let opened = test.call(Call::post("/v1/storefront/sessions", open)).await.expect(201);
            for part in ["currency", "subtotal", "discount_total", "tax", "total"] {
                assert_eq!(opened["session"]["totals"][part], expected[part], "{part}");
            }
        }
    }
    // Asked for or not there.
    let plain = json!({"name": "Plain", "offer_id": offer, "max_orders": 1});
    assert_eq!(
        merchant.create(&test, "checkout-links", plain).await["preview"],
        Value::Null
    );
}

#[test]
fn the_arithmetic_of_this_test_is_right_by_hand() {
    assert_eq!(dollars("JPY"), (6_652_967_477, 12));
    assert_eq!(cents(4900, "EUR"), 5323, "5322.527");
    assert_eq!(cents(7800, "JPY"), 5189, "51.893…");
    assert_eq!(english(1_234_567, "EUR"), "€12,345.67");
    assert_eq!(english(1_234_567, "JPY"), "¥1,234,567");
}
