//! The life of an intent, at localstripe.

use kassa::net::client::Method;
use kassa::payments::provider::{About, AttemptName, Inbound, Outcome, ProviderError, RefundState};
use kassa::payments::providers::stripe;
use serde_json::{Value, json};
use std::sync::mpsc::Receiver;
use std::time::Duration;

use super::{ASKS_FIRST, Account, DECLINED, GOOD, attempt, client_secret, euros, failed, refund_of, refused};
use crate::support::doubles::Double;
use crate::support::wire::{Request, Server};

/// localstripe, and where its webhooks go.
struct Scene {
    account: Account,
    _double: Double,
    webhooks: Receiver<Request>,
}

impl Scene {
    async fn new() -> Self {
        let double = Double::start("stripe_server.py", &["--idempotent"]);
        let account = Account::at(format!("http://127.0.0.1:{}", double.port));
        let (inbox, webhooks) = Server::inbox();
        let told = [("url", inbox.url()), ("secret", "whsec_merchant".to_owned())];
        let told: Vec<_> = told.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let (status, _) = account.other(Method::POST, "/_config/webhooks/ours", &told).await;
        assert_eq!(status, 200);
        Self {
            account,
            _double: double,
            webhooks,
        }
    }

    /// The next webhook about an intent, as we read it.
    fn news(&self) -> (String, About) {
        loop {
            let request = self.webhooks.recv_timeout(Duration::from_secs(20)).expect("a webhook");
            let event: Value = serde_json::from_slice(&request.body).expect("an event");
            let inbound = Inbound {
                post: request.method == "POST",
                query: "",
                signature: request.header("stripe-signature"),
                body: &request.body,
                now: event["created"].as_i64().expect("a time"),
            };
            let mut notices = stripe::verify(&self.account.config, inbound).expect("signed by localstripe");
            assert_eq!(
                (notices.len(), event["id"].as_str()),
                (1, Some(notices[0].event.as_str()))
            );
            let notice = notices.remove(0);
            if notice.about != About::Nothing {
                return (notice.kind, notice.about);
            }
        }
    }
}

#[tokio::test]
async fn an_intent_is_made_paid_and_heard_of() {
    let scene = Scene::new().await;
    let wanted = attempt(3900, "EUR");
    let started = scene.account.start(&wanted).await.expect("started");
    assert_eq!(started.outcome, Outcome::Pending);
    let secret = client_secret(&started);
    assert!(secret.starts_with(&started.reference), "{secret}");
    let path = format!("/v1/payment_intents/{}", started.reference);
    let intent = scene.account.read(&path).await;
    let told = json!({
        "order_id": wanted.order.to_string(), "order_number": "1001", "attempt_id": wanted.payment.to_string(),
    });
    assert_eq!(
        (&intent["metadata"], &intent["amount"], &intent["currency"]),
        (&told, &json!(3900), &json!("eur"))
    );
    assert_eq!(scene.account.ask(&started.reference).await, Ok(Outcome::Pending));

    let (status, paid) = scene.account.pay(&started.reference, GOOD).await;
    assert_eq!((status, &paid["status"]), (200, &json!("succeeded")));
    assert_eq!(scene.account.ask(&started.reference).await, Ok(euros(3900)));
    let about = About::Payment {
        attempt: AttemptName::Id(wanted.payment),
        outcome: euros(3900),
    };
    assert_eq!(scene.news(), ("payment_intent.succeeded".to_owned(), about));
    // Too late to take it back: the money says so.
    assert_eq!(scene.account.cancel(&wanted, &started.reference).await, Ok(euros(3900)));
    let again = scene.account.start(&wanted).await.expect("the same");
    assert_eq!(again.reference, started.reference);
}

#[tokio::test]
async fn a_declined_card_leaves_the_way_for_another_attempt() {
    let scene = Scene::new().await;
    let first = attempt(3900, "EUR");
    let started = scene.account.start(&first).await.expect("started");
    let (status, _) = scene.account.pay(&started.reference, DECLINED).await;
    assert_eq!(status, 402);
    let about = About::Payment {
        attempt: AttemptName::Id(first.payment),
        outcome: failed("card_declined"),
    };
    assert_eq!(scene.news(), ("payment_intent.payment_failed".to_owned(), about));
    assert_eq!(scene.account.ask(&started.reference).await, Ok(failed("card_declined")));
    // Its page may be open still: nobody pays it any more once there is a second one.
    for _ in 0..2 {
        let taken_back = scene.account.cancel(&first, &started.reference).await;
        assert_eq!(taken_back, Ok(Outcome::Cancelled));
    }
    assert_eq!(scene.account.ask(&started.reference).await, Ok(Outcome::Cancelled));

    let second = attempt(3900, "EUR");
    let other = scene.account.start(&second).await.expect("started");
    assert_ne!(other.reference, started.reference);
    assert_eq!(scene.account.pay(&other.reference, GOOD).await.0, 200);
    assert_eq!(scene.account.ask(&other.reference).await, Ok(euros(3900)));
}

