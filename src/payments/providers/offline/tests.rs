//! The vectors of the banks, and what a buyer is told.

use super::*;
use crate::kernel::clock::Clock;
use crate::kernel::ids::{OrderId, PaymentId};
use crate::payments::provider::{AttemptUrls, Payer};

#[test]
fn finnish_references() {
    for (base, whole) in [
        ("123", "1232"),
        ("1234", "12344"),
        ("12345", "123453"),
        ("123456", "1234561"),
        ("1234567", "12345672"),
        ("100", "1009"),
        ("1001", "10016"),
        ("2025000", "20250005"),
        ("9999999999999999999", "99999999999999999993"),
        ("0001001", "10016"),
    ] {
        assert_eq!(finnish(base).as_deref(), Some(whole));
    }
    for real in [
        "868516259619897",
        "559582243294671",
        "69875672083435364",
        "78777679656628687",
        "3759170",
        "0010016",
    ] {
        assert!(is_finnish(real), "{real}");
    }
    for wrong in [
        "12455",
        "",
        "0",
        "10015",
        "1001 6",
        "RF0810016",
        "999999999999999999994",
    ] {
        assert!(!is_finnish(wrong), "{wrong}");
    }
    for wrong in ["", "12", "0012", "12a", "12345678901234567890", "١٢٣"] {
        assert_eq!(finnish(wrong), None, "{wrong}");
    }
}

#[test]
fn creditor_references() {
    for (reference, whole) in [
        ("1232", "RF111232"),
        ("12344", "RF0812344"),
        ("123453", "RF81123453"),
        ("1234561", "RF341234561"),
        ("2348236", "RF332348236"),
        ("539007547034", "RF18539007547034"),
        ("A1B2C3", "RF47A1B2C3"),
        ("10016", "RF0810016"),
    ] {
        assert_eq!(rf(reference).as_deref(), Some(whole));
        assert!(is_rf(whole));
    }
    for wrong in [
        "RF33123453",
        "RF",
        "RF11",
        "111232",
        "rf111232",
        "RF11123 2",
        "RF1é1232",
    ] {
        assert!(!is_rf(wrong), "{wrong}");
    }
    assert_eq!((rf(""), rf("a1"), rf(&"1".repeat(22))), (None, None, None));
}

#[test]
fn accounts() {
    for (given, normal) in [
        ("fi21 1234 5600 0007 85", "FI2112345600000785"),
        ("DE89370400440532013000", "DE89370400440532013000"),
        ("GB82 WEST 1234 5698 7654 32", "GB82WEST12345698765432"),
        ("NO9386011117947", "NO9386011117947"),
    ] {
        assert_eq!(iban(given).as_deref(), Some(normal));
    }
    for wrong in [
        "",
        "FI",
        "FI2112345600000786",
        "FI1212345600000785",
        "FI21123456000007850",
        "FI211234560000078",
        "2112345600000785FI",
        "FI21-1234-5600-0007-85",
        "FI21123456000007é5",
        "XX0012345678901234",
    ] {
        assert_eq!(iban(wrong), None, "{wrong}");
    }
}

