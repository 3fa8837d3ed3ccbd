//! The MACs of the vectors, the form, and confirmations that are none.

use super::*;
use crate::kernel::clock::Clock;
use crate::kernel::ids::OrderId;
use crate::payments::provider::{AttemptUrls, Payer};

fn config() -> Config {
    Config {
        site: "151082".to_owned(),
        mac_key: "testmackey".to_owned().into(),
        benefits: vec!["sport".to_owned()],
    }
}

fn attempt() -> Attempt {
    let clock = Clock::default();
    Attempt {
        payment: PaymentId::generate(&clock),
        order: OrderId::generate(&clock),
        number: 1001,
        amount: 2480,
        currency: "EUR".parse().expect("a currency"),
        method: Some("sport".to_owned()),
        locale: "fi".parse().expect("a locale"),
        payer: Payer::default(),
        items: Vec::new(),
        urls: AttemptUrls {
            success: "https://kassa.example/s".to_owned(),
            cancel: "https://kassa.example/c".to_owned(),
            callback: "https://kassa.example/n".to_owned(),
        },
        today: "2026-11-21".parse().expect("a date"),
    }
}

fn said(body: &str) -> Result<Vec<Notice>, Forged> {
    verify(
        &config(),
        Inbound {
            post: true,
            query: "",
            signature: None,
            body: body.as_bytes(),
            now: 0,
        },
    )
}

#[test]
fn the_macs_of_the_vectors() {
    let key = config().mac_key;
    let request = "9e81bcf2421b32f174d5ce527b7f461836204118a2d32f7d2b6c14f7702cbdafe8edcc8c2060bc943bfe5bc4bf285bb95cc2927604fbd7ef28afae5a42de001e";
    assert_eq!(mac(&["1001", "151082", "24.80"], &key), request);
    let paid = "e7dce2e8a8bd49f9bef3f39c87a8f9e45f63c4ee256fbbb9e843a9e04bdebb05afd280047f5201d8b9967aa1dfa43cea50df0cdc2c3fad5046524595ab6730dd";
    assert!(is_of(&["1001", "24.80"], &key, paid));
    assert!(!is_of(&["1001", "24.81"], &key, paid) && !is_of(&["1001", "24.80"], &key, &paid.to_uppercase()));
    // One hash, two readings.
    assert!(!is_of(&["1001&151082", "24.80"], &key, request));
}

#[test]
fn the_form_is_signed_and_names_where_to_come_back() {
    let attempt = attempt();
    let started = start("https://epassi.example/e_payments/v2", &config(), &attempt).expect("a form");
    let stamp = attempt.payment.to_string();
    assert_eq!(
        (started.reference.as_str(), &started.outcome),
        (stamp.as_str(), &Outcome::Pending)
    );
    let Some(Handover::Form { action, fields }) = started.handover else {
        panic!("no form");
    };
    assert_eq!(action, "https://epassi.example/e_payments/v2");
    let mac = mac(&[&stamp, "151082", "24.80"], &config().mac_key);
    let expected = [
        ("STAMP", stamp.as_str()),
        ("SITE", "151082"),
        ("AMOUNT", "24.80"),
        ("RETURN", "https://kassa.example/s"),
        ("CANCEL", "https://kassa.example/c"),
        ("REJECT", "https://kassa.example/c"),
        ("NOTIFY_URL", "https://kassa.example/n"),
        ("MAC", &mac),
    ];
    assert_eq!(
        fields,
        expected.map(|(name, value)| (name.to_owned(), value.to_owned()))
    );
    let kroner = Attempt {
        currency: "SEK".parse().expect("a currency"),
        ..attempt.clone()
    };
    assert!(
        start("x", &config(), &kroner).is_err() && start("x", &config(), &Attempt { amount: 0, ..attempt }).is_err()
    );
}

#[test]
fn only_a_confirmation_confirms() {
    let payment = PaymentId::generate(&Clock::default());
    let stamp = payment.to_string();
    let key = config().mac_key;
    let confirmed = |stamp: &str, paid: &str| format!("STAMP={stamp}&PAID={paid}&MAC={}", mac(&[stamp, paid], &key));
    let news = said(&confirmed(&stamp, "24.80")).expect("news");
    let outcome = Outcome::Succeeded {
        received: 2480,
        currency: "EUR".parse().expect("a currency"),
    };
    let attempt = AttemptName::Id(payment);
    assert_eq!(news[0].about, About::Payment { attempt, outcome });
    assert_eq!(
        said(&confirmed(&stamp, "24.80")).expect("news"),
        news,
        "a repeat is the same event"
    );
    assert_ne!(said(&confirmed(&stamp, "24.81")).expect("news")[0].event, news[0].event);
    // The buyer knows the MAC of the form: it must be good for nothing.
    let form = mac(&[&stamp, "151082", "24.80"], &key);
    for wrong in [
        format!("STAMP={stamp}%26151082&PAID=24.80&MAC={form}"),
        format!("STAMP={stamp}&PAID=151082%2624.80&MAC={form}"),
        format!("STAMP={stamp}&PAID=24.80&MAC={form}"),
        confirmed(&stamp, "24.80").replace("24.80", "99.80"),
        confirmed(&stamp, "24.80").to_lowercase(),
        format!("{}&PAID=24.80", confirmed(&stamp, "24.80")),
        confirmed("1001", "24.80"),
        confirmed(&stamp, "24.805"),
        confirmed(&stamp, "-1.00"),
        format!("STAMP={stamp}&PAID=24.80"),
        String::new(),
        "%ff".to_owned(),
    ] {
        assert_eq!(said(&wrong), Err(Forged), "{wrong}");
    }
}

#[test]
fn cancelling_is_no_news() {
    let payment = PaymentId::generate(&Clock::default());
    let query = format!("stamp={payment}&error=INVALID_REQUEST");
    let inbound = Inbound {
        post: false,
        query: &query,
        signature: None,
        body: b"",
        now: 0,
    };
    assert_eq!(verify(&config(), inbound), Ok(Vec::new()));
}