#[tokio::test]
async fn banks_may_ask_the_buyer_first() {
    let scene = Scene::new().await;
    for (success, outcome) in [
        ("true", euros(3900)),
        ("false", failed("payment_intent_authentication_failure")),
    ] {
        let started = scene.account.start(&attempt(3900, "EUR")).await.expect("started");
        let (status, asked) = scene.account.pay(&started.reference, ASKS_FIRST).await;
        assert_eq!((status, &asked["status"]), (200, &json!("requires_action")));
        assert_eq!(scene.account.ask(&started.reference).await, Ok(Outcome::Pending));
        let path = format!("/v1/payment_intents/{}/_authenticate", started.reference);
        let answer = [("client_secret", client_secret(&started)), ("success", success)];
        assert_eq!(scene.account.other(Method::POST, &path, &answer).await.0, 200);
        assert_eq!(scene.account.ask(&started.reference).await, Ok(outcome));
    }
}

#[tokio::test]
async fn some_ways_to_pay_take_a_while() {
    let scene = Scene::new().await;
    let started = scene.account.start(&attempt(3900, "EUR")).await.expect("started");
    let typed = [("type", "sepa_debit"), ("sepa_debit[iban]", "DE62370400440532013001")];
    let (_, method) = scene.account.other(Method::POST, "/v1/payment_methods", &typed).await;
    let path = format!("/v1/payment_intents/{}", started.reference);
    let chosen = [("payment_method", method["id"].as_str().expect("an id"))];
    scene.account.other(Method::POST, &path, &chosen).await;
    let (_, confirmed) = scene.account.other(Method::POST, &format!("{path}/confirm"), &[]).await;
    assert_eq!(confirmed["status"], "processing");
    assert_eq!(scene.account.ask(&started.reference).await, Ok(Outcome::Pending));
    let (kind, _) = scene.news();
    assert_eq!(kind, "payment_intent.payment_failed");
    assert!(matches!(
        scene.account.ask(&started.reference).await,
        Ok(Outcome::Failed { .. })
    ));
}

#[tokio::test]
async fn parts_go_back_and_can_be_asked_after() {
    let scene = Scene::new().await;
    let paid = attempt(3900, "EUR");
    let started = scene.account.start(&paid).await.expect("started");
    scene.account.pay(&started.reference, GOOD).await;
    let part = refund_of(&paid, &started.reference, 1000);
    assert_eq!(scene.account.ask_refund(&part, None).await, Ok(None));
    let made = scene.account.refund(&part).await.expect("refunded");
    assert_eq!(made.state, RefundState::Succeeded);
    let reference = made.reference.clone().expect("a name");
    assert_eq!(
        scene.account.refund(&part).await,
        Ok(made.clone()),
        "a repeat is the same refund"
    );
    for known in [None, Some(reference.as_str())] {
        assert_eq!(scene.account.ask_refund(&part, known).await, Ok(Some(made.clone())));
    }
    assert_eq!(scene.account.ask_refund(&part, Some("re_nobody")).await, Ok(None));

    // The rest by the charge, as for payments that have only that.
    let intent = scene
        .account
        .read(&format!("/v1/payment_intents/{}", started.reference))
        .await;
    let charge = intent["latest_charge"]["id"].as_str().expect("a charge").to_owned();
    let rest = refund_of(&paid, &charge, 2900);
    let made = scene.account.refund(&rest).await.expect("refunded");
    assert_eq!(scene.account.ask_refund(&rest, None).await, Ok(Some(made)));
    let charge = scene.account.read(&format!("/v1/charges/{charge}")).await;
    assert_eq!(charge["amount_refunded"], 3900);
}

#[tokio::test]
async fn what_stripe_does_not_know_or_does_not_allow() {
    let scene = Scene::new().await;
    let nobody = attempt(3900, "EUR");
    let missing = scene.account.ask("pi_nobody").await.expect_err("nothing there");
    assert!(matches!(missing, ProviderError::Refused { .. }), "{missing:?}");
    for strange in ["../refunds", "", "pi_1/cancel"] {
        assert_eq!(
            scene.account.ask(strange).await,
            Err(refused("resource_missing", false)),
            "{strange}"
        );
        assert_eq!(
            scene.account.cancel(&nobody, strange).await,
            Err(refused("resource_missing", false))
        );
    }
    let mut other = Account::at(scene.account.base.clone());
    for key in ["pk_not_secret", "sk_\nline"] {
        other.config.secret_key = key.to_owned().into();
        let refusal = other.start(&nobody).await.expect_err("no key");
        assert_eq!(refusal, refused("credentials_refused", false), "{key:?}");
    }
    // Nothing is sent that Stripe could understand in another way than it was meant.
    assert_eq!(
        scene
            .account
            .start(&attempt(1001, "KWD"))
            .await
            .expect_err("three decimals"),
        refused("amount_not_supported", false)
    );
    for (amount, currency, told) in [
        (1290, "ISK", 129_000),
        (500, "JPY", 500),
        (5120, "KWD", 5120),
        (500_000, "MGA", 5000),
    ] {
        let started = scene.account.start(&attempt(amount, currency)).await.expect("started");
        let intent = scene
            .account
            .read(&format!("/v1/payment_intents/{}", started.reference))
            .await;
        assert_eq!(intent["amount"], told, "{currency}");
        scene.account.pay(&started.reference, GOOD).await;
        let came = Outcome::Succeeded {
            received: amount,
            currency: currency.parse().expect("a currency"),
        };
        assert_eq!(scene.account.ask(&started.reference).await, Ok(came));
    }
}
