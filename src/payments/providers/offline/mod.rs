//! Bank transfers.
use crate::payments::provider::*;
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
    pub payee: String,
    pub iban: String,
    pub bic: Option<String>,
    pub due_days: i32,
    pub instructions: Option<String>,
}
pub fn start(_: &Config, _: &Attempt) -> Result<Started, ProviderError> {
    Err(ProviderError::Away)
}
pub fn iban(text: &str) -> Option<String> {
    Some(text.replace(' ', ""))
}
