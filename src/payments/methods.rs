//! Which ways to pay a basket there are, and why one of them cannot be used. Pure.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::model::{ProviderKind, Way};
use super::provider::Capabilities;
use super::setup::model::{Minimum, Settings};
use crate::kernel::money::Currency;

/// How long after its due date a bank transfer may still come, in days.
const DAYS_OF_GRACE: i64 = 3;
const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// The kinds of ways that Paytrail can be asked for.
const PAYTRAIL_GROUPS: [&str; 4] = ["mobile", "bank", "creditcard", "credit"];

/// Why a way to pay cannot be used for this basket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = PaymentMethodUnavailable)]
pub enum Unavailable {
    /// There is nothing to pay: the free path.
    NothingToPay,
    /// The provider does not take this currency.
    CurrencyNotSupported,
    /// The total is less than the provider, or the merchant, takes.
    BelowMinimum,
    /// The total is more than the provider takes.
    AboveMaximum,
    /// The provider takes round amounts only in this currency.
    AmountNotRound,
    /// Something in the basket may not be paid for in this way.
    BasketNotEligible,
    /// The merchant has not ended setting it up: Stripe's webhook secret is missing.
    SetupIncomplete,
}

/// A way to pay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Method {
    /// Who takes the money.
    pub provider: ProviderKind,
    /// The provider's own ways, where the buyer may choose one beforehand.
    pub methods: Vec<String>,
    /// Why not.
    pub unavailable: Option<Unavailable>,
}

/// A provider that the merchant has an account at, as a quote needs it.
#[derive(Clone, Debug, Deserialize)]
pub struct Offered {
    /// Which.
    pub provider: ProviderKind,
    /// What the merchant asks for at least.
    pub minimums: Vec<Minimum>,
    /// What may be shown of the account.
    pub settings: Settings,
}

/// The ways to pay a basket, whatever it comes to.
#[derive(Clone, Debug)]
pub struct Ways {
    test_mode: bool,
    currency: Currency,
    offered: Vec<Offered>,
    /// The employee benefits that may pay for every line; none when there is no line.
    benefits: Vec<String>,
}

