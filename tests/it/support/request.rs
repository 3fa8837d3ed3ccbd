//! Requests to the application in process.

use std::net::SocketAddr;

use actix_http::Request;
use actix_web::body::MessageBody;
use actix_web::dev::{Service, ServiceResponse};
use actix_web::http::{Method, StatusCode, header};
use actix_web::{Error, test};
use serde_json::Value;

use super::TestApp;

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Reply {
    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|_| panic!("not JSON: {}", String::from_utf8_lossy(&self.body)))
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    /// The body as JSON, provided that the status is the one expected.
    #[track_caller]
    pub fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", String::from_utf8_lossy(&self.body));
        if self.body.is_empty() { Value::Null } else { self.json() }
    }

    /// A refusal: its status, its code and the pointer of its first fault. Asserts that it is a whole problem.
    #[track_caller]
    pub fn problem(&self) -> (u16, String, String) {
        let body = self.json();
        assert_eq!(self.header("content-type"), Some("application/problem+json"), "{body}");
        assert_eq!(body["status"], self.status, "{body}");
        assert_eq!(self.header("x-request-id"), body["request_id"].as_str(), "{body}");
        let code = body["code"].as_str().expect("a code").to_owned();
        assert_eq!(body["type"], format!("/problems/{code}"));
        let pointer = body
            .pointer("/errors/0/pointer")
            .and_then(Value::as_str)
            .unwrap_or_default();
        (self.status, code, pointer.to_owned())
    }
}

/// A request being made.
#[derive(Clone, Debug)]
pub struct Call {
    method: Method,
    path: String,
    headers: Vec<(String, String)>,
    body: Option<Vec<u8>>,
    peer: Option<SocketAddr>,
}

impl Call {
    pub fn new(method: &str, path: impl Into<String>) -> Self {
        Self {
            method: method.parse().expect("a method"),
            path: path.into(),
            headers: Vec::new(),
            body: None,
            peer: None,
        }
    }

    pub fn get(path: impl Into<String>) -> Self {
        Self::new("GET", path)
    }

    pub fn post(path: impl Into<String>, body: Value) -> Self {
        Self::new("POST", path).json(body)
    }

    pub fn patch(path: impl Into<String>, body: Value) -> Self {
        Self::new("PATCH", path).json(body)
    }

    #[must_use]
    pub fn json(self, body: Value) -> Self {
        self.header("content-type", "application/json").bytes(body.to_string())
    }

    #[must_use]
    pub fn bytes(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = Some(body.into());
        self
    }

    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    #[must_use]
    pub fn bearer(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    /// As if it came from this address.
    #[must_use]
    pub fn from(mut self, address: &str) -> Self {
        self.peer = Some(SocketAddr::new(address.parse().expect("an address"), 40_000));
        self
    }

    fn build(self) -> Request {
        let mut request = test::TestRequest::default().method(self.method).uri(&self.path);
        if let Some(peer) = self.peer {
            request = request.peer_addr(peer);
        }
        for (name, value) in self.headers {
            request = request.append_header((name, value));
        }
        if let Some(body) = self.body {
            request = request
                .append_header((header::CONTENT_LENGTH, body.len()))
                .set_payload(body);
        }
        request.to_request()
    }
}

impl TestApp {
    /// The application as a service that answers requests.
    pub async fn service(
        &self,
    ) -> impl Service<Request, Response = ServiceResponse<impl MessageBody + use<>>, Error = Error> + use<> {
        test::init_service(self.app.http()).await
    }

    /// Makes one request.
    pub async fn call(&self, call: Call) -> Reply {
        send(&self.service().await, call).await
    }
}

/// Makes one request to a service.
pub async fn send<B: MessageBody>(
    service: &impl Service<Request, Response = ServiceResponse<B>, Error = Error>,
    call: Call,
) -> Reply {
    match service.call(call.build()).await {
        Ok(response) => {
            let status = response.status();
            let headers = lines(response.headers());
            let body = actix_web::body::to_bytes(response.into_body())
                .await
                .ok()
                .expect("a body");
            reply(status, headers, body.to_vec())
        }
        // What a middleware refused: the server turns it into an answer the same way.
        Err(error) => {
            let response = error.error_response();
            let (status, headers) = (response.status(), lines(response.headers()));
            let body = actix_web::body::to_bytes(response.into_body()).await.expect("a body");
            reply(status, headers, body.to_vec())
        }
    }
}

fn lines(headers: &header::HeaderMap) -> Vec<(String, String)> {
    headers
        .iter()
        .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
        .collect()
}

fn reply(status: StatusCode, headers: Vec<(String, String)>, body: Vec<u8>) -> Reply {
    Reply {
        status: status.as_u16(),
        headers,
        body,
    }
}
