//! What clients ask for in the query of a list of orders.

use std::str::FromStr;

use super::model::Filter;
use crate::kernel::country::Country;
use crate::kernel::ids::{CustomerId, LinkId, ProductId};
use crate::kernel::moment::Moment;
use crate::kernel::money::Currency;
use crate::kernel::problem::Problem;
use crate::orders::model::{FulfillmentStatus, OrderPaymentStatus, OrderStatus};
use crate::payments::model::ProviderKind;

/// The filters as they came.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// Live orders or test orders.
    pub test_mode: Option<bool>,
    /// A number.
    pub number: Option<i64>,
    /// A buyer.
    pub customer_id: Option<String>,
    /// An address.
    pub email: Option<String>,
    /// A first name.
    pub first_name: Option<String>,
    /// A last name.
    pub last_name: Option<String>,
    /// A number, an address or a name.
    pub q: Option<String>,
    /// A state.
    pub status: Option<String>,
    /// Where the money stands.
    pub payment_status: Option<String>,
    /// Where delivery stands.
    pub fulfillment_status: Option<String>,
    /// Whether somebody should look.
    pub requires_attention: Option<bool>,
    /// A source.
    pub source: Option<String>,
    /// A tag.
    pub tag: Option<String>,
    /// A code.
    pub discount_code: Option<String>,
    /// A product.
    pub product_id: Option<String>,
    /// A link.
    pub link_id: Option<String>,
    /// A country.
    pub country: Option<String>,
    /// A provider.
    pub provider: Option<String>,
    /// A currency.
    pub currency: Option<String>,
    /// From when on.
    pub created_from: Option<String>,
    /// Until when.
    pub created_to: Option<String>,
    /// Paid from when on.
    pub paid_from: Option<String>,
    /// Paid until when.
    pub paid_to: Option<String>,
}

fn parsed<T: FromStr>(name: &str, text: Option<&str>) -> Result<Option<T>, Problem>
where
    T::Err: ToString,
{
    text.map(str::parse)
        .transpose()
        .map_err(|error: T::Err| Problem::invalid(format!("?{name}"), "invalid", error.to_string()))
}

fn word<T: FromStr + ToString>(name: &str, text: Option<&str>) -> Result<Option<String>, Problem>
where
    T::Err: ToString,
{
    Ok(parsed::<T>(name, text)?.map(|word| word.to_string()))
}

/// Without what stands around it; the query folds its case.
fn trimmed(text: Option<&str>) -> Option<String> {
    text.map(|text| text.trim().to_owned())
}

impl TryFrom<Asked> for Filter {
    type Error = Problem;

    fn try_from(asked: Asked) -> Result<Self, Problem> {
        let moment = |name: &str, text: Option<&str>| Ok::<_, Problem>(parsed::<Moment>(name, text)?.map(|at| at.0));
        let mut filter = Self {
            test_mode: asked.test_mode.unwrap_or(false),
            number: asked.number,
            customer: parsed::<CustomerId>("customer_id", asked.customer_id.as_deref())?.map(CustomerId::uuid),
            email: trimmed(asked.email.as_deref()),
            first_name: trimmed(asked.first_name.as_deref()),
            last_name: trimmed(asked.last_name.as_deref()),
            any_name: None,
            status: word::<OrderStatus>("status", asked.status.as_deref())?,
            payment_status: word::<OrderPaymentStatus>("payment_status", asked.payment_status.as_deref())?,
            fulfillment_status: word::<FulfillmentStatus>("fulfillment_status", asked.fulfillment_status.as_deref())?,
            requires_attention: asked.requires_attention,
            source: asked.source,
            tag: asked.tag,
            discount_code: trimmed(asked.discount_code.as_deref()),
            product: parsed::<ProductId>("product_id", asked.product_id.as_deref())?.map(ProductId::uuid),
            link: parsed::<LinkId>("link_id", asked.link_id.as_deref())?.map(LinkId::uuid),
            country: word::<Country>("country", asked.country.as_deref())?,
            provider: word::<ProviderKind>("provider", asked.provider.as_deref())?,
            currency: parsed::<Currency>("currency", asked.currency.as_deref())?.map(|code| code.code().to_owned()),
            created_from: moment("created_from", asked.created_from.as_deref())?,
            created_to: moment("created_to", asked.created_to.as_deref())?,
            paid_from: moment("paid_from", asked.paid_from.as_deref())?,
            paid_to: moment("paid_to", asked.paid_to.as_deref())?,
        };
        if let Some(text) = trimmed(asked.q.as_deref()).filter(|text| !text.is_empty()) {
            filter.search(&text);
        }
        Ok(filter)
    }
}

impl Filter {
    /// One field for all: a number, an address, a first or last name, or both names.
    fn search(&mut self, text: &str) {
        if let Ok(number) = text.trim_start_matches('#').parse() {
            self.number = self.number.or(Some(number));
        } else if text.contains('@') {
            self.email.get_or_insert_with(|| text.to_owned());
        } else if let Some((first, last)) = text.rsplit_once(char::is_whitespace) {
            self.first_name.get_or_insert_with(|| first.trim().to_owned());
            self.last_name.get_or_insert_with(|| last.to_owned());
        } else {
            self.any_name = Some(text.to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(q: &str) -> Filter {
        let asked = Asked {
            q: Some(q.to_owned()),
            ..Asked::default()
        };
        Filter::try_from(asked).expect("a filter")
    }

    #[test]
    fn one_field_finds_by_what_it_looks_like() {
        assert_eq!(of(" #1001 ").number, Some(1001));
        assert_eq!(of("Buyer@Example.com ").email.as_deref(), Some("Buyer@Example.com"));
        let both = of("Anna Maria Virtanen");
        assert_eq!(
            (both.first_name.as_deref(), both.last_name.as_deref()),
            (Some("Anna Maria"), Some("Virtanen"))
        );
        assert_eq!(of("AINO").any_name.as_deref(), Some("AINO"));
        assert_eq!(of("  "), Filter::default());
    }

    #[test]
    fn what_is_no_value_of_a_filter_is_refused() {
        let asked = Asked {
            status: Some("lost".to_owned()),
            ..Asked::default()
        };
        let refused = Filter::try_from(asked).expect_err("a refusal");
        assert_eq!(refused.errors[0].pointer, "?status");
    }
}
