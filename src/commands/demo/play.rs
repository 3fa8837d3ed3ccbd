//! The sale itself: register an endpoint, open a session, say who is buying, confirm, pay, and watch it complete.

use std::time::Duration;

use serde_json::{Value, json};

use super::data::Demo;
use super::receiver::Receiver;
use super::{Failed, say};
use crate::commands::failed;
use crate::net::Method;
use crate::net::client::{ClientOptions, GuardedClient, OutboundRequest};

/// The events a sale sends, in their order.
const EXPECTED: [&str; 4] = [
    "order.created",
    "payment.succeeded",
    "product.delivered",
    "order.completed",
];

struct Player<'a> {
    demo: &'a Demo,
    client: GuardedClient,
    json: bool,
    step: u32,
}

impl Player<'_> {
    /// One step: says what is sent, sends it, says what came back.
    async fn step(
        &mut self,
        title: &str,
        method: Method,
        path: &str,
        token: Option<&str>,
        body: Option<Value>,
    ) -> Result<Value, Failed> {
        self.step += 1;
        let mut request = OutboundRequest::new(method.clone(), format!("{}{path}", self.demo.url));
        if let Some(token) = token {
            request
                .headers
                .push(("authorization".to_owned(), format!("Bearer {token}")));
        }
        if let Some(body) = &body {
            request
                .headers
                .push(("content-type".to_owned(), "application/json".to_owned()));
            request.body = body.to_string().into_bytes();
        }
        request.max_answer = Some(1 << 20);
        let answer = self
            .client
            .send(request)
            .await
            .map_err(|error| Failed(format!("{}: {error}; is the server running?", self.demo.url)))?;
        let value: Value = serde_json::from_slice(&answer.body).unwrap_or(Value::Null);
        self.tell(title, &format!("{method} {path}"), body.as_ref(), answer.status, &value);
        if !answer.is_success() {
            return Err(Failed(format!(
                "step {} was answered with {}",
                self.step, answer.status
            )));
        }
        Ok(value)
    }

    fn tell(&self, title: &str, request: &str, body: Option<&Value>, status: u16, answer: &Value) {
        if self.json {
            say(
                json!({"step": self.step, "title": title, "request": request, "body": body, "status": status, "answer": answer}),
            );
            return;
        }
        say(format_args!("\n{}. {title}", self.step));
        say(format_args!("   → {request}"));
        if let Some(body) = body {
            say(indent(body));
        }
        say(format_args!("   ← {status}"));
        say(indent(answer));
    }
}

fn indent(value: &Value) -> String {
    let text = serde_json::to_string_pretty(value).unwrap_or_default();
    text.lines()
        .map(|line| format!("     {line}"))
        .collect::<Vec<_>>()
        .join("\n")
}

/// Plays the whole sale.
pub(super) async fn play(demo: &Demo, json: bool, wait: Duration) -> Result<(), Failed> {
    let client = GuardedClient::new(ClientOptions {
        allow_private: true,
        allow_http: true,
        user_agent: "kassa-demo".to_owned(),
        ..ClientOptions::default()
    })
    .map_err(failed)?;
    let mut player = Player {
        demo,
        client,
        json,
        step: 0,
    };
    let mut receiver = Receiver::start()?;
    let endpoint = register_endpoint(&mut player, &receiver.url).await?;
    receiver.trust(text(&endpoint, "/secret")?)?;
    let outcome = sell(&mut player, &mut receiver, wait).await;
    // The receiver ends with this program, so the endpoint must not outlive it.
    let path = format!(
        "/v1/checkouts/{}/webhook-endpoints/{}",
        demo.checkout_id,
        text(&endpoint, "/id")?
    );
    let key = demo.api_key.as_str();
    let removed = player
        .step("Remove the endpoint again", Method::DELETE, &path, Some(key), None)
        .await;
    receiver.stop().await;
    let number = outcome?;
    removed?;
    if !json {
        say(format_args!(
            "\nOrder {number} is completed: paid, receipt sent, {} events delivered and verified.",
            EXPECTED.len()
        ));
    }
    Ok(())
}

