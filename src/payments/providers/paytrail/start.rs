//! Opens a payment, and gives the address of Paytrail's page.

use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::wire::{Urls, cut, is_transaction, read, refused, send};
use super::{CAPABILITIES, Config, GROUPS};
use crate::payments::provider::{Attempt, AttemptItem, Handover, Outcome, Payer, ProviderError, Started, Wire};

/// In the order of Paytrail's own example. Compact and unescaped, because its own verifier writes the body anew before it looks.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Body<'a> {
    stamp: String,
    reference: String,
    amount: i64,
    currency: &'static str,
    language: &'static str,
    items: Vec<Item>,
    customer: Customer,
    #[serde(skip_serializing_if = "Option::is_none")]
    invoicing_address: Option<Address>,
    redirect_urls: Urls<'a>,
    callback_urls: Urls<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    groups: Option<[&'a str; 1]>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Item {
    unit_price: i64,
    units: i64,
    vat_percentage: Box<RawValue>,
    product_code: String,
    description: String,
    stamp: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Customer {
    email: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    first_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    phone: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    vat_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    company_name: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Address {
    street_address: String,
    postal_code: String,
    city: String,
    country: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Opened {
    transaction_id: String,
    href: String,
}

/// Asks Paytrail for a page to send the buyer to.
///
/// A repeat after a lost answer opens a second transaction with the same stamp (or is refused for it); nobody was sent to the
/// first, so nobody can pay it.
pub async fn start(wire: Wire<'_>, config: &Config, attempt: &Attempt) -> Result<Started, ProviderError> {
    let body = serde_json::to_vec(&body(attempt)?).map_err(|_| refused("invalid_request"))?;
    let answer = send(wire, config, "/payments", None, Some(body)).await?;
    let opened: Opened = read(config, &answer, 201)?;
    let web = opened.href.starts_with("https://") || opened.href.starts_with("http://");
    if !web || !is_transaction(&opened.transaction_id) {
        return Err(ProviderError::Unknown);
    }
    Ok(Started {
        reference: opened.transaction_id,
        outcome: Outcome::Pending,
        handover: Some(Handover::Redirect {
            redirect_url: opened.href,
        }),
    })
}

fn body(attempt: &Attempt) -> Result<Body<'_>, ProviderError> {
    if attempt.currency.code() != "EUR" {
        return Err(refused("currency_not_supported"));
    }
    if !(1..=CAPABILITIES.maximum).contains(&attempt.amount) {
        return Err(refused("amount_not_supported"));
    }
    let sum = attempt
        .items
        .iter()
        .try_fold(0_i64, |sum, item| sum.checked_add(item.total));
    if sum != Some(attempt.amount) || attempt.items.iter().any(|item| item.total < 0 || item.quantity < 1) {
        return Err(refused("lines_do_not_add_up"));
    }
    let groups = match attempt.method.as_deref() {
        None => None,
        Some(group) if GROUPS.contains(&group) => Some([group]),
        Some(_) => return Err(refused("method_not_supported")),
    };
    Ok(Body {
        stamp: attempt.payment.to_string(),
        reference: attempt.number.to_string(),
        amount: attempt.amount,
        currency: "EUR",
        language: match attempt.locale.language() {
            "fi" => "FI",
            "sv" => "SV",
            _ => "EN",
        },
        items: attempt.items.iter().map(item).collect::<Result<_, _>>()?,
        customer: customer(&attempt.payer)?,
        invoicing_address: address(&attempt.payer),
        redirect_urls: Urls {
            success: &attempt.urls.success,
            cancel: &attempt.urls.cancel,
        },
        callback_urls: Urls {
            success: &attempt.urls.callback,
            cancel: &attempt.urls.callback,
        },
        groups,
    })
}

/// One row for each line, so that one stamp names all of it when it is refunded: a total that its quantity does not divide is sold
/// as one piece, and nothing is left to a row of cents.
fn item(line: &AttemptItem) -> Result<Item, ProviderError> {
    let quantity = i64::from(line.quantity);
    let (unit_price, units) = if line.total % quantity == 0 {
        (line.total / quantity, quantity)
    } else {
        (line.total, 1)
    };
    // One decimal at most, and whole numbers without any, as JavaScript writes them.
    let rate = line.tax_rate.clamp(Decimal::ZERO, Decimal::ONE_HUNDRED);
    let rate = rate.round_dp_with_strategy(1, RoundingStrategy::MidpointAwayFromZero);
    let rate = RawValue::from_string(rate.normalize().to_string());
    Ok(Item {
        unit_price,
        units,
        vat_percentage: rate.map_err(|_| refused("invalid_request"))?,
        product_code: line.line.to_string(),
        description: cut(&line.name, 1000),
        stamp: line.line.uuid().to_string(),
    })
}

fn customer(payer: &Payer) -> Result<Customer, ProviderError> {
    let some = |text: &Option<String>, units| {
        text.as_deref()
            .filter(|text| !text.is_empty())
            .map(|text| cut(text, units))
    };
    let email = some(&payer.email, 201).filter(|email| email.len() <= 200);
    Ok(Customer {
        email: email.ok_or_else(|| refused("email_required"))?,
        first_name: some(&payer.first_name, 50),
        last_name: some(&payer.last_name, 50),
        phone: some(&payer.phone, 50),
        vat_id: some(&payer.vat_number, 50),
        company_name: some(&payer.company, 100),
    })
}

/// All of it or none: half an address is refused.
fn address(payer: &Payer) -> Option<Address> {
    let postal_code = payer.postal_code.clone()?;
    let fits = |letter: char| letter.is_ascii_alphanumeric() || letter == ' ' || letter == '-';
    if postal_code.is_empty() || postal_code.len() > 15 || !postal_code.chars().all(fits) {
        return None;
    }
    let some = |text: &Option<String>, units| {
        text.as_deref()
            .filter(|text| !text.is_empty())
            .map(|text| cut(text, units))
    };
    Some(Address {
        street_address: some(&payer.street, 50)?,
        postal_code,
        city: some(&payer.city, 30)?,
        country: payer.country?.code().to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::clock::Clock;
    use crate::kernel::ids::{LineId, OrderId, PaymentId};
    use crate::payments::provider::AttemptUrls;

    fn attempt(lines: &[(i32, i64, &str)]) -> Attempt {
        let clock = Clock::default();
        let line = |(quantity, total, rate): &(i32, i64, &str)| AttemptItem {
            line: LineId::generate(&clock),
            name: "Sähkö \"€\" \u{2028}\u{7f}\u{1}".to_owned(),
            quantity: *quantity,
            total: *total,
            tax_rate: rate.parse().expect("a rate"),
        };
        Attempt {
            payment: PaymentId::generate(&clock),
            order: OrderId::generate(&clock),
            number: 1001,
            amount: lines.iter().map(|line| line.1).sum(),
            currency: "EUR".parse().expect("a currency"),
            method: None,
            locale: "sv-FI".parse().expect("a locale"),
            payer: Payer {
                email: Some("aino@example.com".to_owned()),
                ..Payer::default()
            },
            items: lines.iter().map(line).collect(),
            urls: AttemptUrls {
                success: "https://kassa.example/s".to_owned(),
                cancel: "https://kassa.example/c".to_owned(),
                callback: "https://kassa.example/n".to_owned(),
            },
            today: "2026-11-21".parse().expect("a date"),
        }
    }

    fn code(attempt: &Attempt) -> Option<String> {
        match body(attempt) {
            Ok(_) => None,
            Err(ProviderError::Refused { code, .. }) => Some(code),
            Err(other) => panic!("{other:?}"),
        }
    }

    #[test]
    fn every_row_is_a_line_and_the_rows_are_the_amount() {
        let attempt = attempt(&[(3, 999, "25.5"), (3, 1000, "14.00"), (2, 0, "0"), (1, 1, "8.85")]);
        let body = body(&attempt).expect("a body");
        let rows: Vec<_> = body
            .items
            .iter()
            .map(|item| (item.unit_price, item.units, item.vat_percentage.get().to_owned()))
            .collect();
        let rows: Vec<_> = rows
            .iter()
            .map(|(price, units, vat)| (*price, *units, vat.as_str()))
            .collect();
        assert_eq!(rows, [(333, 3, "25.5"), (1000, 1, "14"), (0, 2, "0"), (1, 1, "8.9")]);
        let sum: i64 = body.items.iter().map(|item| item.unit_price * item.units).sum();
        assert_eq!((sum, body.amount), (2000, 2000));
        assert_eq!(body.items[0].stamp, attempt.items[0].line.uuid().to_string());
        assert_eq!((body.language, body.reference.as_str()), ("SV", "1001"));
        // Only what JSON itself cannot hold is escaped, as JavaScript does it.
        let name = serde_json::to_string(&body.items[0].description).expect("JSON");
        assert_eq!(name, "\"Sähkö \\\"€\\\" \u{2028}\u{7f}\\u0001\"");
    }

    #[test]
    fn what_paytrail_would_refuse_is_not_sent() {
        let good = attempt(&[(1, 100, "25.5")]);
        assert_eq!(code(&good), None);
        let kroner = Attempt {
            currency: "SEK".parse().expect("a currency"),
            ..good.clone()
        };
        assert_eq!(code(&kroner).as_deref(), Some("currency_not_supported"));
        for amount in [0, -1, 99_999_999] {
            let wrong = Attempt { amount, ..good.clone() };
            assert_eq!(code(&wrong).as_deref(), Some("amount_not_supported"));
        }
        let short = Attempt {
            amount: 101,
            ..good.clone()
        };
        assert_eq!(code(&short).as_deref(), Some("lines_do_not_add_up"));
        assert_eq!(
            code(&attempt(&[(1, 200, "0"), (1, -100, "0")])).as_deref(),
            Some("lines_do_not_add_up")
        );
        let invoice = Attempt {
            method: Some("invoice".to_owned()),
            ..good.clone()
        };
        assert_eq!(code(&invoice).as_deref(), Some("method_not_supported"));
        let nobody = Attempt {
            payer: Payer::default(),
            ..good
        };
        assert_eq!(code(&nobody).as_deref(), Some("email_required"));
    }

    #[test]
    fn names_are_cut_and_half_addresses_left_out() {
        let payer = Payer {
            email: Some("aino@example.com".to_owned()),
            first_name: Some("😀".repeat(30)),
            last_name: Some(String::new()),
            street: Some("K".repeat(60)),
            postal_code: Some("00100".to_owned()),
            city: Some("H".repeat(31)),
            country: "FI".parse().ok(),
            ..Payer::default()
        };
        let read = customer(&payer).expect("a customer");
        assert_eq!(read.first_name, Some("😀".repeat(25)));
        assert_eq!(read.last_name, None);
        let whole = address(&payer).expect("an address");
        assert_eq!((whole.street_address.len(), whole.city.len()), (50, 30));
        for wrong in ["", "00100_1", "0123456789012345", "ääää"] {
            let payer = Payer {
                postal_code: Some(wrong.to_owned()),
                ..payer.clone()
            };
            assert!(address(&payer).is_none(), "{wrong}");
        }
        assert!(address(&Payer { city: None, ..payer }).is_none());
    }
}
