//! The same numbers, put together from nothing but orders as the API shows them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

/// What a group comes to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    pub gross: i64,
    pub discounts: i64,
    pub tax: i64,
    pub refunds: i64,
    pub refunded_tax: i64,
    orders: BTreeSet<i64>,
    with_add_on: BTreeSet<i64>,
}

/// What is asked for; moments as texts in UTC compare as they are.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    pub group_by: &'a str,
    pub from: &'a str,
    pub to: &'a str,
    pub currency: &'a str,
}

fn minor(value: &Value) -> i64 {
    value.as_i64().expect("an amount")
}

fn key_of(asked: &Asked<'_>, order: &Value, line: &Value, at: &str) -> Value {
    match asked.group_by {
        "day" => json!(at[..10]),
        "source" => order["source"].clone(),
        "link" => order["link"]["id"].clone(),
        "product" => line["product_id"].clone(),
        "discount_code" => order["discount"]["code"].clone(),
        "country" => order["customer"]["country"].clone(),
        other => panic!("{other}"),
    }
}

impl Sums {
    fn sold(&mut self, order: &Value, line: &Value) {
        self.gross += minor(&line["total"]) + minor(&line["discount"]);
        self.discounts += minor(&line["discount"]);
        self.tax += minor(&line["tax"]);
        let number = minor(&order["number"]);
        self.orders.insert(number);
        let add_on = |line: &Value| line["role"] != "main";
        if order["lines"].as_array().expect("lines").iter().any(add_on) {
            self.with_add_on.insert(number);
        }
    }

    fn gone_back(&mut self, part: &Value) {
        self.refunds += minor(&part["amount"]);
        self.refunded_tax += minor(&part["tax_amount"]);
    }

    /// As the report shows it.
    pub fn shown(&self) -> Value {
        let (orders, with) = (self.orders.len(), self.with_add_on.len());
        json!({"gross": self.gross, "discounts": self.discounts, "tax": self.tax, "refunds": self.refunds,
            "refunded_tax": self.refunded_tax, "orders": orders, "orders_with_add_on": with,
            "net": self.gross - self.discounts - self.tax - (self.refunds - self.refunded_tax),
            "rate": (orders > 0).then(|| (with * 10_000 * 2 + orders) / (2 * orders))})
    }
}

/// Hundredths of a percent.
fn rate(shown: &Value) -> Option<usize> {
    let text = shown.as_str()?;
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let part: usize = format!("{part:0<2}").parse().expect("two decimals");
    Some(whole.parse::<usize>().expect("a number") * 100 + part)
}

/// The sums of a row of a report, in the form of [`Sums::shown`].
pub fn sums_of(row: &Value) -> Value {
    let mut sums = json!({});
    for name in [
        "gross",
        "discounts",
        "tax",
        "refunds",
        "refunded_tax",
        "orders",
        "orders_with_add_on",
        "net",
    ] {
        sums[name] = row[name].clone();
    }
    sums["rate"] = json!(rate(&row["add_on_accept_rate"]));
    sums
}

/// The groups, by key, and the totals.
pub fn report(orders: &[Value], asked: &Asked<'_>) -> (BTreeMap<String, Sums>, Sums) {
    let mut groups: BTreeMap<String, Sums> = BTreeMap::new();
    let mut totals = Sums::default();
    let within = |at: &Value| {
        at.as_str()
            .filter(|at| (asked.from..asked.to).contains(at))
            .map(str::to_owned)
    };
    for order in orders.iter().filter(|order| order["currency"] == asked.currency) {
        let lines = order["lines"].as_array().expect("lines");
        if let Some(at) = within(&order["paid_at"]) {
            for line in lines {
                groups
                    .entry(key_of(asked, order, line, &at).to_string())
                    .or_default()
                    .sold(order, line);
                totals.sold(order, line);
            }
        }
        for refund in order["refunds"].as_array().expect("refunds") {
            let Some(at) = within(&refund["effective_at"]) else {
                continue;
            };
            for part in refund["lines"].as_array().expect("parts") {
                let line = lines
                    .iter()
                    .find(|line| line["id"] == part["order_line_id"])
                    .expect("the line");
                groups
                    .entry(key_of(asked, order, line, &at).to_string())
                    .or_default()
                    .gone_back(part);
                totals.gone_back(part);
            }
        }
    }
    (groups, totals)
}
