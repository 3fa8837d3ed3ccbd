//! Rows of checks.

use diesel::QueryableByName;
use diesel::sql_types::{Bool, Nullable, Text};

use crate::db::schema::vat_checks;
use crate::kernel::clock::Instant;
use crate::kernel::ids::VatCheckId;
use crate::kernel::text::Label;
use crate::kernel::vat_number::VatNumber;
use crate::pricing::tax::Verdict;
use crate::word_enum;

word_enum! {
    /// What is known of a VAT number whose form is right.
    pub enum VatNumberStatus in "vat_checks.state" {
        /// VIES was not asked, or has not answered.
        Unverified = "unverified",
        /// VIES knows it.
        Valid = "valid",
        /// VIES does not know it.
        Invalid = "invalid",
    }
}

impl From<VatNumberStatus> for Verdict {
    fn from(status: VatNumberStatus) -> Self {
        match status {
            VatNumberStatus::Unverified => Self::Unknown,
            VatNumberStatus::Valid => Self::Valid,
            VatNumberStatus::Invalid => Self::Invalid,
        }
    }
}

/// What is known of a number now.
#[derive(Clone, Debug, QueryableByName)]
#[diesel(table_name = vat_checks)]
pub struct VatCheck {
    /// What VIES said, unless that is too long ago.
    pub state: VatNumberStatus,
    /// The proof of having asked.
    pub consultation_id: Option<String>,
    /// When VIES said so, by its own clock.
    pub checked_at: Option<Instant>,
    /// Whether it is to be asked about again.
    #[diesel(sql_type = Bool)]
    pub due: bool,
}

/// What is known of a number that has this check, or none.
pub fn status(check: Option<&VatCheck>) -> VatNumberStatus {
    check.map_or(VatNumberStatus::Unverified, |check| check.state)
}

/// What VIES is asked.
#[derive(Clone, Debug, QueryableByName)]
pub struct Question {
    /// The buyer's number.
    #[diesel(sql_type = Text)]
    pub vat_number: VatNumber,
    /// The seller's own number, as it states it: with it the answer comes with a proof.
    #[diesel(sql_type = Nullable<Text>)]
    pub seller: Option<Label>,
}

/// A check that has just been begun.
#[derive(Clone, Copy, Debug, QueryableByName)]
#[diesel(table_name = vat_checks)]
pub struct Begun {
    /// The check.
    pub id: VatCheckId,
}
