//! Which ways to pay a basket there are, and why one of them cannot be used. Pure.

use serde::Serialize;
use utoipa::ToSchema;

use super::model::ProviderKind;
use super::provider::Capabilities;
use crate::kernel::money::Currency;

/// Why a way to pay cannot be used for this basket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = PaymentMethodUnavailable)]
pub enum Unavailable {
    /// There is nothing to pay: the free path.
    NothingToPay,
    /// The total is less than the provider takes.
    BelowMinimum,
}

/// A way to pay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Method {
    /// Who takes the money.
    pub provider: ProviderKind,
    /// Why not.
    pub unavailable: Option<Unavailable>,
}

/// The ways to pay a total in this mode, those that cannot be used included. The free path is one only when there is nothing to pay.
pub fn methods(test_mode: bool, currency: Currency, total: i64) -> Vec<Method> {
    let of_mode = |can: &Capabilities| if test_mode { can.test } else { can.live };
    ProviderKind::EVERY
        .iter()
        .map(|provider| (*provider, provider.capabilities()))
        .filter(|(_, can)| of_mode(can) && (!can.only_nothing || total == 0))
        .map(|(provider, can)| Method {
            provider,
            unavailable: unavailable(&can, currency, total),
        })
        .collect()
}

fn unavailable(can: &Capabilities, currency: Currency, total: i64) -> Option<Unavailable> {
    if can.only_nothing {
        return None;
    }
    let minimum = can.minimums.iter().find(|(code, _)| *code == currency.code());
    if total == 0 {
        Some(Unavailable::NothingToPay)
    } else if minimum.is_some_and(|(_, least)| total < *least) {
        Some(Unavailable::BelowMinimum)
    } else {
        None
    }
}

/// Whether some way to pay takes this total. A shop without any is not the total's fault.
pub fn payable(test_mode: bool, currency: Currency, total: i64) -> bool {
    let methods = methods(test_mode, currency, total);
    methods.is_empty() || methods.iter().any(|method| method.unavailable.is_none())
}

/// Whether this provider takes this total.
pub fn takes(provider: ProviderKind, test_mode: bool, currency: Currency, total: i64) -> bool {
    let methods = methods(test_mode, currency, total);
    methods.contains(&Method {
        provider,
        unavailable: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::money::MAX_AMOUNT;
    use crate::payments::provider::{PaymentFlow, RefundAbility};

    const LEAST: Capabilities = Capabilities {
        live: true,
        test: true,
        only_nothing: false,
        currencies: None,
        minimums: &[("EUR", 50)],
        maximum: MAX_AMOUNT,
        steps: &[],
        flow: PaymentFlow::None,
        refund: RefundAbility::None,
        cancels: false,
        answers: false,
    };

    #[test]
    fn a_minimum_is_of_its_currency() {
        let euro: Currency = "EUR".parse().expect("a currency");
        let yen: Currency = "JPY".parse().expect("a currency");
        assert_eq!(unavailable(&LEAST, euro, 49), Some(Unavailable::BelowMinimum));
        assert_eq!(unavailable(&LEAST, euro, 50), None);
        assert_eq!(unavailable(&LEAST, yen, 1), None);
        assert_eq!(unavailable(&LEAST, euro, 0), Some(Unavailable::NothingToPay));
    }

    #[test]
    fn nothing_is_paid_by_the_free_path_alone() {
        let euro: Currency = "EUR".parse().expect("a currency");
        assert!(takes(ProviderKind::Free, true, euro, 0) && takes(ProviderKind::Free, false, euro, 0));
        assert!(!takes(ProviderKind::Test, true, euro, 0));
        assert!(takes(ProviderKind::Test, true, euro, 1) && !takes(ProviderKind::Test, false, euro, 1));
        assert!(!takes(ProviderKind::Free, true, euro, 1));
    }
}
