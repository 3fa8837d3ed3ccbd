//! Every kind of event, and what is not one.

use aws_lc_rs::hmac;
use data_encoding::HEXLOWER;
use serde_json::{Value, json};
use uuid::Uuid;

use super::*;
use crate::kernel::ids::RefundId;
use crate::payments::provider::{About, AttemptName, RefundState};

const SECRET: &str = "whsec_ours";
const NOW: i64 = 1_800_000_000;

fn config() -> Config {
    Config {
        secret_key: "sk_test_1".to_owned().into(),
        publishable_key: "pk_test_1".to_owned(),
        webhook_secret: SECRET.to_owned().into(),
    }
}

fn signed(secret: &str, body: &[u8]) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let tag = hmac::sign(&key, &[format!("{NOW}.").as_bytes(), body].concat());
    format!("t={NOW},v1={}", HEXLOWER.encode(tag.as_ref()))
}

#[test]
fn nobody_signs_with_a_secret_that_is_not_there() {
    let body = json!({"id": "evt_1", "object": "event", "type": "payment_intent.created", "data": {"object": {}}});
    let body = body.to_string().into_bytes();
    let header = signed("", &body);
    let inbound = Inbound {
        post: true,
        query: "",
        signature: Some(&header),
        body: &body,
        now: NOW,
    };
    let account = Config {
        webhook_secret: String::new().into(),
        ..config()
    };
    assert!(verify(&account, inbound).is_err());
}

fn received(body: &[u8], signature: Option<&str>, post: bool) -> Result<Vec<Notice>, Forged> {
    let inbound = Inbound {
        post,
        query: "",
        signature,
        body,
        now: NOW,
    };
    verify(&config(), inbound)
}

fn news(kind: &str, object: Value) -> Vec<Notice> {
    let event = json!({"id": "evt_1", "object": "event", "type": kind, "data": {"object": object}, "livemode": false});
    let body = event.to_string().into_bytes();
    let notices = received(&body, Some(&signed(SECRET, &body)), true).expect("signed news");
    assert!(notices.iter().all(|notice| notice.kind == kind));
    notices
}

fn one(kind: &str, object: Value) -> About {
    let mut notices = news(kind, object);
    assert_eq!((notices.len(), notices[0].event.as_str()), (1, "evt_1"));
    notices.remove(0).about
}

fn payment_id() -> PaymentId {
    PaymentId::from_uuid(Uuid::from_u128(7))
}

fn refund_id() -> RefundId {
    RefundId::from_uuid(Uuid::from_u128(8))
}

fn intent(more: Value) -> Value {
    let mut intent = json!({
        "id": "pi_1",
        "object": "payment_intent",
        "amount": 3900,
        "amount_received": 0,
        "currency": "eur",
        "status": "requires_payment_method",
        "latest_charge": "ch_1",
        "metadata": {"attempt_id": payment_id().to_string()},
    });
    for (name, value) in more.as_object().expect("fields") {
        intent[name] = value.clone();
    }
    intent
}

fn payment(outcome: Outcome) -> About {
    About::Payment {
        attempt: AttemptName::Id(payment_id()),
        outcome,
    }
}

fn euros(received: i64) -> Outcome {
    Outcome::Succeeded {
        received,
        currency: "EUR".parse().expect("a currency"),
    }
}

fn failed(code: &str) -> Outcome {
    Outcome::Failed {
        code: code.to_owned(),
        retryable: true,
    }
}

