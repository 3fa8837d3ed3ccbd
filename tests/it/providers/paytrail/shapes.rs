//! Our requests against Paytrail's own OpenAPI file, by Prism. The file is not ours to pass on: `PAYTRAIL_OPENAPI` says where it is.

use std::io::Write;

use kassa::net::client::{GuardedClient, Method, OutboundRequest};
use kassa::payments::providers::paytrail::{ask, refund, start};
use serde_json::Value;

use super::{Paytrail, account, attempt, client, refund_of, wire};
use crate::support::doubles::Double;

#[tokio::test]
async fn paytrails_openapi_file_allows_our_requests() {
    let Ok(file) = std::env::var("PAYTRAIL_OPENAPI") else {
        // Not by a macro: those are shown of failed tests only.
        let told = "LEFT OUT: requests against Paytrail's OpenAPI file (PAYTRAIL_OPENAPI is not set to docs/paytrail-api.yaml)\n";
        std::io::stderr().write_all(told.as_bytes()).expect("an error stream");
        return;
    };
    let (paytrail, client) = (Paytrail::start(), client());
    let wire = wire(&client, paytrail.base());
    let full = attempt(&[(3, 2480, "25.5"), (2, 1000, "14"), (1, 0, "0")]);
    let mut bare = attempt(&[(1, 1, "8.1")]);
    (bare.method, bare.locale) = (None, "en".parse().expect("a locale"));
    bare.payer = kassa::payments::provider::Payer {
        email: Some("a@example.com".to_owned()),
        ..Default::default()
    };
    let mut wanted = 0;
    for attempt in [&full, &bare] {
        let reference = start(wire, &account(), attempt).await.expect("a page").reference;
        paytrail.pay(&attempt.payment.to_string(), "ok", None);
        ask(wire, &account(), &reference).await.expect("a status");
        let mut request = refund_of(attempt, &reference, &[1]);
        refund(wire, &account(), &request).await.expect("a refund");
        if attempt.amount > 1 {
            (request.items, request.email) = (Vec::new(), None);
            refund(wire, &account(), &request).await.expect("a refund");
            wanted += 1;
        }
        wanted += 3;
    }
    let requests = paytrail.requests();
    assert_eq!(requests.len(), wanted);

    let prism = Double::start_node("prism.cjs", &[&file]);
    let base = format!("http://127.0.0.1:{}", prism.port);
    for request in &requests {
        let expected = if request["method"] == "GET" { 200 } else { 201 };
        let (status, text) = replayed(&client, &base, request, &str::to_owned).await;
        assert_eq!(status, expected, "{request}: {text}");
    }
    // It would say no.
    let without = |name: &str, body: &str| {
        let mut body: Value = serde_json::from_str(body).expect("JSON");
        body.as_object_mut().expect("an object").remove(name).expect("a field");
        body.to_string()
    };
    let (create, refund) = (&requests[0], &requests[2]);
    let negative = |body: &str| body.replacen("\"unitPrice\":", "\"unitPrice\":-", 1);
    let status = async |request, change: &dyn Fn(&str) -> String| replayed(&client, &base, request, change).await.0;
    assert_eq!(status(create, &|body| without("items", body)).await, 400);
    assert_eq!(status(create, &|body| without("customer", body)).await, 400);
    assert_eq!(status(create, &negative).await, 400);
    assert_eq!(status(refund, &|body| without("callbackUrls", body)).await, 422);
}

/// The same request at another address, the body changed or not.
async fn replayed(
    client: &GuardedClient,
    base: &str,
    request: &Value,
    change: &dyn Fn(&str) -> String,
) -> (u16, String) {
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let method = if request["method"] == "GET" {
        Method::GET
    } else {
        Method::POST
    };
    let posted = method == Method::POST;
    let mut outbound = OutboundRequest::new(method, format!("{base}{}", text(&request["path"])));
    for (name, value) in request["headers"].as_object().expect("headers") {
        let own = ["host", "content-length", "connection", "user-agent", "accept"];
        if !own.contains(&name.as_str()) {
            outbound.headers.push((name.clone(), text(value)));
        }
    }
    if posted {
        outbound.body = change(&text(&request["body"])).into_bytes();
    }
    let answer = client.send(outbound).await.expect("an answer");
    (answer.status, answer.text())
}
