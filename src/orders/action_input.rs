//! What an action is told of the order that it runs on.

use std::sync::Arc;

use super::consents::Consents;
use super::contact::Contact;
use super::lines::views::tax_breakdown;
use super::model::OrderDetail;
use super::views::OrderView;
use crate::actions::action::{Failure, Input, InputLine};
use crate::checkouts::model::Checkout;
use crate::kernel::ids::{ActionId, JobId, LineId};
use crate::kernel::money::Money;

/// Whose mails the shop's are, and where the buyer finds the order.
pub(super) struct Ways<'a> {
    /// The address of mails whose shop has none of its own.
    pub from: &'a str,
    /// The page of the order.
    pub order_url: Option<String>,
}

/// What one run is told; fails for good when there is nobody to do it for any more.
pub(super) fn input(
    detail: &OrderDetail,
    shop: &Checkout,
    ways: Ways<'_>,
    (run, occasion): (ActionId, JobId),
    line: Option<LineId>,
) -> Result<Input, Failure> {
    let order = &detail.order;
    let forgotten = || Failure::Fatal("the order has no address any more".to_owned());
    let email = order.email.as_ref().ok_or_else(forgotten)?;
    let money = |amount| Money::new(amount, order.currency).map_err(|error| Failure::Fatal(error.to_string()));
    let document = serde_json::to_value(OrderView::from(detail.clone()));
    let document = document.map_err(|error| Failure::Fatal(error.to_string()))?;
    Ok(Input {
        run: run.to_string(),
        occasion: occasion.to_string(),
        order: order.id.to_string(),
        number: order.number,
        customer: order.customer_id.to_string(),
        email: email.as_str().to_owned(),
        first_name: order.first_name.as_ref().map(ToString::to_string),
        last_name: order.last_name.as_ref().map(ToString::to_string),
        phone: Contact::from_json(&order.contact).phone.map(|phone| phone.to_string()),
        marketing: Consents::from_json(order.consents.clone())
            .marketing
            .is_some_and(|given| given.accepted),
        locale: order.locale.clone(),
        shop: shop.mail_from_name.as_ref().unwrap_or(&shop.name).to_string(),
        from: shop
            .mail_from_email
            .as_ref()
            .map_or_else(|| ways.from.to_owned(), ToString::to_string),
        support_email: shop.support_email.as_ref().map(ToString::to_string),
        lines: detail
            .lines
            .iter()
            .map(|line| {
                Ok(InputLine {
                    id: line.id.to_string(),
                    product: line.product_id.to_string(),
                    name: line.name.to_string(),
                    quantity: line.quantity,
                    total: money(line.total)?,
                })
            })
            .collect::<Result<_, Failure>>()?,
        line: line.and_then(|id| detail.lines.iter().position(|line| line.id == id)),
        taxes: tax_breakdown(&detail.lines)
            .into_iter()
            .filter(|group| group.reason.is_none())
            .map(|group| Ok((format!("{} %", group.rate), money(group.tax)?)))
            .collect::<Result<_, Failure>>()?,
        total: money(order.total)?,
        order_url: ways.order_url,
        document: Arc::new(document),
        test_mode: order.test_mode,
    })
}