async fn register_endpoint(player: &mut Player<'_>, url: &str) -> Result<Value, Failed> {
    let demo = player.demo;
    player
        .step(
            "The merchant registers an endpoint for test events",
            Method::POST,
            &format!("/v1/checkouts/{}/webhook-endpoints", demo.checkout_id),
            Some(&demo.api_key),
            Some(json!({"url": url, "description": "kassa demo", "events": ["*"], "test_mode": true})),
        )
        .await
}

async fn sell(player: &mut Player<'_>, receiver: &mut Receiver, wait: Duration) -> Result<i64, Failed> {
    let demo = player.demo;
    let link = format!("/v1/storefront/checkouts/{}/links/{}", demo.checkout, demo.link);
    player
        .step("A buyer looks at the link", Method::GET, &link, None, None)
        .await?;
    let opened = player
        .step(
            "The page opens a session",
            Method::POST,
            "/v1/storefront/sessions",
            None,
            Some(json!({"checkout": demo.checkout, "link": demo.link, "locale": "fi"})),
        )
        .await?;
    let secret = text(&opened, "/client_secret")?.to_owned();
    let session = format!("/v1/storefront/sessions/{}", text(&opened, "/session/id")?);
    let changed = player
        .step(
            "The buyer says who they are: the VAT follows the country",
            Method::PATCH,
            &session,
            Some(&secret),
            Some(json!({"customer": {"email": "buyer@example.com", "country": "SE", "first_name": "Aino"}})),
        )
        .await?;
    let confirmed = player
        .step(
            "The buyer confirms what they saw",
            Method::POST,
            &format!("{session}/confirm"),
            Some(&secret),
            Some(
                json!({"expected_total": changed.pointer("/totals/total"), "provider": "test",
                "consents": {"terms": true, "privacy": true, "immediate_delivery": true}}),
            ),
        )
        .await?;
    let paid = format!("{session}/test-payment");
    let outcome = Some(json!({"outcome": "succeeded"}));
    player
        .step("The test payment succeeds", Method::POST, &paid, Some(&secret), outcome)
        .await?;
    watch(receiver, player.json, text(&confirmed, "/order/id")?, wait).await?;
    let order = format!(
        "/v1/checkouts/{}/orders/{}",
        demo.checkout_id,
        text(&confirmed, "/order/id")?
    );
    let order = player
        .step(
            "The merchant reads the order",
            Method::GET,
            &order,
            Some(&demo.api_key),
            None,
        )
        .await?;
    match text(&order, "/status")? {
        "completed" => Ok(order["number"].as_i64().unwrap_or_default()),
        other => Err(Failed(format!("the order is {other}, not completed"))),
    }
}

/// Waits for every event of the order.
async fn watch(receiver: &mut Receiver, json: bool, order: &str, wait: Duration) -> Result<(), Failed> {
    let mut missing: Vec<&str> = EXPECTED.to_vec();
    let deadline = tokio::time::Instant::now() + wait;
    while !missing.is_empty() {
        let arrival = tokio::time::timeout_at(deadline, receiver.arrivals.recv()).await;
        let Ok(Some(arrival)) = arrival else {
            return Err(Failed(format!(
                "still missing after {} s: {}",
                wait.as_secs(),
                missing.join(", ")
            )));
        };
        if arrival.event.pointer("/object/id").and_then(Value::as_str) != Some(order) {
            continue;
        }
        if !arrival.genuine {
            return Err(Failed("a delivery's signature does not hold".to_owned()));
        }
        let name = text(&arrival.event, "/type")?;
        missing.retain(|expected| *expected != name);
        if json {
            say(json!({"delivery": name, "sequence": arrival.event["sequence"], "signature": "verified"}));
        } else {
            say(format_args!(
                "\n   ⇐ {name} (sequence {}), signature verified",
                arrival.event["sequence"]
            ));
        }
    }
    Ok(())
}

fn text<'a>(value: &'a Value, pointer: &str) -> Result<&'a str, Failed> {
    let found = value.pointer(pointer).and_then(Value::as_str);
    found.ok_or_else(|| Failed(format!("the answer has no {pointer}")))
}
