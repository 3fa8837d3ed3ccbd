//! Employee benefits: what may pay for a product beside money.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// An employee benefit that may pay for a product.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EmployeeBenefit {
    /// Lunch.
    Lunch,
    /// Sport.
    Sport,
    /// Culture.
    Culture,
    /// Wellbeing.
    Wellbeing,
    /// Commuting.
    Commuting,
}

impl EmployeeBenefit {
    /// The words of all benefits.
    pub fn words() -> Vec<String> {
        benefit_words(&[
            Self::Lunch,
            Self::Sport,
            Self::Culture,
            Self::Wellbeing,
            Self::Commuting,
        ])
    }
}

/// The words of some benefits, each once.
pub fn benefit_words(benefits: &[EmployeeBenefit]) -> Vec<String> {
    let mut benefits = benefits.to_vec();
    benefits.sort();
    benefits.dedup();
    let word = |benefit: &EmployeeBenefit| serde_json::to_value(benefit).ok()?.as_str().map(str::to_owned);
    benefits.iter().filter_map(word).collect()
}
