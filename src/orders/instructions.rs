//! Mails a buyer where to send the money.

use super::store;
use crate::checkouts::store as checkouts;
use crate::db::Tx;
use crate::db::error::DbError;
use crate::kernel::format::amount;
use crate::kernel::ids::{CheckoutId, OrderId};
use crate::mails::queue::{Message, send_about};
use crate::orders::access::mail::sender;
use crate::payments::desk::Desk;
use crate::payments::provider::Instructions;

struct Words {
    subject: &'static str,
    hello: &'static str,
    please: &'static str,
    payee: &'static str,
    account: &'static str,
    bank: &'static str,
    reference: &'static str,
    amount: &'static str,
    due: &'static str,
    barcode: &'static str,
}

const ENGLISH: Words = Words {
    subject: "How to pay your order {number}",
    hello: "Hello,",
    please: "please pay your order {number} to this account. It is delivered when the money is there.",
    payee: "Payee",
    account: "Account",
    bank: "BIC",
    reference: "Reference",
    amount: "Amount",
    due: "Due date",
    barcode: "Bank bar code",
};

const FINNISH: Words = Words {
    subject: "Näin maksat tilauksesi {number}",
    hello: "Hei,",
    please: "maksa tilauksesi {number} tälle tilille. Tilaus toimitetaan, kun maksu on perillä.",
    payee: "Saaja",
    account: "Tili",
    bank: "BIC",
    reference: "Viite",
    amount: "Summa",
    due: "Eräpäivä",
    barcode: "Virtuaaliviivakoodi",
};

const SWEDISH: Words = Words {
    subject: "Så betalar du din beställning {number}",
    hello: "Hej,",
    please: "betala din beställning {number} till det här kontot. Den levereras när pengarna har kommit.",
    payee: "Mottagare",
    account: "Konto",
    bank: "BIC",
    reference: "Referens",
    amount: "Belopp",
    due: "Förfallodag",
    barcode: "Bankstreckkod",
};

/// Queues the mail; nobody is written to who gave no address.
pub(super) async fn mail(
    tx: &mut Tx,
    desk: &Desk,
    checkout: CheckoutId,
    order: OrderId,
    told: &Instructions,
) -> Result<(), DbError> {
    let order = store::find(tx.conn(), checkout, order).await?.ok_or(DbError::Stale)?;
    let Some(to) = order.email.clone() else { return Ok(()) };
    let shop = checkouts::find(tx.conn(), checkout).await?.ok_or(DbError::Stale)?;
    let words = match order.locale.language() {
        "fi" => &FINNISH,
        "sv" => &SWEDISH,
        _ => &ENGLISH,
    };
    let number = order.number.to_string();
    let mut text = format!("{}\n\n{}\n\n", words.hello, words.please.replace("{number}", &number));
    let reference = format!("{} / {}", told.reference, told.rf_reference);
    let total = amount(&order.locale, order.currency, order.total);
    let rows = [
        (words.payee, Some(&told.payee)),
        (words.account, Some(&told.iban)),
        (words.bank, told.bic.as_ref()),
        (words.reference, Some(&reference)),
        (words.amount, Some(&total)),
        (words.due, Some(&told.due_date)),
        (words.barcode, told.barcode.as_ref()),
    ];
    for (name, value) in rows {
        if let Some(value) = value {
            text.push_str(&format!("{name}: {value}\n"));
        }
    }
    if let Some(own) = &told.text {
        text.push_str(&format!("\n{own}\n"));
    }
    text.push_str(&format!("\n{}\n", shop.name));
    let test = if order.test_mode { "[Test] " } else { "" };
    let message = Message {
        to,
        subject: format!("{test}{}", words.subject.replace("{number}", &number)),
        text,
    };
    let sender = sender(&shop, &desk.mail_from);
    send_about(tx, &desk.keys, order.id, &message, sender).await
}
