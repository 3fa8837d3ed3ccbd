//! From our fields to the bytes of a message.
//!
//! Guarantees: no field can add a header, end the header block or close the message, whatever it
//! contains. Names and subjects come from merchants and buyers and are cleaned, since an odd name
//! must not keep a receipt from being sent; addresses, ids and header names are refused when odd,
//! since a cleaned address is somebody else's.
//!
//! It must not decide on content, nor add addresses of its own.

use super::{Contact, MailError, OutgoingMail};
use lettre::Message;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart, SinglePart};

/// Headers this module writes itself, or that would add recipients.
const OWN_HEADERS: &[&str] = &[
    "from",
    "to",
    "cc",
    "bcc",
    "sender",
    "reply-to",
    "subject",
    "date",
    "message-id",
    "mime-version",
    "return-path",
    "received",
];
const MAX_ID: usize = 200;
const MAX_HEADER: usize = 900;

pub(super) fn build(mail: &OutgoingMail) -> Result<Message, MailError> {
    local_part(&mail.message_id)?;
    let mut builder = Message::builder()
        .message_id(Some(format!("<{}>", mail.message_id)))
        .from(mailbox(&mail.from, "from")?)
        .to(mailbox(&mail.to, "to")?)
        .subject(one_line(&mail.subject));
    if let Some(reply_to) = &mail.reply_to {
        builder = builder.reply_to(mailbox(reply_to, "reply_to")?);
    }
    for (name, value) in &mail.headers {
        builder = builder.raw_header(extra_header(name, value)?);
    }
    let text = without_nul(&mail.text);
    let built = match &mail.html {
        Some(html) => builder.multipart(MultiPart::alternative_plain_html(text, without_nul(html))),
        None => builder.singlepart(SinglePart::plain(text)),
    };
    built.map_err(|_| MailError::Message("the message cannot be put together"))
}

/// The part before the `@` of a message id that is safe in a header and as a file name.
pub(super) fn local_part(message_id: &str) -> Result<&str, MailError> {
    let atoms = |part: &str| {
        let fine = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'+' | b'=');
        !part.is_empty() && part.bytes().all(fine) && part.split('.').all(|atom| !atom.is_empty())
    };
    match message_id.split_once('@') {
        Some((local, domain)) if message_id.len() <= MAX_ID && atoms(local) && atoms(domain) => Ok(local),
        _ => Err(MailError::Message("the message id must be of the form local@domain")),
    }
}

fn mailbox(contact: &Contact, field: &'static str) -> Result<Mailbox, MailError> {
    let odd = |c: char| c.is_control() || c.is_whitespace() || matches!(c, '<' | '>' | '"' | ',');
    if contact.address.len() > 254 || contact.address.contains(odd) {
        return Err(MailError::Address(field));
    }
    let address = contact.address.parse().map_err(|_| MailError::Address(field))?;
    let name = contact.name.as_deref().map(one_line).filter(|name| !name.is_empty());
    Ok(Mailbox::new(name, address))
}

fn extra_header(name: &str, value: &str) -> Result<HeaderValue, MailError> {
    let lower = name.to_ascii_lowercase();
    let token = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    if !token || OWN_HEADERS.contains(&lower.as_str()) || lower.starts_with("content-") {
        return Err(MailError::Message("an extra header has a name that is not permitted"));
    }
    if value.len() > MAX_HEADER || value.chars().any(char::is_control) {
        return Err(MailError::Message("an extra header has a value that is not permitted"));
    }
    let name = HeaderName::new_from_ascii(name.to_owned())
        .map_err(|_| MailError::Message("an extra header has a name that is not permitted"))?;
    Ok(HeaderValue::new(name, value.to_owned()))
}

