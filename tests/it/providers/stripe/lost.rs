//! Requests and answers that get lost between us and Stripe: a repeat finds what was done, and nothing is done twice.

use std::time::Duration;

use kassa::net::client::Method;
use kassa::payments::provider::{Outcome, ProviderError, RefundError};
use serde_json::Value;

use super::{Account, GOOD, attempt, euros, refund_of, refused};
use crate::support::doubles::Double;
use crate::support::wire::faults::{Fault, Faults};

/// localstripe, to be reached straight or through the proxy.
struct Scene {
    straight: Account,
    through: Account,
    faults: Faults,
    _double: Double,
}

impl Scene {
    fn new() -> Self {
        let double = Double::start("stripe_server.py", &["--idempotent"]);
        let faults = Faults::calm(double.port, Duration::from_millis(600));
        let straight = Account::at(format!("http://127.0.0.1:{}", double.port));
        let mut through = Account::at(faults.url());
        through.timeout = Duration::from_millis(400);
        Self {
            straight,
            through,
            faults,
            _double: double,
        }
    }

    /// How many things of this kind say this of themselves.
    async fn count(&self, what: &str, field: &str, value: &str) -> usize {
        let list = self.straight.read(&format!("/v1/{what}?limit=100")).await;
        let list = list["data"].as_array().expect("a list");
        list.iter().filter(|object| object["metadata"][field] == value).count()
    }
}

#[tokio::test]
async fn one_fault_is_made_good_by_the_same_call_or_the_next() {
    let scene = Scene::new();
    for fault in Fault::EVERY {
        let wanted = attempt(3900, "EUR");
        scene.faults.next(&[*fault]);
        let first = scene.through.start(&wanted).await;
        let late = matches!(fault, Fault::RequestLate | Fault::AnswerLate);
        match &first {
            Err(error) => assert!(late && *error == ProviderError::Unknown, "{fault:?}: {error:?}"),
            Ok(_) => assert!(!late, "{fault:?}"),
        }
        scene.faults.stop();
        let again = scene.through.start(&wanted).await.expect("everything passes");
        if let Ok(first) = first {
            assert_eq!(again.reference, first.reference, "{fault:?}");
        }
        let made = scene
            .count("payment_intents", "attempt_id", &wanted.payment.to_string())
            .await;
        assert_eq!(made, 1, "{fault:?}");

        scene.straight.pay(&again.reference, GOOD).await;
        scene.faults.next(&[*fault]);
        let asked = scene.through.ask(&again.reference).await;
        assert!(
            asked == Ok(euros(3900)) || (late && asked == Err(ProviderError::Unknown)),
            "{fault:?}: {asked:?}"
        );

        let part = refund_of(&wanted, &again.reference, 1000);
        scene.faults.next(&[*fault]);
        let first = scene.through.refund(&part).await;
        let unknown = first == Err(RefundError::Provider(ProviderError::Unknown));
        assert!(first.is_ok() || (late && unknown), "{fault:?}: {first:?}");
        scene.faults.stop();
        let again = scene.through.refund(&part).await.expect("everything passes");
        assert_eq!(
            scene.through.ask_refund(&part, None).await,
            Ok(Some(again)),
            "{fault:?}"
        );
        let made = scene.count("refunds", "refund_id", &part.refund.to_string()).await;
        assert_eq!(made, 1, "{fault:?}");
    }
    let counts = scene.faults.counts();
    assert!(Fault::EVERY.iter().all(|fault| counts[fault] == 3), "{counts:?}");
}

#[tokio::test]
async fn taking_back_survives_every_fault() {
    let scene = Scene::new();
    for fault in Fault::EVERY {
        let wanted = attempt(3900, "EUR");
        let started = scene.straight.start(&wanted).await.expect("started");
        scene.faults.next(&[*fault]);
        let first = scene.through.cancel(&wanted, &started.reference).await;
        let fine = [Ok(Outcome::Cancelled), Err(ProviderError::Unknown)];
        assert!(fine.contains(&first), "{fault:?}: {first:?}");
        scene.faults.stop();
        let again = scene.through.cancel(&wanted, &started.reference).await;
        assert_eq!(again, Ok(Outcome::Cancelled), "{fault:?}");
    }
}

