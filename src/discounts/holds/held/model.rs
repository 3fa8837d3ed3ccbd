//! A use with the terms of its code.

use diesel::QueryableByName;
use diesel::sql_types::Bool;

use crate::discounts::codes::model::CodeTerms;
use crate::discounts::holds::model::{Hold, HoldState};

/// The last use of a session, with the terms of its code in the session's currency.
#[derive(Clone, Debug, QueryableByName)]
pub struct HeldCode {
    /// The use.
    #[diesel(embed)]
    pub hold: Hold,
    /// The code.
    #[diesel(embed)]
    pub terms: CodeTerms,
    /// Held, and the session's next activity would keep it: live, or overdue and claimed by nobody within its hour.
    #[diesel(sql_type = Bool)]
    pub in_force: bool,
}

impl HeldCode {
    /// Whether it takes something off: it is in force, or the order that it was redeemed with keeps it.
    pub fn counts(&self) -> bool {
        self.in_force || self.hold.state == HoldState::Redeemed
    }
}