#[test]
fn intents() {
    let paid = json!({"status": "succeeded", "amount_received": 3900});
    assert_eq!(one("payment_intent.succeeded", intent(paid)), payment(euros(3900)));
    // What came counts, not what was asked for; and a charge may stand there whole.
    let less = json!({"status": "succeeded", "amount_received": 3000, "latest_charge": {"id": "ch_1", "amount": 3900}});
    assert_eq!(one("payment_intent.succeeded", intent(less)), payment(euros(3000)));
    let yen = json!({"status": "succeeded", "amount": 500, "amount_received": 500, "currency": "jpy"});
    let yen_came = Outcome::Succeeded {
        received: 500,
        currency: "JPY".parse().expect("a currency"),
    };
    assert_eq!(one("payment_intent.succeeded", intent(yen)), payment(yen_came));
    for (error, code) in [
        (
            json!({"code": "card_declined", "decline_code": "insufficient_funds"}),
            "insufficient_funds",
        ),
        (json!({"code": "card_declined"}), "card_declined"),
        (
            json!({"code": "payment_intent_authentication_failure"}),
            "payment_intent_authentication_failure",
        ),
        (json!({"message": "no"}), "payment_failed"),
        (json!({"code": "<script>"}), "refused"),
    ] {
        let object = intent(json!({"last_payment_error": error}));
        assert_eq!(one("payment_intent.payment_failed", object), payment(failed(code)));
    }
    assert_eq!(
        one("payment_intent.payment_failed", intent(json!({}))),
        payment(failed("payment_failed"))
    );
    let object = intent(json!({"status": "processing"}));
    assert_eq!(one("payment_intent.processing", object), payment(Outcome::Pending));
    let object = intent(json!({"status": "requires_action"}));
    assert_eq!(one("payment_intent.requires_action", object), payment(Outcome::Pending));
    let object = intent(json!({"status": "canceled"}));
    assert_eq!(one("payment_intent.canceled", object), payment(Outcome::Cancelled));
    // An intent that was not made by us, or says nothing of us, is called what Stripe calls it.
    for metadata in [json!({}), json!({"attempt_id": "pay_nonsense"}), json!(null)] {
        let object = intent(json!({"status": "canceled", "metadata": metadata}));
        let About::Payment { attempt, .. } = one("payment_intent.canceled", object) else {
            panic!("news of a payment");
        };
        assert_eq!(attempt, AttemptName::Reference("pi_1".to_owned()));
    }
}

#[test]
fn sessions_of_stripes_own_page() {
    let session = |status: &str| {
        json!({
            "id": "cs_1", "object": "checkout.session", "payment_status": status, "payment_intent": "pi_1",
            "amount_total": 3900, "currency": "eur", "client_reference_id": payment_id().to_string(),
        })
    };
    let completed = "checkout.session.completed";
    assert_eq!(one(completed, session("paid")), payment(euros(3900)));
    assert_eq!(one(completed, session("unpaid")), payment(Outcome::Pending));
    assert_eq!(
        one(completed, session("no_payment_required")),
        payment(Outcome::Pending)
    );
    let later = "checkout.session.async_payment_succeeded";
    assert_eq!(one(later, session("paid")), payment(euros(3900)));
    let lost = "checkout.session.async_payment_failed";
    assert_eq!(one(lost, session("unpaid")), payment(failed("payment_failed")));
    assert_eq!(
        one("checkout.session.expired", session("unpaid")),
        payment(Outcome::Expired)
    );
    for (by, named) in [
        (json!({"payment_intent": {"id": "pi_2"}}), "pi_2"),
        (json!({"payment_intent": null}), "cs_1"),
    ] {
        let mut object = session("unpaid");
        object["client_reference_id"] = json!("someone-elses");
        object["payment_intent"] = by["payment_intent"].clone();
        let About::Payment { attempt, .. } = one("checkout.session.expired", object) else {
            panic!("news of a payment");
        };
        assert_eq!(attempt, AttemptName::Reference(named.to_owned()));
    }
}

