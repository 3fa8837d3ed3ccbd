//! Sends what was written, in the name of the shop.
//!
//! The run's id is the Message-ID: mail cannot be taken back, so a repeat after a crash carries the same id and mail programs show one
//! message.

use crate::actions::action::{Failure, Input, World};
use crate::mails::template::{Kind, Values, Wrong, clean, render};
use crate::net::mail::{Contact, OutgoingMail};

/// A mail that was written.
#[derive(Clone, Debug)]
pub struct Written {
    /// About what.
    pub subject: String,
    /// Plain text.
    pub text: String,
    /// The same as HTML.
    pub html: Option<String>,
}

/// What a merchant's template becomes. It was held to a sample when it was saved: what fails now fails again.
pub fn rendered(kind: Kind, template: &str, values: &Values) -> Result<String, Failure> {
    render(kind, template, values).map_err(|wrong: Wrong| Failure::Fatal(format!("the template of the mail: {wrong}")))
}

/// A subject: the merchant's, unless there is none or nothing is left of it. Tests are marked, in every language alike.
pub fn subject(input: &Input, template: Option<&str>, values: &Values, own: &str) -> Result<String, Failure> {
    let theirs = template
        .map(|template| rendered(Kind::Subject, template, values))
        .transpose()?;
    let subject = theirs
        .filter(|subject| !subject.is_empty())
        .unwrap_or_else(|| clean(own));
    Ok(match input.test_mode {
        true => format!("[Test] {subject}"),
        false => subject,
    })
}

/// Sends it to the buyer. What the mail server refuses for good is not tried again.
pub async fn send(world: &World<'_>, input: &Input, written: Written) -> Result<(), Failure> {
    world.mailer.send(&outgoing(input, written)).await.map_err(|error| {
        if error.temporary() {
            Failure::Temporary(error.to_string())
        } else {
            Failure::Fatal(error.to_string())
        }
    })
}

pub(super) fn outgoing(input: &Input, written: Written) -> OutgoingMail {
    OutgoingMail {
        message_id: format!("{}.{}@{}", input.run, input.occasion, domain(&input.from)),
        from: Contact {
            name: Some(clean(&input.shop)),
            address: input.from.clone(),
        },
        to: Contact {
            name: input.name().map(|name| clean(&name)),
            address: input.email.clone(),
        },
        reply_to: (input.support_email.clone()).map(|address| Contact { name: None, address }),
        subject: written.subject,
        text: written.text,
        html: written.html,
        headers: vec![("Auto-Submitted".to_owned(), "auto-generated".to_owned())],
    }
}

/// The sender's domain, unless it cannot be part of a Message-ID: one with letters beyond ASCII is a domain all the same.
fn domain(address: &str) -> &str {
    let fits = |domain: &&str| {
        let letters = |label: &str| !label.is_empty() && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        domain.len() < 100 && domain.split('.').all(letters)
    };
    let domain = address.rsplit_once('@').map(|(_, domain)| domain);
    domain.filter(fits).unwrap_or("kassa.invalid")
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    #[test]
    fn the_run_is_the_message() {
        let mut input = sample::input("en");
        let written = || Written {
            subject: "Hello".to_owned(),
            text: "Hello".to_owned(),
            html: None,
        };
        let mail = outgoing(&input, written());
        assert_eq!(mail.message_id, "act_1.job_1@example.com");
        assert_eq!(
            mail.message_id,
            outgoing(&input, written()).message_id,
            "again after a crash"
        );
        input.from = "kauppa@äkäslompolo.example".to_owned();
        assert_eq!(outgoing(&input, written()).message_id, "act_1.job_1@kassa.invalid");
    }
}
