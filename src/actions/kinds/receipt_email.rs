//! The receipt: a mail to the buyer with what was bought, the tax in it, and what was paid.
//!
//! The run's id is the Message-ID: mail cannot be taken back, so a repeat after a crash carries the same id and mail programs
//! show one message.

use minijinja::{Environment, context};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::actions::action::{Failure, Input, Task, World};
use crate::kernel::problem::Problem;
use crate::net::mail::{Contact, OutgoingMail};

const SUBJECT: &str = "{% if test_mode %}[Test] {% endif %}Receipt for your order {{ number }}";

const TEXT: &str = "\
{% if name %}Hello {{ name }},{% else %}Hello,{% endif %}

thank you for your order {{ number }} at {{ shop }}.

{% for line in lines -%}
{{ line.quantity }} × {{ line.name }}: {{ line.total }}
{% endfor %}
Total: {{ total }}
{% for tax in taxes -%}
of which VAT {{ tax.rate }}: {{ tax.amount }}
{% endfor %}
{% if order_url %}Your order: {{ order_url }}
{% endif -%}
{% if support_email %}Questions? Write to {{ support_email }}.
{% endif -%}
{% if test_mode %}This order is a test: nothing was charged.
{% endif %}";

/// The merchant's own words on a receipt.
#[derive(Clone, Debug, Default, Serialize, Deserialize, Validate, ToSchema)]
#[schema(as = ReceiptEmailConfig)]
#[serde(deny_unknown_fields)]
pub struct Config {}

/// Refuses templates that cannot be read.
pub fn refuse(_config: &Config) -> Result<(), Problem> {
    Ok(())
}

/// Renders and sends the receipt.
pub async fn run(task: Task<'_>, world: &World<'_>) -> Result<(), Failure> {
    let mail = render(task.input).map_err(|error| Failure::Fatal(error.to_string()))?;
    world.mailer.send(&mail).await.map_err(|error| {
        if error.temporary() {
            Failure::Temporary(error.to_string())
        } else {
            Failure::Fatal(error.to_string())
        }
    })
}

fn render(input: &Input) -> Result<OutgoingMail, minijinja::Error> {
    let lines: Vec<_> = input
        .lines
        .iter()
        .map(|line| context! { name => &line.name, quantity => line.quantity, total => line.total.written(&input.locale) })
        .collect();
    let taxes: Vec<_> = input
        .taxes
        .iter()
        .map(|(rate, amount)| context! { rate => rate, amount => amount.written(&input.locale) })
        .collect();
    let values = context! {
        number => input.number, shop => &input.shop, name => input.name(), lines, taxes, total => input.total.written(&input.locale),
        support_email => &input.support_email, order_url => &input.order_url, test_mode => input.test_mode,
    };
    let environment = Environment::new();
    let domain = input.from.rsplit('@').next().unwrap_or("localhost");
    Ok(OutgoingMail {
        message_id: format!("{}@{domain}", input.run),
        from: Contact {
            name: Some(input.shop.clone()),
            address: input.from.clone(),
        },
        to: Contact {
            name: input.name(),
            address: input.email.clone(),
        },
        reply_to: input
            .support_email
            .clone()
            .map(|address| Contact { name: None, address }),
        subject: environment.render_str(SUBJECT, &values)?,
        text: environment.render_str(TEXT, &values)?,
        html: None,
        headers: vec![("Auto-Submitted".to_owned(), "auto-generated".to_owned())],
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actions::action::InputLine;
    use crate::kernel::money::Money;

    #[test]
    fn the_text_of_a_receipt() {
        let euros = |amount| Money::new(amount, "EUR".parse().expect("a currency")).expect("bounded");
        let mail = render(&Input {
            run: "act_1".into(),
            number: 1001,
            email: "buyer@example.com".into(),
            name: Some("Aino".into()),
            locale: "fi".parse().expect("a locale"),
            shop: "Demo".into(),
            from: "shop@example.com".into(),
            support_email: Some("help@example.com".into()),
            lines: vec![InputLine {
                name: "Course {{ 7*7 }}".into(),
                quantity: 2,
                total: euros(7800),
            }],
            taxes: vec![("25.5 %".into(), euros(1585))],
            total: euros(7800),
            order_url: Some("https://shop.example.com/o/token".into()),
            test_mode: true,
        })
        .expect("a mail");
        assert_eq!(mail.message_id, "act_1@example.com");
        insta::assert_snapshot!(format!("{}\n\n{}", mail.subject, mail.text), @r"
        [Test] Receipt for your order 1001

        Hello Aino,

        thank you for your order 1001 at Demo.

        2 × Course {{ 7*7 }}: 78,00 €

        Total: 78,00 €
        of which VAT 25.5 %: 15,85 €

        Your order: https://shop.example.com/o/token
        Questions? Write to help@example.com.
        This order is a test: nothing was charged.
        ");
    }
}
