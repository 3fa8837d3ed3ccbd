//! Idempotency, the minimum, too much, overload and failures, at stripe-stateful-mock: it has charges and refunds only, and its intents
//! are charges in disguise.

use kassa::net::client::Method;
use kassa::payments::provider::{ProviderError, RefundError};
use serde_json::{Value, json};

use super::{Account, attempt, euros, refund_of, refused};
use crate::support::doubles::Double;

struct Scene {
    account: Account,
    double: Double,
}

impl Scene {
    fn new() -> Self {
        let double = Double::start_node("stripe_charges.cjs", &[]);
        let account = Account::at(format!("http://127.0.0.1:{}", double.port));
        Self { account, double }
    }

    /// From now on intents are paid from this source.
    fn source(&mut self, source: &str) {
        self.double.ask(&json!({"source": source}));
    }

    /// The next requests that came: status, and whether the answer was an old one. All of them had one key.
    fn came(&self, count: usize) -> Vec<(i64, bool)> {
        let lines: Vec<Value> = (0..count).map(|_| self.double.next().expect("a request")).collect();
        assert!(lines.iter().all(|line| line["key"] == lines[0]["key"]), "{lines:?}");
        let of = |line: &Value| (line["status"].as_i64(), line["replayed"].as_bool());
        lines
            .iter()
            .map(|line| (of(line).0.expect("a status"), of(line).1.expect("a word")))
            .collect()
    }

    async fn charge(&self, amount: &str) -> String {
        let pairs = [("amount", amount), ("currency", "eur"), ("source", "tok_visa")];
        let (status, charge) = self.account.other(Method::POST, "/v1/charges", &pairs).await;
        assert_eq!(status, 200, "{charge}");
        self.came(1);
        charge["id"].as_str().expect("an id").to_owned()
    }
}

#[tokio::test]
async fn a_repeat_is_the_same_call() {
    let scene = Scene::new();
    let wanted = attempt(3900, "EUR");
    let first = scene.account.start(&wanted).await.expect("started");
    assert_eq!(first.outcome, euros(3900));
    let again = scene.account.start(&wanted).await.expect("started");
    assert_eq!(again.reference, first.reference);
    assert_eq!(scene.came(2), [(200, false), (200, true)]);
    // The same attempt with another amount: something was done under its key, and it was not this.
    let mut other = wanted.clone();
    other.amount = 4000;
    assert_eq!(
        scene.account.start(&other).await.expect_err("another"),
        ProviderError::Unknown
    );
    assert_eq!(scene.came(1), [(400, false)]);
}

#[tokio::test]
async fn stripe_has_a_minimum_of_its_own() {
    let scene = Scene::new();
    for amount in [10, 49] {
        let refusal = scene.account.start(&attempt(amount, "EUR")).await;
        assert_eq!(refusal.expect_err("too little"), refused("amount_too_small", false));
    }
    assert!(scene.account.start(&attempt(50, "EUR")).await.is_ok());
    let refusal = scene.account.start(&attempt(100_000_000, "EUR")).await;
    assert_eq!(refusal.expect_err("too much"), refused("amount_too_large", false));
}

#[tokio::test]
async fn a_refusal_is_not_asked_for_again() {
    let mut scene = Scene::new();
    for (source, code) in [
        ("tok_chargeDeclined", "generic_decline"),
        ("tok_chargeDeclinedInsufficientFunds", "insufficient_funds"),
        ("tok_chargeDeclinedExpiredCard", "expired_card"),
    ] {
        scene.source(source);
        let refusal = scene.account.start(&attempt(3900, "EUR")).await;
        assert_eq!(refusal.expect_err("declined"), refused(code, true));
        assert_eq!(scene.came(1), [(402, false)]);
    }
}

#[tokio::test]
async fn overload_passes_or_nothing_was_done() {
    let mut scene = Scene::new();
    scene.source("tok_429|tok_429|tok_visa|passes");
    let started = scene
        .account
        .start(&attempt(3900, "EUR"))
        .await
        .expect("the third time");
    assert_eq!(started.outcome, euros(3900));
    assert_eq!(scene.came(3), [(429, false), (429, false), (200, false)]);
    scene.source("tok_429");
    let away = scene.account.start(&attempt(3900, "EUR")).await;
    assert_eq!(away.expect_err("overloaded"), ProviderError::Away);
    assert_eq!(scene.came(3), [(429, false); 3]);
}

/// Stripe keeps a failure under its key: who asks again with it hears of the failure for a day.
#[tokio::test]
async fn a_failure_that_is_kept_ends_the_attempt_and_not_the_order() {
    let mut scene = Scene::new();
    scene.source("tok_500|tok_visa|kept");
    let refusal = scene.account.start(&attempt(3900, "EUR")).await;
    assert_eq!(refusal.expect_err("failed there"), refused("provider_failed", true));
    assert_eq!(scene.came(2), [(500, false), (500, true)]);
    let second = scene.account.start(&attempt(3900, "EUR")).await.expect("another key");
    assert_eq!(second.outcome, euros(3900));
}

#[tokio::test]
async fn money_goes_back_once_and_never_more_than_came() {
    let scene = Scene::new();
    let paid = attempt(5000, "EUR");
    let charge = scene.charge("5000").await;
    let part = refund_of(&paid, &charge, 1000);
    let first = scene.account.refund(&part).await.expect("refunded");
    assert_eq!(scene.account.refund(&part).await, Ok(first.clone()));
    assert_eq!(scene.came(2), [(200, false), (200, true)]);
    assert_eq!(scene.account.ask_refund(&part, None).await, Ok(Some(first.clone())));
    assert_eq!(
        scene.account.ask_refund(&part, first.reference.as_deref()).await,
        Ok(Some(first))
    );

    let mut changed = part.clone();
    changed.amount = 1001;
    let unknown = Err(RefundError::Provider(ProviderError::Unknown));
    assert_eq!(
        scene.account.refund(&changed).await,
        unknown,
        "the same refund of another amount"
    );
    let too_much = scene.account.refund(&refund_of(&paid, &charge, 4500)).await;
    assert_eq!(too_much, Err(RefundError::Provider(refused("invalid_amount", false))));
    assert!(scene.account.refund(&refund_of(&paid, &charge, 4000)).await.is_ok());
    let nothing_left = scene.account.refund(&refund_of(&paid, &charge, 1)).await;
    assert_eq!(
        nothing_left,
        Err(RefundError::Provider(refused("charge_already_refunded", false)))
    );
    let nowhere = scene.account.refund(&refund_of(&paid, "ch_nobody", 1)).await;
    assert_eq!(nowhere, Err(RefundError::Provider(refused("resource_missing", false))));
    let charge = scene.account.read(&format!("/v1/charges/{charge}")).await;
    let refunds = charge["refunds"]["data"].as_array().expect("its refunds");
    assert_eq!((&charge["amount_refunded"], refunds.len()), (&json!(5000), 2));
}