impl Ways {
    /// Of a basket: `offered` as the database gives it, and the employee benefits of each line.
    pub fn of<'a>(
        test_mode: bool,
        currency: Currency,
        offered: &serde_json::Value,
        lines: impl IntoIterator<Item = &'a [String]>,
    ) -> Self {
        Self {
            test_mode,
            currency,
            // What cannot be read is not offered.
            offered: offered
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(|one| Offered::deserialize(one).ok())
                .collect(),
            benefits: lines
                .into_iter()
                .map(<[String]>::to_vec)
                .reduce(|common, line| common.into_iter().filter(|benefit| line.contains(benefit)).collect())
                .unwrap_or_default(),
        }
    }

    /// Every way to pay a total, those that cannot be used included. The free path is one only when there is nothing to pay.
    pub fn methods(&self, total: i64) -> Vec<Method> {
        ProviderKind::EVERY
            .iter()
            .filter_map(|provider| {
                let can = provider.capabilities();
                let own = self.offered.iter().find(|one| one.provider == *provider);
                let built_in = if self.test_mode { can.test } else { can.live };
                if !(built_in || own.is_some()) || (can.only_nothing && total != 0) {
                    return None;
                }
                let methods = self.choices(*provider, own);
                let unavailable = self.unavailable(&can, own, total).or_else(|| {
                    (*provider == ProviderKind::Epassi && methods.is_empty()).then_some(Unavailable::BasketNotEligible)
                });
                Some(Method {
                    provider: *provider,
                    methods,
                    unavailable,
                })
            })
            .collect()
    }

    fn choices(&self, provider: ProviderKind, own: Option<&Offered>) -> Vec<String> {
        match provider {
            ProviderKind::Paytrail => PAYTRAIL_GROUPS.map(str::to_owned).to_vec(),
            ProviderKind::Epassi => {
                let taken = own.map(|own| own.settings.benefits.as_slice()).unwrap_or_default();
                let both = self.benefits.iter().filter(|benefit| taken.contains(benefit));
                both.cloned().collect()
            }
            _ => Vec::new(),
        }
    }

    fn unavailable(&self, can: &Capabilities, own: Option<&Offered>, total: i64) -> Option<Unavailable> {
        if can.only_nothing {
            return None;
        }
        let code = self.currency.code();
        let of_currency = |list: &[(&str, i64)]| list.iter().find(|(currency, _)| *currency == code).map(|one| one.1);
        let asked = own.and_then(|own| own.minimums.iter().find(|least| least.currency == self.currency));
        let least = of_currency(can.minimums).max(asked.map(|least| least.amount));
        if own.is_some_and(|own| !own.settings.is_complete(own.provider)) {
            Some(Unavailable::SetupIncomplete)
        } else if total == 0 {
            Some(Unavailable::NothingToPay)
        } else if can.currencies.is_some_and(|takes| !takes.contains(&code)) {
            Some(Unavailable::CurrencyNotSupported)
        } else if least.is_some_and(|least| total < least) {
            Some(Unavailable::BelowMinimum)
        } else if total > of_currency(can.maximums).unwrap_or(can.maximum) {
            Some(Unavailable::AboveMaximum)
        } else if of_currency(can.steps).is_some_and(|step| total % step != 0) {
            Some(Unavailable::AmountNotRound)
        } else {
            None
        }
    }

    /// Whether some way to pay takes this total. A shop without any is not the total's fault.
    pub fn payable(&self, total: i64) -> bool {
        let mut methods = self.methods(total);
        methods.retain(|method| method.unavailable != Some(Unavailable::SetupIncomplete));
        methods.is_empty() || methods.iter().any(|method| method.unavailable.is_none())
    }

    /// Whether this way takes this total.
    pub fn takes(&self, way: &Way, total: i64) -> bool {
        let methods = self.methods(total);
        let found = methods.into_iter().find(|method| method.provider == way.provider);
        found.is_some_and(|found| {
            found.unavailable.is_none() && way.method.as_ref().is_none_or(|chosen| found.methods.contains(chosen))
        })
    }

    /// How long a code is held for a payment in this way, in milliseconds: `usual`, but as long as a bank transfer may take.
    pub fn hold_ms(&self, provider: ProviderKind, usual: i64) -> i64 {
        let own = self.offered.iter().find(|own| own.provider == provider);
        let due_days = own.and_then(|own| own.settings.due_days);
        due_days.map_or(usual, |days| (i64::from(days) + DAYS_OF_GRACE) * DAY_MS)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn ways(test_mode: bool, currency: &str, offered: &serde_json::Value, lines: &[&[&str]]) -> Ways {
        let lines: Vec<Vec<String>> = lines
            .iter()
            .map(|line| line.iter().map(ToString::to_string).collect())
            .collect();
        let currency = currency.parse().expect("a currency");
        Ways::of(test_mode, currency, offered, lines.iter().map(Vec::as_slice))
    }

    fn why(ways: &Ways, provider: ProviderKind, total: i64) -> Option<Option<Unavailable>> {
        let methods = ways.methods(total);
        methods
            .into_iter()
            .find(|method| method.provider == provider)
            .map(|method| method.unavailable)
    }

    #[test]
    fn a_minimum_is_of_its_currency_and_the_merchants_own_is_higher() {
        let none = json!([]);
        let forints = ways(true, "HUF", &none, &[]);
        assert_eq!(
            why(&forints, ProviderKind::Test, 17_499),
            Some(Some(Unavailable::BelowMinimum))
        );
        assert_eq!(why(&forints, ProviderKind::Test, 17_500), Some(None));
        assert_eq!(why(&ways(true, "JPY", &none, &[]), ProviderKind::Test, 1), Some(None));
        let own = json!([{"provider": "offline", "minimums": [{"currency": "EUR", "amount": 1000}], "settings": {"due_days": 14}}]);
        let own = ways(false, "EUR", &own, &[]);
        assert_eq!(
            why(&own, ProviderKind::Offline, 999),
            Some(Some(Unavailable::BelowMinimum))
        );
        assert_eq!(why(&own, ProviderKind::Offline, 1000), Some(None));
        assert_eq!(own.hold_ms(ProviderKind::Offline, 7), 17 * DAY_MS);
        assert_eq!(own.hold_ms(ProviderKind::Test, 7), 7);
    }

    #[test]
    fn a_maximum_may_be_of_its_currency() {
        let settings = json!({"publishable_key": "pk_live_1", "webhook_secret_last4": "1234"});
        let own = json!([{"provider": "stripe", "minimums": [], "settings": settings}]);
        let of = |currency: &str, total| why(&ways(false, currency, &own, &[]), ProviderKind::Stripe, total);
        for (currency, most) in [("EUR", 99_999_999), ("ISK", 999_999), ("UGX", 999_999)] {
            assert_eq!(of(currency, most), Some(None), "{currency}");
            assert_eq!(
                of(currency, most + 1),
                Some(Some(Unavailable::AboveMaximum)),
                "{currency}"
            );
        }
    }

    #[test]
    fn nothing_is_paid_by_the_free_path_alone() {
        let (none, free) = (
            json!([]),
            Way {
                provider: ProviderKind::Free,
                method: None,
            },
        );
        let (test, live) = (ways(true, "EUR", &none, &[]), ways(false, "EUR", &none, &[]));
        assert!(test.takes(&free, 0) && live.takes(&free, 0) && !test.takes(&free, 1));
        assert_eq!(why(&test, ProviderKind::Test, 0), Some(Some(Unavailable::NothingToPay)));
        assert_eq!(why(&live, ProviderKind::Test, 1), None);
    }

    #[test]
    fn a_stripe_without_its_webhook_secret_takes_nothing() {
        let of = |settings: serde_json::Value| {
            let own = json!([{"provider": "stripe", "minimums": [], "settings": settings}]);
            ways(false, "EUR", &own, &[])
        };
        let half = of(json!({"publishable_key": "pk_live_1"}));
        assert_eq!(
            why(&half, ProviderKind::Stripe, 1000),
            Some(Some(Unavailable::SetupIncomplete))
        );
        assert!(
            half.payable(1000),
            "a shop without any way to pay is not the total's fault"
        );
        let whole = of(json!({"publishable_key": "pk_live_1", "webhook_secret_last4": "1234"}));
        assert_eq!(why(&whole, ProviderKind::Stripe, 1000), Some(None));
        assert!(!whole.payable(1));
    }

    #[test]
    fn benefits_pay_for_whole_baskets_only() {
        let own = json!([{"provider": "epassi", "minimums": [], "settings": {"benefits": ["sport", "culture"]}}]);
        let of = |lines: &[&[&str]]| why(&ways(false, "EUR", &own, lines), ProviderKind::Epassi, 100);
        assert_eq!(of(&[&["sport"], &["culture", "sport"]]), Some(None));
        assert_eq!(
            of(&[&["sport"], &["culture"]]),
            Some(Some(Unavailable::BasketNotEligible))
        );
        assert_eq!(of(&[&["lunch"]]), Some(Some(Unavailable::BasketNotEligible)));
        assert_eq!(of(&[&["sport"], &[]]), Some(Some(Unavailable::BasketNotEligible)));
        assert_eq!(of(&[]), Some(Some(Unavailable::BasketNotEligible)));
    }
}
