//! What Paytrail says by itself: callbacks, and the browser that comes back, which carry the same signed parameters.
//!
//! There is no time and no nonce in them, so whoever has seen one can send it again for ever: the event's id is a digest of all
//! that is signed, and a repeat is recognized by it.

use data_encoding::HEXLOWER;

use super::super::query::{only, pairs};
use super::signature::{is_signed, signed_text};
use super::{Config, refund};
use crate::kernel::ids::{PaymentId, RefundId};
use crate::kernel::money::Currency;
use crate::kernel::secret::sha256;
use crate::payments::provider::{About, AttemptName, Forged, Inbound, Notice, Outcome};

/// The parameter of our own in the callbacks of refunds: the payment whose money goes back. It is not signed, and so only a hint at
/// where to look.
pub const REFUND_MARK: &str = "refund_of";

/// What a callback, or a returning browser, says.
pub fn verify(config: &Config, inbound: Inbound<'_>) -> Result<Vec<Notice>, Forged> {
    if inbound.post {
        return Err(Forged);
    }
    let query = pairs(inbound.query).ok_or(Forged)?;
    let signature = only(&query, "signature").ok_or(Forged)?;
    if !is_signed(config, &query, b"", signature) {
        return Err(Forged);
    }
    let said = |name| only(&query, name).ok_or(Forged);
    let (stamp, status) = (said("checkout-stamp")?, said("checkout-status")?);
    let transaction = only(&query, "checkout-transaction-id").map(str::to_owned);
    let amount = said("checkout-amount")?;
    let amount = amount
        .parse()
        .ok()
        .filter(|_| amount.bytes().all(|byte| byte.is_ascii_digit()));
    let amount: i64 = amount.ok_or(Forged)?;
    let marked = only(&query, REFUND_MARK);
    let (what, about) = if let Ok(refund) = stamp.parse::<RefundId>() {
        let reference = only(&query, "checkout-reference");
        let payment = [reference, marked]
            .into_iter()
            .flatten()
            .find_map(|text| text.parse().ok());
        let attempt = payment.map_or_else(
            || AttemptName::Reference(transaction.clone().unwrap_or_default()),
            AttemptName::Id,
        );
        ("refund", of_refund(Some(refund), transaction, attempt, status))
    } else {
        let payment: PaymentId = stamp.parse().map_err(|_| Forged)?;
        let attempt = AttemptName::Id(payment);
        if marked.is_some() {
            // The payment's own news must not settle a refund, and a refund's must not be taken for a payment's: only Paytrail's id
            // of the refund says which it is.
            (
                "refund",
                match &transaction {
                    Some(_) => of_refund(None, transaction, attempt, status),
                    None => About::Nothing,
                },
            )
        } else {
            let outcome = outcome(status, amount);
            let about = outcome.map_or(About::Nothing, |outcome| About::Payment { attempt, outcome });
            ("payment", about)
        }
    };
    let known = matches!(
        status,
        "ok" | "fail" | "pending" | "delayed" | "new" | "authorization-hold"
    );
    let mut signed = signed_text(&query, b"");
    signed.extend_from_slice(what.as_bytes());
    Ok(vec![Notice {
        event: HEXLOWER.encode(&sha256(&signed)),
        kind: format!("{what}.{}", if known { status } else { "other" }),
        about,
    }])
}

fn of_refund(refund: Option<RefundId>, reference: Option<String>, attempt: AttemptName, status: &str) -> About {
    refund::state(status).map_or(About::Nothing, |state| About::Refund {
        refund,
        reference,
        attempt,
        state,
    })
}