/// Control characters and the two Unicode line separators become spaces, runs of space become one.
fn one_line(text: &str) -> String {
    let break_like = |c: char| c.is_control() || c.is_whitespace();
    text.split(break_like)
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// SMTP forbids NUL, and servers answer it with anything from silence to truncation.
fn without_nul(text: &str) -> String {
    text.replace('\0', "\u{FFFD}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contact(name: &str, address: &str) -> Contact {
        Contact {
            name: Some(name.to_owned()),
            address: address.to_owned(),
        }
    }

    fn mail() -> OutgoingMail {
        OutgoingMail {
            message_id: "order-1.paid@shop.example".to_owned(),
            from: contact("Müllers \"Laden\"", "shop@shop.example"),
            to: contact("Zoë", "zoe@example.org"),
            reply_to: Some(Contact {
                name: None,
                address: "help@shop.example".to_owned(),
            }),
            subject: "Ihre Bestellung – danke".to_owned(),
            text: "Guten Tag\n.\nGrüße".to_owned(),
            html: None,
            headers: vec![("Auto-Submitted".to_owned(), "auto-generated".to_owned())],
        }
    }

    fn formatted(mail: &OutgoingMail) -> String {
        String::from_utf8(build(mail).unwrap().formatted()).unwrap()
    }

    /// Names of the headers, unfolded, as a receiver sees them.
    fn header_names(message: &str) -> Vec<&str> {
        let head = message.split_once("\r\n\r\n").unwrap().0;
        let lines = head.split("\r\n").filter(|line| !line.starts_with([' ', '\t']));
        lines.map(|line| line.split(':').next().unwrap()).collect()
    }

    #[test]
    fn an_ordinary_message() {
        let mut mail = mail();
        let plain = formatted(&mail);
        assert!(plain.is_ascii());
        assert!(plain.contains("Message-ID: <order-1.paid@shop.example>\r\n"), "{plain}");
        assert!(plain.contains("Reply-To: help@shop.example\r\n"));
        assert!(plain.contains("Auto-Submitted: auto-generated\r\n"));
        assert!(plain.contains("Content-Type: text/plain; charset=utf-8\r\n"));
        mail.html = Some("<p>Grüße</p>".to_owned());
        let both = formatted(&mail);
        assert!(both.contains("multipart/alternative") && both.contains("text/html"));
    }

    #[test]
    fn nothing_injects_a_header() {
        let expected = header_names(&formatted(&mail())).join(",");
        let breaks = [
            "\r\n", "\n", "\r", "\0", "\r\n\r\n", "\u{2028}", "\u{85}", "\u{b}", "\r\n ",
        ];
        for line_break in breaks {
            let evil = format!("a{line_break}Bcc: evil@example.net{line_break}{line_break}body");
            let mut mail = mail();
            mail.subject = evil.clone();
            mail.from.name = Some(evil.clone());
            mail.to.name = Some(evil.clone());
            mail.reply_to = Some(contact(&evil, "help@shop.example"));
            let message = formatted(&mail);
            assert_eq!(header_names(&message).join(","), expected, "{line_break:?}");
            assert!(!message.contains('\0'));
            let envelope = build(&mail).unwrap().envelope().clone();
            assert_eq!(envelope.to().len(), 1);
        }
    }

    #[test]
    fn odd_addresses_ids_and_headers_are_refused() {
        for address in [
            "",
            "zoe",
            "zoe@",
            "@example.org",
            "zoe@example.org\r\nBcc: e@example.net",
            "zoe@example.org\0",
            "zoe@exa mple.org",
            "a@b.example,c@d.example",
            "<zoe@example.org>",
            "zoe@example.org> SIZE=1",
            "\"a b\"@example.org",
            "zoe@example.org\n",
        ] {
            let mut mail = mail();
            mail.to.address = address.to_owned();
            let error = build(&mail).unwrap_err();
            assert_eq!(error, MailError::Address("to"), "{address:?}");
            assert!(!error.temporary());
        }
        for id in [
            "",
            "x",
            "@x",
            "x@",
            "a/b@x",
            "../x@x",
            ".x@x",
            "a..b@x",
            "a b@x",
            "a@b@c",
            "<a@b>",
            "a\r\nBcc: x@y",
            "a@b\r\n",
            &"a".repeat(300),
        ] {
            let mut mail = mail();
            mail.message_id = id.to_owned();
            assert!(matches!(build(&mail), Err(MailError::Message(_))), "{id:?}");
        }
        for (name, value) in [
            ("Bcc", "x@y.example"),
            ("bcc", "x"),
            ("Content-Type", "x"),
            ("X: y", "x"),
            ("", "x"),
            ("X-A", "b\r\nBcc: c"),
            ("X-A", "b\0"),
            ("X-A\r\nBcc", "c"),
            ("X-Ä", "c"),
        ] {
            let mut mail = mail();
            mail.headers = vec![(name.to_owned(), value.to_owned())];
            assert!(matches!(build(&mail), Err(MailError::Message(_))), "{name:?}");
        }
    }

    #[test]
    fn debug_shows_no_person() {
        assert!(!format!("{:?} {:?}", mail(), mail().to).contains("example.org"));
    }
}
