//! What Paytrail tells us, signed by its own SDK.

use kassa::payments::provider::{About, AttemptName, Forged, Inbound, Notice, Outcome, RefundState};
use kassa::payments::providers::paytrail::{Config, refund, start, verify};
use serde_json::json;

use super::{Paytrail, account, attempt, client, refund_of, wire};

fn said(config: &Config, address: &str) -> Result<Vec<Notice>, Forged> {
    let query = address.split_once('?').map_or("", |(_, query)| query);
    verify(
        config,
        Inbound {
            post: false,
            query,
            signature: None,
            body: b"",
            now: 0,
        },
    )
}

#[tokio::test]
async fn callbacks_are_believed_from_paytrail_alone() {
    let (paytrail, client) = (Paytrail::start(), client());
    let wire = wire(&client, paytrail.base());
    let attempt = attempt(&[(1, 2480, "25.5")]);
    start(wire, &account(), &attempt).await.expect("a page");
    let other = Config {
        merchant_id: "695861".to_owned(),
        secret_key: "MONISAIPPUAKAUPPIAS".to_owned().into(),
    };
    let mut events = Vec::new();
    for algorithm in ["sha256", "sha512"] {
        paytrail.tell(&json!({"do": "use", "algorithm": algorithm}));
        let (callback, back) = paytrail.pay(&attempt.payment.to_string(), "ok", None);
        let news = said(&account(), &callback).expect("news");
        let outcome = Outcome::Succeeded {
            received: 2480,
            currency: attempt.currency,
        };
        let about = About::Payment {
            attempt: AttemptName::Id(attempt.payment),
            outcome,
        };
        assert_eq!((news.len(), &news[0].about), (1, &about));
        assert_eq!(
            said(&account(), &back).expect("news"),
            news,
            "the browser brings the same event"
        );
        assert_eq!(said(&other, &callback), Err(Forged));
        assert_eq!(said(&account(), &callback.replace("2480", "2481")), Err(Forged));
        events.push(news[0].event.clone());
    }
    assert_ne!(events[0], events[1]);
    // Another merchant of Paytrail signs for our payment, with its own secret or as if it were ours.
    let pairs =
        json!({"checkout-amount": "2480", "checkout-stamp": attempt.payment.to_string(), "checkout-status": "ok"});
    let theirs = paytrail.tell(&json!({"do": "sign", "account": "695861", "pairs": pairs}));
    let theirs = format!("?{}", theirs["query"].as_str().expect("a query"));
    assert_eq!(said(&account(), &theirs), Err(Forged));
    assert_eq!(said(&account(), &theirs.replace("695861", "375917")), Err(Forged));
}

#[tokio::test]
async fn a_refund_that_took_time_is_told_later() {
    let (paytrail, client) = (Paytrail::start(), client());
    let wire = wire(&client, paytrail.base());
    let attempt = attempt(&[(1, 2480, "25.5")]);
    let reference = start(wire, &account(), &attempt).await.expect("a page").reference;
    paytrail.pay(&attempt.payment.to_string(), "ok", None);
    paytrail.plan(json!({"on": "refund", "do": "answer", "status": "pending"}));
    let request = refund_of(&attempt, &reference, &[480]);
    let given = refund(wire, &account(), &request).await.expect("a refund");
    for (status, transaction, state) in [
        ("pending", true, RefundState::Pending),
        ("ok", true, RefundState::Succeeded),
        (
            "fail",
            false,
            RefundState::Failed {
                code: "refused".to_owned(),
            },
        ),
    ] {
        let stamp = request.refund.to_string();
        let told =
            paytrail.tell(&json!({"do": "refunded", "stamp": stamp, "status": status, "transaction": transaction}));
        let news = said(&account(), told["callback"].as_str().expect("an address")).expect("news");
        let about = About::Refund {
            refund: Some(request.refund),
            reference: given.reference.clone().filter(|_| transaction),
            attempt: AttemptName::Id(attempt.payment),
            state,
        };
        assert_eq!(
            (news[0].about.clone(), news[0].kind.as_str()),
            (about, format!("refund.{status}").as_str())
        );
    }
}