/// What a status means; nothing if it is not known yet.
pub fn outcome(status: &str, received: i64) -> Option<Outcome> {
    // Paytrail has no other.
    let currency: Currency = "EUR".parse().ok()?;
    match status {
        "ok" => Some(Outcome::Succeeded { received, currency }),
        "new" | "pending" | "delayed" | "authorization-hold" => Some(Outcome::Pending),
        // Cancelled by the buyer or refused by their bank: Paytrail does not say which.
        "fail" => Some(Outcome::Failed {
            code: "declined".to_owned(),
            retryable: true,
        }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::signature::sign;
    use super::*;
    use crate::kernel::clock::Clock;
    use crate::payments::provider::RefundState;

    fn config() -> Config {
        Config {
            merchant_id: "375917".to_owned(),
            secret_key: "SAIPPUAKAUPPIAS".to_owned().into(),
        }
    }

    /// A query that Paytrail signed.
    fn query(more: &[(&str, &str)]) -> String {
        let mut pairs = vec![
            ("checkout-account".to_owned(), "375917".to_owned()),
            ("checkout-algorithm".to_owned(), "sha256".to_owned()),
        ];
        pairs.extend(
            more.iter()
                .map(|(name, value)| (format!("checkout-{name}"), (*value).to_owned())),
        );
        let signature = sign(&config(), &pairs, b"");
        pairs.push(("signature".to_owned(), signature));
        let pairs = pairs.iter().map(|(name, value)| format!("{name}={value}"));
        pairs.collect::<Vec<_>>().join("&")
    }

    fn said(query: &str) -> Result<Notice, Forged> {
        let inbound = Inbound {
            post: false,
            query,
            signature: None,
            body: b"",
            now: 0,
        };
        verify(&config(), inbound).map(|mut notices| notices.remove(0))
    }

    #[test]
    fn a_payment_is_decided_by_its_status() {
        let payment = PaymentId::generate(&Clock::default());
        let of = |status: &str| {
            let stamp = payment.to_string();
            query(&[
                ("amount", "2480"),
                ("stamp", &stamp),
                ("reference", "1001"),
                ("transaction-id", "t-1"),
                ("status", status),
            ])
        };
        let euro = "EUR".parse().expect("a currency");
        for (status, outcome) in [
            (
                "ok",
                Some(Outcome::Succeeded {
                    received: 2480,
                    currency: euro,
                }),
            ),
            (
                "fail",
                Some(Outcome::Failed {
                    code: "declined".to_owned(),
                    retryable: true,
                }),
            ),
            ("pending", Some(Outcome::Pending)),
            ("delayed", Some(Outcome::Pending)),
            ("authorization-hold", Some(Outcome::Pending)),
            ("surprise", None),
        ] {
            let notice = said(&of(status)).expect("news");
            let attempt = AttemptName::Id(payment);
            let about = outcome.map_or(About::Nothing, |outcome| About::Payment { attempt, outcome });
            assert_eq!(notice.about, about, "{status}");
        }
        // Other parameters of the address are not Paytrail's and change nothing, the event's id included.
        let once = said(&of("ok")).expect("news");
        assert_eq!(said(&format!("x=1&{}&y=2", of("ok"))).expect("news"), once);
        assert_ne!(said(&of("fail")).expect("news").event, once.event);
        let inbound = Inbound {
            post: true,
            query: &of("ok"),
            signature: None,
            body: b"",
            now: 0,
        };
        assert_eq!(verify(&config(), inbound), Err(Forged));
        for wrong in [
            of("ok").replace("2480", "2481"),
            of("fail").replace("=fail", "=ok"),
            of("ok").replace("375917", "375918"),
            of("ok").replace("&signature=", "&sign="),
            format!("{}&checkout-new=1", of("ok")),
            format!("{}&checkout-status=fail", of("ok")),
            query(&[("amount", "2480"), ("stamp", "1001"), ("status", "ok")]),
            query(&[("amount", "+2480"), ("stamp", &payment.to_string()), ("status", "ok")]),
            query(&[("stamp", &payment.to_string()), ("status", "ok")]),
            String::new(),
        ] {
            assert_eq!(said(&wrong), Err(Forged), "{wrong}");
        }
    }

    #[test]
    fn a_refund_is_told_by_its_stamp_or_its_own_transaction() {
        let clock = Clock::default();
        let (payment, refund) = (PaymentId::generate(&clock), RefundId::generate(&clock));
        let (paid, given) = (payment.to_string(), refund.to_string());
        let failed = RefundState::Failed {
            code: "refused".to_owned(),
        };
        // Refused in validation: there is no transaction.
        let own = query(&[
            ("amount", "100"),
            ("stamp", &given),
            ("reference", &paid),
            ("status", "fail"),
        ]);
        let about = |refund, reference: Option<&str>, state| About::Refund {
            refund,
            reference: reference.map(str::to_owned),
            attempt: AttemptName::Id(payment),
            state,
        };
        let notice = said(&own).expect("news");
        assert_eq!(
            (notice.kind.as_str(), notice.about),
            ("refund.fail", about(Some(refund), None, failed))
        );
        // Should Paytrail say the order's reference: the address says whose money it is.
        let plain = query(&[
            ("amount", "100"),
            ("stamp", &given),
            ("reference", "1001"),
            ("transaction-id", "t-2"),
            ("status", "ok"),
        ]);
        let notice = said(&format!("refund_of={paid}&{plain}")).expect("news");
        assert_eq!(notice.about, about(Some(refund), Some("t-2"), RefundState::Succeeded));
        // Should Paytrail say the payment's stamp: then it is the refund with this transaction, and never the payment.
        let marked = |transaction: &str| {
            let query = query(&[
                ("amount", "100"),
                ("stamp", &paid),
                ("transaction-id", transaction),
                ("status", "ok"),
            ]);
            format!("refund_of={paid}&{query}")
        };
        let notice = said(&marked("t-2")).expect("news");
        assert_eq!(notice.about, about(None, Some("t-2"), RefundState::Succeeded));
        let none = query(&[("amount", "100"), ("stamp", &paid), ("status", "fail")]);
        assert_eq!(
            said(&format!("refund_of={paid}&{none}")).expect("news").about,
            About::Nothing
        );
    }
}
