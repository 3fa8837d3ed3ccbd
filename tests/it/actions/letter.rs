//! Mails as their readers see them.

use std::collections::BTreeMap;

use data_encoding::BASE64;

/// A mail as its reader sees it.
#[derive(Debug)]
pub struct Mail {
    pub headers: BTreeMap<String, String>,
    pub text: String,
    pub html: Option<String>,
}

impl Mail {
    pub fn read(message: &str) -> Self {
        let (headers, body) = entity(message);
        let kind = &headers["content-type"];
        let Some(boundary) = kind.split("boundary=").nth(1) else {
            return Self {
                text: decoded(&headers, body),
                headers,
                html: None,
            };
        };
        let marker = format!("--{}", boundary.trim_matches('"'));
        let (mut plain, mut html) = (None, None);
        for part in body.split(&marker).skip(1).filter(|part| !part.starts_with("--")) {
            let (inner, content) = entity(part.trim_start());
            let content = decoded(&inner, content);
            match inner["content-type"].starts_with("text/html") {
                true => html = Some(content),
                false => plain = Some(content),
            }
        }
        Self {
            headers,
            text: plain.expect("a text"),
            html,
        }
    }
}

/// Headers, unfolded, and what follows them.
fn entity(message: &str) -> (BTreeMap<String, String>, &str) {
    let (head, body) = message.split_once("\r\n\r\n").unwrap_or((message, ""));
    let unfolded = head.replace("\r\n ", " ").replace("\r\n\t", " ");
    let headers = unfolded.split("\r\n").filter_map(|line| line.split_once(": "));
    let headers = headers
        .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
        .collect();
    (headers, body)
}

fn decoded(headers: &BTreeMap<String, String>, body: &str) -> String {
    let bytes = match headers.get("content-transfer-encoding").map(String::as_str) {
        Some("base64") => BASE64.decode(body.replace("\r\n", "").as_bytes()).expect("base64"),
        Some("quoted-printable") => quoted(&body.replace("=\r\n", "")),
        _ => body.as_bytes().to_vec(),
    };
    let text = String::from_utf8(bytes).expect("UTF-8").replace("\r\n", "\n");
    text.replace('\u{a0}', " ").trim_end().to_owned()
}

fn quoted(body: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = body.as_bytes();
    while let [first, after @ ..] = rest {
        match (first, after) {
            (b'=', [high, low, behind @ ..]) => {
                let digits = [*high, *low];
                let digits = std::str::from_utf8(&digits).expect("digits");
                bytes.push(u8::from_str_radix(digits, 16).expect("a byte"));
                rest = behind;
            }
            _ => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    bytes
}