#[tokio::test]
async fn what_keeps_failing_is_left_to_whoever_asks_later() {
    let scene = Scene::new();
    for (faults, calls) in [
        ([Fault::Error; 3], 3),
        ([Fault::AnswerLost; 3], 3),
        ([Fault::Garbage, Fault::Page, Fault::HalfBody], 3),
    ] {
        let wanted = attempt(3900, "EUR");
        scene.faults.next(&faults);
        let before: usize = scene.faults.counts().values().sum();
        assert_eq!(
            scene.through.start(&wanted).await.expect_err("lost"),
            ProviderError::Unknown
        );
        let after: usize = scene.faults.counts().values().sum();
        assert_eq!(after - before, calls, "{faults:?}");
        assert!(scene.through.start(&wanted).await.is_ok());
    }
}

#[tokio::test]
async fn who_does_not_listen_has_done_nothing() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = closed.local_addr().expect("an address").port();
    drop(closed);
    let mut nobody = Account::at(format!("http://127.0.0.1:{port}"));
    nobody.timeout = Duration::from_secs(1);
    let wanted = attempt(3900, "EUR");
    assert_eq!(nobody.start(&wanted).await.expect_err("nobody"), ProviderError::Away);
    assert_eq!(nobody.ask("pi_1").await, Err(ProviderError::Away));
    let refund = nobody.refund(&refund_of(&wanted, "pi_1", 1)).await;
    assert_eq!(refund, Err(RefundError::Provider(ProviderError::Away)));
}

#[tokio::test]
async fn who_may_have_done_it_before_may_still_have_when_a_repeat_is_turned_away() {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use crate::support::wire::{Response, Server};
    let wanted = attempt(3900, "EUR");
    for (statuses, error) in [
        ([503, 429, 429], ProviderError::Unknown),
        ([429, 503, 429], ProviderError::Unknown),
        ([429, 429, 429], ProviderError::Away),
    ] {
        let met = AtomicUsize::new(0);
        let server = Server::start(move |_| Response::empty(statuses[met.fetch_add(1, Ordering::SeqCst)]));
        let refund = Account::at(server.url()).refund(&refund_of(&wanted, "pi_1", 1)).await;
        assert_eq!(refund, Err(RefundError::Provider(error)), "{statuses:?}");
    }
}

/// Whatever answers in Stripe's place is not believed when it speaks of something else.
#[tokio::test]
async fn answers_about_something_else_are_no_answers() {
    use crate::support::wire::{Response, Server};
    use serde_json::json;
    let good = json!({"id": "pi_1", "client_secret": "pi_1_secret", "amount": 3900, "currency": "eur",
        "status": "requires_payment_method"});
    let with = |field: &str, value: Value| {
        let mut body = good.clone();
        body[field] = value;
        body
    };
    for (status, body, wanted) in [
        (200, with("amount", json!(3901)), ProviderError::Unknown),
        (200, with("currency", json!("usd")), ProviderError::Unknown),
        (200, with("id", json!("../pi_1")), ProviderError::Unknown),
        (200, with("client_secret", json!(null)), ProviderError::Unknown),
        (200, with("status", json!("something_new")), ProviderError::Unknown),
        (200, json!([]), ProviderError::Unknown),
        (302, json!({}), ProviderError::Unknown),
        (404, json!({"message": "no such page"}), ProviderError::Unknown),
        (
            409,
            json!({"error": {"code": "idempotency_key_in_use"}}),
            ProviderError::Unknown,
        ),
        (429, json!({}), ProviderError::Away),
        (503, json!({}), ProviderError::Unknown),
        (
            403,
            json!({"error": {"type": "invalid_request_error"}}),
            refused("credentials_refused", false),
        ),
    ] {
        let said = body.clone();
        let server = Server::start(move |_| Response::json(status, &said));
        let error = Account::at(server.url()).start(&attempt(3900, "EUR")).await;
        assert_eq!(error.expect_err("no answer"), wanted, "{status} {body}");
    }
    let server = Server::start(move |request| {
        let named = |name: &str| request.header(name).unwrap_or_default().to_owned();
        let told = [
            named("stripe-version"),
            named("authorization"),
            named("idempotency-key"),
        ];
        let fine = told[0] == kassa::payments::providers::stripe::VERSION
            && told[1] == "Bearer sk_test_merchant"
            && told[2].starts_with("payment:pay_")
            && request.method == Method::POST.as_str();
        Response::json(if fine { 200 } else { 400 }, &good)
    });
    assert!(Account::at(server.url()).start(&attempt(3900, "EUR")).await.is_ok());
}