#[test]
fn bar_codes_of_the_banks_guide() {
    let on = |date: &str| Some(date.parse().expect("a date"));
    for (account, cents, reference, due, digits) in [
        (
            "FI7944052020036082",
            488_315,
            "868516259619897",
            on("2010-06-12"),
            "479440520200360820048831500000000868516259619897100612",
        ),
        (
            "FI5810171000000122",
            48_299,
            "559582243294671",
            on("2012-01-31"),
            "458101710000001220004829900000000559582243294671120131",
        ),
        (
            "FI0250004640001302",
            69_380,
            "69875672083435364",
            on("2011-07-24"),
            "402500046400013020006938000000069875672083435364110724",
        ),
        (
            "FI1680001400050267",
            93_585,
            "78777679656628687",
            None,
            "416800014000502670009358500000078777679656628687000000",
        ),
        (
            "FI9239390001003391",
            2,
            "RF951357914",
            on("2099-12-24"),
            "592393900010033910000000295000000000000001357914991224",
        ),
    ] {
        let reference = if reference.starts_with("RF") {
            Reference::Rf(reference)
        } else {
            Reference::Finnish(reference)
        };
        let made = barcode(account, cents, reference, due).expect("a bar code");
        assert_eq!((made.as_str(), made.len()), (digits, 54));
    }
    let most = barcode("FI2112345600000785", 99_999_999, Reference::Finnish("10016"), None).expect("a bar code");
    assert_eq!((&most[17..25], most.len()), ("99999999", 54));
    assert_eq!(
        barcode("FI2112345600000785", 100_000_000, Reference::Finnish("10016"), None),
        None
    );
    assert_eq!(
        barcode("DE89370400440532013000", 100, Reference::Finnish("10016"), None),
        None
    );
    assert_eq!(
        barcode("FI2112345600000785", 100, Reference::Finnish("10015"), None),
        None
    );
    assert_eq!(
        barcode("FI2112345600000785", 100, Reference::Rf("RF47A1B2C3"), None),
        None
    );
}

fn attempt(number: i64, amount: i64, currency: &str) -> Attempt {
    let clock = Clock::default();
    Attempt {
        payment: PaymentId::generate(&clock),
        order: OrderId::generate(&clock),
        number,
        amount,
        currency: currency.parse().expect("a currency"),
        method: None,
        locale: "fi".parse().expect("a locale"),
        payer: Payer::default(),
        items: Vec::new(),
        urls: AttemptUrls {
            success: String::new(),
            cancel: String::new(),
            callback: String::new(),
        },
        today: "2026-11-21".parse().expect("a date"),
    }
}

fn told(config: &Config, attempt: &Attempt) -> Instructions {
    match start(config, attempt).expect("instructions").handover {
        Some(Handover::Instructions(instructions)) => instructions,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_buyer_is_told_everything() {
    let config = Config {
        payee: "Verkkokauppa Oy".to_owned(),
        iban: "FI2112345600000785".to_owned(),
        bic: Some("NDEAFIHH".to_owned()),
        due_days: 14,
        instructions: Some("Use the reference.".to_owned()),
    };
    let told_of = told(&config, &attempt(1001, 2480, "EUR"));
    let barcode = "421123456000007850000248000000000000000000010016261205";
    let epc = "BCD\n002\n1\nSCT\nNDEAFIHH\nVerkkokauppa Oy\nFI2112345600000785\nEUR24.80\n\nRF0810016";
    let expected = Instructions {
        payee: "Verkkokauppa Oy".to_owned(),
        iban: "FI2112345600000785".to_owned(),
        bic: Some("NDEAFIHH".to_owned()),
        reference: "10016".to_owned(),
        rf_reference: "RF0810016".to_owned(),
        barcode: Some(barcode.to_owned()),
        epc_qr: Some(epc.to_owned()),
        due_date: "2026-12-05".to_owned(),
        text: Some("Use the reference.".to_owned()),
    };
    assert_eq!(told_of, expected);
    let kroner = told(&config, &attempt(1002, 2480, "SEK"));
    assert_eq!(
        (kroner.barcode, kroner.epc_qr, kroner.reference.as_str()),
        (None, None, "10029")
    );
    let large = told(&config, &attempt(1003, 100_000_000, "EUR"));
    assert!(large.barcode.is_none() && large.epc_qr.is_some());
    let again = attempt(1001, 2480, "EUR");
    let (first, second) = (attempt(1001, 2480, "EUR"), again.clone());
    let reference = |attempt: &Attempt| start(&config, attempt).expect("instructions").reference;
    assert_ne!(
        reference(&first),
        reference(&second),
        "each attempt is found by its own"
    );
    assert_eq!(reference(&again), reference(&second));
    let broken = Config {
        iban: "FI2112345600000786".to_owned(),
        ..config
    };
    assert!(start(&broken, &again).is_err());
}
