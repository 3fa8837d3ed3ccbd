//! What a buyer is told about a basket that changed under their hands.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::basket::model::SessionLine;
use super::model::Session;
use crate::discounts::refusal::Refusal;
use crate::kernel::ids::LineId;

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = MessageCode)]
pub enum MessageCode {
    /// A code that came with the link was not taken.
    DiscountRefused,
    /// The code applies no longer and was given back.
    DiscountRemoved,
    /// Its time was over, and it was given back.
    DiscountLapsed,
    /// Another price holds for a line than the one seen last.
    PriceChanged,
}

/// Something the buyer should know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = Message)]
pub struct Message {
    /// What happened.
    pub code: MessageCode,
    /// A sentence for a person.
    #[schema(example = "SPRING was removed: the code is for other products")]
    pub detail: String,
    /// Of a code: why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    pub reason: Option<Refusal>,
    /// Of a price: which line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    pub line_id: Option<LineId>,
}

impl Message {
    /// What the last change of a session said.
    pub(super) fn of_session(session: &Session) -> Vec<Self> {
        Vec::deserialize(&session.messages).unwrap_or_default()
    }

    /// What changed since the buyer saw the prices.
    pub(super) fn of_prices(session: &Session, lines: &[SessionLine]) -> Vec<Self> {
        let written = |minor| crate::kernel::format::amount(&session.locale, session.currency, minor);
        let changed = lines.iter().filter(|line| line.price_has_changed());
        changed
            .filter_map(|line| {
                let (before, now) = (line.seen_amount?, line.unit_amount()?);
                Some(Self {
                    code: MessageCode::PriceChanged,
                    detail: format!("{} cost {} and costs {} now", line.name, written(before), written(now)),
                    reason: None,
                    line_id: Some(line.id),
                })
            })
            .collect()
    }

    /// A code that came with the link or its address was not taken.
    pub(super) fn refused(code: &str, reason: Refusal) -> Self {
        Self {
            code: MessageCode::DiscountRefused,
            detail: format!("{code} was not applied: {}", reason.detail()),
            reason: Some(reason),
            line_id: None,
        }
    }
}

/// The code of a session was given back; without a reason, because its time was over.
pub(super) fn removed(session: &Session, reason: Option<Refusal>) -> Message {
    let code = session
        .discount_code
        .as_ref()
        .map_or_else(|| "the code".to_owned(), ToString::to_string);
    match reason {
        Some(reason) => Message {
            code: MessageCode::DiscountRemoved,
            detail: format!("{code} was removed: {}", reason.detail()),
            reason: Some(reason),
            line_id: None,
        },
        None => Message {
            code: MessageCode::DiscountLapsed,
            detail: format!("{code} was held for some time without activity; apply it again if it is still there"),
            reason: None,
            line_id: None,
        },
    }
}
