//! What the buyer of a bank transfer is told.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Where to send the money of a bank transfer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = PaymentInstructions)]
pub struct Instructions {
    /// Who gets it.
    #[schema(example = "Keramiikkapaja Oy")]
    pub payee: String,
    /// The account.
    #[schema(example = "FI2112345600000785")]
    pub iban: String,
    /// The bank.
    #[schema(example = "NDEAFIHH")]
    pub bic: Option<String>,
    /// The Finnish reference number.
    #[schema(example = "10016")]
    pub reference: String,
    /// The same as an RF creditor reference (ISO 11649).
    #[schema(example = "RF0810016")]
    pub rf_reference: String,
    /// The digits of the Finnish bank bar code (Code 128), for a Finnish account in euros of at most 999 999.99.
    #[schema(example = "421123456000007850000390000000000000000000010016261205")]
    pub barcode: Option<String>,
    /// The text of the EPC QR code (EPC069-12), for euros.
    #[schema(example = "BCD\n002\n1\nSCT\nNDEAFIHH\nKeramiikkapaja Oy\nFI2112345600000785\nEUR39.00\n\nRF0810016")]
    pub epc_qr: Option<String>,
    /// When the money should be there, as a date.
    #[schema(example = "2026-12-05")]
    pub due_date: String,
    /// What the merchant says to it.
    #[schema(example = "Use the reference, please.")]
    pub text: Option<String>,
}
