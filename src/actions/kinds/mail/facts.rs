//! What mails say of an order: read from the order as the API shows it, written in its language.

use serde_json::Value;

use super::words::{self, Words};
use crate::actions::action::Input;
use crate::kernel::money::Money;
use crate::mails::template::{LineValues, TaxValues, Values};
use crate::pricing::tax::TaxReason;

/// An order, for what mails say of it.
pub struct Facts<'a> {
    input: &'a Input,
    /// The words of its language.
    pub words: &'static Words,
}

impl<'a> Facts<'a> {
    /// Of the order that an action runs on.
    pub fn of(input: &'a Input) -> Self {
        let words = words::of(&input.locale);
        Self { input, words }
    }

    fn amount(&self, minor: Option<i64>) -> Option<Money> {
        Money::new(minor?, self.input.total.currency()).ok()
    }

    /// An amount as people write it.
    pub fn written(&self, money: Money) -> String {
        money.written(&self.input.locale)
    }

    fn text(&self, pointer: &str) -> Option<&'a str> {
        self.input.document.pointer(pointer)?.as_str()
    }

    fn number(&self, pointer: &str) -> Option<i64> {
        self.input.document.pointer(pointer)?.as_i64()
    }

    /// The receipt's number with the year it counts in, once it has one.
    pub fn receipt_number(&self) -> Option<String> {
        let (year, number) = (self.number("/receipt_year")?, self.number("/receipt_number")?);
        Some(format!("{year}-{number}"))
    }

    /// The day of the payment, in UTC.
    pub fn paid_on(&self) -> Option<String> {
        self.words.day(self.text("/paid_at")?)
    }

    /// What was taken off, and by which code.
    pub fn discount(&self) -> Option<(Option<&'a str>, Money)> {
        let taken = self.number("/discount_total").filter(|taken| *taken != 0)?;
        Some((self.text("/discount/code"), self.amount(Some(taken))?))
    }

    /// Whether prices came without tax, and it was added to them.
    pub fn tax_on_top(&self) -> bool {
        let part = |name| self.number(name).unwrap_or_default();
        part("/tax") != 0 && part("/subtotal") - part("/discount_total") + part("/tax") == part("/total")
    }

    /// A line's amount before discounts, and before tax where that comes on top.
    pub fn line_amount(&self, line: usize) -> Money {
        let before = self.number(&format!("/lines/{line}/subtotal"));
        let shown = self.input.lines.get(line).map(|line| line.total);
        self.amount(before).or(shown).unwrap_or(self.input.total)
    }

    /// The rates of tax and what each came to.
    pub fn taxes(&self) -> impl Iterator<Item = (String, Money)> {
        (self.input.taxes.iter()).map(|(rate, amount)| (self.words.rate(rate), *amount))
    }

    /// Why parts of it bear no tax, each reason once.
    pub fn untaxed(&self) -> Vec<&'static str> {
        let groups = self.input.document["tax_breakdown"].as_array();
        let reasons = groups
            .into_iter()
            .flatten()
            .filter_map(|group| group["reason"].as_str());
        let mut said: Vec<&'static str> = Vec::new();
        for reason in reasons.filter_map(|word| word.parse::<TaxReason>().ok()) {
            let sentence = self.words.reason(reason);
            if !said.contains(&sentence) {
                said.push(sentence);
            }
        }
        said
    }

    /// What the line of a product-level action is called.
    pub fn product(&self) -> Option<&'a str> {
        Some(self.input.lines.get(self.input.line?)?.name.as_str())
    }

    /// The variables of merchants' templates.
    pub fn values(&self, licenses: &[String]) -> Values {
        let input = self.input;
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        Values {
            number: input.number,
            receipt_number: self.receipt_number().unwrap_or_default(),
            date: self.paid_on().unwrap_or_default(),
            first_name: text(&input.first_name),
            last_name: text(&input.last_name),
            name: input.name().unwrap_or_default(),
            email: input.email.clone(),
            shop: input.shop.clone(),
            product: self.product().unwrap_or_default().to_owned(),
            lines: (input.lines.iter())
                .map(|line| LineValues {
                    name: line.name.clone(),
                    quantity: line.quantity,
                    total: self.written(line.total),
                })
                .collect(),
            taxes: (self.taxes())
                .map(|(rate, amount)| TaxValues {
                    rate,
                    amount: self.written(amount),
                })
                .collect(),
            discount: self
                .discount()
                .map(|(_, taken)| self.written(taken))
                .unwrap_or_default(),
            total: self.written(input.total),
            order_url: text(&input.order_url),
            support_email: text(&input.support_email),
            custom: input.document.get("custom").cloned().unwrap_or(Value::Null),
            test_mode: input.test_mode,
            licenses: licenses.to_vec(),
        }
    }
}
