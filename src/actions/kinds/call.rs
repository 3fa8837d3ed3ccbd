//! Requests to other people's systems: bounded, repeatable, and ended in words that show no secret.
//!
//! Every request carries an idempotency key that is the same at every repeat. A message names the system and the status it answered,
//! and of what it said only a short text that can hold neither an address nor a credential. Redirects are not followed.

use data_encoding::BASE64;
use reqwest::Url;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value};

use crate::actions::action::{Failure, World};
use crate::actions::configured::seal::SIGNING_SECRET;
use crate::net::client::{GuardedClient, OutboundRequest};
use crate::net::signature::{SigningSecret, sign};
use crate::net::{Answer, Method, SendError};

/// How much of an answer is read, in bytes: a page of a hundred tags, or a license whose every character is escaped.
const MAX_ANSWER: usize = 256 * 1024;
/// The longest text of somebody else's that a message repeats, in characters.
const LONGEST_SAID: usize = 120;
/// The longest word of it: what is longer may be a key.
const LONGEST_WORD: usize = 24;

/// Somebody else's system, as one run speaks to it.
pub(super) struct Peer<'a> {
    /// What messages call it.
    pub name: &'static str,
    /// Makes the requests.
    pub client: &'a GuardedClient,
    /// The idempotency key: the same at every repeat.
    pub key: &'a str,
    /// What it knows us by: the header, and the credential in it.
    pub login: Option<Login<'a>>,
}

/// A credential and how it is shown.
pub(super) enum Login<'a> {
    /// As the value of this header.
    Header(&'static str, &'a SecretString),
    /// As the password of HTTP Basic, with any user name.
    Basic(&'a SecretString),
}

impl<'a> Login<'a> {
    const fn secret(&self) -> &'a SecretString {
        match self {
            Self::Header(_, secret) | Self::Basic(secret) => secret,
        }
    }

    fn header(&self) -> (String, String) {
        match self {
            Self::Header(name, secret) => ((*name).to_owned(), secret.expose_secret().to_owned()),
            Self::Basic(secret) => {
                let pair = format!("kassa:{}", secret.expose_secret());
                (
                    "authorization".to_owned(),
                    format!("Basic {}", BASE64.encode(pair.as_bytes())),
                )
            }
        }
    }
}

/// An answer that came whole.
#[derive(Debug)]
pub(super) struct Reply {
    /// The status.
    pub status: u16,
    /// The body, where it is JSON; null otherwise.
    pub json: Value,
    /// The body as text.
    pub text: String,
    /// Whether there was more of it than is read.
    pub truncated: bool,
}

impl From<Answer> for Reply {
    fn from(answer: Answer) -> Self {
        Self {
            status: answer.status,
            json: serde_json::from_slice(&answer.body).unwrap_or_default(),
            text: answer.text(),
            truncated: answer.truncated,
        }
    }
}

impl Reply {
    const fn is_success(&self) -> bool {
        self.status >= 200 && self.status < 300
    }

    /// Whether the same request may be answered otherwise later.
    const fn may_change(&self) -> bool {
        matches!(self.status, 408 | 409 | 425 | 429 | 500..=599)
    }
}

