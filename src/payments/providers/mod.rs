//! One file or folder per provider: its wire format, and nothing else of the product. Here is which of them is asked.
//!
//! Guarantees: every call has an end in time, and a provider that hangs is left alone for a while, so that it holds up no other.

pub mod breaker;
pub mod epassi;
pub mod free;
pub mod offline;
pub mod paytrail;
mod query;
pub mod stripe;
pub mod test;

use std::future::Future;
use std::time::Duration;

use self::breaker::Breaker;
use super::model::{Payment, ProviderKind};
use super::provider::{
    Attempt, AttemptUrls, Capabilities, Forged, Inbound, Notice, Outcome, ProviderError, RefundError, RefundRequest,
    Refunded, Started, Wire,
};
use super::setup::model::Account;
use crate::kernel::clock::Clock;
use crate::kernel::ids::{CheckoutId, PaymentId};
use crate::net::client::GuardedClient;

impl ProviderKind {
    /// Every provider, in the order buyers see them.
    pub const EVERY: &'static [Self] = &[
        Self::Stripe,
        Self::Paytrail,
        Self::Epassi,
        Self::Offline,
        Self::Test,
        Self::Free,
    ];

    /// What it can do.
    pub const fn capabilities(self) -> Capabilities {
        match self {
            Self::Stripe => stripe::CAPABILITIES,
            Self::Paytrail => paytrail::CAPABILITIES,
            Self::Epassi => epassi::CAPABILITIES,
            Self::Offline => offline::CAPABILITIES,
            Self::Test => test::CAPABILITIES,
            Self::Free => free::CAPABILITIES,
        }
    }

    /// The words of those that can do something.
    pub fn that(can: impl Fn(&Capabilities) -> bool) -> Vec<String> {
        let able = Self::EVERY.iter().filter(|kind| can(&kind.capabilities()));
        able.map(ToString::to_string).collect()
    }

    /// Starts a payment that nobody outside is asked about; `None`: the merchant's account is needed.
    pub fn start_here(self, payment: &Payment) -> Option<Started> {
        match self {
            Self::Test => Some(test::start(payment)),
            Self::Free => Some(free::start(payment)),
            _ => None,
        }
    }
}

/// Where the providers are.
#[derive(Clone, Debug)]
pub struct Addresses {
    /// Stripe's API, without a trailing slash.
    pub stripe: String,
    /// Paytrail's API, without a trailing slash.
    pub paytrail: String,
    /// The page of Epassi's that forms are posted to.
    pub epassi: String,
    /// Our own API, as providers reach it, without a trailing slash.
    pub public_url: String,
}

/// The way to every provider.
#[derive(Debug)]
pub struct Providers {
    client: GuardedClient,
    addresses: Addresses,
    timeout: Duration,
    clock: Clock,
    stripe: Breaker,
    paytrail: Breaker,
}

impl Providers {
    /// How long a provider may take to answer.
    pub const TIMEOUT: Duration = Duration::from_secs(9);

    /// The way to the providers at these addresses.
    pub fn new(client: GuardedClient, addresses: Addresses, timeout: Duration, clock: Clock) -> Self {
        Self {
            client,
            addresses,
            timeout,
            stripe: Breaker::new(clock.clone()),
            paytrail: Breaker::new(clock.clone()),
            clock,
        }
    }

    /// Where a provider sends the buyer and its news of an attempt.
    pub fn urls(&self, checkout: CheckoutId, provider: ProviderKind, payment: PaymentId) -> AttemptUrls {
        let base = &self.addresses.public_url;
        // The tenant is part of the address, so that nothing has to be looked up across tenants.
        let back = format!("{base}/v1/returns/{provider}/{payment}?checkout={checkout}");
        AttemptUrls {
            cancel: format!("{back}&cancelled=true"),
            success: back,
            callback: self.callback(checkout, provider),
        }
    }

    /// Where a provider sends its news.
    pub fn callback(&self, checkout: CheckoutId, provider: ProviderKind) -> String {
        format!("{}/v1/callbacks/{provider}/{checkout}", self.addresses.public_url)
    }

    fn wire<'a>(&'a self, base: &'a str) -> Wire<'a> {
        Wire {
            client: &self.client,
            base,
            timeout: self.timeout,
            now_ms: self.clock.now().timestamp_millis(),
        }
    }

