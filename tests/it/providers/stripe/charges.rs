//! Refunds of charges against stripe-stateful-mock: idempotency, the minimum, too much, overload and failures.

use kassa::net::client::{ClientOptions, GuardedClient, Method, OutboundRequest};

use crate::support::doubles::Double;

#[tokio::test]
async fn the_double_wants_a_key() {
    let double = Double::start_node("stripe_charges.cjs", &[]);
    let client = GuardedClient::new(ClientOptions {
        allow_private: true,
        allow_http: true,
        ..ClientOptions::default()
    });
    let url = format!("http://127.0.0.1:{}/v1/charges", double.port);
    let answer = client
        .expect("a client")
        .send(OutboundRequest::new(Method::GET, url))
        .await;
    assert_eq!(answer.expect("an answer").status, 401);
    assert_eq!(double.next().expect("a line")["status"], 401);
}
