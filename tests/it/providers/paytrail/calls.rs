//! What we ask Paytrail: its SDK verifies and validates each request, and signs each answer.

use kassa::payments::provider::{Handover, Outcome, ProviderError, RefundError, RefundState, Started};
use kassa::payments::providers::paytrail::{Config, ask, refund, start};
use serde_json::json;

use super::{Paytrail, account, attempt, client, refund_of, wire};

#[tokio::test]
async fn its_own_sdk_accepts_our_requests_and_we_its_answers() {
    let (paytrail, client) = (Paytrail::start(), client());
    let wire = wire(&client, paytrail.base());
    for algorithm in ["sha256", "sha512"] {
        paytrail.tell(&json!({"do": "use", "algorithm": algorithm}));
        let attempt = attempt(&[(3, 2480, "25.5"), (2, 1000, "14"), (1, 0, "0")]);
        let started = start(wire, &account(), &attempt).await.expect("a page");
        let known = paytrail.payments().pop().expect("a payment");
        let redirect_url = known["href"].as_str().expect("an address").to_owned();
        let expected = Started {
            reference: known["id"].as_str().expect("an id").to_owned(),
            outcome: Outcome::Pending,
            handover: Some(Handover::Redirect { redirect_url }),
        };
        assert_eq!(format!("{started:?}"), format!("{expected:?}"));
        let body = &known["body"];
        assert_eq!(
            json!([
                body["stamp"],
                body["reference"],
                body["amount"],
                body["language"],
                body["groups"]
            ]),
            json!([attempt.payment.to_string(), "1001", 3480, "FI", ["bank"]])
        );
        assert_eq!(body["items"][0]["vatPercentage"].to_string(), "25.5");
        assert_eq!(
            body["items"][1]["vatPercentage"].to_string(),
            "14",
            "as JavaScript writes it"
        );
        let status = async || ask(wire, &account(), &started.reference).await.expect("a status");
        assert_eq!(status().await, Outcome::Pending);
        let euro = attempt.currency;
        for (word, amount, outcome) in [
            ("pending", None, Outcome::Pending),
            ("delayed", None, Outcome::Pending),
            (
                "ok",
                None,
                Outcome::Succeeded {
                    received: 3480,
                    currency: euro,
                },
            ),
            (
                "ok",
                Some(3479),
                Outcome::Succeeded {
                    received: 3479,
                    currency: euro,
                },
            ),
            (
                "fail",
                None,
                Outcome::Failed {
                    code: "declined".to_owned(),
                    retryable: true,
                },
            ),
        ] {
            paytrail.pay(&attempt.payment.to_string(), word, amount);
            assert_eq!(status().await, outcome);
        }
    }
    let unknown = ask(wire, &account(), "681538c4-fc84-11e9-83bc-2ffcef4c3453").await;
    assert_eq!(unknown, Err(refused("not_found")));
    assert_eq!(ask(wire, &account(), "../settlements").await, Err(refused("not_found")));
    assert!(
        paytrail
            .requests()
            .iter()
            .all(|request| request["path"] != "/settlements")
    );
}

#[tokio::test]
async fn who_is_not_known_is_refused() {
    let (paytrail, client) = (Paytrail::start(), client());
    let wire = wire(&client, paytrail.base());
    let attempt = attempt(&[(1, 100, "25.5")]);
    let wrong_key = Config {
        secret_key: "SAIPPUAKAUPPIAX".to_owned().into(),
        ..account()
    };
    let nobody = Config {
        merchant_id: "1".to_owned(),
        ..account()
    };
    for config in [&wrong_key, &nobody] {
        let error = start(wire, config, &attempt).await.expect_err("a refusal");
        assert_eq!(error, refused("unauthorized"));
    }
    assert!(paytrail.payments().is_empty());
}

