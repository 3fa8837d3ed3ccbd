//! Paytrail.
use crate::payments::provider::*;
use secrecy::SecretString;
pub const CAPABILITIES: Capabilities = Capabilities {
    live: false,
    test: false,
    only_nothing: false,
    currencies: None,
    minimums: &[],
    maximum: 99_999_999,
    steps: &[],
    flow: PaymentFlow::None,
    refund: RefundAbility::None,
    cancels: false,
    answers: false,
};
#[derive(Clone, Debug)]
pub struct Config {
    pub merchant_id: String,
    pub secret_key: SecretString,
}
pub async fn start(_: Wire<'_>, _: &Config, _: &Attempt) -> Result<Started, ProviderError> {
    Err(ProviderError::Away)
}
pub async fn ask(_: Wire<'_>, _: &Config, _: &str) -> Result<Outcome, ProviderError> {
    Err(ProviderError::Away)
}
pub async fn refund(_: Wire<'_>, _: &Config, _: &RefundRequest) -> Result<Refunded, RefundError> {
    Err(RefundError::Unsupported)
}
pub fn verify(_: &Config, _: Inbound<'_>) -> Result<Vec<Notice>, Forged> {
    Err(Forged)
}