impl Peer<'_> {
    /// Asks.
    pub async fn get(&self, url: Url) -> Result<Reply, Failure> {
        self.exchange(OutboundRequest::new(Method::GET, url)).await
    }

    /// Sends a value as JSON.
    pub async fn send(&self, method: Method, url: Url, body: &Value) -> Result<Reply, Failure> {
        let mut request = OutboundRequest::new(method, url);
        request.body = body.to_string().into_bytes();
        request.headers = vec![content_type()];
        self.exchange(request).await
    }

    /// Asks for something to be deleted.
    pub async fn delete(&self, url: Url) -> Result<Reply, Failure> {
        self.exchange(OutboundRequest::new(Method::DELETE, url)).await
    }

    /// Posts a value as JSON, signed by Standard Webhooks with the action's key: the message's id is the idempotency key.
    pub async fn post_signed(
        &self,
        url: &str,
        body: &Value,
        secrets: &Map<String, Value>,
        world: &World<'_>,
    ) -> Result<Reply, Failure> {
        let unsigned = || Failure::Fatal("The action has no key to sign with: renew it.".to_owned());
        let secret = secrets
            .get(SIGNING_SECRET)
            .and_then(Value::as_str)
            .ok_or_else(unsigned)?;
        let secret = SigningSecret::parse(secret).map_err(|_| unsigned())?;
        let mut request = OutboundRequest::new(Method::POST, url);
        request.body = body.to_string().into_bytes();
        let signed = sign(&[&secret], self.key, world.now, &request.body).map_err(|_| unsigned())?;
        request.headers = signed
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect();
        request.headers.push(content_type());
        self.exchange(request).await
    }

    async fn exchange(&self, mut request: OutboundRequest) -> Result<Reply, Failure> {
        let mut header = |name: &str, value: String| request.headers.push((name.to_owned(), value));
        header("accept", "application/json".to_owned());
        header("idempotency-key", self.key.to_owned());
        if let Some(login) = &self.login {
            request.headers.push(login.header());
        }
        request.max_answer = Some(MAX_ANSWER);
        match self.client.send(request).await {
            Ok(answer) => Ok(answer.into()),
            Err(error) => Err(self.unanswered(&error)),
        }
    }

    fn unanswered(&self, error: &SendError) -> Failure {
        let message = format!("{}: {error}.", self.name);
        match error {
            SendError::InvalidUrl(_) | SendError::InvalidRequest(_) | SendError::RefusedAddress { .. } => {
                Failure::Fatal(message)
            }
            _ => Failure::Temporary(message),
        }
    }

    /// The answer, provided that it is a success.
    pub fn accept(&self, reply: Reply) -> Result<Reply, Failure> {
        if reply.is_success() {
            Ok(reply)
        } else {
            Err(self.refused(&reply))
        }
    }

    /// What an answer that is no success means.
    pub fn refused(&self, reply: &Reply) -> Failure {
        let status = reply.status;
        let mut message = format!("{} answered {status}", self.name);
        if let Some(said) = self.said(&reply.json) {
            message = format!("{message}: {said}");
        }
        message.push('.');
        if matches!(status, 300..=399) {
            message.push_str(" Redirects are not followed.");
        }
        if matches!(status, 401 | 403) && self.login.is_some() {
            message.push_str(" Check the API key of the integration.");
        }
        if reply.may_change() {
            Failure::Temporary(message)
        } else {
            Failure::Fatal(message)
        }
    }

    /// An answer that is a success, and not what was asked for.
    pub fn strange(&self) -> Failure {
        Failure::Fatal(format!("{} answered something that cannot be read.", self.name))
    }

    /// What was said of a refusal, where the services of integrations say it. Only a short text of plain words: one of theirs may
    /// repeat the buyer's address, an address of the request, or the key.
    fn said(&self, json: &Value) -> Option<String> {
        let login = self.login.as_ref()?;
        let places = [
            "/title",
            "/errors/0/title",
            "/violations/0/message",
            "/detail",
            "/message",
        ];
        let text = places
            .iter()
            .find_map(|place| json.pointer(place).and_then(Value::as_str))?;
        let text = text.trim().trim_end_matches('.');
        let plain = !text.is_empty()
            && text.chars().count() <= LONGEST_SAID
            && !text
                .chars()
                .any(|c| c.is_control() || matches!(c, '@' | '/' | '\\' | '<' | '>'))
            && text.split(' ').all(|word| word.chars().count() <= LONGEST_WORD)
            && !text.contains(login.secret().expose_secret());
        plain.then(|| text.to_owned())
    }
}

fn content_type() -> (String, String) {
    ("content-type".to_owned(), "application/json".to_owned())
}

/// What a configuration that no longer fits its type ends a run with.
pub(super) fn unreadable(_error: serde_json::Error) -> Failure {
    Failure::Fatal("The configuration of the action cannot be read: save it again.".to_owned())
}

