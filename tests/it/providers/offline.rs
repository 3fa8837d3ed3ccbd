//! Bank transfers: the numbers as python-stdnum and segno see them, and a shop that is paid by them.

use chrono::{Days, TimeDelta};
use kassa::payments::providers::offline::{epc_qr, finnish, iban, rf};
use serde_json::{Value, json};

use super::scene::{Shop, events};
use crate::support::app::Settings;
use crate::support::doubles::ask;
use crate::support::people::text;
use crate::support::request::{Call, Reply};

const IBANS: [&str; 8] = [
    "FI2112345600000785",
    "FI7944052020036082",
    "DE89370400440532013000",
    "GB82WEST12345698765432",
    "NO9386011117947",
    "SE4550000000058398257466",
    "EE382200221020145685",
    "FR1420041010050500013M02606",
];

#[test]
fn others_read_our_numbers_as_we_do() {
    let references: Vec<String> = (0..400_u64)
        .map(|number| finnish(&(1001 + number * number * 7919).to_string()).expect("a reference"))
        .chain(["A1B2C3".to_owned(), "Z9".to_owned(), "9".repeat(20)])
        .collect();
    let good = references.iter().map(|reference| rf(reference).expect("a reference"));
    let numbers: Vec<String> = good.flat_map(|number| mutations(&number)).collect();
    let accounts: Vec<String> = IBANS.iter().flat_map(|account| mutations(account)).collect();
    let long = "ääkköset😀".repeat(8);
    let wanted = |name: &str, cents: i64, bic: Option<&str>| json!({"name": name, "iban": IBANS[0], "cents": cents, "bic": bic, "reference": "RF0810016"});
    let epc = [
        wanted("Verkkokauppa Oy", 2480, None),
        wanted("Käsityö & Kahvi Öst Ab", 1, Some("NDEAFIHH")),
        wanted("X", 99_999_999_999, Some("NDEAFIHHXXX")),
        wanted(&long.chars().take(70).collect::<String>(), 100, None),
    ];
    let verdicts = ask("bank.py", &json!({"rf": numbers, "iban": accounts, "epc": epc}));
    let ours: Vec<bool> = numbers
        .iter()
        .map(|number| kassa::payments::providers::offline::is_rf(number))
        .collect();
    assert_eq!(verdicts["rf"], json!(ours));
    assert!(ours.iter().filter(|good| **good).count() >= 400 && ours.contains(&false));
    for (account, theirs) in accounts.iter().zip(verdicts["iban"].as_array().expect("verdicts")) {
        // They know how each country's bank numbers are made, and we do not; what they accept, we accept.
        assert!(*theirs == json!(false) || iban(account).is_some(), "{account}");
    }
    for account in IBANS {
        assert_eq!(iban(account).as_deref(), Some(account));
    }
    for (one, theirs) in epc.iter().zip(verdicts["epc"].as_array().expect("texts")) {
        let (cents, name) = (
            one["cents"].as_i64().expect("cents"),
            one["name"].as_str().expect("a name"),
        );
        let ours = epc_qr(name, IBANS[0], one["bic"].as_str(), cents, "RF0810016").expect("a text");
        let plain = |text: &str| -> Vec<String> {
            // They leave zeros away that mean nothing.
            let line = |line: &str| match line.strip_prefix("EUR") {
                Some(amount) => format!(
                    "EUR{}",
                    amount.parse::<rust_decimal::Decimal>().expect("an amount").normalize()
                ),
                None => line.to_owned(),
            };
            text.lines().map(line).collect()
        };
        assert_eq!(plain(&ours), plain(theirs.as_str().expect("a text")));
    }
    // Longer than a code may be: the name gives way.
    let wide = epc_qr(
        &"😀".repeat(70),
        IBANS[0],
        Some("NDEAFIHHXXX"),
        99_999_999_999,
        "RF0810016",
    )
    .expect("a text");
    assert!(
        wide.len() <= 331 && wide.len() > 327 && wide.ends_with("\n\nRF0810016"),
        "{}",
        wide.len()
    );
}

/// A number, and what becomes of it by one wrong digit, two that changed places, one too few and one too many.
fn mutations(number: &str) -> Vec<String> {
    let digits = number.as_bytes();
    let last = digits.len() - 1;
    let with = |at: usize, digit: u8| {
        let mut other = digits.to_vec();
        other[at] = digit;
        String::from_utf8(other).expect("ASCII")
    };
    let mut swapped = digits.to_vec();
    swapped.swap(last, last - 1);
    vec![
        number.to_owned(),
        with(last, if digits[last] == b'9' { b'0' } else { digits[last] + 1 }),
        with(2, if digits[2] == b'9' { b'0' } else { digits[2] + 1 }),
        String::from_utf8(swapped).expect("ASCII"),
        number[..last].to_owned(),
        format!("{number}0"),
    ]
}

async fn open(slug: &str) -> Shop {
    let shop = Shop::open(Settings::default(), slug).await;
    let body = json!({"payee": "Keramiikkapaja Oy", "iban": "fi21 1234 5600 0007 85", "bic": "NDEAFIHH", "due_days": 14,
        "instructions": "Thank you for paying in time.", "test_mode": true});
    let put = Call::new("PUT", shop.merchant.path("payment-methods/offline")).json(body);
    let read = shop.merchant.call(&shop.test, put).await.expect(200);
    assert_eq!(
        json!([read["iban"], read["capabilities"]["refund"]]),
        json!(["FI2112345600000785", "none"])
    );
    shop
}