#[tokio::test]
async fn an_answer_that_is_not_paytrails_own_says_nothing() {
    let (paytrail, client) = (Paytrail::start(), client());
    let wire = wire(&client, paytrail.base());
    let first = attempt(&[(1, 100, "25.5")]);
    let reference = start(wire, &account(), &first).await.expect("a page").reference;
    for what in [
        "drop_request",
        "drop_answer",
        "error",
        "garbage",
        "half",
        "unsigned",
        "forged",
        "delay",
    ] {
        paytrail.plan(json!({"on": "create", "do": what}));
        let started = start(wire, &account(), &attempt(&[(1, 100, "25.5")])).await;
        assert_eq!(started.expect_err("no answer"), ProviderError::Unknown, "{what}");
        paytrail.plan(json!({"on": "get", "do": what}));
        assert_eq!(
            ask(wire, &account(), &reference).await,
            Err(ProviderError::Unknown),
            "{what}"
        );
    }
    for status in [400, 401, 404, 422, 503] {
        paytrail.plan(json!({"on": "get", "do": "error", "status": status}));
        let asked = ask(wire, &account(), &reference).await;
        assert_eq!(asked, Err(ProviderError::Unknown), "a page of somebody else: {status}");
    }
    paytrail.plan(json!({"on": "get", "do": "error", "status": 429}));
    assert_eq!(ask(wire, &account(), &reference).await, Err(ProviderError::Away));
    let nobody = super::wire(&client, "http://127.0.0.1:9");
    assert_eq!(ask(nobody, &account(), &reference).await, Err(ProviderError::Away));
    assert_eq!(ask(wire, &account(), &reference).await, Ok(Outcome::Pending));
}

#[tokio::test]
async fn money_goes_back_once() {
    let (paytrail, client) = (Paytrail::start(), client());
    let wire = wire(&client, paytrail.base());
    let attempt = attempt(&[(1, 1000, "25.5"), (1, 480, "14")]);
    let reference = start(wire, &account(), &attempt).await.expect("a page").reference;
    let give = async |parts: &[i64]| refund(wire, &account(), &refund_of(&attempt, &reference, parts)).await;
    let unpaid = give(&[100, 0]).await;
    assert_eq!(
        unpaid,
        Err(RefundError::Provider(refused("invalid_request"))),
        "not paid yet"
    );
    paytrail.pay(&attempt.payment.to_string(), "ok", None);

    let given = give(&[100, 0]).await.expect("a refund");
    assert_eq!(given.state, RefundState::Succeeded);
    for (status, state) in [
        ("pending", RefundState::Pending),
        (
            "fail",
            RefundState::Failed {
                code: "refused".to_owned(),
            },
        ),
    ] {
        paytrail.plan(json!({"on": "refund", "do": "answer", "status": status}));
        assert_eq!(give(&[100, 80]).await.expect("a refund").state, state);
    }
    paytrail.plan(json!({"on": "refund", "do": "unsupported"}));
    assert_eq!(give(&[100, 0]).await, Err(RefundError::Unsupported));
    let too_much = give(&[1000, 480]).await;
    assert_eq!(too_much, Err(RefundError::Provider(refused("invalid_request"))));

    // Done there, and the answer lost: nobody may do it again without looking.
    for what in ["drop_answer", "half", "garbage", "forged", "delay", "error"] {
        paytrail.plan(json!({"on": "refund", "do": what}));
        let lost = give(&[10, 0]).await;
        assert_eq!(lost, Err(RefundError::Provider(ProviderError::Unknown)), "{what}");
    }
    let refunds = &paytrail.payments()[0]["refunds"];
    let made = refunds.as_array().expect("refunds");
    assert_eq!(made.len(), 9, "each call once");
    assert_eq!(made[0]["id"].as_str(), given.reference.as_deref());
    let items = &made[1]["body"]["items"];
    assert_eq!(items[1]["stamp"], attempt.items[1].line.uuid().to_string());
    assert_eq!(json!([items[0]["amount"], items[1]["amount"]]), json!([100, 80]));
    // Money that belongs to no line goes back without any.
    let mut rest = refund_of(&attempt, &reference, &[20]);
    rest.items.clear();
    rest.email = None;
    refund(wire, &account(), &rest).await.expect("a refund");
    let body = paytrail.payments()[0]["refunds"][9]["body"].clone();
    assert_eq!((body.get("items"), body.get("email")), (None, None));
}

fn refused(code: &str) -> ProviderError {
    ProviderError::Refused {
        code: code.to_owned(),
        retryable: false,
    }
}
