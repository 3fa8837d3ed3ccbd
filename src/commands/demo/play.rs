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

/// How much of each step is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Detail {
    /// The request, and what of the answer the step is about.
    Short,
    /// The request and the whole answer.
    Full,
    /// One JSON object per step, with all of both.
    Json,
}

/// One request of the sale.
struct Step<'a> {
    title: &'a str,
    method: Method,
    path: &'a str,
    token: Option<&'a str>,
    body: Option<Value>,
    /// Pointers to what of the answer the step is about.
    telling: &'a [&'a str],
}

struct Player<'a> {
    demo: &'a Demo,
    client: GuardedClient,
    detail: Detail,
    step: u32,
}

impl Player<'_> {
    /// One step: says what is sent, sends it, says what came back.
    async fn play(&mut self, step: Step<'_>) -> Result<Value, Failed> {
        self.step += 1;
        let mut request = OutboundRequest::new(step.method.clone(), format!("{}{}", self.demo.url, step.path));
        if let Some(token) = step.token {
            request
                .headers
                .push(("authorization".to_owned(), format!("Bearer {token}")));
        }
        if let Some(body) = &step.body {
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
        self.tell(&step, answer.status, &value)?;
        if !answer.is_success() {
            return Err(Failed(format!(
                "step {} was answered with {}{}",
                self.step,
                answer.status,
                value["detail"]
                    .as_str()
                    .map_or_else(String::new, |detail| format!(": {detail}"))
            )));
        }
        Ok(value)
    }

    fn tell(&self, step: &Step<'_>, status: u16, answer: &Value) -> Result<(), Failed> {
        let (title, body) = (step.title, step.body.as_ref());
        let request = format!("{} {}", step.method, step.path);
        if self.detail == Detail::Json {
            return say(
                json!({"step": self.step, "title": title, "request": request, "body": body, "status": status, "answer": answer}),
            );
        }
        say(format_args!("\n{}. {title}", self.step))?;
        say(format_args!("   → {request}"))?;
        if let Some(body) = body {
            say(format_args!("     {body}"))?;
        }
        say(format_args!("   ← {status}"))?;
        if self.detail == Detail::Full {
            return say(indent(answer));
        }
        for pointer in step.telling {
            if let Some(value) = answer.pointer(pointer) {
                let shown = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                say(format_args!("     {:<30} {shown}", pointer[1..].replace('/', ".")))?;
            }
        }
        Ok(())
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
pub(super) async fn play(demo: &Demo, detail: Detail, wait: Duration) -> Result<(), Failed> {
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
        detail,
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
        .play(Step {
            title: "Remove the endpoint again",
            method: Method::DELETE,
            path: &path,
            token: Some(key),
            body: None,
            telling: &[],
        })
        .await;
    receiver.stop().await;
    let number = outcome?;
    removed?;
    if detail != Detail::Json {
        say(format_args!(
            "\nOrder {number} is completed: paid, receipt sent, {} events delivered and verified.",
            EXPECTED.len()
        ))?;
    }
    Ok(())
}

async fn register_endpoint(player: &mut Player<'_>, url: &str) -> Result<Value, Failed> {
    let demo = player.demo;
    player
        .play(Step {
            title: "The merchant registers an endpoint for test events",
            method: Method::POST,
            path: &format!("/v1/checkouts/{}/webhook-endpoints", demo.checkout_id),
            token: Some(&demo.api_key),
            body: Some(json!({"url": url, "description": "kassa demo", "events": ["*"], "test_mode": true})),
            telling: &["/id", "/events"],
        })
        .await
}

async fn sell(player: &mut Player<'_>, receiver: &mut Receiver, wait: Duration) -> Result<i64, Failed> {
    let demo = player.demo;
    player
        .play(Step {
            title: "A buyer looks at the link",
            method: Method::GET,
            path: &format!("/v1/storefront/checkouts/{}/links/{}", demo.checkout, demo.link),
            token: None,
            body: None,
            telling: &[
                "/title",
                "/items/0/name",
                "/items/0/variants/0/name",
                "/items/0/variants/1/name",
            ],
        })
        .await?;
    let opened = player
        .play(Step {
            title: "The page opens a session",
            method: Method::POST,
            path: "/v1/storefront/sessions",
            token: None,
            body: Some(json!({"checkout": demo.checkout, "link": demo.link, "locale": "fi"})),
            telling: &[
                "/session/id",
                "/session/lines/0/name",
                "/session/totals/total_formatted",
            ],
        })
        .await?;
    let secret = text(&opened, "/client_secret")?.to_owned();
    let session = format!("/v1/storefront/sessions/{}", text(&opened, "/session/id")?);
    let changed = player
        .play(Step {
            title: "The buyer says who they are: the VAT follows the country",
            method: Method::PATCH,
            path: &session,
            token: Some(&secret),
            body: Some(json!({"customer": {"email": "buyer@example.com", "country": "SE", "first_name": "Aino"}})),
            telling: &[
                "/totals/total_formatted",
                "/totals/tax_formatted",
                "/totals/tax_breakdown/0/rate",
            ],
        })
        .await?;
    let confirmed = player
        .play(Step {
            title: "The buyer confirms what they saw",
            method: Method::POST,
            path: &format!("{session}/confirm"),
            token: Some(&secret),
            body: Some(
                json!({"expected_total": changed.pointer("/totals/total"), "provider": "test",
                "consents": {"terms": true, "privacy": true, "immediate_delivery": true}}),
            ),
            telling: &["/order/id", "/order/number", "/order/status", "/payment/status"],
        })
        .await?;
    player
        .play(Step {
            title: "The test payment succeeds",
            method: Method::POST,
            path: &format!("{session}/test-payment"),
            token: Some(&secret),
            body: Some(json!({"outcome": "succeeded"})),
            telling: &["/payment/status", "/order/status", "/order/paid_at"],
        })
        .await?;
    let order = text(&confirmed, "/order/id")?;
    watch(receiver, player.detail, order, wait).await?;
    let order = player
        .play(Step {
            title: "The merchant reads the order",
            method: Method::GET,
            path: &format!("/v1/checkouts/{}/orders/{order}", demo.checkout_id),
            token: Some(&demo.api_key),
            body: None,
            telling: &[
                "/number",
                "/status",
                "/total_formatted",
                "/receipt_number",
                "/actions/0/type",
                "/actions/0/status",
            ],
        })
        .await?;
    match text(&order, "/status")? {
        "completed" => Ok(order["number"].as_i64().unwrap_or_default()),
        other => Err(Failed(format!("the order is {other}, not completed"))),
    }
}

/// Waits for every event of the order.
async fn watch(receiver: &mut Receiver, detail: Detail, order: &str, wait: Duration) -> Result<(), Failed> {
    let mut missing: Vec<&str> = EXPECTED.to_vec();
    if detail != Detail::Json {
        say("\n   The merchant's system is told")?;
    }
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
        if detail == Detail::Json {
            say(json!({"delivery": name, "sequence": arrival.event["sequence"], "signature": "verified"}))?;
        } else {
            say(format_args!(
                "   ⇐ {name} (sequence {}), signature verified",
                arrival.event["sequence"]
            ))?;
        }
    }
    Ok(())
}

fn text<'a>(value: &'a Value, pointer: &str) -> Result<&'a str, Failed> {
    let found = value.pointer(pointer).and_then(Value::as_str);
    found.ok_or_else(|| Failed(format!("the answer has no {pointer}")))
}