async fn mark(shop: &Shop, order: &str, payment: &str, amount: i64) -> Reply {
    let path = shop
        .merchant
        .path(&format!("orders/{order}/payments/{payment}/mark-paid"));
    let body = json!({"amount": amount, "reference": "20261121 593619 1234"});
    shop.merchant.call(&shop.test, Call::post(path, body)).await
}

#[actix_web::test]
async fn a_buyer_is_told_where_to_pay_and_the_merchant_says_that_it_came() {
    let shop = open("bank").await;
    let visit = shop.merchant.visit(&shop.test).await;
    let made = shop.confirm(&visit, json!({"provider": "offline"})).await.expect(200);
    let (order, payment) = (text(&made["order"]["id"]), text(&made["payment"]["id"]));
    let due = shop.test.clock.now().date_naive() + Days::new(14);
    let told = &made["payment"]["instructions"];
    let expected = json!({"payee": "Keramiikkapaja Oy", "iban": "FI2112345600000785", "bic": "NDEAFIHH", "reference": "10016",
        "rf_reference": "RF0810016", "due_date": due.to_string(), "text": "Thank you for paying in time.",
        "barcode": format!("42112345600000785{:08}000{:0>20}{}", 3900, 10_016, due.format("%y%m%d")),
        "epc_qr": "BCD\n002\n1\nSCT\nNDEAFIHH\nKeramiikkapaja Oy\nFI2112345600000785\nEUR39.00\n\nRF0810016"});
    assert_eq!(*told, expected);
    assert_eq!(told["barcode"].as_str().map(str::len), Some(54));
    assert_eq!(made["order"]["payment_status"], "pending");
    shop.test.drain_jobs().await;
    let mails = shop.test.mails();
    assert_eq!(mails.len(), 1, "where to pay, and no receipt yet");
    let mail = mails[0].replace("=\r\n", "");
    for part in [
        "buyer@example.com",
        "FI2112345600000785",
        "10016 / RF0810016",
        "Thank you for paying in time.",
    ] {
        assert!(mail.contains(part), "{part} is missing: {mail}");
    }
    // Weeks later nothing has been asked of anybody, and it still waits.
    shop.test.advance(TimeDelta::days(16));
    shop.test.drain_jobs().await;
    assert_eq!(shop.order(&order).await["payment_status"], "pending");
    let paid = mark(&shop, &order, &payment, 3900).await.expect(200);
    assert_eq!(
        json!([
            paid["payment_status"],
            paid["payments"][0]["status"],
            paid["payments"][0]["bank_reference"]
        ]),
        json!(["paid", "succeeded", "20261121 593619 1234"])
    );
    assert_eq!(events(&shop, "payment.succeeded").await, 1);
    assert_eq!(shop.order(&order).await["status"], "completed");
    shop.test.check_invariants().await;
}

#[actix_web::test]
async fn each_order_has_a_reference_of_its_own_and_keeps_it() {
    let shop = open("numbers").await;
    let reference = |made: &Value| text(&made["payment"]["instructions"]["reference"]);
    let first = shop.merchant.visit(&shop.test).await;
    let second = shop.merchant.visit(&shop.test).await;
    let offline = json!({"provider": "offline"});
    let made = shop.confirm(&first, offline.clone()).await.expect(200);
    let other = shop.confirm(&second, offline.clone()).await.expect(200);
    assert_eq!(
        (reference(&made), reference(&other)),
        ("10016".to_owned(), "10029".to_owned())
    );
    // Another way to pay, and then the bank after all: the order's number is still its reference.
    for provider in ["test", "offline"] {
        let again = Call::post(first.path("/payments"), json!({"provider": provider})).bearer(&first.secret);
        let again = shop.test.call(again).await;
        assert!(again.status < 300, "{again:?}");
    }
    let read = shop.order(&text(&made["order"]["id"])).await;
    let payments = read["payments"].as_array().expect("payments");
    assert_eq!(payments.len(), 3);
    let of_bank: Vec<_> = payments
        .iter()
        .filter(|payment| payment["provider"] == "offline")
        .collect();
    assert!(
        of_bank
            .iter()
            .all(|one| text(&one["provider_reference"]).starts_with("10016_"))
    );
    assert_ne!(of_bank[0]["provider_reference"], of_bank[1]["provider_reference"]);
    shop.test.check_invariants().await;
}

#[actix_web::test]
async fn another_amount_than_asked_for_waits_for_a_person() {
    let shop = open("short").await;
    let visit = shop.merchant.visit(&shop.test).await;
    let made = shop.confirm(&visit, json!({"provider": "offline"})).await.expect(200);
    let (order, payment) = (text(&made["order"]["id"]), text(&made["payment"]["id"]));
    mark(&shop, &order, &payment, 3890).await.expect(200);
    shop.raised(&order, "amount_mismatch").await;
    let callback = format!("/v1/callbacks/offline/{}", shop.merchant.checkout);
    assert_eq!(
        shop.test.call(Call::get(callback)).await.status,
        400,
        "a bank sends nothing"
    );
    shop.test.check_invariants().await;
}

#[actix_web::test]
async fn accounts_that_cannot_be_are_refused() {
    let shop = Shop::open(Settings::default(), "accounts").await;
    for wrong in ["FI2112345600000786", "FI21123456000007", "XX21 1234 5600 0007 85"] {
        let body = json!({"payee": "Keramiikkapaja Oy", "iban": wrong, "due_days": 14});
        let put = Call::new("PUT", shop.merchant.path("payment-methods/offline")).json(body);
        let (status, _, pointer) = shop.merchant.call(&shop.test, put).await.problem();
        assert_eq!((status, pointer.as_str()), (422, "/iban"), "{wrong}");
    }
}
