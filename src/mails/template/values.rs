//! The variables of templates.

use std::fmt;
use std::sync::Arc;

use minijinja::context;
use minijinja::value::{Enumerator, Object, Serde, Value};

/// What templates may know of an order. Amounts and dates are as people write them in the order's language. What the order lacks is
/// empty.
#[derive(Clone, Debug, Default)]
pub struct Values {
    /// The order's number.
    pub number: i64,
    /// The receipt's number, once it has one.
    pub receipt_number: String,
    /// When it was paid, in UTC.
    pub date: String,
    /// The buyer's first name.
    pub first_name: String,
    /// The buyer's last name.
    pub last_name: String,
    /// Both names.
    pub name: String,
    /// The buyer's address.
    pub email: String,
    /// The shop's name.
    pub shop: String,
    /// What the line is called, at product level.
    pub product: String,
    /// What was bought.
    pub lines: Vec<LineValues>,
    /// The tax in it, by rate.
    pub taxes: Vec<TaxValues>,
    /// What was taken off.
    pub discount: String,
    /// What was paid.
    pub total: String,
    /// Where the buyer finds the order.
    pub order_url: String,
    /// Where the buyer asks for help.
    pub support_email: String,
    /// The merchant's own data on the order.
    pub custom: serde_json::Value,
    /// Whether it is a test.
    pub test_mode: bool,
    /// The licenses, in the mail that brings them.
    pub licenses: Vec<String>,
}

/// A line.
#[derive(Clone, Debug)]
pub struct LineValues {
    /// What.
    pub name: String,
    /// How many.
    pub quantity: i32,
    /// For how much.
    pub total: String,
}

/// The tax of one rate.
#[derive(Clone, Debug)]
pub struct TaxValues {
    /// The rate.
    pub rate: String,
    /// The tax.
    pub amount: String,
}

/// The names in every template.
const NAMES: &[&str] = &[
    "number",
    "receipt_number",
    "date",
    "first_name",
    "last_name",
    "name",
    "email",
    "shop",
    "product",
    "lines",
    "taxes",
    "discount",
    "total",
    "order_url",
    "support_email",
    "custom",
    "test_mode",
];

/// The one more that a mail with licenses has.
const LICENSES: &str = "licenses";

/// Whether a template may use this name.
pub(super) fn known(name: &str, licenses: bool) -> bool {
    NAMES.contains(&name) || licenses && name == LICENSES
}

impl Values {
    /// As templates see them.
    pub(super) fn context(&self) -> Value {
        self.with_custom(data(&self.custom).unwrap_or_default())
    }

    fn with_custom(&self, custom: Value) -> Value {
        let lines: Vec<Value> = (self.lines.iter())
            .map(|line| context! { name => clean(&line.name), quantity => line.quantity, total => &line.total })
            .collect();
        let taxes: Vec<Value> = (self.taxes.iter())
            .map(|tax| context! { rate => &tax.rate, amount => &tax.amount })
            .collect();
        context! {
            number => self.number, receipt_number => &self.receipt_number, date => &self.date,
            first_name => clean(&self.first_name), last_name => clean(&self.last_name), name => clean(&self.name),
            email => clean(&self.email), shop => clean(&self.shop), product => clean(&self.product),
            lines, taxes, discount => &self.discount, total => &self.total,
            order_url => &self.order_url, support_email => clean(&self.support_email),
            custom, test_mode => self.test_mode, licenses => &self.licenses,
        }
    }

    /// An order that has everything, and one that lacks what can be missing: a template must make sense of both.
    pub(super) fn samples() -> [Value; 2] {
        let text = |text: &str| text.to_owned();
        let line = LineValues {
            name: text("The course"),
            quantity: 2,
            total: text("€78.00"),
        };
        let tax = TaxValues {
            rate: text("25.5 %"),
            amount: text("€15.85"),
        };
        let bare = Self {
            number: 1001,
            email: text("buyer@example.com"),
            shop: text("The shop"),
            total: text("€780.00"),
            lines: vec![line.clone()],
            ..Self::default()
        };
        let full = Self {
            receipt_number: text("2026-17"),
            date: text("2026-11-20"),
            first_name: text("Aino"),
            last_name: text("Virtanen"),
            name: text("Aino Virtanen"),
            product: text("The course"),
            lines: vec![line; 10],
            taxes: vec![tax; 2],
            discount: text("€10.00"),
            order_url: text("https://shop.example.com/o/token"),
            support_email: text("help@shop.example.com"),
            test_mode: true,
            licenses: vec![text("AAAA-BBBB-CCCC-DDDD"); 10],
            ..bare.clone()
        };
        let anything = || Value::from_object(Anything);
        [full.with_custom(anything()), bare.with_custom(anything())]
    }
}

/// A text on one line, without what would turn the text around it: controls and marks of direction that have no end.
pub fn clean(text: &str) -> String {
    text.chars().filter(|c| !c.is_control() && !turns(*c)).collect()
}

const fn turns(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}')
}

/// A merchant's own data: nothing where it says null, so that it is empty in a mail and false in a condition.
fn data(json: &serde_json::Value) -> Option<Value> {
    use serde_json::Value as Json;
    Some(match json {
        Json::Null => return None,
        Json::String(text) => {
            let fits = |c: &char| !turns(*c) && (!c.is_control() || matches!(c, '\n' | '\t'));
            Value::from(text.chars().filter(fits).collect::<String>())
        }
        Json::Array(items) => items.iter().filter_map(data).collect(),
        Json::Object(members) => {
            let members = members.iter();
            Value::from_pairs(members.filter_map(|(name, value)| Some((name.clone(), data(value)?))))
        }
        Json::Bool(_) | Json::Number(_) => Value::from(Serde(json)),
    })
}

/// Data of which nothing is known when a template is saved: has every member, and each is like it.
#[derive(Debug)]
struct Anything;

impl Object for Anything {
    fn get_value(self: &Arc<Self>, _: &Value) -> Option<Value> {
        Some(Value::from_dyn_object(self.clone()))
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Values(vec![Value::from_dyn_object(self.clone())])
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("example")
    }
}
