//! A row of a spreadsheet. What a buyer typed is text there, never a formula.

use crate::kernel::clock::rfc3339;
use crate::kernel::money::Currency;
use crate::orders::contact::Contact;
use crate::orders::list::model::Listed;

/// The first row.
pub(super) const HEADER: &str = "number,receipt_year,receipt_number,id,status,payment_status,fulfillment_status,created_at,paid_at,completed_at,\
currency,subtotal,discount_total,tax,total,refunded_amount,email,first_name,last_name,country,company,vat_number,offer,products,source,tags,\
discount_code,provider,test_mode\r\n";

/// The row of an order. Amounts are decimal numbers in the order's currency.
pub(super) fn row(listed: &Listed) -> String {
    let order = &listed.order;
    let contact = Contact::from_json(&order.contact);
    let money = |minor| decimal(minor, order.currency);
    let text = |value: Option<&dyn ToString>| value.map(ToString::to_string).unwrap_or_default();
    let products: Vec<String> = (listed.lines.iter())
        .map(|line| format!("{} × {}", line.quantity, line.name))
        .collect();
    let cells = [
        order.number.to_string(),
        order.receipt_year.map(|year| year.to_string()).unwrap_or_default(),
        order
            .receipt_number
            .map(|number| number.to_string())
            .unwrap_or_default(),
        order.id.to_string(),
        order.status.to_string(),
        order.payment_status.to_string(),
        order.fulfillment_status.to_string(),
        rfc3339(&order.created_at),
        order.paid_at.as_ref().map(rfc3339).unwrap_or_default(),
        order.completed_at.as_ref().map(rfc3339).unwrap_or_default(),
        order.currency.code().to_owned(),
        money(order.subtotal),
        money(order.discount_total),
        money(order.tax),
        money(order.total),
        money(order.refunded_amount),
        text(order.email.as_ref().map(|value| value as &dyn ToString)),
        text(order.first_name.as_ref().map(|value| value as &dyn ToString)),
        text(order.last_name.as_ref().map(|value| value as &dyn ToString)),
        order.country.to_string(),
        text(contact.company.as_ref().map(|value| value as &dyn ToString)),
        text(order.vat_number.as_ref().map(|value| value as &dyn ToString)),
        order.offer_title.to_string(),
        products.join("; "),
        text(order.source.as_ref().map(|value| value as &dyn ToString)),
        order.tags.join("; "),
        text(order.discount_code.as_ref().map(|value| value as &dyn ToString)),
        listed
            .payment
            .as_ref()
            .map(|paid| paid.provider.to_string())
            .unwrap_or_default(),
        order.test_mode.to_string(),
    ];
    let mut line = cells.map(|cell| escaped(&cell)).join(",");
    line.push_str("\r\n");
    line
}

/// 3900 EUR is 39.00, 7800 JPY is 7800.
fn decimal(minor: i64, currency: Currency) -> String {
    rust_decimal::Decimal::new(minor, currency.exponent()).to_string()
}

/// A cell by RFC 4180. One that a spreadsheet would take for a formula gets an apostrophe in front.
fn escaped(cell: &str) -> String {
    let formula = cell.starts_with([
        '=', '+', '-', '@', '\t', '\r', '\n', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}',
    ]);
    let cell = if formula { format!("'{cell}") } else { cell.to_owned() };
    if formula || cell.contains([',', '"', '\r', '\n', ';']) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_typed_is_text() {
        for (typed, written) in [
            ("Aino", "Aino"),
            ("Virtanen, Aino", "\"Virtanen, Aino\""),
            ("a \"b\"", "\"a \"\"b\"\"\""),
            ("=HYPERLINK(\"http://x\")", "\"'=HYPERLINK(\"\"http://x\"\")\""),
            ("+358401234567", "\"'+358401234567\""),
            ("-1", "\"'-1\""),
            ("@SUM(A1)", "\"'@SUM(A1)\""),
            ("", ""),
        ] {
            assert_eq!(escaped(typed), written, "{typed}");
        }
    }

    #[test]
    fn amounts_have_the_decimals_of_their_currency() {
        let of = |code: &str, minor| decimal(minor, code.parse().expect("a currency"));
        assert_eq!(
            (of("EUR", 3900), of("JPY", 7800)),
            ("39.00".to_owned(), "7800".to_owned())
        );
    }

    #[test]
    fn every_row_has_the_columns_of_the_header() {
        assert_eq!(HEADER.trim_end().split(',').count(), 29);
    }
}
