//! Epassi.
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
    pub site: String,
    pub mac_key: SecretString,
    pub benefits: Vec<String>,
}
pub fn start(_: &str, _: &Config, _: &Attempt) -> Result<Started, ProviderError> {
    Err(ProviderError::Away)
}
pub fn verify(_: &Config, _: Inbound<'_>) -> Result<Vec<Notice>, Forged> {
    Err(Forged)
}