/// What a run ends with when the checkout has no account at the service.
pub(super) fn no_account(name: &str) -> Failure {
    Failure::Fatal(format!("There is no account at {name}: set up the integration."))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::net::client::ClientOptions;

    fn client() -> GuardedClient {
        GuardedClient::new(ClientOptions::default()).expect("a client")
    }

    fn reply(status: u16, json: Value) -> Reply {
        Reply {
            status,
            text: json.to_string(),
            json,
            truncated: false,
        }
    }

    fn refusal(status: u16, body: Value) -> Failure {
        let (client, key) = (client(), SecretString::from("sesame-us21"));
        let login = Some(Login::Header("x-api-key", &key));
        let peer = Peer {
            name: "Mailchimp",
            client: &client,
            key: "act_1",
            login,
        };
        peer.accept(reply(status, body)).expect_err("a refusal")
    }

    #[test]
    fn what_may_change_is_tried_again() {
        for status in [408, 409, 425, 429, 500, 502, 503, 504, 599] {
            assert!(matches!(refusal(status, json!({})), Failure::Temporary(_)), "{status}");
        }
        for status in [300, 302, 304, 400, 401, 403, 404, 405, 410, 422, 451] {
            assert!(matches!(refusal(status, json!({})), Failure::Fatal(_)), "{status}");
        }
    }

    #[test]
    fn a_message_repeats_only_plain_words() {
        let said = |body| match refusal(400, body) {
            Failure::Temporary(said) | Failure::Fatal(said) => said,
        };
        assert_eq!(
            said(json!({"title": "Member In Compliance State", "detail": "buyer@example.com is in a state"})),
            "Mailchimp answered 400: Member In Compliance State."
        );
        assert_eq!(
            said(json!({"errors": [{"title": "The tag was not found."}]})),
            "Mailchimp answered 400: The tag was not found."
        );
        for private in [
            "buyer@example.com is in a state",
            "see https://api.example.com/3.0/lists/4f1c",
            "the key sesame-us21 is wrong",
            "the key 4f1c0a9e7b5d3f2c4f1c0a9e7b5d3f2c is wrong",
            "<b>no</b>",
            "two\nlines",
            "",
        ] {
            assert_eq!(said(json!({"title": private})), "Mailchimp answered 400.", "{private}");
        }
        assert_eq!(said(json!({"title": "no ".repeat(50)})), "Mailchimp answered 400.");
    }

    #[test]
    fn ways_to_set_it_right_are_named() {
        let Failure::Fatal(wrong_key) = refusal(401, json!({"title": "API Key Invalid"})) else {
            panic!("fatal");
        };
        assert_eq!(
            wrong_key,
            "Mailchimp answered 401: API Key Invalid. Check the API key of the integration."
        );
        let Failure::Fatal(moved) = refusal(302, Value::Null) else {
            panic!("fatal");
        };
        assert_eq!(moved, "Mailchimp answered 302. Redirects are not followed.");
    }

    #[test]
    fn the_network_is_tried_again_and_forbidden_addresses_are_not() {
        let client = client();
        let peer = Peer {
            name: "The receiver",
            client: &client,
            key: "act_1",
            login: None,
        };
        for error in [
            SendError::Dns,
            SendError::Connect,
            SendError::NoAnswer,
            SendError::Timeout { status: None },
        ] {
            assert!(matches!(peer.unanswered(&error), Failure::Temporary(_)), "{error}");
        }
        assert!(matches!(
            peer.unanswered(&SendError::InvalidUrl("no")),
            Failure::Fatal(_)
        ));
    }

    #[test]
    fn basic_has_the_key_as_password() {
        let key = SecretString::from("sesame");
        let (name, value) = Login::Basic(&key).header();
        assert_eq!(
            (name.as_str(), value.as_str()),
            ("authorization", "Basic a2Fzc2E6c2VzYW1l")
        );
    }
}