    /// Asks the provider to start a payment. Called with no transaction open; the attempt's id makes a repeat the same payment.
    pub async fn start(&self, account: &Account, attempt: &Attempt) -> Result<Started, ProviderError> {
        let to = &self.addresses;
        match account {
            Account::Stripe(config) => {
                let call = stripe::start(self.wire(&to.stripe), config, attempt);
                self.in_time(&self.stripe, call).await
            }
            Account::Paytrail(config) => {
                let call = paytrail::start(self.wire(&to.paytrail), config, attempt);
                self.in_time(&self.paytrail, call).await
            }
            Account::Epassi(config) => epassi::start(&to.epassi, config, attempt),
            Account::Offline(config) => offline::start(config, attempt),
        }
    }

    /// Asks how an attempt stands; `None` where there is nobody to ask.
    pub async fn ask(&self, account: &Account, reference: &str) -> Option<Result<Outcome, ProviderError>> {
        let to = &self.addresses;
        match account {
            Account::Stripe(config) => {
                let call = stripe::ask(self.wire(&to.stripe), config, reference);
                Some(self.in_time(&self.stripe, call).await)
            }
            Account::Paytrail(config) => {
                let call = paytrail::ask(self.wire(&to.paytrail), config, reference);
                Some(self.in_time(&self.paytrail, call).await)
            }
            Account::Epassi(_) | Account::Offline(_) => None,
        }
    }

    /// Takes an attempt back, so that nobody can pay it any more; says how it stands then. `None` where that cannot be done.
    pub async fn cancel(
        &self,
        account: &Account,
        payment: PaymentId,
        reference: &str,
    ) -> Option<Result<Outcome, ProviderError>> {
        match account {
            Account::Stripe(config) => {
                let call = stripe::cancel(self.wire(&self.addresses.stripe), config, payment, reference);
                Some(self.in_time(&self.stripe, call).await)
            }
            Account::Paytrail(_) | Account::Epassi(_) | Account::Offline(_) => None,
        }
    }

    /// Asks for money back.
    pub async fn refund(&self, account: &Account, request: &RefundRequest) -> Result<Refunded, RefundError> {
        let to = &self.addresses;
        match account {
            Account::Stripe(config) => {
                let call = stripe::refund(self.wire(&to.stripe), config, request);
                self.refund_in_time(&self.stripe, call).await
            }
            Account::Paytrail(config) => {
                let call = paytrail::refund(self.wire(&to.paytrail), config, request);
                self.refund_in_time(&self.paytrail, call).await
            }
            Account::Epassi(_) | Account::Offline(_) => Err(RefundError::Unsupported),
        }
    }

    /// Asks how a refund stands; `None` where there is nobody to ask.
    pub async fn ask_refund(
        &self,
        account: &Account,
        request: &RefundRequest,
        reference: Option<&str>,
    ) -> Option<Result<Option<Refunded>, ProviderError>> {
        match account {
            Account::Stripe(config) => {
                let call = stripe::ask_refund(self.wire(&self.addresses.stripe), config, request, reference);
                Some(self.in_time(&self.stripe, call).await)
            }
            Account::Paytrail(_) | Account::Epassi(_) | Account::Offline(_) => None,
        }
    }

    async fn in_time<T>(
        &self,
        breaker: &Breaker,
        call: impl Future<Output = Result<T, ProviderError>>,
    ) -> Result<T, ProviderError> {
        if !breaker.lets_through() {
            return Err(ProviderError::Away);
        }
        // The adapter has its own end; this one is for an adapter that forgot.
        let answer = tokio::time::timeout(self.timeout * 2, call).await;
        let answer = answer.unwrap_or(Err(ProviderError::Unknown));
        breaker.record(!matches!(answer, Err(ProviderError::Away | ProviderError::Unknown)));
        answer
    }

    async fn refund_in_time(
        &self,
        breaker: &Breaker,
        call: impl Future<Output = Result<Refunded, RefundError>>,
    ) -> Result<Refunded, RefundError> {
        let call = async {
            match call.await {
                Err(RefundError::Provider(error)) => Err(error),
                other => Ok(other),
            }
        };
        self.in_time(breaker, call)
            .await
            .unwrap_or_else(|error| Err(RefundError::Provider(error)))
    }
}

/// Reads news that says it comes from a provider.
pub fn verify(account: &Account, inbound: Inbound<'_>) -> Result<Vec<Notice>, Forged> {
    match account {
        Account::Stripe(config) => stripe::verify(config, inbound),
        Account::Paytrail(config) => paytrail::verify(config, inbound),
        Account::Epassi(config) => epassi::verify(config, inbound),
        // A bank sends nothing.
        Account::Offline(_) => Err(Forged),
    }
}