#[test]
fn refunds() {
    let object = |status: &str, more: Value| {
        let mut object = json!({
            "id": "re_1", "object": "refund", "amount": 1000, "currency": "eur", "status": status, "charge": "ch_1",
            "payment_intent": "pi_1",
        });
        for (name, value) in more.as_object().expect("fields") {
            object[name] = value.clone();
        }
        object
    };
    let by_us = json!({"metadata": {"refund_id": refund_id().to_string(), "attempt_id": payment_id().to_string()}});
    let ours = |state| About::Refund {
        refund: Some(refund_id()),
        reference: Some("re_1".to_owned()),
        attempt: AttemptName::Id(payment_id()),
        state,
    };
    let lost = |code: &str| RefundState::Failed { code: code.to_owned() };
    for kind in [
        "refund.created",
        "refund.updated",
        "refund.failed",
        "charge.refund.updated",
    ] {
        for (status, state) in [
            ("pending", RefundState::Pending),
            ("requires_action", RefundState::Pending),
            ("something_new", RefundState::Pending),
            ("succeeded", RefundState::Succeeded),
            ("failed", lost("failed")),
            ("canceled", lost("cancelled")),
        ] {
            assert_eq!(one(kind, object(status, by_us.clone())), ours(state), "{kind} {status}");
        }
    }
    let reason = json!({"failure_reason": "expired_or_canceled_card"});
    let About::Refund {
        refund, attempt, state, ..
    } = one("refund.failed", object("failed", reason))
    else {
        panic!("news of a refund");
    };
    assert_eq!(
        (refund, attempt),
        (None, AttemptName::Reference("pi_1".to_owned())),
        "made at Stripe"
    );
    assert_eq!(state, lost("expired_or_canceled_card"));

    // Older versions tell of all refunds of a charge at once.
    let charge = json!({
        "id": "ch_1", "object": "charge", "payment_intent": {"id": "pi_1"},
        "refunds": {"data": [object("succeeded", json!({})), object("pending", json!({"id": "re_2"}))]},
    });
    let told: Vec<_> = news("charge.refunded", charge)
        .into_iter()
        .map(|notice| (notice.event, notice.about))
        .collect();
    let by_others = |reference: &str, state| About::Refund {
        refund: None,
        reference: Some(reference.to_owned()),
        attempt: AttemptName::Reference("pi_1".to_owned()),
        state,
    };
    assert_eq!(
        told,
        [
            ("evt_1:re_1".to_owned(), by_others("re_1", RefundState::Succeeded)),
            ("evt_1:re_2".to_owned(), by_others("re_2", RefundState::Pending)),
        ]
    );
    let charge = json!({"id": "ch_1", "object": "charge", "payment_intent": "pi_1", "amount_refunded": 1000});
    assert_eq!(
        one("charge.refunded", charge),
        About::Nothing,
        "its refund has an event of its own"
    );
}

#[test]
fn disputes() {
    let dispute = |more: Value| {
        let mut object = json!({"id": "dp_1", "object": "dispute", "charge": "ch_1", "payment_intent": "pi_1"});
        for (name, value) in more.as_object().expect("fields") {
            object[name] = value.clone();
        }
        object
    };
    let named = |attempt: &str| About::Dispute {
        attempt: AttemptName::Reference(attempt.to_owned()),
    };
    assert_eq!(one("charge.dispute.created", dispute(json!({}))), named("pi_1"));
    assert_eq!(
        one("charge.dispute.closed", dispute(json!({"status": "lost"}))),
        named("pi_1")
    );
    let older = json!({"payment_intent": null, "charge": {"id": "ch_1"}});
    assert_eq!(one("charge.dispute.created", dispute(older)), named("ch_1"));
}

#[test]
fn what_is_not_for_us_is_accepted() {
    for kind in [
        "payment_intent.created",
        "charge.succeeded",
        "charge.dispute.updated",
        "customer.created",
        "x",
    ] {
        assert_eq!(
            one(kind, intent(json!({"status": "succeeded"}))),
            About::Nothing,
            "{kind}"
        );
    }
    // Stripe would send what is refused for three days; whoever asks it will learn the rest.
    for object in [
        json!(null),
        json!([]),
        json!({"id": 7}),
        json!("pi_1"),
        json!({"status": "succeeded", "currency": "zzz"}),
    ] {
        for kind in [
            "payment_intent.succeeded",
            "refund.created",
            "charge.dispute.created",
            "checkout.session.completed",
        ] {
            assert_eq!(one(kind, object.clone()), About::Nothing, "{kind} {object}");
        }
    }
}

#[test]
fn what_stripe_has_not_signed_is_forged() {
    let body = br#"{"id":"evt_1","type":"x"}"#;
    let good = signed(SECRET, body);
    assert!(received(body, Some(&good), true).is_ok());
    assert_eq!(received(body, None, true), Err(Forged));
    assert_eq!(received(body, Some(&good), false), Err(Forged));
    assert_eq!(
        received(body, Some(&signed("whsec_of_another", body)), true),
        Err(Forged)
    );
    for strange in [&b"not json"[..], b"[]", b"{}", br#"{"id":"evt_1"}"#, b"\xff"] {
        assert_eq!(received(strange, Some(&signed(SECRET, strange)), true), Err(Forged));
    }
}

#[test]
fn ids_that_are_not_ids_stand_in_no_path() {
    for id in ["pi_1", "ch_3NxYz", "re_1A"] {
        assert_eq!(path_part(id), Some(id));
    }
    for id in ["", "../refunds", "pi_1/cancel", "pi_1?x=y", "pi 1", "pi_%31", "pi_ä"] {
        assert_eq!(path_part(id), None, "{id}");
    }
}
